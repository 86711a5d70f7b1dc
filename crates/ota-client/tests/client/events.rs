//! The stream of changes.

use std::pin::pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use ota_api::{ActionKind, ProblemCode, Role};
use ota_client::{ClientError, LiveEvent};
use ota_testing::WebBuild;

use crate::support::World;

async fn next(events: &mut (impl Stream<Item = LiveEvent> + Unpin)) -> LiveEvent {
    let event = tokio::time::timeout(Duration::from_secs(30), events.next()).await;
    event
        .expect("an event in time")
        .expect("the stream goes on")
}

#[tokio::test]
async fn changes_arrive_and_a_lost_connection_comes_back() {
    let world = World::new().await;
    let mut events = pin!(world.client.events());
    assert!(matches!(next(&mut events).await, LiveEvent::Resync));

    world.publish(&WebBuild::new(1), "2.5.0").await.unwrap();
    let mut actions = Vec::new();
    while actions.last() != Some(&ActionKind::Published) {
        let LiveEvent::Activity(event) = next(&mut events).await else {
            panic!("activity was expected")
        };
        assert_eq!(event.app, world.app);
        actions.push(event.entry.statement.action);
    }
    assert_eq!(actions, [ActionKind::ReleaseReady, ActionKind::Published]);

    world.server.kill9();
    let LiveEvent::Lost {
        error,
        again_in: Some(wait),
    } = next(&mut events).await
    else {
        panic!("a loss was expected")
    };
    assert!(
        error.is_unreachable() && wait < Duration::from_secs(1),
        "{error} {wait:?}"
    );
    world.server.restart();
    loop {
        match next(&mut events).await {
            LiveEvent::Lost {
                again_in: Some(_), ..
            } => {}
            LiveEvent::Resync => break,
            other => panic!("{other:?}"),
        }
    }
    world.publish(&WebBuild::new(2), "2.6.0").await.unwrap();
    assert!(matches!(next(&mut events).await, LiveEvent::Activity(_)));
}

#[tokio::test]
async fn checks_of_devices_arrive_and_our_own_do_not() {
    let world = World::new().await;
    let mut events = pin!(world.client.events());
    assert!(matches!(next(&mut events).await, LiveEvent::Resync));
    // What we ask to see what a device gets is none.
    world.device("production", 0).await;

    let url = world.server.url();
    let check = format!("{url}/feeds/hotswap/tidepool/7?binary_version=1.4.2&platform=linux");
    reqwest::get(check).await.unwrap();

    let LiveEvent::Check(event) = next(&mut events).await else {
        panic!("a check was expected")
    };
    assert_eq!((&event.app, event.checks.count), (&world.app, 1));
    let known = world.client.checks(&world.app).await.unwrap();
    assert_eq!(known.of(event.checks.system), Some(&event.checks));
    assert_eq!(event.checks.last.unwrap().current.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_refused_token_ends_the_stream() {
    let world = World::new().await;
    let expired = world.client_with(&world.server.expired_token(Role::Viewer));
    let mut events = pin!(expired.events());
    let LiveEvent::Lost {
        error: ClientError::Refused(problem),
        again_in: None,
    } = next(&mut events).await
    else {
        panic!("a refusal was expected")
    };
    assert_eq!(problem.code, ProblemCode::TokenExpired);
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_stream_whose_token_expires_ends_with_the_servers_words() {
    let world = World::new().await;
    let soon = chrono::Utc::now() + Duration::from_secs(2);
    let token = world
        .server
        .create_token("soon over", Role::Viewer, Some(&soon.to_rfc3339()));
    let client = world.client_with(&token);
    let mut events = pin!(client.events());
    assert!(matches!(next(&mut events).await, LiveEvent::Resync));

    // Nothing is asked meanwhile, and no lost connection is reported on the way.
    let LiveEvent::Lost {
        error: ClientError::Refused(problem),
        again_in: None,
    } = next(&mut events).await
    else {
        panic!("a refusal was expected")
    };

    assert_eq!(problem.code, ProblemCode::TokenExpired);
    assert!(events.next().await.is_none());
}
