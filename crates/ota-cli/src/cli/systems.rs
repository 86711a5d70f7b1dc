//! `app systems` and `connect`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ota_model::{AppSlug, ChannelName, ClientSystem};

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

impl OnOff {
    pub(crate) fn is_on(self) -> bool {
        self == Self::On
    }
}

#[derive(Debug, Args)]
pub(crate) struct SystemsArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// Serve these and no others: `hotswap`, `tauri_updater`, `capgo`, `native_bundle`, `sync_kit`; `none` serves nobody
    #[arg(long, value_name = "SYSTEM,…", value_delimiter = ',', value_parser = system_or_none)]
    pub(crate) serve: Option<Vec<Named>>,
    /// The public key of Capgo's encryption, PKCS#1 PEM, as the app embeds it
    #[arg(long, value_name = "FILE", conflicts_with = "no_capgo_key")]
    pub(crate) capgo_public_key: Option<PathBuf>,
    /// The app embeds no key of Capgo's encryption
    #[arg(long)]
    pub(crate) no_capgo_key: bool,
    /// Whether Capgo clients fetch changed files alone
    #[arg(long, value_name = "ON|OFF", hide_possible_values = true)]
    pub(crate) capgo_files: Option<OnOff>,
    /// Whether /api/v1/native/bundle/… answers for this app; one app of a server can have it
    #[arg(long, value_name = "ON|OFF", hide_possible_values = true)]
    pub(crate) fixed_bundle_paths: Option<OnOff>,
    /// What SyncKit publish scripts call this app; an empty text stands for its slug
    #[arg(long, value_name = "ID")]
    pub(crate) sync_kit_app_id: Option<String>,
}

/// A system, or the word for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    System(ClientSystem),
    None,
}

fn system_or_none(text: &str) -> Result<Named, String> {
    match text.trim() {
        "none" => Ok(Named::None),
        text => text.parse().map(Named::System),
    }
}

#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// Which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// For which client system; all that the app serves if absent
    #[arg(long, value_name = "SYSTEM")]
    pub(crate) system: Option<ClientSystem>,
    /// The channel that devices follow; the app's default one if absent
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<ChannelName>,
    /// Wait until a device checks, for so many seconds (300 unless told)
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "300",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) wait: Option<u64>,
}
