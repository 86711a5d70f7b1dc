//! Radio rows: the whole row is the target.

use egui::{
    Color32, CornerRadius, CursorIcon, Painter, Pos2, Response, Role, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

use super::chip::{self, Chip};
use super::paint::{self, Strip, line};
use crate::ui::theme::radius;
use crate::ui::{Font, Tokens};

/// A radio button with its word, 24 high.
pub fn radio(ui: &mut Ui, selected: bool, text: &str) -> Response {
    let tokens = Tokens::of(ui);
    let galley = line(
        ui.painter(),
        Font::Body,
        tokens.tx_primary,
        text,
        f32::INFINITY,
    );
    let size = vec2(16.0 + 8.0 + galley.size().x, 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, selected, text));
    paint_radio(
        ui.painter(),
        tokens,
        pos2(rect.left() + 8.0, rect.center().y),
        selected,
    );
    let at = pos2(rect.left() + 24.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.tx_primary);
    paint::paint_focus_ring(ui, &response, rect, radius::SM, 1.0);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// A choice that needs two lines: what it is, and what it means.
#[must_use = "call `ui` to show it"]
pub struct RadioRow<'a> {
    title: &'a str,
    title_font: Font,
    tag: &'a str,
    chip: Option<Chip<'a>>,
    detail: &'a str,
    right: &'a str,
    height: f32,
    disabled: Option<&'a str>,
}

impl<'a> RadioRow<'a> {
    /// A row with a title.
    pub const fn new(title: &'a str) -> Self {
        Self {
            title,
            title_font: Font::Body,
            tag: "",
            chip: None,
            detail: "",
            right: "",
            height: 54.0,
            disabled: None,
        }
    }

    /// A row for a release: its version is monospaced, the row 48 high.
    pub const fn release(version: &'a str) -> Self {
        let mut row = Self::new(version);
        row.title_font = Font::MonoField;
        row.height = 48.0;
        row
    }

    /// A tag after the title, such as the sequence.
    pub const fn tag(mut self, tag: &'a str) -> Self {
        self.tag = tag;
        self
    }

    /// A chip after the tag.
    pub const fn chip(mut self, chip: Chip<'a>) -> Self {
        self.chip = Some(chip);
        self
    }

    /// The second line.
    pub const fn detail(mut self, detail: &'a str) -> Self {
        self.detail = detail;
        self
    }

    /// A remark at the right end.
    pub const fn right(mut self, right: &'a str) -> Self {
        self.right = right;
        self
    }

    /// Why it cannot be chosen.
    pub fn disabled(mut self, reason: impl Into<Option<&'a str>>) -> Self {
        self.disabled = reason.into();
        self
    }

    fn name(&self) -> String {
        let word = self.chip.as_ref().map_or("", Chip::word);
        [self.title, self.tag, word, self.detail, self.right]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Show it. A click, Enter or Space chooses it.
    pub fn ui(self, ui: &mut Ui, selected: bool) -> Response {
        let tokens = Tokens::of(ui);
        let enabled = self.disabled.is_none() && ui.is_enabled();
        let sense = if enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), self.height), sense);
        response.widget_info(|| {
            WidgetInfo::selected(Role::RadioButton, enabled, selected, self.name())
        });

        let hovered = enabled && response.hovered();
        let fill = match (selected, hovered) {
            (true, _) => tokens.bg_raised,
            (false, true) => tokens.bg_hover,
            (false, false) => Color32::TRANSPARENT,
        };
        let outline = if selected {
            tokens.st_control
        } else {
            tokens.st_subtle
        };
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::MD),
            fill,
            Stroke::new(1.0, outline),
            StrokeKind::Inside,
        );
        let radio_y = if self.right.is_empty() {
            rect.top() + 19.0
        } else {
            rect.center().y
        };
        paint_radio(
            ui.painter(),
            tokens,
            pos2(rect.left() + 21.0, radio_y),
            selected,
        );
        self.lines(ui, tokens, rect, enabled);
        paint::paint_focus_ring(ui, &response, rect, radius::MD, 0.0);
        match self.disabled {
            Some(reason) => response.on_hover_text(reason),
            None => response.on_hover_cursor(CursorIcon::PointingHand),
        }
    }

    fn lines(&self, ui: &Ui, tokens: &Tokens, rect: egui::Rect, enabled: bool) {
        let (text, faint) = if enabled {
            (tokens.tx_primary, tokens.tx_tertiary)
        } else {
            (tokens.tx_disabled, tokens.tx_disabled)
        };
        let mut right = 12.0;
        if !self.right.is_empty() {
            let mut whole = Strip::new(ui, rect);
            whole.left_at(rect.width() / 2.0);
            whole.space_right(12.0);
            let drawn = whole.text_right(Font::Small, tokens.tx_secondary, self.right);
            right = rect.right() - drawn.left() + 12.0;
        }
        let lines = if self.detail.is_empty() { 18.0 } else { 34.0 };
        let top = rect.center().y - lines / 2.0;
        let mut first = Strip::new(ui, rect).at(top, 18.0);
        first.left_at(39.0);
        first.right_at(right);
        first.text(self.title_font, text, self.title);
        if !self.tag.is_empty() {
            first.space(8.0);
            first.pill(
                self.tag,
                tokens.tx_secondary,
                tokens.bg_raised,
                tokens.st_default,
            );
        }
        if let Some(chip) = &self.chip {
            first.space(6.0);
            let min = first.cursor() - vec2(0.0, 9.0);
            chip.paint(
                ui,
                egui::Rect::from_min_size(min, vec2(chip.width(ui), chip::HEIGHT - 2.0)),
            );
        }
        let mut second = Strip::new(ui, rect).at(top + 18.0, 16.0);
        second.left_at(39.0);
        second.right_at(right);
        second.text(Font::Small, faint, self.detail);
    }
}

fn paint_radio(painter: &Painter, tokens: &Tokens, center: Pos2, selected: bool) {
    if selected {
        painter.circle_filled(center, 8.0, tokens.primary);
        painter.circle_filled(center, 3.0, tokens.on_primary);
    } else {
        // egui draws the stroke of a circle outside of its radius.
        painter.circle(
            center,
            6.75,
            tokens.bg_input,
            Stroke::new(1.25, tokens.st_control),
        );
    }
}
