//! Each role × each route that changes something.

use ota_api::{ProblemCode, Role};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Fixture, promote, publish, rollback, send};

struct Route {
    name: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
    /// Who may: viewer, designer, support, release manager, admin.
    may: [bool; 5],
}

fn route(name: &'static str, method: &Method, path: &'static str, body: Value, may: &str) -> Route {
    let may: Vec<_> = may.chars().map(|mark| mark == 'x').collect();
    Route {
        name,
        method: method.clone(),
        path,
        body,
        may: may.try_into().unwrap(),
    }
}

/// Every mutating operation of the document. Nothing named in the bodies exists: who may gets 4xx other than 403.
#[rustfmt::skip]
fn routes() -> Vec<Route> {
    let (post, patch, delete) = (Method::POST, Method::PATCH, Method::DELETE);
    let app = "/v1/apps/acme";
    let channel = "/v1/apps/acme/channels/beta";
    let deployments = "/v1/apps/acme/channels/beta/deployments";
    let release = "/v1/apps/acme/releases/none";
    let artifact = "/v1/apps/acme/releases/none/artifacts/tar_gz";
    let draft = json!({ "version": "not semver", "min_binary_version": "1.0.0" });
    let upload = json!({ "sha256": "00".repeat(32), "size_bytes": 1, "signature": "" });
    let key = json!({ "name": "k", "public_key": "", "built_in_archive": "", "built_in_signature": "" });
    vec![
        //                                                               viewer, designer, support, manager, admin
        route("create_app", &post, "/v1/apps", json!({ "slug": "acme" }),                                "....x"),
        route("update_app", &patch, app, json!({ "default_channel": "none" }),                           "....x"),
        route("remove_app", &delete, app, json!({}),                                                     "....x"),
        route("trust_key", &post, "/v1/apps/acme/keys", key,                                             "....x"),
        route("create_channel", &post, "/v1/apps/acme/channels", json!({ "name": "beta" }),              "....x"),
        route("update_channel", &patch, channel, json!({ "position": 1 }),                               "....x"),
        route("update_channel", &patch, channel, json!({ "protected": true }),                           "....x"),
        route("update_channel", &patch, channel, json!({ "paused": true }),                              "..xxx"),
        route("create_release", &post, "/v1/apps/acme/releases", draft,                                  ".x.xx"),
        route("begin_upload", &post, artifact, upload,                                                   ".x.xx"),
        route("append_to_upload", &patch, artifact, json!({}),                                           ".x.xx"),
        route("finalize_release", &post, "/v1/apps/acme/releases/none/finalize", json!({}),              ".x.xx"),
        route("discard_draft", &delete, release, json!({}),                                              ".x.xx"),
        route("update_release", &patch, release, json!({ "notes": "" }),                                 "...xx"),
        route("recall_release", &post, "/v1/apps/acme/releases/none/recall", json!({ "reason": "r" }),   "...xx"),
        route("deploy", &post, deployments, publish("none"),                                             "...xx"),
        route("deploy", &post, deployments, promote("staging", "none"),                                  "...xx"),
        route("deploy", &post, deployments, rollback("none"),                                            "..xxx"),
        route("deploy", &post, deployments, json!({ "action": "built_in" }),                             "..xxx"),
        // A plan changes nothing: everybody may look.
        route("plan_deployment", &post, "/v1/apps/acme/channels/beta/plan", publish("none"),             "xxxxx"),
    ]
}

#[tokio::test]
async fn each_role_may_what_it_may_and_nothing_else() {
    let app = Fixture::start().await;
    for (column, role) in Role::ALL.into_iter().enumerate() {
        let token = app.token(role.as_str(), role, None).await;
        for route in routes() {
            let request = app
                .request_as(&token, route.method.clone(), route.path)
                // Stale: whoever may is stopped by the revision, not by us.
                .header(header::IF_MATCH, 77)
                .json(&route.body);
            let answer = send(request).await;
            let what = format!("{role} {} {}: {}", route.name, route.body, answer.text());
            if route.may[column] {
                assert_ne!(answer.status, 403, "{what}");
                assert!(answer.status.is_client_error(), "{what}");
            } else {
                answer.refused(403, ProblemCode::Forbidden);
            }
        }
    }
    assert_eq!(app.log().await.len(), 2, "nothing was changed");
}

#[tokio::test]
async fn no_mutating_operation_is_missing_from_the_table() {
    let document = serde_json::to_value(ota_server::openapi()).unwrap();
    let tested: Vec<_> = routes().iter().map(|route| route.name).collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                method == "get" || tested.contains(&id),
                "{method} {path} ({id})"
            );
        }
    }
}

#[tokio::test]
async fn everybody_reads() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "beta").await;
    let token = app.token("v", Role::Viewer, None).await;
    for path in [
        "/v1/session".to_owned(),
        "/v1/apps".to_owned(),
        "/v1/apps/acme".to_owned(),
        "/v1/apps/acme/keys".to_owned(),
        "/v1/apps/acme/releases".to_owned(),
        format!("/v1/apps/acme/releases/{id}"),
        format!("/v1/apps/acme/releases/{id}/listing"),
        "/v1/apps/acme/channels".to_owned(),
        "/v1/apps/acme/channels/beta/deployments".to_owned(),
        "/v1/apps/acme/checks".to_owned(),
        "/v1/apps/acme/activity".to_owned(),
    ] {
        send(app.request_as(&token, Method::GET, &path))
            .await
            .value();
    }
}

#[tokio::test]
async fn support_goes_back_to_what_ran_there_and_to_nothing_else() {
    let app = Fixture::start().await;
    let before = app.live("1.0.0", "beta").await;
    app.live("2.0.0", "beta").await;
    let elsewhere = app.live("3.0.0", "staging").await;
    let token = app.token("sam", Role::Support, None).await;
    let deploy = async |action: Value| {
        let revision = app.channel("beta").await.revision;
        let request = app
            .request_as(
                &token,
                Method::POST,
                "/v1/apps/acme/channels/beta/deployments",
            )
            .header(header::IF_MATCH, revision.0)
            .json(&action);
        send(request).await
    };

    let problem = deploy(rollback(&elsewhere))
        .await
        .refused(403, ProblemCode::Forbidden);
    assert!(
        problem.detail.contains("3.0.0 never did"),
        "{}",
        problem.detail
    );
    deploy(rollback(&before)).await.value();
    deploy(json!({ "action": "built_in" })).await.value();
    assert_eq!(app.log().await[0].statement.by, "sam");
}
