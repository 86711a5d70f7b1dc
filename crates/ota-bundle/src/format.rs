//! The two archive formats.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How a bundle is archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `.tar.gz`: what hotswap clients read by default.
    TarGz,
    /// `.zip`: what Capgo reads, and hotswap apps that ask for it.
    Zip,
}

impl Format {
    /// Ending of a file name, without the leading dot. Clients choose their reader by it (`protocols.md` 1.5).
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
        }
    }

    /// Media type for downloads.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::TarGz => "application/gzip",
            Self::Zip => "application/zip",
        }
    }

    /// By the ending of a file name: `.tar.gz`, `.tgz` or `.zip`.
    pub fn from_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        match name.rsplit_once('.')? {
            (_, "zip") => Some(Self::Zip),
            (_, "tgz") => Some(Self::TarGz),
            (stem, "gz")
                if stem
                    .rsplit_once('.')
                    .is_some_and(|(_, inner)| inner == "tar") =>
            {
                Some(Self::TarGz)
            }
            _ => None,
        }
    }

    /// By the first bytes of a file. Names lie, first bytes do not.
    pub fn from_magic(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1f, 0x8b]) {
            Some(Self::TarGz)
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else {
            None
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(".")?;
        f.write_str(self.extension())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_known_by_name_and_by_content() {
        assert_eq!(
            Format::from_name(Path::new("x/App-1.TAR.gz")),
            Some(Format::TarGz)
        );
        assert_eq!(Format::from_name(Path::new("a.tgz")), Some(Format::TarGz));
        assert_eq!(Format::from_name(Path::new("a.zip")), Some(Format::Zip));
        assert_eq!(Format::from_name(Path::new("a.gz")), None);
        assert_eq!(Format::from_magic(b"\x1f\x8b\x08"), Some(Format::TarGz));
        assert_eq!(Format::from_magic(b"PK\x05\x06"), Some(Format::Zip));
        assert_eq!(Format::from_magic(b"<!doctype html>"), None);
    }
}
