//! The manifest of self-hosted Capacitor apps that update from their own server (protocols.md 4).
//!
//! A manifest is asked for by the web view's `fetch`, without credentials and with no header but `Accept`, so the
//! answer needs no more than `Access-Control-Allow-Origin: *`: the wildcard suits every app origin (Android's `https`,
//! iOS' `capacitor`), and browsers refuse it where cookies would be sent, which is right for a public answer. The
//! archive is fetched by the native side, where no such rules apply.

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ota_model::{
    Answer, Artifact, ArtifactKind, Ask, ChannelName, Client, NoUpdate, Offer, Sha256, answer,
};
use serde::Serialize;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use super::{AppView, downloads};
use crate::error::ApiError;
use crate::sightings::{Sighting, Visitor};
use crate::state::AppState;

/// The routes, with what web views need to read the manifest.
pub(super) fn routes() -> Router<AppState> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AllowHeaders::mirror_request())
        // Such servers often stand in a private network.
        .allow_private_network(true)
        .max_age(std::time::Duration::from_hours(1));
    Router::new()
        .route("/feeds/bundle/{app}/{channel}/manifest", get(manifest))
        .route("/api/v1/native/bundle/manifest", get(fixed_manifest))
        .layer(cors)
        .route("/feeds/bundle/{app}/{channel}/download", get(download))
        .route("/api/v1/native/bundle/download", get(fixed_download))
}

/// Four strings; the client reads no other type (native.py:46-51).
#[derive(Serialize)]
struct Manifest {
    version: String,
    url: String,
    checksum: Sha256,
    #[serde(rename = "minNativeVersion")]
    min_native_version: String,
}

const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// `GET /feeds/bundle/{app}/{channel}/manifest`
async fn manifest(
    State(state): State<AppState>,
    Path((app, channel)): Path<(String, String)>,
    visitor: Visitor,
) -> Response {
    match state.view(&app) {
        Some(view) => told(&state, &view, Some(channel), &visitor),
        None => nothing(),
    }
}

/// `GET /api/v1/native/bundle/manifest`: of the one app that has the fixed paths, on its default channel.
async fn fixed_manifest(State(state): State<AppState>, visitor: Visitor) -> Response {
    match with_fixed_paths(&state) {
        Some(view) => told(&state, &view, None, &visitor),
        None => nothing(),
    }
}

/// `GET /feeds/bundle/{app}/{channel}/download`
async fn download(
    State(state): State<AppState>,
    Path((app, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match state.view(&app) {
        Some(view) => current(&state, &view, Some(channel), &headers).await,
        None => Ok(nothing()),
    }
}

/// `GET /api/v1/native/bundle/download`
async fn fixed_download(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match with_fixed_paths(&state) {
        Some(view) => current(&state, &view, None, &headers).await,
        None => Ok(nothing()),
    }
}

fn with_fixed_paths(state: &AppState) -> Option<std::sync::Arc<AppView>> {
    let views = state.views();
    let mut views = views.values();
    views
        .find(|view| view.app.systems.fixed_bundle_paths)
        .cloned()
}

/// What a channel offers these clients.
fn ask(view: &AppView, channel: Option<&str>) -> Answer {
    let channel = match channel.map(ChannelName::parse) {
        Some(Err(_)) => {
            return Answer::NoUpdate {
                reason: NoUpdate::UnknownChannel,
                reissue: false,
            };
        }
        named => named.and_then(Result::ok),
    };
    let client = Client::NativeBundle;
    answer(&view.app, &Ask { channel, client })
}

/// The offered version, its archive, and the name that people see it under.
fn offered<'a>(view: &'a AppView, offer: &Offer) -> Option<(String, &'a Artifact, String)> {
    let release = view.app.releases.get(&offer.release)?;
    let archive = release.artifact(ArtifactKind::Zip)?;
    let version = release.version.to_string();
    let file = format!("{}-{version}.zip", view.app.slug);
    Some((version, archive, file))
}

fn told(state: &AppState, view: &AppView, channel: Option<String>, visitor: &Visitor) -> Response {
    let answer = ask(view, channel.as_deref());
    let response = match &answer {
        Answer::Offer(offer) => match offered(view, offer) {
            Some((version, archive, file)) => {
                let manifest = Manifest {
                    version,
                    // Names the digest: at one and the same URL, caches would go on to serve an old archive.
                    url: format!(
                        "{}/b/{}/{}/{file}",
                        state.public_url, view.app.slug, archive.sha256
                    ),
                    checksum: archive.sha256,
                    min_native_version: plain(&offer.min_binary_version),
                };
                ([NO_STORE], Json(manifest)).into_response()
            }
            None => nothing(),
        },
        Answer::NoUpdate { .. } => nothing(),
    };
    let sighting = Sighting {
        client: Client::NativeBundle,
        channel,
        platform: None,
        arch: None,
        answer,
    };
    state.saw(visitor, &view.sightings, sighting);
    response
}

/// The three numbers that these clients read: of anything more, they would read the last number as 0
/// (useDockerHubVersion.tsx:35-48).
fn plain(version: &semver::Version) -> String {
    format!("{}.{}.{}", version.major, version.minor, version.patch)
}

/// The archive that the channel offers now, at a path that stays. It may be another one next time, so caches must ask.
async fn current(
    state: &AppState,
    view: &AppView,
    channel: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let Answer::Offer(offer) = ask(view, channel.as_deref()) else {
        return Ok(nothing());
    };
    let found = offered(view, &offer).and_then(|(_, archive, file)| {
        let stored = view.download(archive.sha256)?;
        Some((archive.sha256, stored, file))
    });
    let Some((sha256, stored, file)) = found else {
        return Ok(nothing());
    };
    let mut response = downloads::stored(state, sha256, stored, headers).await?;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(downloads::as_file(response, &file))
}

/// The client takes any refusal as "nothing for you" and says nothing (useNativeUpdate.tsx:148-150).
fn nothing() -> Response {
    let body = r#"{"detail":"NATIVE_OTA_BUNDLE_NOT_AVAILABLE"}"#;
    let headers = [(header::CONTENT_TYPE, "application/json"), NO_STORE];
    (StatusCode::NOT_FOUND, headers, body).into_response()
}
