//! The server goes away, comes back, and no longer takes the token.

use ota_keys::AccessToken;

use super::*;

/// A server that somebody runs.
fn remote() -> ServerChoice {
    ServerChoice::Remote {
        url: "https://ota.tidepool.dev".to_owned(),
    }
}

fn connected_to_remote() -> Box<Connected> {
    let mut connected = connected(Role::Admin);
    connected.server = remote();
    connected
}

fn on_remote(mut model: Model) -> Model {
    model.on_event(Event::Connected {
        at: at(3),
        result: Ok(connected_to_remote()),
    });
    model
}

fn refused(model: &mut Model, seconds: i64) -> Vec<Job> {
    let app = "tidepool".parse().unwrap();
    model.on_event(Event::Overview {
        at: at(seconds),
        app,
        result: Err(fault(FaultKind::Token)),
    })
}

fn asks(model: &Model) -> bool {
    matches!(model.dialog, Some(Dialog::Token(_)))
}

#[test]
fn an_expired_token_asks_for_a_new_one_and_keeps_the_build() {
    let mut model = on_remote(reviewing());
    refused(&mut model, 9);
    assert!(asks(&model) && model.is_refused() && model.is_stale());
    assert!(matches!(model.publish, Publish::Review(_)));
    let token = AccessToken::new("swt_new");
    let jobs = model.apply(Action::SignInAgain(token.clone()));
    let connect = Job::Connect {
        server: remote(),
        token: Some(token.clone()),
    };
    assert_eq!(jobs, [connect]);
    assert_eq!(model.apply(Action::SignInAgain(token)), [], "not twice");
    model.on_event(Event::Connected {
        at: at(10),
        result: Ok(connected_to_remote()),
    });
    assert_eq!(model.dialog, None);
    assert!(!model.is_stale());
    assert!(matches!(model.publish, Publish::Review(_)));
}

#[test]
fn a_wrong_token_is_said_where_it_was_typed() {
    let mut model = on_remote(up(Role::Admin));
    refused(&mut model, 9);
    model.apply(Action::SignInAgain(AccessToken::new("swt_wrong")));
    model.on_event(Event::Connected {
        at: at(10),
        result: Err(fault(FaultKind::Token)),
    });
    let Some(Dialog::Token(sign_in)) = &model.dialog else {
        panic!("{:?}", model.dialog)
    };
    assert!(!sign_in.busy && sign_in.failed.is_some());
}

#[test]
fn who_stays_read_only_is_not_asked_again_by_every_answer() {
    let mut model = on_remote(up(Role::Admin));
    refused(&mut model, 9);
    model.apply(Action::CloseDialog);
    refused(&mut model, 10);
    assert!(!asks(&model) && model.is_refused());
    assert_eq!(
        model.cannot_publish().as_deref(),
        Some("Actions wait until you sign in again")
    );
    // The same token would be refused again.
    assert_eq!(model.on_event(Event::Tick(at(100))), []);
    // Who wants to try all the same is asked.
    model.apply(Action::Refresh);
    model.on_event(Event::Connected {
        at: at(101),
        result: Err(fault(FaultKind::Token)),
    });
    assert!(asks(&model));
    model.apply(Action::CloseDialog);
    model.apply(Action::AskSignIn);
    assert!(asks(&model));
}

#[test]
fn a_refused_token_in_a_dialog_leads_back_to_the_dialog() {
    let mut model = on_remote(up(Role::Admin));
    model.apply(Action::AskPromote(name("staging")));
    model.apply(Action::Promote);
    model.on_event(Event::Deployed {
        at: at(9),
        channel: name("production"),
        wanted: "Promoted the release to production".to_owned(),
        result: Err(fault(FaultKind::Token)),
    });
    assert!(asks(&model));
    model.apply(Action::SignInAgain(AccessToken::new("swt_new")));
    model.on_event(Event::Connected {
        at: at(10),
        result: Ok(connected_to_remote()),
    });
    let Some(Dialog::Promote(dialog)) = &model.dialog else {
        panic!("{:?}", model.dialog)
    };
    assert!(!dialog.busy && dialog.failed.is_none());
}

#[test]
fn the_server_inside_the_app_gets_a_new_token_by_itself() {
    let mut model = up(Role::Admin);
    refused(&mut model, 9);
    assert_eq!(model.dialog, None);
    let again = Job::Connect {
        server: ServerChoice::Embedded,
        token: None,
    };
    assert_eq!(model.on_event(Event::Tick(at(9))), [again]);
}

#[test]
fn a_stream_that_stands_again_brings_the_actions_back_at_once() {
    let mut model = up(Role::Admin);
    model.on_event(Event::Stream {
        at: at(60),
        fault: Some(fault(FaultKind::Unreachable)),
    });
    assert!(model.is_stale());
    let back = || Event::Stream {
        at: at(62),
        fault: None,
    };
    let jobs = model.on_event(back());
    assert!(matches!(jobs.as_slice(), [Job::Connect { .. }]), "{jobs:?}");
    // One try at a time.
    assert!(
        !model
            .on_event(back())
            .iter()
            .any(|job| matches!(job, Job::Connect { .. }))
    );
    assert_eq!(model.on_event(Event::Tick(at(62))), []);
}

#[test]
fn a_build_can_be_chosen_while_the_server_is_away() {
    let mut model = up(Role::ReleaseManager);
    model.on_event(Event::Stream {
        at: at(60),
        fault: Some(fault(FaultKind::Unreachable)),
    });
    assert!(model.cannot_publish().is_some());
    assert_eq!(model.cannot_choose(), None);
    // The role still counts.
    assert!(up(Role::Viewer).cannot_choose().is_some());
}
