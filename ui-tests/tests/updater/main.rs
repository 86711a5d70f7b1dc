//! The real `tauri-plugin-updater` in a real app, against the real server process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

mod client;
mod publisher;
#[path = "../hotswap/session.rs"]
mod session;

use std::path::Path;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use client::{Device, Download, Installed};
use publisher::{Publisher, key, signed_by_tauri};

const DEB: &str = "acme_2.3.0_amd64.deb";
const APPIMAGE: &str = "acme_2.3.0_amd64.AppImage";

fn device(publisher: &Publisher, installed: Installed) -> Device {
    Device::new(installed, &key().public().tauri(), &[&publisher.endpoint()])
}

/// One that reads the static file.
fn reader(publisher: &Publisher, installed: Installed) -> Device {
    Device::new(installed, &key().public().tauri(), &[&publisher.latest()])
}

fn bytes_of(file: &Path) -> Download {
    let bytes = fs_err::read(file).unwrap();
    Download {
        size_bytes: bytes.len(),
        sha256: hex::encode(Sha256::digest(&bytes)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_app_gets_the_installer_that_it_was_installed_from() {
    let publisher = Publisher::new().await;
    for installed in [Installed::Bare, Installed::Deb] {
        assert!(device(&publisher, installed).update().is_none());
        assert!(reader(&publisher, installed).update().is_none());
    }
    let (deb, appimage) = (publisher.file(DEB), publisher.file(APPIMAGE));
    publisher
        .publish("2.3.0", &[deb.clone(), appimage.clone()])
        .await;

    for (installed, file) in [
        (Installed::Deb, &deb),
        (Installed::AppImage, &appimage),
        (Installed::Bare, &appimage),
    ] {
        for device in [device(&publisher, installed), reader(&publisher, installed)] {
            let (offer, download) = device.update().unwrap();
            assert_eq!(offer.version, "2.3.0", "{installed:?}");
            assert_eq!(offer.notes.as_deref(), Some("Starts faster"));
            assert!(offer.date.is_some());
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(offer.url.ends_with(name), "{installed:?} {}", offer.url);
            assert_eq!(download, bytes_of(file), "{installed:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_as_new_or_newer_is_left_alone() {
    let publisher = Publisher::new().await;
    publisher.publish("2.3.0", &[publisher.file(DEB)]).await;

    for version in ["2.3.0", "2.3.1", "3.0.0", "2.4.0-beta.1", "2.3.0+7"] {
        let at = |device: Device| device.running(version).update();
        assert!(
            at(device(&publisher, Installed::Deb)).is_none(),
            "{version}"
        );
        assert!(
            at(reader(&publisher, Installed::Deb)).is_none(),
            "{version}"
        );
    }
    let beta = device(&publisher, Installed::Deb).running("2.3.0-beta.1");
    assert!(
        beta.update().is_some(),
        "a pre-release is below its release"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_architecture_or_bundle_type_is_no_update_and_no_error() {
    let publisher = Publisher::new().await;
    let files = ["acme_2.3.0_aarch64.AppImage", "acme-2.3.0-1.x86_64.rpm"];
    publisher
        .publish("2.3.0", &files.map(|name| publisher.file(name)))
        .await;

    for installed in [Installed::Bare, Installed::Deb, Installed::AppImage] {
        assert!(
            device(&publisher, installed).update().is_none(),
            "{installed:?}"
        );
    }
    // What a file cannot do (protocols.md 2.2): the client finds something newer, and nothing for itself.
    let error = reader(&publisher, Installed::Deb).look().check.unwrap_err();
    assert!(error.contains("linux-x86_64-deb"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tauris_signer_signed_is_installed() {
    let publisher = Publisher::new().await;
    publisher.publish("2.4.1", &[signed_by_tauri()]).await;

    let (offer, download) = device(&publisher, Installed::Deb).update().unwrap();

    assert_eq!(offer.version, "2.4.1");
    assert_eq!(download, bytes_of(&signed_by_tauri()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_of_the_apps_own_gets_its_own_installer() {
    let publisher = Publisher::new().await;
    let file = publisher.file(DEB);
    publisher
        .publish_for(Some("acme-kiosk"), "2.3.0", std::slice::from_ref(&file))
        .await;

    for device in [
        device(&publisher, Installed::Deb),
        reader(&publisher, Installed::Deb),
    ] {
        let (_, download) = device.targeting("acme-kiosk").update().unwrap();
        assert_eq!(download, bytes_of(&file));
    }
    assert!(device(&publisher, Installed::Deb).update().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_by_a_key_that_the_app_does_not_know_is_refused() {
    let publisher = Publisher::new().await;
    publisher.publish("2.3.0", &[publisher.file(DEB)]).await;
    let stranger = ota_keys::generate().unwrap().public().tauri();

    let report = Device::new(Installed::Deb, &stranger, &[&publisher.endpoint()]).look();

    let refused = report.download.unwrap().unwrap_err();
    assert!(refused.contains("different key"), "{refused}");
}

/// The true answer of the server with something changed on the way, as somebody in between could do it.
async fn tampered(
    publisher: &Publisher,
    change: impl FnOnce(&mut serde_json::Value),
) -> MockServer {
    let url = format!(
        "{}/feeds/tauri/acme/linux/x86_64/1.0.0?bundle_type=deb",
        publisher.url()
    );
    let mut answer: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    change(&mut answer);
    let between = MockServer::start().await;
    Mock::given(path("/feed"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&between)
        .await;
    between
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_and_half_a_file_are_refused() {
    let publisher = Publisher::new().await;
    let file = publisher.file(DEB);
    publisher
        .publish("2.3.0", std::slice::from_ref(&file))
        .await;
    let whole = fs_err::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[5000] ^= 1;

    for bytes in [flipped, whole[..4000].to_vec()] {
        let spoilt = MockServer::start().await;
        Mock::given(path("/acme.deb"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(bytes))
            .mount(&spoilt)
            .await;
        let url = format!("{}/acme.deb", spoilt.uri());
        let between = tampered(&publisher, |answer| answer["url"] = json!(url)).await;
        let endpoint = format!("{}/feed", between.uri());

        let report = Device::new(Installed::Deb, &key().public().tauri(), &[&endpoint]).look();

        assert!(report.check.unwrap().is_some());
        let refused = report.download.unwrap().unwrap_err();
        assert!(refused.to_lowercase().contains("signature"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_installer_under_a_higher_version_is_refused() {
    let publisher = Publisher::new().await;
    publisher.publish("2.3.0", &[publisher.file(DEB)]).await;
    let between = tampered(&publisher, |answer| answer["version"] = json!("9.0.0")).await;
    let endpoint = format!("{}/feed", between.uri());

    let report = Device::new(Installed::Deb, &key().public().tauri(), &[&endpoint]).look();

    assert_eq!(report.check.unwrap().unwrap().version, "9.0.0");
    let refused = report.download.unwrap().unwrap_err();
    assert!(
        refused.contains("2.3.0") && refused.contains("9.0.0"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_going_back_nothing_spreads_and_nobody_is_taken_down() {
    let publisher = Publisher::new().await;
    let good = publisher
        .publish("2.3.0", &[publisher.file(DEB)])
        .await
        .release;
    let file = publisher.file("acme_2.4.0_amd64.deb");
    publisher.publish("2.4.0", &[file]).await;
    let offered = |version: &str| {
        let update = device(&publisher, Installed::Deb).running(version).update();
        update.map(|(offer, _)| offer.version)
    };
    assert_eq!(offered("1.0.0").as_deref(), Some("2.4.0"));

    publisher.roll_back(&good.id).await;

    assert_eq!(offered("1.0.0").as_deref(), Some("2.3.0"));
    assert_eq!(offered("2.4.0"), None);
    // The way back: the old code under a higher version.
    let file = publisher.file("acme_2.4.1_amd64.deb");
    publisher.publish("2.4.1", &[file]).await;
    assert_eq!(offered("2.4.0").as_deref(), Some("2.4.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_endpoint_is_passed_over_and_one_that_is_not_served_says_no_update() {
    let publisher = Publisher::new().await;
    publisher.publish("2.3.0", &[publisher.file(DEB)]).await;
    let wrong = format!("{}/feeds/tauri/nobody/linux/x86_64/1.0.0", publisher.url());
    let at =
        |endpoints: &[&str]| Device::new(Installed::Deb, &key().public().tauri(), endpoints).look();

    let second = at(&[&wrong, &publisher.endpoint()]);
    assert_eq!(second.check.unwrap().unwrap().version, "2.3.0");
    let alone = at(&[&wrong]).check.unwrap_err();
    assert!(alone.contains("valid release JSON"), "{alone}");

    publisher.stop_serving().await;
    assert!(at(&[&publisher.endpoint()]).check.unwrap().is_none());
    assert!(at(&[&publisher.latest()]).check.unwrap().is_none());
}
