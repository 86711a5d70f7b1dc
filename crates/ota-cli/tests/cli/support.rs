//! Running the program, and what it printed without what differs from run to run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use insta::Settings;
use ota_api::Role;
use ota_testing::{TestServer, WebBuild};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The program, with nothing of the environment of whoever runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchtowerctl"));
    command
        .env_remove("SWITCHTOWER_SERVER")
        .env_remove("SWITCHTOWER_TOKEN")
        .env_remove("SWITCHTOWER_KEY_PASSWORD");
    // A keyring belongs to a session, and these tests must not touch the one of whoever runs them.
    command
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        .stdin(Stdio::null());
    command
}

/// What a run ended with.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        for (name, text) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

pub(crate) fn run(mut command: Command) -> Ran {
    command.output().unwrap().into()
}

/// A server, a token, a key file, and a folder for all of it.
pub(crate) struct Ctl {
    pub(crate) server: TestServer,
    pub(crate) home: TempDir,
    token: String,
}

impl Ctl {
    /// A server with nothing on it.
    pub(crate) fn new() -> Self {
        let server = TestServer::start();
        let token = server.token(Role::Admin);
        Self {
            server,
            token,
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// With the app `tidepool` that trusts the key in [`Ctl::key`].
    pub(crate) fn with_app() -> Self {
        let ctl = Self::new();
        ctl.run(&["app", "create", "tidepool", "--name", "Tidepool"])
            .ok();
        ctl.make_key("main.key");
        ctl.run(&["key", "trust", "--app", "tidepool", &ctl.key()])
            .ok();
        ctl
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The path of the trusted key file.
    pub(crate) fn key(&self) -> String {
        text(&self.path("main.key"))
    }

    pub(crate) fn make_key(&self, file: &str) -> Ran {
        let path = text(&self.path(file));
        self.run(&[
            "key",
            "generate",
            file.trim_end_matches(".key"),
            "--file",
            &path,
        ])
        .ok()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command
            .args(args)
            .env("SWITCHTOWER_SERVER", self.server.url())
            .env("SWITCHTOWER_TOKEN", &self.token);
        command
            .env("SWITCHTOWER_KEY_PASSWORD", PASSWORD)
            .current_dir(self.home.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(self.command(args))
    }

    pub(crate) fn publish(
        &self,
        build: &WebBuild,
        version: &str,
        channel: &str,
        more: &[&str],
    ) -> Ran {
        let (dir, key) = (text(&build.path()), self.key());
        let mut args = vec![
            "publish",
            &dir,
            "--app",
            "tidepool",
            "--channel",
            channel,
            "--version",
            version,
        ];
        args.extend(["--min-binary-version", "1.0.0", "--key", &key]);
        args.extend(more);
        self.run(&args)
    }

    /// Runs `check` with what differs from run to run replaced.
    pub(crate) fn snapshot(&self, check: impl FnOnce()) {
        let mut settings = settings();
        settings.add_filter(
            &regex_of(self.server.url().trim_start_matches("http://")),
            "[server]",
        );
        settings.add_filter(&regex_of(&text(self.home.path())), "[home]");
        settings.bind(check);
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        let mut file = fs_err::File::create(self.path(name)).unwrap();
        file.write_all(content.as_bytes()).unwrap();
        text(&self.path(name))
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn regex_of(literal: &str) -> String {
    literal.replace('.', r"\.")
}

/// Filters for everything that no test can know.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    for (pattern, name) in [
        (r"\x1b\[[0-9;]*m", ""),
        (r"\b[0-9a-f]{64}\b", "[sha256]"),
        (r"\b[0-9a-f]{8}…[0-9a-f]{4}\b", "[sha256]"),
        (r"\bRW[A-Za-z0-9+/]{54}", "[public key]"),
        (r"\b[0-9A-F]{16}\b", "[key id]"),
        (r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "[release]"),
        (r"\b20\d\d-\d\d-\d\d \d\d:\d\d UTC", "[time]"),
        (r"\b20\d\d-\d\d-\d\dT[\d:.]+Z", "[time]"),
        (r" +\d+\.\d s\b", " [seconds]"),
        (r"\d+\.\d MB/s", "[rate]"),
        (r"\d+(\.\d+)? (KB|MB)\b", "[size]"),
        (r"/tmp/switchtower-dist-\w+", "[build]"),
    ] {
        settings.add_filter(pattern, name);
    }
    settings
}
