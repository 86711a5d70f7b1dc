//! Builds in every state of publishing.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use ota_api::{ArtifactSummary, ChannelState, Deployed, ReleaseSummary, Role};
use ota_bundle::{CheckId, FileEntry, Finding, IgnoredEntry, Listing, Place, Scan, Severity, diff};
use ota_model::{ArtifactKind, ReleaseId, ReleaseKind, ReleaseState, Revision, Sequence, Sha256};
use serde_json::json;
use switchtower::model::{
    Action, Against, DeviceAnswer, Done, Event, Fault, FaultKind, Job, LogLine, Model, Prepared,
    Publish, PublishOrder, RequestId, StepName, StepPhase, StepState,
};

use crate::tidepool::{at, channel_name, in_keyring, live, model, public_key};

pub(crate) fn entry(path: &str, size_bytes: u64) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        size_bytes,
        sha256: Sha256::of(format!("{path} {size_bytes}").as_bytes()),
    }
}

/// What both builds have in common.
fn unchanged() -> Vec<FileEntry> {
    let mut files = vec![
        entry("favicon.svg", 900),
        entry("assets/inter-subset.woff2", 48_300),
        entry("images/tide-map@2x.webp", 212_600),
    ];
    for number in 0..182 {
        let name = format!("assets/chunk-{number:03}.js");
        files.push(entry(&name, 60_000 + number * 311));
    }
    for number in 0..13 {
        let name = format!("images/station-{number:02}.webp");
        files.push(entry(&name, 90_000 + number * 1_700));
    }
    for language in ["de", "fr", "nl", "pt", "sv"] {
        files.push(entry(&format!("locales/{language}.json"), 10_600));
    }
    files
}

pub(crate) fn before() -> Listing {
    let mut files = unchanged();
    files.extend([
        entry("index.html", 3_888),
        entry("manifest.webmanifest", 1_182),
        entry("assets/app-B7kd02ce.js", 799_100),
        entry("assets/app-Du8e1b70.css", 92_400),
        entry("assets/tide-chart.worker.js", 154_100),
        entry("images/onboarding-3.webp", 72_900),
        entry("images/banner-spring.png", 41_200),
        entry("locales/en.json", 10_100),
    ]);
    Listing::new(files)
}

pub(crate) const MAP: &str = "assets/tide-chart.worker.js.map";

pub(crate) fn after(with_map: bool) -> Listing {
    let mut files = unchanged();
    files.extend([
        entry("index.html", 4_100),
        entry("manifest.webmanifest", 1_200),
        entry("assets/app-C4xq91fa.js", 812_400),
        entry("assets/app-Du8e1b70.css", 96_200),
        entry("assets/tide-chart.worker.js", 148_000),
        entry("images/onboarding-3.webp", 88_900),
        entry("images/banner-summer.webp", 41_400),
        entry("locales/en.json", 11_200),
    ]);
    if with_map {
        files.push(entry(MAP, 182_700));
    }
    Listing::new(files)
}

fn finding(check: CheckId, severity: Severity, title: &str, detail: &str) -> Finding {
    Finding {
        check,
        severity,
        title: title.to_owned(),
        detail: detail.to_owned(),
        remedy: None,
        paths: Vec::new(),
        places: Vec::new(),
        can_ignore: false,
    }
}

fn place(path: &str, line: Option<u64>, note: &str) -> Place {
    Place {
        path: path.to_owned(),
        line,
        note: note.to_owned(),
    }
}

fn passed() -> Vec<Finding> {
    [
        (CheckId::EntryPage, "index.html at the root", "index.html"),
        (
            CheckId::Secrets,
            "No secrets found",
            "21 patterns, 208 files",
        ),
        (
            CheckId::SizeLimit,
            "Within the download limit",
            "5.12 MB, 512 MiB is the limit",
        ),
        (
            CheckId::Links,
            "Regular files only",
            "no links, no special files",
        ),
        (CheckId::Names, "Names fit every system", "211 files"),
        (CheckId::NameCase, "No names differ only in case", ""),
        (CheckId::Leftovers, "Nothing left behind by tools", ""),
        (
            CheckId::LocalAddresses,
            "No addresses of your own machine",
            "index.html",
        ),
        (
            CheckId::Growth,
            "Usual size",
            "212 KB more than what is live, packed",
        ),
    ]
    .into_iter()
    .map(|(check, title, detail)| finding(check, Severity::Pass, title, detail))
    .collect()
}

pub(crate) fn source_map() -> Finding {
    Finding {
        remedy: Some("Everybody with the app can read your source. Leave it out, unless that is what you want".to_owned()),
        paths: vec![MAP.to_owned()],
        places: vec![place(MAP, None, "182.7 KB")],
        can_ignore: true,
        ..finding(CheckId::SourceMaps, Severity::Decide, "1 source map", "readable source, 183 KB")
    }
}

fn base_path() -> Finding {
    Finding {
        remedy: Some("Build with the base path / or ./".to_owned()),
        paths: vec!["index.html".to_owned()],
        places: vec![place("index.html", Some(7), "refers to /app/")],
        ..finding(
            CheckId::BasePath,
            Severity::Decide,
            "Base path is /app/",
            "devices serve from /",
        )
    }
}

pub(crate) fn secret() -> Finding {
    Finding {
        remedy: Some("Everybody with the app can read it. Take it out of your build, and replace it where it is used".to_owned()),
        paths: vec!["assets/app-C4xq91fa.js".to_owned()],
        places: vec![
            place("assets/app-C4xq91fa.js", Some(1), "AWS access key"),
            place("assets/app-C4xq91fa.js", Some(418), "private key"),
        ],
        ..finding(CheckId::Secrets, Severity::Stop, "2 secrets in 1 file", "AWS access key, private key")
    }
}

pub(crate) fn scan(findings: Vec<Finding>) -> Scan {
    let mut all = findings;
    all.extend(passed());
    Scan {
        root: PathBuf::from("/home/ada/tidepool/web/dist"),
        listing: after(true),
        findings: all,
        ignored: Vec::new(),
        suggested_root: None,
    }
}

pub(crate) fn build(scan: Scan) -> Prepared {
    Prepared {
        path: scan.root.clone(),
        scan: Arc::new(scan),
        archive_bytes: 5_120_000,
        sha256: Sha256::of(b"the new bundle"),
        took_ms: 840,
    }
}

/// The build as it was read first, with two checks to decide.
pub(crate) fn usual() -> Prepared {
    build(scan(vec![source_map(), base_path()]))
}

pub(crate) fn against(build: &Prepared) -> Against {
    Against {
        channel: channel_name("staging"),
        live: Some(("2.5.0-ota.2".to_owned(), Sequence(220))),
        diff: Arc::new(diff(&before(), &build.scan.listing)),
        live_bytes: Some(4_908_000),
    }
}

/// A folder was dropped and is being read.
pub(crate) fn reading() -> (Model, RequestId) {
    let mut model = model(Role::ReleaseManager);
    let path = PathBuf::from("/home/ada/tidepool/web/dist");
    let jobs = model.apply(Action::Dropped(vec![path]));
    let Some(Job::Read { request, .. }) = jobs.last() else {
        panic!("a dropped folder is read: {jobs:?}")
    };
    let request = *request;
    model.on_event(Event::ReadProgress {
        request,
        files: (131, 211),
        bytes: (11_800_000, 18_602_114),
    });
    (model, request)
}

/// A build in review, compared with what is live on staging.
pub(crate) fn reviewing(build: Prepared) -> Model {
    let (mut model, request) = reading();
    let comparison = against(&build);
    model.on_event(Event::Read {
        request,
        result: Ok(Box::new(build)),
    });
    model.on_event(Event::Compared {
        at: at(0),
        request,
        channel: channel_name("staging"),
        result: Ok(comparison),
    });
    model
}

pub(crate) fn fault(message: &str, hint: &str, kind: FaultKind) -> Fault {
    Fault {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        kind,
    }
}

fn order() -> PublishOrder {
    PublishOrder {
        version: "2.5.0-ota.3".to_owned(),
        notes: "**Tide charts** load without the blank frame.".to_owned(),
        min_binary_version: "2.3.0".to_owned(),
        channel: channel_name("staging"),
        key: in_keyring("tidepool-prod"),
    }
}

fn step(name: StepName, detail: &str, bytes: Option<(u64, u64)>, phase: StepPhase) -> StepState {
    StepState {
        name,
        detail: detail.to_owned(),
        bytes,
        phase,
    }
}

/// The build is being uploaded.
pub(crate) fn publishing() -> (Model, RequestId) {
    let mut model = reviewing(usual());
    let jobs = model.apply(Action::Publish(order()));
    let Some(Job::Publish { request, .. }) = jobs.last() else {
        panic!("a complete order is published: {jobs:?}")
    };
    let request = *request;
    let steps = [
        step(
            StepName::Bundling,
            "210 files, 18.4 MB packed to 4.99 MB. 1 source map left out.",
            None,
            StepPhase::Done { took_ms: 1_100 },
        ),
        step(
            StepName::Signing,
            "tidepool-prod, from the OS keyring",
            None,
            StepPhase::Done { took_ms: 300 },
        ),
        step(
            StepName::Uploading,
            "1.8 MB/s · about 1 s left · 2 of 5 parts confirmed",
            Some((3_210_000, 4_990_000)),
            StepPhase::Running,
        ),
    ];
    for step in steps {
        model.on_event(Event::PublishStep { request, step });
    }
    for (milliseconds, verb, text) in [
        (204, "read", "211 files, 18,602,114 bytes"),
        (
            911,
            "skip",
            "assets/tide-chart.worker.js.map (you chose to leave it out)",
        ),
        (
            1_337,
            "pack",
            "tar.gz 4,990,112 bytes, sha256 b41c90ae…77f2",
        ),
        (1_640, "sign", "minisign ok"),
        (1_702, "put", "part 1/5 · part 2/5"),
        (2_911, "put", "part 3/5 …"),
    ] {
        let line = LogLine {
            at: at(0) + TimeDelta::milliseconds(milliseconds),
            verb: verb.to_owned(),
            text: text.to_owned(),
        };
        model.on_event(Event::PublishLog { request, line });
    }
    (model, request)
}

fn released() -> ReleaseSummary {
    ReleaseSummary {
        installers: Vec::new(),
        id: ReleaseId("release-2.5.0-ota.3".to_owned()),
        version: "2.5.0-ota.3".parse().expect("a version"),
        kind: ReleaseKind::Web,
        state: ReleaseState::Ready,
        notes: order().notes,
        min_binary_version: "2.3.0".parse().expect("a version"),
        max_binary_version: None,
        sequence: Some(Sequence(221)),
        live_on: vec![channel_name("staging")],
        artifacts: vec![ArtifactSummary {
            kind: ArtifactKind::TarGz,
            sha256: Sha256::of(b"the new bundle"),
            size_bytes: 4_990_112,
            signature: "untrusted comment: signature".to_owned(),
            key_id: public_key(1).id(),
            url: "http://127.0.0.1:7420/b/x.tar.gz".to_owned(),
        }],
        files: Some(210),
        unpacked_bytes: Some(18_400_000),
        created_at: at(0),
        created_by: "Release desk".to_owned(),
    }
}

/// It is live. The device's answer is there, or still awaited.
pub(crate) fn done(answered: bool) -> Model {
    let (mut model, request) = publishing();
    let channel = ChannelState {
        native: None,
        name: channel_name("staging"),
        position: 1,
        protected: false,
        paused: false,
        revision: Revision(8),
        live: Some(live("2.5.0-ota.3", 221)),
    };
    model.on_event(Event::Published {
        at: at(7),
        request,
        result: Ok(Box::new(Done {
            release: released(),
            deployed: Deployed {
                channel,
                previous: Some(live("2.5.0-ota.2", 220)),
                activity_entry: 1_483,
            },
            took_ms: 6_400,
            device: switchtower::model::Remote::default(),
            log: Vec::new(),
            files: 210,
            key: in_keyring("tidepool-prod"),
        })),
    });
    if answered {
        model.on_event(Event::DeviceAnswered {
            at: at(7),
            result: Ok(DeviceAnswer {
                request: "GET /c/hotswap/tidepool/220?binary_version=2.3.0&channel=staging"
                    .to_owned(),
                status: 200,
                took_ms: 31,
                body: Some(json!({
                    "version": "2.5.0-ota.3",
                    "sequence": 221,
                    "min_binary_version": "2.3.0",
                    "url": "http://127.0.0.1:7420/b/b41c90ae77f2.tar.gz",
                    "signature": "dW50cnVzdGVkIGNvbW1lbnQ6IHNpZ25hdHVyZSBmcm9tIHN3aXRjaHRvd2Vy",
                    "notes": order().notes,
                    "pub_date": "2026-07-23T14:39:05Z",
                    "mandatory": false,
                    "bundle_size": 4_990_112,
                })),
            }),
        });
    }
    model
}

/// The build was packed again without its source map.
pub(crate) fn without_map() -> Model {
    let mut model = reviewing(usual());
    model.apply(Action::LeaveOut(vec![MAP.to_owned()]));
    let Publish::Review(review) = &model.publish else {
        panic!("a review")
    };
    let request = review.request;
    let mut scan = scan(vec![base_path()]);
    scan.listing = after(false);
    scan.ignored = vec![IgnoredEntry {
        path: MAP.to_owned(),
        files: 1,
        size_bytes: 182_700,
    }];
    let build = build(scan);
    let comparison = against(&build);
    model.on_event(Event::Read {
        request,
        result: Ok(Box::new(build)),
    });
    model.on_event(Event::Compared {
        at: at(0),
        request,
        channel: channel_name("staging"),
        result: Ok(comparison),
    });
    model
}
