//! Keys in password-protected minisign key files.
//!
//! Beside each key file stand its `.pub` and an `.about.json` with name and dates, so that a list needs no password. Both can
//! be missing: the key file alone is a key, and any program that reads minisign's files can use it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::backup::BackupProof;
use crate::custody::{Custody, CustodyKind, KeyInfo, check_delete, check_new, check_rename, find};
use crate::error::KeyError;
use crate::files::{create_folder, folder_of, remove, rename, replace, write_new};
use crate::key_file::{import_file, read};
use crate::name::KeyName;
use crate::public::PublicKey;
use crate::secret::{Password, SecretKey};

/// Keys in files: all of a folder (`NAME.key`), or one file of any name.
///
/// Listing needs no password. Creating and loading do; [`FileCustody::with_password`] gives it, and one custody value is
/// made for each password that a person typed.
pub struct FileCustody {
    place: Place,
    password: Option<Password>,
}

enum Place {
    Folder(PathBuf),
    File(PathBuf),
}

/// What is in a folder of key files.
#[derive(Debug)]
pub struct Survey {
    /// The keys, by name.
    pub keys: Vec<KeyInfo>,
    /// Files that end in `.key` and are not among them.
    pub unlisted: Vec<Unlisted>,
}

/// A file that cannot be listed: it is no key, is damaged, or does not say which key it is.
#[derive(Debug)]
pub struct Unlisted {
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub error: KeyError,
}

/// What the `.about.json` beside a key file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    name: KeyName,
    created_at: DateTime<Utc>,
    backed_up_at: Option<DateTime<Utc>>,
}

const KEY: &str = "key";
const PUBLIC: &str = "pub";
const ABOUT: &str = "about.json";

impl FileCustody {
    /// Every `NAME.key` in `folder`, which is made when the first key is.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::Folder(folder.into()),
            password: None,
        }
    }

    /// The one key file at `path`, whatever it is called.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::File(path.into()),
            password: None,
        }
    }

    /// The password of the files that are created and loaded from now on.
    #[must_use]
    pub fn with_password(mut self, password: Password) -> Self {
        self.password = Some(password);
        self
    }

    /// Every key that can be listed, and why the other files cannot. Opens no secret unless there is a password.
    pub fn survey(&self) -> Result<Survey, KeyError> {
        let mut survey = Survey {
            keys: Vec::new(),
            unlisted: Vec::new(),
        };
        for path in self.key_files()? {
            match self.read_info(&path) {
                Ok(info) => survey.keys.push(info),
                Err(error) => survey.unlisted.push(Unlisted { path, error }),
            }
        }
        survey.keys.sort_by(|a, b| a.name.cmp(&b.name));
        survey.unlisted.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(survey)
    }

    /// The keys that a change must not clash with. A file that is none stands in nobody's way but its own name's.
    fn known(&self) -> Result<Vec<KeyInfo>, KeyError> {
        Ok(self.survey()?.keys)
    }

    /// Where the key `name` is, or would be.
    pub(super) fn path(&self, name: &KeyName) -> PathBuf {
        match &self.place {
            // Not `with_extension`: a name may have dots of its own.
            Place::Folder(folder) => folder.join(format!("{name}.{KEY}")),
            Place::File(path) => path.clone(),
        }
    }

    fn key_files(&self) -> Result<Vec<PathBuf>, KeyError> {
        let folder = match &self.place {
            Place::File(path) if path.exists() => return Ok(vec![path.clone()]),
            Place::File(_) => return Ok(Vec::new()),
            Place::Folder(folder) => folder,
        };
        let failed = |source| KeyError::ReadFile {
            path: folder.clone(),
            source,
        };
        let entries = match fs_err::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == KEY) {
                paths.push(path);
            }
        }
        Ok(paths)
    }

    fn read_info(&self, path: &Path) -> Result<KeyInfo, KeyError> {
        let about = self.read_about(path)?;
        let public = match read_public(path)? {
            Some(public) => public,
            None => self.open(path)?.public(),
        };
        Ok(KeyInfo {
            name: about.name,
            id: public.id(),
            public,
            custody: CustodyKind::File,
            created_at: about.created_at,
            backed_up_at: about.backed_up_at,
        })
    }

    /// What the `.about.json` says; without a usable one, what the key file's own name and date say.
    fn read_about(&self, path: &Path) -> Result<About, KeyError> {
        let failed = |source| KeyError::ReadFile {
            path: path.to_owned(),
            source,
        };
        let about = match fs_err::read(beside(path, ABOUT)) {
            Ok(text) => serde_json::from_slice::<About>(&text).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name_of_file = KeyName::parse(&stem);
        match (about, &self.place) {
            (Some(about), Place::File(_)) => Ok(about),
            (about, _) => {
                let name = name_of_file.map_err(|error| failed(io::Error::other(error)))?;
                let written = fs_err::metadata(path)
                    .and_then(|file| file.modified())
                    .map_err(failed)?;
                let (created_at, backed_up_at) = about.map_or_else(
                    || (written.into(), None),
                    |about| (about.created_at, about.backed_up_at),
                );
                Ok(About {
                    name,
                    created_at,
                    backed_up_at,
                })
            }
        }
    }

    fn open(&self, path: &Path) -> Result<SecretKey, KeyError> {
        let password = self.password.as_ref();
        match import_file(path, password) {
            Err(KeyError::Import(crate::ImportError::PasswordNeeded)) => {
                Err(KeyError::PasswordNeeded)
            }
            opened => opened,
        }
    }

    fn write_about(path: &Path, info: &KeyInfo) -> Result<(), KeyError> {
        let path = beside(path, ABOUT);
        let failed = |source| KeyError::WriteFile {
            path: path.clone(),
            source,
        };
        let about = About {
            name: info.name.clone(),
            created_at: info.created_at,
            backed_up_at: info.backed_up_at,
        };
        let text = serde_json::to_vec_pretty(&about).map_err(|error| failed(error.into()))?;
        replace(&path, &text)
    }
}

impl Custody for FileCustody {
    fn kind(&self) -> CustodyKind {
        CustodyKind::File
    }

    fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
        let Survey { keys, unlisted } = self.survey()?;
        match unlisted.into_iter().next() {
            Some(Unlisted { error, .. }) => Err(error),
            None => Ok(keys),
        }
    }

    fn create(
        &self,
        name: &KeyName,
        key: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyError> {
        let path = self.path(name);
        let password = self.password.as_ref().ok_or(KeyError::PasswordNeeded)?;
        if let Place::File(path) = &self.place {
            check_free(path)?;
        }
        check_new(&self.known()?, name, &key.id())?;
        if path.exists() {
            return Err(KeyError::NameTaken { name: name.clone() });
        }
        check_beside(&path)?;
        let text = key.to_key_file(password)?;
        create_folder(folder_of(&path))?;
        let info = KeyInfo {
            name: name.clone(),
            id: key.id(),
            public: key.public(),
            custody: CustodyKind::File,
            created_at: now,
            backed_up_at: None,
        };
        // The key last: what stands beside it means nothing without it.
        Self::write_about(&path, &info)?;
        replace(
            &beside(&path, PUBLIC),
            info.public.minisign_file().as_bytes(),
        )?;
        match write_new(&path, text.as_bytes()) {
            Err(KeyError::FileExists { .. }) => Err(KeyError::NameTaken { name: name.clone() }),
            written => written.map(|()| info),
        }
    }

    fn load(&self, name: &KeyName) -> Result<SecretKey, KeyError> {
        let info = self.info(name)?;
        let path = self.path(&info.name);
        let key = self.open(&path)?;
        if key.public() == info.public {
            Ok(key)
        } else {
            Err(KeyError::PublicPart { path })
        }
    }

    fn rename(&self, from: &KeyName, to: &KeyName) -> Result<KeyInfo, KeyError> {
        let Survey { keys, unlisted } = self.survey()?;
        let info = KeyInfo {
            name: to.clone(),
            ..check_rename(keys, from, to)?
        };
        let (old, new) = (self.path(from), self.path(to));
        if old == new {
            Self::write_about(&new, &info)?;
            return Ok(info);
        }
        // A file that is not listed is not overwritten either. Where case does not count, the new name may be the old one.
        let not_listed = unlisted.iter().any(|file| file.path == new);
        if not_listed || (new.exists() && !from.clashes_with(to)) {
            return Err(KeyError::FileExists { path: new });
        }
        if !from.clashes_with(to) {
            check_beside(&new)?;
        }
        // What stands beside the key comes first and goes last, so that the key is never alone.
        Self::write_about(&new, &info)?;
        replace(
            &beside(&new, PUBLIC),
            info.public.minisign_file().as_bytes(),
        )?;
        rename(&old, &new)?;
        // Where case does not count, the old names are the new ones.
        if !from.clashes_with(to) {
            remove(&beside(&old, PUBLIC))?;
            remove(&beside(&old, ABOUT))?;
        }
        Ok(info)
    }

    fn delete(&self, name: &KeyName, typed_name: &str) -> Result<(), KeyError> {
        check_delete(self.known()?, name, typed_name)?;
        let path = self.path(name);
        remove(&path)?;
        remove(&beside(&path, PUBLIC))?;
        remove(&beside(&path, ABOUT))
    }

    fn record_backup(&self, proof: &BackupProof) -> Result<KeyInfo, KeyError> {
        let info = KeyInfo {
            backed_up_at: Some(proof.at()),
            ..find(self.known()?, proof.name())?
        };
        Self::write_about(&self.path(&info.name), &info)?;
        Ok(info)
    }

    fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyError> {
        let Survey { keys, unlisted } = self.survey()?;
        let path = self.path(name);
        match unlisted.into_iter().find(|file| file.path == path) {
            Some(Unlisted { error, .. }) => Err(error),
            None => find(keys, name),
        }
    }
}

impl fmt::Debug for FileCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Place::Folder(path) | Place::File(path)) = &self.place;
        f.debug_struct("FileCustody")
            .field("path", path)
            .finish_non_exhaustive()
    }
}

/// The file of another extension beside a key file, as `minisign -G` names it.
fn beside(path: &Path, extension: &str) -> PathBuf {
    path.with_extension(extension)
}

/// Outside a folder of our own, what stands beside the key is not ours to overwrite either.
fn check_free(path: &Path) -> Result<(), KeyError> {
    let (public, about) = (beside(path, PUBLIC), beside(path, ABOUT));
    if *path == public {
        let source = io::Error::new(
            io::ErrorKind::InvalidInput,
            "“.pub” is the ending of public keys",
        );
        return Err(KeyError::WriteFile {
            path: public,
            source,
        });
    }
    match [path.to_owned(), public, about]
        .into_iter()
        .find(|path| path.exists())
    {
        Some(path) => Err(KeyError::FileExists { path }),
        None => Ok(()),
    }
}

/// A public key that stands alone in a folder is somebody's: of ours, a crash leaves none without its `.about.json`.
fn check_beside(path: &Path) -> Result<(), KeyError> {
    let public = beside(path, PUBLIC);
    if public.exists() && !beside(path, ABOUT).exists() {
        return Err(KeyError::FileExists { path: public });
    }
    Ok(())
}

/// The public key beside a key file: `NAME.pub` as minisign calls it, or `NAME.key.pub` as tauri does.
fn read_public(path: &Path) -> Result<Option<PublicKey>, KeyError> {
    let mut as_tauri = path.as_os_str().to_owned();
    as_tauri.push(".pub");
    for candidate in [beside(path, PUBLIC), as_tauri.into()] {
        if candidate.exists() {
            let public = read(&candidate)?.parse::<PublicKey>();
            return match public {
                Ok(public) => Ok(Some(public)),
                Err(_) => Err(KeyError::PublicPart {
                    path: path.to_owned(),
                }),
            };
        }
    }
    Ok(None)
}
