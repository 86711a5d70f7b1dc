//! Publish, promote, go back; and two people at once.

use insta::assert_snapshot;
use ota_api::{Deployed, ProblemCode};
use reqwest::{Method, header};
use serde_json::json;

use crate::support::{Fixture, promote, publish, rollback, send};

#[tokio::test]
async fn a_change_without_a_revision_is_428() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let path = "/v1/apps/acme/channels/beta/deployments";

    app.post(path, &publish(&id))
        .await
        .refused(428, ProblemCode::RevisionRequired);

    for odd in ["*", "abc", "-1", ""] {
        let request = app
            .request(Method::POST, path)
            .header(header::IF_MATCH, odd)
            .json(&publish(&id));
        send(request).await.refused(400, ProblemCode::Malformed);
    }
    for spelling in ["\"1\"", "W/\"2\""] {
        let next = app
            .release(if spelling == "\"1\"" {
                "3.0.0"
            } else {
                "4.0.0"
            })
            .await;
        let request = app
            .request(Method::POST, path)
            .header(header::IF_MATCH, spelling)
            .json(&publish(&next));
        send(request).await.value();
    }
}

#[tokio::test]
async fn a_stale_revision_is_409_with_the_channel_and_what_changed_it() {
    let app = Fixture::start().await;
    let seen = app.channel("beta").await.revision;
    let first = app.live("2.0.0", "beta").await;
    let second = app.release("2.1.0").await;

    let problem = app
        .deploy_seeing("beta", &publish(&second), seen.0)
        .await
        .refused(409, ProblemCode::RevisionConflict);

    assert_snapshot!(problem.detail, @"beta changed meanwhile: Published 2.0.0 #1 to beta (mika). Your change was not made. Look at it again, then decide");
    let channel = problem.channel.unwrap();
    assert_eq!(channel.revision.0, seen.0 + 1);
    assert_eq!(channel.live.unwrap().release.0, first);
    let changed_by = problem.changed_by.unwrap().statement;
    assert_eq!(
        (changed_by.by.as_str(), changed_by.version.as_deref()),
        ("mika", Some("2.0.0"))
    );
}

#[tokio::test]
async fn of_two_who_promote_at_once_one_gets_409() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "staging").await;
    for channel in ["hotfix", "beta", "production"] {
        let seen = app.channel(channel).await.revision.0;
        let action = promote("staging", &id);

        let (one, other) = tokio::join!(
            app.deploy_seeing(channel, &action, seen),
            app.deploy_seeing(channel, &action, seen)
        );

        let (won, lost) = if one.status == 200 {
            (one, other)
        } else {
            (other, one)
        };
        let won: Deployed = won.ok();
        let problem = lost.refused(409, ProblemCode::RevisionConflict);
        assert_eq!(*problem.channel.unwrap(), won.channel);
        assert_eq!(
            problem.changed_by.unwrap().statement.entry,
            won.activity_entry
        );
        assert_eq!(app.channel(channel).await, won.channel);
    }
}

#[tokio::test]
async fn a_publish_takes_the_next_number_of_the_app() {
    let app = Fixture::start().await;
    let first = app.release("1.0.0").await;
    let second = app.release("1.1.0").await;

    let one = app
        .deploy("beta", publish(&first))
        .await
        .channel
        .live
        .unwrap();
    let two = app
        .deploy("staging", publish(&second))
        .await
        .channel
        .live
        .unwrap();

    assert_eq!((one.sequence.0, two.sequence.0), (1, 2));
    let problem = app
        .try_deploy("beta", &publish(&first))
        .await
        .refused(409, ProblemCode::AlreadyLive);
    assert_snapshot!(problem.detail, @"beta offers 1.0.0 already. Nothing was changed");
}

#[tokio::test]
async fn a_promotion_keeps_bytes_signature_and_if_it_can_the_number() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    let new = app.live("2.0.0", "beta").await;
    let on_beta = app.check("beta", 0).await.manifest.unwrap();

    let promoted = app.deploy("production", promote("beta", &new)).await;

    assert_eq!(
        promoted.channel.live.unwrap().sequence.0,
        2,
        "higher than all that production offered"
    );
    assert_eq!(promoted.previous.unwrap().release.0, old);
    let on_production = app.check("production", 1).await.manifest.unwrap();
    for same in ["version", "sequence", "url", "signature", "bundle_size"] {
        assert_eq!(on_production[same], on_beta[same], "{same}");
    }
}

#[tokio::test]
async fn a_promotion_takes_the_next_number_when_the_target_was_higher() {
    let app = Fixture::start().await;
    let low = app.live("2.0.0", "beta").await;
    app.live("1.9.0", "production").await;

    let promoted = app.deploy("production", promote("beta", &low)).await;

    let live = promoted.channel.live.unwrap();
    assert_eq!((live.release.0, live.sequence.0), (low, 3));
    assert_eq!(app.check("production", 2).await.sequence(), Some(3));
    assert_eq!(
        app.check("beta", 0).await.sequence(),
        Some(1),
        "the other channel keeps its number"
    );
}

#[tokio::test]
async fn a_promotion_of_something_else_than_was_seen_is_409() {
    let app = Fixture::start().await;
    let seen = app.live("2.0.0", "beta").await;
    app.live("2.1.0", "beta").await;

    let problem = app
        .try_deploy("production", &promote("beta", &seen))
        .await
        .refused(409, ProblemCode::SourceChanged);
    assert_snapshot!(problem.detail, @"beta offers 2.1.0 by now. production was not changed. Look at beta again, then decide");
    let beta = app.channel("beta").await;
    assert_eq!(problem.channel.as_deref(), Some(&beta));
    let changed_by = problem.changed_by.unwrap().statement;
    assert_eq!(changed_by.summary, "Published 2.1.0 #2 to beta");

    app.try_deploy("production", &promote("staging", &seen))
        .await
        .refused(409, ProblemCode::NothingLive);
    app.try_deploy("production", &promote("production", &seen))
        .await
        .refused(422, ProblemCode::Invalid);
}

#[tokio::test]
async fn a_rollback_is_the_earlier_release_under_a_new_number_without_any_key() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    let before = app.check("production", 0).await.manifest.unwrap();
    app.live("2.0.0", "production").await;

    let back = app.deploy("production", rollback(&old)).await;

    assert_eq!(back.channel.live.as_ref().unwrap().sequence.0, 3);
    let offered = app.check("production", 2).await.manifest.unwrap();
    assert_eq!(offered["sequence"], 3);
    for same in ["version", "url", "signature", "bundle_size"] {
        assert_eq!(offered[same], before[same], "{same}");
    }
    // Who never left it has the bytes; who is new gets it under the new number.
    assert_eq!(app.check("production", 1).await.status, 204);
    assert_eq!(app.check("production", 0).await.sequence(), Some(3));
    assert_eq!(app.check("production", 3).await.status, 204);
}

#[tokio::test]
async fn built_in_brings_devices_back_to_their_own_assets_without_any_key() {
    let app = Fixture::start().await;
    app.live("2.0.0", "production").await;
    let action = json!({ "action": "built_in", "reason": "everything is broken" });

    let back = app.deploy("production", action.clone()).await;

    assert_eq!(back.channel.live.unwrap().sequence.0, 2);
    let offered = app.check("production", 1).await.manifest.unwrap();
    assert_eq!(
        (&offered["version"], &offered["sequence"]),
        (&json!("built-in"), &json!(2))
    );
    let path = url::Url::parse(offered["url"].as_str().unwrap()).unwrap();
    let bytes = send(app.bare(Method::GET, path.path())).await.body;
    assert_eq!(bytes, ota_bundle::empty_bundle(ota_bundle::Format::TarGz));
    assert_eq!(
        app.check("production", 0).await.status,
        204,
        "who shows them already is left alone"
    );
    assert_eq!(app.check("production", 2).await.status, 204);
    app.try_deploy("production", &action)
        .await
        .refused(409, ProblemCode::AlreadyLive);
}

#[tokio::test]
async fn built_in_of_a_second_key_is_the_same_for_devices() {
    let app = Fixture::start().await;
    app.live("2.0.0", "beta").await;
    let action = json!({ "action": "built_in" });
    app.deploy("beta", action.clone()).await;

    let second = crate::support::Signer::new();
    app.post("/v1/apps/acme/keys", &second.trust("new", "acme"))
        .await
        .value();

    app.try_deploy("beta", &action)
        .await
        .refused(409, ProblemCode::AlreadyLive);
}

#[tokio::test]
async fn built_in_is_neither_published_nor_promoted() {
    let app = Fixture::start().await;
    let releases = app.get("/v1/apps/acme/releases").await.value();
    let built_in = releases["releases"][0]["id"].as_str().unwrap().to_owned();
    app.live("2.0.0", "beta").await;

    app.try_deploy("beta", &publish(&built_in))
        .await
        .refused(422, ProblemCode::Invalid);
    app.deploy("beta", rollback(&built_in)).await;
    app.try_deploy("production", &promote("beta", &built_in))
        .await
        .refused(422, ProblemCode::Invalid);
}

#[tokio::test]
async fn an_app_without_a_key_has_nothing_to_go_back_to() {
    let server = crate::support::TestServer::start().await;
    server
        .post("/v1/apps", &json!({ "slug": "acme" }))
        .await
        .value();
    let request = server
        .request(Method::POST, "/v1/apps/acme/channels/beta/deployments")
        .header(header::IF_MATCH, 1)
        .json(&json!({ "action": "built_in" }));

    send(request).await.refused(409, ProblemCode::NoBuiltIn);
}

#[tokio::test]
async fn going_back_on_a_protected_channel_needs_a_reason() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "production").await;
    app.live("2.0.0", "production").await;
    for reason in [json!(null), json!(""), json!("   "), json!("short  ")] {
        let action = json!({ "action": "rollback", "release": old, "reason": reason });
        app.try_deploy("production", &action)
            .await
            .refused(422, ProblemCode::Invalid);
    }

    app.deploy("production", rollback(&old)).await;

    let entry = app.log().await.remove(0).statement;
    assert_eq!(entry.reason.as_deref(), Some("the page stays blank"));
    assert_eq!(entry.summary, "Rolled back production to 1.0.0 as #3");
}

#[tokio::test]
async fn an_unknown_channel_or_release_is_named_with_those_that_exist() {
    let app = Fixture::start().await;
    let id = app.release("1.0.0").await;
    let request = app
        .request(Method::POST, "/v1/apps/acme/channels/nightly/deployments")
        .header(header::IF_MATCH, 1)
        .json(&publish(&id));

    let problem = send(request)
        .await
        .refused(404, ProblemCode::UnknownChannel);

    assert_snapshot!(problem.detail, @"acme has no channel “nightly”. It has hotfix, staging, beta, production");
    app.try_deploy("beta", &publish("01NOTHING"))
        .await
        .refused(404, ProblemCode::UnknownRelease);
    app.try_deploy("beta", &json!({ "action": "explode" }))
        .await
        .refused(400, ProblemCode::Malformed);
}

#[tokio::test]
async fn a_release_of_another_app_is_unknown() {
    let app = Fixture::start().await;
    let id = app.release("1.0.0").await;
    app.post("/v1/apps", &json!({ "slug": "other" }))
        .await
        .value();
    let request = app
        .request(Method::POST, "/v1/apps/other/channels/beta/deployments")
        .header(header::IF_MATCH, 1)
        .json(&publish(&id));

    send(request)
        .await
        .refused(404, ProblemCode::UnknownRelease);
    app.get(&format!("/v1/apps/other/releases/{id}"))
        .await
        .refused(404, ProblemCode::UnknownRelease);
}
