//! Hostile `.zip` archives, named by the threat. Each begins as a good one, in which one thing is changed.

use std::io::{Cursor, Write as _};

use ota_bundle::{ArchiveError, ArchiveLimits, Format, NameError};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::{archive_bytes, folder, verify, verify_with};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

fn good() -> Vec<u8> {
    archive_bytes(
        folder(&[("index.html", b"<html>"), ("other.html", b"other")]).path(),
        Format::Zip,
        1,
    )
}

fn with_names(names: &[&str]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(b"content").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Puts `bytes` at `offset` behind the `nth` occurrence of `signature`.
fn patch(zip: &mut [u8], signature: &[u8], nth: usize, offset: usize, bytes: &[u8]) {
    let starts: Vec<_> = (0..zip.len())
        .filter(|at| zip[*at..].starts_with(signature))
        .collect();
    let at = starts[nth] + offset;
    zip[at..at + bytes.len()].copy_from_slice(bytes);
}

fn refusal(zip: &[u8]) -> ArchiveError {
    verify(zip, Format::Zip).unwrap_err()
}

fn name_error(name: &str) -> NameError {
    match refusal(&with_names(&["index.html", name])) {
        ArchiveError::Name { source, .. } => source,
        other => panic!("another error: {other:?}"),
    }
}

#[test]
fn the_good_one_is_good() {
    assert_eq!(verify(&good(), Format::Zip).unwrap().files.len(), 2);
    assert_eq!(
        verify(&with_names(&["a", "b/c"]), Format::Zip)
            .unwrap()
            .files
            .len(),
        2
    );
}

#[test]
fn zip_slip() {
    assert_eq!(name_error("../evil.js"), NameError::Escapes);
    assert_eq!(name_error("a/../../evil.js"), NameError::Escapes);
    assert_eq!(name_error("a\\..\\..\\evil.js"), NameError::Backslash);
}

#[test]
fn absolute_path() {
    assert_eq!(name_error("/etc/cron.d/evil"), NameError::Absolute);
    assert_eq!(name_error("C:/evil"), NameError::Drive);
}

#[test]
fn symlink_out() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("index.html", SimpleFileOptions::default())
        .unwrap();
    zip.add_symlink("assets", "/etc", SimpleFileOptions::default())
        .unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    assert!(matches!(refusal(&bytes), ArchiveError::Link { .. }));
    // A mode counts even when the entry says that it comes from DOS.
    patch(&mut bytes, CENTRAL, 1, 5, &[0]);
    assert!(matches!(refusal(&bytes), ArchiveError::Link { .. }));
}

#[test]
fn devices() {
    for mode in [0o020_666_u32, 0o060_660, 0o010_644, 0o140_755, 0o040_755] {
        let mut bytes = good();
        patch(&mut bytes, CENTRAL, 0, 38, &(mode << 16).to_le_bytes());
        let error = refusal(&bytes);
        assert!(
            matches!(error, ArchiveError::SpecialFile { .. }),
            "{mode:o}: {error:?}"
        );
    }
}

#[test]
fn encrypted() {
    for (signature, offset) in [(LOCAL, 6), (CENTRAL, 8)] {
        let mut bytes = good();
        patch(&mut bytes, signature, 0, offset, &[1, 8]);
        let error = refusal(&bytes);
        assert!(matches!(error, ArchiveError::Encrypted { .. }), "{error:?}");
    }
}

#[test]
fn a_compression_that_clients_do_not_know() {
    let mut bytes = good();
    patch(&mut bytes, LOCAL, 0, 8, &[93, 0]);
    patch(&mut bytes, CENTRAL, 0, 10, &[93, 0]);
    assert!(matches!(refusal(&bytes), ArchiveError::Compression { .. }));
}

#[test]
fn bomb() {
    let zeros = vec![0; 20_000_000];
    let folder = folder(&[("index.html", &zeros)]);
    let mut bytes = archive_bytes(folder.path(), Format::Zip, 2);
    assert!(bytes.len() < 50_000);
    let limits = ArchiveLimits {
        unpacked_bytes: 10_000_000,
        ..ArchiveLimits::default()
    };
    let error = verify_with(&bytes, Format::Zip, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::TooLargeUnpacked { .. }),
        "{error:?}"
    );

    // One that claims to be small unpacks no further than it claims.
    for (signature, offset) in [(LOCAL, 22), (CENTRAL, 24)] {
        patch(&mut bytes, signature, 0, offset, &1_000_u32.to_le_bytes());
    }
    let error = verify_with(&bytes, Format::Zip, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::HeadersDisagree { .. }),
        "{error:?}"
    );
}

#[test]
fn overlapping_entries() {
    // Both entries of the directory point to one content, as in the "better zip bomb".
    let mut bytes = good();
    patch(&mut bytes, CENTRAL, 1, 42, &[0, 0, 0, 0]);
    assert!(matches!(refusal(&bytes), ArchiveError::Layout { .. }));
}

#[test]
fn hidden_bytes_between_entries() {
    let folder = folder(&[("index.html", b"<html>")]);
    let good = archive_bytes(folder.path(), Format::Zip, 1);
    let mut bytes = b"PK\x03\x04 hidden".to_vec();
    let shift = u32::try_from(bytes.len()).unwrap();
    bytes.extend_from_slice(&good);
    // The offsets are corrected, so that readers of the directory see nothing unusual.
    patch(&mut bytes, CENTRAL, 0, 42, &shift.to_le_bytes());
    let end = bytes.len() - 6;
    let start = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) + shift;
    bytes[end..end + 4].copy_from_slice(&start.to_le_bytes());
    assert!(zip::ZipArchive::new(Cursor::new(&bytes)).is_ok());
    assert!(matches!(refusal(&bytes), ArchiveError::Layout { .. }));
}

#[test]
fn duplicate_names() {
    let mut bytes = good();
    for (signature, offset) in [(LOCAL, 30), (CENTRAL, 46)] {
        patch(&mut bytes, signature, 1, offset, b"index.html");
    }
    let error = refusal(&bytes);
    assert!(
        matches!(&error, ArchiveError::Duplicate { path } if path == "index.html"),
        "{error:?}"
    );
}

#[test]
fn two_names_for_one_entry() {
    // The directory says one name, the local header another: Android would see the second.
    let mut bytes = good();
    patch(&mut bytes, LOCAL, 0, 30, b"evils.html");
    assert!(matches!(
        refusal(&bytes),
        ArchiveError::HeadersDisagree { .. }
    ));
}

#[test]
fn headers_that_disagree_about_sizes() {
    for (offset, width) in [(8, 2), (14, 4), (18, 4), (22, 4)] {
        let mut bytes = good();
        patch(&mut bytes, LOCAL, 0, offset, &[9, 0, 0, 0][..width]);
        let error = refusal(&bytes);
        assert!(
            matches!(error, ArchiveError::HeadersDisagree { .. }),
            "{offset}: {error:?}"
        );
    }
}

#[test]
fn wrong_checksum() {
    let mut bytes = good();
    for (signature, offset) in [(LOCAL, 14), (CENTRAL, 16)] {
        patch(&mut bytes, signature, 0, offset, &[1, 2, 3, 4]);
    }
    assert!(matches!(refusal(&bytes), ArchiveError::Damaged { .. }));
}

#[test]
fn trailing_garbage_and_comments() {
    let mut bytes = good();
    bytes.extend_from_slice(b"garbage");
    assert!(matches!(refusal(&bytes), ArchiveError::TrailingData));
    // A whole second archive, which readers from the end would prefer.
    let both = [good(), with_names(&["evil.html"])].concat();
    assert!(matches!(refusal(&both), ArchiveError::Layout { .. }));
    let mut comment = good();
    let length = comment.len();
    comment[length - 2] = 7;
    comment.extend_from_slice(b"comment");
    assert!(matches!(refusal(&comment), ArchiveError::TrailingData));
}

#[test]
fn too_many_entries() {
    let limits = ArchiveLimits {
        entries: 1,
        ..ArchiveLimits::default()
    };
    let error = verify_with(&good(), Format::Zip, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::TooManyEntries { limit: 1 }),
        "{error:?}"
    );
}

#[test]
fn zip64() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("index.html", SimpleFileOptions::default().large_file(true))
        .unwrap();
    zip.write_all(b"x").unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert!(matches!(refusal(&bytes), ArchiveError::Zip64));
}

#[test]
fn stored_entries_and_folders_are_fine() {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("assets/", SimpleFileOptions::default())
        .unwrap();
    zip.start_file("assets/a.js", stored).unwrap();
    zip.write_all(b"stored").unwrap();
    zip.start_file("index.html", stored).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let listing = verify(&bytes, Format::Zip).unwrap();
    assert_eq!(listing.find("assets/a.js").unwrap().size_bytes, 6);
    assert_eq!(listing.files.len(), 2);
}

#[test]
fn cut_off_anywhere() {
    let bytes = good();
    for length in 0..bytes.len() {
        assert!(
            verify(&bytes[..length], Format::Zip).is_err(),
            "{length} of {}",
            bytes.len()
        );
    }
}

#[test]
fn any_flipped_bit_is_noticed_or_means_nothing() {
    let bytes = good();
    let listing = verify(&bytes, Format::Zip).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        if let Ok(other) = verify(&changed, Format::Zip) {
            assert_eq!(other, listing, "byte {at}");
        }
    }
}
