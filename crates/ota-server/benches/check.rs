//! What the server costs: a check of a device, and what operators wait for in an app with 10,000 releases.
//! `cargo bench -p ota-server`
//!
//! Checks per second over the network, beside the cheapest route there is (`/healthz`), on a release build:
//!
//! ```sh
//! cargo build --release -p ota-server
//! target/release/switchtower-server serve --data /tmp/bench --listen 127.0.0.1:7420   # and an app with a release
//! wrk -t1 -c32 -d10s 'http://127.0.0.1:7420/healthz'
//! wrk -t1 -c32 -d10s 'http://127.0.0.1:7420/feeds/hotswap/acme/0?binary_version=1.4.2&platform=linux&arch=x86_64'
//! ```

#![expect(
    clippy::expect_used,
    reason = "a measurement that meets the unexpected should stop"
)]

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use criterion::{Criterion, criterion_group, criterion_main};
use ota_api::{ChannelState, Role};
use ota_server::{Config, Server};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// An app with 10,000 releases, the last one live on beta.
struct Large {
    router: Router,
    token: String,
    runtime: Runtime,
    // Held for their destructors.
    _server: Server,
    _folder: TempDir,
}

impl Large {
    fn new() -> Self {
        let runtime = Runtime::new().expect("threads");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            data: folder.path().to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
        };
        let bind = || async {
            let server = Server::bind(&config).await.expect("the server starts");
            let token = server.create_token("bench", Role::Admin, None);
            (token.await.expect("a token"), server)
        };
        runtime.block_on(async {
            let (token, server) = bind().await;
            let body = json!({ "slug": "acme" });
            send(&server.router(), &token, Method::POST, "/v1/apps", 0, &body).await;
            let path = folder.path().join("switchtower.sqlite3");
            let database = Database::connect(format!("sqlite://{}", path.display())).await;
            let database = database.expect("the database");
            let seed = include_str!("../tests/api/seed.sql");
            database.execute_unprepared(seed).await.expect("the seed");
        });
        // Started anew, it sees what was put in behind its back.
        let (token, server) = runtime.block_on(bind());
        Self {
            router: server.router(),
            token,
            runtime,
            _server: server,
            _folder: folder,
        }
    }

    fn ask(&self, method: Method, path: &str, revision: u64, body: &Value) -> Bytes {
        let sending = send(&self.router, &self.token, method, path, revision, body);
        self.runtime.block_on(sending)
    }
}

async fn send(
    router: &Router,
    token: &str,
    method: Method,
    path: &str,
    revision: u64,
    body: &Value,
) -> Bytes {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, revision)
        .body(Body::from(body.to_string()))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await;
    let bytes = bytes.expect("a body");
    assert!(
        status.is_success(),
        "{status} {}",
        String::from_utf8_lossy(&bytes)
    );
    bytes
}

fn checks(criterion: &mut Criterion, large: &Large) {
    let mut group = criterion.benchmark_group("check");
    let query = "binary_version=1.4.2&platform=linux&arch=x86_64&channel=beta";
    // What remembering a check costs is the difference to one of our own programs, which is not remembered.
    for (name, current, expected, agent) in [
        ("offer", 0, StatusCode::OK, "device/1.0.0"),
        (
            "offer, not remembered",
            0,
            StatusCode::OK,
            "switchtower/1.0.0",
        ),
        ("up to date", 10_000, StatusCode::NO_CONTENT, "device/1.0.0"),
    ] {
        let uri = format!("/feeds/hotswap/acme/{current}?{query}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let request = Request::get(&uri).header(header::USER_AGENT, agent);
                let request = request.body(Body::empty()).expect("a request");
                let answer = large
                    .runtime
                    .block_on(large.router.clone().oneshot(request));
                assert_eq!(answer.expect("an answer").status(), expected);
            });
        });
    }
    group.finish();
}

fn operators(criterion: &mut Criterion, large: &Large) {
    let mut group = criterion.benchmark_group("with 10,000 releases");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    for (name, path) in [
        ("first page of releases", "/v1/apps/acme/releases?limit=50"),
        (
            "page of 200 in the middle",
            "/v1/apps/acme/releases?limit=200&before=00SEED00000000000000005000",
        ),
        ("one version", "/v1/apps/acme/releases?version=1.5000.0"),
        ("overview", "/v1/apps/acme"),
        ("history", "/v1/apps/acme/channels/beta/deployments"),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| large.ask(Method::GET, path, 0, &json!({})));
        });
    }
    let mut turn = 0_u32;
    group.bench_function("publish", |bencher| {
        bencher.iter(|| {
            turn += 1;
            let channels = large.ask(Method::GET, "/v1/apps/acme/channels", 0, &json!({}));
            let channels: Vec<ChannelState> = serde_json::from_slice(&channels).expect("channels");
            let beta = channels
                .iter()
                .find(|channel| channel.name.as_str() == "beta");
            let release = format!("00SEED{:020}", 1 + turn % 2);
            large.ask(
                Method::POST,
                "/v1/apps/acme/channels/beta/deployments",
                beta.expect("beta").revision.0,
                &json!({ "action": "publish", "release": release }),
            )
        });
    });
    group.finish();
}

fn all(criterion: &mut Criterion) {
    let large = Large::new();
    checks(criterion, &large);
    operators(criterion, &large);
}

criterion_group!(benches, all);
criterion_main!(benches);
