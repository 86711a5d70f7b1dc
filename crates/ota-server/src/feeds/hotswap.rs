//! The feed of `tauri-plugin-hotswap` 0.0.4 (protocols.md 1).

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ota_model::{Answer, ArtifactKind, Ask, ChannelName, Client, NoUpdate, Sequence, answer};
use semver::Version;
use url::form_urlencoded;

use crate::state::AppState;

/// `GET /feeds/hotswap/{app}/{current_sequence}?binary_version=&platform=&arch=[&channel=]`
pub(super) async fn check(
    State(state): State<AppState>,
    Path((app, current)): Path<(String, String)>,
    RawQuery(query): RawQuery,
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
    let Some(ask) = ask(Sequence(current), query.as_deref().unwrap_or_default()) else {
        // A name that cannot be a channel's is an unknown channel: nothing for this device (protocols.md 1.8 trap 6).
        return nothing();
    };
    match answer(&view.app, &ask) {
        Answer::Offer(offer) => match view.hotswap_body(&offer) {
            Some(body) => {
                ([(header::CONTENT_TYPE, "application/json"), NO_STORE], body).into_response()
            }
            None => nothing(),
        },
        Answer::NoUpdate {
            reason: NoUpdate::AheadOfChannel,
            reissue: true,
        } => {
            let channel = ask
                .channel
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

/// What the device says. `None` if it names a channel that cannot exist.
fn ask(current: Sequence, query: &str) -> Option<Ask> {
    // The client appends its own values to what the endpoint has, so the last one counts (protocols.md 1.1).
    let last = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == wanted)
            .last()
            .map(|(_, value)| value.into_owned())
    };
    let channel = match last("channel").filter(|name| !name.is_empty()) {
        Some(name) => Some(ChannelName::parse(&name).ok()?),
        None => None,
    };
    Some(Ask {
        channel,
        client: Client::Hotswap {
            binary_version: last("binary_version").and_then(|text| Version::parse(&text).ok()),
            current,
            format: ArtifactKind::TarGz,
        },
    })
}

/// "No update" is 204 and nothing else: any body is read as a manifest (protocols.md 1.2).
fn nothing() -> Response {
    (StatusCode::NO_CONTENT, [NO_STORE]).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [NO_STORE], text).into_response()
}
