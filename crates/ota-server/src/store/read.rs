//! Reading: rows become the values of the admin API.

use std::collections::{BTreeMap, BTreeSet};

use ota_api::{
    App, ArtifactSummary, ChannelState, DeploymentRecord, InstallerSummary, LiveRelease,
    ReleasePage, ReleaseSummary, TrustedKey,
};
use ota_model::{
    AppSlug, CapgoFile, CapgoSeal, ChannelName, DeploymentKind, Lane, ReleaseId, ReleaseState,
    Revision, Sequence, Sha256, Systems,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::entities::{
    app, artifact, capgo_files, channel, deployment, installer, key, release, sequence,
};
use super::text::{Word, corrupt, parsed, time, unsigned};

/// The app with this slug.
pub(crate) async fn app_by_slug(
    db: &impl ConnectionTrait,
    slug: &AppSlug,
) -> Result<Option<app::Model>, DbErr> {
    app::Entity::find()
        .filter(app::Column::Slug.eq(slug.as_str()))
        .one(db)
        .await
}

/// All apps by name.
pub(crate) async fn apps(db: &impl ConnectionTrait) -> Result<Vec<app::Model>, DbErr> {
    app::Entity::find()
        .order_by_asc(app::Column::Slug)
        .all(db)
        .await
}

/// Which client systems an app serves.
pub(crate) fn systems(row: &app::Model) -> Result<Systems, DbErr> {
    serde_json::from_str(&row.systems).map_err(|_ignored| corrupt("systems", &row.systems))
}

/// What opens an encrypted archive.
pub(crate) fn seal(text: &str) -> Result<CapgoSeal, DbErr> {
    serde_json::from_str(text).map_err(|_ignored| corrupt("seal", text))
}

/// The single files of a release, if there are any.
pub(crate) async fn capgo_files(
    db: &impl ConnectionTrait,
    release: &ReleaseId,
) -> Result<Vec<CapgoFile>, DbErr> {
    let row = capgo_files::Entity::find_by_id(release.0.clone())
        .one(db)
        .await?;
    let Some(row) = row else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&row.files).map_err(|_ignored| corrupt("files", &release.0))
}

/// An app as the API shows it.
pub(crate) fn app_view(row: &app::Model) -> Result<App, DbErr> {
    Ok(App {
        slug: parsed("slug", &row.slug)?,
        name: row.name.clone(),
        default_channel: parsed("channel", &row.default_channel)?,
        last_sequence: Sequence(unsigned(row.last_sequence)?),
        systems: systems(row)?,
        created_at: time(row.created_at)?,
    })
}

/// The keys an app trusts, the newest first.
pub(crate) async fn keys(db: &impl ConnectionTrait, app_id: i64) -> Result<Vec<TrustedKey>, DbErr> {
    let rows = key::Entity::find()
        .filter(key::Column::AppId.eq(app_id))
        .order_by_desc(key::Column::Id)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(TrustedKey {
                id: parsed("key id", &row.key_id)?,
                name: row.name,
                public_key: row.public_key,
                added_at: time(row.added_at)?,
                added_by: row.added_by,
            })
        })
        .collect()
}

/// The rows of an app's channels, in the order in which a release travels.
pub(crate) async fn channel_rows(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<Vec<channel::Model>, DbErr> {
    channel::Entity::find()
        .filter(channel::Column::AppId.eq(app_id))
        .order_by_asc(channel::Column::Position)
        .order_by_asc(channel::Column::Id)
        .all(db)
        .await
}

/// One channel of an app.
pub(crate) async fn channel_row(
    db: &impl ConnectionTrait,
    app_id: i64,
    name: &ChannelName,
) -> Result<Option<channel::Model>, DbErr> {
    channel::Entity::find()
        .filter(channel::Column::AppId.eq(app_id))
        .filter(channel::Column::Name.eq(name.as_str()))
        .one(db)
        .await
}

/// What a channel offers now in a lane.
pub(crate) async fn live_row(
    db: &impl ConnectionTrait,
    channel_id: i64,
    lane: Lane,
) -> Result<Option<deployment::Model>, DbErr> {
    deployment::Entity::find()
        .filter(deployment::Column::ChannelId.eq(channel_id))
        .filter(deployment::Column::Lane.eq(lane.word()))
        .filter(deployment::Column::Until.is_null())
        .one(db)
        .await
}

/// One release of an app.
pub(crate) async fn release_row(
    db: &impl ConnectionTrait,
    app_id: i64,
    id: &ReleaseId,
) -> Result<Option<release::Model>, DbErr> {
    release::Entity::find_by_id(id.0.clone())
        .filter(release::Column::AppId.eq(app_id))
        .one(db)
        .await
}

/// The release of a lane that has this version.
pub(crate) async fn release_by_version(
    db: &impl ConnectionTrait,
    app_id: i64,
    lane: Lane,
    version: &str,
) -> Result<Option<release::Model>, DbErr> {
    release::Entity::find()
        .filter(release::Column::AppId.eq(app_id))
        .filter(release::Column::Lane.eq(lane.word()))
        .filter(release::Column::Version.eq(version))
        .one(db)
        .await
}

/// The stored bytes of a release.
pub(crate) async fn artifact_rows(
    db: &impl ConnectionTrait,
    release: &str,
) -> Result<Vec<artifact::Model>, DbErr> {
    artifact::Entity::find()
        .filter(artifact::Column::ReleaseId.eq(release))
        .all(db)
        .await
}

/// The stored installers of a release, by platform.
pub(crate) async fn installer_rows(
    db: &impl ConnectionTrait,
    release: &str,
) -> Result<Vec<installer::Model>, DbErr> {
    installer::Entity::find()
        .filter(installer::Column::ReleaseId.eq(release))
        .order_by_asc(installer::Column::Platform)
        .all(db)
        .await
}

/// The digest that stands for a release in the log: of its first artifact, else of its first installer.
pub(crate) async fn first_digest(
    db: &impl ConnectionTrait,
    release: &str,
) -> Result<Option<Sha256>, DbErr> {
    let archives = artifact_rows(db, release).await?;
    let first = match archives.into_iter().next() {
        Some(archive) => Some(archive.sha256),
        None => installer_rows(db, release)
            .await?
            .into_iter()
            .next()
            .map(|installer| installer.sha256),
    };
    first.map(|digest| parsed("digest", &digest)).transpose()
}

/// Bytes of the smallest artifact or installer of a release.
pub(crate) async fn smallest(db: &impl ConnectionTrait, release: &str) -> Result<u64, DbErr> {
    let archives = artifact_rows(db, release).await?;
    let installers = installer_rows(db, release).await?;
    let sizes = archives
        .iter()
        .map(|archive| archive.size_bytes)
        .chain(installers.iter().map(|installer| installer.size_bytes));
    unsigned(sizes.min().unwrap_or(0))
}

/// A deployment with the release it offers.
fn live(
    row: deployment::Model,
    release: &release::Model,
    size_bytes: i64,
) -> Result<LiveRelease, DbErr> {
    Ok(LiveRelease {
        sequence: Sequence(unsigned(row.sequence)?),
        release: ReleaseId(row.release_id),
        version: parsed("version", &release.version)?,
        release_kind: Word::read(&release.kind)?,
        kind: Word::read(&row.kind)?,
        since: time(row.at)?,
        by: row.by,
        reason: row.reason,
        min_binary_version: parsed("version", &release.min_binary_version)?,
        size_bytes: unsigned(size_bytes)?,
    })
}

/// Releases with the size of their smallest artifact.
async fn sized(
    db: &impl ConnectionTrait,
    ids: BTreeSet<String>,
) -> Result<BTreeMap<String, (release::Model, i64)>, DbErr> {
    let mut sizes = BTreeMap::<String, i64>::new();
    for row in artifact::Entity::find()
        .filter(artifact::Column::ReleaseId.is_in(ids.clone()))
        .all(db)
        .await?
    {
        let size = sizes.entry(row.release_id).or_insert(row.size_bytes);
        *size = row.size_bytes.min(*size);
    }
    for row in installer::Entity::find()
        .filter(installer::Column::ReleaseId.is_in(ids.clone()))
        .all(db)
        .await?
    {
        let size = sizes.entry(row.release_id).or_insert(row.size_bytes);
        *size = row.size_bytes.min(*size);
    }
    let rows = release::Entity::find()
        .filter(release::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let sized = rows.into_iter().map(|row| {
        let size = sizes.get(&row.id).copied().unwrap_or(0);
        (row.id.clone(), (row, size))
    });
    Ok(sized.collect())
}

/// A channel with what it offers.
pub(crate) async fn channel_state(
    db: &impl ConnectionTrait,
    row: channel::Model,
) -> Result<ChannelState, DbErr> {
    Ok(ChannelState {
        name: parsed("channel", &row.name)?,
        position: u32::try_from(row.position).unwrap_or(u32::MAX),
        protected: row.protected,
        paused: row.paused,
        revision: Revision(unsigned(row.revision)?),
        live: live_release(db, row.id, Lane::Web).await?,
        native: live_release(db, row.id, Lane::Native).await?,
    })
}

/// What a channel offers in a lane, as the API shows it.
pub(crate) async fn live_release(
    db: &impl ConnectionTrait,
    channel_id: i64,
    lane: Lane,
) -> Result<Option<LiveRelease>, DbErr> {
    let Some(deployment) = live_row(db, channel_id, lane).await? else {
        return Ok(None);
    };
    let id = deployment.release_id.clone();
    let release = sized(db, BTreeSet::from([id.clone()])).await?.remove(&id);
    let (release, size) = release.ok_or_else(|| corrupt("deployment of", &id))?;
    live(deployment, &release, size).map(Some)
}

/// Everything a channel offered, the newest first.
pub(crate) async fn history(
    db: &impl ConnectionTrait,
    channel_id: i64,
    limit: u64,
) -> Result<Vec<DeploymentRecord>, DbErr> {
    let rows = deployment::Entity::find()
        .filter(deployment::Column::ChannelId.eq(channel_id))
        .order_by_desc(deployment::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let ids = rows.iter().map(|row| row.release_id.clone()).collect();
    let releases = sized(db, ids).await?;
    rows.into_iter()
        .map(|row| {
            let (release, size) = releases
                .get(&row.release_id)
                .ok_or_else(|| corrupt("deployment of", &row.release_id))?;
            Ok(DeploymentRecord {
                until: row.until.map(time).transpose()?,
                recalled: ReleaseState::read(&release.state)? == ReleaseState::Recalled,
                live: live(row, release, *size)?,
            })
        })
        .collect()
}

/// What a channel offered in a lane and how it came there, the newest first, without those that were only issued again: nobody
/// chose them, and there may be one a minute.
pub(crate) async fn offered(
    db: &impl ConnectionTrait,
    channel_id: i64,
    lane: Lane,
) -> Result<Vec<(ReleaseId, DeploymentKind)>, DbErr> {
    let rows: Vec<(String, String)> = deployment::Entity::find()
        .select_only()
        .column(deployment::Column::ReleaseId)
        .column(deployment::Column::Kind)
        .filter(deployment::Column::ChannelId.eq(channel_id))
        .filter(deployment::Column::Lane.eq(lane.word()))
        .filter(deployment::Column::Kind.ne(DeploymentKind::ReIssue.word()))
        .order_by_desc(deployment::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|(release, kind)| Ok((ReleaseId(release), Word::read(&kind)?)))
        .collect()
}

/// Where devices fetch an artifact; the ending decides how hotswap unpacks it (protocols.md 1.5).
pub(crate) fn artifact_url(
    public_url: &str,
    app: &str,
    artifact: &artifact::Model,
) -> Result<String, DbErr> {
    let kind = ota_model::ArtifactKind::read(&artifact.kind)?;
    Ok(format!(
        "{public_url}/b/{app}/{}/bundle.{}",
        artifact.sha256,
        kind.extension()
    ))
}

/// Where devices fetch an installer: under its own name.
pub(crate) fn installer_url(public_url: &str, app: &str, row: &installer::Model) -> String {
    format!("{public_url}/b/{app}/{}/{}", row.sha256, row.file)
}

/// Releases older than `before`, the newest first.
pub(crate) async fn releases(
    db: &impl ConnectionTrait,
    public_url: &str,
    app: &app::Model,
    before: Option<&ReleaseId>,
    limit: u64,
) -> Result<ReleasePage, DbErr> {
    let mut query = release::Entity::find()
        .filter(release::Column::AppId.eq(app.id))
        .order_by_desc(release::Column::Id)
        .limit(limit + 1);
    if let Some(before) = before {
        query = query.filter(release::Column::Id.lt(before.0.clone()));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| ReleaseId(row.id.clone()));
    Ok(ReleasePage {
        releases: release_views(db, public_url, app, rows).await?,
        next,
    })
}

/// The channels that offer each release now.
async fn live_on(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<BTreeMap<String, Vec<ChannelName>>, DbErr> {
    let mut live_on = BTreeMap::<String, Vec<ChannelName>>::new();
    for row in channel_rows(db, app_id).await? {
        for lane in [Lane::Web, Lane::Native] {
            if let Some(live) = live_row(db, row.id, lane).await? {
                live_on
                    .entry(live.release_id)
                    .or_default()
                    .push(parsed("channel", &row.name)?);
            }
        }
    }
    Ok(live_on)
}

/// Release rows as the API shows them: three queries however many there are.
pub(crate) async fn release_views(
    db: &impl ConnectionTrait,
    public_url: &str,
    app: &app::Model,
    rows: Vec<release::Model>,
) -> Result<Vec<ReleaseSummary>, DbErr> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut artifacts = BTreeMap::<String, Vec<ArtifactSummary>>::new();
    for row in artifact::Entity::find()
        .filter(artifact::Column::ReleaseId.is_in(ids.clone()))
        .all(db)
        .await?
    {
        let summary = ArtifactSummary {
            kind: Word::read(&row.kind)?,
            sha256: parsed("digest", &row.sha256)?,
            size_bytes: unsigned(row.size_bytes)?,
            signature: row.signature.clone(),
            key_id: parsed("key id", &row.key_id)?,
            url: artifact_url(public_url, &app.slug, &row)?,
        };
        artifacts.entry(row.release_id).or_default().push(summary);
    }
    let mut installers = BTreeMap::<String, Vec<InstallerSummary>>::new();
    for row in installer::Entity::find()
        .filter(installer::Column::ReleaseId.is_in(ids.clone()))
        .order_by_asc(installer::Column::Platform)
        .all(db)
        .await?
    {
        let summary = InstallerSummary {
            platform: parsed("platform", &row.platform)?,
            packed: Word::read(&row.packed)?,
            sha256: parsed("digest", &row.sha256)?,
            size_bytes: unsigned(row.size_bytes)?,
            url: installer_url(public_url, &app.slug, &row),
            file: row.file,
            signature: row.signature,
            key_id: row.key_id.map(|id| parsed("key id", &id)).transpose()?,
        };
        installers.entry(row.release_id).or_default().push(summary);
    }
    let mut sequences = BTreeMap::<String, i64>::new();
    let given = sequence::Entity::find()
        .filter(sequence::Column::AppId.eq(app.id))
        .filter(sequence::Column::ReleaseId.is_in(ids))
        .all(db)
        .await?;
    for row in given {
        let highest = sequences.entry(row.release_id).or_default();
        *highest = row.sequence.max(*highest);
    }
    let live_on = live_on(db, app.id).await?;
    rows.into_iter()
        .map(|row| {
            Ok(ReleaseSummary {
                version: parsed("version", &row.version)?,
                kind: Word::read(&row.kind)?,
                state: Word::read(&row.state)?,
                notes: row.notes,
                min_binary_version: parsed("version", &row.min_binary_version)?,
                max_binary_version: row
                    .max_binary_version
                    .map(|text| parsed("version", &text))
                    .transpose()?,
                sequence: sequences
                    .get(&row.id)
                    .map(|number| unsigned(*number))
                    .transpose()?
                    .map(Sequence),
                live_on: live_on.get(&row.id).cloned().unwrap_or_default(),
                artifacts: artifacts.remove(&row.id).unwrap_or_default(),
                installers: installers.remove(&row.id).unwrap_or_default(),
                files: row.files.map(unsigned).transpose()?,
                unpacked_bytes: row.unpacked_bytes.map(unsigned).transpose()?,
                created_at: time(row.created_at)?,
                created_by: row.created_by,
                id: ReleaseId(row.id),
            })
        })
        .collect()
}
