//! `switchtowerctl connect`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use ota_api::{AppOverview, Check, SystemChecks};
use ota_client::connect::{Guide, Setup, guide, names_channel};
use ota_client::{Client, LiveEvent};
use ota_keys::PublicKey;
use ota_model::{AppSlug, ChannelName, ClientSystem};
use serde::Serialize;

use crate::cli::{ConnectArgs, Global};
use crate::connect;
use crate::failure::Told;
use crate::printer::{Printer, raw};

/// What is printed as JSON.
#[derive(Serialize)]
struct Connected<'a> {
    app: &'a AppSlug,
    channel: &'a ChannelName,
    systems: Vec<Entry>,
    /// The check that was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<Seen>,
}

#[derive(Serialize)]
struct Entry {
    system: ClientSystem,
    served: bool,
    #[serde(flatten)]
    guide: Guide,
}

#[derive(Serialize)]
struct Seen {
    system: ClientSystem,
    #[serde(flatten)]
    check: Check,
}

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: ConnectArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let server = client.session().await?.server.public_url;
    let overview = client.app(&args.app).await?;
    let channel = channel(&overview, args.channel)?;
    let entries = entries(&overview, &server, &channel, args.system)?;
    if !printer.is_json() {
        raw(&format!("{}\n", words(&overview, &channel, &entries)))?;
    }
    let mut seen = None;
    if let Some(seconds) = args.wait {
        printer.note("Waiting for a device to check…");
        let wanted: Vec<_> = entries.iter().map(|entry| entry.system).collect();
        let waiting = next_check(&client, &args.app, &wanted);
        let found = tokio::time::timeout(Duration::from_secs(seconds), waiting)
            .await
            .map_err(|_elapsed| nobody(seconds))??;
        if !printer.is_json() {
            raw(&format!("{}\n", told(&found)))?;
        }
        seen = Some(found);
    }
    if printer.is_json() {
        let connected = Connected {
            app: &args.app,
            channel: &channel,
            systems: entries,
            check: seen,
        };
        printer.result(&connected, String::new)?;
    }
    Ok(())
}

fn channel(overview: &AppOverview, wanted: Option<ChannelName>) -> anyhow::Result<ChannelName> {
    let Some(wanted) = wanted else {
        return Ok(overview.app.default_channel.clone());
    };
    if overview.channels.iter().any(|known| known.name == wanted) {
        return Ok(wanted);
    }
    let known: Vec<_> = overview
        .channels
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    Err(Told::refused(
        format!("{} has no channel “{wanted}”", overview.app.slug),
        &format!("Its channels are {}", known.join(", ")),
    )
    .into())
}

/// What to paste for each system that was asked for, with the newest key that the app trusts.
fn entries(
    overview: &AppOverview,
    server: &str,
    channel: &ChannelName,
    system: Option<ClientSystem>,
) -> anyhow::Result<Vec<Entry>> {
    let app = &overview.app;
    let wanted: Vec<_> = match system {
        Some(system) => vec![system],
        None => app.systems.serves.iter().copied().collect(),
    };
    if wanted.is_empty() {
        return Err(Told::refused(
            format!("{} serves no client system", app.slug),
            "Choose some first: switchtowerctl app systems --serve hotswap",
        )
        .into());
    }
    let newest = overview.keys.first();
    let key: Option<PublicKey> = newest.and_then(|key| key.public_key.parse().ok());
    wanted
        .into_iter()
        .map(|system| {
            let guide = guide(&Setup {
                system,
                app: &app.slug,
                systems: &app.systems,
                server,
                channel,
                key: key.as_ref(),
            });
            let guide = guide.ok_or_else(|| {
                Told::refused(
                    format!(
                        "{} trusts no key yet, and {} clients carry one",
                        app.slug,
                        system.label()
                    ),
                    "Trust one first: switchtowerctl key trust",
                )
            })?;
            Ok(Entry {
                system,
                served: app.systems.serve(system),
                guide,
            })
        })
        .collect()
}

fn words(overview: &AppOverview, channel: &ChannelName, entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let mut head = entry.system.label().to_owned();
        if names_channel(entry.system, &overview.app.systems) {
            head.push_str(", channel ");
            head.push_str(channel.as_str());
        }
        if !entry.served {
            head.push_str(" (not served: its clients are told that there is no update)");
        }
        // Writing to a string does not fail.
        writeln!(text, "# {head}\n").ok();
        for snippet in &entry.guide.snippets {
            writeln!(
                text,
                "## {}: {}\n{}\n",
                snippet.place, snippet.purpose, snippet.code
            )
            .ok();
        }
        for note in &entry.guide.notes {
            let mark = if note.is_warning { "Take care: " } else { "" };
            writeln!(text, "- {mark}{}", note.text).ok();
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// The next check of a device of one of these systems.
async fn next_check(
    client: &Client,
    app: &AppSlug,
    wanted: &[ClientSystem],
) -> anyhow::Result<Seen> {
    let mut known: Option<BTreeMap<ClientSystem, u64>> = None;
    let mut events = pin!(client.events());
    while let Some(event) = events.next().await {
        match event {
            LiveEvent::Resync => {
                let checks = client.checks(app).await?;
                let rows = checks.systems.iter();
                let rows: Vec<_> = rows.filter(|row| wanted.contains(&row.system)).collect();
                match &known {
                    // Counting begins where the stream stands: what happens from now is told.
                    None => known = Some(rows.iter().map(|row| (row.system, row.count)).collect()),
                    Some(known) => {
                        let grown = rows.into_iter().find_map(|row| grown(known, row));
                        if let Some(seen) = grown {
                            return Ok(seen);
                        }
                    }
                }
            }
            LiveEvent::Check(event) if event.app == *app => {
                let row = &event.checks;
                let seen = known
                    .as_ref()
                    .filter(|_| wanted.contains(&row.system))
                    .and_then(|known| grown(known, row));
                if let Some(seen) = seen {
                    return Ok(seen);
                }
            }
            LiveEvent::Lost {
                error,
                again_in: None,
            } => return Err(error.into()),
            LiveEvent::Check(_) | LiveEvent::Activity(_) | LiveEvent::Lost { .. } => {}
        }
    }
    Err(Told::failed("The server ended its events", None).into())
}

/// The last check, if there are other checks than were known. A server that was restarted counts anew.
fn grown(known: &BTreeMap<ClientSystem, u64>, row: &SystemChecks) -> Option<Seen> {
    let before = known.get(&row.system).copied().unwrap_or(0);
    let check = row.last.clone().filter(|_| row.count != before)?;
    Some(Seen {
        system: row.system,
        check,
    })
}

fn told(seen: &Seen) -> String {
    let check = &seen.check;
    let mut parts = vec![format!("{} client", seen.system.label())];
    let machine = [&check.platform, &check.arch];
    let machine: Vec<_> = machine.into_iter().flatten().map(String::as_str).collect();
    if !machine.is_empty() {
        parts.push(machine.join(" "));
    }
    parts.extend(
        check
            .binary_version
            .as_ref()
            .map(|version| format!("binary {version}")),
    );
    parts.extend(
        check
            .current
            .as_ref()
            .map(|current| format!("runs {current}")),
    );
    let channel = match (&check.channel, &check.asked_channel) {
        (Some(channel), _) => format!("on {channel}"),
        (None, Some(asked)) => format!("asks for “{asked}”"),
        (None, None) => "names no channel".to_owned(),
    };
    format!(
        "A device checked: {}, {channel} → {}",
        parts.join(", "),
        check.answer.text
    )
}

fn nobody(seconds: u64) -> Told {
    Told::failed(
        format!("No device checked within {seconds} s. Nothing was changed"),
        Some(
            "Look at the address in the app's configuration, and whether the device reaches it"
                .to_owned(),
        ),
    )
}
