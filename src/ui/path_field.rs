//! A field for the path of a file or a folder: the shortest way for a path that was copied, and the only one where the
//! system opens no dialog.

use std::path::PathBuf;

use egui::{Key, Response, Ui};

use super::widgets::TextField;
use crate::model::Model;

/// What stands in a field for a path.
pub(super) struct TypedPath {
    pub(super) response: Response,
    /// The path, or what is wrong with it as a sentence.
    pub(super) path: Result<PathBuf, &'static str>,
}

impl TypedPath {
    /// The path, if Enter was pressed behind it.
    pub(super) fn entered(&self, ui: &Ui) -> Option<PathBuf> {
        let enter = self.response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        self.path.as_ref().ok().filter(|_| enter).cloned()
    }
}

/// Shows the field. What is wrong with a path stands below it as soon as there is something.
pub(super) fn path_field(
    ui: &mut Ui,
    model: &Model,
    field: TextField<'_>,
    text: &mut String,
) -> TypedPath {
    let path = model.typed_path(text);
    let problem = path.as_ref().err().filter(|_| !text.trim().is_empty());
    let response = field.mono().error(problem.copied()).ui(ui, text);
    TypedPath { response, path }
}
