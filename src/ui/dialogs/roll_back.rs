//! Taking a channel back: where to, what it touches, why.

use egui::{Context, Ui, vec2};
use ota_api::DeploymentRecord;
use ota_model::ReleaseKind;

use super::{LEAST_REASON, touches, unlock_fault, words_of};
use crate::model::{Action, Model, RollBack, Target, words};
use crate::ui::widgets::{
    Banner, Button, Chip, Dialog, RadioRow, TextField, dialog_body, dialog_footer, dialog_header,
    focus_on_open, link, section_head, skeleton,
};
use crate::ui::{Tone, icons};

/// Shown before the others are asked for.
const FIRST_TARGETS: usize = 3;

/// What is typed in the roll back dialog.
#[derive(Default)]
pub struct RollBackForm {
    reason: String,
    typed: String,
    all_targets: bool,
    /// What the typed name unlocks; another target must be unlocked again.
    unlocks: Option<Target>,
}

/// The dialog of one channel.
pub(super) fn roll_back_ui(
    ctx: &Context,
    model: &Model,
    dialog: &RollBack,
    form: &mut RollBackForm,
    actions: &mut Vec<Action>,
) {
    if form.unlocks != dialog.target {
        // The first target comes by itself and takes nothing away.
        if form.unlocks.is_some() {
            form.typed.clear();
        }
        form.unlocks.clone_from(&dialog.target);
    }
    let channel = &dialog.channel;
    let title = format!("Roll back {}", channel.name);
    let outcome = dialog.outcome();
    let mut keep = false;
    let shown = Dialog::new("roll-back", &title)
        .width(768.0)
        .show(ctx, |ui| {
            let icon = icons::ARROW_U_UP_LEFT;
            keep |= dialog_header(ui, Tone::Stop, icon, &title, &subtitle(model, dialog));
            dialog_body(ui, |ui| {
                if let Some(fault) = &dialog.failed {
                    let (message, hint) = words_of(fault);
                    let title = format!("{} was not rolled back. {message}", channel.name);
                    Banner::new(Tone::Stop, icons::WARNING_OCTAGON.fill(), &title)
                        .text(&hint)
                        .ui(ui);
                    ui.add_space(16.0);
                }
                targets_ui(ui, dialog, form, actions);
                ui.add_space(16.0);
                touches::touches_ui(ui, model, dialog, actions);
                ui.add_space(16.0);
                fields_ui(ui, dialog, form, &outcome);
            });
            let missing = missing(model, dialog, form);
            dialog_footer(ui, note(dialog), |ui| {
                let safe = format!("Keep {}", now(dialog));
                keep |= Button::secondary(&safe).keycap("Esc").ui(ui).clicked();
                let label = if dialog.busy {
                    "Rolling back…"
                } else {
                    outcome.as_str()
                };
                let danger = Button::danger(label)
                    .name(&outcome)
                    .icon(icons::ARROW_U_UP_LEFT)
                    .disabled(missing.as_deref());
                if danger.ui(ui).clicked() {
                    actions.push(Action::RollBack {
                        reason: form.reason.clone(),
                    });
                }
            });
        });
    if (keep || shown.escaped) && !dialog.busy {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

fn subtitle(model: &Model, dialog: &RollBack) -> String {
    let kind = if dialog.channel.protected {
        "Protected channel"
    } else {
        "Open channel"
    };
    match model.session() {
        Some(session) => {
            let role = session.role.label();
            match model.cannot_publish() {
                Some(_) => format!("{kind}. Your role ({role}) may roll back, not publish"),
                None => format!("{kind}. Your role is {role}"),
            }
        }
        None => kind.to_owned(),
    }
}

/// What the channel offers now, for the safe button.
fn now(dialog: &RollBack) -> String {
    dialog.channel.live.as_ref().map_or_else(
        || "it as it is".to_owned(),
        |live| match live.release_kind {
            ReleaseKind::Web | ReleaseKind::Native => live.version.to_string(),
            ReleaseKind::BuiltIn => "the built-in assets".to_owned(),
        },
    )
}

const fn note(dialog: &RollBack) -> &'static str {
    match &dialog.target {
        Some(Target::Release(_)) => "No signing key needed: it keeps its signature",
        _ => "No signing key needed",
    }
}

/// Why the danger button is not unlocked yet.
fn missing(model: &Model, dialog: &RollBack, form: &RollBackForm) -> Option<String> {
    let channel = &dialog.channel;
    if dialog.busy {
        return Some("Waiting for the server".to_owned());
    }
    if let Some(why) = model.cannot_roll_back() {
        return Some(why);
    }
    if dialog.target.is_none() {
        return Some("Choose where to go back to".to_owned());
    }
    if let Some(fault) = dialog.plan.fault() {
        return Some(fault.message.clone());
    }
    if dialog.plan.latest().is_none() {
        return Some("Counting what this touches".to_owned());
    }
    if channel.protected && form.reason.trim().chars().count() < LEAST_REASON {
        return Some(format!(
            "Give a reason of at least {LEAST_REASON} characters"
        ));
    }
    unlock_fault(channel.protected, channel.name.as_str(), &form.typed)
}

fn targets_ui(ui: &mut Ui, dialog: &RollBack, form: &mut RollBackForm, actions: &mut Vec<Action>) {
    let remark = format!("Only releases that ran on {}", dialog.channel.name);
    section_head(ui, "Go back to", &remark);
    ui.add_space(8.0);
    if let Some(fault) = dialog.history.fault() {
        let (message, hint) = words_of(fault);
        Banner::new(Tone::Stop, icons::WARNING_CIRCLE.fill(), &message)
            .text(&hint)
            .ui_with(ui, |ui| {
                if Button::secondary("Try again").small().ui(ui).clicked() {
                    actions.push(Action::AskRollBack(dialog.channel.name.clone()));
                }
            });
        return;
    }
    if dialog.history.latest().is_none() {
        for _ in 0..2 {
            skeleton(ui, vec2(ui.available_width(), 48.0));
            ui.add_space(6.0);
        }
        return;
    }
    let targets = dialog.targets();
    let recommended = dialog.recommended();
    let shown = if form.all_targets {
        targets.len()
    } else {
        FIRST_TARGETS
    };
    for record in targets.iter().take(shown) {
        let target = Target::Release(record.live.release.clone());
        release_ui(ui, dialog, record, target == recommended, actions);
        ui.add_space(6.0);
    }
    let mut built_in = RadioRow::release("Built-in assets")
        .detail("Each binary shows what it shipped with. A signed bundle without files")
        .right("always available");
    if recommended == Target::BuiltIn {
        built_in = built_in.chip(recommended_chip());
    }
    let selected = dialog.target == Some(Target::BuiltIn);
    if built_in.ui(ui, selected).clicked() && !selected && !dialog.busy {
        actions.push(Action::ChooseTarget(Target::BuiltIn));
    }
    let hidden = targets.len().saturating_sub(shown);
    if hidden > 0 {
        ui.add_space(8.0);
        let text = match hidden {
            1 => "Show 1 older release".to_owned(),
            count => format!("Show {count} older releases"),
        };
        if link(ui, &text).clicked() {
            form.all_targets = true;
        }
    }
}

const fn recommended_chip() -> Chip<'static> {
    Chip::new(Tone::Go, icons::SEAL_CHECK.fill(), "Recommended")
}

fn release_ui(
    ui: &mut Ui,
    dialog: &RollBack,
    record: &DeploymentRecord,
    recommended: bool,
    actions: &mut Vec<Action>,
) {
    let live = &record.live;
    let version = live.version.to_string();
    let sequence = live.sequence.to_string();
    let ran = match record.until {
        Some(until) => format!(
            "Live here {} to {}, by {}",
            words::moment(live.since),
            words::moment(until),
            live.by
        ),
        None => format!(
            "Live here since {}, by {}",
            words::moment(live.since),
            live.by
        ),
    };
    let size = words::size(live.size_bytes);
    let mut row = RadioRow::release(&version)
        .tag(&sequence)
        .detail(&ran)
        .right(&size);
    if recommended {
        row = row.chip(recommended_chip());
    }
    let target = Target::Release(live.release.clone());
    let selected = dialog.target.as_ref() == Some(&target);
    if row.ui(ui, selected).clicked() && !selected && !dialog.busy {
        actions.push(Action::ChooseTarget(target));
    }
}

fn fields_ui(ui: &mut Ui, dialog: &RollBack, form: &mut RollBackForm, outcome: &str) {
    let channel = dialog.channel.name.as_str();
    let protected = dialog.channel.protected;
    let enabled = !dialog.busy;
    let hint = if protected {
        "at least 8 characters, kept in the activity log"
    } else {
        "optional, kept in the activity log"
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        let width = if protected {
            (ui.available_width() - 16.0) * 0.64
        } else {
            ui.available_width()
        };
        let reason = TextField::new("Reason")
            .hint(hint)
            .width(width)
            .enabled(enabled)
            .ui(ui, &mut form.reason);
        focus_on_open(ui, &reason);
        if reason.gained_focus() {
            // In a low window the field stands below the fold.
            reason.scroll_to_me(None);
        }
        if protected {
            let label = format!("Type {channel} to unlock");
            let name = format!("{label} {outcome}");
            let field = TextField::new(&label)
                .name(&name)
                .mono()
                .valid(form.typed == channel)
                .enabled(enabled);
            field.ui(ui, &mut form.typed);
        }
    });
}
