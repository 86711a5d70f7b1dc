//! What stands where there is nothing yet.

use egui::{Align, CornerRadius, Layout, Response, Sense, Ui, Vec2, vec2};

use super::Button;
use super::text::label;
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens};

/// Icon, one line, one sentence, one button that mends it. Never a picture.
#[must_use = "call `ui` to show it"]
pub struct EmptyState<'a> {
    icon: Icon,
    title: &'a str,
    text: &'a str,
}

impl<'a> EmptyState<'a> {
    /// An empty state.
    pub const fn new(icon: Icon, title: &'a str, text: &'a str) -> Self {
        Self { icon, title, text }
    }

    /// Show it, centred in the free width.
    pub fn ui(self, ui: &mut Ui, action: Option<Button<'_>>) -> Option<Response> {
        let tokens = Tokens::of(ui);
        let layout = Layout::top_down(Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), 0.0), layout, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(32.0), Sense::hover());
            self.icon
                .paint(ui.painter(), rect.center(), 32.0, tokens.tx_tertiary);
            ui.add_space(10.0);
            label(ui, Font::CardTitle, tokens.tx_primary, self.title);
            ui.add_space(6.0);
            ui.allocate_ui_with_layout(vec2(240.0, 0.0), layout, |ui| {
                ui.set_width(240.0);
                let text = Font::Small.rich(self.text).color(tokens.tx_tertiary);
                ui.add(egui::Label::new(text).wrap().halign(Align::Center));
            });
            ui.add_space(14.0);
            action.map(|button| button.ui(ui))
        })
        .inner
    }
}

/// A still bar in the place of what is loading. Shown after 150 ms, never where content was.
pub fn skeleton(ui: &mut Ui, size: Vec2) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter()
        .rect_filled(rect, CornerRadius::same(radius::SM), tokens.bg_hover);
    response
}
