//! A folder becomes a checked, deterministic, ready-to-sign archive; archives are read safely.
//!
//! Making a bundle is [`open_source`] (what was dropped) → [`scan()`] (hash, check) → [`pack()`] (archive). The server
//! reads what arrives with [`verify_archive`], which trusts nothing. [`diff()`] compares two listings.
//!
//! **Invariants.** The same files give the same bytes, whatever their times, owners, order of creation and the number
//! of threads. A `.tar.gz` is one gzip member (`protocols.md` 1.5: clients ignore a second one). Nothing is written at
//! the destination until the archive is whole. Memory does not grow with the size of the folder.

mod archive;
mod checks;
mod diff;
mod error;
mod format;
mod installer;
pub mod installers;
mod listing;
mod names;
mod pack;
mod progress;
mod scan;
mod source;
mod text;

pub use archive::{ArchiveError, ArchiveLimits, Contents, extract, verify_archive, verify_reader};
pub use checks::{
    CheckId, Finding, HOTSWAP_LIMIT_BYTES, LiveInfo, Place, SECRET_PATTERNS, Severity,
    packed_findings,
};
pub use diff::{Change, Counts, Diff, DiffRow, diff};
pub use error::BundleError;
pub use format::Format;
pub use installer::{Packed, installer_fits, sniff_installer};
pub use listing::{FileEntry, Listing};
pub use names::{NameError, check_name};
pub use pack::{Bundle, PackOptions, empty_bundle, pack};
pub use progress::{NoProgress, Phase, Progress, ProgressUpdate};
pub use scan::{Ignored, IgnoredEntry, Scan, scan};
pub use source::{Source, SourceKind, open_source};
pub use tokio_util::sync::CancellationToken;
