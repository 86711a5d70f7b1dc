//! Stored bytes: whole, in parts, validated, never encoded.

use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};

use crate::support::{Answer, Fixture, send, site};

struct Stored {
    app: Fixture,
    bytes: Vec<u8>,
    path: String,
    tag: String,
}

async fn stored() -> Stored {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;
    let bytes = site("2.0.0");
    let sha256 = Sha256::of(&bytes);
    Stored {
        path: format!("/b/acme/{sha256}/bundle.tar.gz"),
        tag: format!("\"{sha256}\""),
        app,
        bytes,
    }
}

impl Stored {
    async fn get(&self, headers: &[(header::HeaderName, &str)]) -> Answer {
        self.ask(Method::GET, headers).await
    }

    async fn ask(&self, method: Method, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = self.app.bare(method, &self.path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        send(request).await
    }
}

#[tokio::test]
async fn the_whole_comes_with_its_length_its_tag_and_for_ever() {
    let stored = stored().await;

    let answer = stored.get(&[]).await;

    assert_eq!(answer.body, stored.bytes);
    assert_eq!(
        answer.header(header::CONTENT_LENGTH),
        stored.bytes.len().to_string()
    );
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/gzip");
    assert_eq!(answer.header(header::ETAG), stored.tag);
    assert_eq!(answer.header(header::ACCEPT_RANGES), "bytes");
    assert_eq!(
        answer.header(header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

#[tokio::test]
async fn bytes_are_never_encoded_on_the_way() {
    let stored = stored().await;

    for accepted in ["gzip", "gzip, deflate, br, zstd", "identity", "*"] {
        let answer = stored.get(&[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(
            answer.headers.get(header::CONTENT_ENCODING),
            None,
            "{accepted}"
        );
        assert_eq!(
            answer.headers.get(header::TRANSFER_ENCODING),
            None,
            "{accepted}"
        );
        assert_eq!(
            answer.header(header::CONTENT_LENGTH),
            stored.bytes.len().to_string()
        );
        assert_eq!(answer.body, stored.bytes, "{accepted}");
    }
}

#[tokio::test]
async fn a_head_request_tells_the_length_and_sends_nothing() {
    let stored = stored().await;

    let answer = stored.ask(Method::HEAD, &[]).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header(header::CONTENT_LENGTH),
        stored.bytes.len().to_string()
    );
    assert_eq!(answer.header(header::ETAG), stored.tag);
    assert_eq!(answer.body, b"");
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_where_it_was() {
    let stored = stored().await;
    let half = stored.bytes.len() / 2;

    let head = stored
        .get(&[(header::RANGE, &format!("bytes=0-{}", half - 1))])
        .await;
    let rest = stored
        .get(&[
            (header::RANGE, &format!("bytes={half}-")),
            (header::IF_RANGE, &stored.tag),
        ])
        .await;

    assert_eq!(
        (head.status, rest.status),
        (StatusCode::PARTIAL_CONTENT, StatusCode::PARTIAL_CONTENT)
    );
    assert_eq!(
        rest.header(header::CONTENT_RANGE),
        format!(
            "bytes {half}-{}/{}",
            stored.bytes.len() - 1,
            stored.bytes.len()
        )
    );
    assert_eq!(
        rest.header(header::CONTENT_LENGTH),
        (stored.bytes.len() - half).to_string()
    );
    assert_eq!([head.body, rest.body].concat(), stored.bytes);
}

#[tokio::test]
async fn a_range_of_other_bytes_gets_the_whole() {
    let stored = stored().await;

    let answer = stored
        .get(&[
            (header::RANGE, "bytes=5-"),
            (header::IF_RANGE, "\"of something else\""),
        ])
        .await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, stored.bytes);
}

#[tokio::test]
async fn a_range_beyond_the_end_is_refused_with_the_length() {
    let stored = stored().await;

    let answer = stored.get(&[(header::RANGE, "bytes=99999999-")]).await;

    assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        answer.header(header::CONTENT_RANGE),
        format!("bytes */{}", stored.bytes.len())
    );
}

#[tokio::test]
async fn who_has_the_bytes_is_told_so() {
    let stored = stored().await;

    for known in [
        stored.tag.clone(),
        format!("W/{}", stored.tag),
        format!("\"other\", {}", stored.tag),
        "*".to_owned(),
    ] {
        let answer = stored.get(&[(header::IF_NONE_MATCH, &known)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(answer.header(header::ETAG), stored.tag);
        assert_eq!(answer.body, b"");
    }
    let other = stored.get(&[(header::IF_NONE_MATCH, "\"other\"")]).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn bytes_are_found_under_their_own_app_and_ending_alone() {
    let stored = stored().await;
    stored
        .app
        .post("/v1/apps", &serde_json::json!({ "slug": "other" }))
        .await
        .value();
    let sha256 = Sha256::of(&stored.bytes);
    let nothing = Sha256::of(b"nothing");

    for path in [
        format!("/b/other/{sha256}/bundle.tar.gz"),
        format!("/b/nobody/{sha256}/bundle.tar.gz"),
        format!("/b/acme/{nothing}/bundle.tar.gz"),
        format!("/b/acme/{sha256}/bundle.zip"),
        "/b/acme/..%2F..%2Fswitchtower.sqlite3/bundle.tar.gz".to_owned(),
        "/b/acme/zz/bundle.tar.gz".to_owned(),
    ] {
        let answer = send(stored.app.bare(Method::GET, &path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_draft_cannot_be_downloaded() {
    let app = Fixture::start().await;
    let bytes = site("2.0.0");
    let id = app.draft("2.0.0").await;
    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    let path = format!("/b/acme/{}/bundle.tar.gz", Sha256::of(&bytes));

    assert_eq!(send(app.bare(Method::GET, &path)).await.status, 404);
    app.finalize(&id).await.value();
    assert_eq!(send(app.bare(Method::GET, &path)).await.status, 200);
}
