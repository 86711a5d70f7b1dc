//! The way of a build: chosen, read, published, live.

use std::path::PathBuf;

use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use ota_api::Role;
use switchtower::model::{Action, Event, FaultKind, Page as Screen, Publish};

use crate::fixtures::{done, fault, publishing, reading};
use crate::tidepool::{channel_name, model};
use crate::{WIDE, open, reason, window};

#[test]
fn a_build_is_chosen_from_the_empty_page() {
    let mut harness = open(model(Role::ReleaseManager));
    harness.get_by_label("Choose a build…").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::ChooseBuild]);
}

#[test]
fn a_build_is_read_by_its_path() {
    let mut model = model(Role::ReleaseManager);
    model.home = Some(PathBuf::from("/home/ada"));
    let mut harness = open(model);
    let read = "Read what this path names";
    assert!(reason(&harness.get_by_label(read)).is_some());
    harness.get_by_label("Path of the folder").focus();
    harness.run();
    harness.get_by_label("Path of the folder").type_text("dist");
    harness.run();
    let problem = "Type the whole path: it begins with / or ~.";
    harness.get_by_label(problem);
    assert_eq!(
        reason(&harness.get_by_label(read)).as_deref(),
        Some(problem)
    );
    harness.key_press(egui::Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);

    harness.get_by_label("Path of the folder").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness
        .get_by_label("Path of the folder")
        .type_text("~/tidepool/dist");
    harness.run();
    harness.get_by_label(read).click();
    harness.run();
    harness.get_by_label("Path of the folder").focus();
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();
    let wish = Action::Dropped(vec![PathBuf::from("/home/ada/tidepool/dist")]);
    assert_eq!(harness.state().actions, [wish.clone(), wish]);
}

#[test]
fn a_path_that_led_nowhere_can_be_mended() {
    let mut harness = open(model(Role::ReleaseManager));
    harness.get_by_label("Path of the folder").focus();
    harness.run();
    harness
        .get_by_label("Path of the folder")
        .type_text("/dits");
    harness.run();
    harness.state_mut().model.publish = Publish::Unreadable {
        path: PathBuf::from("/dits"),
        fault: fault("There is nothing here", "Look again", FaultKind::Local),
    };
    harness.run();
    let field = harness.get_by_label("Path of the folder");
    assert_eq!(field.value().as_deref(), Some("/dits"));
}

#[test]
fn reading_can_be_stopped() {
    let mut harness = open(reading().0);
    harness.get_by_label("131 of 211 files · 11.80 of 18.60 MB");
    harness.get_by_label("Stop reading").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::DiscardBuild]);
}

#[test]
fn what_cannot_be_read_says_why_and_offers_another() {
    let mut model = model(Role::ReleaseManager);
    model.publish = Publish::Unreadable {
        path: PathBuf::from("/home/ada/notes.txt"),
        fault: fault(
            "This is a file, not a folder",
            "Drop the folder your build writes",
            FaultKind::Local,
        ),
    };
    let mut harness = open(model);
    harness.get_by_label("This is a file, not a folder.");
    harness.get_by_label("Drop the folder your build writes.");
    harness.get_by_label("Choose another build…").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::ChooseBuild]);
}

#[test]
fn publishing_can_be_cancelled_until_the_channel_changes() {
    let (model, request) = publishing();
    let mut harness = window(WIDE, Theme::Dark, false, model);
    harness.run_steps(4);
    harness.get_by_label("Cancel upload").click();
    harness.run_steps(4);
    assert_eq!(harness.state().actions, [Action::CancelPublish]);

    harness.state_mut().model.on_event(Event::PublishStep {
        request,
        step: switchtower::model::StepState {
            name: switchtower::model::StepName::Live,
            detail: String::new(),
            bytes: None,
            phase: switchtower::model::StepPhase::Running,
        },
    });
    harness.run_steps(4);
    assert!(harness.query_by_label_contains("Cancel").is_none());
    harness.get_by_label("staging is changing now. To undo it, roll it back.");
}

#[test]
fn done_leads_on_and_back() {
    let mut harness = open(done(true));
    harness.get_by_label("2.5.0-ota.3 is live on staging");
    harness.get_by_label_contains("It asks: 200 · 31 ms");
    for label in [
        "Watch staging",
        "Publish another build",
        "Undo: roll back staging to 2.5.0-ota.2",
    ] {
        harness.get_by_label(label).click();
        harness.run();
    }
    assert_eq!(
        harness.state().actions,
        [
            Action::Go(Screen::Channels),
            Action::PublishAnother,
            Action::AskRollBack(channel_name("staging")),
        ]
    );
}
