//! What a change of a channel touches, as far as the server knows.

use egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use ota_api::Plan;
use ota_model::ReleaseKind;

use super::words_of;
use crate::model::{Action, Model, Remote, RollBack, words};
use crate::ui::theme::radius;
use crate::ui::widgets::{Banner, Button, Strip, section_head, skeleton};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

const ROW: f32 = 52.0;

/// One fact with its number.
pub(super) struct Touch {
    icon: Icon,
    number: String,
    title: String,
    detail: String,
}

/// The section of the roll back dialog.
pub(super) fn touches_ui(ui: &mut Ui, model: &Model, dialog: &RollBack, actions: &mut Vec<Action>) {
    let counted = dialog.plan.fetched_at().map_or_else(String::new, |at| {
        format!("Counted {}", words::ago(at, model.now))
    });
    section_head(ui, "What this touches", &counted);
    ui.add_space(8.0);
    let version = dialog.target_version().unwrap_or_default();
    let again = dialog.target.clone().map(Action::ChooseTarget);
    plan_ui(ui, &dialog.plan, again, actions, |plan| {
        roll_back_touches(plan, &version)
    });
}

/// The facts of a plan, or why there are none.
pub(super) fn plan_ui(
    ui: &mut Ui,
    plan: &Remote<Plan>,
    again: Option<Action>,
    actions: &mut Vec<Action>,
    facts: impl FnOnce(&Plan) -> Vec<Touch>,
) {
    if let Some(fault) = plan.fault() {
        let (message, hint) = words_of(fault);
        Banner::new(Tone::Stop, icons::WARNING_CIRCLE.fill(), &message)
            .text(&hint)
            .ui_with(ui, |ui| {
                if let Some(again) = again
                    && Button::secondary("Try again").small().ui(ui).clicked()
                {
                    actions.push(again);
                }
            });
        return;
    }
    let Some(plan) = plan.latest() else {
        skeleton(ui, vec2(ui.available_width(), ROW * 3.0));
        return;
    };
    table_ui(ui, &facts(plan));
    // One note for all: a banner each would be taller than what they explain.
    if let Some((first, others)) = plan.notes.split_first() {
        ui.add_space(8.0);
        let others = others.join(". ");
        Banner::note(icons::INFO, first).text(&others).ui(ui);
    }
}

fn roll_back_touches(plan: &Plan, version: &str) -> Vec<Touch> {
    let sequence = plan.sequence;
    let again = match plan.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => format!("{version} again"),
        ReleaseKind::BuiltIn => "the built-in assets".to_owned(),
    };
    let again = format!(
        "They get {again} as sequence {}, because devices only accept higher numbers",
        sequence.0
    );
    let from = plan
        .before
        .as_ref()
        .filter(|live| live.release_kind == ReleaseKind::Web)
        .map_or_else(
            || "this channel".to_owned(),
            |live| live.version.to_string(),
        );
    let mut touches = vec![match plan.devices {
        Some(count) => Touch {
            icon: icons::DEVICE_MOBILE,
            number: words::count(count),
            title: format!("devices run {from} and will be moved back"),
            detail: again,
        },
        None => Touch {
            icon: icons::DEVICE_MOBILE,
            number: "unknown".to_owned(),
            title: "how many devices will be moved: this server keeps no record of devices yet"
                .to_owned(),
            detail: again,
        },
    }];
    touches.push(download(plan));
    touches.push(binaries(plan));
    touches
}

/// What each device downloads.
pub(super) fn download(plan: &Plan) -> Touch {
    Touch {
        icon: icons::CLOUD_ARROW_DOWN,
        number: words::size(plan.size_bytes),
        title: "is downloaded by each device that moves".to_owned(),
        detail: match plan.release_kind {
            ReleaseKind::Web | ReleaseKind::Native => {
                "The same bytes as before, when it next checks for an update"
            }
            ReleaseKind::BuiltIn => "A bundle without files, when it next checks for an update",
        }
        .to_owned(),
    }
}

/// Which binaries are offered it.
pub(super) fn binaries(plan: &Plan) -> Touch {
    match plan.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => Touch {
            icon: icons::APP_WINDOW,
            number: format!("≥ {}", plan.min_binary_version),
            title: "binaries are offered it".to_owned(),
            detail: "Older ones keep what they have".to_owned(),
        },
        ReleaseKind::BuiltIn => Touch {
            icon: icons::APP_WINDOW,
            number: "every".to_owned(),
            title: "binary is offered it".to_owned(),
            detail: "Each shows the files that it was built with".to_owned(),
        },
    }
}

/// A fact of another dialog.
pub(super) const fn touch(icon: Icon, number: String, title: String, detail: String) -> Touch {
    Touch {
        icon,
        number,
        title,
        detail,
    }
}

/// Numbers in one column, what they mean beside them.
fn table_ui(ui: &mut Ui, touches: &[Touch]) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), ROW * touches.len() as f32);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::LG),
        tokens.bg_card,
        Stroke::new(1.0, tokens.st_default),
        StrokeKind::Inside,
    );
    for (index, touch) in touches.iter().enumerate() {
        let top = rect.top() + index as f32 * ROW;
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), ROW));
        let response = ui.interact(row, ui.scope_id().with(("touch", index)), Sense::hover());
        let spoken = format!("{} {}. {}", touch.number, touch.title, touch.detail);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        if index > 0 {
            let stroke = Stroke::new(1.0, tokens.st_subtle);
            let x = (row.left() + 1.0)..=(row.right() - 1.0);
            ui.painter().hline(x, row.top() + 0.5, stroke);
        }
        let at = pos2(row.left() + 22.0, row.top() + 18.0);
        touch
            .icon
            .paint(ui.painter(), at, 16.0, tokens.tx_secondary);
        let mut number = Strip::new(ui, row).at(row.top() + 9.0, 18.0);
        number.left_at(34.0);
        number.right_at(row.width() - 118.0);
        number.text_right(Font::MonoField, tokens.tx_primary, &touch.number);
        let line = |y: f32, height: f32| {
            let mut strip = Strip::new(ui, row).at(row.top() + y, height);
            strip.left_at(134.0);
            strip.right_at(14.0);
            strip
        };
        line(9.0, 18.0).text(Font::Body, tokens.tx_primary, &touch.title);
        line(27.0, 16.0).text(Font::Small, tokens.tx_tertiary, &touch.detail);
    }
}
