//! What unmodified clients talk to: one module for each system. Devices are asked for no authentication, and answered
//! without the database; SyncKit's publishers, whose scripts stay as they are too, are let in by their access token.

mod bundle;
mod capgo;
mod downloads;
mod hotswap;
mod synckit;
mod tauri;
mod view;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

pub(crate) use synckit::UploadSecret;
pub(crate) use view::AppView;

/// The routes that devices use.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/feeds/hotswap/{app}/{current_sequence}",
            get(hotswap::check),
        )
        .route(
            "/feeds/tauri/{app}/{target}/{arch}/{current_version}",
            get(tauri::check),
        )
        .route(
            "/feeds/tauri/{app}/{channel}/latest.json",
            get(tauri::latest),
        )
        .route("/b/{app}/{sha256}/{file}", get(downloads::artifact))
        .merge(bundle::routes())
        .merge(synckit::routes())
        .merge(capgo::routes())
}
