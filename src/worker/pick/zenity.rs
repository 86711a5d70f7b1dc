//! The dialogs of zenity, a program of its own.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::{Question, Wanted};

/// Why zenity opened nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ZenityError {
    #[error("the program zenity is not installed")]
    Absent,
    #[error("the program zenity could not be started: {0}")]
    NotStarted(std::io::Error),
    #[error("the program zenity failed: {0}")]
    Failed(String),
}

/// The path that was chosen; nothing if the dialog was closed.
pub(super) async fn ask(question: &Question) -> Result<Option<PathBuf>, ZenityError> {
    let mut command = Command::new("zenity");
    command
        .args(["--file-selection", "--title", question.title])
        .stdin(Stdio::null())
        // Whoever no longer waits does not want to see it any more.
        .kill_on_drop(true);
    // It starts in a folder whose name ends with a slash.
    let mut start = question.folder.clone().unwrap_or_default();
    match &question.wanted {
        Wanted::Folder => {
            command.arg("--directory");
            start.push("");
        }
        Wanted::File => start.push(""),
        Wanted::NewFile(name) => {
            command.args(["--save", "--confirm-overwrite"]);
            start.push(name);
        }
    }
    command.arg("--filename").arg(start);
    match command.output().await {
        Ok(output) => read(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ZenityError::Absent),
        Err(error) => Err(ZenityError::NotStarted(error)),
    }
}

/// The exit codes are in zenity's manual: 0 chosen, 1 closed, 5 too late, anything else a failure.
fn read(output: Output) -> Result<Option<PathBuf>, ZenityError> {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last_words = || {
        complaint
            .trim()
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    match output.status.code() {
        Some(0) => {
            let mut path = output.stdout;
            // One is zenity's own; more would belong to the name.
            path.pop_if(|last| *last == b'\n');
            Ok((!path.is_empty()).then(|| PathBuf::from(OsString::from_vec(path))))
        }
        // GTK ends a program without a screen with the code of a closed dialog.
        Some(1) if complaint.contains("open display") => Err(ZenityError::Failed(last_words())),
        Some(1) => Ok(None),
        _ => Err(ZenityError::Failed(last_words())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    fn ended(code: i32, stdout: &[u8], stderr: &str) -> Result<Option<PathBuf>, String> {
        read(Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.to_vec(),
            stderr: stderr.as_bytes().to_vec(),
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_chosen_is_told_from_a_closed_dialog_and_from_none_at_all() {
        let path = |text: &str| Ok(Some(PathBuf::from(text)));
        assert_eq!(
            ended(0, b"/home/ada/my build\n", ""),
            path("/home/ada/my build")
        );
        // GTK says much that nobody needs.
        assert_eq!(
            ended(0, b"/dist\n", "Gtk-Message: no parent"),
            path("/dist")
        );
        // A name may end like a line.
        assert_eq!(ended(0, b"/dist\n\n", ""), path("/dist\n"));
        assert_eq!(ended(1, b"", "Gtk-Message: no parent"), Ok(None));
        for complaint in [
            "(zenity:1): Gtk-WARNING **: 12:00:00.000: cannot open display: ",
            "Failed to open display",
        ] {
            let failed = ended(1, b"", complaint).unwrap_err();
            assert!(failed.contains("open display"), "{failed}");
        }
        assert_eq!(
            ended(255, b"", "This option is not available.\n"),
            Err("the program zenity failed: This option is not available.".to_owned())
        );
        let killed = Output {
            status: ExitStatus::from_raw(9),
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        assert!(read(killed).is_err());
    }
}
