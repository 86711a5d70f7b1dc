//! The last step.

use ota_api::{ChannelState, Deploy, DeployAction, Deployed, LiveRelease, ProblemCode};
use ota_bundle::CancellationToken;
use ota_model::{ChannelName, Lane, ReleaseId, Revision, Sequence};

use super::progress::Step;
use super::{PublishError, Run, Stop};
use crate::error::ClientError;
use crate::idempotency::IdempotencyKey;

impl Run<'_> {
    /// The one request that changes something for devices. Repeated until it is answered; never cancelled.
    pub(super) async fn go_live(&self, release: &ReleaseId, seen: Revision) -> Result<Live, Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let step = self.reporter.begin(Step::Live);
        let never = CancellationToken::new();
        let mut patience = self.patience(Step::Live, &never);
        let (app, channel) = (&self.target.app, &self.target.channel);
        let lane = self.target.kind.lane();
        let deploy = Deploy {
            action: DeployAction::Publish {
                release: release.clone(),
            },
            reason: None,
        };
        let key = IdempotencyKey::new()?;
        let live = match patience
            .persist(|| self.client.deploy(app, channel, seen, &deploy, &key))
            .await
        {
            Ok(deployed) => Live::from(deployed, channel, lane)?,
            Err(Stop::Failed(PublishError::Client(error)))
                if error.code() == Some(ProblemCode::AlreadyLive) =>
            {
                let channels = patience.persist(|| self.client.channels(app)).await?;
                let state = channels.into_iter().find(|state| state.name == *channel);
                let live = state
                    .as_ref()
                    .and_then(|state| state.live(lane))
                    .filter(|live| live.release == *release);
                match (live.map(|live| live.sequence), state) {
                    (Some(sequence), Some(channel)) => Live {
                        sequence,
                        channel,
                        previous: None,
                        activity_entry: None,
                    },
                    _ => return Err(error.into()),
                }
            }
            Err(stop) => return Err(stop),
        };
        self.reporter.log(
            "live",
            format!(
                "{channel} offers {} as {}",
                self.target.version, live.sequence
            ),
        );
        step.finish(format!(
            "{channel} offers {} as {}",
            self.target.version, live.sequence
        ));
        Ok(live)
    }
}

/// A release that is offered.
pub(super) struct Live {
    pub(super) sequence: Sequence,
    pub(super) channel: ChannelState,
    pub(super) previous: Option<LiveRelease>,
    pub(super) activity_entry: Option<u64>,
}

impl Live {
    fn from(deployed: Deployed, channel: &ChannelName, lane: Lane) -> Result<Self, ClientError> {
        let live = deployed.channel.live(lane);
        let sequence = live.map(|live| live.sequence).ok_or_else(|| {
            ClientError::unexpected(
                "the server",
                format!("it offers nothing on {channel} after publishing to it"),
            )
        })?;
        Ok(Self {
            sequence,
            channel: deployed.channel,
            previous: deployed.previous,
            activity_entry: Some(deployed.activity_entry),
        })
    }
}
