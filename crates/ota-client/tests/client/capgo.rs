//! Publishing for Capgo clients, held against the published `@capgo/cli`: what it makes is accepted, what we make it
//! opens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ota_api::{BeginUpload, CreateRelease, UpdateApp};
use ota_bundle::CancellationToken;
use ota_client::{CapgoSigner, PublishError, Published, publish};
use ota_keys::{CapgoCustody as _, CapgoKey, MemoryCustody, TrustedComment};
use ota_model::ClientSystem::{self, Capgo, Hotswap, NativeBundle};
use ota_model::{ArtifactKind, CapgoSeal, ReleaseKind, Sha256, Systems};
use ota_testing::{WebBuild, capgo_cli};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::World;

/// A project as the CLI wants to find it.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let package = json!({
            "name": "tidepool", "version": "2.0.0",
            "dependencies": { "@capacitor/core": "7.0.0", "@capgo/capacitor-updater": "8.51.23" },
        });
        let config = json!({
            "appId": "com.example.tidepool", "appName": "tidepool", "webDir": "dist",
            "plugins": { "CapacitorUpdater": {} },
        });
        let project = Self { folder };
        project.write("package.json", package.to_string().as_bytes());
        project.write("capacitor.config.json", config.to_string().as_bytes());
        // Which it asks for its version, to choose the form of checksums.
        let plugin = json!({ "name": "@capgo/capacitor-updater", "version": "8.51.23" });
        project.write(
            "node_modules/@capgo/capacitor-updater/package.json",
            plugin.to_string().as_bytes(),
        );
        project.write(
            "dist/index.html",
            b"<!doctype html><script src=app.js></script>",
        );
        project.write("dist/app.js", b"CapacitorUpdater.notifyAppReady()");
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs_err::read(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let ran = Command::new("node")
            .arg("--no-warnings")
            .arg(capgo_cli())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CI", "1")
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let (out, errors) = (
            String::from_utf8_lossy(&ran.stdout).into_owned(),
            String::from_utf8_lossy(&ran.stderr).into_owned(),
        );
        assert!(ran.status.success(), "{arguments:?}: {out}{errors}");
        out
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let out = self.run(arguments);
        serde_json::from_str(&out[out.find('{').unwrap()..]).unwrap()
    }

    /// Gives the app's public key, as it stands in its configuration.
    fn configure(&self, public_pem: &str) {
        let config = json!({
            "appId": "com.example.tidepool", "appName": "tidepool", "webDir": "dist",
            "plugins": { "CapacitorUpdater": { "publicKey": public_pem } },
        });
        self.write("capacitor.config.json", config.to_string().as_bytes());
    }
}

async fn serve(world: &World, serves: &[ClientSystem], key: Option<&CapgoKey>) {
    let systems = Systems {
        serves: serves.iter().copied().collect(),
        capgo_public_key: key.map(|key| key.public_pem().unwrap()),
        ..Systems::default()
    };
    let change = UpdateApp {
        systems: Some(systems),
        ..UpdateApp::default()
    };
    world.client.update_app(&world.app, &change).await.unwrap();
}

/// What a Capgo device on staging is told.
async fn update(world: &World) -> Value {
    let url = format!("{}/feeds/capgo/tidepool/updates", world.server.url());
    let asked = json!({
        "platform": "android", "version_build": "1.4.2", "version_name": "1.4.2",
        "defaultChannel": "staging",
    });
    let answer = reqwest::Client::new().post(url).json(&asked).send();
    answer.await.unwrap().json().await.unwrap()
}

async fn fetch(url: &Value) -> Vec<u8> {
    let answer = reqwest::get(url.as_str().unwrap()).await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

async fn try_publish(
    world: &World,
    build: &WebBuild,
    version: &str,
    capgo: Option<CapgoSigner>,
) -> Result<Published, PublishError> {
    let mut request = world.request(build, version);
    request.capgo = capgo;
    publish(&world.client, request, |_| {}, CancellationToken::new()).await
}

fn kinds(published: &Published) -> Vec<ArtifactKind> {
    let artifacts = published.release.artifacts.iter();
    let mut kinds: Vec<_> = artifacts.map(|artifact| artifact.kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn one_publication_makes_every_archive_that_the_clients_need() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    serve(&world, &[Hotswap, Capgo, NativeBundle], None).await;

    let published = try_publish(&world, &build, "2.5.0", None).await.unwrap();

    assert_eq!(kinds(&published), [ArtifactKind::TarGz, ArtifactKind::Zip]);
    let listing = world
        .client
        .listing(&world.app, &published.release.id)
        .await
        .unwrap();
    assert_eq!(listing.files.len() as u64, published.files);
    let update = update(&world).await;
    assert_eq!(update["version"], "2.5.0");
    let zip = fetch(&update["url"]).await;
    assert_eq!(update["checksum"], Sha256::of(&zip).to_string());
    assert_eq!(world.offered("staging").await.as_deref(), Some("2.5.0"));

    let again = try_publish(&world, &build, "2.5.0", None).await.unwrap();
    assert!(again.stored_before);
}

#[tokio::test]
async fn an_encrypted_bundle_is_opened_by_the_capgo_cli() {
    let world = World::new().await;
    let build = WebBuild::large(1, 700_000);
    let key = CapgoKey::generate().unwrap();
    serve(&world, &[Hotswap, Capgo, NativeBundle], Some(&key)).await;
    let custody = Arc::new(MemoryCustody::new());
    let name = "tidepool".parse().unwrap();
    custody
        .create_capgo(&name, &key, chrono::Utc::now())
        .unwrap();

    let kept = CapgoSigner::kept(custody.clone(), None);
    let published = try_publish(&world, &build, "2.5.0", Some(kept))
        .await
        .unwrap();

    assert_eq!(
        kinds(&published),
        [
            ArtifactKind::TarGz,
            ArtifactKind::Zip,
            ArtifactKind::CapgoZip
        ]
    );
    let update = update(&world).await;
    let artifacts = &published.release.artifacts;
    let plain = artifacts
        .iter()
        .find(|artifact| artifact.kind == ArtifactKind::Zip)
        .unwrap();
    let project = Project::new();
    project.configure(&key.public_pem().unwrap());
    project.write("bundle.zip", &fetch(&update["url"]).await);
    let session_key = update["session_key"].as_str().unwrap();
    let checksum = update["checksum"].as_str().unwrap();
    let told = project.run(&[
        "bundle",
        "decrypt",
        "bundle.zip",
        session_key,
        "--checksum",
        checksum,
    ]);
    assert!(told.contains("Checksum matches"), "{told}");
    let opened = project.read("bundle.zip_decrypted.zip");
    assert_eq!(Sha256::of(&opened), plain.sha256);

    // The same again is the same: the session key is drawn from the private key and the archive.
    let kept = CapgoSigner::kept(custody, None);
    let again = try_publish(&world, &build, "2.5.0", Some(kept))
        .await
        .unwrap();
    assert!(again.stored_before);
}

#[tokio::test]
async fn what_the_capgo_cli_makes_is_accepted() {
    let world = World::new().await;
    let project = Project::new();
    project.run(&["key", "create", "--force"]);
    let pem = String::from_utf8(project.read(".capgo_key_v2")).unwrap();
    let key = CapgoKey::import(&pem).unwrap();
    let public = String::from_utf8(project.read(".capgo_key_v2.pub")).unwrap();
    assert_eq!(key.public_pem().unwrap().trim(), public.trim());
    serve(&world, &[Capgo], Some(&key)).await;
    let zipped = project.json(&[
        "bundle",
        "zip",
        "com.example.tidepool",
        "--path",
        "dist",
        "--name",
        "plain.zip",
        "--bundle",
        "2.5.0",
        "--no-code-check",
        "--json",
    ]);
    let checksum = zipped["checksum"].as_str().unwrap();
    let sealed = project.json(&[
        "bundle",
        "encrypt",
        "plain.zip",
        checksum,
        "--key",
        ".capgo_key_v2",
        "--json",
    ]);
    let seal = seal_of(&sealed);
    let path = project.path(sealed["filename"].as_str().unwrap());
    upload(&world, "2.5.0", &path, seal).await.unwrap();

    // Another archive than the sealed one is not taken.
    let sealed = project.json(&[
        "bundle",
        "encrypt",
        "plain.zip",
        &"ab".repeat(32),
        "--key",
        ".capgo_key_v2",
        "--json",
    ]);
    let other = seal_of(&sealed);
    let refused = upload(&world, "2.5.1", &path, other).await.unwrap_err();
    assert!(
        refused.contains("other bytes than its checksum"),
        "{refused}"
    );
}

/// As `bundle encrypt --json` prints it.
fn seal_of(sealed: &Value) -> CapgoSeal {
    CapgoSeal {
        session_key: sealed["ivSessionKey"].as_str().unwrap().to_owned(),
        checksum: sealed["checksum"].as_str().unwrap().to_owned(),
    }
}

/// Signs and uploads an encrypted archive, and finalizes its release.
async fn upload(world: &World, version: &str, path: &Path, seal: CapgoSeal) -> Result<(), String> {
    let draft = CreateRelease {
        kind: ReleaseKind::Web,
        version: version.to_owned(),
        notes: String::new(),
        min_binary_version: "1.0.0".to_owned(),
        max_binary_version: None,
    };
    let (client, app) = (&world.client, &world.app);
    let draft = client.create_release(app, &draft).await.unwrap();
    let bytes = fs_err::read(path).unwrap();
    let comment = TrustedComment::new(
        chrono::Utc::now(),
        "bundle.zip".to_owned(),
        version.to_owned(),
        app.clone(),
    )
    .unwrap();
    let announcement = BeginUpload {
        sha256: Sha256::of(&bytes),
        size_bytes: bytes.len() as u64,
        signature: world
            .key()
            .sign(bytes.as_slice(), &comment)
            .unwrap()
            .text()
            .to_owned(),
        file: None,
        seal: Some(seal),
    };
    let slot = ArtifactKind::CapgoZip.into();
    client
        .begin_upload(app, &draft.id, &slot, &announcement)
        .await
        .unwrap();
    let length = bytes.len() as u64;
    client
        .append_chunk(app, &draft.id, &slot, 0, length, reqwest::Body::from(bytes))
        .await
        .unwrap();
    let finalized = client.finalize(app, &draft.id).await;
    finalized.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn without_the_right_capgo_key_nothing_is_uploaded() {
    let world = World::new().await;
    let build = WebBuild::new(1);
    let key = CapgoKey::generate().unwrap();
    serve(&world, &[Capgo], Some(&key)).await;

    let missing = try_publish(&world, &build, "2.5.0", None).await;
    assert!(matches!(missing, Err(PublishError::CapgoKeyMissing { .. })));
    let empty = CapgoSigner::kept(Arc::new(MemoryCustody::new()), None);
    let missing = try_publish(&world, &build, "2.5.0", Some(empty)).await;
    assert!(matches!(missing, Err(PublishError::CapgoKeyMissing { .. })));
    let other = CapgoSigner::open(CapgoKey::generate().unwrap());
    let wrong = try_publish(&world, &build, "2.5.0", Some(other)).await;
    assert!(matches!(wrong, Err(PublishError::OtherCapgoKey { .. })));
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn a_version_that_native_bundle_clients_misread_is_refused() {
    let world = World::new().await;
    serve(&world, &[Hotswap, NativeBundle], None).await;

    let refused = try_publish(&world, &WebBuild::new(1), "2.5.0-ota.3", None).await;

    assert!(matches!(refused, Err(PublishError::VersionNotPlain { .. })));
    assert!(world.drafts().await.is_empty());
}

#[tokio::test]
async fn a_version_that_may_be_a_binarys_own_is_pointed_out() {
    let world = World::new().await;
    serve(&world, &[Capgo], None).await;

    // The needed binary is 1.0.0.
    let published = try_publish(&world, &WebBuild::new(1), "1.0.0", None)
        .await
        .unwrap();

    assert_eq!(published.warnings.len(), 1, "{:?}", published.warnings);
}
