//! Names that are checked once, when they are parsed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a name was refused. The text is fit to be shown beside the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Shorter than 3 or longer than 40 characters.
    #[error("An app slug has 3 to 40 characters, this one has {0}")]
    SlugLength(usize),
    /// Begins or ends with a hyphen.
    #[error("An app slug cannot start or end with a hyphen")]
    SlugHyphen,
    /// Holds something else than `a-z`, `0-9` and `-`.
    #[error("An app slug has only lowercase letters, digits and hyphens")]
    SlugCharacter,
    /// A slug that is part of a path of a client system (`protocols.md` 5: `apps`).
    #[error("The slug “{0}” is reserved")]
    SlugReserved(String),
    /// Not 1 to 40 of `a-z`, `0-9`, `-`, `_`, `.`.
    #[error(
        "A channel name has 1 to 40 lowercase letters, digits, hyphens, dots or underscores and starts with a letter or digit"
    )]
    Channel,
    /// Not 16 hexadecimal digits.
    #[error("A key id has 16 hexadecimal digits")]
    KeyId,
    /// Not a platform key as `latest.json` spells it.
    #[error("A platform is written like linux-x86_64-deb, windows-x86_64-nsis or darwin-aarch64")]
    Platform,
}

macro_rules! string_newtype {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        // Hashes and compares as its text does, so maps can be asked with plain text.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

/// The short name of an app in paths and URLs: 3–40 of `a-z0-9-`, no hyphen at either end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppSlug(String);

string_newtype!(AppSlug);

impl AppSlug {
    /// Checks `text` against the rule above.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let length = text.chars().count();
        if !(3..=40).contains(&length) {
            return Err(NameError::SlugLength(length));
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(NameError::SlugHyphen);
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Err(NameError::SlugCharacter);
        }
        if text == "apps" {
            return Err(NameError::SlugReserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The name of a channel, as clients send it and as people type it to unlock a protected one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

string_newtype!(ChannelName);

impl ChannelName {
    /// Checks that `text` is 1–40 of `a-z0-9-_.` and starts with a letter or digit.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let starts_plain = text.bytes().next().is_some_and(plain);
        let rest_plain = text
            .bytes()
            .all(|byte| plain(byte) || matches!(byte, b'-' | b'_' | b'.'));
        if starts_plain && rest_plain && text.len() <= 40 {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Channel)
        }
    }
}

/// A minisign key id: eight bytes, written as 16 upper-case hexadecimal digits of the little-endian number,
/// as minisign prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

string_newtype!(KeyId);

impl KeyId {
    /// Checks that `text` is 16 hexadecimal digits; folds them to upper case.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(NameError::KeyId)
        }
    }

    /// From the eight bytes as they stand in a key or a signature.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(format!("{:016X}", u64::from_le_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_the_rule() {
        for good in ["abc", "my-app-2", "a-b", &"x".repeat(40)] {
            assert_eq!(AppSlug::parse(good).unwrap().as_str(), good);
        }
        for (bad, error) in [
            ("ab", NameError::SlugLength(2)),
            ("-abc", NameError::SlugHyphen),
            ("abc-", NameError::SlugHyphen),
            ("Abc", NameError::SlugCharacter),
            ("a_c", NameError::SlugCharacter),
            ("äbc", NameError::SlugCharacter),
            ("apps", NameError::SlugReserved("apps".to_owned())),
        ] {
            assert_eq!(AppSlug::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn channel_names_follow_the_rule() {
        for good in ["production", "beta-2", "v1.2", "a"] {
            assert!(ChannelName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Beta", "-x", "../x", "a b", &"x".repeat(41)] {
            assert!(ChannelName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_id_prints_as_minisign_prints_it() {
        let id = KeyId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(id.as_str(), "0807060504030201");
        assert_eq!(KeyId::parse("0807060504030201"), Ok(id));
    }
}
