//! The Channels page.

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use switchtower::model::{Action, Event, FaultKind, Model, ServerChoice, Settings};

use crate::support::THEMES;
use crate::tidepool::{at, channel_name, know, overview};
use crate::{
    LEAST, WIDE, click, fault, pictured, reason, stale_model, tidepool_model, window, wishes,
};

/// Only staging has a release, or none has.
fn sparse_model(none: bool) -> Model {
    let mut model = tidepool_model(Role::Admin);
    let mut overview = overview();
    for channel in &mut overview.channels {
        if none || channel.name.as_str() != "staging" {
            channel.live = None;
        }
    }
    know(&mut model, overview);
    model.recent = switchtower::model::Remote::ready(Vec::new(), at(0));
    model
}

/// The server was chosen and has not answered.
fn loading_model() -> Model {
    let settings = Settings {
        server: Some(ServerChoice::Embedded),
        app: Some("tidepool".parse().unwrap()),
        ..Settings::default()
    };
    Model::start(settings, at(0)).0
}

/// A server without an app.
fn no_app_model() -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.settings.app = None;
    model.overview = switchtower::model::Remote::default();
    model.recent = switchtower::model::Remote::default();
    model.on_event(Event::Apps {
        at: at(3),
        result: Ok(Vec::new()),
    });
    model
}

/// A server that has not answered since the app started.
fn silent_model() -> Model {
    let mut model = loading_model();
    model.settings.server = Some(ServerChoice::Remote {
        url: "https://ota.tidepool.dev".to_owned(),
    });
    model.on_event(Event::Connected {
        at: at(10),
        result: Err(fault(
            FaultKind::Unreachable,
            "Cannot reach ota.tidepool.dev: nothing answers at this address",
        )),
    });
    model
}

#[test]
fn the_page_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let models = [
            ("channels", tidepool_model(Role::ReleaseManager), WIDE),
            ("channels_empty", sparse_model(false), WIDE),
            ("channels_stale", stale_model(), WIDE),
            (
                "channels_least",
                tidepool_model(Role::ReleaseManager),
                LEAST,
            ),
            ("channels_least_stale", stale_model(), LEAST),
            ("channels_least_empty", sparse_model(false), LEAST),
            ("channels_no_app", no_app_model(), WIDE),
            ("channels_no_answer", silent_model(), WIDE),
        ];
        for (name, model, size) in models {
            let mut harness = pictured(size, theme, model);
            harness.run();
            harness.snapshot(format!("{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
        let mut harness = pictured(WIDE, theme, loading_model());
        harness.run_steps(3);
        harness.snapshot(format!("channels_loading_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn promote_and_roll_back_ask_for_one_channel() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    click(&mut harness, "Promote staging to beta…");
    assert_eq!(
        wishes(&mut harness),
        [Action::AskPromote(channel_name("staging"))]
    );
    click(&mut harness, "Roll back production…");
    assert_eq!(
        wishes(&mut harness),
        [Action::AskRollBack(channel_name("production"))]
    );
    assert!(harness.query_by_label("End of the line").is_some());
}

#[test]
fn the_narrow_rows_do_the_same() {
    let mut harness = window(LEAST, egui::Theme::Light, tidepool_model(Role::Admin));
    harness.run();
    click(&mut harness, "Promote staging to beta…");
    click(&mut harness, "Roll back production…");
    assert_eq!(
        wishes(&mut harness),
        [
            Action::AskPromote(channel_name("staging")),
            Action::AskRollBack(channel_name("production")),
        ]
    );
}

#[test]
fn a_role_that_may_not_is_told_why() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Support));
    harness.run();
    assert_eq!(
        reason(&harness, "Promote staging to beta…").as_deref(),
        Some("Your role (Support) may not publish or promote")
    );
    assert_eq!(reason(&harness, "Roll back staging…"), None);
    harness.get_by_label("Promote staging to beta…").click();
    harness.run();
    assert_eq!(wishes(&mut harness), []);
}

#[test]
fn stale_channels_say_what_was_and_wait() {
    let mut harness = window(WIDE, egui::Theme::Dark, stale_model());
    harness.run();
    let waits = Some("Actions wait until the connection is back");
    for name in ["hotfix", "staging", "beta", "production"] {
        let label = format!("Roll back {name}…");
        assert_eq!(reason(&harness, &label).as_deref(), waits, "{name}");
    }
    assert_eq!(
        reason(&harness, "Promote beta to production…").as_deref(),
        waits
    );
    assert_eq!(harness.get_all_by_label("Was live").count(), 4);
    assert!(harness.query_by_label("Live").is_none());
    click(&mut harness, "Try now");
    assert_eq!(wishes(&mut harness), [Action::TryNow]);
}

#[test]
fn the_same_release_is_not_promoted_twice() {
    let mut model = tidepool_model(Role::Admin);
    let mut known = model.overview.latest().unwrap().clone();
    known.channels[2].live = known.channels[1].live.clone();
    know(&mut model, known);
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert_eq!(
        reason(&harness, "Promote staging to beta…").as_deref(),
        Some("beta already offers 2.5.0-ota.2")
    );
}

#[test]
fn an_empty_channel_offers_what_mends_it() {
    let mut harness = window(WIDE, egui::Theme::Dark, sparse_model(false));
    harness.run();
    click(&mut harness, "Promote 2.5.0-ota.2 to beta…");
    assert_eq!(
        wishes(&mut harness),
        [Action::AskPromote(channel_name("staging"))]
    );
    click(&mut harness, "Choose a build for hotfix…");
    assert_eq!(
        wishes(&mut harness),
        [
            Action::ChooseChannel(channel_name("hotfix")),
            Action::ChooseBuild,
        ]
    );
    assert!(
        harness
            .query_by_label_contains("Bring one to beta first")
            .is_some()
    );
}

#[test]
fn an_app_without_any_release_starts_at_hotfix_or_staging() {
    let mut harness = window(WIDE, egui::Theme::Dark, sparse_model(true));
    harness.run();
    assert!(
        harness
            .query_by_label("Choose a build for staging…")
            .is_some()
    );
    assert!(
        harness
            .query_by_label("Choose a build for production…")
            .is_none()
    );
}

#[test]
fn a_server_without_apps_offers_to_make_one() {
    let mut model = tidepool_model(Role::Admin);
    model.on_event(Event::Apps {
        at: at(4),
        result: Ok(Vec::new()),
    });
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    click(&mut harness, "Create an app…");
    assert_eq!(
        wishes(&mut harness),
        [Action::Open(switchtower::model::Dialog::CreateApp {
            failed: None
        })]
    );
}

#[test]
fn cards_are_reached_and_used_by_keyboard() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    let spoken = "production, protected, live, 2.4.0 #211";
    harness.get_by_label("beta, live, 2.4.1-ota.7 #218").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!(harness.get_by_label(spoken).is_focused());
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!(
        harness.get_by_label(spoken).is_focused(),
        "the last one has no next"
    );
    harness.key_press(Key::R);
    harness.run();
    assert_eq!(
        wishes(&mut harness),
        [Action::AskRollBack(channel_name("production"))]
    );
    harness.key_press(Key::ArrowLeft);
    harness.run();
    harness.key_press(Key::M);
    harness.run();
    assert_eq!(
        wishes(&mut harness),
        [Action::AskPromote(channel_name("beta"))]
    );
    harness.key_press(Key::Tab);
    harness.run();
    assert!(
        harness
            .get_by_label("Promote beta to production…")
            .is_focused()
    );
}

#[test]
fn neighbours_are_compared_by_version_and_not_by_number() {
    let mut model = tidepool_model(Role::Admin);
    let mut known = model.overview.latest().unwrap().clone();
    // Production went back to 2.4.0, which gave the old release a new, high number.
    known.channels[3].live.as_mut().unwrap().sequence = ota_model::Sequence(221);
    know(&mut model, known);
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    let texts = |text: &str| harness.query_all_by_label_contains(text).count();
    assert_eq!(texts("Ahead of production, which offers #221"), 1);
    assert_eq!(texts("Behind beta, which offers #218"), 1);
}
