//! Where a channel can go back to.

use chrono::{DateTime, Utc};
use ota_api::DeploymentRecord;
use ota_model::{AppSlug, ChannelName, DeploymentKind, Lane, ReleaseId, ReleaseKind, Sequence};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::ClientError;

/// A release that was live on a channel before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackTarget {
    /// Which release.
    pub release: ReleaseId,
    /// Its version.
    pub version: Version,
    /// The number it was last offered under there.
    pub sequence: Sequence,
    /// Since when it was offered, the last time.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// The oldest binary that can run it.
    pub min_binary_version: Version,
    /// Bytes a device downloads.
    pub size_bytes: u64,
    /// Whether somebody rolled back from it the last time: it can be chosen, and is not what to recommend.
    pub given_up: bool,
}

/// Everything a channel can go back to without a signing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackTargets {
    /// Releases that ran on the channel, the best first: the latest, and after all others those that were given up.
    /// Recalled ones and the one that is live are not among them.
    pub earlier: Vec<RollbackTarget>,
    /// Whether a signed empty bundle is ready and not live already.
    pub built_in: bool,
}

impl Client {
    /// What a channel can go back to with its web bundle.
    pub async fn rollback_targets(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
    ) -> Result<RollbackTargets, ClientError> {
        self.rollback_targets_in(app, channel, Lane::Web).await
    }

    /// What a channel can go back to in a lane. Installers have nothing built in beneath them.
    pub async fn rollback_targets_in(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
        lane: Lane,
    ) -> Result<RollbackTargets, ClientError> {
        let mut history = self.history(app, channel).await?;
        history.retain(|record| record.live.release_kind.lane() == lane);
        let has_built_in = lane == Lane::Web && !self.keys(app).await?.is_empty();
        Ok(targets(&history, has_built_in))
    }
}

fn targets(history: &[DeploymentRecord], has_built_in: bool) -> RollbackTargets {
    let live = history
        .iter()
        .find(|record| record.until.is_none())
        .map(|record| &record.live);
    let mut seen: Vec<&ReleaseId> = live.iter().map(|live| &live.release).collect();
    let mut earlier = Vec::new();
    let mut replaced_by = None;
    // Nobody chose to issue a release again, so that says nothing of the one before.
    let chosen = history
        .iter()
        .filter(|record| record.live.kind != DeploymentKind::ReIssue);
    for record in chosen {
        let found = &record.live;
        let by = replaced_by.replace(found.kind);
        if seen.contains(&&found.release) {
            continue;
        }
        seen.push(&found.release);
        if record.recalled || found.release_kind == ReleaseKind::BuiltIn {
            continue;
        }
        earlier.push(RollbackTarget {
            release: found.release.clone(),
            version: found.version.clone(),
            sequence: found.sequence,
            since: found.since,
            until: record.until,
            min_binary_version: found.min_binary_version.clone(),
            size_bytes: found.size_bytes,
            given_up: matches!(by, Some(DeploymentKind::Rollback | DeploymentKind::BuiltIn)),
        });
    }
    // Stable: the latest stay first among equals.
    earlier.sort_by_key(|target| target.given_up);
    let shows_built_in = live.is_some_and(|live| live.release_kind == ReleaseKind::BuiltIn);
    RollbackTargets {
        earlier,
        built_in: has_built_in && !shows_built_in && live.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ota_api::LiveRelease;

    fn record(version: &str, sequence: u64, live: bool) -> DeploymentRecord {
        let since =
            DateTime::from_timestamp(1_780_000_000 + i64::try_from(sequence).unwrap(), 0).unwrap();
        DeploymentRecord {
            live: LiveRelease {
                sequence: Sequence(sequence),
                release: ReleaseId(format!("id-{version}")),
                version: version.parse().unwrap(),
                release_kind: ReleaseKind::Web,
                kind: DeploymentKind::Publish,
                since,
                by: "release desk".to_owned(),
                reason: None,
                min_binary_version: Version::new(1, 0, 0),
                size_bytes: 5,
            },
            until: (!live).then_some(since),
            recalled: false,
        }
    }

    fn versions(targets: &RollbackTargets) -> Vec<String> {
        targets
            .earlier
            .iter()
            .map(|target| target.version.to_string())
            .collect()
    }

    #[test]
    fn each_earlier_release_is_offered_once_and_the_live_one_is_not() {
        let history = [
            record("1.2.0", 5, true),
            record("1.1.0", 4, false),
            record("1.2.0", 3, false),
            record("1.1.0", 2, false),
            record("1.0.0", 1, false),
        ];
        let targets = targets(&history, true);
        assert_eq!(versions(&targets), ["1.1.0", "1.0.0"]);
        assert_eq!(targets.earlier[0].sequence, Sequence(4));
        assert!(targets.built_in);
    }

    #[test]
    fn recalled_releases_and_built_in_assets_are_not_earlier_releases() {
        let mut history = [
            record("1.2.0", 3, true),
            record("1.1.0", 2, false),
            record("1.0.0", 1, false),
        ];
        history[1].recalled = true;
        assert_eq!(versions(&targets(&history, true)), ["1.0.0"]);

        history[0].live.release_kind = ReleaseKind::BuiltIn;
        let targets = targets(&history, true);
        assert_eq!(versions(&targets), ["1.0.0"]);
        assert!(!targets.built_in, "it shows them already");
    }

    #[test]
    fn a_channel_that_never_offered_anything_cannot_go_back() {
        assert_eq!(
            targets(&[], true),
            RollbackTargets {
                earlier: Vec::new(),
                built_in: false
            }
        );
    }

    #[test]
    fn what_was_given_up_is_not_recommended() {
        let mut history = [
            record("1.1.0", 4, true),
            record("1.2.0", 3, false),
            record("1.1.0", 2, false),
            record("1.0.0", 1, false),
        ];
        history[0].live.kind = DeploymentKind::Rollback;
        let targets = targets(&history, true);
        assert_eq!(versions(&targets), ["1.0.0", "1.2.0"]);
        assert!(!targets.earlier[0].given_up && targets.earlier[1].given_up);
    }

    #[test]
    fn a_release_that_was_issued_again_was_not_given_up() {
        let mut history = [
            record("1.2.0", 4, true),
            record("1.1.0", 3, false),
            record("1.1.0", 2, false),
        ];
        history[1].live.kind = DeploymentKind::ReIssue;
        let targets = targets(&history, true);
        assert_eq!(versions(&targets), ["1.1.0"]);
        assert!(!targets.earlier[0].given_up);
    }
}
