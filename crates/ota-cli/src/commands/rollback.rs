//! `switchtowerctl rollback`

use ota_api::{Deploy, DeployAction};
use ota_client::Client;
use ota_model::{Lane, ReleaseId};

use super::deploy::{channel, deploy, lane, words};
use crate::cli::{Global, RollbackArgs};
use crate::connect;
use crate::failure::Told;
use crate::printer::Printer;

/// What going back means for installers.
const STAYS: &str = "\nDevices that have a higher version keep it: their updater never goes down. To bring them back, publish the old code under a higher version";

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: RollbackArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let lane = lane(args.native);
    let seen = channel(&client, &args.app, &args.channel).await?;
    let action = if args.built_in {
        DeployAction::BuiltIn
    } else {
        DeployAction::Rollback {
            release: target(&client, &args).await?,
        }
    };
    let wish = Deploy {
        action,
        reason: Some(args.reason),
    };
    let deployed = deploy(&client, &args.app, &seen, &wish).await?;
    printer.result(&deployed, || {
        let mut text = words(&deployed, lane);
        if lane == Lane::Native {
            text.push_str(STAYS);
        }
        text
    })
}

/// The release that was named, else the one that the channel offered before. What somebody rolled back from is never
/// chosen without being named: a second roll back does not bring back what the first one took away.
async fn target(client: &Client, args: &RollbackArgs) -> anyhow::Result<ReleaseId> {
    let RollbackArgs { app, channel, .. } = args;
    let Some(version) = &args.to else {
        let targets = client
            .rollback_targets_in(app, channel, lane(args.native))
            .await?;
        let before = targets.earlier.into_iter().find(|target| !target.given_up);
        return before.map(|target| target.release).ok_or_else(|| {
            let message =
                format!("{channel} has no earlier release to go back to. Nothing was changed");
            let hint = if args.native {
                "Recall the release to stop offering it, or pause the channel"
            } else {
                "Name one with --to, or go back to the built-in assets with --built-in"
            };
            Told::refused(message, hint).into()
        });
    };
    let found = client.release_in(app, version, lane(args.native)).await?;
    found.map(|release| release.id).ok_or_else(|| {
        let message = format!("{app} has no release {version}. Nothing was changed");
        let hint = "“switchtowerctl activity” shows what was published";
        Told::refused(message, hint).into()
    })
}
