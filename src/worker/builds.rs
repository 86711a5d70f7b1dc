//! Builds that were dropped: read, checked, packed, and kept until they are published or put away.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ota_bundle::{
    Bundle, CancellationToken, Diff, Format, Ignored, Listing, LiveInfo, PackOptions,
    ProgressUpdate, Scan, Source,
};
use ota_client::Client;
use ota_model::{AppSlug, ChannelName, ReleaseKind};
use tempfile::TempDir;

use super::Out;
use super::clock::{Throttle, millis};
use crate::model::{Against, Event, Fault, Glance, GlanceFacts, Prepared, RequestId};

/// A glance at a hovering folder may take this long.
const GLANCE: Duration = Duration::from_millis(150);

/// A build that is ready to be published.
pub(super) struct Build {
    /// Held: an unpacked archive is removed with it.
    _source: Source,
    pub(super) scan: Arc<Scan>,
    pub(super) bundle: Bundle,
    /// Holds the packed archive.
    _folder: TempDir,
}

/// The builds of this sitting.
#[derive(Default)]
pub(super) struct Builds {
    ready: HashMap<RequestId, Arc<Build>>,
    running: HashMap<RequestId, CancellationToken>,
}

impl Builds {
    pub(super) fn begin(&mut self, request: RequestId) -> CancellationToken {
        let cancel = CancellationToken::new();
        if let Some(earlier) = self.running.insert(request, cancel.clone()) {
            earlier.cancel();
        }
        cancel
    }

    /// Keeps a build. Earlier ones are forgotten, but for the unpacked archive that this one may be a folder of.
    pub(super) fn finish(&mut self, request: RequestId, build: Arc<Build>) {
        let root = build.scan.root.clone();
        self.ready
            .retain(|_, earlier| root.starts_with(&earlier.scan.root));
        self.ready.insert(request, build);
    }

    pub(super) fn end(&mut self, request: RequestId) {
        self.running.remove(&request);
    }

    /// Stops the work and forgets the build.
    pub(super) fn cancel(&mut self, request: RequestId) {
        if let Some(cancel) = self.running.remove(&request) {
            cancel.cancel();
        }
        self.ready.remove(&request);
    }

    pub(super) fn get(&self, request: RequestId) -> Option<Arc<Build>> {
        self.ready.get(&request).cloned()
    }
}

/// What is live on a channel, with its files.
pub(super) struct Live {
    version: String,
    sequence: ota_model::Sequence,
    listing: Listing,
    size_bytes: u64,
}

/// Fetches what a channel offers; `None` before its first release.
pub(super) async fn live(
    client: &Client,
    app: &AppSlug,
    channel: &ChannelName,
) -> Result<Option<Live>, Fault> {
    let overview = client.app(app).await?;
    let state = overview
        .channels
        .into_iter()
        .find(|state| state.name == *channel);
    let Some(live) = state.and_then(|state| state.live) else {
        return Ok(None);
    };
    if live.release_kind == ReleaseKind::BuiltIn {
        return Ok(None);
    }
    let listing = client.listing(app, &live.release).await?;
    Ok(Some(Live {
        version: live.version.to_string(),
        sequence: live.sequence,
        listing,
        size_bytes: live.size_bytes,
    }))
}

/// A comparison of a build with what is live.
pub(super) fn compare(build: &Listing, channel: ChannelName, live: Option<Live>) -> Against {
    let empty = Listing::default();
    let before = live.as_ref().map_or(&empty, |live| &live.listing);
    let diff: Diff = ota_bundle::diff(before, build);
    Against {
        channel,
        diff: Arc::new(diff),
        live_bytes: live.as_ref().map(|live| live.size_bytes),
        live: live.map(|live| (live.version, live.sequence)),
    }
}

/// Reads, checks and packs. Blocks.
pub(super) fn read(
    path: &Path,
    left_out: Vec<String>,
    live: Option<&Live>,
    request: RequestId,
    cancel: &CancellationToken,
    out: &Out,
) -> Result<(Build, Prepared), Fault> {
    let begun = Instant::now();
    let throttle = Throttle::default();
    let progress = |update: ProgressUpdate| {
        if throttle.due() {
            out.offer(Event::ReadProgress {
                request,
                files: (update.files_done, update.files_total),
                bytes: (update.bytes_done, update.bytes_total),
            });
        }
    };
    let source = ota_bundle::open_source(path, &progress, cancel)?;
    let mut ignored = Ignored::default();
    ignored.extend(left_out);
    let live_info = live.map(|live| LiveInfo {
        listing: live.listing.clone(),
        bundle_size_bytes: live.size_bytes,
    });
    let mut scan = ota_bundle::scan(
        source.folder(),
        &ignored,
        live_info.as_ref(),
        &progress,
        cancel,
    )?;
    let folder = tempfile::Builder::new()
        .prefix("switchtower-bundle-")
        .tempdir()
        .map_err(|error| {
            Fault::local(format!("No folder for the bundle could be made: {error}"))
        })?;
    let archive = folder.path().join("bundle.tar.gz");
    let bundle = ota_bundle::pack(
        source.folder(),
        &scan.listing,
        Format::TarGz,
        &archive,
        &PackOptions::default(),
        &progress,
        cancel,
    )?;
    scan.findings
        .extend(ota_bundle::packed_findings(&bundle, live_info.as_ref()));
    let scan = Arc::new(scan);
    let prepared = Prepared {
        path: path.to_owned(),
        scan: Arc::clone(&scan),
        archive_bytes: bundle.size_bytes,
        sha256: bundle.sha256,
        took_ms: millis(begun),
    };
    Ok((
        Build {
            _source: source,
            scan,
            bundle,
            _folder: folder,
        },
        prepared,
    ))
}

/// A quick look at what hovers. Blocks for 150 ms at most.
pub(super) fn glance(path: PathBuf) -> Glance {
    let verdict = look(&path);
    Glance { path, verdict }
}

fn look(path: &Path) -> Result<GlanceFacts, Fault> {
    let unreadable = |error: std::io::Error| Fault::local(format!("It cannot be read: {error}"));
    let metadata = fs_err::metadata(path).map_err(unreadable)?;
    if metadata.is_file() {
        if Format::from_name(path).is_none() {
            return Err(Fault::local(
                "This is a file. Drop the folder your build writes, usually dist/",
            ));
        }
        let bytes = metadata.len();
        return Ok(GlanceFacts {
            files: 1,
            bytes,
            more: false,
            has_index: true,
            archive: true,
        });
    }
    let has_index = fs_err::metadata(path.join("index.html")).is_ok_and(|index| index.is_file());
    let begun = Instant::now();
    let mut facts = GlanceFacts {
        files: 0,
        bytes: 0,
        more: false,
        has_index,
        archive: false,
    };
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).map_err(unreadable)?.flatten() {
            if begun.elapsed() > GLANCE {
                facts.more = true;
                return Ok(facts);
            }
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) if metadata.is_file() => {
                    facts.files += 1;
                    facts.bytes += metadata.len();
                }
                _ => {}
            }
        }
    }
    Ok(facts)
}
