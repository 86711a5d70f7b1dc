//! What is in a bundle.

use ota_model::Sha256;
use serde::{Deserialize, Serialize};

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the root of the bundle, parts separated by `/` on every system.
    pub path: String,
    /// Size of the content.
    pub size_bytes: u64,
    /// Digest of the content.
    pub sha256: Sha256,
}

/// All files of a bundle, sorted by the bytes of their paths. Stored with the release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Listing {
    /// The files.
    pub files: Vec<FileEntry>,
}

impl Listing {
    /// Sorts `files` by path.
    pub fn new(mut files: Vec<FileEntry>) -> Self {
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Size of all files together, unpacked.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    /// The file at `path`.
    pub fn find(&self, path: &str) -> Option<&FileEntry> {
        let at = self
            .files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()?;
        self.files.get(at)
    }

    /// Whether there is a file at `path`.
    pub fn contains(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// How many folders hold the files; the root is not counted.
    pub fn folder_count(&self) -> usize {
        let mut folders = std::collections::HashSet::new();
        for file in &self.files {
            for (at, _) in file.path.match_indices('/') {
                folders.insert(file.path.get(..at));
            }
        }
        folders.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, size_bytes: u64) -> FileEntry {
        FileEntry {
            path: path.to_owned(),
            size_bytes,
            sha256: Sha256::of(path.as_bytes()),
        }
    }

    #[test]
    fn a_listing_is_sorted_and_counted() {
        let listing = Listing::new(vec![
            entry("b/c/d.js", 3),
            entry("a.js", 4),
            entry("b/x.js", 5),
        ]);
        let paths: Vec<_> = listing
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        assert_eq!(paths, ["a.js", "b/c/d.js", "b/x.js"]);
        assert_eq!(listing.total_bytes(), 12);
        assert_eq!(listing.folder_count(), 2);
        assert_eq!(listing.find("b/x.js").unwrap().size_bytes, 5);
        assert!(!listing.contains("b"));
    }

    #[test]
    fn a_listing_survives_json() {
        let listing = Listing::new(vec![entry("index.html", 7)]);
        let json = serde_json::to_string(&listing).unwrap();
        assert!(
            json.starts_with(r#"{"files":[{"path":"index.html","size_bytes":7,"sha256":""#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Listing>(&json).unwrap(), listing);
    }
}
