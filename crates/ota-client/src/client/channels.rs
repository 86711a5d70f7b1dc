//! Channels and what they offer.

use std::time::{Duration, Instant};

use ota_api::{
    ChannelState, CreateChannel, Deploy, Deployed, DeploymentRecord, IDEMPOTENCY_KEY, Plan,
    UpdateChannel, paths,
};
use ota_model::{AppSlug, ChannelName, Revision};
use reqwest::{Method, header};

use super::Client;
use crate::error::ClientError;
use crate::idempotency::IdempotencyKey;

const FIRST_WAIT: Duration = Duration::from_millis(200);

/// A revision as `If-Match` has it.
fn tag(revision: Revision) -> String {
    format!("\"{revision}\"")
}

impl Client {
    /// The channels of an app, in the order in which a release travels.
    pub async fn channels(&self, app: &AppSlug) -> Result<Vec<ChannelState>, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::channels(app)))
            .await
    }

    /// Makes a channel.
    pub async fn create_channel(
        &self,
        app: &AppSlug,
        channel: &CreateChannel,
    ) -> Result<ChannelState, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::POST, &paths::channels(app))
                    .json(channel),
            )
            .await
    }

    /// Changes the place, the protection or the pause of a channel that was seen at the revision `seen`.
    pub async fn update_channel(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
        seen: Revision,
        change: &UpdateChannel,
    ) -> Result<ChannelState, ClientError> {
        let request = self
            .http
            .request(Method::PATCH, &paths::channel(app, channel));
        self.http
            .json(request.header(header::IF_MATCH, tag(seen)).json(change))
            .await
    }

    /// What a channel offered and offers, the newest first.
    pub async fn history(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
    ) -> Result<Vec<DeploymentRecord>, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::GET, &paths::deployments(app, channel)),
            )
            .await
    }

    /// What a deployment would do. Changes nothing.
    pub async fn plan(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
        deploy: &Deploy,
    ) -> Result<Plan, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::POST, &paths::plan(app, channel))
                    .json(deploy),
            )
            .await
    }

    /// Changes what a channel offers, that was seen at the revision `seen`. Sent again with the same `key`, it gives the
    /// first answer and changes nothing more.
    pub async fn deploy(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
        seen: Revision,
        deploy: &Deploy,
        key: &IdempotencyKey,
    ) -> Result<Deployed, ClientError> {
        let request = self
            .http
            .request(Method::POST, &paths::deployments(app, channel));
        let request = request
            .header(header::IF_MATCH, tag(seen))
            .header(IDEMPOTENCY_KEY, key.as_str());
        self.http.json(request.json(deploy)).await
    }

    /// [`Client::deploy`] that asks again when the answer is lost, for as long as `patience`. However often it asks, the
    /// channel is changed once.
    pub async fn deploy_once(
        &self,
        app: &AppSlug,
        channel: &ChannelName,
        seen: Revision,
        deploy: &Deploy,
        patience: Duration,
    ) -> Result<Deployed, ClientError> {
        let (key, began) = (IdempotencyKey::new()?, Instant::now());
        let mut wait = FIRST_WAIT;
        loop {
            match self.deploy(app, channel, seen, deploy, &key).await {
                Err(error) if error.is_unreachable() && began.elapsed() + wait < patience => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                answered => return answered,
            }
        }
    }
}
