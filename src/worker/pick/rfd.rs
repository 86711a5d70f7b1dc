//! macOS and Windows bring their dialogs along.

use std::path::PathBuf;

use rfd::AsyncFileDialog;

use super::{Question, Wanted};
use crate::model::NoPicker;

pub(super) async fn ask(question: &Question) -> Result<Option<PathBuf>, NoPicker> {
    let mut dialog = AsyncFileDialog::new().set_title(question.title);
    if let Some(folder) = &question.folder {
        dialog = dialog.set_directory(folder);
    }
    let picked = match &question.wanted {
        Wanted::Folder => dialog.pick_folder().await,
        Wanted::File => dialog.pick_file().await,
        Wanted::NewFile(name) => dialog.set_file_name(name).save_file().await,
    };
    Ok(picked.map(|picked| picked.path().to_owned()))
}
