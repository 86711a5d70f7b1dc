//! What an app's own configuration must say so that its client asks Switchtower.
//!
//! Pure text: nothing is asked and nothing is written. Each name is the client's own: `tauri-plugin-hotswap` 0.0.4
//! (`HotswapConfig`, `permissions/default.toml`, its README), `tauri-plugin-updater` 2.14.1 (`config.rs`), `tauri-utils`
//! 2.10.2 (`BundleConfig`), `@capgo/capacitor-updater` 8.51.23 (`dist/esm/definitions.d.ts`), and for the other two the
//! routes of `protocols.md` 4 and 5.

mod capacitor;
mod sync_kit;
mod tauri;

use ota_keys::PublicKey;
use ota_model::{AppSlug, ChannelName, ClientSystem, Systems};
use serde::Serialize;

/// What the configuration is for.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// The client system.
    pub system: ClientSystem,
    /// The app.
    pub app: &'a AppSlug,
    /// How it serves its systems.
    pub systems: &'a Systems,
    /// The base of the URLs that devices have: [`ota_api::ServerInfo::public_url`].
    pub server: &'a str,
    /// The channel that devices with this configuration follow.
    pub channel: &'a ChannelName,
    /// The key whose signatures they accept; `None` if the app trusts none yet.
    pub key: Option<&'a PublicKey>,
}

/// In which language a piece is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// JSON.
    Json,
    /// Rust.
    Rust,
    /// TypeScript or JavaScript.
    TypeScript,
    /// A POSIX shell.
    Shell,
    /// An address alone.
    Address,
}

/// A piece to paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The file it belongs to, or where to run it.
    pub place: &'static str,
    /// What it does, as a short sentence.
    pub purpose: &'static str,
    /// Its language.
    pub language: Language,
    /// The text, without a newline at its end.
    pub code: String,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Whether devices get nothing when it is not heeded.
    pub is_warning: bool,
    /// In one or two sentences.
    pub text: String,
}

impl Note {
    fn warning(text: impl Into<String>) -> Self {
        Self {
            is_warning: true,
            text: text.into(),
        }
    }

    fn hint(text: impl Into<String>) -> Self {
        Self {
            is_warning: false,
            text: text.into(),
        }
    }
}

/// All that connects an app to Switchtower by one system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// To paste, in this order.
    pub snippets: Vec<Snippet>,
    /// To know.
    pub notes: Vec<Note>,
}

/// What clients of a system are, and what they replace.
pub const fn what_it_updates(system: ClientSystem) -> &'static str {
    match system {
        ClientSystem::Hotswap => "The web assets inside Tauri apps (tauri-plugin-hotswap)",
        ClientSystem::TauriUpdater => "Whole Tauri apps, by installer (tauri-plugin-updater)",
        ClientSystem::Capgo => "The web assets inside Capacitor apps (@capgo/capacitor-updater)",
        ClientSystem::NativeBundle => {
            "Capacitor apps with a bundle manifest (self-hosted, in the style of Initiative)"
        }
        ClientSystem::SyncKit => "Whole apps, by SyncKit publish scripts (the SyncKit OTA API)",
    }
}

/// Whether clients of a system carry the public key that signatures are checked with.
pub const fn needs_key(system: ClientSystem) -> bool {
    matches!(
        system,
        ClientSystem::Hotswap | ClientSystem::TauriUpdater | ClientSystem::SyncKit
    )
}

/// Whether the configuration of a system says which channel a device follows. The others follow the app's default one.
pub const fn names_channel(system: ClientSystem, systems: &Systems) -> bool {
    match system {
        ClientSystem::Hotswap | ClientSystem::TauriUpdater | ClientSystem::Capgo => true,
        ClientSystem::NativeBundle => !systems.fixed_bundle_paths,
        ClientSystem::SyncKit => false,
    }
}

/// What to paste where. `None` if the client carries a public key and the app trusts none yet.
pub fn guide(setup: &Setup<'_>) -> Option<Guide> {
    let setup = Setup {
        server: setup.server.trim_end_matches('/'),
        ..*setup
    };
    let mut guide = match setup.system {
        ClientSystem::Hotswap => tauri::hotswap(&setup, setup.key?),
        ClientSystem::TauriUpdater => tauri::updater(&setup, setup.key?),
        ClientSystem::Capgo => capacitor::capgo(&setup),
        ClientSystem::NativeBundle => capacitor::native_bundle(&setup),
        ClientSystem::SyncKit => sync_kit::sync_kit(&setup, setup.key?),
    };
    guide.notes.extend(only_here(&setup));
    Some(guide)
}

impl Setup<'_> {
    fn is_http(&self) -> bool {
        self.server.starts_with("http://")
    }
}

/// An address that no other device reaches.
fn only_here(setup: &Setup<'_>) -> Option<Note> {
    let url = url::Url::parse(setup.server).ok()?;
    let here = match url.host()? {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    };
    here.then(|| {
        Note::hint(
            "Only this computer reaches this address. For phones and other computers, run switchtower-server where \
             they reach it, with its own address as --public-url.",
        )
    })
}

/// A text as a literal of JSON, which is one of JavaScript too.
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
