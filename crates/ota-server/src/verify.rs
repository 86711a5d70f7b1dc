//! Checking what was uploaded: size, digest, signature, archive, in this order.

use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use ota_api::{ProblemCode, Slot};
use ota_bundle::{ArchiveError, ArchiveLimits, Format, Listing};
use ota_model::{AppSlug, ArtifactKind, Hint as _, InstallerType, PlatformKey, Sha256};
use sha2::Digest as _;

use crate::capgo_key::{CannotOpen, CapgoKey};
use crate::error::ApiError;
use crate::signatures::{PublicKey, Signature};
use crate::store::entities::upload;
use crate::store::read;
use crate::store::text::{parsed, unsigned};

/// An upload whose every byte was checked.
pub(crate) struct Verified {
    pub(crate) upload: upload::Model,
    pub(crate) path: PathBuf,
    pub(crate) key_id: String,
    pub(crate) contents: Checked,
}

/// What the bytes turned out to be.
pub(crate) enum Checked {
    /// A web build with these files.
    Archive(ArtifactKind, Listing),
    /// An installer.
    Installer(PlatformKey, InstallerType),
}

/// What was announced, with what is needed to check it. Owned, so that it can go to a thread.
pub(crate) struct Unchecked {
    pub(crate) trusted: Vec<String>,
    /// The public key of the app's Capgo clients, if they have one.
    pub(crate) capgo_key: Option<String>,
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
        let contents = match parsed("upload", &self.upload.kind)? {
            Slot::Archive(kind) => Checked::Archive(kind, self.check_archive(kind)?),
            Slot::Installer(platform) => {
                let packed = self.check_installer(&platform)?;
                Checked::Installer(platform, packed)
            }
        };
        Ok(Verified {
            upload: self.upload,
            path: self.path,
            key_id,
            contents,
        })
    }

    fn check_signature(&self) -> Result<String, ApiError> {
        let signature = &self.upload.signature;
        check_signature(
            &self.trusted,
            signature,
            &self.app,
            &self.version,
            &self.path,
        )
    }

    /// Looks at the first bytes, as the client will (protocols.md 2.4).
    fn check_installer(&self, platform: &PlatformKey) -> Result<InstallerType, Refused> {
        let file = self.upload.file.as_deref().unwrap_or_default();
        let found = ota_bundle::sniff_installer(&self.path).map_err(ApiError::internal)?;
        let found = found
            .map(ota_bundle::Packed::installer_type)
            .filter(|packed| ota_bundle::installer_fits(*packed, platform));
        found.ok_or_else(|| Refused {
            error: ApiError::new(
                ProblemCode::ArchiveRefused,
                format!(
                    "{file} is not what devices of {platform} can install. Nothing was published. \
                     Choose the platform that it was built for"
                ),
            ),
            useless: true,
        })
    }

    fn check_archive(&self, kind: ArtifactKind) -> Result<Listing, Refused> {
        let format = match kind {
            ArtifactKind::TarGz => Format::TarGz,
            ArtifactKind::Zip => Format::Zip,
            ArtifactKind::CapgoZip => {
                // Removed on every way out.
                let plain = tempfile::NamedTempFile::new_in(self.folder())?;
                self.open(plain.path())?;
                return check_contents(plain.path(), Format::Zip);
            }
        };
        check_contents(&self.path, format)
    }

    /// Where the upload lies: there is room for a copy, or there is none for the release.
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Decrypts the archive, as every device of the app can, and compares its digest with the sealed one.
    fn open(&self, plain: &Path) -> Result<(), Refused> {
        let refused = |error: String| Refused {
            error: ApiError::new(
                ProblemCode::ArchiveRefused,
                format!("{error}. Nothing was published"),
            ),
            useless: true,
        };
        let Some(pem) = &self.capgo_key else {
            return Err(refused(format!(
                "{} has no Capgo key, so it takes no encrypted bundle",
                self.app
            )));
        };
        let key = CapgoKey::parse(pem).map_err(ApiError::internal)?;
        let seal = self.upload.seal.as_deref().unwrap_or_default();
        let seal = read::seal(seal)?;
        let expected = match key.open(&seal, &self.path, plain) {
            Ok(expected) => expected,
            Err(CannotOpen::Io(error)) => return Err(error.into()),
            Err(CannotOpen::Refused(why)) => {
                return Err(refused(format!(
                    "Devices could not open the encrypted bundle: {why}"
                )));
            }
        };
        if digest(plain)? == expected {
            Ok(())
        } else {
            Err(refused(
                "The encrypted bundle holds other bytes than its checksum says".to_owned(),
            ))
        }
    }
}

/// Checks the four lines over a file against the keys that the app trusts. Gives the id of the key that made them.
pub(crate) fn check_signature(
    trusted: &[String],
    signature: &str,
    app: &AppSlug,
    version: &str,
    path: &Path,
) -> Result<String, ApiError> {
    let signature = Signature::parse(signature)?;
    signature.names(Some(version), app)?;
    for line in trusted {
        let public = PublicKey::parse(line).map_err(ApiError::internal)?;
        if public.id() == signature.key_id() {
            let file = fs_err::File::open(path)?;
            public.verify(&signature, BufReader::new(file))?;
            return Ok(public.id().to_string());
        }
    }
    Err(ApiError::new(
        ProblemCode::KeyNotTrusted,
        format!(
            "{app} does not trust the key {}. Nothing was published. Trust it first, or sign with a key it trusts",
            signature.key_id()
        ),
    ))
}

/// Reads the whole archive, or says why no client should get it.
fn check_contents(path: &Path, format: Format) -> Result<Listing, Refused> {
    ota_bundle::verify_archive(path, format, &ArchiveLimits::default()).map_err(|error| {
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

pub(crate) fn digest(path: &Path) -> Result<Sha256, std::io::Error> {
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
