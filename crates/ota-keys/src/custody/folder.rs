//! A folder of key files for a person at a screen: what is in it, and passwords that are typed once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::backup::back_up;
use crate::custody::file::{FileCustody, Survey, Unlisted};
use crate::custody::{Custody as _, KeyInfo, find};
use crate::error::{ImportError, KeyError};
use crate::key_file::{inspect, read};
use crate::name::KeyName;
use crate::secret::{Password, SecretKey};

/// Password-protected key files in a folder, as [`FileCustody`] keeps them, each with a password of its own.
///
/// A password is remembered if its owner wishes, in memory alone and until this value is dropped: never in a file, a
/// setting or a keyring. A key file without a password is not used. Calls that open or write a key take as long as
/// scrypt does.
pub struct KeyFolder {
    folder: PathBuf,
    remembered: Mutex<BTreeMap<KeyName, Password>>,
}

impl KeyFolder {
    /// The folder at `folder`. It is made, for its owner alone, when the first key is.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            remembered: Mutex::default(),
        }
    }

    /// Where the files are.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Where the key `name` is, or would be.
    pub fn file_of(&self, name: &KeyName) -> PathBuf {
        self.files().path(name)
    }

    /// The keys and the files that are none. Needs no password and opens no secret.
    pub fn survey(&self) -> Result<Survey, KeyError> {
        let Survey { keys, mut unlisted } = self.files().survey()?;
        for file in &mut unlisted {
            // Nothing beside it says which key it is, and no password is asked for a list.
            if matches!(file.error, KeyError::PasswordNeeded) {
                let path = file.path.clone();
                file.error = KeyError::PublicPart { path };
            }
        }
        let mut protected = Vec::with_capacity(keys.len());
        for key in keys {
            let path = self.file_of(&key.name);
            match check_protected(&path) {
                Ok(()) => protected.push(key),
                Err(error) => unlisted.push(Unlisted { path, error }),
            }
        }
        unlisted.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Survey {
            keys: protected,
            unlisted,
        })
    }

    /// What is known of one key.
    pub fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyError> {
        let Survey { keys, unlisted } = self.survey()?;
        let path = self.file_of(name);
        match unlisted.into_iter().find(|file| file.path == path) {
            Some(Unlisted { error, .. }) => Err(error),
            None => find(keys, name),
        }
    }

    /// Writes `key` to a new file that `password` opens.
    pub fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        password: Password,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        self.opened_by(password).create(name, key, now)
    }

    /// Opens the key once to see whether `password` is right, and remembers it if `remember` says so.
    pub fn unlock(
        &self,
        name: &KeyName,
        password: Password,
        remember: bool,
    ) -> Result<KeyInfo, KeyError> {
        let info = self.info(name)?;
        drop(self.opened_by(password.clone()).load(name)?);
        if remember {
            self.remembered().insert(name.clone(), password);
        }
        Ok(info)
    }

    /// The secret key, for one signature: with `password`, or with the one that is remembered.
    ///
    /// A remembered password that no longer opens the file is forgotten, so that the next call asks for it.
    pub fn load(&self, name: &KeyName, password: Option<Password>) -> Result<SecretKey, KeyError> {
        self.info(name)?;
        let typed = password.is_some();
        let password = match password {
            Some(password) => password,
            None => self
                .remembered()
                .get(name)
                .cloned()
                .ok_or(KeyError::PasswordNeeded)?,
        };
        let loaded = self.opened_by(password).load(name);
        if !typed && matches!(loaded, Err(KeyError::Import(ImportError::WrongPassword))) {
            self.forget(name);
        }
        loaded
    }

    /// [`back_up()`] under the key's own password, which is asked for even when it is remembered: a backup whose password
    /// nobody knows is none.
    pub fn back_up(
        &self,
        name: &KeyName,
        password: &Password,
        out: &Path,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        self.info(name)?;
        back_up(&self.opened_by(password.clone()), name, password, out, now)
    }

    /// Gives a key another name, and its files with it. Needs no password.
    pub fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError> {
        self.info(from)?;
        let renamed = self.files().rename(from, to)?;
        let mut remembered = self.remembered();
        if let Some(password) = remembered.remove(from) {
            remembered.insert(to.clone(), password);
        }
        drop(remembered);
        Ok(renamed)
    }

    /// Deletes a key's files after its name was typed, and forgets its password. Needs none.
    pub fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError> {
        self.info(name)?;
        self.files().delete(name, typed_name)?;
        self.forget(name);
        Ok(())
    }

    /// The keys whose password is remembered.
    pub fn remembers(&self) -> BTreeSet<KeyName> {
        self.remembered().keys().cloned().collect()
    }

    /// Forgets the password of a key; it is wiped from memory.
    pub fn forget(&self, name: &KeyName) {
        self.remembered().remove(name);
    }

    fn files(&self) -> FileCustody {
        FileCustody::folder(&self.folder)
    }

    fn opened_by(&self, password: Password) -> FileCustody {
        self.files().with_password(password)
    }

    fn remembered(&self) -> MutexGuard<'_, BTreeMap<KeyName, Password>> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Any password would seem to open a file that has none.
fn check_protected(path: &Path) -> Result<(), KeyError> {
    if inspect(&read(path)?)?.encrypted {
        Ok(())
    } else {
        Err(KeyError::Unprotected {
            path: path.to_owned(),
        })
    }
}

impl fmt::Debug for KeyFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFolder")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
