//! Errors as this API writes them: `{"error": "text"}`.

use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sea_orm::DbErr;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A refused request, or a fault of ours.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
}

/// The body.
#[derive(Serialize)]
struct Told<'a> {
    error: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
        }
    }

    /// 400: a value cannot be.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// 403: not allowed here.
    pub(super) fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    /// 404: not here.
    pub(super) fn unknown(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// 422: it does not fit what is there.
    pub(super) fn unfit(error: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error)
    }

    pub(super) fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }

    /// The same words with another status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Says more in the same breath.
    pub(super) fn with(mut self, more: &str) -> Self {
        self.error.push_str(more);
        self
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let (status, text) = error.told();
        // The statuses that publish scripts know (protocols.md 5).
        let status = match status {
            StatusCode::CONFLICT | StatusCode::PRECONDITION_REQUIRED => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            StatusCode::INSUFFICIENT_STORAGE => StatusCode::INTERNAL_SERVER_ERROR,
            other => other,
        };
        Self::new(status, text)
    }
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        ApiError::from(error).into()
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        ApiError::from(error).into()
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::bad(format!(
            "The path cannot be read: {}",
            rejection.body_text()
        ))
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        let status = rejection.status();
        let error = if status == StatusCode::PAYLOAD_TOO_LARGE {
            "The body is larger than the server takes".to_owned()
        } else {
            format!("The body cannot be read: {}", rejection.body_text())
        };
        Self::new(status, error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = axum::Json(Told { error: &self.error });
        (self.status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
    }
}

/// Parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refusal))]
pub(super) struct Path<T>(pub(super) T);

/// A JSON body, whatever its content type says: scripts that send it with curl often name none.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Refusal::bad(format!("The body cannot be read: {error}")))
    }
}
