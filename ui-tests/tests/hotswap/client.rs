//! An installed copy of the real client, and the app when it runs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::session;

/// What the slowest request may take: a download with the plugin's own retries.
const PATIENCE: Duration = Duration::from_mins(1);

/// One device with the app installed. Starting the app twice is a restart: the data folder stays.
pub(crate) struct Device {
    folder: TempDir,
    settings: Value,
}

impl Device {
    /// The plugin's own configuration, as an app that follows `channel` would have it.
    pub(crate) fn new(endpoint: &str, public_key: &str, channel: &str) -> Self {
        let settings = json!({
            "identifier": "dev.switchtower.acme",
            "version": "1.2.0",
            "hotswap": {
                "endpoint": endpoint,
                "pubkey": public_key,
                "channel": channel,
                "require_https": false,
                "max_retries": 1,
            },
        });
        Self {
            folder: tempfile::tempdir().unwrap(),
            settings,
        }
    }

    /// Installs another version of the binary over this one.
    pub(crate) fn upgrade_binary(&mut self, version: &str) {
        self.settings["version"] = json!(version);
    }

    /// Starts the app and waits until its first page is there.
    pub(crate) fn start(&self) -> App {
        let settings = self.folder.path().join("settings.json");
        fs_err::write(&settings, self.settings.to_string()).unwrap();
        App::start(&settings, &self.folder.path().join("data"))
    }
}

/// The running app. Its requests are those of `hotswap-client`.
pub(crate) struct App {
    process: Child,
    input: ChildStdin,
    lines: Receiver<Value>,
    requests: u64,
    lifecycle: Vec<String>,
}

/// What a check was answered with.
#[derive(Debug, Deserialize)]
pub(crate) struct Offer {
    pub(crate) available: bool,
    pub(crate) version: Option<String>,
    pub(crate) sequence: Option<u64>,
}

/// Which web build the plugin uses; sequence 0 is the one in the binary.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) active: bool,
    pub(crate) version: Option<String>,
    pub(crate) sequence: u64,
}

/// What a person at the window sees.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A file as the web view gets it.
#[derive(Debug, Deserialize)]
pub(crate) struct Asset {
    pub(crate) status: u16,
    pub(crate) sha256: String,
}

impl App {
    fn start(settings: &Path, data: &Path) -> Self {
        let mut process = session::command(&program())
            .arg(settings)
            .env("XDG_DATA_HOME", data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = sync_channel(1024);
        std::thread::Builder::new()
            .name("client output".to_owned())
            .spawn(move || {
                // Libraries of the web view write lines of their own: those are not JSON.
                for line in output.lines().map_while(Result::ok) {
                    if let Ok(value) = serde_json::from_str(&line)
                        && sender.send(value).is_err()
                    {
                        break;
                    }
                }
            })
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut app = Self {
            process,
            input,
            lines,
            requests: 0,
            lifecycle: Vec::new(),
        };
        app.wait_for("the start", |line| {
            (line["event"] == "started").then_some(())
        });
        app
    }

    /// Asks for one thing and waits for its answer; an error is the plugin's own.
    fn ask(&mut self, mut request: Value) -> Result<Value, String> {
        self.requests += 1;
        let id = self.requests;
        request["id"] = json!(id);
        writeln!(self.input, "{request}").unwrap();
        self.wait_for(&request.to_string(), |line| {
            (line["id"] == id).then(|| match line.get("error") {
                Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
                None => Ok(line["ok"].clone()),
            })
        })
    }

    fn wait_for<T>(&mut self, what: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("no answer to {what}: {error}"));
            if line["event"] == "lifecycle" {
                self.lifecycle.push(
                    line["detail"]["event"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                );
            }
            if let Some(found) = wanted(&line) {
                return found;
            }
        }
    }

    fn expect<T: for<'de> Deserialize<'de>>(&mut self, command: &str) -> T {
        let value = self
            .ask(json!({ "do": command }))
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        serde_json::from_value(value).unwrap()
    }

    pub(crate) fn in_use(&mut self) -> InUse {
        self.expect("state")
    }

    pub(crate) fn check(&mut self) -> Offer {
        self.expect("check")
    }

    pub(crate) fn download(&mut self) -> Result<Value, String> {
        self.ask(json!({ "do": "download" }))
    }

    pub(crate) fn page(&mut self) -> Page {
        self.expect("page")
    }

    pub(crate) fn asset(&mut self, path: &str) -> Asset {
        let value = self.ask(json!({ "do": "asset", "path": path })).unwrap();
        serde_json::from_value(value).unwrap()
    }

    pub(crate) fn follow(&mut self, channel: &str) {
        self.ask(json!({ "do": "channel", "name": channel }))
            .unwrap();
    }

    /// What a shipped app does with an offer: download, activate, load the new page, say that it works.
    pub(crate) fn take_update(&mut self) -> Offer {
        let offer = self.check();
        assert!(offer.available, "nothing was offered");
        self.download().unwrap();
        self.expect::<Value>("activate");
        self.expect::<Value>("reload");
        self.expect::<Value>("notify_ready");
        offer
    }

    /// Like [`Self::take_update`], but the new page never says that it works.
    pub(crate) fn take_update_that_breaks(&mut self) -> Offer {
        let offer = self.check();
        assert!(offer.available, "nothing was offered");
        self.download().unwrap();
        self.expect::<Value>("activate");
        self.expect::<Value>("reload");
        offer
    }

    /// The plugin's own events so far, oldest first.
    pub(crate) fn lifecycle(&self) -> &[String] {
        &self.lifecycle
    }

    pub(crate) fn quit(mut self) {
        self.expect::<Value>("quit");
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // After `quit` there is nothing left to end; a test that failed half-way leaves nothing behind.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The client lies beside the tests' own folder of build output.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("hotswap-client");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace --bins`",
        program.display()
    );
    program
}
