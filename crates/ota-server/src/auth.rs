//! Who is asking, and whether they may.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use ota_api::{ProblemCode, Role};

use crate::error::ApiError;
use crate::state::AppState;
use crate::store::tokens::{self, Token};

/// What a handler needs the role to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// See everything.
    Read,
    /// Make and discard drafts.
    Draft,
    /// Offer releases: publish, promote, recall, edit notes.
    Publish,
    /// Take a channel back to what was live on it, or to the built-in assets; pause it.
    GoBack,
    /// Apps, keys and channel settings.
    Administer,
}

impl May {
    fn allowed(self, role: Role) -> bool {
        match self {
            Self::Read => true,
            Self::Draft => matches!(role, Role::Designer | Role::ReleaseManager | Role::Admin),
            Self::Publish => matches!(role, Role::ReleaseManager | Role::Admin),
            Self::GoBack => matches!(role, Role::Support | Role::ReleaseManager | Role::Admin),
            Self::Administer => role == Role::Admin,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Draft => "make drafts",
            Self::Publish => "publish",
            Self::GoBack => "roll back",
            Self::Administer => "change apps, keys and channels",
        }
    }
}

/// The bearer of a valid token.
#[derive(Debug, Clone)]
pub(crate) struct Operator(Token);

impl Operator {
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn role(&self) -> Role {
        self.0.role
    }

    pub(crate) fn token(&self) -> &Token {
        &self.0
    }

    /// Refuses what the role does not allow.
    pub(crate) fn require(&self, may: May) -> Result<(), ApiError> {
        if may.allowed(self.role()) {
            return Ok(());
        }
        Err(ApiError::new(
            ProblemCode::Forbidden,
            format!(
                "Your role ({}) may not {}. Nothing was changed. Ask somebody whose role may",
                self.role().label(),
                may.words()
            ),
        ))
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let secret = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, secret)| secret.trim())
            .ok_or_else(|| {
                ApiError::new(
                    ProblemCode::TokenInvalid,
                    "The request carries no access token. Send it as `Authorization: Bearer swt_…`",
                )
            })?;
        Self::of_secret(state, secret).await
    }
}

impl Operator {
    /// The bearer of this access token.
    pub(crate) async fn of_secret(state: &AppState, secret: &str) -> Result<Self, ApiError> {
        let token = tokens::find(&state.db, secret).await?.ok_or_else(|| {
            ApiError::new(
                ProblemCode::TokenInvalid,
                "This server does not know the access token. Devices are not affected. \
                 Ask whoever runs the server for a token",
            )
        })?;
        let now = state.now();
        if let Some(expired) = token.expires_at.filter(|at| *at <= now) {
            return Err(ApiError::new(
                ProblemCode::TokenExpired,
                format!(
                    "Your access token expired at {}. Devices, releases and keys are not affected. Use a new token",
                    expired.format("%Y-%m-%d %H:%M UTC")
                ),
            ));
        }
        if token.was_not_used_lately(now) {
            let (state, id) = (state.clone(), token.id);
            tokio::spawn(async move {
                // Only a note for people; a failed one changes nothing.
                if let Err(error) = note_use(&state, id, now).await {
                    tracing::debug!("The last use of a token was not noted: {error:?}");
                }
            });
        }
        Ok(Self(token))
    }
}

async fn note_use(state: &AppState, id: i64, now: DateTime<Utc>) -> Result<(), ApiError> {
    let change = state.begin().await?;
    tokens::touch(&change.tx, id, now).await?;
    change.commit_quietly().await
}
