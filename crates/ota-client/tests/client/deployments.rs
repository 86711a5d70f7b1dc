//! Promote, roll back, recall; two people at once; answers that were lost.

use ota_api::{Deploy, DeployAction, ProblemCode};
use ota_client::IdempotencyKey;
use ota_model::{ReleaseKind, Sequence};
use ota_testing::WebBuild;

use crate::support::{World, channel};

fn promote(release: &ota_model::ReleaseId) -> Deploy {
    Deploy {
        action: DeployAction::Promote {
            from: channel("staging"),
            release: release.clone(),
        },
        reason: None,
    }
}

fn back(action: DeployAction) -> Deploy {
    Deploy {
        action,
        reason: Some("Blank tide chart on Android 12".to_owned()),
    }
}

#[tokio::test]
async fn of_two_promotions_at_once_one_is_told_what_the_other_did() {
    let world = World::new().await;
    let published = world.publish(&WebBuild::new(1), "2.5.0").await.unwrap();
    let (app, beta) = (&world.app, channel("beta"));
    let seen = world.channel("beta").await.revision;
    let wish = promote(&published.release.id);
    let (first, second) = (
        IdempotencyKey::new().unwrap(),
        IdempotencyKey::new().unwrap(),
    );

    let (a, b) = tokio::join!(
        world.client.deploy(app, &beta, seen, &wish, &first),
        world.client.deploy(app, &beta, seen, &wish, &second)
    );

    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    let won = won.unwrap();
    let problem = lost.unwrap_err().problem().cloned().unwrap();
    assert_eq!(problem.code, ProblemCode::RevisionConflict);
    assert_eq!(problem.channel.as_deref(), Some(&won.channel));
    assert_eq!(
        problem.changed_by.unwrap().statement.entry,
        won.activity_entry
    );
    assert_eq!(world.client.history(app, &beta).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_nothing_happens_twice() {
    let world = World::new().await;
    let published = world.publish(&WebBuild::new(1), "2.5.0").await.unwrap();
    let (app, beta) = (&world.app, channel("beta"));
    let seen = world.channel("beta").await.revision;
    let (wish, key) = (
        promote(&published.release.id),
        IdempotencyKey::new().unwrap(),
    );
    let first = world
        .client
        .deploy(app, &beta, seen, &wish, &key)
        .await
        .unwrap();

    // The first answer never arrived, the server was started again in between, and somebody went on working.
    world.server.restart();
    let now = world.channel("beta").await.revision;
    let other = IdempotencyKey::new().unwrap();
    world
        .client
        .deploy(app, &beta, now, &back(DeployAction::BuiltIn), &other)
        .await
        .unwrap();
    let again = world
        .client
        .deploy(app, &beta, seen, &wish, &key)
        .await
        .unwrap();

    assert_eq!(again, first);
    let history = world.client.history(app, &beta).await.unwrap();
    assert_eq!(
        history
            .iter()
            .map(|record| record.live.release_kind)
            .collect::<Vec<_>>(),
        [ReleaseKind::BuiltIn, ReleaseKind::Web]
    );
    let reused = world
        .client
        .deploy(app, &beta, seen, &back(DeployAction::BuiltIn), &key)
        .await
        .unwrap_err();
    assert_eq!(reused.code(), Some(ProblemCode::IdempotencyKeyReused));
}

#[tokio::test]
async fn what_is_promoted_keeps_its_number_and_what_goes_back_takes_the_next() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let first = world.publish(&build, "2.5.0").await.unwrap();
    world.publish(&build.changed(), "2.6.0").await.unwrap();
    let (app, staging) = (&world.app, channel("staging"));

    let targets = world.client.rollback_targets(app, &staging).await.unwrap();
    assert_eq!(
        targets
            .earlier
            .iter()
            .map(|target| target.version.to_string())
            .collect::<Vec<_>>(),
        ["2.5.0"]
    );
    assert!(targets.built_in);
    let seen = world.channel("staging").await.revision;
    let wish = back(DeployAction::Rollback {
        release: targets.earlier[0].release.clone(),
    });
    let plan = world.client.plan(app, &staging, &wish).await.unwrap();
    let deployed = world
        .client
        .deploy(app, &staging, seen, &wish, &IdempotencyKey::new().unwrap())
        .await
        .unwrap();

    let live = deployed.channel.live.unwrap();
    assert_eq!(
        (live.release, live.sequence, live.sequence),
        (first.release.id, Sequence(3), plan.sequence)
    );
    assert_eq!(
        world.device("staging", 2).await.manifest.unwrap()["version"],
        "2.5.0"
    );

    let seen = world.channel("staging").await.revision;
    let wish = back(DeployAction::BuiltIn);
    world
        .client
        .deploy(app, &staging, seen, &wish, &IdempotencyKey::new().unwrap())
        .await
        .unwrap();
    let device = world.device("staging", 3).await;
    assert_eq!(device.manifest.unwrap()["version"], "built-in");
    assert!(
        !world
            .client
            .rollback_targets(app, &staging)
            .await
            .unwrap()
            .built_in
    );
}

#[tokio::test]
async fn a_recalled_release_is_offered_nowhere_and_is_no_target() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    world.publish(&build, "2.5.0").await.unwrap();
    let second = world.publish(&build.changed(), "2.6.0").await.unwrap();
    let key = IdempotencyKey::new().unwrap();
    let recalled = world
        .client
        .recall(&world.app, &second.release.id, "Blank tide chart", &key)
        .await
        .unwrap();
    assert_eq!(recalled.moved.len(), 1);
    assert_eq!(
        world
            .client
            .recall(&world.app, &second.release.id, "Blank tide chart", &key)
            .await
            .unwrap(),
        recalled
    );
    assert_eq!(world.offered("staging").await.as_deref(), Some("2.5.0"));
    assert!(
        world
            .client
            .rollback_targets(&world.app, &channel("staging"))
            .await
            .unwrap()
            .earlier
            .is_empty()
    );
    world.verify_log().await;
}

#[tokio::test]
async fn whoever_publishes_on_what_changed_meanwhile_is_told() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let seen = world.channel("staging").await.revision;
    world.publish(&build, "2.5.0").await.unwrap();
    let next = build.changed();
    let mut request = world.request(&next, "2.6.0");
    request.seen = Some(seen);
    let publish = ota_client::publish(
        &world.client,
        request,
        |_| {},
        ota_client::CancellationToken::new(),
    );
    let ota_client::PublishError::Client(error) = publish.await.unwrap_err() else {
        panic!("a refusal was expected")
    };
    assert_eq!(error.code(), Some(ProblemCode::RevisionConflict));
    assert!(
        error.to_string().starts_with("staging changed meanwhile: "),
        "{error}"
    );
    assert_eq!(world.offered("staging").await.as_deref(), Some("2.5.0"));
}
