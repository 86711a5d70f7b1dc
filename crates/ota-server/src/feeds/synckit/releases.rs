//! What publishers do with releases: the slug, create, list, delete.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::SecondsFormat;
use ota_model::{AppSlug, Lane, NameError, ReleaseKind, ReleaseState};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use semver::Version;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::auth::{Publisher, Reader, app};
use super::names::{release_id, release_uuid};
use super::refusal::{Body, Path, Refusal};
use crate::publish;
use crate::recall;
use crate::state::AppState;
use crate::store::entities::{release, sync_kit_release};
use crate::store::read;
use crate::store::text::{Word as _, time};

/// The longest version: it becomes part of file names.
const LONGEST_VERSION: usize = 64;
/// As many as a list shows.
const LISTED: u64 = 1000;

#[derive(Deserialize, Serialize)]
pub(super) struct Slug {
    slug: String,
}

/// `PUT /api/sync/ota/apps/{app}/slug`
///
/// An app's slug is in the URLs of devices and in its log, and never changes: the one it has is confirmed, another one
/// is refused.
pub(super) async fn slug(
    State(state): State<AppState>,
    _: Publisher,
    Path(named): Path<String>,
    Body(wanted): Body<Slug>,
) -> Result<Json<Slug>, Refusal> {
    let (row, _) = app(&state.db, &named).await?;
    AppSlug::parse(&wanted.slug).map_err(|error| {
        // The words of the original.
        Refusal::bad(match error {
            NameError::SlugLength(_) => "Slug must be 3-40 characters".to_owned(),
            NameError::SlugHyphen => "Slug cannot start or end with a hyphen".to_owned(),
            NameError::SlugCharacter => {
                "Slug must contain only lowercase letters, digits, and hyphens".to_owned()
            }
            other => other.to_string(),
        })
    })?;
    if wanted.slug != row.slug {
        return Err(Refusal::unfit(format!(
            "This app's slug is {} and stays so: devices ask under it. Nothing was changed. Use {} in the app's updater endpoint",
            row.slug, row.slug
        )));
    }
    Ok(Json(wanted))
}

/// Body of the creation.
#[derive(Deserialize)]
pub(super) struct Create {
    version: String,
    notes: Option<String>,
    signature: Option<String>,
}

/// A release as publishers see it: every field a string.
#[derive(Serialize)]
struct Shown {
    id: String,
    version: String,
    notes: String,
    signature: String,
    pub_date: String,
    created_at: String,
}

fn shown(row: release::Model, signature: String) -> Result<Shown, Refusal> {
    let created_at = time(row.created_at)?.to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(Shown {
        id: release_uuid(&row.id),
        version: row.version,
        notes: row.notes,
        signature,
        pub_date: created_at.clone(),
        created_at,
    })
}

/// `POST /api/sync/ota/apps/{app}/releases`
///
/// The same version again: while nothing was uploaded, notes and signature are replaced; afterwards the same text gets
/// the same release, and any other is refused.
pub(super) async fn create(
    State(state): State<AppState>,
    Publisher(operator): Publisher,
    Path(named): Path<String>,
    Body(body): Body<Create>,
) -> Result<Response, Refusal> {
    let version = Version::parse(body.version.trim())
        .map_err(|error| error.to_string())
        .and_then(|version| {
            let text = version.to_string();
            if text.len() > LONGEST_VERSION {
                return Err(format!("it has more than {LONGEST_VERSION} characters"));
            }
            Ok(text)
        })
        .map_err(|why| {
            Refusal::bad(format!(
                "“{}” cannot be a version: {why}. Nothing was changed. Write three numbers, such as 2.5.0 or 2.5.0-beta.1",
                body.version
            ))
        })?;
    let notes = body.notes.unwrap_or_default();
    let signature = body.signature.unwrap_or_default();
    let change = state.begin().await?;
    let (app, _) = app(&change.tx, &named).await?;
    let taken = read::release_by_version(&change.tx, app.id, Lane::Native, &version).await?;
    if let Some(taken) = taken {
        let row = again(&change.tx, taken, &notes, &signature).await?;
        change.commit_quietly().await?;
        return Ok((StatusCode::OK, Json(shown(row, signature)?)).into_response());
    }
    let row = release::ActiveModel {
        id: Set(Ulid::generate().to_string()),
        app_id: Set(app.id),
        version: Set(version),
        kind: Set(ReleaseKind::Native.word().to_owned()),
        lane: Set(Lane::Native.word().to_owned()),
        state: Set(ReleaseState::Draft.word().to_owned()),
        notes: Set(notes),
        // This API knows of none: every version may update to it.
        min_binary_version: Set(Version::new(0, 0, 0).to_string()),
        max_binary_version: Set(None),
        files: Set(None),
        unpacked_bytes: Set(None),
        created_at: Set(state.now().timestamp_millis()),
        created_by: Set(operator.name().to_owned()),
    }
    .insert(&change.tx)
    .await?;
    let own = sync_kit_release::ActiveModel {
        release_id: Set(row.id.clone()),
        signature: Set(signature.clone()),
    };
    sync_kit_release::Entity::insert(own)
        .exec_without_returning(&change.tx)
        .await?;
    change.commit_quietly().await?;
    Ok((StatusCode::CREATED, Json(shown(row, signature)?)).into_response())
}

/// A version that is there already.
async fn again(
    tx: &impl ConnectionTrait,
    taken: release::Model,
    notes: &str,
    signature: &str,
) -> Result<release::Model, Refusal> {
    let version = taken.version.clone();
    let own = sync_kit_release::Entity::find_by_id(taken.id.clone())
        .one(tx)
        .await?;
    let Some(own) = own else {
        return Err(Refusal::unfit(format!(
            "{version} was made in Switchtower itself. Nothing was changed. Choose another version"
        )));
    };
    match ReleaseState::read(&taken.state)? {
        ReleaseState::Recalled => Err(Refusal::unfit(format!(
            "{version} was deleted, and a version never stands for two releases. Nothing was changed. Choose another version"
        ))),
        ReleaseState::Ready if taken.notes == notes && own.signature == signature => Ok(taken),
        ReleaseState::Ready => Err(Refusal::unfit(format!(
            "{version} is published with other notes or another signature. Nothing was changed. Choose another version, \
             or send the signature of a further platform with its artifact, as `signature`"
        ))),
        ReleaseState::Draft => {
            let mut own = own.into_active_model();
            own.signature = Set(signature.to_owned());
            own.update(tx).await?;
            let mut changed = taken.into_active_model();
            changed.notes = Set(notes.to_owned());
            Ok(changed.update(tx).await?)
        }
    }
}

/// `GET /api/sync/ota/apps/{app}/releases`: all that were not deleted, the newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    _: Reader,
    Path(named): Path<String>,
) -> Result<Response, Refusal> {
    use sea_orm::QuerySelect as _;
    let (app, _) = app(&state.db, &named).await?;
    let rows = release::Entity::find()
        .filter(release::Column::AppId.eq(app.id))
        .filter(release::Column::Lane.eq(Lane::Native.word()))
        .filter(release::Column::State.ne(ReleaseState::Recalled.word()))
        .order_by_desc(release::Column::Id)
        .limit(LISTED)
        .all(&state.db)
        .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    let mut signatures: BTreeMap<_, _> = sync_kit_release::Entity::find()
        .filter(sync_kit_release::Column::ReleaseId.is_in(ids))
        .all(&state.db)
        .await?
        .into_iter()
        .map(|own| (own.release_id, own.signature))
        .collect();
    let releases = rows
        .into_iter()
        .map(|row| {
            let signature = signatures.remove(&row.id).unwrap_or_default();
            shown(row, signature)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Json(releases).into_response())
}

/// `DELETE /api/sync/ota/apps/{app}/releases/{release}`
///
/// A draft goes away. What was published is recalled: no device is offered it again, channels go back to what they
/// offered before, and its bytes are not handed out on this API any more.
pub(super) async fn remove(
    State(state): State<AppState>,
    Publisher(operator): Publisher,
    Path((named, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let change = state.begin().await?;
    let (mut app, _) = app(&change.tx, &named).await?;
    let row = native(&change.tx, app.id, &id).await?;
    if row.state == ReleaseState::Draft.word() {
        publish::discard(&state, change, row, operator.name()).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let reason = "Deleted through the SyncKit API";
    let (_, _, entries) = recall::recall(&state, &change, &operator, &mut app, row, reason).await?;
    change.commit(&app, entries).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A release of installers that was not deleted.
pub(super) async fn native(
    db: &impl ConnectionTrait,
    app_id: i64,
    id: &str,
) -> Result<release::Model, Refusal> {
    let row = read::release_row(db, app_id, &release_id(id)).await?;
    row.filter(|row| row.lane == Lane::Native.word() && row.state != ReleaseState::Recalled.word())
        .ok_or_else(|| Refusal::unknown(format!("The app has no release {id}, or it was deleted")))
}
