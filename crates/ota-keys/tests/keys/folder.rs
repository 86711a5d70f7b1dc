//! A folder of key files, each with its own password, and the passwords that are remembered.

use std::collections::BTreeSet;

use ota_keys::{
    Custody as _, FileCustody, ImportError, KeyError, KeyFolder, Password, Survey, generate,
};

use crate::support::{
    PASSWORD, at, comment, fixture, name, password, read_fixture, shared_key, shared_key_file,
};

/// A folder with the shared key in it, as “main”.
fn with_main() -> (tempfile::TempDir, KeyFolder) {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFolder::new(folder.path().join("keys"));
    keys.create(&name("main"), &shared_key(), password(), at(0))
        .unwrap();
    (folder, keys)
}

fn is_wrong_password<T>(result: &Result<T, KeyError>) -> bool {
    matches!(result, Err(KeyError::Import(ImportError::WrongPassword)))
}

#[test]
fn a_password_is_asked_for_each_signature_unless_it_is_remembered() {
    let (_folder, keys) = with_main();
    let main = name("main");
    assert!(matches!(
        keys.load(&main, None),
        Err(KeyError::PasswordNeeded)
    ));
    assert!(is_wrong_password(
        &keys.load(&main, Some(Password::new("wrong")))
    ));

    // Right, but not to be remembered.
    keys.unlock(&main, password(), false).unwrap();
    assert_eq!(keys.remembers(), BTreeSet::new());
    assert!(keys.load(&main, None).is_err());

    keys.unlock(&main, password(), true).unwrap();
    assert_eq!(keys.remembers(), BTreeSet::from([main.clone()]));
    let signature = keys
        .load(&main, None)
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    shared_key()
        .public()
        .verify(&b"data"[..], &signature)
        .unwrap();

    keys.forget(&main);
    assert!(matches!(
        keys.load(&main, None),
        Err(KeyError::PasswordNeeded)
    ));
}

#[test]
fn a_wrong_password_is_never_remembered() {
    let (_folder, keys) = with_main();
    let main = name("main");
    let wrong = keys.unlock(&main, Password::new("wrong"), true);
    assert!(is_wrong_password(&wrong));
    assert_eq!(keys.remembers(), BTreeSet::new());
    // Neither is that of a key that is not there.
    let gone = keys.unlock(&name("gone"), password(), true);
    assert!(matches!(gone, Err(KeyError::NoSuchKey { .. })));
    assert_eq!(keys.remembers(), BTreeSet::new());
}

#[test]
fn a_remembered_password_is_forgotten_when_it_no_longer_opens_the_file() {
    let (_folder, keys) = with_main();
    let main = name("main");
    keys.unlock(&main, password(), true).unwrap();
    let other = shared_key()
        .to_key_file(&Password::new("another password"))
        .unwrap();
    fs_err::write(keys.file_of(&main), other).unwrap();
    assert!(is_wrong_password(&keys.load(&main, None)));
    assert_eq!(keys.remembers(), BTreeSet::new());
    keys.load(&main, Some(Password::new("another password")))
        .unwrap();
}

#[test]
fn what_is_remembered_goes_with_a_key_and_ends_with_it() {
    let (_folder, keys) = with_main();
    let (main, release) = (name("main"), name("release"));
    keys.unlock(&main, password(), true).unwrap();
    keys.rename(&main, &release).unwrap();
    assert_eq!(keys.remembers(), BTreeSet::from([release.clone()]));
    keys.load(&release, None).unwrap();

    assert!(keys.delete(&release, "main").is_err());
    assert_eq!(keys.remembers(), BTreeSet::from([release.clone()]));
    keys.delete(&release, "release").unwrap();
    assert_eq!(keys.remembers(), BTreeSet::new());
    assert_eq!(fs_err::read_dir(keys.path()).unwrap().count(), 0);
}

#[test]
fn each_key_has_a_password_of_its_own() {
    let (_folder, keys) = with_main();
    let second = generate().unwrap();
    let its_password = Password::new("the password of the second");
    keys.create(&name("second"), &second, its_password.clone(), at(1))
        .unwrap();
    assert!(is_wrong_password(
        &keys.load(&name("second"), Some(password()))
    ));
    assert!(is_wrong_password(
        &keys.load(&name("main"), Some(its_password.clone()))
    ));
    let opened = keys.load(&name("second"), Some(its_password)).unwrap();
    assert_eq!(opened.public(), second.public());
}

#[test]
fn a_backup_asks_for_the_password_also_when_it_is_remembered() {
    let (folder, keys) = with_main();
    let main = name("main");
    keys.unlock(&main, password(), true).unwrap();
    let out = folder.path().join("main.backup");
    let wrong = keys.back_up(&main, &Password::new("wrong"), &out, at(5));
    assert!(is_wrong_password(&wrong));
    assert!(!out.exists());
    assert_eq!(keys.info(&main).unwrap().backed_up_at, None);

    keys.back_up(&main, &password(), &out, at(5)).unwrap();
    assert_eq!(keys.info(&main).unwrap().backed_up_at, Some(at(5)));
    let restored = ota_keys::import_file(&out, Some(&password())).unwrap();
    assert_eq!(restored.public(), shared_key().public());
}

/// One sentence for each file that is not listed, by its name.
fn reasons(survey: &Survey) -> Vec<(String, String)> {
    let reason = |file: &ota_keys::Unlisted| {
        let name = file.path.file_name().unwrap().to_string_lossy();
        let text = file.error.to_string();
        (
            name.into_owned(),
            text.split(": ").next().unwrap().to_owned(),
        )
    };
    survey.unlisted.iter().map(reason).collect()
}

#[test]
fn files_that_are_no_keys_of_ours_are_named_and_stand_in_nobody_s_way() {
    let (_folder, keys) = with_main();
    let put = |file: &str, text: &str| fs_err::write(keys.path().join(file), text).unwrap();
    put("server.key", "-----BEGIN PRIVATE KEY-----\nMC4C…\n");
    put("alone.key", shared_key_file());
    put("notes.txt", "not looked at");
    let plain = fs_err::read_to_string(fixture("throw-away-empty-password.key")).unwrap();
    put("bad name..key", &plain);
    let survey = keys.survey().unwrap();
    assert_eq!(survey.keys.len(), 1);
    assert_eq!(
        reasons(&survey),
        [
            (
                "alone.key",
                "The public key beside the key file is missing or belongs to another key"
            ),
            ("bad name..key", "The file cannot be read"),
            ("server.key", "This is not a minisign secret key"),
        ]
        .map(|(file, why)| (file.to_owned(), why.to_owned()))
    );

    // Keys are made, renamed and used as if they were not there, and none of them is overwritten.
    keys.unlock(&name("main"), password(), true).unwrap();
    let taken = keys.create(&name("server"), &generate().unwrap(), password(), at(1));
    assert!(matches!(taken, Err(KeyError::NameTaken { .. })));
    assert!(!keys.path().join("server.pub").exists());
    let taken = keys.rename(&name("main"), &name("server"));
    assert!(
        matches!(taken, Err(KeyError::FileExists { .. })),
        "{taken:?}"
    );
    keys.rename(&name("main"), &name("release")).unwrap();
    let server = fs_err::read_to_string(keys.path().join("server.key")).unwrap();
    assert!(server.starts_with("-----BEGIN"));

    // Nor is a public key whose secret half is elsewhere.
    put("theirs.pub", "ssh-ed25519 AAAA");
    let taken = keys.create(&name("theirs"), &generate().unwrap(), password(), at(1));
    assert!(matches!(taken, Err(KeyError::FileExists { .. })));
    let taken = keys.rename(&name("release"), &name("theirs"));
    assert!(matches!(taken, Err(KeyError::FileExists { .. })));
    keys.load(&name("release"), None).unwrap();

    // With its public key beside it, a file from elsewhere is a key.
    put("alone.pub", &shared_key().public().minisign_file());
    assert_eq!(keys.survey().unwrap().keys.len(), 2);
    keys.load(&name("alone"), Some(Password::new(PASSWORD)))
        .unwrap();
}

#[test]
fn a_key_file_without_a_password_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFolder::new(folder.path());
    // As “minisign -G -W” writes it: nothing is encrypted.
    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let file = folder.path().join("open.key");
    fs_err::write(&file, pair.sk.to_box(None).unwrap().to_string()).unwrap();
    fs_err::write(
        file.with_extension("pub"),
        pair.pk.to_box().unwrap().to_string(),
    )
    .unwrap();
    // The file custody alone can open it, which shows that it is one.
    FileCustody::folder(folder.path())
        .load(&name("open"))
        .unwrap();
    let survey = keys.survey().unwrap();
    assert_eq!(survey.keys, []);
    assert_eq!(
        reasons(&survey)[0].1,
        "The key file has no password, so it is not used"
    );
    for result in [
        keys.unlock(&name("open"), password(), true).map(drop),
        keys.load(&name("open"), Some(password())).map(drop),
    ] {
        assert!(matches!(result, Err(KeyError::Unprotected { .. })));
    }
}

#[test]
fn a_key_of_tauri_with_its_public_key_beside_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["throw-away.key", "throw-away.key.pub"] {
        fs_err::write(folder.path().join(file), read_fixture(file)).unwrap();
    }
    let keys = KeyFolder::new(folder.path());
    let survey = keys.survey().unwrap();
    assert_eq!((survey.keys.len(), survey.unlisted.len()), (1, 0));
    keys.unlock(&name("throw-away"), Password::new("correct horse"), false)
        .unwrap();
}
