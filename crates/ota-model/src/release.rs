//! Releases and what they are made of.

use std::fmt;

use chrono::{DateTime, Utc};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{InstallerType, KeyId, Lane, PlatformKey, Sha256, Target};

/// The server's name of a release: opaque, unique, sorts by creation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseId(pub String);

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a release brings to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseKind {
    /// The files of a web build.
    Web,
    /// A signed archive without files: every lookup of the client falls through to the assets built into its binary.
    BuiltIn,
    /// Installers of the app itself.
    Native,
}

impl ReleaseKind {
    /// Beside which other releases it is offered.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Web | Self::BuiltIn => Lane::Web,
            Self::Native => Lane::Native,
        }
    }
}

/// The life of a release: `Draft → Ready → Recalled`. Only the first step changes its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseState {
    /// Being uploaded. Never offered.
    Draft,
    /// Verified and immutable.
    Ready,
    /// Never offered again on any channel.
    Recalled,
}

/// The archive format of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// `.tar.gz`, one gzip member.
    TarGz,
    /// `.zip`.
    Zip,
    /// A `.zip` encrypted for Capgo clients that embed a public key (protocols.md 3.3).
    CapgoZip,
}

impl ArtifactKind {
    /// The ending of the file name. Hotswap chooses its reader by the last characters of the whole URL
    /// (protocols.md 1.5), so URLs end with this.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip | Self::CapgoZip => "zip",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TarGz => ".tar.gz",
            Self::Zip => ".zip",
            Self::CapgoZip => "encrypted .zip",
        }
    }
}

/// What Capgo clients need to open an encrypted bundle, besides the public key that is built into them
/// (protocols.md 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapgoSeal {
    /// The AES initialisation vector and the AES key encrypted with the private key, both base64, with a colon between.
    pub session_key: String,
    /// The SHA-256 of the plain `.zip` encrypted with the private key, in lower-case hex.
    pub checksum: String,
}

/// One file of a web release, as Capgo clients fetch it by itself (protocols.md 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapgoFile {
    /// Relative to the root of the bundle, with `/` between parts.
    pub path: String,
    /// Digest of its content.
    pub sha256: Sha256,
    /// Digest of the content in brotli, under which it is stored.
    pub stored: Sha256,
    /// Length in brotli.
    pub size_bytes: u64,
}

/// Stored bytes with their digest and signature. Bytes never change, so neither does the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Archive format.
    pub kind: ArtifactKind,
    /// Digest of the archive.
    pub sha256: Sha256,
    /// Length of the archive in bytes.
    pub size_bytes: u64,
    /// The four lines of a minisign signature, prehashed.
    pub signature: String,
    /// The key that made the signature.
    pub key_id: KeyId,
    /// Of an encrypted `.zip`: what opens it.
    pub seal: Option<CapgoSeal>,
}

/// A stored installer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installer {
    /// What it is for.
    pub platform: PlatformKey,
    /// How it is packed, as its first bytes say; none where nothing known was found and its publisher vouches for it.
    pub packed: Option<InstallerType>,
    /// Its file name, as devices download it.
    pub file: String,
    /// Digest of the file.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// The four lines of its minisign signature; for an app without trusted keys whatever its publisher sent.
    pub signature: String,
    /// The key that made the signature; none where it was passed through unread.
    pub key_id: Option<KeyId>,
}

/// A version with its artifacts. Immutable once ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The server's name of it.
    pub id: ReleaseId,
    /// Unique within the app's lane. Hotswap never compares it; the other systems do.
    pub version: Version,
    /// Web files, the built-in assets or installers.
    pub kind: ReleaseKind,
    /// Draft, ready or recalled.
    pub state: ReleaseState,
    /// What changed, in Markdown. Shown in the app.
    pub notes: String,
    /// The oldest binary that can run it.
    pub min_binary_version: Version,
    /// The first binary that can no longer run it, if any: the range is `[min, max)`.
    pub max_binary_version: Option<Version>,
    /// At most one for each format.
    pub artifacts: Vec<Artifact>,
    /// At most one for each platform; none but in a native release.
    pub installers: Vec<Installer>,
    /// Its single files, if the app offered them when it was published. Known of what is live.
    pub capgo_files: Vec<CapgoFile>,
    /// When it became ready, or, for a draft, was created.
    pub created_at: DateTime<Utc>,
}

impl Release {
    /// The artifact in this format.
    pub fn artifact(&self, kind: ArtifactKind) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.kind == kind)
    }

    /// The installer that fits an asking app: the one that is packed as the app was, else, when the app does not say
    /// how it was packed, the one its system takes by default. An `.AppImage` is never given to an app from a
    /// Debian package: it would fetch all of it and refuse it (protocols.md 2.4).
    pub fn installer(&self, target: &Target) -> Option<&Installer> {
        let by_key = |key: &str| {
            self.installers
                .iter()
                .find(|installer| installer.platform.as_str() == key)
        };
        match target.installer {
            Some(packed) => by_key(&format!("{}-{packed}", target.key))
                .or_else(|| by_key(&target.key).filter(|found| found.packed == Some(packed))),
            None => by_key(&target.key).or_else(|| {
                [
                    InstallerType::AppImage,
                    InstallerType::Nsis,
                    InstallerType::Msi,
                    InstallerType::App,
                ]
                .into_iter()
                .find_map(|packed| by_key(&format!("{}-{packed}", target.key)))
            }),
        }
    }

    /// Whether both releases put the same bytes on a device.
    pub fn same_bytes(&self, other: &Self) -> bool {
        self.id == other.id
            || self.artifacts.iter().any(|mine| {
                other
                    .artifact(mine.kind)
                    .is_some_and(|theirs| theirs.sha256 == mine.sha256)
            })
    }

    /// Whether a binary of this version can run the release: strict semver, so `1.2.0-beta.1` is below `1.2.0`
    /// as it is for the client (protocols.md 1.2).
    pub fn runs_on(&self, binary: &Version) -> bool {
        binary.cmp_precedence(&self.min_binary_version).is_ge()
            && self
                .max_binary_version
                .as_ref()
                .is_none_or(|max| binary.cmp_precedence(max).is_lt())
    }
}
