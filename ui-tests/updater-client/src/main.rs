//! An ordinary Tauri app that looks for a newer version of itself through the unmodified `tauri-plugin-updater`.
//!
//! The client tests start it with the path of a JSON file ([`Settings`]). It checks once, downloads and verifies what it
//! is offered, writes one JSON line ([`Report`]) to standard output, and ends. It installs nothing: what comes after the
//! verification is the system's package manager.

use std::path::PathBuf;

use anyhow::Context as _;
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tauri_plugin_updater::{Builder, Update, UpdaterExt as _};

/// What a test decides about this app. A shipped app has it in `tauri.conf.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Version of the app, which the plugin compares.
    version: String,
    /// A custom target, for apps that set one.
    #[serde(default)]
    target: Option<String>,
    /// The plugin's own configuration, handed to it as it is.
    updater: Value,
}

/// What came of a check. An error is the plugin's own.
#[derive(Debug, Serialize)]
struct Report {
    check: Result<Option<Offer>, String>,
    /// Of the installer that was downloaded and verified.
    download: Option<Result<Download, String>>,
}

#[derive(Debug, Serialize)]
struct Offer {
    version: String,
    notes: Option<String>,
    date: Option<String>,
    url: String,
}

#[derive(Debug, Serialize)]
struct Download {
    size_bytes: usize,
    sha256: String,
}

/// `tauri.conf.json` and the built-in page, as they were at build time.
#[expect(clippy::exit, reason = "inside the macro")]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn main() -> anyhow::Result<()> {
    let path = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .context("usage: updater-client SETTINGS.json")?;
    let settings: Settings = serde_json::from_slice(&fs_err::read(&path)?)
        .context("the settings are not what this app expects")?;

    let mut context = context();
    context.package_info_mut().version =
        Version::parse(&settings.version).context("the version is not semver")?;
    context
        .config_mut()
        .plugins
        .0
        .insert("updater".to_owned(), settings.updater);
    let mut plugin = Builder::new();
    if let Some(target) = settings.target {
        plugin = plugin.target(target);
    }
    let app = tauri::Builder::default()
        .plugin(plugin.build())
        .build(context)
        .context("the app does not start")?;

    let report = tauri::async_runtime::block_on(look_for_update(app.handle()));
    print_line(&serde_json::to_string(&report)?)
}

async fn look_for_update(app: &tauri::AppHandle) -> Report {
    let check = async { app.updater()?.check().await };
    let update = match check.await {
        Ok(Some(update)) => update,
        Ok(None) => {
            return Report {
                check: Ok(None),
                download: None,
            };
        }
        Err(error) => {
            return Report {
                check: Err(error.to_string()),
                download: None,
            };
        }
    };
    Report {
        check: Ok(Some(offer(&update))),
        download: Some(download(&update).await),
    }
}

fn offer(update: &Update) -> Offer {
    Offer {
        version: update.version.clone(),
        notes: update.body.clone(),
        date: update.date.map(|date| date.to_string()),
        url: update.download_url.to_string(),
    }
}

/// Downloads and verifies, as the plugin does before it installs.
async fn download(update: &Update) -> Result<Download, String> {
    let bytes = update.download(|_, _| {}, || {}).await;
    let bytes = bytes.map_err(|error| error.to_string())?;
    Ok(Download {
        size_bytes: bytes.len(),
        sha256: hex::encode(Sha256::digest(&bytes)),
    })
}

fn print_line(line: &str) -> anyhow::Result<()> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
