//! A repeated request gets the first one's answer.

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use ota_api::{IDEMPOTENCY_KEY, ProblemCode};
use ota_model::Sha256;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::Operator;
use crate::error::ApiError;
use crate::store::entities::idempotency;

/// A request that may be repeated: the header's key and what was asked.
pub(super) struct Repeatable {
    token_id: i64,
    key: String,
    request_hash: String,
}

impl Repeatable {
    /// The key of the request, if it carries one. `what` is the path, `body` the request.
    pub(super) fn from(
        headers: &HeaderMap,
        operator: &Operator,
        what: &str,
        body: &impl Serialize,
    ) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default().trim().to_owned();
        if key.is_empty() || key.len() > 128 {
            return Err(ApiError::new(
                ProblemCode::Malformed,
                "`Idempotency-Key` has 1 to 128 visible ASCII characters",
            ));
        }
        let mut asked = what.as_bytes().to_vec();
        asked.push(b'\n');
        serde_json::to_writer(&mut asked, body).map_err(ApiError::internal)?;
        Ok(Some(Self {
            token_id: operator.token().id,
            key,
            request_hash: Sha256::of(&asked).to_string(),
        }))
    }

    /// The answer that was given before, if any.
    pub(super) async fn answered<T: DeserializeOwned>(
        &self,
        tx: &DatabaseTransaction,
    ) -> Result<Option<T>, ApiError> {
        let Some(row) = idempotency::Entity::find_by_id((self.token_id, self.key.clone()))
            .one(tx)
            .await?
        else {
            return Ok(None);
        };
        if row.request_hash != self.request_hash {
            return Err(ApiError::new(
                ProblemCode::IdempotencyKeyReused,
                "This `Idempotency-Key` came with another request before. Nothing was changed. Use a new key",
            ));
        }
        serde_json::from_str(&row.answer)
            .map(Some)
            .map_err(ApiError::internal)
    }

    /// Keeps the answer, in the transaction that makes it true.
    pub(super) async fn remember(
        self,
        tx: &DatabaseTransaction,
        answer: &impl Serialize,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        let row = idempotency::ActiveModel {
            token_id: Set(self.token_id),
            key: Set(self.key),
            request_hash: Set(self.request_hash),
            answer: Set(serde_json::to_string(answer).map_err(ApiError::internal)?),
            created_at: Set(now.timestamp_millis()),
        };
        idempotency::Entity::insert(row)
            .exec_without_returning(tx)
            .await?;
        Ok(())
    }
}
