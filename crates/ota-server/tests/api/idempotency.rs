//! A repeated request gets the first one's answer.

use chrono::TimeDelta;
use ota_api::{ProblemCode, Role};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::support::{Fixture, publish, rollback, send};

fn keyed(app: &Fixture, key: &str, action: &Value, revision: u64) -> RequestBuilder {
    app.request(Method::POST, "/v1/apps/acme/channels/beta/deployments")
        .header(header::IF_MATCH, revision)
        .header("idempotency-key", key)
        .json(action)
}

#[tokio::test]
async fn the_same_request_again_changes_nothing_and_answers_the_same() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let first = send(keyed(&app, "a", &publish(&id), 1)).await.value();
    let entries = app.log().await.len();
    app.live("2.1.0", "beta").await;

    // The revision it names is long gone; that is the point.
    let again = send(keyed(&app, "a", &publish(&id), 1)).await.value();

    assert_eq!(again, first);
    assert_eq!(
        app.channel("beta").await.live.unwrap().version.to_string(),
        "2.1.0"
    );
    assert_eq!(app.log().await.len(), entries + 2);
    let app = app.restart().await;
    assert_eq!(
        send(keyed(&app, "a", &publish(&id), 1)).await.value(),
        first
    );
}

#[tokio::test]
async fn a_key_with_another_request_is_422() {
    let app = Fixture::start().await;
    let (one, other) = (app.release("2.0.0").await, app.release("2.1.0").await);
    send(keyed(&app, "a", &publish(&one), 1)).await.value();

    send(keyed(&app, "a", &publish(&other), 2))
        .await
        .refused(422, ProblemCode::IdempotencyKeyReused);
    send(keyed(&app, "a", &rollback(&one), 2))
        .await
        .refused(422, ProblemCode::IdempotencyKeyReused);
    let elsewhere = app
        .request(Method::POST, "/v1/apps/acme/channels/staging/deployments")
        .header(header::IF_MATCH, 1)
        .header("idempotency-key", "a")
        .json(&publish(&one));
    send(elsewhere)
        .await
        .refused(422, ProblemCode::IdempotencyKeyReused);
    send(keyed(&app, "b", &publish(&other), 2)).await.value();
}

#[tokio::test]
async fn a_refused_request_may_be_repeated_with_its_key() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    send(keyed(&app, "a", &publish(&id), 99))
        .await
        .refused(409, ProblemCode::RevisionConflict);

    send(keyed(&app, "a", &publish(&id), 1)).await.value();
}

#[tokio::test]
async fn two_at_once_with_one_key_are_one_change() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let entries = app.log().await.len();

    let action = publish(&id);
    let (one, other) = tokio::join!(
        send(keyed(&app, "a", &action, 1)),
        send(keyed(&app, "a", &action, 1))
    );

    assert_eq!(one.value(), other.value());
    assert_eq!(app.log().await.len(), entries + 1);
}

#[tokio::test]
async fn keys_belong_to_tokens() {
    let app = Fixture::start().await;
    let (one, other) = (app.release("2.0.0").await, app.release("2.1.0").await);
    send(keyed(&app, "a", &publish(&one), 1)).await.value();
    let colleague = app.token("lena", Role::ReleaseManager, None).await;
    let request = app
        .request_as(
            &colleague,
            Method::POST,
            "/v1/apps/acme/channels/beta/deployments",
        )
        .header(header::IF_MATCH, 2)
        .header("idempotency-key", "a")
        .json(&publish(&other));

    send(request).await.value();
}

#[tokio::test]
async fn recalls_repeat_too_and_odd_keys_are_refused() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "beta").await;
    let recall = |key: &str| {
        app.request(Method::POST, &format!("/v1/apps/acme/releases/{id}/recall"))
            .header("idempotency-key", key)
            .json(&json!({ "reason": "the page stays blank" }))
    };

    send(recall(&"x".repeat(129)))
        .await
        .refused(400, ProblemCode::Malformed);
    send(recall(" ")).await.refused(400, ProblemCode::Malformed);
    let first = send(recall("r")).await.value();
    assert_eq!(send(recall("r")).await.value(), first);
    send(recall("s")).await.refused(409, ProblemCode::NotReady);
}

#[tokio::test]
async fn answers_are_kept_for_a_day() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    send(keyed(&app, "a", &publish(&id), 1)).await.value();
    app.clock.advance(TimeDelta::hours(25));
    // Old answers go with the other garbage.
    let app = app.restart().await;

    crate::support::until(|| async {
        let answer = send(keyed(&app, "a", &publish(&id), 1)).await;
        (answer.status == 409).then_some(())
    })
    .await;
}
