//! The window without a server: what is drawn from a model, and which wishes come out of it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

mod channels;
mod dialogs;
mod first_run;
mod interruptions;
mod keyring;
mod menus;
mod picker;
mod shell;
#[path = "../support/mod.rs"]
mod support;
#[path = "../tidepool/mod.rs"]
#[expect(dead_code, reason = "pages are tested alone elsewhere")]
mod tidepool;

use chrono::{DateTime, Utc};
use egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ota_api::{ActionKind, ActivityEntry, ActivityPage, DeploymentRecord, Plan, Role, Statement};
use ota_model::{DeploymentKind, ReleaseKind, Revision, Sequence, Sha256};
use support::whole_window;
use switchtower::model::{Action, ChainVerdict, Dialog, Event, Fault, FaultKind, Model, Remote};
use switchtower::ui::{Forms, draw};
use tidepool::{at, channel_name, know, live};

/// The window's sizes in the design.
const WIDE: [f32; 2] = [1440.0, 900.0];
const LEAST: [f32; 2] = [960.0, 640.0];

/// What the app has, without its worker.
struct Window {
    model: Model,
    forms: Forms,
    actions: Vec<Action>,
}

impl Window {
    fn of(model: Model) -> Self {
        let mut forms = Forms::default();
        "/home/mara/.local/share/switchtower/server".clone_into(&mut forms.data_folder);
        Self {
            model,
            forms,
            actions: Vec::new(),
        }
    }
}

fn window(size: [f32; 2], theme: Theme, model: Model) -> Harness<'static, Window> {
    support::harness(size, theme).build_ui_state(draw_window, Window::of(model))
}

/// The same with a picture.
fn pictured(size: [f32; 2], theme: Theme, model: Model) -> Harness<'static, Window> {
    support::harness(size, theme)
        .wgpu()
        .build_ui_state(draw_window, Window::of(model))
}

fn draw_window(ui: &mut egui::Ui, window: &mut Window) {
    whole_window(ui, |ui| {
        draw(ui, &window.model, &mut window.forms, &mut window.actions);
    });
}

/// Take the wishes since the last call.
fn wishes(harness: &mut Harness<'_, Window>) -> Vec<Action> {
    std::mem::take(&mut harness.state_mut().actions)
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run();
}

/// Whether the control of this name can be used; if not, why.
fn reason(harness: &Harness<'_, Window>, label: &str) -> Option<String> {
    let node = harness.get_by_label(label);
    let node = node.accesskit_node();
    node.is_disabled()
        .then(|| node.data().description().unwrap_or_default().to_owned())
}

/// Tidepool as the pictures of the design have it, as far as this server knows it.
fn tidepool_model(role: Role) -> Model {
    let mut model = tidepool::model(role);
    let mut overview = tidepool::overview();
    let facts = [
        (
            "2.4.1-hotfix.2",
            215,
            -4 * 86_400,
            "Design team",
            DeploymentKind::Publish,
        ),
        (
            "2.5.0-ota.2",
            220,
            -38 * 60,
            "ci-publisher",
            DeploymentKind::Publish,
        ),
        (
            "2.4.1-ota.7",
            218,
            -2 * 86_400,
            "Release desk",
            DeploymentKind::Promote,
        ),
        (
            "2.4.0",
            211,
            -9 * 86_400,
            "Release desk",
            DeploymentKind::Promote,
        ),
    ];
    for (channel, (version, sequence, since, by, kind)) in overview.channels.iter_mut().zip(facts) {
        let mut release = live(version, sequence);
        release.since = at(since);
        by.clone_into(&mut release.by);
        release.kind = kind;
        channel.live = Some(release);
    }
    know(&mut model, overview);
    let page = ActivityPage {
        entries: events(),
        head: 1482,
        next: None,
    };
    model.on_event(Event::Activity {
        at: at(0),
        app: "tidepool".parse().expect("a slug"),
        result: Ok((page, ChainVerdict::Good { head: 1482 })),
    });
    model.on_event(Event::Tick(at(3)));
    model
}

/// What happened to Tidepool, the newest first.
fn events() -> Vec<ActivityEntry> {
    vec![
        entry(
            1482,
            -2280,
            "ci-publisher",
            ActionKind::Published,
            Some("staging"),
            "Published 2.5.0-ota.2 #220 to staging",
            None,
        ),
        entry(
            1481,
            -2460,
            "ci-publisher",
            ActionKind::ReleaseReady,
            None,
            "Verified 2.5.0-ota.2, signed with RWQk7Jx2",
            None,
        ),
        entry(
            1480,
            -8_000,
            "Night support",
            ActionKind::RolledBack,
            Some("hotfix"),
            "Rolled back hotfix to 2.4.1-hotfix.2 as #215",
            Some("Blank tide chart on Android 12, ticket TP-4471"),
        ),
        entry(
            1479,
            -12_000,
            "Design team",
            ActionKind::Published,
            Some("hotfix"),
            "Published 2.4.1-hotfix.3 #214 to hotfix",
            None,
        ),
        entry(
            1478,
            -172_000,
            "Release desk",
            ActionKind::Promoted,
            Some("beta"),
            "Promoted 2.4.1-ota.7 #218 from staging to beta",
            None,
        ),
        entry(
            1477,
            -173_000,
            "Release desk",
            ActionKind::KeyTrusted,
            None,
            "Trusts the key tidepool-prod",
            None,
        ),
        entry(
            1476,
            -777_000,
            "Release desk",
            ActionKind::Promoted,
            Some("production"),
            "Promoted 2.4.0 #211 from beta to production",
            None,
        ),
    ]
}

fn entry(
    number: u64,
    seconds: i64,
    by: &str,
    action: ActionKind,
    channel: Option<&str>,
    summary: &str,
    reason: Option<&str>,
) -> ActivityEntry {
    ActivityEntry {
        statement: Statement {
            app: "tidepool".parse().expect("a slug"),
            entry: number,
            at: at(seconds),
            by: by.to_owned(),
            action,
            channel: channel.map(channel_name),
            revision: None,
            version: None,
            sequence: None,
            digest: None,
            reason: reason.map(str::to_owned),
            summary: summary.to_owned(),
        },
        previous: Sha256::of(b"before"),
        hash: Sha256::of(summary.as_bytes()),
    }
}

/// The server stopped answering 18 minutes ago.
fn stale_model() -> Model {
    let mut model = tidepool_model(Role::ReleaseManager);
    model.settings.server = Some(switchtower::model::ServerChoice::Remote {
        url: "https://ota.tidepool.dev".to_owned(),
    });
    model.on_event(Event::Stream {
        at: at(1080),
        fault: Some(fault(
            FaultKind::Unreachable,
            "The server did not answer within 10 seconds",
        )),
    });
    model.on_event(Event::Tick(at(1083)));
    model
}

fn fault(kind: FaultKind, message: &str) -> Fault {
    Fault {
        message: message.to_owned(),
        hint: None,
        kind,
    }
}

fn record(version: &str, sequence: u64, since: i64, until: Option<i64>) -> DeploymentRecord {
    let mut live = live(version, sequence);
    live.since = at(since);
    DeploymentRecord {
        live,
        until: until.map(at),
        recalled: false,
    }
}

const DAY: i64 = 86_400;

/// What ran on production, the newest first.
fn history() -> Vec<DeploymentRecord> {
    vec![
        record("2.4.0", 211, -9 * DAY, None),
        record("2.4.0-ota.9", 210, -21 * DAY, Some(-9 * DAY)),
        record("2.3.4", 204, -60 * DAY, Some(-21 * DAY)),
    ]
}

fn plan(version: &str, sequence: u64, keeps: bool) -> Plan {
    Plan {
        revision: Revision(7),
        before: Some(live("2.4.0", 211)),
        release: live(version, sequence).release,
        version: version.parse().expect("a version"),
        release_kind: ReleaseKind::Web,
        sequence: Sequence(sequence),
        keeps_sequence: keeps,
        size_bytes: 4_908_000,
        min_binary_version: "2.3.0".parse().expect("a version"),
        devices: None,
        notes: Vec::new(),
    }
}

/// The roll back dialog of a channel, with its history and the plan for what is recommended.
fn rolling_back(role: Role, channel: &str) -> Model {
    let mut model = tidepool_model(role);
    model.apply(Action::AskRollBack(channel_name(channel)));
    model.on_event(Event::History {
        at: at(3),
        channel: channel_name(channel),
        result: Ok(history()),
    });
    if let Some(Dialog::RollBack(dialog)) = &mut model.dialog {
        dialog.plan = Remote::ready(plan("2.4.0-ota.9", 221, false), at(3));
    }
    model
}

/// The promote dialog of a channel.
fn promoting(from: &str, keeps: bool) -> Model {
    let mut model = tidepool_model(Role::Admin);
    model.apply(Action::AskPromote(channel_name(from)));
    if let Some(Dialog::Promote(dialog)) = &mut model.dialog {
        let mut known = plan("2.5.0-ota.2", if keeps { 220 } else { 221 }, keeps);
        known.before.clone_from(&dialog.to.live);
        dialog.plan = Remote::ready(known, at(3));
    }
    model
}

/// A moment for tests that count.
fn now(model: &Model) -> DateTime<Utc> {
    model.now
}
