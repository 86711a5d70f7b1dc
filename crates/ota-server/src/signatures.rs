//! Checking minisign signatures. Nothing here can make one.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ota_api::ProblemCode;
use ota_model::{AppSlug, KeyId};
use thiserror::Error;

use crate::error::ApiError;

/// Why a text is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "it is neither the 56-character line that starts with RW, nor a .pub file, nor base64 of one"
)]
pub(crate) struct NotAKey;

/// A minisign public key.
pub(crate) struct PublicKey {
    line: String,
    id: KeyId,
    key: minisign_verify::PublicKey,
}

impl PublicKey {
    /// Reads any spelling: the bare line, the two-line file, or base64 of that file (protocols.md 6.3).
    pub(crate) fn parse(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        let file = match STANDARD.decode(text) {
            // The bare line is 42 bytes in base64; a file in base64 is longer and is text.
            Ok(bytes) if bytes.len() != 42 => String::from_utf8(bytes).or(Err(NotAKey))?,
            _ => text.to_owned(),
        };
        let line = if file.starts_with("untrusted comment:") {
            file.lines().nth(1)
        } else {
            Some(file.as_str())
        };
        let line = line.ok_or(NotAKey)?.trim().to_owned();
        let bytes = STANDARD.decode(&line).or(Err(NotAKey))?;
        let id = bytes
            .get(2..10)
            .and_then(|id| id.try_into().ok())
            .ok_or(NotAKey)?;
        let key = minisign_verify::PublicKey::from_base64(&line).or(Err(NotAKey))?;
        Ok(Self {
            line,
            id: KeyId::from_bytes(id),
            key,
        })
    }

    /// The bare line.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    /// Checks a signature over everything that `data` gives. Only prehashed signatures pass: hotswap refuses others
    /// (protocols.md 1.4).
    pub(crate) fn verify(
        &self,
        signature: &Signature,
        mut data: impl Read,
    ) -> Result<(), ApiError> {
        let bad = |error: minisign_verify::Error| {
            ApiError::new(
                ProblemCode::SignatureInvalid,
                format!(
                    "The signature by {} does not fit the bytes: {error}. Nothing was published",
                    self.id
                ),
            )
        };
        let mut verifier = self.key.verify_stream(&signature.signature).map_err(bad)?;
        let mut block = vec![0; 64 * 1024];
        loop {
            let read = data.read(&mut block)?;
            let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            verifier.update(bytes);
        }
        verifier.finalize().map_err(bad)
    }
}

/// The four lines of a signature.
pub(crate) struct Signature {
    key_id: KeyId,
    signature: minisign_verify::Signature,
}

impl Signature {
    /// Reads the four lines.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let malformed = || {
            ApiError::new(
                ProblemCode::SignatureInvalid,
                "The signature is not the four lines that minisign writes. Nothing was published",
            )
        };
        let signature = minisign_verify::Signature::decode(text).map_err(|_ignored| malformed())?;
        let line = text.lines().nth(1).ok_or_else(malformed)?;
        let bytes = STANDARD.decode(line).map_err(|_ignored| malformed())?;
        let id = bytes
            .get(2..10)
            .and_then(|id| id.try_into().ok())
            .ok_or_else(malformed)?;
        if bytes.get(..2) != Some(b"ED") {
            return Err(ApiError::new(
                ProblemCode::SignatureInvalid,
                "The signature is of minisign's legacy kind, which devices refuse. Sign again, prehashed (-H)",
            ));
        }
        Ok(Self {
            key_id: KeyId::from_bytes(id),
            signature,
        })
    }

    /// The key that made it.
    pub(crate) fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Refuses a signature that was made for another app or version: the signed comment says so where Switchtower
    /// wrote it. Signatures of other tools name neither and pass.
    pub(crate) fn names(&self, version: Option<&str>, app: &AppSlug) -> Result<(), ApiError> {
        let fields = || {
            self.signature
                .trusted_comment()
                .split('\t')
                .filter_map(|field| field.split_once(':'))
        };
        for (name, value) in fields() {
            let expected = match name {
                "app" => Some(app.as_str()),
                "version" => version,
                _ => None,
            };
            if expected.is_some_and(|expected| expected != value) {
                return Err(ApiError::new(
                    ProblemCode::SignatureInvalid,
                    format!(
                        "The signature was made for {name} {value}, not for this release. Nothing was published"
                    ),
                ));
            }
        }
        Ok(())
    }
}
