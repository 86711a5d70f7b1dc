//! What a channel offered.

use chrono::TimeDelta;
use ota_api::DeploymentRecord;

use crate::support::{Fixture, rollback};

#[tokio::test]
async fn history_tells_from_when_until_when_and_how() {
    let app = Fixture::start().await;
    let first = app.live("1.0.0", "beta").await;
    app.clock.advance(TimeDelta::minutes(5));
    let second = app.live("2.0.0", "beta").await;
    app.clock.advance(TimeDelta::minutes(5));
    app.deploy("beta", rollback(&first)).await;
    app.recall(&second).await.value();

    let records: Vec<DeploymentRecord> = app
        .get("/v1/apps/acme/channels/beta/deployments")
        .await
        .ok();

    let told: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record.live.version.to_string(),
                record.live.sequence.0,
                format!("{:?}", record.live.kind),
                record.live.since.format("%H:%M").to_string(),
                record.until.map(|until| until.format("%H:%M").to_string()),
                record.recalled,
            )
        })
        .collect();
    let row = |version: &str, number, kind: &str, since: &str, until: Option<&str>, recalled| {
        (
            version.to_owned(),
            number,
            kind.to_owned(),
            since.to_owned(),
            until.map(str::to_owned),
            recalled,
        )
    };
    assert_eq!(
        told,
        [
            row("1.0.0", 3, "Rollback", "09:10", None, false),
            row("2.0.0", 2, "Publish", "09:05", Some("09:10"), true),
            row("1.0.0", 1, "Publish", "09:00", Some("09:05"), false),
        ]
    );
}
