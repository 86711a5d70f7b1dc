//! Extractors that answer with problems instead of plain text.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderMap, header};
use ota_api::ProblemCode;
use ota_model::{AppSlug, ChannelName, ReleaseId, Revision};
use sea_orm::ConnectionTrait;

use crate::error::ApiError;
use crate::store::entities::{app, channel, release};
use crate::store::read;

/// Parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(super) struct Path<T>(pub(super) T);

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub(super) struct Query<T>(pub(super) T);

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub(super) struct Json<T>(pub(super) T);

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            ProblemCode::Malformed,
            format!("The path cannot be read: {}", rejection.body_text()),
        )
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            ProblemCode::Malformed,
            format!("The query cannot be read: {}", rejection.body_text()),
        )
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(
                ProblemCode::TooLarge,
                "The body is larger than the server takes",
            );
        }
        Self::new(
            ProblemCode::Malformed,
            format!("The body cannot be read: {}", rejection.body_text()),
        )
    }
}

/// The app of the path.
pub(super) async fn app(db: &impl ConnectionTrait, slug: &AppSlug) -> Result<app::Model, ApiError> {
    read::app_by_slug(db, slug).await?.ok_or_else(|| {
        ApiError::new(
            ProblemCode::UnknownApp,
            format!("This server has no app “{slug}”"),
        )
    })
}

/// The channel of the path. The message names those that exist.
pub(super) async fn channel(
    db: &impl ConnectionTrait,
    app: &app::Model,
    name: &ChannelName,
) -> Result<channel::Model, ApiError> {
    if let Some(row) = read::channel_row(db, app.id, name).await? {
        return Ok(row);
    }
    let known: Vec<_> = read::channel_rows(db, app.id)
        .await?
        .into_iter()
        .map(|row| row.name)
        .collect();
    Err(ApiError::new(
        ProblemCode::UnknownChannel,
        format!(
            "{} has no channel “{name}”. It has {}",
            app.slug,
            known.join(", ")
        ),
    ))
}

/// The release of the path.
pub(super) async fn release(
    db: &impl ConnectionTrait,
    app: &app::Model,
    id: &ReleaseId,
) -> Result<release::Model, ApiError> {
    read::release_row(db, app.id, id).await?.ok_or_else(|| {
        ApiError::new(
            ProblemCode::UnknownRelease,
            format!("{} has no release {id}", app.slug),
        )
    })
}

/// The revision that the author of a change saw.
pub(super) fn seen_revision(headers: &HeaderMap) -> Result<Revision, ApiError> {
    let value = headers.get(header::IF_MATCH).ok_or_else(|| {
        ApiError::new(
            ProblemCode::RevisionRequired,
            "Send the channel's revision that you saw as `If-Match`, so that nobody's change is overwritten",
        )
    })?;
    value
        .to_str()
        .ok()
        .and_then(|text| {
            text.trim()
                .trim_start_matches("W/")
                .trim_matches('"')
                .parse()
                .ok()
        })
        .map(Revision)
        .ok_or_else(|| {
            ApiError::new(
                ProblemCode::Malformed,
                "`If-Match` must be the channel's revision, a number",
            )
        })
}
