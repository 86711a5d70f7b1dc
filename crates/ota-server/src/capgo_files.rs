//! The files of a release one by one, compressed, for Capgo clients that fetch only what changed (protocols.md 3.4).

use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use ota_bundle::{ArchiveLimits, CancellationToken, Format, Listing, NoProgress, extract};
use ota_model::CapgoFile;
use tempfile::TempDir;

use crate::error::ApiError;
use crate::verify::digest;

/// Close to what a publisher's own tool reaches, in a fifth of the time.
const QUALITY: i32 = 7;

/// A compressed file, and where it lies until it is stored.
pub(crate) struct Compressed {
    pub(crate) file: CapgoFile,
    pub(crate) path: PathBuf,
}

/// All files of a release. The folder goes with this.
pub(crate) struct CompressedFiles {
    pub(crate) files: Vec<Compressed>,
    _folder: TempDir,
}

/// Unpacks a verified `.zip` and compresses each file. None if there is an empty file: nobody serves one to these
/// clients, and what they would make of it is unknown. They fetch the whole archive then.
pub(crate) fn compress(zip: &Path, listing: &Listing) -> Result<Option<CompressedFiles>, ApiError> {
    if listing.files.iter().any(|file| file.size_bytes == 0) {
        return Ok(None);
    }
    let folder = tempfile::tempdir_in(zip.parent().unwrap_or(zip))?;
    let (plain, small) = (folder.path().join("plain"), folder.path().join("small"));
    fs_err::create_dir(&plain)?;
    fs_err::create_dir(&small)?;
    extract(
        zip,
        Format::Zip,
        &ArchiveLimits::default(),
        &plain,
        &NoProgress,
        &CancellationToken::new(),
    )
    .map_err(ApiError::internal)?;
    let parameters = BrotliEncoderParams {
        quality: QUALITY,
        ..BrotliEncoderParams::default()
    };
    let mut files = Vec::with_capacity(listing.files.len());
    for (number, entry) in listing.files.iter().enumerate() {
        let path = small.join(number.to_string());
        let mut from = BufReader::new(fs_err::File::open(plain.join(&entry.path))?);
        let mut to = fs_err::File::create(&path)?;
        brotli::BrotliCompress(&mut from, &mut to, &parameters)?;
        to.flush()?;
        drop(to);
        let size_bytes = fs_err::metadata(&path)?.len();
        files.push(Compressed {
            file: CapgoFile {
                path: entry.path.clone(),
                sha256: entry.sha256,
                stored: digest(&path)?,
                size_bytes,
            },
            path,
        });
    }
    Ok(Some(CompressedFiles {
        files,
        _folder: folder,
    }))
}
