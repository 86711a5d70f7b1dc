//! Keys in password-protected files: made without a keyring, listed beside those of the keyring, opened by a password.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::slice;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use ota_keys::{CustodyKind, KeyInfo, Password};
use switchtower::model::{
    Action, Dialog, Event, Fault, FaultKind, Job, Keep, KeyFiles, KeyPlace, KeyRef, Model,
    UnlistedFile,
};

use crate::tidepool::{at, key, key_files, model};
use crate::{
    Page, WIDE, back_up, click, fault, import, is_disabled, new_key, open, pictures, row,
    type_into, with_dialog, without_keys,
};

const PASSWORD: &str = "four words of mine";
const TRUST: &str = "Open tidepool-prod: Trust for Tidepool";
const FIELD: &str = "Password that opens tidepool-prod";

fn in_file(name: &str) -> KeyRef {
    KeyRef {
        custody: CustodyKind::File,
        name: name.parse().unwrap(),
    }
}

fn file_key(number: u8, name: &str, backed_up: bool) -> KeyInfo {
    KeyInfo {
        custody: CustodyKind::File,
        ..key(number, name, backed_up)
    }
}

fn absent() -> Fault {
    Fault {
        message: "There is no OS keyring in this session. No key was read or changed".to_owned(),
        hint: Some(
            "Start a keyring such as GNOME Keyring, KWallet or KeePassXC and try again, or keep the \
             key in a password-protected file"
                .to_owned(),
        ),
        kind: FaultKind::KeyringAbsent,
    }
}

fn list(model: &mut Model, files: KeyFiles) {
    model.on_event(Event::KeyFiles {
        at: at(0),
        result: Ok(files),
    });
}

/// A computer without a keyring, on which one file key signs for the app.
fn with_file_key(remembered: bool) -> Model {
    let mut model = model(Role::Admin);
    model.keys.keyring = switchtower::model::Remote::default();
    model.on_event(Event::Keys {
        at: at(0),
        result: Err(absent()),
    });
    let key = file_key(1, "tidepool-prod", false);
    let remembered = remembered.then(|| key.name.clone());
    list(
        &mut model,
        KeyFiles {
            remembered: remembered.into_iter().collect(),
            ..key_files(vec![key])
        },
    );
    model
}

/// Both custodies, and a folder in which not everything is a key.
fn with_both() -> Model {
    let mut model = model(Role::Admin);
    let mut files = key_files(vec![file_key(3, "tidepool-ci", true)]);
    files.unlisted = vec![UnlistedFile {
        file: "server.key".to_owned(),
        fault: Fault {
            message: "This is not a minisign secret key".to_owned(),
            hint: None,
            kind: FaultKind::Local,
        },
    }];
    list(&mut model, files);
    model
}

fn write_password(harness: &mut Harness<'static, Page>) {
    type_into(harness, "New password", PASSWORD);
    type_into(harness, "The same password again", PASSWORD);
}

fn unlocking(model: &mut Model) {
    let jobs = model.apply(Action::TrustKey(in_file("tidepool-prod")));
    assert_eq!(jobs, []);
}

fn unlocked(model: &mut Model, remembered: bool, result: Result<(), Fault>) -> Vec<Job> {
    model.on_event(Event::Unlocked {
        name: "tidepool-prod".parse().unwrap(),
        remembered,
        result,
    })
}

#[test]
fn without_a_keyring_a_new_key_goes_into_a_file() {
    let mut harness = open({
        let mut model = without_keys(Err(absent()));
        model.dialog = Some(new_key());
        model
    });
    assert!(is_disabled(
        &harness,
        "OS keyring, None answers on this computer"
    ));
    let folder = harness.get_by_label("Folder for key files").value();
    assert_eq!(
        folder.as_deref(),
        Some("/home/ada/.local/share/switchtower/keys")
    );
    let order = "Make tidepool-prod";
    assert!(is_disabled(&harness, order));
    type_into(&mut harness, "New password", "too short");
    harness.get_by_label_contains("Use at least 12 characters");
    assert!(is_disabled(&harness, order));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "New password", PASSWORD);
    assert!(is_disabled(&harness, order));
    type_into(&mut harness, "The same password again", PASSWORD);
    click(&mut harness, order);
    assert_eq!(
        harness.state().actions,
        [Action::GenerateKey {
            name: "tidepool-prod".to_owned(),
            keep: Keep::File {
                password: Password::new(PASSWORD)
            },
            trust: true,
        }]
    );
    assert!(!format!("{:?}", harness.state().form).contains("four words"));
}

#[test]
fn with_a_keyring_a_file_is_a_choice_that_is_remembered() {
    let mut harness = open(with_dialog(new_key()));
    assert!(harness.query_by_label("New password").is_none());
    click(
        &mut harness,
        "Password-protected file, Needs no keyring: its password is asked for when it signs",
    );
    write_password(&mut harness);
    click(&mut harness, "Make tidepool-prod-2");
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let model = &mut harness.state_mut().model;
    let jobs: Vec<Job> = actions
        .into_iter()
        .flat_map(|action| model.apply(action))
        .collect();
    assert!(
        matches!(
            jobs.as_slice(),
            [
                Job::SaveSettings(settings),
                Job::GenerateKey {
                    keep: Keep::File { .. },
                    ..
                }
            ] if settings.new_keys == KeyPlace::File
        ),
        "{jobs:?}"
    );
    // The next dialog starts there.
    let mut again = model.clone();
    again.dialog = Some(new_key());
    let harness = open(again);
    harness.get_by_label("New password");
}

#[test]
fn without_a_choice_nothing_is_remembered_of_it() {
    let mut model = without_keys(Err(absent()));
    let jobs = model.apply(Action::GenerateKey {
        name: "tidepool-prod".to_owned(),
        keep: Keep::File {
            password: Password::new(PASSWORD),
        },
        trust: false,
    });
    assert!(
        matches!(jobs.as_slice(), [Job::GenerateKey { .. }]),
        "{jobs:?}"
    );
    assert_eq!(model.settings.new_keys, KeyPlace::Keyring);
}

#[test]
fn an_imported_file_keeps_its_password_or_gets_a_new_one() {
    let mut model = without_keys(Err(absent()));
    model.dialog = Some(import(Some("/keys/old.key")));
    let mut harness = open(model);
    assert!(is_disabled(&harness, "Import old"));
    type_into(&mut harness, "Password of the file", "secret words");
    // Its own password is proposed, and there is nothing more to type.
    assert!(harness.query_by_label("New password").is_none());
    click(&mut harness, "Import old");
    click(&mut harness, "Keep the file’s password");
    write_password(&mut harness);
    click(&mut harness, "Import old");
    let import = |password: &str| Action::ImportKey {
        path: PathBuf::from("/keys/old.key"),
        name: "old".to_owned(),
        password: Some(Password::new("secret words")),
        keep: Keep::File {
            password: Password::new(password),
        },
        trust: true,
    };
    assert_eq!(
        harness.state().actions,
        [import("secret words"), import(PASSWORD)]
    );
}

#[test]
fn another_folder_is_written_or_chosen() {
    let mut model = without_keys(Err(absent()));
    model.dialog = Some(new_key());
    let mut harness = open(model);
    click(&mut harness, "Choose a folder for key files…");
    assert_eq!(harness.state().actions, [Action::ChooseKeyFolder]);
    harness.state_mut().actions.clear();
    harness.get_by_label("Folder for key files").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "Folder for key files", "keys");
    harness.get_by_label_contains("Type the whole path");
    write_password(&mut harness);
    assert!(is_disabled(&harness, "Make tidepool-prod"));
    harness.get_by_label("Folder for key files").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "Folder for key files", "/media/stick");
    click(&mut harness, "Make tidepool-prod");
    let actions = &harness.state().actions;
    assert_eq!(
        actions.first(),
        Some(&Action::UseKeyFolder(Some(PathBuf::from("/media/stick"))))
    );
    assert!(matches!(actions.get(1), Some(Action::GenerateKey { .. })));
}

#[test]
fn another_folder_is_remembered_and_its_keys_are_read() {
    let mut model = with_both();
    let folder = PathBuf::from("/media/stick");
    let jobs = model.apply(Action::UseKeyFolder(Some(folder.clone())));
    assert!(
        matches!(
            jobs.as_slice(),
            [Job::SaveSettings(settings), Job::UseKeyFolder(Some(used)), Job::ListKeyFiles]
                if settings.key_folder.as_ref() == Some(used) && *used == folder
        ),
        "{jobs:?}"
    );
    // What was in the other one is not shown as if it were here.
    assert_eq!(model.keys.all().count(), 2);
    // The next start begins with it, before anything is listed.
    let (_, jobs) = Model::start(model.settings.clone(), at(0));
    assert_eq!(jobs.first(), Some(&Job::UseKeyFolder(Some(folder))));
}

#[test]
fn the_list_tells_keys_of_the_keyring_from_keys_in_files() {
    let mut harness = open(with_both());
    for (name, words) in [
        ("tidepool-prod, ", "keyring, Active, not backed up"),
        ("tidepool-ci, ", "file, Not trusted, backed up"),
    ] {
        harness.get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with(name) && label.ends_with(words))
        });
    }
    harness.get_by_label_contains("1 file in the key folder is not used");
    harness.get_by_label_contains("server.key: This is not a minisign secret key.");
    row(&mut harness, "tidepool-ci");
    harness.get_by_label_contains("in a key file, made here");
    harness.get_by_label("/home/ada/.local/share/switchtower/keys/tidepool-ci.key");
    harness.get_by_label("Asked for when it signs");
}

#[test]
fn the_same_key_in_both_places_is_two_keys() {
    let mut both = model(Role::Admin);
    list(
        &mut both,
        key_files(vec![file_key(1, "tidepool-prod", true)]),
    );
    let mut harness = open(both);
    harness
        .get_by(|node| {
            let label = node.label().unwrap_or_default();
            label.starts_with("tidepool-prod, ") && label.contains(", file, Active")
        })
        .click();
    harness.run();
    click(&mut harness, "Back up tidepool-prod again…");
    let [Action::Open(Dialog::BackUpKey { key, .. })] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!(key.custody, CustodyKind::File);
}

#[test]
fn a_signature_waits_for_the_password_and_goes_on_with_it() {
    let mut model = with_file_key(false);
    unlocking(&mut model);
    let mut harness = open(model);
    assert!(is_disabled(&harness, TRUST));
    type_into(&mut harness, FIELD, PASSWORD);
    // Enter is enough: there is one field.
    harness.key_press(egui::Key::Enter);
    harness.run();
    let unlock = Action::UnlockKey {
        password: Password::new(PASSWORD),
        remember: false,
    };
    assert_eq!(harness.state().actions, slice::from_ref(&unlock));
    let model = &mut harness.state_mut().model;
    let jobs = model.apply(unlock.clone());
    let wanted = Job::UnlockKey {
        name: "tidepool-prod".parse().unwrap(),
        password: Password::new(PASSWORD),
        remember: false,
    };
    assert_eq!(jobs, [wanted]);
    // A second click while it is tried changes nothing.
    assert_eq!(model.apply(unlock), []);
    harness.run();
    assert!(is_disabled(&harness, "Opening the key…"));
    let model = &mut harness.state_mut().model;
    let jobs = unlocked(model, false, Ok(()));
    assert_eq!(
        jobs,
        [
            Job::ListKeyFiles,
            Job::TrustKey {
                app: "tidepool".parse().unwrap(),
                key: in_file("tidepool-prod"),
                password: Some(Password::new(PASSWORD)),
            }
        ]
    );
    assert_eq!(model.dialog, None);
}

#[test]
fn a_wrong_password_is_said_and_can_be_typed_again() {
    let mut model = with_file_key(false);
    unlocking(&mut model);
    let mut harness = open(model);
    type_into(&mut harness, FIELD, "not this one");
    click(&mut harness, "Remember until I close Switchtower");
    click(&mut harness, TRUST);
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let model = &mut harness.state_mut().model;
    for action in actions {
        model.apply(action);
    }
    let wrong = fault("The password does not open this key", FaultKind::Password);
    let jobs = unlocked(model, true, Err(wrong));
    assert_eq!(jobs, [Job::ListKeyFiles]);
    harness.run();
    harness.get_by(|node| {
        let label = node.label().unwrap_or_default();
        label.starts_with("The password does not open this key")
    });
    harness.get_by_label(FIELD).focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, FIELD, PASSWORD);
    click(&mut harness, TRUST);
    assert_eq!(
        harness.state().actions,
        [Action::UnlockKey {
            password: Password::new(PASSWORD),
            remember: true,
        }]
    );
}

#[test]
fn a_closed_question_signs_nothing() {
    let mut model = with_file_key(false);
    unlocking(&mut model);
    model.apply(Action::UnlockKey {
        password: Password::new(PASSWORD),
        remember: true,
    });
    model.apply(Action::CloseDialog);
    assert_eq!(unlocked(&mut model, true, Ok(())), [Job::ListKeyFiles]);
}

#[test]
fn a_remembered_password_is_not_asked_for_until_it_is_forgotten() {
    let mut model = with_file_key(true);
    let jobs = model.apply(Action::TrustKey(in_file("tidepool-prod")));
    assert_eq!(
        jobs,
        [Job::TrustKey {
            app: "tidepool".parse().unwrap(),
            key: in_file("tidepool-prod"),
            password: None,
        }]
    );
    let mut harness = open(model);
    harness.get_by_label("Remembered until you close Switchtower");
    click(&mut harness, "Forget the password of tidepool-prod");
    let name: ota_keys::KeyName = "tidepool-prod".parse().unwrap();
    assert_eq!(
        harness.state().actions,
        [Action::ForgetPassword(name.clone())]
    );
    let model = &mut harness.state_mut().model;
    let jobs = model.apply(Action::ForgetPassword(name.clone()));
    assert_eq!(jobs, [Job::ForgetPassword(name), Job::ListKeyFiles]);
    let mut forgotten = key_files(vec![file_key(1, "tidepool-prod", false)]);
    forgotten.remembered = BTreeSet::new();
    list(model, forgotten);
    unlocking(model);
    assert!(matches!(model.dialog, Some(Dialog::Unlock(_))));
}

#[test]
fn a_backup_of_a_file_asks_for_its_own_password_once() {
    let mut model = with_file_key(true);
    model.dialog = Some(Dialog::BackUpKey {
        key: file_key(1, "tidepool-prod", false),
        path: Some(PathBuf::from("/media/stick/tidepool-prod.key")),
        failed: None,
        busy: false,
    });
    let mut harness = open(model);
    let order = "Back up tidepool-prod";
    assert!(harness.query_by_label("New password").is_none());
    assert!(is_disabled(&harness, order));
    type_into(&mut harness, "Password of tidepool-prod", PASSWORD);
    click(&mut harness, order);
    assert_eq!(
        harness.state().actions,
        [Action::BackUpKey {
            key: in_file("tidepool-prod"),
            path: PathBuf::from("/media/stick/tidepool-prod.key"),
            password: Password::new(PASSWORD),
        }]
    );
}

#[test]
fn what_is_typed_in_the_question_is_forgotten_when_it_closes() {
    let mut model = with_file_key(false);
    unlocking(&mut model);
    let mut harness = open(model);
    type_into(&mut harness, FIELD, PASSWORD);
    // Once seen in the clear as well, and long enough for the text field to take note of it.
    click(&mut harness, &format!("Show {}", FIELD.to_lowercase()));
    harness.run_steps(20);
    harness.state_mut().model.dialog = None;
    harness.run();
    unlocking(&mut harness.state_mut().model);
    harness.run();
    let value = harness.get_by_label(FIELD).value();
    assert_eq!(value.unwrap_or_default(), "");
    // Nor is it in what can be undone.
    harness.get_by_label(FIELD).focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.run();
    assert!(is_disabled(&harness, TRUST));
    let value = harness.get_by_label(FIELD).value();
    assert_eq!(value.unwrap_or_default(), "");
}

#[test]
fn file_keys_look_like_the_design() {
    let mut results = egui_kittest::SnapshotResults::new();
    pictures(&mut results, "absent", WIDE, &without_keys(Err(absent())));
    pictures(&mut results, "files", WIDE, &with_file_key(true));
    let mut selected = with_both();
    let mut alone = key_files(vec![
        file_key(3, "tidepool-ci", true),
        file_key(1, "a-name-that-is-longer-than-the-list-is-wide", false),
    ]);
    alone.unlisted = selected.keys.files.latest().unwrap().unlisted.clone();
    list(&mut selected, alone);
    pictures(&mut results, "both", WIDE, &selected);
    pictures(&mut results, "both_low", [960.0, 640.0], &selected);
    let mut new = without_keys(Err(absent()));
    new.dialog = Some(new_key());
    pictures(&mut results, "new_file", WIDE, &new);
    pictures(&mut results, "new_file_low", [960.0, 640.0], &new);
    let mut wrong = with_file_key(false);
    unlocking(&mut wrong);
    wrong.apply(Action::UnlockKey {
        password: Password::new("x"),
        remember: false,
    });
    let fault = Fault {
        message: "The password does not open this key".to_owned(),
        hint: Some("Check the keyboard layout and Caps Lock. A key file cannot be opened without its password".to_owned()),
        kind: FaultKind::Password,
    };
    unlocked(&mut wrong, false, Err(fault));
    pictures(&mut results, "unlock", WIDE, &wrong);
    let mut backup = with_file_key(false);
    let Dialog::BackUpKey {
        path, failed, busy, ..
    } = back_up(Some("/media/stick/tidepool-prod.key"))
    else {
        panic!("a backup")
    };
    backup.dialog = Some(Dialog::BackUpKey {
        key: file_key(1, "tidepool-prod", false),
        path,
        failed,
        busy,
    });
    pictures(&mut results, "back_up_file", WIDE, &backup);
}
