//! Whether a device has asked: waiting, the first check, the last one.

use egui::Ui;
use ota_api::{Check, SystemChecks};
use ota_model::{ClientSystem, NoUpdate};

use crate::model::{Action, Model, words};
use crate::ui::widgets::{Banner, Button};
use crate::ui::{Tone, icons};

/// The line above what there is to paste; whether there is one. It changes by itself when a device asks.
pub(super) fn seen_ui(
    ui: &mut Ui,
    model: &Model,
    system: ClientSystem,
    actions: &mut Vec<Action>,
) -> bool {
    if model.is_stale() {
        Banner::note(icons::CLOUD_SLASH, "Whether devices ask is not known now")
            .text("The server does not answer. It is tried again by itself.")
            .ui(ui);
        return true;
    }
    if let Some(fault) = model.checks.fault() {
        let text = format!(
            "{}. What to paste below is right all the same.",
            fault.message.trim_end_matches('.')
        );
        Banner::new(
            Tone::Caution,
            icons::WARNING.fill(),
            "The server does not say which devices asked",
        )
        .text(&text)
        .ui_with(ui, |ui| {
            let again = Button::secondary("Try again").small();
            if again.ui(ui).clicked() {
                actions.push(Action::Refresh);
            }
        });
        return true;
    }
    let checks = model.checks_of(system);
    match checks.and_then(|checks| Some((checks, checks.last.as_ref()?))) {
        Some((checks, last)) => last_ui(ui, model, system, checks, last),
        None if model.serves(system) => {
            let text = format!(
                "Paste what stands below, build, and start your app: its check shows here within a second. Counted since {}.",
                model
                    .checks
                    .latest()
                    .map_or_else(String::new, |checks| words::moment(checks.since))
            );
            let text = match model.checks.latest() {
                Some(_) => text.as_str(),
                None => "Asking the server which devices it has seen.",
            };
            Banner::new(
                Tone::Staged,
                icons::BROADCAST,
                "Waiting for the first check…",
            )
            .text(text)
            .ui(ui);
        }
        None => return false,
    }
    true
}

fn last_ui(ui: &mut Ui, model: &Model, system: ClientSystem, checks: &SystemChecks, last: &Check) {
    let which = if checks.count == 1 {
        "First check"
    } else {
        "Last check"
    };
    let title = format!(
        "{which}: {} → {}, {}",
        device(system, last),
        last.answer.text,
        words::ago(last.at, model.now)
    );
    let (tone, icon) = match last.answer.reason {
        // Devices ask in vain until somebody changes something.
        Some(
            NoUpdate::SystemNotServed
            | NoUpdate::UnknownChannel
            | NoUpdate::NoArtifact
            | NoUpdate::VersionNotPlain
            | NoUpdate::BinaryVersionUnknown
            | NoUpdate::UnknownSequence,
        ) => (Tone::Caution, icons::WARNING.fill()),
        _ => (Tone::Go, icons::CHECK_CIRCLE.fill()),
    };
    let channel = match (&last.channel, &last.asked_channel) {
        (Some(channel), Some(_)) => format!("It follows {channel}"),
        (Some(channel), None) => format!("It names no channel and follows {channel}"),
        (None, Some(asked)) => {
            format!("It asks for a channel “{asked}”, which the app does not have")
        }
        (None, None) => "It names no channel".to_owned(),
    };
    let since = model
        .checks
        .latest()
        .map_or_else(String::new, |checks| words::moment(checks.since));
    let count = match checks.count {
        1 => "1 check".to_owned(),
        count => format!("{} checks", words::count(count)),
    };
    let text = format!("{channel}. {count} since the server started, {since}.");
    Banner::new(tone, icon, &title).text(&text).ui(ui);
}

/// The device in few words: `linux x86_64, binary 1.4.2, sequence 0`.
fn device(system: ClientSystem, check: &Check) -> String {
    let mut parts = Vec::new();
    let machine = [&check.platform, &check.arch];
    let machine: Vec<_> = machine.into_iter().flatten().map(String::as_str).collect();
    if !machine.is_empty() {
        parts.push(machine.join(" "));
    }
    if system != ClientSystem::TauriUpdater && system != ClientSystem::SyncKit {
        parts.extend(
            check
                .binary_version
                .as_ref()
                .map(|version| format!("binary {version}")),
        );
    }
    parts.extend(check.current.as_ref().map(|current| match system {
        ClientSystem::Hotswap => format!("sequence {current}"),
        _ => format!("version {current}"),
    }));
    if parts.is_empty() {
        return "a device".to_owned();
    }
    parts.join(", ")
}
