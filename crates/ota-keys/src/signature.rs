//! Signatures, as files and as they travel to clients.

use std::fmt;
use std::io;
use std::str::FromStr;

use minisign::{SignatureBones, SignatureBox};
use ota_model::KeyId;
use thiserror::Error;

use crate::text;

/// A prehashed minisign signature: four lines of text. Parsed from the text or from base64 of it.
///
/// Holding one says that its form is right, not that it is valid: that is [`crate::PublicKey::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    text: String,
    key_id: KeyId,
    trusted_comment: String,
}

/// Why a text is no signature that clients accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// Nothing that minisign or tauri writes.
    #[error("This is not a minisign signature")]
    NotASignature,
    /// Signed over the file and not over its hash, as `minisign` before 0.11 does; hotswap refuses those
    /// (`protocols.md` 1.8 trap 3).
    #[error(
        "This is a legacy signature (“Ed”), which clients refuse. Sign again with “minisign -S -H”"
    )]
    Legacy,
    /// The right form, cut short or changed.
    #[error("This signature is damaged")]
    Damaged,
}

/// Why data and signature do not belong together.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// Made with another key than the expected one.
    #[error("The signature was made with key {signed_by}, expected is {expected}")]
    OtherKey {
        /// The key that the signature names.
        signed_by: KeyId,
        /// The key it was held against.
        expected: KeyId,
    },
    /// The data, the signature or its trusted comment was changed.
    #[error("The signature does not fit the data")]
    Mismatch,
    /// The data could not be read.
    #[error("The signed data cannot be read")]
    Read(#[source] io::Error),
}

const TRUSTED: &str = "trusted comment: ";

impl Signature {
    /// What minisign signed with the key `key_id`.
    pub(crate) fn of(signed: &SignatureBox, key_id: KeyId, trusted_comment: String) -> Self {
        Self {
            text: signed.to_string(),
            key_id,
            trusted_comment,
        }
    }

    /// The four lines, each ended by a newline: the content of a `.minisig` file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Base64 of the four lines on one line: what servers send to hotswap and tauri clients, and a `.sig` file holds.
    pub fn base64(&self) -> String {
        text::encode(self.text.as_bytes())
    }

    /// The key that is said to have made it.
    pub fn key_id(&self) -> KeyId {
        self.key_id.clone()
    }

    /// What was signed along with the data. See [`crate::TrustedComment`] for ours; other programs write what they like.
    pub fn trusted_comment(&self) -> &str {
        &self.trusted_comment
    }
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let file = text::unwrap_file(text).ok_or(SignatureError::NotASignature)?;
        let mut lines = file.lines();
        let (Some(untrusted), Some(packed)) = (lines.next(), lines.next()) else {
            return Err(SignatureError::NotASignature);
        };
        let packed = packed.trim();
        let bytes = text::decode(packed).ok_or(SignatureError::NotASignature)?;
        // minisign reads a longer one as far as it goes.
        if bytes.len() != SignatureBones::BYTES {
            return Err(SignatureError::NotASignature);
        }
        let Ok(bones) = SignatureBones::from_bytes(&bytes) else {
            return Err(SignatureError::NotASignature);
        };
        if !bones.is_prehashed() {
            return Err(SignatureError::Legacy);
        }
        let Ok(key_id) = SignatureBox::from(bones).keynum().try_into() else {
            return Err(SignatureError::NotASignature);
        };
        let (Some(trusted), Some(global)) = (lines.next(), lines.next()) else {
            return Err(SignatureError::Damaged);
        };
        let trusted = trusted
            .strip_prefix(TRUSTED)
            .ok_or(SignatureError::Damaged)?;
        let global = global.trim();
        if text::decode(global).is_none_or(|bytes| bytes.len() != 64) {
            return Err(SignatureError::Damaged);
        }
        Ok(Self {
            text: format!("{untrusted}\n{packed}\n{TRUSTED}{trusted}\n{global}\n"),
            key_id: KeyId::from_bytes(key_id),
            trusted_comment: trusted.to_owned(),
        })
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("key_id", &self.key_id.as_str())
            .field("trusted_comment", &self.trusted_comment)
            .finish_non_exhaustive()
    }
}
