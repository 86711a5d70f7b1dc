//! What a person drops: a folder, or an archive of one.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use fs_err as fs;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::archive::{ArchiveLimits, Contents, extract};
use crate::error::BundleError;
use crate::format::Format;
use crate::progress::Progress;

/// What was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A folder, read where it is.
    Folder,
    /// An archive, unpacked for the time being.
    Archive(Format),
}

/// A folder to scan. An unpacked archive is removed when this is dropped.
#[derive(Debug)]
pub struct Source {
    dropped: PathBuf,
    folder: PathBuf,
    kind: SourceKind,
    // Held for its destructor.
    _unpacked: Option<TempDir>,
}

impl Source {
    /// What the person chose: to be shown.
    pub fn dropped(&self) -> &Path {
        &self.dropped
    }

    /// Where the files are: to be scanned and packed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is a folder or was an archive.
    pub const fn kind(&self) -> SourceKind {
        self.kind
    }
}

/// Opens a dropped folder, or unpacks a dropped `.tar.gz` or `.zip` into a private folder. Which it is shows its content,
/// not its name. An archive may be wrapped in a folder: the scan finds that out and names it.
pub fn open_source(
    path: &Path,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> Result<Source, BundleError> {
    let dropped = path.to_path_buf();
    let not_found = |source: std::io::Error| {
        let path = path.to_path_buf();
        if source.kind() == std::io::ErrorKind::NotFound {
            BundleError::NotFound { path }
        } else {
            BundleError::ReadFolder { path, source }
        }
    };
    let metadata = fs::metadata(path).map_err(not_found)?;
    if metadata.is_dir() {
        return Ok(Source {
            folder: dropped.clone(),
            dropped,
            kind: SourceKind::Folder,
            _unpacked: None,
        });
    }
    if !metadata.is_file() {
        return Err(BundleError::NotAFolder { path: dropped });
    }
    let format = archive_format(path)?;
    // Private to the user: what is dropped may hold secrets, which is what the checks are for.
    let unpacked = private_folder().map_err(|source| BundleError::write(path, source))?;
    let limits = ArchiveLimits::default().holding(Contents::Anything);
    extract(path, format, &limits, unpacked.path(), progress, cancel)?;
    Ok(Source {
        folder: unpacked.path().to_path_buf(),
        dropped,
        kind: SourceKind::Archive(format),
        _unpacked: Some(unpacked),
    })
}

fn private_folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("switchtower-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

fn archive_format(path: &Path) -> Result<Format, BundleError> {
    let path_buf = || path.to_path_buf();
    let mut head = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(512).read_to_end(&mut head))
        .map_err(|source| BundleError::ReadFolder {
            path: path_buf(),
            source,
        })?;
    if let Some(format) = Format::from_magic(&head) {
        return Ok(format);
    }
    Err(match other_archive(&head) {
        Some(kind) => BundleError::UnsupportedArchive {
            path: path_buf(),
            kind,
        },
        None => BundleError::PlainFile { path: path_buf() },
    })
}

/// Archives that people have lying about.
fn other_archive(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 6] = [
        (b"7z\xbc\xaf\x27\x1c", ".7z"),
        (b"Rar!\x1a\x07", ".rar"),
        (b"\xfd7zXZ\0", ".xz"),
        (b"\x28\xb5\x2f\xfd", ".zst"),
        (b"BZh", ".bz2"),
        (b"PK\x07\x08", "multi-volume .zip"),
    ];
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    let tar = || (head.get(257..262) == Some(b"ustar")).then_some("plain .tar");
    known.map(|(_, kind)| *kind).or_else(tar)
}
