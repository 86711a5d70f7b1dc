//! `switchtowerctl promote`

use ota_api::{Deploy, DeployAction};

use super::deploy::{channel, deploy, lane, words};
use crate::cli::{Global, PromoteArgs};
use crate::connect;
use crate::failure::Told;
use crate::printer::Printer;

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: PromoteArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let source = channel(&client, &args.app, &args.from).await?;
    let target = channel(&client, &args.app, &args.to).await?;
    let lane = lane(args.native);
    let live = source.live(lane).cloned().ok_or_else(|| {
        let nothing = if args.native {
            "no installers"
        } else {
            "nothing"
        };
        let message = format!(
            "{} offers {nothing} yet, so there is nothing to promote",
            args.from
        );
        Told::refused(message, "Nothing was changed. Publish to it first")
    })?;
    let wish = Deploy {
        action: DeployAction::Promote {
            from: args.from,
            release: live.release,
        },
        reason: args.reason,
    };
    let deployed = deploy(&client, &args.app, &target, &wish).await?;
    printer.result(&deployed, || words(&deployed, lane))
}
