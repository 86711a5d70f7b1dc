//! Bearer tokens: 256 random bits, of which only the SHA-256 is stored.

use chrono::{DateTime, TimeDelta, Utc};
use ota_api::Role;
use ota_model::Sha256;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait as _,
    ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};

use super::entities::token;
use super::text::{parsed, time};

/// The beginning of every token, so that people and secret scanners know one when they see it.
pub(crate) const PREFIX: &str = "swt_";

/// A token as the server knows it.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

/// A token's last use is noted this often at most: reading must not cost a write each time.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Token {
    pub(crate) fn was_not_used_lately(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at
            .is_none_or(|last| now - last > NOTED_EVERY)
    }
}

/// Makes a token and returns its secret, which is stored nowhere.
pub(crate) async fn create(
    db: &impl ConnectionTrait,
    name: &str,
    role: Role,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<String, DbErr> {
    let mut bits = [0_u8; 32];
    getrandom::fill(&mut bits)
        .map_err(|error| DbErr::Custom(format!("no random numbers: {error}")))?;
    let secret = format!("{PREFIX}{}", hex::encode(bits));
    token::ActiveModel {
        id: NotSet,
        name: Set(name.to_owned()),
        role: Set(role.to_string()),
        hash: Set(Sha256::of(secret.as_bytes()).to_string()),
        created_at: Set(now.timestamp_millis()),
        expires_at: Set(expires_at.map(|at| at.timestamp_millis())),
        last_used_at: Set(None),
    }
    .insert(db)
    .await?;
    Ok(secret)
}

/// The token with this secret. Looking up a digest leaks nothing of the secret by its timing.
pub(crate) async fn find(db: &impl ConnectionTrait, secret: &str) -> Result<Option<Token>, DbErr> {
    let hash = Sha256::of(secret.as_bytes()).to_string();
    let row = token::Entity::find()
        .filter(token::Column::Hash.eq(hash))
        .one(db)
        .await?;
    row.map(|row| {
        Ok(Token {
            id: row.id,
            role: parsed("role", &row.role)?,
            expires_at: row.expires_at.map(time).transpose()?,
            last_used_at: row.last_used_at.map(time).transpose()?,
            name: row.name,
        })
    })
    .transpose()
}

/// Notes when a token was used.
pub(crate) async fn touch(
    db: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Some(row) = token::Entity::find_by_id(id).one(db).await? else {
        return Ok(());
    };
    let mut row = row.into_active_model();
    row.last_used_at = Set(Some(now.timestamp_millis()));
    row.update(db).await?;
    Ok(())
}
