//! A server of one's own for each test.

mod bundles;
pub(crate) mod capgo;
mod fixture;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ota_api::{Problem, ProblemCode, Role};
use ota_server::{Config, Server};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use bundles::{Signer, archive, site, tar_gz};
pub(crate) use fixture::{Fixture, promote, publish, rollback};

/// A point in time that tests move.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> Self {
        let start: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        Self(Arc::new(AtomicI64::new(start.timestamp_millis())))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

/// A running server and an admin who talks to it.
pub(crate) struct TestServer {
    pub(crate) base: String,
    pub(crate) clock: TestClock,
    pub(crate) admin: String,
    data: PathBuf,
    folder: Option<TempDir>,
    client: reqwest::Client,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::start_on(folder.path().to_owned()).await;
        server.folder = Some(folder);
        server
    }

    /// On a folder that is somebody else's.
    pub(crate) async fn start_on(data: PathBuf) -> Self {
        Self::serve(data, TestClock::new(), None).await
    }

    async fn serve(data: PathBuf, clock: TestClock, admin: Option<String>) -> Self {
        let config = Config {
            data: data.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: Some("https://ota.example.net".to_owned()),
        };
        let time = clock.clone();
        let server = Server::bind_with_clock(&config, Arc::new(move || time.now()))
            .await
            .unwrap();
        let admin = match admin {
            Some(admin) => admin,
            None => server
                .create_token("mika", Role::Admin, None)
                .await
                .unwrap(),
        };
        let base = format!("http://{}", server.address());
        let stop = CancellationToken::new();
        let until = stop.clone();
        let serving = tokio::spawn(async move { server.serve(until).await.unwrap() });
        Self {
            base,
            clock,
            admin,
            data,
            folder: None,
            client: reqwest::Client::new(),
            stop,
            serving,
        }
    }

    /// Stops the server and starts another one on the same folder.
    pub(crate) async fn restart(mut self) -> Self {
        let folder = self.folder.take();
        let (data, clock, admin) = (self.data.clone(), self.clock.clone(), self.admin.clone());
        self.stop().await;
        let mut server = Self::serve(data, clock, Some(admin)).await;
        server.folder = folder;
        server
    }

    /// Asks the server to stop and waits until it did.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// A token that is made beside the running server, as `token create` does it.
    pub(crate) async fn token(
        &self,
        name: &str,
        role: Role,
        expires_at: Option<DateTime<Utc>>,
    ) -> String {
        ota_server::create_token(self.data(), name, role, expires_at)
            .await
            .unwrap()
    }

    /// A request without any credentials: what devices send.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// A request of the admin.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_as(&self.admin, method, path)
    }

    pub(crate) fn request_as(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &(impl Serialize + Sync)) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &(impl Serialize + Sync)) -> Answer {
        send(self.request(Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// A second pair of eyes on the database file.
    pub(crate) async fn database(&self) -> sea_orm::DatabaseConnection {
        let path = self.data().join("switchtower.sqlite3");
        sea_orm::Database::connect(format!("sqlite://{}", path.display()))
            .await
            .unwrap()
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok<T: DeserializeOwned>(self) -> T {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn value(self) -> Value {
        self.ok()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn value_of(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem of an answer that must be this refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: ProblemCode) -> Problem {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json"
        );
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.code, code, "{}", problem.detail);
        assert_eq!(problem.status, status);
        assert_eq!(problem.kind, format!("urn:switchtower:{code}"));
        problem
    }
}

/// Asks again until the answer is there. What nothing signals is polled; a minute is no measure, but an end.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut probe: impl FnMut() -> F) -> T {
    let found = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let Ok(found) = tokio::time::timeout(Duration::from_mins(1), found).await else {
        panic!("it never happened");
    };
    found
}
