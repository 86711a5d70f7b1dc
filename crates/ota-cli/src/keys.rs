//! Finding a key by what was typed, and its password.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ota_client::{CapgoSigner, Signer};
use ota_keys::{
    CapgoKey, Custody as _, ImportError, KeyError, KeyName, KeyringCustody, Password, PublicKey,
    SecretKey, import_file,
};

use zeroize::Zeroizing;

use crate::cli::PasswordArgs;
use crate::failure::{Told, Usage};

const PASSWORD: &str = "SWITCHTOWER_KEY_PASSWORD";
const WHERE_FROM: &str =
    "Put it into SWITCHTOWER_KEY_PASSWORD, or name another variable with --password-env";

/// What `KEY` on the command line stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Keyring(KeyName),
    File(PathBuf),
}

impl Place {
    /// A file that is there, or anything that looks like a path, is a file; everything else is a name.
    pub(crate) fn of(text: &str) -> anyhow::Result<Self> {
        let path = Path::new(text);
        if path.is_file() || text.contains(['/', '\\']) {
            return Ok(Self::File(path.to_owned()));
        }
        match text.parse() {
            Ok(name) => Ok(Self::Keyring(name)),
            Err(error) => Err(Usage::new(
                format!("“{text}” is neither a key file nor the name of a key: {error}"),
                "Give the name of a key in the OS keyring, or the path of a key file",
            )
            .into()),
        }
    }
}

/// The key, open: for one signature.
pub(crate) async fn open(
    text: &str,
    password: &PasswordArgs,
) -> anyhow::Result<(String, SecretKey)> {
    match Place::of(text)? {
        Place::File(path) => {
            let key = open_file(&path, password)?;
            Ok((shown(&path), key))
        }
        Place::Keyring(name) => {
            let wanted = name.clone();
            let key = blocking(move || KeyringCustody::new().load(&wanted)).await?;
            Ok((name.to_string(), key))
        }
    }
}

/// The key for a publication: one in the keyring is unlocked only when it signs.
pub(crate) async fn signer(text: &str, password: &PasswordArgs) -> anyhow::Result<Signer> {
    match Place::of(text)? {
        Place::File(path) => Ok(Signer::open(shown(&path), open_file(&path, password)?)),
        Place::Keyring(name) => {
            let custody = Arc::new(KeyringCustody::new());
            let (asked, wanted) = (Arc::clone(&custody), name.clone());
            let info = blocking(move || asked.info(&wanted)).await?;
            Ok(Signer::kept(custody, name, info.public))
        }
    }
}

/// The Capgo key for a publication: the one that is named, or else the one in the keyring that belongs to the app.
/// Looked for only when the app's clients need it.
pub(crate) fn capgo_signer(text: Option<&str>) -> anyhow::Result<CapgoSigner> {
    let name = match text.map(Place::of).transpose()? {
        Some(Place::File(path)) => return Ok(CapgoSigner::open(capgo_file(&path)?)),
        Some(Place::Keyring(name)) => Some(name),
        None => None,
    };
    Ok(CapgoSigner::kept(Arc::new(KeyringCustody::new()), name))
}

/// Reads the private PEM of a Capgo key.
pub(crate) fn capgo_file(path: &Path) -> anyhow::Result<CapgoKey> {
    let failed = |source| KeyError::ReadFile {
        path: path.to_owned(),
        source,
    };
    let pem = Zeroizing::new(fs_err::read_to_string(path).map_err(failed)?);
    Ok(CapgoKey::import(&pem).map_err(KeyError::Import)?)
}

/// The public half alone: no secret is opened when it can be had without.
pub(crate) async fn public(text: &str, password: &PasswordArgs) -> anyhow::Result<PublicKey> {
    let path = match Place::of(text)? {
        Place::Keyring(name) => {
            let info = blocking(move || KeyringCustody::new().info(&name)).await?;
            return Ok(info.public);
        }
        Place::File(path) => path,
    };
    if let Some(public) = read_public(&path) {
        return Ok(public);
    }
    let beside = PathBuf::from(format!("{}.pub", path.display()));
    match read_public(&beside) {
        Some(public) => Ok(public),
        None => Ok(open_file(&path, password)?.public()),
    }
}

fn read_public(path: &Path) -> Option<PublicKey> {
    fs_err::read_to_string(path).ok()?.parse().ok()
}

/// Opens a key file; asks for the password only if there is one.
pub(crate) fn open_file(path: &Path, password: &PasswordArgs) -> anyhow::Result<SecretKey> {
    match import_file(path, None) {
        Err(KeyError::Import(ImportError::PasswordNeeded)) => {}
        opened => return Ok(opened?),
    }
    let password = match given(password)? {
        Some(password) => password,
        None => prompt(
            &format!("Password of {}: ", path.display()),
            "The key file needs its password",
        )?,
    };
    Ok(import_file(path, Some(&password))?)
}

/// A password for a new file: twice when a person types it.
pub(crate) fn new_password(password: &PasswordArgs) -> anyhow::Result<Password> {
    if let Some(password) = given(password)? {
        return Ok(password);
    }
    let missing = "A key file needs a password";
    let first = prompt("Password of the new key file: ", missing)?;
    let second = prompt("The same again: ", missing)?;
    if first.reveal() == second.reveal() {
        Ok(first)
    } else {
        Err(Told::failed("The two passwords differ. Nothing was written", None).into())
    }
}

fn given(password: &PasswordArgs) -> anyhow::Result<Option<Password>> {
    match &password.password_env {
        Some(variable) => match env::var(variable) {
            Ok(text) => Ok(Some(Password::new(text))),
            Err(_) => {
                Err(Usage::new(format!("The variable {variable} is not set"), WHERE_FROM).into())
            }
        },
        None => Ok(env::var(PASSWORD).ok().map(Password::new)),
    }
}

fn prompt(question: &str, missing: &str) -> anyhow::Result<Password> {
    if !io::stdin().is_terminal() {
        return Err(Told::failed(missing, Some(WHERE_FROM.to_owned())).into());
    }
    Ok(Password::new(rpassword::prompt_password(question)?))
}

/// A keyring call waits for a person, perhaps; it must not hold a thread that others wait for.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyError> + Send + 'static,
) -> anyhow::Result<T> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

/// The name of a key file, as messages and the server show it.
pub(crate) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.trim_end_matches(".key").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("main");
        fs_err::write(&file, "x").unwrap();
        assert_eq!(
            Place::of("tidepool prod").unwrap(),
            Place::Keyring("tidepool prod".parse().unwrap())
        );
        for path in [
            "./main.key",
            "keys/main",
            "C:\\keys\\main",
            file.to_str().unwrap(),
        ] {
            assert_eq!(Place::of(path).unwrap(), Place::File(path.into()), "{path}");
        }
        assert!(Place::of("").is_err());
    }
}
