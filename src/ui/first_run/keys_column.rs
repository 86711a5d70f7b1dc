//! Where signing keys live: said before there is one.

use egui::{Rect, Sense, Ui, vec2};

use super::column_head;
use crate::model::{Fault, FaultKind};
use crate::ui::place;
use crate::ui::widgets::label;
use crate::ui::{Font, Icon, Tokens, icons};

/// The third column, without a card: there is nothing to press.
///
/// `fault` is what is the matter with the keyring.
pub(super) fn keys_ui(ui: &mut Ui, rect: Rect, fault: Option<&Fault>) {
    let inner = rect
        .shrink2(vec2(20.0, 20.0))
        .with_max_x(rect.right() - 4.0);
    place::place(ui, inner, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        column_head(
            ui,
            icons::KEY,
            "What happens to keys",
            "Devices only accept updates signed with your key, so it matters where it lives.",
        );
        ui.add_space(14.0);
        let points = [
            whereabouts(fault),
            (
                icons::DEVICE_MOBILE,
                "Its public half, in your app",
                "You paste it into the app’s config once. Keys shows it in the form each client wants.",
            ),
            (
                icons::FLOPPY_DISK,
                "One backup, somewhere safe",
                "Switchtower writes an encrypted copy and checks it. Without the key, no one can update existing installs.",
            ),
            (
                icons::USERS,
                "Support needs no key",
                "Rolling back re-uses signatures that already exist.",
            ),
        ];
        for (icon, title, text) in points {
            let tokens = Tokens::of(ui);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                let (rect, _) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
                icon.paint(ui.painter(), rect.center(), 16.0, tokens.tx_secondary);
                ui.vertical(|ui| {
                    label(ui, Font::BodyStrong, tokens.tx_primary, title);
                    label(ui, Font::Small, tokens.tx_tertiary, text);
                });
            });
            ui.add_space(14.0);
        }
    });
}

/// The keyring, or files where it does not answer.
fn whereabouts(fault: Option<&Fault>) -> (Icon, &'static str, &'static str) {
    match fault.map(|fault| &fault.kind) {
        None => (
            icons::LOCK_KEY,
            "In this computer’s keyring",
            "Made here, or imported from a file you already have. The server never sees the private half.",
        ),
        Some(FaultKind::KeyringAbsent) => (
            icons::FILE,
            "In files that only their password opens",
            "No keyring answers on this computer. The server never sees the private half.",
        ),
        Some(_) => (
            icons::LOCK_KEY,
            "In this computer’s keyring, or in files",
            "The keyring is not open now. A file needs none: its password opens it.",
        ),
    }
}
