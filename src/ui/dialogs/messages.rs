//! The dialog that says what happened and what to do.

use egui::Context;

use crate::model::{Action, Fault, FaultKind};
use crate::ui::widgets::{Button, Dialog, dialog_footer, dialog_message, focus_on_open};
use crate::ui::{Icon, Tone, icons};

/// Anything that must be read.
pub(super) fn message_ui(ctx: &Context, title: &str, fault: &Fault, actions: &mut Vec<Action>) {
    let hint = fault.hint.as_deref().unwrap_or_default();
    let mut facts = vec![("What happened", fault.message.as_str())];
    if !hint.is_empty() {
        facts.push(("What to do", hint));
    }
    let mut close = false;
    let shown = Dialog::new("message", title).show(ctx, |ui| {
        dialog_message(ui, look(&fault.kind), title, &facts, |_| ());
        dialog_footer(ui, "", |ui| {
            let button = Button::secondary("Close").keycap("Esc").ui(ui);
            focus_on_open(ui, &button);
            close |= button.clicked();
        });
    });
    if close || shown.escaped || shown.scrim_clicked {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

const fn look(kind: &FaultKind) -> (Tone, Icon) {
    match kind {
        FaultKind::Unreachable => (Tone::Stop, icons::CLOUD_SLASH.fill()),
        FaultKind::Token => (Tone::Caution, icons::IDENTIFICATION_BADGE.fill()),
        FaultKind::Conflict { .. } => (Tone::Staged, icons::GIT_MERGE.fill()),
        FaultKind::KeyringLocked | FaultKind::KeyringAbsent | FaultKind::KeyringDenied => {
            (Tone::Caution, icons::LOCK_KEY.fill())
        }
        FaultKind::Password => (Tone::Caution, icons::KEY.fill()),
        FaultKind::Cancelled => (Tone::Idle, icons::INFO),
        FaultKind::Refused | FaultKind::Local => (Tone::Stop, icons::WARNING_CIRCLE.fill()),
    }
}
