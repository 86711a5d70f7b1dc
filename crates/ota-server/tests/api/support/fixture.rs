//! An app with a trusted key, and what is done with it in most tests.

use std::ops::Deref;

use ota_api::{
    ActivityEntry, ActivityPage, ChannelState, Deployed, ReleaseSummary, TrustedKey, Upload,
};
use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Signer, TestServer, send, site};

/// The app `acme`, its key, its server.
pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    pub(crate) signer: Signer,
}

impl Deref for Fixture {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

/// What a device was told.
pub(crate) struct Check {
    pub(crate) status: StatusCode,
    pub(crate) manifest: Option<Value>,
}

impl Check {
    /// The offered sequence, if there is an offer.
    pub(crate) fn sequence(&self) -> Option<u64> {
        self.manifest.as_ref()?["sequence"].as_u64()
    }

    /// The offered version, if there is an offer.
    pub(crate) fn version(&self) -> Option<&str> {
        self.manifest.as_ref()?["version"].as_str()
    }
}

pub(crate) fn publish(release: &str) -> Value {
    json!({ "action": "publish", "release": release })
}

pub(crate) fn promote(from: &str, release: &str) -> Value {
    json!({ "action": "promote", "from": from, "release": release })
}

pub(crate) fn rollback(release: &str) -> Value {
    json!({ "action": "rollback", "release": release, "reason": "the page stays blank" })
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::on(TestServer::start().await, Signer::new()).await
    }

    pub(crate) async fn on(server: TestServer, signer: Signer) -> Self {
        server
            .post("/v1/apps", &json!({ "slug": "acme", "name": "Acme Desk" }))
            .await
            .value();
        let _: TrustedKey = server
            .post("/v1/apps/acme/keys", &signer.trust("release key", "acme"))
            .await
            .ok();
        Self { server, signer }
    }

    pub(crate) async fn restart(self) -> Self {
        let Self { server, signer } = self;
        Self {
            server: server.restart().await,
            signer,
        }
    }

    /// Begins a draft; its id.
    pub(crate) async fn draft(&self, version: &str) -> String {
        let body = json!({ "version": version, "min_binary_version": "1.0.0" });
        let draft: ReleaseSummary = self.post("/v1/apps/acme/releases", &body).await.ok();
        draft.id.0
    }

    pub(crate) async fn announce(&self, id: &str, bytes: &[u8], signature: &str) -> Answer {
        let body = json!({
            "sha256": Sha256::of(bytes), "size_bytes": bytes.len(), "signature": signature,
        });
        self.post(
            &format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz"),
            &body,
        )
        .await
    }

    pub(crate) async fn append(&self, id: &str, offset: u64, bytes: &[u8]) -> Answer {
        let path = format!("/v1/apps/acme/releases/{id}/artifacts/tar_gz");
        let request = self
            .request(Method::PATCH, &path)
            .header("upload-offset", offset)
            .body(bytes.to_vec());
        send(request).await
    }

    pub(crate) async fn finalize(&self, id: &str) -> Answer {
        self.post(&format!("/v1/apps/acme/releases/{id}/finalize"), &json!({}))
            .await
    }

    /// Signs as the publisher does.
    pub(crate) fn sign(&self, bytes: &[u8], version: &str) -> String {
        self.signer.sign(
            bytes,
            &format!("timestamp:1763715600\tfile:bundle.tar.gz\tversion:{version}\tapp:acme"),
        )
    }

    /// Announces and sends all bytes.
    pub(crate) async fn upload(&self, id: &str, bytes: &[u8], signature: &str) {
        let upload: Upload = self.announce(id, bytes, signature).await.ok();
        let rest = usize::try_from(upload.offset).unwrap();
        let upload: Upload = self.append(id, upload.offset, &bytes[rest..]).await.ok();
        assert_eq!(upload.offset, bytes.len() as u64);
    }

    /// A ready release with these bytes; its id.
    pub(crate) async fn release_of(&self, version: &str, bytes: &[u8]) -> String {
        let id = self.draft(version).await;
        self.upload(&id, bytes, &self.sign(bytes, version)).await;
        let ready: ReleaseSummary = self.finalize(&id).await.ok();
        assert_eq!(ready.version.to_string(), version);
        id
    }

    /// A ready release whose page shows its version; its id.
    pub(crate) async fn release(&self, version: &str) -> String {
        self.release_of(version, &site(version)).await
    }

    pub(crate) async fn channel(&self, name: &str) -> ChannelState {
        let channels: Vec<ChannelState> = self.get("/v1/apps/acme/channels").await.ok();
        channels
            .into_iter()
            .find(|channel| channel.name.as_str() == name)
            .unwrap()
    }

    /// Asks for a deployment with the revision that is there.
    pub(crate) async fn try_deploy(&self, channel: &str, action: &Value) -> Answer {
        let revision = self.channel(channel).await.revision;
        self.deploy_seeing(channel, action, revision.0).await
    }

    pub(crate) async fn deploy_seeing(
        &self,
        channel: &str,
        action: &Value,
        revision: u64,
    ) -> Answer {
        let path = format!("/v1/apps/acme/channels/{channel}/deployments");
        let request = self
            .request(Method::POST, &path)
            .header(header::IF_MATCH, revision)
            .json(action);
        send(request).await
    }

    #[track_caller]
    pub(crate) fn deploy(&self, channel: &str, action: Value) -> impl Future<Output = Deployed> {
        let channel = channel.to_owned();
        async move { self.try_deploy(&channel, &action).await.ok() }
    }

    /// A new release, live on a channel; its id.
    pub(crate) async fn live(&self, version: &str, channel: &str) -> String {
        let id = self.release(version).await;
        self.deploy(channel, publish(&id)).await;
        id
    }

    pub(crate) async fn recall(&self, id: &str) -> Answer {
        self.post(
            &format!("/v1/apps/acme/releases/{id}/recall"),
            &json!({ "reason": "the page stays blank" }),
        )
        .await
    }

    /// The check of an unmodified client with the binary 1.4.2 on a channel.
    pub(crate) async fn check(&self, channel: &str, current: u64) -> Check {
        self.check_with(
            current,
            &format!("binary_version=1.4.2&platform=linux&arch=x86_64&channel={channel}"),
        )
        .await
    }

    pub(crate) async fn check_with(&self, current: u64, query: &str) -> Check {
        let path = format!("/feeds/hotswap/acme/{current}?{query}");
        let answer = send(self.bare(Method::GET, &path)).await;
        if answer.status == StatusCode::NO_CONTENT {
            assert!(answer.body.is_empty(), "204 has no body");
        }
        Check {
            status: answer.status,
            manifest: (answer.status == StatusCode::OK)
                .then(|| serde_json::from_slice(&answer.body).unwrap()),
        }
    }

    /// The whole log, the newest first.
    pub(crate) async fn log(&self) -> Vec<ActivityEntry> {
        let page: ActivityPage = self.get("/v1/apps/acme/activity?limit=1000").await.ok();
        assert_eq!(page.head, page.entries.len() as u64);
        page.entries
    }

    /// What the log says, the oldest first.
    pub(crate) async fn summaries(&self) -> Vec<String> {
        let mut entries = self.log().await;
        entries.reverse();
        entries
            .into_iter()
            .map(|entry| entry.statement.summary)
            .collect()
    }
}
