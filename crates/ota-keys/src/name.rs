//! What a person calls a key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of a key: 1–64 characters that are safe as a file name on every system, because [`crate::FileCustody`]
/// makes one of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

/// Why a key name was refused. Fit to be shown beside the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyNameError {
    /// Empty, or longer than 64 characters.
    #[error("A key name has 1 to 64 characters, this one has {0}")]
    Length(usize),
    /// A control character, or one that separates paths or is reserved on some system.
    #[error("A key name cannot contain {0:?}")]
    Character(char),
    /// Starts or ends with a space, or with a dot.
    #[error("A key name cannot start or end with a space or a dot")]
    Edge,
    /// A device of Windows, such as `CON` or `nul.txt`.
    #[error("“{0}” is the name of a device on Windows")]
    Device(String),
}

impl KeyName {
    /// Checks `text` against the rule above.
    pub fn parse(text: &str) -> Result<Self, KeyNameError> {
        let length = text.chars().count();
        if !(1..=64).contains(&length) {
            return Err(KeyNameError::Length(length));
        }
        let reserved = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
        if let Some(character) = text.chars().find(|c| reserved(*c)) {
            return Err(KeyNameError::Character(character));
        }
        let edge = |c: char| c.is_whitespace() || c == '.';
        if text.starts_with(edge) || text.ends_with(edge) {
            return Err(KeyNameError::Edge);
        }
        let stem = text.split('.').next().unwrap_or(text).to_ascii_uppercase();
        let numbered = |prefix| {
            stem.strip_prefix(prefix)
                .is_some_and(|n: &str| n.len() == 1 && n.bytes().all(|byte| byte.is_ascii_digit()))
        };
        if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
            || numbered("COM")
            || numbered("LPT")
        {
            return Err(KeyNameError::Device(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both would be one file where case does not count. Two such names cannot be in one custody.
    pub fn clashes_with(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for KeyName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for KeyName {
    type Error = KeyNameError;

    fn try_from(text: String) -> Result<Self, KeyNameError> {
        Self::parse(&text)
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_are_safe_file_names() {
        for good in [
            "main",
            "Release key 2026",
            "a",
            "ota.prod",
            "clé",
            "console",
            "COM10",
            &"x".repeat(64),
        ] {
            assert_eq!(KeyName::parse(good).unwrap().as_str(), good);
        }
        for (bad, error) in [
            ("", KeyNameError::Length(0)),
            (&*"x".repeat(65), KeyNameError::Length(65)),
            ("../up", KeyNameError::Character('/')),
            ("a\\b", KeyNameError::Character('\\')),
            ("tab\there", KeyNameError::Character('\t')),
            ("line\n", KeyNameError::Character('\n')),
            ("..", KeyNameError::Edge),
            (".hidden", KeyNameError::Edge),
            ("dot.", KeyNameError::Edge),
            (" main", KeyNameError::Edge),
            ("nul.key", KeyNameError::Device("nul.key".to_owned())),
            ("Com1", KeyNameError::Device("Com1".to_owned())),
        ] {
            assert_eq!(KeyName::parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn names_clash_whatever_their_case() {
        let name = |text| KeyName::parse(text).unwrap();
        assert!(name("Main").clashes_with(&name("main")));
        assert!(!name("main").clashes_with(&name("main-2")));
    }
}
