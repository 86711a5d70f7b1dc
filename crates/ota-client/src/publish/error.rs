//! Why a publication did not go live.

use std::io;

use ota_api::ProblemCode;
use ota_bundle::{BundleError, Finding, Severity};
use ota_keys::{KeyError, SignatureError, VerifyError};
use ota_model::{AppSlug, ChannelName, Hint, KeyId, Sha256};
use semver::Version;
use thiserror::Error;

use super::native::NativeError;
use crate::error::ClientError;

/// Why a publication did not go live. In every case devices get what they got before.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The folder did not become a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A check says that this must not be published.
    #[error("This cannot be published: {}", titles(findings))]
    Stopped {
        /// All findings, those that stop it among them.
        findings: Vec<Finding>,
    },
    /// The key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Something about an installer.
    #[error(transparent)]
    Native(#[from] NativeError),
    /// The server was not reached, or refused.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The app has no such channel.
    #[error("{app} has no channel “{channel}”. It has {}", names(known))]
    UnknownChannel {
        /// The app.
        app: AppSlug,
        /// As it was asked for.
        channel: ChannelName,
        /// Those that there are.
        known: Vec<ChannelName>,
    },
    /// The Capgo clients of the app read nothing but what its Capgo key encrypted.
    #[error("{app} has a Capgo key, and its private part is not here. Nothing was uploaded")]
    CapgoKeyMissing {
        /// The app.
        app: AppSlug,
    },
    /// The clients of the app could not open it.
    #[error("This is not the private part of {app}'s Capgo key. Nothing was uploaded")]
    OtherCapgoKey {
        /// The app.
        app: AppSlug,
    },
    /// Native bundle clients split versions at dots and compare numbers (protocols.md 4).
    #[error(
        "{app} serves native bundle clients, which misread the version {version}. Nothing was uploaded"
    )]
    VersionNotPlain {
        /// The app.
        app: AppSlug,
        /// The version.
        version: Version,
    },
    /// The app does not trust the key.
    #[error("{app} does not trust the key {name} ({id}). Nothing was uploaded")]
    KeyNotTrusted {
        /// The app.
        app: AppSlug,
        /// What its owner calls the key.
        name: String,
        /// Its id.
        id: KeyId,
    },
    /// What the server gives out is not what was sent.
    #[error("The stored copy came back as {}, expected {}. It was never offered to a device", found.short(), expected.short())]
    StoredDiffers {
        /// Of the archive that was made here.
        expected: Sha256,
        /// Of what came back.
        found: Sha256,
    },
    /// Devices would refuse it.
    #[error(
        "The stored copy came back with a signature that devices would refuse. It was never offered to one"
    )]
    StoredSignature(#[source] VerifyError),
    /// The stored signature is none.
    #[error(
        "The stored copy came back with something that is no signature. It was never offered to a device"
    )]
    StoredUnsigned(#[source] SignatureError),
    /// The server does not say where devices fetch the bundle.
    #[error(
        "The server stored the release {version} without the bundle that was sent. It was never offered to a device"
    )]
    StoredNothing {
        /// Its version.
        version: Version,
    },
    /// The folder for the bundle cannot be made or written.
    #[error("Cannot write the bundle to the folder for temporary files")]
    Temporary(#[source] io::Error),
    /// The operator stopped it.
    #[error("Cancelled. {channel} offers what it offered before")]
    Cancelled {
        /// The channel.
        channel: ChannelName,
        /// The release, if the server had made it ready already. It is offered nowhere.
        ready: Option<Version>,
    },
    /// A fault of this program.
    #[error("Publishing stopped because of a fault in this program")]
    Panicked,
}

impl PublishError {
    /// Whether the operator stopped it: nothing to report then.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// Whether the uploaded bytes can never be made a release, so that their draft is in the way.
    pub(super) fn spoils_draft(&self) -> bool {
        match self {
            Self::Client(error) => matches!(
                error.code(),
                Some(
                    ProblemCode::ArchiveRefused
                        | ProblemCode::DigestMismatch
                        | ProblemCode::KeyNotTrusted
                        | ProblemCode::SignatureInvalid
                        | ProblemCode::TooLarge
                )
            ),
            _ => false,
        }
    }
}

fn titles(findings: &[Finding]) -> String {
    let stops = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Stop);
    let titles: Vec<_> = stops.map(|finding| finding.title.as_str()).collect();
    titles.join("; ")
}

fn names(channels: &[ChannelName]) -> String {
    let names: Vec<_> = channels.iter().map(ChannelName::as_str).collect();
    names.join(", ")
}

impl Hint for PublishError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Bundle(error) => return error.hint(),
            Self::Key(error) => return error.hint(),
            Self::Client(error) => return error.hint(),
            Self::Native(error) => return error.hint(),
            Self::Stopped { findings } => {
                let stop = findings
                    .iter()
                    .find(|finding| finding.severity == Severity::Stop);
                return stop.and_then(|finding| finding.remedy.clone());
            }
            Self::CapgoKeyMissing { .. } => {
                "Import the file .capgo_key_v2 with “switchtowerctl capgo-key import”, then try again"
            }
            Self::OtherCapgoKey { .. } => {
                "Choose the key whose public part stands in the app's capacitor.config"
            }
            Self::VersionNotPlain { .. } => {
                "Choose a version of three plain numbers, such as 2.4.0"
            }
            Self::KeyNotTrusted { .. } => {
                "Trust the key for this app first, or sign with a key that it trusts"
            }
            Self::StoredDiffers { .. }
            | Self::StoredSignature(_)
            | Self::StoredUnsigned(_)
            | Self::StoredNothing { .. } => {
                "Look at what stands between the server and its devices, such as a cache or a CDN, then publish a new version"
            }
            Self::Temporary(error) if error.kind() == io::ErrorKind::StorageFull => {
                "Free some space, then try again"
            }
            Self::Temporary(_) => "Check that you may write there, then try again",
            Self::Cancelled {
                ready: Some(version),
                ..
            } => {
                return Some(format!(
                    "{version} is stored and offered nowhere. Publish it again to offer it"
                ));
            }
            Self::UnknownChannel { .. } | Self::Cancelled { ready: None, .. } | Self::Panicked => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}
