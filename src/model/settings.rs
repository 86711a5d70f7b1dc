//! What the app remembers between starts. No secrets: tokens are in the keyring.

use std::path::PathBuf;

use ota_model::{AppSlug, ChannelName};
use serde::{Deserialize, Serialize};

/// Light, dark, or as the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The server the app talks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerChoice {
    /// The one inside the app.
    Embedded,
    /// One that somebody runs.
    Remote {
        /// Its address.
        url: String,
    },
}

/// Unknown fields are kept out, missing ones get their default: a file of another version never stops the app.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or as the system.
    pub theme: ThemeChoice,
    /// `None` until the first run is over.
    pub server: Option<ServerChoice>,
    /// The app that was shown last.
    pub app: Option<AppSlug>,
    /// The channel that was published to last.
    pub channel: Option<ChannelName>,
    /// The key that signed last.
    pub signer: Option<super::KeyRef>,
    /// Where new keys go.
    pub new_keys: super::KeyPlace,
    /// The folder of the key files; `None` is the one among the app's own data.
    pub key_folder: Option<PathBuf>,
    /// The screen that was open last.
    pub page: super::Page,
}
