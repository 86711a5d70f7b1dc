//! Signing keys: custody, formats, signatures. The only crate that sees secrets.
//!
//! - [`SecretKey`], [`Password`], [`AccessToken`]: wiped from memory when dropped, and never in `Debug`, errors or logs.
//! - [`PublicKey`], [`Signature`]: read in every spelling that minisign, hotswap and tauri use, written in each of them.
//! - [`Custody`]: where keys rest. [`KeyringCustody`] (the OS keyring), [`FileCustody`] (password-protected minisign
//!   files), [`MemoryCustody`] (tests).
//! - [`KeyFolder`]: a folder of key files, and the passwords that are remembered until the program ends.
//! - [`CapgoKey`], [`CapgoCustody`]: the RSA keys of Capgo's encryption, kept beside the signing keys.
//! - [`back_up()`]: an encrypted copy that was restored and used before it counts as a backup.
//!
//! Everything here blocks: scrypt takes about a second, a locked keyring waits for a person. Call it from a worker
//! thread (`spawn_blocking`), never from a view or from an async task.
//!
//! Signatures are made by the `minisign` crate: from a key that is rebuilt on the stack for one call, and overwritten
//! after it. Keys are made, opened and encrypted here, from `ed25519-dalek`, `scrypt` and `blake2b_simd`, because a search
//! of the memory found what `minisign` 0.10 leaves on the heap, where nobody can wipe it: the seed of a new key
//! (`KeyPair::generate_unencrypted_keypair`), the password of an opened file (`SecretKey::encrypt`), the whole of a
//! written key (`SecretKey::to_box`). It has no way to encrypt a key that exists, and refuses the unencrypted keys of the
//! C program. The tests search the memory for keys and passwords, and hold files and signatures against that crate, the
//! C program, tauri's signer, and `minisign-verify`, which is what clients run and what verifies here.
//!
//! The OS keyring is chosen and opened by the `keyring` crate. It opens one once per process; after that, a keyring that
//! came later or was restarted is opened by the store that `keyring` chooses, through `keyring-core`.

mod backup;
mod capgo;
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
pub use capgo::{CapgoCustody, CapgoKey, CapgoKeyInfo, same_capgo_key};
pub use comment::{CommentError, TrustedComment};
pub use custody::file::{FileCustody, Survey, Unlisted};
pub use custody::folder::KeyFolder;
pub use custody::keyring::KeyringCustody;
pub use custody::memory::MemoryCustody;
pub use custody::{Custody, CustodyKind, KeyInfo, TokenVault};
pub use error::{ImportError, KeyError};
pub use key_file::{KeyFileFacts, import, import_file, inspect};
pub use name::{KeyName, KeyNameError};
pub use public::{PublicKey, PublicKeyError};
pub use secret::{AccessToken, Password, SecretKey, generate};
pub use signature::{Signature, SignatureError, VerifyError};
