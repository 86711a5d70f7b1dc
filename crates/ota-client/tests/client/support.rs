//! A server with an app, a trusted key, and everything a publication needs.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ota_api::{ChannelState, CreateApp, Role};
use ota_bundle::Ignored;
use ota_client::{
    CancellationToken, Client, DeviceAnswer, DeviceAsk, Input, PublishError, PublishEvent,
    PublishOptions, PublishRequest, Published, Signer, Step, publish,
};
use ota_keys::{AccessToken, Custody, KeyName, MemoryCustody, PublicKey, SecretKey};
use ota_model::{AppSlug, ChannelName, Sequence};
use ota_testing::{TestServer, WebBuild};
use semver::Version;

/// An app on a server of its own.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) client: Client,
    pub(crate) app: AppSlug,
    pub(crate) public: PublicKey,
    custody: Arc<MemoryCustody>,
    key_name: KeyName,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestServer::start()).await
    }

    pub(crate) async fn on(server: TestServer) -> Self {
        let token = server.token(Role::Admin);
        let client = Client::new(server.url(), &AccessToken::new(token)).unwrap();
        let app: AppSlug = "tidepool".parse().unwrap();
        client
            .create_app(&CreateApp {
                systems: None,
                slug: app.clone(),
                name: Some("Tidepool".to_owned()),
            })
            .await
            .unwrap();
        let key = ota_keys::generate().unwrap();
        client.trust_key(&app, "main", &key).await.unwrap();
        let custody = Arc::new(MemoryCustody::new());
        let key_name: KeyName = "main".parse().unwrap();
        custody.create(&key_name, &key, chrono::Utc::now()).unwrap();
        Self {
            server,
            client,
            app,
            public: key.public(),
            custody,
            key_name,
        }
    }

    /// A second copy of the trusted key.
    pub(crate) fn key(&self) -> SecretKey {
        self.custody.load(&self.key_name).unwrap()
    }

    pub(crate) fn signer(&self) -> Signer {
        Signer::kept(
            Arc::clone(&self.custody) as Arc<dyn Custody>,
            self.key_name.clone(),
            self.public,
        )
    }

    pub(crate) fn client_with(&self, token: &str) -> Client {
        Client::new(self.server.url(), &AccessToken::new(token)).unwrap()
    }

    pub(crate) fn request(&self, build: &WebBuild, version: &str) -> PublishRequest {
        PublishRequest {
            app: self.app.clone(),
            channel: channel("staging"),
            version: version.parse().unwrap(),
            notes: "**Tide charts** load without a network".to_owned(),
            min_binary_version: Version::new(1, 0, 0),
            max_binary_version: None,
            input: Input::Folder {
                path: build.path(),
                ignored: Ignored::default(),
            },
            signer: self.signer(),
            capgo: None,
            seen: None,
            options: PublishOptions {
                part_bytes: None,
                patience: Duration::from_secs(20),
            },
        }
    }

    pub(crate) async fn publish(
        &self,
        build: &WebBuild,
        version: &str,
    ) -> Result<Published, PublishError> {
        publish(
            &self.client,
            self.request(build, version),
            |_| {},
            CancellationToken::new(),
        )
        .await
    }

    pub(crate) async fn channel(&self, name: &str) -> ChannelState {
        let channels = self.client.channels(&self.app).await.unwrap();
        channels
            .into_iter()
            .find(|state| state.name.as_str() == name)
            .unwrap()
    }

    /// What a device gets that runs `current`.
    pub(crate) async fn device(&self, channel_name: &str, current: u64) -> DeviceAnswer {
        let ask = DeviceAsk {
            app: self.app.clone(),
            current: Sequence(current),
            binary_version: Version::new(1, 0, 0),
            platform: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            channel: Some(channel(channel_name)),
        };
        self.client
            .what_a_device_gets(self.server.public_url(), &ask)
            .await
            .unwrap()
    }

    /// The version that a new device is offered, if any.
    pub(crate) async fn offered(&self, channel_name: &str) -> Option<String> {
        let manifest = self.device(channel_name, 0).await.manifest?;
        Some(manifest["version"].as_str().unwrap().to_owned())
    }

    /// Names of releases that are drafts.
    pub(crate) async fn drafts(&self) -> Vec<String> {
        let page = self.client.releases(&self.app, None, 200).await.unwrap();
        let drafts = page
            .releases
            .iter()
            .filter(|release| release.state == ota_model::ReleaseState::Draft);
        drafts.map(|release| release.version.to_string()).collect()
    }

    /// Every entry of the log verifies.
    pub(crate) async fn verify_log(&self) -> u64 {
        let entries = self.client.activity_since(&self.app, 0).await.unwrap();
        ota_client::verify_chain(&entries, None)
            .unwrap()
            .unwrap()
            .entry
    }
}

pub(crate) fn channel(name: &str) -> ChannelName {
    name.parse().unwrap()
}

pub(crate) fn small_parts(bytes: u64) -> PublishOptions {
    PublishOptions {
        part_bytes: NonZeroU64::new(bytes),
        patience: Duration::from_secs(20),
    }
}

/// What a publication told, from whatever thread.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<PublishEvent>>>);

impl Told {
    pub(crate) fn sink(&self) -> impl Fn(PublishEvent) + Send + Sync + 'static {
        let told = Arc::clone(&self.0);
        move |event| told.lock().unwrap().push(event)
    }

    pub(crate) fn all(&self) -> Vec<PublishEvent> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn began(&self) -> Vec<Step> {
        let began = |event: &PublishEvent| match event {
            PublishEvent::Began(step) => Some(*step),
            _ => None,
        };
        self.all().iter().filter_map(began).collect()
    }

    pub(crate) fn log(&self, topic: &str) -> Vec<String> {
        let lines = self.all().into_iter().filter_map(|event| match event {
            PublishEvent::Log(line) if line.topic == topic => Some(line.text),
            _ => None,
        });
        lines.collect()
    }
}

/// Polls until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "waited for {what} in vain"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
