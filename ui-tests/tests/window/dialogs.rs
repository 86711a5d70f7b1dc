//! The dialogs that change channels, and the small ones.

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use switchtower::model::{Action, Dialog, FaultKind, Model, Remote, Target};

use crate::support::THEMES;
use crate::tidepool::at;
use crate::{
    LEAST, WIDE, click, fault, pictured, plan, promoting, reason, rolling_back, tidepool_model,
    window, wishes,
};

const MIDDLE: [f32; 2] = [960.0, 720.0];
const ROLL_BACK: &str = "Roll back production to 2.4.0-ota.9";
const UNLOCK: &str = "Type production to unlock Roll back production to 2.4.0-ota.9";

/// A plan whose channel is paused: the one thing that its table does not say.
fn promoting_to_a_paused_channel() -> Model {
    let mut model = promoting("staging", true);
    if let Some(Dialog::Promote(dialog)) = &mut model.dialog {
        let mut known = plan("2.5.0-ota.2", 220, true);
        known.before.clone_from(&dialog.to.live);
        known.notes =
            vec!["beta is paused: devices are offered nothing until it is resumed".to_owned()];
        dialog.plan = Remote::ready(known, at(3));
    }
    model
}

fn opened(dialog: Dialog) -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.dialog = Some(dialog);
    model
}

#[test]
fn they_look_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let models = vec![
            ("roll_back", rolling_back(Role::Support, "production"), WIDE),
            (
                "roll_back_least",
                rolling_back(Role::Support, "production"),
                LEAST,
            ),
            ("promote", promoting("beta", false), WIDE),
            ("promote_paused", promoting_to_a_paused_channel(), WIDE),
            (
                "create_app",
                opened(Dialog::CreateApp { failed: None }),
                MIDDLE,
            ),
            ("shortcuts", opened(Dialog::Shortcuts), MIDDLE),
        ];
        for (name, model, size) in models {
            let mut harness = pictured(size, theme, model);
            harness.run();
            harness.snapshot(format!("{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
}

pub(crate) fn type_into(
    harness: &mut egui_kittest::Harness<'_, crate::Window>,
    label: &str,
    text: &str,
) {
    harness.get_by_label(label).focus();
    harness.run();
    harness.get_by_label(label).type_text(text);
    harness.run();
}

#[test]
fn a_protected_channel_is_rolled_back_after_a_reason_and_its_name() {
    let model = rolling_back(Role::Support, "production");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert!(harness.get_by_label("Reason").is_focused());
    assert_eq!(
        reason(&harness, ROLL_BACK).as_deref(),
        Some("Give a reason of at least 8 characters")
    );
    type_into(&mut harness, "Reason", "Blank chart");
    assert_eq!(
        reason(&harness, ROLL_BACK).as_deref(),
        Some("Type production to unlock")
    );
    type_into(&mut harness, UNLOCK, "productio");
    assert!(
        reason(&harness, ROLL_BACK).is_some(),
        "the name is compared exactly"
    );
    type_into(&mut harness, UNLOCK, "n");
    assert_eq!(reason(&harness, ROLL_BACK), None);

    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(wishes(&mut harness), [], "Enter in a field changes nothing");
    click(&mut harness, ROLL_BACK);
    assert_eq!(
        wishes(&mut harness),
        [Action::RollBack {
            reason: "Blank chart".to_owned()
        }]
    );
}

#[test]
fn an_open_channel_needs_neither() {
    let mut harness = window(
        WIDE,
        egui::Theme::Dark,
        rolling_back(Role::Support, "staging"),
    );
    harness.run();
    assert!(harness.query_by_label_contains("to unlock").is_none());
    click(&mut harness, "Roll back staging to 2.4.0");
    assert_eq!(
        wishes(&mut harness),
        [Action::RollBack {
            reason: String::new()
        }]
    );
}

#[test]
fn another_target_must_be_unlocked_again() {
    let model = rolling_back(Role::Support, "production");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    type_into(&mut harness, "Reason", "Blank chart");
    type_into(&mut harness, UNLOCK, "production");
    assert_eq!(reason(&harness, ROLL_BACK), None);
    let built_in = harness.get_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("Built-in assets"))
    });
    built_in.click();
    harness.run();
    let wanted = wishes(&mut harness);
    assert_eq!(wanted, [Action::ChooseTarget(Target::BuiltIn)]);
    let model = &mut harness.state_mut().model;
    for action in wanted {
        model.apply(action);
    }
    if let Some(Dialog::RollBack(dialog)) = &mut model.dialog {
        dialog.plan = Remote::ready(plan("2.4.0", 221, false), at(3));
    }
    harness.run();
    assert_eq!(
        reason(&harness, "Roll back production to built-in assets").as_deref(),
        Some("Type production to unlock")
    );
}

#[test]
fn escape_and_the_safe_button_keep_the_channel() {
    let model = rolling_back(Role::Support, "production");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    click(&mut harness, "Keep 2.4.0");
    assert_eq!(wishes(&mut harness), [Action::CloseDialog]);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::CloseDialog]);
}

#[test]
fn a_request_under_way_is_neither_sent_twice_nor_closed() {
    let mut model = rolling_back(Role::Support, "staging");
    model.apply(Action::RollBack {
        reason: String::new(),
    });
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert_eq!(
        reason(&harness, "Roll back staging to 2.4.0").as_deref(),
        Some("Waiting for the server")
    );
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
}

#[test]
fn unknown_numbers_are_said_to_be_unknown() {
    let model = rolling_back(Role::Support, "production");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    for text in [
        "this server keeps no record of devices yet",
        "They get 2.4.0-ota.9 again as sequence 221, because devices only accept higher numbers",
    ] {
        assert!(harness.query_by_label_contains(text).is_some(), "{text}");
    }
}

#[test]
fn a_refusal_stays_in_the_dialog_with_what_was_typed() {
    let mut model = rolling_back(Role::Support, "production");
    if let Some(Dialog::RollBack(dialog)) = &mut model.dialog {
        dialog.failed = Some(fault(FaultKind::Refused, "The reason is too short."));
    }
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    let banner = "production was not rolled back. The reason is too short.";
    assert!(harness.query_by_label_contains(banner).is_some());
}

#[test]
fn promoting_to_a_protected_channel_needs_its_name() {
    let mut harness = window(WIDE, egui::Theme::Dark, promoting("beta", false));
    harness.run();
    let button = "Promote 2.4.1-ota.7 to production";
    assert_eq!(
        reason(&harness, button).as_deref(),
        Some("Type production to unlock")
    );
    let field = "Type production to unlock Promote 2.4.1-ota.7 to production";
    type_into(&mut harness, field, "production");
    click(&mut harness, button);
    assert_eq!(wishes(&mut harness), [Action::Promote]);
}

#[test]
fn promoting_to_an_open_channel_starts_on_the_safe_button() {
    let mut harness = window(WIDE, egui::Theme::Dark, promoting("staging", true));
    harness.run();
    assert!(harness.get_by_label("Keep beta as it is").is_focused());
    assert!(
        harness
            .query_by_label_contains("#220 is its sequence, as before")
            .is_some()
    );
    click(&mut harness, "Promote 2.5.0-ota.2 to beta");
    assert_eq!(wishes(&mut harness), [Action::Promote]);
}

#[test]
fn an_app_gets_a_slug_from_its_name() {
    let mut model = tidepool_model(Role::Admin);
    model.dialog = Some(Dialog::CreateApp { failed: None });
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    type_into(&mut harness, "Name", "Tide Pool");
    click(&mut harness, "Create Tide Pool");
    assert_eq!(
        wishes(&mut harness),
        [Action::CreateApp {
            slug: "tide-pool".to_owned(),
            name: "Tide Pool".to_owned(),
            serves: ota_model::Systems::default().serves,
        }]
    );
}
