//! The status bar: keyring, log, work under way; the age of what is shown.

use egui::{Align, Layout, Rect, Ui, UiBuilder, vec2};
use ota_keys::CustodyKind;

use crate::model::{Action, ChainVerdict, FaultKind, KeyRef, Model, Page, Publish, words};
use crate::ui::widgets::{label_line, status_item};
use crate::ui::{Font, Tokens, Tone, icons};

/// Items at the left open where they are explained.
pub(super) fn status_bar_ui(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let rect = ui.max_rect().shrink2(vec2(12.0, 0.0));
    let mut left = child(ui, rect, Layout::left_to_right(Align::Center));
    left.spacing_mut().item_spacing.x = 18.0;
    keyring_item(&mut left, model, narrow, actions);
    if model.is_stale() {
        let age = model.overview.fetched_at().map_or_else(
            || "no answer yet".to_owned(),
            |at| format!("last answer {}", words::ago(at, model.now)),
        );
        let item = status_item(
            &mut left,
            Some(icons::CLOCK_COUNTER_CLOCKWISE),
            Some(Tone::Caution),
            &format!("Stale: {age}"),
            "",
        );
        if item.clicked() {
            actions.push(Action::Go(Page::Settings));
        }
    } else {
        chain_item(&mut left, model, narrow, actions);
    }
    job_item(&mut left, model, actions);

    let mut right = child(ui, rect, Layout::right_to_left(Align::Center));
    right.spacing_mut().item_spacing.x = 18.0;
    let tokens = Tokens::of(&right);
    let font = Font::CaptionRegular;
    if !narrow {
        let version = format!("Switchtower {}", env!("CARGO_PKG_VERSION"));
        label_line(&mut right, font, tokens.tx_tertiary, version);
    }
    label_line(&mut right, font, tokens.tx_tertiary, age(model));
}

fn child(ui: &mut Ui, rect: Rect, layout: Layout) -> Ui {
    ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
}

fn age(model: &Model) -> String {
    if model.is_stale() {
        return String::new();
    }
    match (model.overview.is_loading(), model.overview.fetched_at()) {
        (true, _) => "Updating".to_owned(),
        (false, Some(at)) => format!("Updated {}", words::ago(at, model.now)),
        (false, None) => String::new(),
    }
}

fn keyring_item(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let signer = model.settings.signer.as_ref();
    let key = signer
        .and_then(|key| model.keys.get(key))
        .or_else(|| model.keys.all().next());
    // Who signs with a file does not need the keyring.
    let in_file = key.is_some_and(|key| key.custody == CustodyKind::File);
    let fault = model.keys.keyring.fault().filter(|_| !in_file);
    let fault = fault.map(|fault| &fault.kind);
    let (icon, tone, text) = match (fault, key) {
        (None, Some(key)) if in_file => {
            let icon = if model.keys.remembers(&KeyRef::from(key)) {
                icons::LOCK_KEY_OPEN
            } else {
                icons::LOCK_KEY
            };
            let text = if narrow {
                key.name.to_string()
            } else {
                format!("Key file · {}", key.name)
            };
            (icon, None, text)
        }
        (Some(FaultKind::KeyringLocked), _) => (
            icons::LOCK_KEY.fill(),
            Some(Tone::Caution),
            "Keyring locked".to_owned(),
        ),
        (Some(FaultKind::KeyringAbsent), _) => (
            icons::LOCK_KEY.fill(),
            Some(Tone::Caution),
            "No keyring on this computer".to_owned(),
        ),
        (Some(_), _) => (
            icons::LOCK_KEY.fill(),
            Some(Tone::Caution),
            "The keyring could not be read".to_owned(),
        ),
        (None, Some(key)) if narrow => (icons::LOCK_KEY_OPEN, None, key.name.to_string()),
        (None, Some(key)) => (
            icons::LOCK_KEY_OPEN,
            None,
            format!("Keyring unlocked · {}", key.name),
        ),
        (None, None) if !model.keys.is_waiting() => {
            (icons::LOCK_KEY_OPEN, None, "No signing key yet".to_owned())
        }
        (None, None) => return,
    };
    let id = match (fault, key) {
        (None, Some(key)) if !narrow => key.id.to_string(),
        _ => String::new(),
    };
    if status_item(ui, Some(icon), tone, &text, &id).clicked() {
        actions.push(Action::Go(Page::Keys));
    }
}

fn chain_item(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let (icon, tone, text) = match &model.chain {
        Some(ChainVerdict::Good { head }) => {
            let entry = words::count(*head);
            let text = if narrow {
                format!("Log verified to {entry}")
            } else {
                format!("Activity log verified to entry {entry}")
            };
            (icons::SEAL_CHECK.fill(), Tone::Go, text)
        }
        Some(ChainVerdict::Broken { entry }) => (
            icons::SHIELD_WARNING.fill(),
            Tone::Stop,
            format!("Activity log broken at entry {}", words::count(*entry)),
        ),
        None => return,
    };
    if status_item(ui, Some(icon), Some(tone), &text, "").clicked() {
        actions.push(Action::Go(Page::Channels));
    }
}

fn job_item(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let text = match &model.publish {
        Publish::Reading(_) => "Reading the build".to_owned(),
        Publish::Running(running) => match running.current() {
            Some((step, Some(percent))) => {
                let version = &running.order.version;
                format!("{} {version} · {percent}%", step.name.title())
            }
            Some((step, None)) => format!("{} {}", step.name.title(), running.order.version),
            None => format!("Publishing {}", running.order.version),
        },
        _ => return,
    };
    let icon = Some(icons::UPLOAD_SIMPLE);
    if status_item(ui, icon, Some(Tone::Caution), &text, "").clicked() {
        actions.push(Action::Go(Page::Publish));
    }
}
