//! What an installer is for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::NameError;

/// How an installer is packed. The words are those that the tauri bundler patches into a binary
/// (tauri-utils platform.rs:361-378), and so those that clients send as `bundle_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstallerType {
    /// A Debian package.
    Deb,
    /// An RPM package.
    Rpm,
    /// An `AppImage`, bare or in a `.tar.gz`.
    AppImage,
    /// An NSIS set-up program.
    Nsis,
    /// A Windows Installer package.
    Msi,
    /// A macOS app in a `.tar.gz`.
    App,
}

impl InstallerType {
    /// Every type.
    pub const ALL: [Self; 6] = [
        Self::Deb,
        Self::Rpm,
        Self::AppImage,
        Self::Nsis,
        Self::Msi,
        Self::App,
    ];

    /// As clients send it and platform keys end with it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::AppImage => "appimage",
            Self::Nsis => "nsis",
            Self::Msi => "msi",
            Self::App => "app",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Deb => "Debian package",
            Self::Rpm => "RPM package",
            Self::AppImage => "AppImage",
            Self::Nsis => "NSIS installer",
            Self::Msi => "MSI package",
            Self::App => "macOS app",
        }
    }

    /// The first part of the keys that it fits.
    pub const fn os(self) -> &'static str {
        match self {
            Self::Deb | Self::Rpm | Self::AppImage => "linux",
            Self::Nsis | Self::Msi => "windows",
            Self::App => "darwin",
        }
    }
}

impl fmt::Display for InstallerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for InstallerType {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or(NameError::Platform)
    }
}

/// What an installer is for, as `latest.json` spells it: `{os}-{arch}-{installer}` such as `linux-x86_64-deb`,
/// `{os}-{arch}`, or a custom target such as `darwin-universal` (protocols.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlatformKey(String);

impl PlatformKey {
    /// Checks that `text` is 3–60 of `a-z0-9_-.`, two to four parts between hyphens, none of them empty.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let plain = text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
        });
        let parts = text.split('-').count();
        let whole = text.split('-').all(|part| {
            part.bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_alphanumeric())
        });
        if plain && whole && (2..=4).contains(&parts) && text.len() <= 60 {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Platform)
        }
    }

    /// The key of an installer for this system and architecture.
    pub fn of(os: &str, arch: &str, installer: InstallerType) -> Result<Self, NameError> {
        Self::parse(&format!("{os}-{arch}-{installer}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The operating system: `linux`, `windows`, `darwin`, or the first part of a custom target.
    pub fn os(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The key without the installer: what a client falls back to.
    pub fn without_installer(&self) -> &str {
        match self.installer() {
            Some(installer) => self
                .0
                .strip_suffix(installer.as_str())
                .and_then(|key| key.strip_suffix('-'))
                .unwrap_or(&self.0),
            None => &self.0,
        }
    }

    /// The installer that the key ends with, if it names one.
    pub fn installer(&self) -> Option<InstallerType> {
        let (_, last) = self.0.rsplit_once('-')?;
        // Two parts are a system and an architecture.
        (self.0.split('-').count() > 2)
            .then(|| last.parse().ok())
            .flatten()
    }
}

impl fmt::Display for PlatformKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for PlatformKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlatformKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PlatformKey {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<PlatformKey> for String {
    fn from(key: PlatformKey) -> Self {
        key.0
    }
}

/// For whom an updater asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `{os}-{arch}`, or the app's custom target.
    pub key: String,
    /// How the asking app was installed, if it says so.
    pub installer: Option<InstallerType>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_clients_look_them_up() {
        let deb = PlatformKey::parse("linux-x86_64-deb").unwrap();
        assert_eq!(deb.os(), "linux");
        assert_eq!(deb.installer(), Some(InstallerType::Deb));
        assert_eq!(deb.without_installer(), "linux-x86_64");
        let universal = PlatformKey::parse("darwin-universal").unwrap();
        assert_eq!(universal.installer(), None);
        assert_eq!(universal.without_installer(), "darwin-universal");
        // An architecture is no installer, whatever it is called.
        assert_eq!(PlatformKey::parse("linux-app").unwrap().installer(), None);
        for bad in [
            "linux",
            "",
            "-x",
            "Linux-x86_64",
            "linux--deb",
            "../x-y",
            "a-b-c-d-e",
            "a b-c",
        ] {
            assert!(PlatformKey::parse(bad).is_err(), "{bad}");
        }
    }
}
