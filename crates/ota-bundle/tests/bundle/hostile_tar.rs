//! Hostile `.tar.gz` archives, named by the threat.

use ota_bundle::{ArchiveError, ArchiveLimits, Contents, Format, NameError};
use tar::{EntryType, Header};

use crate::support::{archive_bytes, folder, gzip, verify, verify_with};

struct Tar(Vec<u8>);

impl Tar {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn file(self, path: &[u8], content: &[u8]) -> Self {
        self.entry(EntryType::Regular, path, content.len() as u64, content)
    }

    fn entry(mut self, kind: EntryType, path: &[u8], size: u64, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn link(mut self, kind: EntryType, path: &str, to: &str) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path(path).unwrap();
        header.set_link_name(to).unwrap();
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self
    }

    fn plain(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }

    fn gz(self) -> Vec<u8> {
        gzip(&self.plain())
    }

    fn refusal(self) -> ArchiveError {
        verify(&self.gz(), Format::TarGz).unwrap_err()
    }
}

fn name_error(error: ArchiveError) -> NameError {
    match error {
        ArchiveError::Name { source, .. } => source,
        other => panic!("another error: {other:?}"),
    }
}

#[test]
fn zip_slip() {
    for path in [
        &b"../evil.js"[..],
        b"a/../../evil.js",
        b"./../evil.js",
        b"a/..",
    ] {
        let error = Tar::new()
            .file(b"index.html", b"x")
            .file(path, b"evil")
            .refusal();
        assert_eq!(name_error(error), NameError::Escapes);
    }
}

#[test]
fn absolute_path() {
    assert_eq!(
        name_error(Tar::new().file(b"/etc/cron.d/evil", b"x").refusal()),
        NameError::Absolute
    );
}

#[test]
fn windows_spellings() {
    assert_eq!(
        name_error(Tar::new().file(b"C:\\evil.exe", b"x").refusal()),
        NameError::Backslash
    );
    assert_eq!(
        name_error(Tar::new().file(b"..\\evil.exe", b"x").refusal()),
        NameError::Backslash
    );
    assert_eq!(
        name_error(Tar::new().file(b"c:evil.exe", b"x").refusal()),
        NameError::Drive
    );
}

#[test]
fn names_that_are_no_text() {
    assert_eq!(
        name_error(Tar::new().file(b"a\xffb", b"x").refusal()),
        NameError::NotUtf8
    );
    assert_eq!(
        name_error(Tar::new().file(b"a\x1b[2Jb", b"x").refusal()),
        NameError::Control
    );
    assert_eq!(
        name_error(Tar::new().file(b"", b"x").refusal()),
        NameError::Empty
    );
    let message = Tar::new().file(b"a\x1b[2Jb", b"x").refusal().to_string();
    assert!(!message.contains('\u{1b}'), "{message:?}");
}

#[test]
fn symlink_out() {
    let error = Tar::new()
        .link(EntryType::Symlink, "assets", "/etc")
        .file(b"assets/passwd", b"x")
        .refusal();
    assert!(
        matches!(&error, ArchiveError::Link { path } if path == "assets"),
        "{error:?}"
    );
}

#[test]
fn hardlink() {
    let error = Tar::new()
        .link(EntryType::Link, "index.html", "/etc/shadow")
        .refusal();
    assert!(matches!(error, ArchiveError::Link { .. }), "{error:?}");
}

#[test]
fn devices_pipes_and_sparse_files() {
    for kind in [
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::Continuous,
    ] {
        let error = Tar::new().entry(kind, b"dev", 0, b"").refusal();
        assert!(
            matches!(error, ArchiveError::SpecialFile { .. }),
            "{kind:?}: {error:?}"
        );
    }
    let error = Tar::new()
        .entry(EntryType::new(b'Z'), b"unknown", 0, b"")
        .refusal();
    assert!(
        matches!(error, ArchiveError::SpecialFile { .. }),
        "{error:?}"
    );
}

#[test]
fn bomb() {
    let limits = ArchiveLimits {
        unpacked_bytes: 10_000_000,
        ..ArchiveLimits::default()
    };
    // The zeros are never inflated: the header is enough.
    let lying = Tar::new()
        .entry(EntryType::Regular, b"index.html", 8_000_000_000, b"")
        .gz();
    let error = verify_with(&lying, Format::TarGz, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::TooLargeUnpacked { .. }),
        "{error:?}"
    );

    let mut many = Tar::new();
    for number in 0..11 {
        many = many.file(format!("{number}").as_bytes(), &vec![0; 1_000_000]);
    }
    let bytes = many.gz();
    assert!(bytes.len() < 200_000);
    let error = verify_with(&bytes, Format::TarGz, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::TooLargeUnpacked { .. }),
        "{error:?}"
    );
}

#[test]
fn bomb_in_a_header() {
    let zeros = vec![b'a'; 50_000_000];
    for kind in [
        EntryType::GNULongName,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
    ] {
        let error = Tar::new()
            .entry(kind, b"long", zeros.len() as u64, &zeros)
            .file(b"index.html", b"x")
            .refusal();
        assert!(
            matches!(error, ArchiveError::Damaged { .. }),
            "{kind:?}: {error:?}"
        );
    }
}

#[test]
fn bomb_behind_the_end() {
    let mut plain = Tar::new().file(b"index.html", b"x").plain();
    plain.resize(plain.len() + 50_000_000, 0);
    let error = verify(&gzip(&plain), Format::TarGz).unwrap_err();
    assert!(matches!(error, ArchiveError::TrailingData), "{error:?}");
}

#[test]
fn too_many_entries() {
    let limits = ArchiveLimits {
        entries: 100,
        ..ArchiveLimits::default()
    };
    let mut files = Tar::new();
    let mut folders = Tar::new();
    for number in 0..101 {
        files = files.file(format!("f{number}").as_bytes(), b"");
        folders = folders.entry(
            EntryType::Directory,
            format!("d{number}/").as_bytes(),
            0,
            b"",
        );
    }
    for tar in [files, folders] {
        let error = verify_with(&tar.gz(), Format::TarGz, &limits).unwrap_err();
        assert!(
            matches!(error, ArchiveError::TooManyEntries { limit: 100 }),
            "{error:?}"
        );
    }
    let mut headers = Tar::new();
    for _ in 0..1_000 {
        headers = headers.entry(EntryType::GNULongName, b"long", 2, b"a\0");
    }
    let error = headers.refusal();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error:?}");
}

#[test]
fn too_large_packed() {
    let limits = ArchiveLimits {
        packed_bytes: 50,
        ..ArchiveLimits::default()
    };
    let bytes = Tar::new().file(b"index.html", b"x").gz();
    let error = verify_with(&bytes, Format::TarGz, &limits).unwrap_err();
    assert!(
        matches!(error, ArchiveError::TooLarge { limit: 50 }),
        "{error:?}"
    );
}

#[test]
fn long_names() {
    let long = format!("{}\0", "a/".repeat(700));
    let tar = Tar::new().entry(
        EntryType::GNULongName,
        b"long",
        long.len() as u64,
        long.as_bytes(),
    );
    let error = tar.file(b"index.html", b"x").refusal();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error:?}");
    let part = format!("{}\0", "a".repeat(300));
    let tar = Tar::new().entry(
        EntryType::GNULongName,
        b"long",
        part.len() as u64,
        part.as_bytes(),
    );
    assert_eq!(
        name_error(tar.file(b"index.html", b"x").refusal()),
        NameError::TooLong
    );
}

#[test]
fn duplicate_names() {
    for again in [&b"index.html"[..], b"./index.html", b".//index.html"] {
        let error = Tar::new()
            .file(b"index.html", b"good")
            .file(again, b"evil")
            .refusal();
        assert!(
            matches!(&error, ArchiveError::Duplicate { path } if path == "index.html"),
            "{error:?}"
        );
    }
}

#[test]
fn duplicate_names_by_extension() {
    for (kind, content) in [
        (EntryType::GNULongName, &b"index.html\0"[..]),
        (EntryType::XHeader, b"19 path=index.html\n"),
    ] {
        let tar = Tar::new().file(b"index.html", b"good");
        let error = tar
            .entry(kind, b"x", content.len() as u64, content)
            .file(b"other", b"evil")
            .refusal();
        assert!(
            matches!(error, ArchiveError::Duplicate { .. }),
            "{kind:?}: {error:?}"
        );
    }
}

#[test]
fn a_pax_header_that_changes_the_meaning() {
    for (record, is_right) in [
        (&b"12 size=999\n"[..], matches as fn(&ArchiveError) -> bool),
        (b"22 GNU.sparse.major=1\n", |error| {
            matches!(error, ArchiveError::SpecialFile { .. })
        }),
        (b"24 linkpath=/etc/passwd\n", |error| {
            matches!(error, ArchiveError::Link { .. })
        }),
    ] {
        let tar = Tar::new().entry(EntryType::XHeader, b"x", record.len() as u64, record);
        let error = tar.file(b"index.html", b"x").refusal();
        assert!(
            is_right(&error),
            "{}: {error:?}",
            String::from_utf8_lossy(record)
        );
    }
    fn matches(error: &ArchiveError) -> bool {
        matches!(error, ArchiveError::Damaged { .. })
    }
    let global = b"19 path=index.html\n";
    let tar = Tar::new().entry(EntryType::XGlobalHeader, b"g", global.len() as u64, global);
    let error = tar.file(b"a", b"x").refusal();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_file_that_is_also_a_folder() {
    let error = Tar::new().file(b"a", b"x").file(b"a/b", b"x").refusal();
    assert!(
        matches!(&error, ArchiveError::FileAndFolder { path } if path == "a"),
        "{error:?}"
    );
    let error = Tar::new().file(b"a/b", b"x").file(b"a", b"x").refusal();
    assert!(
        matches!(error, ArchiveError::FileAndFolder { .. }),
        "{error:?}"
    );
}

#[test]
fn second_gzip_member() {
    let plain = Tar::new()
        .file(b"index.html", b"x")
        .file(b"app.js", b"y")
        .plain();
    let (first, second) = plain.split_at(1024);
    let bytes = [gzip(first), gzip(second)].concat();
    // gzip itself reads both; hotswap reads the first only and would never learn of app.js.
    let error = verify(&bytes, Format::TarGz).unwrap_err();
    assert!(matches!(error, ArchiveError::SecondGzipMember), "{error:?}");
}

#[test]
fn trailing_garbage() {
    for garbage in [&b"garbage"[..], &[0; 512]] {
        let mut bytes = Tar::new().file(b"index.html", b"x").gz();
        bytes.extend_from_slice(garbage);
        let error = verify(&bytes, Format::TarGz).unwrap_err();
        assert!(matches!(error, ArchiveError::TrailingData), "{error:?}");
    }
    let mut plain = Tar::new().file(b"index.html", b"x").plain();
    plain.extend_from_slice(&Tar::new().file(b"hidden.js", b"x").plain());
    let error = verify(&gzip(&plain), Format::TarGz).unwrap_err();
    assert!(matches!(error, ArchiveError::TrailingData), "{error:?}");
}

#[test]
fn cut_off_anywhere() {
    let folder = folder(&[("index.html", b"<html>"), ("a.js", b"const a = 1;")]);
    let bytes = archive_bytes(folder.path(), Format::TarGz, 1);
    for length in 0..bytes.len() {
        let error = verify(&bytes[..length], Format::TarGz).unwrap_err();
        let expected = matches!(
            error,
            ArchiveError::Truncated | ArchiveError::WrongFormat { .. }
        );
        assert!(expected, "{length} of {}: {error:?}", bytes.len());
    }
}

#[test]
fn any_flipped_bit_is_noticed() {
    let folder = folder(&[("index.html", b"<html>"), ("a.js", b"const a = 1;")]);
    let bytes = archive_bytes(folder.path(), Format::TarGz, 1);
    let listing = verify(&bytes, Format::TarGz).unwrap();
    // The header of the gzip member says nothing about the content.
    for at in 10..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        match verify(&changed, Format::TarGz) {
            Err(_) => {}
            // Deflate has bits without a meaning; what is read must then be the same.
            Ok(other) => assert_eq!(other, listing, "byte {at}"),
        }
    }
}

#[test]
fn other_things_are_called_by_their_name() {
    for bytes in [&b"PK\x03\x04 a zip"[..], b"<html>", b"ustar"] {
        let error = verify(bytes, Format::TarGz).unwrap_err();
        assert!(
            matches!(error, ArchiveError::WrongFormat { .. }),
            "{error:?}"
        );
    }
    let error = verify(
        &gzip(
            b"not a tar at all, but long enough to look at"
                .repeat(40)
                .as_slice(),
        ),
        Format::TarGz,
    );
    assert!(
        matches!(error, Err(ArchiveError::Damaged { .. })),
        "{error:?}"
    );
}

#[test]
fn wrapper_folder() {
    let bytes = Tar::new()
        .file(b"dist/index.html", b"x")
        .file(b"dist/app.js", b"y")
        .gz();
    let error = verify_with(&bytes, Format::TarGz, &ArchiveLimits::default()).unwrap_err();
    let wrapper = match &error {
        ArchiveError::NoEntryPage { wrapper } => wrapper.as_deref(),
        other => panic!("{other:?}"),
    };
    assert_eq!(wrapper, Some("dist"));
    use ota_model::Hint as _;
    assert!(error.hint().unwrap().contains("dist/"));
}

#[test]
fn a_built_in_bundle_with_files() {
    let bytes = Tar::new().file(b"index.html", b"x").gz();
    let nothing = ArchiveLimits::default().holding(Contents::Nothing);
    let error = verify_with(&bytes, Format::TarGz, &nothing).unwrap_err();
    assert!(matches!(error, ArchiveError::NotEmpty { .. }), "{error:?}");
    let site = ArchiveLimits::default();
    let error = verify_with(
        &ota_bundle::empty_bundle(Format::TarGz),
        Format::TarGz,
        &site,
    )
    .unwrap_err();
    assert!(
        matches!(error, ArchiveError::NoEntryPage { wrapper: None }),
        "{error:?}"
    );
}
