//! Which devices asked: what operators see of it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ota_api::{CheckEvent, Checks, ProblemCode, SystemChecks};
use ota_model::{ClientSystem, NoUpdate};
use reqwest::{Method, header};
use serde_json::json;

use crate::events::Events;
use crate::support::{Fixture, publish, send};

const QUERY: &str = "binary_version=1.4.2&platform=linux&arch=x86_64";

async fn hotswap(app: &Fixture) -> SystemChecks {
    let checks: Checks = app.get("/v1/apps/acme/checks").await.ok();
    checks.of(ClientSystem::Hotswap).unwrap().clone()
}

#[tokio::test]
async fn before_the_first_check_there_is_a_row_for_each_system_and_nothing_in_it() {
    let app = Fixture::start().await;

    let checks: Checks = app.get("/v1/apps/acme/checks").await.ok();

    assert_eq!(checks.since, app.clock.now());
    let systems: Vec<_> = checks.systems.iter().map(|row| row.system).collect();
    assert_eq!(systems, ClientSystem::ALL);
    for row in checks.systems {
        assert_eq!((row.count, row.first_at, row.last), (0, None, None));
    }
}

#[tokio::test]
async fn a_check_is_told_with_what_the_device_said_and_what_it_was_answered() {
    let app = Fixture::start().await;
    app.live("2.4.0", "production").await;
    let first_at = app.clock.now();
    app.check_with(0, QUERY).await;
    app.clock.advance(TimeDelta::seconds(5));
    app.check_with(1, &format!("{QUERY}&channel=beta")).await;

    let row = hotswap(&app).await;

    assert_eq!(row.count, 2);
    assert_eq!(row.first_at, Some(first_at));
    let last = row.last.unwrap();
    assert_eq!(last.at, app.clock.now());
    assert_eq!(last.asked_channel.as_deref(), Some("beta"));
    assert_eq!(last.channel.unwrap().as_str(), "beta");
    assert_eq!(last.platform.as_deref(), Some("linux"));
    assert_eq!(last.arch.as_deref(), Some("x86_64"));
    assert_eq!(last.binary_version.as_deref(), Some("1.4.2"));
    assert_eq!(last.current.as_deref(), Some("1"));
    assert_eq!(last.answer.reason, Some(NoUpdate::NothingDeployed));
    assert_eq!(last.answer.text, "nothing: beta has no release yet");
}

#[tokio::test]
async fn an_offer_is_told_with_its_version_and_number() {
    let app = Fixture::start().await;
    app.live("2.4.0", "production").await;

    app.check_with(0, QUERY).await;

    let last = hotswap(&app).await.last.unwrap();
    assert_eq!(last.asked_channel, None);
    assert_eq!(last.channel.unwrap().as_str(), "production");
    assert_eq!(last.answer.version.as_deref(), Some("2.4.0"));
    assert_eq!(last.answer.sequence, Some(1));
    assert_eq!(last.answer.text, "got 2.4.0");
}

#[tokio::test]
async fn a_channel_that_cannot_be_is_told_as_the_device_wrote_it() {
    let app = Fixture::start().await;
    let long = "x".repeat(5_000);

    for (channel, told) in [
        ("no%20such%0Aone", "no suchone"),
        ("nightly", "nightly"),
        (long.as_str(), &long[..64]),
    ] {
        app.check_with(0, &format!("{QUERY}&channel={channel}"))
            .await;
        let last = hotswap(&app).await.last.unwrap();
        assert_eq!(last.asked_channel.as_deref(), Some(told));
        assert_eq!(last.channel, None);
        assert_eq!(last.answer.reason, Some(NoUpdate::UnknownChannel));
        assert!(last.answer.text.contains(told), "{}", last.answer.text);
    }
}

#[tokio::test]
async fn what_our_own_programs_ask_is_no_device() {
    let app = Fixture::start().await;
    let path = format!("/feeds/hotswap/acme/0?{QUERY}");
    let ours = app
        .bare(Method::GET, &path)
        .header(header::USER_AGENT, "switchtower/1.0.0");
    send(ours).await;

    assert_eq!(hotswap(&app).await.count, 0);
}

#[tokio::test]
async fn checks_outlive_a_deployment_and_end_with_the_server() {
    let app = Fixture::start().await;
    app.check_with(0, QUERY).await;
    app.live("2.4.0", "production").await;
    assert_eq!(hotswap(&app).await.count, 1);

    let app = app.restart().await;

    assert_eq!(hotswap(&app).await.count, 0);
}

#[tokio::test]
async fn another_app_and_an_unknown_one_get_none_of_it() {
    let app = Fixture::start().await;
    app.post("/v1/apps", &json!({ "slug": "other" }))
        .await
        .value();
    app.check_with(0, QUERY).await;

    let other: Checks = app.get("/v1/apps/other/checks").await.ok();

    assert!(other.systems.iter().all(|row| row.count == 0));
    app.get("/v1/apps/nobody/checks")
        .await
        .refused(404, ProblemCode::UnknownApp);
}

#[tokio::test]
async fn a_check_is_told_live_and_a_storm_of_them_once_a_second() {
    let app = Fixture::start().await;
    let mut events = Events::open(&app).await;
    events.next().await.unwrap();
    let started = Instant::now();

    app.check_with(0, QUERY).await;

    let (name, data) = events.next().await.unwrap();
    assert_eq!(name, "check");
    assert!(started.elapsed() < Duration::from_secs(5), "at once");
    let event: CheckEvent = serde_json::from_str(&data).unwrap();
    assert_eq!(event.app.as_str(), "acme");
    assert_eq!(event.checks, hotswap(&app).await);

    for _ in 0..50 {
        app.check_with(0, QUERY).await;
    }
    let mut told = 0;
    let mut count = 1;
    while count < 51 {
        let (name, data) = events.next().await.unwrap();
        assert_eq!(name, "check");
        count = serde_json::from_str::<CheckEvent>(&data)
            .unwrap()
            .checks
            .count;
        told += 1;
    }
    let seconds = started.elapsed().as_secs() + 1;
    assert!(told <= seconds, "{told} events in {seconds} s");
}

#[tokio::test]
async fn checks_do_not_hide_what_changes() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let mut events = Events::open(&app).await;
    events.next().await.unwrap();
    for _ in 0..400 {
        app.check_with(0, QUERY).await;
    }

    app.deploy("beta", publish(&id)).await;

    loop {
        let (name, _) = events.next().await.unwrap();
        assert_ne!(name, "resync", "nothing was missed");
        if name == "activity" {
            break;
        }
    }
}
