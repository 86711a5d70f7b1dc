//! The dialog in front of the window. What it is about comes from the model, what is typed in it from the forms.

mod conflict;
mod create_app;
mod messages;
mod picker;
mod promote;
mod roll_back;
mod shortcuts;
mod sign_in;
mod touches;

use egui::Context;

pub use create_app::CreateAppForm;
pub use picker::NoPickerForm;
pub(in crate::ui) use picker::picking_ui;
pub use promote::PromoteForm;
pub use roll_back::RollBackForm;
pub use sign_in::TokenForm;

use super::{Forms, keys};
use crate::model::{Action, Dialog, Fault, Model};

/// A protected channel's reason has at least this many characters; the server holds it too.
const LEAST_REASON: usize = 8;

/// Show the dialog in front, if there is one.
pub(super) fn dialog_ui(
    ctx: &Context,
    model: &Model,
    forms: &mut Forms,
    actions: &mut Vec<Action>,
) {
    let Some(dialog) = &model.dialog else { return };
    match dialog {
        Dialog::RollBack(dialog) => {
            roll_back::roll_back_ui(ctx, model, dialog, &mut forms.roll_back, actions);
        }
        Dialog::Promote(dialog) => {
            promote::promote_ui(ctx, model, dialog, &mut forms.promote, actions);
        }
        Dialog::CreateApp { failed } => {
            create_app::create_app_ui(ctx, failed.as_ref(), &mut forms.create_app, actions);
        }
        Dialog::Conflict {
            wanted,
            fault,
            again,
        } => {
            conflict::conflict_ui(ctx, model, (wanted, fault), again.as_ref(), actions);
        }
        Dialog::Token(sign_in) => {
            sign_in::sign_in_ui(ctx, model, sign_in, &mut forms.token, actions);
        }
        Dialog::Message { title, fault } => messages::message_ui(ctx, title, fault, actions),
        Dialog::NoPicker => picker::no_picker_ui(ctx, model, &mut forms.no_picker, actions),
        Dialog::Shortcuts => shortcuts::shortcuts_ui(ctx, actions),
        Dialog::NewKey { .. }
        | Dialog::ImportKey { .. }
        | Dialog::BackUpKey { .. }
        | Dialog::RenameKey { .. }
        | Dialog::DeleteKey { .. }
        | Dialog::Unlock(_) => {
            keys::key_dialog_ui(ctx, model, &mut forms.keys, actions);
        }
    }
}

/// What was typed to unlock a protected channel: exactly its name.
fn unlock_fault(protected: bool, channel: &str, typed: &str) -> Option<String> {
    (protected && typed != channel).then(|| format!("Type {channel} to unlock"))
}

/// A fault in one sentence or two: what happened, what to do.
fn words_of(fault: &Fault) -> (String, String) {
    (
        fault.message.clone(),
        fault.hint.clone().unwrap_or_default(),
    )
}
