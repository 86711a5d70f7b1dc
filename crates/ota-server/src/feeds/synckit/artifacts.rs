//! Artifacts: announced with their size, then uploaded to a URL that needs no header.

use std::path::Path as FilePath;

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ota_model::{AppSlug, PlatformKey, ReleaseId};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::auth::{Publisher, app};
use super::complete::{self, Arrived};
use super::grants::{Grant, Seal};
use super::names::{named_platform, release_id};
use super::refusal::{Body, Path, Refusal};
use super::releases::native;
use crate::api::uploads::{Broken, INSTALLER_LIMIT_BYTES, receive as receive_bytes};
use crate::error::ApiError;
use crate::publish::remove_if_there;
use crate::signatures::Signature;
use crate::state::AppState;
use crate::store::entities::{app as app_table, release, sync_kit_release, sync_kit_upload};
use crate::store::read;
use crate::store::text::{corrupt, parsed, signed, unsigned};

/// Body of the announcement.
#[derive(Deserialize)]
pub(super) struct Announce {
    target: String,
    arch: String,
    file_size: u64,
    /// Of this artifact; the release's if absent.
    signature: Option<String>,
}

#[derive(Serialize)]
struct Announced {
    upload_url: String,
    s3_key: String,
}

/// `POST /api/sync/ota/apps/{app}/releases/{release}/artifacts`
pub(super) async fn announce(
    State(state): State<AppState>,
    Publisher(operator): Publisher,
    Path((named, id)): Path<(String, String)>,
    Body(body): Body<Announce>,
) -> Result<Response, Refusal> {
    let platform = named_platform(&body.target, &body.arch)?;
    if body.file_size == 0 {
        return Err(Refusal::bad(
            "`file_size` is 0: an artifact has at least one byte",
        ));
    }
    if body.file_size > INSTALLER_LIMIT_BYTES {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "The artifact has {} bytes; at most {INSTALLER_LIMIT_BYTES} are taken",
                body.file_size
            ),
        ));
    }
    let change = state.begin().await?;
    let (app, _) = app(&change.tx, &named).await?;
    let row = native(&change.tx, app.id, &id).await?;
    let of_release = sync_kit_release::Entity::find_by_id(row.id.clone())
        .one(&change.tx)
        .await?
        .ok_or_else(|| {
            Refusal::unfit(format!(
                "{} was made in Switchtower itself and takes no artifacts here. Nothing was changed",
                row.version
            ))
        })?;
    let there = installer_size(&change.tx, &row.id, &platform).await?;
    if there.is_some_and(|there| there != body.file_size) {
        return Err(bytes_stay(&row.version, &platform));
    }
    let signature = body
        .signature
        .filter(|signature| !signature.trim().is_empty())
        .unwrap_or(of_release.signature);
    let trusted = read::keys(&change.tx, app.id).await?;
    if !trusted.is_empty() {
        // Before the bytes travel.
        Signature::parse(&four_lines(&signature)?)?;
    }
    let announced = sync_kit_upload::ActiveModel {
        release_id: Set(row.id.clone()),
        platform: Set(platform.to_string()),
        size_bytes: Set(signed(body.file_size)?),
        signature: Set(signature),
        announced_by: Set(operator.name().to_owned()),
    };
    sync_kit_upload::Entity::delete_by_id((row.id.clone(), platform.to_string()))
        .exec(&change.tx)
        .await?;
    sync_kit_upload::Entity::insert(announced)
        .exec_without_returning(&change.tx)
        .await?;
    change.commit_quietly().await?;
    let grant = Grant {
        release: &row.id,
        platform: &platform,
        size_bytes: body.file_size,
    };
    let query = grant.query(&state.upload_secret, state.now())?;
    let (target, arch) = (&body.target, &body.arch);
    let answer = Announced {
        upload_url: format!(
            "{}/api/sync/uploads/{}/{target}/{arch}?{query}",
            state.public_url, row.id
        ),
        s3_key: format!("ota/{}/{}/{target}-{arch}", app.slug, row.version),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn installer_size(
    db: &impl ConnectionTrait,
    release: &str,
    platform: &PlatformKey,
) -> Result<Option<u64>, Refusal> {
    let installers = read::installer_rows(db, release).await?;
    let found = installers
        .into_iter()
        .find(|installer| installer.platform == platform.as_str());
    Ok(found
        .map(|installer| unsigned(installer.size_bytes))
        .transpose()?)
}

/// What was uploaded for a platform is what devices may have by now.
pub(super) fn bytes_stay(version: &str, platform: &PlatformKey) -> Refusal {
    Refusal::unfit(format!(
        "{version} has other bytes for {platform} already, and bytes never change. Nothing was changed. Publish a new version"
    ))
}

/// A signature as the tauri signer writes it (base64), or the four lines themselves.
pub(super) fn four_lines(signature: &str) -> Result<String, Refusal> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let text = signature.trim();
    if text.starts_with("untrusted comment:") {
        return Ok(signature.to_owned());
    }
    STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            Refusal::unfit(
                "The signature is neither the content of a .sig file of the tauri signer nor the four lines of minisign. \
                 The app has trusted keys, so each artifact needs one. Nothing was published",
            )
        })
}

/// What an upload URL leads to.
pub(super) struct Announcement {
    pub(super) app: app_table::Model,
    pub(super) release: release::Model,
    pub(super) platform: PlatformKey,
    pub(super) upload: sync_kit_upload::Model,
}

async fn announcement(
    state: &AppState,
    id: &ReleaseId,
    platform: PlatformKey,
    size_bytes: u64,
) -> Result<Announcement, Refusal> {
    let gone = || Refusal::unknown("The release was deleted meanwhile. Nothing was uploaded");
    let row = release::Entity::find_by_id(id.0.clone())
        .one(&state.db)
        .await?
        .ok_or_else(gone)?;
    let release = native(&state.db, row.app_id, &id.0).await?;
    let upload = sync_kit_upload::Entity::find_by_id((id.0.clone(), platform.to_string()))
        .one(&state.db)
        .await?
        .ok_or_else(gone)?;
    if unsigned(upload.size_bytes)? != size_bytes {
        return Err(Refusal::forbidden(
            "The artifact was announced again with another size. Nothing was uploaded. Use the newer upload URL",
        ));
    }
    let app = app_table::Entity::find_by_id(release.app_id)
        .one(&state.db)
        .await?
        .ok_or_else(|| corrupt("release of app", &release.app_id.to_string()))?;
    Ok(Announcement {
        app,
        release,
        platform,
        upload,
    })
}

/// `PUT` to an upload URL: raw bytes, all at once.
pub(super) async fn receive(
    State(state): State<AppState>,
    Path((release, target, arch)): Path<(String, String, String)>,
    seal: Result<Query<Seal>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let platform = named_platform(&target, &arch)?;
    let Query(seal) = seal.map_err(|_ignored| {
        Refusal::forbidden("The upload URL is not whole. Nothing was uploaded. Use it as it comes")
    })?;
    let id = release_id(&release);
    let grant = Grant {
        release: &id.0,
        platform: &platform,
        size_bytes: seal.size,
    };
    grant.check(&state.upload_secret, &seal, state.now())?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length.filter(|length| *length != seal.size) {
        return Err(wrong_size(length, seal.size));
    }
    let turn = format!("{} {platform}", id.0);
    let Some(_turn) = state.turns().take(&turn) else {
        return Err(Refusal::unfit(
            "Another upload of this artifact is under way. It goes on. Wait for it, then try again",
        ));
    };
    let announced = announcement(&state, &id, platform, seal.size).await?;
    let path = state.arriving().join(Ulid::generate().to_string());
    let done = store(&state, &announced, &path, body).await;
    // Whatever became of it, the bytes are among the blobs or of no use.
    remove_if_there(&path).await?;
    Ok((StatusCode::OK, Json(done?)).into_response())
}

fn wrong_size(arrived: u64, announced: u64) -> Refusal {
    let status = if arrived > announced {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Refusal::new(
        status,
        format!(
            "{arrived} bytes came of the {announced} announced. Nothing was kept. Announce the file's size and send all of it"
        ),
    )
}

async fn store(
    state: &AppState,
    announced: &Announcement,
    path: &FilePath,
    body: Bytes,
) -> Result<complete::Done, Refusal> {
    let size_bytes = unsigned(announced.upload.size_bytes)?;
    match receive_bytes(path, body, size_bytes).await {
        Ok(()) => {}
        Err(Broken::TooLong) => return Err(wrong_size(size_bytes.saturating_add(1), size_bytes)),
        Err(Broken::Disk(error)) => return Err(error.into()),
        Err(Broken::Connection(why)) => {
            return Err(Refusal::bad(format!(
                "The upload broke off: {why}. Nothing was kept. Send it again"
            )));
        }
    }
    let there = tokio::fs::metadata(path).await?.len();
    if there != size_bytes {
        return Err(wrong_size(there, size_bytes));
    }
    let slug: AppSlug = parsed("slug", &announced.app.slug)?;
    let keys = read::keys(&state.db, announced.app.id).await?;
    let facts = complete::Facts {
        path: path.to_owned(),
        platform: announced.platform.clone(),
        version: announced.release.version.clone(),
        app: slug,
        signature: announced.upload.signature.clone(),
        trusted: keys.into_iter().map(|key| key.public_key).collect(),
    };
    let arrived: Arrived = tokio::task::spawn_blocking(move || facts.look())
        .await
        .map_err(ApiError::internal)??;
    state
        .blobs
        .put_file(arrived.sha256, path, size_bytes)
        .await?;
    complete::complete(state, announced, arrived).await
}
