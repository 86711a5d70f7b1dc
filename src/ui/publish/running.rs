//! A build on its way: five steps, a log, and the way out while it is free.

use egui::text::LayoutJob;
use egui::{Rect, ScrollArea, Ui, UiBuilder, vec2};
use ota_keys::CustodyKind;

use super::layout::place;
use super::summary::{Summary, column, summary_ui};
use super::{PublishForm, is_narrow, side_panel, toolbar_ui};
use crate::model::{Action, LogLine, Model, Running, StepName, StepPhase, StepState, words};
use crate::ui::theme::space;
use crate::ui::widgets::{
    self, Banner, Button, CARD_BOTTOM, ProgressStep, card, code_well, copy_button, label,
    label_line, row, rule, trailing,
};
use crate::ui::{Font, Tokens, icons};

/// The page.
pub(super) fn running_ui(
    ui: &mut Ui,
    model: &Model,
    running: &Running,
    form: &mut PublishForm,
    actions: &mut Vec<Action>,
) {
    let rest = toolbar_ui(ui, 2, |_| ());
    let summary = summary(model, running);
    with_side(
        ui,
        rest,
        |ui| main_ui(ui, running, form, actions),
        |ui| {
            summary_ui(ui, model, &summary);
            ui.add_space(space::S3);
            Banner::note(icons::SHIELD_CHECK, "Safe to interrupt")
                .text("If the connection drops, Switchtower resumes where the server stopped. A half-uploaded bundle is never served.")
                .ui(ui);
        },
    );
}

/// Main column and side panel; in a narrow window the side panel's content comes below.
pub(super) fn with_side(
    ui: &mut Ui,
    rect: Rect,
    main: impl FnOnce(&mut Ui),
    side: impl FnOnce(&mut Ui),
) {
    let narrow = is_narrow(ui);
    let (left, right) = if narrow {
        (rect, None)
    } else {
        let (left, right) = side_panel(ui, rect);
        (left, Some(right))
    };
    let mut side = Some(side);
    place(ui, left, "publish-column", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let inner = column(ui.max_rect());
            let builder = UiBuilder::new()
                .max_rect(inner)
                .layout(egui::Layout::top_down(egui::Align::Min));
            ui.scope_builder(builder, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.set_width(inner.width());
                ui.add_space(if narrow { 20.0 } else { 28.0 });
                main(ui);
                if narrow && let Some(side) = side.take() {
                    ui.add_space(space::S4);
                    side(ui);
                }
                ui.add_space(space::S5);
            });
        });
    });
    if let (Some(right), Some(side)) = (right, side) {
        let inner = right.shrink2(vec2(20.0, 16.0));
        place(ui, inner, "publish-side", side);
    }
}

fn summary<'a>(model: &Model, running: &'a Running) -> Summary<'a> {
    Summary {
        version: &running.order.version,
        sequence: model
            .overview
            .latest()
            .map(|overview| overview.app.last_sequence.next()),
        channel: &running.order.channel,
        binary: &running.order.min_binary_version,
        files: running.build.scan.listing.files.len() as u64,
        size_bytes: running.build.archive_bytes,
        sha256: Some(running.build.sha256),
        key: &running.order.key,
    }
}

fn main_ui(ui: &mut Ui, running: &Running, form: &mut PublishForm, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let (version, channel) = (&running.order.version, &running.order.channel);
    label_line(
        ui,
        Font::Heading,
        tokens.tx_primary,
        format!("Publishing {version} to {channel}"),
    );
    ui.add_space(4.0);
    let keep = running.before.as_deref().unwrap_or("what they have");
    label(
        ui,
        Font::Body,
        tokens.tx_secondary,
        format!(
            "Devices keep {keep} until the last step finishes. You can leave this screen; the work carries on."
        ),
    );
    ui.add_space(18.0);
    card(ui, |ui| {
        for (index, step) in running.steps.iter().enumerate() {
            if index > 0 {
                rule(ui);
            }
            step_ui(ui, step, running);
        }
    });
    ui.add_space(space::S4);
    cancel_ui(ui, running, actions);
    ui.add_space(space::S5);
    log_ui(ui, &running.log, form);
}

fn step_ui(ui: &mut Ui, step: &StepState, running: &Running) {
    let share = step.bytes.map(|(done, all)| {
        if all == 0 {
            0.0
        } else {
            done as f32 / all as f32
        }
    });
    let (state, measured) = match step.phase {
        StepPhase::Waiting => (widgets::StepState::Waiting, String::new()),
        StepPhase::Running => {
            let measured = step
                .bytes
                .map_or_else(String::new, |(done, all)| words::size_of(done, all));
            (widgets::StepState::Running(share), measured)
        }
        StepPhase::Done { took_ms } => {
            let bar = step.name == StepName::Bundling || step.name == StepName::Uploading;
            (widgets::StepState::Done { bar }, words::duration(took_ms))
        }
        StepPhase::Failed => (widgets::StepState::Failed, String::new()),
    };
    let detail = if step.detail.is_empty() {
        plan(step.name, running)
    } else {
        step.detail.clone()
    };
    ProgressStep::new(state, step.name.title())
        .detail(&detail)
        .measured(&measured)
        .ui(ui);
}

/// What a step will do, until it says itself what it does.
fn plan(name: StepName, running: &Running) -> String {
    match name {
        StepName::Bundling => "Pack the files you reviewed".to_owned(),
        StepName::Signing => {
            let from = match running.order.key.custody {
                CustodyKind::File => "from its key file",
                CustodyKind::Keyring | CustodyKind::Memory => "from the OS keyring",
            };
            format!("{} signs the bundle, {from}", running.order.key.name)
        }
        StepName::Uploading => "Send it to the server in parts that can be resumed".to_owned(),
        StepName::Verifying => {
            "Download it back, compare the digest, check the signature as a device would".to_owned()
        }
        StepName::Live => format!(
            "Point {} at it and record it in the activity log",
            running.order.channel
        ),
    }
}

fn cancel_ui(ui: &mut Ui, running: &Running, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let channel = &running.order.channel;
    row(ui, 28.0, 10.0, |ui| {
        if running.cancelling {
            Button::secondary("Cancelling…")
                .icon(icons::X)
                .disabled("The answer of the server is awaited")
                .ui(ui);
            let text = match &running.before {
                Some(before) => {
                    format!("{channel} stays on {before}. Nothing has changed for devices.")
                }
                None => format!("{channel} stays empty. Nothing has changed for devices."),
            };
            label_line(ui, Font::Small, tokens.tx_tertiary, text);
        } else if running.can_cancel() {
            let uploading = running
                .current()
                .is_some_and(|(step, _)| step.name == StepName::Uploading);
            let label = if uploading {
                "Cancel upload"
            } else {
                "Cancel publishing"
            };
            if Button::secondary(label).icon(icons::X).ui(ui).clicked() {
                actions.push(Action::CancelPublish);
            }
            let text = match &running.before {
                Some(before) => format!(
                    "Cancelling now leaves {channel} on {before}. Nothing has changed for devices."
                ),
                None => format!(
                    "Cancelling now leaves {channel} empty. Nothing has changed for devices."
                ),
            };
            label_line(ui, Font::Small, tokens.tx_tertiary, text);
        } else {
            let text = format!("{channel} is changing now. To undo it, roll it back.");
            label_line(ui, Font::Small, tokens.tx_tertiary, text);
        }
    });
}

fn log_ui(ui: &mut Ui, log: &[LogLine], form: &mut PublishForm) {
    if log.is_empty() {
        return;
    }
    card(ui, |ui| {
        row(ui, 32.0, 6.0, |ui| {
            ui.add_space(6.0);
            let (icon, verb) = if form.log_closed {
                (icons::CARET_RIGHT, "Show the log")
            } else {
                (icons::CARET_DOWN, "Hide the log")
            };
            let head = Button::ghost("Log").small().icon(icon).name(verb);
            if head.ui(ui).clicked() {
                form.log_closed = !form.log_closed;
            }
            trailing(ui, 32.0, 0.0, |ui| {
                copy_button(ui, "Copy log", "the log", &log_text(log));
                ui.add_space(10.0);
            });
        });
        if form.log_closed {
            return;
        }
        rule(ui);
        ScrollArea::vertical()
            .id_salt("publish-log")
            .max_height(220.0)
            .auto_shrink([false, true])
            .stick_to_bottom(true)
            .show(ui, |ui| {
                let job = log_job(ui, log);
                code_well(ui, CARD_BOTTOM, job);
            });
    });
}

fn log_job(ui: &Ui, log: &[LogLine]) -> LayoutJob {
    let tokens = Tokens::of(ui);
    let mut job = LayoutJob::default();
    for (index, line) in log.iter().enumerate() {
        let end = if index + 1 < log.len() { "\n" } else { "" };
        let time = format!("{}  ", clock(line));
        job.append(&time, 0.0, Font::Mono.format(tokens.tx_tertiary));
        let verb = format!("{:<6}", line.verb);
        job.append(&verb, 0.0, Font::Mono.format(tokens.tx_secondary));
        let text = format!("{}{end}", line.text);
        job.append(&text, 0.0, Font::Mono.format(tokens.tx_primary));
    }
    job
}

fn clock(line: &LogLine) -> String {
    // Zones differ by whole minutes: seconds are the same in each.
    format!("{}:{}", words::clock(line.at), line.at.format("%S%.3f"))
}

fn log_text(log: &[LogLine]) -> String {
    let lines: Vec<String> = log
        .iter()
        .map(|line| format!("{}  {:<6}{}", clock(line), line.verb, line.text))
        .collect();
    lines.join("\n")
}
