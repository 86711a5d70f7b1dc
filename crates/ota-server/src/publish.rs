//! From a draft to a release, and out again.

use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use ota_api::{ActionKind, ActivityEntry, Deployed, ProblemCode};
use ota_bundle::{ArchiveError, ArchiveLimits, Format, Hint as _, Listing};
use ota_model::{
    AppSlug, ArtifactKind, DeploymentKind, ReleaseState, Sha256, sequence_for_rollback,
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};
use sha2::Digest as _;

use crate::auth::Operator;
use crate::error::ApiError;
use crate::signatures::{PublicKey, Signature};
use crate::state::{AppState, Change};
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, artifact, channel, listing, release, upload};
use crate::store::text::{Word as _, corrupt, parsed, signed, unsigned};
use crate::store::{read, write};

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

/// An upload whose every byte was checked.
struct Verified {
    upload: upload::Model,
    path: PathBuf,
    key_id: String,
    listing: Listing,
}

/// Checks everything about a draft's uploads and, only then, makes it a release.
pub(crate) async fn finalize(
    state: &AppState,
    operator: &Operator,
    slug: &AppSlug,
    row: release::Model,
) -> Result<release::Model, ApiError> {
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
    let mut verified = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let path = state.upload_path(&row.id, &upload.kind);
        let checked = Unchecked {
            trusted: trusted.iter().map(|key| key.public_key.clone()).collect(),
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
    let Some((first, others)) = verified.split_first() else {
        return Err(ApiError::internal("no upload"));
    };
    if others.iter().any(|other| other.listing != first.listing) {
        return Err(ApiError::new(
            ProblemCode::ArchiveRefused,
            format!(
                "The archives of {} hold different files. It stays a draft. Make both from one folder",
                row.version
            ),
        ));
    }
    // Blobs first: one without rows is harmless, rows without a blob are not.
    for upload in &verified {
        let sha256: Sha256 = parsed("digest", &upload.upload.sha256)?;
        state
            .blobs
            .put_file(sha256, &upload.path, unsigned(upload.upload.size_bytes)?)
            .await?;
    }
    let row = make_ready(state, operator, slug, &row, &verified).await?;
    for upload in &verified {
        // The bytes are safe among the blobs; a file that cannot be removed now goes with the next clean-up.
        if let Err(error) = tokio::fs::remove_file(&upload.path).await {
            tracing::warn!("An upload's file was not removed: {error}");
        }
    }
    Ok(row)
}

async fn make_ready(
    state: &AppState,
    operator: &Operator,
    slug: &AppSlug,
    row: &release::Model,
    verified: &[Verified],
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
    changed.files = Set(Some(signed(first.listing.files.len() as u64)?));
    changed.unpacked_bytes = Set(Some(signed(first.listing.total_bytes())?));
    let current = changed.update(&change.tx).await?;
    let stored = listing::ActiveModel {
        release_id: Set(row.id.clone()),
        listing: Set(serde_json::to_string(&first.listing).map_err(ApiError::internal)?),
    };
    listing::Entity::insert(stored)
        .exec_without_returning(&change.tx)
        .await?;
    for upload in verified {
        let stored = artifact::ActiveModel {
            release_id: Set(row.id.clone()),
            kind: Set(upload.upload.kind.clone()),
            app_id: Set(app.id),
            sha256: Set(upload.upload.sha256.clone()),
            size_bytes: Set(upload.upload.size_bytes),
            signature: Set(upload.upload.signature.clone()),
            key_id: Set(upload.key_id.clone()),
        };
        artifact::Entity::insert(stored)
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

/// What was announced, with what is needed to check it. Owned, so that it can go to a thread.
struct Unchecked {
    trusted: Vec<String>,
    app: AppSlug,
    version: String,
    upload: upload::Model,
    path: PathBuf,
}

/// A refused upload. Useless bytes are removed: no later chunk can make them good.
struct Refused {
    error: ApiError,
    useless: bool,
}

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            useless: false,
        }
    }
}

impl Unchecked {
    fn verify(self) -> Result<Verified, Refused> {
        let size_bytes = unsigned(self.upload.size_bytes)?;
        let there = fs_err::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if there < size_bytes {
            let error = ApiError::new(
                ProblemCode::UploadIncomplete,
                format!(
                    "{there} of {size_bytes} bytes have arrived. They are kept. Send the rest, then finalize"
                ),
            );
            return Err(error.with_offset(there).into());
        }
        let found = digest(&self.path)?;
        if found.to_string() != self.upload.sha256 {
            let error = ApiError::new(
                ProblemCode::DigestMismatch,
                format!(
                    "The bytes came as {}, expected {}. The bad copy was never offered to a device. Upload again",
                    found.short(),
                    parsed::<Sha256>("digest", &self.upload.sha256)?.short()
                ),
            );
            return Err(Refused {
                error,
                useless: true,
            });
        }
        let key_id = self.check_signature()?;
        let listing = self.check_archive()?;
        Ok(Verified {
            upload: self.upload,
            path: self.path,
            key_id,
            listing,
        })
    }

    fn check_signature(&self) -> Result<String, ApiError> {
        let signature = Signature::parse(&self.upload.signature)?;
        signature.names(Some(&self.version), &self.app)?;
        for line in &self.trusted {
            let public = PublicKey::parse(line).map_err(ApiError::internal)?;
            if public.id() == signature.key_id() {
                let file = fs_err::File::open(&self.path)?;
                public.verify(&signature, BufReader::new(file))?;
                return Ok(public.id().to_string());
            }
        }
        Err(ApiError::new(
            ProblemCode::KeyNotTrusted,
            format!(
                "{} does not trust the key {}. Nothing was published. Trust it first, or sign with a key it trusts",
                self.app,
                signature.key_id()
            ),
        ))
    }

    fn check_archive(&self) -> Result<Listing, Refused> {
        let format = match ArtifactKind::read(&self.upload.kind)? {
            ArtifactKind::TarGz => Format::TarGz,
            ArtifactKind::Zip => Format::Zip,
        };
        ota_bundle::verify_archive(&self.path, format, &ArchiveLimits::default()).map_err(|error| {
            if matches!(error, ArchiveError::Read { .. }) {
                return Refused {
                    error: ApiError::internal(error),
                    useless: false,
                };
            }
            let hint = error
                .hint()
                .map_or_else(String::new, |hint| format!(". {hint}"));
            let error = ApiError::new(
                ProblemCode::ArchiveRefused,
                format!("{error}. Nothing was published{hint}"),
            );
            Refused {
                error,
                useless: true,
            }
        })
    }
}

fn digest(path: &Path) -> Result<Sha256, std::io::Error> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut block)?;
        let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hasher.update(bytes);
    }
    Ok(Sha256::from_bytes(hasher.finalize().into()))
}

/// Removes a draft with what was uploaded for it.
pub(crate) async fn discard(
    state: &AppState,
    change: Change,
    row: release::Model,
) -> Result<(), ApiError> {
    upload::Entity::delete_many()
        .filter(upload::Column::ReleaseId.eq(row.id.clone()))
        .exec(&change.tx)
        .await?;
    release::Entity::delete_by_id(row.id.clone())
        .exec(&change.tx)
        .await?;
    change.commit_quietly().await?;
    for (_, word) in ArtifactKind::ALL {
        remove_if_there(&state.upload_path(&row.id, word)).await?;
    }
    Ok(())
}

/// Withdraws a release and moves the channels that offer it, in the caller's transaction.
pub(crate) async fn recall(
    state: &AppState,
    change: &Change,
    operator: &Operator,
    app: &mut app::Model,
    row: release::Model,
    reason: &str,
) -> Result<(release::Model, Vec<Deployed>, Vec<ActivityEntry>), ApiError> {
    let tx = &change.tx;
    if row.state != ReleaseState::Ready.word() {
        return Err(ApiError::new(
            ProblemCode::NotReady,
            format!(
                "{} is {}, so there is nothing to recall",
                row.version, row.state
            ),
        ));
    }
    if row.kind != ota_model::ReleaseKind::Web.word() {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "The built-in assets cannot be recalled: they are the way back",
        ));
    }
    let mut changed = row.into_active_model();
    changed.state = Set(ReleaseState::Recalled.word().to_owned());
    let row = changed.update(tx).await?;
    let happened = Happened {
        version: Some(row.version.clone()),
        reason: Some(reason.to_owned()),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ReleaseRecalled,
            format!("Recalled {}", row.version),
        )
    };
    let mut entries = vec![activity::append(tx, app, happened).await?];
    let mut moved = Vec::new();
    for channel in read::channel_rows(tx, app.id).await? {
        let live = read::live_row(tx, channel.id).await?;
        if live.is_none_or(|live| live.release_id != row.id) {
            continue;
        }
        let previous = read::channel_state(tx, channel.clone()).await?.live;
        let base = base_of(tx, app, &channel).await?;
        let built_in = base.kind == ota_model::ReleaseKind::BuiltIn.word();
        let deployment = write::Deployment {
            release: &base,
            number: sequence_for_rollback(),
            kind: if built_in {
                DeploymentKind::BuiltIn
            } else {
                DeploymentKind::Rollback
            },
            by: operator.name(),
            reason: Some(reason),
            at: state.now(),
            from: None,
        };
        let (channel, entry) = write::deploy(tx, app, channel, &deployment).await?;
        moved.push(Deployed {
            channel: read::channel_state(tx, channel).await?,
            previous,
            activity_entry: entry.statement.entry,
        });
        entries.push(entry);
    }
    Ok((row, moved, entries))
}

/// What a channel offered before and may offer again; else the built-in assets.
async fn base_of(
    tx: &impl ConnectionTrait,
    app: &app::Model,
    channel: &channel::Model,
) -> Result<release::Model, ApiError> {
    for record in read::history(tx, channel.id, 200).await? {
        if let Some(row) = read::release_row(tx, app.id, &record.live.release).await?
            && row.state == ReleaseState::Ready.word()
        {
            return Ok(row);
        }
    }
    let built_in = write::built_in_release(tx, app.id).await?;
    built_in.ok_or_else(|| {
        ApiError::new(
            ProblemCode::NoBuiltIn,
            format!(
                "{} has nothing to go back to. Nothing was changed",
                app.slug
            ),
        )
    })
}
