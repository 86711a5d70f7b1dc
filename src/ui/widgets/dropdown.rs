//! A field that opens a menu, and the rows of menus.

use egui::{
    CornerRadius, CursorIcon, Frame, Margin, Popup, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, vec2,
};

use super::field::field_label;
use super::paint::{self, Strip};
use crate::ui::style::menu_shadow;
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, icons};

/// A field of fixed choices. Its menu is drawn by the caller with [`menu_item`].
#[must_use = "call `ui` to show it"]
pub struct Dropdown<'a> {
    label: &'a str,
    hint: &'a str,
    icon: Option<(Icon, bool)>,
    text: &'a str,
    mono: &'a str,
    detail: &'a str,
    disabled: Option<&'a str>,
}

impl<'a> Dropdown<'a> {
    /// A dropdown that shows `text` as the choice made.
    pub const fn new(label: &'a str, text: &'a str) -> Self {
        Self {
            label,
            hint: "",
            icon: None,
            text,
            mono: "",
            detail: "",
            disabled: None,
        }
    }

    /// A remark above, at the right.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// The icon of the choice.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some((icon, false));
        self
    }

    /// The icon of the choice, in the colour of `Go`: an active key.
    pub const fn icon_go(mut self, icon: Icon) -> Self {
        self.icon = Some((icon, true));
        self
    }

    /// A monospaced addition, such as a key id.
    pub const fn mono(mut self, mono: &'a str) -> Self {
        self.mono = mono;
        self
    }

    /// A remark inside, at the right.
    pub const fn detail(mut self, detail: &'a str) -> Self {
        self.detail = detail;
        self
    }

    /// Why nothing can be chosen.
    pub fn disabled(mut self, reason: impl Into<Option<&'a str>>) -> Self {
        self.disabled = reason.into();
        self
    }

    /// Show it, and the menu while it is open. The menu closes when one of its rows is chosen.
    pub fn ui<R>(self, ui: &mut Ui, menu: impl FnOnce(&mut Ui) -> R) -> (Response, Option<R>) {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if !self.label.is_empty() {
                field_label(ui, self.label, self.hint);
            }
            let response = self.field(ui);
            let tokens = Tokens::of(ui);
            let frame = Frame::new()
                .fill(tokens.bg_raised)
                .stroke(Stroke::new(1.0, tokens.st_default))
                .corner_radius(CornerRadius::same(radius::LG))
                .shadow(menu_shadow(tokens))
                .inner_margin(Margin::same(4));
            let width = (response.rect.width() - 10.0).max(160.0);
            let shown = Popup::menu(&response)
                .frame(frame)
                .gap(4.0)
                .width(width)
                .accessible_name(self.label)
                .show(|ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    menu(ui)
                });
            (response, shown.map(|shown| shown.inner))
        })
        .inner
    }

    fn field(&self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui);
        let enabled = self.disabled.is_none() && ui.is_enabled();
        let sense = if enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, enabled, self.label));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_value(format!("{} {}", self.text, self.mono).trim());
        });
        let (fill, outline, text) = match (enabled, response.hovered()) {
            (true, false) => (tokens.bg_input, tokens.st_control, tokens.tx_primary),
            (true, true) => (tokens.bg_hover, tokens.st_control, tokens.tx_primary),
            (false, _) => (tokens.bg_rail, tokens.st_subtle, tokens.tx_disabled),
        };
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::MD),
            fill,
            Stroke::new(1.0, outline),
            StrokeKind::Inside,
        );
        let mut strip = Strip::new(ui, rect);
        strip.space_right(11.0);
        strip.icon_right(icons::CARET_DOWN, 14.0, tokens.tx_secondary);
        strip.space_right(6.0);
        if !self.detail.is_empty() {
            strip.text_right(Font::Small, tokens.tx_tertiary, self.detail);
            strip.space_right(8.0);
        }
        strip.space(11.0);
        if let Some((icon, go)) = self.icon {
            strip.icon(icon, 16.0, if go { tokens.go } else { tokens.tx_secondary });
            strip.space(6.0);
        }
        strip.text(Font::Body, text, self.text);
        if !self.mono.is_empty() {
            strip.space(8.0);
            strip.text(Font::Mono, tokens.tx_tertiary, self.mono);
        }
        paint::paint_focus_ring(ui, &response, rect, radius::MD, 0.0);
        match self.disabled {
            Some(reason) => response.on_hover_text(reason),
            None => response.on_hover_cursor(CursorIcon::PointingHand),
        }
    }
}

/// The line between the groups of a menu.
pub fn menu_rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    let stroke = Stroke::new(1.0, Tokens::of(ui).st_default);
    ui.painter().hline(rect.x_range(), rect.center().y, stroke);
}

/// One row of a menu, 30 high. `detail` stands at the right. Of rows to choose from, the chosen one has a tick, and the
/// others leave room for it; rows that do something have `None`.
pub fn menu_item(
    ui: &mut Ui,
    icon: Option<Icon>,
    text: &str,
    detail: &str,
    chosen: Option<bool>,
) -> Response {
    let tokens = Tokens::of(ui);
    let enabled = ui.is_enabled();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
    response.widget_info(|| match chosen {
        Some(chosen) => WidgetInfo::selected(Role::MenuItem, enabled, chosen, text),
        None => WidgetInfo::labeled(Role::MenuItem, enabled, text),
    });
    if enabled && (response.hovered() || response.has_focus()) {
        ui.painter()
            .rect_filled(rect, CornerRadius::same(radius::SM), tokens.bg_hover);
    }
    let mut strip = Strip::new(ui, rect);
    strip.space_right(8.0);
    match chosen {
        Some(true) => strip.icon_right(icons::CHECK, 14.0, tokens.tx_primary),
        Some(false) => strip.space_right(14.0),
        None => {}
    }
    if chosen.is_some() {
        strip.space_right(6.0);
    }
    if !detail.is_empty() {
        strip.text_right(Font::Small, tokens.tx_tertiary, detail);
        strip.space_right(8.0);
    }
    strip.space(8.0);
    if let Some(icon) = icon {
        strip.icon(icon, 16.0, tokens.tx_secondary);
        strip.space(8.0);
    }
    strip.text(Font::Body, tokens.tx_primary, text);
    if response.clicked() {
        ui.close();
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
