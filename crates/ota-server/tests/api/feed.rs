//! What hotswap devices are told, apart from the traps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use ota_model::Sha256;
use reqwest::{Method, header};
use serde_json::json;

use crate::support::{Fixture, promote, publish, send, site};

#[tokio::test]
async fn the_manifest_has_every_field_as_the_client_reads_it() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let body =
        json!({ "version": "2.0.0", "min_binary_version": "1.0.0", "notes": "Fixes \"login\"" });
    let draft = app.post("/v1/apps/acme/releases", &body).await.value();
    let id = draft["id"].as_str().unwrap();
    let signature = app.sign(&bytes, "2.0.0");
    app.upload(id, &bytes, &signature).await;
    app.finalize(id).await.value();
    app.deploy("production", publish(id)).await;

    let answer = send(app.bare(
        Method::GET,
        "/feeds/hotswap/acme/0?binary_version=1.4.2&platform=linux&arch=x86_64&channel=production",
    ))
    .await;

    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert!(answer.body.starts_with(b"{"), "no byte order mark");
    let encoded = STANDARD.encode(&signature);
    let text = answer
        .text()
        .replace(&encoded, "[signature]")
        .replace(&Sha256::of(&bytes).to_string(), "[sha256]")
        .replace(
            &format!("\"bundle_size\":{}", bytes.len()),
            "\"bundle_size\":[size]",
        );
    assert_snapshot!(text, @r#"{"version":"2.0.0","sequence":1,"url":"https://ota.example.net/b/acme/[sha256]/bundle.tar.gz","signature":"[signature]","notes":"Fixes \"login\"","pub_date":"2026-11-21T09:00:00Z","mandatory":false,"bundle_size":[size],"min_binary_version":"1.4.2"}"#);
}

#[tokio::test]
async fn a_client_that_names_no_channel_follows_the_default_one() {
    let app = Fixture::start().await;
    app.live("1.0.0", "production").await;
    app.live("2.0.0", "beta").await;
    assert_eq!(
        app.check_with(0, "binary_version=1.4.2").await.version(),
        Some("1.0.0")
    );

    app.patch("/v1/apps/acme", &json!({ "default_channel": "beta" }))
        .await
        .value();

    assert_eq!(
        app.check_with(0, "binary_version=1.4.2").await.version(),
        Some("2.0.0")
    );
    assert_eq!(
        app.check_with(0, "binary_version=1.4.2&channel=")
            .await
            .version(),
        Some("2.0.0")
    );
}

#[tokio::test]
async fn the_last_of_two_equal_parameters_counts() {
    // The client appends its own values to a query that the endpoint has already (protocols.md 1.1).
    let app = Fixture::start().await;
    app.live("2.0.0", "beta").await;

    let check = app
        .check_with(
            0,
            "channel=production&binary_version=0.1.0&binary_version=1.4.2&platform=linux&arch=x86_64&channel=beta",
        )
        .await;

    assert_eq!(check.version(), Some("2.0.0"));
}

#[tokio::test]
async fn the_signature_on_the_wire_is_base64_of_the_four_lines_and_verifies() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;
    let manifest = app.check("production", 0).await.manifest.unwrap();
    let encoded = manifest["signature"].as_str().unwrap();

    // As the client does it (protocols.md 1.4).
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).unwrap()).unwrap();
    let signature = minisign_verify::Signature::decode(&text).unwrap();
    let key = minisign_verify::PublicKey::from_base64(&app.signer.line()).unwrap();

    key.verify(&site("2.0.0"), &signature, false).unwrap();
    assert_eq!(text.lines().count(), 4);
}

#[tokio::test]
async fn a_release_with_a_maximum_is_not_offered_to_newer_binaries() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let body =
        json!({ "version": "2.0.0", "min_binary_version": "1.0.0", "max_binary_version": "2.0.0" });
    let draft = app.post("/v1/apps/acme/releases", &body).await.value();
    let id = draft["id"].as_str().unwrap();
    app.upload(id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    app.finalize(id).await.value();
    app.deploy("production", publish(id)).await;

    assert_eq!(
        app.check_with(0, "binary_version=1.9.9").await.sequence(),
        Some(1)
    );
    assert_eq!(
        app.check_with(0, "binary_version=2.0.0").await.sequence(),
        None
    );
}

#[tokio::test]
async fn a_paused_channel_offers_nothing_and_goes_on_when_resumed() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;
    let set = async |paused: bool| {
        let revision = app.channel("production").await.revision;
        let request = app
            .request(Method::PATCH, "/v1/apps/acme/channels/production")
            .header(header::IF_MATCH, revision.0)
            .json(&json!({ "paused": paused }));
        send(request).await.value()
    };

    assert_eq!(set(true).await["paused"], true);
    assert_eq!(app.check("production", 0).await.status, 204);
    set(false).await;
    assert_eq!(app.check("production", 0).await.sequence(), Some(1));
}

#[tokio::test]
async fn what_devices_see_survives_a_restart() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "beta").await;
    app.deploy("production", promote("beta", &id)).await;
    let before = app.check("production", 0).await.manifest.unwrap();

    let app = app.restart().await;

    assert_eq!(app.check("production", 0).await.manifest.unwrap(), before);
}
