//! The real keyring of a real session.
//!
//! A test here runs itself again as a child of `ui-tests/keyring-session.sh`, which gives it an empty home, a private
//! bus and a real `gnome-keyring-daemon`; the child does the work. The keyring of whoever runs the tests is not touched.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::slice;
use std::time::{Duration, Instant};

use ota_keys::{AccessToken, Custody as _, KeyError, KeyringCustody, TokenVault as _, generate};
use ota_model::Hint as _;

use crate::contract;
use crate::prompter::{Answer, Prompter};
use crate::support::{at, name, said, until};

const INSIDE: &str = "OTA_KEYS_TEST_SESSION";

pub(crate) fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui-tests/keyring-session.sh")
}

/// Runs `work` inside a session of `mode`; `test` is the name of the calling test.
fn in_session(mode: &str, test: &str, work: impl FnOnce()) {
    if env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return work();
    }
    let output = Command::new(script())
        .arg(mode)
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("session::{test}"),
            "--nocapture",
            "--test-threads=1",
        ])
        .env(INSIDE, test)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", script().display()));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    // A name that matches no test passes too.
    assert!(
        out.contains("1 passed"),
        "the session ran no test:\n{out}\n{err}"
    );
}

fn impatient() -> KeyringCustody {
    KeyringCustody::new().with_patience(Duration::from_secs(20))
}

#[test]
fn the_os_keyring_keeps_the_contract() {
    in_session("--unlocked", "the_os_keyring_keeps_the_contract", || {
        contract::holds(&impatient(), || Some(impatient()));
        contract::tokens_hold(&impatient());
    });
}

#[test]
fn services_are_apart() {
    in_session("--unlocked", "services_are_apart", || {
        let (here, there) = (
            KeyringCustody::for_service("here"),
            KeyringCustody::for_service("there"),
        );
        here.create(&name("main"), &generate().unwrap(), at(0))
            .unwrap();
        here.save_token("https://a.example", &AccessToken::new("swt_a"))
            .unwrap();
        assert_eq!(there.list().unwrap(), []);
        assert!(there.load_token("https://a.example").unwrap().is_none());
    });
}

/// What each call that needs an open keyring says.
fn refusals(custody: &KeyringCustody) -> Vec<KeyError> {
    let started = Instant::now();
    let errors = vec![
        custody.check().unwrap_err(),
        custody
            .create(&name("new"), &generate().unwrap(), at(0))
            .unwrap_err(),
        custody
            .save_token("https://a.example", &AccessToken::new("swt_a"))
            .unwrap_err(),
    ];
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert!(errors.iter().all(|error| error.hint().is_some()));
    errors
}

/// Locks the default collection, as a screen lock or an idle time does.
fn lock() {
    let output = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets",
        ])
        .arg("org.freedesktop.Secret.Service.Lock")
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_keyring_that_was_locked_is_called_locked_and_keeps_its_keys() {
    in_session(
        "--unlocked",
        "a_keyring_that_was_locked_is_called_locked_and_keeps_its_keys",
        || {
            let custody = impatient();
            custody
                .create(&name("main"), &generate().unwrap(), at(0))
                .unwrap();
            lock();
            let mut errors = refusals(&custody);
            errors.push(custody.list().unwrap_err());
            errors.push(custody.load(&name("main")).unwrap_err());
            errors.push(custody.rename(&name("main"), &name("other")).unwrap_err());
            errors.push(custody.delete(&name("main"), "main").unwrap_err());
            for error in errors {
                assert!(matches!(error, KeyError::KeyringLocked { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_keyring_that_starts_locked_is_called_locked() {
    in_session(
        "--locked",
        "a_keyring_that_starts_locked_is_called_locked",
        || {
            for error in refusals(&impatient()) {
                assert!(matches!(error, KeyError::KeyringLocked { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_keyring_before_the_first_login_is_called_locked() {
    in_session(
        "--empty",
        "a_keyring_before_the_first_login_is_called_locked",
        || {
            for error in refusals(&impatient()) {
                assert!(matches!(error, KeyError::KeyringLocked { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_bus_without_a_keyring_is_called_absent() {
    in_session(
        "--no-keyring",
        "a_bus_without_a_keyring_is_called_absent",
        || {
            for error in refusals(&impatient()) {
                assert!(matches!(error, KeyError::KeyringAbsent { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_session_without_a_bus_is_called_absent() {
    in_session(
        "--no-bus",
        "a_session_without_a_bus_is_called_absent",
        || {
            for error in refusals(&impatient()) {
                assert!(matches!(error, KeyError::KeyringAbsent { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_keyring_behind_a_policy_is_called_denied() {
    in_session(
        "--forbidden",
        "a_keyring_behind_a_policy_is_called_denied",
        || {
            for error in refusals(&impatient()) {
                assert!(matches!(error, KeyError::KeyringDenied { .. }), "{error:?}");
            }
        },
    );
}

#[test]
fn a_person_who_says_no_is_not_taken_for_a_locked_keyring() {
    in_session(
        "--unlocked",
        "a_person_who_says_no_is_not_taken_for_a_locked_keyring",
        || {
            let custody = impatient();
            custody
                .create(&name("main"), &generate().unwrap(), at(0))
                .unwrap();
            lock();
            let prompter = Prompter::start(Answer::No);
            let error = custody.load(&name("main")).unwrap_err();
            assert!(matches!(error, KeyError::KeyringDenied { .. }), "{error:?}");
            assert_eq!(prompter.asked(), 1);
        },
    );
}

#[test]
fn a_question_that_nobody_answers_does_not_hold_a_call_for_ever() {
    in_session(
        "--unlocked",
        "a_question_that_nobody_answers_does_not_hold_a_call_for_ever",
        || {
            let custody = KeyringCustody::new().with_patience(Duration::from_secs(2));
            custody
                .create(&name("main"), &generate().unwrap(), at(0))
                .unwrap();
            lock();
            let prompter = Prompter::start(Answer::Nothing);
            for _ in 0..2 {
                let started = Instant::now();
                let error = custody.load(&name("main")).unwrap_err();
                assert!(
                    matches!(error, KeyError::KeyringSilent { seconds: 2 }),
                    "{error:?}"
                );
                assert!(
                    started.elapsed() < Duration::from_secs(10),
                    "{:?}",
                    started.elapsed()
                );
            }
            assert!(prompter.asked() >= 1);
        },
    );
}

/// A keyring that this test starts and stops.
struct Daemon(Child);

impl Daemon {
    fn start() -> Self {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"session").unwrap();
        until("the keyring is on the bus", || Self::is_there("true"));
        Self(child)
    }

    fn is_there(expected: &str) -> bool {
        let output = Command::new("dbus-send")
            .args([
                "--session",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
            ])
            .args([
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ])
            .output()
            .unwrap();
        said(&output).contains(expected)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        until("the keyring is gone from the bus", || {
            Self::is_there("false")
        });
    }
}

#[test]
fn a_keyring_that_comes_later_or_comes_back_is_found_without_a_restart() {
    in_session(
        "--no-keyring",
        "a_keyring_that_comes_later_or_comes_back_is_found_without_a_restart",
        || {
            let custody = impatient();
            assert!(matches!(
                custody.list(),
                Err(KeyError::KeyringAbsent { .. })
            ));

            let daemon = Daemon::start();
            assert_eq!(custody.list().unwrap(), []);
            let main = custody
                .create(&name("main"), &generate().unwrap(), at(0))
                .unwrap();
            drop(daemon);
            assert!(matches!(
                custody.list(),
                Err(KeyError::KeyringAbsent { .. })
            ));

            let _daemon = Daemon::start();
            assert_eq!(custody.list().unwrap(), slice::from_ref(&main));
            assert_eq!(custody.load(&name("main")).unwrap().public(), main.public);
        },
    );
}

/// The connection is kept here, so the call after a restart meets a session that the new keyring does not know.
#[test]
fn a_call_right_after_the_keyring_restarted_works() {
    in_session(
        "--no-keyring",
        "a_call_right_after_the_keyring_restarted_works",
        || {
            let custody = impatient();
            let daemon = Daemon::start();
            let main = custody
                .create(&name("main"), &generate().unwrap(), at(0))
                .unwrap();
            drop(daemon);
            let _daemon = Daemon::start();
            assert_eq!(custody.load(&name("main")).unwrap().public(), main.public);
        },
    );
}

/// One connection for the whole process, and after it was lost the new one: `keyring` sees what is kept here.
#[test]
fn the_connection_is_that_of_the_keyring_crate() {
    in_session(
        "--no-keyring",
        "the_connection_is_that_of_the_keyring_crate",
        || {
            let token = || {
                ::keyring::v1::Entry::new("switchtower", "token:https://a.example")
                    .and_then(|entry| entry.get_password())
            };
            let daemon = Daemon::start();
            let custody = impatient();
            custody
                .save_token("https://a.example", &AccessToken::new("swt_a"))
                .unwrap();
            let opened = keyring_core::get_default_store().unwrap().id();
            assert_eq!(token().unwrap(), "swt_a");
            assert_eq!(impatient().list().unwrap(), []);
            assert_eq!(keyring_core::get_default_store().unwrap().id(), opened);

            drop(daemon);
            let _daemon = Daemon::start();
            token().unwrap_err();
            // One that never connected meets the same lost connection.
            let loaded = impatient().load_token("https://a.example").unwrap();
            assert_eq!(loaded.unwrap().reveal(), "swt_a");
            assert_ne!(keyring_core::get_default_store().unwrap().id(), opened);
            assert_eq!(token().unwrap(), "swt_a");
        },
    );
}
