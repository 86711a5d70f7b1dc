//! What can go wrong while a bundle is made.

use std::io;
use std::path::{Path, PathBuf};

use ota_model::Hint;
use thiserror::Error;

use crate::archive::ArchiveError;

/// Why a folder did not become a bundle. Nothing is left at the destination in any of these cases.
#[derive(Debug, Error)]
pub enum BundleError {
    /// Nothing is there.
    #[error("There is nothing at {}", path.display())]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// A single file that is neither a `.tar.gz` nor a `.zip`.
    #[error("This is a file, not a folder: {}", path.display())]
    PlainFile {
        /// What was dropped.
        path: PathBuf,
    },
    /// An archive, but of a kind that is not read here.
    #[error("A {kind} archive cannot be opened: {}", path.display())]
    UnsupportedArchive {
        /// What was dropped.
        path: PathBuf,
        /// Its kind, such as `.7z`.
        kind: &'static str,
    },
    /// A device, a pipe or a socket.
    #[error("This is neither a folder nor an archive: {}", path.display())]
    NotAFolder {
        /// What was dropped.
        path: PathBuf,
    },
    /// The root cannot be listed. (Files within that cannot be read are a finding, not an error.)
    #[error("Cannot read the folder {}", path.display())]
    ReadFolder {
        /// The root.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could be read while scanning, but not while packing.
    #[error("Cannot read {path}")]
    ReadFile {
        /// Relative to the root.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what the scan saw.
    #[error("{path} changed while it was bundled")]
    Changed {
        /// Relative to the root.
        path: String,
    },
    /// A listing names a file that no bundle may hold.
    #[error("{path} cannot be in a bundle: the name {source}")]
    Name {
        /// As the listing has it.
        path: String,
        /// What is wrong with it.
        source: crate::names::NameError,
    },
    /// The listing names one file twice.
    #[error("{path} is listed twice")]
    ListedTwice {
        /// As the listing has it.
        path: String,
    },
    /// No file is left to pack.
    #[error("There are no files to bundle")]
    Empty,
    /// A zip archive without the zip64 extension holds at most 65,534 files and 4 GiB.
    #[error("A .zip cannot hold this many files or bytes")]
    TooLargeForZip,
    /// The disk or the quota is full.
    #[error("No room is left for the bundle in {}", folder.display())]
    DiskFull {
        /// Where the bundle was to be written.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bundle cannot be written, for another reason.
    #[error("Cannot write the bundle {}", path.display())]
    Write {
        /// The destination.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No threads to work on.
    #[error("Cannot start the threads that compress the bundle")]
    Threads {
        /// What the system said.
        source: rayon::ThreadPoolBuildError,
    },
    /// The compressor refused its input or a thread of it died.
    #[error("The compressor failed")]
    Compress,
    /// A dropped archive cannot be opened.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The user stopped it.
    #[error("Cancelled")]
    Cancelled,
}

impl BundleError {
    /// A failed write to `path`, with a full disk told apart.
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        if is_disk_full(&source) {
            let folder = path.parent().unwrap_or(path).to_path_buf();
            Self::DiskFull { folder, source }
        } else {
            let path = path.to_path_buf();
            Self::Write { path, source }
        }
    }

    /// Whether the user stopped it: nothing to report then.
    pub const fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled | Self::Archive(ArchiveError::Cancelled)
        )
    }
}

/// No space, no quota, or a file larger than the system lets this one grow: the same to the person who must act.
pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

impl Hint for BundleError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NotFound { .. } => "It may have been moved or deleted. Choose the folder again",
            Self::PlainFile { .. } => {
                "Drop the folder that your build writes, usually dist/, or a .tar.gz or .zip of it"
            }
            Self::UnsupportedArchive { .. } => "Drop the folder itself, or a .tar.gz or .zip of it",
            Self::NotAFolder { .. } => "Drop the folder that your build writes, usually dist/",
            Self::ReadFolder { .. } | Self::ReadFile { .. } => {
                "Check that you may read it, then try again"
            }
            Self::Changed { .. } => {
                "Wait until your build has finished, then review the folder again"
            }
            Self::Name { .. } => "Rename the file in your build, or leave it out",
            Self::Empty => "Run your build first, or leave fewer files out",
            Self::TooLargeForZip => "Bundle it as .tar.gz",
            Self::DiskFull { .. } => {
                "Free some space or choose another folder, then try again. Nothing was left behind"
            }
            Self::Write { .. } => "Check that you may write there, then try again",
            Self::Threads { .. } => "Close other programs, then try again",
            Self::Archive(error) => return error.hint(),
            Self::ListedTwice { .. } | Self::Compress | Self::Cancelled => return None,
        };
        Some(text.to_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_full_disk_is_its_own_error() {
        let mut full = fs_err::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let source = full.write_all(b"x").unwrap_err();
        let error = BundleError::write(Path::new("/out/app.tar.gz"), source);
        assert!(matches!(error, BundleError::DiskFull { .. }), "{error:?}");
        assert!(error.to_string().contains("/out"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("space")));
    }
}
