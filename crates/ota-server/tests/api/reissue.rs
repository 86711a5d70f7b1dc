//! Devices that are ahead of their channel get its release under a fresh number, and nobody can make that a flood.

use chrono::TimeDelta;
use ota_api::ActionKind;

use crate::support::{Fixture, until};

/// Production offers #1, beta #2: who asks on production with #2 is ahead.
async fn two_channels() -> Fixture {
    let app = Fixture::start().await;
    app.live("1.0.0", "production").await;
    app.live("2.0.0", "beta").await;
    app
}

async fn reissues(app: &Fixture) -> usize {
    let log = app.log().await;
    log.iter()
        .filter(|entry| entry.statement.action == ActionKind::ReIssued)
        .count()
}

#[tokio::test]
async fn a_device_that_is_ahead_converges_in_two_checks() {
    let app = two_channels().await;

    assert_eq!(app.check("production", 2).await.status, 204);
    let fresh = until(|| async { app.check("production", 2).await.sequence() }).await;

    assert_eq!(fresh, 3);
    assert_eq!(app.check("production", fresh).await.status, 204);
    let entry = app.log().await.remove(0).statement;
    assert_eq!(
        (entry.by.as_str(), entry.action),
        ("server", ActionKind::ReIssued)
    );
    assert_eq!(
        entry.summary,
        "Issued 1.0.0 again on production as #3 for devices that are ahead"
    );
}

#[tokio::test]
async fn a_thousand_devices_that_are_ahead_cause_one() {
    let app = two_channels().await;

    for _ in 0..1000 {
        app.check("production", 2).await;
    }
    until(|| async { app.check("production", 2).await.sequence() }).await;

    assert_eq!(reissues(&app).await, 1);
}

#[tokio::test]
async fn ping_pong_between_two_channels_is_bounded_to_once_a_minute_each() {
    let app = two_channels().await;
    let mut minutes = 0;
    // Whoever asks on the lower channel with the higher one's number.
    for _ in 0..600 {
        let production = app.channel("production").await.live.unwrap().sequence.0;
        let beta = app.channel("beta").await.live.unwrap().sequence.0;
        let (behind, ahead) = if production < beta {
            ("production", beta)
        } else {
            ("beta", production)
        };
        app.check(behind, ahead).await;
        app.clock.advance(TimeDelta::milliseconds(500));
        minutes = (app.clock.now()
            - "2026-11-21T09:00:00Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap())
        .num_minutes();
    }
    assert_eq!(minutes, 5);

    let issued = reissues(&app).await;

    assert!(
        (2..=12).contains(&issued),
        "{issued} in five minutes on two channels"
    );
    // However often that happened: what production goes back to is what people chose.
    let live = app.live("3.0.0", "production").await;
    app.recall(&live).await.value();
    assert_eq!(
        app.channel("production")
            .await
            .live
            .unwrap()
            .version
            .to_string(),
        "1.0.0"
    );
}

#[tokio::test]
async fn numbers_that_were_never_given_out_change_nothing() {
    let app = two_channels().await;
    for current in [3, 1000, u64::MAX] {
        assert_eq!(app.check("production", current).await.status, 204);
    }
    // The queue is worked off in order: this one is real, and it is the only one.
    app.check("production", 2).await;
    until(|| async { app.check("production", 2).await.sequence() }).await;
    assert_eq!(reissues(&app).await, 1);
}
