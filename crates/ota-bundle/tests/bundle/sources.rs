//! What can be dropped.

use fs_err as fs;
use ota_bundle::{
    BundleError, CancellationToken, Format, NoProgress, Source, SourceKind, open_source,
};
use ota_model::Hint as _;

use crate::support::{archive_bytes, folder, scanned, site};

fn open(path: &std::path::Path) -> Result<Source, BundleError> {
    open_source(path, &NoProgress, &CancellationToken::new())
}

#[test]
fn a_folder_is_read_where_it_is() {
    let site = site();
    let source = open(site.path()).unwrap();
    assert_eq!(source.kind(), SourceKind::Folder);
    assert_eq!(source.folder(), site.path());
}

#[test]
fn an_archive_is_unpacked_privately_and_removed_again() {
    let site = site();
    for format in [Format::TarGz, Format::Zip] {
        let out = tempfile::tempdir().unwrap();
        // The name says nothing: the content decides.
        let path = out.path().join("download(1).bin");
        fs::write(&path, archive_bytes(site.path(), format, 2)).unwrap();
        let source = open(&path).unwrap();
        assert_eq!(source.kind(), SourceKind::Archive(format));
        assert_eq!(source.dropped(), path);
        assert_eq!(
            scanned(source.folder()).listing,
            scanned(site.path()).listing
        );
        let unpacked = source.folder().to_path_buf();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&unpacked).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others could read what is unpacked");
        }
        drop(source);
        assert!(!unpacked.exists());
    }
}

#[test]
fn a_dropped_archive_in_a_wrapper_is_offered_without_it() {
    let wrapped = folder(&[("dist/index.html", b"<html>"), ("dist/app.js", b"1")]);
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("dist.tar.gz");
    fs::write(&path, archive_bytes(wrapped.path(), Format::TarGz, 1)).unwrap();
    let source = open(&path).unwrap();
    let suggested = scanned(source.folder()).suggested_root.unwrap();
    assert_eq!(suggested, source.folder().join("dist"));
    assert!(!scanned(&suggested).is_stopped());
}

#[test]
fn other_things_get_a_clear_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    for (path, message) in [
        (
            file("index.html", b"<html>"),
            "This is a file, not a folder",
        ),
        (file("empty", b""), "This is a file, not a folder"),
        (
            file("a.7z", b"7z\xbc\xaf\x27\x1c"),
            "A .7z archive cannot be opened",
        ),
        (file("a.tar", &tar), "A plain .tar archive cannot be opened"),
        (
            file("a.tar.zst", b"\x28\xb5\x2f\xfd"),
            "A .zst archive cannot be opened",
        ),
        (folder.path().join("gone"), "There is nothing at"),
        (
            file("a.zip", b"PK\x03\x04 but no more"),
            "The archive is cut off",
        ),
        (file("a.tar.gz", b"\x1f\x8b\x08"), "The archive is cut off"),
    ] {
        let error = open(&path).unwrap_err();
        assert!(
            error.to_string().starts_with(message),
            "{}: {error}",
            path.display()
        );
        assert!(error.hint().is_some(), "{error}");
    }
}
