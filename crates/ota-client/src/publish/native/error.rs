//! What is wrong with an installer.

use std::path::PathBuf;

use ota_keys::{SignatureError, VerifyError};
use ota_model::{AppSlug, Hint, KeyId, PlatformKey};
use semver::Version;
use thiserror::Error;

/// Why installers were not published. Nothing was uploaded.
#[derive(Debug, Error)]
pub enum NativeError {
    /// No file was an installer.
    #[error("There is no installer among what was given. Nothing was uploaded")]
    Nothing,
    /// Something that a person has to settle.
    #[error("{title}. Nothing was uploaded")]
    Problem {
        /// What it is.
        title: String,
        /// What to do.
        remedy: String,
    },
    /// Two files for the same devices.
    #[error("Two installers are for {platform}. Nothing was uploaded")]
    Twice {
        /// Which devices.
        platform: PlatformKey,
    },
    /// There is neither a signature nor a key.
    #[error("There is no signature beside {}, and no key was given. Nothing was uploaded", files.join(" and "))]
    Unsigned {
        /// Their names.
        files: Vec<String>,
    },
    /// The file cannot be read.
    #[error("{file} cannot be read. Nothing was uploaded")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The `.sig` file holds something else.
    #[error("{}.sig holds no signature that devices accept. Nothing was uploaded", path.display())]
    NoSignature {
        /// Of the installer.
        path: PathBuf,
        /// What it is instead.
        source: SignatureError,
    },
    /// The app does not trust the key that signed it.
    #[error("{app} does not trust the key {id} that signed {file}. Nothing was uploaded")]
    Untrusted {
        /// The app.
        app: AppSlug,
        /// The key.
        id: KeyId,
        /// The installer.
        file: String,
    },
    /// The signature is for other bytes.
    #[error("The signature beside {file} does not fit it. Nothing was uploaded")]
    Mismatch {
        /// The installer.
        file: String,
        /// Why.
        source: VerifyError,
    },
    /// The signature is for another version: every client would refuse the download.
    #[error("{file} was signed as version {signed}, not as {version}. Nothing was uploaded")]
    OtherVersion {
        /// The installer.
        file: String,
        /// As the signature says.
        signed: String,
        /// As it was to be published.
        version: Version,
    },
}

impl Hint for NativeError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nothing => {
                "Give Tauri's target/release/bundle folder, or installers from it: .deb, .rpm, .AppImage, -setup.exe, .msi, .app.tar.gz"
            }
            Self::Problem { remedy, .. } => return Some(remedy.clone()),
            Self::Twice { .. } => "Give one of both",
            Self::Unsigned { .. } => {
                "Name a key to sign with, or have Tauri's bundler sign: TAURI_SIGNING_PRIVATE_KEY and bundle.createUpdaterArtifacts"
            }
            Self::Read { .. } => "Check that you may read it, then try again",
            Self::NoSignature { .. } => {
                "Build again, or remove the .sig file to have the installer signed here"
            }
            Self::Untrusted { .. } => {
                "Trust the key for this app first. To sign with one that it trusts, remove the .sig file"
            }
            Self::Mismatch { .. } => {
                "The .sig file may be of an earlier build. Build again, or remove it to have the installer signed here"
            }
            Self::OtherVersion { signed, .. } => {
                return Some(format!(
                    "Publish it as {signed}, or set the version in tauri.conf.json and build again"
                ));
            }
        };
        Some(hint.to_owned())
    }
}
