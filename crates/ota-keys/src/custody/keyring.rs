//! Keys in the keyring of the operating system.
//!
//! A keyring finds entries by name and cannot list them alike on every system, and Windows takes 2,560 bytes an entry.
//! So each key has two entries, `key:ID` (the secret, as an unencrypted minisign key file: the keyring encrypts it) and
//! `about:ID` (name, public key, dates, as JSON), and one entry `index` has the ids. The secret is written first and the
//! index last: what a crash leaves behind is an entry that nothing points to, and that the next try overwrites. A
//! deletion takes the secret first, so that no crash leaves one that nobody sees.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use keyring_core::CredentialStore;
use ota_model::KeyId;
use zeroize::Zeroizing;

use crate::backup::BackupProof;
use crate::capgo::{CapgoCustody, CapgoKey, CapgoKeyInfo};
use crate::custody::vault::{Connected, Entries, Vault};
use crate::custody::{
    Custody, CustodyKind, KeyInfo, TokenVault, check_delete, check_new, check_new_capgo,
    check_rename, find, platform, server_name,
};
use crate::error::KeyError;
use crate::key_file::import;
use crate::name::KeyName;
use crate::secret::{AccessToken, SecretKey};

/// The service under which entries stand when nothing else is said.
const SERVICE: &str = "switchtower";

/// Long enough for a person to find and answer the question for the keyring's password.
const PATIENCE: Duration = Duration::from_mins(2);

const INDEX: &str = "index";
const CHECK: &str = "check";
/// The index of the Capgo keys, whose entries are `capgo:ID` and `capgo-about:ID`.
const CAPGO_INDEX: &str = "capgo-index";

/// Keys and tokens in the keyring of the operating system: Secret Service, macOS Keychain, Windows Credential Manager.
///
/// Each call blocks, for up to two minutes when a person is asked for a password, so it belongs on a worker thread; the
/// keyring itself is reached from a thread of its own, so no runtime is ever disturbed. Connecting is left to the first
/// call, and tried again by every call until it works.
#[derive(Clone)]
pub struct KeyringCustody {
    vault: Arc<Vault>,
}

impl Default for KeyringCustody {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyringCustody {
    /// The keyring of this system, under the service `switchtower`.
    pub fn new() -> Self {
        Self::for_service(SERVICE)
    }

    /// The same under another service: its keys and tokens are apart from those of [`KeyringCustody::new`].
    pub fn for_service(service: &str) -> Self {
        Self {
            vault: Arc::new(Vault::new(service.to_owned(), PATIENCE, platform::connect)),
        }
    }

    /// Any store of keyring-core instead of the system's.
    pub fn over(store: Arc<CredentialStore>, service: &str) -> Self {
        Self {
            vault: Arc::new(Vault::new(service.to_owned(), PATIENCE, move |_| {
                Ok(Connected {
                    store: Arc::clone(&store),
                    new: true,
                })
            })),
        }
    }

    /// Gives up on a call after `patience`, and on nothing that was asked for before.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        if let Some(vault) = Arc::get_mut(&mut self.vault) {
            vault.set_patience(patience);
        }
        self
    }

    /// Whether the keyring answers and is unlocked; asks for its password when someone can be asked.
    ///
    /// Writes an entry and removes it: a locked keyring still says which entries it does not have.
    pub fn check(&self) -> Result<(), KeyError> {
        self.vault.run(|entries| {
            entries.set(CHECK, "open")?;
            entries.remove(CHECK)
        })
    }
}

impl Custody for KeyringCustody {
    fn kind(&self) -> CustodyKind {
        CustodyKind::Keyring
    }

    fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        self.vault.run(list)
    }

    fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        let info = KeyInfo {
            name: name.clone(),
            id: key.id(),
            public: key.public(),
            custody: CustodyKind::Keyring,
            created_at: now,
            backed_up_at: None,
        };
        let secret = key.to_plain_key_file();
        self.vault.run(move |entries| {
            check_new(&list(entries)?, &info.name, &info.id)?;
            entries.set(&key_entry(&info.id), &secret)?;
            let listed =
                set_about(entries, &info).and_then(|()| add_to_index(entries, INDEX, &info.id));
            if let Err(error) = listed {
                // No secret stays where nobody sees it. When this fails too, the first error is the one to tell.
                entries.remove(&key_entry(&info.id)).ok();
                return Err(error);
            }
            Ok(info.clone())
        })
    }

    fn load(&self, name: &KeyName) -> Result<SecretKey, KeyError> {
        let name = name.clone();
        self.vault.run(move |entries| {
            let info = find(list(entries)?, &name)?;
            let entry = key_entry(&info.id);
            let Some(secret) = entries.get_text(&entry)? else {
                return Err(KeyError::SecretGone { name: name.clone() });
            };
            match import(&secret, None) {
                Ok(key) if key.public() == info.public => Ok(key),
                Ok(_) | Err(_) => Err(KeyError::KeyringDamaged { entry }),
            }
        })
    }

    fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError> {
        let (from, to) = (from.clone(), to.clone());
        self.vault.run(move |entries| {
            let info = KeyInfo {
                name: to.clone(),
                ..check_rename(list(entries)?, &from, &to)?
            };
            set_about(entries, &info)?;
            Ok(info)
        })
    }

    fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError> {
        let (name, typed_name) = (name.clone(), typed_name.to_owned());
        self.vault.run(move |entries| {
            let info = check_delete(list(entries)?, &name, &typed_name)?;
            entries.remove(&key_entry(&info.id))?;
            remove_from_index(entries, INDEX, &info.id)?;
            entries.remove(&about_entry(&info.id))
        })
    }

    fn record_backup(&self, proof: &BackupProof) -> Result<KeyInfo, KeyError> {
        let proof = proof.clone();
        self.vault.run(move |entries| {
            let info = KeyInfo {
                backed_up_at: Some(proof.at()),
                ..find(list(entries)?, proof.name())?
            };
            set_about(entries, &info)?;
            Ok(info)
        })
    }
}

impl TokenVault for KeyringCustody {
    fn save_token(&self, server: &str, token: &AccessToken) -> Result<(), KeyError> {
        let (entry, token) = (token_entry(server), token.clone());
        self.vault
            .run(move |entries| entries.set(&entry, token.reveal()))
    }

    fn load_token(&self, server: &str) -> Result<Option<AccessToken>, KeyError> {
        let entry = token_entry(server);
        self.vault.run(move |entries| {
            Ok(entries
                .get_text(&entry)?
                .map(|token| AccessToken::new(token.as_str())))
        })
    }

    fn delete_token(&self, server: &str) -> Result<(), KeyError> {
        let entry = token_entry(server);
        self.vault.run(move |entries| entries.remove(&entry))
    }
}

impl CapgoCustody for KeyringCustody {
    fn list_capgo(&self) -> Result<Vec<CapgoKeyInfo>, KeyError> {
        self.vault.run(list_capgo)
    }

    fn create_capgo(
        &self,
        name: &KeyName,
        key: &CapgoKey,
        now: DateTime<Utc>,
    ) -> Result<CapgoKeyInfo, KeyError> {
        let info = key.info(name, CustodyKind::Keyring, now)?;
        let secret = key.to_pem()?;
        self.vault.run(move |entries| {
            check_new_capgo(&list_capgo(entries)?, &info)?;
            let (entry, about) = (capgo_entry(&info.id), capgo_about_entry(&info.id));
            let damaged = |_| KeyError::KeyringDamaged {
                entry: about.clone(),
            };
            let text = serde_json::to_string(&info).map_err(damaged)?;
            entries.set(&entry, &secret)?;
            let listed = entries
                .set(&about, &text)
                .and_then(|()| add_to_index(entries, CAPGO_INDEX, &info.id));
            if let Err(error) = listed {
                // No secret stays where nobody sees it. When this fails too, the first error is the one to tell.
                entries.remove(&entry).ok();
                return Err(error);
            }
            Ok(info.clone())
        })
    }

    fn load_capgo(&self, name: &KeyName) -> Result<CapgoKey, KeyError> {
        let name = name.clone();
        self.vault.run(move |entries| {
            let info = list_capgo(entries)?
                .into_iter()
                .find(|info| info.name == name)
                .ok_or_else(|| KeyError::NoSuchKey { name: name.clone() })?;
            let entry = capgo_entry(&info.id);
            let Some(secret) = entries.get_text(&entry)? else {
                return Err(KeyError::SecretGone { name: name.clone() });
            };
            match CapgoKey::import(&secret) {
                Ok(key) if key.id()? == info.id => Ok(key),
                Ok(_) | Err(_) => Err(KeyError::KeyringDamaged { entry }),
            }
        })
    }
}

impl fmt::Debug for KeyringCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringCustody")
            .field("service", &self.vault.service())
            .finish_non_exhaustive()
    }
}

fn key_entry(id: &KeyId) -> String {
    format!("key:{id}")
}

fn about_entry(id: &KeyId) -> String {
    format!("about:{id}")
}

fn capgo_entry(id: &KeyId) -> String {
    format!("capgo:{id}")
}

fn capgo_about_entry(id: &KeyId) -> String {
    format!("capgo-about:{id}")
}

fn token_entry(server: &str) -> String {
    format!("token:{}", server_name(server))
}

/// The keys that the index names and that are described. An id without a description is what an interrupted deletion
/// leaves behind.
fn list(entries: &Entries<'_>) -> Result<Vec<KeyInfo>, KeyError> {
    let mut keys = Vec::new();
    for id in index(entries, INDEX)? {
        let entry = about_entry(&id);
        let Some(about) = entries.get(&entry)? else {
            continue;
        };
        match serde_json::from_slice::<KeyInfo>(&about) {
            Ok(info) if info.id == id && info.public.id() == id => keys.push(info),
            Ok(_) | Err(_) => return Err(KeyError::KeyringDamaged { entry }),
        }
    }
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(keys)
}

/// The Capgo keys that their index names and that are described.
fn list_capgo(entries: &Entries<'_>) -> Result<Vec<CapgoKeyInfo>, KeyError> {
    let mut keys = Vec::new();
    for id in index(entries, CAPGO_INDEX)? {
        let entry = capgo_about_entry(&id);
        let Some(about) = entries.get(&entry)? else {
            continue;
        };
        match serde_json::from_slice::<CapgoKeyInfo>(&about) {
            Ok(info) if info.id == id => keys.push(info),
            Ok(_) | Err(_) => return Err(KeyError::KeyringDamaged { entry }),
        }
    }
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(keys)
}

fn set_about(entries: &Entries<'_>, info: &KeyInfo) -> Result<(), KeyError> {
    let entry = about_entry(&info.id);
    match serde_json::to_string(info) {
        Ok(text) => entries.set(&entry, &text),
        Err(_) => Err(KeyError::KeyringDamaged { entry }),
    }
}

fn index(entries: &Entries<'_>, name: &str) -> Result<Vec<KeyId>, KeyError> {
    let text = entries
        .get_text(name)?
        .unwrap_or_else(|| Zeroizing::new(String::new()));
    let ids: Option<_> = text.lines().map(|line| KeyId::parse(line).ok()).collect();
    ids.ok_or_else(|| KeyError::KeyringDamaged {
        entry: name.to_owned(),
    })
}

/// Another process may write the index between our reading and our writing, and then lacks what we wrote, or we lack
/// what it wrote. Reading back and trying again repairs the first.
fn add_to_index(entries: &Entries<'_>, name: &str, id: &KeyId) -> Result<(), KeyError> {
    for _ in 0..8 {
        let mut ids = index(entries, name)?;
        if ids.contains(id) {
            return Ok(());
        }
        ids.push(id.clone());
        set_index(entries, name, &ids)?;
    }
    Err(KeyError::KeyringFailed {
        detail: "The index of keys does not keep what is written to it".to_owned(),
    })
}

fn remove_from_index(entries: &Entries<'_>, name: &str, id: &KeyId) -> Result<(), KeyError> {
    let mut ids = index(entries, name)?;
    ids.retain(|known| known != id);
    set_index(entries, name, &ids)
}

fn set_index(entries: &Entries<'_>, name: &str, ids: &[KeyId]) -> Result<(), KeyError> {
    let lines: Vec<&str> = ids.iter().map(KeyId::as_str).collect();
    entries.set(name, &lines.join("\n"))
}
