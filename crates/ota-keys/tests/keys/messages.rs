//! What people read when something goes wrong, and what they are told to do. `Debug` is there too: it is what ends up in
//! logs.

use std::io;
use std::path::PathBuf;

use insta::assert_snapshot;
use ota_keys::{ImportError, KeyError, generate, import};
use ota_model::Hint;

use crate::support::{name, read_fixture};

fn shown<E: Hint + std::error::Error>(errors: &[E]) -> String {
    let lines = errors.iter().map(|error| {
        format!(
            "{error}
  hint: {}
  {error:?}
",
            error.hint().unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().concat()
}

#[test]
fn errors_of_the_keyring() {
    let detail = || "what the system said".to_owned();
    assert_snapshot!(shown(&[
        KeyError::KeyringLocked { detail: detail() },
        KeyError::KeyringAbsent { detail: detail() },
        KeyError::KeyringDenied { detail: detail() },
        KeyError::KeyringSilent { seconds: 120 },
        KeyError::KeyringFailed { detail: detail() },
        KeyError::KeyringDamaged {
            entry: "key:F88A7F4FB6C98EFC".to_owned()
        },
        KeyError::KeyringFull { max_bytes: 2560 },
        KeyError::NoThread(io::Error::other("no more threads")),
    ]));
}

#[test]
fn errors_of_keys() {
    let id = || "F88A7F4FB6C98EFC".parse().unwrap();
    assert_snapshot!(shown(&[
        KeyError::NoSuchKey { name: name("main") },
        KeyError::SecretGone { name: name("main") },
        KeyError::NameTaken { name: name("main") },
        KeyError::AlreadyHere {
            name: name("main"),
            id: id()
        },
        KeyError::TypedNameDiffers { name: name("main") },
        KeyError::PasswordNeeded,
        KeyError::EmptyPassword,
        KeyError::PasswordTooLong { max_bytes: 1024 },
        KeyError::BackupNotRestorable,
        KeyError::Random {
            detail: "no entropy".to_owned()
        },
    ]));
}

#[test]
fn errors_of_files() {
    let path = || PathBuf::from("keys/main.key");
    let source = || io::Error::from(io::ErrorKind::PermissionDenied);
    assert_snapshot!(shown(&[
        KeyError::Import(ImportError::WrongPassword),
        KeyError::PublicPart { path: path() },
        KeyError::Unprotected { path: path() },
        KeyError::FileExists { path: path() },
        KeyError::ReadFile {
            path: path(),
            source: source()
        },
        KeyError::WriteFile {
            path: path(),
            source: source()
        },
        KeyError::ReadData(source()),
    ]));
}

#[test]
fn errors_of_an_import() {
    assert_snapshot!(shown(&[
        ImportError::NotAKey,
        ImportError::IsPublicKey,
        ImportError::IsSignature,
        ImportError::PasswordNeeded,
        ImportError::WrongPassword,
        ImportError::Damaged,
        ImportError::UnknownEncryption,
        ImportError::TooCostly {
            memory_bytes: 2 << 30
        },
        ImportError::NotEnoughMemory {
            memory_bytes: 1 << 30
        },
    ]));
}

#[test]
fn an_error_keeps_its_words_on_the_way_up() {
    let error = KeyError::from(import(&read_fixture("throw-away.key"), None).unwrap_err());
    assert_eq!(error.to_string(), ImportError::PasswordNeeded.to_string());
    let error = KeyError::from(import(&generate().unwrap().public().tauri(), None).unwrap_err());
    assert_eq!(error.hint(), ImportError::IsPublicKey.hint());
}
