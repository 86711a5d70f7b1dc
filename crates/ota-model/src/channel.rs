//! Channels and what has been done to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ChannelName, ReleaseId, Revision, Sequence};

/// The channels of a new app, in the order in which a release travels. The last one is protected.
pub const DEFAULT_CHANNELS: [(&str, bool); 4] = [
    ("hotfix", false),
    ("staging", false),
    ("beta", false),
    ("production", true),
];

/// A named track that devices follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// What clients send.
    pub name: ChannelName,
    /// Position on the way of a release, from 0.
    pub position: u32,
    /// People type the channel's name before they change what it offers.
    pub protected: bool,
    /// Offers nothing while set; devices keep what they have.
    pub paused: bool,
    /// Grows with every change.
    pub revision: Revision,
}

/// Why a channel offers what it offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentKind {
    /// A release published to this channel.
    Publish,
    /// The release of another channel: same bytes, same signature.
    Promote,
    /// An earlier release under a new sequence.
    Rollback,
    /// The assets built into each binary, under a new sequence.
    BuiltIn,
    /// The same release under a fresh sequence, so that devices which are ahead accept it.
    ReIssue,
}

/// "This release is what this channel offers from now."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// What devices compare.
    pub sequence: Sequence,
    /// What they get.
    pub release: ReleaseId,
    /// How it came about.
    pub kind: DeploymentKind,
    /// From when.
    pub since: DateTime<Utc>,
}
