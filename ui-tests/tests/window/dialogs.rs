//! The dialogs that change channels, and those that say what happened.

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use ota_keys::AccessToken;
use ota_model::Revision;
use switchtower::model::{
    Action, Again, Dialog, Event, FaultKind, Model, Remote, ServerChoice, Target,
};

use crate::support::THEMES;
use crate::tidepool::{at, channel_name, live};
use crate::{
    LEAST, WIDE, click, entry, fault, pictured, plan, promoting, reason, rolling_back,
    tidepool_model, window, wishes,
};

const MIDDLE: [f32; 2] = [960.0, 720.0];
const ROLL_BACK: &str = "Roll back production to 2.4.0-ota.9";
const UNLOCK: &str = "Type production to unlock Roll back production to 2.4.0-ota.9";

fn conflict() -> Model {
    let mut model = tidepool_model(Role::Admin);
    let mut channel = model.channel(&channel_name("staging")).unwrap().clone();
    channel.live = Some(live("2.5.0-ota.3", 221));
    let summary = "Published 2.5.0-ota.3 #221 to staging";
    let action = ota_api::ActionKind::Published;
    let changed_by = entry(
        1483,
        -37,
        "ci-publisher",
        action,
        Some("staging"),
        summary,
        None,
    );
    model.dialog = Some(Dialog::Conflict {
        wanted: "Roll back staging to 2.5.0-ota.1".to_owned(),
        again: Some(Again::RollBack(channel_name("staging"))),
        fault: fault(
            FaultKind::Conflict {
                channel: Box::new(channel),
                changed_by: Some(Box::new(changed_by)),
            },
            "staging changed meanwhile",
        ),
    });
    model
}

/// Tidepool on a server whose token was refused.
fn refused() -> Model {
    let mut model = tidepool_model(Role::ReleaseManager);
    model.settings.server = Some(ServerChoice::Remote {
        url: "https://ota.tidepool.dev".to_owned(),
    });
    let mut expired = fault(
        FaultKind::Token,
        "Your access token expired at 2026-07-23 14:00 UTC. Devices, releases and keys are not affected. Use a new token",
    );
    expired.hint =
        Some("Make a token on the server with “switchtower-server token create”".to_owned());
    model.on_event(Event::Stream {
        at: at(3),
        fault: Some(expired),
    });
    model
}

fn token_refused_again() -> Model {
    let mut model = refused();
    model.apply(Action::SignInAgain(AccessToken::new("swt_wrong")));
    model.on_event(Event::Connected {
        at: at(4),
        result: Err(fault(
            FaultKind::Token,
            "This server does not know the access token. Devices are not affected",
        )),
    });
    model
}

fn read_only() -> Model {
    let mut model = refused();
    model.apply(Action::CloseDialog);
    model
}

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
            ("conflict", conflict(), WIDE),
            ("token", refused(), WIDE),
            ("token_again", token_refused_again(), WIDE),
            ("read_only", read_only(), WIDE),
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

fn type_into(harness: &mut egui_kittest::Harness<'_, crate::Window>, label: &str, text: &str) {
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
fn a_conflict_says_who_was_first_and_leads_back() {
    let mut harness = window(WIDE, egui::Theme::Dark, conflict());
    harness.run();
    let happened = "Published 2.5.0-ota.3 #221 to staging, by ci-publisher, 40 s ago";
    assert!(harness.query_by_label(happened).is_some());
    click(&mut harness, "Decide again on staging…");
    assert_eq!(
        wishes(&mut harness),
        [
            Action::CloseDialog,
            Action::AskRollBack(channel_name("staging"))
        ]
    );
}

/// Whoever else acted promoted 2.4.0 to beta.
fn beaten(model: &mut Model) {
    let mut channel = model.channel(&channel_name("beta")).unwrap().clone();
    channel.live = Some(live("2.4.0", 222));
    channel.revision = Revision(channel.revision.0 + 1);
    let conflict = FaultKind::Conflict {
        channel: Box::new(channel),
        changed_by: None,
    };
    model.on_event(Event::Deployed {
        at: at(5),
        channel: channel_name("beta"),
        wanted: "Rolled back beta to the release".to_owned(),
        result: Err(fault(conflict, "beta changed meanwhile")),
    });
}

fn do_all(harness: &mut egui_kittest::Harness<'_, crate::Window>) {
    for action in wishes(harness) {
        harness.state_mut().model.apply(action);
    }
    harness.run();
}

#[test]
fn after_a_conflict_the_same_dialog_opens_on_what_is_true_now() {
    let model = rolling_back(Role::Support, "beta");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    type_into(&mut harness, "Reason", "Blank chart");
    click(&mut harness, "Roll back beta to 2.4.0");
    do_all(&mut harness);
    beaten(&mut harness.state_mut().model);
    harness.run();
    let said = "Nothing was overwritten. Not done: Roll back beta to 2.4.0.";
    assert!(harness.query_by_label(said).is_some());

    click(&mut harness, "Decide again on beta…");
    do_all(&mut harness);

    let Some(Dialog::RollBack(dialog)) = &harness.state().model.dialog else {
        panic!("the roll back dialog")
    };
    assert_eq!(dialog.channel.live, Some(live("2.4.0", 222)));
    let typed = harness.get_by_label("Reason").value();
    assert_eq!(
        typed.as_deref(),
        Some("Blank chart"),
        "it is not typed twice"
    );
}

#[test]
fn after_a_conflict_a_protected_channel_is_unlocked_again() {
    let mut harness = window(WIDE, egui::Theme::Dark, promoting("beta", false));
    harness.run();
    let (button, field) = (
        "Promote 2.4.1-ota.7 to production",
        "Type production to unlock Promote 2.4.1-ota.7 to production",
    );
    type_into(&mut harness, field, "production");
    assert_eq!(reason(&harness, button), None);
    let model = &mut harness.state_mut().model;
    let Some(Dialog::Promote(dialog)) = &mut model.dialog else {
        panic!("the promote dialog")
    };
    dialog.to.revision = Revision(8);
    harness.run();
    assert_eq!(
        reason(&harness, button).as_deref(),
        Some("Type production to unlock")
    );
}

#[test]
fn a_new_token_signs_in_again() {
    let mut harness = window(WIDE, egui::Theme::Dark, refused());
    harness.run();
    assert_eq!(
        reason(&harness, "Sign in again").as_deref(),
        Some("Paste a token first")
    );
    type_into(&mut harness, "Access token", " sbx_new ");
    click(&mut harness, "Sign in again");
    assert_eq!(
        wishes(&mut harness),
        [Action::SignInAgain(AccessToken::new("sbx_new"))]
    );
}

#[test]
fn who_stays_read_only_sees_it_and_can_sign_in_from_there() {
    let mut harness = window(WIDE, egui::Theme::Dark, read_only());
    harness.run();
    let banner = "ota.tidepool.dev no longer accepts your token. Showing what was true";
    assert!(harness.query_by_label_contains(banner).is_some());
    assert_eq!(
        reason(&harness, "Roll back beta…").as_deref(),
        Some("Actions wait until you sign in again")
    );
    click(&mut harness, "Sign in again…");
    assert_eq!(wishes(&mut harness), [Action::AskSignIn]);
}

#[test]
fn a_question_for_a_token_covers_a_dialog_and_leaves_it_as_it_was() {
    let model = rolling_back(Role::Support, "production");
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    type_into(&mut harness, "Reason", "Blank chart");
    let model = &mut harness.state_mut().model;
    model.settings.server = Some(ServerChoice::Remote {
        url: "https://ota.tidepool.dev".to_owned(),
    });
    model.on_event(Event::Stream {
        at: at(4),
        fault: Some(fault(FaultKind::Token, "Your access token expired.")),
    });
    harness.run();
    assert!(harness.query_by_label("Reason").is_none());
    click(&mut harness, "Stay read-only");
    do_all(&mut harness);
    let typed = harness.get_by_label("Reason").value();
    assert_eq!(typed.as_deref(), Some("Blank chart"));
}

#[test]
fn a_new_dialog_starts_empty() {
    let mut harness = window(WIDE, egui::Theme::Dark, refused());
    harness.run();
    type_into(&mut harness, "Access token", "sbx_secret");
    harness.state_mut().model.dialog = None;
    harness.run();
    harness.state_mut().model = refused();
    harness.run();
    assert!(reason(&harness, "Sign in again").is_some());
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

#[test]
fn a_dialog_keeps_the_keys_of_the_window_for_itself() {
    let mut harness = window(WIDE, egui::Theme::Dark, conflict());
    harness.run();
    harness.key_press(Key::Num2);
    harness.run();
    harness.key_press(Key::F5);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
}
