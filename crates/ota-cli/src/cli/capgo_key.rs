//! `switchtowerctl capgo-key …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ota_keys::KeyName;

#[derive(Debug, Subcommand)]
pub(crate) enum CapgoKeyCommand {
    /// Make a key in the OS keyring and print the public one
    Generate {
        /// What you call it
        name: KeyName,
    },
    /// Take a key of `npx @capgo/cli key create` into the OS keyring
    Import(CapgoImportArgs),
    /// The Capgo keys in the OS keyring
    List,
    /// Print a public key as it stands in capacitor.config
    Export {
        /// Name of a Capgo key in the OS keyring, or path of its PEM file
        key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CapgoImportArgs {
    /// The private key, such as `.capgo_key_v2`
    pub(crate) file: PathBuf,
    /// What you call it
    #[arg(long)]
    pub(crate) name: KeyName,
}
