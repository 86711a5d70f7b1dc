//! When there is no key to show: none was made, or the keyring does not give them.

use egui::{Align, Layout, Rect, Ui, UiBuilder, vec2};

use crate::model::{Action, Dialog, Fault, FaultKind, Page};
use crate::ui::publish::idle::sentence;
use crate::ui::widgets::{Button, EmptyState, card, dialog_message, row, rule};
use crate::ui::{Icon, Tone, icons};

/// No key was made or imported yet.
pub(super) fn empty_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    let free = ui.max_rect();
    let rect = Rect::from_center_size(free.center() - vec2(0.0, 40.0), vec2(360.0, 180.0));
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        let text = "Every release is signed with a key that stays on this computer. Devices install nothing else.";
        let button = Button::primary("Make the first key…").icon(icons::PLUS);
        let pressed = EmptyState::new(icons::KEY, "No key yet", text).ui(ui, Some(button));
        if pressed.is_some_and(|button| button.clicked()) {
            actions.push(Action::Open(Dialog::NewKey {
                failed: None,
                busy: false,
            }));
        }
    });
}

/// What is the matter with the keyring, and what mends it.
struct Remedy {
    icon: Icon,
    title: &'static str,
    not_affected: &'static str,
    what_to_do: &'static str,
}

fn remedy(kind: &FaultKind) -> Remedy {
    let unaffected = "Devices, channels and what is live. Promote and roll back need no key.";
    match kind {
        FaultKind::KeyringLocked => Remedy {
            icon: icons::LOCK_KEY.fill(),
            title: "The keyring is locked",
            not_affected: unaffected,
            what_to_do: "Try again and unlock it: your system asks for the password, Switchtower never sees it. Or keep keys in files of their own.",
        },
        FaultKind::KeyringAbsent => Remedy {
            icon: icons::PLUGS,
            title: "This computer has no keyring that answers",
            not_affected: unaffected,
            what_to_do: "Keep keys in files that only their password opens. Or start a keyring such as GNOME Keyring, KWallet or KeePassXC, and try again.",
        },
        FaultKind::KeyringDenied => Remedy {
            icon: icons::PROHIBIT,
            title: "The keyring refused access",
            not_affected: unaffected,
            what_to_do: "Try again and allow access when the system asks. In a sandbox, give the app permission to use the keyring.",
        },
        _ => Remedy {
            icon: icons::WARNING.fill(),
            title: "The keys could not be read",
            not_affected: unaffected,
            what_to_do: "Try again.",
        },
    }
}

/// The way without a keyring: the dialog of a new key, which goes into a file.
fn files_ui(ui: &mut Ui, button: fn(&'static str) -> Button<'static>, actions: &mut Vec<Action>) {
    let files = button("Keep keys in password-protected files…").icon(icons::FILE);
    if files.ui(ui).clicked() {
        actions.push(Action::Open(Dialog::NewKey {
            failed: None,
            busy: false,
        }));
    }
}

/// The keyring does not give its keys.
pub(super) fn fault_ui(ui: &mut Ui, fault: &Fault, actions: &mut Vec<Action>) {
    let remedy = remedy(&fault.kind);
    let known = matches!(
        fault.kind,
        FaultKind::KeyringLocked | FaultKind::KeyringAbsent | FaultKind::KeyringDenied
    );
    let what_to_do = match &fault.hint {
        Some(hint) if !known => hint.as_str(),
        _ => remedy.what_to_do,
    };
    let what_happened = sentence(&fault.message);
    let free = ui.max_rect();
    let width = 560.0_f32.min(free.width() - 40.0);
    let rect = Rect::from_center_size(free.center() - vec2(0.0, 60.0), vec2(width, 250.0));
    let builder = UiBuilder::new()
        .max_rect(rect)
        .layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        card(ui, |ui| {
            let facts = [
                ("What happened", what_happened.as_str()),
                ("Not affected", remedy.not_affected),
                ("What to do", what_to_do),
            ];
            dialog_message(
                ui,
                (Tone::Caution, remedy.icon),
                remedy.title,
                &facts,
                |_| (),
            );
            rule(ui);
            row(ui, 52.0, 8.0, |ui| {
                ui.add_space(72.0);
                // The way that works here comes first.
                let absent = fault.kind == FaultKind::KeyringAbsent;
                if absent {
                    files_ui(ui, Button::primary, actions);
                }
                let again = if absent {
                    Button::secondary
                } else {
                    Button::primary
                };
                let again = again("Try again").icon(icons::ARROWS_CLOCKWISE);
                if again.ui(ui).clicked() {
                    actions.push(Action::Go(Page::Keys));
                }
                if !absent {
                    files_ui(ui, Button::secondary, actions);
                }
            });
        });
    });
}
