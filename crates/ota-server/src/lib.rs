//! The update server: an admin API for operators, feeds for devices, one data folder.
//!
//! **Invariants.** The server holds no private key and links no code that could use one. A sequence is never reused.
//! Bytes are immutable and content-addressed. Every change of what devices receive is one transaction that also writes
//! one activity entry. A release is verified before it can be live. The check path touches no database, no file and no
//! lock.

mod api;
mod auth;
mod background;
mod blobs;
mod capgo_files;
mod capgo_key;
mod error;
mod feeds;
mod publish;
mod recall;
mod sightings;
mod signatures;
mod state;
mod store;
mod turns;
mod verify;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use chrono::{DateTime, Utc};
use ota_api::{ProblemCode, Role};
use sea_orm::DatabaseConnection;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;

pub use api::openapi;
pub use state::Clock;
pub use store::OpenError;

use crate::error::ApiError;
use crate::state::AppState;

/// What requests under way get when the server is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Why the server did not start, or stopped.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The data folder cannot be made or written.
    #[error("Cannot use the data folder {}", path.display())]
    Data {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The database cannot be read or written.
    #[error("The database failed: {0}")]
    Store(String),
    /// The address is taken or not allowed.
    #[error("Cannot listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The server stopped.
    #[error("The server stopped")]
    Serve(#[source] std::io::Error),
}

impl From<ApiError> for ServerError {
    fn from(error: ApiError) -> Self {
        Self::Store(format!("{error:?}"))
    }
}

/// How to run a server.
#[derive(Clone)]
pub struct Config {
    /// Database, blobs and unfinished uploads live here.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The base of every URL that devices are given, without a slash at the end; `http://` and the address if absent.
    pub public_url: Option<String>,
}

/// A server that is bound to its address but does not answer yet.
pub struct Server {
    listener: TcpListener,
    router: Router,
    state: AppState,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Server {
    /// Opens the data folder, reads everything devices need, and binds the address.
    pub async fn bind(config: &Config) -> Result<Self, ServerError> {
        Self::bind_with_clock(config, Arc::new(Utc::now)).await
    }

    /// The same with another clock, for tests.
    pub async fn bind_with_clock(config: &Config, clock: Clock) -> Result<Self, ServerError> {
        let db = open(&config.data).await?;
        let listen = |source| ServerError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let public_url = config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{address}"));
        let public_url = public_url.trim_end_matches('/').to_owned();
        let (state, wanted, woken) = AppState::load(db, &config.data, public_url, clock).await?;
        let stop = CancellationToken::new();
        background(&stop, background::reissue(state.clone(), wanted));
        background(&stop, background::collect_garbage(state.clone()));
        background(&stop, sightings::tell(state.clone(), woken));
        Ok(Self {
            listener,
            router: router(state.clone()),
            state,
            address,
            stop,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of every URL that devices are given.
    pub fn public_url(&self) -> &str {
        &self.state.public_url
    }

    /// Makes an access token in the server's own database. The secret is shown once and stored nowhere.
    pub async fn create_token(
        &self,
        name: &str,
        role: Role,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<String, ServerError> {
        let change = self.state.begin().await?;
        let secret = store::tokens::create(&change.tx, name, role, expires_at, self.state.now())
            .await
            .map_err(|error| ServerError::Store(error.to_string()))?;
        change.commit_quietly().await?;
        Ok(secret)
    }

    /// The routes, for callers in this process: benchmarks.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Answers requests until `until` is cancelled. Requests under way are finished, as far as they finish soon: a
    /// client that stalls cannot keep the server from stopping.
    pub async fn serve(self, until: CancellationToken) -> Result<(), ServerError> {
        let Self {
            listener,
            router,
            state,
            stop,
            ..
        } = self;
        let _stop_background = stop.drop_guard();
        let asked = until.clone();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            asked.cancelled().await;
            state.closing().cancel();
        });
        tokio::select! {
            served = serving => served.map_err(ServerError::Serve),
            () = async { until.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
        }
    }
}

fn background(stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    });
}

async fn open(data: &Path) -> Result<DatabaseConnection, ServerError> {
    fs_err::create_dir_all(data).map_err(|source| ServerError::Data {
        path: data.to_owned(),
        source,
    })?;
    Ok(store::open(data).await?)
}

/// Makes an access token while no server runs on the folder, or beside one that does.
pub async fn create_token(
    data: &Path,
    name: &str,
    role: Role,
    expires_at: Option<DateTime<Utc>>,
) -> Result<String, ServerError> {
    let db = open(data).await?;
    store::tokens::create(&db, name, role, expires_at, Utc::now())
        .await
        .map_err(|error| ServerError::Store(error.to_string()))
}

fn router(state: AppState) -> Router {
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Router::new()
        .merge(api::router())
        .merge(feeds::router())
        .route("/healthz", get(|| std::future::ready("ok")))
        .fallback(|| {
            std::future::ready(ApiError::new(
                ProblemCode::NotFound,
                "There is nothing at this path. The admin API is described at /v1/openapi.json",
            ))
        })
        .layer(nosniff)
        .with_state(state)
}
