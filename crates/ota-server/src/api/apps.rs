//! Apps.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ota_api::{ActionKind, App, AppOverview, CreateApp, GENESIS, ProblemCode, UpdateApp};
use ota_model::{AppSlug, DEFAULT_CHANNELS, Systems};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait as _,
    ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _,
};

use super::extract::{self, Path};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::capgo_key::CapgoKey;
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, channel, key, release};
use crate::store::read;
use crate::store::text::unsigned;

/// The apps of this server.
#[utoipa::path(get, path = "/v1/apps", operation_id = "list_apps", tag = "apps", responses((status = 200, body = Vec<App>), Problems))]
pub(super) async fn list(
    State(state): State<AppState>,
    operator: Operator,
) -> Result<Json<Vec<App>>, ApiError> {
    operator.require(May::Read)?;
    let rows = read::apps(&state.db).await?;
    Ok(Json(
        rows.iter().map(read::app_view).collect::<Result<_, _>>()?,
    ))
}

/// Make an app with the channels hotfix, staging, beta and production.
#[utoipa::path(post, path = "/v1/apps", operation_id = "create_app", tag = "apps", request_body = CreateApp,
    responses((status = 201, body = App), Problems))]
pub(super) async fn create(
    State(state): State<AppState>,
    operator: Operator,
    extract::Json(body): extract::Json<CreateApp>,
) -> Result<(StatusCode, Json<App>), ApiError> {
    operator.require(May::Administer)?;
    let change = state.begin().await?;
    if read::app_by_slug(&change.tx, &body.slug).await?.is_some() {
        return Err(ApiError::new(
            ProblemCode::AppExists,
            format!(
                "This server has an app “{}” already. Nothing was changed",
                body.slug
            ),
        ));
    }
    let now = state.now();
    let systems = body.systems.unwrap_or_default();
    check_systems(&change.tx, None, &systems).await?;
    let name = body
        .name
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| body.slug.to_string());
    let mut row = app::ActiveModel {
        id: NotSet,
        slug: Set(body.slug.to_string()),
        name: Set(name),
        default_channel: Set("production".to_owned()),
        last_sequence: Set(0),
        activity_head: Set(0),
        activity_hash: Set(GENESIS.to_string()),
        created_at: Set(now.timestamp_millis()),
        systems: Set(serde_json::to_string(&systems).map_err(ApiError::internal)?),
    }
    .insert(&change.tx)
    .await?;
    for (position, (channel_name, protected)) in (0..).zip(DEFAULT_CHANNELS) {
        channel::ActiveModel {
            id: NotSet,
            app_id: Set(row.id),
            name: Set(channel_name.to_owned()),
            position: Set(position),
            protected: Set(protected),
            paused: Set(false),
            revision: Set(1),
            highest: Set(0),
        }
        .insert(&change.tx)
        .await?;
    }
    let summary = format!("Created the app {}", row.slug);
    let happened = Happened::new(now, operator.name(), ActionKind::AppCreated, summary);
    let entry = activity::append(&change.tx, &mut row, happened).await?;
    change.commit(&row, vec![entry]).await?;
    Ok((StatusCode::CREATED, Json(read::app_view(&row)?)))
}

/// Refuses what clients could not use, and what two apps of a server cannot both have.
async fn check_systems(
    db: &impl ConnectionTrait,
    app: Option<i64>,
    systems: &Systems,
) -> Result<(), ApiError> {
    if let Some(pem) = &systems.capgo_public_key {
        CapgoKey::parse(pem).map_err(|error| {
            ApiError::new(
                ProblemCode::Invalid,
                format!(
                    "This cannot be the app's Capgo key: {error}. Nothing was changed. \
                     Give the public key as it stands in the app's capacitor.config"
                ),
            )
        })?;
    }
    if systems.capgo_public_key.is_some() && systems.capgo_files {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "Single files are offered to Capgo clients of apps without a Capgo key only: encrypted bundles come whole. \
             Nothing was changed. Leave out the key or the single files",
        ));
    }
    for other in read::apps(db).await? {
        if Some(other.id) == app {
            continue;
        }
        let theirs = read::systems(&other)?;
        if systems.fixed_bundle_paths && theirs.fixed_bundle_paths {
            return Err(ApiError::new(
                ProblemCode::Invalid,
                format!(
                    "{} answers at the fixed paths /api/v1/native/bundle already, and one app of a server can. \
                     Nothing was changed. Turn it off there first",
                    other.slug
                ),
            ));
        }
        let name = |systems: &Systems| systems.sync_kit_app_id.clone();
        if name(systems).is_some_and(|id| Some(id) == name(&theirs)) {
            return Err(ApiError::new(
                ProblemCode::Invalid,
                format!(
                    "{} has this SyncKit app id already. Nothing was changed. Choose another one",
                    other.slug
                ),
            ));
        }
    }
    Ok(())
}

/// An app with its channels, keys and the head of its log.
#[utoipa::path(get, path = "/v1/apps/{app}", operation_id = "show_app", tag = "apps", params(("app" = String, Path)),
    responses((status = 200, body = AppOverview), Problems))]
pub(super) async fn show(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
) -> Result<Json<AppOverview>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let mut channels = Vec::new();
    for row in read::channel_rows(&state.db, app.id).await? {
        channels.push(read::channel_state(&state.db, row).await?);
    }
    Ok(Json(AppOverview {
        keys: read::keys(&state.db, app.id).await?,
        activity_head: unsigned(app.activity_head)?,
        app: read::app_view(&app)?,
        channels,
    }))
}

/// Change an app's name or default channel.
#[utoipa::path(patch, path = "/v1/apps/{app}", operation_id = "update_app", tag = "apps", params(("app" = String, Path)),
    request_body = UpdateApp, responses((status = 200, body = App), Problems))]
pub(super) async fn update(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    extract::Json(body): extract::Json<UpdateApp>,
) -> Result<Json<App>, ApiError> {
    operator.require(May::Administer)?;
    let change = state.begin().await?;
    let row = extract::app(&change.tx, &slug).await?;
    let mut told = Vec::new();
    let mut changed = row.clone().into_active_model();
    if let Some(name) = body.name.filter(|name| !name.trim().is_empty()) {
        told.push(format!("name {name}"));
        changed.name = Set(name);
    }
    if let Some(channel) = body.default_channel {
        extract::channel(&change.tx, &row, &channel).await?;
        told.push(format!("default channel {channel}"));
        changed.default_channel = Set(channel.to_string());
    }
    if let Some(systems) = body.systems {
        check_systems(&change.tx, Some(row.id), &systems).await?;
        let labels: Vec<_> = systems.serves.iter().map(|system| system.label()).collect();
        told.push(format!("serves {}", labels.join(", ")));
        changed.systems = Set(serde_json::to_string(&systems).map_err(ApiError::internal)?);
    }
    if told.is_empty() {
        return Ok(Json(read::app_view(&row)?));
    }
    let mut row = changed.update(&change.tx).await?;
    let summary = format!("Changed the app {}: {}", row.slug, told.join(", "));
    let happened = Happened::new(
        state.now(),
        operator.name(),
        ActionKind::AppUpdated,
        summary,
    );
    let entry = activity::append(&change.tx, &mut row, happened).await?;
    change.commit(&row, vec![entry]).await?;
    Ok(Json(read::app_view(&row)?))
}

/// Remove an app that never had a release. Its log stays in the database.
#[utoipa::path(delete, path = "/v1/apps/{app}", operation_id = "remove_app", tag = "apps", params(("app" = String, Path)),
    responses((status = 204), Problems))]
pub(super) async fn remove(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
) -> Result<StatusCode, ApiError> {
    operator.require(May::Administer)?;
    let change = state.begin().await?;
    let row = extract::app(&change.tx, &slug).await?;
    let releases = release::Entity::find()
        .filter(release::Column::AppId.eq(row.id))
        .count(&change.tx)
        .await?;
    if releases > 0 {
        return Err(ApiError::new(
            ProblemCode::AppNotEmpty,
            format!("{slug} has releases, which devices may run. It stays as it is"),
        ));
    }
    channel::Entity::delete_many()
        .filter(channel::Column::AppId.eq(row.id))
        .exec(&change.tx)
        .await?;
    key::Entity::delete_many()
        .filter(key::Column::AppId.eq(row.id))
        .exec(&change.tx)
        .await?;
    row.into_active_model().delete(&change.tx).await?;
    change.commit_removal(&slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
