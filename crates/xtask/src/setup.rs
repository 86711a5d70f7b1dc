//! `cargo xtask setup`.

use crate::plan::Plan;
use crate::{packages, web_builds};

/// What the set-up leaves out.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Install no system packages
    #[arg(long)]
    no_packages: bool,
    /// Fetch no web builds
    #[arg(long)]
    no_web_builds: bool,
}

/// Makes a machine with only the Rust toolchain ready for everything else here.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut plan = Plan::new(usize::from(!args.no_packages) + usize::from(!args.no_web_builds));
    if !args.no_packages {
        plan.step("System packages", packages::install)?;
    }
    if !args.no_web_builds {
        plan.step("Web builds", web_builds::fetch)?;
    }
    Ok(())
}
