//! What is shown over the whole window while something hovers above it.

use std::path::{Path, PathBuf};

use egui::{
    Align, Area, Context, CornerRadius, Id, Layout, Order, Rect, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, pos2, vec2,
};

use super::idle::{paint_dashed_frame, sentence, tile};
use crate::model::{Glance, GlanceFacts, Model, words};
use crate::ui::style::dialog_shadow;
use crate::ui::theme::radius;
use crate::ui::widgets::{
    Runs, card, key_value, keycap, label, label_line, row, rule, tag, trailing,
};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

const WIDTH: f32 = 720.0;

/// What dropping it now would do.
enum Verdict<'a> {
    /// Being looked at.
    Looking,
    /// It can be reviewed.
    Good(&'a GlanceFacts),
    /// It cannot, and why.
    Refused { title: String, why: String },
}

/// The overlay. Call it while files hover, after everything else.
pub fn drop_overlay_ui(ctx: &Context, model: &Model, hovered: &[PathBuf]) {
    let Some(path) = hovered.first() else {
        return;
    };
    let tokens = Tokens::of_ctx(ctx);
    let verdict = verdict(model, hovered, path);
    let refused = matches!(verdict, Verdict::Refused { .. });
    let window = ctx.content_rect();
    // Above dialogs too: that one is open is what it may have to say.
    Area::new(Id::unique("drop-overlay"))
        .order(Order::Tooltip)
        .fixed_pos(window.min)
        .constrain(false)
        .interactable(false)
        .show(ctx, |ui| {
            ui.set_min_size(window.size());
            ui.painter().rect_filled(window, 0.0, tokens.scrim);
            let color = if refused { tokens.stop } else { tokens.focus };
            let frame = window.shrink(13.0);
            paint_dashed_frame(ui.painter(), frame, 12.0, Stroke::new(2.0, color));
            panel_ui(ui, model, path, &verdict, window);
        });
}

fn verdict<'a>(model: &'a Model, hovered: &[PathBuf], path: &Path) -> Verdict<'a> {
    if let Some(why) = model.cannot_drop() {
        let title = "Nothing can be dropped now".to_owned();
        return Verdict::Refused { title, why };
    }
    if hovered.len() > 1 {
        return Verdict::Refused {
            title: format!("These are {} items", hovered.len()),
            why: "Drop one: the folder your build writes, usually dist/".to_owned(),
        };
    }
    let Some(glance) = known(model, path) else {
        return Verdict::Looking;
    };
    match &glance.verdict {
        Ok(facts) if facts.has_index || facts.archive => Verdict::Good(facts),
        Ok(_) => Verdict::Refused {
            title: "This folder has no index.html".to_owned(),
            why: "Drop the folder your build writes, usually dist/.".to_owned(),
        },
        Err(fault) => Verdict::Refused {
            title: fault.message.clone(),
            why: fault
                .hint
                .clone()
                .unwrap_or_else(|| "Drop the folder your build writes, usually dist/.".to_owned()),
        },
    }
}

fn known<'a>(model: &'a Model, path: &Path) -> Option<&'a Glance> {
    model.glance.as_ref().filter(|glance| glance.path == path)
}

fn panel_ui(ui: &mut Ui, model: &Model, path: &Path, verdict: &Verdict<'_>, window: Rect) {
    let tokens = Tokens::of(ui);
    let width = WIDTH.min(window.width() - 64.0);
    let height = if matches!(verdict, Verdict::Refused { .. }) {
        244.0
    } else {
        368.0
    };
    let center = window.center() - vec2(0.0, 24.0);
    let rect = Rect::from_center_size(center.round(), vec2(width, height));
    let corner = CornerRadius::same(radius::XL);
    let outline = match verdict {
        Verdict::Refused { .. } => tokens.stop_st,
        _ => tokens.st_control,
    };
    ui.painter()
        .add(dialog_shadow(tokens).as_shape(rect, corner));
    ui.painter().rect(
        rect,
        corner,
        tokens.bg_card,
        Stroke::new(1.0, outline),
        StrokeKind::Inside,
    );
    let builder = UiBuilder::new()
        .max_rect(rect.shrink2(vec2(40.0, 36.0)))
        .layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        head_ui(ui, path, verdict);
        ui.add_space(28.0);
        facts_ui(ui, model, path, verdict);
        if !matches!(verdict, Verdict::Refused { .. }) {
            ui.add_space(22.0);
            next_ui(ui);
        }
        ui.add_space(22.0);
        rule(ui);
        ui.add_space(8.0);
        foot_ui(ui);
    });
}

fn head_ui(ui: &mut Ui, path: &Path, verdict: &Verdict<'_>) {
    let tokens = Tokens::of(ui);
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let archive = matches!(verdict, Verdict::Good(facts) if facts.archive);
    row(ui, 64.0, 16.0, |ui| {
        let (tone, icon) = match verdict {
            Verdict::Refused { .. } => (Tone::Stop, icons::PROHIBIT),
            _ if archive => (Tone::Staged, icons::FILE_ARCHIVE),
            _ => (Tone::Staged, icons::FOLDER_OPEN.fill()),
        };
        tile(ui, tone, icon);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add_space(8.0);
            if let Verdict::Refused { title, why } = verdict {
                label(ui, Font::Title, tokens.tx_primary, title.as_str());
                label(ui, Font::BodyLarge, tokens.stop, sentence(why));
                return;
            }
            let slash = if archive { "" } else { "/" };
            let name = format!("{name}{slash}");
            Runs::new()
                .push(Font::Title, tokens.tx_primary, "Drop to review ")
                .push(Font::VersionLarge, tokens.tx_primary, &name)
                .ui_line(ui);
            let text = "Nothing leaves this machine until you press Sign & publish.";
            label(ui, Font::BodyLarge, tokens.tx_secondary, text);
        });
    });
}

fn facts_ui(ui: &mut Ui, model: &Model, path: &Path, verdict: &Verdict<'_>) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        key_value(ui, "Build", |ui| {
            label_line(
                ui,
                Font::Mono,
                tokens.tx_secondary,
                path.display().to_string(),
            );
        });
        let looks = match verdict {
            Verdict::Refused { .. } => return,
            Verdict::Looking => None,
            Verdict::Good(facts) => Some(looks_like(facts)),
        };
        rule(ui);
        key_value(ui, "Looks like", |ui| {
            if let Some(text) = looks {
                mark(ui, icons::CHECK_CIRCLE.fill(), tokens.go);
                label_line(ui, Font::Body, tokens.tx_primary, text);
            } else {
                mark(ui, icons::CIRCLE_NOTCH, tokens.tx_tertiary);
                label_line(ui, Font::Body, tokens.tx_tertiary, "Having a look");
            }
        });
        rule(ui);
        let channel = model
            .default_channel()
            .and_then(|name| model.channel(&name).cloned());
        let Some(channel) = channel else {
            key_value(ui, "Goes to", |ui| {
                let app = super::verdict::app_name(model);
                label_line(ui, Font::BodyStrong, tokens.tx_primary, app);
            });
            return;
        };
        key_value(ui, "Compares with", |ui| {
            let name = channel.name.as_str();
            label_line(ui, Font::BodyStrong, tokens.tx_primary, name);
            if let Some(live) = &channel.live {
                let version = live.version.to_string();
                label_line(ui, Font::Mono, tokens.tx_secondary, version);
                tag(ui, &live.sequence.to_string());
            }
            let text = "you can change the channel next";
            label_line(ui, Font::Small, tokens.tx_tertiary, text);
        });
    });
}

fn mark(ui: &mut Ui, icon: Icon, color: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
    icon.paint(ui.painter(), rect.center(), 16.0, color);
}

/// What a glance of 150 ms told.
fn looks_like(facts: &GlanceFacts) -> String {
    if facts.archive {
        return format!("A packed build, {}", words::size(facts.bytes));
    }
    let more = if facts.more { "at least " } else { "" };
    format!(
        "A built web app: index.html at the root, {more}{} files, {}",
        words::count(facts.files),
        words::size(facts.bytes)
    )
}

/// The three steps that follow.
fn next_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    let steps = [
        (icons::LIST_MAGNIFYING_GLASS, "Review", "Files and checks"),
        (icons::SIGNATURE, "Sign", "With your keyring"),
        (icons::SIGNPOST, "Publish", "To a channel"),
    ];
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
    let third = whole.width() / 3.0;
    for (index, (icon, title, detail)) in steps.into_iter().enumerate() {
        let left = whole.left() + third * index as f32;
        let rect = Rect::from_min_size(pos2(left, whole.top()), vec2(third, whole.height()));
        let center = pos2(left + 14.0, rect.center().y);
        ui.painter().circle(
            center,
            13.5,
            tokens.bg_raised,
            Stroke::new(1.0, tokens.st_default),
        );
        icon.paint(ui.painter(), center, 16.0, tokens.tx_secondary);
        if index < 2 {
            let at = pos2(rect.right() - 22.0, rect.center().y);
            icons::ARROW_RIGHT.paint(ui.painter(), at, 16.0, tokens.tx_tertiary);
        }
        let builder = UiBuilder::new()
            .id_salt(title)
            .max_rect(rect.with_min_x(left + 38.0))
            .layout(Layout::top_down(Align::Min));
        ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            label_line(ui, Font::BodyStrong, tokens.tx_primary, title);
            label_line(ui, Font::Small, tokens.tx_tertiary, detail);
        });
    }
}

fn foot_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    row(ui, 30.0, 8.0, |ui| {
        mark(ui, icons::INFO, tokens.tx_tertiary);
        let accepts = "Accepts a folder, .zip or .tar.gz.";
        label_line(ui, Font::Small, tokens.tx_tertiary, accepts);
        trailing(ui, 30.0, 8.0, |ui| {
            keycap(ui, "Esc");
            label_line(ui, Font::Small, tokens.tx_tertiary, "or drag out to cancel");
        });
    });
}
