//! Bad input gets a clear error, and nothing is lost.

use std::path::PathBuf;

use ota_api::{BeginUpload, CreateRelease, ProblemCode, Role};
use ota_bundle::{BundleError, Format, Ignored, NoProgress, PackOptions, pack, scan};
use ota_client::{
    CancellationToken, Client, ClientError, Hint as _, Input, PublishError, Signer, publish,
};
use ota_keys::{AccessToken, TrustedComment};
use ota_model::ArtifactKind;
use ota_testing::WebBuild;
use semver::Version;

use crate::support::{World, channel};

async fn refusal(world: &World, request: ota_client::PublishRequest) -> PublishError {
    publish(&world.client, request, |_| {}, CancellationToken::new())
        .await
        .unwrap_err()
}

fn code(error: &PublishError) -> Option<ProblemCode> {
    match error {
        PublishError::Client(error) => error.code(),
        _ => None,
    }
}

#[tokio::test]
async fn an_expired_and_an_unknown_token_are_told_apart() {
    let world = World::new().await;
    let expired = world.client_with(&world.server.expired_token(Role::Admin));
    let error = expired.session().await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::TokenExpired));
    assert!(
        error
            .to_string()
            .starts_with("Your access token expired at 1970-01-01 00:01 UTC"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("switchtower-server token create")
    );

    let unknown = world.client_with("swt_0000");
    assert_eq!(
        unknown.session().await.unwrap_err().code(),
        Some(ProblemCode::TokenInvalid)
    );
}

#[tokio::test]
async fn a_stopped_server_is_unreachable_at_once() {
    let world = World::new().await;
    world.server.stop();
    let build = WebBuild::new(1);
    let error = refusal(&world, world.request(&build, "2.5.0")).await;
    let PublishError::Client(ClientError::Unreachable { because, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(because, "nothing answers at this address");
    assert!(
        error
            .hint()
            .unwrap()
            .starts_with("Devices are not affected")
    );
}

#[tokio::test]
async fn an_unknown_channel_and_an_unknown_app_are_named() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let mut request = world.request(&build, "2.5.0");
    request.channel = channel("stagging");
    assert_eq!(
        refusal(&world, request).await.to_string(),
        "tidepool has no channel “stagging”. It has hotfix, staging, beta, production"
    );
    let build = WebBuild::new(1);
    let mut request = world.request(&build, "2.5.0");
    request.app = "rockpool".parse().unwrap();
    assert_eq!(
        code(&refusal(&world, request).await),
        Some(ProblemCode::UnknownApp)
    );
}

#[tokio::test]
async fn a_key_that_the_app_does_not_trust_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let stranger = ota_keys::generate().unwrap();
    let id = stranger.id();
    let build = WebBuild::new(1);
    let mut request = world.request(&build, "2.5.0");
    request.signer = Signer::open("stranger", stranger);
    let error = refusal(&world, request).await;
    assert_eq!(
        error.to_string(),
        format!("tidepool does not trust the key stranger ({id}). Nothing was uploaded")
    );
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn a_custody_that_hands_out_another_key_signs_nothing() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let mut request = world.request(&build, "2.5.0");
    request.signer = Signer::new("main", world.public, ota_keys::generate);
    let error = refusal(&world, request).await;
    assert!(
        matches!(error, PublishError::KeyNotTrusted { .. }),
        "{error:?}"
    );
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn the_same_version_with_other_bytes_is_refused_with_the_release_that_has_it() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let first = world.publish(&build, "2.5.0").await.unwrap();

    let error = world.publish(&build.changed(), "2.5.0").await.unwrap_err();
    let PublishError::Client(ClientError::Refused(problem)) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(problem.code, ProblemCode::VersionExists);
    assert_eq!(problem.release.as_ref(), Some(&first.release.id.0));

    // The same bytes for other binaries would be another release.
    let mut request = world.request(&build, "2.5.0");
    request.min_binary_version = Version::new(2, 0, 0);
    assert_eq!(
        code(&refusal(&world, request).await),
        Some(ProblemCode::VersionExists)
    );
    assert_eq!(world.channel("staging").await, first.channel);
}

#[tokio::test]
async fn a_draft_of_somebody_else_is_left_alone() {
    let world = World::new().await;
    let other = world.client_with(&world.server.create_token(
        "night shift",
        Role::ReleaseManager,
        None,
    ));
    let theirs = CreateRelease {
        kind: ota_model::ReleaseKind::Web,
        version: "2.5.0".to_owned(),
        notes: String::new(),
        min_binary_version: "1.0.0".to_owned(),
        max_binary_version: None,
    };
    other.create_release(&world.app, &theirs).await.unwrap();
    let error = world.publish(&WebBuild::new(1), "2.5.0").await.unwrap_err();
    assert_eq!(code(&error), Some(ProblemCode::VersionExists));
    assert_eq!(world.drafts().await, ["2.5.0"]);
}

#[tokio::test]
async fn an_own_draft_for_other_binaries_is_begun_again() {
    let world = World::new().await;
    let draft = CreateRelease {
        kind: ota_model::ReleaseKind::Web,
        version: "2.5.0".to_owned(),
        notes: String::new(),
        min_binary_version: "9.0.0".to_owned(),
        max_binary_version: None,
    };
    world
        .client
        .create_release(&world.app, &draft)
        .await
        .unwrap();
    let published = world.publish(&WebBuild::new(1), "2.5.0").await.unwrap();
    assert_eq!(published.release.min_binary_version, Version::new(1, 0, 0));
}

#[tokio::test]
async fn what_is_not_a_version_is_refused_by_the_server() {
    let world = World::new().await;
    let draft = CreateRelease {
        kind: ota_model::ReleaseKind::Web,
        version: "2.5".to_owned(),
        notes: String::new(),
        min_binary_version: "1.0.0".to_owned(),
        max_binary_version: None,
    };
    let error = world
        .client
        .create_release(&world.app, &draft)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::Invalid));
    assert!(
        error
            .to_string()
            .contains("“2.5” is not a semantic version"),
        "{error}"
    );
}

#[tokio::test]
async fn a_folder_that_must_not_be_published_is_not() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    build.remove("index.html");
    let error = world.publish(&build, "2.5.0").await.unwrap_err();
    let PublishError::Stopped { findings } = &error else {
        panic!("{error:?}")
    };
    assert!(
        findings
            .iter()
            .any(|finding| finding.severity == ota_bundle::Severity::Stop)
    );
    assert!(error.to_string().contains("index.html"), "{error}");
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn a_folder_that_is_none_or_changes_under_way_is_named() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let mut request = world.request(&build, "2.5.0");
    let nowhere = PathBuf::from("/nowhere/dist");
    request.input = Input::Folder {
        path: nowhere,
        ignored: Ignored::default(),
    };
    let error = refusal(&world, request).await;
    assert!(
        matches!(&error, PublishError::Bundle(_)) && error.to_string().contains("/nowhere/dist"),
        "{error}"
    );

    let reviewed = scan(
        &build.path(),
        &Ignored::default(),
        None,
        &NoProgress,
        &CancellationToken::new(),
    )
    .unwrap();
    build.write(
        "index.html",
        "<!doctype html><title>rebuilt meanwhile</title>",
    );
    let mut request = world.request(&build, "2.5.0");
    request.input = Input::Scan(Box::new(reviewed));
    let error = refusal(&world, request).await;
    assert!(
        matches!(&error, PublishError::Bundle(BundleError::Changed { .. })),
        "{error:?}"
    );
    assert!(world.drafts().await.is_empty());
}

/// A draft with everything announced rightly; what is sent may differ.
async fn announced(
    world: &World,
    build: &WebBuild,
    version: &str,
    signer: &ota_keys::SecretKey,
) -> (ota_model::ReleaseId, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let found = scan(
        &build.path(),
        &Ignored::default(),
        None,
        &NoProgress,
        &cancel,
    )
    .unwrap();
    let out = folder.path().join("b.tar.gz");
    let options = PackOptions::default();
    let bundle = pack(
        &found.root,
        &found.listing,
        Format::TarGz,
        &out,
        &options,
        &NoProgress,
        &cancel,
    )
    .unwrap();
    let bytes = fs_err::read(&out).unwrap();
    let comment =
        TrustedComment::new(chrono::Utc::now(), "b.tar.gz", version, world.app.clone()).unwrap();
    let signature = signer.sign(bytes.as_slice(), &comment).unwrap();
    let draft = CreateRelease {
        kind: ota_model::ReleaseKind::Web,
        version: version.to_owned(),
        notes: String::new(),
        min_binary_version: "1.0.0".to_owned(),
        max_binary_version: None,
    };
    let draft = world
        .client
        .create_release(&world.app, &draft)
        .await
        .unwrap();
    let announcement = BeginUpload {
        file: None,
        seal: None,
        sha256: bundle.sha256,
        size_bytes: bundle.size_bytes,
        signature: signature.text().to_owned(),
    };
    world
        .client
        .begin_upload(
            &world.app,
            &draft.id,
            &ArtifactKind::TarGz.into(),
            &announcement,
        )
        .await
        .unwrap();
    (draft.id, bytes)
}

async fn send(world: &World, id: &ota_model::ReleaseId, bytes: Vec<u8>) {
    let length = bytes.len() as u64;
    world
        .client
        .append_chunk(
            &world.app,
            id,
            &ArtifactKind::TarGz.into(),
            0,
            length,
            bytes,
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn bytes_that_were_changed_on_the_way_never_become_a_release() {
    let world = World::new().await;
    let (id, mut bytes) = announced(&world, &WebBuild::new(1), "2.5.0", &world.key()).await;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    send(&world, &id, bytes).await;

    let error = world.client.finalize(&world.app, &id).await.unwrap_err();

    assert_eq!(error.code(), Some(ProblemCode::DigestMismatch));
    assert_eq!(world.drafts().await, ["2.5.0"]);
    let progress = world
        .client
        .upload_progress(&world.app, &id, &ArtifactKind::TarGz.into())
        .await
        .unwrap();
    assert_eq!(progress.offset, 0, "the bad bytes are gone");
}

#[tokio::test]
async fn an_upload_that_is_not_complete_or_signed_by_a_stranger_never_becomes_a_release() {
    let world = World::new().await;
    let (id, bytes) = announced(&world, &WebBuild::new(1), "2.5.0", &world.key()).await;
    send(&world, &id, bytes[..1000].to_vec()).await;
    let error = world.client.finalize(&world.app, &id).await.unwrap_err();
    assert_eq!(
        error
            .problem()
            .map(|problem| (problem.code, problem.offset)),
        Some((ProblemCode::UploadIncomplete, Some(1000)))
    );

    let stranger = ota_keys::generate().unwrap();
    let (id, bytes) = announced(&world, &WebBuild::new(1), "2.6.0", &stranger).await;
    send(&world, &id, bytes).await;
    let error = world.client.finalize(&world.app, &id).await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::KeyNotTrusted));
    assert!(
        error.to_string().contains(stranger.id().as_str()),
        "{error}"
    );
}

#[tokio::test]
async fn a_chunk_at_the_wrong_place_is_refused_with_the_right_one() {
    let world = World::new().await;
    let (id, bytes) = announced(&world, &WebBuild::new(1), "2.5.0", &world.key()).await;
    send(&world, &id, bytes[..1000].to_vec()).await;
    let again = world
        .client
        .append_chunk(
            &world.app,
            &id,
            &ArtifactKind::TarGz.into(),
            0,
            10,
            bytes[..10].to_vec(),
        )
        .await;
    let problem = again.unwrap_err().problem().cloned().unwrap();
    assert_eq!(
        (problem.code, problem.offset),
        (ProblemCode::WrongOffset, Some(1000))
    );
}

#[tokio::test]
async fn a_token_is_not_sent_in_clear() {
    let error = Client::new("http://ota.example.net", &AccessToken::new("swt_secret")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The access token is not sent to ota.example.net in clear. Nothing was sent"
    );
    assert!(error.hint().unwrap().contains("https://"));
}
