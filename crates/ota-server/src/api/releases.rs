//! Releases: list, draft, finalize, recall.

#![expect(
    unused_qualifications,
    reason = "in the code that utoipa generates for query parameters"
)]

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ota_api::{
    ActionKind, CreateRelease, ProblemCode, Recall, Recalled, ReleasePage, ReleaseSummary,
    UpdateRelease,
};
use ota_bundle::Listing;
use ota_model::{AppSlug, Lane, ReleaseId, ReleaseKind, ReleaseState};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, IntoActiveModel as _};
use semver::Version;
use serde::Deserialize;
use ulid::Ulid;
use utoipa::IntoParams;

use super::extract::{self, Path, Query};
use super::idempotency::Repeatable;
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::publish;
use crate::recall;
use crate::state::AppState;
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, listing as listing_table, release};
use crate::store::read;
use crate::store::text::Word as _;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Releases older than this one.
    before: Option<String>,
    /// 50 unless told, 200 at most.
    limit: Option<u64>,
    /// Only the release with this version.
    version: Option<String>,
    /// Of `version`: `web` (if absent) or `native`.
    lane: Option<String>,
}

/// Releases, the newest first.
#[utoipa::path(get, path = "/v1/apps/{app}/releases", operation_id = "list_releases", tag = "releases", params(("app" = String, Path), Window),
    responses((status = 200, body = ReleasePage), Problems))]
pub(super) async fn list(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    Query(window): Query<Window>,
) -> Result<Json<ReleasePage>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    if let Some(version) = window.version {
        let lane = match window.lane.as_deref() {
            None | Some("web") => Lane::Web,
            Some("native") => Lane::Native,
            Some(other) => {
                return Err(ApiError::new(
                    ProblemCode::Malformed,
                    format!("There are the lanes web and native, none “{other}”"),
                ));
            }
        };
        let row = read::release_by_version(&state.db, app.id, lane, &version).await?;
        let rows = row.into_iter().collect();
        let releases = read::release_views(&state.db, &state.public_url, &app, rows).await?;
        return Ok(Json(ReleasePage {
            releases,
            next: None,
        }));
    }
    let before = window.before.map(ReleaseId);
    let limit = window.limit.unwrap_or(50).clamp(1, 200);
    Ok(Json(
        read::releases(&state.db, &state.public_url, &app, before.as_ref(), limit).await?,
    ))
}

fn version(field: &str, text: &str) -> Result<Version, ApiError> {
    Version::parse(text).map_err(|error| {
        ApiError::new(
            ProblemCode::Invalid,
            format!(
                "{field} “{text}” is not a semantic version ({error}). Nothing was changed. \
                 Write three numbers, such as 2.5.0 or 2.5.0-ota.3"
            ),
        )
    })
}

/// Begin a draft.
#[utoipa::path(post, path = "/v1/apps/{app}/releases", operation_id = "create_release", tag = "releases", params(("app" = String, Path)),
    request_body = CreateRelease, responses((status = 201, body = ReleaseSummary), Problems))]
pub(super) async fn create(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    extract::Json(body): extract::Json<CreateRelease>,
) -> Result<(StatusCode, Json<ReleaseSummary>), ApiError> {
    operator.require(May::Draft)?;
    let wanted = version("The version", &body.version)?;
    let min = version("The minimum binary version", &body.min_binary_version)?;
    let max = body
        .max_binary_version
        .as_deref()
        .map(|text| version("The maximum binary version", text))
        .transpose()?;
    if max
        .as_ref()
        .is_some_and(|max| max.cmp_precedence(&min).is_le())
    {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "The maximum binary version must be above the minimum, or no binary could run the release",
        ));
    }
    if body.kind == ReleaseKind::BuiltIn {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "A release of the built-in assets comes with each key; it is not drafted",
        ));
    }
    let lane = body.kind.lane();
    let change = state.begin().await?;
    let app = extract::app(&change.tx, &slug).await?;
    let taken = read::release_by_version(&change.tx, app.id, lane, &wanted.to_string()).await?;
    if let Some(taken) = taken {
        return Err(version_exists(&taken));
    }
    let row = release::ActiveModel {
        id: Set(Ulid::generate().to_string()),
        app_id: Set(app.id),
        version: Set(wanted.to_string()),
        kind: Set(body.kind.word().to_owned()),
        lane: Set(lane.word().to_owned()),
        state: Set(ReleaseState::Draft.word().to_owned()),
        notes: Set(body.notes),
        min_binary_version: Set(min.to_string()),
        max_binary_version: Set(max.map(|max| max.to_string())),
        files: Set(None),
        unpacked_bytes: Set(None),
        created_at: Set(state.now().timestamp_millis()),
        created_by: Set(operator.name().to_owned()),
    }
    .insert(&change.tx)
    .await?;
    change.commit_quietly().await?;
    Ok((StatusCode::CREATED, Json(view(&state, &app, row).await?)))
}

fn version_exists(taken: &release::Model) -> ApiError {
    let state = match taken.state.as_str() {
        "draft" => "a draft",
        "recalled" => "recalled",
        _ => "published or ready",
    };
    ApiError::new(
        ProblemCode::VersionExists,
        format!(
            "{} is taken by release {}, which is {state}. Nothing was changed. Choose another version",
            taken.version, taken.id
        ),
    )
    .with_release(&taken.id)
}

async fn view(
    state: &AppState,
    app: &app::Model,
    row: release::Model,
) -> Result<ReleaseSummary, ApiError> {
    let views = read::release_views(&state.db, &state.public_url, app, vec![row]).await?;
    views
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::internal("a release vanished while it was read"))
}

/// One release.
#[utoipa::path(get, path = "/v1/apps/{app}/releases/{release}", operation_id = "show_release", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)),
    responses((status = 200, body = ReleaseSummary), Problems))]
pub(super) async fn show(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
) -> Result<Json<ReleaseSummary>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let row = extract::release(&state.db, &app, &id).await?;
    Ok(Json(view(&state, &app, row).await?))
}

/// Change the notes. Nothing else of a release ever changes.
#[utoipa::path(patch, path = "/v1/apps/{app}/releases/{release}", operation_id = "update_release", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)), request_body = UpdateRelease,
    responses((status = 200, body = ReleaseSummary), Problems))]
pub(super) async fn update(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
    extract::Json(body): extract::Json<UpdateRelease>,
) -> Result<Json<ReleaseSummary>, ApiError> {
    operator.require(May::Publish)?;
    let change = state.begin().await?;
    let mut app = extract::app(&change.tx, &slug).await?;
    let row = extract::release(&change.tx, &app, &id).await?;
    let mut changed = row.into_active_model();
    changed.notes = Set(body.notes);
    let row = changed.update(&change.tx).await?;
    let happened = Happened {
        version: Some(row.version.clone()),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ReleaseUpdated,
            format!("Changed the notes of {}", row.version),
        )
    };
    let entry = activity::append(&change.tx, &mut app, happened).await?;
    change.commit(&app, vec![entry]).await?;
    Ok(Json(view(&state, &app, row).await?))
}

/// Discard a draft and what was uploaded for it.
#[utoipa::path(delete, path = "/v1/apps/{app}/releases/{release}", operation_id = "discard_draft", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)), responses((status = 204), Problems))]
pub(super) async fn discard(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
) -> Result<StatusCode, ApiError> {
    operator.require(May::Draft)?;
    let change = state.begin().await?;
    let app = extract::app(&change.tx, &slug).await?;
    let row = extract::release(&change.tx, &app, &id).await?;
    publish::discard(&state, change, row, operator.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The files of a release.
#[utoipa::path(get, path = "/v1/apps/{app}/releases/{release}/listing", operation_id = "list_files", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)),
    responses((status = 200, body = serde_json::Value, description = "`{files: [{path, size_bytes, sha256}]}`"), Problems))]
pub(super) async fn listing(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
) -> Result<Json<Listing>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let row = extract::release(&state.db, &app, &id).await?;
    let stored = listing_table::Entity::find_by_id(row.id)
        .one(&state.db)
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ProblemCode::NotReady,
                "A draft has no listing yet. It gets one when it is finalized",
            )
        })?;
    Ok(Json(
        serde_json::from_str(&stored.listing).map_err(ApiError::internal)?,
    ))
}

/// Verify a draft (size, digest, signature, archive) and make it a release. A second call answers as the first.
#[utoipa::path(post, path = "/v1/apps/{app}/releases/{release}/finalize", operation_id = "finalize_release", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)),
    responses((status = 200, body = ReleaseSummary), Problems))]
pub(super) async fn finalize(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
) -> Result<Json<ReleaseSummary>, ApiError> {
    operator.require(May::Draft)?;
    let app = extract::app(&state.db, &slug).await?;
    let row = extract::release(&state.db, &app, &id).await?;
    let row = if row.state == ReleaseState::Draft.word() {
        publish::finalize(&state, &operator, &slug, row).await?
    } else {
        row
    };
    Ok(Json(view(&state, &app, row).await?))
}

/// Never offer a release again. Channels that offer it go back to what they offered before it.
#[utoipa::path(post, path = "/v1/apps/{app}/releases/{release}/recall", operation_id = "recall_release", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path)), request_body = Recall,
    responses((status = 200, body = Recalled), Problems))]
pub(super) async fn recall(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id)): Path<(AppSlug, ReleaseId)>,
    headers: HeaderMap,
    extract::Json(body): extract::Json<Recall>,
) -> Result<Json<Recalled>, ApiError> {
    operator.require(May::Publish)?;
    let repeatable = Repeatable::from(&headers, &operator, &format!("recall {slug} {id}"), &body)?;
    let change = state.begin().await?;
    if let Some(repeatable) = &repeatable
        && let Some(answer) = repeatable.answered(&change.tx).await?
    {
        return Ok(Json(answer));
    }
    if body.reason.trim().is_empty() {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "Say why: the reason is kept in the activity log",
        ));
    }
    let mut app = extract::app(&change.tx, &slug).await?;
    let row = extract::release(&change.tx, &app, &id).await?;
    let (row, moved, entries) =
        recall::recall(&state, &change, &operator, &mut app, row, &body.reason).await?;
    let views = read::release_views(&change.tx, &state.public_url, &app, vec![row]).await?;
    let release = views
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::internal("a release vanished"))?;
    let answer = Recalled { release, moved };
    if let Some(repeatable) = repeatable {
        repeatable
            .remember(&change.tx, &answer, state.now())
            .await?;
    }
    change.commit(&app, entries).await?;
    Ok(Json(answer))
}
