//! While the system's dialog is open, and when none could be opened.

use std::path::PathBuf;

use egui::{Context, Id, Ui};

use crate::model::{Action, Model, NoPicker, Pick, Picking};
use crate::ui::path_field::path_field;
use crate::ui::publish::idle::sentence;
use crate::ui::widgets::{
    Button, Dialog, TextField, card, copy_button, dialog_footer, dialog_message, focus_on_open,
    label, label_line, row, trailing,
};
use crate::ui::{Font, Tokens, Tone, icons};

/// What is typed in the dialog that stands in for the system's.
#[derive(Default)]
pub struct NoPickerForm {
    path: String,
}

/// Under this id stands what had the focus before the system's dialog opened.
const OPENER: &str = "switchtower-picking-opener";
/// The height of the line with a command.
const COMMAND: f32 = 40.0;

/// Covers the window while the system's dialog is open: it is answered first.
pub(in crate::ui) fn picking_ui(ctx: &Context, model: &Model, actions: &mut Vec<Action>) {
    let Some(Picking { what, .. }) = &model.picking else {
        return_focus(ctx);
        return;
    };
    remember_focus(ctx);
    let title = match what {
        Pick::Build => "Choose the folder in your system’s dialog",
        Pick::KeyFile => "Choose the key file in your system’s dialog",
        Pick::KeyFolder => "Choose the folder for key files in your system’s dialog",
        Pick::BackUpFile { .. } => "Choose a place for the backup in your system’s dialog",
    };
    let facts = [(
        "What to do",
        "It opens in a window of its own. If you do not see it, look behind this one.",
    )];
    let mut close = false;
    let shown = Dialog::new("picking", title).show(ctx, |ui| {
        dialog_message(
            ui,
            (Tone::Staged, icons::FOLDER_OPEN),
            title,
            &facts,
            |_| (),
        );
        dialog_footer(ui, "", |ui| {
            let button = Button::secondary("Close it")
                .name("Close your system’s dialog")
                .keycap("Esc")
                .ui(ui);
            focus_on_open(ui, &button);
            close |= button.clicked();
        });
    });
    if close || shown.escaped {
        actions.push(Action::StopChoosing);
    }
}

fn remember_focus(ctx: &Context) {
    let id = Id::unique(OPENER);
    if ctx.data(|data| data.get_temp::<Option<Id>>(id)).is_none() {
        let opener = ctx.memory(egui::Memory::focused);
        ctx.data_mut(|data| data.insert_temp(id, opener));
    }
}

/// The dialog below, or the window, has the focus again where it was.
fn return_focus(ctx: &Context) {
    let id = Id::unique(OPENER);
    let opener = ctx.data_mut(|data| data.remove_temp::<Option<Id>>(id));
    if let Some(opener) = opener.flatten() {
        ctx.memory_mut(|memory| memory.request_focus(opener));
        ctx.request_repaint();
    }
}

/// Says that no dialog for a build could be opened, and takes the path instead.
pub(super) fn no_picker_ui(
    ctx: &Context,
    model: &Model,
    form: &mut NoPickerForm,
    actions: &mut Vec<Action>,
) {
    let Some(no_picker) = &model.no_picker else {
        return;
    };
    let title = "No dialog for choosing the folder could be opened";
    let why = sentence(&no_picker.why);
    let facts = [
        ("What happened", why.as_str()),
        ("Not affected", "Nothing was chosen, read or changed."),
        (
            "What to do",
            "Type the folder’s path here, or drag the folder onto this window.",
        ),
    ];
    let mut close = false;
    let mut chosen: Option<PathBuf> = None;
    let shown = Dialog::new("no-picker", title).show(ctx, |ui| {
        let look = (Tone::Caution, icons::WARNING.fill());
        let typed = dialog_message(ui, look, title, &facts, |ui| {
            let field = TextField::new("Path of the folder")
                .hint("or of a .zip or .tar.gz")
                .placeholder("~/tidepool/dist");
            let typed = path_field(ui, model, field, &mut form.path);
            focus_on_open(ui, &typed.response);
            ui.add_space(4.0);
            install_ui(ui, no_picker);
            typed
        });
        chosen = typed.entered(ui);
        dialog_footer(ui, "", |ui| {
            close |= Button::secondary("Not now").keycap("Esc").ui(ui).clicked();
            let read = Button::primary("Read it").name("Read what this path names");
            if read
                .disabled(typed.path.as_ref().err().copied())
                .ui(ui)
                .clicked()
            {
                chosen = typed.path.ok();
            }
        });
    });
    if close || shown.escaped {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    } else if let Some(path) = chosen {
        actions.push(Action::Dropped(vec![path]));
    }
}

/// How there will be one the next time.
fn install_ui(ui: &mut Ui, no_picker: &NoPicker) {
    let tokens = Tokens::of(ui);
    let Some(command) = &no_picker.install else {
        let text = "To have the dialog the next time, install zenity or xdg-desktop-portal-gtk.";
        label(ui, Font::Small, tokens.tx_secondary, text);
        return;
    };
    let text = "To have the dialog the next time, install zenity (or xdg-desktop-portal-gtk):";
    label(ui, Font::Small, tokens.tx_secondary, text);
    card(ui, |ui| {
        row(ui, COMMAND, 0.0, |ui| {
            ui.add_space(12.0);
            label_line(ui, Font::Mono, tokens.tx_primary, command.as_str());
            trailing(ui, COMMAND, 0.0, |ui| {
                copy_button(ui, "Copy", "the command that installs zenity", command);
                ui.add_space(8.0);
            });
        });
    });
}
