//! Uploads: in chunks, resumable, never confused.

use futures_util::{StreamExt as _, stream};
use ota_api::{ProblemCode, Upload};
use reqwest::{Body, Method};
use serde_json::json;
use tokio::sync::oneshot;

use crate::support::{Fixture, send, site, until};

/// A body whose second part comes when the test says so.
fn in_two_parts(first: Vec<u8>, second: oneshot::Receiver<std::io::Result<Vec<u8>>>) -> Body {
    let first = stream::once(std::future::ready(Ok(first)));
    Body::wrap_stream(first.chain(stream::once(async { second.await.unwrap() })))
}

async fn offset(app: &Fixture, path: &str) -> u64 {
    let upload: Upload = app.get(path).await.ok();
    upload.offset
}

#[tokio::test]
async fn chunks_add_up_and_tell_how_far_they_are() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    let signature = app.sign(&bytes, "2.0.0");
    let begun: Upload = app.announce(&id, &bytes, &signature).await.ok();
    assert_eq!((begun.offset, begun.size_bytes), (0, bytes.len() as u64));

    let mut offset = 0;
    for chunk in bytes.chunks(100) {
        let upload: Upload = app.append(&id, offset, chunk).await.ok();
        offset += chunk.len() as u64;
        assert_eq!(upload.offset, offset);
    }

    app.finalize(&id).await.value();
}

#[tokio::test]
async fn a_chunk_for_another_place_is_409_with_the_right_one() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    app.append(&id, 0, &bytes[..100]).await.value();

    for offset in [0, 99, 101, 5000] {
        let problem = app
            .append(&id, offset, &bytes[100..200])
            .await
            .refused(409, ProblemCode::WrongOffset);
        assert_eq!(problem.offset, Some(100));
    }
    let request = app
        .request(
            Method::PATCH,
            &format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz"),
        )
        .body(bytes[100..].to_vec());
    send(request).await.refused(409, ProblemCode::WrongOffset);
    app.append(&id, 100, &bytes[100..]).await.value();
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn the_same_announcement_resumes_after_a_restart_of_the_server() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    let signature = app.sign(&bytes, "2.0.0");
    app.announce(&id, &bytes, &signature).await.value();
    app.append(&id, 0, &bytes[..100]).await.value();

    let app = app.restart().await;

    let again: Upload = app.announce(&id, &bytes, &signature).await.ok();
    assert_eq!(again.offset, 100);
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
    let asked: Upload = app.get(&path).await.ok();
    assert_eq!(asked.offset, 100);
    app.append(&id, 100, &bytes[100..]).await.value();
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn another_announcement_starts_over() {
    let app = Fixture::start().await;
    let (first, second) = (site("first"), site("second"));
    let id = app.draft("2.0.0").await;
    app.announce(&id, &first, &app.sign(&first, "2.0.0"))
        .await
        .value();
    app.append(&id, 0, &first[..100]).await.value();

    let begun: Upload = app
        .announce(&id, &second, &app.sign(&second, "2.0.0"))
        .await
        .ok();

    assert_eq!(begun.offset, 0);
    app.append(&id, 0, &second).await.value();
    let ready = app.finalize(&id).await.value();
    assert_eq!(
        ready["artifacts"][0]["sha256"],
        ota_model::Sha256::of(&second).to_string()
    );
}

#[tokio::test]
async fn what_arrived_of_a_broken_chunk_is_kept() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
    let (pull, cable) = oneshot::channel();
    let broken = app
        .request(Method::PATCH, &path)
        .header("upload-offset", 0)
        .body(in_two_parts(bytes[..150].to_vec(), cable));
    let broken = tokio::spawn(broken.send());
    until(|| async { (offset(&app, &path).await == 150).then_some(()) }).await;

    pull.send(Err(std::io::Error::other("cable pulled")))
        .unwrap();

    assert!(broken.await.unwrap().is_err(), "the client broke off");
    assert_eq!(offset(&app, &path).await, 150);
    // The server may still be at work on the broken chunk; it says so, and then takes the rest.
    until(|| async {
        let answer = app.append(&id, 150, &bytes[150..]).await;
        (answer.status == 200).then_some(())
    })
    .await;
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn two_chunks_at_once_are_not_mixed() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
    let (go_on, rest) = oneshot::channel();
    let first = app
        .request(Method::PATCH, &path)
        .header("upload-offset", 0)
        .body(in_two_parts(bytes[..50].to_vec(), rest));
    let first = tokio::spawn(first.send());
    until(|| async { (offset(&app, &path).await == 50).then_some(()) }).await;

    let problem = app
        .append(&id, 50, &bytes[50..])
        .await
        .refused(409, ProblemCode::WrongOffset);
    let other = site("other");
    let replaced = app.announce(&id, &other, &app.sign(&other, "2.0.0")).await;

    assert_eq!(problem.offset, Some(50));
    replaced.refused(409, ProblemCode::WrongOffset);
    go_on.send(Ok(bytes[50..].to_vec())).unwrap();
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn more_bytes_than_announced_are_refused_and_the_rest_is_kept() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    app.append(&id, 0, &bytes[..100]).await.value();
    let mut too_many = bytes[100..].to_vec();
    too_many.push(0);

    app.append(&id, 100, &too_many)
        .await
        .refused(413, ProblemCode::TooLarge);

    app.append(&id, 100, &bytes[100..]).await.value();
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn a_chunk_may_be_larger_than_other_bodies() {
    let app = Fixture::start().await;
    // Does not compress: digests of numbers.
    let noise: String = (0..60_000_u32)
        .map(|n| ota_model::Sha256::of(&n.to_le_bytes()).to_string())
        .collect();
    let bytes = crate::support::archive(
        &[
            ("index.html", "<title>large</title>"),
            ("noise.txt", &noise),
        ],
        ota_bundle::Format::TarGz,
    );
    assert!(bytes.len() > 1024 * 1024, "{}", bytes.len());
    app.release_of("2.0.0", &bytes).await;

    let notes = "x".repeat(2 * 1024 * 1024);
    app.post(
        "/v1/apps/acme/releases",
        &json!({ "version": "3.0.0", "min_binary_version": "1.0.0", "notes": notes }),
    )
    .await
    .refused(413, ProblemCode::TooLarge);
}

#[tokio::test]
async fn what_was_not_announced_or_is_no_draft_takes_no_chunk() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.append(&id, 0, &bytes)
        .await
        .refused(404, ProblemCode::NotFound);
    app.append("01UNKNOWN", 0, &bytes)
        .await
        .refused(404, ProblemCode::UnknownRelease);
    app.append("..%2F..%2Fetc", 0, &bytes)
        .await
        .refused(404, ProblemCode::UnknownRelease);
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/rar");
    app.get(&path).await.refused(404, ProblemCode::NotFound);
    let empty = json!({ "sha256": ota_model::Sha256::of(b""), "size_bytes": 0, "signature": app.sign(b"", "2.0.0") });
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
    app.post(&path, &empty)
        .await
        .refused(422, ProblemCode::Invalid);

    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    app.finalize(&id).await.value();

    app.append(&id, 0, &bytes)
        .await
        .refused(409, ProblemCode::NotADraft);
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .refused(409, ProblemCode::NotADraft);
}
