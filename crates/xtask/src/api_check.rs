//! Schemathesis, which holds the admin API to its OpenAPI document. Pinned, in an environment of its own.

use std::path::PathBuf;
use std::process::Command;

use crate::plan::{Outcome, say};
use crate::workspace::{answers, built, perform, root, target_dir};

const VERSION: &str = "4.32.5";

fn environment() -> anyhow::Result<PathBuf> {
    Ok(target_dir()?
        .join("fixtures")
        .join(format!("schemathesis-{VERSION}")))
}

/// The Python that has it.
fn python() -> anyhow::Result<PathBuf> {
    let folder = environment()?;
    Ok(if cfg!(windows) {
        folder.join("Scripts/python.exe")
    } else {
        folder.join("bin/python")
    })
}

/// Installs it from the Python package index, once.
pub(crate) fn install() -> anyhow::Result<Outcome> {
    let python = python()?;
    let check = ["-c", "import schemathesis.cli"];
    if answers(&python.to_string_lossy(), &check) {
        say(&format!("   Schemathesis {VERSION} is there"));
        return Ok(Outcome::Done);
    }
    let folder = environment()?;
    perform(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    perform(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .arg("--disable-pip-version-check")
            .arg(format!("schemathesis=={VERSION}")),
    )
}

/// Holds the server that the build step made to the committed document.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    perform(
        Command::new(python()?)
            .arg(root()?.join("crates/ota-server/tests/schemathesis.py"))
            // What it remembers of a run stays out of the project.
            .current_dir(target_dir()?)
            .arg("--server")
            .arg(built("switchtower-server")?),
    )
}
