//! A build on its way: read, reviewed, signed, uploaded, live.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ota_api::{Deployed, ReleaseSummary};
use ota_bundle::{Diff, Scan};
use ota_model::{ChannelName, Sequence, Sha256};
use serde_json::Value;

use super::{Fault, KeyRef, Remote};

/// Names one reading or publishing, so that what belongs to an older one is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RequestId(pub u64);

/// Where the build is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Publish {
    /// Nothing was dropped.
    #[default]
    Idle,
    /// The folder is being read.
    Reading(Reading),
    /// What was dropped cannot be published.
    Unreadable {
        /// What was dropped.
        path: PathBuf,
        /// Why not.
        fault: Fault,
    },
    /// Waiting for a decision.
    Review(Box<Review>),
    /// On its way.
    Running(Box<Running>),
    /// It is live.
    Done(Box<Done>),
}

/// A folder that is being read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Which reading.
    pub request: RequestId,
    /// What was dropped.
    pub path: PathBuf,
    /// Files so far and in all.
    pub files: (u64, u64),
    /// Bytes so far and in all.
    pub bytes: (u64, u64),
}

/// A build as the review shows it. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What was dropped.
    pub path: PathBuf,
    /// Its files and the checks.
    pub scan: Arc<Scan>,
    /// The archive that would be published.
    pub archive_bytes: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// How long reading and packing took.
    pub took_ms: u64,
}

/// A decision to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Which reading it came from.
    pub request: RequestId,
    /// The build.
    pub build: Prepared,
    /// Where it would go.
    pub channel: ChannelName,
    /// Against what is live there. `None` inside: nothing is live.
    pub against: Remote<Against>,
    /// Somebody changed the channel meanwhile: it was compared again.
    pub moved: bool,
    /// Files that were left out by choice.
    pub left_out: Vec<String>,
    /// Set while it is packed again after a choice.
    pub repacking: bool,
    /// Why the last attempt to publish failed; the build and the form are kept.
    pub failed: Option<Fault>,
}

/// A comparison with what a channel offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Which channel.
    pub channel: ChannelName,
    /// What it offers; `None` before its first release.
    pub live: Option<(String, Sequence)>,
    /// File by file; everything is added when nothing is live.
    pub diff: Arc<Diff>,
    /// The live archive's size.
    pub live_bytes: Option<u64>,
}

/// What the form says.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishOrder {
    /// Semver.
    pub version: String,
    /// Markdown.
    pub notes: String,
    /// Semver.
    pub min_binary_version: String,
    /// Where to.
    pub channel: ChannelName,
    /// The key that signs.
    pub key: KeyRef,
}

/// The five steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepName {
    /// The archive is made.
    Bundling,
    /// It is signed.
    Signing,
    /// It goes to the server.
    Uploading,
    /// It is fetched back and checked as a device would.
    Verifying,
    /// The channel offers it.
    Live,
}

impl StepName {
    /// In order.
    pub const ALL: [Self; 5] = [
        Self::Bundling,
        Self::Signing,
        Self::Uploading,
        Self::Verifying,
        Self::Live,
    ];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bundling => "Bundling",
            Self::Signing => "Signing",
            Self::Uploading => "Uploading",
            Self::Verifying => "Verifying",
            Self::Live => "Live",
        }
    }
}

/// How a step is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct StepState {
    /// Which.
    pub name: StepName,
    /// What it does or did, with measured numbers.
    pub detail: String,
    /// Bytes done and in all, while that can be said.
    pub bytes: Option<(u64, u64)>,
    /// How far.
    pub phase: StepPhase,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepPhase {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Done, and how long it took.
    Done {
        /// Milliseconds.
        took_ms: u64,
    },
    /// It failed.
    Failed,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// When.
    pub at: DateTime<Utc>,
    /// A short verb: read, skip, pack, sign, put, get, live.
    pub verb: String,
    /// What.
    pub text: String,
}

/// A build on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Which.
    pub request: RequestId,
    /// What was ordered.
    pub order: PublishOrder,
    /// The build.
    pub build: Prepared,
    /// What devices keep until the last step.
    pub before: Option<String>,
    /// The five steps.
    pub steps: Vec<StepState>,
    /// What happened so far.
    pub log: Vec<LogLine>,
    /// Set once the person cancelled; the answer is awaited.
    pub cancelling: bool,
    /// The review to return to.
    pub review: Review,
}

impl Running {
    /// Cancelling is free until the channel is about to change.
    pub fn can_cancel(&self) -> bool {
        !self.cancelling
            && !self
                .steps
                .iter()
                .any(|step| step.name == StepName::Live && step.phase != StepPhase::Waiting)
    }

    /// The step under way and its share, for the status bar.
    pub fn current(&self) -> Option<(&StepState, Option<u8>)> {
        let step = self
            .steps
            .iter()
            .find(|step| step.phase == StepPhase::Running)?;
        let percent = step.bytes.map(|(done, total)| percent(done, total));
        Some((step, percent))
    }
}

/// A share in whole percent; 100 only when all is done.
pub fn percent(done: u64, total: u64) -> u8 {
    if total == 0 || done >= total {
        return 100;
    }
    u8::try_from(done.saturating_mul(100) / total)
        .unwrap_or(99)
        .min(99)
}

/// What a device was answered, by asking as one.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceAnswer {
    /// Method and path.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// How long the answer took.
    pub took_ms: u64,
    /// The body, where there is one.
    pub body: Option<Value>,
}

/// A build that is live.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The release.
    pub release: ReleaseSummary,
    /// What the channel was and is.
    pub deployed: Deployed,
    /// From the button to live.
    pub took_ms: u64,
    /// A real request, answered by the server.
    pub device: Remote<DeviceAnswer>,
    /// What happened.
    pub log: Vec<LogLine>,
    /// Files in the bundle.
    pub files: u64,
    /// The key that signed it.
    pub key: KeyRef,
}
