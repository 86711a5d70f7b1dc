//! What the design's own sheet does not show: steps, rows, fields with words, banners with buttons, toasts.

use egui::{Rect, Ui, UiBuilder, vec2};

use crate::ui::widgets::{
    Banner, Button, CARD_BOTTOM, Chip, Dropdown, EmptyState, NavItem, ProgressStep, RadioRow, Runs,
    StepState, TextField, Toast, card, card_block, code_well, copy_button, icon_button, json_job,
    key_value, key_value_text, label_line, link, row, rule, section_head, skeleton, status_item,
    steps_bar, toast_ui,
};
use crate::ui::{Font, Tokens, Tone, icons};

use super::{Sheet, page};

/// The components that the design's sheet does not show.
pub fn more_ui(ui: &mut Ui, sheet: &mut Sheet) {
    page(ui, |ui| {
        steps_bar(ui, &["Choose build", "Review", "Sign & publish", "Live"], 1);
        ui.add_space(12.0);
        let width = (ui.available_width() - 24.0) / 2.0;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 24.0;
            column(ui, width, |ui| left_ui(ui, sheet));
            column(ui, width, |ui| right_ui(ui, sheet));
        });
    });
}

fn column(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    let rect = Rect::from_min_size(ui.cursor().min, vec2(width, ui.available_height()));
    let builder = UiBuilder::new()
        .max_rect(rect)
        .layout(egui::Layout::top_down(egui::Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_width(width);
        content(ui);
    });
}

fn left_ui(ui: &mut Ui, sheet: &mut Sheet) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        ProgressStep::new(StepState::Done { bar: true }, "Bundling")
            .detail("213 files, 18.4 MB packed to 4.99 MB. 1 source map left out.")
            .measured("1.1 s")
            .ui(ui);
        rule(ui);
        ProgressStep::new(StepState::Running(Some(0.64)), "Uploading")
            .detail("1.8 MB/s · about 1 s left · 2 of 5 parts confirmed")
            .measured("3.21 of 4.99 MB")
            .ui(ui);
        rule(ui);
        ProgressStep::new(StepState::Waiting, "Verifying")
            .detail("Download it back, compare the digest, check the signature as a device would")
            .ui(ui);
        rule(ui);
        ProgressStep::new(StepState::Failed, "Live")
            .detail("The server’s copy does not match. The bad copy was never offered.")
            .ui(ui);
    });
    ui.add_space(16.0);
    section_head(ui, "Go back to", "Only releases that ran on production");
    ui.add_space(8.0);
    RadioRow::release("2.4.0")
        .tag("#211")
        .chip(Chip::new(Tone::Go, icons::SEAL_CHECK.fill(), "Recommended"))
        .detail("Live here since 14 Jul")
        .right("22,290 devices already on it")
        .ui(ui, true);
    ui.add_space(6.0);
    RadioRow::new("In stages")
        .detail("10 → 50 → 100%, stops itself above 2% failures")
        .ui(ui, false);
    ui.add_space(16.0);
    card(ui, |ui| {
        key_value(ui, "Channel", |ui| {
            label_line(ui, Font::BodyStrong, tokens.tx_primary, "staging");
            label_line(ui, Font::Body, tokens.tx_tertiary, "· 64 devices");
        });
        rule(ui);
        key_value_text(ui, "Digest", Font::Mono, "b41c 90ae…77f2");
        rule(ui);
        card_block(ui, |ui| {
            Runs::new()
                .push(Font::Small, tokens.tx_secondary, "Reaches ")
                .push(Font::SmallStrong, tokens.tx_primary, "64 devices")
                .push(
                    Font::Small,
                    tokens.tx_secondary,
                    " on staging. About 51 check within the hour. 3 binaries below 2.3.0 keep what they have.",
                )
                .ui(ui);
        });
    });
    ui.add_space(16.0);
    TextField::new("Notes")
        .hint("Markdown, shown in the app")
        .rows(3)
        .ui(ui, &mut sheet.notes);
}

fn right_ui(ui: &mut Ui, sheet: &mut Sheet) {
    for (icon, name, key, current, badge) in [
        (icons::SIGNPOST, "Channels", "1", true, None),
        (icons::PACKAGE, "Releases", "2", false, Some("1 halted")),
        (icons::KEY, "Keys", "6", false, None),
    ] {
        NavItem::new(icon, name, key).badge(badge).ui(ui, current);
        ui.add_space(2.0);
    }
    ui.add_space(10.0);
    TextField::filter("Filter releases").ui(ui, &mut sheet.filter);
    ui.add_space(12.0);
    TextField::new("Access token")
        .mono()
        .password(&mut sheet.reveal)
        .valid(true)
        .help("Role: release manager, until 30 Sep")
        .ui(ui, &mut sheet.token);
    ui.add_space(12.0);
    TextField::new("Release version")
        .hint("SemVer")
        .error(Some("Version 2.5 is not complete. Write 2.5.0."))
        .ui(ui, &mut sheet.wrong);
    ui.add_space(12.0);
    Dropdown::new("Signing key", "tidepool-prod")
        .icon_go(icons::KEY.fill())
        .mono("RWQk7Jx2")
        .detail("OS keyring")
        .ui(ui, |_| ());
    ui.add_space(12.0);
    Banner::new(
        Tone::Caution,
        icons::WARNING.fill(),
        "Not backed up since it was last rotated",
    )
    .text("If this computer is lost, no one can publish to the 48,211 devices that trust this key.")
    .ui_with(ui, |ui| {
        Button::secondary("Back up…")
            .name("Back up tidepool-prod…")
            .ui(ui)
    });
    ui.add_space(8.0);
    Banner::note(icons::SHIELD_CHECK, "Private keys never reach the server")
        .text("The server and your devices only ever see the public half.")
        .ui(ui);
    ui.add_space(12.0);
    code_ui(ui);
    ui.add_space(12.0);
    toasts_and_empty_ui(ui);
}

fn code_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    card(ui, |ui| {
        card_block(ui, |ui| {
            row(ui, 24.0, 10.0, |ui| {
                label_line(ui, Font::BodyStrong, tokens.tx_primary, "hotswap");
                label_line(ui, Font::Mono, tokens.tx_tertiary, "plugins.hotswap.pubkey");
                copy_button(ui, "Copy", "public key for hotswap", "RWQk7Jx2");
            });
        });
        rule(ui);
        let json = "{ \"sequence\": 221, \"mandatory\": false,\n  \"version\": \"2.5.0-ota.3\" }";
        let job = json_job(ui, json);
        code_well(ui, CARD_BOTTOM, job);
    });
}

fn toasts_and_empty_ui(ui: &mut Ui) {
    let toast = Toast {
        id: 1,
        tone: Tone::Go,
        icon: icons::CHECK_CIRCLE.fill(),
        title: "Rolled back staging to 2.5.0-ota.2".to_owned(),
        detail: "As #222, entry 1,484".to_owned(),
        link: Some("View".to_owned()),
    };
    toast_ui(ui, &toast);
    ui.add_space(20.0);
    EmptyState::new(
        icons::SIGNPOST,
        "No release on beta yet",
        "Devices on beta show what their binary shipped with. Promote one from staging to start.",
    )
    .ui(
        ui,
        Some(Button::secondary("Promote 2.5.0-ota.2 to beta…").icon(icons::ARROW_RIGHT)),
    );
    ui.add_space(16.0);
    row(ui, 28.0, 8.0, |ui| {
        skeleton(ui, vec2(140.0, 10.0));
        skeleton(ui, vec2(60.0, 18.0));
        icon_button(ui, icons::X, "Close the sheet");
        link(ui, "Open activity");
    });
    ui.add_space(8.0);
    row(ui, 26.0, 16.0, |ui| {
        status_item(
            ui,
            Some(icons::LOCK_KEY_OPEN),
            None,
            "Keyring unlocked · tidepool-prod",
            "RWQk7Jx2",
        );
        status_item(
            ui,
            Some(icons::CLOCK),
            Some(Tone::Caution),
            "Stale: last answer 18 min ago",
            "",
        );
    });
}
