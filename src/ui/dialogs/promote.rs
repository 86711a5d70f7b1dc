//! Offering a channel's release on the next one.

use egui::{Context, Ui};
use ota_api::Plan;
use ota_model::{ReleaseId, ReleaseKind, Revision};

use super::touches::{self, Touch, binaries, download, touch};
use super::{unlock_fault, words_of};
use crate::model::{Action, Model, Promote, words};
use crate::ui::widgets::{
    Banner, Button, Dialog, Runs, TextField, card, dialog_body, dialog_footer, dialog_header,
    focus_on_open, key_value, rule, section_head, tag,
};
use crate::ui::{Font, Tokens, Tone, icons};

/// What is typed in the promote dialog.
#[derive(Default)]
pub struct PromoteForm {
    typed: String,
    /// What the typed name unlocks; another state must be unlocked again.
    unlocks: Option<(ReleaseId, Revision)>,
}

impl PromoteForm {
    fn follow(&mut self, dialog: &Promote) {
        let live = dialog.from.live.as_ref();
        let unlocks = live.map(|live| (live.release.clone(), dialog.to.revision));
        if self.unlocks != unlocks {
            self.typed.clear();
            self.unlocks = unlocks;
        }
    }
}

/// The dialog of one step along the line.
pub(super) fn promote_ui(
    ctx: &Context,
    model: &Model,
    dialog: &Promote,
    form: &mut PromoteForm,
    actions: &mut Vec<Action>,
) {
    let to = &dialog.to.name;
    let title = format!("Promote to {to}");
    let outcome = dialog.outcome();
    form.follow(dialog);
    let mut keep = false;
    let shown = Dialog::new("promote", &title).width(640.0).show(ctx, |ui| {
        let kind = if dialog.to.protected {
            "Protected channel"
        } else {
            "Open channel"
        };
        let subtitle = format!(
            "{kind}. The same bytes and signature as on {}",
            dialog.from.name
        );
        keep |= dialog_header(ui, Tone::Idle, icons::ARROW_RIGHT, &title, &subtitle);
        dialog_body(ui, |ui| {
            if let Some(fault) = &dialog.failed {
                let (message, hint) = words_of(fault);
                let title = format!("{to} was not changed. {message}");
                Banner::new(Tone::Stop, icons::WARNING_OCTAGON.fill(), &title)
                    .text(&hint)
                    .ui(ui);
                ui.add_space(16.0);
            }
            card(ui, |ui| step_ui(ui, dialog));
            ui.add_space(16.0);
            let counted = dialog.plan.fetched_at().map_or_else(String::new, |at| {
                format!("Counted {}", words::ago(at, model.now))
            });
            section_head(ui, "What this touches", &counted);
            ui.add_space(8.0);
            let again = Some(Action::AskPromote(dialog.from.name.clone()));
            touches::plan_ui(ui, &dialog.plan, again, actions, |plan| {
                promote_touches(plan, dialog)
            });
            if dialog.to.protected {
                unlock_ui(ui, dialog, form, &outcome);
            }
        });
        let missing = missing(model, dialog, form);
        dialog_footer(ui, "No signing key needed", |ui| {
            let safe = format!("Keep {to} as it is");
            let button = Button::secondary(&safe).keycap("Esc").ui(ui);
            if !dialog.to.protected {
                focus_on_open(ui, &button);
            }
            keep |= button.clicked();
            let label = if dialog.busy {
                "Promoting…"
            } else {
                title.as_str()
            };
            let button = Button::primary(label)
                .name(&outcome)
                .icon(icons::ARROW_RIGHT)
                .disabled(missing.as_deref());
            if button.ui(ui).clicked() {
                actions.push(Action::Promote);
            }
        });
    });
    if (keep || shown.escaped) && !dialog.busy {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

fn unlock_ui(ui: &mut Ui, dialog: &Promote, form: &mut PromoteForm, outcome: &str) {
    let to = dialog.to.name.as_str();
    ui.add_space(16.0);
    let label = format!("Type {to} to unlock");
    let name = format!("{label} {outcome}");
    let field = TextField::new(&label)
        .name(&name)
        .mono()
        .valid(form.typed == to)
        .enabled(!dialog.busy);
    let response = field.ui(ui, &mut form.typed);
    focus_on_open(ui, &response);
}

fn missing(model: &Model, dialog: &Promote, form: &PromoteForm) -> Option<String> {
    if dialog.busy {
        return Some("Waiting for the server".to_owned());
    }
    if let Some(why) = model.cannot_publish() {
        return Some(why);
    }
    if let Some(fault) = dialog.plan.fault() {
        return Some(fault.message.clone());
    }
    if dialog.plan.latest().is_none() {
        return Some("Counting what this touches".to_owned());
    }
    unlock_fault(dialog.to.protected, dialog.to.name.as_str(), &form.typed)
}

/// From where to where, and what stands there now.
fn step_ui(ui: &mut Ui, dialog: &Promote) {
    let release = |ui: &mut Ui, live: Option<&ota_api::LiveRelease>| {
        let tokens = Tokens::of(ui);
        match live {
            Some(live) if live.release_kind == ReleaseKind::BuiltIn => {
                Runs::new()
                    .push(Font::Body, tokens.tx_primary, "built-in assets")
                    .ui_line(ui);
                tag(ui, &live.sequence.to_string());
            }
            Some(live) => {
                Runs::new()
                    .push(
                        Font::MonoField,
                        tokens.tx_primary,
                        &live.version.to_string(),
                    )
                    .ui_line(ui);
                tag(ui, &live.sequence.to_string());
            }
            None => {
                Runs::new()
                    .push(Font::Body, tokens.tx_tertiary, "nothing yet")
                    .ui_line(ui);
            }
        }
    };
    key_value(ui, "From", |ui| {
        named(ui, &dialog.from.name);
        release(ui, dialog.from.live.as_ref());
    });
    rule(ui);
    key_value(ui, "Replaces", |ui| {
        named(ui, &dialog.to.name);
        release(ui, dialog.to.live.as_ref());
    });
}

fn named(ui: &mut Ui, channel: &ota_model::ChannelName) {
    let tokens = Tokens::of(ui);
    Runs::new()
        .push(Font::BodyStrong, tokens.tx_primary, channel.as_str())
        .ui_line(ui);
}

fn promote_touches(plan: &Plan, dialog: &Promote) -> Vec<Touch> {
    let to = &dialog.to.name;
    let (number, title) = match plan.devices {
        Some(count) => (
            words::count(count),
            format!("devices on {to} will be offered it"),
        ),
        None => (
            "unknown".to_owned(),
            "how many devices: this server keeps no record of devices yet".to_owned(),
        ),
    };
    let before = plan.before.as_ref().map_or_else(
        || format!("{to} offers nothing yet"),
        |live| match live.release_kind {
            ReleaseKind::Web | ReleaseKind::Native => {
                format!("They leave {} {}", live.version, live.sequence)
            }
            ReleaseKind::BuiltIn => format!("They leave the built-in assets {}", live.sequence),
        },
    );
    let (sequence, why) = if plan.keeps_sequence {
        (
            "is its sequence, as before",
            format!("It is higher than every number that {to} has offered"),
        )
    } else {
        (
            "is its new sequence",
            format!("{to} has offered higher numbers, and devices only accept higher ones"),
        )
    };
    vec![
        touch(icons::DEVICE_MOBILE, number, title, before),
        touch(
            icons::GIT_COMMIT,
            plan.sequence.to_string(),
            sequence.to_owned(),
            why,
        ),
        download(plan),
        binaries(plan),
    ]
}
