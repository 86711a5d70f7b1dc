//! An installed copy of the real client, as its bundler would have left it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::session;

/// How the app was installed. Its bundler writes that into the program (tauri-bundler, `patch_binary`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Installed {
    /// Not bundled: as the compiler wrote it.
    Bare,
    Deb,
    AppImage,
}

/// What the bundler looks for in the program (tauri-utils 2.10.2, src/platform.rs:350).
const UNKNOWN: &[u8] = b"__TAURI_BUNDLE_TYPE_VAR_UNK";

/// The program in each of its forms, made once.
struct Programs {
    deb: PathBuf,
    appimage: PathBuf,
    _folder: TempDir,
}

static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = fs_err::read(bare()).unwrap();
    let places: Vec<_> = memchr::memmem::find_iter(&bytes, UNKNOWN).collect();
    assert!(!places.is_empty(), "the program says how it was installed");
    let mut patched = |name: &str, word: &[u8; 3]| {
        for place in &places {
            let end = place + UNKNOWN.len();
            bytes[end - word.len()..end].copy_from_slice(word);
        }
        let path = folder.path().join(name);
        fs_err::write(&path, &bytes).unwrap();
        let mode = fs_err::metadata(bare()).unwrap().permissions();
        fs_err::set_permissions(&path, mode).unwrap();
        path
    };
    let (deb, appimage) = (patched("deb", b"DEB"), patched("appimage", b"APP"));
    Programs {
        deb,
        appimage,
        _folder: folder,
    }
});

/// The client lies beside the tests' own folder of build output.
fn bare() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("updater-client");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace --bins`",
        program.display()
    );
    program
}

impl Installed {
    fn program(self) -> &'static Path {
        static BARE: LazyLock<PathBuf> = LazyLock::new(bare);
        match self {
            Self::Bare => &BARE,
            Self::Deb => &PROGRAMS.deb,
            Self::AppImage => &PROGRAMS.appimage,
        }
    }
}

/// A device with the app on it.
pub(crate) struct Device {
    installed: Installed,
    settings: Value,
}

/// What came of a check, as `updater-client` reports it.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) check: Result<Option<Offer>, String>,
    /// Of the installer that was downloaded and verified.
    pub(crate) download: Option<Result<Download, String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Offer {
    pub(crate) version: String,
    pub(crate) notes: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) url: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Download {
    pub(crate) size_bytes: usize,
    pub(crate) sha256: String,
}

impl Device {
    /// The plugin's own configuration. It is as strict as the plugin can be: a signature without a version is refused.
    pub(crate) fn new(installed: Installed, public_key: &str, endpoints: &[&str]) -> Self {
        let settings = json!({
            "version": "1.0.0",
            "updater": {
                "endpoints": endpoints,
                "pubkey": public_key,
                "requireSignedVersion": true,
                "dangerousInsecureTransportProtocol": true,
            },
        });
        Self {
            installed,
            settings,
        }
    }

    /// The same with another version of the app.
    pub(crate) fn running(mut self, version: &str) -> Self {
        self.settings["version"] = json!(version);
        self
    }

    /// The same with a target of the app's own.
    pub(crate) fn targeting(mut self, target: &str) -> Self {
        self.settings["target"] = json!(target);
        self
    }

    /// Starts the app, which checks, downloads, verifies and ends.
    pub(crate) fn look(&self) -> Report {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("settings.json");
        fs_err::write(&settings, self.settings.to_string()).unwrap();
        let ran = session::command(self.installed.program())
            .arg(&settings)
            .env("XDG_DATA_HOME", folder.path())
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&ran.stdout);
        let line = out.lines().last().unwrap_or_default();
        serde_json::from_str(line)
            .unwrap_or_else(|_| panic!("{out}{}", String::from_utf8_lossy(&ran.stderr)))
    }

    /// The version that was offered, downloaded and verified; `None` if there was nothing.
    pub(crate) fn update(&self) -> Option<(Offer, Download)> {
        let report = self.look();
        let offer = report.check.unwrap()?;
        let download = report.download.unwrap();
        Some((
            offer,
            download.unwrap_or_else(|error| panic!("it was refused: {error}")),
        ))
    }
}
