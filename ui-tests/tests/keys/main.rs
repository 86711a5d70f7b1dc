//! The Keys page and its dialogs: what can be done, by label, and how it looks.

mod dialogs;
#[cfg(test)]
mod files;
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
#[path = "../tidepool/mod.rs"]
mod tidepool;

use std::path::PathBuf;

use egui::{Theme, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use ota_api::Role;
use support::{THEMES, harness, whole_window};
use switchtower::model::{Action, Dialog, Event, Fault, FaultKind, Model, Page as Screen};
use switchtower::ui::keys::{KeysForm, key_dialog_ui, keys_ui};
use tidepool::{at, in_keyring, key, know, model, overview, page, trusted};

const WIDE: [f32; 2] = [1440.0, 900.0];

/// The page with its model, and what was wished for. Wishes are not applied.
struct Page {
    model: Model,
    form: KeysForm,
    actions: Vec<Action>,
}

fn draw(ui: &mut egui::Ui, state: &mut Page) {
    whole_window(ui, |ui| {
        page(ui, |ui| {
            keys_ui(ui, &state.model, &mut state.form, &mut state.actions);
        });
        key_dialog_ui(ui.ctx(), &state.model, &mut state.form, &mut state.actions);
    });
}

fn window(
    size: impl Into<Vec2>,
    theme: Theme,
    pictures: bool,
    model: Model,
) -> Harness<'static, Page> {
    let builder = harness(size, theme);
    let builder = if pictures { builder.wgpu() } else { builder };
    let state = Page {
        model,
        form: KeysForm::default(),
        actions: Vec::new(),
    };
    builder.build_ui_state(draw, state)
}

fn open(model: Model) -> Harness<'static, Page> {
    let mut harness = window(WIDE, Theme::Dark, false, model);
    harness.run();
    harness
}

fn with_dialog(dialog: Dialog) -> Model {
    let mut model = model(Role::Admin);
    model.dialog = Some(dialog);
    model
}

fn without_keys(result: Result<Vec<ota_keys::KeyInfo>, Fault>) -> Model {
    let mut fresh = model(Role::Admin);
    fresh.keys.keyring = switchtower::model::Remote::default();
    let mut empty = overview();
    empty.keys.clear();
    know(&mut fresh, empty);
    fresh.on_event(Event::Keys { at: at(0), result });
    fresh
}

fn fault(message: &str, kind: FaultKind) -> Fault {
    Fault {
        message: message.to_owned(),
        hint: Some("Unlock it and try again".to_owned()),
        kind,
    }
}

/// A control, and not the text that names it.
fn control<'a>(harness: &'a Harness<'static, Page>, label: &'a str) -> egui_kittest::Node<'a> {
    harness.get_by(move |node| {
        let is_text = node.role() == egui::accesskit::Role::Dialog;
        !is_text && node.label().as_deref() == Some(label)
    })
}

fn click(harness: &mut Harness<'static, Page>, label: &str) {
    control(harness, label).click();
    harness.run();
}

fn type_into(harness: &mut Harness<'static, Page>, label: &str, text: &str) {
    harness.get_by_label(label).focus();
    harness.run();
    harness.get_by_label(label).type_text(text);
    harness.run();
}

fn is_disabled(harness: &Harness<'static, Page>, label: &str) -> bool {
    control(harness, label).accesskit_node().is_disabled()
}

fn row(harness: &mut Harness<'static, Page>, name: &str) {
    let start = format!("{name}, ");
    harness
        .get_by(|node| {
            node.role() == egui::accesskit::Role::ListBoxOption
                && node.label().is_some_and(|label| label.starts_with(&start))
        })
        .click();
    harness.run();
}

const fn new_key() -> Dialog {
    Dialog::NewKey {
        failed: None,
        busy: false,
    }
}

fn import(path: Option<&str>) -> Dialog {
    Dialog::ImportKey {
        path: path.map(PathBuf::from),
        failed: None,
        busy: false,
    }
}

fn back_up(path: Option<&str>) -> Dialog {
    Dialog::BackUpKey {
        key: key(1, "tidepool-prod", false),
        path: path.map(PathBuf::from),
        failed: None,
        busy: false,
    }
}

fn delete() -> Dialog {
    Dialog::DeleteKey {
        key: key(1, "tidepool-prod", false),
        trusted_by: vec!["Tidepool".to_owned()],
        failed: None,
    }
}

#[test]
fn keys_show_whether_they_are_trusted_and_backed_up() {
    let mut model = model(Role::Admin);
    let mut known = overview();
    known.keys.push(trusted(3, "tidepool-2024"));
    know(&mut model, known);
    let mut harness = open(model);
    for (name, words) in [
        ("tidepool-prod", "Active, not backed up"),
        ("tidepool-next", "Not trusted, backed up"),
        ("tidepool-2024", "Not here, public half only"),
    ] {
        harness.get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with(name) && label.ends_with(words))
        });
    }
    row(&mut harness, "tidepool-2024");
    harness.get_by_label_contains("The private half is not on this computer");
    assert!(harness.query_by_label("More about tidepool-2024").is_none());
}

#[test]
fn the_public_key_is_copied_in_the_spelling_of_each_client() {
    let mut harness = open(model(Role::Admin));
    let public = key(1, "tidepool-prod", false).public;
    for (button, text) in [
        ("Copy public key for hotswap", public.hotswap()),
        (
            "Copy JSON line for hotswap",
            format!("\"pubkey\": \"{}\"", public.hotswap()),
        ),
        ("Copy public key for Tauri updater", public.tauri()),
    ] {
        harness.get_by_label(button).click();
        harness.step();
        let copied = harness.output().platform_output.commands.iter().any(
            |command| matches!(command, egui::OutputCommand::CopyText(copied) if *copied == text),
        );
        harness.run_steps(2);
        assert!(copied, "{button}");
    }
}

#[test]
fn a_key_is_trusted_backed_up_renamed_and_deleted_from_its_detail() {
    let mut harness = open(model(Role::Admin));
    click(&mut harness, "Back up tidepool-prod…");
    row(&mut harness, "tidepool-next");
    click(&mut harness, "Trust tidepool-next for Tidepool");
    click(&mut harness, "More about tidepool-next");
    click(&mut harness, "Rename…");
    click(&mut harness, "More about tidepool-next");
    click(&mut harness, "Delete…");
    let next = key(2, "tidepool-next", true);
    assert_eq!(
        harness.state().actions,
        [
            Action::Open(back_up(None)),
            Action::TrustKey(in_keyring("tidepool-next")),
            Action::Open(Dialog::RenameKey {
                key: next.clone(),
                failed: None
            }),
            Action::Open(Dialog::DeleteKey {
                key: next,
                trusted_by: Vec::new(),
                failed: None
            }),
        ]
    );
}

#[test]
fn who_may_not_change_keys_of_the_app_is_told() {
    let mut harness = open(model(Role::Support));
    row(&mut harness, "tidepool-next");
    let button = "Trust tidepool-next for Tidepool";
    assert!(is_disabled(&harness, button));
    let node = harness.get_by_label(button);
    assert_eq!(
        node.accesskit_node().data().description(),
        Some("Your role (Support) may not change apps and keys")
    );
}

#[test]
fn each_trouble_with_the_keyring_has_its_own_remedy() {
    for (kind, title, remedy) in [
        (
            FaultKind::KeyringLocked,
            "The keyring is locked",
            "unlock it",
        ),
        (
            FaultKind::KeyringAbsent,
            "This computer has no keyring that answers",
            "start a keyring",
        ),
        (
            FaultKind::KeyringDenied,
            "The keyring refused access",
            "allow access",
        ),
    ] {
        let mut harness = open(without_keys(Err(fault("It did not work", kind))));
        harness.get_by_label(title);
        harness.get_by_label_contains(remedy);
        click(&mut harness, "Try again");
        click(&mut harness, "Keep keys in password-protected files…");
        click(&mut harness, "New key…");
        assert_eq!(
            harness.state().actions,
            [
                Action::Go(Screen::Keys),
                Action::Open(new_key()),
                Action::Open(new_key())
            ]
        );
    }
}

#[test]
fn the_first_key_is_made_from_the_empty_page() {
    let mut harness = open(without_keys(Ok(Vec::new())));
    click(&mut harness, "Make the first key…");
    click(&mut harness, "Import…");
    assert_eq!(
        harness.state().actions,
        [Action::Open(new_key()), Action::Open(import(None))]
    );
}

fn pictures(results: &mut SnapshotResults, name: &str, size: [f32; 2], model: &Model) {
    for (theme, suffix) in THEMES {
        let mut harness = window(size, theme, true, model.clone());
        harness.run();
        harness.snapshot(format!("keys_{name}_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn the_page_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    let mut filled = model(Role::Admin);
    let mut known = overview();
    known.keys.push(trusted(3, "tidepool-2024"));
    know(&mut filled, known);
    pictures(&mut results, "filled", WIDE, &filled);
    pictures(&mut results, "low", [960.0, 640.0], &filled);
    pictures(&mut results, "empty", WIDE, &without_keys(Ok(Vec::new())));
    let locked = fault(
        "The OS keyring is locked. No key was read or changed.",
        FaultKind::KeyringLocked,
    );
    pictures(&mut results, "locked", WIDE, &without_keys(Err(locked)));
}

#[test]
fn the_dialogs_look_like_the_design() {
    let mut results = SnapshotResults::new();
    pictures(&mut results, "new", WIDE, &with_dialog(new_key()));
    let wrong = Dialog::ImportKey {
        path: Some(PathBuf::from("/home/ada/keys/tidepool-old.key")),
        failed: Some(Fault {
            message: "The password does not open this key".to_owned(),
            hint: Some("Check the keyboard layout and Caps Lock. A key file cannot be opened without its password".to_owned()),
            kind: FaultKind::Password,
        }),
        busy: false,
    };
    pictures(&mut results, "import", WIDE, &with_dialog(wrong));
    let path = Some("/media/stick/tidepool-prod.key");
    pictures(&mut results, "back_up", WIDE, &with_dialog(back_up(path)));
    let mut no_dialog = with_dialog(import(None));
    no_dialog.no_picker = Some(switchtower::model::NoPicker {
        why: "The desktop offers none, and the program zenity is not installed".to_owned(),
        install: Some("sudo apt install zenity".to_owned()),
    });
    pictures(&mut results, "import_no_dialog", WIDE, &no_dialog);
    pictures(&mut results, "delete", WIDE, &with_dialog(delete()));
}
