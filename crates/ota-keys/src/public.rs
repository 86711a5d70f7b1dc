//! Public keys, in every spelling that a client wants.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use ota_model::KeyId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::signature::{Signature, VerifyError};
use crate::text;

/// A minisign public key. Parsed from the two-line `.pub` file, from its bare `RW…` line, or from tauri's base64 of the
/// file; serialized as the bare line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey {
    key_id: [u8; 8],
    key: [u8; 32],
}

/// Why a text is no public key. Never quotes the text: it may be a secret key pasted into the wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicKeyError {
    /// Nothing that minisign or tauri writes.
    #[error("This is not a minisign public key")]
    NotAKey,
    /// A secret key was given where the public one belongs.
    #[error("This is a secret key. Paste the public key, and keep this one to yourself")]
    IsSecretKey,
    /// A signature was given where a key belongs.
    #[error("This is a signature, not a public key")]
    IsSignature,
    /// The right form with a value that no key has.
    #[error("This public key is damaged")]
    Damaged,
}

/// The first two bytes of each key.
pub(crate) const ED25519: [u8; 2] = *b"Ed";
const PUBLIC_BYTES: usize = 42;

impl PublicKey {
    pub(crate) const fn from_parts(key_id: [u8; 8], key: [u8; 32]) -> Self {
        Self { key_id, key }
    }

    /// The id that the key's signatures name.
    pub fn id(&self) -> KeyId {
        KeyId::from_bytes(self.key_id)
    }

    /// The two-line `.pub` file, as the `minisign` program writes it.
    pub fn minisign_file(&self) -> String {
        format!(
            "{}minisign public key: {}\n{}\n",
            text::COMMENT,
            self.id(),
            self.hotswap()
        )
    }

    /// The 56-character `RW…` line alone, without a newline: what `tauri-plugin-hotswap` and `minisign -P` take
    /// (`protocols.md` 1.4: a trailing newline or tauri's spelling fails there).
    pub fn hotswap(&self) -> String {
        let mut bytes = [0; PUBLIC_BYTES];
        let parts = ED25519.iter().chain(&self.key_id).chain(&self.key);
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = *from;
        }
        text::encode(&bytes)
    }

    /// Base64 of the whole `.pub` file, without a newline: the `pubkey` of `tauri-plugin-updater`.
    pub fn tauri(&self) -> String {
        text::encode(self.minisign_file().as_bytes())
    }

    /// Reads `data` to its end and checks it by the rules of the strictest client: prehashed signatures only, the key id
    /// must agree, and so must the trusted comment. Memory stays constant.
    pub fn verify(&self, mut data: impl Read, signature: &Signature) -> Result<(), VerifyError> {
        if signature.key_id() != self.id() {
            return Err(VerifyError::OtherKey {
                signed_by: signature.key_id(),
                expected: self.id(),
            });
        }
        let key = minisign_verify::PublicKey::from_base64(&self.hotswap()).map_err(refused)?;
        let decoded = minisign_verify::Signature::decode(signature.text()).map_err(refused)?;
        let mut stream = key.verify_stream(&decoded).map_err(refused)?;
        for_each_block(&mut data, |block| stream.update(block)).map_err(VerifyError::Read)?;
        stream.finalize().map_err(refused)
    }

    fn from_line(line: &str) -> Result<Self, PublicKeyError> {
        let bytes = text::decode(line).ok_or(PublicKeyError::NotAKey)?;
        match bytes.len() {
            PUBLIC_BYTES => {}
            minisign::SignatureBones::BYTES => return Err(PublicKeyError::IsSignature),
            crate::key_file::SECRET_BYTES => return Err(PublicKeyError::IsSecretKey),
            _ => return Err(PublicKeyError::NotAKey),
        }
        let parts = bytes
            .split_first_chunk::<2>()
            .and_then(|(algorithm, rest)| {
                let (key_id, rest) = rest.split_first_chunk::<8>()?;
                let (key, _) = rest.split_first_chunk::<32>()?;
                Some((algorithm, *key_id, *key))
            });
        let Some((algorithm, key_id, key)) = parts else {
            return Err(PublicKeyError::NotAKey);
        };
        if *algorithm != ED25519 {
            return Err(PublicKeyError::NotAKey);
        }
        // A point of small order verifies signatures that nobody made.
        match ed25519_dalek::VerifyingKey::from_bytes(&key) {
            Ok(point) if !point.is_weak() => Ok(Self { key_id, key }),
            Ok(_) | Err(_) => Err(PublicKeyError::Damaged),
        }
    }
}

/// Hands the whole of `data` to `use_block`, 64 KiB at a time.
fn for_each_block(data: &mut impl Read, mut use_block: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match data.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => use_block(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn refused(error: minisign_verify::Error) -> VerifyError {
    match error {
        minisign_verify::Error::IoError(source) => VerifyError::Read(source),
        _ => VerifyError::Mismatch,
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        let Some(file) = text::unwrap_file(text) else {
            return Self::from_line(text::trim(text));
        };
        let line = file.lines().nth(1).ok_or(PublicKeyError::NotAKey)?;
        Self::from_line(line.trim())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(text: String) -> Result<Self, PublicKeyError> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.hotswap()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.hotswap())
    }
}
