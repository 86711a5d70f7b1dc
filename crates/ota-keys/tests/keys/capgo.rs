//! The RSA keys of Capgo's encryption. What they encrypt is held against `@capgo/cli` where bundles are published.

use std::sync::Arc;

use ota_keys::{
    CapgoCustody, CapgoKey, ImportError, KeyError, KeyringCustody, MemoryCustody, same_capgo_key,
};

use crate::support::{at, name};

fn rules(custody: &dyn CapgoCustody) {
    let key = CapgoKey::generate().unwrap();
    assert!(custody.list_capgo().unwrap().is_empty());
    let info = custody
        .create_capgo(&name("tidepool"), &key, at(0))
        .unwrap();
    assert_eq!(info.id, key.id().unwrap());
    assert_eq!(info.public_pem, key.public_pem().unwrap());
    assert_eq!(custody.list_capgo().unwrap(), [info]);

    let loaded = custody.load_capgo(&name("tidepool")).unwrap();
    assert_eq!(loaded.to_pem().unwrap(), key.to_pem().unwrap());
    assert!(matches!(
        custody.load_capgo(&name("other")),
        Err(KeyError::NoSuchKey { .. })
    ));
    assert!(matches!(
        custody.create_capgo(&name("other"), &key, at(1)),
        Err(KeyError::AlreadyHere { .. })
    ));
    let second = CapgoKey::generate().unwrap();
    assert!(matches!(
        custody.create_capgo(&name("TidePool"), &second, at(1)),
        Err(KeyError::NameTaken { .. })
    ));
    custody
        .create_capgo(&name("another"), &second, at(1))
        .unwrap();
    let names: Vec<_> = custody
        .list_capgo()
        .unwrap()
        .into_iter()
        .map(|info| info.name.to_string())
        .collect();
    assert_eq!(names, ["another", "tidepool"]);
}

#[test]
fn memory_keeps_capgo_keys() {
    rules(&MemoryCustody::new());
}

#[test]
fn a_keyring_keeps_capgo_keys_beside_signing_keys() {
    let store = keyring_core::sample::Store::new().unwrap();
    rules(&KeyringCustody::over(store as _, "capgo"));
}

#[test]
fn a_key_is_read_as_it_is_written_and_in_nothing_else() {
    let key = CapgoKey::generate().unwrap();
    let pem = key.to_pem().unwrap();
    let public = key.public_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert!(public.starts_with("-----BEGIN RSA PUBLIC KEY-----\n"));
    assert_eq!(
        CapgoKey::import(&pem).unwrap().id().unwrap(),
        key.id().unwrap()
    );
    assert!(same_capgo_key(&public, &public.replace('\n', "\r\n")));
    let other = CapgoKey::generate().unwrap().public_pem().unwrap();
    assert!(!same_capgo_key(&public, &other));
    assert!(!same_capgo_key("", ""));
    let cut: String = pem.lines().take(5).collect();
    for (text, error) in [
        (public.as_str(), ImportError::IsPublicKey),
        (cut.as_str(), ImportError::NotACapgoKey),
        ("", ImportError::NotACapgoKey),
    ] {
        assert_eq!(CapgoKey::import(text).unwrap_err(), error);
    }
}

#[test]
fn the_same_archive_is_encrypted_alike_and_another_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let key = CapgoKey::generate().unwrap();
    // Around the size of a block, and of what is encrypted at once.
    for length in [1, 15, 16, 17, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1] {
        fs_err::write(path("plain"), vec![7; length]).unwrap();
        let first = key.encrypt(&path("plain"), &path("first")).unwrap();
        let second = key.encrypt(&path("plain"), &path("second")).unwrap();
        assert_eq!(first, second);
        let bytes = fs_err::read(path("first")).unwrap();
        assert_eq!(bytes, fs_err::read(path("second")).unwrap());
        assert_eq!(bytes.len(), length / 16 * 16 + 16, "padded");
        assert_eq!(first.checksum.len(), 512);
        fs_err::write(path("plain"), vec![8; length]).unwrap();
        let other = key.encrypt(&path("plain"), &path("other")).unwrap();
        assert_ne!(first.session_key, other.session_key);
    }
}

#[test]
fn debug_shows_nothing_of_a_capgo_key() {
    let key = Arc::new(CapgoKey::generate().unwrap());
    assert_eq!(format!("{key:?}"), "CapgoKey(…)");
}
