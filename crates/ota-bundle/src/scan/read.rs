//! One file: hashed, and searched for secrets, in one pass and constant memory.

use std::io::{self, Read as _};
use std::path::Path;

use fs_err as fs;
use ota_model::Sha256;
use sha2::Digest as _;
use tokio_util::sync::CancellationToken;

use crate::checks::{LOOKAHEAD, SecretHit, SecretScanner};
use crate::error::BundleError;
use crate::listing::Listing;
use crate::progress::Meter;

const CHUNK_BYTES: usize = 256 * 1024;
/// Pages larger than this are not pages; the rest of it is not looked at.
const ENTRY_PAGE_LIMIT_BYTES: u64 = 2 * 1024 * 1024;

/// What reading brought to light.
pub(super) enum FileRead {
    Content(Content),
    /// In the words of the system.
    Unreadable(String),
}

pub(super) struct Content {
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256,
    pub(super) secrets: Vec<SecretHit>,
    pub(super) is_text: bool,
}

/// Reads `path` below `root`. `buffer` is kept from file to file.
pub(super) fn read_file(
    root: &Path,
    path: &str,
    buffer: &mut Vec<u8>,
    meter: &Meter<'_>,
    cancel: &CancellationToken,
) -> Result<FileRead, BundleError> {
    buffer.resize(CHUNK_BYTES + LOOKAHEAD + 1, 0);
    let mut file = match fs::File::open(root.join(path)) {
        Ok(file) => file,
        Err(error) => return Ok(FileRead::Unreadable(error.kind().to_string())),
    };
    let mut digest = sha2::Sha256::new();
    let mut size_bytes = 0;
    let mut window = Window::new(path);
    loop {
        if cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        let room = buffer.get_mut(window.filled..).unwrap_or_default();
        let count = match file.read(room) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(FileRead::Unreadable(error.kind().to_string())),
        };
        digest.update(room.get(..count).unwrap_or_default());
        size_bytes += count as u64;
        meter.add_bytes(count);
        window.advance(buffer, count);
        if count == 0 {
            break;
        }
    }
    meter.add_file();
    Ok(FileRead::Content(Content {
        size_bytes,
        sha256: Sha256::from_bytes(digest.finalize().into()),
        is_text: window.is_text,
        secrets: window.scanner.finish(),
    }))
}

/// The part of a file that is in the buffer: what was searched last, then what still has to be.
struct Window<'a> {
    scanner: SecretScanner<'a>,
    /// Files with a zero byte are images, fonts, code for machines.
    is_text: bool,
    filled: usize,
    /// Before this, all is searched.
    from: usize,
}

impl<'a> Window<'a> {
    const fn new(path: &'a str) -> Self {
        Self {
            scanner: SecretScanner::new(path),
            is_text: true,
            filled: 0,
            from: 0,
        }
    }

    /// Takes `count` more bytes into account; none means that the file has ended.
    fn advance(&mut self, buffer: &mut [u8], count: usize) {
        let fresh = buffer
            .get(self.filled..self.filled + count)
            .unwrap_or_default();
        if self.is_text && fresh.contains(&0) {
            self.is_text = false;
        }
        if !self.is_text {
            self.filled = 0;
            return;
        }
        self.filled += count;
        // What begins close to the end is searched when more is known of it.
        let until = if count == 0 {
            self.filled
        } else {
            self.filled.saturating_sub(LOOKAHEAD)
        };
        if until <= self.from {
            return;
        }
        let window = buffer.get(..self.filled).unwrap_or_default();
        self.scanner.search(window, self.from, until);
        // One byte before stays, to tell whether a word begins.
        let keep = until - 1;
        buffer.copy_within(keep..self.filled, 0);
        self.filled -= keep;
        self.from = 1;
    }
}

/// The text of `index.html`.
pub(super) fn entry_page(root: &Path, listing: &Listing) -> Option<String> {
    let entry = listing.find("index.html")?;
    let mut bytes = Vec::new();
    fs::File::open(root.join(&entry.path))
        .ok()?
        .take(ENTRY_PAGE_LIMIT_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
