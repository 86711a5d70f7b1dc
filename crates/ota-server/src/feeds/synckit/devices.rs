//! What devices ask: the check of `tauri-plugin-updater` with a path of its own, and the way to the bytes.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::SecondsFormat;
use ota_model::{
    Answer, Ask, Client, ClientSystem, Installer, NoUpdate, Offer, ReleaseState, Target, answer,
};
use semver::Version;
use serde::Serialize;

use super::names::{platform, release_id, release_uuid};
use super::refusal::{Path, Refusal};
use crate::feeds::AppView;
use crate::feeds::view::wire_signature;
use crate::sightings::{Sighting, Visitor};
use crate::state::AppState;

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// Five strings, none of them ever null: its client has no optional field (protocols.md 5).
#[derive(Serialize)]
struct Update {
    version: String,
    url: String,
    signature: String,
    notes: String,
    pub_date: String,
}

/// `GET /api/sync/ota/{slug}/{target}/{arch}/{current_version}`
///
/// An unknown app is 404, at which the client asks its next endpoint; whatever has no update is 204, at which it stops.
pub(super) async fn check(
    State(state): State<AppState>,
    Path((slug, target, arch, current)): Path<(String, String, String, String)>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let view = state
        .view(&slug)
        .ok_or_else(|| Refusal::unknown(format!("There is no app “{slug}” here")))?;
    let current = Version::parse(&current).map_err(|error| {
        Refusal::bad(format!(
            "The path ends with the current version, such as 1.4.2: {error}"
        ))
    })?;
    let known = platform(&target, &arch);
    let ask = Ask {
        channel: None,
        client: Client::Updater {
            system: ClientSystem::SyncKit,
            target: Target {
                key: format!("{target}-{arch}"),
                installer: None,
            },
            current,
        },
    };
    let answer = if known.is_some() {
        answer(&view.app, &ask)
    } else {
        Answer::NoUpdate {
            reason: NoUpdate::NoArtifact,
            reissue: false,
        }
    };
    let update = match &answer {
        Answer::Offer(offer) => update(&state, &view, offer, &target, &arch),
        Answer::NoUpdate { .. } => None,
    };
    let response = match update {
        Some(update) => ([NO_STORE], axum::Json(update)).into_response(),
        None => (StatusCode::NO_CONTENT, [NO_STORE]).into_response(),
    };
    let sighting = Sighting {
        client: ask.client,
        channel: None,
        platform: None,
        arch: None,
        answer,
    };
    state.saw(&visitor, &view.sightings, sighting);
    Ok(response)
}

fn update(
    state: &AppState,
    view: &AppView,
    offer: &Offer,
    target: &str,
    arch: &str,
) -> Option<Update> {
    let release = view.app.releases.get(&offer.release)?;
    let installer = release
        .installers
        .iter()
        .find(|installer| Some(&installer.platform) == offer.platform.as_ref())?;
    Some(Update {
        version: release.version.to_string(),
        url: format!(
            "{}/api/sync/ota/{}/download/{}/{target}/{arch}",
            state.public_url,
            view.app.slug,
            release_uuid(&release.id.0)
        ),
        signature: wire_signature(installer),
        notes: release.notes.clone(),
        pub_date: release
            .created_at
            .to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// `GET /api/sync/ota/{slug}/download/{release}/{target}/{arch}`: to the bytes, which are at a URL of their own that
/// needs no header and never changes.
pub(super) async fn download(
    State(state): State<AppState>,
    Path((slug, release, target, arch)): Path<(String, String, String, String)>,
) -> Result<Response, Refusal> {
    let found = state.view(&slug).and_then(|view| {
        let installer = downloadable(&view, &release, &target, &arch)?;
        Some(format!(
            "{}/b/{slug}/{}/{}",
            state.public_url, installer.sha256, installer.file
        ))
    });
    let url = found.ok_or_else(|| {
        Refusal::unknown("There is no such artifact here, or its release was deleted")
    })?;
    Ok((
        StatusCode::FOUND,
        [(header::LOCATION, url.as_str()), (NO_STORE.0, NO_STORE.1)],
    )
        .into_response())
}

fn downloadable<'a>(
    view: &'a AppView,
    release: &str,
    target: &str,
    arch: &str,
) -> Option<&'a Installer> {
    platform(target, arch)?;
    let release = view
        .app
        .releases
        .get(&release_id(release))
        .filter(|release| release.state == ReleaseState::Ready)
        .filter(|_| view.app.systems.serve(ClientSystem::SyncKit))?;
    release.installer(&Target {
        key: format!("{target}-{arch}"),
        installer: None,
    })
}
