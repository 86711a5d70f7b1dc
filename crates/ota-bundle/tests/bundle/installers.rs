//! What is found in the folder that Tauri's bundler leaves, with real packages.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use ota_bundle::Packed;
use ota_bundle::installers::{InstallerFile, Recognised, recognise};
use ota_model::{InstallerType, PlatformKey};

fn write(path: &Path, bytes: &[u8]) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, bytes).unwrap();
}

/// A package by the real program, with its control part compressed as asked.
fn deb(path: &Path, arch: &str, compression: &str) {
    let root = tempfile::tempdir().unwrap();
    let control = format!(
        "Package: acme\nVersion: 2.3.0\nArchitecture: {arch}\nMaintainer: A <a@example.net>\nDescription: a test\n"
    );
    write(&root.path().join("DEBIAN/control"), control.as_bytes());
    write(&root.path().join("usr/bin/acme"), b"#!/bin/sh\n");
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    let built = Command::new("dpkg-deb")
        .args(["--root-owner-group", compression, "--build"])
        .args([root.path(), path])
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
}

/// The beginning of an `AppImage`: an ELF header with the magic bytes of the specification in its padding.
fn appimage(machine: u16) -> Vec<u8> {
    let mut bytes = b"\x7FELF\x02\x01\x01\x00AI\x02".to_vec();
    bytes.resize(16, 0);
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(machine.to_le_bytes());
    bytes.resize(4096, 0);
    bytes
}

/// A Windows program that carries an NSIS archive, as `makensis` lays it out: a 32-bit stub, then the first header.
fn nsis() -> Vec<u8> {
    let mut bytes = b"MZ".to_vec();
    bytes.resize(0x3C, 0);
    bytes.extend(0x80_u32.to_le_bytes());
    bytes.resize(0x80, 0);
    bytes.extend(b"PE\0\0\x4C\x01");
    bytes.resize(34 * 1024, 0);
    bytes.extend([0, 0, 0, 0, 0xEF, 0xBE, 0xAD, 0xDE]);
    bytes.extend(b"NullsoftInst");
    bytes.resize(40 * 1024, 7);
    bytes
}

/// The header of a compound file, which an MSI is.
fn msi() -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(4096, 0);
    bytes
}

/// An app for macOS whose program is for these processors.
fn app(cpus: &[u32]) -> Vec<u8> {
    let program = match cpus {
        [one] => [&[0xCF, 0xFA, 0xED, 0xFE], &one.to_le_bytes()[..]].concat(),
        many => {
            let mut fat = [0xCA, 0xFE, 0xBA, 0xBE].to_vec();
            fat.extend(u32::try_from(many.len()).unwrap().to_be_bytes());
            for cpu in many {
                fat.extend(cpu.to_be_bytes());
                fat.resize(fat.len() + 16, 0);
            }
            fat
        }
    };
    tar_gz(&[
        ("Acme.app/Contents/Info.plist", b"<plist/>"),
        ("Acme.app/Contents/MacOS/acme", &program),
    ])
}

const INTEL: u32 = 0x0100_0007;
const APPLE: u32 = 0x0100_000C;

fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    let mut gzip = builder.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

/// The lead, an empty signature header and a header that names the architecture (RPM file format V4).
fn rpm(arch: &str) -> Vec<u8> {
    let header = |entries: &[[u32; 4]], data: &[u8]| {
        let mut bytes = vec![0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0];
        bytes.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        for entry in entries {
            for part in entry {
                bytes.extend(part.to_be_bytes());
            }
        }
        bytes.extend(data);
        bytes
    };
    let mut bytes = vec![0xED, 0xAB, 0xEE, 0xDB, 3, 0, 0, 0, 0, 1];
    bytes.resize(96, 0);
    bytes.extend(header(&[], b"\0\0\0"));
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let data = format!("acme\0{arch}\0");
    // Tag, type (6 is text), offset, count.
    bytes.extend(header(&[[1000, 6, 0, 1], [1022, 6, 5, 1]], data.as_bytes()));
    bytes
}

fn only(path: PathBuf) -> InstallerFile {
    let found = recognise(&[path]).unwrap();
    assert_eq!(found.installers.len(), 1, "{found:?}");
    found.installers.into_iter().next().unwrap()
}

fn keys(file: &InstallerFile) -> Vec<&str> {
    file.platforms.iter().map(PlatformKey::as_str).collect()
}

fn shown(found: &Recognised, root: &Path) -> String {
    let short = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    let mut lines = Vec::new();
    for file in &found.installers {
        let signed = file.signature.as_deref().unwrap_or("unsigned");
        lines.push(format!(
            "{}  {}  {signed}",
            keys(file).join(" "),
            short(&file.path)
        ));
        lines.extend(
            file.problems
                .iter()
                .map(|problem| format!("  ! {}", problem.title)),
        );
    }
    for file in &found.ignored {
        lines.push(format!("- {} {}", short(&file.path), file.why));
    }
    lines.join("\n")
}

#[test]
fn a_bundle_folder_of_tauri_is_read_as_it_is_meant() {
    let root = tempfile::tempdir().unwrap();
    let bundle = root.path().join("release/bundle");
    deb(
        &bundle.join("deb/Acme Desk_2.3.0_amd64.deb"),
        "amd64",
        "-Zgzip",
    );
    write(
        &bundle.join("deb/Acme Desk_2.3.0_amd64.deb.sig"),
        b"c2lnbmVk\n",
    );
    // The parts that the package was made of.
    write(
        &bundle.join("deb/Acme Desk_2.3.0_amd64/control.tar.gz"),
        &tar_gz(&[]),
    );
    write(&bundle.join("rpm/acme-2.3.0-1.x86_64.rpm"), &rpm("x86_64"));
    write(
        &bundle.join("appimage/acme_2.3.0_amd64.AppImage"),
        &appimage(62),
    );
    write(&bundle.join("appimage/acme.AppDir/AppRun"), &appimage(62));
    write(&bundle.join("appimage/build_appimage.sh"), b"#!/bin/sh\n");
    write(&bundle.join("nsis/Acme_2.3.0_arm64-setup.exe"), &nsis());
    write(&bundle.join("msi/Acme_2.3.0_x64_en-US.msi"), &msi());
    write(
        &bundle.join("macos/Acme.app/Contents/MacOS/acme"),
        b"program",
    );
    write(&bundle.join("macos/Acme.app.tar.gz"), &app(&[INTEL, APPLE]));
    write(&bundle.join("dmg/Acme_2.3.0_universal.dmg"), b"koly");

    let found = recognise(std::slice::from_ref(&bundle)).unwrap();

    insta::assert_snapshot!(shown(&found, &bundle), @r"
    darwin-aarch64-app darwin-x86_64-app  macos/Acme.app.tar.gz  unsigned
    linux-x86_64-appimage  appimage/acme_2.3.0_amd64.AppImage  unsigned
    linux-x86_64-deb  deb/Acme Desk_2.3.0_amd64.deb  c2lnbmVk
    linux-x86_64-rpm  rpm/acme-2.3.0-1.x86_64.rpm  unsigned
    windows-aarch64-nsis  nsis/Acme_2.3.0_arm64-setup.exe  unsigned
    windows-x86_64-msi  msi/Acme_2.3.0_x64_en-US.msi  unsigned
    - appimage/build_appimage.sh is no installer that a client could run
    - dmg/Acme_2.3.0_universal.dmg is a disk image for people; devices update from the .app.tar.gz
    ");
    assert_eq!(recognise(&[root.path().join("release")]).unwrap(), found);
    let deb = found
        .installers
        .iter()
        .find(|file| file.packed == Packed::Bare(InstallerType::Deb));
    assert_eq!(deb.unwrap().file, "Acme-Desk_2.3.0_amd64.deb");
}

#[test]
fn what_is_inside_decides_and_a_name_that_says_otherwise_is_a_problem() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    deb(&at("acme.deb"), "arm64", "-Zgzip");
    write(&at("acme.AppImage"), &appimage(183));
    write(&at("acme.rpm"), &rpm("aarch64"));
    write(&at("Acme.app.tar.gz"), &app(&[APPLE]));
    write(
        &at("acme.AppImage.tar.gz"),
        &tar_gz(&[("acme.AppImage", &appimage(183))]),
    );
    for (name, key) in [
        ("acme.deb", "linux-aarch64-deb"),
        ("acme.AppImage", "linux-aarch64-appimage"),
        ("acme.AppImage.tar.gz", "linux-aarch64-appimage"),
        ("acme.rpm", "linux-aarch64-rpm"),
        ("Acme.app.tar.gz", "darwin-aarch64-app"),
    ] {
        let file = only(at(name));
        assert_eq!(keys(&file), [key], "{name}");
        assert!(file.problems.is_empty(), "{:?}", file.problems);
    }

    deb(&at("acme_2.3.0_amd64.deb"), "arm64", "-Zgzip");
    let file = only(at("acme_2.3.0_amd64.deb"));
    assert_eq!(keys(&file), ["linux-aarch64-deb"]);
    insta::assert_snapshot!(file.problems[0].title, @"acme_2.3.0_amd64.deb is called x86_64, but what is in it is for aarch64");
}

#[test]
fn a_package_that_is_compressed_otherwise_is_known_by_its_name() {
    let root = tempfile::tempdir().unwrap();
    deb(&root.path().join("acme_2.3.0_arm64.deb"), "arm64", "-Zxz");
    let file = only(root.path().join("acme_2.3.0_arm64.deb"));
    assert_eq!(keys(&file), ["linux-aarch64-deb"]);
}

#[test]
fn an_architecture_that_nothing_tells_is_asked_for_and_can_be_given() {
    let root = tempfile::tempdir().unwrap();
    write(&root.path().join("setup.exe"), &nsis());
    let file = only(root.path().join("setup.exe"));
    assert_eq!(keys(&file), [""; 0]);
    insta::assert_snapshot!(format!("{}. {}", file.problems[0].title, file.problems[0].remedy), @"Neither the name of setup.exe nor its contents tell its architecture. Name its platform, such as windows-x86_64-nsis");

    let refused = file
        .clone()
        .assigned_to("linux-x86_64".parse().unwrap())
        .unwrap_err();
    insta::assert_snapshot!(refused.title, @"setup.exe is a NSIS installer, which devices of linux-x86_64 cannot install");
    let file = file
        .assigned_to("windows-x86_64-nsis".parse().unwrap())
        .unwrap();
    assert_eq!(keys(&file), ["windows-x86_64-nsis"]);
    assert!(file.problems.is_empty());
}

#[test]
fn programs_and_other_files_are_left_out_and_not_mistaken() {
    let root = tempfile::tempdir().unwrap();
    let mut program = nsis();
    let at = memchr_position(&program);
    program[at] = b'X';
    write(&root.path().join("acme.exe"), &program);
    write(
        &root.path().join("acme"),
        b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3E\0",
    );
    write(
        &root.path().join("notes.tar.gz"),
        &tar_gz(&[("notes.txt", b"hello")]),
    );
    write(&root.path().join("lonely.deb.sig"), b"c2lnbmVk");
    write(&root.path().join("empty.msi"), b"");

    let found = recognise(&[root.path().to_owned()]).unwrap();

    insta::assert_snapshot!(shown(&found, root.path()), @r"
    - acme is no installer that a client could run
    - acme.exe is a Windows program, but not an NSIS installer, which is what the updater runs
    - empty.msi is no installer that a client could run
    - lonely.deb.sig is no installer that a client could run
    - notes.tar.gz is no installer that a client could run
    ");
}

fn memchr_position(bytes: &[u8]) -> usize {
    bytes
        .windows(12)
        .position(|window| window == b"NullsoftInst")
        .unwrap()
}

#[test]
fn of_an_installer_and_its_wrapper_the_signed_one_is_meant() {
    let root = tempfile::tempdir().unwrap();
    let bare = root.path().join("acme_2.3.0_amd64.AppImage");
    let wrapped = root.path().join("acme_2.3.0_amd64.AppImage.tar.gz");
    write(&bare, &appimage(62));
    write(&wrapped, &tar_gz(&[("acme.AppImage", &appimage(62))]));
    let chosen = || {
        let found = recognise(&[root.path().to_owned()]).unwrap();
        assert_eq!(found.installers.len(), 1, "{found:?}");
        found.installers[0].path.clone()
    };

    assert_eq!(chosen(), bare);
    write(
        &root.path().join("acme_2.3.0_amd64.AppImage.tar.gz.sig"),
        b"c2lnbmVk",
    );
    assert_eq!(chosen(), wrapped);
}

#[test]
fn two_builds_for_the_same_devices_are_a_problem() {
    let root = tempfile::tempdir().unwrap();
    write(
        &root.path().join("acme_2.2.0_amd64.AppImage"),
        &appimage(62),
    );
    write(
        &root.path().join("acme_2.3.0_amd64.AppImage"),
        &appimage(62),
    );

    let found = recognise(&[root.path().to_owned()]).unwrap();

    let problems: Vec<_> = found
        .installers
        .iter()
        .flat_map(|file| &file.problems)
        .map(|problem| problem.title.as_str())
        .collect();
    assert_eq!(
        problems,
        ["acme_2.2.0_amd64.AppImage and acme_2.3.0_amd64.AppImage are for the same devices"]
    );
}

#[test]
fn damaged_headers_are_no_panic() {
    let root = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        (
            "a_amd64.deb",
            &b"!<arch>\ndebian-binary   1700000000  0     0     100644  nonsense  `\n"[..],
        ),
        ("a.x86_64.rpm", &rpm("x86_64")[..130]),
        ("a_amd64.AppImage", &appimage(62)[..60]),
    ] {
        let path = root.path().join(name);
        write(&path, bytes);
        let found = recognise(std::slice::from_ref(&path)).unwrap();
        assert_eq!(found.installers.len() + found.ignored.len(), 1, "{name}");
        for file in &found.installers {
            assert_eq!(file.platforms.len(), 1, "{name}");
        }
    }
    assert!(recognise(&[root.path().join("nothing.deb")]).is_err());
}
