//! The railway drawings: signal head, track, app mark. There are no others.

use egui::{
    Color32, CornerRadius, Painter, Pos2, Rangef, Rect, Response, Sense, Shape, Stroke, StrokeKind,
    Ui, Vec2, pos2, vec2,
};

use crate::ui::theme::is_stale;
use crate::ui::{Tokens, Tone};

/// The lit lamp. Its place repeats the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    /// Top: live.
    Go,
    /// Middle: rolling out, paused.
    Caution,
    /// Bottom: halted.
    Stop,
}

const HEAD: Vec2 = vec2(14.0, 26.0);
const POST: f32 = 10.0;

/// A signal head on its post, 14 × 36. `None` is a dark signal: unknown, or no release.
///
/// It has no accessible node: the status chip beside it says the same in words.
pub fn signal(ui: &mut Ui, lamp: Option<Lamp>) -> Response {
    let (rect, response) = ui.allocate_exact_size(HEAD + vec2(0.0, POST), Sense::hover());
    let lamp = if is_stale(ui) { None } else { lamp };
    let tokens = Tokens::of(ui);
    let x = rect.center().x;
    let post = Rect::from_min_max(
        pos2(x - 1.0, rect.top() + HEAD.y),
        pos2(x + 1.0, rect.bottom()),
    );
    ui.painter().rect_filled(post, 0.0, tokens.st_control);
    paint_signal(ui.painter(), tokens, rect.min, 1.0, lamp);
    response
}

/// A signal head at `min`, 14 × 26 times `scale`.
pub fn paint_signal(painter: &Painter, tokens: &Tokens, min: Pos2, scale: f32, lamp: Option<Lamp>) {
    let rect = Rect::from_min_size(min, HEAD * scale);
    let solid = |lamp| match lamp {
        Lamp::Go => tokens.go_solid,
        Lamp::Caution => tokens.caution_solid,
        Lamp::Stop => tokens.stop_solid,
    };
    let outline = lamp.map_or(tokens.st_control, |lamp| solid(lamp).gamma_multiply(0.7));
    let stroke = 1.0_f32.max(scale * 0.8);
    painter.rect(
        rect,
        6.0 * scale,
        tokens.bg_window,
        Stroke::new(stroke, outline),
        StrokeKind::Inside,
    );
    for (place, y) in [(Lamp::Go, 6.0), (Lamp::Caution, 13.0), (Lamp::Stop, 20.0)] {
        let center = min + vec2(7.0, y) * scale;
        if lamp == Some(place) {
            painter.circle_filled(center, 2.6 * scale, solid(place));
        } else {
            painter.circle_stroke(
                center,
                2.6 * scale - stroke / 2.0,
                Stroke::new(stroke, tokens.st_control),
            );
        }
    }
}

/// What moves along a stretch of track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackLine {
    /// Nothing.
    Plain,
    /// A candidate on its way.
    Moving,
    /// A halted candidate.
    Halted,
}

/// A stretch of track at height `y`.
pub fn paint_track(
    painter: &Painter,
    tokens: &Tokens,
    x: impl Into<Rangef>,
    y: f32,
    line: TrackLine,
) {
    let x = x.into();
    let dashed = |color: Color32| {
        Shape::dashed_line(
            &[pos2(x.min, y), pos2(x.max, y)],
            Stroke::new(2.0, color),
            8.0,
            5.0,
        )
    };
    match line {
        TrackLine::Plain => {
            painter.hline(x, y, Stroke::new(2.0, tokens.st_control));
        }
        TrackLine::Moving => painter.extend(dashed(tokens.caution_solid)),
        TrackLine::Halted => painter.extend(dashed(tokens.stop_solid)),
    }
}

/// The ring on the track under a signal's post. `behind` is the surface it stands on.
pub fn paint_track_node(painter: &Painter, tokens: &Tokens, center: Pos2, behind: Color32) {
    // egui draws the stroke of a circle outside of its radius.
    painter.circle(center, 3.0, behind, Stroke::new(2.0, tokens.st_control));
}

/// The small chevron between two channels, pointing right.
pub fn paint_track_arrow(painter: &Painter, tokens: &Tokens, tip: Pos2, line: TrackLine) {
    let color = match line {
        TrackLine::Plain => tokens.st_control,
        TrackLine::Moving => tokens.tone(Tone::Caution).solid,
        TrackLine::Halted => tokens.tone(Tone::Stop).solid,
    };
    let points = vec![tip + vec2(-4.0, -4.0), tip, tip + vec2(-4.0, 4.0)];
    painter.line(points, Stroke::new(1.5, color));
}

/// The app's mark in a square of `size` points.
pub fn app_mark(ui: &mut Ui, size: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint_app_mark(ui.painter(), Tokens::of(ui), rect);
    response
}

/// The app's mark: a signal head with its top lamp green, on a grid of 20 points.
pub fn paint_app_mark(painter: &Painter, tokens: &Tokens, rect: Rect) {
    let unit = rect.height() / 20.0;
    let head = Rect::from_center_size(rect.center(), vec2(8.0, 18.0) * unit);
    let stroke = Stroke::new(1.4 * unit, tokens.tx_primary);
    painter.rect_stroke(
        head,
        CornerRadius::from(4.0 * unit),
        stroke,
        StrokeKind::Middle,
    );
    for (y, lit) in [(-5.0, true), (0.0, false), (5.0, false)] {
        let center = rect.center() + vec2(0.0, y * unit);
        if lit {
            painter.circle_filled(center, 2.2 * unit, tokens.go_solid);
        } else {
            painter.circle_stroke(
                center,
                1.4 * unit,
                Stroke::new(1.2 * unit, tokens.tx_primary),
            );
        }
    }
}
