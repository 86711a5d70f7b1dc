//! Never offered again, on any channel.

use ota_api::{ProblemCode, Recalled};
use serde_json::json;

use crate::support::{Fixture, promote, publish, rollback};

#[tokio::test]
async fn channels_go_back_to_what_they_offered_before_or_to_built_in() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    let bad = app.live("2.0.0", "beta").await;
    app.deploy("production", promote("beta", &bad)).await;

    let recalled: Recalled = app.recall(&bad).await.ok();

    assert_eq!(recalled.moved.len(), 2);
    let production = app.channel("production").await.live.unwrap();
    assert_eq!((production.release.0, production.sequence.0), (old, 4));
    assert_eq!(app.check("production", 2).await.version(), Some("1.0.0"));
    // Nothing was on beta before, so its devices show what is in their binary.
    assert_eq!(app.check("beta", 2).await.version(), Some("built-in"));
    assert_eq!(recalled.moved[0].previous.as_ref().unwrap().release.0, bad);
}

#[tokio::test]
async fn it_is_never_offered_again() {
    let app = Fixture::start().await;
    app.live("1.0.0", "beta").await;
    let bad = app.live("2.0.0", "beta").await;
    let body = app.recall(&bad).await.value();
    assert_eq!(body["release"]["state"], "recalled");

    for action in [publish(&bad), rollback(&bad)] {
        let problem = app
            .try_deploy("staging", &action)
            .await
            .refused(409, ProblemCode::NotReady);
        assert_eq!(
            problem.detail,
            "2.0.0 was recalled and is never offered again. staging was not changed"
        );
    }
    app.recall(&bad).await.refused(409, ProblemCode::NotReady);
    let app = app.restart().await;
    for channel in ["hotfix", "staging", "beta", "production"] {
        for current in 0..5 {
            assert_ne!(app.check(channel, current).await.version(), Some("2.0.0"));
        }
    }
}

#[tokio::test]
async fn what_was_rolled_back_from_is_not_gone_forward_to() {
    let app = Fixture::start().await;
    let good = app.live("1.0.0", "beta").await;
    app.live("2.0.0", "beta").await;
    app.deploy("beta", rollback(&good)).await;

    app.recall(&good).await.value();

    // Somebody gave 2.0.0 up; nothing else is left.
    assert_eq!(app.check("beta", 3).await.version(), Some("built-in"));
}

#[tokio::test]
async fn what_was_published_again_after_a_rollback_counts() {
    let app = Fixture::start().await;
    let first = app.live("1.0.0", "beta").await;
    let second = app.live("2.0.0", "beta").await;
    app.deploy("beta", rollback(&first)).await;
    app.deploy("beta", publish(&second)).await;
    let third = app.live("3.0.0", "beta").await;

    app.recall(&third).await.value();

    assert_eq!(app.check("beta", 5).await.version(), Some("2.0.0"));
}

#[tokio::test]
async fn a_recall_needs_a_reason_a_ready_release_and_not_the_way_back() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let draft = app.draft("3.0.0").await;
    let releases = app.get("/v1/apps/acme/releases").await.value();
    let built_in = releases["releases"].as_array().unwrap().last().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();

    app.post(
        &format!("/v1/apps/acme/releases/{id}/recall"),
        &json!({ "reason": " " }),
    )
    .await
    .refused(422, ProblemCode::Invalid);
    app.recall(&draft).await.refused(409, ProblemCode::NotReady);
    app.recall(&built_in)
        .await
        .refused(422, ProblemCode::Invalid);
    app.recall("01NOTHING")
        .await
        .refused(404, ProblemCode::UnknownRelease);
}
