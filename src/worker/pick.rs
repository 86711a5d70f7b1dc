//! The system's own dialogs.

use std::path::PathBuf;

use rfd::AsyncFileDialog;

use super::home;

/// A folder, as a build tool writes it.
pub(super) async fn build() -> Option<PathBuf> {
    let mut dialog =
        AsyncFileDialog::new().set_title("Choose the folder your build writes, usually dist");
    if let Some(home) = home() {
        dialog = dialog.set_directory(home);
    }
    dialog
        .pick_folder()
        .await
        .map(|picked| picked.path().to_owned())
}

/// A secret key file.
pub(super) async fn key_file() -> Option<PathBuf> {
    let dialog = AsyncFileDialog::new().set_title("Choose a minisign or tauri key file");
    dialog
        .pick_file()
        .await
        .map(|picked| picked.path().to_owned())
}

/// A place for a new file.
pub(super) async fn backup_file(name: &str) -> Option<PathBuf> {
    let dialog = AsyncFileDialog::new()
        .set_title("Where to write the encrypted backup")
        .set_file_name(name);
    dialog
        .save_file()
        .await
        .map(|picked| picked.path().to_owned())
}
