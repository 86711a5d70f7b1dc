//! What the app says before it checks.
//!
//! Because of this file `cargo test --workspace` builds the program itself, which the tests of the real client start.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

use std::io::Write as _;
use std::process::Command;

fn complaint(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_updater-client"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn without_settings_it_says_how_it_is_used() {
    assert!(complaint(&[]).contains("usage: updater-client SETTINGS.json"));
}

#[test]
fn a_setting_that_it_does_not_know_is_refused() {
    let mut settings = tempfile::NamedTempFile::new().unwrap();
    settings
        .write_all(br#"{"version":"1.0.0","updater":{"pubkey":""},"chanel":"beta"}"#)
        .unwrap();

    let complaint = complaint(&[settings.path().to_str().unwrap()]);

    assert!(complaint.contains("unknown field `chanel`"), "{complaint}");
}
