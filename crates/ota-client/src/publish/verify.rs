//! The server's word is not enough: what it gives out is downloaded and checked as a device would.

use std::path::PathBuf;
use std::time::Duration;

use ota_api::{ReleaseSummary, Slot, TrustedKey};
use ota_keys::{PublicKey, Signature};
use ota_model::{KeyId, Sha256};
use sha2::Digest as _;
use tokio::io::AsyncWriteExt as _;

use super::bundling::{Scratch, verify_file};
use super::patience::Patience;
use super::progress::{Reporter, StepProgress, size};
use super::upload::Payload;
use super::{PublishError, Stop};
use crate::client::Client;
use crate::error::ClientError;

/// A server that sends nothing for so long has stopped.
const SILENCE: Duration = Duration::from_secs(30);

/// A file as the server says that it has it.
pub(super) struct Stored<'a> {
    pub(super) sha256: Sha256,
    size_bytes: u64,
    signature: &'a str,
    url: &'a str,
}

/// What a release has in a slot.
pub(super) fn stored<'a>(release: &'a ReleaseSummary, slot: &Slot) -> Option<Stored<'a>> {
    match slot {
        Slot::Archive(kind) => {
            let found = release
                .artifacts
                .iter()
                .find(|artifact| artifact.kind == *kind)?;
            Some(Stored {
                sha256: found.sha256,
                size_bytes: found.size_bytes,
                signature: &found.signature,
                url: &found.url,
            })
        }
        Slot::Installer(platform) => {
            let found = release
                .installers
                .iter()
                .find(|installer| installer.platform == *platform)?;
            Some(Stored {
                sha256: found.sha256,
                size_bytes: found.size_bytes,
                signature: &found.signature,
                url: &found.url,
            })
        }
    }
}

/// A release whose stored files are checked against those that are here.
pub(super) struct Check<'a> {
    pub(super) client: &'a Client,
    pub(super) release: &'a ReleaseSummary,
    pub(super) payloads: &'a [Payload],
    pub(super) trusted: &'a [TrustedKey],
    pub(super) scratch: &'a Scratch,
}

/// What a device would find.
pub(super) struct Verified {
    /// One for each payload.
    pub(super) signed_by: Vec<KeyId>,
    /// What the operator should know about the way there.
    pub(super) warning: Option<String>,
}

impl Check<'_> {
    /// Downloads each file, compares its digest and checks its signature.
    pub(super) async fn run(
        &self,
        reporter: &Reporter,
        patience: &mut Patience,
    ) -> Result<Verified, Stop> {
        let mut verified = Verified {
            signed_by: Vec::new(),
            warning: None,
        };
        let mut before = 0;
        for payload in self.payloads {
            let (signed_by, warning) = self.one(payload, before, reporter, patience).await?;
            verified.signed_by.push(signed_by);
            verified.warning = verified.warning.or(warning);
            before += payload.size_bytes;
        }
        Ok(verified)
    }

    async fn one(
        &self,
        payload: &Payload,
        bytes_before: u64,
        reporter: &Reporter,
        patience: &mut Patience,
    ) -> Result<(KeyId, Option<String>), Stop> {
        let nothing = || PublishError::StoredNothing {
            version: self.release.version.clone(),
        };
        let stored = stored(self.release, &payload.slot).ok_or_else(nothing)?;
        let copy = self.scratch.path().join("copy");
        let download = Download {
            client: self.client,
            stored: &stored,
            copy: &copy,
            bytes_before,
            bytes_total: self.payloads.iter().map(|payload| payload.size_bytes).sum(),
            reporter,
        };
        let (found, warning) = download.run(patience).await?;
        if found != payload.sha256 {
            return Err(PublishError::StoredDiffers {
                expected: payload.sha256,
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
        let length = size(payload.size_bytes);
        reporter.log(
            "check",
            format!(
                "{length} back, digest {} and signature {signed_by} ok",
                found.short()
            ),
        );
        Ok((signed_by, warning))
    }
}

struct Download<'a> {
    client: &'a Client,
    stored: &'a Stored<'a>,
    copy: &'a PathBuf,
    /// Of the files that were fetched already.
    bytes_before: u64,
    bytes_total: u64,
    reporter: &'a Reporter,
}

impl Download<'_> {
    /// From where devices fetch it; when this computer cannot reach that, from the server itself.
    async fn run(&self, patience: &mut Patience) -> Result<(Sha256, Option<String>), Stop> {
        let public = match self.fetch(self.stored.url).await {
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
                bytes_done: self.bytes_before + bytes_done,
                bytes_total: self.bytes_total,
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
