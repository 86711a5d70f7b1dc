//! The desktop session that the clients of all tests share.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// An X server, a message bus and private folders. It ends when its standard input does: with the process of the tests.
static SESSION: LazyLock<Session> = LazyLock::new(Session::start);

struct Session {
    env: BTreeMap<String, String>,
    /// Held for its standard input.
    _server: Child,
}

impl Session {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("real-window/session.py");
        // Debian's own Python: the modules that the script needs are installed there.
        let mut server = Command::new("/usr/bin/python3")
            .arg(script)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python is there: `cargo xtask setup` installs it");
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let env = serde_json::from_str(&line)
            .expect("the session started: `cargo xtask setup` installs its parts");
        Self {
            env,
            _server: server,
        }
    }
}

/// A command that sees the display and the bus of the tests.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.envs(&SESSION.env);
    command
}
