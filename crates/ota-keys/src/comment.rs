//! The trusted comment: what is signed along with the bytes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use ota_model::AppSlug;
use thiserror::Error;

/// `timestamp:N<TAB>file:NAME<TAB>version:V<TAB>app:SLUG`. tauri's updater reads `version` and compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedComment {
    timestamp: DateTime<Utc>,
    file: String,
    version: String,
    app: AppSlug,
}

/// Why a trusted comment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommentError {
    /// A tab, a newline or another control character would let one part pass for another.
    #[error("The {part} of a signature cannot contain control characters")]
    ControlCharacter {
        /// `file` or `version`.
        part: &'static str,
    },
    /// Nothing, or more than 255 bytes.
    #[error("The {part} of a signature has 1 to 255 bytes")]
    Length {
        /// `file` or `version`.
        part: &'static str,
    },
    /// Another program's comment: a part is missing or malformed.
    #[error("The trusted comment has no {part}")]
    Missing {
        /// The name of the part.
        part: &'static str,
    },
}

impl TrustedComment {
    /// Checks that neither `file` nor `version` can be mistaken for another part. Whole seconds are kept.
    pub fn new(
        timestamp: DateTime<Utc>,
        file: impl Into<String>,
        version: impl Into<String>,
        app: AppSlug,
    ) -> Result<Self, CommentError> {
        let (file, version) = (file.into(), version.into());
        for (part, value) in [("file", &file), ("version", &version)] {
            if !(1..=255).contains(&value.len()) {
                return Err(CommentError::Length { part });
            }
            if value.chars().any(char::is_control) {
                return Err(CommentError::ControlCharacter { part });
            }
        }
        let timestamp = DateTime::from_timestamp(timestamp.timestamp(), 0)
            .ok_or(CommentError::Missing { part: "timestamp" })?;
        Ok(Self {
            timestamp,
            file,
            version,
            app,
        })
    }

    /// When the signature was made.
    pub fn timestamp(&self) -> DateTime<Utc> {
        self.timestamp
    }

    /// The name of the signed file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The version of the release that was signed.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The app it was signed for.
    pub fn app(&self) -> &AppSlug {
        &self.app
    }
}

impl fmt::Display for TrustedComment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            timestamp,
            file,
            version,
            app,
        } = self;
        write!(
            f,
            "timestamp:{}\tfile:{file}\tversion:{version}\tapp:{app}",
            timestamp.timestamp()
        )
    }
}

impl FromStr for TrustedComment {
    type Err = CommentError;

    fn from_str(text: &str) -> Result<Self, CommentError> {
        let part = |part: &'static str| {
            text.split('\t')
                .find_map(|field| field.strip_prefix(part)?.strip_prefix(':'))
                .ok_or(CommentError::Missing { part })
        };
        let timestamp = part("timestamp")?
            .parse()
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .ok_or(CommentError::Missing { part: "timestamp" })?;
        let app = part("app")?
            .parse()
            .ok()
            .ok_or(CommentError::Missing { part: "app" })?;
        Self::new(timestamp, part("file")?, part("version")?, app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(file: &str, version: &str) -> Result<TrustedComment, CommentError> {
        let at = DateTime::from_timestamp(1_790_000_000, 999_000_000).unwrap();
        TrustedComment::new(at, file, version, "demo-app".parse().unwrap())
    }

    #[test]
    fn text_and_parts_agree() {
        let comment = comment("demo 2.4.1.tar.gz", "2.4.1").unwrap();
        let text = "timestamp:1790000000\tfile:demo 2.4.1.tar.gz\tversion:2.4.1\tapp:demo-app";
        assert_eq!(comment.to_string(), text);
        assert_eq!(text.parse(), Ok(comment));
    }

    #[test]
    fn a_part_cannot_pass_for_another() {
        assert_eq!(
            comment("a\tversion:9.9.9", "1.0.0"),
            Err(CommentError::ControlCharacter { part: "file" })
        );
        assert_eq!(
            comment("a", "1.0.0\napp:other"),
            Err(CommentError::ControlCharacter { part: "version" })
        );
        assert_eq!(
            comment("a", "1\r"),
            Err(CommentError::ControlCharacter { part: "version" })
        );
        assert_eq!(comment("", "1"), Err(CommentError::Length { part: "file" }));
        assert_eq!(
            comment("a", &"1".repeat(256)),
            Err(CommentError::Length { part: "version" })
        );
    }

    #[test]
    fn comments_of_other_programs_say_what_is_missing() {
        for (text, part) in [
            ("timestamp:1795223639\tfile:payload.txt", "app"),
            ("timestamp:1795223396\tfile:payload.bin\thashed", "app"),
            (
                "timestamp:soon\tfile:a\tversion:1\tapp:demo-app",
                "timestamp",
            ),
            ("timestamp:1\tfile:a\tapp:demo-app", "version"),
            ("", "timestamp"),
        ] {
            assert_eq!(
                text.parse::<TrustedComment>(),
                Err(CommentError::Missing { part }),
                "{text}"
            );
        }
    }
}
