//! Banners: what holds for the whole section below.

use egui::accesskit::Live;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, Frame, Layout, Margin, Response, Role, Sense, Stroke, Ui,
    UiBuilder, pos2, vec2,
};

use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, Tone};

/// A banner: a bold line, a small one, at most two buttons at the right.
#[must_use = "call `ui` to show it"]
pub struct Banner<'a> {
    tone: Tone,
    icon: Icon,
    title: &'a str,
    text: &'a str,
    edge_to_edge: bool,
    neutral: bool,
}

impl<'a> Banner<'a> {
    /// A banner of one line.
    pub const fn new(tone: Tone, icon: Icon, title: &'a str) -> Self {
        Self {
            tone,
            icon,
            title,
            text: "",
            edge_to_edge: false,
            neutral: false,
        }
    }

    /// A remark without colour: `bg-raised`, icon in `tx-secondary`.
    pub const fn note(icon: Icon, title: &'a str) -> Self {
        let mut banner = Self::new(Tone::Idle, icon, title);
        banner.neutral = true;
        banner
    }

    /// The small second line. It wraps.
    pub const fn text(mut self, text: &'a str) -> Self {
        self.text = text;
        self
    }

    /// 64 high, without corners, under the top bar: the unreachable banner alone.
    pub const fn edge_to_edge(mut self) -> Self {
        self.edge_to_edge = true;
        self
    }

    /// Show it without buttons.
    pub fn ui(self, ui: &mut Ui) -> Response {
        self.ui_with(ui, |_| ()).0
    }

    /// Show it with `actions` at the right.
    pub fn ui_with<R>(self, ui: &mut Ui, actions: impl FnOnce(&mut Ui) -> R) -> (Response, R) {
        let tokens = Tokens::of(ui);
        let colors = tokens.tone(self.tone);
        let (fill, outline, icon_color) = if self.neutral {
            (tokens.bg_raised, tokens.st_default, tokens.tx_secondary)
        } else {
            (colors.fill, colors.outline, colors.text)
        };
        let (corner, margin) = if self.edge_to_edge {
            (CornerRadius::ZERO, Margin::symmetric(19, 13))
        } else {
            (CornerRadius::same(radius::LG), Margin::symmetric(12, 8))
        };
        let name = if self.text.is_empty() {
            self.title.to_owned()
        } else {
            format!("{}. {}", self.title, self.text)
        };
        let builder = UiBuilder::new()
            .accessibility_role(Role::Status)
            .accessibility_label(name);
        let shown = ui.scope_builder(builder, |ui| {
            Frame::new()
                .fill(fill)
                .stroke(Stroke::new(1.0, outline))
                .corner_radius(corner)
                .inner_margin(margin)
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    self.content(ui, icon_color, actions)
                })
                .inner
        });
        ui.ctx()
            .accesskit_node_builder(shown.response.id, |node| node.set_live(Live::Polite));
        (shown.response, shown.inner)
    }

    fn content<R>(
        &self,
        ui: &mut Ui,
        icon_color: Color32,
        actions: impl FnOnce(&mut Ui) -> R,
    ) -> R {
        let tokens = Tokens::of(ui);
        let id = ui.unique_id().with("banner-actions");
        // The buttons' width is known from the frame before, as in `trailing`.
        let known: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
        let gap = if known > 0.0 { 12.0 } else { 0.0 };
        let text_width = (ui.available_width() - ICON - known - gap).max(80.0);
        let mut job = LayoutJob::single_section(
            self.title.to_owned(),
            Font::BodyStrong.format(tokens.tx_primary),
        );
        if !self.text.is_empty() {
            job.append(
                &format!("\n{}", self.text),
                0.0,
                Font::Small.format(tokens.tx_secondary),
            );
        }
        job.wrap.max_width = text_width;
        let galley = ui.painter().layout_job(job);

        let least = if self.edge_to_edge { 36.0 } else { 18.0 };
        let size = vec2(ui.available_width(), galley.size().y.max(least));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let text =
            Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(ICON, 0.0), galley.size());
        let icon_y = if self.edge_to_edge {
            rect.center().y
        } else {
            rect.top() + 9.0
        };
        self.icon.paint(
            ui.painter(),
            pos2(rect.left() + 8.0, icon_y),
            16.0,
            icon_color,
        );
        ui.painter().galley(text.min, galley, tokens.tx_primary);

        let place = rect.with_min_x(rect.right() - known);
        let builder = UiBuilder::new()
            .max_rect(place)
            .layout(Layout::left_to_right(Align::Center));
        let mut child = ui.new_child(builder);
        child.spacing_mut().item_spacing.x = 8.0;
        let shown = actions(&mut child);
        let width = child.min_rect().width();
        let width = if width > 1.0 { width } else { 0.0 };
        if (width - known).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(id, width));
            ui.ctx().request_discard("width of a banner's buttons");
        }
        shown
    }
}

/// From the left edge to the text.
const ICON: f32 = 26.0;
