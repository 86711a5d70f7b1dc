//! Releases: draft, upload, finalize, recall.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use ota_model::{
    ArtifactKind, CapgoSeal, ChannelName, InstallerType, KeyId, NameError, PlatformKey, ReleaseId,
    ReleaseKind, ReleaseState, Sequence, Sha256,
};
use semver::Version;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deployed;

/// An artifact as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactSummary {
    /// Archive format.
    #[schema(value_type = String)]
    pub kind: ArtifactKind,
    /// Digest of the archive.
    #[schema(value_type = String)]
    pub sha256: Sha256,
    /// Length of the archive in bytes.
    pub size_bytes: u64,
    /// The four lines of its minisign signature.
    pub signature: String,
    /// The key that made the signature.
    #[schema(value_type = String)]
    pub key_id: KeyId,
    /// Where devices fetch it.
    pub url: String,
}

/// An installer as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstallerSummary {
    /// What it is for, as `latest.json` spells it.
    #[schema(value_type = String)]
    pub platform: PlatformKey,
    /// How it is packed; none where nothing known was found and its publisher vouches for it.
    #[schema(value_type = Option<String>)]
    pub packed: Option<InstallerType>,
    /// Its file name.
    pub file: String,
    /// Digest of the file.
    #[schema(value_type = String)]
    pub sha256: Sha256,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// The four lines of its minisign signature; what a SyncKit publisher sent, where no key is trusted.
    pub signature: String,
    /// The key that made the signature; none where it was passed through unread.
    #[schema(value_type = Option<String>)]
    pub key_id: Option<KeyId>,
    /// Where devices fetch it.
    pub url: String,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseSummary {
    /// The server's name of it.
    #[schema(value_type = String)]
    pub id: ReleaseId,
    /// Unique within the app's lane (web bundles, installers).
    #[schema(value_type = String)]
    pub version: Version,
    /// Web files, the built-in assets or installers.
    #[schema(value_type = String)]
    pub kind: ReleaseKind,
    /// Draft, ready or recalled.
    #[schema(value_type = String)]
    pub state: ReleaseState,
    /// Markdown.
    pub notes: String,
    /// The oldest binary that can run it.
    #[schema(value_type = String)]
    pub min_binary_version: Version,
    /// The first binary that can no longer run it.
    #[schema(value_type = Option<String>)]
    pub max_binary_version: Option<Version>,
    /// The latest number it was deployed under; none before its first deployment.
    #[schema(value_type = Option<u64>)]
    pub sequence: Option<Sequence>,
    /// The channels that offer it now.
    #[schema(value_type = Vec<String>)]
    pub live_on: Vec<ChannelName>,
    /// Its stored bytes.
    pub artifacts: Vec<ArtifactSummary>,
    /// Its installers.
    #[serde(default)]
    pub installers: Vec<InstallerSummary>,
    /// Files in it, once it is ready.
    pub files: Option<u64>,
    /// Their unpacked size, once it is ready.
    pub unpacked_bytes: Option<u64>,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
}

/// Answer of `GET …/releases?before=ID&limit=N`, the newest first; with `?version=V&lane=web|native` the one release
/// of that version, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleasePage {
    /// At most `limit` (50 unless told, 200 at most).
    pub releases: Vec<ReleaseSummary>,
    /// Pass as `before` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub next: Option<ReleaseId>,
}

/// Body of `POST …/releases`: begins a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRelease {
    /// Web files (if absent) or installers.
    #[serde(default = "web", skip_serializing_if = "is_web")]
    #[schema(value_type = Option<String>)]
    pub kind: ReleaseKind,
    /// Semver, unique within the app's lane.
    pub version: String,
    /// Markdown.
    #[serde(default)]
    pub notes: String,
    /// Semver.
    pub min_binary_version: String,
    /// Semver, above the minimum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_binary_version: Option<String>,
}

const fn web() -> ReleaseKind {
    ReleaseKind::Web
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_web(kind: &ReleaseKind) -> bool {
    *kind == ReleaseKind::Web
}

/// Body of `PATCH …/releases/{id}`: notes may change at any time, nothing else ever does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRelease {
    /// Markdown.
    pub notes: String,
}

/// Body of `POST …/artifacts/{kind}`: announces an upload. The same announcement again resumes it; another one for
/// the same draft starts over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginUpload {
    /// Digest of the whole archive.
    #[schema(value_type = String)]
    pub sha256: Sha256,
    /// Its length in bytes; at most 512 MiB for a web bundle, 4 GiB for an installer.
    pub size_bytes: u64,
    /// The four lines of its minisign signature.
    pub signature: String,
    /// Of an installer: its file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Of an encrypted `.zip`: what opens it, `session_key` and `checksum` as Capgo clients are sent them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub seal: Option<CapgoSeal>,
}

/// What an upload is of: the last segment of its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A web archive: `tar_gz`, `zip` or `capgo_zip`.
    Archive(ArtifactKind),
    /// An installer: its platform key.
    Installer(PlatformKey),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Archive(ArtifactKind::TarGz) => "tar_gz",
            Self::Archive(ArtifactKind::Zip) => "zip",
            Self::Archive(ArtifactKind::CapgoZip) => "capgo_zip",
            Self::Installer(platform) => platform.as_str(),
        })
    }
}

impl FromStr for Slot {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        // A platform key has a hyphen, the words of archives have none.
        match text {
            "tar_gz" => Ok(Self::Archive(ArtifactKind::TarGz)),
            "zip" => Ok(Self::Archive(ArtifactKind::Zip)),
            "capgo_zip" => Ok(Self::Archive(ArtifactKind::CapgoZip)),
            other => PlatformKey::parse(other).map(Self::Installer),
        }
    }
}

impl From<ArtifactKind> for Slot {
    fn from(kind: ArtifactKind) -> Self {
        Self::Archive(kind)
    }
}

impl From<PlatformKey> for Slot {
    fn from(platform: PlatformKey) -> Self {
        Self::Installer(platform)
    }
}

/// How far an upload is. Chunks go to `PATCH …/artifacts/{kind}` with the header `Upload-Offset`, which must equal
/// `offset`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Bytes that have arrived and are safe on disk.
    pub offset: u64,
    /// Bytes expected.
    pub size_bytes: u64,
}

/// Body of `POST …/releases/{id}/recall`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Why; kept in the activity log.
    pub reason: String,
}

/// Answer of a recall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recalled {
    /// The release, now recalled.
    pub release: ReleaseSummary,
    /// The channels that offered it and what they offer instead.
    pub moved: Vec<Deployed>,
}
