//! The SyncKit OTA API (protocols.md 5): publish scripts and devices that were written for it need another host alone.
//!
//! A SyncKit release is a release of installers. It begins as a draft; the upload of its first artifact makes it ready
//! and, if its version is the highest, the default channel offers it. Each later artifact adds a platform. What was
//! uploaded never changes. Deleting a release recalls it.
//!
//! | SyncKit | here |
//! |---|---|
//! | `password` of `POST /api/sync/auth` | an access token; it comes back as `token` |
//! | `api_key`, `app_id` | the app's SyncKit id, or its slug |
//! | ids of releases | ours, written as UUIDs, which is how its client reads them |
//! | `signature` of a release | of each artifact that brings none of its own: a signature fits one file |
//!
//! Its statuses are kept: what would be 409 elsewhere is 422 here.

mod artifacts;
mod auth;
mod complete;
mod devices;
mod grants;
mod names;
mod refusal;
mod releases;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{delete, get, post, put};

use self::refusal::Refusal;
use crate::api::finish_changes;
use crate::state::AppState;

pub(crate) use grants::UploadSecret;

/// The most that a body other than an artifact may have.
const BODY_LIMIT: usize = 1024 * 1024;

/// The routes of publishers and devices.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/sync/auth", post(auth::authenticate))
        .route("/api/sync/ota/apps/{app}/slug", put(releases::slug))
        .route(
            "/api/sync/ota/apps/{app}/releases",
            get(releases::list).post(releases::create),
        )
        .route(
            "/api/sync/ota/apps/{app}/releases/{release}",
            delete(releases::remove),
        )
        .route(
            "/api/sync/ota/apps/{app}/releases/{release}/artifacts",
            post(artifacts::announce),
        )
        .route(
            "/api/sync/uploads/{release}/{target}/{arch}",
            put(artifacts::receive),
        )
        .route(
            "/api/sync/ota/{slug}/{target}/{arch}/{current_version}",
            get(devices::check),
        )
        .route(
            "/api/sync/ota/{slug}/download/{release}/{target}/{arch}",
            get(devices::download),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(finish_changes))
}

async fn method_not_allowed() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path exists, but not with this method",
    )
}
