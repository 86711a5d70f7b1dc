//! What a release changes, file by file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::listing::{FileEntry, Listing};

/// How one file differs between two bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only in the new bundle.
    Added,
    /// In both, with another content.
    Changed,
    /// Only in the old bundle.
    Removed,
    /// In both, with the same content.
    Unchanged,
}

/// One file in either bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffRow {
    /// Where the file is, in both bundles.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// The file as it was.
    pub before: Option<FileEntry>,
    /// The file as it will be.
    pub after: Option<FileEntry>,
}

impl DiffRow {
    /// Unpacked bytes that this file adds, negative when it shrinks.
    pub fn delta_bytes(&self) -> i64 {
        signed(self.after.as_ref()).saturating_sub(signed(self.before.as_ref()))
    }
}

fn signed(file: Option<&FileEntry>) -> i64 {
    file.map_or(0, |file| i64::try_from(file.size_bytes).unwrap_or(i64::MAX))
}

/// The differences of two listings, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Diff {
    /// One row for each path that either listing has.
    pub rows: Vec<DiffRow>,
}

/// How many files of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// See [`Change::Added`].
    pub added: usize,
    /// See [`Change::Changed`].
    pub changed: usize,
    /// See [`Change::Removed`].
    pub removed: usize,
    /// See [`Change::Unchanged`].
    pub unchanged: usize,
}

impl Counts {
    /// Files that are not the same in both.
    pub const fn different(&self) -> usize {
        self.added + self.changed + self.removed
    }
}

impl Diff {
    /// Counts the rows by kind.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match row.change {
                Change::Added => counts.added += 1,
                Change::Changed => counts.changed += 1,
                Change::Removed => counts.removed += 1,
                Change::Unchanged => counts.unchanged += 1,
            }
        }
        counts
    }

    /// Unpacked bytes that the new bundle has more than the old one.
    pub fn delta_bytes(&self) -> i64 {
        self.rows
            .iter()
            .fold(0_i64, |sum, row| sum.saturating_add(row.delta_bytes()))
    }
}

/// Compares two bundles. Two files are the same when their digests are.
pub fn diff(before: &Listing, after: &Listing) -> Diff {
    let mut pairs: BTreeMap<&str, (Option<&FileEntry>, Option<&FileEntry>)> = BTreeMap::new();
    for file in &before.files {
        pairs.entry(&file.path).or_default().0 = Some(file);
    }
    for file in &after.files {
        pairs.entry(&file.path).or_default().1 = Some(file);
    }
    let rows = pairs
        .into_iter()
        .map(|(path, (before, after))| DiffRow {
            path: path.to_owned(),
            change: match (before, after) {
                (None, _) => Change::Added,
                (_, None) => Change::Removed,
                (Some(before), Some(after)) if before.sha256 == after.sha256 => Change::Unchanged,
                (Some(_), Some(_)) => Change::Changed,
            },
            before: before.cloned(),
            after: after.cloned(),
        })
        .collect();
    Diff { rows }
}

#[cfg(test)]
mod tests {
    use ota_model::Sha256;

    use super::*;

    fn listing(files: &[(&str, &str)]) -> Listing {
        Listing::new(
            files
                .iter()
                .map(|(path, content)| FileEntry {
                    path: (*path).to_owned(),
                    size_bytes: content.len() as u64,
                    sha256: Sha256::of(content.as_bytes()),
                })
                .collect(),
        )
    }

    #[test]
    fn each_file_is_in_one_row_with_its_change() {
        let before = listing(&[("a", "same"), ("b", "old"), ("c", "gone")]);
        let after = listing(&[("a", "same"), ("b", "newer"), ("d", "fresh!")]);
        let diff = diff(&before, &after);
        let rows: Vec<_> = diff
            .rows
            .iter()
            .map(|row| (row.path.as_str(), row.change, row.delta_bytes()))
            .collect();
        assert_eq!(
            rows,
            [
                ("a", Change::Unchanged, 0),
                ("b", Change::Changed, 2),
                ("c", Change::Removed, -4),
                ("d", Change::Added, 6),
            ]
        );
        assert_eq!(diff.delta_bytes(), 4);
        assert_eq!(diff.counts().different(), 3);
        assert_eq!(diff.counts().unchanged, 1);
    }
}
