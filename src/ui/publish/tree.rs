//! The files of a build as a tree, compared with what is live. Built once per build, not per frame.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ota_bundle::{Change, CheckId, Counts, Diff, Scan, Severity};

/// Which files are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Filter {
    /// Every file of either build.
    #[default]
    All,
    /// Files that are not the same in both.
    Different,
    /// Only in the new build.
    Added,
    /// In both, with other bytes.
    Changed,
    /// Only in what is live.
    Removed,
}

impl Filter {
    const fn takes(self, change: Option<Change>) -> bool {
        match self {
            Self::All => true,
            Self::Different => matches!(
                change,
                Some(Change::Added | Change::Changed | Change::Removed)
            ),
            Self::Added => matches!(change, Some(Change::Added)),
            Self::Changed => matches!(change, Some(Change::Changed)),
            Self::Removed => matches!(change, Some(Change::Removed)),
        }
    }
}

/// A file or a folder of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Relative to the root.
    pub(super) path: String,
    /// How deep it lies.
    pub(super) depth: u8,
    /// For a folder, the node after its last one.
    pub(super) end: Option<usize>,
    /// What became of a file, once that is known.
    pub(super) change: Option<Change>,
    /// Unpacked size; of a removed file, the size it had.
    pub(super) size_bytes: u64,
    /// By how much it grew.
    pub(super) delta_bytes: i64,
    /// Files in a folder.
    pub(super) files: usize,
    /// Of these, how many are not the same in both.
    pub(super) different: usize,
    /// What a check says of it.
    pub(super) remark: &'static str,
}

impl Node {
    /// Without its folder.
    pub(super) fn name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, name)| name)
    }
}

/// The tree, in the order in which it is drawn when every folder is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    source: Option<(Arc<Scan>, Option<Arc<Diff>>)>,
    /// Every folder and file.
    pub(super) nodes: Vec<Node>,
    /// How many files of each kind; `None` until the comparison is there.
    pub(super) counts: Option<Counts>,
    /// The largest growth or shrinkage of one file.
    pub(super) largest: u64,
    filter: Filter,
    /// The nodes that are drawn now, with whether a folder is open.
    rows: Vec<usize>,
}

impl Tree {
    /// Follow the build and the filter. Does nothing while they are the same.
    pub(super) fn follow(
        &mut self,
        scan: &Arc<Scan>,
        diff: Option<&Arc<Diff>>,
        filter: Filter,
        folders: &BTreeMap<String, bool>,
    ) {
        let same = self.source.as_ref().is_some_and(|(old_scan, old_diff)| {
            Arc::ptr_eq(old_scan, scan)
                && match (old_diff, diff) {
                    (Some(old), Some(new)) => Arc::ptr_eq(old, new),
                    (None, None) => true,
                    _ => false,
                }
        });
        if !same {
            self.source = Some((Arc::clone(scan), diff.map(Arc::clone)));
            self.build(scan, diff.map(AsRef::as_ref));
        }
        if !same || self.filter != filter {
            self.filter = filter;
            self.lay_out(folders);
        }
    }

    /// The nodes that are drawn now.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Whether a folder is open: as the person left it, else when something in it differs.
    pub(super) fn is_open(&self, node: &Node, folders: &BTreeMap<String, bool>) -> bool {
        let by_default = node.different > 0 || self.counts.is_none() || self.filter != Filter::All;
        folders.get(&node.path).copied().unwrap_or(by_default)
    }

    /// Which rows are drawn, after a folder was opened or closed.
    pub(super) fn lay_out(&mut self, folders: &BTreeMap<String, bool>) {
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            match node.end {
                None if self.filter.takes(node.change) => {
                    rows.push(at);
                    at += 1;
                }
                None => at += 1,
                Some(end) => {
                    let matching = self.filter == Filter::All || self.holds_match(at + 1, end);
                    if matching {
                        rows.push(at);
                    }
                    let enter = matching && self.is_open(node, folders);
                    at = if enter { at + 1 } else { end };
                }
            }
        }
        self.rows = rows;
    }

    fn holds_match(&self, from: usize, to: usize) -> bool {
        self.nodes.get(from..to).is_some_and(|nodes| {
            nodes
                .iter()
                .any(|node| node.end.is_none() && self.filter.takes(node.change))
        })
    }

    fn build(&mut self, scan: &Scan, diff: Option<&Diff>) {
        let remarks = remarks(scan);
        let mut root = Folder::default();
        if let Some(diff) = diff {
            for row in &diff.rows {
                let size = row.after.as_ref().or(row.before.as_ref());
                root.insert(
                    &row.path,
                    &row.path,
                    File {
                        change: Some(row.change),
                        size_bytes: size.map_or(0, |file| file.size_bytes),
                        delta_bytes: row.delta_bytes(),
                    },
                );
            }
        } else {
            for file in &scan.listing.files {
                root.insert(
                    &file.path,
                    &file.path,
                    File {
                        change: None,
                        size_bytes: file.size_bytes,
                        delta_bytes: 0,
                    },
                );
            }
        }
        let mut nodes = Vec::new();
        root.flatten("", 0, &remarks, &mut nodes);
        self.counts = diff.map(Diff::counts);
        self.largest = nodes
            .iter()
            .filter(|node| node.end.is_none())
            .map(|node| node.delta_bytes.unsigned_abs())
            .max()
            .unwrap_or(0);
        self.nodes = nodes;
    }
}

struct File {
    change: Option<Change>,
    size_bytes: u64,
    delta_bytes: i64,
}

#[derive(Default)]
struct Folder {
    folders: BTreeMap<String, Self>,
    files: BTreeMap<String, (String, File)>,
}

impl Folder {
    fn insert(&mut self, rest: &str, path: &str, file: File) {
        match rest.split_once('/') {
            Some((folder, rest)) => self
                .folders
                .entry(folder.to_owned())
                .or_default()
                .insert(rest, path, file),
            None => {
                self.files.insert(rest.to_owned(), (path.to_owned(), file));
            }
        }
    }

    /// The entry page first, then folders, then files: what differs before what does not.
    fn flatten(
        self,
        prefix: &str,
        depth: u8,
        remarks: &BTreeMap<&str, &'static str>,
        nodes: &mut Vec<Node>,
    ) {
        let remark_of = |path: &str| remarks.get(path).copied().unwrap_or("");
        let file_node = |(path, file): (String, File)| Node {
            depth,
            end: None,
            change: file.change,
            size_bytes: file.size_bytes,
            delta_bytes: file.delta_bytes,
            files: 1,
            different: usize::from(
                file.change
                    .is_some_and(|change| change != Change::Unchanged),
            ),
            remark: remark_of(&path),
            path,
        };
        let (entry, mut files): (Vec<_>, Vec<_>) = self
            .files
            .into_values()
            .map(file_node)
            .partition(|node| node.path == "index.html");
        files.sort_by_key(|node| node.different == 0);

        nodes.extend(entry);
        for (name, folder) in self.folders {
            let path = format!("{prefix}{name}");
            let at = nodes.len();
            let remark = remark_of(&path);
            nodes.push(Node {
                path,
                depth,
                end: Some(0),
                change: None,
                size_bytes: 0,
                delta_bytes: 0,
                files: 0,
                different: 0,
                remark,
            });
            folder.flatten(
                &format!("{prefix}{name}/"),
                depth.saturating_add(1),
                remarks,
                nodes,
            );
            sum_up(nodes, at);
        }
        nodes.extend(files);
    }
}

/// A folder sums up the files that stand after it.
fn sum_up(nodes: &mut [Node], at: usize) {
    let end = nodes.len();
    let (mut size_bytes, mut delta_bytes, mut files, mut different) = (0_u64, 0_i64, 0, 0);
    for node in nodes.iter().skip(at + 1).filter(|node| node.end.is_none()) {
        if node.change != Some(Change::Removed) {
            size_bytes = size_bytes.saturating_add(node.size_bytes);
        }
        delta_bytes = delta_bytes.saturating_add(node.delta_bytes);
        files += 1;
        different += node.different;
    }
    if let Some(folder) = nodes.get_mut(at) {
        folder.end = Some(end);
        folder.size_bytes = size_bytes;
        folder.delta_bytes = delta_bytes;
        folder.files = files;
        folder.different = different;
    }
}

/// What the checks say of single files, in two or three words.
fn remarks(scan: &Scan) -> BTreeMap<&str, &'static str> {
    let mut remarks = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for finding in &scan.findings {
        if finding.severity == Severity::Pass {
            continue;
        }
        let word = match finding.check {
            CheckId::Unreadable => "cannot be read",
            CheckId::Links => "not a regular file",
            CheckId::Names => "name",
            CheckId::NameCase => "two spellings",
            CheckId::Leftovers => "left by a tool",
            CheckId::SourceMaps => "source map",
            CheckId::Secrets => "secret",
            CheckId::BasePath => "base path",
            CheckId::LocalAddresses => "local address",
            CheckId::Empty | CheckId::EntryPage | CheckId::Growth | CheckId::SizeLimit => continue,
        };
        for path in &finding.paths {
            // The findings come with the worst first: that one is named.
            if seen.insert(path.as_str()) {
                remarks.insert(path.as_str(), word);
            }
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ota_bundle::{FileEntry, Listing, diff};
    use ota_model::Sha256;

    use super::*;

    fn listing(files: &[(&str, u64)]) -> Listing {
        let entry = |(path, size): &(&str, u64)| FileEntry {
            path: (*path).to_owned(),
            size_bytes: *size,
            sha256: Sha256::of(format!("{path}{size}").as_bytes()),
        };
        Listing::new(files.iter().map(entry).collect())
    }

    fn scan(listing: Listing) -> Arc<Scan> {
        Arc::new(Scan {
            root: PathBuf::from("/dist"),
            listing,
            findings: Vec::new(),
            ignored: Vec::new(),
            suggested_root: None,
        })
    }

    fn drawn(tree: &Tree) -> Vec<&str> {
        tree.rows()
            .iter()
            .map(|row| tree.nodes[*row].path.as_str())
            .collect()
    }

    #[test]
    fn a_folder_sums_up_its_files_and_closes_over_them() {
        let before = listing(&[
            ("index.html", 5),
            ("assets/old.js", 30),
            ("fonts/a.woff2", 9),
        ]);
        let after = listing(&[
            ("index.html", 5),
            ("assets/new.js", 40),
            ("fonts/a.woff2", 9),
        ]);
        let difference = Arc::new(diff(&before, &after));
        let scan = scan(after);
        let mut folders = BTreeMap::new();
        let mut tree = Tree::default();
        tree.follow(&scan, Some(&difference), Filter::All, &folders);
        // What differs is open, what does not is closed.
        let open = [
            "index.html",
            "assets",
            "assets/new.js",
            "assets/old.js",
            "fonts",
        ];
        assert_eq!(drawn(&tree), open);
        let assets = tree
            .nodes
            .iter()
            .find(|node| node.path == "assets")
            .unwrap();
        assert_eq!((assets.files, assets.different), (2, 2));
        assert_eq!((assets.size_bytes, assets.delta_bytes), (40, 10));
        assert_eq!(tree.largest, 40);

        folders.insert("assets".to_owned(), false);
        tree.lay_out(&folders);
        assert_eq!(drawn(&tree), ["index.html", "assets", "fonts"]);
    }

    #[test]
    fn a_filter_keeps_the_folders_of_what_it_takes() {
        let before = listing(&[("a/x.js", 1), ("b/c/y.js", 2), ("z.js", 3)]);
        let after = listing(&[("a/x.js", 1), ("b/c/y.js", 5), ("z.js", 3)]);
        let difference = Arc::new(diff(&before, &after));
        let mut tree = Tree::default();
        let (scan, folders) = (scan(after), BTreeMap::new());
        tree.follow(&scan, Some(&difference), Filter::Changed, &folders);
        assert_eq!(drawn(&tree), ["b", "b/c", "b/c/y.js"]);
        tree.follow(&scan, Some(&difference), Filter::Removed, &folders);
        assert_eq!(drawn(&tree), [""; 0]);
    }

    #[test]
    fn without_a_comparison_every_file_is_there_and_nothing_is_said_of_it() {
        let mut tree = Tree::default();
        let files = [("b.js", 1), ("assets/a.js", 2), ("index.html", 3)];
        tree.follow(&scan(listing(&files)), None, Filter::All, &BTreeMap::new());
        assert_eq!(
            drawn(&tree),
            ["index.html", "assets", "assets/a.js", "b.js"]
        );
        assert_eq!(tree.counts, None);
        assert!(tree.nodes.iter().all(|node| node.change.is_none()));
    }
}
