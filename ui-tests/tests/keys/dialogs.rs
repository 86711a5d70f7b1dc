//! What the dialogs about keys ask for, and what they order.

use std::path::PathBuf;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use ota_keys::{CustodyKind, Password};
use switchtower::model::{Action, Dialog, Event, FaultKind, Job, Keep, NoPicker};

use crate::tidepool::{in_keyring, key};
use crate::{
    Page, back_up, click, delete, fault, import, is_disabled, new_key, open, type_into, with_dialog,
};

#[test]
fn a_new_key_has_a_free_name_and_is_trusted_on_demand() {
    let mut harness = open(with_dialog(new_key()));
    // Proposed, and not the name of a key that is there.
    assert_eq!(
        harness.get_by_label("Name").value().as_deref(),
        Some("tidepool-prod-2")
    );
    click(&mut harness, "Let Tidepool trust it");
    click(&mut harness, "Make tidepool-prod-2");
    assert_eq!(
        harness.state().actions,
        [Action::GenerateKey {
            name: "tidepool-prod-2".to_owned(),
            keep: Keep::Keyring,
            trust: false
        }]
    );
    type_into(&mut harness, "Name", "/");
    harness.get_by_label_contains("A key name cannot contain");
    assert!(is_disabled(&harness, "Make tidepool-prod-2/"));
}

#[test]
fn a_key_file_is_chosen_named_and_opened_with_its_password() {
    let mut harness = open(with_dialog(import(None)));
    assert!(is_disabled(&harness, "Import the key"));
    click(&mut harness, "Choose a key file…");
    assert_eq!(harness.state().actions, [Action::ChooseKeyFile]);
    pick(&mut harness, Ok(Some("/keys/old.key")));
    assert_eq!(
        harness.get_by_label("Key file").value().as_deref(),
        Some("/keys/old.key")
    );
    type_into(&mut harness, "Password of the file", "secret words");
    click(&mut harness, "Import old");
    assert_eq!(
        harness.state().actions,
        [Action::ImportKey {
            path: PathBuf::from("/keys/old.key"),
            name: "old".to_owned(),
            password: Some(Password::new("secret words")),
            keep: Keep::Keyring,
            trust: true,
        }]
    );
}

/// Lets the system's dialog end that was asked for last.
fn pick(harness: &mut Harness<'static, Page>, result: Result<Option<&str>, NoPicker>) {
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let model = &mut harness.state_mut().model;
    let jobs: Vec<Job> = actions
        .into_iter()
        .flat_map(|action| model.apply(action))
        .collect();
    let [Job::Pick { request, .. }] = jobs[..] else {
        panic!("no dialog is opened by {jobs:?}");
    };
    let result = result.map(|path| path.map(PathBuf::from));
    model.on_event(Event::Picked { request, result });
    harness.run();
}

#[test]
fn a_path_is_written_where_no_dialog_opens() {
    let mut model = with_dialog(import(None));
    model.home = Some(PathBuf::from("/home/ada"));
    let mut harness = open(model);
    assert!(harness.get_by_label("Key file").is_focused());
    click(&mut harness, "Choose a key file…");
    pick(
        &mut harness,
        Err(NoPicker {
            why: "The desktop offers none, and the program zenity is not installed".to_owned(),
            install: Some("sudo apt install zenity".to_owned()),
        }),
    );
    harness.get_by_label_contains("No dialog could be opened. The desktop offers none");
    harness.get_by_label_contains("sudo apt install zenity");
    type_into(&mut harness, "Key file", "old.key");
    harness.get_by_label("Type the whole path: it begins with / or ~.");
    assert!(is_disabled(&harness, "Import the key"));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "Key file", "~/keys/old.key");
    click(&mut harness, "Import old");
    assert_eq!(
        harness.state().actions,
        [Action::ImportKey {
            path: PathBuf::from("/home/ada/keys/old.key"),
            name: "old".to_owned(),
            password: None,
            keep: Keep::Keyring,
            trust: true,
        }]
    );
}

#[test]
fn a_backup_is_a_file_and_no_folder() {
    let mut harness = open(with_dialog(back_up(None)));
    let order = "Back up tidepool-prod";
    for field in ["New password", "The same password again"] {
        type_into(&mut harness, field, "correct horse battery");
    }
    type_into(&mut harness, "File", "/media/stick/");
    assert!(is_disabled(&harness, order));
    harness.get_by_label("Type the file’s name, too");
    type_into(&mut harness, "File", "mine.key");
    click(&mut harness, order);
    assert_eq!(
        harness.state().actions,
        [Action::BackUpKey {
            key: in_keyring("tidepool-prod"),
            path: PathBuf::from("/media/stick/mine.key"),
            password: Password::new("correct horse battery"),
        }]
    );
}

#[test]
fn a_backup_needs_a_place_and_a_long_password_typed_twice() {
    let mut harness = open(with_dialog(back_up(None)));
    click(&mut harness, "Choose where it goes…");
    let chosen = Action::ChooseBackUpFile {
        name: "tidepool-prod".to_owned(),
    };
    assert_eq!(harness.state().actions, [chosen]);
    pick(&mut harness, Ok(Some("/media/stick/tidepool-prod.key")));
    let path = PathBuf::from("/media/stick/tidepool-prod.key");
    let order = "Back up tidepool-prod";
    type_into(&mut harness, "New password", "too short");
    harness.get_by_label_contains("Use at least 12 characters");
    type_into(&mut harness, "New password", ", now longer");
    type_into(
        &mut harness,
        "The same password again",
        "too short, now longe",
    );
    harness.get_by_label("The two passwords are not the same.");
    assert!(is_disabled(&harness, order));
    type_into(&mut harness, "The same password again", "r");
    click(&mut harness, order);
    assert_eq!(
        harness.state().actions,
        [Action::BackUpKey {
            key: in_keyring("tidepool-prod"),
            path,
            password: Password::new("too short, now longer"),
        }]
    );
}

#[test]
fn a_key_is_deleted_only_after_its_exact_name() {
    let mut harness = open(with_dialog(delete()));
    let (field, order) = (
        "Type tidepool-prod to unlock Delete tidepool-prod",
        "Delete tidepool-prod",
    );
    type_into(&mut harness, field, "Tidepool-prod");
    assert!(is_disabled(&harness, order));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, field, "tidepool-prod");
    // No shortcut takes a key away.
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
    click(&mut harness, order);
    assert_eq!(
        harness.state().actions,
        [Action::DeleteKey {
            key: in_keyring("tidepool-prod"),
            typed: "tidepool-prod".to_owned(),
        }]
    );
}

#[test]
fn a_key_is_renamed_and_never_to_the_name_of_another() {
    let mut harness = open(with_dialog(Dialog::RenameKey {
        key: key(2, "tidepool-next", true),
        failed: None,
    }));
    assert!(is_disabled(&harness, "Rename to tidepool-next"));
    harness.get_by_label("New name").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "New name", "TIDEPOOL-PROD");
    harness.get_by_label("There is already a key named tidepool-prod.");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(&mut harness, "New name", "tidepool-2027");
    click(&mut harness, "Rename to tidepool-2027");
    assert_eq!(
        harness.state().actions,
        [Action::RenameKey {
            key: in_keyring("tidepool-next"),
            to: "tidepool-2027".to_owned(),
        }]
    );
}

#[test]
fn what_is_typed_is_forgotten_when_the_dialog_closes() {
    let mut harness = open(with_dialog(import(Some("/keys/old.key"))));
    type_into(&mut harness, "Password of the file", "secret words");
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert_eq!(harness.state().actions, [Action::CloseDialog]);
    harness.state_mut().model.dialog = None;
    harness.run();
    harness.state_mut().model.dialog = Some(import(Some("/keys/old.key")));
    harness.run();
    let value = harness.get_by_label("Password of the file").value();
    assert_eq!(value.unwrap_or_default(), "");
    assert!(!format!("{:?}", harness.state().form).contains("secret"));
}

#[test]
fn a_failure_is_shown_in_its_dialog_and_work_in_progress_waits() {
    let mut model = with_dialog(import(Some("/keys/old.key")));
    model.on_event(Event::KeyDone {
        done: "Imported old".to_owned(),
        custody: CustodyKind::Keyring,
        result: Err(fault(
            "The password does not open this key",
            FaultKind::Password,
        )),
    });
    let mut harness = open(model);
    harness.get_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("The password does not open this key"))
    });
    harness.state_mut().model.dialog = Some(Dialog::ImportKey {
        path: Some(PathBuf::from("/keys/old.key")),
        failed: None,
        busy: true,
    });
    harness.run();
    assert!(is_disabled(&harness, "Opening the key…"));
}
