//! What is remembered between starts, as a small JSON file that a person can read.

use std::path::PathBuf;

use anyhow::Context as _;
use directories::ProjectDirs;

use crate::model::Settings;

/// Where the app keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Settings.
    pub config: PathBuf,
    /// The embedded server's data, and key files.
    pub data: PathBuf,
}

impl Folders {
    /// Below `SWITCHTOWER_HOME` if that is set, else where the system wants such files.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(home) = std::env::var_os("SWITCHTOWER_HOME") {
            let home = PathBuf::from(home);
            return Ok(Self {
                config: home.join("config"),
                data: home.join("data"),
            });
        }
        let dirs = ProjectDirs::from("dev", "switchtower", "Switchtower").context(
            "The system names no home folder. Set SWITCHTOWER_HOME to a folder of yours",
        )?;
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_local_dir().to_owned(),
        })
    }

    fn settings_file(&self) -> PathBuf {
        self.config.join("settings.json")
    }

    /// Where key files are kept unless another folder is chosen.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// The embedded server's folder.
    pub fn server(&self) -> PathBuf {
        self.data.join("server")
    }
}

/// The settings of the last time. A file that cannot be read is put aside and said in the log: it never stops the app.
pub fn load_settings(folders: &Folders) -> Settings {
    let path = folders.settings_file();
    let text = match fs_err::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Settings::default(),
        Err(error) => {
            tracing::warn!("The settings could not be read: {error}");
            return Settings::default();
        }
    };
    serde_json::from_str(&text).unwrap_or_else(|error| {
        let aside = path.with_extension("json.unreadable");
        tracing::warn!(
            "The settings could not be understood ({error}); they are kept in {}",
            aside.display()
        );
        if let Err(error) = fs_err::rename(&path, &aside) {
            tracing::warn!("The settings could not be put aside: {error}");
        }
        Settings::default()
    })
}

/// Writes the settings: first beside the old ones, then in their place.
pub(super) fn save(folders: &Folders, settings: &Settings) -> anyhow::Result<()> {
    fs_err::create_dir_all(&folders.config)?;
    let path = folders.settings_file();
    let new = path.with_extension("json.new");
    fs_err::write(&new, serde_json::to_string_pretty(settings)?)?;
    Ok(fs_err::rename(&new, &path)?)
}
