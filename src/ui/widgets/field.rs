//! Text fields: label above, hint at the right, error below.

use egui::epaint::RectShape;
use egui::layers::ShapeIdx;
use egui::text_edit::TextEditState;
use egui::{
    Align, Color32, CornerRadius, Frame, Margin, Rect, Response, Sense, Shape, Stroke, StrokeKind,
    TextBuffer, TextEdit, Ui, UiBuilder, pos2, vec2,
};

use super::Button;
use super::hidden::Hidden;
use super::paint::{self, Strip};
use super::text::label;
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, icons};

/// The label above a control and a hint at its right end, with the 5 points below them.
pub fn field_label(ui: &mut Ui, label: &str, hint: &str) -> Response {
    let tokens = Tokens::of(ui);
    let height = Font::SmallStrong.line_height();
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height + 5.0), Sense::hover());
    let mut strip = Strip::new(ui, rect).at(rect.top(), height);
    strip.text(Font::SmallStrong, tokens.tx_secondary, label);
    strip.space(8.0);
    if !hint.is_empty() {
        strip.text_right(Font::CaptionRegular, tokens.tx_tertiary, hint);
    }
    response
}

/// A text field. Its accessible name is its label unless [`TextField::name`] says more.
#[must_use = "call `ui` to show it"]
pub struct TextField<'a> {
    label: &'a str,
    name: Option<&'a str>,
    hint: &'a str,
    placeholder: &'a str,
    help: &'a str,
    error: Option<&'a str>,
    valid: bool,
    mono: bool,
    rows: usize,
    height: f32,
    width: f32,
    icon: Option<Icon>,
    keycap: Option<&'a str>,
    reveal: Option<&'a mut bool>,
    enabled: bool,
}

impl<'a> TextField<'a> {
    /// A field of one line, 32 high, over the free width.
    pub const fn new(label: &'a str) -> Self {
        Self {
            label,
            name: None,
            hint: "",
            placeholder: "",
            help: "",
            error: None,
            valid: false,
            mono: false,
            rows: 1,
            height: 32.0,
            width: f32::INFINITY,
            icon: None,
            keycap: None,
            reveal: None,
            enabled: true,
        }
    }

    /// A filter, 28 high, without a label above: `name` is read out and shown while it is empty.
    pub const fn filter(name: &'a str) -> Self {
        let mut field = Self::new("");
        field.name = Some(name);
        field.placeholder = name;
        field.height = 28.0;
        field.icon = Some(icons::MAGNIFYING_GLASS);
        field.keycap = Some("/");
        field
    }

    /// The accessible name, when the label alone is not enough.
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// A remark above the field, at the right.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Shown while the field is empty.
    pub const fn placeholder(mut self, text: &'a str) -> Self {
        self.placeholder = text;
        self
    }

    /// A sentence below the field.
    pub const fn help(mut self, text: &'a str) -> Self {
        self.help = text;
        self
    }

    /// What is wrong, as a sentence below the field. It takes the place of the help.
    pub const fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// Show a tick: the value was checked and fits.
    pub const fn valid(mut self, valid: bool) -> Self {
        self.valid = valid;
        self
    }

    /// Monospaced, for versions, digests and names that are compared exactly.
    pub const fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Several lines.
    pub const fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// A fixed width.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// An icon inside, at the left.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Hide what is typed. `reveal` is the state of the eye at the right.
    pub const fn password(mut self, reveal: &'a mut bool) -> Self {
        self.reveal = Some(reveal);
        self
    }

    /// Whether it can be edited.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Show it and edit `text`.
    pub fn ui(self, ui: &mut Ui, text: &mut String) -> Response {
        let width = self.width.min(ui.available_width());
        ui.allocate_ui_with_layout(
            vec2(
                width,
                self.height + if self.label.is_empty() { 0.0 } else { 21.0 },
            ),
            egui::Layout::top_down(Align::Min),
            |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                if !self.label.is_empty() {
                    field_label(ui, self.label, self.hint);
                }
                let below = (self.error, self.help, self.valid);
                let response = self.edit(ui, text);
                below_ui(ui, below);
                response
            },
        )
        .inner
    }

    fn edit(self, ui: &mut Ui, text: &mut String) -> Response {
        let tokens = Tokens::of(ui);
        let font = if self.mono {
            Font::MonoField
        } else {
            Font::Body
        };
        let background = ui.painter().add(Shape::Noop);
        let marked = self.error.is_some() || self.valid;
        let left = if self.icon.is_some() { 33 } else { 11 };
        let right = match (&self.reveal, marked || self.keycap.is_some()) {
            (Some(_), false) => 36,
            (Some(_), true) => 58,
            (None, true) => 34,
            (None, false) => 11,
        };
        let single = self.rows == 1;
        let hidden = self.reveal.as_ref().is_some_and(|reveal| !**reveal);
        let color = if self.enabled {
            tokens.tx_primary
        } else {
            tokens.tx_tertiary
        };
        let margin = Margin {
            left,
            right,
            top: if single { 0 } else { 7 },
            bottom: if single { 0 } else { 7 },
        };
        let secret = self.reveal.is_some();
        let mut dots;
        let buffer: &mut dyn TextBuffer = if hidden {
            dots = Hidden::new(text);
            &mut dots
        } else {
            text
        };
        let edit = if single {
            TextEdit::singleline(buffer).align(egui::Align2::LEFT_CENTER)
        } else {
            TextEdit::multiline(buffer).desired_rows(self.rows)
        };
        let extra = (font.line_height() - ui.fonts_mut(|f| f.row_height(&font.id()))).max(0.0);
        let response = ui
            .scope(|ui| {
                ui.spacing_mut().extra_text_line_spacing = extra;
                let width = ui.available_width();
                ui.add_enabled(
                    self.enabled,
                    edit.font(font.id())
                        .text_color(color)
                        .hint_text(font.rich(self.placeholder))
                        .password(hidden)
                        .frame(Frame::NONE.inner_margin(margin))
                        .desired_width(width)
                        .min_size(vec2(width, self.height)),
                )
            })
            .inner;
        if secret {
            forget(ui, &response);
        }
        let name = self.name.unwrap_or(self.label);
        let response = response.accessible_name(name);
        if let Some(error) = self.error {
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_description(error));
        }
        paint_box(ui, background, &response, (self.error, self.enabled));
        let rect = response.rect;
        self.decorate(ui, rect);
        response
    }

    /// What stands inside the field beside the text.
    fn decorate(self, ui: &mut Ui, rect: Rect) {
        let tokens = Tokens::of(ui);
        let row = Rect::from_min_size(rect.min, vec2(rect.width(), self.height));
        let mut strip = Strip::new(ui, row);
        if let Some(icon) = self.icon {
            strip.space(11.0);
            strip.icon(icon, 16.0, tokens.tx_secondary);
        }
        strip.space_right(if self.keycap.is_some() { 5.0 } else { 11.0 });
        if let Some(keys) = self.keycap {
            strip.pill_right(
                keys,
                tokens.tx_tertiary,
                tokens.bg_raised,
                tokens.st_default,
            );
        }
        if let Some(reveal) = self.reveal {
            let (icon, verb) = if *reveal {
                (icons::EYE_SLASH, "Hide")
            } else {
                (icons::EYE, "Show")
            };
            let name = format!("{verb} {}", self.name.unwrap_or(self.label).to_lowercase());
            let center = pos2(row.right() - 19.0, row.center().y);
            let eye = Rect::from_center_size(center, vec2(24.0, 24.0));
            // A child of its own, for the field has taken the space already.
            let mut child = ui.new_child(UiBuilder::new().max_rect(eye));
            let button = Button::ghost("")
                .small()
                .icon(icon)
                .name(&name)
                .tooltip(&name);
            if button.ui(&mut child).clicked() {
                *reveal = !*reveal;
            }
            strip.space_right(22.0);
        }
        if self.error.is_some() {
            strip.icon_right(icons::WARNING_CIRCLE.fill(), 14.0, tokens.stop);
        } else if self.valid {
            strip.icon_right(icons::CHECK_CIRCLE.fill(), 14.0, tokens.go);
        }
    }
}

/// What could be undone was copied, and would be there as long as the window.
fn forget(ui: &Ui, response: &Response) {
    if let Some(mut state) = TextEditState::load(ui.ctx(), response.id) {
        state.clear_undoer();
        state.store(ui.ctx(), response.id);
    }
}

/// The sentence below a field.
fn below_ui(ui: &mut Ui, (error, help, valid): (Option<&str>, &str, bool)) {
    let tokens = Tokens::of(ui);
    let (text, color): (&str, Color32) = match (error, valid) {
        (Some(error), _) => (error, tokens.stop),
        (None, true) => (help, tokens.go),
        (None, false) => (help, tokens.tx_tertiary),
    };
    if !text.is_empty() {
        ui.add_space(5.0);
        label(ui, Font::Small, color, text);
    }
}

/// Fill, outline and focus of a field, drawn beneath its text.
fn paint_box(ui: &Ui, at: ShapeIdx, response: &Response, (error, enabled): (Option<&str>, bool)) {
    let tokens = Tokens::of(ui);
    let outline = match (error, enabled) {
        (Some(_), _) => tokens.stop_solid,
        (None, true) => tokens.st_control,
        (None, false) => tokens.st_subtle,
    };
    let fill = if enabled {
        tokens.bg_input
    } else {
        tokens.bg_rail
    };
    let (rect, corner) = (response.rect, CornerRadius::same(radius::MD));
    let stroke = Stroke::new(1.0, outline);
    ui.painter().set(
        at,
        RectShape::new(rect, corner, fill, stroke, StrokeKind::Inside),
    );
    paint::paint_focus_ring(ui, response, rect, radius::MD, 0.0);
}
