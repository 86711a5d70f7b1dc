//! The same files give the same bytes.

use std::time::{Duration, SystemTime};

use fs_err as fs;
use ota_bundle::{Contents, Format, empty_bundle};
use ota_model::Sha256;

use crate::support::{archive_bytes, folder, noise, site, verify, verify_with, write};

#[test]
fn times_modes_and_order_of_creation_change_nothing() {
    let files: [(&str, &[u8]); 4] = [
        ("b.js", b"b"),
        ("index.html", b"i"),
        ("a/z.css", b"z"),
        ("a.txt", b"a"),
    ];
    let first = folder(&files);
    let second = tempfile::tempdir().unwrap();
    for (path, content) in files.iter().rev() {
        write(second.path(), path, content);
        let file = fs::OpenOptions::new()
            .write(true)
            .open(second.path().join(path))
            .unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.file().set_modified(old).unwrap();
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o700);
        fs::set_permissions(second.path().join("a.txt"), mode).unwrap();
    }
    fs::create_dir(second.path().join("an empty folder")).unwrap();
    for format in [Format::TarGz, Format::Zip] {
        assert_eq!(
            Sha256::of(&archive_bytes(first.path(), format, 2)),
            Sha256::of(&archive_bytes(second.path(), format, 2)),
            "{format}"
        );
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    // Several blocks, of which some compress and some do not, and a file that ends in the middle of one.
    let mut large = "repeat after me ".repeat(200_000).into_bytes();
    large.extend(noise(1_500_000, 3));
    let folder = folder(&[
        ("index.html", b"x"),
        ("large.bin", &large),
        ("small.js", b"1;"),
    ]);
    for format in [Format::TarGz, Format::Zip] {
        let one = Sha256::of(&archive_bytes(folder.path(), format, 1));
        for threads in [2, 5, 16] {
            assert_eq!(
                Sha256::of(&archive_bytes(folder.path(), format, threads)),
                one,
                "{format}, {threads} threads"
            );
        }
    }
}

/// Guards against a change of the bytes by an update of a library: a release that is bundled again must keep its digest.
#[test]
fn the_bytes_are_pinned() {
    let site = site();
    let digests = [Format::TarGz, Format::Zip]
        .map(|format| Sha256::of(&archive_bytes(site.path(), format, 2)).to_string());
    insta::assert_compact_debug_snapshot!(digests, @r#"["e907a3d28d4a6163d73bb0b8c8ac524cbf30e5902b699744b228c9a76f3df52e", "05ab1add3d573a057d0ddf875314eed3f47dc3ac8293108704a7593a520369aa"]"#);
}

#[test]
fn the_archive_is_in_byte_order_with_fixed_metadata() {
    let bytes = archive_bytes(site().path(), Format::TarGz, 2);
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let mut paths = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(header.entry_type(), tar::EntryType::Regular);
        assert_eq!(header.mtime().unwrap(), 0);
        assert_eq!(
            (
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mode().unwrap()
            ),
            (0, 0, 0o644)
        );
        assert_eq!(header.username_bytes().unwrap_or_default(), b"");
        paths.push(entry.path_bytes().into_owned());
    }
    let mut sorted = paths.clone();
    sorted.sort();
    assert_eq!(paths, sorted);
    assert_eq!(paths.len(), 6);
}

#[test]
fn the_empty_bundle_is_whole_small_and_pinned() {
    let nothing = ota_bundle::ArchiveLimits::default().holding(Contents::Nothing);
    for format in [Format::TarGz, Format::Zip] {
        let bytes = empty_bundle(format);
        assert_eq!(bytes, empty_bundle(format));
        assert!(bytes.len() < 64, "{} bytes", bytes.len());
        assert_eq!(verify_with(&bytes, format, &nothing).unwrap().files, []);
        assert_eq!(verify(&bytes, format).unwrap().files, []);
    }
    let digests =
        [Format::TarGz, Format::Zip].map(|format| Sha256::of(&empty_bundle(format)).to_string());
    insta::assert_compact_debug_snapshot!(digests, @r#"["a1b1b81d3d1afdb8fe119b002318c12c20934713b9754a40f702adb18a2540b9", "8739c76e681f900923b900c9df0ef75cf421d39cabb54650c4b9ad19b6a76d85"]"#);
}
