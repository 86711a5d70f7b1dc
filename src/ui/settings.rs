//! The Settings page: how it looks, which server, where things are kept.

use egui::{Frame, Margin, ScrollArea, Sense, Ui, vec2};

use super::keys::{KeysForm, place_ui};
use super::shell::server_name;
use super::widgets::{
    Button, Segment, card, copy_button, icon_button, key_value, key_value_text, label, label_line,
    rule, section_head, segmented,
};
use super::{Font, Tokens, icons, keyboard};
use crate::model::{Action, Dialog, Link, Model, ServerChoice, ThemeChoice, words};

/// The column's greatest width: longer lines are hard to read.
const WIDTH: f32 = 720.0;

/// The page.
pub(super) fn settings_ui(
    ui: &mut Ui,
    model: &Model,
    data_folder: &str,
    keys: &mut KeysForm,
    actions: &mut Vec<Action>,
) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new()
            .inner_margin(Margin::symmetric(20, 20))
            .show(ui, |ui| {
                ui.set_max_width(WIDTH.min(ui.available_width()));
                ui.spacing_mut().item_spacing.y = 0.0;
                section(ui, "Appearance", "", |ui| appearance_ui(ui, model, actions));
                section(ui, "Server", "", |ui| {
                    server_ui(ui, model, data_folder, actions);
                });
                section(ui, "Signing keys", "", |ui| {
                    place_ui(ui, model, keys, actions);
                });
                section(ui, "Keyboard", "", |ui| keyboard_ui(ui, actions));
                section(ui, "About", "", about_ui);
            });
    });
}

fn section(ui: &mut Ui, title: &str, remark: &str, content: impl FnOnce(&mut Ui)) {
    section_head(ui, title, remark);
    ui.add_space(8.0);
    card(ui, |ui| {
        ui.add_space(4.0);
        content(ui);
        ui.add_space(4.0);
    });
    ui.add_space(24.0);
}

fn appearance_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    setting(ui, "Theme", |ui| {
        let mut theme = model.settings.theme;
        let segments = [
            Segment::new(ThemeChoice::System, "System"),
            Segment::new(ThemeChoice::Light, "Light"),
            Segment::new(ThemeChoice::Dark, "Dark"),
        ];
        if segmented(ui, "Theme", &segments, &mut theme) {
            actions.push(Action::SetTheme(theme));
        }
    });
    rule(ui);
    setting(ui, "Zoom", |ui| {
        let tokens = Tokens::of(ui);
        let zoom = ui.ctx().zoom_factor();
        if icon_button(ui, icons::MINUS, "Zoom out").clicked() {
            keyboard::zoom_out(ui.ctx());
        }
        let text = format!("{:.0}%", zoom * 100.0);
        ui.allocate_ui_with_layout(
            vec2(44.0, 28.0),
            egui::Layout::centered_and_justified(egui::Direction::LeftToRight),
            |ui| label_line(ui, Font::Mono, tokens.tx_primary, text),
        );
        if icon_button(ui, icons::PLUS, "Zoom in").clicked() {
            keyboard::zoom_in(ui.ctx());
        }
        ui.add_space(6.0);
        let keys = "Ctrl + and Ctrl −, Ctrl 0 for 100%";
        label_line(ui, Font::Small, tokens.tx_tertiary, keys);
    });
}

fn server_ui(ui: &mut Ui, model: &Model, data_folder: &str, actions: &mut Vec<Action>) {
    let embedded = model.settings.server == Some(ServerChoice::Embedded);
    let kind = if embedded {
        "A server inside Switchtower, for this computer alone".to_owned()
    } else {
        server_name(model)
    };
    fact(ui, "Server", Font::Body, &kind);
    let connected = match &model.link {
        Link::Up(connected) => Some(connected),
        Link::Down { last, .. } => last.as_ref(),
        Link::FirstRun { .. } | Link::Starting => None,
    };
    if let Some(connected) = connected {
        rule(ui);
        let url = &connected.url;
        copied(ui, "Address", url, "server address");
        rule(ui);
        let session = &connected.session;
        let who = format!("{}, {}", session.operator, session.role.label());
        fact(ui, "You", Font::Body, &who);
        rule(ui);
        let until = session.expires_at.map_or_else(
            || "does not expire".to_owned(),
            |at| format!("until {}", words::date(at)),
        );
        let token = if embedded && session.expires_at.is_some() {
            format!("made for this sitting, {until}")
        } else if !connected.token_kept {
            format!("kept until you close Switchtower, {until}")
        } else {
            format!("in the OS keyring, {until}")
        };
        fact(ui, "Access token", Font::Body, &token);
        rule(ui);
        fact(ui, "Version", Font::Mono, &session.server.version);
    }
    if embedded && !data_folder.is_empty() {
        rule(ui);
        copied(ui, "Data", data_folder, "data folder");
    }
    rule(ui);
    setting(ui, "Disconnect", |ui| {
        let tokens = Tokens::of(ui);
        let (word, means) = if embedded {
            ("Stop and disconnect", "Its data stays in the folder above")
        } else {
            ("Disconnect", "Nothing changes on the server or on devices")
        };
        let button = Button::secondary(word).small().icon(icons::SIGN_OUT);
        if button.ui(ui).clicked() {
            actions.push(Action::Disconnect);
        }
        ui.add_space(4.0);
        label_line(ui, Font::Small, tokens.tx_tertiary, means);
    });
}

fn keyboard_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
    setting(ui, "Shortcuts", |ui| {
        let button = Button::secondary("Show all shortcuts")
            .small()
            .icon(icons::KEYBOARD)
            .keycap("?");
        if button.ui(ui).clicked() {
            actions.push(Action::Open(Dialog::Shortcuts));
        }
    });
}

fn about_ui(ui: &mut Ui) {
    fact(ui, "Switchtower", Font::Mono, env!("CARGO_PKG_VERSION"));
    rule(ui);
    fact(ui, "Licence", Font::Body, "MIT or Apache-2.0, as you like");
    rule(ui);
    Frame::new()
        .inner_margin(Margin::symmetric(14, 8))
        .show(ui, |ui| {
            let tokens = Tokens::of(ui);
            let text = "Fonts: Inter and JetBrains Mono (SIL OFL). Icons: Phosphor (MIT).";
            label(ui, Font::Small, tokens.tx_tertiary, text);
        });
}

fn fact(ui: &mut Ui, key: &str, font: Font, value: &str) {
    key_value_text(ui, key, font, value);
}

/// A value that people paste elsewhere.
fn copied(ui: &mut Ui, key: &str, value: &str, what: &str) {
    key_value(ui, key, |ui| {
        let tokens = Tokens::of(ui);
        let room = ui.available_width() - 44.0;
        ui.scope(|ui| {
            ui.set_max_width(room);
            label_line(ui, Font::Mono, tokens.tx_primary, value);
        });
        copy_button(ui, "", what, value);
    });
}

/// A row, 44 high, with a control beside its name.
fn setting(ui: &mut Ui, key: &str, content: impl FnOnce(&mut Ui)) {
    ui.add_space(6.0);
    key_value(ui, key, content);
    let (_, _) = ui.allocate_exact_size(vec2(1.0, 6.0), Sense::hover());
}
