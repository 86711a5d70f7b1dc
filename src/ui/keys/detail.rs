//! One key: whether it is trusted and backed up, and its public half as each client wants it.

use egui::text::LayoutJob;
use egui::{
    CornerRadius, Frame, Margin, Popup, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, vec2,
};
use ota_keys::{CustodyKind, KeyInfo, PublicKey};

use super::{Entry, app_name, is_narrow, list};
use crate::model::{Action, Dialog, KeyRef, Model, words};
use crate::ui::style::menu_shadow;
use crate::ui::theme::radius;
use crate::ui::widgets::{
    Banner, Button, card, code_well, copy_button, icon_button, key_value, key_value_text,
    label_line, menu_item, row, rule, section_head, trailing,
};
use crate::ui::{Font, Tokens, Tone, icons};

/// The panel at the right.
pub(super) fn detail_ui(ui: &mut Ui, model: &Model, entry: Entry<'_>, actions: &mut Vec<Action>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new()
            .inner_margin(Margin::symmetric(20, 16))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 0.0;
                head_ui(ui, model, entry, actions);
                ui.add_space(14.0);
                banners_ui(ui, model, entry, actions);
                public_ui(ui, entry.public());
                facts_ui(ui, model, entry, actions);
            });
    });
}

fn head_ui(ui: &mut Ui, model: &Model, entry: Entry<'_>, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    row(ui, 40.0, 12.0, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
        tile(ui, rect, entry);
        ui.vertical(|ui| {
            let buttons = match entry.here {
                Some(key) if key.backed_up_at.is_some() => 150.0,
                Some(_) => 46.0,
                None => 0.0,
            };
            ui.set_width((ui.available_width() - buttons).max(120.0));
            ui.spacing_mut().item_spacing.y = 0.0;
            row(ui, 24.0, 8.0, |ui| {
                label_line(ui, Font::Heading, tokens.tx_primary, entry.name());
                list::chip(&entry).0.ui(ui);
            });
            let since = match (entry.here, entry.trusted) {
                (Some(key), _) => {
                    let when = words::ago(key.created_at, model.now);
                    format!("{}, made here {when}", words::kept(key.custody))
                }
                (None, Some(known)) => {
                    format!("trusted {}", words::ago(known.added_at, model.now))
                }
                (None, None) => String::new(),
            };
            let text = format!("Ed25519, minisign format · {since}");
            label_line(ui, Font::Small, tokens.tx_tertiary, text);
        });
        let Some(key) = entry.here else {
            return;
        };
        trailing(ui, 40.0, 6.0, |ui| {
            if key.backed_up_at.is_some() {
                let name = format!("Back up {} again…", key.name);
                let again = Button::secondary("Back up…")
                    .icon(icons::FLOPPY_DISK)
                    .name(&name);
                if again.ui(ui).clicked() {
                    actions.push(back_up(key));
                }
            }
            more_ui(ui, model, entry, key, actions);
        });
    });
}

fn tile(ui: &Ui, rect: Rect, entry: Entry<'_>) {
    let tone = if entry.here.is_some() && entry.trusted.is_some() {
        Tone::Go
    } else {
        Tone::Idle
    };
    let colors = Tokens::of(ui).tone(tone);
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::LG),
        colors.fill,
        Stroke::new(1.0, colors.outline),
        StrokeKind::Inside,
    );
    icons::KEY
        .fill()
        .paint(ui.painter(), rect.center(), 20.0, colors.text);
}

fn back_up(key: &KeyInfo) -> Action {
    Action::Open(Dialog::BackUpKey {
        key: key.clone(),
        path: None,
        failed: None,
        busy: false,
    })
}

/// Rename and delete, behind three dots.
fn more_ui(ui: &mut Ui, model: &Model, entry: Entry<'_>, key: &KeyInfo, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let name = format!("More about {}", key.name);
    let button = icon_button(ui, icons::DOTS_THREE, &name);
    let frame = Frame::new()
        .fill(tokens.bg_raised)
        .stroke(Stroke::new(1.0, tokens.st_default))
        .corner_radius(CornerRadius::same(radius::LG))
        .shadow(menu_shadow(tokens))
        .inner_margin(Margin::same(4));
    Popup::menu(&button)
        .frame(frame)
        .gap(4.0)
        .width(190.0)
        .accessible_name(&name)
        .show(|ui| {
            ui.set_width(190.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            let rename = menu_item(ui, Some(icons::PENCIL_SIMPLE), "Rename…", "", None);
            if rename.clicked() {
                actions.push(Action::Open(Dialog::RenameKey {
                    key: key.clone(),
                    failed: None,
                }));
            }
            let delete = menu_item(ui, Some(icons::TRASH), "Delete…", "", None);
            if delete.clicked() {
                let app = entry.trusted.and_then(|_| app_name(model));
                actions.push(Action::Open(Dialog::DeleteKey {
                    key: key.clone(),
                    trusted_by: app.map(str::to_owned).into_iter().collect(),
                    failed: None,
                }));
            }
        });
}

fn banners_ui(ui: &mut Ui, model: &Model, entry: Entry<'_>, actions: &mut Vec<Action>) {
    let app = app_name(model);
    let Some(key) = entry.here else {
        Banner::note(icons::INFO, "The private half is not on this computer")
            .text("Releases signed with it are still good. To sign with it here, import its backup file.")
            .ui(ui);
        ui.add_space(12.0);
        return;
    };
    let name = key.name.as_str();
    if let (None, Some(app)) = (entry.trusted, app) {
        let title = format!("{app} does not trust this key");
        let cannot = model.cannot_administer();
        Banner::new(Tone::Staged, icons::INFO.fill(), &title)
            .text("The server refuses what it signs. Trusting it also makes the signed bundle that brings devices back to their built-in assets.")
            .ui_with(ui, |ui| {
                let label = format!("Trust for {app}");
                let full = format!("Trust {name} for {app}");
                let button = Button::secondary(&label).icon(icons::SEAL_CHECK).name(&full);
                if button.disabled(cannot.as_deref()).ui(ui).clicked() {
                    actions.push(Action::TrustKey(KeyRef::from(key)));
                }
            });
        ui.add_space(12.0);
    }
    if key.backed_up_at.is_none() {
        let trusting = match (entry.trusted, app) {
            (Some(_), Some(app)) => format!("no one can publish to the devices of {app}"),
            _ => "the key is gone for good".to_owned(),
        };
        let text = format!("If this computer is lost, {trusting}. A backup takes a minute.");
        let label = format!("Back up {name}…");
        Banner::new(Tone::Caution, icons::WARNING.fill(), "Not backed up")
            .text(&text)
            .ui_with(ui, |ui| {
                let button = Button::secondary(&label).icon(icons::FLOPPY_DISK);
                if button.ui(ui).clicked() {
                    actions.push(back_up(key));
                }
            });
        ui.add_space(12.0);
    }
}

fn public_ui(ui: &mut Ui, public: Option<PublicKey>) {
    let Some(public) = public else {
        return;
    };
    ui.add_space(2.0);
    section_head(
        ui,
        "Public key, as each client wants it",
        "The same key in two forms",
    );
    ui.add_space(12.0);
    form_ui(
        ui,
        "hotswap",
        "plugins › hotswap › pubkey",
        &public.hotswap(),
        "The bare minisign line, in tauri.conf.json of each binary that shall take updates.",
    );
    ui.add_space(12.0);
    form_ui(
        ui,
        "Tauri updater",
        "plugins › updater › pubkey",
        &public.tauri(),
        "The same key file in base64, comment line included: the updater takes no bare line.",
    );
}

/// One spelling of the key: where it goes, the line, a remark.
fn form_ui(ui: &mut Ui, client: &str, place: &str, value: &str, remark: &str) {
    let tokens = Tokens::of(ui);
    let line = format!("\"pubkey\": \"{value}\"");
    card(ui, |ui| {
        row(ui, 40.0, 10.0, |ui| {
            ui.add_space(14.0);
            label_line(ui, Font::BodyStrong, tokens.tx_primary, client);
            let width = (ui.available_width() - 210.0).max(60.0);
            ui.allocate_ui(vec2(width, 18.0), |ui| {
                let place = if is_narrow(ui) {
                    place.to_owned()
                } else {
                    format!("tauri.conf.json › {place}")
                };
                label_line(ui, Font::Mono, tokens.tx_tertiary, place);
            });
            trailing(ui, 40.0, 6.0, |ui| {
                copy_button(ui, "Copy", &format!("public key for {client}"), value);
                copy_button(ui, "Copy line", &format!("JSON line for {client}"), &line);
                ui.add_space(10.0);
            });
        });
        rule(ui);
        let mut job = LayoutJob::default();
        job.append("\"pubkey\": ", 0.0, Font::Mono.format(tokens.tx_secondary));
        job.append(&format!("\"{value}\""), 0.0, Font::Mono.format(tokens.go));
        job.wrap.break_anywhere = true;
        code_well(ui, CornerRadius::ZERO, job);
        rule(ui);
        row(ui, 30.0, 0.0, |ui| {
            ui.add_space(14.0);
            label_line(ui, Font::Small, tokens.tx_tertiary, remark);
        });
    });
}

/// Where the private half is, and what opens it.
fn kept_ui(ui: &mut Ui, model: &Model, key: &KeyInfo, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let Some(folder) = model
        .key_folder()
        .filter(|_| key.custody == CustodyKind::File)
    else {
        key_value_text(ui, "Kept in", Font::Body, "OS keyring");
        return;
    };
    key_value(ui, "Kept in", |ui| {
        let file = folder.join(format!("{}.key", key.name));
        let path = file.display().to_string();
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 44.0);
            label_line(ui, Font::Mono, tokens.tx_primary, path.as_str());
        });
        copy_button(ui, "", "path of the key file", &path);
    });
    rule(ui);
    key_value(ui, "Password", |ui| {
        if model.keys.remembers(&KeyRef::from(key)) {
            let text = "Remembered until you close Switchtower";
            label_line(ui, Font::Body, tokens.tx_primary, text);
            let name = format!("Forget the password of {}", key.name);
            let forget = Button::ghost("Forget it").small().name(&name);
            if forget.ui(ui).clicked() {
                actions.push(Action::ForgetPassword(key.name.clone()));
            }
        } else {
            let text = "Asked for when it signs";
            label_line(ui, Font::Body, tokens.tx_primary, text);
        }
    });
}

fn facts_ui(ui: &mut Ui, model: &Model, entry: Entry<'_>, actions: &mut Vec<Action>) {
    ui.add_space(12.0);
    let tokens = Tokens::of(ui);
    let app = app_name(model).unwrap_or("no app");
    card(ui, |ui| {
        key_value(ui, "Key id", |ui| {
            let id = entry.id().map_or("", ota_model::KeyId::as_str);
            label_line(ui, Font::Mono, tokens.tx_primary, id);
            label_line(ui, Font::Small, tokens.tx_tertiary, "as minisign prints it");
        });
        rule(ui);
        key_value(ui, "Trusted by", |ui| match entry.trusted {
            Some(known) => {
                label_line(ui, Font::Body, tokens.tx_primary, app);
                let text = format!(
                    "added {} by {}",
                    words::ago(known.added_at, model.now),
                    known.added_by
                );
                label_line(ui, Font::Small, tokens.tx_tertiary, text)
                    .on_hover_text(words::exact(known.added_at));
            }
            None => {
                label_line(ui, Font::Body, tokens.tx_tertiary, format!("not by {app}"));
            }
        });
        if let Some(key) = entry.here {
            rule(ui);
            kept_ui(ui, model, key, actions);
            rule(ui);
            key_value(ui, "Backup", |ui| match key.backed_up_at {
                Some(at) => {
                    let text = format!(
                        "Written, restored and checked {}",
                        words::ago(at, model.now)
                    );
                    label_line(ui, Font::Body, tokens.tx_primary, text)
                        .on_hover_text(words::exact(at));
                }
                None => {
                    label_line(ui, Font::Body, tokens.caution, "None");
                }
            });
        }
    });
}
