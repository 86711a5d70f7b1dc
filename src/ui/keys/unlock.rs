//! The question for the password of a key file.

use egui::{Context, Key, Ui};

use super::app_name;
use super::checkbox::checkbox;
use super::dialogs::{Fields, Frame, frame_ui};
use crate::model::{Action, Model, Purpose, Unlock};
use crate::ui::widgets::{Button, TextField, focus_on_open, label};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// What the key is opened for, in words.
struct Words {
    subtitle: String,
    outcome: String,
    icon: Icon,
}

fn words(model: &Model, purpose: &Purpose) -> Words {
    match purpose {
        Purpose::Publish { order, .. } => Words {
            subtitle: format!("It signs {} for {}", order.version, order.channel),
            outcome: format!("Sign & publish to {}", order.channel),
            icon: icons::SIGNATURE,
        },
        Purpose::Trust { app } => {
            let app = app_name(model).unwrap_or_else(|| app.as_str());
            Words {
                subtitle: format!("It signs the way back to the built-in assets of {app}"),
                outcome: format!("Trust for {app}"),
                icon: icons::SEAL_CHECK,
            }
        }
    }
}

/// The dialog.
pub(super) fn unlock_ui(
    ctx: &Context,
    model: &Model,
    unlock: &Unlock,
    fields: &mut Fields,
    actions: &mut Vec<Action>,
) {
    let busy = unlock.trying.is_some();
    let words = words(model, &unlock.purpose);
    let title = format!("Password of {}", unlock.key.name);
    let reason = if busy {
        Some("The key is being opened")
    } else {
        fields
            .password
            .text
            .is_empty()
            .then_some("Type the password")
    };
    let outcome = if busy {
        "Opening the key…"
    } else {
        words.outcome.as_str()
    };
    // The button behind it has the same words.
    let name = if busy {
        outcome.to_owned()
    } else {
        format!("Open {}: {outcome}", unlock.key.name)
    };
    let frame = Frame {
        id: "unlock-key",
        tone: Tone::Idle,
        icon: icons::LOCK_KEY,
        title: &title,
        subtitle: &words.subtitle,
        note: "",
        stay: "Not now",
        outcome: Button::primary(outcome).icon(words.icon).name(&name),
        reason,
        shortcut: true,
    };
    let mut entered = false;
    let ordered = frame_ui(ctx, frame, unlock.failed.as_ref(), actions, |ui, _| {
        entered = body_ui(ui, fields, unlock.key.name.as_str(), busy);
    });
    if ordered || (entered && reason.is_none()) {
        actions.push(Action::UnlockKey {
            password: fields.password.password(),
            remember: fields.remember,
        });
    }
}

/// Returns whether Enter was pressed behind the password.
fn body_ui(ui: &mut Ui, fields: &mut Fields, key: &str, busy: bool) -> bool {
    let field = TextField::new("Password")
        .name(&format!("Password that opens {key}"))
        .enabled(!busy)
        .password(&mut fields.password.shown)
        .ui(ui, &mut fields.password.text);
    focus_on_open(ui, &field);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered {
        // What was typed may be wrong, and is then typed again.
        field.request_focus();
    }
    ui.add_space(14.0);
    let reason = busy.then_some("The work has begun");
    checkbox(
        ui,
        &mut fields.remember,
        "Remember until I close Switchtower",
        "In memory alone: never in a file, a setting or the keyring.",
        reason,
    );
    ui.add_space(14.0);
    label(
        ui,
        Font::Small,
        Tokens::of(ui).tx_secondary,
        "Nothing is sent before the password opens the key.",
    );
    entered
}
