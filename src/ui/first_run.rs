//! The first run: a server here, or somebody's server, and what happens to keys.

mod connect;
mod keys_column;

use egui::{
    CornerRadius, Frame, Margin, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

pub use connect::FirstRunForm;

use super::place::place;
use super::theme::radius;
use super::widgets::{
    Button, Lamp, Strip, TrackLine, app_mark, keycap, label, label_line, paint_signal, paint_track,
    paint_track_node, row, trailing,
};
use super::{Font, Forms, Icon, Tokens, icons};
use crate::model::{Action, Fault, Link, Model, ThemeChoice};

/// The widest the three columns get.
const WIDTH: f32 = 1080.0;
const GAP: f32 = 12.0;
const CARD: f32 = 396.0;
const PAD: f32 = 24.0;
/// Header, track and footer around the cards.
const AROUND: f32 = 276.0;

/// The whole window before a server is chosen.
pub(super) fn first_run_ui(
    ui: &mut Ui,
    model: &Model,
    forms: &mut Forms,
    actions: &mut Vec<Action>,
) {
    let Link::FirstRun {
        probed,
        busy,
        failed,
    } = &model.link
    else {
        return;
    };
    let tokens = Tokens::of(ui);
    let window = ui.max_rect();
    ui.painter().rect_filled(window, 0.0, tokens.bg_window);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = WIDTH.min(window.width() - 48.0);
        let top = ((window.height() - CARD - AROUND) * 0.45).max(20.0);
        let left = window.left() + (window.width() - width) / 2.0;
        let page = Rect::from_min_size(
            pos2(left, ui.max_rect().top() + top),
            vec2(width, CARD + AROUND),
        );
        ui.scope_builder(UiBuilder::new().max_rect(page), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            head_ui(ui);
            ui.add_space(36.0);
            track_ui(ui);
            ui.add_space(24.0);
            let (cards, _) = ui.allocate_exact_size(vec2(width, CARD), Sense::hover());
            let column = (width - 2.0 * GAP) / 3.0;
            let at = |index: f32| {
                let min = pos2(cards.left() + index * (column + GAP), cards.top());
                Rect::from_min_size(min, vec2(column, CARD))
            };
            let (here, there) = blame(failed.as_ref(), &forms.first_run);
            try_ui(ui, at(0.0), *busy, here, &forms.data_folder, actions);
            let form = &mut forms.first_run;
            card(ui, at(1.0), |ui| {
                let kept = model.keys.keyring.fault().is_none();
                connect::connect_ui(ui, probed.as_deref(), (*busy, kept), there, form, actions);
            });
            keys_column::keys_ui(ui, at(2.0), model.keys.keyring.fault());
            // The cards have their places; the cursor is where the last of them ended.
            ui.advance_cursor_after_rect(cards);
            ui.add_space(24.0);
            foot_ui(ui, model);
            ui.add_space(20.0);
        });
    });
}

/// A fault belongs to the card whose button was pressed.
fn blame<'a>(
    failed: Option<&'a Fault>,
    form: &FirstRunForm,
) -> (Option<&'a Fault>, Option<&'a Fault>) {
    if form.tried_to_connect() {
        (None, failed)
    } else {
        (failed, None)
    }
}

fn head_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    row(ui, 56.0, 16.0, |ui| {
        app_mark(ui, 48.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(1.0);
            label_line(ui, Font::Display, tokens.tx_primary, "Welcome to Switchtower");
            label_line(
                ui,
                Font::BodyLarge,
                tokens.tx_secondary,
                "Publish updates for your Tauri apps, see what each channel offers, and take them back.",
            );
        });
    });
}

/// What the app is about, as one drawing.
fn track_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), 60.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let y = rect.bottom() - 6.0;
    paint_track(ui.painter(), tokens, rect.x_range(), y, TrackLine::Plain);
    let channels = [
        ("hotfix", None),
        ("staging", Some(Lamp::Go)),
        ("beta", Some(Lamp::Caution)),
        ("production", Some(Lamp::Go)),
    ];
    let step = (rect.width() - 120.0) / 3.0;
    for (index, (name, lamp)) in channels.into_iter().enumerate() {
        let x = rect.left() + 60.0 + index as f32 * step;
        let min = pos2(x - 7.0, y - 52.0);
        let stroke = Stroke::new(2.0, tokens.st_control);
        ui.painter().vline(x, (y - 26.0)..=y, stroke);
        paint_signal(ui.painter(), tokens, min, 1.0, lamp);
        paint_track_node(ui.painter(), tokens, pos2(x, y), tokens.bg_window);
        let last = index == 3;
        let line = Rect::from_min_max(pos2(x - 120.0, y - 50.0), pos2(x + 120.0, y - 24.0));
        let mut strip = Strip::new(ui, line);
        if last {
            strip.space_right(120.0 + 14.0);
            strip.text_right(Font::Small, tokens.tx_tertiary, name);
        } else {
            strip.space(120.0 + 14.0);
            strip.text(Font::Small, tokens.tx_tertiary, name);
        }
    }
}

fn card<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = Tokens::of(ui);
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::LG),
        tokens.bg_card,
        Stroke::new(1.0, tokens.st_subtle),
        StrokeKind::Inside,
    );
    let inner = rect.shrink2(vec2(PAD, 20.0));
    place(ui, inner, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui)
    })
}

fn column_head(ui: &mut Ui, icon: Icon, title: &str, text: &str) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    let mut strip = Strip::new(ui, rect);
    strip.icon(icon, 24.0, tokens.tx_primary);
    strip.space(10.0);
    strip.text(Font::Heading, tokens.tx_primary, title);
    ui.add_space(10.0);
    label(ui, Font::Body, tokens.tx_secondary, text);
}

/// A server inside the app.
fn try_ui(
    ui: &mut Ui,
    rect: Rect,
    busy: bool,
    failed: Option<&Fault>,
    folder: &str,
    actions: &mut Vec<Action>,
) {
    card(ui, rect, |ui| {
        let tokens = Tokens::of(ui);
        column_head(
            ui,
            icons::PLAY_CIRCLE.fill(),
            "Try it here",
            "A server inside Switchtower. Nothing to install, and no account.",
        );
        ui.add_space(14.0);
        let kept = "Keeps its data in one folder you can delete";
        let points = [
            (icons::HARD_DRIVE, kept),
            (icons::WIFI_SLASH, "Only this computer can reach it"),
            (
                icons::SIGNPOST,
                "Four channels for each app: hotfix, staging, beta and production",
            ),
            (
                icons::ARROW_U_UP_LEFT,
                "Publish, promote and roll back work as on a real server",
            ),
        ];
        for (icon, text) in points {
            let shown = point(ui, icon, text);
            if text == kept && !folder.is_empty() {
                shown.on_hover_text(folder);
            }
            ui.add_space(8.0);
        }
        if let Some(fault) = failed {
            ui.add_space(4.0);
            let hint = fault.hint.as_deref().unwrap_or_default();
            label(
                ui,
                Font::Small,
                tokens.stop,
                format!("{} {hint}", fault.message).trim(),
            );
        }
        let bottom = Rect::from_min_max(
            pos2(rect.left() + PAD, rect.bottom() - 82.0),
            pos2(rect.right() - PAD, rect.bottom() - 20.0),
        );
        place(ui, bottom, |ui| {
            let text = if busy {
                "Starting…"
            } else {
                "Start a local server"
            };
            let button = Button::primary(text)
                .large()
                .keycap("↵")
                .min_width(bottom.width())
                .name("Start a local server")
                .disabled(busy.then_some("It starts"));
            let response = button.ui(ui);
            focus_first(ui, &response);
            if response.clicked() {
                actions.push(Action::StartLocalServer);
            }
            ui.add_space(10.0);
            centered(ui, "Stops when you close Switchtower.");
        });
    });
}

/// The first frame puts the focus on the shortest way in.
fn focus_first(ui: &Ui, response: &egui::Response) {
    let id = egui::Id::unique("first run was focused");
    if ui.data(|data| data.get_temp::<bool>(id)).is_none() {
        ui.data_mut(|data| data.insert_temp(id, true));
        response.request_focus();
    }
}

fn point(ui: &mut Ui, icon: Icon, text: &str) -> egui::Response {
    let tokens = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), Sense::hover());
        icon.paint(ui.painter(), rect.center(), 16.0, tokens.tx_secondary);
        label(ui, Font::Body, tokens.tx_secondary, text)
    })
    .inner
}

fn centered(ui: &mut Ui, text: &str) {
    let tokens = Tokens::of(ui);
    ui.vertical_centered(|ui| label_line(ui, Font::Small, tokens.tx_tertiary, text));
}

fn foot_ui(ui: &mut Ui, model: &Model) {
    let tokens = Tokens::of(ui);
    let theme = match model.settings.theme {
        ThemeChoice::System => "Follows your system theme",
        ThemeChoice::Light => "Light theme",
        ThemeChoice::Dark => "Dark theme",
    };
    Frame::new()
        .inner_margin(Margin::symmetric(2, 0))
        .show(ui, |ui| {
            row(ui, 20.0, 6.0, |ui| {
                let icon = |ui: &mut Ui, icon: Icon| {
                    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 20.0), Sense::hover());
                    icon.paint(ui.painter(), rect.center(), 14.0, tokens.tx_tertiary);
                };
                icon(ui, icons::MOON);
                label_line(ui, Font::Small, tokens.tx_tertiary, theme);
                ui.add_space(10.0);
                icon(ui, icons::KEYBOARD);
                label_line(
                    ui,
                    Font::Small,
                    tokens.tx_tertiary,
                    "Everything has a key: press",
                );
                keycap(ui, "?");
                trailing(ui, 20.0, 0.0, |ui| {
                    let version = format!("Switchtower {}", env!("CARGO_PKG_VERSION"));
                    label_line(ui, Font::Small, tokens.tx_tertiary, version);
                });
            });
        });
}
