//! The server no longer takes the token: the question for a new one, over any screen and any dialog.

use egui::Context;
use ota_keys::AccessToken;
use zeroize::Zeroizing;

use crate::model::{Action, Fault, Model, Publish, SignIn};
use crate::ui::publish::idle::sentence;
use crate::ui::shell::server_name;
use crate::ui::widgets::{Button, Dialog, TextField, dialog_footer, dialog_message, focus_on_open};
use crate::ui::{Tone, icons};

/// What is typed in the dialog that asks for a token.
#[derive(Default)]
pub struct TokenForm {
    token: Zeroizing<String>,
    reveal: bool,
    /// What was typed is being tried.
    tried: bool,
}

/// The question.
pub(super) fn sign_in_ui(
    ctx: &Context,
    model: &Model,
    sign_in: &SignIn,
    form: &mut TokenForm,
    actions: &mut Vec<Action>,
) {
    let title = format!("{} no longer accepts your token", server_name(model));
    let happened = first_sentence(&sign_in.fault.message);
    let kept = kept(model);
    let to_do = format!(
        "{} Paste it here; you return to where you were.",
        sign_in.fault.hint.as_deref().map_or_else(
            || "Ask whoever runs the server for a new token.".to_owned(),
            sentence
        )
    );
    let facts = [
        ("What happened", happened.as_str()),
        ("Not affected", kept),
        ("What to do", to_do.as_str()),
    ];
    let failed = sign_in.failed.as_ref().map(why_not);
    let mut close = false;
    let mut again = false;
    let shown = Dialog::new("token", &title).show(ctx, |ui| {
        let look = (Tone::Caution, icons::IDENTIFICATION_BADGE.fill());
        dialog_message(ui, look, &title, &facts, |ui| {
            ui.add_space(4.0);
            let field = TextField::new("Access token")
                .hint("kept in the OS keyring")
                .placeholder("swt_…")
                .mono()
                .enabled(!sign_in.busy)
                .error(failed.as_deref())
                .password(&mut form.reveal);
            let response = field.ui(ui, &mut form.token);
            focus_on_open(ui, &response);
            // Refused: it is typed again.
            if std::mem::replace(&mut form.tried, sign_in.busy) && !sign_in.busy {
                response.request_focus();
            }
        });
        dialog_footer(ui, "", |ui| {
            let stay = Button::secondary("Stay read-only").keycap("Esc");
            close |= stay.ui(ui).clicked();
            let missing = if sign_in.busy {
                Some("Waiting for the server")
            } else if form.token.trim().is_empty() {
                Some("Paste a token first")
            } else {
                None
            };
            let label = if sign_in.busy {
                "Signing in…"
            } else {
                "Sign in again"
            };
            let button = Button::primary(label).name("Sign in again");
            again |= button.disabled(missing).ui(ui).clicked();
        });
    });
    if again {
        actions.push(Action::SignInAgain(AccessToken::new(form.token.trim())));
    }
    if (close || shown.escaped) && !sign_in.busy {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

/// What the person has under way is not lost.
const fn kept(model: &Model) -> &'static str {
    match &model.publish {
        Publish::Review(_) => {
            "Devices, what channels offer, your signing keys, and the build under review with what you typed."
        }
        _ => "Devices, what channels offer, and your signing keys.",
    }
}

fn why_not(fault: &Fault) -> String {
    sentence(&first_sentence(&fault.message))
}

/// What happened, without what the dialog says in its own rows.
fn first_sentence(message: &str) -> String {
    match message.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => sentence(message),
    }
}
