//! Releases and their bytes.

use std::time::Duration;

use ota_api::{
    BeginUpload, CreateRelease, IDEMPOTENCY_KEY, Recall, Recalled, ReleasePage, ReleaseSummary,
    Slot, UpdateRelease, Upload, paths,
};
use ota_bundle::Listing;
use ota_model::{AppSlug, Lane, ReleaseId};
use reqwest::{Body, Method, header};
use semver::Version;

use super::Client;
use crate::error::ClientError;
use crate::idempotency::IdempotencyKey;

/// The server reads, hashes and unpacks up to 512 MiB, perhaps on a small machine.
const FINALIZE: Duration = Duration::from_mins(10);
/// Of one chunk over a slow connection.
const CHUNK: Duration = Duration::from_mins(5);
/// Says where a chunk begins.
const UPLOAD_OFFSET: &str = "upload-offset";

impl Client {
    /// Releases, the newest first: those older than `before`, at most 200.
    pub async fn releases(
        &self,
        app: &AppSlug,
        before: Option<&ReleaseId>,
        limit: u64,
    ) -> Result<ReleasePage, ClientError> {
        let mut request = self
            .http
            .request(Method::GET, &paths::releases(app))
            .query(&[("limit", limit)]);
        if let Some(before) = before {
            request = request.query(&[("before", &before.0)]);
        }
        self.http.json(request).await
    }

    /// The web release with this version, if there is one.
    pub async fn release_by_version(
        &self,
        app: &AppSlug,
        version: &Version,
    ) -> Result<Option<ReleaseSummary>, ClientError> {
        self.release_in(app, version, Lane::Web).await
    }

    /// The release with this version in a lane, if there is one.
    pub async fn release_in(
        &self,
        app: &AppSlug,
        version: &Version,
        lane: Lane,
    ) -> Result<Option<ReleaseSummary>, ClientError> {
        let request = self
            .http
            .request(Method::GET, &paths::releases(app))
            .query(&[("version", version.to_string()), ("lane", lane.to_string())]);
        let page: ReleasePage = self.http.json(request).await?;
        Ok(page
            .releases
            .into_iter()
            .find(|release| release.version == *version))
    }

    /// Begins a draft.
    pub async fn create_release(
        &self,
        app: &AppSlug,
        release: &CreateRelease,
    ) -> Result<ReleaseSummary, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::POST, &paths::releases(app))
                    .json(release),
            )
            .await
    }

    /// One release.
    pub async fn release(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
    ) -> Result<ReleaseSummary, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::release(app, id)))
            .await
    }

    /// Changes the notes of a release.
    pub async fn update_release(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
        change: &UpdateRelease,
    ) -> Result<ReleaseSummary, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::PATCH, &paths::release(app, id))
                    .json(change),
            )
            .await
    }

    /// Removes a draft with what was uploaded for it.
    pub async fn discard_draft(&self, app: &AppSlug, id: &ReleaseId) -> Result<(), ClientError> {
        self.http
            .done(self.http.request(Method::DELETE, &paths::release(app, id)))
            .await
    }

    /// The files of a release.
    pub async fn listing(&self, app: &AppSlug, id: &ReleaseId) -> Result<Listing, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::listing(app, id)))
            .await
    }

    /// Announces an archive or an installer, and tells how much of it is there already.
    pub async fn begin_upload(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
        slot: &Slot,
        upload: &BeginUpload,
    ) -> Result<Upload, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::POST, &paths::artifact(app, id, slot))
                    .json(upload),
            )
            .await
    }

    /// How much of an announced upload has arrived.
    pub async fn upload_progress(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
        slot: &Slot,
    ) -> Result<Upload, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::GET, &paths::artifact(app, id, slot)),
            )
            .await
    }

    /// Appends `length` bytes to an announced upload, beginning at `offset`.
    pub async fn append_chunk(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
        slot: &Slot,
        offset: u64,
        length: u64,
        chunk: impl Into<Body>,
    ) -> Result<Upload, ClientError> {
        let request = self
            .http
            .request(Method::PATCH, &paths::artifact(app, id, slot))
            .timeout(CHUNK);
        let request = request
            .header(UPLOAD_OFFSET, offset)
            // A streamed body does not know its length; with it, a broken one is known to be broken.
            .header(header::CONTENT_LENGTH, length)
            .header(header::CONTENT_TYPE, "application/octet-stream");
        self.http.json(request.body(chunk)).await
    }

    /// Has a draft verified and made a release. A second call gives the same answer.
    pub async fn finalize(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
    ) -> Result<ReleaseSummary, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::POST, &paths::finalize(app, id))
                    .timeout(FINALIZE),
            )
            .await
    }

    /// Never offers a release again. Channels that offer it go back to what they offered before it.
    pub async fn recall(
        &self,
        app: &AppSlug,
        id: &ReleaseId,
        reason: &str,
        key: &IdempotencyKey,
    ) -> Result<Recalled, ClientError> {
        let request = self
            .http
            .request(Method::POST, &paths::recall(app, id))
            .header(IDEMPOTENCY_KEY, key.as_str());
        self.http
            .json(request.json(&Recall {
                reason: reason.to_owned(),
            }))
            .await
    }
}
