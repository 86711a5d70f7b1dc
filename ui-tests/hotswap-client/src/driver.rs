//! Reads requests from standard input, performs each in the web view, and writes what came of it.

use std::io::{BufRead as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::{AppHandle, Manager as _, WebviewWindow};

/// A download of a real web build with the plugin's retries stays below this.
const PATIENCE: Duration = Duration::from_mins(2);

/// One line of standard input, e.g. `{"id":3,"do":"asset","path":"/index.html"}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    id: u64,
    #[serde(flatten)]
    command: Command,
}

/// What a test can ask of the app. All but `reload` and `quit` run as a script in the page that is shown.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    /// Which web build the plugin says is active.
    State,
    /// Ask the server for an update.
    Check,
    /// Download, verify and unpack what the last check offered.
    Download,
    /// Make what was downloaded the web build in use.
    Activate,
    /// Load the page again and wait until it is there.
    Reload,
    /// Tell the plugin that this web build works.
    NotifyReady,
    /// Tell the plugin that this web build does not work.
    Rollback,
    /// Switch channel while the app runs.
    Channel { name: String },
    /// What the web view shows.
    Page,
    /// One file, fetched by the page through the app's asset protocol.
    Asset { path: String },
    /// End the app.
    Quit,
}

/// What reaches the driver from the web view.
#[derive(Debug)]
pub(crate) enum Signal {
    /// The page finished a script of the driver.
    Report { id: u64, outcome: Value },
    /// A page began to load.
    PageStarted,
    /// A page finished loading.
    PageLoaded,
}

/// Writes something that was not asked for to standard output.
pub(crate) fn tell(name: &str, detail: &Value) {
    write_line(&json!({ "event": name, "detail": detail }));
}

fn write_line(line: &Value) {
    let mut out = std::io::stdout().lock();
    // The test that started this app is gone when its pipe is; end of input then ends the app.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Performs requests one after another.
pub(crate) struct Driver {
    app: AppHandle,
    window: WebviewWindow,
    signals: Receiver<Signal>,
}

impl Driver {
    pub(crate) fn new(app: AppHandle, signals: Receiver<Signal>) -> anyhow::Result<Self> {
        let window = app
            .get_webview_window("main")
            .context("the app has no main window")?;
        Ok(Self {
            app,
            window,
            signals,
        })
    }

    /// Serves standard input until `quit` or its end, then ends the app.
    pub(crate) fn run(self) {
        let code = match self.serve() {
            Ok(()) => 0,
            Err(error) => {
                tell("failed", &json!(format!("{error:#}")));
                1
            }
        };
        self.app.exit(code);
    }

    fn serve(&self) -> anyhow::Result<()> {
        self.wait(Instant::now() + PATIENCE, |signal| {
            matches!(signal, Signal::PageLoaded).then_some(())
        })
        .context("the first page did not load")?;
        tell("started", &Value::Null);
        for line in std::io::stdin().lock().lines() {
            let request: Request =
                serde_json::from_str(&line?).context("a request is not what this app expects")?;
            let id = request.id;
            if matches!(request.command, Command::Quit) {
                write_line(&json!({ "id": id, "ok": null }));
                break;
            }
            let answer = match self.perform(id, &request.command) {
                Ok(value) => json!({ "id": id, "ok": value }),
                Err(error) => json!({ "id": id, "error": format!("{error:#}") }),
            };
            write_line(&answer);
        }
        Ok(())
    }

    fn perform(&self, id: u64, command: &Command) -> anyhow::Result<Value> {
        // What an earlier page still reports is not an answer to this request.
        while self.signals.try_recv().is_ok() {}
        let plugin = |name: &str, args: Value| {
            self.script(
                id,
                &format!("window.__TAURI__.core.invoke('plugin:hotswap|hotswap_{name}', {args})"),
            )
        };
        match command {
            Command::State => plugin("current_version", json!({})),
            Command::Check => plugin("check", json!({})),
            Command::Download => plugin("download", json!({})),
            Command::Activate => plugin("activate", json!({})),
            Command::NotifyReady => plugin("notify_ready", json!({})),
            Command::Rollback => plugin("rollback", json!({})),
            Command::Channel { name } => plugin("configure", json!({ "channel": name })),
            Command::Page => self.script(id, PAGE),
            Command::Asset { path } => self.script(id, &format!("({ASSET})({})", json!(path))),
            Command::Reload => self.reload(),
            Command::Quit => Ok(Value::Null),
        }
    }

    /// Loads the page again; done when the web view says that this load, not one before it, has finished.
    fn reload(&self) -> anyhow::Result<Value> {
        self.window.eval("window.location.reload()")?;
        let deadline = Instant::now() + PATIENCE;
        self.wait(deadline, |signal| {
            matches!(signal, Signal::PageStarted).then_some(())
        })?;
        self.wait(deadline, |signal| {
            matches!(signal, Signal::PageLoaded).then_some(Value::Null)
        })
    }

    /// Runs a promise in the page and waits for its value or its error.
    fn script(&self, id: u64, promise: &str) -> anyhow::Result<Value> {
        self.window.eval(format!(
            "(async () => {{
               let outcome;
               try {{ outcome = {{ ok: (await ({promise})) ?? null }}; }}
               catch (error) {{ outcome = {{ error: typeof error === 'string' ? error : (error?.message ?? JSON.stringify(error)) }}; }}
               await window.__TAURI__.core.invoke('report', {{ id: {id}, outcome }});
             }})()"
        ))?;
        let outcome = self.wait(Instant::now() + PATIENCE, |signal| match signal {
            Signal::Report {
                id: reported,
                outcome,
            } if reported == id => Some(outcome),
            Signal::Report { .. } | Signal::PageStarted | Signal::PageLoaded => None,
        })?;
        match (outcome.get("ok"), outcome.get("error")) {
            (Some(value), None) => Ok(value.clone()),
            (_, Some(error)) => Err(anyhow!("{}", error.as_str().unwrap_or("no message"))),
            (None, None) => bail!("the page reported neither a value nor an error"),
        }
    }

    fn wait<T>(
        &self,
        deadline: Instant,
        wanted: impl Fn(Signal) -> Option<T>,
    ) -> anyhow::Result<T> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.signals.recv_timeout(left) {
                Ok(signal) => {
                    if let Some(found) = wanted(signal) {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the web view did not answer within {PATIENCE:?}")
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the web view is gone"),
            }
        }
    }
}

/// What a person at this window would see.
const PAGE: &str =
    "({ title: document.title, url: location.href, text: document.body?.innerText ?? '' })";

/// One file as the web view gets it, with the SHA-256 of its bytes.
const ASSET: &str = "async (path) => {
  const response = await fetch(path, { cache: 'no-store' });
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return {
    status: response.status,
    size_bytes: bytes.byteLength,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    text: new TextDecoder().decode(bytes.slice(0, 65536)),
  };
}";
