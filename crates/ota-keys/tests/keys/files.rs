//! Key files: of ours, of other programs, and in places that are not ours.

use ota_keys::{Custody as _, FileCustody, KeyError, Password, generate};

use crate::support::{PASSWORD, at, fixture, name, password, shared_key, shared_key_file};

#[test]
fn a_folder_that_is_not_there_has_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    assert_eq!(FileCustody::folder(&keys).list().unwrap(), []);
    assert!(!keys.exists());
}

#[test]
fn a_list_needs_no_password_and_a_secret_does() {
    let folder = tempfile::tempdir().unwrap();
    let open = FileCustody::folder(folder.path()).with_password(password());
    let main = open.create(&name("main"), &shared_key(), at(0)).unwrap();

    let closed = FileCustody::folder(folder.path());
    assert_eq!(closed.list().unwrap(), [main]);
    assert!(matches!(
        closed.load(&name("main")),
        Err(KeyError::PasswordNeeded)
    ));
    assert!(matches!(
        closed.create(&name("b"), &generate().unwrap(), at(0)),
        Err(KeyError::PasswordNeeded)
    ));
    let wrong = FileCustody::folder(folder.path()).with_password(Password::new("wrong"));
    let error = wrong.load(&name("main")).unwrap_err();
    assert!(
        matches!(
            error,
            KeyError::Import(ota_keys::ImportError::WrongPassword)
        ),
        "{error:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_key_file_and_its_folder_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let custody = FileCustody::folder(&keys).with_password(password());
    custody.create(&name("main"), &shared_key(), at(0)).unwrap();
    let mode = |path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(keys.clone()), mode(keys.join("main.key"))),
        (0o700, 0o600)
    );
}

#[test]
fn a_key_file_alone_is_a_key() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("from elsewhere.key"), shared_key_file()).unwrap();
    let custody = FileCustody::folder(folder.path()).with_password(Password::new(PASSWORD));
    let info = custody.info(&name("from elsewhere")).unwrap();
    assert_eq!(
        (info.public, info.backed_up_at),
        (shared_key().public(), None)
    );
    assert_eq!(
        custody.load(&name("from elsewhere")).unwrap().public(),
        shared_key().public()
    );
    // Without its public part, only the password tells which key it is.
    assert!(matches!(
        FileCustody::folder(folder.path()).list(),
        Err(KeyError::PasswordNeeded)
    ));
}

#[test]
fn a_key_file_of_tauri_is_used_where_it_lies() {
    let custody = FileCustody::file(fixture("throw-away.key"));
    let info = custody.info(&name("throw-away")).unwrap();
    let opened = custody
        .with_password(Password::new("correct horse"))
        .load(&name("throw-away"))
        .unwrap();
    assert_eq!(opened.public(), info.public);
}

#[test]
fn one_file_has_one_key_under_the_name_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ci");
    let custody = FileCustody::file(&path).with_password(password());
    assert_eq!(custody.list().unwrap(), []);
    custody
        .create(&name("Release key"), &shared_key(), at(0))
        .unwrap();
    assert_eq!(fs_err::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(
        custody.load(&name("Release key")).unwrap().public(),
        shared_key().public()
    );
    custody
        .rename(&name("Release key"), &name("ci key"))
        .unwrap();
    assert_eq!(custody.list().unwrap()[0].name, name("ci key"));
    let second = custody.create(&name("second"), &generate().unwrap(), at(0));
    assert!(matches!(second, Err(KeyError::FileExists { .. })));
    custody.delete(&name("ci key"), "ci key").unwrap();
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_lies_beside_a_chosen_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("main.pub"), "someone else's").unwrap();
    let custody = FileCustody::file(folder.path().join("main.key")).with_password(password());
    let error = custody
        .create(&name("main"), &shared_key(), at(0))
        .unwrap_err();
    assert!(matches!(error, KeyError::FileExists { .. }), "{error:?}");
    let custody = FileCustody::file(folder.path().join("new.pub")).with_password(password());
    let error = custody
        .create(&name("main"), &shared_key(), at(0))
        .unwrap_err();
    assert!(matches!(error, KeyError::WriteFile { .. }), "{error:?}");
    assert_eq!(
        fs_err::read_to_string(folder.path().join("main.pub")).unwrap(),
        "someone else's"
    );
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_public_part_of_another_key_is_noticed_before_anything_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let custody = FileCustody::folder(folder.path()).with_password(password());
    custody.create(&name("main"), &shared_key(), at(0)).unwrap();
    fs_err::write(
        folder.path().join("main.pub"),
        generate().unwrap().public().minisign_file(),
    )
    .unwrap();
    assert!(matches!(
        custody.load(&name("main")),
        Err(KeyError::PublicPart { .. })
    ));
}

#[test]
fn what_a_crash_left_behind_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let custody = FileCustody::folder(folder.path()).with_password(password());
    fs_err::write(
        folder.path().join("main.pub"),
        generate().unwrap().public().minisign_file(),
    )
    .unwrap();
    fs_err::write(folder.path().join("main.about.json"), "{").unwrap();
    assert_eq!(custody.list().unwrap(), []);
    custody.create(&name("main"), &shared_key(), at(0)).unwrap();
    assert_eq!(
        custody.load(&name("main")).unwrap().public(),
        shared_key().public()
    );
}
