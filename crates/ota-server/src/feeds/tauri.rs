//! The feed of `tauri-plugin-updater` 2.x (protocols.md 2).
//!
//! "No update" is 204 on both routes: the client stops there, whatever it asked (updater.rs:618-621). A static file on
//! a plain web server has no such answer; this one is made by a program, and any file instead would have to name
//! platforms: clients before 2.14 fail on a missing one even when there is nothing newer.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::SecondsFormat;
use ota_model::{
    Answer, AppSnapshot, Ask, ChannelName, ChannelSnapshot, Client, ClientSystem, Deployment,
    Installer, InstallerType, Lane, NoUpdate, Offer, PlatformKey, Release, ReleaseState, Target,
    answer,
};
use semver::Version;
use serde::Serialize;
use url::form_urlencoded;

use super::view::wire_signature;
use crate::sightings::{Sighting, Visitor};
use crate::state::AppState;

/// Every answer of an app to updaters, as it goes over the wire.
#[derive(Default)]
pub(super) struct Bodies(BTreeMap<ChannelName, ChannelBodies>);

struct ChannelBodies {
    dynamic: HashMap<PlatformKey, Bytes>,
    /// Absent when the file could not say to whom it applies.
    latest: Option<Bytes>,
}

/// Where to fetch an installer and what it must be.
#[derive(Serialize)]
struct Fetch {
    url: String,
    /// Base64 of the four lines and nothing around it (protocols.md 2.6 trap 1).
    signature: String,
}

/// What both forms say of a release. No `name`: the client takes it for a second `version` (protocols.md 2.6 trap 2).
#[derive(Serialize)]
struct About<'a> {
    version: &'a Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
    pub_date: String,
}

#[derive(Serialize)]
struct Dynamic<'a> {
    #[serde(flatten)]
    about: About<'a>,
    #[serde(flatten)]
    fetch: &'a Fetch,
}

#[derive(Serialize)]
struct Static<'a> {
    #[serde(flatten)]
    about: About<'a>,
    platforms: BTreeMap<&'a str, &'a Fetch>,
}

impl Bodies {
    pub(super) fn new(app: &AppSnapshot, public_url: &str) -> Self {
        let bodies = app
            .channels
            .iter()
            .filter_map(|(name, state)| {
                let (live, release) = offered(app, state)?;
                Some((
                    name.clone(),
                    ChannelBodies::new(app, live, release, public_url)?,
                ))
            })
            .collect();
        Self(bodies)
    }

    fn dynamic(&self, offer: &Offer) -> Option<Bytes> {
        let platform = offer.platform.as_ref()?;
        self.0.get(&offer.channel)?.dynamic.get(platform).cloned()
    }

    fn latest(&self, channel: &ChannelName) -> Option<Bytes> {
        self.0.get(channel)?.latest.clone()
    }
}

/// What a channel offers to updaters at all.
fn offered<'a>(
    app: &'a AppSnapshot,
    state: &'a ChannelSnapshot,
) -> Option<(&'a Deployment, &'a Release)> {
    let live = state.live(Lane::Native)?;
    let release = app.releases.get(&live.release)?;
    let open = app.systems.serve(ClientSystem::TauriUpdater)
        && !state.channel.paused
        && release.state == ReleaseState::Ready
        && !release.installers.is_empty();
    open.then_some((live, release))
}

impl ChannelBodies {
    /// `None` if the server cannot write JSON, which does not happen.
    fn new(
        app: &AppSnapshot,
        live: &Deployment,
        release: &Release,
        public_url: &str,
    ) -> Option<Self> {
        let about = || About {
            version: &release.version,
            notes: Some(release.notes.as_str()).filter(|notes| !notes.is_empty()),
            pub_date: live.since.to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        let fetches: BTreeMap<&PlatformKey, Fetch> = release
            .installers
            .iter()
            .map(|installer| {
                let fetch = Fetch {
                    url: format!(
                        "{public_url}/b/{}/{}/{}",
                        app.slug, installer.sha256, installer.file
                    ),
                    signature: wire_signature(installer),
                };
                (&installer.platform, fetch)
            })
            .collect();
        let dynamic = fetches
            .iter()
            .map(|(platform, fetch)| {
                let body = Dynamic {
                    about: about(),
                    fetch,
                };
                Some(((*platform).clone(), json(&body)?))
            })
            .collect::<Option<_>>()?;
        let latest = if is_for_everybody(release) {
            let platforms = keys(&release.installers)
                .into_iter()
                .filter_map(|(key, installer)| Some((key, fetches.get(&installer.platform)?)))
                .collect();
            let body = Static {
                about: about(),
                platforms,
            };
            Some(json(&body)?)
        } else {
            None
        };
        Some(Self { dynamic, latest })
    }
}

fn json(body: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(body).ok().map(Bytes::from)
}

/// Whether any version may update to the release: a file that all devices read cannot hold some of them back.
fn is_for_everybody(release: &Release) -> bool {
    release.min_binary_version == Version::new(0, 0, 0) && release.max_binary_version.is_none()
}

/// The keys of the static file: those of the release, and for each system and architecture the plain one, which
/// clients fall back to and which programs that were not bundled ask for.
fn keys(installers: &[Installer]) -> BTreeMap<&str, &Installer> {
    let mut keys = BTreeMap::new();
    // The usual way of each system comes last, so that it stays.
    for packed in [
        InstallerType::Msi,
        InstallerType::Nsis,
        InstallerType::AppImage,
        InstallerType::App,
    ] {
        for installer in installers {
            if installer.platform.installer() == Some(packed) {
                keys.insert(installer.platform.without_installer(), installer);
            }
        }
    }
    for installer in installers {
        keys.insert(installer.platform.as_str(), installer);
    }
    keys
}

/// `GET /feeds/tauri/{app}/{target}/{arch}/{current_version}?bundle_type=[&channel=]`
pub(super) async fn check(
    State(state): State<AppState>,
    Path((app, target, arch, current)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Response {
    let Some(view) = state.view(&app) else {
        return plain(StatusCode::NOT_FOUND, "There is no such app here");
    };
    let Ok(current) = Version::parse(current.trim_start_matches('v')) else {
        return plain(
            StatusCode::BAD_REQUEST,
            "The path ends with the current version, such as 1.4.2. Write {{current_version}} there",
        );
    };
    let (bundle_type, named) = said(query.as_deref().unwrap_or_default());
    let (channel, unknown_channel) = match named.as_deref().map(ChannelName::parse) {
        None => (None, false),
        Some(Ok(name)) => (Some(name), false),
        // A name that cannot be a channel's is an unknown channel: nothing for this device.
        Some(Err(_)) => (None, true),
    };
    let packed = bundle_type.map(|text| text.parse::<InstallerType>());
    let unknown_type = matches!(packed, Some(Err(_)));
    let ask = Ask {
        channel,
        client: Client::Updater {
            system: ClientSystem::TauriUpdater,
            target: Target {
                key: key(&target, &arch),
                installer: packed.and_then(Result::ok),
            },
            current,
        },
    };
    let nothing_for = |reason| Answer::NoUpdate {
        reason,
        reissue: false,
    };
    let answer = if unknown_channel {
        nothing_for(NoUpdate::UnknownChannel)
    } else if unknown_type {
        // It says how it is packed, and this server has never heard of it: no installer is of that kind.
        nothing_for(NoUpdate::NoArtifact)
    } else {
        answer(&view.app, &ask)
    };
    let response = match &answer {
        Answer::Offer(offer) => respond(view.updater.dynamic(offer)),
        Answer::NoUpdate { .. } => nothing(),
    };
    let sighting = Sighting {
        client: ask.client,
        channel: named,
        platform: None,
        arch: None,
        answer,
    };
    state.saw(&visitor, &view.sightings, sighting);
    response
}

/// `GET /feeds/tauri/{app}/{channel}/latest.json`
pub(super) async fn latest(
    State(state): State<AppState>,
    Path((app, channel)): Path<(String, String)>,
) -> Response {
    let Some(view) = state.view(&app) else {
        return plain(StatusCode::NOT_FOUND, "There is no such app here");
    };
    match ChannelName::parse(&channel) {
        Ok(channel) => respond(view.updater.latest(&channel)),
        Err(_) => nothing(),
    }
}

/// The platform key without the installer. Whatever is none of the three systems is a target of the app's own, which
/// is the whole key (updater.rs:743-773).
fn key(target: &str, arch: &str) -> String {
    match target {
        "linux" | "windows" | "darwin" => format!("{target}-{arch}"),
        own => own.to_owned(),
    }
}

/// The bundle type, if the client knows its own, and the channel, if it names one.
fn said(query: &str) -> (Option<String>, Option<String>) {
    let (mut bundle_type, mut channel) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "bundle_type" => bundle_type = Some(value.into_owned()),
            "channel" => channel = Some(value.into_owned()),
            _ => {}
        }
    }
    // Clients before the placeholder send it as it was written.
    let knows = |text: &String| !matches!(text.as_str(), "" | "unknown") && !text.starts_with("{{");
    (
        bundle_type.filter(knows),
        channel.filter(|name| !name.is_empty()),
    )
}

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

fn respond(body: Option<Bytes>) -> Response {
    match body {
        Some(body) => {
            ([(header::CONTENT_TYPE, "application/json"), NO_STORE], body).into_response()
        }
        None => nothing(),
    }
}

/// "No update" is 204: any other success is read as an offer (protocols.md 2.1).
fn nothing() -> Response {
    (StatusCode::NO_CONTENT, [NO_STORE]).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [NO_STORE], text).into_response()
}
