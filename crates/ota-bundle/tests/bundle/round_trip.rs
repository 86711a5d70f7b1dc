//! What is packed is what is read, for any folder.

use std::collections::BTreeMap;
use std::io::Read as _;

use fs_err as fs;
use ota_bundle::{ArchiveLimits, CancellationToken, Contents, Format, NoProgress, extract};
use proptest::prelude::*;

use crate::support::{archive_bytes, scanned, verify, write};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9_]{1,12}",
        "[a-zA-Z0-9 ._äß日-]{1,20}n",
        "[a-z]{90,200}",
    ]
}

/// Paths that do not collide: no file is another one's folder, since folders start with `d-` and files with `f-`.
fn tree() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let path = (prop::collection::vec(name(), 0..3), name()).prop_map(|(folders, file)| {
        let folders = folders.into_iter().map(|folder| format!("d-{folder}/"));
        folders
            .chain([format!("f-{file}")])
            .collect::<Vec<_>>()
            .concat()
    });
    let content = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        (any::<u8>(), 0_usize..1_300_000).prop_map(|(byte, length)| vec![byte; length]),
    ];
    prop::collection::btree_map(path, content, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_folder_survives(tree in tree(), threads in 1_usize..4) {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in &tree {
            write(folder.path(), path, content);
        }
        let listing = scanned(folder.path()).listing;
        let paths: Vec<_> = listing.files.iter().map(|file| file.path.clone()).collect();
        prop_assert_eq!(&paths, &tree.keys().cloned().collect::<Vec<_>>());
        for format in [Format::TarGz, Format::Zip] {
            let bytes = archive_bytes(folder.path(), format, threads);
            prop_assert_eq!(&verify(&bytes, format).unwrap(), &listing);
        }
    }
}

#[test]
fn a_file_of_many_blocks_survives() {
    let folder = tempfile::tempdir().unwrap();
    let large = crate::support::noise(40_000_000, 9);
    write(folder.path(), "index.html", b"x");
    write(folder.path(), "large.bin", &large);
    let out = tempfile::tempdir().unwrap();
    for format in [Format::TarGz, Format::Zip] {
        let path = out.path().join("a");
        fs::write(&path, archive_bytes(folder.path(), format, 4)).unwrap();
        let dest = tempfile::tempdir().unwrap();
        let listing = extract(
            &path,
            format,
            &ArchiveLimits::default().holding(Contents::Site),
            dest.path(),
            &NoProgress,
            &CancellationToken::new(),
        )
        .unwrap();
        assert_eq!(listing, scanned(folder.path()).listing);
        assert!(fs::read(dest.path().join("large.bin")).unwrap() == large);
    }
}

#[test]
fn a_reader_of_one_gzip_member_sees_every_file() {
    // Hotswap reads with this decoder, which stops after the first member (`protocols.md` 1.5).
    let site = crate::support::site();
    let bytes = archive_bytes(site.path(), Format::TarGz, 3);
    let mut plain = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(bytes.as_slice());
    decoder.read_to_end(&mut plain).unwrap();
    assert_eq!(
        decoder.into_inner(),
        b"",
        "bytes remain after the first member"
    );
    let count = tar::Archive::new(plain.as_slice())
        .entries()
        .unwrap()
        .count();
    assert_eq!(count, scanned(site.path()).listing.files.len());
}
