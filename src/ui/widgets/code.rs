//! Code and other evidence that is copied with one click.

use egui::text::LayoutJob;
use egui::{Color32, CornerRadius, Frame, Label, Margin, Response, Ui};

use super::Button;
use crate::ui::{Font, Tokens, icons};

/// How long the button says that it copied.
const COPIED_SECONDS: f64 = 1.6;

/// A surface for code over the full width. The text can be selected.
/// As the last part of a card it takes the card's lower corners, [`CARD_BOTTOM`](super::CARD_BOTTOM).
pub fn code_well(ui: &mut Ui, corners: CornerRadius, job: LayoutJob) -> Response {
    let tokens = Tokens::of(ui);
    Frame::new()
        .fill(tokens.bg_input)
        .corner_radius(corners)
        .inner_margin(Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(job).selectable(true).wrap())
        })
        .inner
}

/// Copies `text`. `object` names it: "Copy public key for hotswap".
pub fn copy_button(ui: &mut Ui, label: &str, object: &str, text: &str) -> Response {
    let name = format!("Copy {object}");
    let id = ui.make_persistent_id(("copied", object));
    let now = ui.input(|input| input.time);
    let copied_at: Option<f64> = ui.data(|data| data.get_temp(id));
    let copied = copied_at.is_some_and(|at| now - at < COPIED_SECONDS);
    let icon = if copied { icons::CHECK } else { icons::COPY };
    let button = if label.is_empty() {
        Button::ghost("")
    } else {
        Button::secondary(label).small()
    };
    let response = button
        .icon(icon)
        .name(&name)
        .tooltip(if copied { "Copied" } else { &name })
        .ui(ui);
    if response.clicked() {
        ui.ctx().copy_text(text.to_owned());
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(COPIED_SECONDS));
    }
    response
}

/// JSON with its strings and numbers coloured as in the design. It need not be valid.
pub fn json_job(ui: &Ui, json: &str) -> LayoutJob {
    let tokens = Tokens::of(ui);
    let mut job = LayoutJob::default();
    let mut push = |text: &str, color: Color32| job.append(text, 0.0, Font::Mono.format(color));
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            _ => rest.find('"').unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        if first == '"' {
            let is_key = after.trim_start().starts_with(':');
            push(
                token,
                if is_key {
                    tokens.tx_secondary
                } else {
                    tokens.go
                },
            );
        } else {
            push_plain(token, tokens, &mut push);
        }
        rest = after;
    }
    job
}

/// The bytes up to and including the closing quote.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match (escaped, c) {
            (false, '"') => return at + 1,
            (false, '\\') => escaped = true,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Numbers and words in blue, punctuation in grey.
fn push_plain(text: &str, tokens: &Tokens, push: &mut impl FnMut(&str, Color32)) {
    let is_value = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let value = is_value(first);
        let length = rest.find(|c| is_value(c) != value).unwrap_or(rest.len());
        let (token, after) = rest.split_at(length);
        push(
            token,
            if value {
                tokens.staged
            } else {
                tokens.tx_secondary
            },
        );
        rest = after;
    }
}
