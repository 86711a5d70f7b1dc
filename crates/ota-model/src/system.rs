//! The client systems that update from Switchtower, and which of them an app serves.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of unmodified client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSystem {
    /// `tauri-plugin-hotswap`: web bundles, ordered by sequence.
    Hotswap,
    /// `tauri-plugin-updater` 2.x: native installers, ordered by semver.
    TauriUpdater,
    /// `@capgo/capacitor-updater` 8.x, self-hosted: web bundles, told apart by version name.
    Capgo,
    /// Self-hosted Capacitor apps that read a native bundle manifest (protocols.md 4).
    NativeBundle,
    /// The `SyncKit` OTA API (protocols.md 5).
    SyncKit,
}

impl ClientSystem {
    /// Every system, in the order in which people are shown them.
    pub const ALL: [Self; 5] = [
        Self::Hotswap,
        Self::TauriUpdater,
        Self::Capgo,
        Self::NativeBundle,
        Self::SyncKit,
    ];

    /// As it is written in JSON and on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hotswap => "hotswap",
            Self::TauriUpdater => "tauri_updater",
            Self::Capgo => "capgo",
            Self::NativeBundle => "native_bundle",
            Self::SyncKit => "sync_kit",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hotswap => "Tauri hotswap",
            Self::TauriUpdater => "Tauri updater",
            Self::Capgo => "Capgo",
            Self::NativeBundle => "Native bundle manifest",
            Self::SyncKit => "SyncKit OTA",
        }
    }

    /// What its clients install.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Hotswap | Self::Capgo | Self::NativeBundle => Lane::Web,
            Self::TauriUpdater | Self::SyncKit => Lane::Native,
        }
    }
}

impl fmt::Display for ClientSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ClientSystem {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|system| system.as_str() == wanted)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|system| system.as_str()).collect();
                format!(
                    "“{text}” is no client system; the systems are {}",
                    known.join(", ")
                )
            })
    }
}

/// A channel offers one release in each lane: what runs inside an app, and the app itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Web bundles, and the way back to the built-in assets.
    #[default]
    Web,
    /// Installers.
    Native,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Web => "web",
            Self::Native => "native",
        })
    }
}

/// Which systems an app serves, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Systems {
    /// The systems that get answers. The others are told "no update", each in its own way.
    pub serves: BTreeSet<ClientSystem>,
    /// The PKCS#1 PEM public key of Capgo's encryption, when the app embeds one: its clients then refuse plain
    /// bundles (protocols.md 3.8 trap 12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capgo_public_key: Option<String>,
    /// Whether Capgo clients are also given the list of single files, so that they fetch only what changed
    /// (protocols.md 3.4).
    #[serde(default)]
    pub capgo_files: bool,
    /// Whether the two fixed paths `/api/v1/native/bundle/…` answer for this app. One app of a server can have them.
    #[serde(default)]
    pub fixed_bundle_paths: bool,
    /// What `SyncKit` publish scripts call this app; its slug if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_kit_app_id: Option<String>,
}

impl Default for Systems {
    fn default() -> Self {
        Self {
            serves: BTreeSet::from([ClientSystem::Hotswap]),
            capgo_public_key: None,
            capgo_files: false,
            fixed_bundle_paths: false,
            sync_kit_app_id: None,
        }
    }
}

impl Systems {
    /// Whether the app serves clients of this system.
    pub fn serve(&self, system: ClientSystem) -> bool {
        self.serves.contains(&system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_read_as_it_is_written() {
        for system in ClientSystem::ALL {
            assert_eq!(system.as_str().parse(), Ok(system));
            assert_eq!(
                serde_json::to_string(&system).unwrap(),
                format!("\"{system}\"")
            );
        }
        assert_eq!("tauri-updater".parse(), Ok(ClientSystem::TauriUpdater));
        assert!("expo".parse::<ClientSystem>().is_err());
    }
}
