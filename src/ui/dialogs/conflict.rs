//! Somebody else acted first: what they did, and the way back to the decision.

use egui::Context;

use super::messages::message_ui;
use crate::model::{Action, Again, Fault, FaultKind, Model, Page, words};
use crate::ui::widgets::{Button, Dialog, dialog_footer, dialog_message, focus_on_open};
use crate::ui::{Tone, icons};

/// The message. The last button opens the dialog that was interrupted, on what is true now.
pub(super) fn conflict_ui(
    ctx: &Context,
    model: &Model,
    (wanted, fault): (&str, &Fault),
    again: Option<&Again>,
    actions: &mut Vec<Action>,
) {
    let FaultKind::Conflict {
        channel,
        changed_by,
    } = &fault.kind
    else {
        message_ui(ctx, wanted, fault, actions);
        return;
    };
    let name = &channel.name;
    let title = format!(
        "{} changed while you were deciding",
        words::capital(name.as_str())
    );
    let happened = changed_by.as_ref().map_or_else(
        || fault.message.clone(),
        |entry| {
            let fact = &entry.statement;
            format!(
                "{}, by {}, {}",
                fact.summary,
                fact.by,
                words::ago(fact.at, model.now)
            )
        },
    );
    let kept = format!("Nothing was overwritten. Not done: {wanted}.");
    let now = channel.live.as_ref().map_or_else(
        || "nothing".to_owned(),
        |live| format!("{} {}", words::release(live), live.sequence),
    );
    let to_do =
        format!("Now {name} offers {now}. Decide again with that in view, or leave it as it is.");
    let facts = [
        ("What happened", happened.as_str()),
        ("Not affected", kept.as_str()),
        ("What to do", to_do.as_str()),
    ];
    let label = match again {
        Some(_) => format!("Decide again on {name}…"),
        None => format!("Look at {name} again"),
    };
    let mut close = false;
    let mut go_on = false;
    let shown = Dialog::new("conflict", &title).show(ctx, |ui| {
        let look = (Tone::Staged, icons::GIT_MERGE.fill());
        dialog_message(ui, look, &title, &facts, |_| ());
        dialog_footer(ui, "", |ui| {
            let leave = format!("Leave {name} as it is");
            let leave = Button::secondary(&leave).keycap("Esc").ui(ui);
            focus_on_open(ui, &leave);
            close |= leave.clicked();
            go_on |= Button::primary(&label).ui(ui).clicked();
        });
    });
    if close || shown.escaped || shown.scrim_clicked {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    } else if go_on {
        actions.push(Action::CloseDialog);
        match again {
            Some(Again::RollBack(channel)) => actions.push(Action::AskRollBack(channel.clone())),
            Some(Again::Promote(channel)) => actions.push(Action::AskPromote(channel.clone())),
            None => actions.extend([Action::Go(Page::Channels), Action::Refresh]),
        }
    }
}
