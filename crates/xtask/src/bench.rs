//! `cargo xtask bench`.

use std::ffi::OsString;

use crate::plan::Plan;
use crate::web_builds;
use crate::workspace::{cargo, perform};

/// What is handed to the benchmarks.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Arguments of the benchmark harness, e.g. a part of a benchmark's name
    #[arg(last = true)]
    harness: Vec<OsString>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut plan = Plan::new(2);
    plan.step("Web builds", web_builds::fetch)?;
    // Named targets only: the test harness of a library does not know the arguments of criterion.
    plan.step("Benchmarks", || {
        perform(cargo(["bench", "--workspace", "--bench", "*", "--"])?.args(&args.harness))
    })?;
    plan.summary();
    Ok(())
}
