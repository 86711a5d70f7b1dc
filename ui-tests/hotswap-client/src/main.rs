//! An ordinary Tauri app that updates its web build through the unmodified `tauri-plugin-hotswap`.
//!
//! The client tests start it with the path of a JSON file ([`Settings`]) and drive it with JSON lines on standard input
//! ([`driver::Request`]); answers, page loads and the plugin's own lifecycle events come back as JSON lines on standard output.
//! Every update command runs in the web view through the plugin's public commands, as the page of a shipped app would call them.

mod driver;

use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::Listener as _;
use tauri::webview::PageLoadEvent;
use tauri_plugin_hotswap::HotswapConfig;

use driver::{Driver, Signal};

/// What a test decides about this app. A shipped app has it in `tauri.conf.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Names the data folder: two identifiers are two installed apps.
    identifier: String,
    /// Version of the binary, sent as `binary_version`.
    version: String,
    /// The plugin's own configuration, handed to it as it is.
    hotswap: HotswapConfig,
}

/// The page's answer to a script of the [`Driver`].
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "tauri hands arguments over by value"
)]
fn report(signals: tauri::State<'_, mpsc::SyncSender<Signal>>, id: u64, outcome: Value) {
    // A full or closed queue means that the driver gave up on this answer and has said so.
    if signals.try_send(Signal::Report { id, outcome }).is_err() {
        driver::tell("dropped-report", &json!({ "id": id }));
    }
}

/// `tauri.conf.json`, the capabilities and the built-in page, as they were at build time.
#[expect(clippy::exit, reason = "inside the macro")]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

fn main() -> anyhow::Result<()> {
    let path = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .context("usage: hotswap-client SETTINGS.json")?;
    let settings: Settings = serde_json::from_slice(&fs_err::read(&path)?)
        .context("the settings are not what this app expects")?;

    let mut context = context();
    context
        .config_mut()
        .identifier
        .clone_from(&settings.identifier);
    context.config_mut().version = Some(settings.version);
    let (hotswap, context) = tauri_plugin_hotswap::init_with_config(context, settings.hotswap)?;

    let (signals, received) = mpsc::sync_channel(256);
    let page_loads = signals.clone();
    let mut received = Some(received);
    tauri::Builder::default()
        .plugin(hotswap)
        .manage(signals)
        .invoke_handler(tauri::generate_handler![report])
        .on_page_load(move |_, load| {
            let signal = match load.event() {
                PageLoadEvent::Started => Signal::PageStarted,
                PageLoadEvent::Finished => {
                    driver::tell("page-loaded", &json!({ "url": load.url().as_str() }));
                    Signal::PageLoaded
                }
            };
            // Nobody waits for a page when the queue is full.
            drop(page_loads.try_send(signal));
        })
        .setup(move |app| {
            app.listen_any("hotswap://lifecycle", |event| {
                let lifecycle = serde_json::from_str(event.payload()).unwrap_or(Value::Null);
                driver::tell("lifecycle", &lifecycle);
            });
            let driver = Driver::new(
                app.handle().clone(),
                received.take().context("set up twice")?,
            )?;
            std::thread::Builder::new()
                .name("driver".to_owned())
                .spawn(move || driver.run())?;
            Ok(())
        })
        .run(context)
        .context("the app stopped")
}
