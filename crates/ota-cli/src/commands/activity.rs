//! `switchtowerctl activity`

use ota_api::ActivityEntry;
use ota_client::{ChainHead, Client, verify_chain};
use serde_json::json;

use crate::cli::{ActivityArgs, Global, moment};
use crate::connect;
use crate::failure::Told;
use crate::printer::{Printer, table};

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: ActivityArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let limit = args.limit.min(1000);
    let mut page = client
        .activity(&args.app, None, limit.max(1) as u64)
        .await?
        .entries;
    page.truncate(limit);
    let verified = if args.verify {
        verify(&client, &args).await?
    } else {
        None
    };
    let data = json!({ "entries": page, "verified": verified });
    printer.result(&data, || {
        let rows: Vec<_> = page.iter().map(row).collect();
        let shown = table(["ENTRY", "WHEN", "BY", "WHAT"], &rows);
        let Some(ChainHead { entry, hash }) = &verified else {
            return shown;
        };
        format!(
            "{shown}\n\nEvery hash up to entry {entry} is right. Keep this to prove it later:\n{entry}:{hash}"
        )
    })
}

/// Recomputes the log on this computer. What was known before must still be part of it.
async fn verify(client: &Client, args: &ActivityArgs) -> anyhow::Result<Option<ChainHead>> {
    let entries = client.activity_since(&args.app, 0).await?;
    let rewritten = |what: String| {
        Told::failed(
            what,
            Some("Ask whoever runs the server, and look at its backups".to_owned()),
        )
    };
    let head = verify_chain(&entries, None).map_err(|error| rewritten(error.to_string()))?;
    if let Some(known) = &args.head {
        let same = entries
            .iter()
            .any(|entry| entry.statement.entry == known.entry && entry.hash == known.hash);
        if !same {
            let message = format!(
                "Entry {} of the activity log is not the one it was: the log was rewritten",
                known.entry
            );
            return Err(rewritten(message).into());
        }
    }
    Ok(head)
}

fn row(entry: &ActivityEntry) -> [String; 4] {
    let statement = &entry.statement;
    let reason = statement
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    [
        statement.entry.to_string(),
        moment(statement.at),
        statement.by.clone(),
        format!("{}{reason}", statement.summary),
    ]
}
