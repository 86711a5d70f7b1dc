//! From the bytes of an artifact to what devices are offered.

use std::path::PathBuf;

use ota_api::{ActionKind, ActivityEntry, ProblemCode};
use ota_bundle::Packed;
use ota_model::{
    AppSlug, DeploymentKind, InstallerType, Lane, PlatformKey, ReleaseState, SequenceChoice, Sha256,
};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, IntoActiveModel as _};
use semver::Version;
use serde::Serialize;

use super::artifacts::{Announcement, bytes_stay, four_lines};
use super::refusal::Refusal;
use super::releases::native;
use crate::error::ApiError;
use crate::state::{AppState, Change};
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, installer, release};
use crate::store::text::{Word as _, corrupt, parsed};
use crate::store::{read, write};
use crate::verify;

/// What is needed to judge an artifact. Owned, so that it can go to a thread.
pub(super) struct Facts {
    pub(super) path: PathBuf,
    pub(super) platform: PlatformKey,
    pub(super) version: String,
    pub(super) app: AppSlug,
    /// As the publisher sent it.
    pub(super) signature: String,
    /// Public keys.
    pub(super) trusted: Vec<String>,
}

/// An artifact that may be offered.
pub(super) struct Arrived {
    pub(super) sha256: Sha256,
    packed: Option<InstallerType>,
    file: String,
    signature: String,
    key_id: Option<String>,
}

impl Facts {
    /// Digest, kind, and, for an app that trusts keys, the signature. An app without keys gets what it was promised:
    /// any bytes, and its signature handed on unread.
    pub(super) fn look(self) -> Result<Arrived, Refusal> {
        let sha256 = verify::digest(&self.path)?;
        let sniffed = ota_bundle::sniff_installer(&self.path)?;
        let fits = sniffed
            .filter(|packed| ota_bundle::installer_fits(packed.installer_type(), &self.platform));
        let file = format!(
            "{}-{}-{}{}",
            self.app,
            self.version,
            self.platform,
            fits.map_or("", ending)
        );
        let packed = fits.map(Packed::installer_type);
        if self.trusted.is_empty() {
            return Ok(Arrived {
                sha256,
                packed,
                file,
                signature: self.signature,
                key_id: None,
            });
        }
        if packed.is_none() {
            return Err(Refusal::unfit(format!(
                "The file is not what devices of {} can install. Nothing was published. Choose the target it was built for",
                self.platform
            )));
        }
        let signature = four_lines(&self.signature)?;
        let key_id = verify::check_signature(
            &self.trusted,
            &signature,
            &self.app,
            &self.version,
            &self.path,
        )
        .map_err(|error| {
            let invalid = error.code() == ProblemCode::SignatureInvalid;
            let refusal = Refusal::from(error);
            if invalid {
                refusal.with(
                    ". A signature fits one file: send that of each further platform with its artifact, as `signature`",
                )
            } else {
                refusal
            }
        })?;
        Ok(Arrived {
            sha256,
            packed,
            file,
            signature,
            key_id: Some(key_id),
        })
    }
}

/// The usual ending of a file of this kind.
fn ending(packed: Packed) -> &'static str {
    match packed {
        Packed::Bare(InstallerType::Deb) => ".deb",
        Packed::Bare(InstallerType::Rpm) => ".rpm",
        Packed::Bare(InstallerType::AppImage) => ".AppImage",
        Packed::Bare(InstallerType::Nsis) => ".exe",
        Packed::Bare(InstallerType::Msi) => ".msi",
        Packed::TarGz(InstallerType::App) => ".app.tar.gz",
        Packed::TarGz(InstallerType::AppImage) => ".AppImage.tar.gz",
        Packed::Zip(InstallerType::Nsis) => ".nsis.zip",
        Packed::Zip(InstallerType::Msi) => ".msi.zip",
        Packed::Bare(_) | Packed::TarGz(_) | Packed::Zip(_) => "",
    }
}

/// Answer of an upload.
#[derive(Serialize)]
pub(super) struct Done {
    sha256: Sha256,
    /// Whether the app's default channel offers the release.
    live: bool,
}

/// Makes the artifact part of its release, in one transaction: the first one makes the release ready and, if its
/// version is the highest, live.
pub(super) async fn complete(
    state: &AppState,
    announced: &Announcement,
    arrived: Arrived,
) -> Result<Done, Refusal> {
    let change = state.begin().await?;
    let mut app = app::Entity::find_by_id(announced.app.id)
        .one(&change.tx)
        .await?
        .ok_or_else(|| corrupt("app", &announced.app.slug))?;
    let row = native(&change.tx, app.id, &announced.release.id).await?;
    let (sha256, platform) = (arrived.sha256, &announced.platform);
    let known = read::installer_rows(&change.tx, &row.id)
        .await?
        .into_iter()
        .find(|known| known.platform == platform.as_str());
    let mut entries = Vec::new();
    if let Some(known) = known {
        if known.sha256 != sha256.to_string() {
            return Err(bytes_stay(&row.version, platform));
        }
    } else {
        entries = take(state, &change, &mut app, &row, announced, arrived).await?;
    }
    let channel = read::channel_row(
        &change.tx,
        app.id,
        &parsed("channel", &app.default_channel)?,
    )
    .await?
    .ok_or_else(|| corrupt("default channel", &app.default_channel))?;
    let live = read::live_row(&change.tx, channel.id, Lane::Native).await?;
    let live = live.is_some_and(|live| live.release_id == row.id);
    if entries.is_empty() {
        change.commit_quietly().await?;
    } else {
        change.commit(&app, entries).await?;
    }
    Ok(Done { sha256, live })
}

/// Writes down an artifact that is new.
async fn take(
    state: &AppState,
    change: &Change,
    app: &mut app::Model,
    row: &release::Model,
    announced: &Announcement,
    arrived: Arrived,
) -> Result<Vec<ActivityEntry>, Refusal> {
    let (tx, upload) = (&change.tx, &announced.upload);
    let first = row.state == ReleaseState::Draft.word();
    let mut row = row.clone();
    if first {
        let mut changed = row.into_active_model();
        changed.state = Set(ReleaseState::Ready.word().to_owned());
        row = changed.update(tx).await?;
    }
    let signed = arrived.key_id.as_deref().map_or_else(
        || "not verified: no key is trusted".to_owned(),
        |key| format!("signed with {key}"),
    );
    let (action, summary) = if first {
        let summary = format!(
            "Received {} for {}, {signed}",
            row.version, announced.platform
        );
        (ActionKind::ReleaseReady, summary)
    } else {
        let summary = format!("Added {} to {}, {signed}", announced.platform, row.version);
        (ActionKind::InstallerAdded, summary)
    };
    let happened = Happened {
        version: Some(row.version.clone()),
        digest: Some(arrived.sha256),
        ..Happened::new(state.now(), &upload.announced_by, action, summary)
    };
    let stored = installer::ActiveModel {
        release_id: Set(row.id.clone()),
        platform: Set(announced.platform.to_string()),
        app_id: Set(app.id),
        packed: Set(arrived.packed.word().to_owned()),
        file: Set(arrived.file),
        sha256: Set(arrived.sha256.to_string()),
        size_bytes: Set(upload.size_bytes),
        signature: Set(arrived.signature),
        key_id: Set(arrived.key_id),
    };
    installer::Entity::insert(stored)
        .exec_without_returning(tx)
        .await?;
    let mut entries = vec![activity::append(tx, app, happened).await?];
    if first {
        entries.extend(publish(state, change, app, &row, &upload.announced_by).await?);
    }
    Ok(entries)
}

/// Offers a release on the app's default channel, unless that offers the same version or a higher one.
async fn publish(
    state: &AppState,
    change: &Change,
    app: &mut app::Model,
    row: &release::Model,
    by: &str,
) -> Result<Option<ActivityEntry>, ApiError> {
    let tx = &change.tx;
    let channel = read::channel_row(tx, app.id, &parsed("channel", &app.default_channel)?)
        .await?
        .ok_or_else(|| corrupt("default channel", &app.default_channel))?;
    let version: Version = parsed("version", &row.version)?;
    let live = read::live_release(tx, channel.id, Lane::Native).await?;
    if live.is_some_and(|live| live.version >= version) {
        return Ok(None);
    }
    let deployment = write::Deployment {
        release: row,
        number: SequenceChoice::Next,
        kind: DeploymentKind::Publish,
        by,
        reason: None,
        at: state.now(),
        from: None,
    };
    let (_, entry) = write::deploy(tx, app, channel, &deployment).await?;
    Ok(Some(entry))
}
