//! What goes wrong with keys, in words for the person who must act. No variant can hold a secret.

use std::io;
use std::path::PathBuf;

use ota_model::{Hint, KeyId};
use thiserror::Error;

use crate::name::KeyName;

/// Why a custody, a file or a keyring did not do what it was asked for.
///
/// `detail` is what the system said, for a place that people open on purpose; the message does not repeat it.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The keyring is there, locked, and there is nobody who could unlock it.
    #[error("The OS keyring is locked. No key was read or changed")]
    KeyringLocked {
        /// What the system said.
        detail: String,
    },
    /// No keyring runs here.
    #[error("There is no OS keyring in this session. No key was read or changed")]
    KeyringAbsent {
        /// What the system said.
        detail: String,
    },
    /// A person or a policy said no.
    #[error("The OS keyring refused access. No key was read or changed")]
    KeyringDenied {
        /// What the system said.
        detail: String,
    },
    /// No answer in time; most often a question for a password that nobody saw.
    #[error("The OS keyring did not answer within {seconds} seconds. Nothing more will be changed")]
    KeyringSilent {
        /// How long was waited.
        seconds: u64,
    },
    /// The keyring failed in some other way.
    #[error("The OS keyring failed")]
    KeyringFailed {
        /// What the system said.
        detail: String,
    },
    /// An entry holds something that was not written here.
    #[error("The entry “{entry}” of the OS keyring is damaged. Other entries are not affected")]
    KeyringDamaged {
        /// The name of the entry.
        entry: String,
    },
    /// The system limits the size of an entry.
    #[error(
        "The OS keyring takes at most {max_bytes} bytes in one entry, and this one would be larger"
    )]
    KeyringFull {
        /// The limit.
        max_bytes: u32,
    },
    /// There is no key of that name.
    #[error("There is no key named “{name}” here")]
    NoSuchKey {
        /// The name that was asked for.
        name: KeyName,
    },
    /// The key is listed, its secret is not there any more.
    #[error(
        "The secret part of “{name}” is gone from where it was kept. Its public key is still known"
    )]
    SecretGone {
        /// The name of the key.
        name: KeyName,
    },
    /// Two keys of one custody cannot share a name, whatever its case.
    #[error("There is already a key named “{name}”. Nothing was changed")]
    NameTaken {
        /// The name of the key that is there.
        name: KeyName,
    },
    /// The same key under a second name.
    #[error("Key {id} is already here, as “{name}”. Nothing was changed")]
    AlreadyHere {
        /// The name that it has.
        name: KeyName,
        /// The id of the key.
        id: KeyId,
    },
    /// A key is deleted only after its name was typed.
    #[error("The typed name is not “{name}”. The key was not deleted")]
    TypedNameDiffers {
        /// The name of the key.
        name: KeyName,
    },
    /// A key file cannot be used without its password.
    #[error("The key file needs its password")]
    PasswordNeeded,
    /// A key file that everyone can open protects nothing.
    #[error("A key file needs a password, and this one is empty. Nothing was written")]
    EmptyPassword,
    /// Whoever has such a file can sign.
    #[error("The key file has no password, so it is not used: {}", path.display())]
    Unprotected {
        /// The key file.
        path: PathBuf,
    },
    /// Longer than other programs take.
    #[error("The password of a key file has at most {max_bytes} bytes. Nothing was written")]
    PasswordTooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// A secret key could not be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The public part of a key file is missing or belongs to another key.
    #[error("The public key beside the key file is missing or belongs to another key: {}", path.display())]
    PublicPart {
        /// The key file.
        path: PathBuf,
    },
    /// What was written as a backup did not give the key back.
    #[error(
        "The backup was written and could not be restored. It was removed, and the key is not marked as backed up"
    )]
    BackupNotRestorable,
    /// Nothing is overwritten.
    #[error("There is already a file. It was not changed: {}", path.display())]
    FileExists {
        /// The file that is there.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("The file cannot be read: {}", path.display())]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written, renamed or removed.
    #[error("The file cannot be written: {}", path.display())]
    WriteFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The data to be signed could not be read.
    #[error("The data to sign cannot be read. Nothing was signed")]
    ReadData(#[source] io::Error),
    /// The system gave no random numbers.
    #[error("The system gave no random numbers. No key was made")]
    Random {
        /// What the system said.
        detail: String,
    },
    /// The system gave no thread to wait in.
    #[error("The system could not start a thread for the OS keyring")]
    NoThread(#[source] io::Error),
}

/// Why a text is no secret key that can be used. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing that minisign or tauri writes.
    #[error("This is not a minisign secret key")]
    NotAKey,
    /// No RSA key of Capgo.
    #[error("This is not an RSA private key of 2048 bits")]
    NotACapgoKey,
    /// The public key was given.
    #[error("This is a public key. The secret key is the file beside it, without “.pub”")]
    IsPublicKey,
    /// A signature was given.
    #[error("This is a signature, not a secret key")]
    IsSignature,
    /// The key is encrypted and no password was given.
    #[error("This key is encrypted and needs its password")]
    PasswordNeeded,
    /// The key stays closed.
    #[error("The password does not open this key")]
    WrongPassword,
    /// The two halves or the checksum do not belong together.
    #[error("This key is damaged")]
    Damaged,
    /// Encrypted by something other than scrypt.
    #[error("This key is encrypted in a way that minisign does not know")]
    UnknownEncryption,
    /// The file asks for more memory or work than any real key does.
    #[error("Opening this key would take {} of memory, or hours. It was not opened", megabytes(*memory_bytes))]
    TooCostly {
        /// The memory that it asks for.
        memory_bytes: u64,
    },
    /// The memory that opening takes is not there.
    #[error("Opening this key takes {} of memory, which this computer does not have free", megabytes(*memory_bytes))]
    NotEnoughMemory {
        /// The memory that it asks for.
        memory_bytes: u64,
    },
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

impl Hint for KeyError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::KeyringLocked { .. } => {
                "Unlock the keyring, or sign in to your desktop session, and try again. \
                 Without one, keep the key in a password-protected file"
            }
            Self::KeyringAbsent { .. } => {
                "Start a keyring such as GNOME Keyring, KWallet or KeePassXC and try again, \
                 or keep the key in a password-protected file"
            }
            Self::KeyringDenied { .. } => {
                "Try again and allow access when the system asks. In a sandbox, give the app permission to use the keyring"
            }
            Self::KeyringSilent { .. } => {
                "Look for a window that asks for the keyring's password, answer it, and try again"
            }
            Self::KeyringFailed { .. } => {
                "Try again. If it goes on, sign out of your desktop session and in again"
            }
            Self::KeyringDamaged { .. } | Self::SecretGone { .. } => {
                "Delete the key here and import it again from its backup file"
            }
            Self::KeyringFull { .. } => {
                "Delete keys that are no longer used, or keep this one in a password-protected file"
            }
            Self::NoSuchKey { .. } => "Look at the list of keys for its name",
            Self::NameTaken { .. } => "Choose another name",
            Self::AlreadyHere { .. } => "Use the key that is there, or rename it",
            Self::TypedNameDiffers { .. } => "Type the name exactly as it is shown",
            Self::PublicPart { .. } => {
                "Write it again with “minisign -R -s KEY -p PUB”, or import the key file as a new key"
            }
            Self::Unprotected { .. } => {
                "Import it: the copy gets a password. Then delete this file"
            }
            Self::BackupNotRestorable => "Try again in another folder; the disk may be failing",
            Self::FileExists { .. } => "Choose another name or folder for the file",
            Self::Import(error) => return error.hint(),
            Self::PasswordNeeded
            | Self::EmptyPassword
            | Self::PasswordTooLong { .. }
            | Self::ReadFile { .. }
            | Self::WriteFile { .. }
            | Self::ReadData(_)
            | Self::Random { .. }
            | Self::NoThread(_) => return None,
        };
        Some(hint.to_owned())
    }
}

impl Hint for ImportError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotAKey => {
                "Choose the file that “minisign -G” or “tauri signer generate” wrote, or a backup"
            }
            Self::NotACapgoKey => {
                "Choose the file .capgo_key_v2 that “npx @capgo/cli key create” wrote"
            }
            Self::WrongPassword => {
                "Check the keyboard layout and Caps Lock. A key file cannot be opened without its password"
            }
            Self::Damaged => "Use another copy of the file",
            Self::NotEnoughMemory { .. } => "Close other programs and try again",
            Self::IsPublicKey
            | Self::IsSignature
            | Self::PasswordNeeded
            | Self::UnknownEncryption
            | Self::TooCostly { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
