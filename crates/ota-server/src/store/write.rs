//! Writing: the one place where a channel's offer changes.

use chrono::{DateTime, Utc};
use ota_api::ActionKind;
use ota_model::{ChannelName, DeploymentKind, Lane, ReleaseKind, Sequence, SequenceChoice};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait as _,
    ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};

use super::activity::{self, Happened};
use super::entities::{app, channel, deployment, release, sequence};
use super::read;
use super::text::{Word as _, parsed, signed, unsigned};

/// A change of what a channel offers.
pub(crate) struct Deployment<'a> {
    pub(crate) release: &'a release::Model,
    pub(crate) number: SequenceChoice,
    pub(crate) kind: DeploymentKind,
    pub(crate) by: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at: DateTime<Utc>,
    /// For a promotion: from where.
    pub(crate) from: Option<&'a ChannelName>,
}

/// Makes the channel offer a release, in the caller's transaction, with its activity entry.
pub(crate) async fn deploy(
    db: &impl ConnectionTrait,
    app: &mut app::Model,
    channel: channel::Model,
    deployment: &Deployment<'_>,
) -> Result<(channel::Model, ota_api::ActivityEntry), DbErr> {
    let number = deployment
        .number
        .resolve(Sequence(unsigned(app.last_sequence)?));
    let stored = signed(number.0)?;
    if stored > app.last_sequence {
        let row = sequence::ActiveModel {
            app_id: Set(app.id),
            sequence: Set(stored),
            release_id: Set(deployment.release.id.clone()),
        };
        sequence::Entity::insert(row)
            .exec_without_returning(db)
            .await?;
        let mut changed = app.clone().into_active_model();
        changed.last_sequence = Set(stored);
        *app = changed.update(db).await?;
    }
    let lane = Lane::read(&deployment.release.lane)?;
    end(db, &channel, lane, deployment.at).await?;
    deployment::ActiveModel {
        id: NotSet,
        app_id: Set(app.id),
        channel_id: Set(channel.id),
        sequence: Set(stored),
        release_id: Set(deployment.release.id.clone()),
        kind: Set(deployment.kind.word().to_owned()),
        at: Set(deployment.at.timestamp_millis()),
        by: Set(deployment.by.to_owned()),
        reason: Set(deployment.reason.map(str::to_owned)),
        until: Set(None),
        lane: Set(lane.word().to_owned()),
    }
    .insert(db)
    .await?;
    let revision = channel.revision + 1;
    let mut changed = channel.into_active_model();
    changed.revision = Set(revision);
    // What devices compare with is the web lane's; installers are compared by their version.
    if lane == Lane::Web {
        changed.highest = Set(stored);
    }
    let channel = changed.update(db).await?;
    let entry =
        activity::append(db, app, happened(db, &channel, deployment, number).await?).await?;
    Ok((channel, entry))
}

/// Ends what a channel offers in a lane.
pub(crate) async fn end(
    db: &impl ConnectionTrait,
    channel: &channel::Model,
    lane: Lane,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if let Some(live) = read::live_row(db, channel.id, lane).await? {
        let mut live = live.into_active_model();
        live.until = Set(Some(at.timestamp_millis()));
        live.update(db).await?;
    }
    Ok(())
}

async fn happened(
    db: &impl ConnectionTrait,
    channel: &channel::Model,
    deployment: &Deployment<'_>,
    number: Sequence,
) -> Result<Happened, DbErr> {
    let version = &deployment.release.version;
    let name = &channel.name;
    let (action, summary) = match deployment.kind {
        DeploymentKind::Publish => (
            ActionKind::Published,
            format!("Published {version} {number} to {name}"),
        ),
        DeploymentKind::Promote => {
            let from = deployment
                .from
                .map_or_else(String::new, |from| format!(" from {from}"));
            (
                ActionKind::Promoted,
                format!("Promoted {version} {number}{from} to {name}"),
            )
        }
        DeploymentKind::Rollback => (
            ActionKind::RolledBack,
            format!("Rolled back {name} to {version} as {number}"),
        ),
        DeploymentKind::BuiltIn => (
            ActionKind::WentBuiltIn,
            format!("Rolled back {name} to the built-in assets as {number}"),
        ),
        DeploymentKind::ReIssue => (
            ActionKind::ReIssued,
            format!("Issued {version} again on {name} as {number} for devices that are ahead"),
        ),
    };
    let digest = read::first_digest(db, &deployment.release.id).await?;
    Ok(Happened {
        channel: Some(parsed("channel", name)?),
        revision: Some(unsigned(channel.revision)?),
        version: Some(version.clone()),
        sequence: Some(number.0),
        digest,
        reason: deployment.reason.map(str::to_owned),
        ..Happened::new(deployment.at, deployment.by, action, summary)
    })
}

/// The newest signed empty bundle of an app.
pub(crate) async fn built_in_release(
    db: &impl ConnectionTrait,
    app_id: i64,
) -> Result<Option<release::Model>, DbErr> {
    use sea_orm::QueryOrder as _;
    release::Entity::find()
        .filter(release::Column::AppId.eq(app_id))
        .filter(release::Column::Kind.eq(ReleaseKind::BuiltIn.word()))
        .filter(release::Column::State.eq("ready"))
        .order_by_desc(release::Column::Id)
        .one(db)
        .await
}
