//! Wishes and events in, state and work out.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ota_api::{
    App, AppOverview, ChannelState, Deploy, DeployAction, Deployed, DeploymentRecord, LiveRelease,
    Role, ServerInfo, Session,
};
use ota_bundle::{Listing, Scan};
use ota_keys::CustodyKind;
use ota_model::{ChannelName, DeploymentKind, ReleaseId, ReleaseKind, Revision, Sequence, Sha256};

use super::*;

mod conflicts;
mod connection;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + seconds)
}

fn name(text: &str) -> ChannelName {
    text.parse().unwrap()
}

fn live(version: &str, sequence: u64) -> LiveRelease {
    LiveRelease {
        sequence: Sequence(sequence),
        release: ReleaseId(format!("release-{version}")),
        version: version.parse().unwrap(),
        release_kind: ReleaseKind::Web,
        kind: DeploymentKind::Publish,
        since: at(0),
        by: "Release desk".to_owned(),
        reason: None,
        min_binary_version: "1.0.0".parse().unwrap(),
        size_bytes: 5_000_000,
    }
}

fn channel(text: &str, position: u32, protected: bool, live: Option<LiveRelease>) -> ChannelState {
    ChannelState {
        native: None,
        name: name(text),
        position,
        protected,
        paused: false,
        revision: Revision(7),
        live,
    }
}

fn overview() -> AppOverview {
    AppOverview {
        app: App {
            systems: ota_model::Systems::default(),
            slug: "tidepool".parse().unwrap(),
            name: "Tidepool".to_owned(),
            default_channel: name("production"),
            last_sequence: Sequence(220),
            created_at: at(0),
        },
        channels: vec![
            channel("hotfix", 0, false, None),
            channel("staging", 1, false, Some(live("2.5.0", 220))),
            channel("production", 2, true, Some(live("2.4.0", 211))),
        ],
        keys: Vec::new(),
        activity_head: 12,
    }
}

fn connected(role: Role) -> Box<Connected> {
    Box::new(Connected {
        server: ServerChoice::Embedded,
        url: "http://127.0.0.1:7420".to_owned(),
        session: Session {
            server: ServerInfo {
                version: "0.1.0".to_owned(),
                public_url: "http://127.0.0.1:7420".to_owned(),
            },
            operator: "Release desk".to_owned(),
            role,
            expires_at: None,
        },
        latency_ms: 3,
        token_kept: true,
    })
}

/// An app that shows Tidepool.
fn up(role: Role) -> Model {
    let (mut model, _) = Model::start(Settings::default(), at(0));
    model.on_event(Event::Connected {
        at: at(1),
        result: Ok(connected(role)),
    });
    let apps = vec![overview().app];
    model.on_event(Event::Apps {
        at: at(1),
        result: Ok(apps),
    });
    let app = "tidepool".parse().unwrap();
    model.on_event(Event::Overview {
        at: at(2),
        app,
        result: Ok(Box::new(overview())),
    });
    model
}

fn build() -> Prepared {
    let scan = Scan {
        root: PathBuf::from("/tmp/dist"),
        listing: Listing::default(),
        findings: Vec::new(),
        ignored: Vec::new(),
        suggested_root: None,
    };
    Prepared {
        path: PathBuf::from("/tmp/dist"),
        scan: Arc::new(scan),
        archive_bytes: 5_120_000,
        sha256: Sha256::of(b"bundle"),
        took_ms: 840,
    }
}

fn reviewing() -> Model {
    let mut model = up(Role::Admin);
    let jobs = model.apply(Action::Dropped(vec![PathBuf::from("/tmp/dist")]));
    let Some(Job::Read { request, .. }) = jobs.last() else {
        panic!("{jobs:?}")
    };
    model.on_event(Event::Read {
        request: *request,
        result: Ok(Box::new(build())),
    });
    model
}

/// “tidepool-prod” in the keyring or in a file.
fn key_ref(custody: CustodyKind) -> KeyRef {
    KeyRef {
        custody,
        name: "tidepool-prod".parse().unwrap(),
    }
}

fn order() -> PublishOrder {
    PublishOrder {
        version: "2.5.1".to_owned(),
        notes: String::new(),
        min_binary_version: "2.3.0".to_owned(),
        channel: name("staging"),
        key: key_ref(CustodyKind::Keyring),
    }
}

fn fault(kind: FaultKind) -> Fault {
    Fault {
        message: "It failed".to_owned(),
        hint: None,
        kind,
    }
}

#[test]
fn the_first_start_asks_for_nothing_but_the_keys() {
    let (model, jobs) = Model::start(Settings::default(), at(0));
    assert!(matches!(model.link, Link::FirstRun { busy: false, .. }));
    assert_eq!(jobs, [Job::ListKeys, Job::ListKeyFiles]);
}

#[test]
fn a_later_start_goes_to_the_server_that_was_used_last() {
    let settings = Settings {
        server: Some(ServerChoice::Embedded),
        ..Settings::default()
    };
    let (model, jobs) = Model::start(settings, at(0));
    assert_eq!(model.link, Link::Starting);
    assert!(jobs.contains(&Job::Connect {
        server: ServerChoice::Embedded,
        token: None
    }));
}

#[test]
fn connecting_shows_the_first_app_and_its_channels() {
    let model = up(Role::Admin);
    assert_eq!(model.app().map(AppSlug::as_str), Some("tidepool"));
    assert_eq!(
        model
            .overview
            .latest()
            .map(|overview| overview.channels.len()),
        Some(3)
    );
    assert_eq!(model.settings.server, Some(ServerChoice::Embedded));
}

#[test]
fn a_server_that_goes_away_leaves_what_was_true_on_the_screen() {
    let mut model = up(Role::Admin);
    let app = "tidepool".parse().unwrap();
    model.on_event(Event::Overview {
        at: at(60),
        app,
        result: Err(fault(FaultKind::Unreachable)),
    });
    assert!(model.is_stale());
    assert!(model.overview.latest().is_some());
    assert_eq!(model.overview.fetched_at(), Some(at(2)));
    assert!(model.cannot_publish().is_some());
    assert!(model.cannot_roll_back().is_some());
    // It is tried again by itself, and what is shown becomes current.
    let jobs = model.on_event(Event::Tick(at(76)));
    assert_eq!(
        jobs,
        [Job::Connect {
            server: ServerChoice::Embedded,
            token: None
        }]
    );
    assert_eq!(model.on_event(Event::Tick(at(77))), []);
    let jobs = model.on_event(Event::Connected {
        at: at(78),
        result: Ok(connected(Role::Admin)),
    });
    assert!(!model.is_stale());
    assert!(jobs.iter().any(|job| matches!(job, Job::FetchOverview(_))));
}

#[test]
fn an_answer_for_another_app_is_dropped() {
    let mut model = up(Role::Admin);
    let before = model.overview.clone();
    let mut other = overview();
    other.app.slug = "other-app".parse().unwrap();
    let app = "other-app".parse().unwrap();
    model.on_event(Event::Overview {
        at: at(9),
        app,
        result: Ok(Box::new(other)),
    });
    assert_eq!(model.overview, before);
}

#[test]
fn roles_see_what_they_may_do() {
    let can = |role| {
        let model = up(role);
        (
            model.cannot_publish().is_none(),
            model.cannot_roll_back().is_none(),
            model.cannot_administer().is_none(),
        )
    };
    assert_eq!(can(Role::Viewer), (false, false, false));
    assert_eq!(can(Role::Designer), (false, false, false));
    assert_eq!(can(Role::Support), (false, true, false));
    assert_eq!(can(Role::ReleaseManager), (true, true, false));
    assert_eq!(can(Role::Admin), (true, true, true));
}

#[test]
fn a_dropped_folder_is_read_compared_and_reviewed_for_a_harmless_channel() {
    let mut model = reviewing();
    assert_eq!(model.page(), Page::Publish);
    let Publish::Review(review) = &model.publish else {
        panic!("{:?}", model.publish)
    };
    assert_eq!(review.channel, name("staging"));
    // Never a protected one, even if it was used last.
    model.settings.channel = Some(name("production"));
    assert_eq!(model.default_channel(), Some(name("staging")));
}

#[test]
fn several_items_are_refused_in_words() {
    let mut model = up(Role::Admin);
    let jobs = model.apply(Action::Dropped(vec![
        PathBuf::from("/a"),
        PathBuf::from("/b"),
    ]));
    assert_eq!(jobs, []);
    let Publish::Unreadable { fault, .. } = &model.publish else {
        panic!("{:?}", model.publish)
    };
    assert!(
        fault.message.starts_with("2 items were dropped"),
        "{}",
        fault.message
    );
}

#[test]
fn nothing_is_read_while_a_dialog_is_open() {
    let mut model = up(Role::Admin);
    model.apply(Action::Open(Dialog::Shortcuts));
    assert_eq!(
        model.apply(Action::Dropped(vec![PathBuf::from("/tmp/dist")])),
        []
    );
    assert_eq!(model.publish, Publish::Idle);
}

#[test]
fn progress_of_an_older_reading_is_dropped() {
    let mut model = up(Role::Admin);
    model.apply(Action::Dropped(vec![PathBuf::from("/tmp/one")]));
    let jobs = model.apply(Action::Dropped(vec![PathBuf::from("/tmp/two")]));
    assert!(matches!(jobs.first(), Some(Job::Cancel(_))), "{jobs:?}");
    let Some(Job::Cancel(old)) = jobs.first() else {
        panic!()
    };
    model.on_event(Event::Read {
        request: *old,
        result: Ok(Box::new(build())),
    });
    assert!(matches!(&model.publish, Publish::Reading(reading) if reading.path.ends_with("two")));
}

#[test]
fn leaving_a_file_out_packs_again_and_keeps_the_form() {
    let mut model = reviewing();
    let jobs = model.apply(Action::LeaveOut(vec!["a.map".to_owned()]));
    assert!(
        matches!(jobs.as_slice(), [Job::Read { left_out, .. }] if left_out == &["a.map"]),
        "{jobs:?}"
    );
    let Publish::Review(review) = &model.publish else {
        panic!()
    };
    assert!(review.repacking);
    // What is not settled cannot be published.
    assert_eq!(model.apply(Action::Publish(order())), []);
}

#[test]
fn publishing_carries_the_revision_that_was_seen() {
    let mut model = reviewing();
    let jobs = model.apply(Action::Publish(order()));
    let Some(Job::Publish {
        revision, order, ..
    }) = jobs.last()
    else {
        panic!("{jobs:?}")
    };
    assert_eq!(*revision, Revision(7));
    assert_eq!(order.version, "2.5.1");
    assert!(
        matches!(&model.publish, Publish::Running(running) if running.before.as_deref() == Some("2.5.0"))
    );
}

#[test]
fn cancelling_is_free_until_the_channel_is_about_to_change() {
    let mut model = reviewing();
    let jobs = model.apply(Action::Publish(order()));
    let Some(Job::Publish { request, .. }) = jobs.last().cloned() else {
        panic!()
    };
    let step = |phase| StepState {
        name: StepName::Live,
        detail: String::new(),
        bytes: None,
        phase,
    };
    let mut late = model.clone();
    late.on_event(Event::PublishStep {
        request,
        step: step(StepPhase::Running),
    });
    assert_eq!(late.apply(Action::CancelPublish), []);

    assert_eq!(model.apply(Action::CancelPublish), [Job::Cancel(request)]);
    let cancelled = Err(fault(FaultKind::Cancelled));
    model.on_event(Event::Published {
        at: at(5),
        request,
        result: cancelled,
    });
    assert!(matches!(&model.publish, Publish::Review(review) if review.failed.is_none()));
}

#[test]
fn a_failed_publish_keeps_the_build() {
    let mut model = reviewing();
    let jobs = model.apply(Action::Publish(order()));
    let Some(Job::Publish { request, .. }) = jobs.last().cloned() else {
        panic!()
    };
    let refused = Err(fault(FaultKind::KeyringLocked));
    model.on_event(Event::Published {
        at: at(5),
        request,
        result: refused,
    });
    let Publish::Review(review) = &model.publish else {
        panic!()
    };
    assert_eq!(
        review.failed.as_ref().map(|fault| &fault.kind),
        Some(&FaultKind::KeyringLocked)
    );
    assert_eq!(review.build, build());
}

fn record(version: &str, sequence: u64, recalled: bool) -> DeploymentRecord {
    DeploymentRecord {
        live: live(version, sequence),
        until: Some(at(1)),
        recalled,
    }
}

#[test]
fn the_roll_back_dialog_proposes_what_ran_before() {
    let mut model = up(Role::Support);
    let jobs = model.apply(Action::AskRollBack(name("production")));
    assert!(matches!(jobs.as_slice(), [Job::FetchHistory { .. }]));
    let history = vec![
        record("2.4.0", 211, false),
        record("2.3.9", 209, true),
        record("2.3.8", 208, false),
        record("2.3.8", 200, false),
    ];
    let jobs = model.on_event(Event::History {
        at: at(3),
        channel: name("production"),
        result: Ok(history),
    });
    // 2.4.0 is live, 2.3.9 was recalled; 2.3.8 stands once.
    let target = Target::Release(ReleaseId("release-2.3.8".to_owned()));
    let Some(Dialog::RollBack(dialog)) = &model.dialog else {
        panic!()
    };
    assert_eq!(dialog.target, Some(target));
    assert_eq!(dialog.targets().len(), 1);
    let deploy = Deploy {
        action: DeployAction::Rollback {
            release: ReleaseId("release-2.3.8".to_owned()),
        },
        reason: None,
    };
    assert!(
        matches!(jobs.as_slice(), [Job::Plan { deploy: planned, .. }] if *planned == deploy),
        "{jobs:?}"
    );

    let jobs = model.apply(Action::RollBack {
        reason: " Blank chart ".to_owned(),
    });
    let deploy = Deploy {
        reason: Some("Blank chart".to_owned()),
        ..deploy
    };
    let (app, channel) = ("tidepool".parse().unwrap(), name("production"));
    assert_eq!(
        jobs,
        [Job::Deploy {
            app,
            channel,
            revision: Revision(7),
            deploy
        }]
    );
    // A second click while the first is under way does nothing.
    assert_eq!(
        model.apply(Action::RollBack {
            reason: "Blank chart".to_owned()
        }),
        []
    );
}

#[test]
fn without_history_the_built_in_assets_are_proposed() {
    let mut model = up(Role::Support);
    model.apply(Action::AskRollBack(name("production")));
    model.on_event(Event::History {
        at: at(3),
        channel: name("production"),
        result: Ok(Vec::new()),
    });
    assert!(
        matches!(&model.dialog, Some(Dialog::RollBack(dialog)) if dialog.target == Some(Target::BuiltIn))
    );
}

#[test]
fn what_was_rolled_back_from_is_not_proposed_again() {
    let mut model = up(Role::Support);
    model.apply(Action::AskRollBack(name("production")));
    let mut back = record("2.4.0", 222, false);
    back.live.kind = DeploymentKind::Rollback;
    let history = vec![
        back,
        record("2.5.0", 221, false),
        record("2.4.0", 211, false),
        record("2.3.8", 208, false),
    ];
    model.on_event(Event::History {
        at: at(3),
        channel: name("production"),
        result: Ok(history),
    });
    let Some(Dialog::RollBack(dialog)) = &model.dialog else {
        panic!()
    };
    // It can be chosen all the same.
    assert_eq!(dialog.targets().len(), 2);
    let target = Target::Release(ReleaseId("release-2.3.8".to_owned()));
    assert_eq!(dialog.target, Some(target));
}

#[test]
fn support_cannot_open_the_promote_dialog() {
    let mut model = up(Role::Support);
    assert_eq!(model.apply(Action::AskPromote(name("staging"))), []);
    assert_eq!(model.dialog, None);
    assert_eq!(
        model.toasts.last().map(|toast| toast.kind),
        Some(ToastKind::Failed)
    );
}

#[test]
fn a_done_deployment_closes_its_dialog_and_tells_where_it_stands() {
    let mut model = up(Role::Admin);
    model.apply(Action::AskPromote(name("staging")));
    let mut promoted = overview().channels[2].clone();
    promoted.live = Some(live("2.5.0", 220));
    let deployed = Deployed {
        channel: promoted,
        previous: Some(live("2.4.0", 211)),
        activity_entry: 13,
    };
    model.on_event(Event::Deployed {
        at: at(4),
        channel: name("production"),
        wanted: "Promoted 2.5.0 to production".to_owned(),
        result: Ok(Box::new(deployed)),
    });
    assert_eq!(model.dialog, None);
    assert_eq!(
        model.toasts.last().map(|toast| toast.detail.as_str()),
        Some("As #220, entry 13")
    );
    // It goes away by itself.
    model.on_event(Event::Tick(at(60)));
    assert_eq!(model.toasts, []);
}

#[test]
fn a_key_that_could_not_be_made_says_so_in_its_dialog() {
    let mut model = up(Role::Admin);
    model.apply(Action::Open(Dialog::NewKey {
        failed: None,
        busy: false,
    }));
    model.apply(Action::GenerateKey {
        name: "prod".to_owned(),
        keep: Keep::Keyring,
        trust: true,
    });
    assert!(matches!(
        model.dialog,
        Some(Dialog::NewKey { busy: true, .. })
    ));
    let locked = Err(fault(FaultKind::KeyringLocked));
    model.on_event(Event::KeyDone {
        done: "Generated prod".to_owned(),
        custody: CustodyKind::Keyring,
        result: locked,
    });
    assert!(matches!(
        &model.dialog,
        Some(Dialog::NewKey {
            failed: Some(_),
            busy: false
        })
    ));
}

#[test]
fn a_broken_chain_is_said_once_and_stays() {
    let mut model = up(Role::Admin);
    let page = || ota_api::ActivityPage {
        entries: Vec::new(),
        head: 12,
        next: None,
    };
    for seconds in [5, 6] {
        let app = "tidepool".parse().unwrap();
        let result = Ok((page(), ChainVerdict::Broken { entry: 9 }));
        model.on_event(Event::Activity {
            at: at(seconds),
            app,
            result,
        });
    }
    assert_eq!(model.toasts.len(), 1);
    model.on_event(Event::Tick(at(600)));
    assert_eq!(model.toasts.len(), 1);
    assert_eq!(model.chain, Some(ChainVerdict::Broken { entry: 9 }));
}

#[test]
fn percent_says_a_hundred_only_when_all_is_done() {
    assert_eq!(percent(999, 1000), 99);
    assert_eq!(percent(1000, 1000), 100);
    assert_eq!(percent(0, 0), 100);
    assert_eq!(percent(0, 5), 0);
}

#[test]
fn a_second_click_makes_no_second_app() {
    let mut model = up(Role::Admin);
    model.apply(Action::Open(Dialog::CreateApp { failed: None }));
    let create = || Action::CreateApp {
        slug: "other".to_owned(),
        name: "Other".to_owned(),
        serves: ota_model::Systems::default().serves,
    };
    assert_eq!(model.apply(create()).len(), 1);
    assert_eq!(model.apply(create()), []);
    // After a refusal it can be tried again.
    model.on_event(Event::AppCreated(Err(fault(FaultKind::Refused))));
    assert_eq!(model.apply(create()).len(), 1);
}

#[test]
fn the_folder_within_an_archive_is_read_while_the_archive_is_still_unpacked() {
    let mut model = reviewing();
    let jobs = model.apply(Action::UseSuggestedFolder(PathBuf::from("/tmp/dist/app")));
    assert!(
        matches!(jobs.as_slice(), [Job::Read { path, .. }] if path.ends_with("app")),
        "{jobs:?}"
    );
}
