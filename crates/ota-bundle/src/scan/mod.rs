//! A folder is read once: listed, hashed, searched and checked.

mod read;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::checks::{self, Facts, Finding, LiveInfo, Severity};
use crate::error::BundleError;
use crate::listing::{FileEntry, Listing};
use crate::pack::MOST_THREADS;
use crate::progress::{Meter, Phase, Progress};
use read::{Content, FileRead};

/// Files and folders that the user leaves out. A folder covers everything in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ignored {
    paths: BTreeSet<String>,
}

impl Ignored {
    /// Leaves out `path`, as a listing or a finding spells it.
    pub fn add(&mut self, path: impl Into<String>) {
        self.paths.insert(path.into());
    }

    /// Takes `path` back in.
    pub fn remove(&mut self, path: &str) {
        self.paths.remove(path);
    }

    /// What was added.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Which of the added paths covers `path`.
    pub fn covering<'a>(&'a self, path: &str) -> Option<&'a str> {
        let mut ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        ends.find_map(|end| self.paths.get(path.get(..end)?))
            .map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Ignored {
    fn from_iter<I: IntoIterator<Item = S>>(paths: I) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
        }
    }
}

impl<S: Into<String>> Extend<S> for Ignored {
    fn extend<I: IntoIterator<Item = S>>(&mut self, paths: I) {
        self.paths.extend(paths.into_iter().map(Into::into));
    }
}

/// What leaving out a path removes from the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoredEntry {
    /// As it was added.
    pub path: String,
    /// How many files it covers; 0 when nothing is there (any more).
    pub files: usize,
    /// Their size.
    pub size_bytes: u64,
}

/// What is in a folder, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// The folder.
    pub root: PathBuf,
    /// What would be packed.
    pub listing: Listing,
    /// The checks; what matters most comes first.
    pub findings: Vec<Finding>,
    /// What was left out by choice.
    pub ignored: Vec<IgnoredEntry>,
    /// When the root has no `index.html` and one folder below has: that folder.
    pub suggested_root: Option<PathBuf>,
}

impl Scan {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Whether something forbids publishing.
    pub fn is_stopped(&self) -> bool {
        self.count(Severity::Stop) > 0
    }
}

/// Reads everything below `root`, on all cores, and runs the checks.
///
/// What cannot be packed (links, unreadable files) is a finding; only a root that cannot be read is an error.
pub fn scan(
    root: &Path,
    ignore: &Ignored,
    live: Option<&LiveInfo>,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> Result<Scan, BundleError> {
    let found = walk::walk(root, ignore, cancel)?;
    let bytes_total = found.files.iter().map(|file| file.size_bytes).sum();
    let meter = Meter::start(progress, Phase::Scan, bytes_total, found.files.len());
    let read = read_all(root, &found.files, &meter, cancel)?;

    let mut unreadable = found.unreadable;
    let (mut files, mut secrets, mut searched) = (Vec::with_capacity(read.len()), Vec::new(), 0);
    for (file, read) in found.files.into_iter().zip(read) {
        match read {
            FileRead::Content(content) => {
                let Content {
                    size_bytes,
                    sha256,
                    secrets: hits,
                    is_text,
                } = content;
                searched += usize::from(is_text);
                secrets.extend(hits);
                files.push(FileEntry {
                    path: file.path,
                    size_bytes,
                    sha256,
                });
            }
            FileRead::Unreadable(why) => unreadable.push((file.path, why)),
        }
    }
    let listing = Listing::new(files);
    let entry_page = read::entry_page(root, &listing);
    let findings = checks::run(&Facts {
        listing: &listing,
        not_files: &found.not_files,
        unreadable: &unreadable,
        bad_names: &found.bad_names,
        secrets: &secrets,
        searched,
        entry_page: entry_page.as_deref(),
        live,
    });
    let suggested_root = if listing.contains("index.html") {
        None
    } else {
        checks::wrapper_folder(&listing).map(|folder| root.join(folder))
    };
    Ok(Scan {
        root: root.to_path_buf(),
        listing,
        findings,
        ignored: summary(ignore, &found.ignored),
        suggested_root,
    })
}

fn read_all(
    root: &Path,
    files: &[walk::Found],
    meter: &Meter<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<FileRead>, BundleError> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.min(MOST_THREADS))
        .thread_name(|number| format!("scan-{number}"))
        .build()
        .map_err(|source| BundleError::Threads { source })?;
    pool.install(|| {
        files
            .par_iter()
            .map_init(Vec::new, |buffer, file| {
                read::read_file(root, &file.path, buffer, meter, cancel)
            })
            .collect()
    })
}

fn summary(ignore: &Ignored, covered: &BTreeMap<String, (usize, u64)>) -> Vec<IgnoredEntry> {
    ignore
        .paths()
        .map(|path| {
            let (files, size_bytes) = covered.get(path).copied().unwrap_or_default();
            IgnoredEntry {
                path: path.to_owned(),
                files,
                size_bytes,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_covers_what_is_in_it_and_nothing_beside_it() {
        let ignored = Ignored::from_iter(["node_modules", "a/b.js"]);
        assert_eq!(
            ignored.covering("node_modules/x/y.js"),
            Some("node_modules")
        );
        assert_eq!(ignored.covering("node_modules"), Some("node_modules"));
        assert_eq!(ignored.covering("a/b.js"), Some("a/b.js"));
        for outside in [
            "node_modules2/x.js",
            "a/b.js.map",
            "a",
            "x/node_modules/y.js",
        ] {
            assert_eq!(ignored.covering(outside), None, "{outside}");
        }
    }
}
