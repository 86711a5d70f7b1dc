//! Keys in memory, for tests and for what must not outlive the process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::backup::BackupProof;
use crate::capgo::{CapgoCustody, CapgoKey, CapgoKeyInfo};
use crate::custody::{
    Custody, CustodyKind, KeyInfo, TokenVault, check_delete, check_new, check_new_capgo,
    check_rename, find, server_name,
};
use crate::error::KeyError;
use crate::name::KeyName;
use crate::secret::{AccessToken, SecretKey};

/// Keeps keys until it is dropped.
#[derive(Default)]
pub struct MemoryCustody {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    keys: Vec<(KeyInfo, SecretKey)>,
    tokens: BTreeMap<String, AccessToken>,
    capgo: Vec<(CapgoKeyInfo, CapgoKey)>,
}

impl Held {
    fn infos(&self) -> Vec<KeyInfo> {
        let mut infos: Vec<_> = self.keys.iter().map(|(info, _)| info.clone()).collect();
        infos.sort_by(|a, b| a.name.cmp(&b.name));
        infos
    }

    fn change(
        &mut self,
        name: &KeyName,
        change: impl FnOnce(&mut KeyInfo),
    ) -> Result<KeyInfo, KeyError> {
        let found = self.keys.iter_mut().find(|(info, _)| info.name == *name);
        let (info, _) = found.ok_or_else(|| KeyError::NoSuchKey { name: name.clone() })?;
        change(info);
        Ok(info.clone())
    }
}

impl MemoryCustody {
    /// Without any key.
    pub fn new() -> Self {
        Self::default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Custody for MemoryCustody {
    fn kind(&self) -> CustodyKind {
        CustodyKind::Memory
    }

    fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        Ok(self.held().infos())
    }

    fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        let mut held = self.held();
        check_new(&held.infos(), name, &key.id())?;
        let info = KeyInfo {
            name: name.clone(),
            id: key.id(),
            public: key.public(),
            custody: CustodyKind::Memory,
            created_at: now,
            backed_up_at: None,
        };
        held.keys.push((info.clone(), key.duplicate()));
        Ok(info)
    }

    fn load(&self, name: &KeyName) -> Result<SecretKey, KeyError> {
        let held = self.held();
        let found = held.keys.iter().find(|(info, _)| info.name == *name);
        found
            .map(|(_, key)| key.duplicate())
            .ok_or_else(|| KeyError::NoSuchKey { name: name.clone() })
    }

    fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError> {
        let mut held = self.held();
        check_rename(held.infos(), from, to)?;
        held.change(from, |info| info.name = to.clone())
    }

    fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError> {
        let mut held = self.held();
        check_delete(held.infos(), name, typed_name)?;
        held.keys.retain(|(info, _)| info.name != *name);
        Ok(())
    }

    fn record_backup(&self, proof: &BackupProof) -> Result<KeyInfo, KeyError> {
        self.held()
            .change(proof.name(), |info| info.backed_up_at = Some(proof.at()))
    }

    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyError> {
        find(self.held().infos(), name)
    }
}

impl TokenVault for MemoryCustody {
    fn save_token(&self, server: &str, token: &AccessToken) -> Result<(), KeyError> {
        self.held()
            .tokens
            .insert(server_name(server).to_owned(), token.clone());
        Ok(())
    }

    fn load_token(&self, server: &str) -> Result<Option<AccessToken>, KeyError> {
        Ok(self.held().tokens.get(server_name(server)).cloned())
    }

    fn delete_token(&self, server: &str) -> Result<(), KeyError> {
        self.held().tokens.remove(server_name(server));
        Ok(())
    }
}

impl fmt::Debug for MemoryCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCustody").finish_non_exhaustive()
    }
}

impl CapgoCustody for MemoryCustody {
    fn list_capgo(&self) -> Result<Vec<CapgoKeyInfo>, KeyError> {
        let held = self.held();
        let mut infos: Vec<_> = held.capgo.iter().map(|(info, _)| info.clone()).collect();
        infos.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(infos)
    }

    fn create_capgo(
        &self,
        name: &KeyName,
        key: &CapgoKey,
        now: DateTime<Utc>,
    ) -> Result<CapgoKeyInfo, KeyError> {
        let info = key.info(name, CustodyKind::Memory, now)?;
        check_new_capgo(&self.list_capgo()?, &info)?;
        self.held().capgo.push((info.clone(), key.duplicate()));
        Ok(info)
    }

    fn load_capgo(&self, name: &KeyName) -> Result<CapgoKey, KeyError> {
        let held = self.held();
        let found = held.capgo.iter().find(|(info, _)| info.name == *name);
        let (_, key) = found.ok_or_else(|| KeyError::NoSuchKey { name: name.clone() })?;
        Ok(key.duplicate())
    }
}
