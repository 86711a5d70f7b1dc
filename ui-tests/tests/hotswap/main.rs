//! The real `tauri-plugin-hotswap` in a real web view, against the real server process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

mod client;
mod meddler;
mod publisher;
mod session;

use std::path::Path;

use ota_testing::{RealBuild, WebBuild};
use sha2::{Digest as _, Sha256};

use client::{App, Device, InUse};
use meddler::{Meddler, Mischief};
use publisher::Publisher;

const BUILT_IN_PAGE: &str = "Built-in page";

/// A device that asks the server directly.
fn device(publisher: &Publisher, channel: &str) -> Device {
    Device::new(
        &publisher.endpoint(publisher.url()),
        &publisher.public_key(),
        channel,
    )
}

fn using(version: &str, sequence: u64) -> InUse {
    InUse {
        active: true,
        version: Some(version.to_owned()),
        sequence,
    }
}

fn using_built_in() -> InUse {
    InUse {
        active: false,
        version: None,
        sequence: 0,
    }
}

/// Whether the web view gets the very bytes of this file of a web build.
fn serves(app: &mut App, build: &Path, file: &str) -> bool {
    let bytes = fs_err::read(build.join(file)).unwrap();
    let asset = app.asset(&format!("/{file}"));
    asset.status == 200 && asset.sha256 == hex::encode(Sha256::digest(&bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_web_build_reaches_the_app_and_survives_a_restart() {
    let publisher = Publisher::new().await;
    let device = device(&publisher, "beta");
    let mut app = device.start();
    assert_eq!(app.page().title, BUILT_IN_PAGE);
    assert!(!app.check().available);

    let build = RealBuild::Older.path();
    publisher.publish("beta", "17.1.1", build.clone()).await;
    let offer = app.take_update();

    assert_eq!(
        (offer.version.as_deref(), offer.sequence),
        (Some("17.1.1"), Some(1))
    );
    assert_eq!(app.in_use(), using("17.1.1", 1));
    assert!(serves(&mut app, &build, "index.html"));
    assert_ne!(app.page().title, BUILT_IN_PAGE);
    let steps = ["download-complete", "apply", "ready-confirmed"].map(str::to_owned);
    assert!(app.lifecycle().ends_with(&steps), "{:?}", app.lifecycle());
    app.quit();

    // protocols.md 1.8 trap 1: the release's own minimum is below this binary, and yet the update is still there.
    let mut app = device.start();
    assert_eq!(app.in_use(), using("17.1.1", 1));
    assert!(serves(&mut app, &build, "index.html"));
    assert!(!app.check().available);
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_real_web_build_replaces_the_one_before() {
    let publisher = Publisher::new().await;
    let mut app = device(&publisher, "beta").start();
    for (version, build, sequence) in [
        ("17.1.1", RealBuild::Older, 1),
        ("18.0.0", RealBuild::Newer, 2),
    ] {
        publisher.publish("beta", version, build.path()).await;

        app.take_update();

        assert_eq!(app.in_use(), using(version, sequence));
        assert!(serves(&mut app, &build.path(), "index.html"));
    }
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_release_is_the_same_on_the_next_channel() {
    let publisher = Publisher::new().await;
    let build = WebBuild::new(1);
    let staged = publisher.publish("staging", "1.0.0", build.path()).await;
    let mut app = device(&publisher, "production").start();
    assert!(!app.check().available, "nothing is on production yet");

    let promoted = publisher
        .promote("staging", "production", &staged.release.id)
        .await;
    app.take_update();

    assert_eq!(promoted.sequence, staged.sequence);
    assert_eq!(app.in_use(), using("1.0.0", 1));
    assert_eq!(app.page().title, build.title());
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_changes_channel_hears_nothing_new_about_what_it_runs() {
    let publisher = Publisher::new().await;
    let staged = publisher
        .publish("staging", "1.0.0", WebBuild::new(1).path())
        .await;
    publisher
        .promote("staging", "production", &staged.release.id)
        .await;
    let mut app = device(&publisher, "staging").start();
    app.take_update();

    app.follow("production");

    assert!(!app.check().available);
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rollback_the_app_runs_the_earlier_release() {
    let publisher = Publisher::new().await;
    let (good, bad) = (WebBuild::new(1), WebBuild::new(2));
    let device = device(&publisher, "production");
    let mut app = device.start();
    let earlier = publisher.publish("production", "1.0.0", good.path()).await;
    app.take_update();
    publisher.publish("production", "1.1.0", bad.path()).await;
    app.take_update();
    assert_eq!(app.page().title, bad.title());

    publisher.roll_back("production", &earlier.release.id).await;
    app.take_update();

    assert_eq!(app.in_use(), using("1.0.0", 3));
    assert_eq!(app.page().title, good.title());
    assert!(!app.check().available);
    app.quit();
    let mut app = device.start();
    assert_eq!(app.page().title, good.title());
    assert!(!app.check().available);
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_assets_come_back_and_stay_until_the_next_release() {
    let publisher = Publisher::new().await;
    let (first, next) = (WebBuild::new(1), WebBuild::new(2));
    publisher.publish("production", "1.0.0", first.path()).await;
    let device = device(&publisher, "production");
    let mut app = device.start();
    app.take_update();
    assert_eq!(app.page().title, first.title());

    publisher.go_built_in("production").await;
    app.take_update();

    assert_eq!(app.page().title, BUILT_IN_PAGE);
    assert!(!app.check().available);
    app.quit();
    let mut app = device.start();
    assert_eq!(app.page().title, BUILT_IN_PAGE);
    assert!(app.page().text.contains("This page came with the binary"));
    assert_eq!(app.in_use().sequence, 2);
    assert!(!app.check().available);

    publisher.publish("production", "1.1.0", next.path()).await;
    app.take_update();
    assert_eq!(app.page().title, next.title());
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_signed_with_a_key_the_app_does_not_know_is_refused() {
    let publisher = Publisher::new().await;
    publisher
        .publish("beta", "1.0.0", WebBuild::new(1).path())
        .await;
    let stranger = ota_keys::generate().unwrap().public().hotswap();
    let device = Device::new(&publisher.endpoint(publisher.url()), &stranger, "beta");
    let mut app = device.start();
    assert!(app.check().available);

    let refused = app.download().unwrap_err();

    assert!(
        refused.starts_with("signature verification failed"),
        "{refused}"
    );
    assert_eq!(app.in_use(), using_built_in());
    app.quit();
    assert_eq!(device.start().page().title, BUILT_IN_PAGE);
}

/// The app runs a first release; a second one arrives spoilt, then whole.
async fn a_spoilt_download_is_refused(mischief: Mischief, complaint: &str) {
    let publisher = Publisher::new().await;
    let meddler = Meddler::before(publisher.url()).await;
    let device = Device::new(
        &publisher.endpoint(meddler.url()),
        &publisher.public_key(),
        "beta",
    );
    let (first, second) = (WebBuild::new(1), WebBuild::new(2));
    let mut app = device.start();
    publisher.publish("beta", "1.0.0", first.path()).await;
    app.take_update();
    publisher.publish("beta", "1.1.0", second.path()).await;

    meddler.set(mischief);
    assert!(app.check().available);
    let refused = app.download().unwrap_err();

    assert!(refused.contains(complaint), "{refused}");
    assert_eq!(app.in_use(), using("1.0.0", 1));
    assert_eq!(app.page().title, first.title());
    app.quit();
    let mut app = device.start();
    assert_eq!(app.page().title, first.title());

    meddler.set(Mischief::None);
    app.take_update();
    assert_eq!(app.page().title, second.title());
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_refused_and_nothing_is_lost() {
    a_spoilt_download_is_refused(Mischief::FlippedBit, "signature verification failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_file_is_refused_and_nothing_is_lost() {
    a_spoilt_download_is_refused(Mischief::HalfFile, "signature verification failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_off_is_refused_and_nothing_is_lost() {
    a_spoilt_download_is_refused(Mischief::BrokenLine, "network error").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_breaks_the_app_is_offered_again_until_it_is_recalled() {
    let publisher = Publisher::new().await;
    let broken = publisher
        .publish("production", "1.0.0", WebBuild::new(1).path())
        .await;
    let device = device(&publisher, "production");
    let mut app = device.start();
    app.take_update_that_breaks();
    app.quit();

    // The plugin goes back by itself, and forgets what it went back from (protocols.md 1.7).
    let mut app = device.start();
    assert_eq!(app.in_use(), using_built_in());
    assert_eq!(app.page().title, BUILT_IN_PAGE);
    assert!(app.check().available);

    publisher.recall(&broken.release.id).await;
    assert!(!app.check().available);
    app.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_binary_fetches_the_web_build_again_and_then_keeps_it() {
    let publisher = Publisher::new().await;
    let build = WebBuild::new(1);
    publisher.publish("production", "1.0.0", build.path()).await;
    let mut device = device(&publisher, "production");
    let mut app = device.start();
    app.take_update();
    app.quit();

    device.upgrade_binary("1.3.0");
    let mut app = device.start();
    assert_eq!(
        app.in_use(),
        using_built_in(),
        "the plugin's default: a new binary begins with its own assets"
    );
    app.take_update();
    app.quit();

    let mut app = device.start();
    assert_eq!(app.page().title, build.title());
    assert!(!app.check().available);
    app.quit();
}
