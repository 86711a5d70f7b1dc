//! The feed of Capgo devices. One test for each trap of protocols.md 3.8; what a device does is decided by
//! [`Device`], built after the published package.

use ota_api::{ProblemCode, ReleaseSummary};
use ota_bundle::Format;
use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::capgo::{BOTH, Device, Reaction, Rules};
use crate::support::{Answer, Fixture, archive, publish, rollback, send};

/// An app that serves Capgo clients.
async fn start() -> Fixture {
    let app = Fixture::start().await;
    app.serve(json!({ "serves": ["capgo", "hotswap"] })).await;
    app
}

fn page(version: &str) -> Vec<u8> {
    let title = format!("<!doctype html><title>{version}</title>");
    let files = [("index.html", title.as_str()), ("app.js", "console.log(1)")];
    archive(&files, Format::Zip)
}

impl Fixture {
    pub(crate) async fn serve(&self, systems: Value) {
        self.patch("/v1/apps/acme", &json!({ "systems": systems }))
            .await
            .value();
    }

    async fn configure(&self, channel: &str, settings: Value) {
        let revision = self.channel(channel).await.revision;
        let path = format!("/v1/apps/acme/channels/{channel}");
        let request = self
            .request(Method::PATCH, &path)
            .header(header::IF_MATCH, revision.0);
        send(request.json(&settings)).await.value();
    }

    async fn draft_with(&self, body: Value) -> String {
        let draft: ReleaseSummary = self.post("/v1/apps/acme/releases", &body).await.ok();
        draft.id.0
    }

    pub(crate) async fn put_archive(
        &self,
        id: &str,
        slot: &str,
        version: &str,
        bytes: &[u8],
        seal: Option<Value>,
    ) {
        let path = format!("/v1/apps/acme/releases/{id}/artifacts/{slot}");
        let mut announcement = json!({
            "sha256": Sha256::of(bytes),
            "size_bytes": bytes.len(),
            "signature": self.sign(bytes, version),
        });
        if let Some(seal) = seal {
            announcement["seal"] = seal;
        }
        self.post(&path, &announcement).await.value();
        let chunk = self
            .request(Method::PATCH, &path)
            .header("upload-offset", 0);
        send(chunk.body(bytes.to_vec())).await.value();
    }

    /// A ready release with a plain `.zip`.
    async fn zip_release(&self, version: &str, min: &str) -> String {
        let id = self
            .draft_with(json!({ "version": version, "min_binary_version": min }))
            .await;
        self.put_archive(&id, "zip", version, &page(version), None)
            .await;
        self.finalize(&id).await.value();
        id
    }

    async fn zip_live(&self, version: &str, channel: &str) -> String {
        let id = self.zip_release(version, "1.0.0").await;
        self.deploy(channel, publish(&id)).await;
        id
    }

    async fn capgo(&self, method: Method, path: &str, body: &str) -> Answer {
        let request = self
            .bare(method, &format!("/feeds/capgo/acme/{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_owned());
        send(request).await
    }

    async fn channel_request(
        &self,
        method: Method,
        device: &Device,
        wanted: Option<&str>,
    ) -> Answer {
        let mut info = device.info();
        if let Some(wanted) = wanted {
            info.insert("channel".to_owned(), wanted.into());
        }
        self.capgo(method, "channel", &Value::Object(info).to_string())
            .await
    }
}

fn up_to_date() -> Reaction {
    Reaction::Nothing {
        kind: "up_to_date".to_owned(),
        error: "no_new_version_available".to_owned(),
        breaking: false,
    }
}

fn blocked(error: &str, breaking: bool) -> Reaction {
    Reaction::Nothing {
        kind: "blocked".to_owned(),
        error: error.to_owned(),
        breaking,
    }
}

/// Every way to get nothing.
async fn nothings(app: &Fixture) -> Vec<(&'static str, Value)> {
    let mut seen = Vec::new();
    let device = Device::new(Rules::Android, "1.4.2");
    let mut note = async |name: &'static str, device: &Device| {
        let answer = device.ask(app).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
        seen.push((name, answer.value()));
    };
    note("nothing published", &device).await;
    app.zip_live("2.0.0", "production").await;
    note("up to date", &device.clone().running("2.0.0")).await;
    note("too old", &Device::new(Rules::Android, "0.9")).await;
    note("no version", &Device::new(Rules::Android, "")).await;
    note("no such channel", &device.clone().on("no-such")).await;
    note("no channel's name", &device.clone().on("No Such!")).await;
    app.live("3.0.0", "beta").await;
    note("no zip", &device.clone().on("beta")).await;
    app.configure("production", json!({ "paused": true })).await;
    note("paused", &device).await;
    app.serve(json!({ "serves": ["hotswap"] })).await;
    note("not served", &device).await;
    seen
}

#[tokio::test]
async fn trap_1_no_update_is_a_body_with_status_200_never_204() {
    let app = start().await;
    for (name, body) in nothings(&app).await {
        assert!(body.is_object(), "{name}");
        assert_eq!(body.get("url"), None, "{name}");
    }
}

#[tokio::test]
async fn trap_2_every_negative_answer_has_a_kind_that_reports_no_failure() {
    let app = start().await;
    let kinds: Vec<_> = nothings(&app)
        .await
        .into_iter()
        .map(|(name, body)| (name, body["kind"].as_str().unwrap().to_owned()))
        .collect();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(name, kind)| (*name, kind.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("nothing published", "up_to_date"),
            ("up to date", "up_to_date"),
            ("too old", "blocked"),
            ("no version", "blocked"),
            ("no such channel", "blocked"),
            ("no channel's name", "blocked"),
            ("no zip", "blocked"),
            ("paused", "up_to_date"),
            ("not served", "up_to_date"),
        ]
    );
}

#[tokio::test]
async fn trap_3_an_update_has_neither_the_key_error_nor_the_key_kind() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;

    let answer = Device::new(Rules::Android, "1.4.2").ask(&app).await.value();

    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["checksum", "url", "version"]);
}

#[tokio::test]
async fn trap_4_every_update_has_a_checksum() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    for rules in BOTH {
        let offer = Device::new(rules, "1.4.2").check(&app).await.offer();
        assert_eq!(offer.checksum.len(), 64, "{rules:?}");
        assert_eq!(offer.version, "2.0.0");
        assert_eq!(offer.fetch(&app).await, page("2.0.0"));
    }
}

#[tokio::test]
async fn trap_5_the_checksum_is_lower_case() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    let offer = Device::new(Rules::Ios, "1.4.2").check(&app).await.offer();
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    assert!(offer.checksum.bytes().all(lower), "{}", offer.checksum);
    assert_eq!(offer.checksum, Sha256::of(&page("2.0.0")).to_string());
}

#[tokio::test]
async fn trap_6_an_update_always_has_an_absolute_url_of_a_zip() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    let offer = Device::new(Rules::Android, "1.4.2")
        .check(&app)
        .await
        .offer();
    assert!(offer.url.starts_with("https://ota.example.net/b/acme/"));
    assert!(offer.url.ends_with("/bundle.zip"), "{}", offer.url);
}

#[tokio::test]
async fn trap_7_a_version_name_never_stands_for_other_bytes() {
    let app = start().await;
    let id = app.zip_live("2.0.0", "production").await;
    app.recall(&id).await.value();

    let again = json!({ "version": "2.0.0", "min_binary_version": "1.0.0" });
    app.post("/v1/apps/acme/releases", &again)
        .await
        .refused(409, ProblemCode::VersionExists);
}

#[tokio::test]
async fn trap_8_on_the_built_in_bundle_the_binarys_version_is_the_version_name() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    for rules in BOTH {
        // The client takes both for the same, so an offer would end there.
        assert_eq!(
            Device::new(rules, "2.0.0").check(&app).await,
            up_to_date(),
            "{rules:?}"
        );
        // It compares text: 2.0 is another name than 2.0.0.
        let offer = Device::new(rules, "2.0").check(&app).await.offer();
        assert_eq!(offer.version, "2.0.0");
    }
}

#[tokio::test]
async fn trap_9_statistics_come_as_a_list_or_as_one_event() {
    let app = start().await;
    let event = |action: &str| {
        let mut event = Device::new(Rules::Android, "1.4.2").info();
        event.insert("action".to_owned(), action.into());
        event.insert("old_version_name".to_owned(), "1.0.0".into());
        event.insert("timestamp".to_owned(), 1_763_715_600_000_u64.into());
        event.insert("metadata".to_owned(), json!({ "reason": "x" }));
        Value::Object(event)
    };
    for body in [
        json!([event("set"), event("download_10")]),
        event("rate_limit_reached"),
        json!([event("an_action_of_the_future")]),
        json!([]),
        json!([null, 7, "text", { "action": ["?"] }]),
    ] {
        let answer = app.capgo(Method::POST, "stats", &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
        assert_eq!(answer.value(), json!({ "status": "ok" }));
    }
    // Refused for good: the client drops what it cannot deliver, and would send a 5xx again for ever.
    let long = format!("[{}]", "0,".repeat(2 * 1024 * 1024));
    for (body, status) in [("", 400), ("7", 400), ("[{", 400), (long.as_str(), 413)] {
        let answer = app.capgo(Method::POST, "stats", body).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(answer.header(header::CONTENT_TYPE).contains("json"));
    }
}

#[tokio::test]
async fn trap_10_the_bundle_is_served_without_a_redirect() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    let offer = Device::new(Rules::Android, "1.4.2")
        .check(&app)
        .await
        .offer();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = send(client.get(format!("{}{}", app.base, offer.path()))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/zip");
}

#[tokio::test]
async fn trap_11_a_zip_with_a_folder_around_everything_is_refused() {
    let app = start().await;
    let files = [("dist/index.html", "<title>x</title>"), ("dist/a.js", "1")];
    let id = app.draft("2.0.0").await;
    app.put_archive(&id, "zip", "2.0.0", &archive(&files, Format::Zip), None)
        .await;
    app.finalize(&id)
        .await
        .refused(422, ProblemCode::ArchiveRefused);
}

/// As `npx @capgo/cli key create` writes it.
const PUBLIC_KEY: &str = "-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAxOLMAGcLS+14xSPyegnpu3UwLwhSs/mLCoI+F2AQoXPuEcBlbYFj
PDxJeobJRi3PEo3kYP1aCG2jFPsZO3nDn5m+8l8N1NHcqM0cze7V+T8I079nyOOp
7rQ9GczBAkANTGz0pucU733RC8b6uEaGEFYrn3FjgAPKPecYyZvGusv7y3+awKrt
226TNN5DYlXCLkbPfJz/0CGxZ9/330SiSjTfh0cWi7abmE4wKzAZaALjI3GDJnN2
8upDIKsZfH/sQC6ghlKQRsM/EYNoNbLlZCq2a+aWdka0e08xNohax15Zs5NEdZ1c
ZspUbDzO8cq+YMn3NgzgLltItWZsNWzPOQIDAQAB
-----END RSA PUBLIC KEY-----
";

#[tokio::test]
async fn trap_12_an_app_with_a_key_is_never_offered_a_plain_bundle() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    app.serve(json!({ "serves": ["capgo"], "capgo_public_key": PUBLIC_KEY }))
        .await;
    for rules in BOTH {
        let mut device = Device::new(rules, "1.4.2");
        device.has_key = true;
        assert_eq!(device.check(&app).await, blocked("no_bundle", false));
    }
}

#[tokio::test]
async fn a_key_that_clients_cannot_read_is_refused() {
    let app = start().await;
    let pkcs8 = PUBLIC_KEY.replace("RSA PUBLIC", "PUBLIC");
    let cut = PUBLIC_KEY.replace("ZspUbDzO8cq+YMn3NgzgLltItWZsNWzPOQIDAQAB\n", "");
    for pem in ["", "a key", app.signer.line().as_str(), &pkcs8, &cut] {
        let systems = json!({ "serves": ["capgo"], "capgo_public_key": pem });
        app.patch("/v1/apps/acme", &json!({ "systems": systems }))
            .await
            .refused(422, ProblemCode::Invalid);
    }
}

#[tokio::test]
async fn an_encrypted_bundle_that_no_device_could_open_is_refused() {
    let app = start().await;
    app.serve(json!({ "serves": ["capgo"], "capgo_public_key": PUBLIC_KEY }))
        .await;
    let bytes = page("2.0.0");
    let announcement = |seal: Option<Value>| {
        json!({
            "sha256": Sha256::of(&bytes), "size_bytes": bytes.len(),
            "signature": app.sign(&bytes, "2.0.0"), "seal": seal,
        })
    };
    let id = app.draft("2.0.0").await;
    let path = format!("/v1/apps/acme/releases/{id}/artifacts");
    let seal = json!({ "session_key": "AAAA:AAAA", "checksum": "00" });
    app.post(&format!("{path}/capgo_zip"), &announcement(None))
        .await
        .refused(422, ProblemCode::Invalid);
    app.post(&format!("{path}/zip"), &announcement(Some(seal.clone())))
        .await
        .refused(422, ProblemCode::Invalid);
    app.put_archive(&id, "capgo_zip", "2.0.0", &bytes, Some(seal))
        .await;
    app.finalize(&id)
        .await
        .refused(422, ProblemCode::ArchiveRefused);
}

#[tokio::test]
async fn trap_13_bundles_have_no_content_encoding() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    let offer = Device::new(Rules::Ios, "1.4.2").check(&app).await.offer();
    let request = app
        .bare(Method::GET, &offer.path())
        .header(header::ACCEPT_ENCODING, "gzip, br, deflate");
    let answer = send(request).await;
    assert_eq!(answer.header(header::CONTENT_ENCODING), "");
    assert_eq!(answer.body, page("2.0.0"));
    let length = answer.body.len().to_string();
    assert_eq!(answer.header(header::CONTENT_LENGTH), length);
}

/// Fetches each file by itself, as A/DownloadService.java:1090-1175 and I/CapgoUpdater.swift:1822-1846 do.
async fn fetch_files(app: &Fixture, manifest: &Value) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in manifest.as_array().unwrap() {
        let name = entry["file_name"].as_str().unwrap();
        let url = url::Url::parse(entry["download_url"].as_str().unwrap()).unwrap();
        let request = app
            .bare(Method::GET, url.path())
            .header(header::ACCEPT_ENCODING, "gzip, br");
        let answer = send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.header(header::CONTENT_ENCODING), "", "{name}");
        let rest = app
            .bare(Method::GET, url.path())
            .header(header::RANGE, "bytes=1-");
        let rest = send(rest).await;
        assert_eq!(rest.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(rest.body, answer.body[1..]);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut answer.body.as_slice(), &mut plain).unwrap();
        assert_eq!(entry["file_hash"], Sha256::of(&plain).to_string(), "{name}");
        files.push((name.strip_suffix(".br").unwrap().to_owned(), plain));
    }
    files.sort();
    files
}

#[tokio::test]
async fn an_app_may_offer_each_file_by_itself() {
    let app = start().await;
    app.zip_live("1.9.0", "production").await;
    app.serve(json!({ "serves": ["capgo"], "capgo_files": true }))
        .await;
    let device = Device::new(Rules::Android, "1.4.2");
    // Published before: it comes whole.
    assert_eq!(device.check(&app).await.offer().manifest, None);

    app.zip_live("2.0.0", "production").await;
    for rules in BOTH {
        let offer = Device::new(rules, "1.4.2").check(&app).await.offer();
        let files = fetch_files(&app, offer.manifest.as_ref().unwrap()).await;
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["app.js", "index.html"]);
        assert_eq!(files[0].1, b"console.log(1)");
        // The URL stays right for clients that read no manifest (trap 6).
        assert_eq!(offer.fetch(&app).await, page("2.0.0"));
    }
    let app = app.restart().await;
    let again = device.check(&app).await.offer();
    assert_eq!(
        fetch_files(&app, again.manifest.as_ref().unwrap())
            .await
            .len(),
        2
    );

    // What did not change is the same file.
    let first = again.manifest.unwrap();
    app.zip_live("2.1.0", "production").await;
    let second = device.check(&app).await.offer().manifest.unwrap();
    assert_eq!(first[0], second[0], "app.js");
    assert_ne!(first[1], second[1], "index.html");

    app.serve(json!({ "serves": ["capgo"] })).await;
    assert_eq!(device.check(&app).await.offer().manifest, None);
    let both = json!({ "serves": ["capgo"], "capgo_files": true, "capgo_public_key": PUBLIC_KEY });
    app.patch("/v1/apps/acme", &json!({ "systems": both }))
        .await
        .refused(422, ProblemCode::Invalid);
}

#[tokio::test]
async fn a_release_with_an_empty_file_comes_whole() {
    let app = start().await;
    app.serve(json!({ "serves": ["capgo"], "capgo_files": true }))
        .await;
    let files = [("index.html", "<title>x</title>"), ("empty.txt", "")];
    let id = app.draft("2.0.0").await;
    app.put_archive(&id, "zip", "2.0.0", &archive(&files, Format::Zip), None)
        .await;
    app.finalize(&id).await.value();
    app.deploy("production", publish(&id)).await;
    let offer = Device::new(Rules::Ios, "1.4.2").check(&app).await.offer();
    assert_eq!(offer.manifest, None);
}

#[tokio::test]
async fn a_device_follows_its_channel_up_and_down() {
    let app = start().await;
    let first = app.zip_live("2.0.0", "production").await;
    app.zip_live("2.1.0", "production").await;
    for rules in BOTH {
        let device = Device::new(rules, "1.4.2");
        assert_eq!(device.check(&app).await.offer().version, "2.1.0");
        assert_eq!(device.running("2.1.0").check(&app).await, up_to_date());
    }

    app.deploy("production", rollback(&first)).await;

    for rules in BOTH {
        let device = Device::new(rules, "1.4.2").running("2.1.0");
        assert_eq!(device.check(&app).await.offer().version, "2.0.0");
        let tester = device.on("beta");
        assert_eq!(tester.check(&app).await, up_to_date(), "nothing there");
    }
}

#[tokio::test]
async fn going_back_to_the_built_in_bundle_is_a_command() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    let action = json!({ "action": "built_in", "reason": "the page stays blank" });
    app.deploy("production", action).await;
    for rules in BOTH {
        let device = Device::new(rules, "1.4.2");
        assert_eq!(device.check(&app).await, up_to_date(), "it is there");
        let updated = device.running("2.0.0");
        assert_eq!(updated.check(&app).await, Reaction::BuiltIn, "{rules:?}");
    }
}

#[tokio::test]
async fn a_binary_outside_the_range_is_blocked_and_the_app_hears_why() {
    let app = start().await;
    let id = app
        .draft_with(json!({
            "version": "2.0.0", "min_binary_version": "1.4.0", "max_binary_version": "2.0.0",
        }))
        .await;
    app.put_archive(&id, "zip", "2.0.0", &page("2.0.0"), None)
        .await;
    app.finalize(&id).await.value();
    app.deploy("production", publish(&id)).await;
    for rules in BOTH {
        for (build, expected) in [
            ("1.3", Some(blocked("disable_auto_update_to_major", true))),
            (
                "1.4-rc.1",
                Some(blocked("disable_auto_update_to_major", true)),
            ),
            ("1.4", None),
            ("1.4.9.12", None),
            (
                "2",
                Some(blocked("disable_auto_update_under_native", false)),
            ),
        ] {
            let reaction = Device::new(rules, build).check(&app).await;
            match expected {
                Some(expected) => assert_eq!(reaction, expected, "{build}"),
                None => assert_eq!(reaction.offer().version, "2.0.0"),
            }
        }
    }
}

#[tokio::test]
async fn bodies_of_any_shape_get_an_answer_that_clients_read() {
    let app = start().await;
    app.zip_live("2.0.0", "production").await;
    // Types that no client sends; what is missing counts as unknown.
    for (body, error) in [
        ("{}", "unknown_version_build"),
        (
            r#"{"version_build":null,"version_name":[]}"#,
            "unknown_version_build",
        ),
        (
            r#"{"version_build":0.5,"version_name":7}"#,
            "disable_auto_update_to_major",
        ),
    ] {
        let answer = app.capgo(Method::POST, "updates", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
        assert_eq!(answer.value()["error"], error, "{body}");
    }
    let huge = format!(r#"{{"custom_id":"{}"}}"#, "x".repeat(3 * 1024 * 1024));
    let deep = "[".repeat(100_000);
    for (body, status) in [
        ("", 400),
        ("[]", 400),
        ("{\"a\":", 400),
        (deep.as_str(), 400),
        (huge.as_str(), 413),
    ] {
        for (method, path) in [
            (Method::POST, "updates"),
            (Method::POST, "channel"),
            (Method::PUT, "channel"),
        ] {
            let answer = app.capgo(method, path, body).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert_eq!(answer.value_of(status)["error"], "invalid_request");
        }
    }
    let stranger = app.bare(Method::POST, "/feeds/capgo/nobody/updates");
    let answer = send(stranger.body("{}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.value_of(404)["error"], "app_not_found");
}

#[tokio::test]
async fn a_device_chooses_channels_that_are_not_protected_and_the_default_one() {
    let app = start().await;
    let device = Device::new(Rules::Android, "1.4.2");
    for (channel, status, error) in [
        ("beta", 200, None),
        // Protected, but what every device follows.
        ("production", 200, None),
        ("no-such", 400, Some("channel_not_found")),
        ("", 400, Some("channel_not_found")),
        ("../etc", 400, Some("channel_not_found")),
    ] {
        let answer = app
            .channel_request(Method::POST, &device, Some(channel))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{channel}");
        let body = answer.value_of(status);
        assert_eq!(body.get("error").and_then(Value::as_str), error);
        if error.is_none() {
            assert_eq!(body, json!({ "status": "ok" }));
        }
    }
    app.configure("beta", json!({ "protected": true })).await;
    let answer = app
        .channel_request(Method::POST, &device, Some("beta"))
        .await;
    assert_eq!(
        answer.value_of(400)["error"],
        "channel_self_set_not_allowed"
    );
}

#[tokio::test]
async fn a_device_is_told_which_channel_it_follows_and_which_there_are() {
    let app = start().await;
    let device = Device::new(Rules::Ios, "1.4.2");
    let shown = app.channel_request(Method::PUT, &device, None).await;
    assert_eq!(
        shown.value(),
        json!({ "channel": "production", "status": "default", "allowSet": true })
    );
    let tester = device.clone().on("beta");
    let shown = app.channel_request(Method::PUT, &tester, None).await;
    assert_eq!(
        shown.value(),
        json!({ "channel": "beta", "status": "override", "allowSet": true })
    );
    // With 400 and these words the client goes on with what it has (CapgoUpdater.java:2692-2701).
    let lost = device.on("gone");
    let answer = app.channel_request(Method::PUT, &lost, None).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("channel_not_found"));

    let list = app.bare(Method::GET, "/feeds/capgo/acme/channel?platform=ios");
    let list = send(list).await.value();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|channel| {
            assert!(channel["id"].is_u64(), "{channel}");
            (
                channel["name"].as_str().unwrap(),
                channel["public"] == true,
                channel["allow_self_set"] == true,
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("hotfix", false, true),
            ("staging", false, true),
            ("beta", false, true),
            ("production", true, true),
        ]
    );
}
