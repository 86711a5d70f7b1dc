//! `switchtowerctl publish-native`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use ota_bundle::installers::{InstallerFile, Recognised, recognise};
use ota_client::{NativeRequest, PublishOptions, PublishedNative, publish_native};
use ota_model::PlatformKey;
use semver::Version;

use super::publish::{cancelled_by_ctrl_c, notes};
use crate::cli::{Global, PublishNativeArgs};
use crate::connect;
use crate::failure::Told;
use crate::keys;
use crate::printer::{Printer, size, warning};
use crate::progress::Drawing;

pub(crate) async fn run(
    global: &Global,
    printer: Printer,
    args: PublishNativeArgs,
) -> anyhow::Result<()> {
    let client = connect::client(global)?;
    let notes = notes(args.notes, args.notes_file)?;
    let cancel = cancelled_by_ctrl_c();
    let (paths, platforms) = (args.paths, args.platform);
    let installers =
        tokio::task::spawn_blocking(move || look(printer, &paths, platforms)).await??;
    let signer = match &args.key {
        Some(key) => Some(keys::signer(key, &args.password).await?),
        None => None,
    };
    let request = NativeRequest {
        app: args.app,
        channel: args.channel,
        version: args.version,
        notes,
        min_version: args.min_version.unwrap_or(Version::new(0, 0, 0)),
        installers,
        signer,
        seen: None,
        options: PublishOptions::default(),
    };
    let drawing = Arc::new(Drawing::new(printer));
    let draw = Arc::clone(&drawing);
    let published = publish_native(&client, request, move |event| draw.on(event), cancel).await;
    drawing.end();
    let published = published?;
    for text in &published.warnings {
        warning("warning", text);
    }
    printer.result(&published, || words(&published))
}

/// Finds the installers and says what was found.
fn look(
    printer: Printer,
    paths: &[PathBuf],
    platforms: Vec<(PlatformKey, PathBuf)>,
) -> anyhow::Result<Vec<InstallerFile>> {
    let Recognised {
        mut installers,
        ignored,
    } = recognise(paths).context("The installers cannot be read. Nothing was uploaded")?;
    for file in ignored {
        printer.note(&format!("left out: {} {}", file.path.display(), file.why));
    }
    for (platform, path) in platforms {
        let file = named(&platform, &path)?;
        // Named again: what was found by itself gives way.
        installers.retain(|found| found.path != file.path);
        installers.push(file);
    }
    for file in &installers {
        let platforms: Vec<_> = file.platforms.iter().map(PlatformKey::as_str).collect();
        if !platforms.is_empty() {
            printer.note(&format!(
                "{}  {}",
                platforms.join(", "),
                file.path.display()
            ));
        }
    }
    Ok(installers)
}

fn named(platform: &PlatformKey, path: &Path) -> anyhow::Result<InstallerFile> {
    let found = recognise(&[path.to_owned()])
        .context("The installers cannot be read. Nothing was uploaded")?;
    let Some(file) = found.installers.into_iter().next() else {
        let message = format!(
            "{} is no installer that devices of {platform} can install. Nothing was uploaded",
            path.display()
        );
        return Err(Told::failed(message, None).into());
    };
    file.assigned_to(platform.clone()).map_err(|problem| {
        let message = format!("{}. Nothing was uploaded", problem.title);
        Told::failed(message, Some(problem.remedy)).into()
    })
}

fn words(published: &PublishedNative) -> String {
    let (version, channel, sequence) = (
        &published.release.version,
        &published.channel.name,
        published.sequence,
    );
    if published.activity_entry.is_none() {
        return format!(
            "{channel} offers installers of {version} already, as {sequence}. Nothing was changed"
        );
    }
    let was = match &published.previous {
        Some(live) => format!("It was {}", live.version),
        None => "No installers were live there before".to_owned(),
    };
    let keys: Vec<_> = published
        .signed_by
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut lines = vec![
        format!("{version} is live on {channel} as {sequence}. {was}"),
        format!(
            "{}, signed with {}",
            size(published.size_bytes),
            keys.join(", ")
        ),
    ];
    lines.extend(
        published
            .release
            .installers
            .iter()
            .map(|installer| format!("{}  {}", installer.platform, installer.file)),
    );
    lines.join("\n")
}
