//! `switchtowerctl bundle` and `switchtowerctl publish`

use std::path::PathBuf;

use clap::Args;
use ota_model::{AppSlug, ChannelName};
use semver::Version;

use super::{PasswordArgs, version};

/// What the checks of a folder are told.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Leave out a file or a folder, as the checks name it; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) leave_out: Vec<String>,
    /// Refuse also what the checks leave to you
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// The folder that your build writes, or a .tar.gz or .zip of it
    pub(crate) dir: PathBuf,
    /// The bundle; its ending, .tar.gz or .zip, chooses the format
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) checks: CheckArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// The folder that your build writes, or a .tar.gz or .zip of it
    pub(crate) dir: PathBuf,
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// Where it goes live
    #[arg(long)]
    pub(crate) channel: ChannelName,
    /// Unique within the app, such as 2.5.0-ota.3
    #[arg(long, value_parser = version)]
    pub(crate) version: Version,
    /// The oldest binary that can run it
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) min_binary_version: Version,
    /// The first binary that can no longer run it
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) max_binary_version: Option<Version>,
    /// Name of a key in the OS keyring, or path of a minisign key file
    #[arg(long)]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Name of a Capgo key in the OS keyring, or path of its PEM file; if absent, the one that belongs to the app
    #[arg(long, value_name = "KEY")]
    pub(crate) capgo_key: Option<String>,
    /// What changed, in Markdown
    #[arg(long, value_name = "TEXT", conflicts_with = "notes_file")]
    pub(crate) notes: Option<String>,
    /// File with what changed, in Markdown
    #[arg(long, value_name = "FILE")]
    pub(crate) notes_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) checks: CheckArgs,
}
