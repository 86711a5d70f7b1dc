//! `switchtowerctl`: Switchtower from a terminal and from CI.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server,
//! 4 server unreachable.

mod cli;
mod commands;
mod connect;
mod failure;
mod findings;
mod keys;
mod printer;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::printer::Printer;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` goes to stdout and is no failure; a closed pipe is nobody's fault.
            drop(error.print());
            return if error.use_stderr() {
                failure::Exit::Usage.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let printer = Printer::new(&cli.global);
    match commands::run(cli, printer).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let failure = failure::explain(&error);
            printer::failure(&failure);
            failure.exit.into()
        }
    }
}
