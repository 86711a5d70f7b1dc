//! The keys, one below the other.

use egui::{
    CursorIcon, Frame, Margin, Rect, Response, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};
use ota_keys::CustodyKind;

use super::{Entry, KeysForm, is_narrow};
use crate::model::{Action, Dialog, FaultKind, Model, Page, UnlistedFile};
use crate::ui::publish::idle::sentence;
use crate::ui::publish::layout::{pinned, place};
use crate::ui::widgets::{
    Banner, Button, Chip, Strip, label_line, paint_focus_ring, row, rule, skeleton, trailing,
};
use crate::ui::{Font, Tokens, Tone, icons};

const HEAD: f32 = 48.0;
const ROW: f32 = 58.0;

/// Keyring, buttons, keys, and what never happens.
pub(super) fn list_ui(
    ui: &mut Ui,
    model: &Model,
    entries: &[Entry<'_>],
    selected: Option<Entry<'_>>,
    form: &mut KeysForm,
    actions: &mut Vec<Action>,
) {
    let whole = ui.max_rect();
    head_ui(ui, model, actions);
    rule(ui);
    let top = ui.cursor().top();
    let inner = whole.shrink2(vec2(16.0, 0.0));
    let above = pinned(ui, inner, "keys-note", |ui| {
        Banner::note(icons::SHIELD_CHECK, "Private keys never reach the server")
            .text("They stay on this computer, in its keyring or in files that only their password opens. The server and your devices only ever see the public half.")
            .ui(ui);
        ui.add_space(16.0);
    });
    let rows = whole.with_min_y(top).with_max_y(above.bottom() - 12.0);
    place(ui, rows, "keys-rows", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            troubles_ui(ui, model, entries, actions);
            if model.keys.is_waiting() && entries.is_empty() {
                loading_ui(ui);
            }
            for entry in entries {
                let is_selected =
                    selected.is_some_and(|chosen| chosen.selected() == entry.selected());
                if row_ui(ui, entry, is_selected).clicked() {
                    form.selected = entry.selected();
                }
                rule(ui);
            }
            unlisted_ui(ui, model);
        });
    });
}

fn head_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    row(ui, HEAD, 8.0, |ui| {
        ui.add_space(16.0);
        let open = model.keys.keyring.fault().is_none();
        let (icon, color) = if open {
            (icons::LOCK_KEY_OPEN.fill(), tokens.go)
        } else {
            (icons::LOCK_KEY.fill(), tokens.caution)
        };
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
        icon.paint(ui.painter(), rect.center(), 14.0, color);
        let word = match model.keys.keyring.fault().map(|fault| &fault.kind) {
            None => "OS keyring",
            Some(FaultKind::KeyringAbsent) => "No keyring",
            Some(FaultKind::KeyringDenied) => "Keyring, no access",
            Some(_) => "Keyring locked",
        };
        label_line(ui, Font::Small, tokens.tx_secondary, word);
        trailing(ui, HEAD, 8.0, |ui| {
            let narrow = is_narrow(ui);
            let sized = |button: Button<'static>| if narrow { button.small() } else { button };
            let import = sized(Button::secondary("Import…").icon(icons::DOWNLOAD_SIMPLE));
            let new = sized(Button::secondary("New key…").icon(icons::PLUS));
            if import.ui(ui).clicked() {
                actions.push(Action::Open(Dialog::ImportKey {
                    path: None,
                    failed: None,
                    busy: false,
                }));
            }
            if new.ui(ui).clicked() {
                actions.push(Action::Open(Dialog::NewKey {
                    failed: None,
                    busy: false,
                }));
            }
            ui.add_space(4.0);
        });
    });
}

/// One custody does not answer while the other one does: its keys are not listed, or as they were.
fn troubles_ui(ui: &mut Ui, model: &Model, entries: &[Entry<'_>], actions: &mut Vec<Action>) {
    let keyring = model.keys.keyring.fault().filter(|fault| {
        // Without a keyring there is nothing to unlock: the head of the list says so, and that is enough.
        let known = model
            .keys
            .keyring
            .latest()
            .is_some_and(|keys| !keys.is_empty());
        !entries.is_empty() && (known || fault.kind != FaultKind::KeyringAbsent)
    });
    let files = model.keys.files.fault();
    for (fault, icon) in keyring
        .map(|fault| (fault, icons::LOCK_KEY.fill()))
        .into_iter()
        .chain(files.map(|fault| (fault, icons::FOLDER)))
    {
        Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
            Banner::new(Tone::Caution, icon, &fault.message)
                .text(&sentence(fault.hint.as_deref().unwrap_or("")))
                .ui_with(ui, |ui| {
                    if Button::secondary("Try again").small().ui(ui).clicked() {
                        actions.push(Action::Go(Page::Keys));
                    }
                });
        });
    }
}

/// Files of the key folder that are not used, and why.
fn unlisted_ui(ui: &mut Ui, model: &Model) {
    let files = model.keys.files.latest();
    let unlisted = files.map_or(&[][..], |files| files.unlisted.as_slice());
    if unlisted.is_empty() {
        return;
    }
    let title = match unlisted.len() {
        1 => "1 file in the key folder is not used".to_owned(),
        count => format!("{count} files in the key folder are not used"),
    };
    let reason = |file: &UnlistedFile| {
        // The file is named already: the message does not need to say where it is.
        let path = model.key_folder().map(|folder| folder.join(&file.file));
        let path = path.map_or_else(String::new, |path| format!(": {}", path.display()));
        let message = file.fault.message.replace(&path, "");
        let hint = file.fault.hint.as_deref().unwrap_or("");
        format!("{}: {} {}", file.file, sentence(&message), sentence(hint))
    };
    let reasons: Vec<String> = unlisted.iter().map(reason).collect();
    Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
        Banner::note(icons::FILE, &title)
            .text(reasons.join("\n").trim())
            .ui(ui);
    });
}

fn loading_ui(ui: &mut Ui) {
    Frame::new()
        .inner_margin(Margin::symmetric(44, 16))
        .show(ui, |ui| {
            for width in [120.0, 200.0] {
                skeleton(ui, vec2(width, 10.0));
                ui.add_space(8.0);
            }
        });
}

fn row_ui(ui: &mut Ui, entry: &Entry<'_>, selected: bool) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let (chip, word) = chip(entry);
    let state = state(entry);
    let id = entry.id().map_or("", ota_model::KeyId::as_str);
    response.widget_info(|| {
        let kept = custody(entry).map_or_else(String::new, |kept| format!("{kept}, "));
        let name = format!("{}, {id}, {kept}{word}, {state}", entry.name());
        WidgetInfo::selected(Role::ListBoxOption, true, selected, name)
    });
    let fill = match (selected, response.hovered()) {
        (true, _) => Some(tokens.bg_selected),
        (false, true) => Some(tokens.bg_hover),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
    let width = chip_width(ui, word);
    let place = Rect::from_min_size(
        egui::pos2(rect.right() - 16.0 - width, rect.center().y - 10.0),
        vec2(width, 20.0),
    );
    // A child of its own: the row has its place already, and what follows comes below it.
    let mut beside = ui.new_child(egui::UiBuilder::new().max_rect(place));
    chip.ui(&mut beside);

    let trusted_here = entry.here.is_some() && entry.trusted.is_some();
    let color = if trusted_here {
        tokens.go
    } else {
        tokens.tx_tertiary
    };
    let icon = egui::pos2(rect.left() + 26.0, rect.center().y);
    icons::KEY.fill().paint(ui.painter(), icon, 18.0, color);
    let top = rect.center().y - 18.0;
    let mut first = Strip::new(ui, rect).at(top, 18.0);
    first.left_at(46.0);
    first.right_at(28.0 + width);
    let narrow = is_narrow(ui);
    // Without room, what is usual goes without saying.
    let kept = custody(entry).filter(|kept| !narrow || *kept == FILE);
    let kept = kept.unwrap_or_default();
    // Where a long name is cut, the tag after it is still there.
    first.space_right(tag_width(ui, kept));
    first.text(Font::BodyStrong, tokens.tx_primary, entry.name());
    if !kept.is_empty() {
        first.space(8.0);
        first.pill(
            kept,
            tokens.tx_secondary,
            tokens.bg_raised,
            tokens.st_default,
        );
    }
    let mut second = Strip::new(ui, rect).at(top + 19.0, 16.0);
    second.left_at(46.0);
    second.right_at(28.0 + width);
    second.text(Font::MonoTag, tokens.tx_secondary, id);
    // Without room for it, the detail alone says so.
    if !narrow {
        second.text(Font::Small, tokens.tx_tertiary, &format!(" · {state}"));
    }
    paint_focus_ring(ui, &response, rect, 2, -2.0);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

const FILE: &str = "file";

/// Where a key of this computer is kept, in a word.
fn custody(entry: &Entry<'_>) -> Option<&'static str> {
    match entry.here?.custody {
        CustodyKind::Keyring => Some("keyring"),
        CustodyKind::File => Some(FILE),
        CustodyKind::Memory => Some("memory"),
    }
}

fn tag_width(ui: &Ui, word: &str) -> f32 {
    if word.is_empty() {
        return 0.0;
    }
    let color = egui::Color32::PLACEHOLDER;
    let galley = ui
        .painter()
        .layout_no_wrap(word.to_owned(), Font::MonoTag.id(), color);
    galley.size().x + 12.0 + 8.0
}

fn chip_width(ui: &Ui, word: &str) -> f32 {
    let font = Font::SmallStrong.id();
    let color = egui::Color32::PLACEHOLDER;
    let galley = ui.painter().layout_no_wrap(word.to_owned(), font, color);
    (galley.size().x + 33.0).ceil()
}

/// What the app makes of a key.
pub(super) fn chip(entry: &Entry<'_>) -> (Chip<'static>, &'static str) {
    let (tone, icon, word) = match (entry.here, entry.trusted) {
        (Some(_), Some(_)) => (Tone::Go, icons::CHECK_CIRCLE.fill(), "Active"),
        (Some(_), None) => (Tone::Idle, icons::CIRCLE_DASHED, "Not trusted"),
        (None, _) => (Tone::Idle, icons::ARCHIVE, "Not here"),
    };
    (Chip::new(tone, icon, word), word)
}

fn state(entry: &Entry<'_>) -> &'static str {
    match entry.here {
        Some(key) if key.backed_up_at.is_some() => "backed up",
        Some(_) => "not backed up",
        None => "public half only",
    }
}
