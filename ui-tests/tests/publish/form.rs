//! The form of a reviewed build and its button.

use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ota_api::Role;
use switchtower::model::{Action, Dialog, Event, FaultKind, Publish};

use crate::fixtures::{fault, reviewing, usual};
use crate::tidepool::{at, channel_name, in_keyring, know, overview};
use crate::{Page, open, publish_button, reason, window};

fn replace(harness: &mut Harness<'static, Page>, label: &str, text: &str) {
    harness.get_by_label(label).focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label(label).type_text(text);
    harness.run();
}

#[test]
fn the_button_publishes_what_the_form_says() {
    let mut harness = open(reviewing(usual()));
    harness.get_by_label("Notes").focus();
    harness.run();
    harness.get_by_label("Notes").type_text("Summer banner");
    harness.run();
    publish_button(&harness, "staging").click();
    harness.run();
    let [Action::Publish(order)] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions)
    };
    // What was live on staging counts up; the oldest binary stays.
    assert_eq!(order.version, "2.5.0-ota.3");
    assert_eq!(order.min_binary_version, "2.3.0");
    assert_eq!(order.notes, "Summer banner");
    assert_eq!(order.channel, channel_name("staging"));
    assert_eq!(order.key, in_keyring("tidepool-prod"));
}

#[test]
fn the_keyboard_publishes_once_and_not_while_a_dialog_is_open() {
    let mut harness = open(reviewing(usual()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert_eq!(
        harness.state().actions.len(),
        1,
        "{:?}",
        harness.state().actions
    );
    assert!(matches!(
        harness.state().actions.first(),
        Some(Action::Publish(_))
    ));

    harness.state_mut().actions.clear();
    harness.state_mut().model.dialog = Some(Dialog::Shortcuts);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
}

#[test]
fn a_version_that_is_none_is_refused_beside_its_field() {
    let mut harness = open(reviewing(usual()));
    replace(&mut harness, "Version", "2.5");
    harness.get_by_label("Version 2.5 is not complete. Write 2.5.0.");
    let button = publish_button(&harness, "staging");
    assert_eq!(
        reason(&button).as_deref(),
        Some("Correct the version first")
    );
    button.click();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);

    // A version that another channel offers is used up.
    replace(&mut harness, "Version", "2.4.1-ota.7");
    harness.get_by_label("2.4.1-ota.7 is live on beta, and a version is used once.");
    replace(&mut harness, "Version", "2.6.0");
    publish_button(&harness, "staging").click();
    harness.run();
    assert_eq!(harness.state().actions.len(), 1);
}

#[test]
fn a_protected_channel_is_unlocked_by_its_name() {
    let mut model = reviewing(usual());
    model.apply(Action::ChooseChannel(channel_name("production")));
    let mut harness = open(model);
    let button = publish_button(&harness, "production");
    assert_eq!(
        reason(&button).as_deref(),
        Some("Type production to unlock it")
    );
    let field = "Type production to unlock Sign & publish to production";
    harness.get_by_label(field).focus();
    harness.run();
    harness.get_by_label(field).type_text("productio");
    harness.run();
    assert!(
        publish_button(&harness, "production")
            .accesskit_node()
            .is_disabled()
    );
    harness.get_by_label(field).type_text("n");
    harness.run();
    publish_button(&harness, "production").click();
    harness.run();
    let [Action::Publish(order)] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!(order.channel, channel_name("production"));
    assert_eq!(
        order.version, "2.4.1-ota.1",
        "counts up from what production offers"
    );
}

#[test]
fn another_channel_is_chosen_from_the_menu() {
    let mut harness = open(reviewing(usual()));
    harness.get_by_label("Channel").click();
    harness.run();
    harness.get_by_label("beta").click();
    harness.run();
    assert_eq!(
        harness.state().actions,
        [Action::ChooseChannel(channel_name("beta"))]
    );
}

#[test]
fn a_key_that_the_app_does_not_trust_signs_nothing() {
    let mut model = reviewing(usual());
    let mut untrusting = overview();
    untrusting.keys.clear();
    know(&mut model, untrusting);
    model.on_event(Event::Connected {
        at: at(1),
        result: Ok(Box::new({
            let switchtower::model::Link::Up(connected) = &model.link else {
                panic!("connected")
            };
            let mut connected = (**connected).clone();
            connected.session.role = Role::Admin;
            connected
        })),
    });
    let mut harness = open(model);
    let button = publish_button(&harness, "staging");
    let why = reason(&button).expect("a reason");
    assert_eq!(why, "Tidepool does not trust tidepool-prod yet");
    harness
        .get_by_label("Trust tidepool-prod for Tidepool")
        .click();
    harness.run();
    assert_eq!(
        harness.state().actions,
        [Action::TrustKey(in_keyring("tidepool-prod"))]
    );
}

#[test]
fn without_any_key_one_can_be_made() {
    let mut model = reviewing(usual());
    model.on_event(Event::Keys {
        at: at(1),
        result: Ok(Vec::new()),
    });
    let mut harness = open(model);
    harness.get_by_label("Make a key").click();
    harness.run();
    let new_key = Dialog::NewKey {
        failed: None,
        busy: false,
    };
    assert_eq!(harness.state().actions, [Action::Open(new_key)]);
}

#[test]
fn a_role_that_may_not_publish_is_told() {
    let mut model = reviewing(usual());
    let switchtower::model::Link::Up(connected) = &mut model.link else {
        panic!("connected")
    };
    connected.session.role = Role::Support;
    let harness = open(model);
    let why = reason(&publish_button(&harness, "staging")).expect("a reason");
    assert_eq!(why, "Your role (Support) may not publish or promote");
}

#[test]
fn what_was_typed_survives_a_failure_and_not_another_build() {
    let mut harness = open(reviewing(usual()));
    replace(&mut harness, "Version", "3.0.0");
    publish_button(&harness, "staging").click();
    harness.run();
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let model = &mut harness.state_mut().model;
    let jobs: Vec<_> = actions
        .into_iter()
        .flat_map(|action| model.apply(action))
        .collect();
    let Some(switchtower::model::Job::Publish { request, .. }) = jobs.last() else {
        panic!("{jobs:?}")
    };
    model.on_event(Event::Published {
        at: at(3),
        request: *request,
        result: Err(fault(
            "The OS keyring is locked. Nothing was sent",
            "Unlock the keyring and publish again",
            FaultKind::KeyringLocked,
        )),
    });
    harness.run();
    assert_eq!(
        harness.get_by_label("Version").value().as_deref(),
        Some("3.0.0")
    );
    harness.get_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("The OS keyring is locked"))
    });

    harness.state_mut().model = reviewing(usual());
    if let Publish::Review(review) = &mut harness.state_mut().model.publish {
        review.request = switchtower::model::RequestId(999);
    }
    harness.run();
    assert_eq!(
        harness.get_by_label("Version").value().as_deref(),
        Some("2.5.0-ota.3")
    );
}

#[test]
fn a_narrow_window_keeps_the_button_in_sight() {
    let mut harness = window([960.0, 640.0], Theme::Dark, false, reviewing(usual()));
    harness.run();
    let button = publish_button(&harness, "staging").rect();
    assert!(
        button.bottom() < 640.0 && button.width() > 600.0,
        "{button:?}"
    );
    // The form is below the tree; it is reached by scrolling.
    assert!(harness.get_by_label("Version").rect().top() > button.top());
}
