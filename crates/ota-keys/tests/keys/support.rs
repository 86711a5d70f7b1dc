//! What several tests need.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ota_keys::{KeyName, Password, SecretKey, TrustedComment, generate, import};

pub(crate) const PASSWORD: &str = "a password that is nowhere else";

pub(crate) fn password() -> Password {
    Password::new(PASSWORD)
}

pub(crate) fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

/// A fixed clock: `minute` minutes after a fixed time.
pub(crate) fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + 60 * minute, 0).unwrap()
}

pub(crate) fn comment() -> TrustedComment {
    TrustedComment::new(
        at(0),
        "demo-2.4.1.tar.gz",
        "2.4.1",
        "demo-app".parse().unwrap(),
    )
    .unwrap()
}

/// One key and its encrypted file, for every test that does not care which: each encryption costs half a second.
pub(crate) fn shared_key_file() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| generate().unwrap().to_key_file(&password()).unwrap())
}

pub(crate) fn shared_key() -> SecretKey {
    import(shared_key_file(), Some(&password())).unwrap()
}

pub(crate) fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(file)
}

pub(crate) fn read_fixture(file: &str) -> String {
    fs_err::read_to_string(fixture(file)).unwrap()
}

/// Runs a program of the system with `input` on its standard input. Fails when the program is missing: a test that
/// cannot be run has not passed.
pub(crate) fn run(program: &str, arguments: &[&OsStr], folder: &Path, input: &str) -> Output {
    let typed = folder.join("typed");
    fs_err::write(&typed, input).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(fs_err::File::open(&typed).unwrap().into_parts().0)
        .output()
        .unwrap_or_else(|error| {
            panic!("cannot run {program} ({error}). On Debian: apt install {program}")
        });
    fs_err::remove_file(&typed).unwrap();
    output
}

/// Both outputs as text.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Waits until `done`, and fails after ten seconds.
pub(crate) fn until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "waited in vain until {what}"
        );
        std::thread::yield_now();
    }
}
