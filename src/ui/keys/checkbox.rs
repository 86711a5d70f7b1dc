//! A box to tick, with its words.

use egui::{CornerRadius, CursorIcon, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::widgets::{label, paint_focus_ring};
use crate::ui::{Font, Tokens, icons};

/// A checkbox with a sentence below its words. `disabled` says why it cannot be changed.
pub(in crate::ui) fn checkbox(
    ui: &mut Ui,
    checked: &mut bool,
    text: &str,
    help: &str,
    disabled: Option<&str>,
) {
    let tokens = Tokens::of(ui);
    let enabled = disabled.is_none();
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), sense);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, *checked, text));
    if response.clicked() {
        *checked = !*checked;
    }
    let center = pos2(rect.left() + 8.0, rect.center().y);
    let square = egui::Rect::from_center_size(center, vec2(16.0, 16.0));
    let corner = CornerRadius::same(4);
    if *checked && enabled {
        ui.painter().rect_filled(square, corner, tokens.primary);
        icons::CHECK.paint(ui.painter(), center, 12.0, tokens.on_primary);
    } else {
        let (fill, outline) = if enabled {
            (tokens.bg_input, tokens.st_control)
        } else {
            (tokens.bg_rail, tokens.st_subtle)
        };
        let stroke = Stroke::new(1.0, outline);
        ui.painter()
            .rect(square, corner, fill, stroke, StrokeKind::Inside);
    }
    let color = if enabled {
        tokens.tx_primary
    } else {
        tokens.tx_disabled
    };
    let words = ui
        .painter()
        .layout_no_wrap(text.to_owned(), Font::Body.id(), color);
    let at = pos2(rect.left() + 26.0, rect.center().y - words.size().y / 2.0);
    ui.painter().galley(at, words, color);
    paint_focus_ring(ui, &response, square, 4, 1.0);
    if enabled {
        response.on_hover_cursor(CursorIcon::PointingHand);
    }
    ui.horizontal_top(|ui| {
        ui.add_space(26.0);
        label(
            ui,
            Font::Small,
            tokens.tx_tertiary,
            disabled.unwrap_or(help),
        );
    });
}
