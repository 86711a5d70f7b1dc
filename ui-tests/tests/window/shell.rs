//! Rail, top bar, status bar, settings, and the keys that work everywhere.

use egui::{Event as Input, Key, Modifiers};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ota_api::Role;
use switchtower::model::{Action, ChainVerdict, Dialog, FaultKind, Page, ThemeChoice};

use crate::support::THEMES;
use crate::{
    LEAST, WIDE, click, fault, now, pictured, stale_model, tidepool_model, window, wishes,
};

#[test]
fn settings_look_like_the_rest() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut model = tidepool_model(Role::Admin);
        model.settings.page = Page::Settings;
        let mut harness = pictured(WIDE, theme, model);
        harness.run();
        harness.snapshot(format!("settings_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn the_rail_and_the_number_keys_open_pages() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    click(&mut harness, "Keys");
    assert_eq!(wishes(&mut harness), [Action::Go(Page::Keys)]);
    for (key, page) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5]
        .into_iter()
        .zip(Page::ALL)
    {
        harness.key_press(key);
        harness.run();
        assert_eq!(wishes(&mut harness), [Action::Go(page)]);
    }
}

#[test]
fn the_keys_of_the_window_do_what_the_list_says() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    harness.key_press(Key::F5);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::Refresh, Action::Refresh]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::O);
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::ChooseBuild]);
    harness.event(Input::Text("?".to_owned()));
    harness.run();
    assert_eq!(wishes(&mut harness), [Action::Open(Dialog::Shortcuts)]);
}

#[test]
fn zoom_stays_within_its_limits() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness
        .ctx
        .options_mut(|options| options.zoom_with_keyboard = false);
    harness.run();
    for _ in 0..20 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
        harness.run_steps(2);
    }
    assert!((harness.ctx.zoom_factor() - 2.0).abs() < 0.01);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num0);
    harness.run_steps(2);
    assert!((harness.ctx.zoom_factor() - 1.0).abs() < 0.01);
    for _ in 0..5 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Minus);
        harness.run_steps(2);
    }
    assert!((harness.ctx.zoom_factor() - 0.8).abs() < 0.01);
}

#[test]
fn numbers_typed_into_a_field_are_text() {
    let mut model = tidepool_model(Role::Admin);
    model.dialog = Some(Dialog::CreateApp { failed: None });
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    harness.get_by_label("Name").focus();
    harness.run();
    harness.key_press(Key::Num2);
    harness.run();
    assert_eq!(wishes(&mut harness), []);
}

#[test]
fn the_switcher_lists_apps_and_makes_new_ones() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    click(&mut harness, "App");
    click(&mut harness, "Create an app…");
    assert_eq!(
        wishes(&mut harness),
        [Action::Open(Dialog::CreateApp { failed: None })]
    );
}

#[test]
fn the_connection_is_said_in_words() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    assert!(
        harness
            .query_by_label("Server This computer: Connected · 3 ms")
            .is_some()
    );
    assert!(harness.query_by_label("Your role: Admin").is_some());
    assert!(
        harness
            .query_by_label("Activity log verified to entry 1,482")
            .is_some()
    );

    let mut harness = window(WIDE, egui::Theme::Dark, stale_model());
    harness.run();
    assert!(
        harness
            .query_by_label("Server ota.tidepool.dev: Unreachable")
            .is_some()
    );
    assert!(
        harness
            .query_by_label("Stale: last answer 18 min ago")
            .is_some()
    );
    let banner = harness.query_by_label_contains(
        "Can’t reach ota.tidepool.dev. Showing what was true 18 min ago, at 14:38",
    );
    assert!(banner.is_some());
    assert!(harness.query_by_label("Trying again in 12 s").is_some());
}

#[test]
fn the_window_has_a_name_for_screen_readers() {
    let mut harness = window(WIDE, egui::Theme::Dark, tidepool_model(Role::Admin));
    harness.run();
    assert_eq!(
        harness.root().accesskit_node().label().as_deref(),
        Some("Switchtower")
    );
}

#[test]
fn cards_that_do_not_fit_become_rows() {
    for (width, cards) in [(1440.0, true), (1280.0, false), (1180.0, false)] {
        let mut harness = window(
            [width, 900.0],
            egui::Theme::Dark,
            tidepool_model(Role::Admin),
        );
        harness.run();
        let wide = harness.query_by_label("End of the line").is_some();
        assert_eq!(wide, cards, "{width}");
        let roll_back = harness.get_by_label("Roll back production…").rect();
        assert!(roll_back.right() <= width, "{width}: {roll_back:?}");
    }
}

#[test]
fn a_broken_log_and_a_locked_keyring_are_told() {
    let mut model = tidepool_model(Role::Admin);
    model.chain = Some(ChainVerdict::Broken { entry: 1203 });
    let at = now(&model);
    model
        .keys
        .keyring
        .finish(Err(fault(FaultKind::KeyringLocked, "Locked")), at);
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    assert!(
        harness
            .query_by_label("Activity log broken at entry 1,203")
            .is_some()
    );
    click(&mut harness, "Keyring locked");
    assert_eq!(wishes(&mut harness), [Action::Go(Page::Keys)]);
}

#[test]
fn settings_change_the_theme_and_leave_the_server() {
    let mut model = tidepool_model(Role::Admin);
    model.settings.page = Page::Settings;
    let mut harness = window(WIDE, egui::Theme::Dark, model);
    harness.run();
    click(&mut harness, "Light");
    assert_eq!(wishes(&mut harness), [Action::SetTheme(ThemeChoice::Light)]);
    click(&mut harness, "Stop and disconnect");
    assert_eq!(wishes(&mut harness), [Action::Disconnect]);
}

#[test]
fn every_control_can_be_reached_and_has_a_name() {
    for size in [WIDE, LEAST] {
        let mut harness = window(size, egui::Theme::Dark, tidepool_model(Role::Admin));
        harness.run();
        let mut seen = Vec::new();
        for _ in 0..60 {
            harness.key_press(Key::Tab);
            harness.run();
            let focused = harness
                .root()
                .children_recursive()
                .find(egui_kittest::Node::is_focused);
            let name = focused.and_then(|node| node.accesskit_node().label());
            if let Some(name) = name {
                assert!(!name.is_empty());
                seen.push(name);
            }
        }
        for wanted in [
            "App",
            "Channels",
            "Roll back hotfix…",
            "Roll back production…",
        ] {
            assert!(
                seen.iter().any(|name| name == wanted),
                "{wanted} in {seen:?}"
            );
        }
    }
}
