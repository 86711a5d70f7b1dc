//! Which number a deployment takes.

use thiserror::Error;

use crate::{AppSnapshot, ChannelName, Release, ReleaseId, ReleaseKind, ReleaseState, Sequence};

/// The number of a new deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SequenceChoice {
    /// The release keeps the number it has.
    Keep(Sequence),
    /// The app's next number.
    Next,
}

impl SequenceChoice {
    /// The number, given the last one that the app gave out.
    pub fn resolve(self, last: Sequence) -> Sequence {
        match self {
            Self::Keep(sequence) => sequence,
            Self::Next => last.next(),
        }
    }
}

/// A promoted release keeps its number when that is higher than everything the target ever offered. Otherwise
/// devices of the target would not accept it, and it takes the next one.
pub fn sequence_for_promote(offered: Sequence, highest_on_target: Sequence) -> SequenceChoice {
    if offered > highest_on_target {
        SequenceChoice::Keep(offered)
    } else {
        SequenceChoice::Next
    }
}

/// Going back always takes a new number: devices accept higher ones only.
pub const fn sequence_for_rollback() -> SequenceChoice {
    SequenceChoice::Next
}

/// Why a rollback target was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rollback {
    /// The channel is not known.
    #[error("There is no channel “{0}”")]
    UnknownChannel(ChannelName),
    /// The release is not known.
    #[error("There is no such release")]
    UnknownRelease(ReleaseId),
    /// Recalled releases are never offered again.
    #[error("{version} was recalled and is never offered again")]
    Recalled {
        /// The version of the release.
        version: semver::Version,
    },
    /// It is what the channel offers already.
    #[error("The channel offers {version} already")]
    AlreadyLive {
        /// The version of the release.
        version: semver::Version,
    },
}

impl AppSnapshot {
    /// Checks that a channel can go back to a release, and returns that release.
    pub fn check_rollback(
        &self,
        channel: &ChannelName,
        target: &ReleaseId,
    ) -> Result<&Release, Rollback> {
        let state = self
            .channels
            .get(channel)
            .ok_or_else(|| Rollback::UnknownChannel(channel.clone()))?;
        let release = self
            .releases
            .get(target)
            .ok_or_else(|| Rollback::UnknownRelease(target.clone()))?;
        if release.state == ReleaseState::Recalled {
            return Err(Rollback::Recalled {
                version: release.version.clone(),
            });
        }
        let same = |live: &Release| {
            live.id == release.id
                || (live.kind == ReleaseKind::BuiltIn && release.kind == ReleaseKind::BuiltIn)
        };
        if state
            .live(release.kind.lane())
            .and_then(|live| self.releases.get(&live.release))
            .is_some_and(same)
        {
            return Err(Rollback::AlreadyLive {
                version: release.version.clone(),
            });
        }
        Ok(release)
    }
}
