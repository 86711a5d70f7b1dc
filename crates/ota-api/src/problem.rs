//! Errors on the wire: RFC 9457.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ActivityEntry, ChannelState};

/// What went wrong, for programs. Codes never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 401: no token, or one that this server does not know.
    TokenInvalid,
    /// 401: the token expired.
    TokenExpired,
    /// 403: the role may not do this.
    Forbidden,
    /// 404: no such app.
    UnknownApp,
    /// 404: no such channel.
    UnknownChannel,
    /// 404: no such release.
    UnknownRelease,
    /// 404: no such path.
    NotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 400: the body or a parameter cannot be read.
    Malformed,
    /// 422: a field has a value that cannot be.
    Invalid,
    /// 409: the slug is taken.
    AppExists,
    /// 409: the app has releases and cannot be deleted.
    AppNotEmpty,
    /// 409: the channel name is taken.
    ChannelExists,
    /// 409: another release of the app has this version; `release` says which.
    VersionExists,
    /// 409: the key is trusted already.
    KeyExists,
    /// 409: somebody changed the channel meanwhile; `channel` is how it is now, `changed_by` what they did.
    RevisionConflict,
    /// 409: the other channel offers something else by now; `channel` is how it is, `changed_by` what was done to it.
    SourceChanged,
    /// 409: the release is not a draft any more.
    NotADraft,
    /// 409: the release is a draft, or recalled.
    NotReady,
    /// 409: the channel offers it already.
    AlreadyLive,
    /// 409: nothing to promote or to go back to.
    NothingLive,
    /// 409: no key is trusted, so there is no signed empty bundle.
    NoBuiltIn,
    /// 409: a chunk was sent for another offset than the one expected; `offset` says which.
    WrongOffset,
    /// 409: not all bytes have arrived.
    UploadIncomplete,
    /// 422: the bytes are not those that were announced.
    DigestMismatch,
    /// 422: the signature is not by a key the app trusts.
    KeyNotTrusted,
    /// 422: the signature does not fit the bytes.
    SignatureInvalid,
    /// 422: the archive is unsafe or not a web build.
    ArchiveRefused,
    /// 422: the same idempotency key came with another request.
    IdempotencyKeyReused,
    /// 428: the change must name the revision its author saw.
    RevisionRequired,
    /// 413: more than the server takes.
    TooLarge,
    /// 507: the server's disk is full.
    StorageFull,
    /// 500: a fault of the server's; its log has the cause under `request_id`.
    Internal,
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The wire spelling, from the one place that defines it.
        self.serialize(f)
    }
}

/// Body of every error, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A URI that names the kind of problem: `urn:switchtower:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in one short sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For programs.
    pub code: ProblemCode,
    /// What happened here, what is not affected, and what to do.
    pub detail: String,
    /// With `version_exists`: the release that has the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// With `revision_conflict` and `source_changed`: the channel that changed, as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Box<ChannelState>>,
    /// With `revision_conflict` and `source_changed`: what was done to it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<Box<ActivityEntry>>,
    /// With `wrong_offset`: where the next chunk begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Finds the server's log lines of this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
