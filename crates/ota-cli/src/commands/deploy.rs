//! What promote and roll back have in common.

use std::time::Duration;

use ota_api::{ChannelState, Deploy, Deployed, LiveRelease};
use ota_client::{Client, ClientError};
use ota_model::{AppSlug, ChannelName, Lane, ReleaseKind};

use crate::failure::Told;

/// A lost answer is asked for again for so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A channel as it is now.
pub(crate) async fn channel(
    client: &Client,
    app: &AppSlug,
    name: &ChannelName,
) -> anyhow::Result<ChannelState> {
    let channels = client.channels(app).await?;
    let known: Vec<_> = channels
        .iter()
        .map(|channel| channel.name.to_string())
        .collect();
    let found = channels.into_iter().find(|channel| channel.name == *name);
    found.ok_or_else(|| {
        let message = format!("{app} has no channel “{name}”. It has {}", known.join(", "));
        Told::refused(message, "Nothing was changed. Give one of these").into()
    })
}

/// Changes the channel, once, if it still is what was seen.
pub(crate) async fn deploy(
    client: &Client,
    app: &AppSlug,
    seen: &ChannelState,
    wish: &Deploy,
) -> Result<Deployed, ClientError> {
    client
        .deploy_once(app, &seen.name, seen.revision, wish, PATIENCE)
        .await
}

/// What `--native` stands for.
pub(crate) const fn lane(native: bool) -> Lane {
    if native { Lane::Native } else { Lane::Web }
}

/// A release as sentences name it.
pub(crate) fn name(live: &LiveRelease) -> String {
    match live.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => live.version.to_string(),
        ReleaseKind::BuiltIn => "its built-in assets".to_owned(),
    }
}

/// One sentence for what was done.
pub(crate) fn words(deployed: &Deployed, lane: Lane) -> String {
    let channel = &deployed.channel.name;
    let now = match (deployed.channel.live(lane), lane) {
        (Some(live), Lane::Web) => format!("{} as {}", name(live), live.sequence),
        (Some(live), Lane::Native) => {
            format!("installers of {} as {}", name(live), live.sequence)
        }
        (None, Lane::Web) => "nothing".to_owned(),
        (None, Lane::Native) => "no installers".to_owned(),
    };
    let was = deployed.previous.as_ref().map_or_else(
        || "It offered nothing before".to_owned(),
        |live| format!("It was {}", name(live)),
    );
    format!(
        "{channel} offers {now}. {was}. Activity entry {}",
        deployed.activity_entry
    )
}
