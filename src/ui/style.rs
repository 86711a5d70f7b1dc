//! The egui style behind what egui draws itself: scroll bars, text selection, menus, tooltips.

use std::sync::Arc;

use egui::epaint::{FontColorTransferFunction, TextOptions};
use egui::style::{Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{
    Context, CornerRadius, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Visuals, vec2,
};

use super::Font;
use super::font;
use super::theme::{DARK, LIGHT, Tokens, radius};
use super::widgets::return_pending_focus;

/// Install fonts and both themes. Call once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(font::definitions());
    ctx.on_begin_pass(
        "return focus from a dialog",
        Arc::new(|ui| return_pending_focus(ui.ctx())),
    );
    for (theme, tokens) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
        ctx.style_mut_of(theme, |style| apply(style, theme, tokens));
    }
}

fn apply(style: &mut Style, theme: Theme, tokens: &Tokens) {
    style.text_styles = text_styles();
    style.visuals = visuals(theme, tokens);
    style.animation_time = 0.1;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 4.0);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = vec2(24.0, 24.0);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::ZERO;
    spacing.tooltip_width = 320.0;
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating_width = 4.0;
    spacing.scroll.foreground_color = true;
}

fn text_styles() -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, Font::Small.id()),
        (TextStyle::Body, Font::Body.id()),
        (TextStyle::Button, Font::BodyStrong.id()),
        (TextStyle::Heading, Font::Heading.id()),
        (TextStyle::Monospace, Font::Mono.id()),
    ]
    .into()
}

/// Shadow of menus and toasts.
pub(crate) const fn menu_shadow(tokens: &Tokens) -> Shadow {
    Shadow {
        offset: [0, 8],
        blur: 20,
        spread: 0,
        color: tokens.shadow,
    }
}

/// Shadow of dialogs.
pub(crate) const fn dialog_shadow(tokens: &Tokens) -> Shadow {
    Shadow {
        offset: [0, 18],
        blur: 48,
        spread: 0,
        color: tokens.shadow,
    }
}

fn visuals(theme: Theme, tokens: &Tokens) -> Visuals {
    let base = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let control = |fill, outline, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: CornerRadius::same(radius::MD),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Visuals {
        widgets: Widgets {
            noninteractive: control(tokens.bg_card, tokens.st_subtle, tokens.tx_primary),
            inactive: control(tokens.bg_raised, tokens.st_default, tokens.tx_primary),
            hovered: control(tokens.bg_hover, tokens.st_default, tokens.tx_primary),
            active: control(tokens.bg_selected, tokens.st_control, tokens.tx_primary),
            open: control(tokens.bg_selected, tokens.st_default, tokens.tx_primary),
        },
        selection: Selection {
            bg_fill: tokens.focus.gamma_multiply(0.35),
            stroke: Stroke::new(1.0, tokens.tx_primary),
        },
        text_cursor: TextCursorStyle {
            stroke: Stroke::new(1.5, tokens.tx_primary),
            blink: false,
            ..base.text_cursor
        },
        // Coverage as it is: both themes hold dark text on light (the primary button) and light on dark,
        // and egui's correction for one makes the other too heavy.
        text_options: TextOptions {
            color_transfer_function: FontColorTransferFunction::Off,
            ..base.text_options
        },
        weak_text_color: Some(tokens.tx_tertiary),
        hyperlink_color: tokens.focus,
        faint_bg_color: tokens.bg_raised,
        extreme_bg_color: tokens.bg_input,
        text_edit_bg_color: Some(tokens.bg_input),
        code_bg_color: tokens.bg_input,
        warn_fg_color: tokens.caution,
        error_fg_color: tokens.stop,
        window_corner_radius: CornerRadius::same(radius::XL),
        window_shadow: dialog_shadow(tokens),
        window_fill: tokens.bg_card,
        window_stroke: Stroke::new(1.0, tokens.st_default),
        menu_corner_radius: CornerRadius::same(radius::LG),
        panel_fill: tokens.bg_panel,
        popup_shadow: menu_shadow(tokens),
        striped: false,
        ..base
    }
}
