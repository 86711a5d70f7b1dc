//! What is published, beside its progress and its result.

use egui::{Rect, Sense, Ui, vec2};
use ota_model::{ChannelName, Sequence, Sha256};

use crate::model::{KeyRef, Model, words};
use crate::ui::widgets::{card, key_value, label_line, row, rule, tag};
use crate::ui::{Font, Tokens, icons};

/// The facts of a release.
pub(super) struct Summary<'a> {
    pub(super) version: &'a str,
    pub(super) sequence: Option<Sequence>,
    pub(super) channel: &'a ChannelName,
    pub(super) binary: &'a str,
    pub(super) files: u64,
    pub(super) size_bytes: u64,
    pub(super) sha256: Option<Sha256>,
    pub(super) key: &'a KeyRef,
}

/// The card.
pub(super) fn summary_ui(ui: &mut Ui, model: &Model, summary: &Summary<'_>) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        row(ui, 39.0, 8.0, |ui| {
            ui.add_space(14.0);
            label_line(ui, Font::Version, tokens.tx_primary, summary.version);
            if let Some(sequence) = summary.sequence {
                tag(ui, &sequence.to_string());
            }
        });
        rule(ui);
        key_value(ui, "Channel", |ui| {
            label_line(
                ui,
                Font::BodyStrong,
                tokens.tx_primary,
                summary.channel.as_str(),
            );
            let protected = model
                .channel(summary.channel)
                .is_some_and(|channel| channel.protected);
            if protected {
                label_line(ui, Font::Body, tokens.tx_tertiary, "· protected");
            }
        });
        rule(ui);
        key_value(ui, "Needs binary", |ui| {
            label_line(
                ui,
                Font::Mono,
                tokens.tx_primary,
                format!("≥ {}", summary.binary),
            );
        });
        rule(ui);
        key_value(ui, "Bundle", |ui| {
            let files = match summary.files {
                1 => "1 file".to_owned(),
                count => format!("{} files", words::count(count)),
            };
            label_line(ui, Font::Body, tokens.tx_primary, files);
            let size = format!("· {}", words::size(summary.size_bytes));
            label_line(ui, Font::Body, tokens.tx_tertiary, size);
        });
        if let Some(sha256) = summary.sha256 {
            rule(ui);
            key_value(ui, "Digest", |ui| {
                label_line(ui, Font::Mono, tokens.tx_primary, sha256.short())
                    .on_hover_text(sha256.to_string());
            });
        }
        rule(ui);
        key_value(ui, "Signed with", |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
            icons::KEY
                .fill()
                .paint(ui.painter(), rect.center(), 14.0, tokens.go);
            label_line(ui, Font::Body, tokens.tx_primary, summary.key.name.as_str());
        });
        if let Some(key) = model.keys.get(summary.key) {
            rule(ui);
            key_value(ui, "Key id", |ui| {
                label_line(ui, Font::Mono, tokens.tx_primary, key.id.as_str());
            });
        }
    });
}

/// The column of a running or finished publishing: at most 760 wide, in the middle.
pub(super) fn column(rect: Rect) -> Rect {
    let width = (rect.width() - 40.0).min(760.0);
    Rect::from_min_size(
        egui::pos2((rect.center().x - width / 2.0).round(), rect.top()),
        vec2(width, rect.height()),
    )
}
