//! Before there is a build to review: the invitation, the reading, the refusal.

use std::path::Path;

use egui::{
    Align, CornerRadius, Layout, Rect, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, vec2,
};

use super::PublishForm;
use crate::model::{Action, Fault, Model, Reading, words};
use crate::ui::path_field::path_field;
use crate::ui::theme::radius;
use crate::ui::widgets::{Button, TextField, field_label, label_line, progress_bar, row};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

const PANEL: egui::Vec2 = vec2(560.0, 404.0);
/// The width of what stands in the panel.
const COLUMN: f32 = 420.0;

/// Nothing was chosen yet.
pub(super) fn idle_ui(
    ui: &mut Ui,
    model: &Model,
    form: &mut PublishForm,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::of(ui);
    centred(ui, PANEL, |ui, rect| {
        dashed(ui, rect, tokens.st_control);
        ui.add_space(34.0);
        tile(ui, Tone::Staged, icons::FOLDER_OPEN);
        ui.add_space(16.0);
        label_line(ui, Font::Title, tokens.tx_primary, "Publish a build");
        ui.add_space(6.0);
        paragraph(
            ui,
            "Choose the folder your build writes, usually dist/, or drop it anywhere on this window.",
        );
        ui.add_space(18.0);
        let reason = model
            .app()
            .is_none()
            .then_some("Connect to a server and make an app first");
        let button = Button::primary("Choose a build…")
            .large()
            .icon(icons::FOLDER_OPEN)
            .keycap("Ctrl O");
        if button.disabled(reason).ui(ui).clicked() {
            actions.push(Action::ChooseBuild);
        }
        ui.add_space(20.0);
        path_ui(ui, model, form, reason, actions);
        ui.add_space(16.0);
        let note = reason.unwrap_or(
            "A folder, .zip or .tar.gz. Nothing leaves this machine until you press Sign & publish.",
        );
        label_line(ui, Font::Small, tokens.tx_tertiary, note);
    });
}

/// The folder is being read.
pub(super) fn reading_ui(ui: &mut Ui, reading: &Reading, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let name = reading
        .path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (files, of_files) = reading.files;
    let (bytes, of_bytes) = reading.bytes;
    let share = if of_bytes == 0 {
        0.0
    } else {
        bytes as f32 / of_bytes as f32
    };
    centred(ui, vec2(480.0, 200.0), |ui, _| {
        label_line(
            ui,
            Font::Title,
            tokens.tx_primary,
            format!("Reading {name}"),
        );
        ui.add_space(4.0);
        label_line(
            ui,
            Font::Mono,
            tokens.tx_tertiary,
            reading.path.display().to_string(),
        );
        ui.add_space(20.0);
        let percent = format!("Reading, {:.0} percent", share * 100.0);
        progress_bar(ui, &percent, share, tokens.caution_solid);
        ui.add_space(8.0);
        let counted = if of_files == 0 {
            "Counting files".to_owned()
        } else {
            format!(
                "{} of {} files · {}",
                words::count(files),
                words::count(of_files),
                words::size_of(bytes, of_bytes)
            )
        };
        label_line(ui, Font::Mono, tokens.tx_secondary, counted);
        ui.add_space(20.0);
        let stop = Button::secondary("Stop reading").icon(icons::X);
        if stop.ui(ui).clicked() {
            actions.push(Action::DiscardBuild);
        }
        ui.add_space(10.0);
        label_line(
            ui,
            Font::Small,
            tokens.tx_tertiary,
            "Files are read, checked and packed on this machine. Nothing is sent.",
        );
    });
}

/// What was dropped is no build.
pub(super) fn unreadable_ui(
    ui: &mut Ui,
    model: &Model,
    form: &mut PublishForm,
    (path, fault): (&Path, &Fault),
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::of(ui);
    centred(ui, PANEL, |ui, rect| {
        dashed(ui, rect, tokens.stop_st);
        ui.add_space(30.0);
        tile(ui, Tone::Stop, icons::WARNING_OCTAGON.fill());
        ui.add_space(16.0);
        label_line(
            ui,
            Font::Title,
            tokens.tx_primary,
            "This cannot be published",
        );
        ui.add_space(6.0);
        paragraph(ui, &sentence(&fault.message));
        if let Some(hint) = &fault.hint {
            ui.add_space(2.0);
            paragraph(ui, &sentence(hint));
        }
        ui.add_space(8.0);
        row(ui, 18.0, 0.0, |ui| {
            let layout = Layout::top_down(Align::Center);
            ui.with_layout(layout, |ui| {
                label_line(
                    ui,
                    Font::Mono,
                    tokens.tx_tertiary,
                    path.display().to_string(),
                );
            });
        });
        ui.add_space(16.0);
        let other = Button::primary("Choose another build…").icon(icons::FOLDER_OPEN);
        if other.ui(ui).clicked() {
            actions.push(Action::ChooseBuild);
        }
        ui.add_space(18.0);
        path_ui(ui, model, form, None, actions);
    });
}

/// A build by its path. `reason` says why none can be read.
fn path_ui(
    ui: &mut Ui,
    model: &Model,
    form: &mut PublishForm,
    reason: Option<&str>,
    actions: &mut Vec<Action>,
) {
    let column = Layout::top_down(Align::Min);
    ui.allocate_ui_with_layout(vec2(COLUMN, 0.0), column, |ui| {
        ui.set_width(COLUMN);
        field_label(ui, "Or type its path", "");
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let field = TextField::new("")
                .name("Path of the folder")
                .placeholder("~/tidepool/dist")
                .width(COLUMN - 80.0)
                .enabled(reason.is_none());
            let typed = path_field(ui, model, field, &mut form.path);
            let mut chosen = typed.entered(ui);
            let reason = reason.or_else(|| typed.path.as_ref().err().copied());
            row(ui, 32.0, 0.0, |ui| {
                let read = Button::secondary("Read it").name("Read what this path names");
                if read.min_width(72.0).disabled(reason).ui(ui).clicked() {
                    chosen = typed.path.ok();
                }
            });
            actions.extend(chosen.map(|path| Action::Dropped(vec![path])));
        });
    });
}

/// A message as a sentence: messages come without a full stop.
pub(in crate::ui) fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '?', '/']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A block in the middle of the free rectangle. Its content is centred and told its rectangle.
fn centred(ui: &mut Ui, size: egui::Vec2, content: impl FnOnce(&mut Ui, Rect)) {
    let free = ui.max_rect();
    let size = size.min(free.size() - vec2(32.0, 16.0));
    let center = free.center() - vec2(0.0, (free.height() - size.y).max(0.0) * 0.08);
    let rect = Rect::from_center_size(center.round(), size);
    let builder = UiBuilder::new()
        .max_rect(rect.shrink2(vec2(24.0, 0.0)))
        .layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui, rect);
    });
}

fn dashed(ui: &Ui, rect: Rect, color: egui::Color32) {
    let tokens = Tokens::of(ui);
    let corner = CornerRadius::same(radius::XL);
    ui.painter().rect_filled(rect, corner, tokens.bg_card);
    paint_dashed_frame(
        ui.painter(),
        rect,
        f32::from(radius::XL),
        Stroke::new(1.5, color),
    );
}

/// A rounded frame of dashes.
pub(super) fn paint_dashed_frame(painter: &egui::Painter, rect: Rect, corner: f32, stroke: Stroke) {
    const STEPS: u8 = 8;
    let mut points = Vec::new();
    let inner = rect.shrink(corner);
    let corners = [
        (inner.right_top(), -90.0_f32),
        (inner.right_bottom(), 0.0),
        (inner.left_bottom(), 90.0),
        (inner.left_top(), 180.0),
    ];
    for (center, from) in corners {
        for step in 0..=STEPS {
            let angle = (from + 90.0 * f32::from(step) / f32::from(STEPS)).to_radians();
            points.push(center + vec2(angle.cos(), angle.sin()) * corner);
        }
    }
    points.extend(points.first().copied());
    painter.extend(Shape::dashed_line(&points, stroke, 10.0, 7.0));
}

/// A rounded square with an icon, 64 wide.
pub(super) fn tile(ui: &mut Ui, tone: Tone, icon: Icon) {
    let colors = Tokens::of(ui).tone(tone);
    let (rect, _) = ui.allocate_exact_size(vec2(64.0, 64.0), Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::XL),
        colors.fill,
        Stroke::new(1.0, colors.outline),
        StrokeKind::Inside,
    );
    icon.paint(ui.painter(), rect.center(), 32.0, colors.text);
}

fn paragraph(ui: &mut Ui, text: &str) {
    let tokens = Tokens::of(ui);
    let text = Font::BodyLarge.rich(text).color(tokens.tx_secondary);
    ui.allocate_ui_with_layout(vec2(COLUMN, 0.0), Layout::top_down(Align::Center), |ui| {
        ui.set_max_width(COLUMN);
        ui.add(egui::Label::new(text).wrap().halign(Align::Center));
    });
}
