//! What devices see of an app, read in one transaction.
//!
//! An app may have thousands of releases, of which a handful are live. All of them are known by their number and their
//! bytes, for that is what checks compare; notes and signatures are read for the live ones alone. After a change only
//! what the change's entries name is read again.

use std::collections::{BTreeMap, BTreeSet};

use ota_api::{ActionKind, ActivityEntry};
use ota_model::{
    AppSnapshot, Artifact, Channel, ChannelName, ChannelSnapshot, Deployment, Installer, Lane,
    Release, ReleaseId, ReleaseState, Revision, Sequence,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    QueryFilter as _, QuerySelect as _,
};

use super::entities::{app, artifact, deployment, installer, release, sequence};
use super::read;
use super::text::{Word, parsed, signed, time, unsigned};

/// Reads everything a check needs. Drafts are not in it.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    app: &app::Model,
) -> Result<AppSnapshot, DbErr> {
    let mut snapshot = AppSnapshot {
        slug: parsed("slug", &app.slug)?,
        default_channel: parsed("channel", &app.default_channel)?,
        systems: read::systems(app)?,
        last_sequence: Sequence(unsigned(app.last_sequence)?),
        channels: channels(db, app.id).await?,
        releases: every_release(db, app.id).await?,
        sequences: sequences_above(db, app.id, Sequence::BUILT_IN).await?,
    };
    read_whole(db, app.id, &mut snapshot, &BTreeSet::new()).await?;
    Ok(snapshot)
}

/// The snapshot after a change: every change of what devices see has an entry, and the entry names the release.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    app: &app::Model,
    before: &AppSnapshot,
    entries: &[ActivityEntry],
) -> Result<AppSnapshot, DbErr> {
    let statements = || entries.iter().map(|entry| &entry.statement);
    // It makes a release that it does not name: the built-in one of the key.
    if statements().any(|statement| statement.action == ActionKind::KeyTrusted) {
        return load(db, app).await;
    }
    let mut snapshot = AppSnapshot {
        slug: before.slug.clone(),
        default_channel: parsed("channel", &app.default_channel)?,
        systems: read::systems(app)?,
        last_sequence: Sequence(unsigned(app.last_sequence)?),
        channels: channels(db, app.id).await?,
        releases: before.releases.clone(),
        sequences: before.sequences.clone(),
    };
    let new = sequences_above(db, app.id, before.last_sequence).await?;
    snapshot.sequences.extend(new);
    let named = statements().filter_map(|statement| statement.version.as_deref());
    read_whole(db, app.id, &mut snapshot, &named.collect()).await?;
    Ok(snapshot)
}

/// What checks compare of a release.
#[derive(FromQueryResult)]
struct Row {
    id: String,
    version: String,
    kind: String,
    state: String,
    min_binary_version: String,
    max_binary_version: Option<String>,
    created_at: i64,
}

impl Row {
    fn release(
        self,
        notes: String,
        artifacts: Vec<Artifact>,
        installers: Vec<Installer>,
    ) -> Result<Release, DbErr> {
        let max = self.max_binary_version;
        Ok(Release {
            version: parsed("version", &self.version)?,
            kind: Word::read(&self.kind)?,
            state: Word::read(&self.state)?,
            notes,
            min_binary_version: parsed("version", &self.min_binary_version)?,
            max_binary_version: max.map(|text| parsed("version", &text)).transpose()?,
            artifacts,
            installers,
            capgo_files: Vec::new(),
            created_at: time(self.created_at)?,
            id: ReleaseId(self.id),
        })
    }
}

/// Every release without notes, signatures, seals and single files.
async fn every_release(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<BTreeMap<ReleaseId, Release>, DbErr> {
    let rows: Vec<(String, String, String, i64, String)> = artifact::Entity::find()
        .select_only()
        .column(artifact::Column::ReleaseId)
        .column(artifact::Column::Kind)
        .column(artifact::Column::Sha256)
        .column(artifact::Column::SizeBytes)
        .column(artifact::Column::KeyId)
        .filter(artifact::Column::AppId.eq(app_id))
        .into_tuple()
        .all(db)
        .await?;
    let mut artifacts = BTreeMap::<String, Vec<Artifact>>::new();
    for (release, kind, sha256, size_bytes, key_id) in rows {
        let artifact = Artifact {
            kind: Word::read(&kind)?,
            sha256: parsed("digest", &sha256)?,
            size_bytes: unsigned(size_bytes)?,
            signature: String::new(),
            key_id: parsed("key id", &key_id)?,
            seal: None,
        };
        artifacts.entry(release).or_default().push(artifact);
    }
    let mut installers = BTreeMap::<String, Vec<Installer>>::new();
    for row in installer::Entity::find()
        .filter(installer::Column::AppId.eq(app_id))
        .all(db)
        .await?
    {
        let release = row.release_id.clone();
        installers.entry(release).or_default().push(installer(row)?);
    }
    let rows: Vec<Row> = release::Entity::find()
        .select_only()
        .column(release::Column::Id)
        .column(release::Column::Version)
        .column(release::Column::Kind)
        .column(release::Column::State)
        .column(release::Column::MinBinaryVersion)
        .column(release::Column::MaxBinaryVersion)
        .column(release::Column::CreatedAt)
        .filter(release::Column::AppId.eq(app_id))
        .filter(release::Column::State.ne(ReleaseState::Draft.word()))
        .into_model()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let artifacts = artifacts.remove(&row.id).unwrap_or_default();
            let installers = installers.remove(&row.id).unwrap_or_default();
            let release = row.release(String::new(), artifacts, installers)?;
            Ok((release.id.clone(), release))
        })
        .collect()
}

fn installer(row: installer::Model) -> Result<Installer, DbErr> {
    Ok(Installer {
        platform: parsed("platform", &row.platform)?,
        packed: Word::read(&row.packed)?,
        file: row.file,
        sha256: parsed("digest", &row.sha256)?,
        size_bytes: unsigned(row.size_bytes)?,
        signature: row.signature,
        key_id: row.key_id.map(|id| parsed("key id", &id)).transpose()?,
    })
}

/// Reads the live releases and the named versions with everything that is told of them.
async fn read_whole(
    db: &impl ConnectionTrait,
    app_id: i64,
    snapshot: &mut AppSnapshot,
    versions: &BTreeSet<&str>,
) -> Result<(), DbErr> {
    let live = snapshot.channels.values().flat_map(|state| {
        let both = [Lane::Web, Lane::Native].into_iter();
        both.filter_map(|lane| Some(state.live(lane)?.release.0.as_str()))
    });
    let wanted = Condition::any()
        .add(release::Column::Id.is_in(live))
        .add(release::Column::Version.is_in(versions.iter().copied()));
    let rows = release::Entity::find()
        .filter(release::Column::AppId.eq(app_id))
        .filter(release::Column::State.ne(ReleaseState::Draft.word()))
        .filter(wanted)
        .all(db)
        .await?;
    for row in rows {
        let mut artifacts = Vec::new();
        for artifact in read::artifact_rows(db, &row.id).await? {
            artifacts.push(Artifact {
                kind: Word::read(&artifact.kind)?,
                sha256: parsed("digest", &artifact.sha256)?,
                size_bytes: unsigned(artifact.size_bytes)?,
                signature: artifact.signature,
                key_id: parsed("key id", &artifact.key_id)?,
                seal: artifact.seal.as_deref().map(read::seal).transpose()?,
            });
        }
        let installers = read::installer_rows(db, &row.id).await?;
        let installers = installers
            .into_iter()
            .map(installer)
            .collect::<Result<_, _>>()?;
        let compared = Row {
            id: row.id,
            version: row.version,
            kind: row.kind,
            state: row.state,
            min_binary_version: row.min_binary_version,
            max_binary_version: row.max_binary_version,
            created_at: row.created_at,
        };
        let mut release = compared.release(row.notes, artifacts, installers)?;
        release.capgo_files = read::capgo_files(db, &release.id).await?;
        snapshot.releases.insert(release.id.clone(), release);
    }
    Ok(())
}

/// Numbers are given out upwards and never change: those above the last known one are the new ones.
async fn sequences_above(
    db: &impl ConnectionTrait,
    app_id: i64,
    last: Sequence,
) -> Result<BTreeMap<Sequence, ReleaseId>, DbErr> {
    let rows = sequence::Entity::find()
        .filter(sequence::Column::AppId.eq(app_id))
        .filter(sequence::Column::Sequence.gt(signed(last.0)?))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((Sequence(unsigned(row.sequence)?), ReleaseId(row.release_id))))
        .collect()
}

async fn channels(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<BTreeMap<ChannelName, ChannelSnapshot>, DbErr> {
    let live_rows = deployment::Entity::find()
        .filter(deployment::Column::AppId.eq(app_id))
        .filter(deployment::Column::Until.is_null())
        .all(db)
        .await?;
    let mut live_by_channel = BTreeMap::new();
    for row in live_rows {
        let live = Deployment {
            sequence: Sequence(unsigned(row.sequence)?),
            release: ReleaseId(row.release_id),
            kind: Word::read(&row.kind)?,
            since: time(row.at)?,
        };
        let lane = Lane::read(&row.lane)?;
        live_by_channel.insert((row.channel_id, lane), live);
    }
    let mut channels = BTreeMap::new();
    for row in read::channel_rows(db, app_id).await? {
        let channel = Channel {
            name: parsed("channel", &row.name)?,
            position: u32::try_from(row.position).unwrap_or(u32::MAX),
            protected: row.protected,
            paused: row.paused,
            revision: Revision(unsigned(row.revision)?),
        };
        let state = ChannelSnapshot {
            live: live_by_channel.remove(&(row.id, Lane::Web)),
            native: live_by_channel.remove(&(row.id, Lane::Native)),
            highest: Sequence(unsigned(row.highest)?),
            channel,
        };
        channels.insert(state.channel.name.clone(), state);
    }
    Ok(channels)
}
