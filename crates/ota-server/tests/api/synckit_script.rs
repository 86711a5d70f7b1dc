//! The SyncKit API as a shell script walks it, against the server as a program of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Ends the server with the test, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn server() -> Command {
    Command::new(env!("CARGO_BIN_EXE_switchtower-server"))
}

/// Starts the program; its URL.
fn start(data: &Path) -> (Running, String) {
    let mut child = server()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    (running, told["url"].as_str().unwrap().to_owned())
}

fn token(data: &Path) -> String {
    let made = server()
        .args([
            "token", "create", "--name", "ci", "--role", "admin", "--data",
        ])
        .arg(data)
        .output()
        .unwrap();
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_flow_from_log_in_to_deletion() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, url) = start(&folder.path().join("data"));
    let secret = token(&folder.path().join("data"));
    let app = json!({ "slug": "acme", "systems": { "serves": ["sync_kit"] } });
    let made = reqwest::Client::new()
        .post(format!("{url}/v1/apps"))
        .bearer_auth(&secret)
        .json(&app);
    assert!(made.send().await.unwrap().status().is_success());

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/synckit.sh");
    let walked = tokio::process::Command::new("sh")
        .args([script, &url, &secret, "acme"])
        .arg(folder.path())
        .output()
        .await
        .unwrap();

    let (out, error) = (
        String::from_utf8_lossy(&walked.stdout),
        String::from_utf8_lossy(&walked.stderr),
    );
    assert!(walked.status.success(), "{out}{error}");
    assert!(out.ends_with("all steps passed\n"), "{out}{error}");
}
