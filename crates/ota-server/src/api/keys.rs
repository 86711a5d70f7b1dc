//! The public keys an app trusts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ota_api::{ActionKind, ProblemCode, TrustKey, TrustedKey};
use ota_bundle::{ArchiveLimits, Contents, Format};
use ota_model::{AppSlug, ArtifactKind, KeyId, Lane, ReleaseKind, ReleaseState, Sha256};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ActiveValue::Set, DatabaseTransaction,
    EntityTrait as _,
};
use ulid::Ulid;

use super::extract::{self, Path};
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::signatures::{self, PublicKey};
use crate::state::AppState;
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, artifact, key, listing, release};
use crate::store::read;
use crate::store::text::{Word as _, signed};

/// The keys an app trusts, the newest first.
#[utoipa::path(get, path = "/v1/apps/{app}/keys", operation_id = "list_keys", tag = "keys", params(("app" = String, Path)),
    responses((status = 200, body = Vec<TrustedKey>), Problems))]
pub(super) async fn list(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
) -> Result<Json<Vec<TrustedKey>>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    Ok(Json(read::keys(&state.db, app.id).await?))
}

/// Trust a key. With it comes the empty bundle it signed, so that going back to the built-in assets needs no key.
#[utoipa::path(post, path = "/v1/apps/{app}/keys", operation_id = "trust_key", tag = "keys", params(("app" = String, Path)),
    request_body = TrustKey, responses((status = 201, body = TrustedKey), Problems))]
pub(super) async fn trust(
    State(state): State<AppState>,
    operator: Operator,
    Path(slug): Path<AppSlug>,
    extract::Json(body): extract::Json<TrustKey>,
) -> Result<(StatusCode, Json<TrustedKey>), ApiError> {
    operator.require(May::Administer)?;
    let public = PublicKey::parse(&body.public_key).map_err(|error| {
        ApiError::new(
            ProblemCode::Invalid,
            format!("This is no minisign public key: {error}"),
        )
    })?;
    if body.name.trim().is_empty() {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "A key needs a name, so that people can tell it from others. The key is not trusted",
        ));
    }
    let archive = checked_built_in(&body, &public, &slug)?;

    let change = state.begin().await?;
    let mut app = extract::app(&change.tx, &slug).await?;
    if read::keys(&change.tx, app.id)
        .await?
        .iter()
        .any(|known| known.id == *public.id())
    {
        return Err(ApiError::new(
            ProblemCode::KeyExists,
            format!(
                "{slug} trusts the key {} already. Nothing was changed",
                public.id()
            ),
        ));
    }
    // Before the rows that name it: a blob without rows is harmless, rows without a blob are not.
    let sha256 = Sha256::of(&archive);
    state.blobs.put(sha256, archive.clone()).await?;
    let now = state.now();
    key::ActiveModel {
        id: NotSet,
        app_id: Set(app.id),
        key_id: Set(public.id().to_string()),
        name: Set(body.name.clone()),
        public_key: Set(public.line().to_owned()),
        added_at: Set(now.timestamp_millis()),
        added_by: Set(operator.name().to_owned()),
    }
    .insert(&change.tx)
    .await?;
    let built_in = BuiltIn {
        key: public.id(),
        sha256,
        size_bytes: archive.len() as u64,
    };
    store_built_in(
        &change.tx,
        &app,
        &built_in,
        &body.built_in_signature,
        operator.name(),
        now.timestamp_millis(),
    )
    .await?;
    let summary = format!("Trusts the key {} {}", body.name, public.id());
    let happened = Happened {
        digest: Some(sha256),
        ..Happened::new(now, operator.name(), ActionKind::KeyTrusted, summary)
    };
    let entry = activity::append(&change.tx, &mut app, happened).await?;
    change.commit(&app, vec![entry]).await?;
    let trusted = TrustedKey {
        id: public.id().clone(),
        name: body.name,
        public_key: public.line().to_owned(),
        added_at: now,
        added_by: operator.name().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(trusted)))
}

/// The empty bundle, once it is known to be empty and signed by the key.
fn checked_built_in(body: &TrustKey, public: &PublicKey, app: &AppSlug) -> Result<Bytes, ApiError> {
    let refused = |why: String| {
        ApiError::new(
            ProblemCode::ArchiveRefused,
            format!(
                "The empty bundle that comes with the key cannot be used: {why}. The key is not trusted"
            ),
        )
    };
    let archive = STANDARD
        .decode(&body.built_in_archive)
        .map_err(|error| refused(error.to_string()))?;
    let limits = ArchiveLimits::default().holding(Contents::Nothing);
    ota_bundle::verify_reader(std::io::Cursor::new(&archive), Format::TarGz, &limits)
        .map_err(|error| refused(error.to_string()))?;
    let signature = signatures::Signature::parse(&body.built_in_signature)?;
    signature.names(None, app)?;
    public.verify(&signature, &archive[..])?;
    Ok(archive.into())
}

struct BuiltIn<'a> {
    key: &'a KeyId,
    sha256: Sha256,
    size_bytes: u64,
}

async fn store_built_in(
    tx: &DatabaseTransaction,
    app: &app::Model,
    built_in: &BuiltIn<'_>,
    signature: &str,
    by: &str,
    now: i64,
) -> Result<(), ApiError> {
    let id = Ulid::generate().to_string();
    release::ActiveModel {
        id: Set(id.clone()),
        app_id: Set(app.id),
        // A pre-release of nothing: lower than every version, one for each key.
        version: Set(format!(
            "0.0.0-builtin.k{}",
            built_in.key.as_str().to_ascii_lowercase()
        )),
        kind: Set(ReleaseKind::BuiltIn.word().to_owned()),
        state: Set(ReleaseState::Ready.word().to_owned()),
        notes: Set(String::new()),
        min_binary_version: Set("0.0.0-0".to_owned()),
        max_binary_version: Set(None),
        files: Set(Some(0)),
        unpacked_bytes: Set(Some(0)),
        created_at: Set(now),
        created_by: Set(by.to_owned()),
        lane: Set(Lane::Web.word().to_owned()),
    }
    .insert(tx)
    .await?;
    let rows = listing::ActiveModel {
        release_id: Set(id.clone()),
        listing: Set(r#"{"files":[]}"#.to_owned()),
    };
    listing::Entity::insert(rows)
        .exec_without_returning(tx)
        .await?;
    let row = artifact::ActiveModel {
        release_id: Set(id),
        kind: Set(ArtifactKind::TarGz.word().to_owned()),
        app_id: Set(app.id),
        sha256: Set(built_in.sha256.to_string()),
        size_bytes: Set(signed(built_in.size_bytes)?),
        signature: Set(signature.to_owned()),
        key_id: Set(built_in.key.to_string()),
        seal: Set(None),
    };
    artifact::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
