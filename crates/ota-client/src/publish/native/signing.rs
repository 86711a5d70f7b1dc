//! Reading installers, checking the signatures that they came with, and signing the others.

use std::io::{self, Read as _};
use std::path::Path;

use chrono::Utc;
use ota_api::TrustedKey;
use ota_bundle::installers::InstallerFile;
use ota_bundle::{CancellationToken, Phase};
use ota_keys::{KeyError, PublicKey, SecretKey, Signature, TrustedComment, VerifyError};
use ota_model::Sha256;
use semver::Version;
use sha2::Digest as _;

use super::NativeError;
use crate::publish::bundling::blocking;
use crate::publish::progress::{Reporter, Step, StepProgress, counted, grouped, size};
use crate::publish::request::Signer;
use crate::publish::{PublishError, Stop, Target};

/// An installer that was read.
pub(super) struct Hashed {
    file: InstallerFile,
    sha256: Sha256,
}

/// An installer with a signature that devices will accept.
pub(super) struct Signed {
    pub(super) file: InstallerFile,
    pub(super) sha256: Sha256,
    pub(super) signature: Signature,
}

impl Signed {
    pub(super) const fn size_bytes(&self) -> u64 {
        self.file.size_bytes
    }
}

fn stopped(error: NativeError) -> Stop {
    PublishError::from(error).into()
}

fn unreadable(file: &InstallerFile) -> impl FnOnce(io::Error) -> NativeError {
    let file = file.file.clone();
    move |source| NativeError::Read { file, source }
}

/// Hashes every installer.
pub(super) async fn read(
    installers: Vec<InstallerFile>,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Vec<Hashed>, Stop> {
    let step = reporter.begin(Step::Bundling);
    let told = reporter.clone();
    // Also cancelled when this future is dropped.
    let cancel = cancel.child_token();
    let _gone = cancel.clone().drop_guard();
    let files = blocking(move || {
        let bytes_total = installers.iter().map(|file| file.size_bytes).sum();
        let files_total = installers.len() as u64;
        let (mut files, mut bytes_done) = (Vec::new(), 0);
        for file in installers {
            let files_done = files.len() as u64;
            let mut on_bytes = |bytes: usize| {
                bytes_done += bytes as u64;
                told.progress(StepProgress::Bundling {
                    phase: Phase::Scan,
                    files_done,
                    files_total,
                    bytes_done,
                    bytes_total,
                });
                !cancel.is_cancelled()
            };
            let hashed = digest(&file.path, &mut on_bytes).map_err(unreadable(&file));
            let Some((sha256, size_bytes)) = hashed.map_err(stopped)? else {
                return Err(Stop::Cancelled);
            };
            told.log(
                "read",
                format!(
                    "{} {} bytes, sha256 {}",
                    file.file,
                    grouped(size_bytes),
                    sha256.short()
                ),
            );
            let file = InstallerFile { size_bytes, ..file };
            files.push(Hashed { file, sha256 });
        }
        Ok(files)
    })
    .await?;
    let bytes = files.iter().map(|read| read.file.size_bytes).sum();
    step.finish(format!(
        "{}, {}",
        counted(files.len(), "installer"),
        size(bytes)
    ));
    Ok(files)
}

/// `None` if `go_on` says so.
fn digest(path: &Path, go_on: &mut impl FnMut(usize) -> bool) -> io::Result<Option<(Sha256, u64)>> {
    let mut file = fs_err::File::open(path)?;
    let (mut hasher, mut length) = (sha2::Sha256::new(), 0);
    let mut block = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut block)?;
        let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Some((Sha256::from_bytes(hasher.finalize().into()), length)));
        };
        hasher.update(bytes);
        length += read as u64;
        if !go_on(read) {
            return Ok(None);
        }
    }
}

/// Checks each signature as a client does, and makes those that are missing. The secret is wiped when this returns.
pub(super) async fn sign(
    files: Vec<Hashed>,
    signer: Option<Signer>,
    target: &Target,
    trusted: &[TrustedKey],
    reporter: &Reporter,
) -> Result<Vec<Signed>, Stop> {
    let step = reporter.begin(Step::Signing);
    let (told, target, trusted) = (reporter.clone(), target.clone(), trusted.to_vec());
    let name = signer.as_ref().map(|signer| signer.name.clone());
    let (files, signed_here) = blocking(move || {
        let key = signer.map(|signer| open(signer, &target)).transpose()?;
        let mut signed_here = 0;
        let mut signed = Vec::with_capacity(files.len());
        for Hashed { file, sha256 } in files {
            let signature = if file.signature.is_some() {
                check(&file, &target, &trusted).map_err(stopped)?
            } else if let Some(key) = &key {
                signed_here += 1;
                sign_one(&file, key, &target)?
            } else {
                let files = vec![file.file];
                return Err(stopped(NativeError::Unsigned { files }));
            };
            told.log(
                "sign",
                format!("{} by {} ok", file.file, signature.key_id()),
            );
            signed.push(Signed {
                file,
                sha256,
                signature,
            });
        }
        Ok((signed, signed_here))
    })
    .await?;
    let came = files.len() - signed_here;
    let mut parts = Vec::new();
    if came > 0 {
        parts.push(format!("{} came signed", counted(came, "installer")));
    }
    if let Some(name) = name.filter(|_| signed_here > 0) {
        parts.push(format!(
            "{} signed with {name}",
            counted(signed_here, "installer")
        ));
    }
    step.finish(parts.join(", "));
    Ok(files)
}

fn open(signer: Signer, target: &Target) -> Result<SecretKey, Stop> {
    let Signer { name, public, load } = signer;
    let key = load()?;
    if key.public() == public {
        return Ok(key);
    }
    Err(PublishError::KeyNotTrusted {
        app: target.app.clone(),
        name,
        id: key.id(),
    }
    .into())
}

/// As tauri's signer does it (updater_signature.rs:131-193). Its client looks for the version alone and passes over
/// other fields, so the app is named, too: a server then refuses the installer for another one.
fn sign_one(file: &InstallerFile, key: &SecretKey, target: &Target) -> Result<Signature, Stop> {
    let comment = TrustedComment::new(
        Utc::now(),
        file.file.clone(),
        target.version.to_string(),
        target.app.clone(),
    )
    .map_err(|error| KeyError::ReadData(io::Error::other(error)))?;
    let bytes = fs_err::File::open(&file.path)
        .map_err(unreadable(file))
        .map_err(stopped)?;
    Ok(key.sign(bytes, &comment)?)
}

/// What a client checks after the download, and what the server checks before: form, key, bytes, version.
fn check(
    file: &InstallerFile,
    target: &Target,
    trusted: &[TrustedKey],
) -> Result<Signature, NativeError> {
    let text = file.signature.as_deref().unwrap_or_default();
    let signature: Signature = text.parse().map_err(|source| NativeError::NoSignature {
        path: file.path.clone(),
        source,
    })?;
    let public: Option<PublicKey> = trusted
        .iter()
        .find(|key| key.id == signature.key_id())
        .and_then(|key| key.public_key.parse().ok());
    let public = public.ok_or_else(|| NativeError::Untrusted {
        app: target.app.clone(),
        id: signature.key_id(),
        file: file.file.clone(),
    })?;
    let bytes = fs_err::File::open(&file.path).map_err(unreadable(file))?;
    match public.verify(bytes, &signature) {
        Ok(()) => {}
        Err(VerifyError::Read(source)) => return Err(unreadable(file)(source)),
        Err(source) => {
            return Err(NativeError::Mismatch {
                file: file.file.clone(),
                source,
            });
        }
    }
    // Only now: before, anybody could have written it.
    let signed = signature
        .trusted_comment()
        .split('\t')
        .find_map(|field| field.strip_prefix("version:"));
    let same = |signed: &str| {
        Version::parse(signed.trim_start_matches('v')).is_ok_and(|signed| signed == target.version)
    };
    match signed.filter(|signed| !same(signed)) {
        Some(signed) => Err(NativeError::OtherVersion {
            file: file.file.clone(),
            signed: signed.to_owned(),
            version: target.version.clone(),
        }),
        None => Ok(signature),
    }
}
