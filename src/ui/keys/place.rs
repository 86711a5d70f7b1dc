//! Where keys are kept, as a setting.

use egui::{Frame, Margin, Ui};

use super::KeysForm;
use super::keep::{FolderField, folder_ui};
use crate::model::{Action, KeyPlace, Model};
use crate::ui::publish::idle::sentence;
use crate::ui::widgets::{Button, Segment, key_value, label, rule, segmented};
use crate::ui::{Font, Tokens};

/// Where new keys go, and the folder of those in files.
pub(in crate::ui) fn place_ui(
    ui: &mut Ui,
    model: &Model,
    form: &mut KeysForm,
    actions: &mut Vec<Action>,
) {
    ui.add_space(6.0);
    key_value(ui, "New keys", |ui| {
        let mut place = model.settings.new_keys;
        let segments = [
            Segment::new(KeyPlace::Keyring, "OS keyring"),
            Segment::new(KeyPlace::File, "Password-protected files"),
        ];
        if segmented(ui, "Where new keys are kept", &segments, &mut place) {
            actions.push(Action::KeepNewKeysIn(place));
        }
    });
    ui.add_space(6.0);
    let forced = model.keys.place(model.settings.new_keys) != model.settings.new_keys;
    let remark = if forced {
        "The keyring cannot be used now, so new keys go into files. Keys that are there stay where they are."
    } else {
        "Keys that are there stay where they are: both kinds are listed, and each signs."
    };
    padded(ui, |ui| {
        label(ui, Font::Small, Tokens::of(ui).tx_tertiary, remark);
    });
    rule(ui);
    padded(ui, |ui| folder(ui, model, &mut form.folder, actions));
}

fn folder(ui: &mut Ui, model: &Model, field: &mut FolderField, actions: &mut Vec<Action>) {
    let entered = folder_ui(ui, model, field, false, actions);
    let mut wanted = entered;
    if let Some(written) = field.wanted(model) {
        ui.add_space(8.0);
        if Button::secondary("Use this folder").ui(ui).clicked() {
            wanted = Some(written);
        }
    } else if model.settings.key_folder.is_some() {
        ui.add_space(8.0);
        if Button::secondary("Use Switchtower’s own folder")
            .ui(ui)
            .clicked()
        {
            actions.push(Action::UseKeyFolder(None));
        }
    }
    if let Some(fault) = model.keys.files.fault() {
        ui.add_space(8.0);
        let hint = sentence(fault.hint.as_deref().unwrap_or(""));
        let text = format!("{} {hint}", sentence(&fault.message));
        label(ui, Font::Small, Tokens::of(ui).caution, text.trim());
    }
    if wanted.is_some() {
        actions.push(Action::UseKeyFolder(wanted));
    }
}

fn padded(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let margin = Margin {
        left: 14,
        right: 14,
        top: 8,
        bottom: 10,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_width(ui.available_width());
        content(ui);
    });
}
