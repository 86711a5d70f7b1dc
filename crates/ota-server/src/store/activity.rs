//! The activity chain: appended in the transaction that makes the change.

use chrono::{DateTime, SubsecRound as _, Utc};
use ota_api::{ActionKind, ActivityEntry, ActivityPage, Statement};
use ota_model::{AppSlug, ChannelName, Sha256};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entities::{activity, app};
use super::text::{corrupt, parsed, signed, unsigned};

/// What an entry is about; the chain adds the app, the number and the hashes.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: String,
    pub(crate) action: ActionKind,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) revision: Option<u64>,
    pub(crate) version: Option<String>,
    pub(crate) sequence: Option<u64>,
    pub(crate) digest: Option<Sha256>,
    pub(crate) reason: Option<String>,
    pub(crate) summary: String,
}

impl Happened {
    /// An entry with nothing but its sentence.
    pub(crate) fn new(at: DateTime<Utc>, by: &str, action: ActionKind, summary: String) -> Self {
        Self {
            at,
            by: by.to_owned(),
            action,
            channel: None,
            revision: None,
            version: None,
            sequence: None,
            digest: None,
            reason: None,
            summary,
        }
    }
}

/// Appends an entry to the app's chain and moves the head that `app` holds.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    app: &mut app::Model,
    happened: Happened,
) -> Result<ActivityEntry, DbErr> {
    let previous: Sha256 = parsed("digest", &app.activity_hash)?;
    let statement = Statement {
        app: parsed::<AppSlug>("slug", &app.slug)?,
        entry: unsigned(app.activity_head)? + 1,
        at: happened.at.trunc_subsecs(3),
        by: happened.by,
        action: happened.action,
        channel: happened.channel,
        revision: happened.revision,
        version: happened.version,
        sequence: happened.sequence,
        digest: happened.digest,
        reason: happened.reason,
        summary: happened.summary,
    };
    let hash = statement.hash_after(previous).map_err(json)?;
    let row = activity::ActiveModel {
        app_id: Set(app.id),
        entry: Set(signed(statement.entry)?),
        statement: Set(serde_json::to_string(&statement).map_err(json)?),
        previous: Set(previous.to_string()),
        hash: Set(hash.to_string()),
    };
    activity::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    let mut head = app.clone().into_active_model();
    head.activity_head = Set(signed(statement.entry)?);
    head.activity_hash = Set(hash.to_string());
    *app = head.update(db).await?;
    Ok(ActivityEntry {
        statement,
        previous,
        hash,
    })
}

/// Entries below `before`, the newest first.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    app: &app::Model,
    before: Option<u64>,
    limit: u64,
) -> Result<ActivityPage, DbErr> {
    let mut query = activity::Entity::find()
        .filter(activity::Column::AppId.eq(app.id))
        .order_by_desc(activity::Column::Entry)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(activity::Column::Entry.lt(i64::try_from(before).unwrap_or(i64::MAX)));
    }
    let rows = query.all(db).await?;
    let entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let next = entries
        .last()
        .map(|entry| entry.statement.entry)
        .filter(|last| *last > 1);
    Ok(ActivityPage {
        entries,
        head: unsigned(app.activity_head)?,
        next,
    })
}

/// The newest entry that changed a channel.
pub(crate) async fn last_of_channel(
    db: &impl ConnectionTrait,
    app: &app::Model,
    channel: &ChannelName,
) -> Result<Option<ActivityEntry>, DbErr> {
    let recent = page(db, app, None, 200).await?;
    Ok(recent
        .entries
        .into_iter()
        .find(|entry| entry.statement.channel.as_ref() == Some(channel)))
}

fn entry(row: &activity::Model) -> Result<ActivityEntry, DbErr> {
    Ok(ActivityEntry {
        statement: serde_json::from_str(&row.statement).map_err(json)?,
        previous: parsed("digest", &row.previous)?,
        hash: parsed("digest", &row.hash)?,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn json(error: serde_json::Error) -> DbErr {
    corrupt("statement", &error.to_string())
}
