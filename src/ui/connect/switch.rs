//! A switch: on or off, at once.

use egui::{
    CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::Tokens;
use crate::ui::widgets::paint_focus_ring;

pub(super) const WIDTH: f32 = 32.0;
pub(super) const HEIGHT: f32 = 18.0;

/// A switch in `rect`; true when it was pressed. `disabled` says why it cannot be.
pub(super) fn switch(ui: &Ui, rect: Rect, on: bool, name: &str, disabled: Option<&str>) -> bool {
    let tokens = Tokens::of(ui);
    let enabled = disabled.is_none();
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.interact(rect, ui.scope_id().with(("switch", name)), sense);
    response.widget_info(|| WidgetInfo::selected(Role::Switch, enabled, on, name));
    let (fill, outline, knob) = match (on, enabled) {
        (true, true) => (tokens.go_solid, tokens.go_solid, tokens.bg_window),
        (true, false) => (tokens.go_bg, tokens.go_st, tokens.go_solid),
        (false, true) => (tokens.bg_input, tokens.st_control, tokens.tx_secondary),
        (false, false) => (tokens.bg_rail, tokens.st_subtle, tokens.tx_disabled),
    };
    let round = CornerRadius::same(9);
    let stroke = Stroke::new(1.0, outline);
    ui.painter()
        .rect(rect, round, fill, stroke, StrokeKind::Inside);
    let x = if on {
        rect.right() - 9.0
    } else {
        rect.left() + 9.0
    };
    ui.painter()
        .circle_filled(pos2(x, rect.center().y), 6.0, knob);
    paint_focus_ring(ui, &response, rect, 9, 1.0);
    if let Some(why) = disabled {
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(why));
        response.on_hover_text(why);
        return false;
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// Where a switch stands that ends at `right`, in the middle of `row`.
pub(super) fn place(row: Rect, right: f32) -> Rect {
    Rect::from_min_size(
        pos2(right - WIDTH, row.center().y - HEIGHT / 2.0),
        vec2(WIDTH, HEIGHT),
    )
}
