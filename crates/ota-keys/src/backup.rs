//! Backing a key up: a copy counts only after it was restored and used.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::comment::TrustedComment;
use crate::custody::{Custody, KeyInfo};
use crate::error::{ImportError, KeyError};
use crate::files::{remove, write_new};
use crate::key_file::{import_file, read};
use crate::name::KeyName;
use crate::public::PublicKey;
use crate::secret::{Password, random};

/// Says that a backup was restored and signed with. Only [`back_up()`] makes one, so nothing else can mark a key as
/// backed up.
#[derive(Debug, Clone)]
pub struct BackupProof {
    name: KeyName,
    public: PublicKey,
    at: DateTime<Utc>,
}

impl BackupProof {
    /// The key that was backed up.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The public half of what came back from the file.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// When.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// Writes the key `name` to `out` as an encrypted minisign key file and marks it as backed up.
///
/// Before it is marked, the file is read back from disk and opened with `password`, and a signature made with what came
/// out of it is verified against the public key that the custody shows. An existing file is never overwritten; a file
/// that fails the check is removed. Takes two scrypt runs, about a second.
pub fn back_up(
    custody: &dyn Custody,
    name: &KeyName,
    password: &Password,
    out: &Path,
    now: DateTime<Utc>,
) -> Result<KeyInfo, KeyError> {
    let info = custody.info(name)?;
    let text = custody.load(name)?.to_key_file(password)?;
    write_new(out, text.as_bytes())?;
    match restores(&info.public, &text, password, out, now) {
        Ok(true) => {}
        checked => {
            remove(out)?;
            return Err(checked.err().unwrap_or(KeyError::BackupNotRestorable));
        }
    }
    custody.record_backup(&BackupProof {
        name: name.clone(),
        public: info.public,
        at: now,
    })
}

fn restores(
    public: &PublicKey,
    written: &str,
    password: &Password,
    out: &Path,
    now: DateTime<Utc>,
) -> Result<bool, KeyError> {
    if read(out)?.as_str() != written {
        return Ok(false);
    }
    let restored = match import_file(out, Some(password)) {
        Err(KeyError::Import(ImportError::NotEnoughMemory { memory_bytes })) => {
            return Err(ImportError::NotEnoughMemory { memory_bytes }.into());
        }
        Err(KeyError::Import(_)) => return Ok(false),
        restored => restored?,
    };
    let mut challenge = [0; 32];
    random(&mut challenge)?;
    let app = "backup-check".parse().ok();
    let comment = app.and_then(|app| TrustedComment::new(now, "backup-check", "0.0.0", app).ok());
    let Some(comment) = comment else {
        return Ok(false);
    };
    let signature = restored.sign(challenge.as_slice(), &comment)?;
    Ok(public.verify(challenge.as_slice(), &signature).is_ok())
}
