//! The feed of hotswap devices. One test for each trap of protocols.md 1.8 that a server can fall into.
//!
//! Traps that are the client's alone have none: 11 (`notifyReady()` of the old page confirms an untested bundle) happens
//! inside the app after the download; 12 is about mistakes in documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use ota_api::{BeginUpload, ProblemCode, TrustedKey};
use ota_bundle::Format;
use ota_model::Sha256;
use reqwest::{Method, header};
use serde_json::json;
use tar::EntryType::{Regular, Symlink};

use crate::support::{
    Fixture, Signer, TestServer, archive, publish, rollback, send, site, tar_gz, until,
};

#[tokio::test]
async fn trap_1_min_binary_version_is_the_asking_binarys_own() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;

    for binary in ["1.0.0", "1.4.2", "9.0.0", "1.5.0-beta.1", "1.4.2+build.7"] {
        let query = format!("binary_version={}", binary.replace('+', "%2B"));
        let manifest = app.check_with(0, &query).await.manifest.unwrap();
        assert_eq!(manifest["min_binary_version"], binary);
    }
    // Below the real minimum there is no offer, so no bundle that its binary cannot run.
    assert_eq!(
        app.check_with(0, "binary_version=0.9.9").await.sequence(),
        None
    );
    assert_eq!(
        app.check_with(0, "binary_version=1.0.0-rc.1")
            .await
            .sequence(),
        None
    );
}

#[tokio::test]
async fn trap_2_a_public_key_in_any_spelling_is_given_back_as_the_bare_line() {
    let server = TestServer::start().await;
    let signer = Signer::new();
    for (slug, spelling) in [
        ("bare", signer.line()),
        ("newline", format!("{}\n", signer.line())),
        ("two-lines", signer.file()),
        ("tauri", STANDARD.encode(signer.file())),
    ] {
        server
            .post("/v1/apps", &json!({ "slug": slug }))
            .await
            .value();
        let mut key = signer.trust("release key", slug);
        key.public_key = spelling;

        let trusted: TrustedKey = server
            .post(&format!("/v1/apps/{slug}/keys"), &key)
            .await
            .ok();

        assert_eq!(trusted.public_key, signer.line(), "{slug}");
        assert_eq!(trusted.public_key.len(), 56);
        assert_eq!(trusted.id.as_str(), signer.id());
    }
}

#[tokio::test]
async fn trap_3_a_legacy_signature_is_refused_before_a_byte_is_sent() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;

    let problem = app
        .announce(&id, &bytes, &app.signer.sign_legacy(&bytes))
        .await
        .refused(422, ProblemCode::SignatureInvalid);

    assert_snapshot!(problem.detail, @"The signature is of minisign's legacy kind, which devices refuse. Sign again, prehashed (-H)");
}

#[tokio::test]
async fn trap_4_url_ends_with_the_archive_ending_and_has_no_query() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;

    let manifest = app.check("production", 0).await.manifest.unwrap();

    let url = url::Url::parse(manifest["url"].as_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with("https://"), "{url}");
    assert!(url.as_str().ends_with(".tar.gz"), "{url}");
    assert_eq!((url.query(), url.fragment()), (None, None));
    let path = url.path().to_owned();
    let download = send(app.bare(Method::GET, &path)).await;
    assert_eq!(download.body, site("2.0.0"), "the bytes are there");
}

#[tokio::test]
async fn trap_4_a_zip_is_not_offered_to_clients_that_may_not_read_it() {
    let app = Fixture::start().await;
    let bytes = archive(&[("index.html", "<title>zip</title>")], Format::Zip);
    let id = app.draft("2.0.0").await;
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/zip");
    let announcement = BeginUpload {
        file: None,
        seal: None,
        sha256: Sha256::of(&bytes),
        size_bytes: bytes.len() as u64,
        signature: app.sign(&bytes, "2.0.0"),
    };
    app.post(&path, &announcement).await.value();
    let chunk = app.request(Method::PATCH, &path).header("upload-offset", 0);
    send(chunk.body(bytes)).await.value();
    app.finalize(&id).await.value();

    app.deploy("production", publish(&id)).await;

    assert_eq!(app.check("production", 0).await.status, 204);
}

#[tokio::test]
async fn trap_5_archives_that_clients_would_unpack_silently_wrong_are_refused() {
    let app = Fixture::start().await;
    let wrapped = archive(
        &[
            ("dist/index.html", "<title>x</title>"),
            ("dist/app.js", "1"),
        ],
        Format::TarGz,
    );
    let mut two_members = site("first");
    two_members.extend(site("second"));
    let link = tar_gz(&[
        ("index.html", Regular, "<title>x</title>"),
        ("app.js", Symlink, "/etc/passwd"),
    ]);
    let traversal = tar_gz(&[
        ("index.html", Regular, "<title>x</title>"),
        ("../../evil.js", Regular, "alert(1)"),
    ]);
    let absolute = tar_gz(&[
        ("index.html", Regular, "<title>x</title>"),
        ("/etc/evil.js", Regular, "alert(1)"),
    ]);
    let twice = tar_gz(&[
        ("index.html", Regular, "<title>x</title>"),
        ("index.html", Regular, "<title>y</title>"),
    ]);
    let id = app.draft("2.0.0").await;
    for (what, bytes) in [
        ("There is no index.html at the root", wrapped),
        ("second gzip member", two_members),
        ("holds a link", link),
        ("holds a file whose name", traversal),
        ("holds a file whose name", absolute),
        ("index.html twice", twice),
    ] {
        app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;

        let problem = app
            .finalize(&id)
            .await
            .refused(422, ProblemCode::ArchiveRefused);

        assert!(problem.detail.contains(what), "{what}: {}", problem.detail);
    }
    assert_eq!(
        app.get(&format!("/v1/apps/acme/releases/{id}"))
            .await
            .value()["state"],
        "draft"
    );
}

#[tokio::test]
async fn trap_6_no_update_is_204_with_no_body() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;

    for (why, current, query) in [
        ("up to date", "1", "binary_version=1.4.2"),
        ("nothing deployed", "0", "binary_version=1.4.2&channel=beta"),
        (
            "unknown channel",
            "0",
            "binary_version=1.4.2&channel=nightly",
        ),
        (
            "no channel's name",
            "0",
            "binary_version=1.4.2&channel=Not%20a%20name",
        ),
        ("binary too old", "0", "binary_version=0.1.0"),
        ("binary version empty", "0", "binary_version="),
        ("binary version absent", "0", ""),
        ("binary version not semver", "0", "binary_version=v1.4"),
        ("a number never given out", "77", "binary_version=1.4.2"),
        (
            "the highest number there is",
            "18446744073709551615",
            "binary_version=1.4.2",
        ),
    ] {
        let answer = send(app.bare(
            Method::GET,
            &format!("/feeds/hotswap/acme/{current}?{query}"),
        ))
        .await;
        assert_eq!(answer.status, 204, "{why}");
        assert_eq!(answer.body, b"", "{why}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{why}");
    }
}

#[tokio::test]
async fn trap_6_a_mistake_in_the_configuration_is_an_error_and_no_update() {
    let app = Fixture::start().await;

    let unknown = send(app.bare(Method::GET, "/feeds/hotswap/acmee/0?binary_version=1.4.2")).await;
    let no_number = send(app.bare(
        Method::GET,
        "/feeds/hotswap/acme/%7B%7Bcurrent%7D%7D?binary_version=1.4.2",
    ))
    .await;

    assert_eq!(
        (unknown.status.as_u16(), no_number.status.as_u16()),
        (404, 400)
    );
}

#[tokio::test]
async fn trap_7_one_counter_for_all_channels_and_no_number_twice() {
    let app = Fixture::start().await;
    let first = app.live("1.0.0", "production").await;
    app.live("1.1.0", "beta").await;
    app.live("1.2.0", "production").await;
    app.deploy("production", rollback(&first)).await;
    app.deploy("staging", publish(&first)).await;

    // 1.0.0 was #1, then #4 on production and #5 on staging; #2 and #3 stay what they were.
    assert_eq!(app.check("production", 3).await.sequence(), Some(4));
    assert_eq!(app.check("staging", 3).await.sequence(), Some(5));
    assert_eq!(app.check("beta", 1).await.sequence(), Some(2));
    let overview = app.get("/v1/apps/acme").await.value();
    assert_eq!(overview["app"]["last_sequence"], 5);
}

#[tokio::test]
async fn trap_7_a_device_that_changes_to_a_channel_behind_it_gets_a_fresh_number() {
    let app = Fixture::start().await;
    app.live("1.0.0", "production").await;
    app.live("2.0.0-beta.1", "beta").await;

    // It comes from beta with #2; production offers #1, which it would refuse for ever.
    assert_eq!(app.check("production", 2).await.status, 204);

    let offered = until(|| async { app.check("production", 2).await.sequence() });
    assert_eq!(offered.await, 3);
    // Who has the same bytes under the old number is left alone.
    assert_eq!(app.check("production", 1).await.status, 204);
}

#[tokio::test]
async fn trap_8_platform_names_do_not_change_the_answer() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;

    for names in [
        "platform=macos&arch=x86_64",
        "platform=darwin&arch=i686",
        "platform=unknown&arch=unknown",
        "platform=&arch=",
        "",
        "something=else&platform=%FF",
    ] {
        let check = app
            .check_with(0, &format!("binary_version=1.4.2&{names}"))
            .await;
        assert_eq!(check.sequence(), Some(1), "{names}");
    }
}

#[tokio::test]
async fn trap_9_bundles_that_clients_never_finish_are_refused_and_sizes_are_told() {
    let app = Fixture::start().await;
    let id = app.draft("2.0.0").await;
    let huge = BeginUpload {
        file: None,
        seal: None,
        sha256: Sha256::of(b""),
        size_bytes: 512 * 1024 * 1024 + 1,
        signature: app.sign(b"", "2.0.0"),
    };
    app.post(
        &format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz"),
        &huge,
    )
    .await
    .refused(413, ProblemCode::TooLarge);

    app.live("2.0.1", "production").await;

    let manifest = app.check("production", 0).await.manifest.unwrap();
    assert_eq!(manifest["bundle_size"], site("2.0.1").len());
}

#[tokio::test]
async fn trap_10_bytes_come_from_the_server_itself_and_need_no_header() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;
    let manifest = app.check("production", 0).await.manifest.unwrap();
    let path = url::Url::parse(manifest["url"].as_str().unwrap()).unwrap();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();

    let plain = client.get(format!("{}{}", app.base, path.path()));
    let with_headers = client
        .get(format!("{}{}", app.base, path.path()))
        .header("x-api-key", "a secret of the app's")
        .header(header::AUTHORIZATION, "Bearer of-the-app");

    for request in [plain, with_headers] {
        let answer = send(request).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, site("2.0.0"));
    }
}
