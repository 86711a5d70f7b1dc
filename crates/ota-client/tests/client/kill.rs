//! `kill -9` between any two steps, and at any moment within the two that matter: the old state or the new one, never
//! something between, and the publication can be repeated.

use std::sync::Arc;
use std::time::Duration;

use ota_client::{CancellationToken, PublishEvent, Step, publish};
use ota_model::Sequence;
use ota_testing::WebBuild;

use crate::support::{World, small_parts};

/// What devices get is one whole release: its manifest fits its bytes and its signature.
async fn whole(world: &World, allowed: &[&str]) -> String {
    let device = world.device("staging", 0).await;
    let manifest = device.manifest.expect("staging offers something");
    let version = manifest["version"].as_str().unwrap().to_owned();
    assert!(
        allowed.contains(&version.as_str()),
        "{version} is neither of {allowed:?}"
    );
    let (url, signature) = (
        manifest["url"].as_str().unwrap().to_owned(),
        manifest["signature"].as_str().unwrap(),
    );
    let signature: ota_keys::Signature = signature.parse().unwrap();
    let bytes = reqwest::get(&url)
        .await
        .unwrap()
        .error_for_status()
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(
        bytes.len() as u64,
        manifest["bundle_size"].as_u64().unwrap()
    );
    world.public.verify(bytes.as_ref(), &signature).unwrap();
    assert!(
        signature
            .trusted_comment()
            .contains(&format!("version:{version}"))
    );

    // The admin API knows of what the feed offers, and the log has no gap. The channel may be ahead by now: whoever
    // publishes goes on while this looks.
    let number = manifest["sequence"].as_u64().unwrap();
    let staging = "staging".parse().unwrap();
    let history = world.client.history(&world.app, &staging).await.unwrap();
    let offered = history.iter().any(|record| {
        (record.live.version.to_string(), record.live.sequence.0) == (version.clone(), number)
    });
    assert!(offered, "{version} as #{number} is not in {history:?}");
    world.verify_log().await;
    version
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_steps() {
    let world = Arc::new(World::new().await);
    let mut build = WebBuild::new(1);
    world.publish(&build, "1.0.0").await.unwrap();
    let mut live = "1.0.0".to_owned();
    for (number, step) in (1..).zip(Step::ALL) {
        build = build.changed();
        let version = format!("1.{number}.0");
        let mut request = world.request(&build, &version);
        request.options.patience = Duration::from_millis(300);
        let killer = Arc::clone(&world);
        let kill_there = move |event: PublishEvent| {
            if event == PublishEvent::Began(step) {
                killer.server.kill9();
            }
        };
        let error = publish(&world.client, request, kill_there, CancellationToken::new())
            .await
            .unwrap_err();
        world.server.restart();
        assert_eq!(
            whole(&world, &[&live]).await,
            live,
            "killed as {step} began: {error}"
        );
        world.publish(&build, &version).await.unwrap();
        assert_eq!(whole(&world, &[&version]).await, version);
        live = version;
    }
}

/// Kills the server `after` the step began, starts it again, and expects the publication to get through by itself.
async fn survives(
    world: &Arc<World>,
    build: &WebBuild,
    old: &str,
    new: &str,
    step: Step,
    after: Duration,
) {
    let mut request = world.request(build, new);
    request.options = small_parts(20_000);
    let killer = Arc::clone(world);
    let (began, mut kill) = tokio::sync::mpsc::channel(1);
    let tell = move |event: PublishEvent| {
        if event == PublishEvent::Began(step) {
            // Only the first time counts: the queue has one place.
            began.try_send(()).unwrap_or_default();
        }
    };
    let (old, new) = (old.to_owned(), new.to_owned());
    let versions = [old, new.clone()];
    let murder = tokio::spawn(async move {
        kill.recv().await.expect("the step begins");
        tokio::time::sleep(after).await;
        killer.server.kill9();
        killer.server.restart();
        let [old, new] = &versions;
        whole(&killer, &[old, new]).await;
    });
    let published = publish(&world.client, request, tell, CancellationToken::new()).await;
    murder.await.unwrap();
    let published =
        published.unwrap_or_else(|error| panic!("killed {after:?} into {step}: {error:?}"));
    assert_eq!(whole(world, &[&new]).await, new);
    assert_eq!(published.channel.live.unwrap().sequence, published.sequence);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_uploading_verifying_and_going_live() {
    let world = Arc::new(World::new().await);
    let mut build = WebBuild::new(1);
    world.publish(&build, "1.0.0").await.unwrap();
    let mut old = "1.0.0".to_owned();
    let mut number = 0;
    for step in [Step::Uploading, Step::Verifying, Step::Live] {
        for micros in [0, 300, 900, 2_000, 4_000, 7_000, 12_000, 25_000] {
            number += 1;
            build = build.changed();
            let new = format!("1.{number}.0");
            survives(
                &world,
                &build,
                &old,
                &new,
                step,
                Duration::from_micros(micros),
            )
            .await;
            old = new;
        }
    }
    // One number for each release: nothing was published twice.
    let history = world
        .client
        .history(&world.app, &"staging".parse().unwrap())
        .await
        .unwrap();
    let sequences: Vec<_> = history
        .iter()
        .rev()
        .map(|record| record.live.sequence)
        .collect();
    let expected: Vec<_> = (1..=number + 1).map(Sequence).collect();
    assert_eq!(sequences, expected);
}
