//! Trusting a key: with it goes the empty bundle that it signs, so that going back to the built-in assets needs no key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use ota_api::{TrustKey, TrustedKey};
use ota_bundle::Format;
use ota_keys::{KeyError, SecretKey, TrustedComment};
use ota_model::AppSlug;

use crate::client::Client;
use crate::error::ClientError;

/// The version that the signature of an empty bundle names.
const BUILT_IN: &str = "built-in";

impl Client {
    /// Makes an app trust `key` under `name`, and hands it the empty bundle signed by it. The secret stays here.
    pub async fn trust_key(
        &self,
        app: &AppSlug,
        name: &str,
        key: &SecretKey,
    ) -> Result<TrustedKey, ClientError> {
        self.add_key(app, &signed_trust(app, name, key)?).await
    }
}

/// The request that makes an app trust `key`. Signs an empty archive, which takes a millisecond.
fn signed_trust(app: &AppSlug, name: &str, key: &SecretKey) -> Result<TrustKey, KeyError> {
    let archive = ota_bundle::empty_bundle(Format::TarGz);
    let comment = TrustedComment::new(Utc::now(), "built-in.tar.gz", BUILT_IN, app.clone())
        .map_err(|error| KeyError::ReadData(std::io::Error::other(error)))?;
    let signature = key.sign(archive.as_slice(), &comment)?;
    Ok(TrustKey {
        name: name.to_owned(),
        public_key: key.public().hotswap(),
        built_in_archive: STANDARD.encode(&archive),
        built_in_signature: signature.text().to_owned(),
    })
}
