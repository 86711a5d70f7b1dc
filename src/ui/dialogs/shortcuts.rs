//! The keys of the keyboard.

use egui::{Context, Ui, vec2};

use crate::model::Action;
use crate::ui::widgets::{
    Button, Dialog, dialog_body, dialog_footer, dialog_header, focus_on_open, keycap, label_line,
    row,
};
use crate::ui::{Font, Tokens, Tone, icons};

const EVERYWHERE: [(&[&str], &str); 8] = [
    (&["1", "2", "3", "4"], "Channels, Publish, Keys, Settings"),
    (&["Ctrl", "1"], "First app, and so on to 9"),
    (&["Ctrl", "O"], "Choose a build"),
    (&["F5"], "Refresh now, also Ctrl R"),
    (&["Tab"], "Next control, Shift Tab for the one before"),
    (&["Esc"], "Close, the safe choice"),
    (&["Ctrl", "+"], "Larger; Ctrl − smaller, Ctrl 0 as it was"),
    (&["?"], "This list"),
];

const CARDS: [(&[&str], &str); 3] = [
    (&["←", "→"], "The channel before, the channel after"),
    (&["R"], "Roll back…"),
    (&["M"], "Promote…"),
];

/// The list.
pub(super) fn shortcuts_ui(ctx: &Context, actions: &mut Vec<Action>) {
    let mut close = false;
    let shown = Dialog::new("shortcuts", "Shortcuts")
        .width(520.0)
        .show(ctx, |ui| {
            close |= dialog_header(
                ui,
                Tone::Idle,
                icons::KEYBOARD,
                "Shortcuts",
                "Everything has a key",
            );
            dialog_body(ui, |ui| {
                group_ui(ui, "Everywhere", &EVERYWHERE);
                ui.add_space(12.0);
                group_ui(ui, "On a channel", &CARDS);
            });
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

fn group_ui(ui: &mut Ui, title: &str, keys: &[(&[&str], &str)]) {
    let tokens = Tokens::of(ui);
    label_line(ui, Font::CardTitle, tokens.tx_primary, title);
    ui.add_space(4.0);
    for (keys, text) in keys {
        row(ui, 28.0, 4.0, |ui| {
            let left = ui.cursor().left();
            for key in *keys {
                keycap(ui, key);
            }
            let used = ui.cursor().left() - left;
            ui.allocate_space(vec2((120.0 - used).max(4.0), 1.0));
            label_line(ui, Font::Body, tokens.tx_secondary, *text);
        });
    }
}
