//! Channels and deployments.

use chrono::{DateTime, Utc};
use ota_model::{ChannelName, DeploymentKind, Lane, ReleaseId, ReleaseKind, Revision, Sequence};
use semver::Version;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a channel offers now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveRelease {
    /// What devices compare.
    #[schema(value_type = u64)]
    pub sequence: Sequence,
    /// Which release.
    #[schema(value_type = String)]
    pub release: ReleaseId,
    /// Its version.
    #[schema(value_type = String)]
    pub version: Version,
    /// Web files, the built-in assets or installers.
    #[schema(value_type = String)]
    pub release_kind: ReleaseKind,
    /// How it came here.
    #[schema(value_type = String)]
    pub kind: DeploymentKind,
    /// Since when.
    pub since: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why, if they said.
    pub reason: Option<String>,
    /// The oldest binary that can run it.
    #[schema(value_type = String)]
    pub min_binary_version: Version,
    /// Bytes a device downloads; of installers, those of the smallest.
    pub size_bytes: u64,
}

/// A channel with what it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelState {
    /// What clients send.
    #[schema(value_type = String)]
    pub name: ChannelName,
    /// Position on the way of a release, from 0.
    pub position: u32,
    /// People type its name before they change what it offers.
    pub protected: bool,
    /// Offers nothing while set.
    pub paused: bool,
    /// Send it as `If-Match` with a change.
    #[schema(value_type = u64)]
    pub revision: Revision,
    /// The web bundle it offers; none before the first deployment.
    pub live: Option<LiveRelease>,
    /// The installers it offers; none before the first deployment of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<LiveRelease>,
}

impl ChannelState {
    /// What it offers in a lane.
    pub const fn live(&self, lane: Lane) -> Option<&LiveRelease> {
        match lane {
            Lane::Web => self.live.as_ref(),
            Lane::Native => self.native.as_ref(),
        }
    }
}

/// Body of `POST …/channels`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateChannel {
    /// 1–40 of `a-z0-9-_.`.
    #[schema(value_type = String)]
    pub name: ChannelName,
    /// Where on the way; the end if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Whether its name must be typed.
    #[serde(default)]
    pub protected: bool,
}

/// Body of `PATCH …/channels/{c}` with `If-Match`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateChannel {
    /// Where on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Whether its name must be typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
    /// Whether it offers nothing for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// What to do with a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeployAction {
    /// Offer a release that was just made, or one that was offered before, under the app's next sequence.
    Publish {
        /// Which.
        #[schema(value_type = String)]
        release: ReleaseId,
    },
    /// Offer what another channel offers: same bytes, same signature.
    Promote {
        /// From where.
        #[schema(value_type = String)]
        from: ChannelName,
        /// What the operator saw there; the server refuses if it is something else by now.
        #[schema(value_type = String)]
        release: ReleaseId,
    },
    /// Offer an earlier release again under a new sequence.
    Rollback {
        /// Which.
        #[schema(value_type = String)]
        release: ReleaseId,
    },
    /// Bring devices back to the assets built into their binary.
    BuiltIn,
}

/// Body of `POST …/deployments` and `POST …/plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deploy {
    /// What to do.
    #[serde(flatten)]
    pub action: DeployAction,
    /// Why; kept in the activity log. Required to go back on a protected channel (8 characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A deployment that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deployed {
    /// The channel as it is now.
    pub channel: ChannelState,
    /// What it offered before.
    pub previous: Option<LiveRelease>,
    /// The entry in the app's activity log.
    pub activity_entry: u64,
}

/// A deployment in a channel's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentRecord {
    /// What was offered.
    #[serde(flatten)]
    pub live: LiveRelease,
    /// Until when; absent for what is offered now.
    pub until: Option<DateTime<Utc>>,
    /// Whether the release was recalled since.
    pub recalled: bool,
}

/// What a deployment would do. Nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// The channel's revision that the plan was made for.
    #[schema(value_type = u64)]
    pub revision: Revision,
    /// What is offered now.
    pub before: Option<LiveRelease>,
    /// The release it would offer.
    #[schema(value_type = String)]
    pub release: ReleaseId,
    /// Its version.
    #[schema(value_type = String)]
    pub version: Version,
    /// Web files, the built-in assets or installers.
    #[schema(value_type = String)]
    pub release_kind: ReleaseKind,
    /// Under which number.
    #[schema(value_type = u64)]
    pub sequence: Sequence,
    /// Whether the release keeps the number it has (a promotion that can).
    pub keeps_sequence: bool,
    /// Bytes each device downloads.
    pub size_bytes: u64,
    /// The oldest binary that is offered it; older ones keep what they have.
    #[schema(value_type = String)]
    pub min_binary_version: Version,
    /// Devices that would be offered it; absent where the server has no record of devices.
    pub devices: Option<u64>,
    /// What the operator should know besides, in sentences.
    pub notes: Vec<String>,
}
