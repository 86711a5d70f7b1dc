//! It is live: what a device receives now, and what comes next.

use egui::text::LayoutJob;
use egui::{CornerRadius, Rect, Sense, Ui, UiBuilder, vec2};
use serde_json::Value;

use super::running::with_side;
use super::summary::{Summary, summary_ui};
use super::toolbar_ui;
use crate::model::{Action, DeviceAnswer, Done, Model, Page, words};
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{
    Banner, Button, Lamp, Strip, card, copy_button, json_job, label, label_line, paint_signal, row,
    rule, skeleton, trailing,
};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// Longer strings of the answer are cut on the screen; copying gives them whole.
const LONGEST: usize = 30;
const STEP: f32 = 57.0;

/// The page.
pub(super) fn done_ui(ui: &mut Ui, model: &Model, done: &Done, actions: &mut Vec<Action>) {
    let rest = toolbar_ui(ui, 4, |_| ());
    let binary = done.release.min_binary_version.to_string();
    let version = done.release.version.to_string();
    let artifact = done.release.artifacts.first();
    let channel = &done.deployed.channel.name;
    let summary = Summary {
        version: &version,
        sequence: done
            .deployed
            .channel
            .live
            .as_ref()
            .map(|live| live.sequence),
        channel,
        binary: &binary,
        files: done.files,
        size_bytes: artifact.map_or(0, |artifact| artifact.size_bytes),
        sha256: artifact.map(|artifact| artifact.sha256),
        key: &done.key,
    };
    with_side(
        ui,
        rest,
        |ui| main_ui(ui, model, done, &version, actions),
        |ui| {
            summary_ui(ui, model, &summary);
            if let Some(next) = model.next_channel(channel) {
                ui.add_space(space::S3);
                let title = format!("Next stop: {}", next.name);
                Banner::new(Tone::Staged, icons::ARROW_RIGHT, &title)
                    .text("Promote it there from Channels when it holds. Same bytes, same signature: no key is needed.")
                    .ui(ui);
            }
        },
    );
}

fn main_ui(ui: &mut Ui, model: &Model, done: &Done, version: &str, actions: &mut Vec<Action>) {
    title_ui(ui, done, version);
    ui.add_space(20.0);
    device_ui(ui, done);
    ui.add_space(space::S4);
    buttons_ui(ui, model, done, actions);
}

fn title_ui(ui: &mut Ui, done: &Done, version: &str) {
    let tokens = Tokens::of(ui);
    let channel = &done.deployed.channel.name;
    row(ui, 46.0, 18.0, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 44.0), Sense::hover());
        paint_signal(ui.painter(), tokens, rect.min, 1.7, Some(Lamp::Go));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let title = format!("{version} is live on {channel}");
            label_line(ui, Font::Title, tokens.tx_primary, title);
            let by = done
                .deployed
                .channel
                .live
                .as_ref()
                .map_or_else(String::new, |live| format!(" by {}", live.by));
            let was = done.deployed.previous.as_ref().map_or_else(
                || "the first release here".to_owned(),
                |live| format!("was {}", live.version),
            );
            let text = format!(
                "Published in {}{by} · activity entry {} · {was}",
                words::duration(done.took_ms),
                words::count(done.deployed.activity_entry)
            );
            label_line(ui, Font::Body, tokens.tx_secondary, text);
        });
    });
}

fn device_ui(ui: &mut Ui, done: &Done) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        row(ui, 44.0, 8.0, |ui| {
            ui.add_space(14.0);
            label_line(
                ui,
                Font::CardTitle,
                tokens.tx_primary,
                "What a device will receive",
            );
            label_line(
                ui,
                Font::Small,
                tokens.tx_tertiary,
                "asked for just now, as a hotswap client does",
            );
            let body = done.device.latest().and_then(|answer| answer.body.as_ref());
            if let Some(body) = body {
                trailing(ui, 44.0, 0.0, |ui| {
                    let text = serde_json::to_string_pretty(body).unwrap_or_default();
                    copy_button(ui, "Copy", "the answer", &text);
                    ui.add_space(12.0);
                });
            }
        });
        rule(ui);
        let top = ui.cursor().min;
        let width = ui.available_width();
        let left = (width * 0.48).round();
        let job = done.device.latest().map(|answer| body_job(ui, answer));
        let lines = job.as_ref().map_or(0, |job| job.text.lines().count());
        let height = (4.0 * STEP).max(lines as f32 * 18.0 + 24.0);
        let whole = Rect::from_min_size(top, vec2(width, height));
        ui.allocate_rect(whole, Sense::hover());
        let well = whole.with_min_x(whole.left() + left);
        let corner = CornerRadius {
            se: radius::LG - 1,
            ..CornerRadius::ZERO
        };
        ui.painter().rect_filled(well, corner, tokens.bg_input);
        let edge = Rect::from_min_size(well.min, vec2(1.0, height));
        ui.painter().rect_filled(edge, 0.0, tokens.st_subtle);
        let builder = UiBuilder::new().max_rect(whole.with_max_x(well.left()));
        ui.scope_builder(builder, |ui| steps_ui(ui, done, height / 4.0));
        let builder = UiBuilder::new().max_rect(well.shrink2(vec2(14.0, 12.0)));
        ui.scope_builder(builder, |ui| answer_ui(ui, done, job));
    });
}

/// One thing that the device does.
struct Act<'a> {
    icon: Icon,
    title: &'a str,
    measured: String,
    detail: String,
}

fn steps_ui(ui: &mut Ui, done: &Done, height: f32) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    for (index, act) in acts(done).iter().enumerate() {
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        response.widget_info(|| {
            let name = format!("{}: {}. {}", act.title, act.measured, act.detail);
            egui::WidgetInfo::labeled(egui::Role::Label, true, name)
        });
        if index > 0 {
            let line = Rect::from_min_size(rect.min, vec2(rect.width(), 1.0));
            ui.painter().rect_filled(line, 0.0, tokens.st_subtle);
        }
        let top = rect.center().y - 17.0;
        let icon = egui::pos2(rect.left() + 24.0, top + 9.0);
        act.icon
            .paint(ui.painter(), icon, 16.0, tokens.tx_secondary);
        let mut first = Strip::new(ui, rect).at(top, 18.0);
        first.space_right(16.0);
        first.text_right(Font::Mono, tokens.tx_secondary, &act.measured);
        first.space_right(8.0);
        first.left_at(44.0);
        first.text(Font::BodyStrong, tokens.tx_primary, act.title);
        let mut second = Strip::new(ui, rect).at(top + 18.0, 16.0);
        second.left_at(44.0);
        second.space_right(16.0);
        second.text(Font::Small, tokens.tx_tertiary, &act.detail);
        response.on_hover_text(&act.detail);
    }
}

fn acts(done: &Done) -> [Act<'static>; 4] {
    let artifact = done.release.artifacts.first();
    let (measured, request) = match (done.device.latest(), done.device.fault()) {
        (Some(answer), _) => (
            format!("{} · {} ms", answer.status, answer.took_ms),
            answer.request.clone(),
        ),
        (None, Some(_)) => ("no answer".to_owned(), "See why at the right".to_owned()),
        (None, None) => ("…".to_owned(), "Asking".to_owned()),
    };
    let back = done.deployed.previous.as_ref().map_or_else(
        || "The device shows its built-in assets again".to_owned(),
        |live| format!("The device returns to {} on its next launch", live.sequence),
    );
    [
        Act {
            icon: icons::MAGNIFYING_GLASS,
            title: "It asks",
            measured,
            detail: request,
        },
        Act {
            icon: icons::CLOUD_ARROW_DOWN,
            title: "It downloads",
            measured: artifact
                .map_or_else(String::new, |artifact| words::size(artifact.size_bytes)),
            detail: artifact.map_or_else(String::new, |artifact| {
                format!("{}, retried up to 3 times", artifact.kind.extension())
            }),
        },
        Act {
            icon: icons::SEAL_CHECK,
            title: "It verifies",
            measured: artifact.map_or_else(String::new, |artifact| artifact.key_id.to_string()),
            detail: "Signature first, then it unpacks".to_owned(),
        },
        Act {
            icon: icons::ARROW_U_UP_LEFT,
            title: "If it does not start",
            measured: "automatic".to_owned(),
            detail: back,
        },
    ]
}

fn answer_ui(ui: &mut Ui, done: &Done, job: Option<LayoutJob>) {
    let tokens = Tokens::of(ui);
    match (job, done.device.fault()) {
        (Some(job), _) => {
            ui.add(egui::Label::new(job).selectable(true).extend());
        }
        (None, Some(fault)) => {
            label(ui, Font::Small, tokens.caution, fault.message.as_str());
            if let Some(hint) = &fault.hint {
                label(ui, Font::Small, tokens.tx_secondary, hint.as_str());
            }
        }
        (None, None) => {
            for width in [120.0, 210.0, 160.0, 190.0] {
                skeleton(ui, vec2(width, 10.0));
                ui.add_space(8.0);
            }
        }
    }
}

fn body_job(ui: &Ui, answer: &DeviceAnswer) -> LayoutJob {
    if let Some(body) = &answer.body {
        return json_job(ui, &shown(body));
    }
    let text = format!("{}, and no body: the device has it already", answer.status);
    LayoutJob::single_section(text, Font::Mono.format(Tokens::of(ui).tx_secondary))
}

/// The answer in the order of the protocol, long strings cut.
fn shown(body: &Value) -> String {
    const ORDER: [&str; 9] = [
        "version",
        "sequence",
        "min_binary_version",
        "url",
        "signature",
        "notes",
        "pub_date",
        "mandatory",
        "bundle_size",
    ];
    let Some(fields) = body.as_object() else {
        return serde_json::to_string_pretty(body).unwrap_or_default();
    };
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort_by_key(|name| (place(name).unwrap_or(ORDER.len()), *name));
    let lines: Vec<String> = names
        .iter()
        .filter_map(|name| Some(format!("  \"{name}\": {}", cut(fields.get(*name)?))))
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

fn cut(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.chars().count() > LONGEST => {
            let head: String = text.chars().take(LONGEST - 1).collect();
            Value::String(format!("{head}…")).to_string()
        }
        _ => value.to_string(),
    }
}

fn buttons_ui(ui: &mut Ui, model: &Model, done: &Done, actions: &mut Vec<Action>) {
    let channel = &done.deployed.channel.name;
    row(ui, 28.0, 8.0, |ui| {
        let watch = format!("Watch {channel}");
        if Button::primary(&watch).icon(icons::PULSE).ui(ui).clicked() {
            actions.push(Action::Go(Page::Channels));
        }
        let another = Button::secondary("Publish another build").icon(icons::UPLOAD_SIMPLE);
        if another.ui(ui).clicked() {
            actions.push(Action::PublishAnother);
        }
        trailing(ui, 28.0, 0.0, |ui| {
            let target = done.deployed.previous.as_ref().map_or_else(
                || "its built-in assets".to_owned(),
                |live| live.version.to_string(),
            );
            let undo = format!("Undo: roll back {channel} to {target}");
            let cannot = model.cannot_roll_back();
            let button = Button::ghost(&undo)
                .icon(icons::ARROW_U_UP_LEFT)
                .disabled(cannot.as_deref());
            if button.ui(ui).clicked() {
                actions.push(Action::AskRollBack(channel.clone()));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_answer_is_shown_in_the_order_of_the_protocol_and_cut() {
        let body = json!({"url": "u".repeat(80), "mandatory": false, "version": "1.0.0", "x": 1});
        let text = shown(&body);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "  \"version\": \"1.0.0\",");
        assert!(lines[2].starts_with("  \"url\": \"uuu") && lines[2].ends_with("u…\","));
        assert_eq!(lines[3], "  \"mandatory\": false,");
        assert_eq!(lines[4], "  \"x\": 1");
    }
}
