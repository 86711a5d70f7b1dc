//! Which devices asked.

use axum::Json;
use axum::extract::State;
use ota_api::Checks;
use ota_model::AppSlug;

use super::extract::{self, Path};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::state::AppState;

/// Which devices asked, by client system: how many checks, the first and the last one, and what that was answered.
///
/// Kept in memory: the counts begin anew when the server starts. The event `check` of `/v1/events` tells when they
/// grow. Checks that Switchtower makes to see what a device gets are not counted.
#[utoipa::path(get, path = "/v1/apps/{app}/checks", operation_id = "show_checks", tag = "apps",
    params(("app" = String, Path)), responses((status = 200, body = Checks), Problems))]
pub(super) async fn show(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
) -> Result<Json<Checks>, ApiError> {
    operator.require(May::Read)?;
    let Some(view) = state.view(slug.as_str()) else {
        // Says in the usual words that there is none.
        extract::app(&state.db, &slug).await?;
        return Err(ApiError::internal(format!(
            "{slug} is in the database, but devices do not see it"
        )));
    };
    Ok(Json(Checks {
        since: state.started_at(),
        systems: view.sightings.read(&view.app),
    }))
}
