//! Apps and the keys they trust.

use chrono::{DateTime, Utc};
use ota_model::{AppSlug, ChannelName, KeyId, Sequence, Systems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ChannelState;

/// A product that receives updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct App {
    /// In paths and URLs.
    #[schema(value_type = String)]
    pub slug: AppSlug,
    /// For people.
    pub name: String,
    /// The channel of a client that names none.
    #[schema(value_type = String)]
    pub default_channel: ChannelName,
    /// The last sequence that was given out.
    #[schema(value_type = u64)]
    pub last_sequence: Sequence,
    /// Which client systems it serves, and how.
    #[schema(value_type = Object)]
    pub systems: Systems,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Body of `POST /v1/apps`. The app gets the channels hotfix, staging, beta and production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApp {
    /// 3–40 of `a-z0-9-`, no hyphen at either end.
    #[schema(value_type = String)]
    pub slug: AppSlug,
    /// For people; the slug if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which client systems it serves; hotswap alone if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub systems: Option<Systems>,
}

/// Body of `PATCH /v1/apps/{app}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateApp {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The channel of a client that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub default_channel: Option<ChannelName>,
    /// Which client systems it serves, and how: all of it, in place of what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub systems: Option<Systems>,
}

/// A public key whose signatures the server accepts for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrustedKey {
    /// As minisign prints it.
    #[schema(value_type = String)]
    pub id: KeyId,
    /// For people.
    pub name: String,
    /// The bare 56-character minisign line.
    pub public_key: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
    /// By whom.
    pub added_by: String,
}

/// Body of `POST /v1/apps/{app}/keys`. With the key comes the empty bundle signed by it, so that going back to the
/// built-in assets needs no key later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustKey {
    /// For people.
    pub name: String,
    /// A minisign public key: the bare line, the two-line file, or base64 of that file.
    pub public_key: String,
    /// The empty bundle (`.tar.gz` without entries), base64.
    pub built_in_archive: String,
    /// Its signature: the four lines.
    pub built_in_signature: String,
}

/// Answer of `GET /v1/apps/{app}`: all that the Channels screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppOverview {
    /// The app.
    pub app: App,
    /// In the order in which a release travels.
    pub channels: Vec<ChannelState>,
    /// The keys it trusts, the newest first.
    pub keys: Vec<TrustedKey>,
    /// The last entry of its activity log.
    pub activity_head: u64,
}
