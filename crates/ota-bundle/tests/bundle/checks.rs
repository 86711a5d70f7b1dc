//! What the checks say about real folders.

use fs_err as fs;
use ota_bundle::{
    CancellationToken, CheckId, Finding, Ignored, LiveInfo, NoProgress, SECRET_PATTERNS, Scan,
    Severity, scan,
};

use crate::support::{finding, folder, scanned, scanned_without, site, write};

fn stops(scan: &Scan) -> Vec<(CheckId, &[String])> {
    let stops = scan
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Stop);
    stops
        .map(|finding| (finding.check, finding.paths.as_slice()))
        .collect()
}

fn decisions(scan: &Scan) -> Vec<&Finding> {
    let findings = scan.findings.iter();
    findings
        .filter(|finding| finding.severity == Severity::Decide)
        .collect()
}

#[test]
fn a_good_folder_passes_every_check() {
    let scan = scanned(site().path());
    assert!(
        scan.findings
            .iter()
            .all(|finding| finding.severity == Severity::Pass),
        "{:#?}",
        scan.findings
    );
    let secrets = finding(&scan, CheckId::Secrets);
    assert_eq!(secrets.title, "No secrets found");
    // The logo has a zero byte, so it is not searched.
    assert_eq!(
        secrets.detail,
        format!("{SECRET_PATTERNS} patterns, 5 files")
    );
    assert_eq!(scan.suggested_root, None);
}

#[test]
fn an_empty_folder_is_stopped() {
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir_all(empty.path().join("a/b")).unwrap();
    assert_eq!(stops(&scanned(empty.path())), [(CheckId::Empty, &[][..])]);
}

#[test]
fn the_wrapper_folder_is_named_and_offered() {
    let wrapped = folder(&[
        ("dist/index.html", b"<html>"),
        ("dist/a.js", b"1"),
        ("README.md", b"#"),
    ]);
    let scan = scanned(wrapped.path());
    let finding = finding(&scan, CheckId::EntryPage);
    assert_eq!(finding.severity, Severity::Stop);
    assert_eq!(finding.detail, "it is in dist/");
    assert_eq!(
        scan.suggested_root.as_deref(),
        Some(wrapped.path().join("dist").as_path())
    );
    assert!(!scanned(&wrapped.path().join("dist")).is_stopped());
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_stopped_until_left_out() {
    let folder = folder(&[("index.html", b"<html>"), ("real.js", b"1")]);
    std::os::unix::fs::symlink("real.js", folder.path().join("link.js")).unwrap();
    std::os::unix::fs::symlink("/nowhere", folder.path().join("dangling")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("outside")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status()
        .unwrap();
    assert!(made.success());

    let scan = scanned(folder.path());
    let finding = finding(&scan, CheckId::Links);
    assert_eq!(finding.severity, Severity::Stop);
    assert_eq!(
        finding.paths,
        ["dangling", "link.js", "outside", "pipe", "socket"]
    );
    let kinds: Vec<_> = finding
        .places
        .iter()
        .map(|place| place.note.as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "symbolic link",
            "symbolic link",
            "symbolic link",
            "pipe",
            "socket"
        ]
    );
    assert!(finding.can_ignore);
    assert_eq!(
        scan.listing.files.len(),
        2,
        "what is linked must not be packed"
    );

    let without: Vec<&str> = finding.paths.iter().map(String::as_str).collect();
    assert!(!scanned_without(folder.path(), &without).is_stopped());
}

#[test]
fn names_that_fail_on_some_systems_are_shown() {
    let folder = folder(&[
        ("index.html", b"<html>"),
        ("aux.js", b"1"),
        ("a/what?.txt", b"1"),
        ("hotswap-meta.json", b"{}"),
    ]);
    let scan = scanned(folder.path());
    let names: Vec<_> = decisions(&scan)
        .iter()
        .map(|finding| (finding.title.clone(), finding.paths.clone()))
        .collect();
    assert_eq!(
        names,
        [
            (
                "2 names that Windows cannot store".to_owned(),
                vec!["a/what?.txt".to_owned(), "aux.js".to_owned()]
            ),
            (
                "1 name that hotswap uses itself".to_owned(),
                vec!["hotswap-meta.json".to_owned()]
            ),
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_no_client_takes_are_stopped() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder(&[
        ("index.html", b"<html>"),
        ("back\\slash.js", b"1"),
        ("esc\u{1b}.js", b"1"),
    ]);
    let raw = std::ffi::OsStr::from_bytes(b"raw\xff.js");
    fs::write(folder.path().join(raw), b"1").unwrap();
    let scan = scanned(folder.path());
    assert_eq!(
        stops(&scan),
        [(
            CheckId::Names,
            &[
                "back\\slash.js".to_owned(),
                "esc\u{1b}.js".to_owned(),
                "raw\u{fffd}.js".to_owned()
            ][..]
        )]
    );
    let names: Vec<_> = finding(&scan, CheckId::Names)
        .paths
        .iter()
        .map(String::as_str)
        .collect();
    assert!(!scanned_without(folder.path(), &names).is_stopped());
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_differ_only_in_case_are_shown() {
    let folder = folder(&[
        ("index.html", b"<html>"),
        ("assets/App.js", b"1"),
        ("assets/app.js", b"2"),
        ("Img/a.png", b"1"),
        ("img/b.png", b"1"),
    ]);
    let scan = scanned(folder.path());
    let finding = finding(&scan, CheckId::NameCase);
    assert_eq!(finding.severity, Severity::Decide);
    assert_eq!(
        finding.detail,
        "assets/App.js and assets/app.js, Img and img"
    );
}

#[test]
fn leftovers_of_tools_can_be_left_out() {
    let folder = folder(&[
        ("index.html", b"<html>"),
        (".DS_Store", b"\0\0"),
        ("assets/.DS_Store", b"\0\0"),
        ("__MACOSX/._index.html", b"\0"),
        (".git/HEAD", b"ref"),
        (".git/objects/aa/bb", b"x"),
        ("node_modules/left-pad/index.js", b"pad"),
        ("node_modules/left-pad/package.json", b"{}"),
        (
            "assets/node_modules/left-pad-C4xq91fa.js",
            b"a chunk that the application needs",
        ),
    ]);
    let scan = scanned(folder.path());
    let found = finding(&scan, CheckId::Leftovers);
    assert_eq!(found.severity, Severity::Decide);
    assert_eq!(
        found.paths,
        [
            ".DS_Store",
            ".git",
            "__MACOSX",
            "assets/.DS_Store",
            "node_modules"
        ]
    );

    let mut ignored = Ignored::default();
    ignored.extend(found.paths.iter().cloned());
    let clean = scan_with(folder.path(), &ignored);
    assert_eq!(finding(&clean, CheckId::Leftovers).severity, Severity::Pass);
    assert_eq!(clean.listing.files.len(), 2);
    let git = clean
        .ignored
        .iter()
        .find(|entry| entry.path == ".git")
        .unwrap();
    assert_eq!((git.files, git.size_bytes), (2, 4));
}

fn scan_with(root: &std::path::Path, ignored: &Ignored) -> Scan {
    scan(root, ignored, None, &NoProgress, &CancellationToken::new()).unwrap()
}

#[test]
fn source_maps_are_a_decision() {
    let folder = folder(&[
        ("index.html", b"<html>"),
        ("a.js.map", &[b'{'; 1_500]),
        ("world.map", b"a game level"),
    ]);
    let scan = scanned(folder.path());
    let finding = finding(&scan, CheckId::SourceMaps);
    assert_eq!(
        (finding.severity, finding.can_ignore),
        (Severity::Decide, true)
    );
    assert_eq!(
        (finding.title.as_str(), finding.detail.as_str()),
        ("1 source map", "readable source, 1.5 KB")
    );
    assert_eq!(finding.paths, ["a.js.map"]);
    assert_eq!(
        scanned_without(folder.path(), &["a.js.map"])
            .listing
            .files
            .len(),
        2
    );
}

#[test]
fn secrets_are_stopped_and_never_repeated() {
    let token = format!("ghp_{}", "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2");
    // Beyond the first chunk that is read, so that the search has to go on from chunk to chunk.
    let script = format!("{}\nconst token = '{token}';\n", "x = 1;\n".repeat(60_000));
    let folder = folder(&[
        ("index.html", b"<html>"),
        (".env.production", b"PASSWORD=x"),
        ("assets/app.js", script.as_bytes()),
    ]);
    let scan = scanned(folder.path());
    let found: Vec<_> = scan
        .findings
        .iter()
        .filter(|finding| finding.check == CheckId::Secrets)
        .collect();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found
            .iter()
            .all(|finding| finding.severity == Severity::Stop)
    );
    assert_eq!(found[0].paths, [".env.production"]);
    assert_eq!(
        found[1].detail,
        "a GitHub token in assets/app.js, line 60002"
    );
    let told = serde_json::to_string(&scan).unwrap();
    assert!(!told.contains(&token[4..]), "the scan repeats the secret");
    assert!(!scanned_without(folder.path(), &[".env.production", "assets/app.js"]).is_stopped());
}

#[test]
fn a_secret_in_the_entry_page_cannot_be_left_out() {
    let page = format!(
        "<script>key = 'sk_live_{}'</script>",
        "aB3dE5fG7hJ9kL1mN2pQ4rS6"
    );
    let folder = folder(&[("index.html", page.as_bytes())]);
    let scan = scanned(folder.path());
    let finding = finding(&scan, CheckId::Secrets);
    assert_eq!(
        (finding.severity, finding.can_ignore),
        (Severity::Stop, false)
    );
}

#[test]
fn addresses_in_the_entry_page_are_decisions() {
    let page =
        "<base href=\"/app/\">\n<script src=\"http://localhost:5173/@vite/client\"></script>";
    let folder = folder(&[("index.html", page.as_bytes())]);
    let scan = scanned(folder.path());
    let base = finding(&scan, CheckId::BasePath);
    assert_eq!(
        (base.severity, base.title.as_str()),
        (Severity::Decide, "Base path is /app/")
    );
    let local = finding(&scan, CheckId::LocalAddresses);
    assert_eq!(
        (local.severity, local.detail.as_str()),
        (Severity::Decide, "http://localhost:5173")
    );
    assert_eq!(local.places[0].line, Some(2));
}

#[test]
fn growth_is_told_with_its_cause() {
    let before = folder(&[
        ("index.html", b"<html>"),
        ("app.js", &vec![b'a'; 2_000_000]),
    ]);
    let live = LiveInfo {
        listing: scanned(before.path()).listing,
        bundle_size_bytes: 10_000,
    };
    write(before.path(), "video.mp4", &vec![0; 3_000_000]);
    let scan = scan(
        before.path(),
        &Ignored::default(),
        Some(&live),
        &NoProgress,
        &CancellationToken::new(),
    )
    .unwrap();
    let finding = finding(&scan, CheckId::Growth);
    assert_eq!(finding.severity, Severity::Decide);
    assert_eq!(finding.title, "3.00 MB more than what is live");
    assert_eq!(finding.paths, ["video.mp4"]);
}

#[test]
fn more_than_clients_download_is_shown() {
    let folder = folder(&[("index.html", b"<html>")]);
    let large = fs::File::create(folder.path().join("large.bin")).unwrap();
    large.set_len(ota_bundle::HOTSWAP_LIMIT_BYTES).unwrap();
    let scan = scanned(folder.path());
    let found = finding(&scan, CheckId::SizeLimit);
    assert_eq!(found.severity, Severity::Decide);
    assert_eq!(found.title, "536.87 MB unpacked");
}
