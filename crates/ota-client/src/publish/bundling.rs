//! Bundling and signing, on threads that may block.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use ota_bundle::{
    Bundle, CancellationToken, Format, PackOptions, ProgressUpdate, Scan, Severity, pack,
    packed_findings, scan,
};
use ota_keys::{KeyError, PublicKey, SecretKey, Signature, TrustedComment};
use tempfile::TempDir;

use super::progress::{Reporter, Step, StepProgress, grouped, size};
use super::request::{Input, Signer};
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

/// Reads the folder, unless that was done, and packs it.
pub(super) async fn bundle(
    input: Input,
    scratch: &Scratch,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Bundle, Stop> {
    let step = reporter.begin(Step::Bundling);
    let (folder, told) = (Arc::clone(scratch), reporter.clone());
    // Also cancelled when this future is dropped.
    let cancel = cancel.child_token();
    let _gone = cancel.clone().drop_guard();
    let (scan, bundle) = blocking(move || pack_input(input, &folder, &told, &cancel)).await?;
    let left_out: usize = scan.ignored.iter().map(|entry| entry.files).sum();
    let left_out = match left_out {
        0 => String::new(),
        1 => ". 1 file left out".to_owned(),
        files => format!(". {files} files left out"),
    };
    step.finish(format!(
        "{} files, {} packed to {}{left_out}",
        grouped(bundle.listing.files.len() as u64),
        size(bundle.listing.total_bytes()),
        size(bundle.size_bytes)
    ));
    Ok(bundle)
}

fn pack_input(
    input: Input,
    folder: &TempDir,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<(Scan, Bundle), Stop> {
    let progress = |update: ProgressUpdate| {
        reporter.progress(StepProgress::Bundling {
            phase: update.phase,
            files_done: update.files_done,
            files_total: update.files_total,
            bytes_done: update.bytes_done,
            bytes_total: update.bytes_total,
        });
    };
    let scan = match input {
        Input::Scan(scan) => *scan,
        Input::Folder { path, ignored } => scan(&path, &ignored, None, &progress, cancel)?,
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
    let out = folder.path().join("bundle.tar.gz");
    let bundle = pack(
        &scan.root,
        &scan.listing,
        Format::TarGz,
        &out,
        &PackOptions::default(),
        &progress,
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
            "tar.gz {} bytes, sha256 {}",
            grouped(bundle.size_bytes),
            bundle.sha256.short()
        ),
    );
    Ok((scan, bundle))
}

/// Unlocks the key and signs the archive. The secret is wiped when this returns.
pub(super) async fn sign(
    signer: Signer,
    bundle: &Bundle,
    target: &Target,
    scratch: &Scratch,
    reporter: &Reporter,
) -> Result<Signature, Stop> {
    let step = reporter.begin(Step::Signing);
    let Signer { name, public, load } = signer;
    let file = format!("{}-{}.tar.gz", target.app, target.version);
    let comment = TrustedComment::new(
        Utc::now(),
        file,
        target.version.to_string(),
        target.app.clone(),
    )
    .map_err(|error| KeyError::ReadData(std::io::Error::other(error)))?;
    let (archive, folder, target) = (bundle.path.clone(), Arc::clone(scratch), target.clone());
    let key_name = name.clone();
    let signature = blocking(move || {
        let key = load()?;
        if key.public() != public {
            return Err(PublishError::KeyNotTrusted {
                app: target.app,
                name: key_name,
                id: key.id(),
            }
            .into());
        }
        let signature = sign_file(&key, &archive, &comment);
        drop(folder);
        Ok(signature?)
    })
    .await?;
    reporter.log("sign", format!("minisign {} ok", signature.key_id()));
    step.finish(format!("{name} {}", signature.key_id()));
    Ok(signature)
}

fn sign_file(
    key: &SecretKey,
    archive: &PathBuf,
    comment: &TrustedComment,
) -> Result<Signature, KeyError> {
    let file = fs_err::File::open(archive).map_err(KeyError::ReadData)?;
    key.sign(file, comment)
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
