//! An operator who publishes installers as the desktop and the command line do.

use std::path::{Path, PathBuf};

use ota_api::{CreateApp, Deploy, DeployAction, Role, UpdateApp};
use ota_bundle::installers::recognise;
use ota_client::{
    CancellationToken, Client, IdempotencyKey, NativeRequest, PublishOptions, PublishedNative,
    Signer, publish_native,
};
use ota_keys::{AccessToken, Password, SecretKey};
use ota_model::{AppSlug, ChannelName, ClientSystem, PlatformKey, ReleaseId, Systems};
use ota_testing::TestServer;
use semver::Version;
use tempfile::TempDir;

/// One app that serves updaters, on one server, and the key that it trusts.
pub(crate) struct Publisher {
    server: TestServer,
    client: Client,
    app: AppSlug,
    folder: TempDir,
}

/// The throw-away key of the fixtures: tauri's signer made it, and signed one of them.
pub(crate) fn key() -> SecretKey {
    let path = fixtures("ota-keys").join("throw-away.key");
    ota_keys::import_file(&path, Some(&Password::new("correct horse"))).unwrap()
}

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates")
        .join(name)
        .join("tests/fixtures")
}

/// A package that tauri's signer signed as 2.4.1.
pub(crate) fn signed_by_tauri() -> PathBuf {
    fixtures("ota-client").join("acme_2.4.1_amd64.deb")
}

impl Publisher {
    pub(crate) async fn new() -> Self {
        let server = TestServer::start();
        let client =
            Client::new(server.url(), &AccessToken::new(server.token(Role::Admin))).unwrap();
        let app = AppSlug::parse("acme").unwrap();
        let systems = Systems {
            serves: [ClientSystem::TauriUpdater].into(),
            ..Systems::default()
        };
        client
            .create_app(&CreateApp {
                systems: Some(systems),
                slug: app.clone(),
                name: None,
            })
            .await
            .unwrap();
        client.trust_key(&app, "release", &key()).await.unwrap();
        Self {
            server,
            client,
            app,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    /// The dynamic endpoint as an app is configured with it.
    pub(crate) fn endpoint(&self) -> String {
        format!(
            "{}/feeds/tauri/acme/{{{{target}}}}/{{{{arch}}}}/{{{{current_version}}}}?bundle_type={{{{bundle_type}}}}&channel=production",
            self.url()
        )
    }

    /// The static one.
    pub(crate) fn latest(&self) -> String {
        format!("{}/feeds/tauri/acme/production/latest.json", self.url())
    }

    /// A file of a kind that its ending names, e.g. `acme_2.3.0_amd64.deb`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let (_, ending) = name.rsplit_once('.').unwrap();
        let mut bytes: Vec<u8> = if ending == "deb" {
            b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n".into()
        } else if ending == "rpm" {
            b"\xED\xAB\xEE\xDB\x03\0".into()
        } else {
            b"\x7FELF\x02\x01\x01\0AI\x02\0\0\0\0\0\x02\0\x3E\0".into()
        };
        if name.contains("aarch64") && ending == "AppImage" {
            bytes[18] = 183;
        }
        bytes.resize(8192, 0);
        bytes.extend(name.as_bytes());
        let path = self.folder.path().join(name);
        fs_err::write(&path, bytes).unwrap();
        path
    }

    /// Signs what is not signed, uploads, and offers on production.
    pub(crate) async fn publish(&self, version: &str, files: &[PathBuf]) -> PublishedNative {
        self.publish_for(None, version, files).await
    }

    pub(crate) async fn publish_for(
        &self,
        platform: Option<&str>,
        version: &str,
        files: &[PathBuf],
    ) -> PublishedNative {
        let found = recognise(files).unwrap();
        assert!(found.ignored.is_empty(), "{found:?}");
        let assign = |file: ota_bundle::installers::InstallerFile| match platform {
            Some(key) => file.assigned_to(PlatformKey::parse(key).unwrap()).unwrap(),
            None => file,
        };
        let request = NativeRequest {
            app: self.app.clone(),
            channel: ChannelName::parse("production").unwrap(),
            version: version.parse().unwrap(),
            notes: "Starts faster".to_owned(),
            min_version: Version::new(0, 0, 0),
            installers: found.installers.into_iter().map(assign).collect(),
            signer: Some(Signer::open("release", key())),
            seen: None,
            options: PublishOptions::default(),
        };
        publish_native(&self.client, request, |_| {}, CancellationToken::new())
            .await
            .unwrap()
    }

    /// Offers earlier installers again.
    pub(crate) async fn roll_back(&self, release: &ReleaseId) {
        let channels = self.client.channels(&self.app).await.unwrap();
        let seen = channels
            .iter()
            .find(|found| found.name.as_str() == "production")
            .unwrap();
        let body = Deploy {
            action: DeployAction::Rollback {
                release: release.clone(),
            },
            reason: Some("it does not start".to_owned()),
        };
        let key = IdempotencyKey::new().unwrap();
        self.client
            .deploy(&self.app, &seen.name, seen.revision, &body, &key)
            .await
            .unwrap();
    }

    /// Serves updaters no more.
    pub(crate) async fn stop_serving(&self) {
        let change = UpdateApp {
            systems: Some(Systems::default()),
            ..UpdateApp::default()
        };
        self.client.update_app(&self.app, &change).await.unwrap();
    }
}
