//! GNU tar, gzip, unzip and Python read what is written here, and what they write is read here.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use fs_err as fs;
use ota_bundle::Format;

use crate::support::{packed, scanned, site, verify};

fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn same_files(ours: &Path, theirs: &Path) {
    run(Command::new("diff")
        .arg("--recursive")
        .arg(ours)
        .arg(theirs));
}

#[test]
fn gnu_tar_and_gzip_read_a_tar_gz() {
    let (site, out) = (site(), tempfile::tempdir().unwrap());
    let path = out.path().join("app.tar.gz");
    packed(site.path(), Format::TarGz, &path);
    let test = run(Command::new("gzip")
        .args(["--test", "--verbose"])
        .arg(&path));
    assert!(
        !String::from_utf8_lossy(&test.stderr).contains("trailing"),
        "{test:?}"
    );

    let listed = run(Command::new("tar")
        .args(["--list", "--quoting-style=literal", "--file"])
        .arg(&path));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let expected: Vec<_> = scanned(site.path())
        .listing
        .files
        .into_iter()
        .map(|file| file.path)
        .collect();
    assert_eq!(listed.lines().collect::<Vec<_>>(), expected);

    let back = tempfile::tempdir().unwrap();
    run(Command::new("tar")
        .arg("xzf")
        .arg(&path)
        .arg("-C")
        .arg(back.path()));
    same_files(site.path(), back.path());
}

#[test]
fn python_reads_a_zip() {
    let (site, out) = (site(), tempfile::tempdir().unwrap());
    let path = out.path().join("app.zip");
    packed(site.path(), Format::Zip, &path);
    let back = tempfile::tempdir().unwrap();
    let script = "import sys, zipfile\n\
                  archive = zipfile.ZipFile(sys.argv[1])\n\
                  assert archive.testzip() is None\n\
                  archive.extractall(sys.argv[2])\n\
                  print('\\n'.join(archive.namelist()))";
    let listed = run(Command::new("python3")
        .env("PYTHONIOENCODING", "utf-8")
        .env("PYTHONUTF8", "1")
        .args(["-c", script])
        .arg(&path)
        .arg(back.path()));
    let expected: Vec<_> = scanned(site.path())
        .listing
        .files
        .into_iter()
        .map(|file| file.path)
        .collect();
    assert_eq!(
        String::from_utf8(listed.stdout)
            .unwrap()
            .lines()
            .collect::<Vec<_>>(),
        expected
    );
    same_files(site.path(), back.path());
}

#[test]
fn the_zip_reader_of_hotswap_reads_a_zip() {
    let (site, out) = (site(), tempfile::tempdir().unwrap());
    let path = out.path().join("app.zip");
    packed(site.path(), Format::Zip, &path);
    let mut archive = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let listing = scanned(site.path()).listing;
    assert_eq!(archive.len(), listing.files.len());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut content).unwrap();
        let entry = listing.find(&file.name().unwrap()).unwrap();
        assert_eq!(
            ota_model::Sha256::of(&content),
            entry.sha256,
            "{}",
            entry.path
        );
    }
}

#[test]
fn archives_of_other_tools_are_read() {
    let (site, out) = (site(), tempfile::tempdir().unwrap());
    let listing = scanned(site.path()).listing;
    let inside = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(site.path()).env("LC_ALL", "C.UTF-8");
        command
    };
    for (name, options) in [
        ("gnu.tar.gz", &["--format=gnu"][..]),
        ("pax.tar.gz", &["--format=pax"]),
        ("ustar.tar.gz", &["--format=ustar"]),
    ] {
        let path = out.path().join(name);
        run(inside("tar").args(options).arg("-czf").arg(&path).arg("."));
        assert_eq!(
            verify(&fs::read(&path).unwrap(), Format::TarGz).unwrap(),
            listing,
            "{name}"
        );
    }
    let path = out.path().join("python.zip");
    run(inside("python3")
        .args(["-m", "zipfile", "-c"])
        .arg(&path)
        .arg("."));
    let python = verify(&fs::read(&path).unwrap(), Format::Zip);
    assert_eq!(python.unwrap(), listing, "python.zip");
}
