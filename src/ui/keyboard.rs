//! The keys that work everywhere. Those of one view are read there.

use egui::{Context, Event, Key, Modifiers};

use crate::model::{Action, Dialog, Link, Model, Page};

/// The zoom's limits and its step.
const ZOOM: std::ops::RangeInclusive<f32> = 0.8..=2.0;
const ZOOM_STEP: f32 = 0.1;

/// Read the keys of the window. A dialog in front keeps all but the zoom for itself.
pub(super) fn read_keys(ctx: &Context, model: &Model, actions: &mut Vec<Action>) {
    zoom_keys(ctx);
    if model.picking.is_some() {
        // Nor does what lies below the system's dialog do its work.
        ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        return;
    }
    if model.dialog.is_some() {
        return;
    }
    let typing = ctx.text_edit_focused();
    if !typing && typed(ctx, "?") {
        actions.push(Action::Open(Dialog::Shortcuts));
    }
    if matches!(model.link, Link::FirstRun { .. }) {
        return;
    }
    let pressed = |modifiers, key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::R) || pressed(Modifiers::NONE, Key::F5) {
        actions.push(Action::Refresh);
    }
    if pressed(Modifiers::COMMAND, Key::O) {
        actions.push(Action::ChooseBuild);
    }
    for (key, app) in NUMBERS
        .into_iter()
        .zip(model.apps.latest().into_iter().flatten())
    {
        if pressed(Modifiers::COMMAND, key) && model.app() != Some(&app.slug) {
            actions.push(Action::ChooseApp(app.slug.clone()));
        }
    }
    if typing {
        return;
    }
    for (key, page) in NUMBERS.into_iter().zip(Page::ALL) {
        if pressed(Modifiers::NONE, key) {
            actions.push(Action::Go(page));
        }
    }
}

const NUMBERS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// Whether a sign was typed, wherever its key is.
fn typed(ctx: &Context, sign: &str) -> bool {
    ctx.input(|input| {
        let is_sign = |event: &Event| matches!(event, Event::Text(text) if text == sign);
        input.events.iter().any(is_sign)
    })
}

fn zoom_keys(ctx: &Context) {
    let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
    if pressed(Key::Plus) || pressed(Key::Equals) {
        zoom_by(ctx, ZOOM_STEP);
    }
    if pressed(Key::Minus) {
        zoom_by(ctx, -ZOOM_STEP);
    }
    if pressed(Key::Num0) {
        ctx.set_zoom_factor(1.0);
    }
}

/// Larger or smaller by one step; see [`zoom_in`] and [`zoom_out`].
fn zoom_by(ctx: &Context, step: f32) {
    let zoom = ((ctx.zoom_factor() + step) * 10.0).round() / 10.0;
    ctx.set_zoom_factor(zoom.clamp(*ZOOM.start(), *ZOOM.end()));
}

/// Everything one step larger.
pub(super) fn zoom_in(ctx: &Context) {
    zoom_by(ctx, ZOOM_STEP);
}

/// Everything one step smaller.
pub(super) fn zoom_out(ctx: &Context) {
    zoom_by(ctx, -ZOOM_STEP);
}
