//! Where one stands in a job: the steps above it, the steps inside it, its bar.

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};
use std::f32::consts::TAU;
use std::time::Duration;

use super::paint::{Strip, line};
use crate::ui::{Font, Tokens, icons};

/// The steps of publishing, left to right. `current` counts from 0; `steps.len()` means all are done.
pub fn steps_bar(ui: &mut Ui, steps: &[&str], current: usize) -> Response {
    let tokens = Tokens::of(ui);
    let galleys: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let (font, color) = step_text(tokens, index, current);
            line(ui.painter(), font, color, step, f32::INFINITY)
        })
        .collect();
    let joints = CONNECTOR + 16.0;
    let width: f32 = galleys
        .iter()
        .map(|galley| 22.0 + galley.size().x + joints)
        .sum();
    let (rect, response) =
        ui.allocate_exact_size(vec2((width - joints).max(0.0), 24.0), Sense::hover());
    let now = steps.get(current).copied().unwrap_or("all done");
    response.widget_info(|| {
        let place = (current + 1).min(steps.len());
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("Step {place} of {}: {now}", steps.len()),
        )
    });

    let y = rect.center().y;
    let mut x = rect.left();
    for (index, galley) in galleys.into_iter().enumerate() {
        if index > 0 {
            ui.painter().hline(
                (x + 8.0)..=(x + 8.0 + CONNECTOR),
                y,
                Stroke::new(1.0, tokens.st_default),
            );
            x += joints;
        }
        paint_step_mark(ui, tokens, pos2(x + 8.0, y), index, current);
        let at = pos2(x + 22.0, y - galley.size().y / 2.0);
        x = at.x + galley.size().x;
        ui.painter().galley(at, galley, Color32::PLACEHOLDER);
    }
    response
}

const CONNECTOR: f32 = 28.0;

const fn step_text(tokens: &Tokens, index: usize, current: usize) -> (Font, Color32) {
    if index < current {
        (Font::Body, tokens.tx_secondary)
    } else if index == current {
        (Font::CardTitle, tokens.tx_primary)
    } else {
        (Font::Body, tokens.tx_tertiary)
    }
}

fn paint_step_mark(ui: &Ui, tokens: &Tokens, center: Pos2, index: usize, current: usize) {
    if index < current {
        icons::CHECK_CIRCLE
            .fill()
            .paint(ui.painter(), center, 16.0, tokens.go);
        return;
    }
    let color = if index == current {
        ui.painter().circle_filled(center, 8.0, tokens.primary);
        tokens.on_primary
    } else {
        ui.painter()
            .circle_stroke(center, 7.0, Stroke::new(1.0, tokens.st_control));
        tokens.tx_tertiary
    };
    let number = line(
        ui.painter(),
        Font::Caption,
        color,
        &(index + 1).to_string(),
        f32::INFINITY,
    );
    let at = Align2::CENTER_CENTER.anchor_size(center, number.size());
    ui.painter().galley(at.min, number, color);
}

/// How far one step of a job is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Running; a share from 0 to 1 where it is measured.
    Running(Option<f32>),
    /// Finished; keeps its full bar where it had one.
    Done {
        /// Whether its bar stays.
        bar: bool,
    },
    /// Stopped with an error.
    Failed,
}

/// One step of a running job, as a row of a card.
#[must_use = "call `ui` to show it"]
pub struct ProgressStep<'a> {
    state: StepState,
    title: &'a str,
    detail: &'a str,
    measured: &'a str,
}

impl<'a> ProgressStep<'a> {
    /// A step.
    pub const fn new(state: StepState, title: &'a str) -> Self {
        Self {
            state,
            title,
            detail: "",
            measured: "",
        }
    }

    /// What it does or did.
    pub const fn detail(mut self, detail: &'a str) -> Self {
        self.detail = detail;
        self
    }

    /// A measured number at the right: "1.1 s", "3.21 of 4.99 MB".
    pub const fn measured(mut self, measured: &'a str) -> Self {
        self.measured = measured;
        self
    }

    /// Show it. Steps of one card are divided by [`rule`](super::rule).
    pub fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui);
        let bar = match self.state {
            StepState::Running(share) => share.map(|share| (share, tokens.caution_solid)),
            StepState::Done { bar: true } => Some((1.0, tokens.go_solid)),
            _ => None,
        };
        let height = if bar.is_some() { 80.0 } else { 64.0 };
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        self.describe(ui, &response);

        let icon = pos2(rect.left() + 29.0, rect.top() + 24.0);
        let title = match self.state {
            StepState::Waiting => {
                icons::CIRCLE_DASHED.paint(ui.painter(), icon, 20.0, tokens.tx_tertiary);
                tokens.tx_tertiary
            }
            StepState::Running(_) => {
                paint_spinner(ui, icon, 20.0, tokens.caution);
                tokens.tx_primary
            }
            StepState::Done { .. } => {
                icons::CHECK_CIRCLE
                    .fill()
                    .paint(ui.painter(), icon, 20.0, tokens.go);
                tokens.tx_primary
            }
            StepState::Failed => {
                icons::WARNING_OCTAGON
                    .fill()
                    .paint(ui.painter(), icon, 20.0, tokens.stop);
                tokens.tx_primary
            }
        };
        let mut first = Strip::new(ui, rect).at(rect.top() + 14.0, 20.0);
        first.space_right(19.0);
        first.text_right(Font::Mono, tokens.tx_secondary, self.measured);
        first.space_right(12.0);
        first.left_at(51.0);
        first.text(Font::BodyLargeStrong, title, self.title);
        let mut second = Strip::new(ui, rect).at(rect.top() + 34.0, 16.0);
        second.left_at(51.0);
        second.space_right(19.0);
        let detail = if self.state == StepState::Failed {
            tokens.stop
        } else {
            tokens.tx_tertiary
        };
        second.text(Font::Small, detail, self.detail);
        if let Some((share, color)) = bar {
            let min = pos2(rect.left() + 51.0, rect.top() + 60.0);
            let max = pos2(rect.right() - 19.0, rect.top() + 66.0);
            paint_bar(ui, &response, Rect::from_min_max(min, max), share, color);
        }
        response
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let state = match self.state {
            StepState::Waiting => "waiting".to_owned(),
            StepState::Running(None) => "running".to_owned(),
            StepState::Running(Some(share)) => format!("{:.0} percent", (share * 100.0).floor()),
            StepState::Done { .. } => "done".to_owned(),
            StepState::Failed => "failed".to_owned(),
        };
        let name = format!("{}, {state}", self.title);
        response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(self.detail);
            if let StepState::Running(Some(share)) = self.state {
                node.set_numeric_value(f64::from(share * 100.0));
                node.set_max_numeric_value(100.0);
            }
        });
    }
}

/// A bar, 6 high, over the free width.
pub fn progress_bar(ui: &mut Ui, name: &str, share: f32, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_numeric_value(f64::from(share * 100.0));
        node.set_max_numeric_value(100.0);
    });
    paint_bar(ui, &response, rect, share, color);
    response
}

fn paint_bar(ui: &Ui, response: &Response, rect: Rect, share: f32, color: Color32) {
    let tokens = Tokens::of(ui);
    let corner = CornerRadius::same(3);
    let share = share.clamp(0.0, 1.0);
    let drawn = ui
        .ctx()
        .animate_value_with_time(response.id.with("share"), share, 0.24);
    ui.painter().rect_filled(rect, corner, tokens.bg_hover);
    if drawn > 0.0 {
        let mut filled = rect;
        filled.set_width((rect.width() * drawn).max(2.0));
        ui.painter()
            .with_clip_rect(filled)
            .rect_filled(rect, corner, color);
    }
}

/// The angle of the running icon now: one turn in 1.2 seconds. Asks for the next frame.
pub fn spinner_angle(ui: &Ui) -> f32 {
    // With reduced motion, which sets this to 0, the icon stands still beside its number.
    if ui.style().animation_time == 0.0 {
        return 0.0;
    }
    ui.ctx().request_repaint_after(Duration::from_millis(33));
    let seconds = ui.input(|input| input.time);
    #[expect(clippy::cast_possible_truncation, reason = "a share of one turn")]
    let turn = (seconds / 1.2).fract() as f32;
    turn * TAU
}

fn paint_spinner(ui: &Ui, center: Pos2, size: f32, color: Color32) {
    let icon = icons::CIRCLE_NOTCH;
    let galley = ui
        .painter()
        .layout_no_wrap(icon.glyph().to_owned(), icon.font(size), color);
    let at = Align2::CENTER_CENTER.anchor_size(center, galley.size());
    let shape = egui::epaint::TextShape::new(at.min, galley, color)
        .with_angle_and_anchor(spinner_angle(ui), Align2::CENTER_CENTER);
    ui.painter().add(shape);
}
