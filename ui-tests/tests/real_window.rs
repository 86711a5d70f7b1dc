//! The real window of the real program, on a virtual screen: driven through AT-SPI, with folders dropped by XDND.
//!
//! What is done and seen stands in `real-window/main_job.py` and `real-window/scenes.py`; each test runs one of them in a
//! desktop session of its own. The pictures go to `main-job/` in the target folder, also those of a failure.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    reason = "a test that meets the unexpected should stop"
)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use ota_testing::{RealBuild, desktop_program, server_program};

/// Runs a script of `real-window/` with Debian's own Python, where the modules that it needs are installed.
fn play(script: &str, scene: &[&str], pictures: &str, more: impl FnOnce(&mut Command)) {
    let mut command = Command::new("/usr/bin/python3");
    command
        .arg(folder().join(script))
        .args(scene)
        .arg("--app")
        .arg(desktop_program())
        .arg("--pictures")
        .arg(target_dir().join("main-job").join(pictures));
    more(&mut command);
    let output = command
        .output()
        .expect("/usr/bin/python3 is there: `cargo xtask setup` installs it");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        !complained.contains("ModuleNotFoundError"),
        "a system package is missing; `cargo xtask setup` installs what is needed:\n{complained}"
    );
    assert!(
        output.status.success(),
        "{script} {scene:?} ended with {}:\n{said}\n{complained}",
        output.status
    );
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("real-window")
}

fn target_dir() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    }
}

#[test]
fn the_main_job_done_by_hand_in_the_real_window() {
    play("main_job.py", &[], "", |command| {
        command.arg("--web-build").arg(RealBuild::Newer.path());
    });
}

#[test]
fn a_plain_file_and_several_items_are_refused_in_words() {
    play("scenes.py", &["refusals"], "refusals", |_| ());
}

#[test]
fn settings_and_window_state_are_remembered() {
    play("scenes.py", &["settings"], "settings", |_| ());
}

#[test]
fn a_locked_keyring_says_so() {
    play("scenes.py", &["locked-keyring"], "locked-keyring", |_| ());
}

#[test]
fn a_server_that_goes_away_leaves_the_last_state_on_the_screen() {
    play("scenes.py", &["lost-server"], "lost-server", |command| {
        command.arg("--server").arg(server_program());
    });
}
