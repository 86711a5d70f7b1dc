//! Access tokens: none, unknown, expired; and that the server keeps no secret.

use chrono::TimeDelta;
use insta::assert_snapshot;
use ota_api::{ProblemCode, Role};
use ota_model::Sha256;
use reqwest::{Method, header};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::support::{Fixture, TestServer, send, until};

#[tokio::test]
async fn no_token_is_401_and_says_how_to_send_one() {
    let server = TestServer::start().await;

    for request in [
        server.bare(Method::GET, "/v1/apps"),
        server
            .bare(Method::GET, "/v1/apps")
            .basic_auth("mika", Some("secret")),
        server
            .bare(Method::GET, "/v1/apps")
            .header(header::AUTHORIZATION, &server.admin),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
        let problem = answer.refused(401, ProblemCode::TokenInvalid);
        assert_eq!(
            problem.detail,
            "The request carries no access token. Send it as `Authorization: Bearer swt_…`"
        );
    }
}

#[tokio::test]
async fn an_unknown_token_is_401() {
    let server = TestServer::start().await;
    let almost = server.admin[..server.admin.len() - 1].to_owned();

    for token in ["swt_0000", "", &almost] {
        let answer = send(server.request_as(token, Method::GET, "/v1/apps")).await;
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
        answer.refused(401, ProblemCode::TokenInvalid);
    }
}

#[tokio::test]
async fn a_token_works_until_it_expires() {
    let server = TestServer::start().await;
    let token = server
        .token(
            "ci",
            Role::Viewer,
            Some(server.clock.now() + TimeDelta::hours(1)),
        )
        .await;
    send(server.request_as(&token, Method::GET, "/v1/apps"))
        .await
        .value();

    server.clock.advance(TimeDelta::hours(1));

    let answer = send(server.request_as(&token, Method::GET, "/v1/apps")).await;
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
    let problem = answer.refused(401, ProblemCode::TokenExpired);
    assert_snapshot!(problem.detail, @"Your access token expired at 2026-11-21 10:00 UTC. Devices, releases and keys are not affected. Use a new token");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let server = TestServer::start().await;
    let request = server
        .bare(Method::GET, "/v1/session")
        .header(header::AUTHORIZATION, format!("bearer {}", server.admin));
    send(request).await.value();
}

#[tokio::test]
async fn a_token_has_256_bits_and_is_stored_as_its_digest_alone() {
    let app = Fixture::start().await;
    let secret = app.admin.clone();
    assert!(secret.starts_with("swt_"));
    assert_eq!(secret.len(), "swt_".len() + 64);
    app.live("2.0.0", "production").await;
    let other = app.token("ci", Role::Viewer, None).await;
    let digest = Sha256::of(secret.as_bytes()).to_string();

    let mut everything = Vec::new();
    let mut files = vec![app.data().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs_err::read_dir(path)
                    .unwrap()
                    .map(|file| file.unwrap().path()),
            );
        } else {
            everything.extend(fs_err::read(path).unwrap());
        }
    }

    let holds = |text: &str| {
        everything
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds(&digest), "the scan finds what is stored");
    for secret in [&secret, &other] {
        let bits = secret.strip_prefix("swt_").unwrap();
        assert!(!holds(secret) && !holds(bits) && !holds(&bits.to_uppercase()));
        let raw = hex::decode(bits).unwrap();
        assert!(!everything.windows(raw.len()).any(|window| window == raw));
    }
}

#[tokio::test]
async fn no_answer_repeats_the_token() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "production").await;
    let bits = app.admin.strip_prefix("swt_").unwrap().to_owned();

    for path in [
        "/v1/session".to_owned(),
        "/v1/apps".to_owned(),
        "/v1/apps/acme".to_owned(),
        "/v1/apps/acme/activity".to_owned(),
        "/v1/apps/acme/keys".to_owned(),
        format!("/v1/apps/acme/releases/{id}"),
        "/v1/apps/nobody".to_owned(),
    ] {
        let answer = app.get(&path).await;
        assert!(!answer.text().contains(&bits), "{path}");
        assert!(!format!("{:?}", answer.headers).contains(&bits), "{path}");
    }
    let lost = send(app.request_as(&format!("{}x", app.admin), Method::GET, "/v1/apps")).await;
    assert!(!lost.text().contains(&bits));
}

#[tokio::test]
async fn the_last_use_of_a_token_is_noted_once_a_minute() {
    let server = TestServer::start().await;
    let database = server.database().await;
    let last_use = async || {
        let query = "SELECT last_used_at FROM tokens WHERE name = 'mika'";
        let query = Statement::from_string(database.get_database_backend(), query);
        let row = database.query_one_raw(query).await.unwrap().unwrap();
        row.try_get::<Option<i64>>("", "last_used_at").unwrap()
    };
    let first = server.clock.now().timestamp_millis();
    server.get("/v1/apps").await.value();
    until(|| async { last_use().await.filter(|at| *at == first) }).await;

    server.clock.advance(TimeDelta::seconds(59));
    server.get("/v1/apps").await.value();
    server.clock.advance(TimeDelta::seconds(2));
    server.get("/v1/apps").await.value();

    let second = until(|| async { last_use().await.filter(|at| *at != first) }).await;
    assert_eq!(second - first, 61_000, "the use between was not noted");
}
