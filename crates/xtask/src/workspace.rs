//! Where things lie, and how commands are started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::plan::{Outcome, say};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here
        .ancestors()
        .nth(2)
        .context("xtask is not in crates/xtask")?;
    // The folder may have moved since this program was built.
    if root.join("Cargo.lock").is_file() {
        Ok(root.to_owned())
    } else {
        Ok(std::env::current_dir()?)
    }
}

/// Where build output goes: `CARGO_TARGET_DIR`, else `target`.
pub(crate) fn target_dir() -> anyhow::Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => Ok(std::env::current_dir()?.join(dir)),
        None => Ok(root()?.join("target")),
    }
}

/// The path of a program that the build step made.
pub(crate) fn built(name: &str) -> anyhow::Result<PathBuf> {
    let path = target_dir()?
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        Ok(path)
    } else {
        bail!("{} is not built", path.display())
    }
}

/// A cargo command at the root of the workspace.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(args)
        .current_dir(root()?)
        .env("CARGO_TARGET_DIR", target_dir()?);
    // `cargo xtask` sets these for us; build scripts that watch them would run again at every change of hands.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || text == "CARGO_BIN_NAME"
        {
            command.env_remove(&name);
        }
    }
    Ok(command)
}

/// Shows a command, runs it with its output on ours, and fails when it fails.
pub(crate) fn perform(command: &mut Command) -> anyhow::Result<Outcome> {
    let line = shown(command);
    say(&format!("   $ {line}"));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if status.success() {
        Ok(Outcome::Done)
    } else {
        bail!("`{line}` ended with {status}")
    }
}

/// Whether a program is on the path and answers.
pub(crate) fn answers(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_else(|| command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .map(|word| {
            if word.contains(' ') {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/opt/toolchain/bin/cargo");
        command.args(["test", "--workspace", "a b"]);

        assert_eq!(shown(&command), "cargo test --workspace 'a b'");
    }

    #[test]
    fn a_failing_command_is_named_in_the_error() {
        let error = perform(Command::new("false").arg("--really")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "`false --really` ended with exit status: 1"
        );
    }
}
