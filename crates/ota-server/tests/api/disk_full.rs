//! The server's disk is full: said as such, nothing half-done, and the upload goes on when there is room.
//!
//! The server's data folder is on a file system of one and a half megabytes, in memory. Mounting one takes
//! root; where that is not allowed, the test fails and says so.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ota_api::{ProblemCode, ReleaseSummary, Role, Upload};
use ota_bundle::Format;

use crate::support::{Fixture, Signer, TestServer, archive, publish};

/// A tiny file system. Unmounted when dropped.
struct TinyDisk {
    place: tempfile::TempDir,
}

impl TinyDisk {
    fn mount() -> Self {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1536k", "switchtower-test"])
            .arg(place.path())
            .output()
            .unwrap();
        assert!(
            mounted.status.success(),
            "this test needs to mount a small file system: run it as root (for example in a container with \
             --cap-add=SYS_ADMIN). mount said: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Self { place }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    /// Takes all room but this many bytes.
    fn fill(&self, but: usize) -> PathBuf {
        use std::io::Write as _;
        let path = self.path().join("filler");
        let mut file = fs_err::File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        drop(file);
        let length = fs_err::metadata(&path).unwrap().len();
        let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length.saturating_sub(but as u64)).unwrap();
        path
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        // Lazily: the server of a failed test may still hold files.
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .stderr(Stdio::null())
            .status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// A build of about 300 kB that does not compress.
fn large_site() -> Vec<u8> {
    let noise: String = (0..8_000_u32)
        .map(|n| ota_model::Sha256::of(&n.to_le_bytes()).to_string())
        .collect();
    archive(
        &[
            ("index.html", "<title>large</title>"),
            ("noise.txt", &noise),
        ],
        Format::TarGz,
    )
}

fn files_below(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        count += if path.is_dir() { files_below(&path) } else { 1 };
    }
    count
}

async fn on(disk: &TinyDisk) -> Fixture {
    let server = TestServer::start_on(disk.path().join("data")).await;
    Fixture::on(server, Signer::new()).await
}

#[tokio::test]
async fn a_chunk_that_does_not_fit_is_given_back_and_the_upload_goes_on_later() {
    let disk = TinyDisk::mount();
    let app = on(&disk).await;
    app.live("1.0.0", "beta").await;
    let bytes = large_site();
    assert!(bytes.len() > 200_000, "{}", bytes.len());
    let id = app.draft("2.0.0").await;
    app.announce(&id, &bytes, &app.sign(&bytes, "2.0.0"))
        .await
        .value();
    app.append(&id, 0, &bytes[..50_000]).await.value();
    let filler = disk.fill(64 * 1024);

    let problem = app
        .append(&id, 50_000, &bytes[50_000..])
        .await
        .refused(507, ProblemCode::StorageFull);

    assert!(
        problem.detail.contains("What was live stays live"),
        "{}",
        problem.detail
    );
    let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
    let kept: Upload = app.get(&path).await.ok();
    assert_eq!(
        kept.offset, 50_000,
        "what was there is kept, what did not fit is given back"
    );
    assert_eq!(app.check("beta", 0).await.version(), Some("1.0.0"));
    fs_err::remove_file(filler).unwrap();
    app.append(&id, 50_000, &bytes[50_000..]).await.value();
    let ready: ReleaseSummary = app.finalize(&id).await.ok();
    app.deploy("beta", publish(&ready.id.0)).await;
    assert_eq!(app.check("beta", 1).await.version(), Some("2.0.0"));
}

#[tokio::test]
async fn a_release_that_does_not_fit_among_the_blobs_stays_a_draft() {
    let disk = TinyDisk::mount();
    let app = on(&disk).await;
    let bytes = large_site();
    let id = app.draft("2.0.0").await;
    app.upload(&id, &bytes, &app.sign(&bytes, "2.0.0")).await;
    let blobs = app.data().join("blobs");
    let before = (files_below(&blobs), app.summaries().await);
    let filler = disk.fill(64 * 1024);

    app.finalize(&id)
        .await
        .refused(507, ProblemCode::StorageFull);

    assert_eq!(
        (files_below(&blobs), app.summaries().await),
        before,
        "nothing half-done is left"
    );
    let draft = app
        .get(&format!("/v1/apps/acme/releases/{id}"))
        .await
        .value();
    assert_eq!(draft["state"], "draft");
    fs_err::remove_file(filler).unwrap();
    app.finalize(&id).await.value();
}

#[tokio::test]
async fn a_change_that_does_not_fit_into_the_database_is_not_made() {
    let disk = TinyDisk::mount();
    let app = on(&disk).await;
    app.live("1.0.0", "beta").await;
    let id = app.release("2.0.0").await;
    let before = (app.channel("beta").await, app.log().await);
    let filler = disk.fill(0);

    // The log of the database has some room of its own; sooner or later it is used up.
    let mut notes = 0;
    let refused = loop {
        let body = serde_json::json!({ "notes": "n".repeat(100_000 + notes) });
        let answer = app
            .patch(&format!("/v1/apps/acme/releases/{id}"), &body)
            .await;
        if !answer.status.is_success() {
            break answer;
        }
        notes += 1;
        assert!(notes < 100, "the disk never got full");
    };
    refused.refused(507, ProblemCode::StorageFull);
    app.try_deploy("beta", &publish(&id))
        .await
        .refused(507, ProblemCode::StorageFull);

    assert_eq!(app.channel("beta").await, before.0);
    assert_eq!(
        app.log().await.len(),
        before.1.len() + notes,
        "one entry for each change that was made"
    );
    assert_eq!(app.check("beta", 0).await.version(), Some("1.0.0"));
    fs_err::remove_file(filler).unwrap();
    app.deploy("beta", publish(&id)).await;
    assert_eq!(app.check("beta", 0).await.version(), Some("2.0.0"));
    let token = app.token("later", Role::Viewer, None).await;
    assert!(token.starts_with("swt_"));
}
