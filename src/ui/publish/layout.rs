//! Parts of a page that have their own rectangle.

use egui::{Align, Layout, Rect, Ui, UiBuilder};

/// Draw into a rectangle, and nowhere else.
pub(in crate::ui) fn place<R>(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new()
        .id_salt(name)
        .max_rect(rect)
        .layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.shrink_clip_rect(rect);
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui)
    })
    .inner
}

/// Draw `content` at the lower edge of `rect`, as high as it is. Returns what is left above.
///
/// The height is known from the frame before; a changed height costs one more pass and no flicker.
pub(in crate::ui) fn pinned(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    content: impl FnOnce(&mut Ui),
) -> Rect {
    let id = ui.scope_id().with(name);
    let known: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(140.0);
    let below = rect.with_min_y(rect.bottom() - known);
    let builder = UiBuilder::new()
        .id_salt(name)
        .max_rect(below)
        .layout(Layout::top_down(Align::Min));
    let shown = ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui);
    });
    let height = shown.response.rect.height();
    if (height - known).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(id, height));
        ui.ctx().request_discard("height of a pinned footer");
    }
    rect.with_max_y(below.top())
}
