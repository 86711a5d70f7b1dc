//! The colours of both themes, the spacing scale and the radii. Views read [`Tokens`] and nothing else.

use egui::{Color32, Context, Theme, Ui, UiBuilder, UiStackInfo};

/// The gaps between things. 6 and 10 are allowed inside controls.
pub mod space {
    /// 4 points.
    pub const S1: f32 = 4.0;
    /// 8 points.
    pub const S2: f32 = 8.0;
    /// 12 points.
    pub const S3: f32 = 12.0;
    /// 16 points.
    pub const S4: f32 = 16.0;
    /// 20 points.
    pub const S5: f32 = 20.0;
    /// 24 points.
    pub const S6: f32 = 24.0;
}

/// Corner radii.
pub mod radius {
    /// Tags, keycaps, segment thumbs.
    pub const SM: u8 = 4;
    /// Status chips.
    pub const CHIP: u8 = 5;
    /// Buttons, fields, rows in lists, navigation items.
    pub const MD: u8 = 6;
    /// Cards, banners, toasts, icon tiles.
    pub const LG: u8 = 8;
    /// Dialogs, drop panel.
    pub const XL: u8 = 12;
}

/// Hover, press and focus colours change within this time, in seconds.
pub const HOVER_SECONDS: f32 = 0.08;

/// One palette. Each text token reaches 4.5:1 on every surface, `tx_disabled` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Window behind everything, first run.
    pub bg_window: Color32,
    /// Left rail, status bar, right-hand detail panels.
    pub bg_rail: Color32,
    /// Main area, top bar.
    pub bg_panel: Color32,
    /// Cards, dialogs, table frames.
    pub bg_card: Color32,
    /// Secondary buttons, tags, toasts, selected radio rows.
    pub bg_raised: Color32,
    /// Hovered rows and buttons, bar tracks, skeletons.
    pub bg_hover: Color32,
    /// Selected row, current navigation item, active segment.
    pub bg_selected: Color32,
    /// Text fields, code wells.
    pub bg_input: Color32,
    /// Card outline, row separators (decorative).
    pub st_subtle: Color32,
    /// Outline of secondary buttons, tags, segments (decorative).
    pub st_default: Color32,
    /// Outline of fields and radios, track line, signal post (3:1).
    pub st_control: Color32,
    /// Text.
    pub tx_primary: Color32,
    /// Supporting text, icons at rest.
    pub tx_secondary: Color32,
    /// Captions, column heads, placeholders.
    pub tx_tertiary: Color32,
    /// Disabled labels only.
    pub tx_disabled: Color32,
    /// Fill of the primary button.
    pub primary: Color32,
    /// Fill of the primary button, hovered.
    pub primary_hover: Color32,
    /// Text on `primary`.
    pub on_primary: Color32,
    /// Focus ring, links, drop frame.
    pub focus: Color32,
    /// Go: text and icons.
    pub go: Color32,
    /// Go: chip and banner fill.
    pub go_bg: Color32,
    /// Go: chip and banner outline.
    pub go_st: Color32,
    /// Go: lamp, track, bar, mark.
    pub go_solid: Color32,
    /// Caution: text and icons.
    pub caution: Color32,
    /// Caution: chip and banner fill.
    pub caution_bg: Color32,
    /// Caution: chip and banner outline.
    pub caution_st: Color32,
    /// Caution: lamp, track, bar, mark.
    pub caution_solid: Color32,
    /// Stop: text and icons.
    pub stop: Color32,
    /// Stop: chip and banner fill.
    pub stop_bg: Color32,
    /// Stop: chip and banner outline.
    pub stop_st: Color32,
    /// Stop: lamp, track, fill of the danger button.
    pub stop_solid: Color32,
    /// Text on the danger button.
    pub on_stop: Color32,
    /// Staged, draft: text and icons.
    pub staged: Color32,
    /// Staged, draft: chip and banner fill.
    pub staged_bg: Color32,
    /// Staged, draft: chip and banner outline.
    pub staged_st: Color32,
    /// Staged, draft: lamp, track, bar, mark.
    pub staged_solid: Color32,
    /// Unknown, superseded: text and icons.
    pub idle: Color32,
    /// Unknown, superseded: chip and banner fill.
    pub idle_bg: Color32,
    /// Unknown, superseded: chip and banner outline.
    pub idle_st: Color32,
    /// Unknown, superseded: lamp, track, bar, mark.
    pub idle_solid: Color32,
    /// Behind dialogs and the drop overlay.
    pub scrim: Color32,
    /// Under dialogs, toasts and menus.
    pub shadow: Color32,
    /// Chart: the release live on the channel.
    pub v1: Color32,
    /// Chart: the candidate rolling out.
    pub v2: Color32,
    /// Chart: the previous release, other channels.
    pub v3: Color32,
    /// Chart: the one before.
    pub v4: Color32,
    /// Chart: older releases.
    pub v5: Color32,
    /// Chart: built-in assets.
    pub v6: Color32,
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where colours are made"
)]
const fn rgb(r: u8, g: u8, b: u8) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// The dark palette.
pub static DARK: Tokens = Tokens {
    bg_window: rgb(0x0F, 0x11, 0x13),
    bg_rail: rgb(0x12, 0x15, 0x17),
    bg_panel: rgb(0x15, 0x18, 0x1B),
    bg_card: rgb(0x1A, 0x1E, 0x21),
    bg_raised: rgb(0x22, 0x27, 0x2B),
    bg_hover: rgb(0x27, 0x2D, 0x32),
    bg_selected: rgb(0x2A, 0x30, 0x36),
    bg_input: rgb(0x11, 0x14, 0x16),
    st_subtle: rgb(0x23, 0x28, 0x2C),
    st_default: rgb(0x30, 0x37, 0x3D),
    st_control: rgb(0x6B, 0x75, 0x80),
    tx_primary: rgb(0xEC, 0xEA, 0xE4),
    tx_secondary: rgb(0xAE, 0xB4, 0xBA),
    tx_tertiary: rgb(0x92, 0x9A, 0xA2),
    tx_disabled: rgb(0x5F, 0x67, 0x6F),
    primary: rgb(0xEC, 0xE8, 0xDD),
    primary_hover: rgb(0xFF, 0xFC, 0xF2),
    on_primary: rgb(0x15, 0x18, 0x1B),
    focus: rgb(0x8F, 0xB8, 0xFF),
    go: rgb(0x55, 0xC7, 0x95),
    go_bg: rgb(0x14, 0x27, 0x1F),
    go_st: rgb(0x23, 0x51, 0x3D),
    go_solid: rgb(0x37, 0xB0, 0x7C),
    caution: rgb(0xF0, 0xB4, 0x4C),
    caution_bg: rgb(0x2A, 0x22, 0x14),
    caution_st: rgb(0x5A, 0x46, 0x20),
    caution_solid: rgb(0xE0, 0xA0, 0x30),
    stop: rgb(0xFF, 0x86, 0x7C),
    stop_bg: rgb(0x2D, 0x1A, 0x1A),
    stop_st: rgb(0x64, 0x31, 0x2E),
    stop_solid: rgb(0xC9, 0x3A, 0x34),
    on_stop: rgb(0xFF, 0xFF, 0xFF),
    staged: rgb(0x86, 0xB7, 0xF7),
    staged_bg: rgb(0x16, 0x22, 0x2F),
    staged_st: rgb(0x2B, 0x45, 0x62),
    staged_solid: rgb(0x4F, 0x8F, 0xDE),
    idle: rgb(0x92, 0x9A, 0xA2),
    idle_bg: rgb(0x22, 0x27, 0x2B),
    idle_st: rgb(0x30, 0x37, 0x3D),
    idle_solid: rgb(0x6B, 0x75, 0x80),
    scrim: Color32::from_rgba_premultiplied(4, 5, 6, 184),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 140),
    v1: rgb(0x2C, 0x84, 0x60),
    v2: rgb(0xE0, 0xA0, 0x30),
    v3: rgb(0x5C, 0x86, 0xB8),
    v4: rgb(0x6F, 0x7C, 0x89),
    v5: rgb(0x4B, 0x55, 0x5E),
    v6: rgb(0x36, 0x3E, 0x45),
};

/// The light palette, drawn for itself and not derived from the dark one.
pub static LIGHT: Tokens = Tokens {
    bg_window: rgb(0xF3, 0xF2, 0xEE),
    bg_rail: rgb(0xEB, 0xE9, 0xE4),
    bg_panel: rgb(0xF9, 0xF8, 0xF6),
    bg_card: rgb(0xFF, 0xFF, 0xFF),
    bg_raised: rgb(0xF4, 0xF2, 0xEE),
    bg_hover: rgb(0xEC, 0xEA, 0xE5),
    bg_selected: rgb(0xE5, 0xE2, 0xDB),
    bg_input: rgb(0xFF, 0xFF, 0xFF),
    st_subtle: rgb(0xE7, 0xE4, 0xDE),
    st_default: rgb(0xD5, 0xD1, 0xC9),
    st_control: rgb(0x8A, 0x86, 0x7E),
    tx_primary: rgb(0x1A, 0x1D, 0x20),
    tx_secondary: rgb(0x47, 0x4F, 0x57),
    tx_tertiary: rgb(0x5A, 0x62, 0x6A),
    tx_disabled: rgb(0xA5, 0xA7, 0xA8),
    primary: rgb(0x1F, 0x23, 0x26),
    primary_hover: rgb(0x00, 0x00, 0x00),
    on_primary: rgb(0xFF, 0xFF, 0xFF),
    focus: rgb(0x19, 0x57, 0xCC),
    go: rgb(0x0F, 0x6B, 0x45),
    go_bg: rgb(0xE2, 0xF3, 0xEA),
    go_st: rgb(0xA5, 0xD6, 0xBD),
    go_solid: rgb(0x1F, 0x8F, 0x5F),
    caution: rgb(0x84, 0x54, 0x00),
    caution_bg: rgb(0xFB, 0xF0, 0xD8),
    caution_st: rgb(0xE3, 0xC5, 0x84),
    caution_solid: rgb(0xBC, 0x7F, 0x0C),
    stop: rgb(0xAD, 0x23, 0x1C),
    stop_bg: rgb(0xFC, 0xE9, 0xE7),
    stop_st: rgb(0xEF, 0xB3, 0xAE),
    stop_solid: rgb(0xC2, 0x2F, 0x28),
    on_stop: rgb(0xFF, 0xFF, 0xFF),
    staged: rgb(0x1D, 0x5A, 0xA3),
    staged_bg: rgb(0xE6, 0xEF, 0xFA),
    staged_st: rgb(0xAE, 0xCA, 0xEA),
    staged_solid: rgb(0x32, 0x77, 0xC8),
    idle: rgb(0x5A, 0x62, 0x6A),
    idle_bg: rgb(0xEF, 0xED, 0xE8),
    idle_st: rgb(0xD5, 0xD1, 0xC9),
    idle_solid: rgb(0x8A, 0x90, 0x96),
    scrim: Color32::from_rgba_premultiplied(14, 14, 13, 117),
    shadow: Color32::from_rgba_premultiplied(9, 8, 6, 56),
    v1: rgb(0x3F, 0x9C, 0x75),
    v2: rgb(0xBF, 0x84, 0x12),
    v3: rgb(0x5B, 0x8C, 0xC4),
    v4: rgb(0x86, 0x8F, 0x99),
    v5: rgb(0xB4, 0xBB, 0xC1),
    v6: rgb(0xD3, 0xD6, 0xD8),
};

/// What is shown of a server that does not answer, dark.
pub static DARK_STALE: Tokens = DARK.stale();
/// What is shown of a server that does not answer, light.
pub static LIGHT_STALE: Tokens = LIGHT.stale();

/// What a colour says. A calm screen has none but `Go` and `Idle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Live, passed, done.
    Go,
    /// Rolling out, paused, needs a decision.
    Caution,
    /// Halted, recalled, failed.
    Stop,
    /// Staged, draft, information.
    Staged,
    /// Unknown, superseded.
    Idle,
}

/// The four colours of a [`Tone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToneColors {
    /// Text and icons.
    pub text: Color32,
    /// Fill of chips and banners.
    pub fill: Color32,
    /// Outline of chips and banners.
    pub outline: Color32,
    /// Lamps, bars and marks; never text.
    pub solid: Color32,
}

/// Marks a `Ui` whose content is no longer known to be true.
const STALE: &str = "switchtower-stale";

impl Tokens {
    /// The palette for what is drawn into `ui`: its theme, and whether it stands in a [`stale_scope`].
    pub fn of(ui: &Ui) -> &'static Self {
        match (ui.visuals().dark_mode, is_stale(ui)) {
            (true, false) => &DARK,
            (true, true) => &DARK_STALE,
            (false, false) => &LIGHT,
            (false, true) => &LIGHT_STALE,
        }
    }

    /// The palette for what is drawn outside of any panel: dialogs, toasts, overlays.
    pub fn of_ctx(ctx: &Context) -> &'static Self {
        match ctx.theme() {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The colours of one tone.
    pub const fn tone(&self, tone: Tone) -> ToneColors {
        let (text, fill, outline, solid) = match tone {
            Tone::Go => (self.go, self.go_bg, self.go_st, self.go_solid),
            Tone::Caution => (
                self.caution,
                self.caution_bg,
                self.caution_st,
                self.caution_solid,
            ),
            Tone::Stop => (self.stop, self.stop_bg, self.stop_st, self.stop_solid),
            Tone::Staged => (
                self.staged,
                self.staged_bg,
                self.staged_st,
                self.staged_solid,
            ),
            Tone::Idle => (self.idle, self.idle_bg, self.idle_st, self.idle_solid),
        };
        ToneColors {
            text,
            fill,
            outline,
            solid,
        }
    }

    /// The palette without any signal: every status text is `tx_secondary`, every mark `idle_solid`, charts are grey.
    #[must_use]
    pub const fn stale(self) -> Self {
        let (text, fill, outline, solid) = (
            self.tx_secondary,
            self.idle_bg,
            self.idle_st,
            self.idle_solid,
        );
        Self {
            go: text,
            go_bg: fill,
            go_st: outline,
            go_solid: solid,
            caution: text,
            caution_bg: fill,
            caution_st: outline,
            caution_solid: solid,
            stop: text,
            stop_bg: fill,
            stop_st: outline,
            stop_solid: solid,
            staged: text,
            staged_bg: fill,
            staged_st: outline,
            staged_solid: solid,
            idle: text,
            v1: self.v4,
            v2: self.tx_secondary,
            v3: self.v5,
            v4: self.v5,
            ..self
        }
    }
}

/// Whether `ui` shows what may no longer be true.
pub fn is_stale(ui: &Ui) -> bool {
    ui.stack().iter().any(|node| node.tags().contains(STALE))
}

/// Draw `content` without signals while `stale` holds. Nothing else about it changes, so nothing jumps.
pub fn stale_scope<R>(ui: &mut Ui, stale: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let info = UiStackInfo::default();
    let info = if stale { info.with_tag(STALE) } else { info };
    ui.scope_builder(UiBuilder::new().ui_stack_info(info), content)
        .inner
}

/// One step darker, for pressed controls.
pub(crate) fn pressed(color: Color32) -> Color32 {
    color.lerp_to_gamma(Color32::BLACK, 0.12)
}

/// 8% lighter, for the hovered danger button.
pub(crate) fn lighter(color: Color32) -> Color32 {
    color.lerp_to_gamma(Color32::WHITE, 0.08)
}

#[cfg(test)]
mod tests;
