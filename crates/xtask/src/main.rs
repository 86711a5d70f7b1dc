//! Set-up, run, test, bench: what `cargo xtask …` does.
//!
//! Each subcommand is a list of steps; a step is one command that CONTRIBUTING names too, so that a failing step can be
//! repeated by hand. Nothing here is needed to use Switchtower.

mod api_check;
mod bench;
mod check;
mod packages;
mod plan;
mod run;
mod setup;
mod test;
mod web_builds;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tasks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install the system packages that are missing, and fetch what the tests need
    Setup(setup::Args),
    /// Start the desktop app; without a display, do its main job under Xvfb and leave pictures
    Run(run::Args),
    /// Everything, in order: set-up, format, lints, docs, dependencies, build, tests
    Test,
    /// Format, lints and docs only
    Check,
    /// The benchmarks
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let outcome = match Args::parse().task {
        Task::Setup(args) => setup::run(&args),
        Task::Run(args) => run::run(&args),
        Task::Test => test::run(),
        Task::Check => check::run(),
        Task::Bench(args) => bench::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            plan::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
