//! An app as the check path sees it: everything computed beforehand.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use ota_model::{
    AppSnapshot, Artifact, ArtifactKind, ChannelName, Deployment, Installer, Offer, Release,
    ReleaseId, ReleaseKind, Sequence, Sha256,
};
use serde::Serialize;

use crate::background::REISSUE_INTERVAL_MS;
use crate::sightings::Sightings;

/// A snapshot with the parts of every answer.
pub(crate) struct AppView {
    pub(crate) app: AppSnapshot,
    /// Which devices asked. Handed on from view to view.
    pub(crate) sightings: Arc<Sightings>,
    /// By the sequence that is offered.
    hotswap: BTreeMap<Sequence, Manifest>,
    /// What updaters are told.
    pub(super) updater: super::tauri::Bodies,
    /// What is live, for Capgo clients.
    capgo: BTreeMap<ReleaseId, Bytes>,
    /// Everything that may be downloaded.
    downloads: HashMap<Sha256, Download>,
    /// When a channel's re-issue was last asked for, in milliseconds.
    reissues_asked: BTreeMap<ChannelName, AtomicI64>,
}

/// Stored bytes that may be downloaded.
#[derive(Clone)]
pub(crate) struct Download {
    pub(crate) media_type: &'static str,
    pub(crate) size_bytes: u64,
    /// What the URL's last segment ends with: one of these. The same bytes may stand for several platforms.
    endings: Vec<String>,
}

impl Download {
    /// Whether the bytes may be fetched under this name.
    pub(crate) fn is_called(&self, file: &str) -> bool {
        self.endings.iter().any(|ending| file.ends_with(ending))
    }
}

/// A hotswap answer without the one field that depends on who asks (protocols.md 1.8 trap 1).
struct Manifest {
    before: String,
    after: &'static str,
}

/// The body of a hotswap answer (protocols.md 1.2). `min_binary_version` comes last, where it is cut off.
#[derive(Serialize)]
struct HotswapManifest<'a> {
    version: &'a str,
    sequence: u64,
    url: &'a str,
    signature: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
    pub_date: &'a str,
    mandatory: bool,
    bundle_size: u64,
    min_binary_version: &'a str,
}

impl AppView {
    pub(crate) fn new(app: AppSnapshot, public_url: &str, sightings: Arc<Sightings>) -> Self {
        let hotswap = app
            .channels
            .values()
            .filter_map(|state| state.live.as_ref())
            .filter_map(|live| {
                let release = app.releases.get(&live.release)?;
                let artifact = release.artifact(ArtifactKind::TarGz)?;
                Some((
                    live.sequence,
                    manifest(&app, live, release, artifact, public_url)?,
                ))
            })
            .collect();
        let capgo = super::capgo::bodies(&app, public_url);
        let downloads = downloads(&app);
        let updater = super::tauri::Bodies::new(&app, public_url);
        let never = |name: &ChannelName| (name.clone(), AtomicI64::new(i64::MIN));
        Self {
            reissues_asked: app.channels.keys().map(never).collect(),
            app,
            sightings,
            hotswap,
            capgo,
            updater,
            downloads,
        }
    }

    /// The body for a device that was offered this.
    pub(crate) fn hotswap_body(&self, offer: &Offer) -> Option<String> {
        let manifest = self.hotswap.get(&offer.sequence)?;
        Some(format!(
            "{}{}{}",
            manifest.before, offer.min_binary_version, manifest.after
        ))
    }

    /// The body for a Capgo device that was offered this.
    pub(crate) fn capgo_body(&self, release: &ReleaseId) -> Option<Bytes> {
        self.capgo.get(release).cloned()
    }

    /// Whether a re-issue of the channel may be asked for now. Checks are not authenticated: however many devices are
    /// ahead, or say so, the database is asked once in a while.
    pub(crate) fn may_ask_for_reissue(&self, channel: &ChannelName, now: DateTime<Utc>) -> bool {
        let now = now.timestamp_millis();
        let Some(asked) = self.reissues_asked.get(channel) else {
            return false;
        };
        let last = asked.load(Ordering::Relaxed);
        let is_due = last.saturating_add(REISSUE_INTERVAL_MS) <= now;
        is_due
            && asked
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Stored bytes of this app.
    pub(crate) fn download(&self, sha256: Sha256) -> Option<&Download> {
        self.downloads.get(&sha256)
    }
}

/// The signature of an installer as updaters read it: base64 of the four lines. What a publisher without trusted keys
/// sent is handed on as it came, unless it is the bare four lines.
pub(super) fn wire_signature(installer: &Installer) -> String {
    let signature = &installer.signature;
    if installer.key_id.is_some() || signature.starts_with("untrusted comment:") {
        STANDARD.encode(signature)
    } else {
        signature.trim().to_owned()
    }
}

fn downloads(app: &AppSnapshot) -> HashMap<Sha256, Download> {
    let archives = app
        .releases
        .values()
        .flat_map(|release| &release.artifacts)
        .map(|artifact| {
            let download = Download {
                media_type: match artifact.kind {
                    ArtifactKind::TarGz => "application/gzip",
                    ArtifactKind::Zip => "application/zip",
                    ArtifactKind::CapgoZip => "application/octet-stream",
                },
                size_bytes: artifact.size_bytes,
                endings: vec![artifact.kind.extension().to_owned()],
            };
            (artifact.sha256, download)
        });
    let installers = app
        .releases
        .values()
        .flat_map(|release| &release.installers)
        .map(|installer| {
            let download = Download {
                media_type: "application/octet-stream",
                size_bytes: installer.size_bytes,
                endings: vec![installer.file.clone()],
            };
            (installer.sha256, download)
        });
    let files = app
        .releases
        .values()
        .flat_map(|release| &release.capgo_files)
        .map(|file| {
            // The client decompresses it: a `Content-Encoding` would have that done on the way (protocols.md 3.8 trap 13).
            let download = Download {
                media_type: "application/octet-stream",
                size_bytes: file.size_bytes,
                endings: vec!["br".to_owned()],
            };
            (file.stored, download)
        });
    let mut downloads = HashMap::<Sha256, Download>::new();
    for (sha256, download) in archives.chain(installers).chain(files) {
        match downloads.entry(sha256) {
            Entry::Occupied(mut known) => known.get_mut().endings.extend(download.endings),
            Entry::Vacant(new) => {
                new.insert(download);
            }
        }
    }
    downloads
}

fn manifest(
    app: &AppSnapshot,
    live: &Deployment,
    release: &Release,
    artifact: &Artifact,
    public_url: &str,
) -> Option<Manifest> {
    // The ending must be the last thing of the URL: the client chooses its reader by it (protocols.md 1.8 trap 4).
    let url = format!(
        "{public_url}/b/{}/{}/bundle.{}",
        app.slug,
        artifact.sha256,
        artifact.kind.extension()
    );
    let version = match release.kind {
        ReleaseKind::Web => release.version.to_string(),
        ReleaseKind::BuiltIn => "built-in".to_owned(),
        // The web lane has none.
        ReleaseKind::Native => return None,
    };
    let body = serde_json::to_string(&HotswapManifest {
        version: &version,
        sequence: live.sequence.0,
        url: &url,
        // Base64 of the four lines is what both Tauri systems read (protocols.md 0).
        signature: &STANDARD.encode(&artifact.signature),
        notes: Some(release.notes.as_str()).filter(|notes| !notes.is_empty()),
        pub_date: &live.since.to_rfc3339_opts(SecondsFormat::Secs, true),
        mandatory: false,
        bundle_size: artifact.size_bytes,
        min_binary_version: "",
    })
    .ok()?;
    let after = r#""}"#;
    body.strip_suffix(after).map(|before| Manifest {
        before: before.to_owned(),
        after,
    })
}
