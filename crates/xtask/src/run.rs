//! `cargo xtask run`: the desktop app on this machine.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Context as _;

use crate::packages;
use crate::plan::{Outcome, Plan, say};
use crate::web_builds::{self, WEB_BUILDS};
use crate::workspace::{built, cargo, perform, root, target_dir};

/// What is handed to the app.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Do the main job under Xvfb even if there is a display
    #[arg(long)]
    headless: bool,
    /// Arguments of the desktop app
    #[arg(last = true)]
    app: Vec<OsString>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.headless || !has_display() {
        return main_job();
    }
    let mut plan = Plan::new(2);
    plan.step("System packages", packages::install_for_the_app)?;
    plan.step("Build", build)?;
    perform(Command::new(built("switchtower")?).args(&args.app))?;
    Ok(())
}

fn build() -> anyhow::Result<Outcome> {
    perform(&mut cargo(["build", "--package", "switchtower", "--bins"])?)
}

fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Drops a real web build on the real window, publishes, promotes and takes it back, and leaves a picture of each step.
fn main_job() -> anyhow::Result<()> {
    say("There is no display here: the app does its main job on a virtual one.");
    let pictures = target_dir()?.join("main-job");
    let mut plan = Plan::new(4);
    plan.step("System packages", packages::install)?;
    plan.step("Web builds", web_builds::fetch)?;
    plan.step("Build", build)?;
    plan.step("Main job", || {
        let web_build = WEB_BUILDS.last().context("no web build is pinned")?;
        perform(
            // Debian's own Python: the AT-SPI and X11 modules are installed there.
            Command::new("/usr/bin/python3")
                .arg(root()?.join("ui-tests/real-window/main_job.py"))
                .arg("--app")
                .arg(built("switchtower")?)
                .arg("--web-build")
                .arg(web_build.path()?)
                .arg("--pictures")
                .arg(&pictures),
        )
    })?;
    say(&format!("\nThe pictures are in {}", pictures.display()));
    Ok(())
}
