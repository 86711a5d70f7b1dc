//! One system: what it is, whether a device has asked, and what to paste.

use egui::text::LayoutJob;
use egui::{CornerRadius, Frame, Margin, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, vec2};
use ota_api::{AppOverview, TrustedKey};
use ota_client::connect::{
    Guide, Language, Setup, Snippet, guide, names_channel, needs_key, what_it_updates,
};
use ota_keys::PublicKey;
use ota_model::{ChannelName, ClientSystem};

use super::{ConnectForm, seen};
use crate::model::{Action, Model, Page};
use crate::ui::theme::radius;
use crate::ui::widgets::{
    Banner, Button, CARD_BOTTOM, Chip, Dropdown, card, code_well, copy_button, json_job, label,
    label_line, menu_item, row, rule, section_head, trailing,
};
use crate::ui::{Font, Tokens, Tone, icons};

/// The panel at the right.
pub(super) fn detail_ui(
    ui: &mut Ui,
    model: &Model,
    system: ClientSystem,
    form: &mut ConnectForm,
    actions: &mut Vec<Action>,
) {
    let Some(overview) = model.overview.latest() else {
        return;
    };
    ScrollArea::vertical()
        .id_salt(system.as_str())
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(20, 16))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 0.0;
                    head_ui(ui, model, system);
                    ui.add_space(14.0);
                    not_served_ui(ui, model, system, actions);
                    let key = chosen_key(overview, form);
                    if key.is_none() && needs_key(system) {
                        no_key_ui(ui, overview, actions);
                        return;
                    }
                    if seen::seen_ui(ui, model, system, actions) {
                        ui.add_space(14.0);
                    }
                    let channel = chosen_channel(overview, form).clone();
                    choices_ui(ui, overview, system, form, &channel, key);
                    paste_ui(ui, model, overview, system, &channel, key);
                });
        });
}

fn head_ui(ui: &mut Ui, model: &Model, system: ClientSystem) {
    let tokens = Tokens::of(ui);
    let served = model.serves(system);
    row(ui, 40.0, 12.0, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
        tile(ui, rect, if served { Tone::Go } else { Tone::Idle });
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            row(ui, 24.0, 8.0, |ui| {
                label_line(ui, Font::Heading, tokens.tx_primary, system.label());
                if served {
                    Chip::new(Tone::Go, icons::CHECK_CIRCLE.fill(), "Served").ui(ui);
                } else {
                    Chip::new(Tone::Idle, icons::CIRCLE, "Not served").ui(ui);
                }
            });
            label_line(ui, Font::Small, tokens.tx_tertiary, what_it_updates(system));
        });
    });
}

fn tile(ui: &Ui, rect: Rect, tone: Tone) {
    let colors = Tokens::of(ui).tone(tone);
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::LG),
        colors.fill,
        Stroke::new(1.0, colors.outline),
        StrokeKind::Inside,
    );
    icons::PLUGS.paint(ui.painter(), rect.center(), 20.0, colors.text);
}

fn not_served_ui(ui: &mut Ui, model: &Model, system: ClientSystem, actions: &mut Vec<Action>) {
    if model.serves(system) {
        return;
    }
    let title = format!("{} is not served", system.label());
    let cannot = model.cannot_administer();
    Banner::note(icons::INFO, &title)
        .text("Its clients are told that there is no update, whatever is published.")
        .ui_with(ui, |ui| {
            let label = format!("Serve {}", system.label());
            let name = format!("Begin to serve {}", system.label());
            let button = Button::secondary(&label).name(&name);
            if button.disabled(cannot.as_deref()).ui(ui).clicked() {
                actions.push(Action::Serve {
                    system,
                    serve: true,
                });
            }
        });
    ui.add_space(12.0);
}

/// The chosen channel, or the app's default one.
fn chosen_channel<'a>(overview: &'a AppOverview, form: &ConnectForm) -> &'a ChannelName {
    overview
        .channels
        .iter()
        .map(|channel| &channel.name)
        .find(|name| form.channel.as_ref() == Some(name))
        .unwrap_or(&overview.app.default_channel)
}

/// The chosen key, or the newest one that the app trusts.
fn chosen_key<'a>(overview: &'a AppOverview, form: &ConnectForm) -> Option<&'a TrustedKey> {
    let chosen = |key: &&TrustedKey| form.key.as_ref() == Some(&key.id);
    overview
        .keys
        .iter()
        .find(chosen)
        .or_else(|| overview.keys.first())
}

fn choices_ui(
    ui: &mut Ui,
    overview: &AppOverview,
    system: ClientSystem,
    form: &mut ConnectForm,
    channel: &ChannelName,
    key: Option<&TrustedKey>,
) {
    let names_channel = names_channel(system, &overview.app.systems);
    let several = needs_key(system) && overview.keys.len() > 1;
    if !names_channel && !several {
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let width = ((ui.available_width() - 12.0) / 2.0).min(320.0);
        if names_channel {
            ui.scope(|ui| {
                ui.set_width(width);
                channel_ui(ui, overview, form, channel);
            });
        }
        if let Some(key) = key.filter(|_| several) {
            ui.scope(|ui| {
                ui.set_width(width);
                key_ui(ui, overview, form, key);
            });
        }
    });
    ui.add_space(14.0);
}

fn channel_ui(ui: &mut Ui, overview: &AppOverview, form: &mut ConnectForm, channel: &ChannelName) {
    let is_default = |name: &ChannelName| {
        if *name == overview.app.default_channel {
            "default"
        } else {
            ""
        }
    };
    Dropdown::new("Channel", channel.as_str())
        .hint("that these devices follow")
        .detail(is_default(channel))
        .ui(ui, |ui| {
            for known in &overview.channels {
                let chosen = known.name == *channel;
                let item = menu_item(
                    ui,
                    None,
                    known.name.as_str(),
                    is_default(&known.name),
                    Some(chosen),
                );
                if item.clicked() {
                    form.channel = Some(known.name.clone());
                }
            }
        });
}

fn key_ui(ui: &mut Ui, overview: &AppOverview, form: &mut ConnectForm, key: &TrustedKey) {
    Dropdown::new("Public key", &key.name)
        .hint("whose signatures it accepts")
        .icon_go(icons::KEY.fill())
        .mono(key.id.as_str())
        .ui(ui, |ui| {
            for known in &overview.keys {
                let item = menu_item(
                    ui,
                    Some(icons::KEY),
                    &known.name,
                    known.id.as_str(),
                    Some(known.id == key.id),
                );
                if item.clicked() {
                    form.key = Some(known.id.clone());
                }
            }
        });
}

fn paste_ui(
    ui: &mut Ui,
    model: &Model,
    overview: &AppOverview,
    system: ClientSystem,
    channel: &ChannelName,
    key: Option<&TrustedKey>,
) {
    let Some(session) = model.session() else {
        return;
    };
    let public: Option<PublicKey> = key.and_then(|key| key.public_key.parse().ok());
    let guide = guide(&Setup {
        system,
        app: &overview.app.slug,
        systems: &overview.app.systems,
        server: &session.server.public_url,
        channel,
        key: public.as_ref(),
    });
    if let Some(guide) = guide {
        guide_ui(ui, system, key, &guide);
    }
}

/// A client that carries a key, and no key to carry.
fn no_key_ui(ui: &mut Ui, overview: &AppOverview, actions: &mut Vec<Action>) {
    let title = format!("{} trusts no key yet", overview.app.name);
    Banner::new(Tone::Caution, icons::KEY, &title)
        .text("This client accepts an update only if it carries the public key that signed it. Make or import a key first; what to paste then stands here.")
        .ui_with(ui, |ui| {
            if Button::secondary("Go to Keys").icon(icons::KEY).ui(ui).clicked() {
                actions.push(Action::Go(Page::Keys));
            }
        });
}

fn guide_ui(ui: &mut Ui, system: ClientSystem, key: Option<&TrustedKey>, guide: &Guide) {
    for note in guide.notes.iter().filter(|note| note.is_warning) {
        let (title, text) = split(&note.text);
        Banner::new(Tone::Caution, icons::WARNING.fill(), title)
            .text(&text)
            .ui(ui);
        ui.add_space(12.0);
    }
    let remark = match key.filter(|_| needs_key(system)) {
        Some(key) => format!("With the public key of {}", key.name),
        None => String::new(),
    };
    section_head(ui, "Put this into your app", &remark);
    ui.add_space(12.0);
    for (number, snippet) in (1..).zip(&guide.snippets) {
        snippet_ui(ui, number, snippet);
        ui.add_space(12.0);
    }
    let hints: Vec<_> = guide.notes.iter().filter(|note| !note.is_warning).collect();
    for hint in hints {
        hint_ui(ui, &hint.text);
        ui.add_space(8.0);
    }
}

/// The head of a note, and what follows as a sentence of its own.
fn split(text: &str) -> (&str, String) {
    let Some((head, rest)) = text.split_once(": ") else {
        return (text, String::new());
    };
    let mut letters = rest.chars();
    let first = letters.next().map(char::to_uppercase);
    let rest = first.into_iter().flatten().chain(letters).collect();
    (head, rest)
}

fn snippet_ui(ui: &mut Ui, number: usize, snippet: &Snippet) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        row(ui, 40.0, 10.0, |ui| {
            ui.add_space(14.0);
            label_line(ui, Font::BodyStrong, tokens.tx_primary, snippet.place);
            let width = (ui.available_width() - 110.0).max(60.0);
            ui.allocate_ui(vec2(width, 18.0), |ui| {
                label_line(ui, Font::Small, tokens.tx_tertiary, snippet.purpose);
            });
            trailing(ui, 40.0, 6.0, |ui| {
                let object = format!("step {number}, {}", snippet.place);
                copy_button(ui, "Copy", &object, &snippet.code);
                ui.add_space(10.0);
            });
        });
        rule(ui);
        let mut job = code_job(ui, snippet);
        job.wrap.break_anywhere = true;
        code_well(ui, CARD_BOTTOM, job);
    });
}

fn code_job(ui: &Ui, snippet: &Snippet) -> LayoutJob {
    match snippet.language {
        Language::Json => json_job(ui, &snippet.code),
        Language::Rust | Language::TypeScript | Language::Shell | Language::Address => {
            let color = Tokens::of(ui).tx_primary;
            LayoutJob::single_section(snippet.code.clone(), Font::Mono.format(color))
        }
    }
}

fn hint_ui(ui: &mut Ui, text: &str) {
    let tokens = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
        icons::INFO.paint(ui.painter(), rect.center(), 14.0, tokens.tx_tertiary);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            label(ui, Font::Small, tokens.tx_secondary, text);
        });
    });
}
