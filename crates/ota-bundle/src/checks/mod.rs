//! What is wrong with a folder, before anybody signs it.
//!
//! Each check answers with findings; one that has nothing to say answers with a single [`Severity::Pass`], so that people
//! see what was looked at.

mod entry_page;
mod files;
mod html;
mod secrets;
mod size;

use serde::{Deserialize, Serialize};

use crate::listing::{FileEntry, Listing};
pub(crate) use entry_page::wrapper_folder;
pub use secrets::SECRET_PATTERNS;
pub(crate) use secrets::{LOOKAHEAD, SecretHit, SecretScanner};
pub use size::{HOTSWAP_LIMIT_BYTES, packed_findings};

/// One of the checks; stable, so that policies and scripts can refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// There are files at all.
    Empty,
    /// `index.html` at the root.
    EntryPage,
    /// All files could be read.
    Unreadable,
    /// Regular files only.
    Links,
    /// Names that some or all clients cannot store.
    Names,
    /// Names that differ only in case.
    NameCase,
    /// Files of tools, which no client needs.
    Leftovers,
    /// Source maps.
    SourceMaps,
    /// Keys, tokens and passwords.
    Secrets,
    /// The path that the entry page expects to be served from.
    BasePath,
    /// Addresses of the developer's own machine in the entry page.
    LocalAddresses,
    /// Size against what is live.
    Growth,
    /// Size against what clients download.
    SizeLimit,
}

/// What a finding means for publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    Pass,
    /// A person should look; it may well be right.
    Decide,
    /// This must not be published.
    Stop,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Relative to the root.
    pub path: String,
    /// Counted from 1; absent when the whole file is meant.
    pub line: Option<u64>,
    /// What is there. Never the secret itself.
    pub note: String,
}

impl Place {
    fn whole(path: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            note: note.into(),
        }
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: CheckId,
    /// What it means.
    pub severity: Severity,
    /// A few words: "1 source map".
    pub title: String,
    /// A few more: "readable source, 183 KB".
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The files and folders it is about. Leaving these out settles it, when [`Finding::can_ignore`] says so.
    pub paths: Vec<String>,
    /// Where to look.
    pub places: Vec<Place>,
    /// Whether "Leave it out" is offered.
    pub can_ignore: bool,
}

impl Finding {
    fn pass(check: CheckId, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            check,
            severity: Severity::Pass,
            title: title.into(),
            detail: detail.into(),
            remedy: None,
            paths: Vec::new(),
            places: Vec::new(),
            can_ignore: false,
        }
    }

    fn new(
        check: CheckId,
        severity: Severity,
        title: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            remedy: Some(remedy.into()),
            ..Self::pass(check, title, "")
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The finding is about `places`, and is settled when their files are left out.
    fn ignorable(mut self, places: Vec<Place>) -> Self {
        self.can_ignore = true;
        self.at(places)
    }

    fn at(mut self, places: Vec<Place>) -> Self {
        self.paths = places.iter().map(|place| place.path.clone()).collect();
        self.paths.sort_unstable();
        self.paths.dedup();
        if self.detail.is_empty() {
            self.detail = crate::text::list(&self.paths);
        }
        self.places = places;
        self
    }
}

/// What a channel offers now, to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveInfo {
    /// Its files.
    pub listing: Listing,
    /// Size of its archive.
    pub bundle_size_bytes: u64,
}

/// Everything that reading the folder brought to light.
pub(crate) struct Facts<'a> {
    pub(crate) listing: &'a Listing,
    /// Links, devices, pipes: path and kind.
    pub(crate) not_files: &'a [(String, &'static str)],
    /// Path, and what the system said.
    pub(crate) unreadable: &'a [(String, String)],
    /// Names that are not UTF-8 or that no bundle may hold: as far as they can be shown, and why.
    pub(crate) bad_names: &'a [(String, String)],
    pub(crate) secrets: &'a [SecretHit],
    /// How many files were searched for secrets.
    pub(crate) searched: usize,
    /// Content of `index.html`.
    pub(crate) entry_page: Option<&'a str>,
    pub(crate) live: Option<&'a LiveInfo>,
}

/// Runs all checks, the most important first.
pub(crate) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if facts.listing.files.is_empty() {
        findings.push(files::empty());
    }
    findings.extend(entry_page::entry_page(facts));
    findings.extend(secrets::secrets(facts));
    findings.extend(files::unreadable(facts));
    findings.push(files::links(facts));
    findings.extend(files::names(facts));
    findings.push(files::name_case(facts));
    findings.push(files::leftovers(facts));
    findings.push(files::source_maps(facts));
    findings.extend(entry_page::addresses(facts));
    findings.extend(size::findings(facts));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// The top folder or file of `path` when one of its parts is `name`, up to and including that part.
fn up_to_part(path: &str, is_wanted: impl Fn(&str) -> bool) -> Option<&str> {
    let mut end = 0;
    for part in path.split('/') {
        end += part.len();
        if is_wanted(part) {
            return path.get(..end);
        }
        end += 1;
    }
    None
}

fn total<'a>(files: impl Iterator<Item = &'a FileEntry>) -> u64 {
    files.map(|file| file.size_bytes).sum()
}
