//! `switchtowerctl publish-native`

use std::path::PathBuf;

use clap::Args;
use ota_model::{AppSlug, ChannelName, PlatformKey};
use semver::Version;

use super::{PasswordArgs, version};

#[derive(Debug, Args)]
pub(crate) struct PublishNativeArgs {
    /// Tauri's target/release/bundle folder, or installers from it; their .sig files are found beside them
    #[arg(required_unless_present = "platform")]
    pub(crate) paths: Vec<PathBuf>,
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// Where they go live
    #[arg(long)]
    pub(crate) channel: ChannelName,
    /// The version that the installers install
    #[arg(long, value_parser = version)]
    pub(crate) version: Version,
    /// The oldest version that may update to it directly; all may if absent
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) min_version: Option<Version>,
    /// An installer for a platform that its name does not tell, such as darwin-universal=Acme.app.tar.gz; may be
    /// repeated
    #[arg(long, value_name = "KEY=FILE", value_parser = platform)]
    pub(crate) platform: Vec<(PlatformKey, PathBuf)>,
    /// For installers without a .sig file: name of a key in the OS keyring, or path of a minisign key file
    #[arg(long)]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// What changed, in Markdown
    #[arg(long, value_name = "TEXT", conflicts_with = "notes_file")]
    pub(crate) notes: Option<String>,
    /// File with what changed, in Markdown
    #[arg(long, value_name = "FILE")]
    pub(crate) notes_file: Option<PathBuf>,
}

fn platform(text: &str) -> Result<(PlatformKey, PathBuf), String> {
    let (key, file) = text
        .split_once('=')
        .ok_or("write the platform, =, and the file, such as linux-x86_64-deb=acme.deb")?;
    let key = PlatformKey::parse(key).map_err(|error| error.to_string())?;
    Ok((key, PathBuf::from(file)))
}
