//! The system's dialog: waited for, closed, and missing.

use std::path::PathBuf;

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ota_api::Role;
use switchtower::model::{Action, Dialog, Model, NoPicker, Page, Pick, Picking, RequestId};

use crate::support::THEMES;
use crate::{LEAST, WIDE, click, pictured, reason, tidepool_model, window, wishes};

fn picking(what: Pick) -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.settings.page = Page::Publish;
    let request = RequestId(7);
    model.picking = Some(Picking { request, what });
    model
}

fn without(install: Option<&str>) -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.settings.page = Page::Publish;
    model.home = Some(PathBuf::from("/home/mara"));
    model.dialog = Some(Dialog::NoPicker);
    model.no_picker = Some(NoPicker {
        why: "The desktop offers none, and the program zenity is not installed".to_owned(),
        install: install.map(str::to_owned),
    });
    model
}

#[test]
fn they_look_like_the_design() {
    let mut results = SnapshotResults::new();
    let install = Some("sudo apt install zenity");
    for (theme, suffix) in THEMES {
        for (name, model, size) in [
            ("picking", picking(Pick::Build), WIDE),
            ("no_picker", without(install), WIDE),
            ("no_picker_least", without(install), LEAST),
        ] {
            let mut harness = pictured(size, theme, model);
            harness.run();
            harness.snapshot(format!("{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
}

#[test]
fn the_window_waits_for_the_systems_dialog() {
    let mut harness = window(WIDE, egui::Theme::Dark, picking(Pick::Build));
    harness.run();
    // The dialog's name, and its title.
    let titles = harness.get_all_by_label("Choose the folder in your system’s dialog");
    assert_eq!(titles.count(), 2);
    // What lies below cannot be pressed, and no key reaches it.
    harness.get_by_label("Choose a build…").click();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::O);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::StopChoosing]);
    click(&mut harness, "Close your system’s dialog");
    assert_eq!(wishes(&mut harness), [Action::StopChoosing]);
}

#[test]
fn the_dialog_below_waits_too_and_has_the_focus_again() {
    let mut model = picking(Pick::KeyFile);
    model.settings.page = Page::Keys;
    model.dialog = Some(Dialog::ImportKey {
        path: Some(PathBuf::from("/keys/old.key")),
        failed: None,
        busy: false,
    });
    let open = model.picking.take();
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    harness.get_by_label("Choose a key file…").focus();
    harness.run();
    harness.state_mut().model.picking = open;
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
    harness.key_press(Key::Escape);
    harness.run();
    // The import is not closed with it.
    assert_eq!(wishes(&mut harness), [Action::StopChoosing]);
    harness.state_mut().model.picking = None;
    harness.run();
    assert!(harness.get_by_label("Choose a key file…").is_focused());
}

#[test]
fn where_there_is_no_dialog_the_path_is_written() {
    let mut harness = window(WIDE, egui::Theme::Dark, without(None));
    harness.run();
    let read = || "Read what this path names";
    let enabled = |harness: &egui_kittest::Harness<'_, crate::Window>| {
        let mut all = harness.get_all_by_label(read());
        all.any(|node| !node.accesskit_node().is_disabled())
    };
    assert!(!enabled(&harness));
    harness.get_by_label("The desktop offers none, and the program zenity is not installed.");
    harness.get_by_label_contains("install zenity or xdg-desktop-portal-gtk");
    // The field has the focus: a path is pasted at once.
    let fields = harness.get_all_by_label("Path of the folder");
    let field = fields.into_iter().find(egui_kittest::Node::is_focused);
    field.unwrap().type_text("~/tidepool/dist");
    harness.run();
    assert!(enabled(&harness));
    harness.key_press(Key::Enter);
    harness.run();
    let path = PathBuf::from("/home/mara/tidepool/dist");
    assert_eq!(wishes(&mut harness), [Action::Dropped(vec![path])]);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::CloseDialog]);
}

#[test]
fn the_command_that_installs_it_is_copied() {
    let install = Some("sudo dnf install zenity");
    let mut harness = window(WIDE, egui::Theme::Dark, without(install));
    harness.run();
    harness.get_by_label("sudo dnf install zenity");
    harness
        .get_by_label("Copy the command that installs zenity")
        .click();
    harness.step();
    let commands = &harness.output().platform_output.commands;
    let copied = commands.iter().any(|command| {
        matches!(command, egui::OutputCommand::CopyText(text) if text == "sudo dnf install zenity")
    });
    assert!(copied);
    assert_eq!(
        reason(&harness, "Copy the command that installs zenity"),
        None
    );
}
