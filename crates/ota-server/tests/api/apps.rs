//! Apps.

use insta::{assert_json_snapshot, assert_snapshot};
use ota_api::{AppOverview, ProblemCode};
use serde_json::json;

use crate::support::{Fixture, TestServer};

#[tokio::test]
async fn a_new_app_has_four_channels_of_which_the_last_is_protected() {
    let server = TestServer::start().await;

    let app = server.post("/v1/apps", &json!({ "slug": "acme" })).await;
    assert_eq!(app.status, 201);

    assert_json_snapshot!(app.value(), @r#"
    {
      "created_at": "2026-11-21T09:00:00Z",
      "default_channel": "production",
      "last_sequence": 0,
      "name": "acme",
      "slug": "acme",
      "systems": {
        "capgo_files": false,
        "fixed_bundle_paths": false,
        "serves": [
          "hotswap"
        ]
      }
    }
    "#);
    let overview: AppOverview = server.get("/v1/apps/acme").await.ok();
    let channels: Vec<_> = overview
        .channels
        .iter()
        .map(|channel| (channel.name.as_str(), channel.position, channel.protected))
        .collect();
    assert_eq!(
        channels,
        [
            ("hotfix", 0, false),
            ("staging", 1, false),
            ("beta", 2, false),
            ("production", 3, true)
        ]
    );
    assert!(
        overview
            .channels
            .iter()
            .all(|channel| channel.live.is_none() && !channel.paused)
    );
    assert_eq!(overview.activity_head, 1);
}

#[tokio::test]
async fn a_slug_is_taken_once() {
    let server = TestServer::start().await;
    server
        .post("/v1/apps", &json!({ "slug": "acme" }))
        .await
        .value();

    let again = server.post("/v1/apps", &json!({ "slug": "acme" })).await;

    let problem = again.refused(409, ProblemCode::AppExists);
    assert_snapshot!(problem.detail, @"This server has an app “acme” already. Nothing was changed");
}

#[tokio::test]
async fn a_bad_slug_or_body_is_said_in_words() {
    let server = TestServer::start().await;
    for body in [
        json!({ "slug": "No" }),
        json!({ "slug": "apps" }),
        json!({ "slug": "acme", "colour": "red" }),
        json!({}),
        json!([]),
    ] {
        server
            .post("/v1/apps", &body)
            .await
            .refused(400, ProblemCode::Malformed);
    }
    assert_eq!(server.get("/v1/apps").await.value(), json!([]));
}

#[tokio::test]
async fn an_unknown_app_is_404_everywhere() {
    let server = TestServer::start().await;
    for path in ["", "/keys", "/releases", "/channels", "/activity"] {
        let problem = server
            .get(&format!("/v1/apps/nobody{path}"))
            .await
            .refused(404, ProblemCode::UnknownApp);
        assert_eq!(problem.detail, "This server has no app “nobody”");
    }
}

#[tokio::test]
async fn name_and_default_channel_change_and_the_rest_stays() {
    let app = Fixture::start().await;

    let changed = app
        .patch(
            "/v1/apps/acme",
            &json!({ "name": "Acme", "default_channel": "beta" }),
        )
        .await;

    let changed = changed.value();
    assert_eq!(
        (&changed["name"], &changed["default_channel"]),
        (&json!("Acme"), &json!("beta"))
    );
    let before = app.log().await.len();
    app.patch("/v1/apps/acme", &json!({})).await.value();
    assert_eq!(app.log().await.len(), before, "no change, no entry");
    app.patch("/v1/apps/acme", &json!({ "default_channel": "nightly" }))
        .await
        .refused(404, ProblemCode::UnknownChannel);
}

#[tokio::test]
async fn an_app_with_releases_stays_and_one_without_goes() {
    let app = Fixture::start().await;
    app.post("/v1/apps", &json!({ "slug": "mistake" }))
        .await
        .value();

    app.delete("/v1/apps/acme")
        .await
        .refused(409, ProblemCode::AppNotEmpty);
    assert_eq!(app.delete("/v1/apps/mistake").await.status, 204);

    app.get("/v1/apps/mistake")
        .await
        .refused(404, ProblemCode::UnknownApp);
    let feed = app.bare(
        reqwest::Method::GET,
        "/feeds/hotswap/mistake/0?binary_version=1.0.0",
    );
    assert_eq!(
        crate::support::send(feed).await.status,
        404,
        "devices see it too"
    );
    // A new app of that name begins anew.
    app.post("/v1/apps", &json!({ "slug": "mistake" }))
        .await
        .value();
    assert_eq!(
        app.get("/v1/apps/mistake").await.value()["activity_head"],
        1
    );
}
