//! Which names a bundle may hold, and which of them fail on some device.

use thiserror::Error;

/// The longest path that is packed or accepted, in bytes.
pub(crate) const PATH_LIMIT_BYTES: usize = 1_024;
/// The longest part of a path: what Linux and macOS can store.
const PART_LIMIT_BYTES: usize = 255;

/// Why no bundle may hold a file of this name. The texts complete "… cannot be in a bundle: the name …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing is left of it, or a part of it is empty.
    #[error("is empty, or has an empty part")]
    Empty,
    /// Begins with `/`.
    #[error("starts at the root of the file system")]
    Absolute,
    /// Has a `..` part.
    #[error("leaves the folder it is unpacked in")]
    Escapes,
    /// Has a part such as `C:`, which names a drive on Windows.
    #[error("names a drive on Windows")]
    Drive,
    /// Has a `\`, a separator on Windows and a part of the name elsewhere (`protocols.md` 3.2).
    #[error("has a backslash, which separates folders on Windows only")]
    Backslash,
    /// Has a character below U+0020, or U+007F.
    #[error("has a control character")]
    Control,
    /// Longer than 1,024 bytes, or a part of it longer than 255.
    #[error("is too long")]
    TooLong,
    /// Not UTF-8: different systems would spell it differently.
    #[error("is not valid UTF-8")]
    NotUtf8,
}

/// Checks a `/`-separated path that is relative to the root of a bundle. What passes here is safe to join to a folder
/// on every system.
pub fn check_name(path: &str) -> Result<(), NameError> {
    if path.starts_with('/') {
        return Err(NameError::Absolute);
    }
    if path.len() > PATH_LIMIT_BYTES {
        return Err(NameError::TooLong);
    }
    for part in path.split('/') {
        match part {
            "" | "." => return Err(NameError::Empty),
            ".." => return Err(NameError::Escapes),
            _ => {}
        }
        if part.len() > PART_LIMIT_BYTES {
            return Err(NameError::TooLong);
        }
        if part.contains('\\') {
            return Err(NameError::Backslash);
        }
        if part.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        let mut start = part.chars();
        if start
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic())
            && start.next() == Some(':')
        {
            return Err(NameError::Drive);
        }
    }
    Ok(())
}

/// The path without `.` parts and without a `/` at its end, as clients understand it. Checked like [`check_name`].
pub(crate) fn normalise(path: &str) -> Result<String, NameError> {
    if path.starts_with('/') {
        return Err(NameError::Absolute);
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "." | ""))
        .collect();
    let path = parts.join("/");
    check_name(&path)?;
    Ok(path)
}

/// Why Windows cannot store a file of this name, in words.
pub(crate) fn windows_problem(path: &str) -> Option<&'static str> {
    path.split('/').find_map(part_problem)
}

fn part_problem(part: &str) -> Option<&'static str> {
    const RESERVED: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
    if part.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Some("has a character that Windows does not allow");
    }
    if part.ends_with(['.', ' ']) {
        return Some("ends with a dot or a space");
    }
    let stem = part
        .split('.')
        .next()
        .unwrap_or(part)
        .trim_end()
        .to_ascii_uppercase();
    let numbered = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"))
        .is_some_and(|rest| {
            matches!(
                rest,
                "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
            )
        });
    if numbered || RESERVED.contains(&stem.as_str()) {
        return Some("is a device name on Windows");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_stay_inside_pass() {
        for good in [
            "index.html",
            "a/b/c.js",
            "ä/日本.txt",
            "..a",
            "a..",
            "a b/%20",
            "x".repeat(255).as_str(),
        ] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for (bad, error) in [
            ("", NameError::Empty),
            ("a//b", NameError::Empty),
            ("a/", NameError::Empty),
            ("./a", NameError::Empty),
            ("/etc/passwd", NameError::Absolute),
            ("../a", NameError::Escapes),
            ("a/../../b", NameError::Escapes),
            ("C:evil", NameError::Drive),
            ("a/c:/b", NameError::Drive),
            ("..\\a", NameError::Backslash),
            ("a\0b", NameError::Control),
            ("a\u{1b}[2J", NameError::Control),
            (&"x".repeat(256), NameError::TooLong),
            (&"x/".repeat(600), NameError::TooLong),
        ] {
            assert_eq!(check_name(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn dots_are_folded_but_never_upwards() {
        assert_eq!(normalise("./index.html").as_deref(), Ok("index.html"));
        assert_eq!(normalise("a/./b/").as_deref(), Ok("a/b"));
        assert_eq!(normalise("./../a"), Err(NameError::Escapes));
        assert_eq!(normalise("./"), Err(NameError::Empty));
    }

    #[test]
    fn windows_names_are_known() {
        for bad in [
            "con",
            "a/NUL.txt",
            "com1.js",
            "lpt9",
            "a?.js",
            "x:y",
            "a.",
            "b /c",
            "Aux .js",
        ] {
            assert!(windows_problem(bad).is_some(), "{bad}");
        }
        for good in ["console.js", "com10", "nul-1.js", "a.b.c", ".env"] {
            assert_eq!(windows_problem(good), None, "{good}");
        }
    }
}
