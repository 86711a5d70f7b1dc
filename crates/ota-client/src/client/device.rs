//! What a device gets: asked as the device asks.

use std::time::{Duration, Instant};

use ota_api::paths;
use ota_model::{AppSlug, ChannelName, Sequence};
use semver::Version;
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;

/// As the client gives up (protocols.md 1.1).
const PATIENCE: Duration = Duration::from_secs(15);

/// A device with the hotswap client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAsk {
    /// Which app it is.
    pub app: AppSlug,
    /// What it runs; 0 for its built-in assets.
    pub current: Sequence,
    /// The version of its binary.
    pub binary_version: Version,
    /// `linux`, `macos`, `windows`, `android` or `ios`.
    pub platform: String,
    /// `x86_64`, `aarch64`, `x86` or `arm`.
    pub arch: String,
    /// The channel that it names; the app's default one if it names none.
    pub channel: Option<ChannelName>,
}

/// What the feed answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAnswer {
    /// What was asked for, with everything the client appends.
    pub url: String,
    /// 200 with a manifest, or 204 for "no update".
    pub status: u16,
    /// How long it took.
    pub took: Duration,
    /// The manifest, if there is one.
    pub manifest: Option<serde_json::Value>,
}

impl Client {
    /// Asks the feed as a device with `tauri-plugin-hotswap` does: the same URL, the same query, no token.
    ///
    /// `feed` is the base of the URLs that devices have: [`ota_api::ServerInfo::public_url`].
    pub async fn what_a_device_gets(
        &self,
        feed: &str,
        ask: &DeviceAsk,
    ) -> Result<DeviceAnswer, ClientError> {
        let endpoint = paths::hotswap_endpoint(&ask.app)
            .replace("{{current_sequence}}", &ask.current.0.to_string());
        let mut query = vec![
            ("binary_version", ask.binary_version.to_string()),
            ("platform", ask.platform.clone()),
            ("arch", ask.arch.clone()),
        ];
        query.extend(
            ask.channel
                .as_ref()
                .map(|channel| ("channel", channel.to_string())),
        );
        let request = self
            .http
            .plain(&format!("{}{endpoint}", feed.trim_end_matches('/')));
        let request = request.query(&query).timeout(PATIENCE);

        let asked = Instant::now();
        let host = feed.split("://").nth(1).unwrap_or(feed).to_owned();
        let response = request
            .send()
            .await
            .map_err(|error| ClientError::exchange(&host, error))?;
        let (url, status) = (response.url().to_string(), response.status());
        let body = self.http.body(response).await?;
        let took = asked.elapsed();
        let manifest = if status == reqwest::StatusCode::OK {
            let manifest = serde_json::from_slice(&body).map_err(|error| {
                ClientError::unexpected(&host, format!("the feed's answer is no JSON ({error})"))
            })?;
            Some(manifest)
        } else {
            None
        };
        Ok(DeviceAnswer {
            url,
            status: status.as_u16(),
            took,
            manifest,
        })
    }
}
