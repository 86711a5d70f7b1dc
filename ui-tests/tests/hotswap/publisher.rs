//! An operator with a key of their own and a real server, who publishes as the desktop and the command line do.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use ota_api::{CreateApp, Deploy, DeployAction, LiveRelease, Role, paths};
use ota_bundle::Ignored;
use ota_client::{
    CancellationToken, Client, IdempotencyKey, Input, PublishOptions, PublishRequest, Published,
    Signer,
};
use ota_keys::{AccessToken, Custody as _, KeyName, MemoryCustody, PublicKey};
use ota_model::{AppSlug, ChannelName, ReleaseId};
use ota_testing::TestServer;
use semver::Version;

/// The oldest binary that can run what is published here: older than the devices' own.
const OLDEST_BINARY: Version = Version::new(1, 0, 0);

/// One app on one server, and the key that it trusts.
pub(crate) struct Publisher {
    server: TestServer,
    client: Client,
    app: AppSlug,
    keys: Arc<MemoryCustody>,
    key: KeyName,
    public_key: PublicKey,
}

impl Publisher {
    /// A new server with an app that trusts a new key.
    pub(crate) async fn new() -> Self {
        let server = TestServer::start();
        let client =
            Client::new(server.url(), &AccessToken::new(server.token(Role::Admin))).unwrap();
        let app = AppSlug::parse("acme").unwrap();
        client
            .create_app(&CreateApp {
                systems: None,
                slug: app.clone(),
                name: None,
            })
            .await
            .unwrap();
        let (keys, key) = (
            Arc::new(MemoryCustody::new()),
            KeyName::parse("release").unwrap(),
        );
        let secret = ota_keys::generate().unwrap();
        keys.create(&key, &secret, Utc::now()).unwrap();
        client.trust_key(&app, key.as_str(), &secret).await.unwrap();
        Self {
            server,
            client,
            app,
            keys,
            key,
            public_key: secret.public(),
        }
    }

    /// The server's own address.
    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    /// As the configuration of a hotswap app spells it.
    pub(crate) fn public_key(&self) -> String {
        self.public_key.hotswap()
    }

    /// What an app is configured with to ask the server at `base`.
    pub(crate) fn endpoint(&self, base: &str) -> String {
        format!("{base}{}", paths::hotswap_endpoint(&self.app))
    }

    /// Bundles, signs and uploads the web build in `folder`, and offers it on `channel`.
    pub(crate) async fn publish(&self, channel: &str, version: &str, folder: PathBuf) -> Published {
        let request = PublishRequest {
            app: self.app.clone(),
            channel: ChannelName::parse(channel).unwrap(),
            version: version.parse().unwrap(),
            notes: String::new(),
            min_binary_version: OLDEST_BINARY,
            max_binary_version: None,
            input: Input::Folder {
                path: folder,
                ignored: Ignored::default(),
            },
            signer: Signer::kept(self.keys.clone(), self.key.clone(), self.public_key),
            capgo: None,
            seen: None,
            options: PublishOptions::default(),
        };
        ota_client::publish(&self.client, request, |_| {}, CancellationToken::new())
            .await
            .unwrap()
    }

    /// Offers on `to` what `from` offers.
    pub(crate) async fn promote(&self, from: &str, to: &str, release: &ReleaseId) -> LiveRelease {
        let from = ChannelName::parse(from).unwrap();
        self.deploy(
            to,
            DeployAction::Promote {
                from,
                release: release.clone(),
            },
        )
        .await
    }

    /// Offers an earlier release again.
    pub(crate) async fn roll_back(&self, channel: &str, release: &ReleaseId) -> LiveRelease {
        self.deploy(
            channel,
            DeployAction::Rollback {
                release: release.clone(),
            },
        )
        .await
    }

    /// Brings devices back to what their binary holds.
    pub(crate) async fn go_built_in(&self, channel: &str) -> LiveRelease {
        self.deploy(channel, DeployAction::BuiltIn).await
    }

    /// Withdraws a release.
    pub(crate) async fn recall(&self, release: &ReleaseId) {
        let key = IdempotencyKey::new().unwrap();
        self.client
            .recall(&self.app, release, "it does not start", &key)
            .await
            .unwrap();
    }

    async fn deploy(&self, channel: &str, action: DeployAction) -> LiveRelease {
        let channels = self.client.channels(&self.app).await.unwrap();
        let seen = channels
            .iter()
            .find(|found| found.name.as_str() == channel)
            .unwrap();
        let body = Deploy {
            action,
            reason: Some("the tests ask for it".to_owned()),
        };
        let key = IdempotencyKey::new().unwrap();
        self.client
            .deploy(&self.app, &seen.name, seen.revision, &body, &key)
            .await
            .unwrap()
            .channel
            .live
            .unwrap()
    }
}
