//! Checking what was uploaded: size, digest, signature, archive, in this order.

use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use ota_api::ProblemCode;
use ota_bundle::{ArchiveError, ArchiveLimits, Format, Listing};
use ota_model::{AppSlug, ArtifactKind, Hint as _, Sha256};
use sha2::Digest as _;

use crate::error::ApiError;
use crate::signatures::{PublicKey, Signature};
use crate::store::entities::upload;
use crate::store::text::{Word as _, parsed, unsigned};

/// An upload whose every byte was checked.
pub(crate) struct Verified {
    pub(crate) upload: upload::Model,
    pub(crate) path: PathBuf,
    pub(crate) key_id: String,
    pub(crate) listing: Listing,
}

/// What was announced, with what is needed to check it. Owned, so that it can go to a thread.
pub(crate) struct Unchecked {
    pub(crate) trusted: Vec<String>,
    pub(crate) app: AppSlug,
    pub(crate) version: String,
    pub(crate) upload: upload::Model,
    pub(crate) path: PathBuf,
}

/// A refused upload. Useless bytes are removed: no later chunk can make them good.
pub(crate) struct Refused {
    pub(crate) error: ApiError,
    pub(crate) useless: bool,
}

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            useless: false,
        }
    }
}

impl Unchecked {
    pub(crate) fn verify(self) -> Result<Verified, Refused> {
        let size_bytes = unsigned(self.upload.size_bytes)?;
        let there = fs_err::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if there < size_bytes {
            let error = ApiError::new(
                ProblemCode::UploadIncomplete,
                format!(
                    "{there} of {size_bytes} bytes have arrived. They are kept. Send the rest, then finalize"
                ),
            );
            return Err(error.with_offset(there).into());
        }
        let found = digest(&self.path)?;
        if found.to_string() != self.upload.sha256 {
            let error = ApiError::new(
                ProblemCode::DigestMismatch,
                format!(
                    "The bytes came as {}, expected {}. The bad copy was never offered to a device. Upload again",
                    found.short(),
                    parsed::<Sha256>("digest", &self.upload.sha256)?.short()
                ),
            );
            return Err(Refused {
                error,
                useless: true,
            });
        }
        let key_id = self.check_signature()?;
        let listing = self.check_archive()?;
        Ok(Verified {
            upload: self.upload,
            path: self.path,
            key_id,
            listing,
        })
    }

    fn check_signature(&self) -> Result<String, ApiError> {
        let signature = Signature::parse(&self.upload.signature)?;
        signature.names(Some(&self.version), &self.app)?;
        for line in &self.trusted {
            let public = PublicKey::parse(line).map_err(ApiError::internal)?;
            if public.id() == signature.key_id() {
                let file = fs_err::File::open(&self.path)?;
                public.verify(&signature, BufReader::new(file))?;
                return Ok(public.id().to_string());
            }
        }
        Err(ApiError::new(
            ProblemCode::KeyNotTrusted,
            format!(
                "{} does not trust the key {}. Nothing was published. Trust it first, or sign with a key it trusts",
                self.app,
                signature.key_id()
            ),
        ))
    }

    fn check_archive(&self) -> Result<Listing, Refused> {
        let format = match ArtifactKind::read(&self.upload.kind)? {
            ArtifactKind::TarGz => Format::TarGz,
            ArtifactKind::Zip => Format::Zip,
        };
        ota_bundle::verify_archive(&self.path, format, &ArchiveLimits::default()).map_err(|error| {
            if matches!(error, ArchiveError::Read { .. }) {
                return Refused {
                    error: ApiError::internal(error),
                    useless: false,
                };
            }
            let hint = error
                .hint()
                .map_or_else(String::new, |hint| format!(". {hint}"));
            let error = ApiError::new(
                ProblemCode::ArchiveRefused,
                format!("{error}. Nothing was published{hint}"),
            );
            Refused {
                error,
                useless: true,
            }
        })
    }
}

fn digest(path: &Path) -> Result<Sha256, std::io::Error> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut block)?;
        let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hasher.update(bytes);
    }
    Ok(Sha256::from_bytes(hasher.finalize().into()))
}
