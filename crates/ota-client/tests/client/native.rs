//! Installers on their way to devices.

use std::path::{Path, PathBuf};

use ota_api::UpdateApp;
use ota_bundle::installers::{InstallerFile, recognise};
use ota_client::{
    CancellationToken, Hint as _, NativeRequest, PublishError, PublishedNative, Step,
    publish_native,
};
use ota_keys::{Password, SecretKey, TrustedComment};
use ota_model::{ClientSystem, Lane, Systems};
use semver::Version;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Told, World, channel, small_parts};

/// The beginning of an `AppImage`, with something of its own behind it.
fn appimage(text: &str) -> Vec<u8> {
    let mut bytes = b"\x7FELF\x02\x01\x01\0AI\x02\0\0\0\0\0\x02\0\x3E\0".to_vec();
    bytes.resize(4096, 0);
    bytes.extend(text.as_bytes());
    bytes
}

fn deb(text: &str) -> Vec<u8> {
    let mut bytes =
        b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n".to_vec();
    bytes.resize(4096, b'\n');
    bytes.extend(text.as_bytes());
    bytes
}

/// A folder as the bundler leaves it.
struct Bundle(TempDir);

impl Bundle {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, bytes).unwrap();
        path
    }

    /// With a signature beside it, as the bundler writes it.
    fn write_signed(&self, name: &str, bytes: &[u8], key: &SecretKey, version: &str) -> PathBuf {
        let path = self.write(name, bytes);
        let app = "tidepool".parse().unwrap();
        let comment = TrustedComment::new(chrono::Utc::now(), "x", version, app).unwrap();
        let signature = key.sign(bytes, &comment).unwrap();
        self.write(&format!("{name}.sig"), signature.base64().as_bytes());
        path
    }

    fn installers(&self) -> Vec<InstallerFile> {
        recognise(&[self.0.path().to_owned()]).unwrap().installers
    }
}

fn request(world: &World, installers: Vec<InstallerFile>, version: &str) -> NativeRequest {
    NativeRequest {
        app: world.app.clone(),
        channel: channel("staging"),
        version: version.parse().unwrap(),
        notes: "Starts faster".to_owned(),
        min_version: Version::new(0, 0, 0),
        installers,
        signer: Some(world.signer()),
        seen: None,
        options: small_parts(1000),
    }
}

async fn publish(world: &World, request: NativeRequest) -> Result<PublishedNative, PublishError> {
    publish_native(&world.client, request, |_| {}, CancellationToken::new()).await
}

async fn world() -> World {
    let world = World::new().await;
    serve(&world, &[ClientSystem::Hotswap, ClientSystem::TauriUpdater]).await;
    world
}

async fn serve(world: &World, systems: &[ClientSystem]) {
    let change = UpdateApp {
        systems: Some(Systems {
            serves: systems.iter().copied().collect(),
            ..Systems::default()
        }),
        ..UpdateApp::default()
    };
    world.client.update_app(&world.app, &change).await.unwrap();
}

/// What an updater gets; nothing for 204.
async fn offered(world: &World, path: &str) -> Option<Value> {
    let url = format!("{}/feeds/tauri/tidepool/{path}", world.server.url());
    let answer = reqwest::get(url).await.unwrap();
    match answer.status().as_u16() {
        204 => None,
        200 => Some(answer.json().await.unwrap()),
        other => panic!("{other}"),
    }
}

const DEB: &str = "linux/x86_64/1.0.0?bundle_type=deb&channel=staging";
const APPIMAGE: &str = "linux/x86_64/1.0.0?bundle_type=appimage&channel=staging";

#[tokio::test]
async fn installers_of_a_folder_reach_devices_each_its_own() {
    let world = world().await;
    let bundle = Bundle::new();
    bundle.write("deb/Tide Pool_2.5.0_amd64.deb", &deb("2.5.0"));
    bundle.write_signed(
        "appimage/tidepool_2.5.0_amd64.AppImage",
        &appimage("2.5.0"),
        &world.key(),
        "2.5.0",
    );
    let told = Told::default();

    let request = request(&world, bundle.installers(), "2.5.0");
    let published = publish_native(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert_eq!(told.began(), Step::ALL);
    assert_eq!(published.release.installers.len(), 2);
    assert_eq!(published.signed_by, [world.public.id()]);
    assert_eq!(published.warnings, [""; 0]);
    assert_eq!(
        published.channel.native.unwrap().version.to_string(),
        "2.5.0"
    );
    assert_eq!(published.channel.live, None);
    for (path, file, bytes) in [
        (DEB, "Tide-Pool_2.5.0_amd64.deb", deb("2.5.0")),
        (APPIMAGE, "tidepool_2.5.0_amd64.AppImage", appimage("2.5.0")),
    ] {
        let offer = offered(&world, path).await.unwrap();
        let url = offer["url"].as_str().unwrap();
        assert!(url.ends_with(file), "{url}");
        let download = reqwest::get(url).await.unwrap().bytes().await.unwrap();
        assert_eq!(download, bytes);
        let signature: ota_keys::Signature = offer["signature"].as_str().unwrap().parse().unwrap();
        world.public.verify(&bytes[..], &signature).unwrap();
        assert!(signature.trusted_comment().contains("\tversion:2.5.0"));
    }
    world.verify_log().await;
}

#[tokio::test]
async fn a_signature_of_tauris_signer_is_taken_as_it_is() {
    let world = world().await;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ota-keys/tests/fixtures");
    let key = ota_keys::import_file(
        &keys.join("throw-away.key"),
        Some(&Password::new("correct horse")),
    )
    .unwrap();
    world
        .client
        .trust_key(&world.app, "tauri", &key)
        .await
        .unwrap();
    let installers = recognise(&[fixtures.join("acme_2.4.1_amd64.deb")])
        .unwrap()
        .installers;

    let wish = NativeRequest {
        signer: None,
        ..request(&world, installers, "2.4.1")
    };
    let published = publish(&world, wish).await.unwrap();

    assert_eq!(published.signed_by, [key.id()]);
    let offer = offered(&world, DEB).await.unwrap();
    let written = fs_err::read_to_string(fixtures.join("acme_2.4.1_amd64.deb.sig")).unwrap();
    assert_eq!(offer["signature"], written, "as the bundler wrote it");
}

async fn refused(world: &World, wish: NativeRequest) -> String {
    let error = publish(world, wish).await.unwrap_err();
    assert_eq!(world.drafts().await, [""; 0]);
    assert_eq!(offered(world, DEB).await, None);
    format!("{error}. {}", error.hint().unwrap())
}

#[tokio::test]
async fn bad_installers_are_refused_before_a_byte_is_uploaded() {
    let world = world().await;
    let stranger = ota_keys::generate().unwrap();
    let name = "tidepool_2.5.0_amd64.deb";
    let told = async |bundle: &Bundle, version: &str| {
        refused(&world, request(&world, bundle.installers(), version)).await
    };

    let bundle = Bundle::new();
    insta::assert_snapshot!(told(&bundle, "2.5.0").await, @"There is no installer among what was given. Nothing was uploaded. Give Tauri's target/release/bundle folder, or installers from it: .deb, .rpm, .AppImage, -setup.exe, .msi, .app.tar.gz");

    let bundle = Bundle::new();
    bundle.write(name, &deb("2.5.0"));
    let unsigned = NativeRequest {
        signer: None,
        ..request(&world, bundle.installers(), "2.5.0")
    };
    insta::assert_snapshot!(refused(&world, unsigned).await, @"There is no signature beside tidepool_2.5.0_amd64.deb, and no key was given. Nothing was uploaded. Name a key to sign with, or have Tauri's bundler sign: TAURI_SIGNING_PRIVATE_KEY and bundle.createUpdaterArtifacts");

    let bundle = Bundle::new();
    bundle.write_signed(name, &deb("2.5.0"), &stranger, "2.5.0");
    let id = stranger.id().to_string();
    insta::assert_snapshot!(told(&bundle, "2.5.0").await.replace(&id, "[key]"), @"tidepool does not trust the key [key] that signed tidepool_2.5.0_amd64.deb. Nothing was uploaded. Trust the key for this app first. To sign with one that it trusts, remove the .sig file");

    let bundle = Bundle::new();
    bundle.write_signed(name, &deb("2.5.0"), &world.key(), "2.5.0");
    bundle.write(name, &deb("2.5.1"));
    insta::assert_snapshot!(told(&bundle, "2.5.0").await, @"The signature beside tidepool_2.5.0_amd64.deb does not fit it. Nothing was uploaded. The .sig file may be of an earlier build. Build again, or remove it to have the installer signed here");

    let bundle = Bundle::new();
    bundle.write_signed(name, &deb("2.5.0"), &world.key(), "2.4.9");
    insta::assert_snapshot!(told(&bundle, "2.5.0").await, @"tidepool_2.5.0_amd64.deb was signed as version 2.4.9, not as 2.5.0. Nothing was uploaded. Publish it as 2.4.9, or set the version in tauri.conf.json and build again");

    let bundle = Bundle::new();
    bundle.write(name, &deb("2.5.0"));
    bundle.write(&format!("{name}.sig"), b"nonsense");
    let text = told(&bundle, "2.5.0").await;
    assert!(
        text.contains("holds no signature that devices accept"),
        "{text}"
    );

    let bundle = Bundle::new();
    bundle.write("tidepool_2.5.0_amd64.deb", &deb("2.5.0"));
    bundle.write("old/tidepool_2.4.0_amd64.deb", &deb("2.4.0"));
    let text = told(&bundle, "2.5.0").await;
    assert!(text.contains("are for the same devices"), "{text}");
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_bytes_under_the_version_are_refused() {
    let world = world().await;
    let bundle = Bundle::new();
    bundle.write("tidepool_2.5.0_amd64.deb", &deb("2.5.0"));
    let first = publish(&world, request(&world, bundle.installers(), "2.5.0"))
        .await
        .unwrap();

    let again = publish(&world, request(&world, bundle.installers(), "2.5.0"))
        .await
        .unwrap();
    assert!(again.stored_before);
    assert_eq!(
        (again.activity_entry, again.sequence),
        (None, first.sequence)
    );

    bundle.write("tidepool_2.5.0_amd64.deb", &deb("2.5.0 and more"));
    let error = publish(&world, request(&world, bundle.installers(), "2.5.0"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("2.5.0"), "{error}");
}

#[tokio::test]
async fn a_universal_app_is_offered_to_both_processors() {
    let world = world().await;
    let bundle = Bundle::new();
    let archive = tar_gz("Tidepool.app/Contents/MacOS/tidepool");
    bundle.write("macos/Tidepool_universal.app.tar.gz", &archive);

    publish(&world, request(&world, bundle.installers(), "2.5.0"))
        .await
        .unwrap();

    for arch in ["x86_64", "aarch64"] {
        let path = format!("darwin/{arch}/1.0.0?bundle_type=app&channel=staging");
        assert!(offered(&world, &path).await.is_some(), "{arch}");
    }
    let file = offered(&world, "staging/latest.json").await.unwrap();
    let keys: Vec<_> = file["platforms"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "darwin-aarch64",
            "darwin-aarch64-app",
            "darwin-x86_64",
            "darwin-x86_64-app"
        ]
    );
}

/// A `.tar.gz` by the system's `tar`.
fn tar_gz(name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(&path, "program").unwrap();
    let packed = std::process::Command::new("tar")
        .args(["-cz", "-C"])
        .arg(folder.path())
        .arg("Tidepool.app")
        .output()
        .unwrap();
    assert!(packed.status.success());
    packed.stdout
}

#[tokio::test]
async fn what_may_not_be_meant_is_said() {
    let world = World::new().await;
    let bundle = Bundle::new();
    bundle.write("tidepool_2.4.0_amd64.deb", &deb("2.5.0"));
    let published = publish(&world, request(&world, bundle.installers(), "2.5.0"))
        .await
        .unwrap();
    insta::assert_snapshot!(published.warnings.join("\n"), @r"
    tidepool serves no clients that install: turn on Tauri updater for it, or no device is offered this
    tidepool_2.4.0_amd64.deb is called 2.4.0, published as 2.5.0: an app that still says 2.4.0 after the update is offered it again and again
    ");

    serve(&world, &[ClientSystem::TauriUpdater]).await;
    assert!(offered(&world, "staging/latest.json").await.is_some());
    let bundle = Bundle::new();
    bundle.write("tidepool_2.6.0_amd64.deb", &deb("2.6.0"));
    let wish = NativeRequest {
        min_version: Version::new(2, 0, 0),
        ..request(&world, bundle.installers(), "2.6.0")
    };
    let published = publish(&world, wish).await.unwrap();
    insta::assert_snapshot!(published.warnings.join("\n"), @"latest.json of staging offers nothing from now on: one file for all cannot hold versions below 2.0.0 back. Clients that name their version in the address are offered 2.6.0");
    assert_eq!(offered(&world, "staging/latest.json").await, None);
}

#[tokio::test]
async fn each_lane_goes_back_by_itself() {
    let world = world().await;
    let build = ota_testing::WebBuild::new(1);
    world.publish(&build, "9.0.0").await.unwrap();
    world.publish(&build.changed(), "9.1.0").await.unwrap();
    for version in ["2.5.0", "2.6.0"] {
        let bundle = Bundle::new();
        bundle.write(&format!("tidepool_{version}_amd64.deb"), &deb(version));
        publish(&world, request(&world, bundle.installers(), version))
            .await
            .unwrap();
    }

    let versions = async |lane| {
        let targets = world
            .client
            .rollback_targets_in(&world.app, &channel("staging"), lane)
            .await
            .unwrap();
        let versions: Vec<_> = targets
            .earlier
            .iter()
            .map(|target| target.version.to_string())
            .collect();
        (versions, targets.built_in)
    };
    assert_eq!(versions(Lane::Web).await, (vec!["9.0.0".to_owned()], true));
    assert_eq!(
        versions(Lane::Native).await,
        (vec!["2.5.0".to_owned()], false)
    );
}
