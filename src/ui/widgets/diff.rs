//! The rows of a comparison of two builds.

use egui::{
    Color32, CornerRadius, CursorIcon, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::paint::{self, Strip};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only in the new build.
    Added,
    /// In both, with other bytes.
    Changed,
    /// Only in the old build.
    Removed,
    /// The same bytes.
    Unchanged,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 4] = [Self::Added, Self::Changed, Self::Removed, Self::Unchanged];

    /// The word in the row.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Removed => "Removed",
            Self::Unchanged => "Unchanged",
        }
    }

    /// Its icon.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Added => icons::PLUS,
            Self::Changed => icons::PENCIL_SIMPLE,
            Self::Removed => icons::MINUS,
            Self::Unchanged => icons::EQUALS,
        }
    }

    const fn tone(self) -> Option<Tone> {
        match self {
            Self::Added => Some(Tone::Go),
            Self::Changed => Some(Tone::Caution),
            Self::Removed => Some(Tone::Stop),
            Self::Unchanged => None,
        }
    }
}

const HEIGHT: f32 = 26.0;
const INDENT: f32 = 18.0;
const PAD: f32 = 13.0;
const CARET: f32 = 16.0;
const BAR: f32 = 54.0;
/// The right edges of the columns, from the right edge of the row.
const CHANGE_RIGHT: f32 = PAD + BAR + 9.0;
const SIZE_RIGHT: f32 = CHANGE_RIGHT + 92.0;
const STATUS_LEFT: f32 = SIZE_RIGHT + 84.0 + 112.0;

/// The heads of the columns, 28 high.
pub fn diff_header(ui: &mut Ui, against: &str) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    let color = tokens.tx_tertiary;
    let mut strip = Strip::new(ui, rect);
    strip.space(PAD);
    strip.text(Font::Caption, color, "Name");
    strip.left_at(rect.width() - STATUS_LEFT);
    strip.text(Font::Caption, color, against);
    strip.right_at(CHANGE_RIGHT);
    strip.text_right(Font::Caption, color, "Change");
    strip.right_at(SIZE_RIGHT);
    strip.text_right(Font::Caption, color, "Size");
    response
}

/// One file or folder.
#[derive(Clone, Debug)]
#[must_use = "call `ui` to show it"]
pub struct DiffRow<'a> {
    /// How deep it lies.
    pub depth: u8,
    /// For a folder, whether it is open.
    pub open: Option<bool>,
    /// The icon of a file; folders have their own.
    pub icon: Icon,
    /// Its name, without its folder.
    pub name: &'a str,
    /// A remark after the name that asks for attention: "source map".
    pub remark: &'a str,
    /// What became of it. `None` for a folder.
    pub change: Option<Change>,
    /// For a folder: "9 of 188 differ".
    pub summary: &'a str,
    /// Its size, formatted.
    pub size: &'a str,
    /// By how much it grew, formatted, with a real minus sign.
    pub growth: &'a str,
    /// The growth as a share of the largest one, from −1 to 1.
    pub share: f32,
    /// Whether it is the selected row.
    pub selected: bool,
}

impl DiffRow<'_> {
    fn name_for_readers(&self) -> String {
        let what = match self.change {
            Some(change) => change.word().to_lowercase(),
            None => self.summary.to_owned(),
        };
        [self.name, &what, self.size, self.remark]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Show it. A click selects a file and opens or closes a folder.
    pub fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
        let enabled = ui.is_enabled();
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::TreeItem, enabled, self.name_for_readers());
            info.selected = Some(self.selected);
            info
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_level(usize::from(self.depth) + 1);
            if let Some(open) = self.open {
                node.set_expanded(open);
            }
        });
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let fill = match (self.selected, response.hovered()) {
            (true, _) => Some(tokens.bg_selected),
            (false, true) => Some(tokens.bg_hover),
            (false, false) => None,
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, 0.0, fill);
        }
        self.paint(ui, tokens, rect);
        paint::paint_focus_ring(ui, &response, rect, 4, -2.0);
        response.on_hover_cursor(CursorIcon::PointingHand)
    }

    fn paint(&self, ui: &Ui, tokens: &Tokens, rect: Rect) {
        self.paint_name(ui, tokens, rect);

        let mut strip = Strip::new(ui, rect);
        strip.left_at(rect.width() - STATUS_LEFT);
        strip.right_at(SIZE_RIGHT + 84.0);
        match self.change {
            Some(change) => {
                let color = change
                    .tone()
                    .map_or(tokens.tx_tertiary, |tone| tokens.tone(tone).text);
                strip.icon(change.icon(), 14.0, color);
                strip.space(5.0);
                strip.text(Font::Small, color, change.word());
            }
            None => {
                strip.text(Font::Small, tokens.tx_tertiary, self.summary);
            }
        }
        let mut numbers = Strip::new(ui, rect);
        numbers.right_at(CHANGE_RIGHT);
        let growth = if self.change == Some(Change::Unchanged) {
            tokens.tx_tertiary
        } else {
            tokens.tx_primary
        };
        numbers.text_right(Font::Mono, growth, self.growth);
        numbers.right_at(SIZE_RIGHT);
        numbers.text_right(Font::Mono, tokens.tx_secondary, self.size);
        if let Some(tone) = self.change.and_then(Change::tone) {
            self.paint_bar(ui, rect, tokens.tone(tone).solid);
        }
    }

    fn paint_name(&self, ui: &Ui, tokens: &Tokens, rect: Rect) {
        let mut strip = Strip::new(ui, rect);
        strip.right_at(STATUS_LEFT + 8.0);
        strip.space(PAD - 4.0 + f32::from(self.depth) * INDENT);
        if let Some(open) = self.open {
            let caret = if open {
                icons::CARET_DOWN
            } else {
                icons::CARET_RIGHT
            };
            strip.icon(caret, CARET - 2.0, tokens.tx_secondary);
            strip.space(2.0);
        } else {
            strip.space(CARET);
        }
        let icon = match self.open {
            Some(true) => icons::FOLDER_OPEN,
            Some(false) => icons::FOLDER,
            None => self.icon,
        };
        let attention = !self.remark.is_empty();
        let icon_color = if attention {
            tokens.caution
        } else {
            tokens.tx_secondary
        };
        strip.icon(
            if attention { icons::WARNING } else { icon },
            14.0,
            icon_color,
        );
        strip.space(8.0);
        match (self.open, self.change) {
            (Some(_), _) => strip.text(Font::BodyStrong, tokens.tx_primary, self.name),
            (None, Some(Change::Removed)) => {
                strip.text_struck(Font::Body, tokens.tx_secondary, self.name)
            }
            (None, _) => strip.text(Font::Body, tokens.tx_primary, self.name),
        };
        if attention {
            strip.space(10.0);
            strip.text(Font::Small, tokens.caution, self.remark);
        }
    }

    /// The growth as a bar from a centre line.
    fn paint_bar(&self, ui: &Ui, rect: Rect, color: Color32) {
        if self.share == 0.0 {
            return;
        }
        let center = rect.right() - PAD - BAR / 2.0;
        let length = (self.share.clamp(-1.0, 1.0) * BAR / 2.0).abs().max(2.0);
        let (from, to) = if self.share < 0.0 {
            (center - length, center)
        } else {
            (center, center + length)
        };
        let y = rect.center().y;
        let bar = Rect::from_min_max(pos2(from, y - 2.5), pos2(to, y + 2.5));
        ui.painter().rect_filled(bar, CornerRadius::same(1), color);
    }
}
