//! Who am I, and what server is this?

use insta::assert_json_snapshot;
use ota_api::{ProblemCode, Role};
use reqwest::Method;

use crate::support::{TestServer, send};

#[tokio::test]
async fn the_session_tells_operator_role_and_server() {
    let server = TestServer::start().await;

    let session = server.get("/v1/session").await.value();

    assert_json_snapshot!(session, { ".server.version" => "[version]" }, @r#"
    {
      "expires_at": null,
      "operator": "mika",
      "role": "admin",
      "server": {
        "public_url": "https://ota.example.net",
        "version": "[version]"
      }
    }
    "#);
}

#[tokio::test]
async fn the_session_tells_when_the_token_expires() {
    let server = TestServer::start().await;
    let at = "2027-01-31T12:00:00Z";
    let token = server
        .token("ci", Role::Designer, Some(at.parse().unwrap()))
        .await;

    let session = send(server.request_as(&token, Method::GET, "/v1/session"))
        .await
        .value();

    assert_eq!(session["expires_at"], at);
    assert_eq!(session["role"], "designer");
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_problem() {
    let server = TestServer::start().await;

    server
        .get("/v1/nothing")
        .await
        .refused(404, ProblemCode::NotFound);
    server
        .get("/somewhere")
        .await
        .refused(404, ProblemCode::NotFound);
    server
        .delete("/v1/session")
        .await
        .refused(405, ProblemCode::MethodNotAllowed);
    assert_eq!(
        send(server.bare(Method::GET, "/healthz")).await.text(),
        "ok"
    );
}
