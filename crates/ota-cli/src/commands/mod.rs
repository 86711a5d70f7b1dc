//! What each command does: one file each.

mod activity;
mod app;
mod bundle;
mod capgo_key;
mod completions;
mod connect_app;
mod deploy;
mod key;
mod promote;
mod publish;
mod publish_native;
mod recall;
mod rollback;
mod status;
mod systems;

use crate::cli::{AppCommand, Cli, Command};
use crate::printer::Printer;

/// Does what was typed.
pub(crate) async fn run(cli: Cli, printer: Printer) -> anyhow::Result<()> {
    let Cli { global, command } = cli;
    match command {
        Command::App(AppCommand::Create { slug, name }) => {
            app::create(&global, printer, slug, name).await
        }
        Command::App(AppCommand::List) => app::list(&global, printer).await,
        Command::App(AppCommand::Systems(args)) => systems::run(&global, printer, *args).await,
        Command::Connect(args) => connect_app::run(&global, printer, args).await,
        Command::Key(command) => key::run(&global, printer, command).await,
        Command::CapgoKey(command) => capgo_key::run(printer, command).await,
        Command::Bundle(args) => bundle::run(printer, args).await,
        Command::Publish(args) => publish::run(&global, printer, *args).await,
        Command::PublishNative(args) => publish_native::run(&global, printer, *args).await,
        Command::Promote(args) => promote::run(&global, printer, args).await,
        Command::Rollback(args) => rollback::run(&global, printer, args).await,
        Command::Recall(args) => recall::run(&global, printer, args).await,
        Command::Status(args) => status::run(&global, printer, args).await,
        Command::Activity(args) => activity::run(&global, printer, args).await,
        Command::Completions { shell } => completions::run(shell),
    }
}
