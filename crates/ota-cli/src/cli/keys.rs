//! `switchtowerctl key …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ota_keys::KeyName;
use ota_model::AppSlug;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key, in the OS keyring or in a password-protected file
    Generate(GenerateArgs),
    /// Take a key of minisign or tauri into the OS keyring
    Import(ImportArgs),
    /// The keys in the OS keyring
    List,
    /// Make an app trust a key, with the signed empty bundle that a way back needs
    Trust(TrustArgs),
    /// Print a public key as a client wants it
    Export(ExportArgs),
}

/// Where the password of a key file comes from.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Variable with the password of the key file; `SWITCHTOWER_KEY_PASSWORD` or a prompt if absent
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) password_env: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// What you call it
    pub(crate) name: KeyName,
    /// Keep it in this file, protected by a password, instead of the OS keyring
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The secret key file
    pub(crate) file: PathBuf,
    /// What you call it; the name of the file if absent
    #[arg(long)]
    pub(crate) name: Option<KeyName>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// The app that is to trust it
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// Name of a key in the OS keyring, or path of a minisign key file
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Name of a key in the OS keyring, or path of a minisign key file, secret or public
    pub(crate) key: String,
    /// As which program wants it: the two-line .pub file (minisign), the bare line (tauri-plugin-hotswap), or base64
    /// of the file (tauri-plugin-updater)
    #[arg(long, value_enum)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

/// Spellings of one public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    // Not documented one by one: the help would no longer fit a screen.
    Minisign,
    Hotswap,
    Tauri,
}
