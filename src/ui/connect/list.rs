//! The five client systems, each with its switch.

use egui::{CursorIcon, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use ota_client::connect::what_it_updates;
use ota_model::ClientSystem;

use super::{ConnectForm, switch};
use crate::model::{Action, Model, words};
use crate::ui::publish::layout::{pinned, place};
use crate::ui::widgets::{Banner, Strip, label_line, paint_focus_ring, row, rule};
use crate::ui::{Font, Tokens, icons};

const HEAD: f32 = 48.0;
const ROW: f32 = 76.0;

/// How many are served, the systems, and what a switch does.
pub(super) fn list_ui(
    ui: &mut Ui,
    model: &Model,
    shown: ClientSystem,
    form: &mut ConnectForm,
    actions: &mut Vec<Action>,
) {
    let whole = ui.max_rect();
    let tokens = Tokens::of(ui);
    row(ui, HEAD, 8.0, |ui| {
        ui.add_space(16.0);
        let served = ClientSystem::ALL
            .into_iter()
            .filter(|system| model.serves(*system));
        let text = match served.count() {
            0 => "Serves no client system".to_owned(),
            1 => "Serves 1 client system".to_owned(),
            count => format!("Serves {count} client systems"),
        };
        label_line(ui, Font::Small, tokens.tx_secondary, text);
    });
    rule(ui);
    let top = ui.cursor().top();
    let above = pinned(ui, whole.shrink2(vec2(16.0, 0.0)), "connect-note", |ui| {
        Banner::note(icons::INFO, "One release can serve several")
            .text("The same dist folder goes to hotswap, Capgo and manifest clients; installers go to the others.")
            .ui(ui);
        ui.add_space(16.0);
    });
    let rows = whole.with_min_y(top).with_max_y(above.bottom() - 12.0);
    place(ui, rows, "connect-rows", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for system in ClientSystem::ALL {
                if row_ui(ui, model, system, system == shown, actions) {
                    form.system = Some(system);
                }
                rule(ui);
            }
        });
    });
}

/// One system; true when it was chosen.
fn row_ui(
    ui: &mut Ui,
    model: &Model,
    system: ClientSystem,
    selected: bool,
    actions: &mut Vec<Action>,
) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let state = state(model, system);
    // The plugin's name stands in the detail.
    let what = what_it_updates(system);
    let what = what.split(" (").next().unwrap_or(what);
    response.widget_info(|| {
        let name = format!("{}, {what}, {state}", system.label());
        WidgetInfo::selected(Role::ListBoxOption, true, selected, name)
    });
    let fill = match (selected, response.hovered()) {
        (true, _) => Some(tokens.bg_selected),
        (false, true) => Some(tokens.bg_hover),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
    let served = model.serves(system);
    let top = rect.center().y - 28.0;
    let line = |y: f32, height: f32, right: f32| {
        let mut strip = Strip::new(ui, rect).at(top + y, height);
        strip.left_at(16.0);
        strip.right_at(right);
        strip
    };
    let beside = switch::WIDTH + 28.0;
    line(0.0, 18.0, beside).text(Font::BodyStrong, tokens.tx_primary, system.label());
    line(20.0, 16.0, beside).text(Font::Small, tokens.tx_secondary, what);
    let color = if served
        && !model.is_stale()
        && model
            .checks_of(system)
            .is_some_and(|checks| checks.count > 0)
    {
        tokens.go
    } else {
        tokens.tx_tertiary
    };
    line(38.0, 16.0, beside).text(Font::Small, color, &state);
    paint_focus_ring(ui, &response, rect, 2, -2.0);
    // What was pressed is shown at once, and taken back if the server refuses.
    let on = model
        .serving
        .as_ref()
        .filter(|serving| serving.system == system)
        .map_or(served, |serving| serving.serve);
    let name = format!("Serve {}", system.label());
    let why = model.cannot_administer();
    let place = switch::place(rect, rect.right() - 16.0);
    if switch::switch(ui, place, on, &name, why.as_deref()) {
        actions.push(Action::Serve { system, serve: !on });
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// What is known of a system, in few words.
fn state(model: &Model, system: ClientSystem) -> String {
    let checks = model.checks_of(system).filter(|checks| checks.count > 0);
    let served = model.serves(system);
    match (served, checks) {
        (false, None) => "Not served".to_owned(),
        (true, None) if model.checks.latest().is_none() => "Served".to_owned(),
        (true, None) => "No check yet".to_owned(),
        (_, Some(checks)) => {
            let count = match checks.count {
                1 => "1 check".to_owned(),
                count => format!("{} checks", words::count(count)),
            };
            let last = checks
                .last
                .as_ref()
                .map(|last| words::ago(last.at, model.now));
            let served = if served { "" } else { "Not served · " };
            match last {
                Some(last) if checks.count == 1 => format!("{served}{count}, {last}"),
                Some(last) => format!("{served}{count}, the last {last}"),
                None => format!("{served}{count}"),
            }
        }
    }
}
