//! The log: one entry for each change, none for a refused one, and nobody rewrites it.

use ota_api::{ActivityPage, GENESIS, ProblemCode};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::{Fixture, promote, publish, rollback};

async fn busy_day() -> Fixture {
    let app = Fixture::start().await;
    let first = app.live("1.0.0", "beta").await;
    app.deploy("production", promote("beta", &first)).await;
    let second = app.live("2.0.0", "production").await;
    app.deploy("production", rollback(&first)).await;
    app.recall(&second).await.value();
    app.post("/v1/apps/acme/channels", &json!({ "name": "nightly" }))
        .await
        .value();
    app.patch("/v1/apps/acme", &json!({ "name": "Acme" }))
        .await
        .value();
    app
}

#[tokio::test]
async fn each_change_is_one_entry_in_words() {
    let app = busy_day().await;
    let key = app.signer.id();

    let told = app.summaries().await.join("\n").replace(&key, "[key]");

    insta::assert_snapshot!(told, @r"
    Created the app acme
    Trusts the key release key [key]
    Verified 1.0.0, signed with [key]
    Published 1.0.0 #1 to beta
    Promoted 1.0.0 #1 from beta to production
    Verified 2.0.0, signed with [key]
    Published 2.0.0 #2 to production
    Rolled back production to 1.0.0 as #3
    Recalled 2.0.0
    Created the channel nightly
    Changed the app acme: name Acme
    ");
}

#[tokio::test]
async fn every_hash_follows_from_the_one_before() {
    let app = busy_day().await;
    let mut log = app.log().await;
    log.reverse();

    let mut previous = GENESIS;
    for (number, entry) in (1..).zip(&log) {
        assert_eq!(entry.statement.entry, number);
        assert_eq!(entry.previous, previous);
        assert_eq!(entry.statement.hash_after(previous).unwrap(), entry.hash);
        previous = entry.hash;
    }
    let overview = app.get("/v1/apps/acme").await.value();
    assert_eq!(overview["activity_head"], log.len());
    // The chain goes on after a restart.
    let app = app.restart().await;
    app.draft("9.0.0").await;
    app.live("3.0.0", "beta").await;
    let entry = app.log().await.remove(1);
    assert_eq!(entry.previous, previous);
}

#[tokio::test]
async fn a_refused_change_leaves_no_entry() {
    let app = busy_day().await;
    let before = app.log().await;
    let live = app.channel("production").await.live.unwrap().release.0;

    app.try_deploy("production", &publish(&live))
        .await
        .refused(409, ProblemCode::AlreadyLive);
    app.deploy_seeing(
        "production",
        &json!({ "action": "built_in", "reason": "broken badly" }),
        0,
    )
    .await
    .refused(409, ProblemCode::RevisionConflict);
    app.post("/v1/apps", &json!({ "slug": "acme" }))
        .await
        .refused(409, ProblemCode::AppExists);
    app.post("/v1/apps/acme/channels", &json!({ "name": "beta" }))
        .await
        .refused(409, ProblemCode::ChannelExists);
    app.post("/v1/apps/acme/keys", &app.signer.trust("again", "acme"))
        .await
        .refused(409, ProblemCode::KeyExists);
    app.recall("01NOTHING")
        .await
        .refused(404, ProblemCode::UnknownRelease);

    assert_eq!(app.log().await, before);
}

#[tokio::test]
async fn the_database_itself_refuses_to_rewrite_the_log() {
    let app = busy_day().await;
    let before = app.log().await;
    let database = app.database().await;
    for statement in [
        "UPDATE activity SET statement = replace(statement, 'mika', 'nobody')",
        "UPDATE activity SET hash = '00' WHERE entry = 1",
        "DELETE FROM activity WHERE entry = 3",
        "DELETE FROM activity",
    ] {
        let error = database.execute_unprepared(statement).await.unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{statement}: {error}"
        );
    }
    assert_eq!(app.log().await, before);
}

#[tokio::test]
async fn pages_go_back_to_the_first_entry() {
    let app = busy_day().await;
    let all = app.log().await;
    let mut seen = Vec::new();
    let mut path = "/v1/apps/acme/activity?limit=4".to_owned();
    loop {
        let page: ActivityPage = app.get(&path).await.ok();
        assert_eq!(page.head, all.len() as u64);
        seen.extend(page.entries);
        let Some(next) = page.next else { break };
        path = format!("/v1/apps/acme/activity?limit=4&before={next}");
    }
    assert_eq!(seen, all);

    let huge: ActivityPage = app
        .get("/v1/apps/acme/activity?before=18446744073709551615")
        .await
        .ok();
    assert_eq!(huge.entries, all);
    let none: ActivityPage = app.get("/v1/apps/acme/activity?before=0").await.ok();
    assert_eq!((none.entries.len(), none.next), (0, None));
}

#[tokio::test]
async fn entries_of_a_promotion_name_everything_it_did() {
    let app = busy_day().await;
    let log = app.log().await;
    let entry = log.iter().find(|entry| entry.statement.entry == 5).unwrap();
    let statement = serde_json::to_value(&entry.statement).unwrap();
    insta::assert_json_snapshot!(statement, { ".digest" => "[sha256]" }, @r#"
    {
      "action": "promoted",
      "app": "acme",
      "at": "2026-11-21T09:00:00Z",
      "by": "mika",
      "channel": "production",
      "digest": "[sha256]",
      "entry": 5,
      "reason": null,
      "revision": 2,
      "sequence": 1,
      "summary": "Promoted 1.0.0 #1 from beta to production",
      "version": "1.0.0"
    }
    "#);
}
