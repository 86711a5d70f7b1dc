//! Channels and their settings.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ota_api::{ActionKind, ChannelState, CreateChannel, ProblemCode, UpdateChannel};
use ota_model::{AppSlug, ChannelName, Revision};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ActiveValue::Set, DatabaseTransaction,
    IntoActiveModel as _,
};

use super::extract::{self, Path};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, channel};
use crate::store::read;
use crate::store::text::unsigned;

/// The channels of an app with what they offer.
#[utoipa::path(get, path = "/v1/apps/{app}/channels", operation_id = "list_channels", tag = "channels", params(("app" = String, Path)),
    responses((status = 200, body = Vec<ChannelState>), Problems))]
pub(super) async fn list(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
) -> Result<Json<Vec<ChannelState>>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let mut states = Vec::new();
    for row in read::channel_rows(&state.db, app.id).await? {
        states.push(read::channel_state(&state.db, row).await?);
    }
    Ok(Json(states))
}

/// Make a channel.
#[utoipa::path(post, path = "/v1/apps/{app}/channels", operation_id = "create_channel", tag = "channels", params(("app" = String, Path)),
    request_body = CreateChannel, responses((status = 201, body = ChannelState), Problems))]
pub(super) async fn create(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    extract::Json(body): extract::Json<CreateChannel>,
) -> Result<(StatusCode, Json<ChannelState>), ApiError> {
    operator.require(May::Administer)?;
    let change = state.begin().await?;
    let mut app = extract::app(&change.tx, &slug).await?;
    if read::channel_row(&change.tx, app.id, &body.name)
        .await?
        .is_some()
    {
        return Err(ApiError::new(
            ProblemCode::ChannelExists,
            format!(
                "{slug} has a channel “{}” already. Nothing was changed",
                body.name
            ),
        ));
    }
    let rows = read::channel_rows(&change.tx, app.id).await?;
    let end = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let position = body.position.map_or(end, i64::from).min(end);
    for row in rows.into_iter().filter(|row| row.position >= position) {
        let next = row.position + 1;
        let mut row = row.into_active_model();
        row.position = Set(next);
        row.update(&change.tx).await?;
    }
    let row = channel::ActiveModel {
        id: NotSet,
        app_id: Set(app.id),
        name: Set(body.name.to_string()),
        position: Set(position),
        protected: Set(body.protected),
        paused: Set(false),
        revision: Set(1),
        highest: Set(0),
    }
    .insert(&change.tx)
    .await?;
    let happened = Happened {
        channel: Some(body.name.clone()),
        revision: Some(1),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ChannelCreated,
            format!("Created the channel {}", body.name),
        )
    };
    let entry = activity::append(&change.tx, &mut app, happened).await?;
    let view = read::channel_state(&change.tx, row).await?;
    change.commit(&app, vec![entry]).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Change a channel's place, protection or pause. Needs `If-Match`.
#[utoipa::path(patch, path = "/v1/apps/{app}/channels/{channel}", operation_id = "update_channel", tag = "channels",
    params(("app" = String, Path), ("channel" = String, Path),
        ("If-Match" = String, Header, description = "The revision you saw")),
    request_body = UpdateChannel, responses((status = 200, body = ChannelState), Problems))]
pub(super) async fn update(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, name)): Path<(AppSlug, ChannelName)>,
    headers: HeaderMap,
    extract::Json(body): extract::Json<UpdateChannel>,
) -> Result<Json<ChannelState>, ApiError> {
    let only_pause = body.position.is_none() && body.protected.is_none();
    operator.require(if only_pause {
        May::GoBack
    } else {
        May::Administer
    })?;
    let seen = extract::seen_revision(&headers)?;
    let change = state.begin().await?;
    let mut app = extract::app(&change.tx, &slug).await?;
    let row = extract::channel(&change.tx, &app, &name).await?;
    unchanged(&change.tx, &app, &row, seen).await?;

    let mut told = Vec::new();
    let mut changed = row.clone().into_active_model();
    if let Some(paused) = body.paused.filter(|paused| *paused != row.paused) {
        told.push(if paused { "paused" } else { "resumed" }.to_owned());
        changed.paused = Set(paused);
    }
    if let Some(protected) = body
        .protected
        .filter(|protected| *protected != row.protected)
    {
        told.push(
            if protected {
                "protected"
            } else {
                "no longer protected"
            }
            .to_owned(),
        );
        changed.protected = Set(protected);
    }
    if let Some(position) = body.position {
        told.push(format!("moved to position {}", position + 1));
        reorder(&change.tx, &app, &row, position).await?;
        changed.position = Set(read::channel_row(&change.tx, app.id, &name)
            .await?
            .map_or(0, |row| row.position));
    }
    if told.is_empty() {
        return Ok(Json(read::channel_state(&change.tx, row).await?));
    }
    changed.revision = Set(row.revision + 1);
    let row = changed.update(&change.tx).await?;
    let happened = Happened {
        channel: Some(name.clone()),
        revision: Some(unsigned(row.revision)?),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ChannelUpdated,
            format!("Changed the channel {name}: {}", told.join(", ")),
        )
    };
    let entry = activity::append(&change.tx, &mut app, happened).await?;
    let view = read::channel_state(&change.tx, row).await?;
    change.commit(&app, vec![entry]).await?;
    Ok(Json(view))
}

/// Moves a channel and closes the gap it leaves.
async fn reorder(
    tx: &DatabaseTransaction,
    app: &app::Model,
    moved: &channel::Model,
    position: u32,
) -> Result<(), ApiError> {
    let mut rows = read::channel_rows(tx, app.id).await?;
    rows.retain(|row| row.id != moved.id);
    let place = usize::try_from(position)
        .unwrap_or(usize::MAX)
        .min(rows.len());
    rows.insert(place, moved.clone());
    for (position, row) in (0..).zip(rows) {
        let mut row = row.into_active_model();
        row.position = Set(position);
        row.update(tx).await?;
    }
    Ok(())
}

/// Refuses a change by somebody who saw another state of the channel.
pub(super) async fn unchanged(
    tx: &DatabaseTransaction,
    app: &app::Model,
    row: &channel::Model,
    seen: Revision,
) -> Result<(), ApiError> {
    if unsigned(row.revision)? == seen.0 {
        return Ok(());
    }
    let state = read::channel_state(tx, row.clone()).await?;
    let changed_by = activity::last_of_channel(tx, app, &state.name).await?;
    let what = changed_by.as_ref().map_or_else(
        || format!("{} changed meanwhile", state.name),
        |entry| {
            format!(
                "{} changed meanwhile: {} ({})",
                state.name, entry.statement.summary, entry.statement.by
            )
        },
    );
    Err(ApiError::new(
        ProblemCode::RevisionConflict,
        format!("{what}. Your change was not made. Look at it again, then decide"),
    )
    .with_conflict(state, changed_by))
}
