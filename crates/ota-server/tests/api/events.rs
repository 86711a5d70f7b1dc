//! Server-sent events.

use std::time::Duration;

use chrono::TimeDelta;
use ota_api::{ProblemCode, Role, ServerEvent};
use reqwest::{Method, Response, header};

use crate::support::{Fixture, TestServer, publish, send};

/// Reads a stream of events one by one.
pub(crate) struct Events {
    response: Response,
    text: String,
}

impl Events {
    pub(crate) async fn open(server: &TestServer) -> Self {
        Self::open_as(server, &server.admin).await
    }

    async fn open_as(server: &TestServer, token: &str) -> Self {
        let response = server
            .request_as(token, Method::GET, "/v1/events")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        Self {
            response,
            text: String::new(),
        }
    }

    /// Name and data of the next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let event = std::mem::replace(&mut self.text, rest);
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                let event = (field("event:"), field("data:"));
                return Some(event);
            }
            let chunk = tokio::time::timeout(Duration::from_mins(1), self.response.chunk());
            self.text
                .push_str(std::str::from_utf8(&chunk.await.unwrap().unwrap()?).unwrap());
        }
    }
}

#[tokio::test]
async fn every_change_is_delivered_as_its_entry() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let mut events = Events::open(&app).await;
    assert_eq!(
        events.next().await,
        Some(("resync".to_owned(), "{}".to_owned()))
    );

    app.deploy("beta", publish(&id)).await;
    app.recall(&id).await.value();

    let mut told = Vec::new();
    for _ in 0..3 {
        let (name, data) = events.next().await.unwrap();
        assert_eq!(name, "activity");
        let event: ServerEvent = serde_json::from_str(&data).unwrap();
        assert_eq!(event.app.as_str(), "acme");
        told.push(event.entry);
    }
    let mut log = app.log().await;
    log.truncate(3);
    log.reverse();
    assert_eq!(told, log);
}

#[tokio::test]
async fn what_is_read_after_an_event_is_as_new_as_the_event() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    let mut events = Events::open(&app).await;
    events.next().await.unwrap();

    app.deploy("beta", publish(&id)).await;

    events.next().await.unwrap();
    assert_eq!(app.check("beta", 0).await.sequence(), Some(1));
}

#[tokio::test]
async fn an_open_stream_does_not_keep_the_server_from_stopping() {
    let app = Fixture::start().await;
    let mut events = Events::open(&app).await;
    events.next().await.unwrap();
    let Fixture { server, .. } = app;

    tokio::time::timeout(Duration::from_secs(5), server.stop())
        .await
        .expect("it stops");

    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let app = Fixture::start().await;
    let soon = app.clock.now() + TimeDelta::seconds(1);
    let token = app.token("soon over", Role::Viewer, Some(soon)).await;
    let mut short = Events::open_as(&app, &token).await;
    let mut long = Events::open(&app).await;
    short.next().await.unwrap();
    long.next().await.unwrap();

    assert_eq!(short.next().await, None);

    let id = app.release("2.0.0").await;
    app.deploy("beta", publish(&id)).await;
    assert!(long.next().await.is_some(), "others go on listening");
}

#[tokio::test]
async fn events_need_a_token() {
    let server = TestServer::start().await;
    send(server.bare(Method::GET, "/v1/events"))
        .await
        .refused(401, ProblemCode::TokenInvalid);
}
