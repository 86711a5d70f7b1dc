//! Channels and their settings.

use ota_api::{ChannelState, ProblemCode};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Answer, Fixture, send};

async fn change(app: &Fixture, name: &str, body: &Value) -> Answer {
    let revision = app.channel(name).await.revision;
    let request = app
        .request(Method::PATCH, &format!("/v1/apps/acme/channels/{name}"))
        .header(header::IF_MATCH, revision.0)
        .json(body);
    send(request).await
}

async fn order(app: &Fixture) -> Vec<String> {
    let channels: Vec<ChannelState> = app.get("/v1/apps/acme/channels").await.ok();
    for (position, channel) in channels.iter().enumerate() {
        assert_eq!(channel.position as usize, position, "no gap, no double");
    }
    channels
        .into_iter()
        .map(|channel| channel.name.to_string())
        .collect()
}

#[tokio::test]
async fn a_channel_is_made_at_its_place() {
    let app = Fixture::start().await;
    let body = json!({ "name": "nightly", "position": 1, "protected": true });

    let made: ChannelState = app.post("/v1/apps/acme/channels", &body).await.ok();

    assert_eq!(
        (made.position, made.protected, made.revision.0),
        (1, true, 1)
    );
    assert_eq!(
        order(&app).await,
        ["hotfix", "nightly", "staging", "beta", "production"]
    );
    app.post("/v1/apps/acme/channels", &json!({ "name": "last" }))
        .await
        .value();
    assert_eq!(order(&app).await[5], "last");
    app.live("1.0.0", "nightly").await;
    assert_eq!(app.check("nightly", 0).await.sequence(), Some(1));
}

#[tokio::test]
async fn a_name_is_taken_once_and_must_be_one() {
    let app = Fixture::start().await;
    let channels = "/v1/apps/acme/channels";
    app.post(channels, &json!({ "name": "beta" }))
        .await
        .refused(409, ProblemCode::ChannelExists);
    for name in ["Beta", "", "a b", "../x"] {
        app.post(channels, &json!({ "name": name }))
            .await
            .refused(400, ProblemCode::Malformed);
    }
}

#[tokio::test]
async fn channels_are_reordered() {
    let app = Fixture::start().await;

    change(&app, "production", &json!({ "position": 0 }))
        .await
        .value();
    assert_eq!(
        order(&app).await,
        ["production", "hotfix", "staging", "beta"]
    );
    change(&app, "production", &json!({ "position": 99 }))
        .await
        .value();
    assert_eq!(
        order(&app).await,
        ["hotfix", "staging", "beta", "production"]
    );
}

#[tokio::test]
async fn settings_change_with_a_revision_and_one_entry() {
    let app = Fixture::start().await;
    let before = app.channel("beta").await;
    let entries = app.log().await.len();

    let after: ChannelState = change(&app, "beta", &json!({ "protected": true, "paused": true }))
        .await
        .ok();

    assert_eq!(
        (after.protected, after.paused, after.revision.0),
        (true, true, before.revision.0 + 1)
    );
    let log = app.log().await;
    assert_eq!(log.len(), entries + 1);
    assert_eq!(
        log[0].statement.summary,
        "Changed the channel beta: paused, protected"
    );
    // The same again is no change.
    change(&app, "beta", &json!({ "paused": true }))
        .await
        .value();
    assert_eq!(app.channel("beta").await, after);
    assert_eq!(app.log().await.len(), entries + 1);
}

#[tokio::test]
async fn settings_need_the_revision_that_is_there() {
    let app = Fixture::start().await;
    let path = "/v1/apps/acme/channels/beta";
    app.patch(path, &json!({ "paused": true }))
        .await
        .refused(428, ProblemCode::RevisionRequired);
    change(&app, "beta", &json!({ "paused": true }))
        .await
        .value();

    let stale = app
        .request(Method::PATCH, path)
        .header(header::IF_MATCH, 1)
        .json(&json!({ "paused": false }));

    let problem = send(stale)
        .await
        .refused(409, ProblemCode::RevisionConflict);
    assert!(problem.channel.unwrap().paused);
    assert_eq!(
        problem.changed_by.unwrap().statement.summary,
        "Changed the channel beta: paused"
    );
}
