//! The system's own dialogs, and whether there are any.

#[cfg(all(unix, not(target_os = "macos")))]
mod linux;
#[cfg(all(unix, not(target_os = "macos")))]
mod portal;
#[cfg(any(windows, target_os = "macos"))]
mod rfd;
#[cfg(all(unix, not(target_os = "macos")))]
mod zenity;

use std::path::PathBuf;

#[cfg(all(unix, not(target_os = "macos")))]
use linux::ask;
#[cfg(any(windows, target_os = "macos"))]
use rfd::ask;

use super::home;
use crate::model::{NoPicker, Pick};

/// What a dialog asks for.
#[derive(Debug)]
struct Question {
    title: &'static str,
    wanted: Wanted,
    /// Where it starts.
    folder: Option<PathBuf>,
}

#[derive(Debug)]
enum Wanted {
    Folder,
    File,
    /// A place for a new file of this name.
    NewFile(String),
}

/// Opens a dialog and waits for its end: a path, or nothing if it was closed. Dropping this closes it.
pub(super) async fn pick(what: Pick) -> Result<Option<PathBuf>, NoPicker> {
    let (title, wanted) = match what {
        Pick::Build => (
            "Choose the folder your build writes, usually dist",
            Wanted::Folder,
        ),
        Pick::KeyFile => ("Choose a minisign or Tauri key file", Wanted::File),
        Pick::KeyFolder => (
            "Choose a folder for key files, for you alone",
            Wanted::Folder,
        ),
        Pick::BackUpFile { name } => ("Where to write the encrypted backup", Wanted::NewFile(name)),
    };
    ask(&Question {
        title,
        wanted,
        folder: home(),
    })
    .await
}
