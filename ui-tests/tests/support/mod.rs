//! The one place where tests of the window are set up.

use chrono::FixedOffset;
use egui::{Theme, Ui, UiBuilder, Vec2};
use egui_kittest::{Harness, HarnessBuilder};
use switchtower::model::words;

/// Both themes with the suffix of their pictures.
pub(crate) const THEMES: [(Theme, &str); 2] = [(Theme::Dark, "dark"), (Theme::Light, "light")];

/// A window of a fixed size with the app's fonts and theme. The thresholds of pictures are in kittest.toml.
pub(crate) fn harness<State: 'static>(
    size: impl Into<Vec2>,
    theme: Theme,
) -> HarnessBuilder<State> {
    // Pictures show the same times wherever they are made.
    if let Some(utc) = FixedOffset::east_opt(0) {
        words::fix_zone(utc);
    }
    Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_theme(theme)
        .with_render_cursor(false)
        .with_context_setup(move |ctx| {
            switchtower::ui::style::install(ctx);
            ctx.set_theme(theme);
        })
}

/// Draw `content` over the whole window, without the margin that the harness leaves around it.
pub(crate) fn whole_window<R>(ui: &Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let window = ui.ctx().content_rect();
    let layout = egui::Layout::top_down(egui::Align::Min);
    let mut child = Ui::new(
        ui.ctx().clone(),
        ui.unique_id().with("whole window"),
        UiBuilder::new()
            .max_rect(window)
            .layout(layout)
            .layer_id(ui.layer_id()),
    );
    child.set_clip_rect(window);
    content(&mut child)
}
