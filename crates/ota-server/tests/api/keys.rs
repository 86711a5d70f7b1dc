//! Trusted keys, each with the empty bundle it signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ota_api::{ProblemCode, TrustedKey};
use ota_bundle::{Format, empty_bundle};
use serde_json::json;

use crate::support::{Fixture, Signer, TestServer, site};

async fn server_with_app() -> TestServer {
    let server = TestServer::start().await;
    server
        .post("/v1/apps", &json!({ "slug": "acme" }))
        .await
        .value();
    server
}

#[tokio::test]
async fn a_key_comes_with_a_way_back_that_needs_no_key() {
    let server = server_with_app().await;
    let signer = Signer::new();

    let trusted: TrustedKey = server
        .post("/v1/apps/acme/keys", &signer.trust("release key", "acme"))
        .await
        .ok();

    assert_eq!(trusted.id.as_str(), signer.id());
    assert_eq!(
        (trusted.name.as_str(), trusted.added_by.as_str()),
        ("release key", "mika")
    );
    let releases = server.get("/v1/apps/acme/releases").await.value();
    assert_eq!(releases["releases"][0]["kind"], "built_in");
    assert_eq!(releases["releases"][0]["state"], "ready");
    assert_eq!(
        releases["releases"][0]["artifacts"][0]["size_bytes"],
        empty_bundle(Format::TarGz).len()
    );
}

#[tokio::test]
async fn a_key_is_trusted_once_and_a_second_key_beside_it() {
    let server = server_with_app().await;
    let (first, second) = (Signer::new(), Signer::new());
    let keys = "/v1/apps/acme/keys";
    server.post(keys, &first.trust("old", "acme")).await.value();

    server
        .post(keys, &first.trust("old again", "acme"))
        .await
        .refused(409, ProblemCode::KeyExists);
    server
        .post(keys, &second.trust("new", "acme"))
        .await
        .value();

    let known: Vec<TrustedKey> = server.get(keys).await.ok();
    let names: Vec<_> = known.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["new", "old"]);
}

#[tokio::test]
async fn releases_of_every_trusted_key_pass() {
    let app = Fixture::start().await;
    let second = Signer::new();
    app.post("/v1/apps/acme/keys", &second.trust("new", "acme"))
        .await
        .value();
    app.release("1.0.0").await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;

    app.upload(&id, &bytes, &second.sign(&bytes, "timestamp:1"))
        .await;

    let ready = app.finalize(&id).await.value();
    assert_eq!(ready["artifacts"][0]["key_id"], second.id());
}

#[tokio::test]
async fn what_comes_with_a_key_is_checked_and_nothing_is_kept_of_a_refused_one() {
    let server = server_with_app().await;
    let (signer, other) = (Signer::new(), Signer::new());
    let good = || signer.trust("release key", "acme");
    let empty = empty_bundle(Format::TarGz);
    let full = site("not empty");

    let no_key = ota_api::TrustKey {
        public_key: "hello".to_owned(),
        ..good()
    };
    let no_name = ota_api::TrustKey {
        name: "  ".to_owned(),
        ..good()
    };
    let not_empty = ota_api::TrustKey {
        built_in_archive: STANDARD.encode(&full),
        built_in_signature: signer.sign(&full, "timestamp:1"),
        ..good()
    };
    let no_archive = ota_api::TrustKey {
        built_in_archive: "%%%".to_owned(),
        ..good()
    };
    let by_another = ota_api::TrustKey {
        built_in_signature: other.sign(&empty, "timestamp:1"),
        ..good()
    };
    let for_another_app = ota_api::TrustKey {
        built_in_signature: signer.sign(&empty, "timestamp:1\tapp:other"),
        ..good()
    };
    let legacy = ota_api::TrustKey {
        built_in_signature: signer.sign_legacy(&empty),
        ..good()
    };
    for (body, code) in [
        (no_key, ProblemCode::Invalid),
        (no_name, ProblemCode::Invalid),
        (not_empty, ProblemCode::ArchiveRefused),
        (no_archive, ProblemCode::ArchiveRefused),
        (by_another, ProblemCode::SignatureInvalid),
        (for_another_app, ProblemCode::SignatureInvalid),
        (legacy, ProblemCode::SignatureInvalid),
    ] {
        server
            .post("/v1/apps/acme/keys", &body)
            .await
            .refused(422, code);
    }

    let overview = server.get("/v1/apps/acme").await.value();
    assert_eq!(overview["keys"], json!([]));
    assert_eq!(overview["activity_head"], 1);
}
