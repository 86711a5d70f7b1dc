//! The main job, and what happens to it on the way.

use std::time::{Duration, Instant};

use ota_api::{ActionKind, Role};
use ota_bundle::{Ignored, NoProgress, scan};
use ota_client::{
    CancellationToken, Input, PublishError, PublishEvent, Signer, Step, StepProgress, publish,
};
use ota_model::Sequence;
use ota_testing::{RealBuild, TestServer, WebBuild};

use crate::support::{Told, World, channel, small_parts, until};

#[tokio::test]
async fn a_folder_reaches_devices() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let told = Told::default();

    let request = world.request(&build, "2.5.0");
    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert_eq!(published.sequence, Sequence(1));
    assert_eq!(published.files, 8);
    assert_eq!(published.signed_by, world.public.id());
    assert!(
        published.previous.is_none() && !published.stored_before && published.warnings.is_empty()
    );
    assert_eq!(told.began(), Step::ALL);
    let device = world.device("staging", 0).await;
    let manifest = device.manifest.unwrap();
    assert_eq!(
        (device.status, &manifest["version"], &manifest["sequence"]),
        (200, &"2.5.0".into(), &1.into())
    );
    assert_eq!(manifest["bundle_size"], published.size_bytes);
    assert!(device.url.ends_with(
        "/feeds/hotswap/tidepool/0?binary_version=1.0.0&platform=linux&arch=x86_64&channel=staging"
    ));
    assert_eq!(world.device("staging", 1).await.status, 204);
    assert_eq!(world.offered("production").await, None);
    assert_eq!(published.activity_entry, Some(world.verify_log().await));
}

#[tokio::test]
async fn progress_has_measured_numbers_and_a_log() {
    let world = World::new().await;
    let build = WebBuild::large(1, 3_000_000);
    build.write("assets/app.js.map", "{\"version\":3}");
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.input = Input::Folder {
        path: build.path(),
        ignored: Ignored::from_iter(["assets/app.js.map"]),
    };
    request.options = small_parts(1_000_000);
    let began = Instant::now();

    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert_eq!(told.log("read").len(), 1);
    assert_eq!(
        told.log("skip"),
        ["assets/app.js.map (you chose to leave it out)"]
    );
    assert!(told.log("pack")[0].ends_with(&published.sha256.short()));
    assert_eq!(
        told.log("sign"),
        [format!("minisign {} ok", published.signed_by)]
    );
    assert_eq!(
        told.log("put"),
        ["part 1/4 ok", "part 2/4 ok", "part 3/4 ok", "part 4/4 ok"]
    );
    assert_eq!(told.log("live"), ["staging offers 2.5.0 as #1"]);
    let mut sent = 0;
    let mut progress = 0;
    for event in told.all() {
        if let PublishEvent::Progress(step) = event {
            progress += 1;
            if let StepProgress::Uploading(part) = step {
                assert_eq!((part.count, part.bytes_total), (4, published.size_bytes));
                assert!(
                    part.bytes_done >= sent && part.bytes_done <= part.bytes_total,
                    "{part:?}"
                );
                assert!(
                    part.confirmed * part.part_bytes <= part.bytes_done,
                    "{part:?}"
                );
                sent = part.bytes_done;
            }
        }
    }
    assert!(
        progress <= 1 + began.elapsed().as_millis() / 100,
        "{progress} in {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_real_web_build_reaches_devices() {
    let world = World::new().await;
    let mut request = world.request(&WebBuild::new(1), "18.0.0");
    request.input = Input::Folder {
        path: RealBuild::Newer.path(),
        ignored: Ignored::default(),
    };
    let published = publish(&world.client, request, |_| {}, CancellationToken::new())
        .await
        .unwrap();

    assert!(
        published.files > 100 && published.size_bytes > 1_000_000,
        "{published:?}"
    );
    let listing = world
        .client
        .listing(&world.app, &published.release.id)
        .await
        .unwrap();
    assert_eq!(listing.files.len() as u64, published.files);
    assert_eq!(world.offered("staging").await.as_deref(), Some("18.0.0"));
}

#[tokio::test]
async fn an_interrupted_upload_goes_on_after_the_server_was_killed() {
    let world = World::new().await;
    let build = WebBuild::large(1, 2_500_000);
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(200_000);
    let (client, sink) = (world.client.clone(), told.sink());
    let running =
        tokio::spawn(
            async move { publish(&client, request, sink, CancellationToken::new()).await },
        );

    until("four parts", async || told.log("put").len() >= 4).await;
    world.server.kill9();
    until("the loss to be noticed", async || {
        told.all().iter().any(|event| {
            matches!(
                event,
                PublishEvent::Waiting {
                    step: Step::Uploading,
                    ..
                }
            )
        })
    })
    .await;
    world.server.restart();
    let published = running.await.unwrap().unwrap();

    let put = told.log("put");
    assert!(
        put.iter()
            .any(|line| line.starts_with("going on from byte ")),
        "{put:?}"
    );
    let confirmed_once = put.iter().filter(|line| *line == "part 1/13 ok").count();
    assert_eq!(
        confirmed_once, 1,
        "what had arrived was not sent again: {put:?}"
    );
    assert_eq!(published.sequence, Sequence(1));
    assert_eq!(world.offered("staging").await.as_deref(), Some("2.5.0"));
}

#[tokio::test]
async fn an_interrupted_publication_is_repeated_from_where_it_was() {
    let world = World::new().await;
    let build = WebBuild::large(1, 1_500_000);
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    // Not cancelled, but gone: as a process that was killed, or a laptop that was closed.
    {
        let publishing = publish(
            &world.client,
            request,
            told.sink(),
            CancellationToken::new(),
        );
        let five_parts = until("five parts", async || told.log("put").len() >= 5);
        tokio::select! {
            done = publishing => panic!("it was to be interrupted: {done:?}"),
            () = five_parts => {}
        }
    }
    assert_eq!(world.drafts().await, ["2.5.0"]);

    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    request.notes = "Better words".to_owned();
    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    let put = told.log("put");
    assert!(
        put[0].starts_with("the server has ") && !put.contains(&"part 1/16 ok".to_owned()),
        "{put:?}"
    );
    assert_eq!(published.release.notes, "Better words");
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn leftovers_that_are_damaged_are_sent_again() {
    let world = World::new().await;
    let build = WebBuild::large(1, 900_000);
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    {
        let publishing = publish(
            &world.client,
            request,
            told.sink(),
            CancellationToken::new(),
        );
        let parts = until("three parts", async || told.log("put").len() >= 3);
        tokio::select! {
            done = publishing => panic!("it was to be interrupted: {done:?}"),
            () = parts => {}
        }
    }
    let uploads = fs_err::read_dir(world.server.data().join("uploads")).unwrap();
    for file in uploads {
        let path = file.unwrap().path();
        let mut bytes = fs_err::read(&path).unwrap();
        bytes[1000] ^= 1;
        fs_err::write(&path, bytes).unwrap();
    }

    let told = Told::default();
    let request = world.request(&build, "2.5.0");
    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert!(
        told.log("put").iter().any(|line| line.contains("damaged")),
        "{:?}",
        told.log("put")
    );
    assert_eq!(published.sequence, Sequence(1));
}

#[tokio::test]
async fn publishing_the_same_again_changes_nothing() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let first = world.publish(&build, "2.5.0").await.unwrap();

    let again = world.publish(&build, "2.5.0").await.unwrap();

    assert!(again.stored_before);
    assert_eq!(
        (again.sequence, again.activity_entry),
        (first.sequence, None)
    );
    assert_eq!(again.channel, first.channel);
    let published = world.client.activity_since(&world.app, 0).await.unwrap();
    let published = published
        .iter()
        .filter(|entry| entry.statement.action == ActionKind::Published)
        .count();
    assert_eq!(published, 1);
}

#[tokio::test]
async fn a_release_that_is_stored_goes_to_another_channel_without_an_upload() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    world.publish(&build, "2.5.0").await.unwrap();
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.channel = channel("hotfix");

    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert!(told.log("put").is_empty());
    assert_eq!(published.sequence, Sequence(2));
    assert_eq!(world.offered("hotfix").await.as_deref(), Some("2.5.0"));
}

#[tokio::test]
async fn cancelling_while_it_uploads_leaves_nothing() {
    let world = World::new().await;
    let build = WebBuild::large(1, 1_500_000);
    let (told, cancel) = (Told::default(), CancellationToken::new());
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    let (client, sink, token) = (world.client.clone(), told.sink(), cancel.clone());
    let running = tokio::spawn(async move { publish(&client, request, sink, token).await });
    until("three parts", async || told.log("put").len() >= 3).await;

    cancel.cancel();
    let error = running.await.unwrap().unwrap_err();

    assert!(
        matches!(error, PublishError::Cancelled { ready: None, .. }),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "Cancelled. staging offers what it offered before"
    );
    assert!(world.drafts().await.is_empty());
    assert_eq!(
        fs_err::read_dir(world.server.data().join("uploads"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(world.offered("staging").await, None);
    world.publish(&build, "2.5.0").await.unwrap();
}

#[tokio::test]
async fn cancelling_at_any_step_changes_nothing_for_devices() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    world.publish(&build, "1.0.0").await.unwrap();
    let next = build.changed();
    for (number, step) in (1..).zip([
        Step::Bundling,
        Step::Signing,
        Step::Uploading,
        Step::Verifying,
    ]) {
        let cancel = CancellationToken::new();
        let token = cancel.clone();
        let stop_there = move |event: PublishEvent| {
            if event == PublishEvent::Began(step) {
                token.cancel();
            }
        };
        let version = format!("2.0.{number}");
        let error = publish(
            &world.client,
            world.request(&next, &version),
            stop_there,
            cancel,
        )
        .await
        .unwrap_err();
        assert!(error.is_cancelled(), "{step}: {error:?}");
        assert_eq!(
            world.offered("staging").await.as_deref(),
            Some("1.0.0"),
            "{step}"
        );
        assert!(world.drafts().await.is_empty(), "{step}");
    }
    // After the last step began there is nothing to cancel any more.
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    let too_late = move |event: PublishEvent| {
        if event == PublishEvent::Began(Step::Live) {
            token.cancel();
        }
    };
    publish(
        &world.client,
        world.request(&next, "2.1.0"),
        too_late,
        cancel,
    )
    .await
    .unwrap();
    assert_eq!(world.offered("staging").await.as_deref(), Some("2.1.0"));
}

#[tokio::test]
async fn a_reviewed_scan_and_an_open_key_are_published() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let scan = scan(
        &build.path(),
        &Ignored::default(),
        None,
        &NoProgress,
        &CancellationToken::new(),
    )
    .unwrap();
    let mut request = world.request(&build, "2.5.0");
    request.input = Input::Scan(Box::new(scan));
    request.signer = Signer::open("main", world.key());

    let published = publish(&world.client, request, |_| {}, CancellationToken::new())
        .await
        .unwrap();

    assert_eq!(published.signed_by, world.public.id());
}

#[tokio::test]
async fn a_bundle_that_devices_fetch_elsewhere_is_checked_and_the_operator_is_told() {
    // A name that no resolver knows: devices may, this computer does not (RFC 2606).
    let server = TestServer::builder()
        .public_url("https://ota.invalid")
        .start();
    let world = World::on(server).await;
    let published = world.publish(&WebBuild::new(1), "2.5.0").await.unwrap();
    let [warning] = &published.warnings[..] else {
        panic!("{:?}", published.warnings)
    };
    assert!(
        warning.starts_with("Devices fetch the bundle from https://ota.invalid/b/tidepool/"),
        "{warning}"
    );
}

#[tokio::test]
async fn a_designer_without_the_right_leaves_a_release_that_is_offered_nowhere() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let designer = world.client_with(&world.server.token(Role::Designer));
    let error = publish(
        &designer,
        world.request(&build, "2.5.0"),
        |_| {},
        CancellationToken::new(),
    )
    .await
    .unwrap_err();
    assert!(
        matches!(&error, PublishError::Client(error) if error.code() == Some(ota_api::ProblemCode::Forbidden))
    );
    assert_eq!(world.offered("staging").await, None);
    // Whoever may goes on with it.
    assert!(world.publish(&build, "2.5.0").await.unwrap().stored_before);
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up_and_the_publication_can_be_repeated() {
    let world = World::new().await;
    let build = WebBuild::large(1, 1_500_000);
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    request.options.patience = Duration::from_millis(700);
    let (client, sink) = (world.client.clone(), told.sink());
    let running =
        tokio::spawn(
            async move { publish(&client, request, sink, CancellationToken::new()).await },
        );
    until("three parts", async || told.log("put").len() >= 3).await;
    world.server.stop();

    let error = running.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, PublishError::Client(error) if error.is_unreachable()),
        "{error:?}"
    );

    world.server.restart();
    assert_eq!(world.offered("staging").await, None);
    let published = world.publish(&build, "2.5.0").await.unwrap();
    assert_eq!(published.sequence, Sequence(1));
}
