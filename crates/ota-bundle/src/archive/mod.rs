//! Archives from elsewhere, read without trusting them.
//!
//! Both readers walk the archive once, in the order of its bytes, and refuse whatever two readers could understand
//! differently. Nothing is kept in memory but the names.

mod error;
mod tar_gz;
mod zip;

use std::collections::HashMap;
use std::io::{self, Read, Seek, Write as _};
use std::path::Path;

use fs_err as fs;
use ota_model::Sha256;
use tokio_util::sync::CancellationToken;

use crate::error::is_disk_full;
use crate::format::Format;
use crate::listing::{FileEntry, Listing};
use crate::names::{NameError, PATH_LIMIT_BYTES, normalise};
use crate::progress::{Meter, NoProgress, Phase, Progress};
pub use error::ArchiveError;

/// What an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Files, with an `index.html` at the root: a web bundle.
    Site,
    /// No file at all: the bundle that takes clients back to their built-in assets.
    Nothing,
    /// Any files; what a person drops is checked after unpacking.
    Anything,
}

/// How much of an archive is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Size of the archive. The default is what hotswap downloads at most.
    pub packed_bytes: u64,
    /// Size of all files together.
    pub unpacked_bytes: u64,
    /// Files and folders.
    pub entries: usize,
    /// What it may hold.
    pub contents: Contents,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            packed_bytes: crate::checks::HOTSWAP_LIMIT_BYTES,
            unpacked_bytes: 4 * crate::checks::HOTSWAP_LIMIT_BYTES,
            entries: 100_000,
            contents: Contents::Site,
        }
    }
}

impl ArchiveLimits {
    /// The same limits for other contents.
    #[must_use]
    pub const fn holding(mut self, contents: Contents) -> Self {
        self.contents = contents;
        self
    }
}

/// Reads the whole archive at `path` and lists it, or says why no client should get it.
pub fn verify_archive(
    path: &Path,
    format: Format,
    limits: &ArchiveLimits,
) -> Result<Listing, ArchiveError> {
    let file = fs::File::open(path).map_err(|source| ArchiveError::Read { source })?;
    verify_reader(file, format, limits)
}

/// Like [`verify_archive`], for bytes that are elsewhere. Reads them once, from the start; a zip's directory first.
pub fn verify_reader<R: Read + Seek>(
    reader: R,
    format: Format,
    limits: &ArchiveLimits,
) -> Result<Listing, ArchiveError> {
    let mut nowhere = |_: &str, _: Chunk<'_>| Ok(());
    walk(
        reader,
        format,
        limits,
        &NoProgress,
        &CancellationToken::new(),
        &mut nowhere,
    )
}

/// Unpacks the archive at `path` into the empty folder `dest`. After an error, `dest` holds only a part: remove it.
pub fn extract(
    path: &Path,
    format: Format,
    limits: &ArchiveLimits,
    dest: &Path,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> Result<Listing, ArchiveError> {
    let archive = fs::File::open(path).map_err(|source| ArchiveError::Read { source })?;
    let mut open: Option<fs::File> = None;
    let mut unpack = |name: &str, chunk: Chunk<'_>| {
        let result = match chunk {
            Chunk::Begin => begin_file(dest, name).map(|file| open = Some(file)),
            Chunk::Bytes(bytes) => open.as_mut().map_or(Ok(()), |file| file.write_all(bytes)),
        };
        result.map_err(|source| {
            if is_disk_full(&source) {
                ArchiveError::DiskFull { source }
            } else {
                let path = name.to_owned();
                ArchiveError::Write { path, source }
            }
        })
    };
    walk(archive, format, limits, progress, cancel, &mut unpack)
}

fn begin_file(dest: &Path, name: &str) -> io::Result<fs::File> {
    let path = dest.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Names that differ only in case are one file on some systems; the second must not overwrite the first.
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

/// What a walk hands out of each file.
enum Chunk<'a> {
    /// A file begins.
    Begin,
    /// Its next bytes.
    Bytes(&'a [u8]),
}

type Sink<'a> = &'a mut dyn FnMut(&str, Chunk<'_>) -> Result<(), ArchiveError>;

fn walk<R: Read + Seek>(
    mut reader: R,
    format: Format,
    limits: &ArchiveLimits,
    progress: &dyn Progress,
    cancel: &CancellationToken,
    sink: Sink<'_>,
) -> Result<Listing, ArchiveError> {
    let size = reader
        .seek(io::SeekFrom::End(0))
        .and_then(|size| reader.rewind().map(|()| size))
        .map_err(|source| ArchiveError::Read { source })?;
    if size > limits.packed_bytes {
        let limit = limits.packed_bytes;
        return Err(ArchiveError::TooLarge { limit });
    }
    let meter = Meter::start(progress, Phase::Unpack, size, 0);
    let mut walk = Walk {
        limits,
        cancel,
        meter: &meter,
        sink,
        seen: HashMap::new(),
        files: Vec::new(),
        unpacked: 0,
        buffer: vec![0; 128 * 1024],
    };
    match format {
        Format::TarGz => tar_gz::walk(reader, &mut walk)?,
        Format::Zip => zip::walk(reader, size, &mut walk)?,
    }
    walk.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

/// The rules that hold for both formats.
struct Walk<'a> {
    limits: &'a ArchiveLimits,
    cancel: &'a CancellationToken,
    meter: &'a Meter<'a>,
    sink: Sink<'a>,
    /// Every name so far, and the folders that the names imply.
    seen: HashMap<String, Kind>,
    files: Vec<FileEntry>,
    unpacked: u64,
    buffer: Vec<u8>,
}

impl Walk<'_> {
    /// Counts an entry and takes its name.
    fn enter(&mut self, raw: &[u8], kind: Kind) -> Result<String, ArchiveError> {
        if self.cancel.is_cancelled() {
            return Err(ArchiveError::Cancelled);
        }
        if raw.len() > PATH_LIMIT_BYTES + 2 {
            return Err(ArchiveError::name(raw, NameError::TooLong));
        }
        let Ok(text) = std::str::from_utf8(raw) else {
            return Err(ArchiveError::name(raw, NameError::NotUtf8));
        };
        let path = normalise(text).map_err(|source| ArchiveError::name(raw, source))?;
        if kind == Kind::File && text.ends_with('/') {
            return Err(ArchiveError::name(raw, NameError::Empty));
        }
        for (at, _) in path.match_indices('/') {
            let folder = path.get(..at).unwrap_or_default();
            if self.note(folder, Kind::Folder)? == Some(Kind::File) {
                let path = folder.to_owned();
                return Err(ArchiveError::FileAndFolder { path });
            }
        }
        match (self.note(&path, kind)?, kind) {
            (None, _) | (Some(Kind::Folder), Kind::Folder) => Ok(path),
            (Some(Kind::File), Kind::File) => Err(ArchiveError::Duplicate { path }),
            (Some(_), _) => Err(ArchiveError::FileAndFolder { path }),
        }
    }

    /// Remembers `path`, and answers what it was before.
    fn note(&mut self, path: &str, kind: Kind) -> Result<Option<Kind>, ArchiveError> {
        if let Some(known) = self.seen.get(path) {
            return Ok(Some(*known));
        }
        if self.seen.len() >= self.limits.entries {
            let limit = self.limits.entries;
            return Err(ArchiveError::TooManyEntries { limit });
        }
        self.seen.insert(path.to_owned(), kind);
        Ok(None)
    }

    /// Reads exactly `size_bytes` of one file. The size is checked against the limit before a byte is read.
    fn file(
        &mut self,
        path: String,
        size_bytes: u64,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        use sha2::Digest as _;

        if self.limits.contents == Contents::Nothing {
            return Err(ArchiveError::NotEmpty { path });
        }
        self.unpacked = self.unpacked.saturating_add(size_bytes);
        if self.unpacked > self.limits.unpacked_bytes {
            let limit = self.limits.unpacked_bytes;
            return Err(ArchiveError::TooLargeUnpacked { limit });
        }
        (self.sink)(&path, Chunk::Begin)?;
        let mut digest = sha2::Sha256::new();
        let mut left = size_bytes;
        while left > 0 {
            if self.cancel.is_cancelled() {
                return Err(ArchiveError::Cancelled);
            }
            let wanted = self
                .buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            let room = self.buffer.get_mut(..wanted).unwrap_or_default();
            let count = match content.read(room) {
                Ok(0) => return Err(ArchiveError::Truncated),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ArchiveError::reading(error)),
            };
            let bytes = room.get(..count).unwrap_or_default();
            digest.update(bytes);
            (self.sink)(&path, Chunk::Bytes(bytes))?;
            left = left.saturating_sub(count as u64);
        }
        let sha256 = Sha256::from_bytes(digest.finalize().into());
        self.files.push(FileEntry {
            path,
            size_bytes,
            sha256,
        });
        self.meter.add_file();
        Ok(())
    }

    fn finish(self) -> Result<Listing, ArchiveError> {
        let listing = Listing::new(self.files);
        if self.limits.contents == Contents::Site && !listing.contains("index.html") {
            let wrapper = crate::checks::wrapper_folder(&listing);
            return Err(ArchiveError::NoEntryPage { wrapper });
        }
        Ok(listing)
    }
}

/// Counts what is read of the packed bytes.
struct Metered<'a, R> {
    inner: R,
    meter: &'a Meter<'a>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.add_bytes(count);
        Ok(count)
    }
}
