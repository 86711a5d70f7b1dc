//! A listing of files becomes one archive.

mod blocks;
mod tar_gz;
mod zip;

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use fs_err as fs;
use ota_model::Sha256;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio_util::sync::CancellationToken;

use crate::error::BundleError;
use crate::format::Format;
use crate::listing::{FileEntry, Listing};
use crate::names::check_name;
use crate::progress::{Meter, Phase, Progress};
use blocks::Feed;

/// Unfinished archives carry this prefix, so that what a crash leaves behind can be told from anything else.
const UNFINISHED: &str = ".switchtower-unfinished-";

/// More threads than this cost memory and bring little: these compress more than 200 MB a second.
pub(crate) const MOST_THREADS: usize = 8;

/// A finished archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Where it is.
    pub path: PathBuf,
    /// How it is archived.
    pub format: Format,
    /// Size of the archive.
    pub size_bytes: u64,
    /// Digest of the archive: its content address.
    pub sha256: Sha256,
    /// What is in it.
    pub listing: Listing,
}

/// How to pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PackOptions {
    /// Threads that compress; all cores when absent. The bytes are the same for any number.
    pub threads: Option<NonZeroUsize>,
}

impl PackOptions {
    fn thread_count(self) -> usize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
            .min(MOST_THREADS)
    }
}

/// Packs the files of `listing`, found below `root`, into an archive at `out`, replacing what is there.
///
/// Each file must still have the digest that the listing says: what was reviewed is what is packed. The archive is
/// written under another name beside `out`, flushed to the disk and renamed, so `out` is either absent (or as before) or
/// whole.
pub fn pack(
    root: &Path,
    listing: &Listing,
    format: Format,
    out: &Path,
    options: &PackOptions,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> Result<Bundle, BundleError> {
    let listing = checked(listing)?;
    let meter = Meter::start(
        progress,
        Phase::Pack,
        listing.total_bytes(),
        listing.files.len(),
    );
    let job = Job {
        root,
        listing: &listing,
        meter: &meter,
        cancel,
        threads: options.thread_count(),
    };
    let failed = |source| BundleError::write(out, source);

    let mut unfinished = unfinished_file(out).map_err(failed)?;
    match format {
        Format::TarGz => tar_gz::write(&job, unfinished.as_file(), &failed)?,
        Format::Zip => zip::write(&job, unfinished.as_file(), &failed)?,
    }
    unfinished.as_file().sync_all().map_err(failed)?;
    let (size_bytes, sha256) = digest(unfinished.as_file_mut()).map_err(failed)?;
    unfinished
        .persist(out)
        .map_err(|error| failed(error.error))?;
    sync_folder(out).map_err(failed)?;
    Ok(Bundle {
        path: out.to_path_buf(),
        format,
        size_bytes,
        sha256,
        listing,
    })
}

/// The archive without any file, which takes hotswap clients back to the assets in their binary
/// (`protocols.md` 1.7). Always the same bytes.
pub fn empty_bundle(format: Format) -> Vec<u8> {
    match format {
        Format::TarGz => tar_gz::empty(),
        Format::Zip => zip::empty(),
    }
}

/// What all parts of one packing share.
struct Job<'a> {
    root: &'a Path,
    listing: &'a Listing,
    meter: &'a Meter<'a>,
    cancel: &'a CancellationToken,
    threads: usize,
}

impl Job<'_> {
    /// Feeds the content of `file`, and makes sure that it is what the listing says.
    fn feed_file(&self, file: &FileEntry, feed: &mut Feed<'_, '_>) -> Result<(), BundleError> {
        use sha2::Digest as _;
        use std::io::Read as _;

        let unreadable = |source| BundleError::ReadFile {
            path: file.path.clone(),
            source,
        };
        let changed = || BundleError::Changed {
            path: file.path.clone(),
        };
        let mut content = fs::File::open(self.root.join(&file.path)).map_err(unreadable)?;
        let mut digest = sha2::Sha256::new();
        let mut left = file.size_bytes;
        while left > 0 {
            let count = feed.fill(|room| {
                let wanted = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let room = room.get_mut(..wanted).unwrap_or_default();
                let count = retry(|| content.read(room)).map_err(unreadable)?;
                digest.update(room.get(..count).unwrap_or_default());
                Ok(count)
            })?;
            if count == 0 {
                return Err(changed());
            }
            left = left.saturating_sub(count as u64);
            self.meter.add_bytes(count);
        }
        let beyond = retry(|| content.read(&mut [0; 1])).map_err(unreadable)?;
        if beyond != 0 || Sha256::from_bytes(digest.finalize().into()) != file.sha256 {
            return Err(changed());
        }
        self.meter.add_file();
        Ok(())
    }
}

fn retry(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Reads the archive back: the digest is of what is on the disk, not of what was meant to be written.
fn digest(archive: &mut std::fs::File) -> io::Result<(u64, Sha256)> {
    use sha2::Digest as _;
    use std::io::{Read as _, Seek as _};

    archive.rewind()?;
    let mut digest = sha2::Sha256::new();
    let mut size_bytes = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = retry(|| archive.read(&mut buffer))?;
        if count == 0 {
            return Ok((size_bytes, Sha256::from_bytes(digest.finalize().into())));
        }
        digest.update(buffer.get(..count).unwrap_or_default());
        size_bytes += count as u64;
    }
}

/// The listing in the one order that archives have, with names that every reader takes.
fn checked(listing: &Listing) -> Result<Listing, BundleError> {
    if listing.files.is_empty() {
        return Err(BundleError::Empty);
    }
    let listing = Listing::new(listing.files.clone());
    for file in &listing.files {
        check_name(&file.path).map_err(|source| BundleError::Name {
            path: file.path.clone(),
            source,
        })?;
    }
    let mut pairs = listing.files.iter().zip(listing.files.iter().skip(1));
    if let Some((twice, _)) = pairs.find(|(a, b)| a.path == b.path) {
        let path = twice.path.clone();
        return Err(BundleError::ListedTwice { path });
    }
    Ok(listing)
}

fn unfinished_file(out: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // Without this, only the owner could read a finished bundle: right for secrets, wrong for a web server.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder.tempfile_in(folder_of(out))
}

fn folder_of(out: &Path) -> &Path {
    match out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A rename is on the disk only when its folder is.
#[cfg(unix)]
fn sync_folder(out: &Path) -> io::Result<()> {
    fs::File::open(folder_of(out))?.sync_all()
}

/// Other systems do not let a folder be opened; they order renames themselves.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
