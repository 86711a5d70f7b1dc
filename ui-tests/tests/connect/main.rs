//! The page that connects an app: what it serves, what to paste, and the first check, by label and by picture.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
#[path = "../tidepool/mod.rs"]
#[expect(dead_code, reason = "pages are tested alone elsewhere")]
mod tidepool;

use std::collections::BTreeSet;

use egui::{Key, Theme, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use ota_api::{
    App, AppOverview, Check, CheckAnswer, CheckEvent, Checks, Role, ServerInfo, SystemChecks,
};
use ota_model::{ClientSystem, NoUpdate, Systems};
use support::{THEMES, harness, whole_window};
use switchtower::model::{Action, Event, Fault, FaultKind, Job, Link, Model, Page as Screen};
use switchtower::ui::{Forms, draw};
use tidepool::{at, channel_name, know, model, overview, public_key, trusted};

const WIDE: [f32; 2] = [1440.0, 900.0];
const LEAST: [f32; 2] = [960.0, 640.0];

/// The window with its model, and what was wished for. Wishes are not applied.
struct Window {
    model: Model,
    forms: Forms,
    actions: Vec<Action>,
}

fn draw_window(ui: &mut egui::Ui, window: &mut Window) {
    whole_window(ui, |ui| {
        draw(ui, &window.model, &mut window.forms, &mut window.actions);
    });
}

fn window(
    size: impl Into<Vec2>,
    theme: Theme,
    pictures: bool,
    model: Model,
) -> Harness<'static, Window> {
    let builder = harness(size, theme);
    let builder = if pictures { builder.wgpu() } else { builder };
    let state = Window {
        model,
        forms: Forms::default(),
        actions: Vec::new(),
    };
    builder.build_ui_state(draw_window, state)
}

fn open(model: Model) -> Harness<'static, Window> {
    let mut harness = window(WIDE, Theme::Dark, false, model);
    harness.run();
    harness
}

fn wishes(harness: &mut Harness<'_, Window>) -> Vec<Action> {
    std::mem::take(&mut harness.state_mut().actions)
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run();
}

fn row(harness: &mut Harness<'_, Window>, system: ClientSystem) {
    let start = format!("{}, ", system.label());
    harness
        .get_by(|node| {
            node.role() == egui::accesskit::Role::ListBoxOption
                && node.label().is_some_and(|label| label.starts_with(&start))
        })
        .click();
    harness.run();
}

fn serving(serves: &[ClientSystem]) -> AppOverview {
    let mut known = overview();
    known.app.systems = Systems {
        serves: serves.iter().copied().collect(),
        ..Systems::default()
    };
    known
}

fn nothing_seen() -> Checks {
    let row = |system| SystemChecks {
        system,
        count: 0,
        first_at: None,
        last: None,
    };
    Checks {
        since: at(-3600),
        systems: ClientSystem::ALL.map(row).into(),
    }
}

/// Tidepool on a server with TLS, on the page.
fn connecting(role: Role, serves: &[ClientSystem]) -> Model {
    let mut model = model(role);
    if let Link::Up(connected) = &mut model.link {
        connected.session.server = ServerInfo {
            version: "0.1.0".to_owned(),
            public_url: "https://ota.tidepool.dev".to_owned(),
        };
    }
    know(&mut model, serving(serves));
    model.apply(Action::Go(Screen::Connect));
    model.on_event(Event::Checks {
        at: at(0),
        app: "tidepool".parse().unwrap(),
        result: Ok(nothing_seen()),
    });
    model.on_event(Event::Tick(at(3)));
    model
}

fn check(seconds: i64) -> Check {
    Check {
        at: at(seconds),
        asked_channel: Some("production".to_owned()),
        channel: Some(channel_name("production")),
        platform: Some("linux".to_owned()),
        arch: Some("x86_64".to_owned()),
        binary_version: Some("1.4.2".to_owned()),
        current: Some("0".to_owned()),
        answer: CheckAnswer {
            text: "got 2.4.0".to_owned(),
            version: Some("2.4.0".to_owned()),
            sequence: Some(211),
            reason: None,
        },
    }
}

fn asked(system: ClientSystem, count: u64, last: Check) -> Event {
    Event::Checked {
        at: last.at,
        event: Box::new(CheckEvent {
            app: "tidepool".parse().unwrap(),
            checks: SystemChecks {
                system,
                count,
                first_at: Some(at(0)),
                last: Some(last),
            },
        }),
    }
}

const HOTSWAP: &[ClientSystem] = &[ClientSystem::Hotswap];

#[test]
fn the_rail_leads_to_the_page_while_an_app_is_chosen() {
    let mut harness = open(model(Role::Viewer));
    click(&mut harness, "Connect your app");
    harness.key_press(Key::Num4);
    harness.run();
    assert_eq!(
        wishes(&mut harness),
        [Action::Go(Screen::Connect), Action::Go(Screen::Connect)]
    );

    let mut none = model(Role::Admin);
    none.settings.app = None;
    let harness = open(none.clone());
    assert!(harness.query_by_label("Connect your app").is_none());
    assert_eq!(none.apply(Action::Go(Screen::Connect)), []);
}

#[test]
fn the_page_asks_which_devices_asked_when_it_opens_and_when_the_stream_stands_again() {
    let mut model = model(Role::Viewer);
    let wanted = Job::FetchChecks("tidepool".parse().unwrap());
    assert!(model.apply(Action::Go(Screen::Connect)).contains(&wanted));
    let again = model.on_event(Event::Stream {
        at: at(9),
        fault: None,
    });
    assert!(again.contains(&wanted));
    model.apply(Action::Go(Screen::Channels));
    let elsewhere = model.on_event(Event::Stream {
        at: at(10),
        fault: None,
    });
    assert!(!elsewhere.contains(&wanted));
}

#[test]
fn what_to_paste_is_copied_with_the_key_in_the_spelling_of_the_client() {
    let mut harness = open(connecting(Role::Viewer, &ClientSystem::ALL));
    let public = public_key(1);
    for (system, spelled) in [
        (ClientSystem::Hotswap, public.hotswap()),
        (ClientSystem::TauriUpdater, public.tauri()),
        (ClientSystem::SyncKit, public.tauri()),
    ] {
        row(&mut harness, system);
        harness
            .get_by_label("Copy step 2, src-tauri/tauri.conf.json")
            .click();
        harness.step();
        let commands = &harness.output().platform_output.commands;
        let copied = commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        harness.run_steps(2);
        let copied = copied.unwrap();
        assert!(
            copied.contains(&format!("\"pubkey\": \"{spelled}\"")),
            "{copied}"
        );
        assert!(copied.contains("https://ota.tidepool.dev/"), "{copied}");
    }
}

#[test]
fn the_newest_key_is_taken_until_another_one_is_chosen() {
    let mut model = connecting(Role::Viewer, HOTSWAP);
    let mut known = serving(HOTSWAP);
    known.keys = vec![trusted(2, "tidepool-next"), trusted(1, "tidepool-prod")];
    know(&mut model, known);
    let mut harness = open(model);
    harness.get_by_label_contains(&public_key(2).hotswap());
    click(&mut harness, "Public key");
    click(&mut harness, "tidepool-prod");
    harness.get_by_label_contains(&public_key(1).hotswap());
}

#[test]
fn the_chosen_channel_stands_in_the_configuration() {
    let mut harness = open(connecting(Role::Viewer, HOTSWAP));
    harness.get_by_label_contains("\"channel\": \"production\"");
    click(&mut harness, "Channel");
    click(&mut harness, "beta");
    harness.get_by_label_contains("\"channel\": \"beta\"");
}

#[test]
fn a_switch_serves_a_system_and_its_toast_takes_it_back() {
    let mut model = connecting(Role::Admin, HOTSWAP);
    let mut harness = open(model.clone());
    click(&mut harness, "Serve Capgo");
    let wish = Action::Serve {
        system: ClientSystem::Capgo,
        serve: true,
    };
    assert_eq!(wishes(&mut harness), std::slice::from_ref(&wish));

    let jobs = model.apply(wish.clone());
    let [
        Job::SetSystems {
            request, systems, ..
        },
    ] = jobs.as_slice()
    else {
        panic!("{jobs:?}")
    };
    let both = BTreeSet::from([ClientSystem::Hotswap, ClientSystem::Capgo]);
    assert_eq!(systems.serves, both);
    assert_eq!(model.apply(wish), [], "one change at a time");
    let done = |systems| App {
        systems,
        ..overview().app
    };
    model.on_event(Event::SystemsSet {
        at: at(4),
        request: *request,
        result: Ok(done(systems.clone())),
    });
    assert!(model.serves(ClientSystem::Capgo));

    let mut harness = open(model.clone());
    assert!(says(&harness, "Tidepool serves Capgo"));
    click(&mut harness, "Undo");
    let undo = wishes(&mut harness);
    let [Action::UndoServe(_)] = undo.as_slice() else {
        panic!("{undo:?}")
    };
    let jobs = model.apply(undo.into_iter().next().unwrap());
    let [Job::SetSystems { systems, .. }] = jobs.as_slice() else {
        panic!("{jobs:?}")
    };
    assert_eq!(systems.serves, HOTSWAP.iter().copied().collect());
}

#[test]
fn a_refused_change_leaves_what_was_and_says_why() {
    let mut model = connecting(Role::Admin, HOTSWAP);
    let jobs = model.apply(Action::Serve {
        system: ClientSystem::NativeBundle,
        serve: true,
    });
    let [Job::SetSystems { request, .. }] = jobs.as_slice() else {
        panic!("{jobs:?}")
    };
    model.on_event(Event::SystemsSet {
        at: at(4),
        request: *request,
        result: Err(fault("other answers at the fixed paths already")),
    });
    assert!(!model.serves(ClientSystem::NativeBundle));
    let harness = open(model);
    assert!(says(&harness, "Native bundle manifest is still not served"));
    assert!(says(&harness, "fixed paths already"));
}

/// A notice is named as a whole, and has parts.
fn says(harness: &Harness<'_, Window>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

fn fault(message: &str) -> Fault {
    Fault {
        message: message.to_owned(),
        hint: None,
        kind: FaultKind::Refused,
    }
}

#[test]
fn who_may_not_change_the_app_is_told() {
    let harness = open(connecting(Role::Support, HOTSWAP));
    let node = harness.get_by_label("Serve Capgo");
    let node = node.accesskit_node();
    assert!(node.is_disabled());
    assert_eq!(
        node.data().description(),
        Some("Your role (Support) may not change apps and keys")
    );
}

#[test]
fn the_first_check_takes_the_place_of_waiting() {
    let mut model = connecting(Role::Viewer, HOTSWAP);
    let harness = open(model.clone());
    harness.get_by_label_contains("Waiting for the first check…");

    model.on_event(asked(ClientSystem::Hotswap, 1, check(10)));
    model.on_event(Event::Tick(at(17)));
    let harness = open(model.clone());
    harness.get_by_label_contains(
        "First check: linux x86_64, binary 1.4.2, sequence 0 → got 2.4.0, 7 s ago",
    );
    assert!(harness.query_by_label_contains("Waiting for").is_none());

    model.on_event(asked(ClientSystem::Hotswap, 1_200, check(20)));
    // An older answer does not take back what is known.
    model.on_event(asked(ClientSystem::Hotswap, 2, check(11)));
    let harness = open(model);
    harness.get_by_label_contains("Last check: ");
    harness.get_by_label_contains("1,200 checks since the server started");
}

#[test]
fn a_device_that_asks_in_vain_is_a_warning() {
    let mut model = connecting(Role::Viewer, HOTSWAP);
    let mut wrong = check(10);
    wrong.asked_channel = Some("nightly".to_owned());
    wrong.channel = None;
    wrong.answer = CheckAnswer {
        text: "nothing: the app has no channel “nightly”".to_owned(),
        version: None,
        sequence: None,
        reason: Some(NoUpdate::UnknownChannel),
    };
    model.on_event(asked(ClientSystem::Hotswap, 1, wrong));
    let harness = open(model);
    harness.get_by_label_contains("It asks for a channel “nightly”, which the app does not have");
}

#[test]
fn without_a_key_the_page_leads_to_the_keys() {
    let mut harness = open(keyless());
    assert!(harness.query_by_label_contains("Put this into").is_none());
    click(&mut harness, "Go to Keys");
    assert_eq!(wishes(&mut harness), [Action::Go(Screen::Keys)]);
    // Clients that carry no such key can be set up all the same.
    row(&mut harness, ClientSystem::NativeBundle);
    harness.get_by_label_contains("Put this into your app");
}

fn keyless() -> Model {
    let mut model = connecting(Role::Admin, HOTSWAP);
    let mut known = serving(HOTSWAP);
    known.keys.clear();
    know(&mut model, known);
    model
}

#[test]
fn a_server_that_does_not_say_who_asked_leaves_the_rest_of_the_page() {
    let mut model = connecting(Role::Viewer, HOTSWAP);
    model.on_event(Event::Checks {
        at: at(4),
        app: "tidepool".parse().unwrap(),
        result: Err(fault("There is nothing at this path")),
    });
    let mut harness = open(model);
    harness.get_by_label_contains("The server does not say which devices asked");
    harness.get_by_label_contains("Put this into your app");
    click(&mut harness, "Try again");
    assert_eq!(wishes(&mut harness), [Action::Refresh]);
}

fn stale() -> Model {
    let mut model = connecting(Role::Admin, HOTSWAP);
    model.on_event(Event::Stream {
        at: at(60),
        fault: Some(Fault {
            kind: FaultKind::Unreachable,
            ..fault("The server did not answer within 10 seconds")
        }),
    });
    model.on_event(Event::Tick(at(65)));
    model
}

#[test]
fn what_is_old_says_so_and_changes_nothing() {
    let harness = open(stale());
    harness.get_by_label_contains("Whether devices ask is not known now");
    let node = harness.get_by_label("Serve Capgo");
    assert!(node.accesskit_node().is_disabled());
}

fn pictures(results: &mut SnapshotResults, name: &str, size: [f32; 2], model: &Model) {
    for (theme, suffix) in THEMES {
        let mut harness = window(size, theme, true, model.clone());
        harness.run();
        harness.snapshot(format!("connect_{name}_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn the_page_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    let serves = &[ClientSystem::Hotswap, ClientSystem::Capgo];
    let waiting = connecting(Role::Admin, serves);
    pictures(&mut results, "waiting", WIDE, &waiting);
    let mut seen = waiting.clone();
    seen.on_event(asked(ClientSystem::Capgo, 48, {
        let mut phone = check(2);
        phone.platform = Some("android".to_owned());
        phone.arch = None;
        phone.current = Some("2.3.0".to_owned());
        phone
    }));
    seen.on_event(asked(ClientSystem::Hotswap, 1, check(3)));
    seen.on_event(Event::Tick(at(12)));
    pictures(&mut results, "first_check", WIDE, &seen);
    pictures(&mut results, "least", LEAST, &seen);
    pictures(&mut results, "no_key", WIDE, &keyless());
    pictures(&mut results, "stale", WIDE, &stale());
    // The server inside the app: plain http.
    let mut here = connecting(Role::Admin, &[ClientSystem::TauriUpdater]);
    if let Link::Up(connected) = &mut here.link {
        connected.session.server.public_url = "http://127.0.0.1:7420".to_owned();
    }
    pictures(&mut results, "http", WIDE, &here);
}

#[test]
fn a_system_that_is_not_served_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut harness = window(WIDE, theme, true, connecting(Role::Admin, HOTSWAP));
        harness.run();
        row(&mut harness, ClientSystem::Capgo);
        harness.snapshot(format!("connect_not_served_{suffix}"));
        results.extend_harness(&mut harness);
    }
}
