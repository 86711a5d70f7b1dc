//! The outer layer that minisign's files share: comment lines around base64, once more in base64 when tauri wrote them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// How minisign begins each of its files.
pub(crate) const COMMENT: &str = "untrusted comment: ";

/// Far more than any key or signature has; keeps a wrong file from being read into memory.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// The minisign file inside `text`: as it is, or taken out of tauri's base64. `None` when it is neither.
///
/// A byte order mark and white space around it are not part of it. Wiped when dropped: it may be a secret key.
pub(crate) fn unwrap_file(text: &str) -> Option<Zeroizing<String>> {
    let text = trim(text);
    if is_file(text) {
        return Some(Zeroizing::new(text.to_owned()));
    }
    let inner = decode(text)?;
    let inner = std::str::from_utf8(&inner).ok()?;
    is_file(inner).then(|| Zeroizing::new(trim(inner).to_owned()))
}

/// `text` without a byte order mark and the white space around it.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

/// Standard base64. `None` when `text` is something else.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    STANDARD.decode(text).ok().map(Zeroizing::new)
}

/// Standard base64 with padding, on one line.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn is_file(text: &str) -> bool {
    text.len() <= MAX_BYTES && text.starts_with(COMMENT.trim_end())
}
