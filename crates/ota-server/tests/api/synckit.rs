//! The SyncKit OTA API as publish scripts and devices use it (protocols.md 5): its traps by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ota_api::{ActionKind, GENESIS, Role};
use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Answer, Fixture, Signer, TestServer, send};

const APP: &str = "/api/sync/ota/apps/acme";

/// An app that serves SyncKit, without trusted keys unless told.
async fn pass_through() -> TestServer {
    let server = TestServer::start().await;
    let systems = json!({ "serves": ["sync_kit", "tauri_updater"] });
    server
        .post("/v1/apps", &json!({ "slug": "acme", "systems": systems }))
        .await
        .value();
    server
}

/// An app that serves SyncKit and trusts a key.
async fn keyed() -> Fixture {
    let app = Fixture::start().await;
    let systems = json!({ "serves": ["sync_kit", "tauri_updater"] });
    app.patch("/v1/apps/acme", &json!({ "systems": systems }))
        .await
        .value();
    app
}

/// What the first bytes of a Debian package are.
fn deb(text: &str) -> Vec<u8> {
    format!("!<arch>\ndebian-binary   1763715600  0     0     100644  4         `\n2.0\n{text}")
        .into_bytes()
}

/// What the first bytes of an `.AppImage` are.
fn app_image(text: &str) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\x00AI\x02\x00".to_vec();
    bytes.resize(64, 0);
    bytes.extend(text.as_bytes());
    bytes
}

fn mac_app(text: &str) -> Vec<u8> {
    crate::support::tar_gz(&[(
        "Acme.app/Contents/Info.plist",
        tar::EntryType::Regular,
        text,
    )])
}

/// As a `.sig` file of the tauri signer.
fn sig_file(signer: &Signer, bytes: &[u8], version: &str) -> String {
    let comment = format!("timestamp:1763715600\tfile:acme\tversion:{version}");
    STANDARD.encode(signer.sign(bytes, &comment))
}

async fn create(server: &TestServer, body: Value) -> Answer {
    server.post(&format!("{APP}/releases"), &body).await
}

/// A new release; its id.
async fn release(server: &TestServer, version: &str, signature: &str) -> String {
    let body = json!({ "version": version, "notes": "Fixes", "signature": signature });
    let answer = create(server, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.value()["id"].as_str().unwrap().to_owned()
}

async fn announce(server: &TestServer, release: &str, body: Value) -> Answer {
    server
        .post(&format!("{APP}/releases/{release}/artifacts"), &body)
        .await
}

/// The path and query of the upload URL for bytes.
async fn upload_url(
    server: &TestServer,
    release: &str,
    platform: &str,
    bytes: &[u8],
    signature: Option<&str>,
) -> String {
    let (target, arch) = platform.split_once('-').unwrap();
    let mut body = json!({ "target": target, "arch": arch, "file_size": bytes.len() });
    if let Some(signature) = signature {
        body["signature"] = signature.into();
    }
    let answer = announce(server, release, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let told = answer.value();
    let url = told["upload_url"].as_str().unwrap();
    url.strip_prefix("https://ota.example.net")
        .unwrap()
        .to_owned()
}

async fn put(server: &TestServer, url: &str, bytes: &[u8]) -> Answer {
    // No header of any kind: the URL is all there is.
    send(server.bare(Method::PUT, url).body(bytes.to_vec())).await
}

async fn upload(
    server: &TestServer,
    release: &str,
    platform: &str,
    bytes: &[u8],
    signature: Option<&str>,
) -> Answer {
    let url = upload_url(server, release, platform, bytes, signature).await;
    put(server, &url, bytes).await
}

/// A release that is out for one platform; its id.
async fn live(server: &TestServer, version: &str, platform: &str) -> String {
    let id = release(server, version, "c2ln").await;
    let bytes = version.as_bytes();
    upload(server, &id, platform, bytes, None).await.value();
    id
}

/// A device's check.
async fn check(server: &TestServer, path: &str) -> Answer {
    send(server.bare(Method::GET, &format!("/api/sync/ota/acme/{path}"))).await
}

async fn offered(server: &TestServer, path: &str) -> Option<String> {
    let answer = check(server, path).await;
    if answer.status == StatusCode::NO_CONTENT {
        assert_eq!(answer.body, b"", "204 has no body");
        return None;
    }
    Some(answer.value()["version"].as_str().unwrap().to_owned())
}

/// The error of an answer that must be this refusal.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["error"].as_str().unwrap().to_owned()
}

async fn without_following(url: &str) -> Answer {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    send(client.get(url)).await
}

/// Goes the way of a download.
async fn fetch(server: &TestServer, offer: &Value) -> Vec<u8> {
    let url = url::Url::parse(offer["url"].as_str().unwrap()).unwrap();
    assert_eq!(url.scheme(), "https");
    let moved = without_following(&format!("{}{}", server.base, url.path())).await;
    assert_eq!(moved.status, StatusCode::FOUND);
    let to = url::Url::parse(moved.header(header::LOCATION)).unwrap();
    assert_eq!(to.scheme(), "https", "clients refuse to be sent to http");
    let bytes = send(server.bare(Method::GET, to.path())).await;
    assert_eq!(bytes.status, StatusCode::OK, "without any header");
    bytes.body
}

#[tokio::test]
async fn the_answer_is_what_the_updater_reads() {
    let server = pass_through().await;
    let id = live(&server, "1.1.0", "linux-x86_64").await;

    let answer = check(&server, "linux/x86_64/1.0.0").await;

    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let offer = answer.value();
    assert_eq!(
        offer,
        json!({
            "version": "1.1.0",
            "url": format!("https://ota.example.net/api/sync/ota/acme/download/{id}/linux/x86_64"),
            "signature": "c2ln",
            "notes": "Fixes",
            "pub_date": "2026-11-21T09:00:00Z",
        })
    );
    assert_eq!(fetch(&server, &offer).await, b"1.1.0");
}

#[tokio::test]
async fn logging_in_gives_a_bearer_for_the_app_by_either_name() {
    let server = pass_through().await;
    let log_in = async |password: &str, key: &str| {
        let body = json!({ "email": "mika@example.net", "password": password, "api_key": key });
        send(server.bare(Method::POST, "/api/sync/auth").json(&body)).await
    };
    let session = log_in(&server.admin, "acme").await.value();
    assert_eq!(session["app_id"], "acme");
    assert_eq!(session["user_id"].as_str().unwrap().len(), 36);
    let token = session["token"].as_str().unwrap();
    let list = server.request_as(token, Method::GET, &format!("{APP}/releases"));
    assert_eq!(send(list).await.value(), json!([]));

    let systems = json!({ "serves": ["sync_kit"], "sync_kit_app_id": "0192-old-id" });
    server
        .patch("/v1/apps/acme", &json!({ "systems": systems }))
        .await
        .value();
    for key in ["acme", "0192-old-id"] {
        let session = log_in(&server.admin, key).await.value();
        assert_eq!(session["app_id"], "0192-old-id", "{key}");
    }
    let by_id = server.get("/api/sync/ota/apps/0192-old-id/releases").await;
    assert_eq!(by_id.value(), json!([]));

    refused(&log_in("swt_nothing", "acme").await, 401);
    refused(&log_in(&server.admin, "other").await, 401);
    let not_json = server.bare(Method::POST, "/api/sync/auth").body("{");
    refused(&send(not_json).await, 400);
}

#[tokio::test]
async fn trap_a_release_without_its_bytes_is_offered_to_nobody() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "c2ln").await;
    assert_eq!(
        offered(&server, "linux/x86_64/1.0.0").await,
        None,
        "created"
    );
    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;
    assert_eq!(
        offered(&server, "linux/x86_64/1.0.0").await,
        None,
        "announced"
    );
    refused(&put(&server, &url, b"byt").await, 422);
    refused(&put(&server, &url, b"bytes and more").await, 413);
    assert_eq!(offered(&server, "linux/x86_64/1.0.0").await, None, "broken");

    put(&server, &url, b"bytes").await.value();

    assert_eq!(
        offered(&server, "linux/x86_64/1.0.0").await.unwrap(),
        "1.1.0"
    );
    assert_eq!(
        offered(&server, "darwin/aarch64/1.0.0").await,
        None,
        "not for this one"
    );
    assert_eq!(
        fs_err::read_dir(server.data().join("arriving"))
            .unwrap()
            .count(),
        0,
        "nothing is left behind"
    );
}

#[tokio::test]
async fn trap_a_body_without_a_length_is_measured() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "").await;
    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;
    let streamed = |parts: &'static [&'static str]| {
        let parts = futures_util::stream::iter(parts.iter().map(Ok::<_, std::io::Error>));
        let parts = futures_util::StreamExt::map(parts, |part| part.map(|part| part.as_bytes()));
        server
            .bare(Method::PUT, &url)
            .body(reqwest::Body::wrap_stream(parts))
    };

    refused(&send(streamed(&["by", "t"])).await, 422);
    refused(&send(streamed(&["bytes", "bytes"])).await, 413);
    send(streamed(&["by", "tes"])).await.value();

    assert_eq!(
        offered(&server, "linux/x86_64/1.0.0").await.unwrap(),
        "1.1.0"
    );
}

#[tokio::test]
async fn trap_one_signature_fits_one_file() {
    let app = keyed().await;
    let (linux, mac) = (app_image("1.1.0"), mac_app("1.1.0"));
    let of_linux = sig_file(&app.signer, &linux, "1.1.0");
    let of_mac = sig_file(&app.signer, &mac, "1.1.0");
    let id = release(&app, "1.1.0", &of_linux).await;
    upload(&app, &id, "linux-x86_64", &linux, None)
        .await
        .value();

    let wrong = upload(&app, &id, "darwin-aarch64", &mac, None).await;
    let words = refused(&wrong, 422);
    assert!(words.contains("as `signature`"), "{words}");
    assert_eq!(offered(&app, "darwin/aarch64/1.0.0").await, None);

    upload(&app, &id, "darwin-aarch64", &mac, Some(&of_mac))
        .await
        .value();
    for (path, bytes, signature) in [
        ("linux/x86_64/1.0.0", linux, of_linux),
        ("darwin/aarch64/1.0.0", mac, of_mac),
    ] {
        let offer = check(&app, path).await.value();
        assert_eq!(offer["signature"], signature, "{path}");
        assert_eq!(fetch(&app, &offer).await, bytes, "{path}");
    }
}

#[tokio::test]
async fn an_app_with_keys_takes_nothing_that_they_did_not_sign() {
    let app = keyed().await;
    let bytes = deb("1.1.0");
    let stranger = Signer::new();
    let id = release(&app, "1.1.0", "").await;
    let announced = |signature: String| {
        let body = json!({ "target": "linux", "arch": "x86_64", "file_size": bytes.len(), "signature": signature });
        let (app, id) = (&app, &id);
        async move { announce(app, id, body).await }
    };
    refused(&announced(String::new()).await, 422);
    refused(&announced("bm90IGEgc2lnbmF0dXJl".to_owned()).await, 422);
    let legacy = STANDARD.encode(app.signer.sign_legacy(&bytes));
    refused(&announced(legacy).await, 422);

    for (why, signature) in [
        ("another key", sig_file(&stranger, &bytes, "1.1.0")),
        ("other bytes", sig_file(&app.signer, b"other", "1.1.0")),
        ("another version", sig_file(&app.signer, &bytes, "1.0.9")),
    ] {
        let answer = upload(&app, &id, "linux-x86_64", &bytes, Some(&signature)).await;
        let words = refused(&answer, 422);
        assert!(words.contains("Nothing was published"), "{why}: {words}");
    }
    // Signed, but not what Linux devices can install.
    let mac = mac_app("1.1.0");
    let signed = sig_file(&app.signer, &mac, "1.1.0");
    refused(
        &upload(&app, &id, "linux-x86_64", &mac, Some(&signed)).await,
        422,
    );
    assert_eq!(offered(&app, "linux/x86_64/1.0.0").await, None);

    let signed = sig_file(&app.signer, &bytes, "1.1.0");
    upload(&app, &id, "linux-x86_64", &bytes, Some(&signed))
        .await
        .value();
    assert_eq!(offered(&app, "linux/x86_64/1.0.0").await.unwrap(), "1.1.0");
}

#[tokio::test]
async fn an_app_without_keys_gets_its_bytes_and_signature_handed_on_unread() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "whatever the publisher writes").await;
    upload(&server, &id, "windows-x86_64", b"any bytes at all", None)
        .await
        .value();

    let offer = check(&server, "windows/x86_64/1.0.0").await.value();

    assert_eq!(offer["signature"], "whatever the publisher writes");
    assert_eq!(fetch(&server, &offer).await, b"any bytes at all");
    let releases = server.get("/v1/apps/acme/releases").await.value();
    let installer = &releases["releases"][0]["installers"][0];
    assert_eq!(installer["packed"], Value::Null);
    assert_eq!(installer["key_id"], Value::Null);
    assert_eq!(releases["releases"][0]["live_on"], json!(["production"]));
}

#[tokio::test]
async fn trap_what_is_of_an_unknown_kind_is_not_offered_to_who_says_its_own() {
    let server = pass_through().await;
    live(&server, "1.1.0", "windows-x86_64").await;
    let ask = async |query: &str| {
        let path = format!("/feeds/tauri/acme/windows/x86_64/1.0.0{query}");
        send(server.bare(Method::GET, &path)).await
    };

    assert_eq!(ask("?bundle_type=nsis").await.status, 204);
    let plain = ask("").await.value();
    // Base64 already, so it is not encoded once more.
    assert_eq!(plain["signature"], "c2ln");
}

#[tokio::test]
async fn trap_notes_are_a_text_and_never_null() {
    let server = pass_through().await;
    for (version, notes) in [("1.1.0", json!(null)), ("1.2.0", json!(""))] {
        let body = json!({ "version": version, "notes": notes });
        let told = create(&server, body).await.value();
        assert_eq!(
            (&told["notes"], &told["signature"]),
            (&json!(""), &json!(""))
        );
        let id = told["id"].as_str().unwrap();
        upload(&server, id, "linux-x86_64", version.as_bytes(), None)
            .await
            .value();
        let offer = check(&server, "linux/x86_64/1.0.0").await.value();
        for field in ["version", "url", "signature", "notes", "pub_date"] {
            assert!(offer[field].is_string(), "{field}");
        }
    }
}

#[tokio::test]
async fn trap_the_slug_apps_is_reserved_and_slugs_stay() {
    let server = pass_through().await;
    let ask = async |slug: &str| {
        let request = server.request(Method::PUT, &format!("{APP}/slug"));
        send(request.json(&json!({ "slug": slug }))).await
    };
    assert_eq!(ask("acme").await.value(), json!({ "slug": "acme" }));
    for (slug, words) in [
        ("ab", "Slug must be 3-40 characters"),
        ("-acme", "Slug cannot start or end with a hyphen"),
        (
            "Acme",
            "Slug must contain only lowercase letters, digits, and hyphens",
        ),
        ("apps", "The slug “apps” is reserved"),
    ] {
        assert_eq!(refused(&ask(slug).await, 400), words);
    }
    let words = refused(&ask("other").await, 422);
    assert!(words.contains("stays so"), "{words}");
    let made = server.post("/v1/apps", &json!({ "slug": "apps" })).await;
    assert!(made.status.is_client_error(), "{}", made.status);
}

#[tokio::test]
async fn trap_versions_come_percent_encoded() {
    let server = pass_through().await;
    live(&server, "1.1.0+build.2", "linux-x86_64").await;

    let offer = check(&server, "linux/x86_64/1.1.0%2Bbuild.1").await.value();

    assert_eq!(offer["version"], "1.1.0+build.2");
    assert_eq!(fetch(&server, &offer).await, b"1.1.0+build.2");
    assert_eq!(offered(&server, "linux/x86_64/1.1.0%2Bbuild.2").await, None);
    assert_eq!(offered(&server, "linux/x86_64/1.1.0+build.3").await, None);
}

#[tokio::test]
async fn trap_only_a_higher_version_is_offered_and_the_highest_wins() {
    let server = pass_through().await;
    live(&server, "1.9.0", "linux-x86_64").await;
    live(&server, "1.10.0", "linux-x86_64").await;
    // A hotfix of an old line comes later, and is not the latest.
    live(&server, "1.9.1", "linux-x86_64").await;
    live(&server, "1.10.1-rc.1", "darwin-x86_64").await;

    assert_eq!(
        offered(&server, "linux/x86_64/1.8.0").await,
        None,
        "the rc is not for Linux"
    );
    assert_eq!(
        offered(&server, "darwin/x86_64/1.8.0").await.unwrap(),
        "1.10.1-rc.1"
    );
    live(&server, "1.10.1", "linux-x86_64").await;
    for (current, answer) in [
        ("1.8.0", Some("1.10.1")),
        ("1.9.1", Some("1.10.1")),
        ("1.10.1-rc.1", Some("1.10.1")),
        ("1.10.1", None),
        ("2.0.0", None),
    ] {
        let got = offered(&server, &format!("linux/x86_64/{current}")).await;
        assert_eq!(got.as_deref(), answer, "{current}");
    }
}

#[tokio::test]
async fn trap_other_systems_and_architectures_have_no_update_and_take_no_artifact() {
    let server = pass_through().await;
    let id = live(&server, "1.1.0", "linux-x86_64").await;
    for (target, arch) in [
        ("linux", "i686"),
        ("linux", "armv7"),
        ("macos", "x86_64"),
        ("ios", "aarch64"),
    ] {
        assert_eq!(
            offered(&server, &format!("{target}/{arch}/1.0.0")).await,
            None
        );
        let body = json!({ "target": target, "arch": arch, "file_size": 1 });
        refused(&announce(&server, &id, body).await, 400);
        let path = format!("download/{id}/{target}/{arch}");
        refused(&check(&server, &path).await, 404);
    }
}

#[tokio::test]
async fn mistakes_are_told_and_are_no_update() {
    let server = pass_through().await;
    live(&server, "1.1.0", "linux-x86_64").await;

    refused(&check(&server, "linux/x86_64/v1").await, 400);
    refused(&check(&server, "linux/x86_64/%FF").await, 400);
    // At 404 a client asks its next endpoint; at 204 it would stop.
    let unknown = "/api/sync/ota/acmee/linux/x86_64/1.0.0";
    refused(&send(server.bare(Method::GET, unknown)).await, 404);
    refused(&send(server.bare(Method::POST, unknown)).await, 405);
    for body in [
        json!({}),
        json!({ "version": "1.2" }),
        json!({ "version": "v1.2.0" }),
        json!([]),
        json!({ "version": format!("1.0.0-{}", "a".repeat(80)) }),
    ] {
        refused(&create(&server, body).await, 400);
    }
    let huge = json!({ "version": "1.2.0", "notes": "a".repeat(2 * 1024 * 1024) });
    refused(&create(&server, huge).await, 413);
    let id = release(&server, "1.3.0", "").await;
    for (size, status) in [(json!(0), 400), (json!(-1), 400), (json!(5_u64 << 30), 413)] {
        let body = json!({ "target": "linux", "arch": "x86_64", "file_size": size });
        refused(&announce(&server, &id, body).await, status);
    }
    let body = json!({ "target": "linux", "arch": "x86_64", "file_size": 1 });
    refused(
        &announce(&server, "00000000-0000-0000-0000-000000000000", body).await,
        404,
    );
}

#[tokio::test]
async fn an_app_that_does_not_serve_synckit_has_no_update_and_says_why_to_publishers() {
    let app = Fixture::start().await;

    assert_eq!(offered(&app, "linux/x86_64/1.0.0").await, None);
    let words = refused(&create(&app, json!({ "version": "1.1.0" })).await, 403);
    assert!(words.contains("Turn SyncKit on"), "{words}");
}

#[tokio::test]
async fn an_upload_url_is_for_these_bytes_and_for_an_hour() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "").await;
    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;
    for other in [
        url.replace("size=5", "size=6"),
        url.replace("/x86_64?", "/aarch64?"),
        url.replace("/linux/", "/darwin/"),
        url.replace("expires=", "expires=9"),
        format!("{url}0"),
        url.split('&').next().unwrap().to_owned(),
        url.split('?').next().unwrap().to_owned(),
    ] {
        refused(&put(&server, &other, b"bytes").await, 403);
    }
    server.clock.advance(TimeDelta::minutes(61));
    let words = refused(&put(&server, &url, b"bytes").await, 403);
    assert!(words.contains("expired"), "{words}");
    assert_eq!(offered(&server, "linux/x86_64/1.0.0").await, None);

    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;
    // Announced anew with another size: the older URL is of no use any more.
    let newer = upload_url(&server, &id, "linux-x86_64", b"more bytes", None).await;
    refused(&put(&server, &url, b"bytes").await, 403);
    put(&server, &newer, b"more bytes").await.value();
}

#[tokio::test]
async fn an_upload_url_outlives_a_restart() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "").await;
    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;

    let server = server.restart().await;

    put(&server, &url, b"bytes").await.value();
}

#[tokio::test]
async fn the_same_version_again_is_the_same_release_or_an_error_in_words() {
    let server = pass_through().await;
    let first = release(&server, "1.1.0", "c2ln").await;
    // Nothing was uploaded: the later text counts.
    let corrected = json!({ "version": "1.1.0", "notes": "Better", "signature": "c2lnMg==" });
    let again = create(&server, corrected.clone()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.value()["id"], first.as_str());
    upload(&server, &first, "linux-x86_64", b"bytes", None)
        .await
        .value();
    let offer = check(&server, "linux/x86_64/1.0.0").await.value();
    assert_eq!(
        (&offer["notes"], &offer["signature"]),
        (&json!("Better"), &json!("c2lnMg=="))
    );

    let same = create(&server, corrected).await;
    assert_eq!(same.status, StatusCode::OK);
    assert_eq!(same.value()["id"], first.as_str());
    let other = json!({ "version": "1.1.0", "notes": "Other" });
    refused(&create(&server, other).await, 422);

    server.delete(&format!("{APP}/releases/{first}")).await;
    let words = refused(&create(&server, json!({ "version": "1.1.0" })).await, 422);
    assert!(words.contains("was deleted"), "{words}");
}

#[tokio::test]
async fn bytes_that_are_there_stay_and_may_come_again() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "").await;
    let url = upload_url(&server, &id, "linux-x86_64", b"bytes", None).await;
    put(&server, &url, b"bytes").await.value();
    let entries = server.get("/v1/apps/acme/activity").await.value()["head"].clone();

    put(&server, &url, b"bytes").await.value();
    refused(&put(&server, &url, b"BYTES").await, 422);
    let body = json!({ "target": "linux", "arch": "x86_64", "file_size": 9 });
    refused(&announce(&server, &id, body).await, 422);

    let offer = check(&server, "linux/x86_64/1.0.0").await.value();
    assert_eq!(fetch(&server, &offer).await, b"bytes");
    assert_eq!(
        server.get("/v1/apps/acme/activity").await.value()["head"],
        entries
    );
}

#[tokio::test]
async fn the_same_bytes_for_two_platforms_are_fetched_under_both_names() {
    let server = pass_through().await;
    let id = release(&server, "1.1.0", "").await;
    for platform in ["darwin-x86_64", "darwin-aarch64"] {
        upload(&server, &id, platform, &mac_app("universal"), None)
            .await
            .value();
    }
    for path in ["darwin/x86_64/1.0.0", "darwin/aarch64/1.0.0"] {
        let offer = check(&server, path).await.value();
        assert_eq!(fetch(&server, &offer).await, mac_app("universal"));
    }
}

#[tokio::test]
async fn a_deleted_release_is_recalled_and_what_was_before_is_offered_again() {
    let server = pass_through().await;
    live(&server, "1.1.0", "linux-x86_64").await;
    let id = live(&server, "1.2.0", "linux-x86_64").await;
    let draft = release(&server, "1.3.0", "").await;
    let download = format!("download/{id}/linux/x86_64");
    let url = format!("{}/api/sync/ota/acme/{download}", server.base);
    assert_eq!(without_following(&url).await.status, StatusCode::FOUND);

    for id in [&id, &draft] {
        let gone = server.delete(&format!("{APP}/releases/{id}")).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        refused(&server.delete(&format!("{APP}/releases/{id}")).await, 404);
    }

    refused(&check(&server, &download).await, 404);
    assert_eq!(
        offered(&server, "linux/x86_64/1.0.0").await.unwrap(),
        "1.1.0"
    );
    assert_eq!(offered(&server, "linux/x86_64/1.1.0").await, None);
    let listed = server.get(&format!("{APP}/releases")).await.value();
    let versions: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["version"])
        .collect();
    assert_eq!(versions, ["1.1.0"]);
    let body = json!({ "target": "linux", "arch": "x86_64", "file_size": 1 });
    refused(&announce(&server, &id, body).await, 404);
}

#[tokio::test]
async fn each_change_of_what_devices_get_is_in_the_log() {
    let app = keyed().await;
    let (linux, mac) = (app_image("1.1.0"), mac_app("1.1.0"));
    let id = release(&app, "1.1.0", "").await;
    for (platform, bytes) in [("linux-x86_64", &linux), ("darwin-aarch64", &mac)] {
        let signature = sig_file(&app.signer, bytes, "1.1.0");
        upload(&app, &id, platform, bytes, Some(&signature))
            .await
            .value();
    }
    app.delete(&format!("{APP}/releases/{id}")).await;

    let mut log = app.log().await;
    log.reverse();

    let mut previous = GENESIS;
    for entry in &log {
        assert_eq!(entry.previous, previous);
        assert_eq!(entry.hash, entry.statement.hash_after(previous).unwrap());
        previous = entry.hash;
    }
    let told: Vec<_> = log
        .iter()
        .map(|entry| (entry.statement.action, entry.statement.summary.as_str()))
        .skip_while(|(action, _)| *action != ActionKind::ReleaseReady)
        .collect();
    let key = app.signer.id();
    assert_eq!(
        told,
        [
            (
                ActionKind::ReleaseReady,
                format!("Received 1.1.0 for linux-x86_64, signed with {key}").as_str()
            ),
            (ActionKind::Published, "Published 1.1.0 #1 to production"),
            (
                ActionKind::InstallerAdded,
                format!("Added darwin-aarch64 to 1.1.0, signed with {key}").as_str()
            ),
            (ActionKind::ReleaseRecalled, "Recalled 1.1.0"),
        ]
    );
    assert_eq!(log[log.len() - 2].statement.digest, Some(Sha256::of(&mac)));
    assert!(log.iter().all(|entry| entry.statement.by == "mika"));
}

#[tokio::test]
async fn only_who_may_publish_publishes_here() {
    let server = pass_through().await;
    let id = live(&server, "1.1.0", "linux-x86_64").await;
    for (role, may) in [
        (Role::Viewer, false),
        (Role::Designer, false),
        (Role::Support, false),
        (Role::ReleaseManager, true),
        (Role::Admin, true),
    ] {
        let token = server.token("somebody", role, None).await;
        let ask = |method: Method, path: String, body: Value| {
            send(server.request_as(&token, method, &path).json(&body))
        };
        let answers = [
            ask(
                Method::PUT,
                format!("{APP}/slug"),
                json!({ "slug": "acme" }),
            )
            .await,
            ask(
                Method::POST,
                format!("{APP}/releases"),
                json!({ "version": "1.2.0" }),
            )
            .await,
            ask(
                Method::POST,
                format!("{APP}/releases/{id}/artifacts"),
                json!({ "target": "linux", "arch": "aarch64", "file_size": 1 }),
            )
            .await,
            ask(Method::DELETE, format!("{APP}/releases/nothing"), json!({})).await,
        ];
        for answer in answers {
            if may {
                assert_ne!(answer.status, 403, "{role:?}");
            } else {
                refused(&answer, 403);
            }
        }
        let list = ask(Method::GET, format!("{APP}/releases"), json!(null)).await;
        assert_eq!(list.status, 200, "{role:?}");
    }
    let nobody = server.bare(Method::GET, &format!("{APP}/releases"));
    refused(&send(nobody).await, 401);
    let stranger = server.request_as("swt_unknown", Method::GET, &format!("{APP}/releases"));
    refused(&send(stranger).await, 401);
}

#[tokio::test]
async fn a_release_that_was_made_here_is_offered_there_and_stays_ours() {
    let app = keyed().await;
    let draft = json!({ "version": "1.1.0", "kind": "native", "min_binary_version": "0.0.0" });
    app.post("/v1/apps/acme/releases", &draft).await.value();

    let words = refused(&create(&app, json!({ "version": "1.1.0" })).await, 422);

    assert!(words.contains("Switchtower itself"), "{words}");
}
