//! The component set: pictures in both themes, and what only behaviour can tell.

mod support;

use std::collections::BTreeSet;

use egui::{Key, Modifiers, Ui};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Node, SnapshotResults};
use support::{THEMES, harness, whole_window};
use switchtower::ui::components_sheet::{Sheet, basics_ui, more_ui};
use switchtower::ui::widgets::{
    Button, Dialog, Segment, Status, TextField, dialog_body, dialog_footer, dialog_header,
    dialog_message, focus_on_open, segmented, status_chip,
};
use switchtower::ui::{Font, Tone, icons, theme};

#[test]
fn the_sheet_looks_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut harness = harness([720.0, 1180.0], theme).wgpu().build_ui_state(
            |ui, sheet| whole_window(ui, |ui| basics_ui(ui, sheet)),
            Sheet::default(),
        );
        harness.get_by_label("Focused button").focus();
        harness.get_by_label("Hovered").hover();
        harness.run();
        harness.snapshot(format!("components_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn the_rest_of_the_set_looks_like_the_screens() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let mut harness = harness([1080.0, 1040.0], theme).wgpu().build_ui_state(
            |ui, sheet| whole_window(ui, |ui| more_ui(ui, sheet)),
            Sheet::default(),
        );
        // The sheet shows a running step, which never comes to rest.
        harness.run_steps(8);
        harness.snapshot(format!("components_more_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

/// A dialog over the sheet, and the state that its buttons change.
#[derive(Default)]
struct WithDialog {
    sheet: Sheet,
    open: bool,
    reason: String,
    asked: Vec<&'static str>,
}

fn with_dialog(ui: &mut Ui, state: &mut WithDialog) {
    basics_ui(ui, &mut state.sheet);
    if ui.button("Open the dialog").clicked() {
        state.open = true;
    }
    if !state.open {
        return;
    }
    let shown = Dialog::new("test-dialog", "Roll back production").show(ui.ctx(), |ui| {
        let subtitle = "Protected channel. Your role (Support) may roll back, not publish.";
        let icon = icons::ARROW_U_UP_LEFT;
        if dialog_header(ui, Tone::Stop, icon, "Roll back production", subtitle) {
            state.asked.push("cross");
        }
        dialog_body(ui, |ui| {
            let reason = TextField::new("Reason").hint("kept in the activity log");
            let response = reason.ui(ui, &mut state.reason);
            focus_on_open(ui, &response);
        });
        dialog_footer(
            ui,
            "No signing key needed: 2.4.0 keeps its signature.",
            |ui| {
                if Button::secondary("Keep halted")
                    .keycap("Esc")
                    .ui(ui)
                    .clicked()
                {
                    state.asked.push("safe");
                }
                let missing = state.reason.is_empty().then_some("Give a reason first");
                let danger = Button::danger("Roll back").icon(icons::ARROW_U_UP_LEFT);
                if danger.disabled(missing).ui(ui).clicked() {
                    state.asked.push("danger");
                }
            },
        );
    });
    if shown.escaped {
        state.asked.push("escape");
        state.open = false;
        shown.return_focus();
    }
}

fn message(ui: &mut Ui, sheet: &mut Sheet) {
    basics_ui(ui, sheet);
    Dialog::new("message", "The keyring is locked").show(ui.ctx(), |ui| {
        let facts = [
            (
                "What happened",
                "Signing needs tidepool-prod, and GNOME Keyring is locked.",
            ),
            (
                "Not affected",
                "Nothing was sent. Staging still serves 2.5.0-ota.2.",
            ),
            (
                "What to do",
                "Unlock the keyring. Your system asks for the password, Switchtower never sees it.",
            ),
        ];
        let look = (Tone::Caution, icons::LOCK_KEY.fill());
        dialog_message(ui, look, "The keyring is locked", &facts, |_| ());
        dialog_footer(ui, "", |ui| {
            Button::secondary("Keep as draft").ui(ui);
            Button::primary("Unlock and sign")
                .icon(icons::LOCK_KEY_OPEN)
                .ui(ui);
        });
    });
}

#[test]
fn dialogs_look_like_the_design() {
    let mut results = SnapshotResults::new();
    for (theme, suffix) in THEMES {
        let state = WithDialog {
            open: true,
            ..WithDialog::default()
        };
        let mut harness = harness([720.0, 480.0], theme).wgpu().build_ui_state(
            |ui, state| whole_window(ui, |ui| with_dialog(ui, state)),
            state,
        );
        harness.run();
        harness.snapshot(format!("dialog_{suffix}"));
        results.extend_harness(&mut harness);
    }
    for (theme, suffix) in THEMES {
        let mut harness = harness([720.0, 480.0], theme).wgpu().build_ui_state(
            |ui, sheet| whole_window(ui, |ui| message(ui, sheet)),
            Sheet::default(),
        );
        harness.run();
        harness.snapshot(format!("dialog_message_{suffix}"));
        results.extend_harness(&mut harness);
    }
}

#[test]
fn every_picture_is_there_in_both_themes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");
    let names: BTreeSet<String> = fs_err::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        // What a failed comparison leaves.
        .filter(|name| !name.ends_with(".new.png") && !name.ends_with(".diff.png"))
        .filter(|name| !name.ends_with(".old.png"))
        .collect();
    for name in &names {
        let other = match name.strip_suffix("_dark.png") {
            Some(state) => format!("{state}_light.png"),
            None => name.replace("_light.png", "_dark.png"),
        };
        assert!(
            other != *name && names.contains(&other),
            "{name} has no counterpart"
        );
    }
    assert!(names.len() > 100, "the pictures are here: {}", names.len());
}

#[test]
fn a_dialog_focuses_its_first_field_and_gives_the_focus_back() {
    let mut harness = harness([720.0, 1400.0], egui::Theme::Dark)
        .build_ui_state(with_dialog, WithDialog::default());
    harness.get_by_label("Open the dialog").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.get_by_label("Reason").is_focused());

    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().asked, ["escape"]);
    assert!(harness.get_by_label("Open the dialog").is_focused());
}

#[test]
fn the_tab_key_walks_a_dialog_in_reading_order_and_stays_inside() {
    let state = WithDialog {
        open: true,
        reason: "Blank chart".to_owned(),
        ..WithDialog::default()
    };
    let mut harness =
        harness([720.0, 1400.0], egui::Theme::Dark).build_ui_state(with_dialog, state);
    harness.run();
    let order = [
        "Keep halted",
        "Roll back",
        "Close roll back production",
        "Reason",
    ];
    for label in order {
        harness.key_press(Key::Tab);
        harness.run();
        let focused = harness.root().children_recursive().find(Node::is_focused);
        assert_eq!(
            focused
                .and_then(|node| node.accesskit_node().label())
                .as_deref(),
            Some(label)
        );
    }
}

#[test]
fn a_disabled_button_says_why_and_does_nothing() {
    let state = WithDialog {
        open: true,
        ..WithDialog::default()
    };
    let mut harness =
        harness([720.0, 1400.0], egui::Theme::Dark).build_ui_state(with_dialog, state);
    harness.run();
    let danger = harness
        .get_all_by_label("Roll back")
        .last()
        .expect("the dialog's button");
    assert!(danger.accesskit_node().is_disabled());
    assert_eq!(
        danger.accesskit_node().data().description(),
        Some("Give a reason first")
    );
    danger.click();
    harness.run();
    assert!(harness.state().asked.is_empty());
}

#[test]
fn arrow_keys_move_a_segmented_control() {
    let segments = ["All", "Live", "Draft"].map(|word| Segment::new(word, word));
    let mut harness = harness([400.0, 100.0], egui::Theme::Dark).build_ui_state(
        move |ui, selected: &mut &str| {
            segmented(ui, "Which releases", &segments, selected);
        },
        "All",
    );
    harness.get_by_label("Live").click();
    harness.run();
    assert_eq!(*harness.state(), "Live");
    harness.get_by_label("Live").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(*harness.state(), "Draft");
    assert!(harness.get_by_label("Draft").is_focused());
    harness.key_press_modifiers(Modifiers::NONE, Key::ArrowRight);
    harness.run();
    assert_eq!(*harness.state(), "Draft", "the last one has no next");
}

#[test]
fn a_stale_channel_says_what_was() {
    let mut harness = harness([300.0, 100.0], egui::Theme::Dark).build_ui_state(
        |ui, stale: &mut bool| {
            theme::stale_scope(ui, *stale, |ui| status_chip(ui, Status::RollingOut));
        },
        false,
    );
    assert!(harness.query_by_label("Rolling out").is_some());
    *harness.state_mut() = true;
    harness.run();
    assert!(harness.query_by_label("Rolling out").is_none());
    assert!(harness.query_by_label("Was rolling out").is_some());
}

#[test]
fn banners_and_toasts_are_announced() {
    let mut harness = harness([1080.0, 1040.0], egui::Theme::Dark).build_ui_state(
        |ui, sheet| whole_window(ui, |ui| more_ui(ui, sheet)),
        Sheet::default(),
    );
    harness.run_steps(4);
    for start in ["Not backed up since", "Rolled back staging to"] {
        let node =
            harness.get_by(|node| node.label().is_some_and(|label| label.starts_with(start)));
        assert_eq!(
            node.accesskit_node().live(),
            egui::accesskit::Live::Polite,
            "{start}"
        );
    }
}

#[test]
fn every_icon_and_sign_is_in_the_bundled_fonts() {
    let harness = harness([100.0, 100.0], egui::Theme::Dark).build_ui_state(|_, ()| (), ());
    let signs = "−×·…→←↑↓↵⇧⌘≥≤•–—’“”✓";
    harness.ctx.fonts_mut(|fonts| {
        for (name, icon) in icons::ALL {
            for icon in [*icon, icon.fill()] {
                assert!(fonts.has_glyphs(&icon.font(16.0), icon.glyph()), "{name}");
            }
        }
        for font in Font::ALL {
            assert!(fonts.has_glyphs(&font.id(), signs), "{font:?}");
        }
    });
}
