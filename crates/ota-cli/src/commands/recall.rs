//! `switchtowerctl recall`

use ota_client::IdempotencyKey;

use super::deploy::{lane, words};
use crate::cli::{Global, RecallArgs};
use crate::connect;
use crate::failure::Told;
use crate::printer::Printer;

pub(crate) async fn run(global: &Global, printer: Printer, args: RecallArgs) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let found = client
        .release_in(&args.app, &args.version, lane(args.native))
        .await?;
    let release = found.ok_or_else(|| {
        let message = format!(
            "{} has no release {}. Nothing was changed",
            args.app, args.version
        );
        Told::refused(
            message,
            "“switchtowerctl activity” shows what was published",
        )
    })?;
    let recalled = client
        .recall(
            &args.app,
            &release.id,
            &args.reason,
            &IdempotencyKey::new()?,
        )
        .await?;
    printer.result(&recalled, || {
        let mut lines = vec![format!(
            "{} is recalled and never offered again",
            recalled.release.version
        )];
        let lane = lane(args.native);
        lines.extend(recalled.moved.iter().map(|moved| words(moved, lane)));
        lines.join("\n")
    })
}
