//! What is in a folder, without reading any content.

use std::collections::BTreeMap;
use std::fs::FileType;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;
use walkdir::{DirEntry, WalkDir};

use super::Ignored;
use crate::error::BundleError;
use crate::names::{NameError, check_name};

/// A regular file.
pub(super) struct Found {
    pub(super) path: String,
    pub(super) size_bytes: u64,
}

/// Everything below a root.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) files: Vec<Found>,
    pub(super) not_files: Vec<(String, &'static str)>,
    pub(super) unreadable: Vec<(String, String)>,
    pub(super) bad_names: Vec<(String, String)>,
    /// What each ignored path covers: files and bytes.
    pub(super) ignored: BTreeMap<String, (usize, u64)>,
}

pub(super) fn walk(
    root: &Path,
    ignore: &Ignored,
    cancel: &CancellationToken,
) -> Result<Contents, BundleError> {
    let mut contents = Contents::default();
    for entry in WalkDir::new(root).sort_by_file_name() {
        if cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        match entry {
            Ok(entry) if entry.depth() == 0 && !entry.file_type().is_dir() => {
                return Err(not_a_folder(root));
            }
            Ok(entry) => contents.add(root, &entry, ignore),
            Err(error) if error.depth() == 0 => {
                let source = error.into();
                return Err(read_folder(root, source));
            }
            Err(error) => contents.add_unreadable(root, &error, ignore),
        }
    }
    Ok(contents)
}

fn not_a_folder(root: &Path) -> BundleError {
    let path = root.to_path_buf();
    if root.is_file() {
        BundleError::PlainFile { path }
    } else {
        BundleError::NotAFolder { path }
    }
}

fn read_folder(root: &Path, source: std::io::Error) -> BundleError {
    let path = root.to_path_buf();
    if source.kind() == std::io::ErrorKind::NotFound {
        BundleError::NotFound { path }
    } else {
        BundleError::ReadFolder { path, source }
    }
}

impl Contents {
    fn add(&mut self, root: &Path, entry: &DirEntry, ignore: &Ignored) {
        if entry.file_type().is_dir() {
            return;
        }
        let name = relative(root, entry.path());
        let shown = name.as_ref().map_or_else(Clone::clone, Clone::clone);
        let size_bytes = entry.metadata().map_or(0, |metadata| metadata.len());
        if let Some(by) = ignore.covering(&shown) {
            let covered = self.ignored.entry(by.to_owned()).or_default();
            covered.0 += 1;
            covered.1 += size_bytes;
            return;
        }
        let problem = match &name {
            Err(_) => Err(NameError::NotUtf8),
            Ok(path) => check_name(path),
        };
        if let Err(problem) = problem {
            self.bad_names.push((shown, problem.to_string()));
        } else if entry.file_type().is_file() {
            self.files.push(Found {
                path: shown,
                size_bytes,
            });
        } else {
            self.not_files.push((shown, kind(entry.file_type())));
        }
    }

    fn add_unreadable(&mut self, root: &Path, error: &walkdir::Error, ignore: &Ignored) {
        let path = error.path().map_or_else(PathBuf::new, Path::to_path_buf);
        let (Ok(shown) | Err(shown)) = relative(root, &path);
        if ignore.covering(&shown).is_none() {
            let why = error
                .io_error()
                .map_or_else(|| error.to_string(), |error| error.kind().to_string());
            self.unreadable.push((shown, why));
        }
    }
}

/// The path below `root`, parts separated by `/`; as an error, when it is not UTF-8 and can only be shown.
fn relative(root: &Path, path: &Path) -> Result<String, String> {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = inner.iter().map(std::ffi::OsStr::to_str).collect();
    match parts {
        Some(parts) => Ok(parts.join("/")),
        None => Err(inner.to_string_lossy().into_owned()),
    }
}

fn kind(kind: FileType) -> &'static str {
    if kind.is_symlink() {
        return "symbolic link";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "pipe";
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "device";
        }
    }
    "special file"
}
