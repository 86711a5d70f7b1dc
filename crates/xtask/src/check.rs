//! `cargo xtask check`: what needs no test to run.

use crate::plan::{Outcome, Plan, say};
use crate::workspace::{answers, cargo, perform};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut plan = Plan::new(STEPS);
    steps(&mut plan)?;
    plan.summary();
    Ok(())
}

/// How many steps [`steps`] adds.
pub(crate) const STEPS: usize = 4;

pub(crate) fn steps(plan: &mut Plan) -> anyhow::Result<()> {
    plan.step("Format", || {
        perform(&mut cargo(["fmt", "--all", "--check"])?)
    })?;
    plan.step("Lints", || {
        perform(&mut cargo([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])?)
    })?;
    plan.step("Documentation", || {
        perform(
            cargo([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
            ])?
            .env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    plan.step("Licences and sources of dependencies", || {
        if !answers("cargo-deny", &["--version"]) {
            say("   cargo-deny is not installed: `cargo install cargo-deny --locked` adds this step");
            return Ok(Outcome::Skipped);
        }
        // Duplicate versions are warnings, pages of them: `cargo deny --workspace check bans` shows them.
        perform(&mut cargo(["deny", "--log-level", "error", "--workspace", "--locked", "check", "bans", "licenses", "sources"])?)
    })
}
