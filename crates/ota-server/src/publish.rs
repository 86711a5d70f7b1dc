//! From a draft to a release, or to nothing.

use std::path::Path;

use ota_api::{ActionKind, ProblemCode};
use ota_bundle::Listing;
use ota_model::{AppSlug, ArtifactKind, CapgoFile, ClientSystem, ReleaseState, Sha256, Systems};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DatabaseTransaction,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};

use crate::auth::Operator;
use crate::capgo_files::{Compressed, compress};
use crate::error::ApiError;
use crate::state::{AppState, Change};
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, artifact, capgo_files, installer, listing, release, upload};
use crate::store::read;
use crate::store::text::{Word as _, corrupt, parsed, signed, unsigned};
use crate::verify::{Checked, Refused, Unchecked, Verified};

/// Bytes of an upload that have arrived.
pub(crate) async fn arrived(path: &Path) -> Result<u64, ApiError> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Removes a file, if it is there.
pub(crate) async fn remove_if_there(path: &Path) -> Result<(), ApiError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Checks everything about a draft's uploads and, only then, makes it a release.
pub(crate) async fn finalize(
    state: &AppState,
    operator: &Operator,
    slug: &AppSlug,
    row: release::Model,
) -> Result<release::Model, ApiError> {
    // Nobody may append to or replace bytes between their verification and their way to the blobs.
    let _turn = state.turns().wait(&row.id).await;
    let id = ota_model::ReleaseId(row.id.clone());
    let row = match read::release_row(&state.db, row.app_id, &id).await? {
        Some(row) if row.state == ReleaseState::Draft.word() => row,
        // Somebody finalized it while we waited: a second call answers as the first.
        Some(row) => return Ok(row),
        None => row,
    };
    let uploads = upload::Entity::find()
        .filter(upload::Column::ReleaseId.eq(row.id.clone()))
        .all(&state.db)
        .await?;
    if uploads.is_empty() {
        return Err(ApiError::new(
            ProblemCode::UploadIncomplete,
            format!(
                "Nothing was uploaded for {} yet. It stays a draft",
                row.version
            ),
        ));
    }
    let trusted = read::keys(&state.db, row.app_id).await?;
    let app = read::app_by_slug(&state.db, slug)
        .await?
        .ok_or_else(|| corrupt("app", slug.as_str()))?;
    let systems = read::systems(&app)?;
    let mut verified = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let path = state.upload_path(&row.id, &upload.kind);
        let checked = Unchecked {
            trusted: trusted.iter().map(|key| key.public_key.clone()).collect(),
            capgo_key: systems.capgo_public_key.clone(),
            app: slug.clone(),
            version: row.version.clone(),
            upload,
            path: path.clone(),
        };
        let result = tokio::task::spawn_blocking(move || checked.verify())
            .await
            .map_err(ApiError::internal)?;
        match result {
            Ok(upload) => verified.push(upload),
            Err(Refused { error, useless }) => {
                if useless {
                    remove_if_there(&path).await?;
                }
                return Err(error);
            }
        }
    }
    one_listing(&row.version, &verified)?;
    // Blobs first: one without rows is harmless, rows without a blob are not.
    for upload in &verified {
        let sha256: Sha256 = parsed("digest", &upload.upload.sha256)?;
        state
            .blobs
            .put_file(sha256, &upload.path, unsigned(upload.upload.size_bytes)?)
            .await?;
    }
    let files = single_files(state, &systems, &verified).await?;
    let row = make_ready(state, operator, slug, &row, (&verified, files)).await?;
    for upload in &verified {
        // The bytes are safe among the blobs; a file that cannot be removed now goes with the next clean-up.
        if let Err(error) = tokio::fs::remove_file(&upload.path).await {
            tracing::warn!("An upload's file was not removed: {error}");
        }
    }
    Ok(row)
}

/// Stores each file of the release by itself, if the app's Capgo clients fetch single files.
async fn single_files(
    state: &AppState,
    systems: &Systems,
    verified: &[Verified],
) -> Result<Vec<CapgoFile>, ApiError> {
    let zip = verified.iter().find_map(|upload| match &upload.contents {
        Checked::Archive(ArtifactKind::Zip, listing) => {
            Some((upload.path.clone(), listing.clone()))
        }
        _ => None,
    });
    let wanted = systems.capgo_files && systems.serve(ClientSystem::Capgo);
    let Some((path, listing)) = zip.filter(|_| wanted) else {
        return Ok(Vec::new());
    };
    let compressed = tokio::task::spawn_blocking(move || compress(&path, &listing))
        .await
        .map_err(ApiError::internal)??;
    let mut files = Vec::new();
    if let Some(compressed) = &compressed {
        for Compressed { file, path } in &compressed.files {
            state
                .blobs
                .put_file(file.stored, path, file.size_bytes)
                .await?;
            files.push(file.clone());
        }
    }
    Ok(files)
}

async fn make_ready(
    state: &AppState,
    operator: &Operator,
    slug: &AppSlug,
    row: &release::Model,
    (verified, files): (&[Verified], Vec<CapgoFile>),
) -> Result<release::Model, ApiError> {
    let change = state.begin().await?;
    let mut app = read::app_by_slug(&change.tx, slug)
        .await?
        .ok_or_else(|| corrupt("app", slug.as_str()))?;
    let current =
        read::release_row(&change.tx, app.id, &ota_model::ReleaseId(row.id.clone())).await?;
    let current = current.ok_or_else(|| {
        ApiError::new(
            ProblemCode::UnknownRelease,
            format!("The draft of {} was discarded meanwhile", row.version),
        )
    })?;
    if current.state != ReleaseState::Draft.word() {
        return Ok(current);
    }
    let Some(first) = verified.first() else {
        return Err(ApiError::internal("no upload"));
    };
    let mut changed = current.into_active_model();
    changed.state = Set(ReleaseState::Ready.word().to_owned());
    if let Some(listing) = one_listing(&row.version, verified)? {
        changed.files = Set(Some(signed(listing.files.len() as u64)?));
        changed.unpacked_bytes = Set(Some(signed(listing.total_bytes())?));
        let stored = listing::ActiveModel {
            release_id: Set(row.id.clone()),
            listing: Set(serde_json::to_string(listing).map_err(ApiError::internal)?),
        };
        listing::Entity::insert(stored)
            .exec_without_returning(&change.tx)
            .await?;
    }
    let current = changed.update(&change.tx).await?;
    for upload in verified {
        store(&change.tx, &current, upload).await?;
    }
    if !files.is_empty() {
        let stored = capgo_files::ActiveModel {
            release_id: Set(row.id.clone()),
            files: Set(serde_json::to_string(&files).map_err(ApiError::internal)?),
        };
        capgo_files::Entity::insert(stored)
            .exec_without_returning(&change.tx)
            .await?;
    }
    upload::Entity::delete_many()
        .filter(upload::Column::ReleaseId.eq(row.id.clone()))
        .exec(&change.tx)
        .await?;
    let happened = Happened {
        version: Some(row.version.clone()),
        digest: Some(parsed("digest", &first.upload.sha256)?),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ReleaseReady,
            format!("Verified {}, signed with {}", row.version, first.key_id),
        )
    };
    let entry = activity::append(&change.tx, &mut app, happened).await?;
    change.commit(&app, vec![entry]).await?;
    Ok(current)
}

/// The listing of a web release: whatever its formats, they hold the same files.
fn one_listing<'a>(
    version: &str,
    verified: &'a [Verified],
) -> Result<Option<&'a Listing>, ApiError> {
    let mut listings = verified.iter().filter_map(|upload| match &upload.contents {
        Checked::Archive(_, listing) => Some(listing),
        Checked::Installer(..) => None,
    });
    let first = listings.next();
    if listings.any(|other| Some(other) != first) {
        return Err(ApiError::new(
            ProblemCode::ArchiveRefused,
            format!(
                "The archives of {version} hold different files. It stays a draft. Make both from one folder"
            ),
        ));
    }
    Ok(first)
}

/// Writes down what was verified.
async fn store(
    tx: &DatabaseTransaction,
    release: &release::Model,
    verified: &Verified,
) -> Result<(), ApiError> {
    let upload = &verified.upload;
    match &verified.contents {
        Checked::Archive(kind, _) => {
            let stored = artifact::ActiveModel {
                release_id: Set(release.id.clone()),
                kind: Set(kind.word().to_owned()),
                app_id: Set(release.app_id),
                sha256: Set(upload.sha256.clone()),
                size_bytes: Set(upload.size_bytes),
                signature: Set(upload.signature.clone()),
                key_id: Set(verified.key_id.clone()),
                seal: Set(upload.seal.clone()),
            };
            artifact::Entity::insert(stored)
                .exec_without_returning(tx)
                .await?;
        }
        Checked::Installer(platform, packed) => {
            let stored = installer::ActiveModel {
                release_id: Set(release.id.clone()),
                platform: Set(platform.to_string()),
                app_id: Set(release.app_id),
                packed: Set(Some(*packed).word().to_owned()),
                file: Set(upload.file.clone().unwrap_or_default()),
                sha256: Set(upload.sha256.clone()),
                size_bytes: Set(upload.size_bytes),
                signature: Set(upload.signature.clone()),
                key_id: Set(Some(verified.key_id.clone())),
            };
            installer::Entity::insert(stored)
                .exec_without_returning(tx)
                .await?;
        }
    }
    Ok(())
}

/// Removes a draft with what was uploaded for it. Refuses what is no draft by now.
pub(crate) async fn discard(
    state: &AppState,
    change: Change,
    row: release::Model,
    by: &str,
) -> Result<(), ApiError> {
    let tx = &change.tx;
    let removed = release::Entity::delete_many()
        .filter(release::Column::Id.eq(row.id.clone()))
        .filter(release::Column::State.eq(ReleaseState::Draft.word()))
        .exec(tx)
        .await?;
    if removed.rows_affected == 0 {
        return Err(ApiError::new(
            ProblemCode::NotADraft,
            format!(
                "{} is no draft any more, so it stays. Recall it to stop offering it",
                row.version
            ),
        ));
    }
    let uploads = upload::Entity::find()
        .filter(upload::Column::ReleaseId.eq(row.id.clone()))
        .all(tx)
        .await?;
    upload::Entity::delete_many()
        .filter(upload::Column::ReleaseId.eq(row.id.clone()))
        .exec(tx)
        .await?;
    let mut app = app::Entity::find_by_id(row.app_id)
        .one(tx)
        .await?
        .ok_or_else(|| corrupt("release of app", &row.app_id.to_string()))?;
    let happened = Happened {
        version: Some(row.version.clone()),
        ..Happened::new(
            state.now(),
            by,
            ActionKind::DraftDiscarded,
            format!("Discarded the draft {}", row.version),
        )
    };
    let entry = activity::append(tx, &mut app, happened).await?;
    change.commit(&app, vec![entry]).await?;
    for upload in uploads {
        remove_if_there(&state.upload_path(&row.id, &upload.kind)).await?;
    }
    Ok(())
}
