//! An app with ten thousand releases. How long things take there is measured by `benches/check.rs`.

use ota_api::{Recalled, ReleasePage};
use sea_orm::ConnectionTrait as _;

use crate::support::{Fixture, publish};

async fn large() -> Fixture {
    let app = Fixture::start().await;
    let seed = include_str!("seed.sql");
    app.database().await.execute_unprepared(seed).await.unwrap();
    // Started anew, it sees what was put in behind its back.
    app.restart().await
}

#[tokio::test]
async fn checks_and_changes_work_among_ten_thousand_releases() {
    let app = large().await;
    assert_eq!(app.check("beta", 0).await.version(), Some("1.10000.0"));
    assert_eq!(app.check("beta", 9_999).await.sequence(), Some(10_000));

    let id = app.live("2.0.0", "beta").await;
    assert_eq!(app.check("beta", 10_000).await.sequence(), Some(10_001));
    let recalled: Recalled = app.recall(&id).await.ok();

    let live = recalled.moved[0].channel.live.as_ref().unwrap();
    assert_eq!(
        (live.version.to_string().as_str(), live.sequence.0),
        ("1.10000.0", 10_002)
    );
    app.deploy("production", publish("00SEED00000000000000000042"))
        .await;
    assert_eq!(app.check("production", 0).await.version(), Some("1.42.0"));
    // Who runs any of the old ones is known by its number.
    assert_eq!(
        app.check("production", 42).await.status,
        204,
        "the same bytes"
    );
}

#[tokio::test]
async fn every_release_is_on_one_page() {
    let app = large().await;
    let mut path = "/v1/apps/acme/releases?limit=200".to_owned();
    let mut seen = 0;
    let mut last: Option<String> = None;
    loop {
        let page: ReleasePage = app.get(&path).await.ok();
        for release in page.releases {
            assert!(
                last.as_ref().is_none_or(|last| *last > release.id.0),
                "the newest first"
            );
            last = Some(release.id.0);
            seen += 1;
        }
        let Some(next) = page.next else { break };
        path = format!("/v1/apps/acme/releases?limit=200&before={next}");
    }
    assert_eq!(seen, 10_001, "and the built-in one");
}
