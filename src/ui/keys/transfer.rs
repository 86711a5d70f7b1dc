//! Keys that come from a file, and keys that go into one.

use std::path::{Path, PathBuf};

use egui::{Context, Ui};
use ota_keys::{CustodyKind, KeyInfo};

use super::dialogs::{Fields, Frame, frame_ui, name_problem, trust_ui};
use super::keep;
use super::password::{Check, new_password_ui};
use crate::model::{Action, Fault, KeyRef, Model, NoPicker};
use crate::ui::path_field::path_field;
use crate::ui::publish::idle::sentence;
use crate::ui::widgets::{
    Banner, Button, TextField, copy_button, field_label, focus_on_open, label, row,
};
use crate::ui::{Font, Tokens, Tone, icons};

/// What the model knows of the dialog.
pub(super) struct State<'a> {
    pub(super) path: Option<&'a Path>,
    pub(super) failed: Option<&'a Fault>,
    pub(super) busy: bool,
}

/// The file's path: written, or chosen in the system's dialog.
struct FileField<'a> {
    caption: &'a str,
    placeholder: &'a str,
    /// The button's full name.
    choose: &'a str,
}

impl FileField<'_> {
    /// Shows it. Returns whether the system's dialog is wanted.
    fn ui(&self, ui: &mut Ui, model: &Model, fields: &mut Fields, busy: bool) -> bool {
        field_label(ui, self.caption, "");
        let reason = busy.then_some("The work has begun");
        let mut clicked = false;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let field = TextField::new("")
                .name(self.caption)
                .placeholder(self.placeholder)
                .icon(icons::FILE)
                .width(ui.available_width() - 108.0)
                .enabled(!busy);
            let typed = path_field(ui, model, field, &mut fields.path);
            focus_on_open(ui, &typed.response);
            row(ui, 32.0, 0.0, |ui| {
                let button = Button::secondary("Choose…").name(self.choose);
                clicked = button.min_width(100.0).disabled(reason).ui(ui).clicked();
            });
        });
        if let Some(no_picker) = &model.no_picker {
            ui.add_space(8.0);
            no_picker_ui(ui, no_picker, "file’s");
        }
        clicked
    }
}

/// No dialog of the system could be opened: the path is what remains.
pub(super) fn no_picker_ui(ui: &mut Ui, no_picker: &NoPicker, whose: &str) {
    let title = format!("No dialog could be opened. {}", sentence(&no_picker.why));
    let install = no_picker.install.as_deref();
    let to_do = format!(
        "Nothing was changed. Type the {whose} path above. To have the dialog the next time: {}",
        install.unwrap_or("install zenity or xdg-desktop-portal-gtk.")
    );
    let banner = Banner::new(Tone::Caution, icons::WARNING.fill(), &title).text(&to_do);
    banner.ui_with(ui, |ui| {
        if let Some(command) = install {
            copy_button(ui, "Copy", "the command that installs zenity", command);
        }
    });
}

/// The file that the field names: as it was chosen, whatever signs its name has, or as it is written.
fn file(model: &Model, fields: &mut Fields, chosen: Option<&Path>) -> Option<PathBuf> {
    if fields.chosen.as_deref() != chosen {
        fields.chosen = chosen.map(Path::to_owned);
        fields.path = chosen.map_or_else(String::new, |path| path.display().to_string());
    }
    let as_chosen = fields.chosen.as_ref();
    as_chosen
        .filter(|path| path.display().to_string() == fields.path)
        .cloned()
        .or_else(|| model.typed_path(&fields.path).ok())
}

/// Import a key file.
pub(super) fn import_ui(
    ctx: &Context,
    model: &Model,
    fields: &mut Fields,
    state: &State<'_>,
    actions: &mut Vec<Action>,
) {
    let path = file(model, fields, state.path);
    propose_name(fields, path.as_deref());
    let problem = name_problem(model, &fields.name, None);
    let reason = match (state.busy, &path) {
        (true, _) => Some("The key is being imported"),
        (false, None) => Some("Choose the key file first"),
        (false, Some(_)) => problem.as_deref().or_else(|| keep::problem(model, fields)),
    };
    let note = match keep::note(fields) {
        "" => "The file itself is not changed.",
        missing => missing,
    };
    let outcome = match (state.busy, fields.name.is_empty()) {
        (true, _) => "Opening the key…".to_owned(),
        (false, true) => "Import the key".to_owned(),
        (false, false) => format!("Import {}", fields.name),
    };
    let frame = Frame {
        id: "import-key",
        tone: Tone::Go,
        icon: icons::DOWNLOAD_SIMPLE,
        title: "Import a key",
        subtitle: "A minisign or Tauri key file, or a backup",
        note,
        stay: "Not now",
        outcome: Button::primary(&outcome).icon(icons::DOWNLOAD_SIMPLE),
        reason,
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, state.failed, actions, |ui, actions| {
        let field = FileField {
            caption: "Key file",
            placeholder: "~/keys/tidepool.key",
            choose: "Choose a key file…",
        };
        if field.ui(ui, model, fields, state.busy) {
            actions.push(Action::ChooseKeyFile);
        }
        ui.add_space(14.0);
        let shown = problem.as_deref().filter(|_| path.is_some());
        let name = TextField::new("Name").hint("only you see it");
        let name = name.error(shown).enabled(!state.busy);
        if name.ui(ui, &mut fields.name).changed() {
            fields.name_edited = true;
        }
        ui.add_space(14.0);
        TextField::new("Password of the file")
            .hint("empty if it has none")
            .enabled(!state.busy)
            .password(&mut fields.password.shown)
            .ui(ui, &mut fields.password.text);
        ui.add_space(14.0);
        keep::keep_ui(ui, model, fields, (state.busy, true), actions);
        ui.add_space(14.0);
        trust_ui(ui, model, fields);
    });
    if ordered && let Some(path) = path {
        let password = (!fields.password.text.is_empty()).then(|| fields.password.password());
        let keep = keep::order(model, fields, actions);
        actions.push(Action::ImportKey {
            path,
            name: fields.name.clone(),
            password,
            keep,
            trust: fields.trust,
        });
    }
}

/// The file's name without its ending, unless a name was typed.
fn propose_name(fields: &mut Fields, path: Option<&Path>) {
    if fields.name_edited || fields.proposed.as_deref() == path {
        return;
    }
    fields.proposed = path.map(Path::to_owned);
    fields.name = path
        .and_then(Path::file_stem)
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
}

/// Why a key cannot be backed up yet, and what of it stands at the foot: what is wrong with a new password that is being
/// typed stands below its field.
fn back_up_reason(
    fields: &Fields,
    path: Option<&Path>,
    custody: CustodyKind,
    busy: bool,
) -> (Option<&'static str>, &'static str) {
    let in_file = custody == CustodyKind::File;
    let fresh = Check::of(&fields.keep.fresh);
    let missing = if busy {
        Some("The backup is being written")
    } else if path.is_none() {
        Some("Choose where it goes first")
    } else if fields.path.trim_end().ends_with(['/', '\\']) {
        Some("Type the file’s name, too")
    } else if in_file {
        fields
            .password
            .text
            .is_empty()
            .then_some("Type its password")
    } else {
        fresh.reason().filter(|_| fresh.is_empty())
    };
    let reason = missing.or_else(|| fresh.reason().filter(|_| !in_file));
    (reason, missing.unwrap_or(""))
}

/// Back a key up.
pub(super) fn back_up_ui(
    ctx: &Context,
    model: &Model,
    key: &KeyInfo,
    fields: &mut Fields,
    state: &State<'_>,
    actions: &mut Vec<Action>,
) {
    let name = key.name.as_str();
    let path = file(model, fields, state.path);
    let in_file = key.custody == CustodyKind::File;
    let (reason, note) = back_up_reason(fields, path.as_deref(), key.custody, state.busy);
    let title = format!("Back up {name}");
    let outcome = if state.busy {
        "Writing and checking…"
    } else {
        title.as_str()
    };
    let frame = Frame {
        id: "back-up-key",
        tone: Tone::Go,
        icon: icons::FLOPPY_DISK,
        title: &title,
        subtitle: "An encrypted copy that minisign can open too",
        note,
        stay: "Not now",
        outcome: Button::primary(outcome).icon(icons::FLOPPY_DISK),
        reason,
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, state.failed, actions, |ui, actions| {
        let field = FileField {
            caption: "File",
            placeholder: &format!("/media/stick/{name}.key"),
            choose: "Choose where it goes…",
        };
        if field.ui(ui, model, fields, state.busy) {
            actions.push(Action::ChooseBackUpFile {
                name: name.to_owned(),
            });
        }
        ui.add_space(14.0);
        if in_file {
            own_password_ui(ui, fields, name, state.busy);
        } else {
            new_password_ui(ui, &mut fields.keep.fresh, state.busy);
        }
        ui.add_space(14.0);
        label(
            ui,
            Font::Small,
            Tokens::of(ui).tx_secondary,
            "The copy is written, restored with this password, and used to sign and verify. Only then the key counts as \
             backed up. Keep the file and the password apart from this computer, and apart from each other.",
        );
    });
    if ordered && let Some(path) = path {
        let password = if in_file {
            &fields.password
        } else {
            &fields.keep.fresh.first
        };
        actions.push(Action::BackUpKey {
            key: KeyRef::from(key),
            path,
            password: password.password(),
        });
    }
}

/// The one password of a key file and its copy.
fn own_password_ui(ui: &mut Ui, fields: &mut Fields, name: &str, busy: bool) {
    TextField::new(&format!("Password of {name}"))
        .enabled(!busy)
        .help("It opens the copy, too. Asked for even if it is remembered: a backup without it is none.")
        .password(&mut fields.password.shown)
        .ui(ui, &mut fields.password.text);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::Settings;

    #[test]
    #[cfg(unix)]
    fn a_file_is_taken_as_it_was_chosen_until_another_is_written() {
        use std::os::unix::ffi::OsStringExt as _;
        let model = Model::start(Settings::default(), DateTime::UNIX_EPOCH).0;
        let mut fields = Fields::default();
        assert_eq!(file(&model, &mut fields, None), None);
        // No UTF-8: the field cannot show it as it is.
        let strange = PathBuf::from(std::ffi::OsString::from_vec(b"/keys/gr\xfcn.key".to_vec()));
        let chosen = Some(strange.as_path());
        assert_eq!(file(&model, &mut fields, chosen), Some(strange.clone()));
        "/keys/other.key".clone_into(&mut fields.path);
        let written = Some(PathBuf::from("/keys/other.key"));
        assert_eq!(file(&model, &mut fields, chosen), written);
        fields.path.clear();
        assert_eq!(file(&model, &mut fields, chosen), None);
    }

    #[test]
    fn the_file_proposes_a_name_until_one_is_typed() {
        let mut fields = Fields::default();
        propose_name(&mut fields, Some(Path::new("/keys/tidepool-old.key")));
        assert_eq!(fields.name, "tidepool-old");
        fields.name = "mine".to_owned();
        fields.name_edited = true;
        propose_name(&mut fields, Some(Path::new("/keys/other.key")));
        assert_eq!(fields.name, "mine");
    }
}
