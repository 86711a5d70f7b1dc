//! The activity log of an app.

#![expect(
    unused_qualifications,
    reason = "in the code that utoipa generates for query parameters"
)]

use axum::Json;
use axum::extract::State;
use ota_api::ActivityPage;
use ota_model::AppSlug;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{self, Path, Query};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::activity;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Entries below this number.
    before: Option<u64>,
    /// 100 unless told, 1,000 at most.
    limit: Option<u64>,
}

/// What was done, the newest first.
#[utoipa::path(get, path = "/v1/apps/{app}/activity", operation_id = "list_activity", tag = "activity", params(("app" = String, Path), Window),
    responses((status = 200, body = ActivityPage), Problems))]
pub(super) async fn list(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    Query(window): Query<Window>,
) -> Result<Json<ActivityPage>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let limit = window.limit.unwrap_or(100).clamp(1, 1000);
    Ok(Json(
        activity::page(&state.db, &app, window.before, limit).await?,
    ))
}
