//! Folders, archives and shorthands.

use std::io::{Cursor, Write as _};
use std::path::Path;

use fs_err as fs;
use ota_bundle::{
    ArchiveError, ArchiveLimits, Bundle, BundleError, CancellationToken, CheckId, Contents,
    Finding, Format, Ignored, Listing, NoProgress, PackOptions, Scan, pack, scan, verify_reader,
};
use tempfile::TempDir;

pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

pub(crate) fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A page, a script, an image with zero bytes, a name beyond 100 bytes, an empty file.
pub(crate) fn site() -> TempDir {
    let long = format!("{}/deep.js", ["a-rather-long-folder-name"; 6].join("/"));
    folder(&[
        (
            "index.html",
            b"<!doctype html><script src=\"/assets/app.js\"></script>",
        ),
        (
            "assets/app.js",
            "console.log('hello');".repeat(5_000).as_bytes(),
        ),
        ("assets/logo.png", &[0x89, b'P', b'N', b'G', 0, 1, 2, 3]),
        ("assets/.keep", b""),
        ("ä/日本語.txt", "grüße".as_bytes()),
        (&long, b"deep"),
    ])
}

/// Incompressible, and the same every time.
pub(crate) fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

pub(crate) fn scanned(root: &Path) -> Scan {
    scanned_without(root, &[])
}

pub(crate) fn scanned_without(root: &Path, ignored: &[&str]) -> Scan {
    let ignored = ignored.iter().copied().collect::<Ignored>();
    scan(root, &ignored, None, &NoProgress, &CancellationToken::new()).unwrap()
}

pub(crate) fn finding(scan: &Scan, check: CheckId) -> &Finding {
    let finding = scan.findings.iter().find(|finding| finding.check == check);
    finding.unwrap_or_else(|| panic!("no finding of {check:?} in {:#?}", scan.findings))
}

pub(crate) fn packed(root: &Path, format: Format, out: &Path) -> Bundle {
    try_pack(
        root,
        &scanned(root).listing,
        format,
        out,
        &CancellationToken::new(),
    )
    .unwrap()
}

pub(crate) fn try_pack(
    root: &Path,
    listing: &Listing,
    format: Format,
    out: &Path,
    cancel: &CancellationToken,
) -> Result<Bundle, BundleError> {
    pack(
        root,
        listing,
        format,
        out,
        &PackOptions::default(),
        &NoProgress,
        cancel,
    )
}

/// The bytes of an archive of `root`, with so many threads.
pub(crate) fn archive_bytes(root: &Path, format: Format, threads: usize) -> Vec<u8> {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("bundle");
    let options = PackOptions {
        threads: std::num::NonZeroUsize::new(threads),
    };
    let listing = scanned(root).listing;
    pack(
        root,
        &listing,
        format,
        &path,
        &options,
        &NoProgress,
        &CancellationToken::new(),
    )
    .unwrap();
    fs::read(path).unwrap()
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn verify(bytes: &[u8], format: Format) -> Result<Listing, ArchiveError> {
    verify_reader(
        Cursor::new(bytes),
        format,
        &ArchiveLimits::default().holding(Contents::Anything),
    )
}

pub(crate) fn verify_with(
    bytes: &[u8],
    format: Format,
    limits: &ArchiveLimits,
) -> Result<Listing, ArchiveError> {
    verify_reader(Cursor::new(bytes), format, limits)
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}
