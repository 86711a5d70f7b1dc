//! The feed of `@capgo/capacitor-updater` 8.x, self-hosted (protocols.md 3).
//!
//! Clients decide by which keys an answer has: `error` or `kind`, even with `null`, make it no update, and without a
//! known `kind` it counts as a failure that is reported at every start. So each answer is one of four fixed shapes,
//! always with status 200: an update, the way back to the built-in bundle, up to date, or blocked.
//!
//! A device may choose any channel that is not protected, and the app's default channel, which it would follow anyway.
//! Which channel a device follows is its own word in every check, so this guards against mistakes, not against people.
//!
//! Statistics are read, so that clients drop what was delivered, and go to the log at level `debug`. Nothing of them is
//! stored.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use ota_model::{
    Answer, AppSnapshot, Artifact, ArtifactKind, Ask, ChannelName, ChannelSnapshot, Client,
    NoUpdate, Release, ReleaseId, ReleaseKind, Sha256, answer,
};
use semver::Version;
use serde::Serialize;
use serde_json::{Value, json};

use super::AppView;
use crate::sightings::{Sighting, Visitor};
use crate::state::AppState;

const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");
const JSON: (HeaderName, &str) = (header::CONTENT_TYPE, "application/json");
/// The version name that sends a client back to the bundle in its binary.
const BUILT_IN: &str = "builtin";

/// The three URLs of a `capacitor.config`.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/feeds/capgo/{app}/updates", post(check))
        .route("/feeds/capgo/{app}/stats", post(stats))
        .route(
            "/feeds/capgo/{app}/channel",
            post(choose_channel).put(show_channel).get(list_channels),
        )
}

/// An answer that makes the client install something. It has no key `error` or `kind`.
#[derive(Serialize)]
struct Update<'a> {
    version: String,
    url: String,
    checksum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<&'a str>,
    /// All files, or none of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    manifest: Vec<File<'a>>,
}

/// One file of an update. The name says that it comes in brotli; the digest is of what comes out of it.
#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "file_name")]
    name: String,
    #[serde(rename = "file_hash")]
    hash: &'a Sha256,
    download_url: String,
}

/// The bodies for everything that is live, by release.
pub(super) fn bodies(app: &AppSnapshot, public_url: &str) -> BTreeMap<ReleaseId, Bytes> {
    app.channels
        .values()
        .filter_map(|state| app.releases.get(&state.live.as_ref()?.release))
        .filter_map(|release| Some((release.id.clone(), body(app, release, public_url)?)))
        .collect()
}

fn body(app: &AppSnapshot, release: &Release, public_url: &str) -> Option<Bytes> {
    let body = if release.kind == ReleaseKind::BuiltIn {
        serde_json::to_vec(&json!({ "version": BUILT_IN }))
    } else {
        let kind = match app.systems.capgo_public_key {
            Some(_) => ArtifactKind::CapgoZip,
            None => ArtifactKind::Zip,
        };
        let artifact = release.artifact(kind)?;
        serde_json::to_vec(&update(app, release, artifact, public_url))
    };
    body.ok().map(Bytes::from)
}

fn update<'a>(
    app: &AppSnapshot,
    release: &'a Release,
    artifact: &'a Artifact,
    public_url: &str,
) -> Update<'a> {
    let seal = artifact.seal.as_ref();
    // What is encrypted comes whole: its files would have to be encrypted one by one.
    let single = app.systems.capgo_files && seal.is_none();
    let manifest = release.capgo_files.iter().filter(|_| single);
    let manifest = manifest
        .map(|file| File {
            name: format!("{}.br", file.path),
            hash: &file.sha256,
            download_url: format!("{public_url}/b/{}/{}/file.br", app.slug, file.stored),
        })
        .collect();
    Update {
        version: release.version.to_string(),
        // Served without a redirect: Android follows none between http and https (protocols.md 3.8 trap 10).
        url: format!(
            "{public_url}/b/{}/{}/bundle.{}",
            app.slug,
            artifact.sha256,
            artifact.kind.extension()
        ),
        // In lower case, which the client compares as text (trap 5).
        checksum: seal.map_or_else(|| artifact.sha256.to_string(), |seal| seal.checksum.clone()),
        session_key: seal.map(|seal| seal.session_key.as_str()),
        manifest,
    }
}

/// What a device says of itself, whatever types it says it in.
struct Said(Value);

impl Said {
    /// The body as a JSON object, or the refusal.
    fn read(body: Result<Bytes, BytesRejection>) -> Result<Self, Refusal> {
        let body = body.map_err(|rejection| {
            refused(rejection.status(), "invalid_request", rejection.body_text())
        })?;
        match serde_json::from_slice(&body) {
            Ok(said @ Value::Object(_)) => Ok(Self(said)),
            _ => Err(refused(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The body is not a JSON object",
            )),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The channel that the device follows by its own word.
    fn channel(&self) -> Option<String> {
        self.text("defaultChannel")
    }

    fn client(&self) -> Client {
        let build = self.text("version_build");
        let current = self.text("version_name");
        // On its built-in bundle a client gives its binary's version for a name, or `builtin` if it has none
        // (CapgoUpdater.java:3311-3325).
        let on_built_in = current
            .as_deref()
            .is_none_or(|name| name == BUILT_IN || Some(name) == build.as_deref());
        Client::Capgo {
            binary_version: build.as_deref().and_then(lenient_version),
            current: current.unwrap_or_else(|| BUILT_IN.to_owned()),
            on_built_in,
        }
    }
}

/// Binaries are called `1.4` or `1.4.2.7` as well: what is missing counts as 0, what is too much is left out.
fn lenient_version(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut parts = numbers.split('.').filter(|part| !part.is_empty());
    let first: u64 = parts.next()?.parse().ok()?;
    let mut next = || parts.next().map_or(Some(0), |part| part.parse().ok());
    let plain = Version::new(first, next()?, next()?);
    Some(Version::parse(&format!("{plain}{rest}")).unwrap_or(plain))
}

/// `POST /feeds/capgo/{app}/updates`
async fn check(
    State(state): State<AppState>,
    Path(app): Path<String>,
    visitor: Visitor,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(view) = state.view(&app) else {
        return unknown_app();
    };
    let said = match Said::read(body) {
        Ok(said) => said,
        Err(refusal) => return refusal.into_response(),
    };
    let (named, client) = (said.channel(), said.client());
    let (answer, client) = match named.as_deref().map(ChannelName::parse) {
        // A name that cannot be a channel's is an unknown channel.
        Some(Err(_)) => {
            let reason = NoUpdate::UnknownChannel;
            let reissue = false;
            (Answer::NoUpdate { reason, reissue }, client)
        }
        named => {
            let channel = named.and_then(Result::ok);
            let ask = Ask { channel, client };
            (answer(&view.app, &ask), ask.client)
        }
    };
    let response = respond(&view, &answer, &client, named.as_deref());
    let sighting = Sighting {
        client,
        channel: named,
        platform: said.text("platform"),
        arch: None,
        answer,
    };
    state.saw(&visitor, &view.sightings, sighting);
    response
}

fn respond(view: &AppView, answer: &Answer, client: &Client, named: Option<&str>) -> Response {
    match answer {
        Answer::Offer(offer) => match view.capgo_body(&offer.release) {
            Some(body) => ([JSON, NO_STORE], body).into_response(),
            None => no_update(view, NoUpdate::NoArtifact, client, named),
        },
        Answer::NoUpdate { reason, .. } => no_update(view, *reason, client, named),
    }
}

/// There is nothing to install: `up_to_date` where all is well, `blocked` where something keeps the device from it.
/// Neither makes the client report a failure.
fn no_update(view: &AppView, reason: NoUpdate, client: &Client, named: Option<&str>) -> Response {
    let (binary, current) = match client {
        Client::Capgo {
            binary_version,
            current,
            ..
        } => (binary_version.as_ref(), current.as_str()),
        _ => (None, ""),
    };
    let channel = named.unwrap_or(view.app.default_channel.as_str());
    let blocked = |error: &str, message: String| json!({ "kind": "blocked", "error": error, "message": message, "version": current });
    let body = match reason {
        NoUpdate::UnknownChannel => blocked(
            "channel_not_found",
            format!("There is no channel {channel}"),
        ),
        NoUpdate::BinaryVersionUnknown => blocked(
            "unknown_version_build",
            "The request has no version_build that can be read as a version".to_owned(),
        ),
        NoUpdate::NoArtifact => blocked(
            "no_bundle",
            format!("What {channel} offers has no bundle for Capgo clients"),
        ),
        NoUpdate::BinaryOutOfRange => out_of_range(live(view, named), binary, current),
        _ => json!({
            "kind": "up_to_date",
            "error": "no_new_version_available",
            "message": "No new version available",
            "version": current,
        }),
    };
    ([NO_STORE], Json(body)).into_response()
}

/// A binary that is too old makes the app's `breakingAvailable` fire: its user needs the store
/// (CapacitorUpdaterPlugin.java:322-340).
fn out_of_range(release: Option<&Release>, binary: Option<&Version>, current: &str) -> Value {
    let version = release.map_or_else(|| current.to_owned(), |release| release.version.to_string());
    let too_old = release.zip(binary).is_some_and(|(release, binary)| {
        binary.cmp_precedence(&release.min_binary_version).is_lt()
    });
    if too_old {
        json!({
            "kind": "blocked",
            "error": "disable_auto_update_to_major",
            "message": format!("{version} needs a newer version of the app itself"),
            "version": version,
            "breaking": true,
        })
    } else {
        json!({
            "kind": "blocked",
            "error": "disable_auto_update_under_native",
            "message": format!("{version} is for older versions of the app itself"),
            "version": version,
        })
    }
}

fn live<'a>(view: &'a AppView, named: Option<&str>) -> Option<&'a Release> {
    let state = match named {
        Some(name) => view.app.channels.get(&ChannelName::parse(name).ok()?)?,
        None => view.app.channels.get(&view.app.default_channel)?,
    };
    view.app.releases.get(&state.live.as_ref()?.release)
}

/// `POST /feeds/capgo/{app}/stats`: an array of events since 8.42.0, one event before (protocols.md 3.5).
async fn stats(
    State(state): State<AppState>,
    Path(app): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if state.view(&app).is_none() {
        return unknown_app();
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            return refused(rejection.status(), "invalid_request", rejection.body_text())
                .into_response();
        }
    };
    let events = match serde_json::from_slice(&body) {
        Ok(Value::Array(events)) => events,
        Ok(event @ Value::Object(_)) => vec![event],
        _ => {
            return refused(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The body is neither an event nor a list of events",
            )
            .into_response();
        }
    };
    for event in events {
        let said = Said(event);
        tracing::debug!(
            app,
            action = said.text("action"),
            version = said.text("version_name"),
            platform = said.text("platform"),
            "A Capgo client reported"
        );
    }
    ([NO_STORE], Json(json!({ "status": "ok" }))).into_response()
}

/// Whether a device may choose a channel by itself.
fn may_choose(app: &AppSnapshot, state: &ChannelSnapshot) -> bool {
    !state.channel.protected || state.channel.name == app.default_channel
}

/// The channel of a name that a device gives, as far as the app lets Capgo clients see it.
fn channel<'a>(view: &'a AppView, name: &str) -> Result<&'a ChannelSnapshot, Refusal> {
    served(view)?;
    ChannelName::parse(name)
        .ok()
        .and_then(|name| view.app.channels.get(&name))
        .ok_or_else(|| {
            refused(
                StatusCode::BAD_REQUEST,
                "channel_not_found",
                "There is no such channel",
            )
        })
}

fn served(view: &AppView) -> Result<(), Refusal> {
    if view.app.systems.serve(ota_model::ClientSystem::Capgo) {
        Ok(())
    } else {
        Err(refused(
            StatusCode::BAD_REQUEST,
            "not_served",
            "This app does not serve Capgo clients",
        ))
    }
}

/// `POST /feeds/capgo/{app}/channel`: the device wants to follow another channel, and remembers it if this says so.
async fn choose_channel(
    State(state): State<AppState>,
    Path(app): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(view) = state.view(&app) else {
        return unknown_app();
    };
    let chosen = Said::read(body).and_then(|said| {
        let wanted = said.text("channel").unwrap_or_default();
        let found = channel(&view, &wanted)?;
        if may_choose(&view.app, found) {
            Ok(())
        } else {
            Err(refused(
                StatusCode::BAD_REQUEST,
                "channel_self_set_not_allowed",
                "Devices may not choose this channel by themselves",
            ))
        }
    });
    match chosen {
        Ok(()) => ([NO_STORE], Json(json!({ "status": "ok" }))).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `PUT /feeds/capgo/{app}/channel`: which channel the device follows.
async fn show_channel(
    State(state): State<AppState>,
    Path(app): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(view) = state.view(&app) else {
        return unknown_app();
    };
    let shown = Said::read(body).and_then(|said| {
        let named = said.channel();
        let status = if named.is_some() {
            "override"
        } else {
            "default"
        };
        let name = named.unwrap_or_else(|| view.app.default_channel.to_string());
        let found = channel(&view, &name)?;
        Ok(json!({
            "channel": found.channel.name,
            "status": status,
            "allowSet": may_choose(&view.app, found),
        }))
    });
    match shown {
        Ok(body) => ([NO_STORE], Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /feeds/capgo/{app}/channel`: the channels there are. What the device says stands in the query and is not needed.
async fn list_channels(State(state): State<AppState>, Path(app): Path<String>) -> Response {
    let Some(view) = state.view(&app) else {
        return unknown_app();
    };
    if let Err(refusal) = served(&view) {
        return refusal.into_response();
    }
    let mut channels: Vec<_> = view.app.channels.values().collect();
    channels.sort_by_key(|state| state.channel.position);
    let listed: Vec<_> = (1_u32..)
        .zip(channels)
        .map(|(id, state)| {
            // `id` must be a number, or the client refuses the list (CapgoUpdater.java:2884-2887).
            json!({
                "id": id,
                "name": state.channel.name,
                "public": state.channel.name == view.app.default_channel,
                "allow_self_set": may_choose(&view.app, state),
            })
        })
        .collect();
    ([NO_STORE], Json(listed)).into_response()
}

fn unknown_app() -> Response {
    let refusal = refused(
        StatusCode::NOT_FOUND,
        "app_not_found",
        "There is no such app here",
    );
    refusal.into_response()
}

/// A request that cannot be answered.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    message: String,
}

impl IntoResponse for Refusal {
    /// In the words of the clients.
    fn into_response(self) -> Response {
        let body = json!({ "kind": "failed", "error": self.error, "message": self.message });
        (self.status, [NO_STORE], Json(body)).into_response()
    }
}

fn refused(status: StatusCode, error: &'static str, message: impl Into<String>) -> Refusal {
    Refusal {
        status,
        error,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_versions_are_read_leniently() {
        for (text, version) in [
            ("1.4.2", Some("1.4.2")),
            ("1.4", Some("1.4.0")),
            ("7", Some("7.0.0")),
            ("v1.4", Some("1.4.0")),
            ("1.4.2.7", Some("1.4.2")),
            ("1.4-beta.1", Some("1.4.0-beta.1")),
            ("1.4 (107)", Some("1.4.0")),
            ("01.4.0", Some("1.4.0")),
            ("1.2.0-beta.1", Some("1.2.0-beta.1")),
            ("", None),
            ("builtin", None),
            ("99999999999999999999", None),
        ] {
            let expected = version.map(|version| version.parse().unwrap());
            assert_eq!(lenient_version(text), expected, "{text}");
        }
    }
}
