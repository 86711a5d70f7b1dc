//! A backup counts only when the key comes back out of it.

use chrono::{DateTime, Utc};
use ota_keys::{
    BackupProof, Custody, CustodyKind, KeyError, KeyInfo, KeyName, MemoryCustody, Password,
    SecretKey, back_up, generate, import_file,
};

use crate::support::{at, comment, name, password};

fn with_main() -> MemoryCustody {
    let custody = MemoryCustody::new();
    custody
        .create(&name("main"), &generate().unwrap(), at(0))
        .unwrap();
    custody
}

#[test]
fn the_key_that_comes_back_signs_for_the_one_that_was_backed_up() {
    let (folder, custody) = (tempfile::tempdir().unwrap(), with_main());
    let out = folder.path().join("main.key");
    let info = back_up(&custody, &name("main"), &password(), &out, at(3)).unwrap();
    assert_eq!(info.backed_up_at, Some(at(3)));

    let restored = import_file(&out, Some(&password())).unwrap();
    let signature = restored.sign(&b"data"[..], &comment()).unwrap();
    info.public.verify(&b"data"[..], &signature).unwrap();
    // Nothing else was left in the folder.
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_backup_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, custody) = (tempfile::tempdir().unwrap(), with_main());
    let out = folder.path().join("main.key");
    back_up(&custody, &name("main"), &password(), &out, at(3)).unwrap();
    assert_eq!(
        fs_err::metadata(&out).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn an_existing_file_is_not_overwritten_and_nothing_is_marked() {
    let (folder, custody) = (tempfile::tempdir().unwrap(), with_main());
    let out = folder.path().join("main.key");
    fs_err::write(&out, "an older backup").unwrap();
    let error = back_up(&custody, &name("main"), &password(), &out, at(3)).unwrap_err();
    assert!(matches!(error, KeyError::FileExists { .. }), "{error:?}");
    assert_eq!(fs_err::read_to_string(&out).unwrap(), "an older backup");
    assert_eq!(custody.info(&name("main")).unwrap().backed_up_at, None);
}

#[test]
fn a_backup_that_cannot_be_written_marks_nothing() {
    let (folder, custody) = (tempfile::tempdir().unwrap(), with_main());
    let out = folder.path().join("not there").join("main.key");
    let error = back_up(&custody, &name("main"), &password(), &out, at(3)).unwrap_err();
    assert!(matches!(error, KeyError::WriteFile { .. }), "{error:?}");
    let error = back_up(
        &custody,
        &name("main"),
        &Password::new(""),
        &folder.path().join("k"),
        at(3),
    )
    .unwrap_err();
    assert!(matches!(error, KeyError::EmptyPassword), "{error:?}");
    assert_eq!(custody.info(&name("main")).unwrap().backed_up_at, None);
}

/// A custody that hands out another key than the one it shows.
struct Mixed(MemoryCustody);

impl Custody for Mixed {
    fn kind(&self) -> CustodyKind {
        self.0.kind()
    }
    fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        self.0.list()
    }
    fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        self.0.create(name, key, now)
    }
    fn load(&self, _: &KeyName) -> Result<SecretKey, KeyError> {
        generate()
    }
    fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError> {
        self.0.rename(from, to)
    }
    fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError> {
        self.0.delete(name, typed_name)
    }
    fn record_backup(&self, proof: &BackupProof) -> Result<KeyInfo, KeyError> {
        self.0.record_backup(proof)
    }
}

#[test]
fn a_backup_of_another_key_is_removed_and_marks_nothing() {
    let (folder, custody) = (tempfile::tempdir().unwrap(), Mixed(with_main()));
    let out = folder.path().join("main.key");
    let error = back_up(&custody, &name("main"), &password(), &out, at(3)).unwrap_err();
    assert!(matches!(error, KeyError::BackupNotRestorable), "{error:?}");
    assert!(!out.exists());
    assert_eq!(custody.info(&name("main")).unwrap().backed_up_at, None);
}
