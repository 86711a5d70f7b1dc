//! The Channels page: what each channel offers, and what has happened.

mod card;
mod empty;
mod facts;
mod recent;
mod rows;
mod track;

use std::time::Duration;

use egui::{Frame, Id, Margin, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::place::place;
use super::shell::is_narrow;
use super::widgets::{Button, EmptyState};
use super::{Tokens, icons};
use crate::model::{Action, Dialog, Link, Model};

/// Between cards, and between cards and events.
const GAP: f32 = 12.0;
/// Cards are never narrower than this; more channels scroll sideways.
const LEAST_CARD: f32 = 276.0;
/// Of the page.
const MARGIN_LEFT: f32 = 20.0;
const MARGIN_RIGHT: f32 = 16.0;
/// Header, signal and track above the cards.
const TRACK: f32 = 66.0;
/// Loading shows nothing for this long: most answers are faster.
const PATIENCE: f64 = 0.15;

/// The page of the app that is shown.
pub fn channels_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let no_app = model.apps.latest().is_some_and(Vec::is_empty);
    match model.overview.latest() {
        Some(overview) if !no_app => {
            if cards_fit(ui, overview.channels.len()) {
                cards_ui(ui, model, actions);
            } else {
                rows::rows_ui(ui, model, &overview.channels, actions);
            }
        }
        _ if no_app => no_app_ui(ui, model, actions),
        _ => waiting_ui(ui, model, actions),
    }
}

/// Whether a window has room for cards: all of them, or four and a bar to scroll.
fn cards_fit(ui: &Ui, channels: usize) -> bool {
    let count = channels.clamp(1, 4) as f32;
    let needed = count * LEAST_CARD + (count - 1.0) * GAP + MARGIN_LEFT + MARGIN_RIGHT;
    !is_narrow(ui.ctx()) && ui.max_rect().width() >= needed
}

/// The cards in one row under the track, the events below.
fn cards_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(overview) = model.overview.latest() else {
        return;
    };
    let page = ui.max_rect();
    page_scroll(ui, |ui| {
        let free = ui.available_width();
        let count = overview.channels.len().max(1) as f32;
        let width = ((free - (count - 1.0) * GAP) / count).max(LEAST_CARD);
        let total = count * width + (count - 1.0) * GAP;
        ScrollArea::horizontal().id_salt("cards").show(ui, |ui| {
            let height = TRACK + card::HEIGHT;
            let (all, response) = ui.allocate_exact_size(vec2(total, height), Sense::hover());
            // Production comes last and is in view first.
            let shown = Id::unique(("cards shown", overview.app.slug.as_str()));
            if total > free && ui.data(|data| data.get_temp::<bool>(shown)).is_none() {
                ui.data_mut(|data| data.insert_temp(shown, true));
                response.scroll_to_me(Some(egui::Align::Max));
            }
            for (index, channel) in overview.channels.iter().enumerate() {
                let left = all.left() + index as f32 * (width + GAP);
                let column = Rect::from_min_size(pos2(left, all.top()), vec2(width, height));
                let head = column.with_max_y(column.top() + TRACK);
                let last = index + 1 == overview.channels.len();
                track::track_ui(ui, head, channel, last);
                let place = column.with_min_y(column.top() + TRACK);
                card::card_ui(ui, place, model, index, actions);
            }
        });
        ui.add_space(16.0);
        let left = page.bottom() - 16.0 - ui.cursor().top();
        recent::recent_ui(ui, model, left);
    });
}

/// The page's margins, and a bar when it is taller than the window.
fn page_scroll(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = Margin {
            left: 20,
            right: 16,
            top: 0,
            bottom: 16,
        };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            content(ui);
        });
    });
}

fn no_app_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let may_not = model.cannot_administer();
    let button = Button::primary("Create an app…")
        .icon(icons::PLUS)
        .disabled(may_not.as_deref());
    let state = EmptyState::new(
        icons::SIGNPOST,
        "No app yet",
        "An app is a product that receives updates. It gets the channels hotfix, staging, beta and production.",
    );
    let clicked = centered(ui, |ui| state.ui(ui, Some(button)));
    if clicked.is_some_and(|button| button.clicked()) {
        actions.push(Action::Open(Dialog::CreateApp { failed: None }));
    }
}

/// Nothing has come yet: a still frame of what will, or why nothing comes.
fn waiting_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if let Link::Down { .. } = &model.link {
        let state = EmptyState::new(
            icons::CLOUD_SLASH,
            "Nothing to show yet",
            "The server has not answered since Switchtower started. It is tried again by itself.",
        );
        centered(ui, |ui| state.ui(ui, None));
        return;
    }
    if let Some(fault) = model.overview.fault().or_else(|| model.apps.fault()) {
        let button = Button::secondary("Try again").icon(icons::ARROWS_CLOCKWISE);
        let state = EmptyState::new(icons::WARNING_CIRCLE, "No answer", &fault.message);
        let clicked = centered(ui, |ui| state.ui(ui, Some(button)));
        if clicked.is_some_and(|button| button.clicked()) {
            actions.push(Action::Refresh);
        }
        return;
    }
    let id = ui.scope_id().with("waiting since");
    let now = ui.input(|input| input.time);
    let since = ui.data_mut(|data| *data.get_temp_mut_or(id, now));
    if now - since < PATIENCE {
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(PATIENCE));
        return;
    }
    page_scroll(ui, |ui| {
        if cards_fit(ui, 4) {
            skeleton_ui(ui);
        } else {
            rows::skeleton_ui(ui);
        }
    });
}

/// Four cards of grey bars where the channels will be.
fn skeleton_ui(ui: &mut Ui) {
    let free = ui.available_width();
    let width = (free - 3.0 * GAP) / 4.0;
    let (all, _) = ui.allocate_exact_size(vec2(free, TRACK + card::HEIGHT), Sense::hover());
    for index in 0..4_u8 {
        let left = all.left() + f32::from(index) * (width + GAP);
        let column = Rect::from_min_size(pos2(left, all.top()), vec2(width, all.height()));
        let head = column.with_max_y(column.top() + TRACK);
        track::skeleton_ui(ui, head, index == 3);
        card::skeleton_ui(ui, column.with_min_y(head.bottom()));
    }
}

/// In the middle of the page, a little above.
fn centered<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let rect = ui.max_rect();
    let top = rect.top() + (rect.height() - 160.0).max(0.0) * 0.4;
    place(ui, rect.with_min_y(top), content)
}

/// Paint the surface of a card.
fn paint_card(ui: &Ui, rect: Rect) {
    let tokens = Tokens::of(ui);
    ui.painter().rect(
        rect,
        egui::CornerRadius::same(super::theme::radius::LG),
        tokens.bg_card,
        egui::Stroke::new(1.0, tokens.st_subtle),
        egui::StrokeKind::Inside,
    );
}
