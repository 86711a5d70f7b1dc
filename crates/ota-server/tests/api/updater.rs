//! The feed of `tauri-plugin-updater`. One test for each trap of protocols.md 2.6 that a server can fall into.
//!
//! Two have none here: 9 (the two spellings of a public key) is about what people are shown, and hotswap's trap 2 holds
//! what the server keeps; 11 (old `.zip` wrappers) is about how the client was built.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use ota_api::{ProblemCode, ReleaseSummary};
use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Answer, Fixture, promote, publish, rollback, send};

/// A file that begins as such an installer does, with bytes of its own.
pub(crate) fn installer(kind: &str, text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = match kind {
        "deb" => {
            b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n".into()
        }
        "rpm" => b"\xED\xAB\xEE\xDB\x03\x00".into(),
        "appimage" => b"\x7FELF\x02\x01\x01\x00AI\x02".into(),
        "nsis" => b"MZ\x90\x00".into(),
        "msi" => b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".into(),
        other => panic!("no installer {other}"),
    };
    bytes.resize(256, 0);
    bytes.extend(text.as_bytes());
    bytes
}

/// The app `acme`, which serves updaters.
async fn app() -> Fixture {
    let app = Fixture::start().await;
    serve(&app, &["hotswap", "tauri_updater"]).await;
    app
}

async fn serve(app: &Fixture, systems: &[&str]) {
    let change = json!({ "systems": { "serves": systems } });
    app.patch("/v1/apps/acme", &change).await.value();
}

/// Signs as tauri's bundler does (updater_signature.rs:131-193).
fn sign(app: &Fixture, bytes: &[u8], file: &str, version: &str) -> String {
    let comment = format!("timestamp:1763715600\tfile:{file}\tversion:{version}");
    app.signer.sign(bytes, &comment)
}

async fn announce(
    app: &Fixture,
    id: &str,
    platform: &str,
    file: &str,
    bytes: &[u8],
    signature: &str,
) -> Answer {
    let body = json!({
        "sha256": Sha256::of(bytes), "size_bytes": bytes.len(), "signature": signature, "file": file,
    });
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/{platform}");
    app.post(&path, &body).await
}

async fn append(app: &Fixture, id: &str, platform: &str, bytes: &[u8]) {
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/{platform}");
    let request = app.request(Method::PATCH, &path).header("upload-offset", 0);
    send(request.body(bytes.to_vec())).await.value();
}

async fn draft(app: &Fixture, version: &str, notes: &str, min: &str) -> String {
    let body = json!({
        "kind": "native", "version": version, "notes": notes, "min_binary_version": min,
    });
    let draft: ReleaseSummary = app.post("/v1/apps/acme/releases", &body).await.ok();
    draft.id.0
}

async fn upload(app: &Fixture, id: &str, version: &str, installers: &[(&str, &str)]) {
    for (platform, kind) in installers {
        let (file, bytes) = (
            format!("acme_{version}.{kind}"),
            installer(kind, &format!("{version} {platform}")),
        );
        let signature = sign(app, &bytes, &file, version);
        announce(app, id, platform, &file, &bytes, &signature)
            .await
            .value();
        append(app, id, platform, &bytes).await;
    }
}

/// A ready release with these platforms, each of a kind.
async fn release(app: &Fixture, version: &str, installers: &[(&str, &str)]) -> String {
    let id = draft(app, version, "", "0.0.0").await;
    upload(app, &id, version, installers).await;
    app.finalize(&id).await.value();
    id
}

async fn live(app: &Fixture, version: &str, installers: &[(&str, &str)]) -> String {
    let id = release(app, version, installers).await;
    app.deploy("production", publish(&id)).await;
    id
}

async fn get(app: &Fixture, path: &str) -> Answer {
    let answer = send(app.bare(Method::GET, &format!("/feeds/tauri/acme/{path}"))).await;
    match answer.status {
        // The client parses whatever comes with another success (updater.rs:618-623).
        StatusCode::NO_CONTENT => assert!(answer.body.is_empty()),
        StatusCode::OK => {
            assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
            answer.body.starts_with(b"{").then_some(()).unwrap();
        }
        other => assert!(other.is_client_error(), "{other}"),
    }
    answer
}

/// The version that is offered for a path.
async fn offered(app: &Fixture, path: &str) -> Option<String> {
    let answer = get(app, path).await;
    if answer.status == StatusCode::NO_CONTENT {
        return None;
    }
    Some(answer.value()["version"].as_str().unwrap().to_owned())
}

const LATEST: &str = "production/latest.json";
const DEB: (&str, &str) = ("linux-x86_64-deb", "deb");
const APPIMAGE: (&str, &str) = ("linux-x86_64-appimage", "appimage");

/// What differs from run to run, replaced.
fn shown(text: &str, signatures: &[String]) -> String {
    let mut text = text.to_owned();
    for signature in signatures {
        text = text.replace(&STANDARD.encode(signature), "[signature]");
    }
    text
}

async fn signatures(app: &Fixture, id: &str) -> Vec<String> {
    let release: ReleaseSummary = app.get(&format!("/v1/apps/acme/releases/{id}")).await.ok();
    let installers = release.installers.into_iter();
    installers.map(|installer| installer.signature).collect()
}

#[tokio::test]
async fn the_dynamic_answer_has_the_five_fields_and_the_bytes_are_there() {
    let app = app().await;
    let id = draft(&app, "2.3.0", "Faster \"start\"", "0.0.0").await;
    upload(&app, &id, "2.3.0", &[DEB]).await;
    app.finalize(&id).await.value();
    app.deploy("production", publish(&id)).await;

    let answer = get(&app, "linux/x86_64/2.2.9?bundle_type=deb").await;

    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let text = answer.text();
    let signatures = signatures(&app, &id).await;
    let bytes = installer("deb", "2.3.0 linux-x86_64-deb");
    let digest = Sha256::of(&bytes).to_string();
    assert_snapshot!(shown(&text, &signatures).replace(&digest, "[sha256]"), @r#"{"version":"2.3.0","notes":"Faster \"start\"","pub_date":"2026-11-21T09:00:00Z","url":"https://ota.example.net/b/acme/[sha256]/acme_2.3.0.deb","signature":"[signature]"}"#);
    let url = url::Url::parse(answer.value()["url"].as_str().unwrap()).unwrap();
    let download = send(app.bare(Method::GET, url.path())).await;
    assert_eq!(download.body, bytes);
    assert_eq!(
        download.header(header::CONTENT_LENGTH),
        bytes.len().to_string()
    );
    assert_eq!(download.header(header::CONTENT_ENCODING), "");
}

#[tokio::test]
async fn trap_1_the_signature_is_base64_without_white_space_and_verifies_as_the_client_does_it() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB]).await;
    let dynamic = get(&app, "linux/x86_64/2.2.9?bundle_type=deb")
        .await
        .value();
    let file = get(&app, LATEST).await.value();

    for signature in [
        &dynamic["signature"],
        &file["platforms"]["linux-x86_64-deb"]["signature"],
    ] {
        // Strict, as updater.rs:1969-1975: a newline at the end would fail here.
        let text = STANDARD.decode(signature.as_str().unwrap()).unwrap();
        let text = String::from_utf8(text).unwrap();
        let decoded = minisign_verify::Signature::decode(&text).unwrap();
        let key = minisign_verify::PublicKey::decode(&app.signer.file()).unwrap();
        let bytes = installer("deb", "2.3.0 linux-x86_64-deb");
        key.verify(&bytes, &decoded, true).unwrap();
        assert!(decoded.trusted_comment().ends_with("\tversion:2.3.0"));
    }
}

#[tokio::test]
async fn trap_2_there_is_no_name_beside_the_version() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB]).await;

    let dynamic = get(&app, "linux/x86_64/2.2.9?bundle_type=deb")
        .await
        .value();
    let file = get(&app, LATEST).await.value();

    for body in [dynamic, file] {
        assert_eq!(body["version"], "2.3.0");
        assert_eq!(body.get("name"), None);
    }
}

#[tokio::test]
async fn trap_3_the_date_is_rfc_3339_and_empty_notes_are_left_out() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB]).await;

    let dynamic = get(&app, "linux/x86_64/2.2.9?bundle_type=deb")
        .await
        .value();
    let file = get(&app, LATEST).await.value();

    for body in [dynamic, file] {
        let date = body["pub_date"].as_str().unwrap();
        chrono::DateTime::parse_from_rfc3339(date).unwrap();
        assert_eq!(body.get("notes"), None);
    }
}

#[tokio::test]
async fn trap_4_nothing_for_a_device_is_204_and_never_404() {
    let app = app().await;
    let nothing = async |path: &str| assert_eq!(get(&app, path).await.status, 204, "{path}");
    nothing("linux/x86_64/1.0.0?bundle_type=deb").await;
    nothing(LATEST).await;

    let id = live(&app, "2.3.0", &[DEB]).await;
    for path in [
        // The same, a higher one.
        "linux/x86_64/2.3.0?bundle_type=deb",
        "linux/x86_64/3.0.0?bundle_type=deb",
        // Other systems, architectures and bundle types, also some that nobody has heard of.
        "linux/aarch64/1.0.0?bundle_type=deb",
        "darwin/x86_64/1.0.0?bundle_type=app",
        "windows/x86_64/1.0.0?bundle_type=nsis",
        "plan9/x86_64/1.0.0?bundle_type=deb",
        "linux/x86_64/1.0.0?bundle_type=rpm",
        "linux/x86_64/1.0.0?bundle_type=snap",
        "..%2f..%2fetc/x86_64/1.0.0?bundle_type=deb",
        // Channels.
        "linux/x86_64/1.0.0?bundle_type=deb&channel=beta",
        "linux/x86_64/1.0.0?bundle_type=deb&channel=nightly",
        "linux/x86_64/1.0.0?bundle_type=deb&channel=No%20Channel",
        "beta/latest.json",
        "nightly/latest.json",
        "No%20Channel/latest.json",
    ] {
        nothing(path).await;
    }

    let pause = async |paused: bool| {
        let revision = app.channel("production").await.revision;
        let request = app
            .request(Method::PATCH, "/v1/apps/acme/channels/production")
            .header(header::IF_MATCH, revision.0);
        send(request.json(&json!({ "paused": paused })))
            .await
            .value();
    };
    let hit = "linux/x86_64/1.0.0?bundle_type=deb";
    pause(true).await;
    nothing(hit).await;
    nothing(LATEST).await;
    pause(false).await;
    assert_eq!(offered(&app, hit).await.as_deref(), Some("2.3.0"));
    assert_eq!(offered(&app, LATEST).await.as_deref(), Some("2.3.0"));

    serve(&app, &["hotswap"]).await;
    nothing(hit).await;
    nothing(LATEST).await;
    serve(&app, &["tauri_updater"]).await;
    assert_eq!(offered(&app, hit).await.as_deref(), Some("2.3.0"));

    app.recall(&id).await.value();
    nothing(hit).await;
    nothing(LATEST).await;
}

#[tokio::test]
async fn trap_5_a_mistake_in_the_endpoint_is_no_success_so_the_client_asks_the_next_one() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB]).await;

    for (path, status) in [
        ("/feeds/tauri/nobody/linux/x86_64/1.0.0", 404),
        ("/feeds/tauri/nobody/production/latest.json", 404),
        ("/feeds/tauri/acme/linux/x86_64/latest", 400),
        ("/feeds/tauri/acme/linux/x86_64/1.0", 400),
        ("/feeds/tauri/acme/linux/x86_64/%7B%7Bversion%7D%7D", 400),
        ("/feeds/tauri/acme/linux/x86_64/%FF", 400),
        ("/feeds/tauri/acme/linux", 404),
    ] {
        let answer = send(app.bare(Method::GET, path)).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {}", answer.text());
    }
}

#[tokio::test]
async fn trap_6_a_platform_that_is_not_complete_is_in_no_answer() {
    let app = app().await;
    let id = draft(&app, "2.3.0", "", "0.0.0").await;
    upload(&app, &id, "2.3.0", &[DEB]).await;
    let bytes = installer("appimage", "half of it");
    let signature = sign(&app, &bytes, "acme.AppImage", "2.3.0");
    announce(&app, &id, APPIMAGE.0, "acme.AppImage", &bytes, &signature)
        .await
        .value();
    append(&app, &id, APPIMAGE.0, &bytes[..100]).await;

    app.finalize(&id)
        .await
        .refused(409, ProblemCode::UploadIncomplete);
    app.try_deploy("production", &publish(&id))
        .await
        .refused(409, ProblemCode::NotReady);
    assert_eq!(get(&app, LATEST).await.status, 204);
    assert_eq!(
        offered(&app, "linux/x86_64/1.0.0?bundle_type=deb").await,
        None
    );

    let id = live(&app, "2.4.0", &[DEB, ("windows-x86_64", "msi")]).await;
    let file = get(&app, LATEST).await.value();
    for (key, platform) in file["platforms"].as_object().unwrap() {
        let url = url::Url::parse(platform["url"].as_str().unwrap());
        assert_eq!(url.unwrap().scheme(), "https", "{key} of {id}");
        assert!(!platform["signature"].as_str().unwrap().is_empty(), "{key}");
    }
}

#[tokio::test]
async fn trap_7_a_signature_for_another_version_is_refused_before_anything_is_live() {
    let app = app().await;
    let id = draft(&app, "2.3.0", "", "0.0.0").await;
    let bytes = installer("deb", "2.2.0");
    let signature = sign(&app, &bytes, "acme.deb", "2.2.0");
    announce(&app, &id, DEB.0, "acme.deb", &bytes, &signature)
        .await
        .value();
    append(&app, &id, DEB.0, &bytes).await;

    let problem = app
        .finalize(&id)
        .await
        .refused(422, ProblemCode::SignatureInvalid);

    assert_snapshot!(problem.detail, @"The signature was made for version 2.2.0, not for this release. Nothing was published");
    assert_eq!(get(&app, LATEST).await.status, 204);
}

#[tokio::test]
async fn trap_8_versions_are_compared_as_the_client_compares_them() {
    let app = app().await;
    live(&app, "1.0.0-beta.2+7", &[DEB]).await;
    let at = async |current: &str| {
        offered(&app, &format!("linux/x86_64/{current}?bundle_type=deb"))
            .await
            .is_some()
    };

    assert!(at("0.9.0").await);
    assert!(at("1.0.0-beta.1").await);
    assert!(!at("1.0.0").await, "a pre-release is below its release");
    // Percent-encoded, as the client does it; build metadata is ordered, too.
    assert!(at("1.0.0-beta.2%2B6").await);
    assert!(!at("1.0.0-beta.2%2B7").await);
    assert!(!at("1.0.0-beta.2%2B8").await);
}

#[tokio::test]
async fn trap_10_the_file_has_a_key_for_each_installer_and_the_plain_one() {
    let app = app().await;
    let id = live(
        &app,
        "2.3.0",
        &[
            ("linux-x86_64-appimage", "appimage"),
            ("linux-x86_64-deb", "deb"),
            ("linux-x86_64-rpm", "rpm"),
            ("linux-aarch64-deb", "deb"),
            ("windows-x86_64-msi", "msi"),
            ("windows-x86_64-nsis", "nsis"),
            ("windows-aarch64-msi", "msi"),
            ("acme-kiosk", "deb"),
        ],
    )
    .await;

    let answer = get(&app, LATEST).await;
    let mut text = shown(&answer.text(), &signatures(&app, &id).await);
    let file: Value = answer.value();
    for (platform, kind) in [
        ("linux-x86_64-appimage", "appimage"),
        ("linux-x86_64-deb", "deb"),
        ("linux-x86_64-rpm", "rpm"),
        ("linux-aarch64-deb", "deb"),
        ("windows-x86_64-msi", "msi"),
        ("windows-x86_64-nsis", "nsis"),
        ("windows-aarch64-msi", "msi"),
        ("acme-kiosk", "deb"),
    ] {
        let digest = Sha256::of(&installer(kind, &format!("2.3.0 {platform}")));
        text = text.replace(&digest.to_string(), &format!("[{platform}]"));
    }
    let lines: Vec<_> = file["platforms"].as_object().unwrap().keys().collect();
    assert_eq!(lines.len(), 11);
    assert_snapshot!(text.replace("},\"", "},\n\"").replace("\"platforms\":{", "\"platforms\":{\n"), @r#"
    {"version":"2.3.0","pub_date":"2026-11-21T09:00:00Z","platforms":{
    "acme-kiosk":{"url":"https://ota.example.net/b/acme/[acme-kiosk]/acme_2.3.0.deb","signature":"[signature]"},
    "linux-aarch64-deb":{"url":"https://ota.example.net/b/acme/[linux-aarch64-deb]/acme_2.3.0.deb","signature":"[signature]"},
    "linux-x86_64":{"url":"https://ota.example.net/b/acme/[linux-x86_64-appimage]/acme_2.3.0.appimage","signature":"[signature]"},
    "linux-x86_64-appimage":{"url":"https://ota.example.net/b/acme/[linux-x86_64-appimage]/acme_2.3.0.appimage","signature":"[signature]"},
    "linux-x86_64-deb":{"url":"https://ota.example.net/b/acme/[linux-x86_64-deb]/acme_2.3.0.deb","signature":"[signature]"},
    "linux-x86_64-rpm":{"url":"https://ota.example.net/b/acme/[linux-x86_64-rpm]/acme_2.3.0.rpm","signature":"[signature]"},
    "windows-aarch64":{"url":"https://ota.example.net/b/acme/[windows-aarch64-msi]/acme_2.3.0.msi","signature":"[signature]"},
    "windows-aarch64-msi":{"url":"https://ota.example.net/b/acme/[windows-aarch64-msi]/acme_2.3.0.msi","signature":"[signature]"},
    "windows-x86_64":{"url":"https://ota.example.net/b/acme/[windows-x86_64-nsis]/acme_2.3.0.nsis","signature":"[signature]"},
    "windows-x86_64-msi":{"url":"https://ota.example.net/b/acme/[windows-x86_64-msi]/acme_2.3.0.msi","signature":"[signature]"},
    "windows-x86_64-nsis":{"url":"https://ota.example.net/b/acme/[windows-x86_64-nsis]/acme_2.3.0.nsis","signature":"[signature]"}}}
    "#);
}

#[tokio::test]
async fn a_device_gets_what_it_was_installed_from_and_nothing_else() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB, APPIMAGE]).await;
    let file = async |query: &str| {
        let answer = get(&app, &format!("linux/x86_64/1.0.0{query}")).await;
        if answer.status == StatusCode::NO_CONTENT {
            return "nothing".to_owned();
        }
        let url = answer.value()["url"].as_str().unwrap().to_owned();
        url.rsplit('.').next().unwrap().to_owned()
    };

    assert_eq!(file("?bundle_type=deb").await, "deb");
    assert_eq!(file("?bundle_type=appimage").await, "appimage");
    assert_eq!(file("?bundle_type=rpm").await, "nothing");
    // Not bundled, or a client that does not know the placeholder.
    for unknown in [
        "",
        "?bundle_type=unknown",
        "?bundle_type=",
        "?bundle_type={{bundle_type}}",
        "?bundle_type=%7B%7Bbundle_type%7D%7D",
    ] {
        assert_eq!(file(unknown).await, "appimage", "{unknown}");
    }
}

#[tokio::test]
async fn a_plain_key_serves_what_it_holds_and_not_what_another_bundle_type_would_refuse() {
    let app = app().await;
    live(&app, "2.3.0", &[("linux-x86_64", "appimage")]).await;
    let at = async |query: &str| offered(&app, &format!("linux/x86_64/1.0.0{query}")).await;

    assert!(at("").await.is_some());
    assert!(at("?bundle_type=appimage").await.is_some());
    // It would download all of it and then refuse it (protocols.md 2.4).
    assert_eq!(at("?bundle_type=deb").await, None);
    let file = get(&app, LATEST).await.value();
    let keys: Vec<_> = file["platforms"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys, ["linux-x86_64"]);
}

#[tokio::test]
async fn a_target_of_the_apps_own_is_the_whole_key() {
    let app = app().await;
    live(&app, "2.3.0", &[("acme-kiosk", "deb")]).await;

    assert!(
        offered(&app, "acme-kiosk/x86_64/1.0.0?bundle_type=deb")
            .await
            .is_some()
    );
    assert_eq!(offered(&app, "acme/kiosk/1.0.0").await, None);
    let file = get(&app, LATEST).await.value();
    assert_eq!(file["platforms"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_lowest_version_holds_devices_back_and_leaves_the_file_out() {
    let app = app().await;
    let id = draft(&app, "3.0.0", "", "2.0.0").await;
    upload(&app, &id, "3.0.0", &[DEB]).await;
    app.finalize(&id).await.value();
    app.deploy("production", publish(&id)).await;

    assert_eq!(
        offered(&app, "linux/x86_64/1.9.9?bundle_type=deb").await,
        None
    );
    assert!(
        offered(&app, "linux/x86_64/2.0.0?bundle_type=deb")
            .await
            .is_some()
    );
    // One file for all: it cannot hold 1.9.9 back.
    assert_eq!(get(&app, LATEST).await.status, 204);
}

#[tokio::test]
async fn installers_and_web_bundles_of_a_channel_do_not_touch_each_other() {
    let app = app().await;
    let web = app.live("1.5.0", "production").await;
    let native = live(&app, "2.3.0", &[DEB]).await;
    let hit = "linux/x86_64/1.0.0?bundle_type=deb";

    assert_eq!(app.check("production", 0).await.version(), Some("1.5.0"));
    assert_eq!(offered(&app, hit).await.as_deref(), Some("2.3.0"));

    app.recall(&web).await.value();
    assert_eq!(offered(&app, hit).await.as_deref(), Some("2.3.0"));
    app.recall(&native).await.value();
    assert_eq!(offered(&app, hit).await, None);
}

#[tokio::test]
async fn promoted_installers_are_the_same_on_the_next_channel_and_going_back_offers_the_one_before()
{
    let app = app().await;
    let first = release(&app, "2.3.0", &[DEB]).await;
    let second = release(&app, "2.4.0", &[DEB]).await;
    app.deploy("beta", publish(&first)).await;
    app.deploy("beta", publish(&second)).await;
    app.deploy("production", promote("beta", &second)).await;
    let url = async |channel: &str| {
        let path = format!("linux/x86_64/1.0.0?bundle_type=deb&channel={channel}");
        get(&app, &path).await.value()["url"].clone()
    };
    assert_eq!(url("beta").await, url("production").await);

    app.deploy("beta", rollback(&first)).await;

    let at = async |current: &str| {
        let path = format!("linux/x86_64/{current}?bundle_type=deb&channel=beta");
        offered(&app, &path).await
    };
    assert_eq!(at("1.0.0").await.as_deref(), Some("2.3.0"));
    // Whoever has 2.4.0 keeps it: the client refuses to go down.
    assert_eq!(at("2.4.0").await, None);
}

#[tokio::test]
async fn what_updaters_see_survives_a_restart() {
    let app = app().await;
    live(&app, "2.3.0", &[DEB]).await;
    let hit = "linux/x86_64/1.0.0?bundle_type=deb";
    let before = (get(&app, hit).await.text(), get(&app, LATEST).await.text());

    let app = app.restart().await;

    let after = (get(&app, hit).await.text(), get(&app, LATEST).await.text());
    assert_eq!(after, before);
}
