//! Drafts, versions, notes, lists.

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use ota_api::{ProblemCode, ReleasePage};
use serde_json::json;

use crate::support::{Fixture, publish, site, until};

#[tokio::test]
async fn a_ready_release_tells_everything() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "beta").await;

    let release = app
        .get(&format!("/v1/apps/acme/releases/{id}"))
        .await
        .value();

    assert_json_snapshot!(release, {
        ".id" => "[id]",
        ".artifacts[].sha256" => "[sha256]",
        ".artifacts[].size_bytes" => "[size]",
        ".artifacts[].key_id" => "[key]",
        ".artifacts[].signature" => "[signature]",
        ".artifacts[].url" => "[url]",
        ".unpacked_bytes" => "[size]",
    }, @r#"
    {
      "artifacts": [
        {
          "key_id": "[key]",
          "kind": "tar_gz",
          "sha256": "[sha256]",
          "signature": "[signature]",
          "size_bytes": "[size]",
          "url": "[url]"
        }
      ],
      "created_at": "2026-11-21T09:00:00Z",
      "created_by": "mika",
      "files": 2,
      "id": "[id]",
      "installers": [],
      "kind": "web",
      "live_on": [
        "beta"
      ],
      "max_binary_version": null,
      "min_binary_version": "1.0.0",
      "notes": "",
      "sequence": 1,
      "state": "ready",
      "unpacked_bytes": "[size]",
      "version": "2.0.0"
    }
    "#);
}

#[tokio::test]
async fn the_listing_names_every_file() {
    let app = Fixture::start().await;
    let id = app.draft("2.0.0").await;
    let path = format!("/v1/apps/acme/releases/{id}/listing");
    app.get(&path).await.refused(409, ProblemCode::NotReady);
    let bytes = site("2.0.0");
    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    app.finalize(&id).await.value();

    let listing: ota_bundle::Listing = app.get(&path).await.ok();

    let names: Vec<_> = listing
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(names, ["app.js", "index.html"]);
    assert_eq!(
        listing.files[0].sha256,
        ota_model::Sha256::of(b"console.log('here')")
    );
}

#[tokio::test]
async fn the_same_version_twice_names_the_release_that_has_it() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;

    let again = app
        .post(
            "/v1/apps/acme/releases",
            &json!({ "version": "2.0.0", "min_binary_version": "1.0.0" }),
        )
        .await;

    let problem = again.refused(409, ProblemCode::VersionExists);
    assert_eq!(problem.release.as_deref(), Some(id.as_str()));
    assert!(problem.detail.contains(&id), "{}", problem.detail);
    let found: ReleasePage = app.get("/v1/apps/acme/releases?version=2.0.0").await.ok();
    assert_eq!(found.releases[0].id.0, id);
}

#[tokio::test]
async fn a_recalled_version_stays_taken() {
    let app = Fixture::start().await;
    let id = app.release("2.0.0").await;
    app.recall(&id).await.value();

    let body = json!({ "version": "2.0.0", "min_binary_version": "1.0.0" });

    let problem = app
        .post("/v1/apps/acme/releases", &body)
        .await
        .refused(409, ProblemCode::VersionExists);
    assert!(problem.detail.contains("recalled"), "{}", problem.detail);
}

#[tokio::test]
async fn a_version_that_is_not_semver_is_422() {
    let app = Fixture::start().await;
    for (version, min, max) in [
        ("2.5", "1.0.0", None),
        ("v2.5.0", "1.0.0", None),
        ("02.5.0", "1.0.0", None),
        ("", "1.0.0", None),
        ("2.5.0", "1.0", None),
        ("2.5.0", "1.0.0", Some("two")),
        ("2.5.0", "1.0.0", Some("1.0.0")),
        ("2.5.0", "1.0.0", Some("0.9.0")),
    ] {
        let body =
            json!({ "version": version, "min_binary_version": min, "max_binary_version": max });
        app.post("/v1/apps/acme/releases", &body)
            .await
            .refused(422, ProblemCode::Invalid);
    }
    let body = json!({ "version": "2.5", "min_binary_version": "1.0.0" });
    let problem = app
        .post("/v1/apps/acme/releases", &body)
        .await
        .refused(422, ProblemCode::Invalid);
    assert_snapshot!(problem.detail, @"The version “2.5” is not a semantic version (unexpected end of input while parsing minor version number). Nothing was changed. Write three numbers, such as 2.5.0 or 2.5.0-ota.3");
}

#[tokio::test]
async fn notes_change_at_any_time_and_devices_get_the_new_ones() {
    let app = Fixture::start().await;
    let id = app.live("2.0.0", "production").await;

    app.patch(
        &format!("/v1/apps/acme/releases/{id}"),
        &json!({ "notes": "Faster start" }),
    )
    .await
    .value();

    assert_eq!(
        app.check("production", 0).await.manifest.unwrap()["notes"],
        "Faster start"
    );
    app.patch(
        &format!("/v1/apps/acme/releases/{id}"),
        &json!({ "notes": "x", "version": "3.0.0" }),
    )
    .await
    .refused(400, ProblemCode::Malformed);
}

#[tokio::test]
async fn a_draft_is_discarded_with_its_bytes_and_a_release_is_not() {
    let app = Fixture::start().await;
    let id = app.draft("2.0.0").await;
    let bytes = site("2.0.0");
    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    let files = || {
        fs_err::read_dir(app.data().join("uploads"))
            .unwrap()
            .count()
    };
    assert_eq!(files(), 1);

    assert_eq!(
        app.delete(&format!("/v1/apps/acme/releases/{id}"))
            .await
            .status,
        204
    );

    assert_eq!(files(), 0);
    app.get(&format!("/v1/apps/acme/releases/{id}"))
        .await
        .refused(404, ProblemCode::UnknownRelease);
    assert_eq!(
        app.summaries().await.last().unwrap(),
        "Discarded the draft 2.0.0"
    );
    // The version is free again; what is ready stays.
    let ready = app.release("2.0.0").await;
    app.delete(&format!("/v1/apps/acme/releases/{ready}"))
        .await
        .refused(409, ProblemCode::NotADraft);
    app.deploy("production", publish(&ready)).await;
}

#[tokio::test]
async fn a_draft_is_never_deployed() {
    let app = Fixture::start().await;
    let id = app.draft("2.0.0").await;

    let problem = app
        .try_deploy("beta", &publish(&id))
        .await
        .refused(409, ProblemCode::NotReady);

    assert_snapshot!(problem.detail, @"2.0.0 is a draft: finalize it first. beta was not changed");
}

#[tokio::test]
async fn drafts_older_than_a_day_are_collected_with_their_bytes() {
    let app = Fixture::start().await;
    let kept = app.release("1.0.0").await;
    let old = app.draft("2.0.0").await;
    let bytes = site("2.0.0");
    app.upload(&old, &bytes, &app.sign(&bytes, "2.0.0")).await;
    app.clock.advance(TimeDelta::hours(23));
    let young = app.draft("3.0.0").await;
    app.clock
        .advance(TimeDelta::hours(1) + TimeDelta::seconds(1));
    fs_err::write(
        app.data().join("uploads/of-nobody.tar_gz.part"),
        "left behind",
    )
    .unwrap();

    // Garbage is looked for at each start, then every hour.
    let app = app.restart().await;

    until(|| async {
        let answer = app.get(&format!("/v1/apps/acme/releases/{old}")).await;
        (answer.status == 404).then_some(())
    })
    .await;
    until(|| async {
        let files = fs_err::read_dir(app.data().join("uploads"))
            .unwrap()
            .count();
        (files == 0).then_some(())
    })
    .await;
    for id in [kept, young] {
        app.get(&format!("/v1/apps/acme/releases/{id}"))
            .await
            .value();
    }
    let last = app.log().await.remove(0).statement;
    assert_eq!(
        (last.by.as_str(), last.summary.as_str()),
        ("server", "Discarded the draft 2.0.0")
    );
}

#[tokio::test]
async fn pages_hold_every_release_once() {
    let app = Fixture::start().await;
    for minor in 0..7 {
        app.draft(&format!("1.{minor}.0")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/apps/acme/releases?limit=3".to_owned();
    loop {
        let page: ReleasePage = app.get(&path).await.ok();
        assert!(page.releases.len() <= 3);
        seen.extend(
            page.releases
                .into_iter()
                .map(|release| release.version.to_string()),
        );
        let Some(next) = page.next else { break };
        path = format!("/v1/apps/acme/releases?limit=3&before={next}");
    }
    let built_in = seen.pop().unwrap();
    assert!(built_in.starts_with("0.0.0-builtin.k"), "{built_in}");
    assert_eq!(
        seen,
        [
            "1.6.0", "1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"
        ]
    );
    app.get("/v1/apps/acme/releases?limit=many")
        .await
        .refused(400, ProblemCode::Malformed);
}
