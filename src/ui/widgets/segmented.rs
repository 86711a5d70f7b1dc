//! A choice of few, side by side.

use egui::{
    Color32, CornerRadius, CursorIcon, EventFilter, Key, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::paint::{self, Strip, line};
use crate::ui::theme::radius;
use crate::ui::{Font, Tokens};

/// One choice of a segmented control.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a, T> {
    /// What it stands for.
    pub value: T,
    /// Its word.
    pub label: &'a str,
    /// How many there are, if it counts something.
    pub count: Option<usize>,
}

impl<'a, T> Segment<'a, T> {
    /// A choice without a count.
    pub const fn new(value: T, label: &'a str) -> Self {
        Self {
            value,
            label,
            count: None,
        }
    }

    /// A choice that counts.
    pub const fn counted(value: T, label: &'a str, count: usize) -> Self {
        Self {
            value,
            label,
            count: Some(count),
        }
    }

    fn text(&self) -> String {
        match self.count {
            Some(count) => format!("{} {count}", self.label),
            None => self.label.to_owned(),
        }
    }
}

const HEIGHT: f32 = 28.0;
/// From the outline to the thumb, the outline included.
const PAD: f32 = 3.0;
const GAP: f32 = 2.0;
const TEXT_PAD: f32 = 9.0;
const COUNT_GAP: f32 = 10.0;

/// Choose one of `segments`; the arrow keys do too. Returns whether `selected` changed.
pub fn segmented<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    segments: &[Segment<'_, T>],
    selected: &mut T,
) -> bool {
    let tokens = Tokens::of(ui);
    let widths: Vec<f32> = segments
        .iter()
        .map(|segment| segment_width(ui, segment))
        .collect();
    let total = widths.iter().map(|width| width + GAP).sum::<f32>() - GAP + 2.0 * PAD;
    let (rect, group) = ui.allocate_exact_size(vec2(total, HEIGHT), Sense::hover());
    group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, name));
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::MD),
        tokens.bg_input,
        Stroke::new(1.0, tokens.st_default),
        StrokeKind::Inside,
    );

    let before = *selected;
    let mut x = rect.left() + PAD;
    for (index, (segment, width)) in segments.iter().zip(widths).enumerate() {
        let thumb = Rect::from_min_size(pos2(x, rect.top() + PAD), vec2(width, HEIGHT - 2.0 * PAD));
        x += width + GAP;
        let id = group.id.with(index);
        let response = ui
            .interact(thumb, id, Sense::click())
            .on_hover_cursor(CursorIcon::PointingHand);
        let on = segment.value == before;
        let enabled = ui.is_enabled();
        response
            .widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, segment.text()));
        let (text, fill) = match (on, response.hovered()) {
            (true, _) => (tokens.tx_primary, tokens.bg_selected),
            (false, true) => (tokens.tx_primary, Color32::TRANSPARENT),
            (false, false) => (tokens.tx_secondary, Color32::TRANSPARENT),
        };
        paint_segment(ui, thumb, segment, text, fill);
        paint::paint_focus_ring(ui, &response, thumb, radius::SM, -1.0);
        if response.clicked() {
            *selected = segment.value;
        }
        if response.has_focus() {
            let arrows = EventFilter {
                horizontal_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
            let next = arrow(ui).and_then(|step| index.checked_add_signed(step));
            if let Some((next, target)) = next.and_then(|next| Some((next, segments.get(next)?))) {
                *selected = target.value;
                ui.memory_mut(|memory| memory.request_focus(group.id.with(next)));
            }
        }
    }
    *selected != before
}

/// One step by an arrow key. The key is taken, so that one press is one step.
fn arrow(ui: &Ui) -> Option<isize> {
    ui.input_mut(|input| {
        if input.consume_key(egui::Modifiers::NONE, Key::ArrowRight) {
            Some(1)
        } else if input.consume_key(egui::Modifiers::NONE, Key::ArrowLeft) {
            Some(-1)
        } else {
            None
        }
    })
}

fn segment_width<T>(ui: &Ui, segment: &Segment<'_, T>) -> f32 {
    let color = Color32::PLACEHOLDER;
    let width = |font, text: &str| {
        line(ui.painter(), font, color, text, f32::INFINITY)
            .size()
            .x
    };
    let label = width(Font::SmallStrong, segment.label);
    let count = segment.count.map_or(0.0, |count| {
        COUNT_GAP + width(Font::Small, &count.to_string())
    });
    (label + count + 2.0 * TEXT_PAD).round()
}

fn paint_segment<T>(ui: &Ui, thumb: Rect, segment: &Segment<'_, T>, text: Color32, fill: Color32) {
    let tokens = Tokens::of(ui);
    ui.painter()
        .rect_filled(thumb, CornerRadius::same(radius::SM), fill);
    let mut strip = Strip::new(ui, thumb);
    strip.space(TEXT_PAD);
    strip.text(Font::SmallStrong, text, segment.label);
    if let Some(count) = segment.count {
        strip.space(COUNT_GAP);
        strip.text(Font::Small, tokens.tx_secondary, &count.to_string());
    }
}
