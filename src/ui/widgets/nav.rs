//! The rail's items and the status bar's.

use egui::{CornerRadius, CursorIcon, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint::{self, Strip, line};
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// One screen in the rail.
#[must_use = "call `ui` to show it"]
pub struct NavItem<'a> {
    icon: Icon,
    label: &'a str,
    key: &'a str,
    badge: Option<&'a str>,
    collapsed: bool,
}

impl<'a> NavItem<'a> {
    /// An item with the key that opens it.
    pub const fn new(icon: Icon, label: &'a str, key: &'a str) -> Self {
        Self {
            icon,
            label,
            key,
            badge: None,
            collapsed: false,
        }
    }

    /// What needs attention there, in place of the key: "1 halted".
    pub const fn badge(mut self, badge: Option<&'a str>) -> Self {
        self.badge = badge;
        self
    }

    /// The icon alone, for the narrow rail.
    pub const fn collapsed(mut self, collapsed: bool) -> Self {
        self.collapsed = collapsed;
        self
    }

    /// Show it.
    pub fn ui(self, ui: &mut Ui, current: bool) -> Response {
        let tokens = Tokens::of(ui);
        let height = if self.collapsed { 32.0 } else { 30.0 };
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::selected(Role::Tab, enabled, current, self.label));
        let fill = match (current, response.hovered()) {
            (true, _) => Some(tokens.bg_selected),
            (false, true) => Some(tokens.bg_hover),
            (false, false) => None,
        };
        if let Some(fill) = fill {
            ui.painter()
                .rect_filled(rect, CornerRadius::same(radius::MD), fill);
        }
        let color = if current {
            tokens.tx_primary
        } else {
            tokens.tx_secondary
        };
        let icon = if current { self.icon.fill() } else { self.icon };
        if self.collapsed {
            icon.paint(ui.painter(), rect.center(), 16.0, color);
            if self.badge.is_some() {
                let at = pos2(rect.right() - 8.0, rect.top() + 8.0);
                icons::WARNING_OCTAGON
                    .fill()
                    .paint(ui.painter(), at, 12.0, tokens.stop);
            }
        } else {
            self.wide(ui, tokens, rect, current, icon);
        }
        paint::paint_focus_ring(ui, &response, rect, radius::MD, -1.0);
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if self.collapsed {
            return response.on_hover_text(format!("{} ({})", self.label, self.key));
        }
        response
    }

    fn wide(&self, ui: &Ui, tokens: &Tokens, rect: egui::Rect, current: bool, icon: Icon) {
        let color = if current {
            tokens.tx_primary
        } else {
            tokens.tx_secondary
        };
        let mut strip = Strip::new(ui, rect);
        strip.space_right(8.0);
        match self.badge {
            Some(badge) => {
                strip.text_right(Font::Caption, tokens.stop, badge);
                strip.space_right(4.0);
                strip.icon_right(icons::WARNING_OCTAGON.fill(), 12.0, tokens.stop);
            }
            None => {
                strip.text_right(Font::CaptionRegular, tokens.tx_tertiary, self.key);
            }
        }
        strip.space_right(8.0);
        strip.space(8.0);
        strip.icon(icon, 16.0, color);
        strip.space(10.0);
        let font = if current {
            Font::BodyStrong
        } else {
            Font::Body
        };
        strip.text(font, color, self.label);
    }
}

/// An item of the status bar, 26 high: icon, words, a monospaced addition. Pressing it opens where it is explained.
pub fn status_item(
    ui: &mut Ui,
    icon: Option<Icon>,
    tone: Option<Tone>,
    text: &str,
    mono: &str,
) -> Response {
    let tokens = Tokens::of(ui);
    let (icon_color, text_color) = match tone {
        Some(tone @ (Tone::Caution | Tone::Stop)) => {
            (tokens.tone(tone).text, tokens.tone(tone).text)
        }
        Some(tone) => (tokens.tone(tone).text, tokens.tx_tertiary),
        None => (tokens.tx_tertiary, tokens.tx_tertiary),
    };
    let width = |font, text: &str| {
        line(ui.painter(), font, text_color, text, f32::INFINITY)
            .size()
            .x
    };
    let icon_width = if icon.is_some() { 17.0 } else { 0.0 };
    let mono_width = if mono.is_empty() {
        0.0
    } else {
        6.0 + width(Font::MonoTag, mono)
    };
    let total = icon_width + width(Font::CaptionRegular, text) + mono_width;
    let (rect, response) = ui.allocate_exact_size(vec2(total.ceil(), 26.0), Sense::click());
    let name = format!("{text} {mono}");
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name.trim()));
    let text_color = if response.hovered() {
        tokens.tx_primary
    } else {
        text_color
    };
    let mut strip = Strip::new(ui, rect);
    if let Some(icon) = icon {
        strip.icon(icon, 12.0, icon_color);
        strip.space(5.0);
    }
    strip.text(Font::CaptionRegular, text_color, text);
    if !mono.is_empty() {
        strip.space(6.0);
        strip.text(Font::MonoTag, tokens.tx_secondary, mono);
    }
    paint::paint_focus_ring(ui, &response, rect.shrink2(vec2(0.0, 3.0)), radius::SM, 0.0);
    response.on_hover_cursor(CursorIcon::PointingHand)
}
