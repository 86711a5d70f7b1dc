//! The tree card: filter, column heads, and the rows that are in sight.

use egui::{EventFilter, Id, Key, Modifiers, Rect, ScrollArea, Ui, pos2, vec2};
use ota_bundle::Change;

use super::PublishForm;
use super::tree::{Filter, Node};
use crate::model::{Against, Remote, Review, words};
use crate::ui::widgets::{
    self, Button, DiffRow, Segment, card, diff_header, label_line, row, rule, segmented, tag,
};
use crate::ui::{Font, Icon, Tokens, icons};

const ROW: f32 = 26.0;
/// Rows that the page keys move by.
const PAGE: isize = 12;

/// The card with the files. It fills `height`.
pub(super) fn files_ui(ui: &mut Ui, review: &Review, form: &mut PublishForm, height: f32) {
    let diff = review.against.latest().map(|against| &against.diff);
    form.tree
        .follow(&review.build.scan, diff, form.filter, &form.folders);
    card(ui, |ui| {
        let bottom = ui.cursor().top() + height;
        toolbar_ui(ui, review, form);
        rule(ui);
        diff_header(ui, "Against live");
        rule(ui);
        rows_ui(ui, form, (bottom - ui.cursor().top()).max(ROW));
    });
}

fn toolbar_ui(ui: &mut Ui, review: &Review, form: &mut PublishForm) {
    row(ui, 44.0, 10.0, |ui| {
        ui.add_space(12.0);
        let all = match &form.tree.counts {
            Some(counts) => counts.different() + counts.unchanged,
            None => review.build.scan.listing.files.len(),
        };
        let counts = form.tree.counts.unwrap_or_default();
        let mut segments = vec![Segment::counted(Filter::All, "All", all)];
        if form.tree.counts.is_some() {
            segments.extend([
                Segment::counted(Filter::Different, "Different", counts.different()),
                Segment::counted(Filter::Added, "Added", counts.added),
                Segment::counted(Filter::Changed, "Changed", counts.changed),
                Segment::counted(Filter::Removed, "Removed", counts.removed),
            ]);
        } else {
            form.filter = Filter::All;
        }
        segmented(ui, "Which files", &segments, &mut form.filter);
        against_ui(ui, review, &review.against);
    });
}

fn against_ui(ui: &mut Ui, review: &Review, against: &Remote<Against>) {
    let tokens = Tokens::of(ui);
    let channel = review.channel.as_str();
    match (against.latest(), against.fault()) {
        (
            Some(Against {
                live: Some((version, sequence)),
                ..
            }),
            _,
        ) => {
            widgets::trailing(ui, 28.0, 8.0, |ui| {
                let words = format!("compared with live on {channel}");
                label_line(ui, Font::Small, tokens.tx_tertiary, words);
                label_line(ui, Font::Mono, tokens.tx_secondary, version);
                tag(ui, &sequence.to_string());
                ui.add_space(4.0);
            });
        }
        (Some(_), _) => {
            let words = format!("nothing is live on {channel} yet: every file is new");
            label_line(ui, Font::Small, tokens.tx_tertiary, words);
        }
        (None, Some(fault)) => {
            let words = format!("not compared: {}", fault.message);
            label_line(ui, Font::Small, tokens.caution, words);
        }
        (None, None) => {
            let words = format!("comparing with {channel}…");
            label_line(ui, Font::Small, tokens.tx_tertiary, words);
        }
    }
}

fn rows_ui(ui: &mut Ui, form: &mut PublishForm, height: f32) {
    let count = form.tree.rows().len();
    if count == 0 {
        nothing_ui(ui, form, height);
        return;
    }
    let moved = keys(ui, form);
    ScrollArea::vertical()
        .id_salt("files")
        .auto_shrink(false)
        .max_height(height)
        .show_viewport(ui, |ui, viewport| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_height(ROW * to_f32(count) + 6.0);
            let top = ui.max_rect().top() + 3.0;
            let place = |index: usize| {
                let min = pos2(ui.max_rect().left(), top + ROW * to_f32(index));
                Rect::from_min_size(min, vec2(ui.max_rect().width(), ROW))
            };
            if let Some(index) = moved {
                ui.scroll_to_rect(place(index), None);
            }
            let (first, last) = in_sight(viewport, count);
            let places: Vec<Rect> = (first..last).map(place).collect();
            for (index, rect) in (first..last).zip(places) {
                // The id is the row's, not its place among those in sight: the focus stays on it while it scrolls.
                let builder = egui::UiBuilder::new()
                    .max_rect(rect)
                    .id_salt(("file", index));
                ui.scope_builder(builder, |ui| row_ui(ui, form, index));
            }
        });
}

fn nothing_ui(ui: &mut Ui, form: &PublishForm, height: f32) {
    let tokens = Tokens::of(ui);
    let text = match form.filter {
        Filter::All => "There is no file in this build",
        Filter::Different => "Every file is the same as what is live",
        Filter::Added => "No file is new",
        Filter::Changed => "No file has changed",
        Filter::Removed => "No file is gone",
    };
    let (rect, _) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
    let builder = egui::UiBuilder::new()
        .max_rect(rect.shrink2(vec2(14.0, 14.0)))
        .layout(egui::Layout::top_down(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        label_line(ui, Font::Small, tokens.tx_tertiary, text);
    });
}

/// The rows that a viewport shows.
fn in_sight(viewport: Rect, count: usize) -> (usize, usize) {
    let first = to_usize(((viewport.min.y - 3.0) / ROW).floor());
    let last = to_usize(((viewport.max.y - 3.0) / ROW).ceil());
    (first.min(count), last.min(count))
}

fn row_ui(ui: &mut Ui, form: &mut PublishForm, index: usize) {
    let Some(node) = node_at(form, index) else {
        return;
    };
    let open = node
        .end
        .is_some()
        .then(|| form.tree.is_open(node, &form.folders));
    let selected = form.selected.as_deref() == Some(node.path.as_str());
    let compared = form.tree.counts.is_some();
    let summary = match (node.end, compared) {
        (None, _) => String::new(),
        (Some(_), false) => format!("{} files", words::count(node.files as u64)),
        (Some(_), true) if node.different == 0 => "the same".to_owned(),
        (Some(_), true) => format!("{} of {} differ", node.different, node.files),
    };
    let growth = if compared {
        words::size_change(node.delta_bytes)
    } else {
        String::new()
    };
    let share = if form.tree.largest == 0 || node.end.is_some() {
        0.0
    } else {
        node.delta_bytes as f32 / form.tree.largest as f32
    };
    let response = DiffRow {
        depth: node.depth,
        open,
        icon: file_icon(node.name()),
        name: node.name(),
        remark: node.remark,
        change: node.change.map(widget_change),
        summary: &summary,
        size: &words::size(node.size_bytes),
        growth: &growth,
        share,
        selected,
    }
    .ui(ui);
    let path = node.path.clone();
    if selected && std::mem::take(&mut form.focus_selected) {
        response.request_focus();
    }
    if response.has_focus() {
        let arrows = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let frame = ui.ctx().cumulative_frame_nr();
        ui.data_mut(|data| data.insert_temp(focused_id(), frame));
    }
    if response.clicked() {
        if let Some(open) = open {
            set_open(form, &path, !open);
        }
        form.selected = Some(path);
    }
}

/// Under this id stands the frame in which a row had the focus last.
fn focused_id() -> Id {
    Id::unique("publish-files-focused")
}

fn node_at(form: &PublishForm, index: usize) -> Option<&Node> {
    let row = form.tree.rows().get(index)?;
    form.tree.nodes.get(*row)
}

fn set_open(form: &mut PublishForm, path: &str, open: bool) {
    form.folders.insert(path.to_owned(), open);
    form.tree.lay_out(&form.folders);
}

/// Moves the selection by the keyboard while a row has the focus. Returns the row that was moved to.
fn keys(ui: &Ui, form: &mut PublishForm) -> Option<usize> {
    let focused: Option<u64> = ui.data(|data| data.get_temp(focused_id()));
    let frame = ui.ctx().cumulative_frame_nr();
    if focused.is_none_or(|seen| seen + 1 < frame) {
        return None;
    }
    let count = form.tree.rows().len();
    let at = (0..count)
        .find(|index| node_at(form, *index).map(|node| &node.path) == form.selected.as_ref());
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    for (key, open) in [(Key::ArrowRight, true), (Key::ArrowLeft, false)] {
        if pressed(key)
            && let Some(node) = at.and_then(|at| node_at(form, at))
            && node.end.is_some()
        {
            let path = node.path.clone();
            set_open(form, &path, open);
        }
    }
    let step = if pressed(Key::ArrowDown) {
        1
    } else if pressed(Key::ArrowUp) {
        -1
    } else if pressed(Key::PageDown) {
        PAGE
    } else if pressed(Key::PageUp) {
        -PAGE
    } else if pressed(Key::Home) {
        isize::MIN
    } else if pressed(Key::End) {
        isize::MAX
    } else {
        return None;
    };
    let last = form.tree.rows().len().checked_sub(1)?;
    let to = match at {
        Some(at) => at.saturating_add_signed(step).min(last),
        None => 0,
    };
    form.selected = node_at(form, to).map(|node| node.path.clone());
    form.focus_selected = true;
    Some(to)
}

const fn widget_change(change: Change) -> widgets::Change {
    match change {
        Change::Added => widgets::Change::Added,
        Change::Changed => widgets::Change::Changed,
        Change::Removed => widgets::Change::Removed,
        Change::Unchanged => widgets::Change::Unchanged,
    }
}

fn file_icon(name: &str) -> Icon {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "js" | "mjs" | "cjs" => icons::FILE_JS,
        "css" => icons::FILE_CSS,
        "html" | "htm" => icons::FILE_HTML,
        "svg" => icons::FILE_SVG,
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "ico" => icons::FILE_IMAGE,
        "zip" | "gz" | "br" | "wasm" => icons::FILE_ARCHIVE,
        "json" | "webmanifest" | "map" => icons::BRACKETS_CURLY,
        "woff" | "woff2" | "ttf" | "otf" => icons::TEXT_AA,
        "txt" | "md" | "xml" => icons::FILE_TEXT,
        _ => icons::FILE,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative and huge become the ends of the list"
)]
const fn to_usize(row: f32) -> usize {
    row as usize
}

const fn to_f32(count: usize) -> f32 {
    count as f32
}

/// The files that were left out by choice, with the way back.
pub(super) fn left_out_ui(ui: &mut Ui, review: &Review) -> Option<Vec<String>> {
    let tokens = Tokens::of(ui);
    let mut taken = None;
    for path in &review.left_out {
        let entry = review
            .build
            .scan
            .ignored
            .iter()
            .find(|entry| entry.path == *path);
        let detail = match entry {
            Some(entry) if entry.files > 1 => format!(
                "left out, {} files, {}",
                entry.files,
                words::size(entry.size_bytes)
            ),
            Some(entry) if entry.files == 1 => {
                format!("left out, {}", words::size(entry.size_bytes))
            }
            _ => "left out".to_owned(),
        };
        row(ui, 30.0, 8.0, |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
            icons::MINUS.paint(ui.painter(), rect.center(), 14.0, tokens.tx_tertiary);
            let width = (ui.available_width() - 210.0).max(80.0);
            ui.allocate_ui(vec2(width, 18.0), |ui| {
                label_line(ui, Font::Body, tokens.tx_secondary, path.as_str());
            });
            widgets::trailing(ui, 28.0, 10.0, |ui| {
                label_line(ui, Font::Small, tokens.tx_tertiary, detail);
                let name = format!("Take {path} in again");
                let button = Button::secondary("Take in again").small().name(&name);
                let busy = review
                    .repacking
                    .then_some("The build is being packed again");
                if button.disabled(busy).ui(ui).clicked() {
                    taken = Some(vec![path.clone()]);
                }
            });
        });
    }
    taken
}
