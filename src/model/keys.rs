//! The keys of this computer: in its keyring, and in files that only their password opens.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ota_keys::{CustodyKind, KeyInfo, KeyName, Password};
use ota_model::{AppSlug, Revision};
use serde::{Deserialize, Serialize};

use super::{Action, Dialog, Fault, FaultKind, Job, Model, PublishOrder, Remote, ToastKind};

/// Which key is meant: a name stands for one key within one custody alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyRef {
    /// Where it is kept.
    pub custody: CustodyKind,
    /// What it is called there.
    pub name: KeyName,
}

impl From<&KeyInfo> for KeyRef {
    fn from(key: &KeyInfo) -> Self {
        Self {
            custody: key.custody,
            name: key.name.clone(),
        }
    }
}

/// Where new keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// Into the keyring of the operating system.
    #[default]
    Keyring,
    /// Into a password-protected file.
    File,
}

/// How a new key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file of the key folder.
    File {
        /// What opens it from now on.
        password: Password,
    },
}

impl Keep {
    /// Where that is.
    pub fn place(&self) -> KeyPlace {
        match self {
            Self::Keyring => KeyPlace::Keyring,
            Self::File { .. } => KeyPlace::File,
        }
    }

    /// The same as a custody.
    pub fn custody(&self) -> CustodyKind {
        match self {
            Self::Keyring => CustodyKind::Keyring,
            Self::File { .. } => CustodyKind::File,
        }
    }
}

/// What is in the key folder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyFiles {
    /// Where it is.
    pub folder: PathBuf,
    /// The keys, by name.
    pub keys: Vec<KeyInfo>,
    /// Files that look like keys and are not used.
    pub unlisted: Vec<UnlistedFile>,
    /// The keys whose password is remembered until the app closes.
    pub remembered: BTreeSet<KeyName>,
}

/// A file that looks like a key and is not used.
#[derive(Debug, Clone, PartialEq)]
pub struct UnlistedFile {
    /// Its name in the key folder.
    pub file: String,
    /// Why.
    pub fault: Fault,
}

/// The keys of both custodies. Each answers for itself, and one that does not answer takes nothing from the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keys {
    /// Those in the keyring; a fault says why there are none.
    pub keyring: Remote<Vec<KeyInfo>>,
    /// Those in files.
    pub files: Remote<KeyFiles>,
}

impl Keys {
    /// Every key, those of the keyring first.
    pub fn all(&self) -> impl Iterator<Item = &KeyInfo> {
        let files = self.files.latest().map_or(&[][..], |files| &files.keys);
        self.keyring.latest().into_iter().flatten().chain(files)
    }

    /// One key.
    pub fn get(&self, key: &KeyRef) -> Option<&KeyInfo> {
        self.all().find(|known| KeyRef::from(*known) == *key)
    }

    /// Whether an answer of one of them is still awaited and none came before.
    pub fn is_waiting(&self) -> bool {
        let files = self.files.latest().is_none() && self.files.fault().is_none();
        let keyring = self.keyring.latest().is_none() && self.keyring.fault().is_none();
        files || keyring
    }

    /// Whether the password of a key file is remembered until the app closes.
    pub fn remembers(&self, key: &KeyRef) -> bool {
        let files = self.files.latest();
        key.custody == CustodyKind::File
            && files.is_some_and(|files| files.remembered.contains(&key.name))
    }

    /// Where new keys go: where the person wants them, and into a file when the keyring does not answer.
    pub fn place(&self, wanted: KeyPlace) -> KeyPlace {
        match self.keyring.fault() {
            Some(_) => KeyPlace::File,
            None => wanted,
        }
    }
}

/// A question for the password of a key file, and what is done once it opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Unlock {
    /// Which key.
    pub key: KeyRef,
    /// What for.
    pub purpose: Purpose,
    /// Why the last try failed.
    pub failed: Option<Fault>,
    /// What was typed is being tried.
    pub trying: Option<Password>,
}

/// What a key is opened for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// Sign a release and publish it.
    Publish {
        /// The form.
        order: PublishOrder,
        /// The channel as it was when the button was pressed.
        revision: Revision,
    },
    /// Let an app trust it.
    Trust {
        /// Which.
        app: AppSlug,
    },
}

impl Model {
    /// Publishes; asks for the password first where the key needs one.
    pub(super) fn order_publish(&mut self, order: PublishOrder) -> Vec<Job> {
        let Some(revision) = self.channel(&order.channel).map(|channel| channel.revision) else {
            return Vec::new();
        };
        let key = order.key.clone();
        self.sign_for(key, Purpose::Publish { order, revision })
    }

    pub(super) fn order_trust(&mut self, key: KeyRef) -> Vec<Job> {
        match self.app().cloned() {
            Some(app) => self.sign_for(key, Purpose::Trust { app }),
            None => Vec::new(),
        }
    }

    fn sign_for(&mut self, key: KeyRef, purpose: Purpose) -> Vec<Job> {
        if key.custody == CustodyKind::File && !self.keys.remembers(&key) {
            self.dialog = Some(Dialog::Unlock(Box::new(Unlock {
                key,
                purpose,
                failed: None,
                trying: None,
            })));
            return Vec::new();
        }
        self.carry_out(key, purpose, None)
    }

    fn carry_out(&mut self, key: KeyRef, purpose: Purpose, password: Option<Password>) -> Vec<Job> {
        match purpose {
            Purpose::Publish { order, revision } => self.publish(order, revision, password),
            Purpose::Trust { app } => vec![Job::TrustKey { app, key, password }],
        }
    }

    pub(super) fn unlock(&mut self, password: Password, remember: bool) -> Vec<Job> {
        let Some(Dialog::Unlock(unlock)) = &mut self.dialog else {
            return Vec::new();
        };
        if unlock.trying.is_some() {
            return Vec::new();
        }
        unlock.failed = None;
        // One that is remembered is with the files; the other goes with the one signature.
        unlock.trying = Some(password.clone());
        vec![Job::UnlockKey {
            name: unlock.key.name.clone(),
            password,
            remember,
        }]
    }

    pub(super) fn on_unlocked(
        &mut self,
        name: &KeyName,
        remembered: bool,
        result: Result<(), Fault>,
    ) -> Vec<Job> {
        let mut jobs = vec![Job::ListKeyFiles];
        // Its dialog may be closed meanwhile, and then nothing is signed.
        let Some(Dialog::Unlock(unlock)) = &mut self.dialog else {
            return jobs;
        };
        if unlock.key.name != *name {
            return jobs;
        }
        let Some(password) = unlock.trying.take() else {
            return jobs;
        };
        match result {
            Ok(()) => {
                let (key, purpose) = (unlock.key.clone(), unlock.purpose.clone());
                self.dialog = None;
                let password = (!remembered).then_some(password);
                jobs.extend(self.carry_out(key, purpose, password));
            }
            Err(fault) => unlock.failed = Some(fault),
        }
        jobs
    }

    /// The folder of the key files, as far as it is known.
    pub fn key_folder(&self) -> Option<&Path> {
        let listed = self.keys.files.latest().map(|files| files.folder.as_path());
        listed.or(self.settings.key_folder.as_deref())
    }

    pub(super) fn list_keys(&mut self) -> Vec<Job> {
        self.keys.keyring.begin();
        self.keys.files.begin();
        vec![Job::ListKeys, Job::ListKeyFiles]
    }

    /// Reads again the keys of one custody: a locked keyring would ask the person again.
    fn list_keys_in(&mut self, custody: CustodyKind) -> Job {
        if custody == CustodyKind::File {
            self.keys.files.begin();
            return Job::ListKeyFiles;
        }
        self.keys.keyring.begin();
        Job::ListKeys
    }

    pub(super) fn use_key_folder(&mut self, folder: Option<PathBuf>) -> Vec<Job> {
        self.settings.key_folder.clone_from(&folder);
        // What is in another folder is not what was listed.
        self.keys.files = Remote::default();
        self.keys.files.begin();
        vec![self.save(), Job::UseKeyFolder(folder), Job::ListKeyFiles]
    }

    pub(super) fn keep_new_keys_in(&mut self, place: KeyPlace) -> Vec<Job> {
        self.settings.new_keys = place;
        vec![self.save()]
    }

    pub(super) fn apply_to_keys(&mut self, action: Action) -> Vec<Job> {
        let app = self.app().cloned();
        let mut jobs = Vec::new();
        let job = match action {
            Action::GenerateKey { name, keep, trust } => {
                jobs.extend(self.remember_place(&keep));
                Job::GenerateKey {
                    name,
                    keep,
                    trust: app.filter(|_| trust),
                }
            }
            Action::ImportKey {
                path,
                name,
                password,
                keep,
                trust,
            } => {
                jobs.extend(self.remember_place(&keep));
                Job::ImportKey {
                    path,
                    name,
                    password,
                    keep,
                    trust: app.filter(|_| trust),
                }
            }
            Action::BackUpKey {
                key,
                path,
                password,
            } => Job::BackUpKey {
                key,
                path,
                password,
            },
            Action::RenameKey { key, to } => return self.once(Job::RenameKey { key, to }),
            Action::DeleteKey { key, typed } => return self.once(Job::DeleteKey { key, typed }),
            _ => return Vec::new(),
        };
        self.with_key_dialog(|busy, failed| {
            *busy = true;
            *failed = None;
        });
        jobs.push(job);
        jobs
    }

    /// A choice between two is remembered; where there was no choice, it says nothing of what the person wants.
    fn remember_place(&mut self, keep: &Keep) -> Option<Job> {
        if self.keys.keyring.fault().is_some() || self.settings.new_keys == keep.place() {
            return None;
        }
        self.settings.new_keys = keep.place();
        Some(self.save())
    }

    /// The dialogs about keys that show work in progress.
    fn with_key_dialog(&mut self, change: impl FnOnce(&mut bool, &mut Option<Fault>)) {
        match &mut self.dialog {
            Some(
                Dialog::NewKey { busy, failed }
                | Dialog::ImportKey { busy, failed, .. }
                | Dialog::BackUpKey { busy, failed, .. },
            ) => change(busy, failed),
            Some(Dialog::RenameKey { failed, .. } | Dialog::DeleteKey { failed, .. }) => {
                change(&mut false, failed);
            }
            _ => {}
        }
    }

    pub(super) fn on_key_done(
        &mut self,
        done: String,
        custody: CustodyKind,
        result: Result<(), Fault>,
    ) -> Vec<Job> {
        self.awaiting = false;
        match result {
            Ok(()) => {
                if matches!(
                    self.dialog,
                    Some(
                        Dialog::NewKey { .. }
                            | Dialog::ImportKey { .. }
                            | Dialog::BackUpKey { .. }
                            | Dialog::RenameKey { .. }
                            | Dialog::DeleteKey { .. }
                    )
                ) {
                    self.dialog = None;
                }
                self.toast(ToastKind::Done, done, String::new());
            }
            Err(fault) => {
                let mut shown = false;
                self.with_key_dialog(|busy, failed| {
                    *busy = false;
                    *failed = Some(fault.clone());
                    shown = true;
                });
                if !shown {
                    self.dialog = Some(Dialog::Message {
                        title: "The key was not changed".to_owned(),
                        fault: fault.clone(),
                    });
                }
                self.note_fault(self.now, Some(&fault));
            }
        }
        let mut jobs = vec![self.list_keys_in(custody)];
        jobs.extend(self.fetch_app());
        jobs
    }

    /// After a signature failed: a remembered password that opened nothing is forgotten, which the list tells.
    pub(super) fn note_password(&mut self, fault: &Fault) -> Vec<Job> {
        if fault.kind == FaultKind::Password {
            vec![self.list_keys_in(CustodyKind::File)]
        } else {
            Vec::new()
        }
    }
}
