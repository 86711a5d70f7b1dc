//! Dialogs that say what happened, what is not affected, and what to do.

use egui::Context;
use ota_keys::AccessToken;
use zeroize::Zeroizing;

use crate::model::{Action, Fault, FaultKind, Model, Page, words};
use crate::ui::shell::server_name;
use crate::ui::widgets::{Button, Dialog, TextField, dialog_footer, dialog_message, focus_on_open};
use crate::ui::{Icon, Tone, icons};

/// What is typed in the dialog that asks for a token.
#[derive(Default)]
pub struct TokenForm {
    token: Zeroizing<String>,
    reveal: bool,
}

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

/// Somebody else acted first.
pub(super) fn conflict_ui(
    ctx: &Context,
    model: &Model,
    wanted: &str,
    fault: &Fault,
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
    let title = format!("{} changed while you were deciding", capital(name.as_str()));
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
    let kept = format!("Not done: {wanted}. Devices get what {name} offers now.");
    let now = channel.live.as_ref().map_or_else(
        || "nothing".to_owned(),
        |live| format!("{} {}", live.version, live.sequence),
    );
    let to_do = format!("Look at {name} again, it offers {now}. Then decide anew.");
    let facts = [
        ("What happened", happened.as_str()),
        ("Not affected", kept.as_str()),
        ("What to do", to_do.as_str()),
    ];
    let mut close = false;
    let mut look_again = false;
    let shown = Dialog::new("conflict", &title).show(ctx, |ui| {
        let look = (Tone::Staged, icons::GIT_MERGE.fill());
        dialog_message(ui, look, &title, &facts, |_| ());
        dialog_footer(ui, "", |ui| {
            let leave = Button::ghost("Leave it").keycap("Esc").ui(ui);
            focus_on_open(ui, &leave);
            close |= leave.clicked();
            let label = format!("Look at {name} again");
            look_again |= Button::primary(&label).ui(ui).clicked();
        });
    });
    if close || look_again || shown.escaped || shown.scrim_clicked {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
    if look_again {
        actions.push(Action::Go(Page::Channels));
        actions.push(Action::Refresh);
    }
}

/// The server no longer takes the token.
pub(super) fn token_ui(
    ctx: &Context,
    model: &Model,
    fault: &Fault,
    form: &mut TokenForm,
    actions: &mut Vec<Action>,
) {
    let server = server_name(model);
    let title = format!("{server} no longer accepts your token");
    let to_do = fault.hint.clone().unwrap_or_else(|| {
        format!(
            "Paste a new token. Whoever runs {server} can make one. You return to where you were."
        )
    });
    let facts = [
        ("What happened", fault.message.as_str()),
        (
            "Not affected",
            "Devices, what channels offer, and your signing keys.",
        ),
        ("What to do", to_do.as_str()),
    ];
    let mut close = false;
    let shown = Dialog::new("token", &title).show(ctx, |ui| {
        let look = (Tone::Caution, icons::IDENTIFICATION_BADGE.fill());
        dialog_message(ui, look, &title, &facts, |ui| {
            ui.add_space(4.0);
            let field = TextField::new("Access token")
                .hint("kept in the OS keyring")
                .placeholder("swt_…")
                .mono()
                .password(&mut form.reveal);
            let response = field.ui(ui, &mut form.token);
            focus_on_open(ui, &response);
        });
        dialog_footer(ui, "", |ui| {
            let stay = Button::secondary("Stay read-only").keycap("Esc");
            close |= stay.ui(ui).clicked();
            let missing = form
                .token
                .trim()
                .is_empty()
                .then_some("Paste a token first");
            let again = Button::primary("Sign in again").disabled(missing);
            if again.ui(ui).clicked() {
                actions.push(Action::SignInAgain(AccessToken::new(form.token.trim())));
            }
        });
    });
    if close || shown.escaped {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
