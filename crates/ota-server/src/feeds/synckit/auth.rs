//! Who is asking: `POST /api/sync/auth` and the bearer of its token.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use ota_model::{ClientSystem, Systems};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::names::user_uuid;
use super::refusal::{Body, Refusal};
use crate::auth::{May, Operator};
use crate::state::AppState;
use crate::store::entities::app;
use crate::store::read;

/// What a publisher logs in with.
#[derive(Deserialize)]
pub(super) struct Credentials {
    /// Whatever the script has: an access token needs no name beside it.
    #[serde(rename = "email")]
    _email: Option<String>,
    /// An access token.
    password: String,
    /// The app's SyncKit id, or its slug.
    api_key: String,
}

/// What it gets.
#[derive(Serialize)]
pub(super) struct Session {
    /// The access token again: nothing else opens these routes, and it can be taken back at any time.
    token: String,
    user_id: String,
    app_id: String,
}

/// `POST /api/sync/auth`
pub(super) async fn authenticate(
    State(state): State<AppState>,
    Body(given): Body<Credentials>,
) -> Result<Json<Session>, Refusal> {
    let operator = Operator::of_secret(&state, given.password.trim()).await?;
    let (row, systems) = match app(&state.db, &given.api_key).await {
        // As with a wrong password, nobody is let in.
        Err(refusal) if refusal.is(StatusCode::NOT_FOUND) => {
            return Err(refusal.with_status(StatusCode::UNAUTHORIZED));
        }
        found => found?,
    };
    Ok(Json(Session {
        user_id: user_uuid(operator.token().id),
        app_id: systems.sync_kit_app_id.unwrap_or(row.slug),
        token: given.password.trim().to_owned(),
    }))
}

/// The app that a publisher names by its SyncKit id or its slug. It must serve SyncKit.
pub(super) async fn app(
    db: &impl ConnectionTrait,
    named: &str,
) -> Result<(app::Model, Systems), Refusal> {
    let mut by_id = None;
    let mut by_slug = None;
    for row in read::apps(db).await? {
        let systems = read::systems(&row)?;
        if systems.sync_kit_app_id.as_deref() == Some(named) {
            by_id = Some((row, systems));
        } else if row.slug == named {
            by_slug = Some((row, systems));
        }
    }
    let (row, systems) = by_id.or(by_slug).ok_or_else(|| {
        Refusal::unknown(format!(
            "This server has no app “{named}”. Write its SyncKit id or its slug"
        ))
    })?;
    if !systems.serve(ClientSystem::SyncKit) {
        return Err(Refusal::forbidden(format!(
            "{} does not serve SyncKit clients. Nothing was changed. Turn SyncKit on in the app's settings",
            row.slug
        )));
    }
    Ok((row, systems))
}

/// Somebody whose role may see releases.
pub(super) struct Reader;

impl FromRequestParts<AppState> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let operator = Operator::from_request_parts(parts, state).await?;
        operator.require(May::Read)?;
        Ok(Self)
    }
}

/// Somebody whose role may publish: on this API, whatever is uploaded goes out.
pub(super) struct Publisher(pub(super) Operator);

impl FromRequestParts<AppState> for Publisher {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let operator = Operator::from_request_parts(parts, state).await?;
        operator.require(May::Publish)?;
        Ok(Self(operator))
    }
}
