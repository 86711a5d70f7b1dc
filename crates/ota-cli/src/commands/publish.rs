//! `switchtowerctl publish`

use std::path::PathBuf;

use anyhow::Context as _;
use ota_bundle::LiveInfo;
use ota_client::{
    CancellationToken, Client, ClientError, Input, PublishOptions, PublishRequest, Published,
    publish,
};
use ota_model::{AppSlug, ChannelName, ReleaseKind};

use crate::cli::{Global, PublishArgs};
use crate::connect;
use crate::findings::{check, judge};
use crate::keys;
use crate::printer::{Printer, size, warning};
use crate::progress::Drawing;

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: PublishArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let notes = notes(args.notes, args.notes_file)?;
    let cancel = cancelled_by_ctrl_c();
    // Before a password is asked for and minutes are spent: does the server answer, and what is live?
    let live = live(&client, &args.app, &args.channel).await?;
    let (source, scan) = check(args.dir, &args.checks, live, &cancel).await?;
    judge(printer, &scan, args.checks.strict)?;
    let request = PublishRequest {
        app: args.app,
        channel: args.channel,
        version: args.version,
        notes,
        min_binary_version: args.min_binary_version,
        max_binary_version: args.max_binary_version,
        input: Input::Scan(Box::new(scan)),
        signer: keys::signer(&args.key, &args.password).await?,
        capgo: Some(keys::capgo_signer(args.capgo_key.as_deref())?),
        seen: None,
        options: PublishOptions::default(),
    };
    let drawing = std::sync::Arc::new(Drawing::new(printer));
    let draw = std::sync::Arc::clone(&drawing);
    let published = publish(&client, request, move |event| draw.on(event), cancel).await;
    drawing.end();
    drop(source);
    let published = published?;
    for text in &published.warnings {
        warning("warning", text);
    }
    printer.result(&published, || words(&published))
}

/// What was typed, or what the file says.
pub(crate) fn notes(text: Option<String>, file: Option<PathBuf>) -> anyhow::Result<String> {
    match (text, file) {
        (Some(notes), _) => Ok(notes),
        (None, Some(path)) => fs_err::read_to_string(path).context("The notes cannot be read"),
        (None, None) => Ok(String::new()),
    }
}

fn words(published: &Published) -> String {
    let (version, channel, sequence) = (
        &published.release.version,
        &published.channel.name,
        published.sequence,
    );
    if published.activity_entry.is_none() {
        return format!("{channel} offers {version} already, as {sequence}. Nothing was changed");
    }
    let was = match &published.previous {
        Some(live) if live.release_kind == ReleaseKind::BuiltIn => {
            "It was the built-in assets".to_owned()
        }
        Some(live) => format!("It was {}", live.version),
        None => "Nothing was live there before".to_owned(),
    };
    format!(
        "{version} is live on {channel} as {sequence}. {was}\n{} files, {}, sha256 {}, signed with {}",
        published.files,
        size(published.size_bytes),
        published.sha256,
        published.signed_by
    )
}

/// What the channel offers, for the check of the size. A release without a listing is compared with nothing.
async fn live(
    client: &Client,
    app: &AppSlug,
    channel: &ChannelName,
) -> Result<Option<LiveInfo>, ClientError> {
    let channels = client.channels(app).await?;
    let live = channels
        .into_iter()
        .find(|state| state.name == *channel)
        .and_then(|state| state.live);
    let Some(live) = live.filter(|live| live.release_kind == ReleaseKind::Web) else {
        return Ok(None);
    };
    let listing = client.listing(app, &live.release).await?;
    Ok(Some(LiveInfo {
        listing,
        bundle_size_bytes: live.size_bytes,
    }))
}

/// The first Ctrl C stops in order; the second one stops at once, as everywhere.
pub(crate) fn cancelled_by_ctrl_c() -> CancellationToken {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::abort();
        }
    });
    cancel
}
