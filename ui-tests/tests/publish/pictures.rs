//! How the page looks, in both themes.

use std::path::PathBuf;

use egui::Theme;
use egui_kittest::SnapshotResults;
use ota_api::Role;
use ota_model::Sequence;
use switchtower::model::{Against, Dialog, Event, FaultKind, Glance, GlanceFacts, Model, Publish};
use switchtower::ui::publish::drop_overlay_ui;

use crate::fixtures::{
    build, done, fault, publishing, reading, reviewing, scan, secret, source_map, usual,
    without_map,
};
use crate::support::{THEMES, harness, whole_window};
use crate::tidepool::{at, know, live, model, overview};
use crate::{Page, WIDE, draw, window};

const LOW: [f32; 2] = [960.0, 640.0];

fn pictures(name: &str, size: [f32; 2], model: &Model) {
    let mut results = SnapshotResults::new();
    add_pictures(&mut results, name, size, model);
}

fn add_pictures(results: &mut SnapshotResults, name: &str, size: [f32; 2], model: &Model) {
    for (theme, suffix) in THEMES {
        let mut harness = window(size, theme, true, model.clone());
        // Pages with a running step never come to rest.
        harness.run_steps(8);
        harness.snapshot(format!("publish_{name}_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn idle() {
    pictures("idle", WIDE, &model(Role::ReleaseManager));
}

#[test]
fn being_read() {
    pictures("reading", WIDE, &reading().0);
}

#[test]
fn refused() {
    let mut model = model(Role::ReleaseManager);
    model.publish = Publish::Unreadable {
        path: PathBuf::from("/home/ada/Downloads/notes.txt"),
        fault: fault(
            "This is a file and no archive of a build",
            "Drop the folder your build writes, usually dist/, or a .zip or .tar.gz of it",
            FaultKind::Local,
        ),
    };
    pictures("refused", WIDE, &model);
}

#[test]
fn reviewed() {
    let mut results = SnapshotResults::new();
    add_pictures(&mut results, "review", WIDE, &reviewing(usual()));
    add_pictures(&mut results, "review_low", LOW, &reviewing(usual()));
    add_pictures(&mut results, "review_left_out", WIDE, &without_map());
}

#[test]
fn reviewed_in_a_low_window_down_to_the_form() {
    use egui_kittest::kittest::Queryable as _;
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut harness = window(LOW, theme, true, reviewing(usual()));
        harness.run();
        harness.get_by_label("Signing key").scroll_to_me();
        harness.run_steps(30);
        harness.snapshot(format!("publish_review_low_form_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn its_menus() {
    use egui_kittest::kittest::Queryable as _;
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        for (menu, name) in [("Channel", "channel"), ("Signing key", "signing_key")] {
            let mut harness = window(WIDE, theme, true, reviewing(usual()));
            harness.run();
            harness
                .get_by_role_and_label(egui::accesskit::Role::ComboBox, menu)
                .click();
            harness.run();
            harness.snapshot(format!("publish_menu_{name}_{suffix}"));
            results.extend_harness(&mut harness);
        }
    }
}

#[test]
fn overtaken_by_somebody_else() {
    let mut model = reviewing(usual());
    let mut changed = overview();
    changed.app.last_sequence = Sequence(221);
    if let Some(staging) = changed.channels.get_mut(1) {
        staging.live = Some(live("2.5.0-ota.3", 221));
    }
    know(&mut model, changed);
    let Publish::Review(review) = &model.publish else {
        panic!("a review")
    };
    let before = review.against.latest().expect("it was compared");
    let again = Against {
        live: Some(("2.5.0-ota.3".to_owned(), Sequence(221))),
        ..before.clone()
    };
    model.on_event(Event::Compared {
        at: at(6),
        request: review.request,
        channel: review.channel.clone(),
        result: Ok(again),
    });
    pictures("moved", WIDE, &model);
}

#[test]
fn stopped_by_a_check() {
    let model = reviewing(build(scan(vec![secret(), source_map()])));
    pictures("review_stopped", WIDE, &model);
}

#[test]
fn failed() {
    let mut model = reviewing(usual());
    if let Publish::Review(review) = &mut model.publish {
        review.failed = Some(fault(
            "The OS keyring is locked. Nothing was sent, and staging still offers 2.5.0-ota.2",
            "Unlock the keyring and publish again. Your system asks for the password, Switchtower never sees it",
            FaultKind::KeyringLocked,
        ));
    }
    pictures("failed", WIDE, &model);
}

#[test]
fn running() {
    pictures("running", WIDE, &publishing().0);
}

#[test]
fn finished() {
    pictures("done", WIDE, &done(true));
}

fn overlays(results: &mut SnapshotResults, name: &str, model: &Model) {
    for (theme, suffix) in THEMES {
        let hovered = [PathBuf::from(DIST)];
        let mut harness = harness([1200.0, 760.0], theme).wgpu().build_ui_state(
            move |ui, state: &mut Page| {
                whole_window(ui, |ui| draw(ui, state));
                drop_overlay_ui(ui.ctx(), &state.model, &hovered);
            },
            Page::new(model.clone()),
        );
        harness.run();
        harness.snapshot(format!("drop_{name}_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

const DIST: &str = "/home/ada/tidepool/web/dist";

fn glanced(has_index: bool) -> Model {
    let mut model = model(Role::ReleaseManager);
    model.glance = Some(Glance {
        path: PathBuf::from(DIST),
        verdict: Ok(GlanceFacts {
            files: 214,
            bytes: 18_602_114,
            more: false,
            has_index,
            archive: false,
        }),
    });
    model
}

#[test]
fn hovering() {
    let mut results = SnapshotResults::new();
    overlays(&mut results, "good", &glanced(true));
    overlays(&mut results, "refused", &glanced(false));
}

/// What a reader hears of the overlay.
fn heard(model: Model, hovered: &[&str]) -> Vec<String> {
    use egui_kittest::kittest::NodeT as _;
    let hovered: Vec<PathBuf> = hovered.iter().map(PathBuf::from).collect();
    let mut harness = harness([1200.0, 760.0], Theme::Dark).build_ui_state(
        move |ui, model: &mut Model| drop_overlay_ui(ui.ctx(), model, &hovered),
        model,
    );
    harness.run();
    harness
        .root()
        .children_recursive()
        .filter_map(|node| {
            node.accesskit_node()
                .value()
                .or_else(|| node.accesskit_node().label())
        })
        .collect()
}

#[test]
fn the_overlay_says_why_something_cannot_be_dropped() {
    let says = |model: Model, hovered: &[&str], text: &str| {
        let heard = heard(model, hovered);
        assert!(
            heard.iter().any(|words| words.contains(text)),
            "{text}: {heard:?}"
        );
    };
    says(glanced(true), &[DIST], "214 files");
    says(glanced(false), &[DIST], "This folder has no index.html");
    says(
        glanced(false),
        &[DIST],
        "Drop the folder your build writes, usually dist/.",
    );
    says(glanced(true), &[DIST, "/tmp/other"], "These are 2 items");
    // A glance at something else says nothing of this.
    says(glanced(true), &["/tmp/other"], "Having a look");
    let mut busy = glanced(true);
    busy.dialog = Some(Dialog::Shortcuts);
    says(busy, &[DIST], "Close the dialog first");
    let mut file = model(Role::ReleaseManager);
    file.glance = Some(Glance {
        path: PathBuf::from("/tmp/notes.txt"),
        verdict: Err(fault(
            "This is a file, not a folder",
            "Drop a folder",
            FaultKind::Local,
        )),
    });
    says(file, &["/tmp/notes.txt"], "This is a file, not a folder");
}
