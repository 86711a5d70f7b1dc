//! What can be typed. No work is done here.

mod capgo_key;
mod keys;
mod native;
mod publish;
mod systems;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use ota_client::ChainHead;
use ota_model::{AppSlug, ChannelName};
use semver::Version;

pub(crate) use capgo_key::{CapgoImportArgs, CapgoKeyCommand};
pub(crate) use keys::{
    ExportArgs, Form, GenerateArgs, ImportArgs, KeyCommand, PasswordArgs, TrustArgs,
};
pub(crate) use native::PublishNativeArgs;
pub(crate) use publish::{BundleArgs, CheckArgs, PublishArgs};
pub(crate) use systems::{ConnectArgs, Named, SystemsArgs};

const AFTER: &str = "\
The server's address comes from --server or SWITCHTOWER_SERVER, the access token from --token-file or SWITCHTOWER_TOKEN.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 server unreachable.";

/// Publish web builds and installers to devices, promote them, and take them back
#[derive(Debug, Parser)]
#[command(name = "switchtowerctl", version, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Address of the server, such as `https://ota.example.net`
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SWITCHTOWER_SERVER",
        hide_env_values = true
    )]
    pub(crate) server: Option<String>,
    /// File with the access token; `SWITCHTOWER_TOKEN` if absent
    // Not the token itself: whoever lists the processes of a computer sees their arguments.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no progress and no notes
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make and list apps
    #[command(subcommand)]
    App(AppCommand),
    /// Make, keep and trust signing keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Make and keep keys that encrypt bundles for Capgo clients
    #[command(subcommand)]
    CapgoKey(CapgoKeyCommand),
    /// Check a folder and pack it as devices get it
    Bundle(BundleArgs),
    /// Check, pack, sign and upload a folder, and offer it on a channel
    Publish(Box<PublishArgs>),
    /// Check, sign where needed and upload installers, and offer them on a channel
    PublishNative(Box<PublishNativeArgs>),
    /// Offer on a channel what another one offers: same bytes, same signature
    Promote(PromoteArgs),
    /// Take a channel back to an earlier release, or to the assets built into each binary
    Rollback(RollbackArgs),
    /// Never offer a release again, on any channel
    Recall(RecallArgs),
    /// What to put into an app so that it asks this server, and whether a device has
    Connect(ConnectArgs),
    /// What each channel of an app offers
    Status(StatusArgs),
    /// What was done, and whether the log is whole
    Activity(ActivityArgs),
    /// Print a completion script
    Completions {
        /// For which shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Make an app with the channels hotfix, staging, beta and production
    Create {
        /// 3 to 40 lowercase letters, digits and hyphens
        slug: AppSlug,
        /// For people; the slug if absent
        #[arg(long)]
        name: Option<String>,
    },
    /// The apps of the server
    List,
    /// Which client systems an app serves, and how; shows them when nothing is to be changed
    Systems(Box<SystemsArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// The channel that offers it
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) from: ChannelName,
    /// The channel that is to offer it
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) to: ChannelName,
    /// Why; kept in the activity log
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// The installers that it offers, instead of the web bundle
    #[arg(long)]
    pub(crate) native: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// Which channel
    #[arg(long)]
    pub(crate) channel: ChannelName,
    /// The release to go back to; the one before if neither this nor --built-in is given
    #[arg(long, value_name = "VERSION", value_parser = version, conflicts_with = "built_in")]
    pub(crate) to: Option<Version>,
    /// Go back to the assets built into each binary
    #[arg(long)]
    pub(crate) built_in: bool,
    /// The installers of the channel, instead of its web bundle: stops the spread, while devices that have the higher
    /// version keep it until one above it is published
    #[arg(long, conflicts_with = "built_in")]
    pub(crate) native: bool,
    /// Why; kept in the activity log
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct RecallArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// The release that is never offered again
    #[arg(value_parser = version)]
    pub(crate) version: Version,
    /// Why; kept in the activity log
    #[arg(long)]
    pub(crate) reason: String,
    /// The installers of this version, instead of its web bundle
    #[arg(long)]
    pub(crate) native: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
}

#[derive(Debug, Args)]
pub(crate) struct ActivityArgs {
    /// Of which app
    #[arg(long)]
    pub(crate) app: AppSlug,
    /// How many entries to show
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    /// Recompute every hash of the log on this computer
    #[arg(long)]
    pub(crate) verify: bool,
    /// What an earlier --verify printed: proves that nothing before it was rewritten
    #[arg(long, value_name = "ENTRY:HASH", value_parser = head, requires = "verify")]
    pub(crate) head: Option<ChainHead>,
}

/// Semver, with the remedy in the message.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    Version::parse(text)
        .map_err(|error| format!("{error}; write three numbers, such as 2.5.0 or 2.5.0-ota.3"))
}

fn head(text: &str) -> Result<ChainHead, String> {
    let parts = text
        .split_once(':')
        .and_then(|(entry, hash)| Some((entry.parse().ok()?, hash.parse().ok()?)));
    let (entry, hash) =
        parts.ok_or("write it as it was printed: the number of an entry, a colon, and its hash")?;
    Ok(ChainHead { entry, hash })
}

/// A moment as tables show it.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_secret() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                assert!(
                    !matches!(name, "token" | "password"),
                    "{name} would be seen in the list of processes"
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
