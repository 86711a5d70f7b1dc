//! Upload URLs that need no header: what may be uploaded, until when, and a MAC over it.

use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ota_model::PlatformKey;
use serde::Deserialize;
use sha2::Sha256;

use super::refusal::Refusal;

/// How long an upload may begin after it was announced.
const LIFE: TimeDelta = TimeDelta::hours(1);
const SECRET_BYTES: usize = 32;
/// In the data folder, for the server's account alone.
const FILE: &str = "upload-urls.secret";

/// What upload URLs are made with. Whoever has it can upload what was announced, and nothing else.
pub(crate) struct UploadSecret(Vec<u8>);

impl UploadSecret {
    /// Reads the secret of a data folder, or makes one. A damaged one is replaced: URLs that are out end with it.
    pub(crate) fn open(data: &Path) -> std::io::Result<Self> {
        let path = data.join(FILE);
        match fs_err::read(&path) {
            Ok(secret) if secret.len() == SECRET_BYTES => return Ok(Self(secret)),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut secret = vec![0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
        let unfinished = data.join(format!("{FILE}.new"));
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use fs_err::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&unfinished)?;
        file.write_all(&secret)?;
        file.sync_all()?;
        fs_err::rename(&unfinished, &path)?;
        Ok(Self(secret))
    }

    fn mac(&self, text: &str) -> Result<Hmac<Sha256>, Refusal> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).map_err(crate::error::ApiError::internal)?;
        mac.update(text.as_bytes());
        Ok(mac)
    }
}

/// Which bytes an upload URL is for.
pub(super) struct Grant<'a> {
    /// Our id.
    pub(super) release: &'a str,
    pub(super) platform: &'a PlatformKey,
    pub(super) size_bytes: u64,
}

/// The query of an upload URL.
#[derive(Debug, Deserialize)]
pub(super) struct Seal {
    pub(super) size: u64,
    /// In Unix seconds.
    expires: i64,
    /// In hex.
    signature: String,
}

impl Grant<'_> {
    fn text(&self, expires: i64) -> String {
        format!(
            "PUT\n{}\n{}\n{}\n{expires}",
            self.release, self.platform, self.size_bytes
        )
    }

    /// The query of the URL that gives this.
    pub(super) fn query(
        &self,
        secret: &UploadSecret,
        now: DateTime<Utc>,
    ) -> Result<String, Refusal> {
        let expires = (now + LIFE).timestamp();
        let mac = secret.mac(&self.text(expires))?.finalize();
        Ok(format!(
            "size={}&expires={expires}&signature={}",
            self.size_bytes,
            hex::encode(mac.into_bytes())
        ))
    }

    /// Refuses a URL that this server did not make, or that is too old.
    pub(super) fn check(
        &self,
        secret: &UploadSecret,
        seal: &Seal,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let given = hex::decode(&seal.signature).unwrap_or_default();
        // Compares in constant time.
        if secret
            .mac(&self.text(seal.expires))?
            .verify_slice(&given)
            .is_err()
        {
            return Err(Refusal::forbidden(
                "This server did not make this upload URL. Nothing was uploaded. Announce the artifact and use the URL as it comes",
            ));
        }
        if now.timestamp() >= seal.expires {
            return Err(Refusal::forbidden(
                "The upload URL has expired. Nothing was uploaded. Announce the artifact again for a new one",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_stays_and_is_for_the_server_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = UploadSecret::open(folder.path()).unwrap();
        let second = UploadSecret::open(folder.path()).unwrap();
        assert_eq!(first.0, second.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs_err::metadata(folder.path().join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }

        fs_err::write(folder.path().join(FILE), b"cut off").unwrap();
        assert_ne!(UploadSecret::open(folder.path()).unwrap().0, first.0);
    }
}
