//! The activity log: append-only, each entry carries the hash of the one before.

use chrono::{DateTime, Utc};
use ota_model::{AppSlug, ChannelName, Sha256};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The `previous` of an app's first entry.
pub const GENESIS: Sha256 = Sha256::from_bytes([0; 32]);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// The app was made.
    AppCreated,
    /// Its name or default channel changed.
    AppUpdated,
    /// A public key is trusted from now.
    KeyTrusted,
    /// A release was verified and is immutable.
    ReleaseReady,
    /// A release that was ready got an installer for a further platform.
    InstallerAdded,
    /// A draft was discarded.
    DraftDiscarded,
    /// Notes of a release changed.
    ReleaseUpdated,
    /// A release is never offered again.
    ReleaseRecalled,
    /// A channel was made.
    ChannelCreated,
    /// A channel's settings changed.
    ChannelUpdated,
    /// A release was published to a channel.
    Published,
    /// A channel's release was promoted to the next.
    Promoted,
    /// A channel went back to an earlier release.
    RolledBack,
    /// A channel went back to the built-in assets.
    WentBuiltIn,
    /// A channel's release got a fresh sequence for devices that were ahead.
    ReIssued,
}

/// What an entry states. The hash of an entry covers this, as canonical JSON (keys in this order, no spaces).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// Which app.
    #[schema(value_type = String)]
    pub app: AppSlug,
    /// 1 for the app's first.
    pub entry: u64,
    /// When, to the millisecond.
    pub at: DateTime<Utc>,
    /// The token's name, or `server` for what it did by itself.
    pub by: String,
    /// What was done.
    pub action: ActionKind,
    /// To which channel.
    #[schema(value_type = Option<String>)]
    pub channel: Option<ChannelName>,
    /// The channel's revision after it.
    pub revision: Option<u64>,
    /// The release's version.
    pub version: Option<String>,
    /// The number it is offered under.
    pub sequence: Option<u64>,
    /// Digest of the bytes that devices get.
    #[schema(value_type = Option<String>)]
    pub digest: Option<Sha256>,
    /// Why.
    pub reason: Option<String>,
    /// One sentence for people.
    pub summary: String,
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityEntry {
    /// What it states.
    #[serde(flatten)]
    pub statement: Statement,
    /// Hash of the entry before; [`GENESIS`] for the first.
    #[schema(value_type = String)]
    pub previous: Sha256,
    /// SHA-256 of `previous` (32 bytes) followed by the statement's canonical JSON.
    #[schema(value_type = String)]
    pub hash: Sha256,
}

impl Statement {
    /// The hash of this statement after an entry with the hash `previous`.
    pub fn hash_after(&self, previous: Sha256) -> Result<Sha256, serde_json::Error> {
        let mut bytes = previous.as_bytes().to_vec();
        serde_json::to_writer(&mut bytes, self)?;
        Ok(Sha256::of(&bytes))
    }
}

/// Answer of `GET …/activity?before=N&limit=M`, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityPage {
    /// At most `limit` (100 unless told, 1,000 at most).
    pub entries: Vec<ActivityEntry>,
    /// The number of the last entry of the log.
    pub head: u64,
    /// Pass as `before` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A server-sent event: something of an app changed, read again what you show. The event's name is `activity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerEvent {
    /// Which app.
    #[schema(value_type = String)]
    pub app: AppSlug,
    /// The entry that tells what.
    pub entry: ActivityEntry,
}
