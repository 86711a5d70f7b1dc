//! Key files as the app uses them, by way of its model and its worker: real files, a real server, and sessions with an
//! open, a locked and no keyring at all.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets the unexpected should stop"
)]

mod desk;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ota_api::Role;
use ota_keys::{AccessToken, CustodyKind, Password, import_file};
use ota_testing::TestServer;
use switchtower::model::{
    Action, Dialog, Fault, FaultKind, Keep, KeyPlace, Link, Publish, ServerChoice, ToastKind,
};

use desk::{Desk, build, file, in_file, in_session, key_in, key_name, minisign_verifies};

const PASSWORD: &str = "four words of mine";

fn mode(path: &Path) -> u32 {
    fs_err::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file below a folder that holds `text`.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else {
            let content = fs_err::read(&path).unwrap();
            let holds = content
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            if holds {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn without_a_keyring_a_key_file_signs_what_devices_take() {
    in_session(
        "--no-keyring",
        "without_a_keyring_a_key_file_signs_what_devices_take",
        || {
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.start_here();
            desk.until("the keyring's answer", |model| {
                model.keys.keyring.fault().is_some()
            });
            let fault = desk.model.keys.keyring.fault().unwrap();
            assert_eq!(fault.kind, FaultKind::KeyringAbsent);
            assert_eq!(
                desk.model.keys.place(desk.model.settings.new_keys),
                KeyPlace::File
            );

            // The key is made, and the app trusts it: that is a signature, too, and its password was just typed.
            desk.generate("tidepool-prod", file(PASSWORD)).unwrap();
            let key = in_file("tidepool-prod");
            let info = desk.key(&key);
            desk.until("a trusted key", |model| {
                let overview = model.overview.latest();
                overview
                    .is_some_and(|overview| overview.keys.iter().any(|known| known.id == info.id))
            });
            let folder = desk.own_folder();
            let path = folder.join("tidepool-prod.key");
            assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
            assert!(import_file(&path, None).is_err());

            // A wrong password: nothing is sent, and the form is kept.
            let dist = build("Tidepool");
            desk.review(dist.path());
            desk.order("1.0.0", &key);
            assert!(desk.asks_for_password());
            let before = desk.model.overview.latest().unwrap().activity_head;
            desk.unlock("not this one", true);
            let fault = desk.failure().unwrap().clone();
            assert_eq!(fault.kind, FaultKind::Password);
            assert_eq!(fault.message, "The password does not open this key");
            assert!(fault.hint.is_some());
            assert!(desk.asks_for_password());
            assert!(matches!(desk.model.publish, Publish::Review(_)));
            assert_eq!(desk.ask_as_device().0, 204);

            // The right one, for this signature alone.
            desk.unlock(PASSWORD, false);
            assert_eq!(desk.model.dialog, None);
            let done = desk.is_live();
            assert_eq!(done.release.notes, "Typed by hand");
            assert_eq!(
                done.deployed.activity_entry,
                before + 2,
                "made, and published"
            );
            let (status, manifest) = desk.ask_as_device();
            let manifest = manifest.unwrap();
            assert_eq!((status, manifest["version"].as_str()), (200, Some("1.0.0")));
            minisign_verifies(&manifest, &info.public.hotswap());
        },
    );
}

#[test]
fn a_password_is_asked_for_again_unless_it_is_remembered() {
    in_session(
        "--no-keyring",
        "a_password_is_asked_for_again_unless_it_is_remembered",
        || {
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.start_here();
            desk.generate("tidepool-prod", file(PASSWORD)).unwrap();
            let key = in_file("tidepool-prod");
            let dist = build("Tidepool");
            desk.publish("1.0.0", &key, dist.path(), Some((PASSWORD, false)));
            fs_err::write(dist.path().join("app.js"), "// second\n").unwrap();
            desk.publish("1.0.1", &key, dist.path(), Some((PASSWORD, true)));
            desk.until("a remembered password", |model| model.keys.remembers(&key));
            fs_err::write(dist.path().join("app.js"), "// third\n").unwrap();
            desk.publish("1.0.2", &key, dist.path(), None);

            // Until it is forgotten, or the app is closed.
            desk.wish(Action::ForgetPassword(key.name.clone()));
            desk.until("a forgotten password", |model| !model.keys.remembers(&key));
            desk.wish(Action::TrustKey(key.clone()));
            assert!(desk.asks_for_password());
            desk.unlock(PASSWORD, true);
            desk.until("a remembered password", |model| model.keys.remembers(&key));
            drop(desk);
            assert_eq!(files_with(home.path(), PASSWORD), Vec::<String>::new());
            let mut desk = Desk::open(home.path());
            desk.until("the keys", |model| model.keys.get(&key).is_some());
            assert!(!desk.model.keys.remembers(&key));
            assert_eq!(desk.model.settings.signer.as_ref(), Some(&key));
        },
    );
}

#[test]
fn a_key_file_is_imported_renamed_backed_up_and_deleted() {
    in_session(
        "--no-keyring",
        "a_key_file_is_imported_renamed_backed_up_and_deleted",
        || {
            let home = tempfile::tempdir().unwrap();
            let elsewhere = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.until("the keys", |model| !model.keys.is_waiting());

            let secret = ota_keys::generate().unwrap();
            let old = elsewhere.path().join("old.key");
            let its_password = Password::new("its own password");
            fs_err::write(&old, secret.to_key_file(&its_password).unwrap()).unwrap();
            let import = |password: &str, keep: &str| Action::ImportKey {
                path: old.clone(),
                name: "old".to_owned(),
                password: Some(Password::new(password)),
                keep: file(keep),
                trust: false,
            };
            let dialog = || Dialog::ImportKey {
                path: Some(old.clone()),
                failed: None,
                busy: false,
            };
            let wrong = desk.in_dialog(dialog(), import("x", PASSWORD)).unwrap_err();
            assert_eq!(wrong.kind, FaultKind::Password);
            assert!(!desk.own_folder().exists());
            desk.in_dialog(dialog(), import("its own password", PASSWORD))
                .unwrap();
            let old_key = in_file("old");
            assert_eq!(desk.key(&old_key).public, secret.public());
            let kept = desk.own_folder().join("old.key");
            assert!(import_file(&kept, Some(&its_password)).is_err());
            import_file(&kept, Some(&Password::new(PASSWORD))).unwrap();

            let dialog = Dialog::RenameKey {
                key: desk.key(&old_key),
                failed: None,
            };
            let rename = Action::RenameKey {
                key: old_key.clone(),
                to: "release".to_owned(),
            };
            desk.in_dialog(dialog, rename).unwrap();
            let key = in_file("release");
            assert!(desk.model.keys.get(&old_key).is_none());
            assert!(!kept.exists());

            back_up(&mut desk, elsewhere.path());

            let dialog = |desk: &Desk| Dialog::DeleteKey {
                key: desk.key(&key),
                trusted_by: Vec::new(),
                failed: None,
            };
            let delete = |typed: &str| Action::DeleteKey {
                key: key.clone(),
                typed: typed.to_owned(),
            };
            let opened = dialog(&desk);
            assert!(desk.in_dialog(opened, delete("old")).is_err());
            let opened = dialog(&desk);
            desk.in_dialog(opened, delete("release")).unwrap();
            assert_eq!(desk.model.keys.all().count(), 0);
            assert_eq!(fs_err::read_dir(desk.own_folder()).unwrap().count(), 0);
        },
    );
}

/// Backs “release” up to a file.
fn copy_to(desk: &mut Desk, path: &Path, password: &str) -> Result<(), Fault> {
    let key = in_file("release");
    let dialog = Dialog::BackUpKey {
        key: desk.key(&key),
        path: Some(path.to_owned()),
        failed: None,
        busy: false,
    };
    let action = Action::BackUpKey {
        key,
        path: path.to_owned(),
        password: Password::new(password),
    };
    desk.in_dialog(dialog, action)
}

/// A copy counts once it was restored: under the key's own password, and not beside the key.
fn back_up(desk: &mut Desk, elsewhere: &Path) {
    let key = in_file("release");
    let out = elsewhere.join("release.backup");
    let wrong = copy_to(desk, &out, "its own password").unwrap_err();
    assert_eq!(wrong.kind, FaultKind::Password);
    assert!(!out.exists());
    let beside = desk.own_folder().join("copy.key");
    let refused = copy_to(desk, &beside, PASSWORD).unwrap_err();
    assert!(refused.message.contains("beside the key"), "{refused:?}");
    assert!(!beside.exists());
    assert_eq!(desk.key(&key).backed_up_at, None);
    copy_to(desk, &out, PASSWORD).unwrap();
    assert!(desk.key(&key).backed_up_at.is_some());
    let restored = import_file(&out, Some(&Password::new(PASSWORD))).unwrap();
    assert_eq!(restored.public(), desk.key(&key).public);
}

#[test]
fn keys_of_both_custodies_stand_side_by_side() {
    in_session(
        "--unlocked",
        "keys_of_both_custodies_stand_side_by_side",
        || {
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.start_here();
            desk.generate("tidepool-prod", Keep::Keyring).unwrap();
            desk.generate("tidepool-ci", file(PASSWORD)).unwrap();
            assert_eq!(desk.model.settings.new_keys, KeyPlace::File);
            let (kept, in_a_file) = (
                key_in(CustodyKind::Keyring, "tidepool-prod"),
                in_file("tidepool-ci"),
            );
            let names: Vec<_> = desk
                .model
                .keys
                .all()
                .map(|key| (key.custody, key.name.clone()))
                .collect();
            assert_eq!(
                names,
                [
                    (CustodyKind::Keyring, key_name("tidepool-prod")),
                    (CustodyKind::File, key_name("tidepool-ci"))
                ]
            );
            // The one signs without a question, the other one after it.
            let dist = build("Tidepool");
            desk.publish("1.0.0", &kept, dist.path(), None);
            fs_err::write(dist.path().join("app.js"), "// second\n").unwrap();
            let done = desk.publish("1.0.1", &in_a_file, dist.path(), Some((PASSWORD, false)));
            assert_eq!(done.key, in_a_file);
            let manifest = desk.ask_as_device().1.unwrap();
            minisign_verifies(&manifest, &desk.key(&in_a_file).public.hotswap());
        },
    );
}

#[test]
fn a_locked_keyring_stands_in_no_key_file_s_way() {
    in_session(
        "--locked",
        "a_locked_keyring_stands_in_no_key_file_s_way",
        || {
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.start_here();
            desk.until("the keyring's answer", |model| {
                model.keys.keyring.fault().is_some()
            });
            let refused = desk.generate("tidepool-prod", Keep::Keyring).unwrap_err();
            assert_eq!(refused.kind, FaultKind::KeyringLocked);
            // The way that the hint names.
            let hint = refused.hint.unwrap();
            assert!(hint.contains("password-protected file"), "{hint}");
            desk.generate("tidepool-prod", file(PASSWORD)).unwrap();
            let key = in_file("tidepool-prod");
            let dist = build("Tidepool");
            desk.publish("1.0.0", &key, dist.path(), Some((PASSWORD, false)));
        },
    );
}

#[test]
fn the_folder_is_chosen_and_has_to_be_there() {
    in_session(
        "--no-keyring",
        "the_folder_is_chosen_and_has_to_be_there",
        || {
            let home = tempfile::tempdir().unwrap();
            let stick = tempfile::tempdir().unwrap();
            let folder = stick.path().join("keys");
            fs_err::create_dir(&folder).unwrap();
            fs_err::write(folder.join("server.key"), "-----BEGIN PRIVATE KEY-----\n").unwrap();
            let mut desk = Desk::open(home.path());
            desk.until("the keys", |model| !model.keys.is_waiting());
            desk.generate("here", file(PASSWORD)).unwrap();

            desk.wish(Action::UseKeyFolder(Some(folder.clone())));
            desk.until("the other folder", |model| {
                model
                    .keys
                    .files
                    .latest()
                    .is_some_and(|files| files.folder == folder)
            });
            assert_eq!(desk.model.keys.all().count(), 0);
            let unlisted = &desk.model.keys.files.latest().unwrap().unlisted;
            assert_eq!(unlisted[0].file, "server.key");
            desk.generate("there", file(PASSWORD)).unwrap();
            assert_eq!(mode(&folder.join("there.key")), 0o600);

            // The disk is gone. Nothing is written in its place, and it is found again.
            drop(desk);
            let away = stick.path().join("away");
            fs_err::rename(&folder, &away).unwrap();
            let mut desk = Desk::open(home.path());
            desk.until("the folder's absence", |model| {
                model.keys.files.fault().is_some()
            });
            let fault = desk.model.keys.files.fault().unwrap();
            assert!(
                fault
                    .message
                    .starts_with("The folder of the key files is not there")
            );
            desk.generate("elsewhere", file(PASSWORD)).unwrap_err();
            assert!(!folder.exists());
            fs_err::rename(&away, &folder).unwrap();
            desk.wish(Action::Go(switchtower::model::Page::Keys));
            desk.until("the key", |model| {
                model.keys.get(&in_file("there")).is_some()
            });

            desk.wish(Action::UseKeyFolder(None));
            desk.until("the own folder", |model| {
                model.keys.get(&in_file("here")).is_some()
            });
            assert_eq!(desk.model.settings.key_folder, None);
        },
    );
}

#[test]
fn a_file_that_changed_meanwhile_signs_nothing_and_is_asked_for_again() {
    in_session(
        "--no-keyring",
        "a_file_that_changed_meanwhile_signs_nothing_and_is_asked_for_again",
        || {
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.start_here();
            desk.generate("tidepool-prod", file(PASSWORD)).unwrap();
            let key = in_file("tidepool-prod");
            desk.wish(Action::TrustKey(key.clone()));
            desk.unlock(PASSWORD, true);
            desk.until("a remembered password", |model| model.keys.remembers(&key));
            // The person gave the file another password, with another program.
            let path = desk.own_folder().join("tidepool-prod.key");
            let secret = import_file(&path, Some(&Password::new(PASSWORD))).unwrap();
            let again = secret.to_key_file(&Password::new("another one")).unwrap();
            fs_err::write(&path, again).unwrap();
            let dist = build("Tidepool");
            desk.review(dist.path());
            desk.order("1.0.0", &key);
            desk.until("a failure", |model| {
                matches!(&model.publish, Publish::Review(review) if review.failed.is_some())
            });
            let Publish::Review(review) = &desk.model.publish else {
                panic!("a review")
            };
            assert_eq!(review.failed.as_ref().unwrap().kind, FaultKind::Password);
            assert_eq!(desk.ask_as_device().0, 204);
            desk.until("a forgotten password", |model| !model.keys.remembers(&key));
            desk.order("1.0.0", &key);
            assert!(desk.asks_for_password());
            desk.unlock("another one", false);
            desk.is_live();
        },
    );
}

#[test]
fn a_server_somewhere_is_used_without_a_keyring_and_asked_for_its_token_at_the_next_start() {
    in_session(
        "--no-keyring",
        "a_server_somewhere_is_used_without_a_keyring_and_asked_for_its_token_at_the_next_start",
        || {
            let server = TestServer::start();
            let token = server.token(Role::Admin);
            let home = tempfile::tempdir().unwrap();
            let mut desk = Desk::open(home.path());
            desk.wish(Action::Connect {
                url: server.url().to_owned(),
                token: AccessToken::new(token.clone()),
            });
            desk.until("connected", |model| matches!(model.link, Link::Up(_)));
            let Link::Up(connected) = &desk.model.link else {
                panic!("connected")
            };
            assert!(!connected.token_kept);
            desk.create_app();
            // It goes on without the token being typed again.
            desk.wish(Action::TryNow);
            desk.until("connected again", |model| {
                matches!(model.link, Link::Up(_)) && !model.overview.is_loading()
            });
            drop(desk);
            assert_eq!(files_with(home.path(), &token), Vec::<String>::new());

            let mut desk = Desk::open(home.path());
            let url = server.url().to_owned();
            assert_eq!(
                desk.model.settings.server,
                Some(ServerChoice::Remote { url })
            );
            desk.until("a question for the token", |model| {
                matches!(model.dialog, Some(Dialog::Token(_)))
            });
            desk.wish(Action::SignInAgain(AccessToken::new(token)));
            desk.until("connected", |model| matches!(model.link, Link::Up(_)));
            assert_eq!(desk.model.dialog, None);
            assert!(
                desk.model
                    .toasts
                    .iter()
                    .all(|toast| toast.kind == ToastKind::Done)
            );
        },
    );
}
