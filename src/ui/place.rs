//! Drawing into a rectangle that was allocated before.

use egui::{Rect, Ui, UiBuilder};

/// Draw `content` into `rect`. Takes no space of `ui`: whoever measured the rectangle has allocated it.
pub(super) fn place<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    content(&mut ui.new_child(UiBuilder::new().max_rect(rect)))
}

/// As [`place`], for one of several alike: `name` tells its controls from those of the others.
pub(super) fn place_one<R>(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new().max_rect(rect).id_salt(name);
    content(&mut ui.new_child(builder))
}
