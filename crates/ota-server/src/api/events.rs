//! Server-sent events: what the desktop shows live.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::broadcast::error::RecvError;

use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::state::AppState;

/// The data of an event, for the document.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "the events are written one by one; this tells their shapes"
)]
enum Streamed {
    /// Of `activity`.
    Activity(ota_api::ServerEvent),
    /// Of `check`.
    Check(ota_api::CheckEvent),
}

/// Quiet connections are kept open through proxies with a comment this often.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Changes of all apps as they happen. The event `activity` carries a `ServerEvent`; `check` carries a `CheckEvent`,
/// devices asked; `resync` says that some were missed: read again what you show. Ignore events of other names. The
/// stream ends when the token expires.
#[utoipa::path(get, path = "/v1/events", operation_id = "stream_events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = Streamed), Problems))]
pub(super) async fn stream(
    State(state): State<AppState>,
    operator: Operator,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    operator.require(May::Read)?;
    let events = stream::unfold(state.subscribe(), async |mut receiver| {
        let event = match receiver.recv().await {
            Ok(event) => Event::default().event("activity").json_data(&event),
            Err(RecvError::Lagged(_)) => Ok(Event::default().event("resync").data("{}")),
            Err(RecvError::Closed) => return None,
        };
        let event = event.unwrap_or_else(|_| Event::default().event("resync").data("{}"));
        Some((Ok(event), receiver))
    });
    let checks = stream::unfold(state.subscribe_to_checks(), async |mut receiver| {
        loop {
            match receiver.recv().await {
                Ok(event) => {
                    if let Ok(event) = Event::default().event("check").json_data(&event) {
                        return Some((Ok(event), receiver));
                    }
                }
                // The next one of the same system says the same and more.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    // The first event tells that the stream stands: what is read after it misses nothing.
    let hello = stream::once(std::future::ready(Ok(Event::default()
        .event("resync")
        .data("{}"))));
    // A stream without an end would keep the server from stopping, and outlive the right to listen.
    let closing = state.closing().clone().cancelled_owned();
    let expires_at = operator.token().expires_at;
    let left = expires_at.map(|at| (at - state.now()).to_std().unwrap_or_default());
    let expiring = async move {
        match left {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    };
    let over = async move {
        tokio::select! {
            () = closing => {}
            () = expiring => {}
        }
    };
    let events = hello.chain(stream::select(events, checks)).take_until(over);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
