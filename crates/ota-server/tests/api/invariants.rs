//! What architecture promises: checks touch nothing but memory, and what is committed is seen.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use ota_api::ProblemCode;
use reqwest::{Method, header};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use crate::support::{Fixture, Signer, promote, publish, rollback, send};

#[tokio::test]
async fn checks_answer_without_database_and_files() {
    let app = Fixture::start().await;
    app.live("1.0.0", "production").await;
    app.live("2.0.0", "production").await;
    let offered = app.check("production", 1).await.manifest.unwrap();

    // Everything the server has is gone: the tables, the files, the folders.
    let database = app.database().await;
    let tables = Statement::from_string(
        database.get_database_backend(),
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    for table in database.query_all_raw(tables).await.unwrap() {
        let name: String = table.try_get("", "name").unwrap();
        database
            .execute_unprepared(&format!("DROP TABLE {name}"))
            .await
            .unwrap();
    }
    fs_err::remove_file(app.data().join("switchtower.sqlite3")).unwrap();
    fs_err::remove_dir_all(app.data().join("blobs")).unwrap();
    fs_err::remove_dir_all(app.data().join("uploads")).unwrap();

    let broken = app.get("/v1/apps").await;
    assert_ne!(
        broken.status,
        200,
        "the admin API does need it: {}",
        broken.text()
    );
    assert_eq!(app.check("production", 1).await.manifest.unwrap(), offered);
    assert_eq!(app.check("production", 2).await.status, 204);
    assert_eq!(app.check("beta", 0).await.status, 204);
}

#[tokio::test]
async fn checks_wait_for_no_writer() {
    let app = Fixture::start().await;
    app.live("1.0.0", "production").await;
    let database = app.database().await;
    // Somebody else holds the database's only write lock.
    database
        .execute_unprepared("BEGIN EXCLUSIVE")
        .await
        .unwrap();

    for _ in 0..100 {
        assert_eq!(app.check("production", 0).await.sequence(), Some(1));
    }

    database.execute_unprepared("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn what_was_answered_is_what_devices_see() {
    let app = Fixture::start().await;
    let releases = [app.release("1.0.0").await, app.release("2.0.0").await];
    for round in 0..20 {
        let wanted = &releases[round % 2];
        let live = app
            .deploy("beta", publish(wanted))
            .await
            .channel
            .live
            .unwrap();
        let seen = app.check("beta", 0).await;
        assert_eq!(
            seen.sequence(),
            Some(live.sequence.0),
            "in the very next check"
        );
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_stale_view() {
    let app = Fixture::start().await;
    let releases = [app.release("1.0.0").await, app.release("2.0.0").await];
    for round in 0..40 {
        let wanted = &releases[round % 2];
        let revision = app.channel("beta").await.revision;
        let request = app
            .request(Method::POST, "/v1/apps/acme/channels/beta/deployments")
            .header(header::IF_MATCH, revision.0)
            .json(&publish(wanted));
        {
            // Goes away after so many steps of its connection: before, during and after the change.
            let mut sending = pin!(request.send());
            let mut steps = 0;
            poll_fn(|context| {
                steps += 1;
                let finished = sending.as_mut().poll(context).is_ready();
                if finished || steps > round {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
        // Changes are made in order: this one is after it, whatever became of it.
        app.draft(&format!("9.0.{round}")).await;
        let live = app.channel("beta").await.live.map(|live| live.sequence.0);
        assert_eq!(app.check("beta", 0).await.sequence(), live, "round {round}");
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_read_back_is_not_made() {
    let app = Fixture::start().await;
    let old = app.live("1.0.0", "beta").await;
    app.live("2.0.0", "beta").await;
    let database = app.database().await;
    // Somebody edited the file: a time that this program never writes, and that nobody reads but for the view.
    database
        .execute_unprepared(
            "UPDATE releases SET created_at = 9223372036854775807 WHERE version = '1.0.0'",
        )
        .await
        .unwrap();
    let before = (app.channel("beta").await, app.log().await.len());

    app.try_deploy("beta", &rollback(&old))
        .await
        .refused(500, ProblemCode::Internal);

    // Committed and not visible would be the worst of all.
    assert_eq!((app.channel("beta").await, app.log().await.len()), before);
    assert_eq!(app.check("beta", 1).await.version(), Some("2.0.0"));
}

/// What every device is told that is not ahead of its channel: those that are would change it by asking.
async fn all_answers(app: &Fixture) -> Vec<String> {
    let mut answers = Vec::new();
    for channel in ["hotfix", "staging", "beta", "production"] {
        let live = app.channel(channel).await.live;
        for current in 0..=live.map_or(0, |live| live.sequence.0) {
            let check = app.check(channel, current).await;
            answers.push(format!(
                "{channel} {current} {} {:?}",
                check.status, check.manifest
            ));
        }
    }
    answers
}

#[tokio::test]
async fn after_every_change_devices_see_what_a_fresh_start_would_show_them() {
    let mut app = Fixture::start().await;
    let first = app.release("1.0.0").await;
    let second = app.release("2.0.0").await;
    let same_bytes = app
        .release_of("2.0.1", &crate::support::site("2.0.0"))
        .await;
    let recall = json!({ "reason": "the page stays blank" });
    let built_in = json!({ "action": "built_in", "reason": "everything is broken" });
    let deployments = |channel: &str| format!("channels/{channel}/deployments");
    let changes = [
        (Method::POST, deployments("beta"), publish(&first)),
        (
            Method::POST,
            deployments("production"),
            promote("beta", &first),
        ),
        (
            Method::PATCH,
            format!("releases/{first}"),
            json!({ "notes": "Live" }),
        ),
        (
            Method::PATCH,
            format!("releases/{second}"),
            json!({ "notes": "Not live yet" }),
        ),
        (Method::POST, deployments("beta"), publish(&second)),
        (Method::POST, deployments("staging"), publish(&same_bytes)),
        (
            Method::POST,
            "keys".to_owned(),
            serde_json::to_value(Signer::new().trust("new", "acme")).unwrap(),
        ),
        (Method::POST, deployments("production"), built_in),
        (
            Method::PATCH,
            "channels/beta".to_owned(),
            json!({ "paused": true }),
        ),
        (
            Method::PATCH,
            String::new(),
            json!({ "default_channel": "staging" }),
        ),
        (
            Method::PATCH,
            "channels/beta".to_owned(),
            json!({ "paused": false }),
        ),
        (Method::POST, deployments("beta"), rollback(&first)),
        (
            Method::POST,
            format!("releases/{same_bytes}/recall"),
            recall.clone(),
        ),
        (Method::POST, format!("releases/{first}/recall"), recall),
    ];
    for (method, path, body) in changes {
        let channel = path
            .strip_prefix("channels/")
            .and_then(|path| path.split('/').next());
        let revision = match channel {
            Some(channel) => app.channel(channel).await.revision.0,
            None => 0,
        };
        let url = format!("/v1/apps/acme/{path}");
        let request = app
            .request(method, url.trim_end_matches('/'))
            .header(header::IF_MATCH, revision)
            .json(&body);
        send(request).await.value();
        let seen = all_answers(&app).await;

        app = app.restart().await;

        assert_eq!(all_answers(&app).await, seen, "after {path} {body}");
    }
}

#[tokio::test]
async fn what_a_crash_left_of_a_blob_is_removed_at_the_next_start() {
    let app = Fixture::start().await;
    app.live("1.0.0", "beta").await;
    let blobs = app.data().join("blobs");
    let shelf = fs_err::read_dir(&blobs)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let before = fs_err::read_dir(&shelf).unwrap().count();
    fs_err::write(shelf.join(format!("{}#1", "ab".repeat(32))), "half").unwrap();

    let app = app.restart().await;

    assert_eq!(fs_err::read_dir(&shelf).unwrap().count(), before);
    let manifest = app.check("beta", 0).await.manifest.unwrap();
    let url = url::Url::parse(manifest["url"].as_str().unwrap()).unwrap();
    assert_eq!(send(app.bare(Method::GET, url.path())).await.status, 200);
}

#[tokio::test]
async fn faults_are_told_without_their_cause() {
    let app = Fixture::start().await;
    let database = app.database().await;
    database
        .execute_unprepared("UPDATE apps SET default_channel = 'NOT A NAME'")
        .await
        .unwrap();

    let problem = app
        .get("/v1/apps/acme")
        .await
        .refused(500, ProblemCode::Internal);

    let id = problem.request_id.unwrap();
    assert!(problem.detail.contains(&id));
    assert!(!problem.detail.contains("NOT A NAME"));
}

#[tokio::test]
async fn many_clients_at_once_leave_one_history() {
    let app = Fixture::start().await;
    let id = app.release("1.0.0").await;
    let other = app.release("2.0.0").await;
    let tries = (0..30).map(|turn| {
        let (app, action) = (&app, publish(if turn % 2 == 0 { &id } else { &other }));
        async move { app.try_deploy("beta", &action).await.status.as_u16() }
    });

    let answers = futures_util::future::join_all(tries).await;

    let made = answers.iter().filter(|status| **status == 200).count() as u64;
    assert!(
        made >= 1 && answers.iter().all(|status| matches!(status, 200 | 409)),
        "{answers:?}"
    );
    let overview = app.get("/v1/apps/acme").await.value();
    assert_eq!(overview["app"]["last_sequence"], made);
    assert_eq!(app.channel("beta").await.revision.0, 1 + made);
    let answer = send(app.bare(Method::GET, "/healthz")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(json!(app.log().await.len()), overview["activity_head"]);
}
