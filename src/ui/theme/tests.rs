//! The contrast that the design promises, computed from the tokens themselves.

use super::*;

/// WCAG 2.2 relative luminance.
fn luminance(color: Color32) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn surfaces(t: &Tokens) -> [(&'static str, Color32); 8] {
    [
        ("window", t.bg_window),
        ("rail", t.bg_rail),
        ("panel", t.bg_panel),
        ("card", t.bg_card),
        ("raised", t.bg_raised),
        ("hover", t.bg_hover),
        ("selected", t.bg_selected),
        ("input", t.bg_input),
    ]
}

fn texts(t: &Tokens) -> [(&'static str, Color32); 8] {
    [
        ("tx_primary", t.tx_primary),
        ("tx_secondary", t.tx_secondary),
        ("tx_tertiary", t.tx_tertiary),
        ("go", t.go),
        ("caution", t.caution),
        ("stop", t.stop),
        ("staged", t.staged),
        ("focus", t.focus),
    ]
}

const PALETTES: [(&str, &Tokens); 4] = [
    ("dark", &DARK),
    ("light", &LIGHT),
    ("dark, stale", &DARK_STALE),
    ("light, stale", &LIGHT_STALE),
];

#[test]
fn every_text_is_readable_on_every_surface() {
    for (palette, tokens) in PALETTES {
        for (text, color) in texts(tokens) {
            for (surface, fill) in surfaces(tokens) {
                let ratio = contrast(color, fill);
                assert!(
                    ratio >= 4.5,
                    "{palette}: {text} on {surface} is {ratio:.2}:1"
                );
            }
        }
    }
}

#[test]
fn status_text_is_readable_on_its_own_fill() {
    for (palette, tokens) in PALETTES {
        for tone in [
            Tone::Go,
            Tone::Caution,
            Tone::Stop,
            Tone::Staged,
            Tone::Idle,
        ] {
            let colors = tokens.tone(tone);
            let ratio = contrast(colors.text, colors.fill);
            assert!(ratio >= 4.5, "{palette}: {tone:?} is {ratio:.2}:1");
        }
    }
}

#[test]
fn filled_buttons_are_readable() {
    for (palette, tokens) in [("dark", &DARK), ("light", &LIGHT)] {
        for (name, text, fill) in [
            ("primary", tokens.on_primary, tokens.primary),
            ("hovered", tokens.on_primary, tokens.primary_hover),
            ("danger", tokens.on_stop, tokens.stop_solid),
            (
                "danger, hovered",
                tokens.on_stop,
                lighter(tokens.stop_solid),
            ),
        ] {
            let ratio = contrast(text, fill);
            assert!(ratio >= 4.5, "{palette}: {name} is {ratio:.2}:1");
        }
    }
}

#[test]
fn outlines_and_marks_that_carry_meaning_reach_three_to_one() {
    for (palette, t) in [("dark", &DARK), ("light", &LIGHT)] {
        for (name, color) in [
            ("st_control", t.st_control),
            ("go_solid", t.go_solid),
            ("caution_solid", t.caution_solid),
            ("stop_solid", t.stop_solid),
            ("staged_solid", t.staged_solid),
            ("idle_solid", t.idle_solid),
            ("v1", t.v1),
            ("v2", t.v2),
            ("v3", t.v3),
            ("v4", t.v4),
        ] {
            let ratio = contrast(color, t.bg_card);
            assert!(ratio >= 3.0, "{palette}: {name} on a card is {ratio:.2}:1");
        }
    }
}

/// Three cells of the published table: the formula and the tokens are the designer's.
#[test]
fn the_ratios_are_those_of_the_design() {
    for (color, fill, expected) in [
        (DARK.tx_tertiary, DARK.bg_selected, 4.7),
        (LIGHT.tx_primary, LIGHT.bg_card, 16.9),
        (LIGHT.caution, LIGHT.caution_bg, 5.7),
    ] {
        let ratio = contrast(color, fill);
        assert!(
            (ratio - expected).abs() < 0.06,
            "{ratio:.2}, not {expected}"
        );
    }
}

#[test]
fn a_stale_palette_shows_no_signal() {
    for (stale, fresh) in [(&DARK_STALE, &DARK), (&LIGHT_STALE, &LIGHT)] {
        let idle = stale.tone(Tone::Idle);
        for tone in [Tone::Go, Tone::Caution, Tone::Stop, Tone::Staged] {
            assert_eq!(stale.tone(tone), idle);
        }
        assert_eq!(idle.text, fresh.tx_secondary);
        assert_eq!(idle.solid, fresh.idle_solid);
        assert_eq!(stale.bg_card, fresh.bg_card);
    }
}

#[test]
fn a_stale_scope_changes_the_palette_inside_and_not_after() {
    let ctx = Context::default();
    crate::ui::style::install(&ctx);
    let mut seen = Vec::new();
    let output = ctx.run_ui(egui::RawInput::default(), |ui| {
        seen.clear();
        stale_scope(ui, true, |ui| {
            ui.horizontal(|ui| {
                let tokens = Tokens::of(ui);
                seen.push([&DARK_STALE, &LIGHT_STALE].contains(&tokens));
            });
        });
        stale_scope(ui, false, |ui| seen.push(is_stale(ui)));
        seen.push(is_stale(ui));
    });
    output.drop_without_applying_deltas();
    assert_eq!(seen, [true, false, false]);
}
