//! A build that waits for a decision.

use std::path::Path;

use egui::{Align, Frame, Layout, Margin, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::idle::sentence;
use super::layout::{pinned, place};
use super::verdict::{Verdict, prefill};
use super::{PublishForm, checks, files, form as fields, is_narrow, side_panel, toolbar_ui};
use crate::model::{Action, FaultKind, Model, Review, words};
use crate::ui::theme::space;
use crate::ui::widgets::{Banner, Button, card, copy_button, label_line};
use crate::ui::{Font, Tokens, Tone, icons};

const SUMMARY: f32 = 74.0;
/// The tree in a narrow window, where the page scrolls as a whole.
const LOW_TREE: f32 = 330.0;

/// The page.
pub(super) fn review_ui(
    ui: &mut Ui,
    model: &Model,
    review: &Review,
    form: &mut PublishForm,
    actions: &mut Vec<Action>,
) {
    prefill(form, model, review);
    let verdict = Verdict::of(model, review, form);
    fields::shortcut(ui, model, review, form, &verdict, actions);
    let rest = toolbar_ui(ui, 1, |ui| {
        let other = Button::ghost("Choose another build").icon(icons::FOLDER_OPEN);
        if other.ui(ui).clicked() {
            actions.push(Action::ChooseBuild);
        }
        let away = "Put this build away";
        let button = Button::ghost("").icon(icons::X).name(away).tooltip(away);
        if button.ui(ui).clicked() {
            actions.push(Action::DiscardBuild);
        }
    });
    if is_narrow(ui) {
        narrow_ui(ui, rest, model, review, form, &verdict, actions);
    } else {
        wide_ui(ui, rest, model, review, form, &verdict, actions);
    }
}

fn wide_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    review: &Review,
    form: &mut PublishForm,
    verdict: &Verdict,
    actions: &mut Vec<Action>,
) {
    let (main, side) = side_panel(ui, rect);
    let main = Rect::from_min_max(
        main.min + vec2(space::S5, space::S4),
        main.max - vec2(space::S4, space::S4),
    );
    place(ui, main, "review-main", |ui| {
        notices_ui(ui, model, review);
        summary_ui(ui, review);
        ui.add_space(space::S3);
        let below = checks::height(review, form) + space::S3;
        let height = (main.bottom() - ui.cursor().top() - below - 4.0).max(160.0);
        files::files_ui(ui, review, form, height);
        ui.add_space(space::S3);
        checks::checks_ui(ui, review, form, actions);
    });
    let padded = |rect: Rect| rect.shrink2(vec2(space::S5, 0.0));
    let above = pinned(ui, padded(side), "review-footer", |ui| {
        let line = Rect::from_min_max(
            pos2(side.left() + 1.0, ui.cursor().top()),
            pos2(side.right(), ui.cursor().top() + 1.0),
        );
        ui.painter()
            .rect_filled(line, 0.0, Tokens::of(ui).st_subtle);
        ui.add_space(space::S3 + 1.0);
        fields::footer_ui(ui, review, form, verdict, actions);
        ui.add_space(space::S4);
    });
    place(ui, side.with_max_y(above.bottom()), "review-form", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(20, 16))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    fields::fields_ui(ui, model, review, form, verdict, actions);
                });
        });
    });
}

fn narrow_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    review: &Review,
    form: &mut PublishForm,
    verdict: &Verdict,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::of(ui);
    let inner = rect.shrink2(vec2(space::S4, 0.0));
    let above = pinned(ui, inner, "review-footer-low", |ui| {
        let top = ui.cursor().top();
        let whole = Rect::from_min_max(pos2(rect.left(), top), rect.max);
        ui.painter().rect_filled(whole, 0.0, tokens.bg_rail);
        let line = Rect::from_min_size(whole.min, vec2(whole.width(), 1.0));
        ui.painter().rect_filled(line, 0.0, tokens.st_subtle);
        ui.add_space(11.0);
        fields::footer_ui(ui, review, form, verdict, actions);
        ui.add_space(space::S3);
    });
    place(ui, rect.with_max_y(above.bottom()), "review-low", |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(16, 12))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 0.0;
                    notices_ui(ui, model, review);
                    summary_ui(ui, review);
                    ui.add_space(space::S3);
                    files::files_ui(ui, review, form, LOW_TREE);
                    ui.add_space(space::S3);
                    checks::checks_ui(ui, review, form, actions);
                    ui.add_space(space::S4);
                    fields::fields_ui(ui, model, review, form, verdict, actions);
                });
        });
    });
}

/// What happened meanwhile: the last attempt failed, somebody else changed the channel.
fn notices_ui(ui: &mut Ui, model: &Model, review: &Review) {
    if let Some(fault) = &review.failed {
        let kept = "The build and what you typed are kept.";
        let text = sentence(fault.hint.as_deref().unwrap_or(kept));
        let (tone, icon) = match fault.kind {
            FaultKind::KeyringLocked => (Tone::Stop, icons::LOCK_KEY.fill()),
            FaultKind::Conflict { .. } => (Tone::Staged, icons::GIT_MERGE.fill()),
            _ => (Tone::Stop, icons::WARNING_OCTAGON.fill()),
        };
        Banner::new(tone, icon, &fault.message).text(&text).ui(ui);
        ui.add_space(space::S3);
        if matches!(fault.kind, FaultKind::Conflict { .. }) {
            return;
        }
    }
    if review.moved {
        let name = &review.channel;
        let live = model
            .channel(name)
            .and_then(|channel| channel.live.as_ref());
        let now = live.map_or_else(
            || "nothing".to_owned(),
            |live| format!("{} {}, by {}", words::release(live), live.sequence, live.by),
        );
        let title = format!("{name} changed while you were reviewing. It offers {now}");
        let text = if review.against.is_loading() {
            "The build is being compared with that. What you typed is kept."
        } else {
            "The build is compared with that now. What you typed is kept."
        };
        Banner::new(Tone::Staged, icons::GIT_MERGE.fill(), &title)
            .text(text)
            .ui(ui);
        ui.add_space(space::S3);
    }
}

/// One fact of the strip: caption, value, remark.
struct Fact<'a> {
    caption: &'a str,
    value: String,
    remark: String,
}

fn summary_ui(ui: &mut Ui, review: &Review) {
    let build = &review.build;
    let listing = &build.scan.listing;
    let folders = match listing.folder_count() {
        0 => "in one folder".to_owned(),
        1 => "in 1 folder".to_owned(),
        count => format!("in {count} folders"),
    };
    let unpacked = listing.total_bytes();
    let (change, differ) = change(review);
    let facts = [
        Fact {
            caption: "Files",
            value: words::count(listing.files.len() as u64),
            remark: folders,
        },
        Fact {
            caption: "Size",
            value: words::size(build.archive_bytes),
            remark: format!(
                "from {}{}",
                words::size(unpacked),
                share(build.archive_bytes, unpacked)
            ),
        },
        Fact {
            caption: "Change from live",
            value: change,
            remark: differ,
        },
        Fact {
            caption: "Read and packed in",
            value: words::duration(build.took_ms),
            remark: short_path(&build.path),
        },
    ];
    card(ui, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), SUMMARY), Sense::hover());
        let cell = rect.width() * 0.19;
        let mut x = rect.left();
        for fact in &facts {
            let place = Rect::from_min_size(pos2(x, rect.top()), vec2(cell, rect.height()));
            fact_ui(ui, place, fact);
            x += cell;
            let line = Rect::from_min_size(pos2(x, rect.top()), vec2(1.0, rect.height()));
            ui.painter()
                .rect_filled(line, 0.0, Tokens::of(ui).st_subtle);
        }
        digest_ui(ui, rect.with_min_x(x), review);
    });
}

fn inside(ui: &mut Ui, rect: Rect, name: &str, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new()
        .id_salt(name)
        .max_rect(rect.shrink2(vec2(16.0, 10.0)))
        .layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        content(ui);
    });
}

fn fact_ui(ui: &mut Ui, rect: Rect, fact: &Fact<'_>) {
    let tokens = Tokens::of(ui);
    inside(ui, rect, fact.caption, |ui| {
        label_line(ui, Font::Caption, tokens.tx_tertiary, fact.caption);
        label_line(ui, Font::Section, tokens.tx_primary, fact.value.as_str());
        label_line(ui, Font::Small, tokens.tx_tertiary, fact.remark.as_str());
    });
}

fn digest_ui(ui: &mut Ui, rect: Rect, review: &Review) {
    let tokens = Tokens::of(ui);
    let digest = review.build.sha256;
    inside(ui, rect.with_max_x(rect.right() - 28.0), "digest", |ui| {
        label_line(ui, Font::Caption, tokens.tx_tertiary, "Content digest");
        if review.repacking {
            label_line(ui, Font::Small, tokens.tx_secondary, "Packing again…");
            return;
        }
        ui.add_space(1.0);
        label_line(ui, Font::MonoField, tokens.tx_primary, digest.short());
        let what = match review.left_out.len() {
            0 => "SHA-256 of the archive".to_owned(),
            count => format!("SHA-256, {count} left out"),
        };
        label_line(ui, Font::Small, tokens.tx_tertiary, what);
    });
    if !review.repacking {
        let center = pos2(rect.right() - 26.0, rect.center().y);
        let place = Rect::from_center_size(center, vec2(28.0, 28.0));
        let builder = UiBuilder::new().id_salt("copy-digest").max_rect(place);
        ui.scope_builder(builder, |ui| {
            copy_button(ui, "", "content digest", &digest.to_string());
        });
    }
}

fn share(part: u64, whole: u64) -> String {
    // A few bytes grow in an archive: a share of more than all says nothing.
    if part > whole {
        return String::new();
    }
    format!(", {:.0}%", part as f64 / whole as f64 * 100.0)
}

/// The change of the archive's size, and how many files differ.
fn change(review: &Review) -> (String, String) {
    let Some(against) = review.against.latest() else {
        let why = if review.against.fault().is_some() {
            "not compared"
        } else {
            "comparing"
        };
        return ("–".to_owned(), why.to_owned());
    };
    let differ = against.diff.counts().different();
    let files = match differ {
        0 => "no file differs".to_owned(),
        1 => "1 file differs".to_owned(),
        count => format!("{} files differ", words::count(count as u64)),
    };
    match against.live_bytes {
        Some(live) => {
            let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let delta = signed(review.build.archive_bytes).saturating_sub(signed(live));
            (words::size_change(delta), files)
        }
        None => ("New".to_owned(), format!("{} is empty", against.channel)),
    }
}

/// The end of a path, which tells builds apart.
fn short_path(path: &Path) -> String {
    let whole = path.display().to_string();
    if whole.chars().count() <= 20 {
        return whole;
    }
    let mut parts: Vec<_> = path.iter().rev().take(2).collect();
    parts.reverse();
    let end = parts
        .iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/");
    format!("…/{end}")
}
