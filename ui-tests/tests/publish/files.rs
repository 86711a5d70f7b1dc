//! The files of a build and its checks.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Key;
use egui::accesskit::Role as AccessRole;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ota_bundle::{Listing, diff};
use switchtower::model::{Action, Publish};

use crate::fixtures::{MAP, build, entry, reviewing, scan, secret, usual, without_map};
use crate::tidepool::at;
use crate::{Page, open, publish_button, reason};

fn rows(harness: &Harness<'static, Page>) -> Vec<String> {
    harness
        .get_all_by_role(AccessRole::TreeItem)
        .filter_map(|row| row.accesskit_node().label())
        .collect()
}

#[test]
fn filters_show_what_they_say() {
    let mut harness = open(reviewing(usual()));
    harness.get_by_label("All 214");
    harness.get_by_label("Removed 2").click();
    harness.run();
    let rows = rows(&harness);
    let shown: Vec<String> = rows
        .iter()
        .map(|row| row.split(", ").take(2).collect::<Vec<_>>().join(", "))
        .collect();
    assert_eq!(
        shown,
        [
            "assets, 5 of 188 differ",
            "app-B7kd02ce.js, removed",
            "images, 3 of 17 differ",
            "banner-spring.png, removed",
        ]
    );
}

#[test]
fn arrow_keys_walk_the_files_and_open_folders() {
    let mut harness = open(reviewing(usual()));
    let row = |harness: &Harness<'static, Page>, start: &str| -> bool {
        harness.get_all_by_role(AccessRole::TreeItem).any(|row| {
            row.is_focused()
                && row
                    .accesskit_node()
                    .label()
                    .is_some_and(|label| label.starts_with(start))
        })
    };
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("index.html, changed"))
        })
        .click();
    harness.run();
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("index.html, changed"))
        })
        .focus();
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert!(row(&harness, "assets,"), "{:?}", rows(&harness));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert!(
        !rows(&harness)
            .iter()
            .any(|row| row.starts_with("app-C4xq91fa.js"))
    );
    harness.key_press(Key::End);
    harness.run();
    assert!(row(&harness, "favicon.svg"), "{:?}", rows(&harness));
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert!(row(&harness, "manifest.webmanifest"));
}

#[test]
fn ten_thousand_files_draw_only_the_rows_in_sight() {
    let mut scan = scan(Vec::new());
    let files = (0..10_000).map(|number| entry(&format!("f/{number:05}.js"), 100 + number));
    scan.listing = Listing::new(files.collect());
    let build = build(scan);
    let mut model = reviewing(build.clone());
    if let Publish::Review(review) = &mut model.publish {
        let mut against = crate::fixtures::against(&build);
        against.diff = Arc::new(diff(&Listing::default(), &build.scan.listing));
        review.against.finish(Ok(against), at(0));
    }
    let mut harness = open(model);
    harness.get_by_label("All 10000");
    assert!(rows(&harness).len() < 40, "{} rows", rows(&harness).len());
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("00003.js"))
        })
        .click();
    harness.run();
    harness
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("00003.js"))
        })
        .focus();
    harness.run();
    harness.key_press(Key::End);
    harness.run_steps(30);
    assert!(rows(&harness).iter().any(|row| row.starts_with("09999.js")));
    assert!(rows(&harness).len() < 40, "{} rows", rows(&harness).len());
}

#[test]
fn a_file_is_left_out_and_taken_in_again() {
    let mut harness = open(reviewing(usual()));
    harness.get_by_label("Leave out: 1 source map").click();
    harness.run();
    assert_eq!(
        harness.state().actions,
        [Action::LeaveOut(vec![MAP.to_owned()])]
    );

    let mut harness = open(without_map());
    harness.get_by_label("SHA-256, 1 left out");
    let take_in = format!("Take {MAP} in again");
    harness.get_by_label(&take_in).click();
    harness.run();
    assert_eq!(
        harness.state().actions,
        [Action::TakeIn(vec![MAP.to_owned()])]
    );
}

#[test]
fn a_check_shows_where_and_hides_it_again() {
    let mut harness = open(reviewing(usual()));
    harness
        .get_by_label("Show where: Base path is /app/")
        .click();
    harness.run();
    harness.get_by_label("index.html:7");
    harness.get_by_label("refers to /app/");
    harness
        .get_by_label("Hide where: Base path is /app/")
        .click();
    harness.run();
    assert!(harness.query_by_label("index.html:7").is_none());
}

#[test]
fn all_checks_are_shown_on_demand() {
    let mut harness = open(reviewing(usual()));
    assert!(harness.query_by_label_contains("Usual size").is_none());
    harness.get_by_label("Show 5 more").click();
    harness.run();
    harness.get_by_label_contains("Usual size");
    harness.get_by_label("Show fewer").click();
    harness.run();
    assert!(harness.query_by_label_contains("Usual size").is_none());
}

#[test]
fn a_secret_stops_the_build_with_its_remedy() {
    let harness = open(reviewing(build(scan(vec![secret()]))));
    let button = publish_button(&harness, "staging");
    let reason = reason(&button).expect("a reason");
    assert!(
        reason.starts_with("2 secrets in 1 file. Everybody with the app can read it"),
        "{reason}"
    );
}

#[test]
fn a_build_in_a_wrapper_offers_the_folder_inside() {
    let mut wrapped = scan(Vec::new());
    let inner = PathBuf::from("/home/ada/tidepool/web/dist/browser");
    wrapped.suggested_root = Some(inner.clone());
    wrapped.findings[0].severity = ota_bundle::Severity::Stop;
    wrapped.findings[0].title = "No index.html at the root".to_owned();
    let mut harness = open(reviewing(build(wrapped)));
    harness.get_by_label("Use browser/").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::UseSuggestedFolder(inner)]);
}
