//! The feed of `tauri-plugin-hotswap` 0.0.4 (protocols.md 1).

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ota_model::{Answer, ArtifactKind, Ask, ChannelName, Client, NoUpdate, Sequence, answer};
use semver::Version;
use url::form_urlencoded;

use super::AppView;
use crate::sightings::{Sighting, Visitor};
use crate::state::AppState;

/// `GET /feeds/hotswap/{app}/{current_sequence}?binary_version=&platform=&arch=[&channel=]`
pub(super) async fn check(
    State(state): State<AppState>,
    Path((app, current)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Response {
    let Some(view) = state.view(&app) else {
        return plain(StatusCode::NOT_FOUND, "There is no such app here");
    };
    let Ok(current) = current.parse() else {
        return plain(
            StatusCode::BAD_REQUEST,
            "The path ends with the current sequence, a number",
        );
    };
    let said = Said::read(query.as_deref().unwrap_or_default());
    let client = Client::Hotswap {
        binary_version: said
            .binary_version
            .and_then(|text| Version::parse(&text).ok()),
        current: Sequence(current),
        format: ArtifactKind::TarGz,
    };
    let (answer, client) = match said.channel.as_deref().map(ChannelName::parse) {
        // A name that cannot be a channel's is an unknown channel: nothing for this device (protocols.md 1.8 trap 6).
        Some(Err(_)) => {
            let answer = Answer::NoUpdate {
                reason: NoUpdate::UnknownChannel,
                reissue: false,
            };
            (answer, client)
        }
        named => {
            let channel = named.and_then(Result::ok);
            let ask = Ask { channel, client };
            (answer(&view.app, &ask), ask.client)
        }
    };
    let response = respond(&state, &view, &answer, said.channel.as_deref());
    let sighting = Sighting {
        client,
        channel: said.channel,
        platform: said.platform,
        arch: said.arch,
        answer,
    };
    state.saw(&visitor, &view.sightings, sighting);
    response
}

fn respond(state: &AppState, view: &AppView, answer: &Answer, channel: Option<&str>) -> Response {
    match answer {
        Answer::Offer(offer) => match view.hotswap_body(offer) {
            Some(body) => {
                ([(header::CONTENT_TYPE, "application/json"), NO_STORE], body).into_response()
            }
            None => nothing(),
        },
        Answer::NoUpdate {
            reason: NoUpdate::AheadOfChannel,
            reissue: true,
        } => {
            let channel = channel
                .and_then(|name| ChannelName::parse(name).ok())
                .unwrap_or_else(|| view.app.default_channel.clone());
            if view.may_ask_for_reissue(&channel, state.now()) {
                state.want_reissue(view.app.slug.clone(), channel);
            }
            nothing()
        }
        Answer::NoUpdate { .. } => nothing(),
    }
}

const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// What the device says of itself.
#[derive(Default)]
struct Said {
    channel: Option<String>,
    binary_version: Option<String>,
    platform: Option<String>,
    arch: Option<String>,
}

impl Said {
    fn read(query: &str) -> Self {
        let mut said = Self::default();
        // The client appends its own values to what the endpoint has, so the last one counts (protocols.md 1.1).
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "channel" => &mut said.channel,
                "binary_version" => &mut said.binary_version,
                "platform" => &mut said.platform,
                "arch" => &mut said.arch,
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        said.channel = said.channel.filter(|name| !name.is_empty());
        said
    }
}

/// "No update" is 204 and nothing else: any body is read as a manifest (protocols.md 1.2).
fn nothing() -> Response {
    (StatusCode::NO_CONTENT, [NO_STORE]).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [NO_STORE], text).into_response()
}
