//! Where keys rest.

pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod keyring;
pub(crate) mod memory;
mod platform;
mod vault;

use std::fmt;

use chrono::{DateTime, Utc};
use ota_model::KeyId;
use serde::{Deserialize, Serialize};

use crate::backup::BackupProof;
use crate::capgo::CapgoKeyInfo;
use crate::error::KeyError;
use crate::name::KeyName;
use crate::public::PublicKey;
use crate::secret::{AccessToken, SecretKey};

/// A place that keeps secret keys. Every method may block for as long as a person takes to unlock it.
///
/// All custodies keep the same rules, and one set of tests holds them to these: names are unique whatever their case,
/// a key is held once, nothing is overwritten, a failed call changes nothing.
pub trait Custody: Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> CustodyKind;

    /// Every key, by name. Opens no secret.
    fn list(&self) -> Result<Vec<KeyInfo>, KeyError>;

    /// Keeps `key` under `name` from now on.
    fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError>;

    /// The secret key, for one signature.
    fn load(&self, name: &KeyName) -> Result<SecretKey, KeyError>;

    /// Gives a key another name.
    fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError>;

    /// Destroys a key. `typed_name` is what the person typed to say that they mean it, and must be its name exactly.
    fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError>;

    /// Marks a key as backed up. The proof comes from [`crate::back_up()`] alone.
    fn record_backup(&self, proof: &BackupProof) -> Result<KeyInfo, KeyError>;

    /// What is known of one key. Opens no secret.
    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyError> {
        find(self.list()?, name)
    }
}

/// A place that keeps the access tokens of servers, by the server's URL.
pub trait TokenVault: Send + Sync {
    /// Keeps `token` for `server`, in place of an earlier one.
    fn save_token(&self, server: &str, token: &AccessToken) -> Result<(), KeyError>;

    /// The token for `server`, if there is one.
    fn load_token(&self, server: &str) -> Result<Option<AccessToken>, KeyError>;

    /// Forgets the token for `server`, if there is one.
    fn delete_token(&self, server: &str) -> Result<(), KeyError>;
}

/// The kinds of custody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustodyKind {
    /// The keyring of the operating system.
    Keyring,
    /// Password-protected minisign key files.
    File,
    /// The memory of this process: gone when it ends.
    Memory,
}

impl fmt::Display for CustodyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyring => "OS keyring",
            Self::File => "Key file",
            Self::Memory => "Memory",
        })
    }
}

/// What is known of a key without opening it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// What its owner calls it.
    pub name: KeyName,
    /// The id that its signatures name.
    pub id: KeyId,
    /// What apps trust.
    pub public: PublicKey,
    /// Where it rests.
    pub custody: CustodyKind,
    /// When it came here: generated or imported.
    pub created_at: DateTime<Utc>,
    /// When a backup of it was last written and checked.
    pub backed_up_at: Option<DateTime<Utc>>,
}

/// A URL without the slashes at its end, so that both ways to write it name one token.
pub(crate) fn server_name(server: &str) -> &str {
    server.trim().trim_end_matches('/')
}

pub(crate) fn find(keys: Vec<KeyInfo>, name: &KeyName) -> Result<KeyInfo, KeyError> {
    let found = keys.into_iter().find(|key| key.name == *name);
    found.ok_or_else(|| KeyError::NoSuchKey { name: name.clone() })
}

/// Whether a key of this name and id can be added to `keys`.
pub(crate) fn check_new(keys: &[KeyInfo], name: &KeyName, id: &KeyId) -> Result<(), KeyError> {
    if let Some(same) = keys.iter().find(|key| key.id == *id) {
        return Err(KeyError::AlreadyHere {
            name: same.name.clone(),
            id: id.clone(),
        });
    }
    check_name(keys.iter(), name)
}

/// Whether a Capgo key can be added to `keys`. Signing keys may have the same name: they are other keys.
pub(crate) fn check_new_capgo(keys: &[CapgoKeyInfo], new: &CapgoKeyInfo) -> Result<(), KeyError> {
    if let Some(same) = keys.iter().find(|key| key.id == new.id) {
        return Err(KeyError::AlreadyHere {
            name: same.name.clone(),
            id: new.id.clone(),
        });
    }
    match keys.iter().find(|key| key.name.clashes_with(&new.name)) {
        Some(taken) => Err(KeyError::NameTaken {
            name: taken.name.clone(),
        }),
        None => Ok(()),
    }
}

/// The key that is to be renamed, if `to` is free. It may be the key's own name in another case.
pub(crate) fn check_rename(
    keys: Vec<KeyInfo>,
    from: &KeyName,
    to: &KeyName,
) -> Result<KeyInfo, KeyError> {
    check_name(keys.iter().filter(|key| key.name != *from), to)?;
    find(keys, from)
}

/// The key that is to be deleted, if its name was typed.
pub(crate) fn check_delete(
    keys: Vec<KeyInfo>,
    name: &KeyName,
    typed_name: &str,
) -> Result<KeyInfo, KeyError> {
    let key = find(keys, name)?;
    if typed_name == name.as_str() {
        Ok(key)
    } else {
        Err(KeyError::TypedNameDiffers { name: name.clone() })
    }
}

fn check_name<'a>(
    mut keys: impl Iterator<Item = &'a KeyInfo>,
    name: &KeyName,
) -> Result<(), KeyError> {
    match keys.find(|key| key.name.clashes_with(name)) {
        Some(taken) => Err(KeyError::NameTaken {
            name: taken.name.clone(),
        }),
        None => Ok(()),
    }
}
