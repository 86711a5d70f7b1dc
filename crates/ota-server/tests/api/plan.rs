//! What a deployment would do, before it does it.

use ota_api::{Plan, ProblemCode};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Fixture, promote, publish, rollback, send};

async fn plan(app: &Fixture, channel: &str, action: &Value) -> Plan {
    app.post(&format!("/v1/apps/acme/channels/{channel}/plan"), action)
        .await
        .ok()
}

#[tokio::test]
async fn a_plan_is_what_then_happens_and_changes_nothing() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    let new = app.live("2.0.0", "beta").await;
    let third = app.release("3.0.0").await;
    for (channel, action, keeps) in [
        ("production", promote("beta", &new), true),
        ("production", rollback(&old), false),
        ("hotfix", publish(&third), false),
        (
            "production",
            json!({ "action": "built_in", "reason": "all is broken" }),
            false,
        ),
    ] {
        let (log, before) = (app.log().await.len(), app.channel(channel).await);

        let planned = plan(&app, channel, &action).await;

        assert_eq!(app.channel(channel).await, before);
        assert_eq!(app.log().await.len(), log);
        assert_eq!(planned.revision, before.revision);
        assert_eq!(planned.before, before.live);
        assert_eq!(planned.keeps_sequence, keeps, "{action}");
        let live = app.deploy(channel, action).await.channel.live.unwrap();
        assert_eq!(
            (
                planned.release,
                planned.version,
                planned.sequence,
                planned.size_bytes
            ),
            (live.release, live.version, live.sequence, live.size_bytes)
        );
    }
}

#[tokio::test]
async fn a_plan_says_what_the_operator_should_know() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    app.live("2.0.0", "production").await;

    let planned = plan(&app, "production", &rollback(&old)).await;

    assert_eq!(planned.notes, [""; 0], "the plan says it all");
    assert_eq!(
        planned.devices, None,
        "the server keeps no record of devices"
    );

    let pause = app
        .request(Method::PATCH, "/v1/apps/acme/channels/production")
        .header(header::IF_MATCH, planned.revision.0)
        .json(&json!({ "paused": true }));
    send(pause).await.value();
    let planned = plan(&app, "production", &rollback(&old)).await;
    assert_eq!(
        planned.notes,
        ["production is paused: devices are offered nothing until it is resumed"]
    );
}

#[tokio::test]
async fn a_plan_refuses_what_the_deployment_would_refuse() {
    let app = Fixture::start().await;
    let id = app.live("1.0.0", "beta").await;
    let draft = app.draft("2.0.0").await;
    let path = "/v1/apps/acme/channels/beta/plan";

    app.post(path, &publish(&id))
        .await
        .refused(409, ProblemCode::AlreadyLive);
    app.post(path, &publish(&draft))
        .await
        .refused(409, ProblemCode::NotReady);
    app.post(path, &promote("staging", &id))
        .await
        .refused(409, ProblemCode::NothingLive);
}
