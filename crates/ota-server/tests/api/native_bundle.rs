//! Self-hosted Capacitor apps, as their client asks and decides (protocols.md 4). `hook` is
//! frontend/src/hooks/useNativeUpdate.tsx of Morelitea/initiative@0af4139, `compare` its useDockerHubVersion.tsx.

use ota_api::ReleaseSummary;
use ota_bundle::{ArchiveLimits, CancellationToken, Format, NoProgress};
use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Answer, Fixture, TestServer, archive, publish, rollback, send, site};

const MANIFEST: &str = "/feeds/bundle/acme/production/manifest";

/// The app with a release line for these clients.
async fn served() -> Fixture {
    let app = Fixture::start().await;
    serve(&app, true).await;
    app
}

async fn serve(app: &TestServer, fixed: bool) {
    let systems = json!({ "serves": ["hotswap", "native_bundle"], "fixed_bundle_paths": fixed });
    app.patch("/v1/apps/acme", &json!({ "systems": systems }))
        .await
        .value();
}

/// A Capacitor build which says the version that is compiled into it.
fn build(version: &str) -> Vec<u8> {
    let page = format!("<!doctype html><title>{version}</title>");
    archive(
        &[("index.html", &page), ("version.txt", version)],
        Format::Zip,
    )
}

/// A ready release of a build; its id.
async fn release(app: &Fixture, mut draft: Value) -> String {
    let version = draft["version"].as_str().unwrap().to_owned();
    if draft.get("min_binary_version").is_none() {
        draft["min_binary_version"] = "1.0.0".into();
    }
    let draft: ReleaseSummary = app.post("/v1/apps/acme/releases", &draft).await.ok();
    let bytes = build(&version);
    let path = format!("/v1/apps/acme/releases/{}/artifacts/zip", draft.id);
    let announcement = json!({
        "sha256": Sha256::of(&bytes), "size_bytes": bytes.len(), "signature": app.sign(&bytes, &version),
    });
    app.post(&path, &announcement).await.value();
    let chunk = app.request(Method::PATCH, &path).header("upload-offset", 0);
    send(chunk.body(bytes)).await.value();
    app.finalize(&draft.id.0).await.value();
    draft.id.0
}

/// A release that production offers; its id.
async fn live(app: &Fixture, version: &str) -> String {
    let id = release(app, json!({ "version": version })).await;
    app.deploy("production", publish(&id)).await;
    id
}

/// What a check came to.
#[derive(Debug, PartialEq, Eq)]
enum Saw {
    /// Nothing is shown.
    Silence,
    /// "Reload now" for this version.
    Prompt(String),
    /// "Update the app from the store" for this version.
    NativeRequired(String),
}

/// An installed app.
struct Device {
    /// What the user typed as the server, with `/api/v1` behind it.
    server_url: String,
    /// `__APP_VERSION__` of the bundle that runs (hook:10).
    current: String,
    /// `CapacitorUpdater.current().native`.
    native: &'static str,
    /// `handledVersionRef` (hook:104).
    handled: Option<String>,
    /// What was downloaded and waits for "Reload now".
    pending: Option<(String, Vec<u8>)>,
}

impl Device {
    fn new(app: &TestServer, native: &'static str) -> Self {
        Self {
            server_url: format!("{}/api/v1", app.base),
            current: native.to_owned(),
            native,
            handled: None,
            pending: None,
        }
    }

    /// `checkForUpdate` (hook:139-200).
    async fn check(&mut self) -> Saw {
        let client = reqwest::Client::new();
        // hook:145-147: no credentials, no header but this one.
        let asked = client
            .get(format!("{}/native/bundle/manifest", self.server_url))
            .header(header::ACCEPT, "application/json");
        let answer = send(asked).await;
        // hook:148-150
        if !answer.status.is_success() {
            return Saw::Silence;
        }
        let manifest = answer.value();
        let told = |name: &str| manifest[name].as_str().unwrap().to_owned();
        // hook:154-156
        if self.handled == Some(told("version")) {
            return Saw::Silence;
        }
        // hook:159-164 and decideNativeUpdate, hook:46-59
        if compare(&told("version"), &self.current) == 0 {
            return Saw::Silence;
        }
        if compare(self.native, &told("minNativeVersion")) < 0 {
            self.handled = Some(told("version"));
            return Saw::NativeRequired(told("version"));
        }
        // buildBundleDownloadUrl, hook:33-34. The server's public address is another one in tests.
        let origin = url::Url::parse(&self.server_url)
            .unwrap()
            .join("/")
            .unwrap();
        let url = origin.join(&told("url")).unwrap();
        let bytes = send(client.get(origin.join(url.path()).unwrap())).await;
        assert_eq!(bytes.status, StatusCode::OK, "{url}");
        // The plugin compares lower-case hex (protocols.md 3.4).
        assert_eq!(Sha256::of(&bytes.body).to_string(), told("checksum"));
        self.handled = Some(told("version"));
        self.pending = Some((told("version"), bytes.body));
        Saw::Prompt(told("version"))
    }

    /// "Reload now", then a start of the app.
    fn reload(&mut self) {
        let (_, bytes) = self.pending.take().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("bundle.zip");
        fs_err::write(&zip, bytes).unwrap();
        let to = folder.path().join("www");
        fs_err::create_dir(&to).unwrap();
        let limits = ArchiveLimits::default();
        let cancel = CancellationToken::new();
        ota_bundle::extract(&zip, Format::Zip, &limits, &to, &NoProgress, &cancel).unwrap();
        assert!(to.join("index.html").is_file(), "at the root of the zip");
        self.current = fs_err::read_to_string(to.join("version.txt")).unwrap();
        self.handled = None;
    }
}

/// compare:35-48, with JavaScript's `Number` and `|| 0`.
fn compare(first: &str, second: &str) -> i32 {
    let numbers = |text: &str| {
        text.split('.')
            .map(|part| part.trim().parse::<f64>().unwrap_or(0.0))
            .collect::<Vec<_>>()
    };
    let (first, second) = (numbers(first), numbers(second));
    for place in 0..3 {
        let one = first.get(place).copied().unwrap_or(0.0);
        let two = second.get(place).copied().unwrap_or(0.0);
        if one > two {
            return 1;
        }
        if one < two {
            return -1;
        }
    }
    0
}

async fn manifest(app: &TestServer, path: &str) -> Answer {
    send(app.bare(Method::GET, path)).await
}

#[tokio::test]
async fn a_device_converges_forward_and_stays() {
    let app = served().await;
    let mut device = Device::new(&app, "1.0.0");
    assert_eq!(device.check().await, Saw::Silence, "nothing is published");
    live(&app, "1.1.0").await;

    assert_eq!(device.check().await, Saw::Prompt("1.1.0".to_owned()));
    assert_eq!(device.check().await, Saw::Silence, "one prompt a session");
    device.reload();

    assert_eq!(device.current, "1.1.0");
    assert_eq!(device.check().await, Saw::Silence, "it is up to date");
    live(&app, "1.2.0").await;
    assert_eq!(device.check().await, Saw::Prompt("1.2.0".to_owned()));
}

#[tokio::test]
async fn a_device_follows_a_rollback_to_the_older_version() {
    let app = served().await;
    let mut device = Device::new(&app, "1.0.0");
    let good = live(&app, "1.1.0").await;
    live(&app, "1.2.0").await;
    device.check().await;
    device.reload();

    app.deploy("production", rollback(&good)).await;

    assert_eq!(device.check().await, Saw::Prompt("1.1.0".to_owned()));
    device.reload();
    assert_eq!(device.current, "1.1.0");
    assert_eq!(device.check().await, Saw::Silence);
}

#[tokio::test]
async fn a_bundle_that_needs_a_newer_binary_asks_for_the_store_once() {
    let app = served().await;
    let id = release(
        &app,
        json!({ "version": "2.0.0", "min_binary_version": "1.5.0" }),
    )
    .await;
    app.deploy("production", publish(&id)).await;
    let mut old = Device::new(&app, "1.4.9");
    let mut new = Device::new(&app, "1.5.0");

    assert_eq!(old.check().await, Saw::NativeRequired("2.0.0".to_owned()));
    assert_eq!(old.check().await, Saw::Silence, "once a session");
    assert_eq!(new.check().await, Saw::Prompt("2.0.0".to_owned()));
}

#[tokio::test]
async fn trap_no_bundle_is_404_with_the_detail_and_no_error_for_the_user() {
    let app = served().await;
    for path in [
        MANIFEST,
        "/feeds/bundle/acme/nightly/manifest",
        "/feeds/bundle/acme/Not%20a%20name/manifest",
        "/feeds/bundle/acmee/production/manifest",
        "/api/v1/native/bundle/manifest",
        "/feeds/bundle/acme/production/download",
        "/api/v1/native/bundle/download",
    ] {
        let answer = manifest(&app, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(
            answer.text(),
            r#"{"detail":"NATIVE_OTA_BUNDLE_NOT_AVAILABLE"}"#,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_manifest_is_four_strings_and_never_kept() {
    let app = served().await;
    live(&app, "1.1.0").await;
    let sha256 = Sha256::of(&build("1.1.0"));

    for path in [MANIFEST, "/api/v1/native/bundle/manifest"] {
        let answer = manifest(&app, path).await;

        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(
            answer.value(),
            json!({
                "version": "1.1.0",
                "url": format!("https://ota.example.net/b/acme/{sha256}/acme-1.1.0.zip"),
                "checksum": sha256.to_string(),
                "minNativeVersion": "1.0.0",
            }),
            "{path}"
        );
    }
}

#[tokio::test]
async fn trap_the_url_names_the_digest_so_that_no_cache_serves_an_old_zip() {
    let app = served().await;
    live(&app, "1.1.0").await;
    let before = manifest(&app, MANIFEST).await.value();
    live(&app, "1.2.0").await;
    let after = manifest(&app, MANIFEST).await.value();

    assert_ne!(before["url"], after["url"]);
    for (told, version) in [(before, "1.1.0"), (after, "1.2.0")] {
        let url = url::Url::parse(told["url"].as_str().unwrap()).unwrap();
        assert!(url.path().contains(told["checksum"].as_str().unwrap()));
        // What was named goes on to be what it was: whoever fetches it late gets what the manifest said.
        let zip = send(app.bare(Method::GET, url.path())).await;
        assert_eq!(zip.body, build(version));
        assert_eq!(
            zip.header(header::CACHE_CONTROL),
            "public, max-age=31536000, immutable"
        );
    }
    // The path that stays is another archive by now: caches must ask before they use what they have.
    let current = manifest(&app, "/api/v1/native/bundle/download").await;
    assert_eq!(current.body, build("1.2.0"));
    assert_eq!(current.header(header::CACHE_CONTROL), "no-cache");
}

#[tokio::test]
async fn trap_versions_that_these_clients_misread_are_not_offered() {
    assert_eq!(compare("1.2.3-beta", "1.2.0"), 0);
    assert_eq!(compare("v1.2.3", "0.2.3"), 0);
    let app = served().await;
    for version in ["1.2.3-beta.1", "1.2.3+build.5"] {
        live(&app, version).await;

        assert_eq!(manifest(&app, MANIFEST).await.status, 404, "{version}");
    }
    // Nor what needs a highest binary version, which the manifest cannot name.
    let ranged = json!({ "version": "1.3.0", "max_binary_version": "2.0.0" });
    let id = release(&app, ranged).await;
    app.deploy("production", publish(&id)).await;
    assert_eq!(manifest(&app, MANIFEST).await.status, 404);
}

#[tokio::test]
async fn trap_the_lowest_binary_version_is_three_plain_numbers_too() {
    let app = served().await;
    let id = release(
        &app,
        json!({ "version": "2.0.0", "min_binary_version": "1.5.2-rc.1" }),
    )
    .await;
    app.deploy("production", publish(&id)).await;

    let told = manifest(&app, MANIFEST).await.value();

    assert_eq!(told["minNativeVersion"], "1.5.2");
}

#[tokio::test]
async fn trap_the_web_view_may_read_the_manifest_from_its_own_origin() {
    let app = served().await;
    let origins = [
        "https://com.morelitea.initiative",
        "capacitor://com.morelitea.initiative",
        "https://localhost",
    ];
    for published in [false, true] {
        if published {
            live(&app, "1.1.0").await;
        }
        for origin in origins {
            for path in [MANIFEST, "/api/v1/native/bundle/manifest"] {
                let asked = app.bare(Method::GET, path).header(header::ORIGIN, origin);
                let answer = send(asked).await;
                assert_eq!(
                    answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
                    "*",
                    "{path} {published}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_preflight_is_answered() {
    let app = served().await;
    let asked = app
        .bare(Method::OPTIONS, MANIFEST)
        .header(header::ORIGIN, "capacitor://localhost")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "accept,x-extra")
        .header("access-control-request-private-network", "true");

    let answer = send(asked).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(
        answer.header(header::ACCESS_CONTROL_ALLOW_METHODS),
        "GET,HEAD"
    );
    assert_eq!(
        answer.header(header::ACCESS_CONTROL_ALLOW_HEADERS),
        "accept,x-extra"
    );
    assert_eq!(
        answer.header("access-control-allow-private-network"),
        "true"
    );
}

#[tokio::test]
async fn both_paths_answer_head_and_the_zip_goes_on_where_it_broke_off() {
    let app = served().await;
    live(&app, "1.1.0").await;
    let bytes = build("1.1.0");
    let told = manifest(&app, MANIFEST).await.value();
    let url = url::Url::parse(told["url"].as_str().unwrap()).unwrap();

    let head = send(app.bare(Method::HEAD, MANIFEST)).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    for path in [
        url.path(),
        "/feeds/bundle/acme/production/download",
        "/api/v1/native/bundle/download",
    ] {
        let head = send(app.bare(Method::HEAD, path)).await;
        assert_eq!(head.header(header::CONTENT_LENGTH), bytes.len().to_string());
        assert_eq!(head.header(header::CONTENT_TYPE), "application/zip");
        assert_eq!(
            head.header(header::CONTENT_DISPOSITION),
            "attachment; filename=\"acme-1.1.0.zip\"",
            "{path}"
        );
        let part = app
            .bare(Method::GET, path)
            .header(header::RANGE, "bytes=10-");
        let part = send(part).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{path}");
        assert_eq!(part.body, bytes[10..], "{path}");
    }
}

#[tokio::test]
async fn what_has_no_zip_or_is_paused_or_recalled_is_not_offered() {
    let app = served().await;
    let only_tar = app.release_of("1.1.0", &site("1.1.0")).await;
    app.deploy("production", publish(&only_tar)).await;
    assert_eq!(manifest(&app, MANIFEST).await.status, 404, "no zip");

    let id = live(&app, "1.2.0").await;
    assert_eq!(manifest(&app, MANIFEST).await.status, 200);
    let pause = |paused: bool, revision: u64| {
        let request = app
            .request(Method::PATCH, "/v1/apps/acme/channels/production")
            .header(header::IF_MATCH, revision)
            .json(&json!({ "paused": paused }));
        send(request)
    };
    let revision = app.channel("production").await.revision.0;
    pause(true, revision).await.value();
    assert_eq!(manifest(&app, MANIFEST).await.status, 404, "paused");
    pause(false, revision + 1).await.value();
    assert_eq!(manifest(&app, MANIFEST).await.status, 200);
    app.recall(&id).await.value();
    assert_eq!(manifest(&app, MANIFEST).await.status, 404, "recalled");
}

#[tokio::test]
async fn an_app_that_does_not_serve_these_clients_has_nothing_for_them() {
    let app = Fixture::start().await;
    live(&app, "1.1.0").await;
    assert_eq!(manifest(&app, MANIFEST).await.status, 404);
    assert_eq!(
        manifest(&app, "/api/v1/native/bundle/manifest")
            .await
            .status,
        404
    );

    serve(&app, false).await;

    assert_eq!(manifest(&app, MANIFEST).await.status, 200);
    assert_eq!(
        manifest(&app, "/api/v1/native/bundle/manifest")
            .await
            .status,
        404,
        "the fixed paths were not asked for"
    );
}
