//! Verify before live: what a finalize refuses, and what is left then.

use insta::assert_snapshot;
use ota_api::{ProblemCode, Upload};
use ota_bundle::Format;
use ota_model::Sha256;
use reqwest::Method;
use serde_json::json;

use crate::support::{Fixture, Signer, archive, publish, send, site};

#[tokio::test]
async fn a_signature_that_does_not_fit_is_refused_and_the_draft_goes_on() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let stranger = Signer::new();
    let mut twisted = app.sign(&bytes, "2.0.0");
    twisted = twisted.replace("version:2.0.0", "version:2.0.1");
    let id = app.draft("2.0.0").await;
    for (what, signature, code) in [
        (
            "of other bytes",
            app.sign(b"other", "2.0.0"),
            ProblemCode::SignatureInvalid,
        ),
        (
            "by a key that is not trusted",
            stranger.sign(&bytes, "timestamp:1"),
            ProblemCode::KeyNotTrusted,
        ),
        (
            "for another version",
            app.sign(&bytes, "1.9.9"),
            ProblemCode::SignatureInvalid,
        ),
        (
            "for another app",
            app.signer
                .sign(&bytes, "timestamp:1\tversion:2.0.0\tapp:other"),
            ProblemCode::SignatureInvalid,
        ),
        (
            "with a changed comment",
            twisted,
            ProblemCode::SignatureInvalid,
        ),
    ] {
        app.upload(&id, &bytes, &signature).await;
        let problem = app.finalize(&id).await.refused(422, code);
        assert!(
            problem.detail.contains("Nothing was published"),
            "{what}: {}",
            problem.detail
        );
        app.try_deploy("beta", &publish(&id))
            .await
            .refused(409, ProblemCode::NotReady);
    }

    // The bytes were good and are kept; the right signature alone is missing.
    let begun: Upload = app
        .announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .ok();
    assert_eq!(begun.offset, bytes.len() as u64);
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn the_messages_say_what_to_do() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    let stranger = Signer::new();
    app.upload(&id, &bytes, &stranger.sign(&bytes, "timestamp:1"))
        .await;
    let problem = app
        .finalize(&id)
        .await
        .refused(422, ProblemCode::KeyNotTrusted);
    assert_snapshot!(problem.detail.replace(&stranger.id(), "[key]"), @"acme does not trust the key [key]. Nothing was published. Trust it first, or sign with a key it trusts");

    app.upload(&id, &bytes, &app.sign(&bytes, "1.9.9")).await;
    let problem = app
        .finalize(&id)
        .await
        .refused(422, ProblemCode::SignatureInvalid);
    assert_snapshot!(problem.detail, @"The signature was made for version 1.9.9, not for this release. Nothing was published");
}

#[tokio::test]
async fn a_signature_without_names_passes() {
    // Other tools sign with comments of their own.
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.upload(
        &id,
        &bytes,
        &app.signer
            .sign(&bytes, "timestamp:1763715600\tfile:x.tar.gz\thashed"),
    )
    .await;

    app.finalize(&id).await.value();
}

#[tokio::test]
async fn what_is_no_signature_is_refused_at_the_announcement() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    for text in [
        "",
        "hello",
        "untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA",
    ] {
        app.announce(&id, &bytes, text)
            .await
            .refused(422, ProblemCode::SignatureInvalid);
    }
}

#[tokio::test]
async fn other_bytes_than_announced_are_thrown_away_and_sent_again() {
    let app = Fixture::start().await;
    let good = site("2.0.0");
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    let id = app.draft("2.0.0").await;
    let signature = app.sign(&good, "2.0.0");
    app.announce(&id, &good, &signature).await.value();
    app.append(&id, 0, &bad).await.value();

    let problem = app
        .finalize(&id)
        .await
        .refused(422, ProblemCode::DigestMismatch);

    assert_eq!(
        problem.detail,
        format!(
            "The bytes came as {}, expected {}. The bad copy was never offered to a device. Upload again",
            Sha256::of(&bad).short(),
            Sha256::of(&good).short()
        )
    );
    assert_eq!(
        fs_err::read_dir(app.data().join("uploads"))
            .unwrap()
            .count(),
        0
    );
    let begun: Upload = app.announce(&id, &good, &signature).await.ok();
    assert_eq!(begun.offset, 0);
    app.append(&id, 0, &good).await.value();
    app.finalize(&id).await.value();
    let path = format!("/b/acme/{}/bundle.tar.gz", Sha256::of(&bad));
    assert_eq!(send(app.bare(Method::GET, &path)).await.status, 404);
}

#[tokio::test]
async fn an_upload_that_is_not_complete_is_kept_and_finished() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.finalize(&id)
        .await
        .refused(409, ProblemCode::UploadIncomplete);
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    app.append(&id, 0, &bytes[..100]).await.value();

    let problem = app
        .finalize(&id)
        .await
        .refused(409, ProblemCode::UploadIncomplete);

    assert_eq!(problem.offset, Some(100));
    app.append(&id, 100, &bytes[100..]).await.value();
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn a_second_finalize_answers_as_the_first_even_at_the_same_time() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;

    let (first, second) = tokio::join!(app.finalize(&id), app.finalize(&id));
    let third = app.finalize(&id).await.value();

    assert_eq!(first.value(), third);
    assert_eq!(second.value(), third);
    let verified = app
        .summaries()
        .await
        .into_iter()
        .filter(|line| line.starts_with("Verified"));
    assert_eq!(verified.count(), 1);
}

#[tokio::test]
async fn both_formats_hold_the_same_files_or_neither_is_taken() {
    let app = Fixture::start().await;
    let files = [("index.html", "<title>x</title>"), ("app.js", "1")];
    let tar = archive(&files, Format::TarGz);
    let same = archive(&files, Format::Zip);
    let other = archive(&[("index.html", "<title>y</title>")], Format::Zip);
    let id = app.draft("2.0.0").await;
    app.upload(&id, &tar, &app.sign(&tar, "2.0.0")).await;
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/zip");
    let send_zip = async |bytes: &[u8]| {
        let body = json!({
            "sha256": Sha256::of(bytes), "size_bytes": bytes.len(), "signature": app.sign(bytes, "2.0.0"),
        });
        app.post(&path, &body).await.value();
        let chunk = app.request(Method::PATCH, &path).header("upload-offset", 0);
        send(chunk.body(bytes.to_vec())).await.value();
    };

    send_zip(&other).await;
    app.finalize(&id)
        .await
        .refused(422, ProblemCode::ArchiveRefused);
    send_zip(&same).await;
    let ready = app.finalize(&id).await.value();

    assert_eq!(ready["artifacts"].as_array().unwrap().len(), 2);
    let download = format!("/b/acme/{}/bundle.zip", Sha256::of(&same));
    assert_eq!(send(app.bare(Method::GET, &download)).await.body, same);
}

#[tokio::test]
async fn bytes_that_are_there_already_are_not_stored_twice() {
    let app = Fixture::start().await;
    let bytes = site("the same");
    app.release_of("1.0.0", &bytes).await;
    app.release_of("1.0.1", &bytes).await;

    let shelf = Sha256::of(&bytes).to_string();
    let shelf = app.data().join("blobs").join(&shelf[..2]);
    assert_eq!(fs_err::read_dir(shelf).unwrap().count(), 1);
}
