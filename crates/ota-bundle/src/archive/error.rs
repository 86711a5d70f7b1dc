//! Why an archive was refused.

use std::io;

use ota_model::Hint;
use thiserror::Error;

use crate::format::Format;
use crate::names::NameError;
use crate::text;

/// Why an archive was refused. A refused archive is never partly used.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The bytes cannot be read at all.
    #[error("Cannot read the archive")]
    Read {
        /// What the system said.
        source: io::Error,
    },
    /// It is not what its name or its sender says.
    #[error("This is not a {format} archive")]
    WrongFormat {
        /// What was expected.
        format: Format,
    },
    /// It ends too early.
    #[error("The archive is cut off")]
    Truncated,
    /// A checksum or a structure is wrong.
    #[error("The archive is damaged: {detail}")]
    Damaged {
        /// What is wrong.
        detail: String,
    },
    /// A second gzip member follows, which clients would ignore silently (`protocols.md` 1.5).
    #[error("The archive has a second gzip member, which clients ignore")]
    SecondGzipMember,
    /// Something follows the end of the archive.
    #[error("There is data after the end of the archive")]
    TrailingData,
    /// A name that leads out of the folder, or that systems understand differently.
    #[error("The archive holds a file whose name {source}: {path}")]
    Name {
        /// The name, escaped.
        path: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// A symbolic or hard link.
    #[error("The archive holds a link: {path}")]
    Link {
        /// The name, escaped.
        path: String,
    },
    /// A device, a pipe, a sparse file or something unknown.
    #[error("The archive holds something that is neither a file nor a folder: {path}")]
    SpecialFile {
        /// The name, escaped.
        path: String,
    },
    /// The same name twice: clients keep the last (`protocols.md` 1.5), others the first.
    #[error("The archive holds {path} twice")]
    Duplicate {
        /// The name.
        path: String,
    },
    /// One name is a file and a folder.
    #[error("The archive holds {path} both as a file and as a folder")]
    FileAndFolder {
        /// The name.
        path: String,
    },
    /// A bomb, or a very large application.
    #[error("The archive holds more than {limit} entries")]
    TooManyEntries {
        /// What is allowed.
        limit: usize,
    },
    /// A bomb, or a very large application.
    #[error("The archive unpacks to more than {}", text::bytes(*limit))]
    TooLargeUnpacked {
        /// What is allowed.
        limit: u64,
    },
    /// Larger than clients download.
    #[error("The archive is larger than {}", text::bytes(*limit))]
    TooLarge {
        /// What is allowed.
        limit: u64,
    },
    /// Clients have no password.
    #[error("The archive is encrypted: {path}")]
    Encrypted {
        /// The first such entry.
        path: String,
    },
    /// A way of compression that clients may not know.
    #[error("The archive uses a compression that clients cannot read: {path}")]
    Compression {
        /// The first such entry.
        path: String,
    },
    /// Zip entries that share bytes, leave gaps, or are listed in another order than they are stored.
    #[error("The entries of the archive overlap or leave gaps: {path}")]
    Layout {
        /// The first such entry.
        path: String,
    },
    /// The two headers of a zip entry disagree: different readers would see different files.
    #[error("The archive describes {path} in two different ways")]
    HeadersDisagree {
        /// The entry.
        path: String,
    },
    /// Zip64 or a zip in several volumes.
    #[error("The archive uses zip64 or several volumes")]
    Zip64,
    /// `index.html` is missing at the root.
    #[error("There is no index.html at the root of the archive")]
    NoEntryPage {
        /// The only folder at the root that has one.
        wrapper: Option<String>,
    },
    /// A built-in bundle has to be empty.
    #[error("The archive was to be empty, but it holds {path}")]
    NotEmpty {
        /// The first file.
        path: String,
    },
    /// What it is unpacked to cannot be written.
    #[error("Cannot unpack {path}")]
    Write {
        /// Relative to the root.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The disk or the quota is full.
    #[error("No room is left to unpack the archive")]
    DiskFull {
        /// What the system said.
        source: io::Error,
    },
    /// The user stopped it.
    #[error("Cancelled")]
    Cancelled,
}

impl ArchiveError {
    pub(super) fn damaged(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Damaged { detail }
    }

    /// A failed read: cut off, damaged, or out of reach.
    pub(super) fn reading(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            // This is how the gzip and tar readers report what they find in the data.
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
                Self::damaged(source.to_string())
            }
            _ => Self::Read { source },
        }
    }

    pub(super) fn name(path: &[u8], source: NameError) -> Self {
        let path = shown(path);
        Self::Name { path, source }
    }
}

/// A name from an archive that is safe to print.
pub(super) fn shown(path: &[u8]) -> String {
    const LONGEST: usize = 120;
    let mut text = String::new();
    for character in String::from_utf8_lossy(path).chars().take(LONGEST) {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

impl Hint for ArchiveError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Read { .. } => "Check that you may read it, then try again",
            Self::WrongFormat { .. } => "Choose a .tar.gz or a .zip, or the folder itself",
            Self::Truncated | Self::Damaged { .. } => "Copy or build it again",
            Self::NoEntryPage {
                wrapper: Some(folder),
            } => {
                return Some(format!(
                    "It is in {folder}/. Archive the content of that folder"
                ));
            }
            Self::NoEntryPage { wrapper: None } => {
                "Archive the folder that your build writes, usually dist/"
            }
            Self::DiskFull { .. } => "Free some space, then try again. Nothing was left behind",
            Self::Write { .. } => "Check that you may write there, then try again",
            Self::Cancelled => return None,
            _ => "Choose the folder itself: it becomes an archive that every client reads",
        };
        Some(text.to_owned())
    }
}
