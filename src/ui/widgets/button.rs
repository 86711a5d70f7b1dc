//! Buttons: what is done, in words, with the reason when it cannot be done.

use egui::{
    Color32, CornerRadius, CursorIcon, Galley, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

use super::paint::{self, line};
use crate::ui::theme::{self, HOVER_SECONDS, radius};
use crate::ui::{Font, Icon, Tokens};

/// How much a button asks for attention. One primary button per view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The one thing this view is for.
    Primary,
    /// The default.
    Secondary,
    /// Low-stakes exits, icon buttons.
    Ghost,
    /// Halt: red but not final.
    DangerOutline,
    /// The last step of a dialog that takes something away.
    Danger,
}

/// The heights of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 24.
    Small,
    /// 26, in the footer of a card.
    CardFooter,
    /// 28.
    Default,
    /// 36.
    Large,
}

impl Size {
    const fn height(self) -> f32 {
        match self {
            Self::Small => 24.0,
            Self::CardFooter => 26.0,
            Self::Default => 28.0,
            Self::Large => 36.0,
        }
    }

    /// Space beside the label, the outline included.
    const fn padding(self) -> f32 {
        match self {
            Self::Small => 9.0,
            Self::CardFooter | Self::Default => 11.0,
            Self::Large => 15.0,
        }
    }

    const fn font(self) -> Font {
        match self {
            Self::Small | Self::CardFooter => Font::SmallStrong,
            Self::Default => Font::BodyStrong,
            Self::Large => Font::BodyLargeStrong,
        }
    }
}

const GAP: f32 = 6.0;
const KEYCAP_GAP: f32 = 8.0;

/// A button. Its accessible name is its label unless [`Button::name`] says more.
#[must_use = "call `ui` to show it"]
pub struct Button<'a> {
    label: &'a str,
    kind: Kind,
    size: Size,
    icon: Option<Icon>,
    icon_right: Option<Icon>,
    keycap: Option<&'a str>,
    name: Option<&'a str>,
    tooltip: Option<&'a str>,
    disabled: Option<&'a str>,
    min_width: f32,
}

impl<'a> Button<'a> {
    /// A button of some kind.
    pub const fn new(kind: Kind, label: &'a str) -> Self {
        Self {
            label,
            kind,
            size: Size::Default,
            icon: None,
            icon_right: None,
            keycap: None,
            name: None,
            tooltip: None,
            disabled: None,
            min_width: 0.0,
        }
    }

    /// The one primary button of a view.
    pub const fn primary(label: &'a str) -> Self {
        Self::new(Kind::Primary, label)
    }

    /// A plain button.
    pub const fn secondary(label: &'a str) -> Self {
        Self::new(Kind::Secondary, label)
    }

    /// A button without fill.
    pub const fn ghost(label: &'a str) -> Self {
        Self::new(Kind::Ghost, label)
    }

    /// Red but not final.
    pub const fn danger_outline(label: &'a str) -> Self {
        Self::new(Kind::DangerOutline, label)
    }

    /// The last step of a dialog.
    pub const fn danger(label: &'a str) -> Self {
        Self::new(Kind::Danger, label)
    }

    /// 24 high.
    pub const fn small(mut self) -> Self {
        self.size = Size::Small;
        self
    }

    /// 26 high, for the footer of a card.
    pub const fn card_footer(mut self) -> Self {
        self.size = Size::CardFooter;
        self
    }

    /// 36 high.
    pub const fn large(mut self) -> Self {
        self.size = Size::Large;
        self
    }

    /// An icon before the label.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// An icon after the label.
    pub const fn icon_right(mut self, icon: Icon) -> Self {
        self.icon_right = Some(icon);
        self
    }

    /// The shortcut, drawn at the end of the button.
    pub const fn keycap(mut self, keys: &'a str) -> Self {
        self.keycap = Some(keys);
        self
    }

    /// The accessible name, when the label alone does not say action and object.
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// What the tooltip says while the button can be pressed.
    pub const fn tooltip(mut self, text: &'a str) -> Self {
        self.tooltip = Some(text);
        self
    }

    /// Disable the button and say why. It keeps its place and its size. `None` leaves it enabled.
    pub fn disabled(mut self, reason: impl Into<Option<&'a str>>) -> Self {
        self.disabled = reason.into();
        self
    }

    /// Make it at least this wide; the label stays in the middle.
    pub const fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    /// How wide it would be.
    pub fn width(&self, ui: &Ui) -> f32 {
        let galley = self.galley(ui);
        let content = self.content_width(ui, galley.as_ref());
        self.outer_width(galley.is_some(), content)
    }

    fn galley(&self, ui: &Ui) -> Option<Arc<Galley>> {
        (!self.label.is_empty()).then(|| {
            line(
                ui.painter(),
                self.size.font(),
                Color32::PLACEHOLDER,
                self.label,
                f32::INFINITY,
            )
        })
    }

    fn outer_width(&self, has_label: bool, content: f32) -> f32 {
        let width = if has_label || self.keycap.is_some() {
            (content + 2.0 * self.size.padding()).ceil()
        } else {
            self.size.height()
        };
        width.max(self.min_width)
    }

    /// Show it.
    pub fn ui(self, ui: &mut Ui) -> Response {
        let enabled = self.disabled.is_none() && ui.is_enabled();
        let tokens = Tokens::of(ui);
        let galley = self.galley(ui);
        let content = self.content_width(ui, galley.as_ref());
        let height = self.size.height();
        let width = self.outer_width(galley.is_some(), content);
        let sense = if enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);

        let name = self.name.unwrap_or(self.label);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
        if let Some(reason) = self.disabled {
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_description(reason));
        }
        if ui.is_rect_visible(rect) {
            self.paint(ui, tokens, &response, enabled, rect, content, galley);
        }
        paint::paint_focus_ring(ui, &response, rect, radius::MD, 1.0);
        self.explain(response, enabled)
    }

    fn explain(&self, response: Response, enabled: bool) -> Response {
        if let Some(reason) = self.disabled {
            return response.on_hover_text(reason);
        }
        if !enabled {
            return response;
        }
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        match self.tooltip {
            Some(text) => response.on_hover_text(text),
            None => response,
        }
    }

    fn icon_size(&self) -> f32 {
        match self.size {
            Size::Small | Size::CardFooter => 14.0,
            Size::Default | Size::Large => 16.0,
        }
    }

    fn content_width(&self, ui: &Ui, galley: Option<&Arc<Galley>>) -> f32 {
        let icons = f32::from(u8::from(self.icon.is_some()) + u8::from(self.icon_right.is_some()));
        let text = galley.map_or(0.0, |galley| galley.size().x);
        let gaps = if galley.is_some() { icons * GAP } else { 0.0 };
        let keycap = self.keycap.map_or(0.0, |keys| {
            KEYCAP_GAP + paint::pill_size(ui.painter(), keys).x
        });
        icons * self.icon_size() + gaps + text + keycap
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one button, measured before"
    )]
    fn paint(
        &self,
        ui: &Ui,
        tokens: &Tokens,
        response: &Response,
        enabled: bool,
        rect: Rect,
        content: f32,
        galley: Option<Arc<Galley>>,
    ) {
        let look = self.look(ui, tokens, response, enabled);
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::MD),
            look.fill,
            Stroke::new(1.0, look.outline),
            StrokeKind::Inside,
        );
        let mut x = rect.center().x - content / 2.0;
        let icon_size = self.icon_size();
        let icon = |icon: Icon, x: f32| {
            let center = pos2(x + icon_size / 2.0, rect.center().y);
            icon.paint(ui.painter(), center, icon_size, look.text);
        };
        if let Some(left) = self.icon {
            icon(left, x);
            x += icon_size + GAP;
        }
        if let Some(galley) = galley {
            let at = pos2(x, rect.center().y - galley.size().y / 2.0);
            x += galley.size().x;
            ui.painter()
                .galley_with_override_text_color(at, galley, look.text);
        }
        if let Some(right) = self.icon_right {
            icon(right, x + GAP);
            x += icon_size + GAP;
        }
        if let Some(keys) = self.keycap {
            let size = paint::pill_size(ui.painter(), keys);
            let min = pos2(x + KEYCAP_GAP, rect.center().y - size.y / 2.0);
            let faint = look.text.gamma_multiply(0.7);
            paint::paint_pill(
                ui.painter(),
                Rect::from_min_size(min, size),
                keys,
                faint,
                Color32::TRANSPARENT,
                look.text.gamma_multiply(0.25),
            );
        }
    }

    fn look(&self, ui: &Ui, tokens: &Tokens, response: &Response, enabled: bool) -> Look {
        if !enabled {
            let ghost = self.kind == Kind::Ghost;
            return Look {
                fill: if ghost {
                    Color32::TRANSPARENT
                } else {
                    tokens.bg_raised
                },
                outline: if ghost {
                    Color32::TRANSPARENT
                } else {
                    tokens.st_subtle
                },
                text: tokens.tx_disabled,
            };
        }
        let (rest, hovered) = Look::of(self.kind, tokens);
        let t = ui
            .ctx()
            .animate_bool_with_time(response.id, response.hovered(), HOVER_SECONDS);
        let mut look = rest.towards(hovered, t);
        if response.is_pointer_button_down_on() {
            look.fill = theme::pressed(look.fill);
        }
        look
    }
}

/// The colours of a button in one moment.
#[derive(Clone, Copy)]
struct Look {
    fill: Color32,
    outline: Color32,
    text: Color32,
}

impl Look {
    /// At rest, and hovered.
    fn of(kind: Kind, tokens: &Tokens) -> (Self, Self) {
        let plain = |fill, outline, text| Self {
            fill,
            outline,
            text,
        };
        let clear = Color32::TRANSPARENT;
        match kind {
            Kind::Primary => (
                plain(tokens.primary, clear, tokens.on_primary),
                plain(tokens.primary_hover, clear, tokens.on_primary),
            ),
            Kind::Secondary => (
                plain(tokens.bg_raised, tokens.st_default, tokens.tx_primary),
                plain(tokens.bg_hover, tokens.st_default, tokens.tx_primary),
            ),
            Kind::Ghost => (
                plain(clear, clear, tokens.tx_secondary),
                plain(tokens.bg_hover, clear, tokens.tx_primary),
            ),
            Kind::DangerOutline => (
                plain(tokens.stop_bg, tokens.stop_st, tokens.stop),
                plain(tokens.stop_bg, tokens.stop_solid, tokens.stop),
            ),
            Kind::Danger => (
                plain(tokens.stop_solid, clear, tokens.on_stop),
                plain(theme::lighter(tokens.stop_solid), clear, tokens.on_stop),
            ),
        }
    }

    fn towards(self, other: Self, t: f32) -> Self {
        Self {
            fill: self.fill.lerp_to_gamma(other.fill, t),
            outline: self.outline.lerp_to_gamma(other.outline, t),
            text: self.text.lerp_to_gamma(other.text, t),
        }
    }
}

/// A square ghost button. `name` says action and object ("Close release 218") and is the tooltip too.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    Button::ghost("").icon(icon).name(name).tooltip(name).ui(ui)
}

/// Text that leads somewhere.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    let tokens = Tokens::of(ui);
    let galley = line(
        ui.painter(),
        Font::SmallStrong,
        tokens.focus,
        text,
        f32::INFINITY,
    );
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), text));
    ui.painter().galley(rect.min, galley, tokens.focus);
    if response.hovered() {
        ui.painter().hline(
            rect.x_range(),
            rect.bottom() - 1.5,
            Stroke::new(1.0, tokens.focus),
        );
    }
    paint::paint_focus_ring(ui, &response, rect, 2, 1.0);
    response.on_hover_cursor(CursorIcon::PointingHand)
}
