//! The form beside a reviewed build, and the button it is all for.

use egui::{CornerRadius, Key, Modifiers, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use ota_bundle::Severity;
use ota_keys::CustodyKind;

use super::PublishForm;
use super::idle::sentence;
use super::verdict::{Verdict, app_name, chosen_key, keys};
use crate::model::{Action, Dialog, Fault, KeyRef, Model, Page, Review, words};
use crate::ui::theme::radius;
use crate::ui::widgets::{
    Banner, Button, Dropdown, Runs, Strip, TextField, field_label, label, menu_item,
};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

const GAP: f32 = 14.0;

/// The fields.
pub(super) fn fields_ui(
    ui: &mut Ui,
    model: &Model,
    review: &Review,
    form: &mut PublishForm,
    verdict: &Verdict,
    actions: &mut Vec<Action>,
) {
    let width = ui.available_width();
    pair(
        ui,
        (width * 0.53, width * 0.47 - 8.0),
        |ui| {
            let field = TextField::new("Version").mono();
            let field = field.error(verdict.version.as_deref());
            if field.ui(ui, &mut form.version.text).changed() {
                form.version.edited = true;
            }
        },
        |ui| sequence_ui(ui, model),
    );
    ui.add_space(GAP);
    TextField::new("Notes")
        .hint("Markdown, shown in the app")
        .rows(3)
        .ui(ui, &mut form.notes);
    ui.add_space(GAP);
    pair(
        ui,
        (width * 0.62, width * 0.38 - 8.0),
        |ui| channel_ui(ui, model, review, actions),
        |ui| {
            let field = TextField::new("Needs binary ≥").mono();
            let field = field.error(verdict.binary.as_deref());
            if field.ui(ui, &mut form.binary.text).changed() {
                form.binary.edited = true;
            }
        },
    );
    ui.add_space(GAP);
    key_ui(ui, model, form, actions);
    let protected = model
        .channel(&review.channel)
        .is_some_and(|channel| channel.protected);
    if protected {
        ui.add_space(GAP);
        let channel = review.channel.as_str();
        let label = format!("Type {channel} to unlock it");
        let name = format!("Type {channel} to unlock Sign & publish to {channel}");
        TextField::new(&label)
            .name(&name)
            .hint("protected channel")
            .mono()
            .valid(form.typed == channel)
            .ui(ui, &mut form.typed);
    }
}

/// Two fields side by side.
fn pair(
    ui: &mut Ui,
    (left, right): (f32, f32),
    first: impl FnOnce(&mut Ui),
    second: impl FnOnce(&mut Ui),
) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.allocate_ui(vec2(left, 53.0), |ui| {
            ui.vertical(|ui| {
                ui.set_width(left);
                first(ui);
            });
        });
        ui.allocate_ui(vec2(right, 53.0), |ui| {
            ui.vertical(|ui| {
                ui.set_width(right);
                second(ui);
            });
        });
    });
}

/// The number that the release will get. The server gives it out, so nobody types it.
fn sequence_ui(ui: &mut Ui, model: &Model) {
    let tokens = Tokens::of(ui);
    field_label(ui, "Sequence", "");
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    let next = model
        .overview
        .latest()
        .map(|overview| overview.app.last_sequence.next().0.to_string());
    let next = next.as_deref().unwrap_or("–");
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, format!("Sequence {next}, next free"))
    });
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::MD),
        tokens.bg_input.gamma_multiply(0.5),
        Stroke::new(1.0, tokens.st_subtle),
        StrokeKind::Inside,
    );
    let mut strip = Strip::new(ui, rect);
    strip.space_right(11.0);
    strip.text_right(Font::Small, tokens.tx_tertiary, "next free");
    strip.space_right(8.0);
    strip.space(11.0);
    strip.text(Font::MonoField, tokens.tx_primary, next);
    response.on_hover_text("The server gives the next free number when the release goes live");
}

fn channel_icon(protected: bool) -> Icon {
    if protected {
        icons::LOCK_SIMPLE
    } else {
        icons::SIGNPOST
    }
}

fn channel_ui(ui: &mut Ui, model: &Model, review: &Review, actions: &mut Vec<Action>) {
    let channels = model
        .overview
        .latest()
        .map_or(&[][..], |overview| overview.channels.as_slice());
    let protected = model
        .channel(&review.channel)
        .is_some_and(|channel| channel.protected);
    let detail = if protected { "protected" } else { "" };
    Dropdown::new("Channel", review.channel.as_str())
        .icon(channel_icon(protected))
        .detail(detail)
        .ui(ui, |ui| {
            for channel in channels {
                let live = channel
                    .live
                    .as_ref()
                    .map_or_else(|| "empty".to_owned(), |live| live.version.to_string());
                let chosen = channel.name == review.channel;
                let icon = Some(channel_icon(channel.protected));
                if menu_item(ui, icon, channel.name.as_str(), &live, Some(chosen)).clicked()
                    && !chosen
                {
                    actions.push(Action::ChooseChannel(channel.name.clone()));
                }
            }
        });
}

fn key_ui(ui: &mut Ui, model: &Model, form: &mut PublishForm, actions: &mut Vec<Action>) {
    if model.keys.all().next().is_none() {
        no_key_ui(ui, model, actions);
        return;
    }
    let app = app_name(model);
    let (text, id, trusted, hint) = match chosen_key(model, form) {
        Some((key, trusted)) => (
            key.name.as_str(),
            key.id.as_str(),
            trusted,
            if model.keys.remembers(&KeyRef::from(key)) {
                "in a key file, password remembered"
            } else {
                words::kept(key.custody)
            },
        ),
        None => ("Choose a key", "", false, ""),
    };
    let dropdown = Dropdown::new("Signing key", text).hint(hint).mono(id);
    let dropdown = if trusted {
        dropdown.icon_go(icons::KEY.fill())
    } else {
        dropdown.icon(icons::KEY)
    };
    let mut chosen = None;
    dropdown.ui(ui, |ui| {
        for (key, trusted) in keys(model) {
            let trust = if trusted { "trusted" } else { "not trusted" };
            let detail = match key.custody {
                CustodyKind::File => format!("file, {trust}"),
                CustodyKind::Keyring | CustodyKind::Memory => trust.to_owned(),
            };
            let icon = if trusted {
                icons::KEY.fill()
            } else {
                icons::KEY
            };
            let this = KeyRef::from(key);
            let is_chosen = form.key.as_ref() == Some(&this);
            if menu_item(ui, Some(icon), key.name.as_str(), &detail, Some(is_chosen)).clicked() {
                chosen = Some(this);
            }
        }
    });
    if chosen.is_some() {
        form.key = chosen;
    }
    if let Some((key, false)) = chosen_key(model, form) {
        ui.add_space(8.0);
        let name = key.name.as_str();
        let title = format!("{app} does not trust {name} yet");
        let why = "The server takes only what a trusted key signed.";
        let cannot = model.cannot_administer();
        Banner::new(Tone::Caution, icons::SHIELD_WARNING.fill(), &title)
            .text(why)
            .ui_with(ui, |ui| {
                let full = format!("Trust {name} for {app}");
                let button = Button::secondary("Trust it").small().name(&full);
                if button.disabled(cannot.as_deref()).ui(ui).clicked() {
                    actions.push(Action::TrustKey(KeyRef::from(key)));
                }
            });
        // The key that the app trusts may be behind it.
        if let Some(fault) = model.keys.keyring.fault() {
            ui.add_space(8.0);
            keyring_ui(ui, fault, actions);
        }
    }
}

/// The keyring does not give its keys.
fn keyring_ui(ui: &mut Ui, fault: &Fault, actions: &mut Vec<Action>) {
    let hint = sentence(fault.hint.as_deref().unwrap_or(""));
    Banner::new(Tone::Caution, icons::LOCK_KEY.fill(), &fault.message)
        .text(&hint)
        .ui_with(ui, |ui| {
            if Button::secondary("Open keys").small().ui(ui).clicked() {
                actions.push(Action::Go(Page::Keys));
            }
        });
}

/// Why there is no key to choose, and the way out.
fn no_key_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let faults = [model.keys.keyring.fault(), model.keys.files.fault()];
    if let Some(fault) = faults.into_iter().flatten().next() {
        field_label(ui, "Signing key", "");
        keyring_ui(ui, fault, actions);
        return;
    }
    if model.keys.is_waiting() {
        let waiting = "The keyring has not answered yet";
        Dropdown::new("Signing key", "Reading the keyring…")
            .icon(icons::KEY)
            .disabled(waiting)
            .ui(ui, |_| ());
        return;
    }
    field_label(ui, "Signing key", "");
    Banner::new(
        Tone::Caution,
        icons::KEY.fill(),
        "There is no signing key on this computer",
    )
    .text("Devices install only what a key signed that they know.")
    .ui_with(ui, |ui| {
        if Button::secondary("Make a key").small().ui(ui).clicked() {
            actions.push(Action::Open(Dialog::NewKey {
                failed: None,
                busy: false,
            }));
        }
    });
}

/// Whom it reaches, what is open, and the button.
pub(super) fn footer_ui(
    ui: &mut Ui,
    review: &Review,
    form: &PublishForm,
    verdict: &Verdict,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::of(ui);
    let channel = review.channel.as_str();
    remark(ui, icons::BROADCAST, tokens.tx_secondary, |ui| {
        let mut runs = Runs::new()
            .push(Font::Small, tokens.tx_secondary, "Every device on ")
            .push(Font::SmallStrong, tokens.tx_primary, channel)
            .push(
                Font::Small,
                tokens.tx_secondary,
                " that checks gets it; this server keeps no record of devices yet.",
            );
        if verdict.binary.is_none() {
            let keep = format!(
                " Binaries below {} keep what they have.",
                form.binary.text.trim()
            );
            runs = runs.push(Font::Small, tokens.tx_secondary, &keep);
        }
        runs.ui(ui);
    });
    let decide = review.build.scan.count(Severity::Decide);
    if let Some(reason) = &verdict.reason {
        let (icon, color) = if verdict.stopped {
            (icons::WARNING_OCTAGON.fill(), tokens.stop)
        } else {
            (icons::INFO, tokens.caution)
        };
        remark(ui, icon, color, |ui| {
            label(ui, Font::Small, color, sentence(reason));
        });
    } else if decide > 0 {
        let checks = if decide == 1 {
            "1 check needs"
        } else {
            &format!("{decide} checks need")
        };
        let text = format!("{checks} a decision. You can publish with warnings on {channel}.");
        remark(ui, icons::WARNING.fill(), tokens.caution, |ui| {
            label(ui, Font::Small, tokens.caution, text);
        });
    }
    ui.add_space(2.0);
    let words = format!("Sign & publish to {channel}");
    let button = Button::primary(&words)
        .large()
        .icon(icons::SIGNATURE)
        .keycap("Ctrl ↵")
        .min_width(ui.available_width())
        .disabled(verdict.reason.as_deref());
    if button.ui(ui).clicked()
        && let Some(order) = form.order(review)
    {
        actions.push(Action::Publish(order));
    }
}

/// Ctrl+Enter does what the button does. Taken before the fields see it.
pub(super) fn shortcut(
    ui: &Ui,
    model: &Model,
    review: &Review,
    form: &PublishForm,
    verdict: &Verdict,
    actions: &mut Vec<Action>,
) {
    let pressed = model.dialog.is_none()
        && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    if pressed && verdict.reason.is_none() {
        actions.extend(form.order(review).map(Action::Publish));
    }
}

fn remark(ui: &mut Ui, icon: Icon, color: egui::Color32, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
        icon.paint(ui.painter(), rect.center(), 14.0, color);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            content(ui);
        });
    });
    ui.add_space(10.0);
}
