//! Bundling and signing, on threads that may block.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use ota_api::Slot;
use ota_bundle::{
    Bundle, CancellationToken, Format, PackOptions, ProgressUpdate, Scan, Severity, pack,
    packed_findings, scan,
};
use ota_keys::{KeyError, PublicKey, SecretKey, Signature, TrustedComment, same_capgo_key};
use ota_model::{ArtifactKind, ClientSystem, Sha256, Systems};
use sha2::Digest as _;
use tempfile::TempDir;

use super::progress::{Reporter, Step, StepProgress, grouped, size};
use super::request::{CapgoSigner, Input, Signer};
use super::upload::Payload;
use super::{PublishError, Stop, Target};

/// A private folder for the archive, removed with the last use of it.
pub(super) type Scratch = Arc<TempDir>;

pub(super) fn scratch() -> Result<Scratch, PublishError> {
    // Private to the user: an archive may hold what was meant for nobody else yet.
    let folder = tempfile::Builder::new()
        .prefix("switchtower-publish-")
        .tempdir()
        .map_err(PublishError::Temporary)?;
    Ok(Arc::new(folder))
}

/// Runs work that blocks. When the caller goes away, the work is told to stop and the folder goes with it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Stop> + Send + 'static,
) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(PublishError::Panicked.into()),
    }
}

/// Which archives the clients of an app need. Hotswap's stands for the release when nobody else's does.
pub(super) fn wanted(systems: &Systems) -> Vec<ArtifactKind> {
    let capgo = systems.serve(ClientSystem::Capgo);
    let encrypted = capgo && systems.capgo_public_key.is_some();
    let zip = systems.serve(ClientSystem::NativeBundle) || (capgo && !encrypted);
    let tar_gz = systems.serve(ClientSystem::Hotswap) || !(zip || encrypted);
    [
        (tar_gz, ArtifactKind::TarGz),
        (zip, ArtifactKind::Zip),
        (encrypted, ArtifactKind::CapgoZip),
    ]
    .into_iter()
    .filter_map(|(is_wanted, kind)| is_wanted.then_some(kind))
    .collect()
}

/// An archive that is not signed yet. For an encrypted one it is the plain `.zip`.
pub(super) struct Packed {
    pub(super) kind: ArtifactKind,
    pub(super) bundle: Bundle,
}

/// Reads the folder, unless that was done, and packs it once for each format.
pub(super) async fn bundle(
    input: Input,
    kinds: Vec<ArtifactKind>,
    scratch: &Scratch,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Vec<Packed>, Stop> {
    let step = reporter.begin(Step::Bundling);
    let (folder, told) = (Arc::clone(scratch), reporter.clone());
    // Also cancelled when this future is dropped.
    let cancel = cancel.child_token();
    let _gone = cancel.clone().drop_guard();
    let (scan, packed) =
        blocking(move || pack_input(input, &kinds, &folder, &told, &cancel)).await?;
    let left_out: usize = scan.ignored.iter().map(|entry| entry.files).sum();
    let left_out = match left_out {
        0 => String::new(),
        1 => ". 1 file left out".to_owned(),
        files => format!(". {files} files left out"),
    };
    let sizes: Vec<_> = packed
        .iter()
        .map(|packed| size(packed.bundle.size_bytes))
        .collect();
    step.finish(format!(
        "{} files, {} packed to {}{left_out}",
        grouped(scan.listing.files.len() as u64),
        size(scan.listing.total_bytes()),
        sizes.join(" and ")
    ));
    Ok(packed)
}

fn pack_input(
    input: Input,
    kinds: &[ArtifactKind],
    folder: &TempDir,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<(Scan, Vec<Packed>), Stop> {
    let scan = match input {
        Input::Scan(scan) => *scan,
        Input::Folder { path, ignored } => {
            let progress = progress(reporter, 0, 1);
            scan(&path, &ignored, None, &progress, cancel)?
        }
    };
    reporter.log(
        "read",
        format!(
            "{} files, {} bytes",
            grouped(scan.listing.files.len() as u64),
            grouped(scan.listing.total_bytes())
        ),
    );
    for entry in &scan.ignored {
        reporter.log(
            "skip",
            format!("{} (you chose to leave it out)", entry.path),
        );
    }
    if scan.is_stopped() {
        return Err(PublishError::Stopped {
            findings: scan.findings,
        }
        .into());
    }
    let mut formats: Vec<_> = kinds.iter().map(|kind| format(*kind)).collect();
    formats.dedup();
    let mut bundles = Vec::with_capacity(formats.len());
    for (nth, format) in (0..).zip(&formats) {
        let progress = progress(reporter, nth, formats.len() as u64);
        bundles.push(pack_as(
            &scan, *format, folder, &progress, reporter, cancel,
        )?);
    }
    let packed = kinds.iter().filter_map(|kind| {
        let bundle = bundles
            .iter()
            .find(|bundle| bundle.format == format(*kind))?;
        Some(Packed {
            kind: *kind,
            bundle: bundle.clone(),
        })
    });
    let packed = packed.collect();
    Ok((scan, packed))
}

const fn format(kind: ArtifactKind) -> Format {
    match kind {
        ArtifactKind::TarGz => Format::TarGz,
        ArtifactKind::Zip | ArtifactKind::CapgoZip => Format::Zip,
    }
}

/// The progress of the `nth` of several passes over the files, as one job.
fn progress(reporter: &Reporter, nth: u64, passes: u64) -> impl Fn(ProgressUpdate) + Sync {
    let reporter = reporter.clone();
    move |update: ProgressUpdate| {
        reporter.progress(StepProgress::Bundling {
            phase: update.phase,
            files_done: update.files_total * nth + update.files_done,
            files_total: update.files_total * passes,
            bytes_done: update.bytes_total * nth + update.bytes_done,
            bytes_total: update.bytes_total * passes,
        });
    }
}

fn pack_as(
    scan: &Scan,
    format: Format,
    folder: &TempDir,
    progress: &(impl Fn(ProgressUpdate) + Sync),
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Bundle, Stop> {
    let ending = match format {
        Format::TarGz => "tar.gz",
        Format::Zip => "zip",
    };
    let bundle = pack(
        &scan.root,
        &scan.listing,
        format,
        &folder.path().join(format!("bundle.{ending}")),
        &PackOptions::default(),
        progress,
        cancel,
    )?;
    let findings = packed_findings(&bundle, None);
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Stop)
    {
        return Err(PublishError::Stopped { findings }.into());
    }
    reporter.log(
        "pack",
        format!(
            "{ending} {} bytes, sha256 {}",
            grouped(bundle.size_bytes),
            bundle.sha256.short()
        ),
    );
    Ok(bundle)
}

/// The private Capgo key, and the public one that is built into the clients.
pub(super) struct Sealing {
    pub(super) signer: CapgoSigner,
    pub(super) public_pem: String,
}

/// Encrypts what is to be encrypted, unlocks the key and signs each archive once. Secrets are wiped when this returns.
pub(super) async fn sign(
    signer: Signer,
    sealing: Option<Sealing>,
    packed: Vec<Packed>,
    target: &Target,
    scratch: &Scratch,
    reporter: &Reporter,
) -> Result<Vec<Payload>, Stop> {
    let step = reporter.begin(Step::Signing);
    let Signer { name, public, load } = signer;
    let (folder, target, told) = (Arc::clone(scratch), target.clone(), reporter.clone());
    let key_name = name.clone();
    let payloads = blocking(move || {
        let sealed = sealing
            .map(|sealing| seal(sealing, &packed, &target, &folder, &told))
            .transpose()?
            .flatten();
        let key = load()?;
        if key.public() != public {
            return Err(PublishError::KeyNotTrusted {
                app: target.app,
                name: key_name,
                id: key.id(),
            }
            .into());
        }
        let payloads: Result<Vec<_>, Stop> = packed
            .into_iter()
            .filter(|packed| packed.kind != ArtifactKind::CapgoZip)
            .map(|packed| payload(packed.kind, packed.bundle))
            .chain(sealed)
            .map(|payload| signed(&key, payload, &target, &told))
            .collect();
        drop(folder);
        payloads
    })
    .await?;
    step.finish(format!("{name} {}", public.id()));
    Ok(payloads)
}

fn payload(kind: ArtifactKind, bundle: Bundle) -> Payload {
    Payload {
        path: bundle.path,
        sha256: bundle.sha256,
        size_bytes: bundle.size_bytes,
        slot: kind.into(),
        file: None,
        signature: String::new(),
        seal: None,
    }
}

/// The encrypted archive, if there is to be one.
fn seal(
    sealing: Sealing,
    packed: &[Packed],
    target: &Target,
    folder: &TempDir,
    reporter: &Reporter,
) -> Result<Option<Payload>, Stop> {
    let Some(plain) = packed
        .iter()
        .find(|packed| packed.kind == ArtifactKind::CapgoZip)
    else {
        return Ok(None);
    };
    let missing = || PublishError::CapgoKeyMissing {
        app: target.app.clone(),
    };
    let Sealing { signer, public_pem } = sealing;
    let key = (signer.load)(&public_pem)?.ok_or_else(missing)?;
    if !same_capgo_key(&key.public_pem()?, &public_pem) {
        return Err(PublishError::OtherCapgoKey {
            app: target.app.clone(),
        }
        .into());
    }
    let path = folder.path().join("encrypted.zip");
    let seal = key.encrypt(&plain.bundle.path, &path)?;
    let (sha256, size_bytes) = digest(&path).map_err(PublishError::Temporary)?;
    reporter.log(
        "sign",
        format!("encrypted for Capgo clients, key {}", key.id()?),
    );
    Ok(Some(Payload {
        path,
        sha256,
        size_bytes,
        slot: ArtifactKind::CapgoZip.into(),
        file: None,
        signature: String::new(),
        seal: Some(seal),
    }))
}

fn digest(path: &Path) -> io::Result<(Sha256, u64)> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let (mut block, mut bytes) = (vec![0; 256 * 1024], 0);
    loop {
        let read = file.read(&mut block)?;
        let Some(part) = block.get(..read).filter(|part| !part.is_empty()) else {
            return Ok((Sha256::from_bytes(hasher.finalize().into()), bytes));
        };
        hasher.update(part);
        bytes += part.len() as u64;
    }
}

fn signed(
    key: &SecretKey,
    payload: Payload,
    target: &Target,
    reporter: &Reporter,
) -> Result<Payload, Stop> {
    let ending = match &payload.slot {
        Slot::Archive(kind) => kind.extension(),
        Slot::Installer(_) => "bin",
    };
    let file = format!("{}-{}.{ending}", target.app, target.version);
    let comment = TrustedComment::new(
        Utc::now(),
        file,
        target.version.to_string(),
        target.app.clone(),
    )
    .map_err(|error| KeyError::ReadData(io::Error::other(error)))?;
    let data = fs_err::File::open(&payload.path).map_err(KeyError::ReadData)?;
    let signature = key.sign(data, &comment)?;
    reporter.log("sign", format!("minisign {} ok", signature.key_id()));
    Ok(Payload {
        signature: signature.text().to_owned(),
        ..payload
    })
}

/// Verifies a downloaded archive as a device does.
pub(super) async fn verify_file(
    public: PublicKey,
    archive: PathBuf,
    signature: Signature,
    scratch: &Scratch,
) -> Result<(), Stop> {
    let folder = Arc::clone(scratch);
    blocking(move || {
        let file = fs_err::File::open(&archive).map_err(PublishError::Temporary)?;
        let verified = public.verify(file, &signature);
        drop(folder);
        verified.map_err(|error| PublishError::StoredSignature(error).into())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_those_that_the_clients_read() {
        use ArtifactKind::{CapgoZip, TarGz, Zip};
        use ClientSystem::{Capgo, Hotswap, NativeBundle, SyncKit, TauriUpdater};

        let with = |serves: &[ClientSystem], has_key: bool| Systems {
            serves: serves.iter().copied().collect(),
            capgo_public_key: has_key.then(|| "a key".to_owned()),
            ..Systems::default()
        };
        for (serves, has_key, archives) in [
            (&[][..], false, &[TarGz][..]),
            (&[Hotswap], false, &[TarGz]),
            (&[Hotswap], true, &[TarGz]),
            (&[TauriUpdater, SyncKit], false, &[TarGz]),
            (&[Capgo], false, &[Zip]),
            (&[Capgo], true, &[CapgoZip]),
            (&[NativeBundle], true, &[Zip]),
            (&[Capgo, NativeBundle], false, &[Zip]),
            (&[Capgo, NativeBundle], true, &[Zip, CapgoZip]),
            (&[Capgo, Hotswap], true, &[TarGz, CapgoZip]),
            (
                &[Capgo, Hotswap, NativeBundle],
                true,
                &[TarGz, Zip, CapgoZip],
            ),
        ] {
            assert_eq!(wanted(&with(serves, has_key)), archives, "{serves:?}");
        }
    }
}
