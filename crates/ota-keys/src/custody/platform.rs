//! The keyring of each operating system, and what its errors mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyring::v1::Entry;
use keyring_core::{CredentialStore, Error};
use zeroize::Zeroize as _;

use crate::custody::vault::Connected;
use crate::error::KeyError;

/// Connects to the keyring of this operating system; `lost` is a store that failed.
///
/// The `keyring` crate chooses the store and opens it, and whoever connects later shares it. It does so once per process:
/// a keyring that was not running then stays absent there until the app restarts, and one that was restarted stays lost.
/// From there on a new store takes the place of what `keyring` opened.
pub(crate) fn connect(lost: Option<&Arc<CredentialStore>>) -> keyring_core::Result<Connected> {
    static ASKED: AtomicBool = AtomicBool::new(false);
    // Asked by one call only: should it hang there, no other waits behind it.
    let new = !ASKED.swap(true, Ordering::SeqCst) && Entry::store_status().is_ok();
    if let Some(store) = keyring_core::get_default_store()
        && lost.is_none_or(|lost| !Arc::ptr_eq(lost, &store))
    {
        return Ok(Connected { store, new });
    }
    let store = open_again()?;
    keyring_core::set_default_store(Arc::clone(&store));
    Ok(Connected { store, new: true })
}

/// The store that `keyring` chooses, opened by its own name: `keyring` cannot open it a second time.
fn open_again() -> keyring_core::Result<Arc<CredentialStore>> {
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new()?;
    #[cfg(target_os = "windows")]
    let store = windows_native_keyring_store::Store::new()?;
    #[cfg(all(unix, not(target_os = "macos")))]
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

/// Sooner than this, nobody has read a question and said no to it.
const QUICKEST_PERSON: Duration = Duration::from_secs(1);

/// The error in our words. `entry` is what was being read or written, and `took` how long the keyring thought about it.
///
/// keyring-core's own error is not kept as a source: two of its variants carry the stored bytes, and its `Debug` prints
/// them.
pub(crate) fn explain(error: Error, entry: &str, took: Duration) -> KeyError {
    match error {
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            KeyError::KeyringDamaged {
                entry: entry.to_owned(),
            }
        }
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => KeyError::KeyringAbsent {
            detail: error.to_string(),
        },
        Error::TooLong(_, max_bytes) => KeyError::KeyringFull { max_bytes },
        Error::PlatformFailure(_) | Error::NoStorageAccess(_) => {
            let detail = error.to_string();
            // macOS speaks the language of its user: its number is in `Debug` alone.
            match meaning(&format!("{detail} {error:?}")) {
                Some(Meaning::Absent) => KeyError::KeyringAbsent { detail },
                Some(Meaning::Locked) => KeyError::KeyringLocked { detail },
                // GNOME Keyring says the same when there is nobody to ask, at once, and when a person closes the window.
                Some(Meaning::Dismissed) if took < QUICKEST_PERSON => {
                    KeyError::KeyringLocked { detail }
                }
                Some(Meaning::Dismissed | Meaning::Denied) => KeyError::KeyringDenied { detail },
                None => KeyError::KeyringFailed { detail },
            }
        }
        Error::Ambiguous(_) => KeyError::KeyringFailed {
            detail: format!("There is more than one entry “{entry}” in the keyring"),
        },
        error => KeyError::KeyringFailed {
            detail: error.to_string(),
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Absent,
    Locked,
    Denied,
    /// The question for the keyring's password was closed: by a person, or because nobody could be shown it.
    Dismissed,
}

/// The stores pass on what the system said and no more; these are the parts of it that do not vary. The Linux ones are
/// held by tests that provoke each with a real bus and a real keyring.
const MEANINGS: &[(&str, Meaning)] = &[
    // D-Bus: no bus to connect to, or nobody on it who keeps secrets.
    (
        "no secret service provider or dbus session found",
        Meaning::Absent,
    ),
    ("Failed to connect to address", Meaning::Absent),
    ("DBus.Error.ServiceUnknown", Meaning::Absent),
    ("was not provided by any .service files", Meaning::Absent),
    ("DBus.Error.NameHasNoOwner", Meaning::Absent),
    ("DBus.Error.Spawn", Meaning::Absent),
    // Secret Service: no collection to write to, or a locked one that nobody is there to unlock.
    ("object locked", Meaning::Locked),
    ("result not returned from SS API", Meaning::Locked),
    ("Secret.Error.IsLocked", Meaning::Locked),
    ("prompt dismissed", Meaning::Dismissed),
    ("DBus.Error.AccessDenied", Meaning::Denied),
    // macOS: not available, no such keychain, no default keychain; interaction not allowed; cancelled, wrong password,
    // no write permission, not the owner, read only.
    ("code: -25291,", Meaning::Absent),
    ("code: -25294,", Meaning::Absent),
    ("code: -25307,", Meaning::Absent),
    ("code: -25308,", Meaning::Locked),
    ("code: -128,", Meaning::Denied),
    ("code: -25293,", Meaning::Denied),
    ("code: -61,", Meaning::Denied),
    ("code: -25244,", Meaning::Denied),
    ("code: -25292,", Meaning::Denied),
    // Windows: services and network logons have no credentials; access denied.
    ("ERROR_NO_SUCH_LOGON_SESSION", Meaning::Absent),
    ("PlatformError(5)", Meaning::Denied),
];

fn meaning(said: &str) -> Option<Meaning> {
    // A number at the end is followed by a brace, in the middle by a comma.
    let said = said.replace(" }", ",");
    let found = MEANINGS.iter().find(|(part, _)| said.contains(part));
    found.map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the store for macOS and its library print theirs; the Linux ones come from a real keyring in `tests/keys`.
    #[test]
    fn numbers_of_macos_are_read_whole_and_in_any_language() {
        for (said, expected) in [
            (
                "Die Interaktion ist nicht erlaubt PlatformFailure(Error { code: -25308, message: \"…\" })",
                Some(Meaning::Locked),
            ),
            (
                "error code -128 PlatformFailure(Error { code: -128 })",
                Some(Meaning::Denied),
            ),
            (
                "error code -1280 PlatformFailure(Error { code: -1280 })",
                None,
            ),
            (
                "error code -25307 PlatformFailure(Error { code: -25307 })",
                Some(Meaning::Absent),
            ),
        ] {
            assert_eq!(meaning(said), expected, "{said}");
        }
    }

    #[test]
    fn a_dismissed_question_was_answered_by_a_person_only_if_one_had_the_time() {
        let dismissed = |took| {
            let error = Error::NoStorageAccess("SS error: prompt dismissed".into());
            explain(error, "index", took)
        };
        assert!(matches!(
            dismissed(Duration::from_millis(20)),
            KeyError::KeyringLocked { .. }
        ));
        assert!(matches!(
            dismissed(Duration::from_secs(4)),
            KeyError::KeyringDenied { .. }
        ));
    }
}
