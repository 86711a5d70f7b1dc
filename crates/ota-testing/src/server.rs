//! A real server process.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ota_api::Role;
use tempfile::TempDir;

use crate::program::server_program;

/// A server that was asked to stop and did not by then is stuck.
const STOPS_WITHIN: Duration = Duration::from_secs(20);

/// How to start a [`TestServer`].
#[derive(Debug, Default)]
pub struct ServerBuilder {
    public_url: Option<String>,
    data: Option<PathBuf>,
}

impl ServerBuilder {
    /// The base of the URLs that devices are given; its own address if absent.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Its data folder; one of its own if absent.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Starts it, and returns when it answers.
    pub fn start(self) -> TestServer {
        let home = tempfile::Builder::new()
            .prefix("switchtower-test-")
            .tempdir()
            .expect("a folder can be made");
        let mut server = TestServer {
            data: self
                .data
                .clone()
                .unwrap_or_else(|| home.path().join("data")),
            log: home.path().join("server.log"),
            _home: home,
            options: self,
            url: String::new(),
            public_url: String::new(),
            process: Mutex::new(None),
        };
        let (process, ready) = server.spawn("127.0.0.1:0");
        server.url = text(&ready, "url");
        server.public_url = text(&ready, "public_url");
        *server.process() = Some(process);
        server
    }
}

/// A running `switchtower-server` with a data folder of its own. Killed and removed when dropped.
///
/// Every method takes `&self`, so that one part of a test can kill what another one talks to.
#[derive(Debug)]
pub struct TestServer {
    data: PathBuf,
    log: PathBuf,
    // Held for its destructor.
    _home: TempDir,
    options: ServerBuilder,
    url: String,
    public_url: String,
    process: Mutex<Option<Child>>,
}

impl TestServer {
    /// A server as `switchtower-server serve` starts it.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A server with something special.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// `http://127.0.0.1:PORT`. Stays the same when it is started again.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base of the URLs that devices are given.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        fs_err::read_to_string(&self.log).unwrap_or_default()
    }

    /// A new token of this role, made with the program as an operator makes one.
    pub fn token(&self, role: Role) -> String {
        self.create_token(&format!("test {}", role.label().to_lowercase()), role, None)
    }

    /// A token that expired a minute after the epoch.
    pub fn expired_token(&self, role: Role) -> String {
        self.create_token("expired", role, Some("1970-01-01T00:01:00Z"))
    }

    /// `switchtower-server token create`.
    pub fn create_token(&self, name: &str, role: Role, expires_at: Option<&str>) -> String {
        let mut command = Command::new(server_program());
        command
            .args([
                "token",
                "create",
                "--name",
                name,
                "--role",
                role.as_str(),
                "--data",
            ])
            .arg(&self.data);
        if let Some(expires_at) = expires_at {
            command.args(["--expires-at", expires_at]);
        }
        let output = command.output().expect("the server program can be started");
        assert!(
            output.status.success(),
            "no token was made ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let token = String::from_utf8(output.stdout)
            .expect("a token is text")
            .trim()
            .to_owned();
        assert!(token.starts_with("swt_"), "this is no token: {token}");
        token
    }

    /// Whether the process runs.
    pub fn is_running(&self) -> bool {
        let mut process = self.process();
        process
            .as_mut()
            .is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    pub fn stop(&self) {
        let Some(mut process) = self.process().take() else {
            return;
        };
        #[cfg(unix)]
        terminate(&process);
        // There is no polite way elsewhere.
        #[cfg(not(unix))]
        drop(process.kill());
        let asked = Instant::now();
        loop {
            match process.try_wait().expect("a child can be waited for") {
                Some(_) => return,
                None if asked.elapsed() > STOPS_WITHIN => {
                    end(&mut process);
                    panic!(
                        "the server did not stop within {STOPS_WITHIN:?}:\n{}",
                        self.log()
                    );
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// `kill -9`: it ends between any two instructions.
    pub fn kill9(&self) {
        if let Some(mut process) = self.process().take() {
            end(&mut process);
        }
    }

    /// Starts it again on the same data, at the same address. It is killed first if it runs.
    pub fn restart(&self) {
        self.kill9();
        let address = self.url.trim_start_matches("http://");
        let (process, _) = self.spawn(address);
        *self.process() = Some(process);
    }

    fn process(&self) -> MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the process and waits for the line that says it is ready.
    fn spawn(&self, listen: &str) -> (Child, serde_json::Value) {
        let log = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("a log can be written");
        let mut command = Command::new(server_program());
        command
            .args(["serve", "--listen", listen, "--data"])
            .arg(&self.data);
        if let Some(public_url) = &self.options.public_url {
            command.args(["--public-url", public_url]);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.into_file())
            .spawn()
            .expect("the server program can be started");
        let out = process.stdout.take().expect("its output is ours");
        let mut line = String::new();
        // Ends at the latest when the process does.
        let read = BufReader::new(out).read_line(&mut line);
        let ready = read.ok().and_then(|_| serde_json::from_str(&line).ok());
        let Some(ready) = ready else {
            end(&mut process);
            panic!(
                "the server did not start; it printed {line:?} and logged:\n{}",
                self.log()
            );
        };
        (process, ready)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill9();
    }
}

fn text(ready: &serde_json::Value, name: &str) -> String {
    let value = ready.get(name).and_then(serde_json::Value::as_str);
    value
        .expect("the server says its URLs when it is ready")
        .to_owned()
}

/// Ends it at once, and waits, so that no zombie and no open file is left.
fn end(process: &mut Child) {
    // Fails when it has ended by itself, which is as good.
    drop(process.kill());
    drop(process.wait());
}

#[cfg(unix)]
fn terminate(process: &Child) {
    let status = Command::new("kill")
        .arg("-TERM")
        .arg(process.id().to_string())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "`kill -TERM` failed"
    );
}
