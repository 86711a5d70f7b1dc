//! Keys and tokens: every call blocks, for a person or for scrypt, so each one has a blocking thread.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use ota_client::Signer;
use ota_keys::{
    AccessToken, Custody as _, CustodyKind, KeyError, KeyFolder, KeyInfo, KeyName, KeyringCustody,
    MemoryCustody, Password, SecretKey, Survey, TokenVault as _, Unlisted,
};

use crate::model::{Fault, FaultKind, Keep, KeyFiles, KeyRef, UnlistedFile};

/// The keyring, the folder of key files, and what is kept in memory alone; all off the runtime's threads.
#[derive(Clone)]
pub(super) struct Keys {
    keyring: Arc<KeyringCustody>,
    files: Arc<Mutex<Files>>,
    /// Tokens that the keyring did not take: gone with the app.
    sitting: Arc<MemoryCustody>,
    own_folder: PathBuf,
}

/// The folder in use.
#[derive(Clone)]
struct Files {
    folder: Arc<KeyFolder>,
    /// One that a person chose has to be there: a disk may be missing, and nothing is written in its place.
    chosen: bool,
}

impl Files {
    fn check(&self) -> Result<&Arc<KeyFolder>, Fault> {
        if self.chosen && !self.folder.path().is_dir() {
            let message = format!(
                "The folder of the key files is not there: {}. The keys in it are not affected",
                self.folder.path().display()
            );
            let hint = "Connect the disk that it is on, or choose another folder";
            return Err(Fault {
                message,
                hint: Some(hint.to_owned()),
                kind: FaultKind::Local,
            });
        }
        Ok(&self.folder)
    }
}

impl Keys {
    /// `own_folder` is where key files go until another one is chosen.
    pub(super) fn new(own_folder: PathBuf) -> Self {
        let files = Files {
            folder: Arc::new(KeyFolder::new(&own_folder)),
            chosen: false,
        };
        Self {
            keyring: Arc::new(KeyringCustody::new()),
            files: Arc::new(Mutex::new(files)),
            sitting: Arc::new(MemoryCustody::new()),
            own_folder,
        }
    }

    /// Keeps key files in another folder from now on. What was remembered of the last one is forgotten.
    pub(super) fn use_folder(&self, chosen: Option<PathBuf>) {
        let chosen = chosen.filter(|folder| *folder != self.own_folder);
        let mut files = self.files();
        files.chosen = chosen.is_some();
        let folder = chosen.unwrap_or_else(|| self.own_folder.clone());
        if files.folder.path() != folder {
            files.folder = Arc::new(KeyFolder::new(folder));
        }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work on the keyring.
    async fn keyring<T: Send + 'static>(
        &self,
        work: impl FnOnce(&KeyringCustody) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let keyring = Arc::clone(&self.keyring);
        blocking(move || work(&keyring)).await
    }

    /// Work on the key files.
    async fn folder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<KeyFolder>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let files = self.files().clone();
        blocking(move || work(files.check()?)).await
    }

    /// The keys of the keyring.
    pub(super) async fn list(&self) -> Result<Vec<KeyInfo>, Fault> {
        self.keyring(|keyring| {
            let keys = keyring.list()?;
            if keys.is_empty() {
                // A locked keyring says that it holds nothing, too.
                keyring.check()?;
            }
            Ok(keys)
        })
        .await
    }

    /// The keys in files.
    pub(super) async fn list_files(&self) -> Result<KeyFiles, Fault> {
        self.folder(|folder| {
            let Survey { keys, unlisted } = folder.survey()?;
            Ok(KeyFiles {
                folder: folder.path().to_owned(),
                keys,
                unlisted: unlisted.into_iter().map(unlisted_file).collect(),
                remembered: folder.remembers(),
            })
        })
        .await
    }

    /// Whether the keyring is open.
    pub(super) async fn check(&self) -> Result<(), Fault> {
        self.keyring(|keyring| Ok(keyring.check()?)).await
    }

    /// The secret key, for one signature.
    pub(super) async fn load(
        &self,
        key: KeyRef,
        password: Option<Password>,
    ) -> Result<SecretKey, Fault> {
        let name = key.name;
        match key.custody {
            CustodyKind::File => {
                self.folder(move |folder| Ok(folder.load(&name, password)?))
                    .await
            }
            CustodyKind::Keyring | CustodyKind::Memory => {
                self.keyring(move |keyring| Ok(keyring.load(&name)?)).await
            }
        }
    }

    /// The key for a publication: it is opened only when it signs, on a thread of its own.
    pub(super) async fn signer(
        &self,
        key: KeyRef,
        password: Option<Password>,
    ) -> Result<Signer, Fault> {
        let name = key.name;
        match key.custody {
            CustodyKind::File => {
                self.folder(move |folder| {
                    let public = folder.info(&name)?.public;
                    let (folder, shown) = (Arc::clone(folder), name.to_string());
                    let load = move || folder.load(&name, password);
                    Ok(Signer::new(shown, public, load))
                })
                .await
            }
            CustodyKind::Keyring | CustodyKind::Memory => {
                let keys = self.list().await?;
                let known = keys.into_iter().find(|known| known.name == name);
                let Some(KeyInfo { name, public, .. }) = known else {
                    return Err(Fault {
                        message: format!(
                            "There is no key named “{name}” in the keyring. Nothing was sent"
                        ),
                        hint: Some("Choose another key, or import it".to_owned()),
                        kind: FaultKind::Local,
                    });
                };
                Ok(Signer::kept(Arc::clone(&self.keyring) as _, name, public))
            }
        }
    }

    /// Makes a key.
    pub(super) async fn generate(&self, name: String, keep: Keep) -> Result<KeyRef, Fault> {
        self.keep(name, keep, || Ok(ota_keys::generate()?)).await
    }

    /// Takes a key out of a file, which stays as it is.
    pub(super) async fn import(
        &self,
        path: PathBuf,
        name: String,
        password: Option<Password>,
        keep: Keep,
    ) -> Result<KeyRef, Fault> {
        let open = move || Ok(ota_keys::import_file(&path, password.as_ref())?);
        self.keep(name, keep, open).await
    }

    async fn keep(
        &self,
        name: String,
        keep: Keep,
        key: impl FnOnce() -> Result<SecretKey, Fault> + Send + 'static,
    ) -> Result<KeyRef, Fault> {
        let name = key_name(&name)?;
        let info = match keep {
            Keep::Keyring => {
                self.keyring(move |keyring| Ok(keyring.create(&name, &key()?, Utc::now())?))
                    .await?
            }
            Keep::File { password } => {
                self.folder(move |folder| {
                    Ok(folder.create(&name, &key()?, password, Utc::now())?)
                })
                .await?
            }
        };
        Ok(KeyRef::from(&info))
    }

    /// Whether the password opens the key file; remembered from then on if that is wished.
    pub(super) async fn unlock(
        &self,
        name: KeyName,
        password: Password,
        remember: bool,
    ) -> Result<(), Fault> {
        self.folder(move |folder| {
            folder.unlock(&name, password, remember)?;
            Ok(())
        })
        .await
    }

    pub(super) fn forget(&self, name: &KeyName) {
        self.files().folder.forget(name);
    }

    /// Writes an encrypted copy, restores and checks it. That of a key file has the file's own password.
    pub(super) async fn back_up(
        &self,
        key: KeyRef,
        path: PathBuf,
        password: Password,
    ) -> Result<(), Fault> {
        let (name, now) = (key.name, Utc::now());
        match key.custody {
            CustodyKind::File => {
                self.folder(move |folder| {
                    refuse_key_folder(folder.path(), &path)?;
                    folder.back_up(&name, &password, &path, now)?;
                    Ok(())
                })
                .await
            }
            CustodyKind::Keyring | CustodyKind::Memory => {
                self.keyring(move |keyring| {
                    ota_keys::back_up(keyring, &name, &password, &path, now)?;
                    Ok(())
                })
                .await
            }
        }
    }

    pub(super) async fn rename(&self, key: KeyRef, to: String) -> Result<(), Fault> {
        let to = key_name(&to)?;
        match key.custody {
            CustodyKind::File => {
                self.folder(move |folder| Ok(folder.rename(&key.name, &to).map(drop)?))
                    .await
            }
            CustodyKind::Keyring | CustodyKind::Memory => {
                self.keyring(move |keyring| Ok(keyring.rename(&key.name, &to).map(drop)?))
                    .await
            }
        }
    }

    pub(super) async fn delete(&self, key: KeyRef, typed: String) -> Result<(), Fault> {
        match key.custody {
            CustodyKind::File => {
                self.folder(move |folder| Ok(folder.delete(&key.name, &typed)?))
                    .await
            }
            CustodyKind::Keyring | CustodyKind::Memory => {
                self.keyring(move |keyring| Ok(keyring.delete(&key.name, &typed)?))
                    .await
            }
        }
    }

    /// The token of a server: one of this sitting, else the keyring's.
    pub(super) async fn token(&self, server: String) -> Result<Option<AccessToken>, Fault> {
        if let Some(token) = self.sitting.load_token(&server)? {
            return Ok(Some(token));
        }
        self.keyring(move |keyring| Ok(keyring.load_token(&server)?))
            .await
    }

    /// Whether the token of a server is kept in memory alone.
    pub(super) fn is_of_this_sitting(&self, server: &str) -> bool {
        self.sitting
            .load_token(server)
            .is_ok_and(|token| token.is_some())
    }

    /// Keeps a token in the keyring. Where that does not take it, in memory until the app closes.
    pub(super) async fn save_token(&self, server: String, token: AccessToken) -> Result<(), Fault> {
        let (name, for_keyring) = (server.clone(), token.clone());
        let kept = self
            .keyring(move |keyring| Ok(keyring.save_token(&name, &for_keyring)?))
            .await;
        match kept {
            Ok(()) => self.sitting.delete_token(&server)?,
            Err(fault) => {
                tracing::warn!("The keyring keeps no token: {}", fault.message);
                self.sitting.save_token(&server, &token)?;
            }
        }
        Ok(())
    }

    /// Forgets a token that the server does not take. A keyring that does not answer keeps it until it is replaced.
    pub(super) async fn delete_token(&self, server: String) -> Result<(), Fault> {
        self.sitting.delete_token(&server)?;
        let deleted = self
            .keyring(move |keyring| Ok(keyring.delete_token(&server)?))
            .await;
        if let Err(fault) = deleted {
            tracing::warn!("A token stays in the keyring: {}", fault.message);
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Fault::local(format!("A key was not touched: {error}"))))
}

fn unlisted_file(file: Unlisted) -> UnlistedFile {
    let name = file.path.file_name().unwrap_or_default();
    // What to do about a file that was chosen says nothing to whoever chose none.
    let chosen = matches!(file.error, KeyError::Import(_));
    let fault = Fault::from(file.error);
    UnlistedFile {
        file: name.to_string_lossy().into_owned(),
        fault: Fault {
            hint: fault.hint.filter(|_| !chosen),
            ..fault
        },
    }
}

/// A copy beside the key goes when the key goes, and would be listed as a key of its own.
fn refuse_key_folder(folder: &Path, out: &Path) -> Result<(), Fault> {
    let real = |path: &Path| fs_err::canonicalize(path).ok();
    if out.parent().and_then(real) != real(folder) {
        return Ok(());
    }
    Err(Fault {
        message: "A backup beside the key itself is none. Nothing was written".to_owned(),
        hint: Some("Choose another folder, on another disk if there is one".to_owned()),
        kind: FaultKind::Local,
    })
}

fn key_name(text: &str) -> Result<KeyName, Fault> {
    text.trim()
        .parse()
        .map_err(|error: ota_keys::KeyNameError| Fault::local(error.to_string()))
}
