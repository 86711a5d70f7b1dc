//! A computer without an open keyring, from the first run to the button that publishes.

use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use ota_keys::{CustodyKind, KeyInfo};
use switchtower::model::{
    Action, Connected, Dialog, Event, Fault, FaultKind, Link, Model, Remote, ServerChoice, Settings,
};

use crate::support::THEMES;
use crate::tidepool::{at, key, key_files};
use crate::{LEAST, WIDE, click, fault, pictured, tidepool_model, window, wishes};

fn without_keyring(model: &mut Model, kind: FaultKind) {
    let message = match kind {
        FaultKind::KeyringLocked => "The OS keyring is locked. No key was read or changed",
        _ => "There is no OS keyring in this session. No key was read or changed",
    };
    model.keys.keyring = Remote::default();
    model.on_event(Event::Keys {
        at: at(0),
        result: Err(fault(kind, message)),
    });
}

fn first_run(kind: FaultKind) -> Model {
    let mut model = Model::start(Settings::default(), at(0)).0;
    without_keyring(&mut model, kind);
    model
}

/// One key, in a file.
fn with_file_key() -> Model {
    let mut model = tidepool_model(Role::Admin);
    without_keyring(&mut model, FaultKind::KeyringAbsent);
    model.on_event(Event::KeyFiles {
        at: at(0),
        result: Ok(key_files(vec![KeyInfo {
            custody: CustodyKind::File,
            ..key(1, "tidepool-prod", false)
        }])),
    });
    model
}

#[test]
fn the_first_run_says_where_keys_and_the_token_will_be() {
    let harness = window(WIDE, egui::Theme::Dark, first_run(FaultKind::KeyringAbsent));
    harness.get_by_label("In files that only their password opens");
    harness.get_by_label("Kept until you close Switchtower: no keyring is open here.");
    let harness = window(WIDE, egui::Theme::Dark, first_run(FaultKind::KeyringLocked));
    harness.get_by_label("In this computer’s keyring, or in files");
    let open = Model::start(Settings::default(), at(0)).0;
    let harness = window(WIDE, egui::Theme::Dark, open);
    harness.get_by_label("In this computer’s keyring");
    harness.get_by_label("Stored in the OS keyring, not in a file.");
}

#[test]
fn a_token_that_no_keyring_keeps_is_said_in_settings() {
    let mut model = with_file_key();
    let Link::Up(connected) = &model.link else {
        panic!("connected")
    };
    let url = "https://ota.tidepool.dev".to_owned();
    let connected = Connected {
        server: ServerChoice::Remote { url: url.clone() },
        url,
        token_kept: false,
        ..connected.as_ref().clone()
    };
    model.on_event(Event::Connected {
        at: at(0),
        result: Ok(Box::new(connected)),
    });
    model.settings.page = switchtower::model::Page::Settings;
    let harness = window(WIDE, egui::Theme::Dark, model);
    harness.get_by_label("kept until you close Switchtower, does not expire");
}

#[test]
fn the_status_bar_shows_the_file_key_and_not_the_missing_keyring() {
    let mut harness = window(WIDE, egui::Theme::Dark, with_file_key());
    harness.run();
    click(
        &mut harness,
        &format!("Key file · tidepool-prod {}", key(1, "x", false).id),
    );
    assert_eq!(
        wishes(&mut harness),
        [Action::Go(switchtower::model::Page::Keys)]
    );
}

#[test]
fn another_folder_is_used_from_settings() {
    let mut model = with_file_key();
    model.settings.page = switchtower::model::Page::Settings;
    model.settings.key_folder = Some("/media/stick/keys".into());
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    click(&mut harness, "Use Switchtower’s own folder");
    assert_eq!(wishes(&mut harness), [Action::UseKeyFolder(None)]);
    harness.get_by_label("Folder for key files").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness
        .get_by_label("Folder for key files")
        .type_text("/home/ada/keys");
    harness.run();
    click(&mut harness, "Use this folder");
    harness.get_by_label("Folder for key files").focus();
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();
    let used = Action::UseKeyFolder(Some("/home/ada/keys".into()));
    assert_eq!(wishes(&mut harness), [used.clone(), used]);
}

#[test]
fn what_was_typed_for_a_key_goes_with_its_dialog_on_every_page() {
    let mut model = with_file_key();
    let key = switchtower::model::KeyRef {
        custody: CustodyKind::File,
        name: "tidepool-prod".parse().unwrap(),
    };
    model.apply(Action::TrustKey(key.clone()));
    assert!(matches!(model.dialog, Some(Dialog::Unlock(_))));
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    let field = "Password that opens tidepool-prod";
    harness.get_by_label(field).type_text("four words of mine");
    harness.run();
    harness.state_mut().model.dialog = None;
    harness.run();
    // No page about keys is shown, and the same dialog opens again.
    harness.state_mut().model.apply(Action::TrustKey(key));
    harness.run();
    let value = harness.get_by_label(field).value();
    assert_eq!(value.unwrap_or_default(), "");
}

#[test]
fn they_look_like_the_design() {
    let mut results = SnapshotResults::new();
    let mut settings = with_file_key();
    settings.settings.page = switchtower::model::Page::Settings;
    settings.settings.key_folder = Some("/media/stick/keys".into());
    settings.keys.files = Remote::default();
    settings.on_event(Event::KeyFiles {
        at: at(0),
        result: Err(Fault {
            message: "The folder of the key files is not there: /media/stick/keys. The keys in it are not affected".to_owned(),
            hint: Some("Connect the disk that it is on, or choose another folder".to_owned()),
            kind: FaultKind::Local,
        }),
    });
    let models = [
        (
            "first_run_absent",
            WIDE,
            first_run(FaultKind::KeyringAbsent),
        ),
        (
            "first_run_locked",
            LEAST,
            first_run(FaultKind::KeyringLocked),
        ),
        ("settings_files", WIDE, settings),
    ];
    for (name, size, model) in models {
        for (theme, suffix) in THEMES {
            let mut harness = pictured(size, theme, model.clone());
            harness.run();
            harness.snapshot(format!("keyring_{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
}
