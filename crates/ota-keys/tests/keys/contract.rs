//! What every custody keeps to, whatever is behind it.

use std::slice;
use std::sync::Arc;

use keyring_core::{mock, sample};
use ota_keys::{
    AccessToken, Custody, FileCustody, KeyError, KeyringCustody, MemoryCustody, TokenVault,
    back_up, generate,
};

use crate::support::{at, comment, name, password};

/// Takes an empty custody through everything it can do. `reopen` gives another handle to the same keys.
pub(crate) fn holds<C: Custody>(custody: &C, reopen: impl Fn() -> Option<C>) {
    nothing_is_there(custody);

    let key = generate().unwrap();
    let main = custody.create(&name("main"), &key, at(0)).unwrap();
    assert_eq!(
        (main.name.as_str(), &main.id, main.public),
        ("main", &key.id(), key.public())
    );
    assert_eq!(
        (main.created_at, main.backed_up_at, main.custody),
        (at(0), None, custody.kind())
    );
    assert_eq!(custody.list().unwrap(), slice::from_ref(&main));
    assert_eq!(custody.info(&name("main")).unwrap(), main);
    assert_signs(custody, "main");

    nothing_is_overwritten(custody, &key);

    let other = generate().unwrap();
    let other = custody.create(&name("Älter 2.0"), &other, at(1)).unwrap();
    assert_eq!(custody.list().unwrap(), [main.clone(), other.clone()]);
    if let Some(again) = reopen() {
        assert_eq!(again.list().unwrap(), [main, other]);
        assert_signs(&again, "Älter 2.0");
    }

    a_name_changes_and_the_key_stays(custody);
    a_key_is_deleted_only_when_its_name_is_typed(custody);
    a_backup_is_remembered(custody, &reopen);
}

fn nothing_is_there(custody: &impl Custody) {
    assert_eq!(custody.list().unwrap(), []);
    let main = name("main");
    assert!(matches!(
        custody.info(&main),
        Err(KeyError::NoSuchKey { .. })
    ));
    assert!(matches!(
        custody.load(&main),
        Err(KeyError::NoSuchKey { .. })
    ));
    assert!(matches!(
        custody.rename(&main, &name("other")),
        Err(KeyError::NoSuchKey { .. })
    ));
    assert!(matches!(
        custody.delete(&main, "main"),
        Err(KeyError::NoSuchKey { .. })
    ));
}

fn nothing_is_overwritten(custody: &impl Custody, held: &ota_keys::SecretKey) {
    let before = custody.list().unwrap();
    let new = generate().unwrap();
    assert!(matches!(
        custody.create(&name("main"), &new, at(9)),
        Err(KeyError::NameTaken { .. })
    ));
    assert!(matches!(
        custody.create(&name("MAIN"), &new, at(9)),
        Err(KeyError::NameTaken { .. })
    ));
    assert!(matches!(
        custody.create(&name("second"), held, at(9)),
        Err(KeyError::AlreadyHere { .. })
    ));
    assert_eq!(custody.list().unwrap(), before);
    assert_eq!(custody.load(&name("main")).unwrap().public(), held.public());
}

fn a_name_changes_and_the_key_stays(custody: &impl Custody) {
    let before = custody.info(&name("main")).unwrap();
    assert!(matches!(
        custody.rename(&name("main"), &name("älter 2.0")),
        Err(KeyError::NameTaken { .. })
    ));
    let after = custody.rename(&name("main"), &name("release")).unwrap();
    assert_eq!(
        (&after.id, after.created_at),
        (&before.id, before.created_at)
    );
    assert_eq!(custody.info(&name("release")).unwrap(), after);
    assert!(matches!(
        custody.load(&name("main")),
        Err(KeyError::NoSuchKey { .. })
    ));
    assert_signs(custody, "release");

    let after = custody.rename(&name("release"), &name("Release")).unwrap();
    assert_eq!(custody.info(&name("Release")).unwrap(), after);
    assert_signs(custody, "Release");
}

fn a_key_is_deleted_only_when_its_name_is_typed(custody: &impl Custody) {
    let doomed = name("Älter 2.0");
    for typed in ["", "Release", "älter 2.0", "Älter 2.0 "] {
        assert!(
            matches!(
                custody.delete(&doomed, typed),
                Err(KeyError::TypedNameDiffers { .. })
            ),
            "{typed}"
        );
    }
    assert_signs(custody, "Älter 2.0");
    custody.delete(&doomed, "Älter 2.0").unwrap();
    assert!(matches!(
        custody.load(&doomed),
        Err(KeyError::NoSuchKey { .. })
    ));
    let left: Vec<_> = custody
        .list()
        .unwrap()
        .into_iter()
        .map(|key| key.name)
        .collect();
    assert_eq!(left, [name("Release")]);
}

fn a_backup_is_remembered<C: Custody>(custody: &C, reopen: &impl Fn() -> Option<C>) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("release.backup");
    let backed_up = back_up(custody, &name("Release"), &password(), &out, at(5)).unwrap();
    assert_eq!(backed_up.backed_up_at, Some(at(5)));
    assert_eq!(custody.info(&name("Release")).unwrap(), backed_up);
    let renamed = custody.rename(&name("Release"), &name("kept")).unwrap();
    assert_eq!(
        (renamed.backed_up_at, renamed.created_at),
        (Some(at(5)), at(0))
    );
    if let Some(again) = reopen() {
        assert_eq!(again.list().unwrap(), [renamed]);
    }
}

fn assert_signs(custody: &impl Custody, key: &str) {
    let signature = custody
        .load(&name(key))
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    let public = custody.info(&name(key)).unwrap().public;
    public.verify(&b"data"[..], &signature).unwrap();
    assert!(public.verify(&b"date"[..], &signature).is_err());
}

/// Takes an empty vault of tokens through everything it can do.
pub(crate) fn tokens_hold(vault: &impl TokenVault) {
    let server = "https://ota.example:8443";
    assert!(vault.load_token(server).unwrap().is_none());
    vault.delete_token(server).unwrap();

    vault
        .save_token(server, &AccessToken::new("swt_one"))
        .unwrap();
    vault
        .save_token("https://other.example", &AccessToken::new("swt_other"))
        .unwrap();
    vault
        .save_token(server, &AccessToken::new("swt_two"))
        .unwrap();
    assert_eq!(
        vault.load_token(server).unwrap().unwrap().reveal(),
        "swt_two"
    );
    assert_eq!(
        vault
            .load_token("https://ota.example:8443/")
            .unwrap()
            .unwrap()
            .reveal(),
        "swt_two"
    );

    vault.delete_token(server).unwrap();
    assert!(vault.load_token(server).unwrap().is_none());
    assert_eq!(
        vault
            .load_token("https://other.example")
            .unwrap()
            .unwrap()
            .reveal(),
        "swt_other"
    );
}

#[test]
fn memory_keeps_the_contract() {
    let custody = MemoryCustody::new();
    holds(&custody, || None);
    tokens_hold(&custody);
}

#[test]
fn a_folder_of_key_files_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let open = || FileCustody::folder(folder.path().join("keys")).with_password(password());
    holds(&open(), || Some(open()));
}

#[test]
fn a_keyring_core_mock_keeps_the_contract() {
    let store = mock::Store::new().unwrap();
    let open = || KeyringCustody::over(Arc::clone(&store) as _, "contract");
    holds(&open(), || Some(open()));
    tokens_hold(&open());
}

#[test]
fn a_keyring_core_sample_keeps_the_contract() {
    let store = sample::Store::new().unwrap();
    let open = || KeyringCustody::over(Arc::clone(&store) as _, "contract");
    holds(&open(), || Some(open()));
    tokens_hold(&open());
}
