//! The server's word is not enough: what it gives out is downloaded and checked as a device would.

use std::path::PathBuf;
use std::time::Duration;

use ota_api::{ArtifactSummary, ReleaseSummary, TrustedKey};
use ota_bundle::Bundle;
use ota_keys::{PublicKey, Signature};
use ota_model::{ArtifactKind, KeyId, Sha256};
use sha2::Digest as _;
use tokio::io::AsyncWriteExt as _;

use super::bundling::{Scratch, verify_file};
use super::patience::Patience;
use super::progress::{Reporter, StepProgress, size};
use super::{PublishError, Stop};
use crate::client::Client;
use crate::error::ClientError;

/// A server that sends nothing for so long has stopped.
const SILENCE: Duration = Duration::from_secs(30);

/// A release whose stored archive is checked against the one that was made here.
pub(super) struct Check<'a> {
    pub(super) client: &'a Client,
    pub(super) release: &'a ReleaseSummary,
    pub(super) bundle: &'a Bundle,
    pub(super) trusted: &'a [TrustedKey],
    pub(super) scratch: &'a Scratch,
}

/// What a device would find.
pub(super) struct Verified {
    pub(super) signed_by: KeyId,
    /// What the operator should know about the way there.
    pub(super) warning: Option<String>,
}

impl Check<'_> {
    /// Downloads the archive, compares its digest and checks its signature.
    pub(super) async fn run(
        &self,
        reporter: &Reporter,
        patience: &mut Patience,
    ) -> Result<Verified, Stop> {
        let nothing = || PublishError::StoredNothing {
            version: self.release.version.clone(),
        };
        let stored = self
            .release
            .artifacts
            .iter()
            .find(|artifact| artifact.kind == ArtifactKind::TarGz);
        let stored = stored.ok_or_else(nothing)?;
        let copy = self.scratch.path().join("copy.tar.gz");
        let download = Download {
            client: self.client,
            stored,
            copy: &copy,
            reporter,
        };
        let (found, warning) = download.run(patience).await?;
        if found != self.bundle.sha256 {
            return Err(PublishError::StoredDiffers {
                expected: self.bundle.sha256,
                found,
            }
            .into());
        }
        let signature: Signature = stored
            .signature
            .parse()
            .map_err(PublishError::StoredUnsigned)?;
        let signed_by = signature.key_id();
        let key = self.trusted.iter().find(|key| key.id == signed_by);
        let public: PublicKey = key
            .and_then(|key| key.public_key.parse().ok())
            .ok_or_else(nothing)?;
        verify_file(public, copy, signature, self.scratch).await?;
        let length = size(self.bundle.size_bytes);
        reporter.log(
            "check",
            format!(
                "{length} back, digest {} and signature {signed_by} ok",
                found.short()
            ),
        );
        Ok(Verified { signed_by, warning })
    }
}

struct Download<'a> {
    client: &'a Client,
    stored: &'a ArtifactSummary,
    copy: &'a PathBuf,
    reporter: &'a Reporter,
}

impl Download<'_> {
    /// From where devices fetch it; when this computer cannot reach that, from the server itself.
    async fn run(&self, patience: &mut Patience) -> Result<(Sha256, Option<String>), Stop> {
        let public = match self.fetch(&self.stored.url).await {
            Ok(found) => return Ok((found, None)),
            Err(Broken::Disk(error)) => return Err(PublishError::Temporary(error).into()),
            Err(Broken::Server(error)) => error,
        };
        let path = self
            .stored
            .url
            .find("/b/")
            .and_then(|at| self.stored.url.get(at..))
            .unwrap_or_default();
        let direct = format!("{}{path}", self.client.url());
        if direct == self.stored.url || path.is_empty() {
            patience.wait(public).await?;
            return Box::pin(self.run(patience)).await;
        }
        let warning = format!(
            "Devices fetch the bundle from {}, which cannot be reached from here ({public})",
            self.stored.url
        );
        self.reporter.log("check", warning.clone());
        loop {
            match self.fetch(&direct).await {
                Ok(found) => return Ok((found, Some(warning))),
                Err(Broken::Disk(error)) => return Err(PublishError::Temporary(error).into()),
                Err(Broken::Server(error)) => patience.wait(error).await?,
            }
        }
    }

    async fn fetch(&self, url: &str) -> Result<Sha256, Broken> {
        let host = url
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or(url);
        let broken = |error| Broken::Server(ClientError::exchange(host, error));
        let silent = || Broken::Server(ClientError::unreachable(host, "no answer in time"));
        let answer = tokio::time::timeout(SILENCE, self.client.http.plain(url).send()).await;
        let mut response = answer.map_err(|_elapsed| silent())?.map_err(broken)?;
        if !response.status().is_success() {
            let status = response.status();
            let error = ClientError::unreachable(
                host,
                format!("it answers {} for the bundle", status.as_u16()),
            );
            return Err(Broken::Server(error));
        }
        let mut file = tokio::fs::File::create(self.copy)
            .await
            .map_err(Broken::Disk)?;
        let mut digest = sha2::Sha256::new();
        let mut bytes_done = 0;
        loop {
            let part = tokio::time::timeout(SILENCE, response.chunk()).await;
            let Some(part) = part.map_err(|_elapsed| silent())?.map_err(broken)? else {
                break;
            };
            bytes_done += part.len() as u64;
            digest.update(&part);
            file.write_all(&part).await.map_err(Broken::Disk)?;
            self.reporter.progress(StepProgress::Verifying {
                bytes_done,
                bytes_total: self.stored.size_bytes,
            });
            if bytes_done > self.stored.size_bytes {
                // More than it should be: its digest is another one already.
                break;
            }
        }
        file.flush().await.map_err(Broken::Disk)?;
        Ok(Sha256::from_bytes(digest.finalize().into()))
    }
}

/// Why a download ended early.
enum Broken {
    Server(ClientError),
    Disk(std::io::Error),
}
