//! What interrupts: somebody else acted first, or the server no longer takes the token.

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use ota_keys::AccessToken;
use ota_model::Revision;
use switchtower::model::{Action, Again, Dialog, Event, FaultKind, Model, ServerChoice};

use crate::dialogs::type_into;
use crate::support::THEMES;
use crate::tidepool::{at, channel_name, live};
use crate::{
    WIDE, click, entry, fault, pictured, promoting, reason, rolling_back, tidepool_model, window,
    wishes,
};

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
#[test]
fn they_look_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        for (name, model) in [
            ("conflict", conflict()),
            ("token", refused()),
            ("token_again", token_refused_again()),
            ("read_only", read_only()),
        ] {
            let mut harness = pictured(WIDE, theme, model);
            harness.run();
            harness.snapshot(format!("{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
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
fn a_token_that_is_refused_is_typed_again() {
    let mut harness = window(WIDE, egui::Theme::Dark, refused());
    harness.run();
    type_into(&mut harness, "Access token", "swt_wrong");
    click(&mut harness, "Sign in again");
    do_all(&mut harness);
    assert_eq!(
        reason(&harness, "Sign in again").as_deref(),
        Some("Waiting for the server")
    );
    let unknown = "This server does not know the access token. Devices are not affected";
    harness.state_mut().model.on_event(Event::Connected {
        at: at(5),
        result: Err(fault(FaultKind::Token, unknown)),
    });
    harness.run();
    harness.get_by_label("This server does not know the access token.");
    assert!(harness.get_by_label("Access token").is_focused());
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
fn a_dialog_keeps_the_keys_of_the_window_for_itself() {
    let mut harness = window(WIDE, egui::Theme::Dark, conflict());
    harness.run();
    harness.key_press(Key::Num2);
    harness.run();
    harness.key_press(Key::F5);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
}
