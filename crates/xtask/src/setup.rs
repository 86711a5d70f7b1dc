//! `cargo xtask setup`.

use crate::plan::Plan;
use crate::{api_check, packages, web_builds};

/// What the set-up leaves out.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Install no system packages
    #[arg(long)]
    no_packages: bool,
    /// Fetch no web builds
    #[arg(long)]
    no_web_builds: bool,
    /// Install no Schemathesis
    #[arg(long)]
    no_api_check: bool,
}

/// Makes a machine with only the Rust toolchain ready for everything else here.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let steps = [!args.no_packages, !args.no_web_builds, !args.no_api_check];
    let mut plan = Plan::new(steps.into_iter().filter(|wanted| *wanted).count());
    if !args.no_packages {
        plan.step("System packages", packages::install)?;
    }
    if !args.no_web_builds {
        plan.step("Web builds", web_builds::fetch)?;
    }
    if !args.no_api_check {
        plan.step("Schemathesis", api_check::install)?;
    }
    Ok(())
}
