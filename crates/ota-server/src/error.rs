//! Errors of the admin API: one type, one way out (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ota_api::{ActivityEntry, ChannelState, Problem, ProblemCode};
use sea_orm::DbErr;
use ulid::Ulid;

/// A refused request, or a fault of ours.
#[derive(Debug)]
pub(crate) struct ApiError {
    problem: Box<Problem>,
    /// What the log is told and the caller is not.
    cause: Option<String>,
}

impl ApiError {
    /// A refusal. `detail` says what happened, what is unaffected and what to do.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let (status, title) = kind(code);
        let problem = Problem {
            kind: format!("urn:switchtower:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            release: None,
            channel: None,
            changed_by: None,
            offset: None,
            request_id: None,
        };
        Self {
            problem: Box::new(problem),
            cause: None,
        }
    }

    /// A fault of ours: the caller gets a request id, the log the cause.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        let id = Ulid::generate().to_string();
        let mut error = Self::new(
            ProblemCode::Internal,
            format!(
                "The server failed. Devices are not affected. Its log has the cause under {id}"
            ),
        );
        error.problem.request_id = Some(id);
        error.cause = Some(format!("{cause:#}"));
        error
    }

    /// The server's disk is full.
    pub(crate) fn storage_full() -> Self {
        Self::new(
            ProblemCode::StorageFull,
            "The server's disk is full. What was live stays live. Free space on the server, then try again",
        )
    }

    pub(crate) fn code(&self) -> ProblemCode {
        self.problem.code
    }

    /// Status and detail, for protocols that have an error shape of their own. The log gets the cause.
    pub(crate) fn told(self) -> (StatusCode, String) {
        self.log();
        (self.status(), self.problem.detail)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn log(&self) {
        if let Some(cause) = &self.cause {
            tracing::error!(
                request_id = self.problem.request_id,
                "A request failed: {cause}"
            );
        }
    }

    pub(crate) fn with_release(mut self, release: &str) -> Self {
        self.problem.release = Some(release.to_owned());
        self
    }

    pub(crate) fn with_offset(mut self, offset: u64) -> Self {
        self.problem.offset = Some(offset);
        self
    }

    pub(crate) fn with_conflict(
        mut self,
        channel: ChannelState,
        changed_by: Option<ActivityEntry>,
    ) -> Self {
        self.problem.channel = Some(Box::new(channel));
        self.problem.changed_by = changed_by.map(Box::new);
        self
    }
}

/// Status and title of each code: the whole table in one place.
fn kind(code: ProblemCode) -> (StatusCode, &'static str) {
    use ProblemCode as P;
    match code {
        P::TokenInvalid => (
            StatusCode::UNAUTHORIZED,
            "The access token is not known here",
        ),
        P::TokenExpired => (StatusCode::UNAUTHORIZED, "The access token expired"),
        P::Forbidden => (StatusCode::FORBIDDEN, "Your role may not do this"),
        P::UnknownApp => (StatusCode::NOT_FOUND, "There is no such app"),
        P::UnknownChannel => (StatusCode::NOT_FOUND, "There is no such channel"),
        P::UnknownRelease => (StatusCode::NOT_FOUND, "There is no such release"),
        P::NotFound => (StatusCode::NOT_FOUND, "There is nothing here"),
        P::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here"),
        P::Malformed => (StatusCode::BAD_REQUEST, "The request cannot be read"),
        P::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "A value cannot be used"),
        P::AppExists => (StatusCode::CONFLICT, "The slug is taken"),
        P::AppNotEmpty => (StatusCode::CONFLICT, "The app has releases"),
        P::ChannelExists => (StatusCode::CONFLICT, "The channel exists"),
        P::VersionExists => (StatusCode::CONFLICT, "The version exists"),
        P::KeyExists => (StatusCode::CONFLICT, "The key is trusted already"),
        P::RevisionConflict => (StatusCode::CONFLICT, "The channel changed meanwhile"),
        P::SourceChanged => (StatusCode::CONFLICT, "The other channel changed meanwhile"),
        P::NotADraft => (StatusCode::CONFLICT, "The release is not a draft"),
        P::NotReady => (StatusCode::CONFLICT, "The release cannot be offered"),
        P::AlreadyLive => (StatusCode::CONFLICT, "The channel offers it already"),
        P::NothingLive => (StatusCode::CONFLICT, "There is nothing to take"),
        P::NoBuiltIn => (StatusCode::CONFLICT, "There is no signed empty bundle"),
        P::WrongOffset => (StatusCode::CONFLICT, "The chunk does not follow"),
        P::UploadIncomplete => (StatusCode::CONFLICT, "The upload is not complete"),
        P::DigestMismatch => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The bytes are not those announced",
        ),
        P::KeyNotTrusted => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The app does not trust the key",
        ),
        P::SignatureInvalid => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The signature is not good",
        ),
        P::ArchiveRefused => (StatusCode::UNPROCESSABLE_ENTITY, "The archive was refused"),
        P::IdempotencyKeyReused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The idempotency key was used before",
        ),
        P::RevisionRequired => (
            StatusCode::PRECONDITION_REQUIRED,
            "The change must name a revision",
        ),
        P::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        P::StorageFull => (
            StatusCode::INSUFFICIENT_STORAGE,
            "The server's disk is full",
        ),
        P::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
    }
}

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        // SQLITE_FULL has no variant of its own in the layers above.
        if error.to_string().contains("database or disk is full") {
            return Self::storage_full();
        }
        Self::internal(error)
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        if disk_is_full(&error) {
            return Self::storage_full();
        }
        Self::internal(error)
    }
}

impl From<object_store::Error> for ApiError {
    fn from(error: object_store::Error) -> Self {
        if disk_is_full(&error) {
            return Self::storage_full();
        }
        Self::internal(error)
    }
}

/// Whether a full disk or quota is at the bottom of it.
fn disk_is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        // What an I/O error wraps is not its `source`, but has one.
        return matches!(io.kind(), StorageFull | QuotaExceeded)
            || io.get_ref().is_some_and(|inner| disk_is_full(inner));
    }
    error.source().is_some_and(disk_is_full)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let mut response = (status, Json(&*self.problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
