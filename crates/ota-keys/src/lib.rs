//! Signing keys: custody, formats, signatures. The only crate that sees secrets.
//!
//! - [`SecretKey`], [`Password`], [`AccessToken`]: wiped from memory when dropped, and never in `Debug`, errors or logs.
//! - [`PublicKey`], [`Signature`]: read in every spelling that minisign, hotswap and tauri use, written in each of them.
//! - [`Custody`]: where keys rest. [`KeyringCustody`] (the OS keyring), [`FileCustody`] (password-protected minisign
//!   files), [`MemoryCustody`] (tests).
//! - [`back_up()`]: an encrypted copy that was restored and used before it counts as a backup.
//!
//! Everything here blocks: scrypt takes about a second, a locked keyring waits for a person. Call it from a worker
//! thread (`spawn_blocking`), never from a view or from an async task.
//!
//! Signing is composed here from `ed25519-dalek`, `blake2b_simd` and `scrypt` and not taken from the `minisign` crate:
//! that one prints the secret in `Debug`, hands out unwiped copies, and refuses the unencrypted keys that the C program
//! writes (their checksum is zero). The tests hold the result against it, against the C program, against tauri's signer
//! and against `minisign-verify`, which is what clients run.

mod backup;
mod comment;
mod cost;
mod custody;
mod error;
mod files;
mod key_file;
mod name;
mod public;
mod secret;
mod signature;
mod text;
mod wipe;

pub use backup::{BackupProof, back_up};
pub use comment::{CommentError, TrustedComment};
pub use custody::file::FileCustody;
pub use custody::keyring::KeyringCustody;
pub use custody::memory::MemoryCustody;
pub use custody::{Custody, CustodyKind, KeyInfo, TokenVault};
pub use error::{Hint, ImportError, KeyError};
pub use key_file::{KeyFileFacts, import, import_file, inspect};
pub use name::{KeyName, KeyNameError};
pub use public::{PublicKey, PublicKeyError};
pub use secret::{AccessToken, Password, SecretKey, generate};
pub use signature::{Signature, SignatureError, VerifyError};
