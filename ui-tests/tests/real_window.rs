//! The real window of the real program, on a virtual screen: driven through AT-SPI, with folders dropped by XDND.
//!
//! What is done and seen stands in `main_job.py`, `scenes.py` and `dialogs.py` of `real-window/`; each test runs one of
//! them in a desktop session of its own. The pictures go to `main-job/` in the target folder, also those of a failure.

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

/// A scene with a server process of its own, once in each theme.
fn play_in_both_themes(scene: &str) {
    for theme in ["dark", "light"] {
        play(
            "scenes.py",
            &[scene],
            &format!("{scene}-{theme}"),
            |command| {
                command.args(["--theme", theme]);
                command.arg("--server").arg(server_program());
            },
        );
    }
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
fn without_a_keyring_a_password_protected_file_signs() {
    play("key_files.py", &["absent"], "key-files-absent", |_| ());
}

#[test]
fn beside_a_locked_keyring_a_password_protected_file_signs() {
    play("key_files.py", &["locked"], "key-files-locked", |command| {
        command.args(["--theme", "light"]);
    });
}

#[test]
fn zenity_opens_the_dialogs_where_there_is_no_portal() {
    play("dialogs.py", &["zenity"], "dialogs-zenity", |_| ());
}

#[test]
fn the_desktops_portal_opens_the_dialogs() {
    play("dialogs.py", &["portal"], "dialogs-portal", |_| ());
}

#[test]
fn a_portal_that_never_answers_is_given_up() {
    play("dialogs.py", &["silent"], "dialogs-silent", |_| ());
}

#[test]
fn without_any_dialog_paths_are_written() {
    play("dialogs.py", &["none"], "dialogs-none", |_| ());
}

#[test]
fn a_server_that_goes_away_leaves_the_last_state_on_the_screen() {
    play_in_both_themes("lost-server");
}

#[test]
fn a_publication_shows_its_progress_and_leaves_nothing_when_it_is_cancelled() {
    play_in_both_themes("cancelled-publish");
}

#[test]
fn an_upload_goes_on_after_the_server_died_in_the_middle_of_it() {
    play_in_both_themes("interrupted-upload");
}

#[test]
fn what_somebody_else_changed_is_said_and_decided_anew() {
    play_in_both_themes("conflict");
}

#[test]
fn the_first_check_of_a_device_is_seen_arriving() {
    play_in_both_themes("connect");
}

#[test]
fn a_token_that_expires_keeps_the_form_and_is_replaced() {
    play_in_both_themes("expired-token");
}
