//! What goes wrong while bundling, and that nothing is left behind.

use std::sync::Mutex;

use fs_err as fs;
use ota_bundle::{
    BundleError, CancellationToken, FileEntry, Format, Ignored, Listing, NoProgress, PackOptions,
    Phase, ProgressUpdate, pack, scan,
};
use ota_model::{Hint as _, Sha256};

use crate::support::{folder, names_in, noise, scanned, site, try_pack, write};

const FORMATS: [Format; 2] = [Format::TarGz, Format::Zip];

#[test]
fn a_file_that_changed_after_the_review_is_refused() {
    for (content, what) in [
        (&b"other"[..], "same size"),
        (b"shorter"[..4].as_ref(), "shorter"),
        (b"longer than", "longer"),
    ] {
        let site = folder(&[("index.html", b"<html>"), ("app.js", b"const")]);
        let listing = scanned(site.path()).listing;
        write(site.path(), "app.js", content);
        for format in FORMATS {
            let out = tempfile::tempdir().unwrap();
            let error = try_pack(
                site.path(),
                &listing,
                format,
                &out.path().join("a"),
                &CancellationToken::new(),
            );
            assert!(
                matches!(&error, Err(BundleError::Changed { path }) if path == "app.js"),
                "{what}: {error:?}"
            );
            assert_eq!(names_in(out.path()), [""; 0], "{what}");
        }
    }
}

#[test]
fn a_file_that_is_gone_is_named() {
    let site = folder(&[("index.html", b"<html>"), ("app.js", b"1")]);
    let listing = scanned(site.path()).listing;
    fs::remove_file(site.path().join("app.js")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let error = try_pack(
        site.path(),
        &listing,
        Format::TarGz,
        &out.path().join("a"),
        &CancellationToken::new(),
    );
    assert!(
        matches!(&error, Err(BundleError::ReadFile { path, .. }) if path == "app.js"),
        "{error:?}"
    );
    assert_eq!(names_in(out.path()), [""; 0]);
}

#[test]
fn a_failure_leaves_the_bundle_before_in_place() {
    let site = site();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("app.tar.gz");
    fs::write(&path, "the bundle before").unwrap();
    let listing = listing_of(&[("gone.js", b"1")]);
    assert!(
        try_pack(
            site.path(),
            &listing,
            Format::TarGz,
            &path,
            &CancellationToken::new()
        )
        .is_err()
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "the bundle before");
    assert_eq!(names_in(out.path()), ["app.tar.gz"]);

    let listing = scanned(site.path()).listing;
    let bundle = try_pack(
        site.path(),
        &listing,
        Format::TarGz,
        &path,
        &CancellationToken::new(),
    )
    .unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(
        (bundle.size_bytes, bundle.sha256),
        (bytes.len() as u64, Sha256::of(&bytes))
    );
    assert_eq!(names_in(out.path()), ["app.tar.gz"]);
}

fn listing_of(files: &[(&str, &[u8])]) -> Listing {
    let entry = |(path, content): &(&str, &[u8])| FileEntry {
        path: (*path).to_owned(),
        size_bytes: content.len() as u64,
        sha256: Sha256::of(content),
    };
    Listing::new(files.iter().map(entry).collect())
}

#[test]
fn a_listing_from_elsewhere_cannot_reach_out() {
    let site = site();
    let out = tempfile::tempdir().unwrap();
    for path in ["../secret", "/etc/passwd", "a\\b"] {
        let listing = listing_of(&[(path, b"x")]);
        let error = try_pack(
            site.path(),
            &listing,
            Format::Zip,
            &out.path().join("a"),
            &CancellationToken::new(),
        );
        assert!(
            matches!(error, Err(BundleError::Name { .. })),
            "{path}: {error:?}"
        );
    }
    let twice = listing_of(&[("index.html", b"x"), ("index.html", b"x")]);
    let error = try_pack(
        site.path(),
        &twice,
        Format::Zip,
        &out.path().join("a"),
        &CancellationToken::new(),
    );
    assert!(
        matches!(error, Err(BundleError::ListedTwice { .. })),
        "{error:?}"
    );
    let empty = Listing::default();
    let error = try_pack(
        site.path(),
        &empty,
        Format::Zip,
        &out.path().join("a"),
        &CancellationToken::new(),
    );
    assert!(matches!(error, Err(BundleError::Empty)), "{error:?}");
}

#[test]
fn cancelling_stops_at_once_and_leaves_nothing() {
    let site = folder(&[
        ("index.html", b"<html>"),
        ("large.bin", &noise(30_000_000, 5)),
    ]);
    let listing = scanned(site.path()).listing;
    for format in FORMATS {
        let out = tempfile::tempdir().unwrap();
        let cancel = CancellationToken::new();
        let last = Mutex::new(0);
        let progress = |update: ProgressUpdate| {
            if update.bytes_done > 5_000_000 {
                cancel.cancel();
            }
            *last.lock().unwrap() = update.bytes_done;
        };
        let options = PackOptions::default();
        let error = pack(
            site.path(),
            &listing,
            format,
            &out.path().join("a"),
            &options,
            &progress,
            &cancel,
        )
        .unwrap_err();
        assert!(error.is_cancelled(), "{error:?}");
        assert!(
            *last.lock().unwrap() < 8_000_000,
            "it went on after the cancel"
        );
        assert_eq!(names_in(out.path()), [""; 0]);
    }
    let cancel = CancellationToken::new();
    let progress = |update: ProgressUpdate| {
        if update.bytes_done > 1_000_000 {
            cancel.cancel();
        }
    };
    let error = scan(site.path(), &Ignored::default(), None, &progress, &cancel).unwrap_err();
    assert!(error.is_cancelled(), "{error:?}");
}

#[test]
fn progress_reaches_its_total() {
    let site = site();
    let seen = Mutex::new(Vec::new());
    let progress = |update: ProgressUpdate| seen.lock().unwrap().push(update);
    let scan = scan(
        site.path(),
        &Ignored::default(),
        None,
        &progress,
        &CancellationToken::new(),
    )
    .unwrap();
    let out = tempfile::tempdir().unwrap();
    let options = PackOptions::default();
    let path = out.path().join("a");
    pack(
        site.path(),
        &scan.listing,
        Format::TarGz,
        &path,
        &options,
        &progress,
        &CancellationToken::new(),
    )
    .unwrap();
    let seen = seen.into_inner().unwrap();
    for phase in [Phase::Scan, Phase::Pack] {
        let most = seen
            .iter()
            .filter(|update| update.phase == phase)
            .max_by_key(|update| update.bytes_done)
            .unwrap();
        assert_eq!(most.bytes_done, scan.listing.total_bytes(), "{phase:?}");
        assert_eq!(most.bytes_total, most.bytes_done, "{phase:?}");
        assert!(seen.iter().any(|update| update.phase == phase
            && update.files_done == 6
            && update.files_total == 6));
    }
}

#[test]
fn a_destination_that_is_not_there_is_told() {
    let site = site();
    let out = site.path().join("no/such/folder/app.tar.gz");
    let error = try_pack(
        site.path(),
        &scanned(site.path()).listing,
        Format::TarGz,
        &out,
        &CancellationToken::new(),
    );
    assert!(matches!(error, Err(BundleError::Write { .. })), "{error:?}");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let site = site();
    let cancel = CancellationToken::new();
    let look = |path: &std::path::Path| {
        scan(path, &Ignored::default(), None, &NoProgress, &cancel).unwrap_err()
    };
    assert!(matches!(
        look(&site.path().join("gone")),
        BundleError::NotFound { .. }
    ));
    assert!(matches!(
        look(&site.path().join("index.html")),
        BundleError::PlainFile { .. }
    ));
}

/// Tests that need another process: one with limits, or without rights. The test starts itself again.
#[cfg(target_os = "linux")]
mod in_another_process {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::Command;

    use ota_bundle::{CheckId, Severity};

    use super::*;
    use crate::support::finding;

    const FOLDER: &str = "OTA_BUNDLE_TEST_FOLDER";

    fn again(test: &str, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "trap '' XFSZ; ulimit -f ${LIMIT:-unlimited} && exec \"$@\"",
                "sh",
            ])
            .arg(program)
            .args([
                "--exact",
                &format!("failures::in_another_process::{test}"),
                "--nocapture",
            ])
            .env(FOLDER, folder);
        command
    }

    fn assert_ran(command: &mut Command) {
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && told.contains("1 passed"),
            "{told}"
        );
    }

    /// The limit on the size of a file stands for the full disk: the same path through the code, and no mount needed.
    #[test]
    fn a_full_disk_leaves_nothing_behind() {
        let Some(folder) = std::env::var_os(FOLDER) else {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), "dist/index.html", b"<html>");
            write(folder.path(), "dist/large.bin", &noise(3_000_000, 1));
            fs::create_dir(folder.path().join("out")).unwrap();
            // In units of 512 or 1,024 bytes, depending on the shell: below three megabytes in both cases.
            let program = std::env::current_exe().unwrap();
            assert_ran(
                again("a_full_disk_leaves_nothing_behind", &program, folder.path())
                    .env("LIMIT", "1000"),
            );
            return;
        };
        let dist = Path::new(&folder).join("dist");
        let out = Path::new(&folder).join("out");
        let listing = scanned(&dist).listing;
        for format in FORMATS {
            let error = try_pack(
                &dist,
                &listing,
                format,
                &out.join("a"),
                &CancellationToken::new(),
            )
            .unwrap_err();
            assert!(matches!(error, BundleError::DiskFull { .. }), "{error:?}");
            assert!(error.hint().unwrap().contains("Free some space"));
            assert_eq!(names_in(&out), [""; 0]);
        }
    }

    /// With as many threads as there can be, and files that cannot be compressed: the worst case.
    #[test]
    fn memory_does_not_grow_with_the_folder() {
        let Some(folder) = std::env::var_os(FOLDER) else {
            let folder = tempfile::tempdir().unwrap();
            let part = noise(10_000_000, 11);
            write(folder.path(), "dist/index.html", b"<html>");
            for number in 0..8 {
                write(folder.path(), &format!("dist/{number}.bin"), &part);
            }
            write(folder.path(), "dist/large.bin", &part.repeat(8));
            let program = std::env::current_exe().unwrap();
            assert_ran(&mut again(
                "memory_does_not_grow_with_the_folder",
                &program,
                folder.path(),
            ));
            return;
        };
        let dist = Path::new(&folder).join("dist");
        let listing = scanned(&dist).listing;
        let options = PackOptions {
            threads: std::num::NonZeroUsize::new(64),
        };
        for format in FORMATS {
            let out = Path::new(&folder).join("out");
            let bundle = pack(
                &dist,
                &listing,
                format,
                &out,
                &options,
                &NoProgress,
                &CancellationToken::new(),
            )
            .unwrap();
            assert!(
                bundle.size_bytes > 150_000_000,
                "it was to be hard to compress"
            );
            let limits = ota_bundle::ArchiveLimits::default();
            assert_eq!(
                ota_bundle::verify_archive(&out, format, &limits).unwrap(),
                listing
            );
        }
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kilobytes < 64_000, "{kilobytes} kB");
    }

    /// Root may read everything, so this runs as nobody.
    #[test]
    fn unreadable_files_and_folders_are_named() {
        let Some(folder) = std::env::var_os(FOLDER) else {
            let folder = tempfile::tempdir().unwrap();
            let open = |path: &Path| {
                fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
            };
            let close = |path: &str| {
                let path = folder.path().join(path);
                fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
            };
            open(folder.path());
            write(folder.path(), "dist/index.html", b"<html>");
            write(folder.path(), "dist/private.js", b"1");
            write(folder.path(), "dist/locked/inner.js", b"1");
            close("dist/private.js");
            close("dist/locked");
            // Nobody may not be allowed to run the original where it is.
            let program = folder.path().join("test");
            fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            open(&program);
            let mut command = again(
                "unreadable_files_and_folders_are_named",
                &program,
                folder.path(),
            );
            command.current_dir(folder.path());
            if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
                command.uid(65_534).gid(65_534);
            }
            assert_ran(&mut command);
            fs::set_permissions(
                folder.path().join("dist/locked"),
                std::fs::Permissions::from_mode(0o755),
            )
            .unwrap();
            return;
        };
        let dist = Path::new(&folder).join("dist");
        let scan = scanned(&dist);
        let found = finding(&scan, CheckId::Unreadable);
        assert_eq!(found.severity, Severity::Stop);
        assert_eq!(found.paths, ["locked", "private.js"]);
        assert_eq!(found.places[0].note, "permission denied");
        assert!(found.can_ignore);
        let without = crate::support::scanned_without(&dist, &["locked", "private.js"]);
        assert!(!without.is_stopped());
    }
}
