//! What several components share: laying out one line of parts, the focus ring, groups that end at the right edge.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, Galley, InnerResponse, Layout, Painter, Pos2, Rect,
    Response, Stroke, StrokeKind, Ui, pos2, vec2,
};

use crate::ui::{Font, Icon, Tokens};

/// One line of text, cut with an ellipsis at `max_width`.
pub(super) fn line(
    painter: &Painter,
    font: Font,
    color: Color32,
    text: &str,
    max_width: f32,
) -> Arc<Galley> {
    line_job(
        painter,
        LayoutJob::single_section(text.to_owned(), font.format(color)),
        max_width,
    )
}

/// As [`line()`], for text of several formats.
pub(super) fn line_job(painter: &Painter, mut job: LayoutJob, max_width: f32) -> Arc<Galley> {
    job.wrap.max_width = max_width.max(0.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    job.break_on_newline = false;
    painter.layout_job(job)
}

/// Parts set side by side in one row, from both ends towards the middle, each centred on the row.
pub struct Strip {
    painter: Painter,
    rect: Rect,
    left: f32,
    right: f32,
}

impl Strip {
    /// A row in `rect`; nothing is drawn outside of it.
    pub fn new(ui: &Ui, rect: Rect) -> Self {
        Self {
            painter: ui.painter_at(rect),
            rect,
            left: rect.left(),
            right: rect.right(),
        }
    }

    /// The same ends, drawn around another line of the row.
    #[must_use]
    pub fn at(mut self, y_top: f32, height: f32) -> Self {
        self.rect = Rect::from_min_size(
            pos2(self.rect.left(), y_top),
            vec2(self.rect.width(), height),
        );
        self
    }

    /// Leave `gap` free at the left.
    pub fn space(&mut self, gap: f32) {
        self.left += gap;
    }

    /// Leave `gap` free at the right.
    pub fn space_right(&mut self, gap: f32) {
        self.right -= gap;
    }

    /// Continue at `x` from the left.
    pub fn left_at(&mut self, x: f32) {
        self.left = self.rect.left() + x;
    }

    /// Continue at `x` from the right edge.
    pub fn right_at(&mut self, x: f32) {
        self.right = self.rect.right() - x;
    }

    /// The width still free between both ends.
    pub fn free(&self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    /// Where the next part begins, at mid height.
    pub fn cursor(&self) -> Pos2 {
        pos2(self.left, self.rect.center().y)
    }

    /// An icon at the left.
    pub fn icon(&mut self, icon: Icon, size: f32, color: Color32) {
        let center = self.cursor() + vec2(size / 2.0, 0.0);
        icon.paint(&self.painter, center, size, color);
        self.left += size;
    }

    /// An icon at the right.
    pub fn icon_right(&mut self, icon: Icon, size: f32, color: Color32) {
        self.right -= size;
        let center = pos2(self.right + size / 2.0, self.rect.center().y);
        icon.paint(&self.painter, center, size, color);
    }

    /// Text at the left, cut where the free width ends.
    pub fn text(&mut self, font: Font, color: Color32, text: &str) -> Rect {
        let galley = line(&self.painter, font, color, text, self.free());
        self.galley(&galley, color)
    }

    /// Text that is struck through.
    pub fn text_struck(&mut self, font: Font, color: Color32, text: &str) -> Rect {
        let mut format = font.format(color);
        format.strikethrough = Stroke::new(1.0, color);
        let job = LayoutJob::single_section(text.to_owned(), format);
        let galley = line_job(&self.painter, job, self.free());
        self.galley(&galley, color)
    }

    fn galley(&mut self, galley: &Arc<Galley>, color: Color32) -> Rect {
        let rect = Align2::LEFT_CENTER.anchor_size(self.cursor(), galley.size());
        self.painter.galley(rect.min, Arc::clone(galley), color);
        self.left = rect.right();
        rect
    }

    /// Text at the right.
    pub fn text_right(&mut self, font: Font, color: Color32, text: &str) -> Rect {
        let galley = line(&self.painter, font, color, text, self.free());
        let rect =
            Align2::RIGHT_CENTER.anchor_size(pos2(self.right, self.rect.center().y), galley.size());
        self.painter.galley(rect.min, galley, color);
        self.right = rect.left();
        rect
    }

    /// A keycap or a tag at the left.
    pub fn pill(&mut self, text: &str, text_color: Color32, fill: Color32, outline: Color32) {
        let rect = Rect::from_min_size(
            self.cursor() - vec2(0.0, PILL_HEIGHT / 2.0),
            pill_size(&self.painter, text),
        );
        paint_pill(&self.painter, rect, text, text_color, fill, outline);
        self.left = rect.right();
    }

    /// A keycap or a tag at the right.
    pub fn pill_right(&mut self, text: &str, text_color: Color32, fill: Color32, outline: Color32) {
        let size = pill_size(&self.painter, text);
        self.right -= size.x;
        let rect = Rect::from_min_size(
            pos2(self.right, self.rect.center().y - PILL_HEIGHT / 2.0),
            size,
        );
        paint_pill(&self.painter, rect, text, text_color, fill, outline);
    }
}

/// Height of tags and keycaps.
pub(super) const PILL_HEIGHT: f32 = 18.0;

/// The size of a tag or keycap.
pub(super) fn pill_size(painter: &Painter, text: &str) -> egui::Vec2 {
    let galley = line(
        painter,
        Font::MonoTag,
        Color32::PLACEHOLDER,
        text,
        f32::INFINITY,
    );
    vec2(
        (galley.size().x + 12.0).ceil().max(PILL_HEIGHT),
        PILL_HEIGHT,
    )
}

/// A tag or keycap: 18 high, monospaced 11, one outline.
pub(super) fn paint_pill(
    painter: &Painter,
    rect: Rect,
    text: &str,
    text_color: Color32,
    fill: Color32,
    outline: Color32,
) {
    painter.rect(
        rect,
        CornerRadius::same(crate::ui::theme::radius::SM),
        fill,
        Stroke::new(1.0, outline),
        StrokeKind::Inside,
    );
    let galley = line(painter, Font::MonoTag, text_color, text, f32::INFINITY);
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    painter.galley(at.min, galley, text_color);
}

/// The focus ring: 2 points wide, `gap` points outside of `rect`. Painted last, so call it after the control.
pub fn paint_focus_ring(ui: &Ui, response: &Response, rect: Rect, corner: u8, gap: f32) {
    if !response.has_focus() {
        return;
    }
    let tokens = Tokens::of(ui);
    let grown = 2.0 + gap;
    let corner = f32::from(corner) + grown;
    ui.painter().rect_stroke(
        rect.expand(grown),
        corner,
        Stroke::new(2.0, tokens.focus),
        StrokeKind::Inside,
    );
}

/// Lay out `content` from left to right so that it ends at the right edge.
///
/// Reading and focus order stay left to right, which a right-to-left layout would reverse.
/// The width is known from the frame before; a changed width costs one more pass and no flicker.
/// Its response tells the width, for what stands before it.
pub fn trailing<R>(
    ui: &mut Ui,
    height: f32,
    gap: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let id = ui.unique_id().with("trailing");
    let known: Option<f32> = ui.data(|data| data.get_temp(id));
    let free = ui.available_width();
    ui.add_space((free - known.unwrap_or(free)).max(0.0));
    let inner = row(ui, height, gap, content);
    let width = inner.response.rect.width();
    if known.is_none_or(|known| (known - width).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, width));
        ui.ctx().request_discard("width of a trailing group");
    }
    inner
}

/// A row of a fixed height whose parts are centred on it. Without a height, egui centres each part on those before it.
pub fn row<R>(
    ui: &mut Ui,
    height: f32,
    gap: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let size = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(height);
        ui.spacing_mut().item_spacing.x = gap;
        content(ui)
    })
}
