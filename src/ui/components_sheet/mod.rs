//! Every component on one sheet, for the pictures that the tests keep. No page of the app.

mod more;

use egui::{CornerRadius, Frame, Margin, Sense, Stroke, StrokeKind, Ui, vec2};

use super::theme::{radius, stale_scope};
use super::widgets::{
    Banner, Button, Change, DiffRow, Lamp, Runs, Segment, Status, TextField, TrackLine, app_mark,
    card, diff_header, keycap, label, label_line, paint_track, paint_track_arrow, paint_track_node,
    radio, row, rule, segmented, signal, status_chip, status_text, tag,
};
use super::{Font, Icon, Tokens, Tone, icons};

pub use more::more_ui;

/// What the sheet's fields hold. Its pages keep such things in their own structs.
#[derive(Debug)]
pub struct Sheet {
    version: String,
    focused: String,
    wrong: String,
    token: String,
    notes: String,
    filter: String,
    reveal: bool,
    segment: &'static str,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            version: "2.5.0-ota.3".to_owned(),
            focused: "focused".to_owned(),
            wrong: "2.5".to_owned(),
            token: "sbx_1f08e4f2a".to_owned(),
            notes:
                "**Tide charts** load without the blank frame.\n- summer banner on the start page"
                    .to_owned(),
            filter: String::new(),
            reveal: false,
            segment: "All",
        }
    }
}

fn section(ui: &mut Ui, title: &str, remark: &str) {
    let tokens = Tokens::of(ui);
    ui.add_space(12.0);
    rule(ui);
    ui.add_space(12.0);
    Runs::new()
        .push(Font::Caption, tokens.tx_tertiary, title)
        .push(
            Font::CaptionRegular,
            tokens.tx_tertiary,
            &format!("   {remark}"),
        )
        .ui_line(ui);
    ui.add_space(8.0);
}

fn page(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let tokens = Tokens::of(ui);
    let margin = Margin {
        left: 28,
        right: 28,
        top: 16,
        bottom: 20,
    };
    ui.painter()
        .rect_filled(ui.max_rect(), 0.0, tokens.bg_panel);
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui);
    });
}

/// The design's own sheet.
pub fn basics_ui(ui: &mut Ui, sheet: &mut Sheet) {
    page(ui, |ui| {
        let tokens = Tokens::of(ui);
        row(ui, 24.0, 10.0, |ui| {
            app_mark(ui, 24.0);
            let theme = if ui.visuals().dark_mode {
                "dark"
            } else {
                "light"
            };
            label(
                ui,
                Font::Heading,
                tokens.tx_primary,
                format!("Components, {theme}"),
            );
        });
        buttons_ui(ui);
        chips_ui(ui);
        signals_ui(ui);
        fields_ui(ui, sheet);
        diff_ui(ui);
        banners_ui(ui);
        text_ui(ui);
        surfaces_ui(ui);
    });
}

fn buttons_ui(ui: &mut Ui) {
    section(
        ui,
        "Buttons, 28 pt",
        "primary · secondary · ghost · danger outline · danger · disabled",
    );
    row(ui, 28.0, 8.0, |ui| {
        Button::primary("Sign & publish")
            .icon(icons::SIGNATURE)
            .ui(ui);
        Button::secondary("Promote to beta")
            .icon_right(icons::ARROW_RIGHT)
            .ui(ui);
        Button::ghost("Discard draft").ui(ui);
        Button::danger_outline("Halt").icon(icons::HAND_PALM).ui(ui);
        Button::danger("Roll back")
            .icon(icons::ARROW_U_UP_LEFT)
            .ui(ui);
        Button::secondary("Promote")
            .disabled("Nothing is live on staging yet")
            .ui(ui);
    });
    ui.add_space(9.0);
    row(ui, 36.0, 12.0, |ui| {
        Button::primary("Keycap").keycap("Ctrl ↵").ui(ui);
        Button::secondary("Focused").name("Focused button").ui(ui);
        Button::secondary("Hovered").ui(ui);
        Button::secondary("Small 24").small().ui(ui);
        Button::secondary("Card footer 26").card_footer().ui(ui);
        Button::secondary("Large 36").large().ui(ui);
        Button::secondary("")
            .icon(icons::DOTS_THREE)
            .name("More about the sheet")
            .ui(ui);
    });
}

fn chips_ui(ui: &mut Ui) {
    section(ui, "Status chips, 20 pt", "always icon and word");
    let (first, second) = Status::ALL.split_at(7);
    for statuses in [first, second] {
        row(ui, 20.0, 8.0, |ui| {
            for status in statuses {
                status_chip(ui, *status);
            }
        });
        ui.add_space(8.0);
    }
    stale_scope(ui, true, |ui| {
        row(ui, 20.0, 8.0, |ui| {
            for status in [Status::Live, Status::Halted, Status::NoRelease] {
                status_chip(ui, status);
            }
            status_text(ui, Status::Superseded);
        });
    });
}

fn signals_ui(ui: &mut Ui) {
    section(
        ui,
        "Signal head, 14 × 26 pt + post",
        "lamp position repeats the colour: top, middle, bottom",
    );
    let tokens = Tokens::of(ui);
    row(ui, 36.0, 10.0, |ui| {
        for (lamp, text) in [
            (Some(Lamp::Go), "proceed: live"),
            (Some(Lamp::Caution), "caution: rolling out, paused"),
            (Some(Lamp::Stop), "danger: halted"),
            (None, "dark: unknown or no release"),
        ] {
            signal(ui, lamp);
            label_line(ui, Font::Small, tokens.tx_secondary, text);
            ui.add_space(6.0);
        }
    });
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let third = rect.width() / 3.0;
    let y = rect.center().y;
    for (index, line) in [TrackLine::Plain, TrackLine::Moving, TrackLine::Halted]
        .into_iter()
        .enumerate()
    {
        let from = rect.left() + f32::from(u8::try_from(index).unwrap_or(0)) * third;
        paint_track(
            ui.painter(),
            tokens,
            (from + 20.0)..=(from + third - 8.0),
            y,
            line,
        );
        paint_track_arrow(
            ui.painter(),
            tokens,
            egui::pos2(from + third - 4.0, y),
            line,
        );
        paint_track_node(
            ui.painter(),
            tokens,
            egui::pos2(from + 20.0, y),
            tokens.bg_panel,
        );
    }
}

fn fields_ui(ui: &mut Ui, sheet: &mut Sheet) {
    section(ui, "Fields", "");
    row(ui, 32.0, 12.0, |ui| {
        TextField::new("")
            .name("Version")
            .width(180.0)
            .ui(ui, &mut sheet.version);
        TextField::new("")
            .name("Focused field")
            .width(150.0)
            .ui(ui, &mut sheet.focused);
        TextField::new("")
            .name("Wrong")
            .width(150.0)
            .error(Some(""))
            .ui(ui, &mut sheet.wrong);
    });
    ui.add_space(10.0);
    row(ui, 28.0, 16.0, |ui| {
        let segments = ["All", "Live", "Draft"].map(|word| Segment::new(word, word));
        segmented(ui, "Which releases", &segments, &mut sheet.segment);
        radio(ui, true, "All at once");
        radio(ui, false, "In stages");
        keycap(ui, "Ctrl K");
        tag(ui, "#218");
    });
}

fn diff_row<'a>(
    name: &'a str,
    change: Change,
    size: &'a str,
    growth: &'a str,
    share: f32,
) -> DiffRow<'a> {
    DiffRow {
        depth: 0,
        open: None,
        icon: icons::FILE,
        name,
        remark: "",
        change: Some(change),
        summary: "",
        size,
        growth,
        share,
        selected: false,
    }
}

fn diff_ui(ui: &mut Ui) {
    section(ui, "Diff rows, 26 pt", "rest · selected · folder");
    card(ui, |ui| {
        diff_header(ui, "Against live");
        rule(ui);
        diff_row(
            "app-C4xq91fa.js",
            Change::Added,
            "812.4 KB",
            "+812.4 KB",
            1.0,
        )
        .ui(ui);
        let mut selected = diff_row(
            "tide-chart.worker.js",
            Change::Changed,
            "148.0 KB",
            "−6.1 KB",
            -0.03,
        );
        selected.selected = true;
        selected.ui(ui);
        diff_row(
            "banner-spring.png",
            Change::Removed,
            "41.2 KB",
            "−41.2 KB",
            -0.3,
        )
        .ui(ui);
        diff_row("inter-subset.woff2", Change::Unchanged, "48.3 KB", "0", 0.0).ui(ui);
        let mut folder = diff_row("images", Change::Unchanged, "1.6 MB", "+16 KB", 0.0);
        (folder.open, folder.change, folder.summary) = (Some(true), None, "3 of 17 differ");
        folder.ui(ui);
        let mut map = diff_row(
            "tide-chart.worker.js.map",
            Change::Added,
            "182.7 KB",
            "+182.7 KB",
            0.4,
        );
        (map.depth, map.remark) = (1, "source map");
        map.ui(ui);
        ui.add_space(4.0);
    });
}

fn banners_ui(ui: &mut Ui) {
    section(ui, "Banners", "");
    let banners: [(Tone, Icon, &str); 4] = [
        (
            Tone::Go,
            icons::SEAL_CHECK.fill(),
            "The log is complete and unaltered",
        ),
        (
            Tone::Caution,
            icons::WARNING.fill(),
            "Not backed up since it was last rotated",
        ),
        (
            Tone::Stop,
            icons::CLOUD_SLASH.fill(),
            "Can’t reach ota.tidepool.dev",
        ),
        (
            Tone::Staged,
            icons::INFO.fill(),
            "Next stop: beta, 3,412 devices",
        ),
    ];
    for (tone, icon, title) in banners {
        Banner::new(tone, icon, title).ui(ui);
        ui.add_space(8.0);
    }
}

fn text_ui(ui: &mut Ui) {
    section(ui, "Text", "");
    let tokens = Tokens::of(ui);
    row(ui, 32.0, 12.0, |ui| {
        for (font, word) in [
            (Font::Display, "26"),
            (Font::Title, "Title 22"),
            (Font::Heading, "Heading 18"),
            (Font::Section, "Label 15"),
            (Font::BodyLarge, "Body 14"),
            (Font::Body, "Body 13"),
        ] {
            label_line(ui, font, tokens.tx_primary, word);
        }
        label_line(ui, Font::Small, tokens.tx_secondary, "Small 12");
        label_line(ui, Font::CaptionRegular, tokens.tx_tertiary, "Caption 11");
        label_line(ui, Font::Mono, tokens.tx_primary, "mono 12");
    });
    row(ui, 24.0, 12.0, |ui| {
        label_line(
            ui,
            Font::Body,
            tokens.tx_primary,
            "− × · … → ← ↑ ↓ ↵ ⇧ ⌘ ≥ ≤ • – — ’ “ ” ✓",
        );
        label_line(
            ui,
            Font::Mono,
            tokens.tx_primary,
            "− × · … → ← ↑ ↓ ↵ ⇧ ⌘ ≥ ≤ • – — ’ “ ” ✓",
        );
    });
}

fn surfaces_ui(ui: &mut Ui) {
    section(ui, "Surfaces", "");
    let t = Tokens::of(ui);
    row(ui, 54.0, 8.0, |ui| {
        for (name, fill) in [
            ("window", t.bg_window),
            ("rail", t.bg_rail),
            ("panel", t.bg_panel),
            ("card", t.bg_card),
            ("raised", t.bg_raised),
            ("hover", t.bg_hover),
            ("selected", t.bg_selected),
            ("input", t.bg_input),
        ] {
            ui.vertical(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(76.0, 34.0), Sense::hover());
                ui.painter().rect(
                    rect,
                    CornerRadius::same(radius::MD),
                    fill,
                    Stroke::new(1.0, t.st_default),
                    StrokeKind::Inside,
                );
                ui.add_space(4.0);
                label_line(ui, Font::CaptionRegular, t.tx_secondary, name);
            });
        }
    });
}
