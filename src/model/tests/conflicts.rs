//! Somebody else changes a channel meanwhile.

use super::*;

/// Production as somebody else left it.
fn theirs() -> ChannelState {
    let mut channel = channel("production", 2, true, Some(live("2.4.1", 221)));
    channel.revision = Revision(8);
    channel
}

fn conflict(channel: ChannelState) -> Fault {
    fault(FaultKind::Conflict {
        channel: Box::new(channel),
        changed_by: None,
    })
}

fn refuse(model: &mut Model, channel: ChannelState) -> Vec<Job> {
    model.on_event(Event::Deployed {
        at: at(4),
        channel: name("production"),
        wanted: "Promoted the release to production".to_owned(),
        result: Err(conflict(channel)),
    })
}

#[test]
fn a_conflict_says_what_was_wanted_and_is_decided_anew_on_what_is_true_now() {
    let mut model = up(Role::Admin);
    model.apply(Action::AskPromote(name("staging")));
    model.apply(Action::Promote);
    let jobs = refuse(&mut model, theirs());
    let Some(Dialog::Conflict { wanted, again, .. }) = &model.dialog else {
        panic!("{:?}", model.dialog)
    };
    assert_eq!(wanted, "Promote 2.5.0 to production");
    assert_eq!(again, &Some(Again::Promote(name("staging"))));
    assert!(jobs.iter().any(|job| matches!(job, Job::FetchOverview(_))));

    // The answers to these questions are not waited for.
    model.apply(Action::CloseDialog);
    model.apply(Action::AskPromote(name("staging")));
    let jobs = model.apply(Action::Promote);
    assert!(
        matches!(
            jobs.as_slice(),
            [Job::Deploy {
                revision: Revision(8),
                ..
            }]
        ),
        "{jobs:?}"
    );
}

#[test]
fn what_an_older_refusal_tells_does_not_hide_what_is_known() {
    let mut model = up(Role::Admin);
    model.apply(Action::AskRollBack(name("production")));
    let mut old = theirs();
    old.revision = Revision(3);
    refuse(&mut model, old);
    assert_eq!(
        model.channel(&name("production")),
        Some(&overview().channels[2])
    );
}

fn learn(model: &mut Model, overview: AppOverview) -> Vec<Job> {
    let app = "tidepool".parse().unwrap();
    model.on_event(Event::Overview {
        at: at(9),
        app,
        result: Ok(Box::new(overview)),
    })
}

fn compared(model: &mut Model, live: Option<(String, Sequence)>) {
    let Publish::Review(review) = &model.publish else {
        panic!("{:?}", model.publish)
    };
    let against = Against {
        channel: name("staging"),
        live,
        diff: Arc::new(ota_bundle::diff(&Listing::default(), &Listing::default())),
        live_bytes: None,
    };
    model.on_event(Event::Compared {
        at: at(5),
        request: review.request,
        channel: name("staging"),
        result: Ok(against),
    });
}

fn moved(model: &Model) -> bool {
    matches!(&model.publish, Publish::Review(review) if review.moved)
}

#[test]
fn a_build_under_review_is_compared_again_when_its_channel_changes() {
    let mut model = reviewing();
    compared(&mut model, Some(("2.5.0".to_owned(), Sequence(220))));
    // Nothing else is live: nothing to compare.
    assert_eq!(learn(&mut model, overview()), []);
    assert!(!moved(&model));

    let mut changed = overview();
    changed.channels[1].live = Some(live("2.5.1", 221));
    let jobs = learn(&mut model, changed.clone());
    assert!(
        matches!(jobs.as_slice(), [Job::Compare { channel, .. }] if *channel == name("staging")),
        "{jobs:?}"
    );
    assert!(moved(&model));
    // Once, until the answer is there.
    assert_eq!(learn(&mut model, changed.clone()), []);
    compared(&mut model, Some(("2.5.1".to_owned(), Sequence(221))));
    assert_eq!(learn(&mut model, changed), []);

    // Another channel is another question.
    model.apply(Action::ChooseChannel(name("hotfix")));
    assert!(!moved(&model));
}

#[test]
fn a_build_that_could_not_be_compared_is_compared_when_the_server_is_back() {
    let mut model = reviewing();
    let Publish::Review(review) = &model.publish else {
        panic!()
    };
    let (request, channel) = (review.request, review.channel.clone());
    model.on_event(Event::Compared {
        at: at(5),
        request,
        channel,
        result: Err(fault(FaultKind::Unreachable)),
    });
    assert!(model.is_stale());
    let jobs = learn(&mut model, overview());
    assert!(matches!(jobs.as_slice(), [Job::Compare { .. }]), "{jobs:?}");
    assert!(!moved(&model));
}
