//! Cards and what divides them.

use egui::{
    CornerRadius, Frame, InnerResponse, Margin, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::paint::Strip;
use crate::ui::theme::radius;
use crate::ui::{Font, Tokens};

/// A card over the full width. Its content sets its own padding, see [`card_block`].
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let tokens = Tokens::of(ui);
    Frame::new()
        .fill(tokens.bg_card)
        .stroke(Stroke::new(1.0, tokens.st_subtle))
        .corner_radius(CornerRadius::same(radius::LG))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_width(ui.available_width());
            content(ui)
        })
}

/// The lower corners inside a card's outline, for what fills its last block.
pub const CARD_BOTTOM: CornerRadius = CornerRadius {
    nw: 0,
    ne: 0,
    sw: radius::LG - 1,
    se: radius::LG - 1,
};

/// One block of a card, with the card's padding.
pub fn card_block<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    Frame::new()
        .inner_margin(Margin::symmetric(14, 12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui)
        })
}

/// A hairline over the full width, one point high.
pub fn rule(ui: &mut Ui) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().rect_filled(rect, 0.0, tokens.st_subtle);
    response
}

/// A hairline over the full height, one point wide.
pub fn vertical_rule(ui: &mut Ui) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(1.0, ui.available_height()), Sense::hover());
    ui.painter().rect_filled(rect, 0.0, tokens.st_subtle);
    response
}

/// The head of a section: its title, and a remark at the right.
pub fn section_head(ui: &mut Ui, title: &str, remark: &str) -> Response {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), Font::CardTitle.line_height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    let mut strip = Strip::new(ui, rect);
    strip.text(Font::CardTitle, tokens.tx_primary, title);
    strip.space(12.0);
    if !remark.is_empty() {
        strip.text_right(Font::Small, tokens.tx_tertiary, remark);
    }
    response
}

/// A row of a table of facts, 32 high: the key at the left, anything beside it.
pub fn key_value<R>(ui: &mut Ui, key: &str, value: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), 32.0);
    ui.allocate_ui_with_layout(
        size,
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_min_size(size);
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.add_space(14.0);
            let left = ui.cursor().left();
            super::label_line(ui, Font::Body, tokens.tx_tertiary, key);
            ui.add_space((left + KEY_WIDTH - ui.cursor().left()).max(6.0));
            value(ui)
        },
    )
}

/// A row of facts whose value is one text.
pub fn key_value_text(ui: &mut Ui, key: &str, font: Font, value: &str) -> Response {
    key_value(ui, key, |ui| {
        let color = Tokens::of(ui).tx_primary;
        super::label_line(ui, font, color, value)
    })
    .inner
}

/// Width of the keys in a table of facts.
const KEY_WIDTH: f32 = 104.0;
