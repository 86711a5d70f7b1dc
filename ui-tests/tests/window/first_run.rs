//! The first run.

use egui::Key;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use ota_api::{Role, ServerInfo, Session};
use ota_keys::AccessToken;
use switchtower::model::{Action, Event, FaultKind, Link, Model, ProbeAnswer, Probed, Settings};

use crate::support::THEMES;
use crate::tidepool::at;
use crate::{LEAST, WIDE, click, fault, pictured, reason, window, wishes};

const ADDRESS: &str = "https://ota.tidepool.dev";

fn first_run() -> Model {
    Model::start(Settings::default(), at(0)).0
}

fn probed(model: &mut Model, result: Result<ProbeAnswer, switchtower::model::Fault>) {
    model.on_event(Event::Probed(Box::new(Probed {
        url: ADDRESS.to_owned(),
        result,
    })));
}

fn session() -> Session {
    Session {
        server: ServerInfo {
            version: "0.1.0".to_owned(),
            public_url: ADDRESS.to_owned(),
        },
        operator: "Release desk".to_owned(),
        role: Role::ReleaseManager,
        expires_at: Some(at(5_900_000)),
    }
}

#[test]
fn it_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut harness = pictured(WIDE, theme, first_run());
        harness.run();
        harness.snapshot(format!("first_run_{suffix}"));
        results.extend_harness(&mut harness);

        let mut model = first_run();
        let answer = ProbeAnswer {
            session: Some(session()),
            token_fault: None,
        };
        probed(&mut model, Ok(answer));
        let mut harness = pictured(WIDE, theme, model);
        type_into(&mut harness, "Server address", ADDRESS);
        type_into(&mut harness, "Access token", "sbx_1234567890abcdef4f2a");
        harness.run();
        harness.snapshot(format!("first_run_connect_{suffix}"));
        results.extend_harness(&mut harness);

        let mut harness = pictured(LEAST, theme, first_run());
        harness.run();
        harness.snapshot(format!("first_run_least_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

fn type_into(harness: &mut egui_kittest::Harness<'_, crate::Window>, label: &str, text: &str) {
    harness.get_by_label(label).focus();
    harness.run();
    harness.get_by_label(label).type_text(text);
    // Long enough for the typing to rest.
    harness.run_steps(6);
}

#[test]
fn enter_starts_the_server_inside_the_app() {
    let mut harness = window(WIDE, egui::Theme::Dark, first_run());
    harness.run();
    assert!(harness.get_by_label("Start a local server").is_focused());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::StartLocalServer]);
}

#[test]
fn while_it_starts_it_is_not_started_again() {
    let mut model = first_run();
    model.apply(Action::StartLocalServer);
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert_eq!(
        reason(&harness, "Start a local server").as_deref(),
        Some("It starts")
    );
}

#[test]
fn what_is_typed_is_asked_once_it_rests() {
    let mut harness = window(WIDE, egui::Theme::Dark, first_run());
    harness.run();
    type_into(&mut harness, "Server address", ADDRESS);
    assert_eq!(
        wishes(&mut harness),
        [Action::Probe {
            url: ADDRESS.to_owned(),
            token: None
        }]
    );
    assert_eq!(
        reason(&harness, "Connect to ota.tidepool.dev").as_deref(),
        Some("Paste an access token first")
    );
    type_into(&mut harness, "Access token", "sbx_1");
    assert_eq!(
        wishes(&mut harness),
        [Action::Probe {
            url: ADDRESS.to_owned(),
            token: Some(AccessToken::new("sbx_1"))
        }]
    );
    click(&mut harness, "Connect to ota.tidepool.dev");
    assert_eq!(
        wishes(&mut harness),
        [Action::Connect {
            url: ADDRESS.to_owned(),
            token: AccessToken::new("sbx_1")
        }]
    );
}

#[test]
fn a_half_address_is_explained_and_not_asked() {
    let mut harness = window(WIDE, egui::Theme::Dark, first_run());
    harness.run();
    type_into(&mut harness, "Server address", "ota.tidepool.dev");
    assert_eq!(wishes(&mut harness), []);
    assert!(
        harness
            .query_by_label_contains("Write the whole address")
            .is_some()
    );
}

#[test]
fn a_refused_token_is_said_below_its_field() {
    let mut model = first_run();
    let refused = fault(FaultKind::Token, "The server does not know this token");
    let answer = ProbeAnswer {
        session: None,
        token_fault: Some(refused),
    };
    probed(&mut model, Ok(answer));
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    type_into(&mut harness, "Server address", ADDRESS);
    type_into(&mut harness, "Access token", "sbx_1");
    assert!(
        harness
            .query_by_label("The server does not know this token")
            .is_some()
    );
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let mut model = first_run();
    model.apply(Action::StartLocalServer);
    model.on_event(Event::Connected {
        at: at(1),
        result: Err(fault(
            FaultKind::Local,
            "The data folder cannot be written.",
        )),
    });
    assert!(matches!(model.link, Link::FirstRun { busy: false, .. }));
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert!(
        harness
            .query_by_label_contains("The data folder cannot be written")
            .is_some()
    );
}
