//! What devices see of an app, read in one transaction.

use std::collections::BTreeMap;

use ota_model::{
    AppSnapshot, Artifact, Channel, ChannelSnapshot, Deployment, Release, ReleaseId, ReleaseState,
    Revision, Sequence,
};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use super::entities::{app, artifact, deployment, release, sequence};
use super::read;
use super::text::{Word, parsed, time, unsigned};

/// Reads everything a check needs. Drafts are not in it.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    app: &app::Model,
) -> Result<AppSnapshot, DbErr> {
    let mut artifacts = BTreeMap::<String, Vec<Artifact>>::new();
    for row in artifact::Entity::find()
        .filter(artifact::Column::AppId.eq(app.id))
        .all(db)
        .await?
    {
        let artifact = Artifact {
            kind: Word::read(&row.kind)?,
            sha256: parsed("digest", &row.sha256)?,
            size_bytes: unsigned(row.size_bytes)?,
            signature: row.signature,
            key_id: parsed("key id", &row.key_id)?,
        };
        artifacts.entry(row.release_id).or_default().push(artifact);
    }
    let mut releases = BTreeMap::new();
    let rows = release::Entity::find()
        .filter(release::Column::AppId.eq(app.id))
        .filter(release::Column::State.ne(ReleaseState::Draft.word()))
        .all(db)
        .await?;
    for row in rows {
        let release = Release {
            version: parsed("version", &row.version)?,
            kind: Word::read(&row.kind)?,
            state: Word::read(&row.state)?,
            notes: row.notes,
            min_binary_version: parsed("version", &row.min_binary_version)?,
            max_binary_version: row
                .max_binary_version
                .map(|text| parsed("version", &text))
                .transpose()?,
            artifacts: artifacts.remove(&row.id).unwrap_or_default(),
            created_at: time(row.created_at)?,
            id: ReleaseId(row.id.clone()),
        };
        releases.insert(ReleaseId(row.id), release);
    }
    let mut sequences = BTreeMap::new();
    for row in sequence::Entity::find()
        .filter(sequence::Column::AppId.eq(app.id))
        .all(db)
        .await?
    {
        sequences.insert(Sequence(unsigned(row.sequence)?), ReleaseId(row.release_id));
    }
    Ok(AppSnapshot {
        slug: parsed("slug", &app.slug)?,
        default_channel: parsed("channel", &app.default_channel)?,
        last_sequence: Sequence(unsigned(app.last_sequence)?),
        channels: channels(db, app.id).await?,
        releases,
        sequences,
    })
}

async fn channels(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<BTreeMap<ota_model::ChannelName, ChannelSnapshot>, DbErr> {
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
        live_by_channel.insert(row.channel_id, live);
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
            live: live_by_channel.remove(&row.id),
            highest: Sequence(unsigned(row.highest)?),
            channel,
        };
        channels.insert(state.channel.name.clone(), state);
    }
    Ok(channels)
}
