//! Where a new key is kept: in the keyring, or in a file that only its password opens.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::checkbox::checkbox;
use super::dialogs::Fields;
use super::password::{Check, Fresh, new_password_ui};
use super::transfer::no_picker_ui;
use crate::model::{Action, FaultKind, Keep, KeyPlace, Model};
use crate::ui::icons;
use crate::ui::path_field::path_field;
use crate::ui::widgets::{Button, RadioRow, TextField, field_label, row};

/// What is chosen and typed about it.
#[derive(Clone)]
pub(super) struct KeepFields {
    pub(super) place: KeyPlace,
    folder: FolderField,
    pub(super) fresh: Fresh,
    /// The new file gets the password of the one that is imported.
    same: bool,
}

impl Default for KeepFields {
    fn default() -> Self {
        Self {
            place: KeyPlace::default(),
            folder: FolderField::default(),
            fresh: Fresh::default(),
            same: true,
        }
    }
}

/// The choice, and what a file needs. `same` offers the password of the file that is imported.
pub(super) fn keep_ui(
    ui: &mut Ui,
    model: &Model,
    fields: &mut Fields,
    (busy, same): (bool, bool),
    actions: &mut Vec<Action>,
) {
    field_label(ui, "Where it is kept", "");
    let busy_reason = busy.then_some("The work has begun");
    let (detail, no_keyring) = match model.keys.keyring.fault().map(|fault| &fault.kind) {
        None => ("Opened with your session: signing asks for nothing", None),
        Some(FaultKind::KeyringLocked) => ("It is locked now", Some("The keyring is locked")),
        Some(FaultKind::KeyringAbsent) => (
            "None answers on this computer",
            Some("This computer has no keyring that answers"),
        ),
        Some(_) => ("It cannot be used now", Some("The keyring cannot be used")),
    };
    let rows = [
        (KeyPlace::Keyring, "OS keyring", detail, no_keyring),
        (
            KeyPlace::File,
            "Password-protected file",
            "Needs no keyring: its password is asked for when it signs",
            None,
        ),
    ];
    for (place, title, detail, reason) in rows {
        let row = RadioRow::new(title).detail(detail);
        let row = row.disabled(busy_reason.or(reason));
        if row.ui(ui, fields.keep.place == place).clicked() {
            fields.keep.place = place;
        }
        ui.add_space(6.0);
    }
    if fields.keep.place == KeyPlace::Keyring {
        return;
    }
    ui.add_space(8.0);
    folder_ui(ui, model, &mut fields.keep.folder, busy, actions);
    ui.add_space(14.0);
    if same && !fields.password.text.is_empty() {
        let help = "The one above opens the new file, too.";
        checkbox(
            ui,
            &mut fields.keep.same,
            "Keep the file’s password",
            help,
            busy_reason,
        );
        if fields.keep.same {
            return;
        }
        ui.add_space(14.0);
    }
    new_password_ui(ui, &mut fields.keep.fresh, busy);
}

/// Why the key cannot be kept like that yet.
pub(super) fn problem(model: &Model, fields: &Fields) -> Option<&'static str> {
    if fields.keep.place == KeyPlace::Keyring {
        return None;
    }
    if fields.keep.folder.changed && model.typed_path(&fields.keep.folder.text).is_err() {
        return Some("Type the whole path of the folder");
    }
    if fields.keeps_password() {
        return None;
    }
    Check::of(&fields.keep.fresh).reason()
}

/// What the note at the foot says of it: what is wrong with a password that is being typed stands below its field.
pub(super) fn note(fields: &Fields) -> &'static str {
    let missing = fields.keep.place == KeyPlace::File
        && !fields.keeps_password()
        && Check::of(&fields.keep.fresh).is_empty();
    if missing {
        "Choose a password for it"
    } else {
        ""
    }
}

/// What was chosen. A folder that was written is used from now on.
pub(super) fn order(model: &Model, fields: &Fields, actions: &mut Vec<Action>) -> Keep {
    if fields.keep.place == KeyPlace::Keyring {
        return Keep::Keyring;
    }
    if let Some(folder) = fields.keep.folder.wanted(model) {
        actions.push(Action::UseKeyFolder(Some(folder)));
    }
    let password = if fields.keeps_password() {
        &fields.password
    } else {
        &fields.keep.fresh.first
    };
    Keep::File {
        password: password.password(),
    }
}

impl Fields {
    /// Whether the new file gets the password of the one that is imported.
    fn keeps_password(&self) -> bool {
        self.keep.same && !self.password.text.is_empty()
    }
}

/// A folder's path as it stands in its field.
#[derive(Debug, Clone, Default)]
pub(super) struct FolderField {
    text: String,
    /// The folder that the text was filled in for.
    of: Option<PathBuf>,
    changed: bool,
}

impl FolderField {
    /// The folder that was written, if it is another one.
    pub(super) fn wanted(&self, model: &Model) -> Option<PathBuf> {
        let written = model.typed_path(&self.text).ok()?;
        (self.changed && Some(&written) != self.of.as_ref()).then_some(written)
    }

    /// Fills in the folder in use, unless another one is being written.
    fn follow(&mut self, folder: Option<&Path>) {
        if self.of.as_deref() != folder {
            self.of = folder.map(Path::to_owned);
            self.text = folder.map_or_else(String::new, |folder| folder.display().to_string());
            self.changed = false;
        }
    }
}

/// The folder of the key files: written, or chosen in the system's dialog. Returns one that Enter was pressed for.
pub(super) fn folder_ui(
    ui: &mut Ui,
    model: &Model,
    field: &mut FolderField,
    busy: bool,
    actions: &mut Vec<Action>,
) -> Option<PathBuf> {
    field.follow(model.key_folder());
    field_label(ui, "Folder for key files", "for you alone");
    let reason = busy.then_some("The work has begun");
    let mut entered = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let text = TextField::new("")
            .name("Folder for key files")
            .icon(icons::FOLDER)
            .width(ui.available_width() - 108.0)
            .enabled(!busy);
        let typed = path_field(ui, model, text, &mut field.text);
        field.changed |= typed.response.changed();
        entered = typed.entered(ui);
        row(ui, 32.0, 0.0, |ui| {
            let name = "Choose a folder for key files…";
            let button = Button::secondary("Choose…").name(name).min_width(100.0);
            if button.disabled(reason).ui(ui).clicked() {
                actions.push(Action::ChooseKeyFolder);
            }
        });
    });
    if let Some(no_picker) = &model.no_picker {
        ui.add_space(8.0);
        no_picker_ui(ui, no_picker, "folder’s");
    }
    entered.filter(|_| field.wanted(model).is_some())
}
