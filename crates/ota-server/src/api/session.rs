//! `GET /v1/session`

use axum::Json;
use axum::extract::State;
use ota_api::{ServerInfo, Session};

use super::problems::Problems;
use crate::auth::Operator;
use crate::state::AppState;

/// Who am I, what may I do, and what server is this?
#[utoipa::path(get, path = "/v1/session", operation_id = "show_session", tag = "session", responses((status = 200, body = Session), Problems))]
pub(super) async fn show(State(state): State<AppState>, operator: Operator) -> Json<Session> {
    Json(Session {
        server: ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            public_url: state.public_url.clone(),
        },
        operator: operator.name().to_owned(),
        role: operator.role(),
        expires_at: operator.token().expires_at,
    })
}
