//! Uploading an artifact in chunks that survive any interruption.

use std::path::Path as FilePath;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use futures_util::StreamExt as _;
use ota_api::{BeginUpload, ProblemCode, Slot, Upload};
use ota_bundle::HOTSWAP_LIMIT_BYTES;
use ota_model::{AppSlug, ArtifactKind, ReleaseId, ReleaseKind, ReleaseState};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};
use tokio::io::AsyncWriteExt as _;

use super::extract::{self, Path};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::publish::{arrived, remove_if_there};
use crate::signatures::Signature;
use crate::state::AppState;
use crate::store::entities::{release, upload};
use crate::store::text::{Word as _, signed, unsigned};

/// The header that says where a chunk begins.
const UPLOAD_OFFSET: &str = "upload-offset";

/// A sender that is silent for this long is gone: its turn is given to the next.
const IDLE: Duration = Duration::from_secs(30);

type Place = (AppSlug, ReleaseId, String);

/// An installer is at most this long. Tauri's updater reads it into memory (protocols.md 2.3).
pub(crate) const INSTALLER_LIMIT_BYTES: u64 = 4 * 1024 * 1024 * 1024;

fn slot(segment: &str) -> Result<Slot, ApiError> {
    segment.parse().map_err(|_unknown| {
        ApiError::new(
            ProblemCode::NotFound,
            format!(
                "“{segment}” is neither an archive (tar_gz, zip, capgo_zip) nor a platform such as linux-x86_64-deb"
            ),
        )
    })
}

/// Refuses what cannot become part of the release, before its bytes travel.
fn check_announcement(
    row: &release::Model,
    slot: &Slot,
    body: &BeginUpload,
) -> Result<(), ApiError> {
    let native = row.kind == ReleaseKind::Native.word();
    if native != matches!(slot, Slot::Installer(_)) {
        let takes = if native {
            "is a release of installers: upload each to its platform"
        } else {
            "is a web release: upload tar_gz, zip or capgo_zip"
        };
        return Err(ApiError::new(
            ProblemCode::Invalid,
            format!("{} {takes}. Nothing was changed", row.version),
        ));
    }
    let limit = if native {
        INSTALLER_LIMIT_BYTES
    } else {
        HOTSWAP_LIMIT_BYTES
    };
    if body.size_bytes > limit {
        return Err(ApiError::new(
            ProblemCode::TooLarge,
            format!(
                "The upload has {} bytes; clients take at most {limit}",
                body.size_bytes
            ),
        ));
    }
    if body.size_bytes == 0 {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "An archive has at least one byte",
        ));
    }
    if native && !body.file.as_deref().is_some_and(is_file_name) {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "An installer needs its file name: 1 to 120 letters, digits and .-_+~ with no dot in front. \
             Nothing was uploaded. Rename the file and try again",
        ));
    }
    if body.seal.is_some() != (*slot == Slot::Archive(ArtifactKind::CapgoZip)) {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "An encrypted .zip, and nothing else, comes with its session key and checksum (`seal`). \
             Nothing was uploaded",
        ));
    }
    Signature::parse(&body.signature)?;
    Ok(())
}

/// A name that stands in a URL as it is and is a safe file name on every system.
fn is_file_name(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'~');
    (1..=120).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.')
}

async fn draft(
    db: &impl ConnectionTrait,
    slug: &AppSlug,
    id: &ReleaseId,
) -> Result<release::Model, ApiError> {
    let app = extract::app(db, slug).await?;
    let row = extract::release(db, &app, id).await?;
    if row.state == ReleaseState::Draft.word() {
        return Ok(row);
    }
    Err(ApiError::new(
        ProblemCode::NotADraft,
        format!(
            "{} is no draft any more: its bytes never change. Make a new release",
            row.version
        ),
    ))
}

/// Announce an artifact. The same announcement again tells how far the upload is; another one starts over.
#[utoipa::path(post, path = "/v1/apps/{app}/releases/{release}/artifacts/{kind}", operation_id = "begin_upload", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path), ("kind" = String, Path, description = "tar_gz, zip, capgo_zip, or a platform such as linux-x86_64-deb")),
    request_body = BeginUpload, responses((status = 200, body = Upload), Problems))]
pub(super) async fn begin(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id, segment)): Path<Place>,
    extract::Json(body): extract::Json<BeginUpload>,
) -> Result<Json<Upload>, ApiError> {
    operator.require(May::Draft)?;
    let slot = slot(&segment)?;
    let change = state.begin().await?;
    let row = draft(&change.tx, &slug, &id).await?;
    check_announcement(&row, &slot, &body)?;
    let kind = slot.to_string();
    let path = state.upload_path(&row.id, &kind);
    let known = upload::Entity::find_by_id((row.id.clone(), kind.clone()))
        .one(&change.tx)
        .await?;
    let same = known.as_ref().is_some_and(|known| {
        known.sha256 == body.sha256.to_string()
            && unsigned(known.size_bytes).is_ok_and(|size| size == body.size_bytes)
    });
    let _turn = if same {
        None
    } else {
        let Some(turn) = state.turns().take(&row.id) else {
            return Err(busy(&path).await?);
        };
        remove_if_there(&path).await?;
        Some(turn)
    };
    if known.is_some() {
        upload::Entity::delete_by_id((row.id.clone(), kind.clone()))
            .exec(&change.tx)
            .await?;
    }
    let seal = body.seal.as_ref().map(serde_json::to_string).transpose();
    let seal = seal.map_err(ApiError::internal)?;
    let announced = upload::ActiveModel {
        release_id: Set(row.id),
        kind: Set(kind),
        sha256: Set(body.sha256.to_string()),
        size_bytes: Set(signed(body.size_bytes)?),
        signature: Set(body.signature),
        created_at: Set(state.now().timestamp_millis()),
        file: Set(body.file),
        seal: Set(seal),
    };
    upload::Entity::insert(announced)
        .exec_without_returning(&change.tx)
        .await?;
    change.commit_quietly().await?;
    Ok(Json(Upload {
        offset: arrived(&path).await?,
        size_bytes: body.size_bytes,
    }))
}

async fn announced(
    state: &AppState,
    row: &release::Model,
    slot: &Slot,
) -> Result<upload::Model, ApiError> {
    upload::Entity::find_by_id((row.id.clone(), slot.to_string()))
        .one(&state.db)
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ProblemCode::NotFound,
                "No upload was announced for this draft. Announce it with POST first",
            )
        })
}

/// How far an upload is.
#[utoipa::path(get, path = "/v1/apps/{app}/releases/{release}/artifacts/{kind}", operation_id = "show_upload", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path), ("kind" = String, Path)),
    responses((status = 200, body = Upload), Problems))]
pub(super) async fn progress(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id, segment)): Path<Place>,
) -> Result<Json<Upload>, ApiError> {
    operator.require(May::Read)?;
    let slot = slot(&segment)?;
    let row = draft(&state.db, &slug, &id).await?;
    let upload = announced(&state, &row, &slot).await?;
    let offset = arrived(&state.upload_path(&row.id, &upload.kind)).await?;
    Ok(Json(Upload {
        offset,
        size_bytes: unsigned(upload.size_bytes)?,
    }))
}

/// Append a chunk. Its `Upload-Offset` must be where the upload is; what arrived of a broken chunk is kept.
#[utoipa::path(patch, path = "/v1/apps/{app}/releases/{release}/artifacts/{kind}", operation_id = "append_to_upload", tag = "releases",
    params(("app" = String, Path), ("release" = String, Path), ("kind" = String, Path),
        ("Upload-Offset" = u64, Header, description = "Where the chunk begins")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Upload), Problems))]
pub(super) async fn append(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, id, segment)): Path<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Upload>, ApiError> {
    operator.require(May::Draft)?;
    let slot = slot(&segment)?;
    let path = state.upload_path(&id.0, &slot.to_string());
    let Some(_turn) = state.turns().take(&id.0) else {
        return Err(busy(&path).await?);
    };
    let row = draft(&state.db, &slug, &id).await?;
    let upload = announced(&state, &row, &slot).await?;
    let size_bytes = unsigned(upload.size_bytes)?;
    let offset = arrived(&path).await?;
    let begins: Option<u64> = headers
        .get(UPLOAD_OFFSET)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    if begins != Some(offset) {
        return Err(ApiError::new(
            ProblemCode::WrongOffset,
            format!(
                "The next chunk begins at byte {offset}. What has arrived is kept. Go on from there"
            ),
        )
        .with_offset(offset));
    }
    match receive(&path, body, size_bytes - offset.min(size_bytes)).await {
        Ok(()) => Ok(Json(Upload { offset: arrived(&path).await?, size_bytes })),
        Err(Broken::TooLong) => {
            truncate(&path, offset).await?;
            Err(ApiError::new(
                ProblemCode::TooLarge,
                format!("More bytes came than the {size_bytes} announced. The chunk was dropped"),
            ))
        }
        Err(Broken::Disk(error)) => {
            // Gives back what the chunk took; the upload goes on from here once there is room.
            if let Err(error) = truncate(&path, offset).await {
                tracing::warn!("A broken chunk was not given back: {error:?}");
            }
            Err(error.into())
        }
        Err(Broken::Connection(why)) => Err(ApiError::new(
            ProblemCode::Malformed,
            format!("The chunk broke off: {why}. What has arrived is kept. Ask how far it is, then go on"),
        )
        .with_offset(arrived(&path).await?)),
    }
}

/// Somebody else is at work on the bytes.
async fn busy(path: &FilePath) -> Result<ApiError, ApiError> {
    Ok(ApiError::new(
        ProblemCode::WrongOffset,
        "Another request is at work on this upload. Nothing was lost. Ask how far it is, then go on",
    )
    .with_offset(arrived(path).await?))
}

/// Why not all bytes of a body arrived.
pub(crate) enum Broken {
    TooLong,
    Disk(std::io::Error),
    Connection(String),
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Appends a body to a file, at most `room` bytes of it.
pub(crate) async fn receive(path: &FilePath, body: Body, room: u64) -> Result<(), Broken> {
    let mut file = tokio::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .await?;
    let mut room = room;
    let mut broken = None;
    let mut chunks = body.into_data_stream();
    loop {
        let bytes = match tokio::time::timeout(IDLE, chunks.next()).await {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(None) => break,
            Ok(Some(Err(error))) => {
                broken = Some(Broken::Connection(error.to_string()));
                break;
            }
            Err(silence) => {
                broken = Some(Broken::Connection(silence.to_string()));
                break;
            }
        };
        room = room
            .checked_sub(bytes.len() as u64)
            .ok_or(Broken::TooLong)?;
        file.write_all(&bytes).await?;
    }
    file.flush().await?;
    file.sync_data().await?;
    broken.map_or(Ok(()), Err)
}

async fn truncate(path: &FilePath, length: u64) -> Result<(), ApiError> {
    let file = tokio::fs::OpenOptions::new().write(true).open(path).await?;
    Ok(file.set_len(length).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_sender_is_given_up_and_what_it_sent_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload");
        let first = futures_util::stream::iter([Ok::<_, std::io::Error>("abc")]);
        let body = Body::from_stream(first.chain(futures_util::stream::pending()));

        let result = receive(&path, body, 10).await;

        assert!(matches!(result, Err(Broken::Connection(_))));
        assert_eq!(fs_err::read(&path).unwrap(), b"abc");
    }
}
