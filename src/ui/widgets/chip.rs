//! Status chips, tags and keycaps: always an icon and a word.

use egui::{CornerRadius, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::paint::{self, Strip, line};
use crate::ui::theme::{is_stale, radius};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// Where a release or a channel stands, in the words of the whole app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Offered to every device of the channel.
    Live,
    /// Offered to a growing share of devices.
    RollingOut,
    /// The share does not grow.
    Paused,
    /// Stopped by the health check or by a person.
    Halted,
    /// Read and compared, not signed.
    Draft,
    /// On the server, on no channel.
    Staged,
    /// Goes live at a set time.
    Scheduled,
    /// A later release took its place.
    Superseded,
    /// Must not be offered again.
    Recalled,
    /// The channel is empty.
    NoRelease,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 10] = [
        Self::Live,
        Self::RollingOut,
        Self::Paused,
        Self::Halted,
        Self::Draft,
        Self::Staged,
        Self::Scheduled,
        Self::Superseded,
        Self::Recalled,
        Self::NoRelease,
    ];

    /// The word on the chip.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::RollingOut => "Rolling out",
            Self::Paused => "Paused",
            Self::Halted => "Halted",
            Self::Draft => "Draft",
            Self::Staged => "Staged",
            Self::Scheduled => "Scheduled",
            Self::Superseded => "Superseded",
            Self::Recalled => "Recalled",
            Self::NoRelease => "No release",
        }
    }

    /// The word once the server does not answer.
    pub const fn stale_word(self) -> &'static str {
        match self {
            Self::Live => "Was live",
            Self::RollingOut => "Was rolling out",
            Self::Paused => "Was paused",
            Self::Halted => "Was halted",
            Self::Draft => "Was a draft",
            Self::Staged => "Was staged",
            Self::Scheduled => "Was scheduled",
            Self::Superseded => "Was superseded",
            Self::Recalled => "Was recalled",
            Self::NoRelease => "Had no release",
        }
    }

    /// Its icon: filled where it is a state of devices.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Live => icons::CHECK_CIRCLE.fill(),
            Self::RollingOut => icons::FAST_FORWARD_CIRCLE.fill(),
            Self::Paused => icons::PAUSE_CIRCLE.fill(),
            Self::Halted => icons::WARNING_OCTAGON.fill(),
            Self::Draft => icons::CIRCLE_DASHED,
            Self::Staged => icons::STACK,
            Self::Scheduled => icons::CLOCK,
            Self::Superseded => icons::ARCHIVE,
            Self::Recalled => icons::PROHIBIT,
            Self::NoRelease => icons::CIRCLE,
        }
    }

    /// Its colour.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Live => Tone::Go,
            Self::RollingOut | Self::Paused => Tone::Caution,
            Self::Halted | Self::Recalled => Tone::Stop,
            Self::Draft | Self::Staged | Self::Scheduled => Tone::Staged,
            Self::Superseded | Self::NoRelease => Tone::Idle,
        }
    }
}

/// A status chip of any words, 20 high.
#[must_use = "call `ui` to show it"]
pub struct Chip<'a> {
    tone: Tone,
    icon: Icon,
    word: &'a str,
}

impl<'a> Chip<'a> {
    /// A chip.
    pub const fn new(tone: Tone, icon: Icon, word: &'a str) -> Self {
        Self { tone, icon, word }
    }

    /// Show it.
    pub fn ui(self, ui: &mut Ui) -> Response {
        let width = self.width(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.word));
        self.paint(ui, rect);
        response
    }

    pub(super) const fn word(&self) -> &str {
        self.word
    }

    pub(super) fn width(&self, ui: &Ui) -> f32 {
        let galley = line(
            ui.painter(),
            Font::SmallStrong,
            egui::Color32::PLACEHOLDER,
            self.word,
            f32::INFINITY,
        );
        (6.0 + 14.0 + 4.0 + galley.size().x + 8.0).ceil()
    }

    pub(super) fn paint(&self, ui: &Ui, rect: egui::Rect) {
        let colors = Tokens::of(ui).tone(self.tone);
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::CHIP),
            colors.fill,
            Stroke::new(1.0, colors.outline),
            StrokeKind::Inside,
        );
        let mut strip = Strip::new(ui, rect);
        strip.space(6.0);
        strip.icon(self.icon, 14.0, colors.text);
        strip.space(4.0);
        strip.text(Font::SmallStrong, colors.text, self.word);
    }
}

/// Height of a chip.
pub(super) const HEIGHT: f32 = 20.0;

/// The chip of a status. In a stale scope it says what was, without colour.
pub fn status_chip(ui: &mut Ui, status: Status) -> Response {
    if is_stale(ui) {
        return Chip::new(
            Tone::Idle,
            icons::CLOCK_COUNTER_CLOCKWISE,
            status.stale_word(),
        )
        .ui(ui);
    }
    Chip::new(status.tone(), status.icon(), status.word()).ui(ui)
}

/// A status as plain text with its icon, so that in a table the live rows stand out.
pub fn status_text(ui: &mut Ui, status: Status) -> Response {
    let tokens = Tokens::of(ui);
    let color = tokens.tx_tertiary;
    let galley = line(
        ui.painter(),
        Font::Small,
        color,
        status.word(),
        f32::INFINITY,
    );
    let (rect, response) =
        ui.allocate_exact_size(vec2(18.0 + galley.size().x, HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, status.word()));
    let mut strip = Strip::new(ui, rect);
    strip.icon(status.icon(), 14.0, color);
    strip.space(4.0);
    strip.text(Font::Small, color, status.word());
    response
}

/// A sequence number or another short mark: `#218`.
pub fn tag(ui: &mut Ui, text: &str) -> Response {
    pill(ui, text)
}

/// The name of a key.
pub fn keycap(ui: &mut Ui, keys: &str) -> Response {
    pill(ui, keys)
}

fn pill(ui: &mut Ui, text: &str) -> Response {
    let tokens = Tokens::of(ui);
    let size = paint::pill_size(ui.painter(), text);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    paint::paint_pill(
        ui.painter(),
        rect,
        text,
        tokens.tx_secondary,
        tokens.bg_raised,
        tokens.st_default,
    );
    response
}
