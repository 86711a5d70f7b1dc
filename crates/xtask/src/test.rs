//! `cargo xtask test`: everything, in order.

use crate::plan::Plan;
use crate::workspace::{cargo, perform};
use crate::{api_check, check, packages, web_builds};

/// All steps name the whole workspace: cargo then picks the same features each time, and builds no dependency twice.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut plan = Plan::new(6 + check::STEPS);
    plan.step("System packages", packages::install)?;
    plan.step("Web builds", web_builds::fetch)?;
    plan.step("Schemathesis", api_check::install)?;
    check::steps(&mut plan)?;
    plan.step("Build", || {
        perform(&mut cargo(["build", "--workspace", "--bins", "--tests"])?)
    })?;
    plan.step("The admin API keeps to its document", api_check::run)?;
    plan.step("Tests, with the real clients and the real window", || {
        perform(&mut cargo(["test", "--workspace", "--no-fail-fast"])?)
    })?;
    plan.summary();
    Ok(())
}
