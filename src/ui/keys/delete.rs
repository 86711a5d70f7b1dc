//! Deleting a key: what is lost, and its name to be typed.

use egui::{Context, Ui};
use ota_keys::{CustodyKind, KeyInfo};

use super::dialogs::{Fields, Frame, frame_ui};
use crate::model::{Action, Fault, KeyRef};
use crate::ui::widgets::{Banner, Button, Runs, TextField, focus_on_open};
use crate::ui::{Font, Tokens, Tone, icons};

/// The dialog.
pub(super) fn delete_ui(
    ctx: &Context,
    fields: &mut Fields,
    key: &KeyInfo,
    trusted_by: &[String],
    failed: Option<&Fault>,
    actions: &mut Vec<Action>,
) {
    let name = key.name.as_str();
    let title = format!("Delete {name}");
    let typed = fields.typed == name;
    let reason = format!("Type {name} to unlock it");
    let note = if key.backed_up_at.is_some() {
        "Its backup file brings it back."
    } else {
        "This cannot be undone."
    };
    let frame = Frame {
        id: "delete-key",
        tone: Tone::Stop,
        icon: icons::TRASH,
        title: &title,
        subtitle: match key.custody {
            CustodyKind::File => "Removes the key file from this computer",
            CustodyKind::Keyring | CustodyKind::Memory => {
                "Removes the private key from this computer’s keyring"
            }
        },
        note,
        stay: "Keep it",
        outcome: Button::danger(&title).icon(icons::TRASH),
        reason: (!typed).then_some(reason.as_str()),
        shortcut: false,
    };
    let ordered = frame_ui(ctx, frame, failed, actions, |ui, _| {
        if key.backed_up_at.is_none() {
            Banner::new(Tone::Stop, icons::WARNING.fill(), "This key was never backed up")
                .text("Nobody will be able to sign with it again. Back it up first, or be sure that no binary has it built in.")
                .ui(ui);
            ui.add_space(14.0);
        }
        consequences_ui(ui, trusted_by);
        ui.add_space(16.0);
        let label = format!("Type {name} to unlock it");
        let full = format!("Type {name} to unlock Delete {name}");
        let response = TextField::new(&label)
            .name(&full)
            .mono()
            .valid(typed)
            .ui(ui, &mut fields.typed);
        focus_on_open(ui, &response);
    });
    if ordered {
        actions.push(Action::DeleteKey {
            key: KeyRef::from(key),
            typed: fields.typed.clone(),
        });
    }
}

fn consequences_ui(ui: &mut Ui, trusted_by: &[String]) {
    let tokens = Tokens::of(ui);
    let text = tokens.tx_secondary;
    let runs = if trusted_by.is_empty() {
        Runs::new().push(
            Font::Body,
            text,
            "The app that is shown does not trust it. ",
        )
    } else {
        Runs::new()
            .push(Font::BodyStrong, tokens.tx_primary, &trusted_by.join(", "))
            .push(
                Font::Body,
                text,
                " trusts it. After this, this computer can no longer publish there. ",
            )
    };
    runs.push(
        Font::Body,
        text,
        "What is live stays live, and promoting and rolling back need no key.",
    )
    .ui(ui);
}
