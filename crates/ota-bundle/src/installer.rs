//! What kind of installer a file is, by its first bytes, as the client looks at it (protocols.md 2.4).

use std::io::{BufReader, Read as _};
use std::path::Path;

use flate2::read::GzDecoder;
use ota_model::{InstallerType, PlatformKey};

/// As much as any of the tests below looks at.
const HEAD_BYTES: u64 = 8 * 1024;
/// Entries of a `.tar.gz` that are looked at to find an app or an `.AppImage`.
const ENTRIES: usize = 200;

/// How an installer stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packed {
    /// The installer itself.
    Bare(InstallerType),
    /// In a `.tar.gz`: the usual form for macOS, the old form for an `.AppImage`.
    TarGz(InstallerType),
    /// In a `.zip`: the old form for Windows, read only by clients that were built with the `zip` feature.
    Zip(InstallerType),
}

impl Packed {
    /// What it installs.
    pub const fn installer_type(self) -> InstallerType {
        match self {
            Self::Bare(installer) | Self::TarGz(installer) | Self::Zip(installer) => installer,
        }
    }
}

/// Looks into a file. `None` if no client could install it.
///
/// # Errors
/// If the file cannot be read.
pub fn sniff_installer(path: &Path) -> std::io::Result<Option<Packed>> {
    let mut head = Vec::new();
    fs_err::File::open(path)?
        .take(HEAD_BYTES)
        .read_to_end(&mut head)?;
    if let Some(installer) = bare(&head) {
        return Ok(Some(Packed::Bare(installer)));
    }
    if infer::archive::is_gz(&head) {
        return Ok(in_tar_gz(path)?.map(Packed::TarGz));
    }
    if infer::archive::is_zip(&head) {
        return Ok(in_zip(path)?.map(Packed::Zip));
    }
    Ok(None)
}

/// Whether devices with this platform key can install it.
pub fn installer_fits(installer: InstallerType, platform: &PlatformKey) -> bool {
    let os = platform.os();
    let right_system = os == installer.os()
        // A custom target may be called anything.
        || !matches!(os, "linux" | "windows" | "darwin");
    right_system
        && platform
            .installer()
            .is_none_or(|wanted| wanted == installer)
}

fn bare(head: &[u8]) -> Option<InstallerType> {
    if infer::archive::is_deb(head) {
        Some(InstallerType::Deb)
    } else if infer::archive::is_rpm(head) {
        Some(InstallerType::Rpm)
    } else if infer::app::is_elf(head) {
        // The magic bytes of an AppImage stand in the padding of the ELF header (AppImage specification).
        (head.get(8..10) == Some(b"AI")).then_some(InstallerType::AppImage)
    } else if infer::archive::is_msi(head) {
        Some(InstallerType::Msi)
    } else if infer::app::is_exe(head) {
        Some(InstallerType::Nsis)
    } else {
        None
    }
}

fn in_tar_gz(path: &Path) -> std::io::Result<Option<InstallerType>> {
    let file = BufReader::new(fs_err::File::open(path)?);
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries()?.take(ENTRIES) {
        // Whatever breaks here would break on the device too.
        let Ok(entry) = entry else { return Ok(None) };
        let Ok(name) = entry.path() else { continue };
        let first = name
            .components()
            .find(|part| matches!(part, std::path::Component::Normal(_)));
        let first = first.map(|part| part.as_os_str().to_string_lossy().into_owned());
        if first.is_some_and(|first| ends_with(&first, ".app")) {
            return Ok(Some(InstallerType::App));
        }
        if ends_with(&name.to_string_lossy(), ".appimage") {
            return Ok(Some(InstallerType::AppImage));
        }
    }
    Ok(None)
}

fn in_zip(path: &Path) -> std::io::Result<Option<InstallerType>> {
    let Ok(archive) = zip::ZipArchive::new(BufReader::new(fs_err::File::open(path)?)) else {
        return Ok(None);
    };
    let found = archive
        .file_names()
        .filter_map(Result::ok)
        .find_map(|name| {
            if ends_with(&name, ".exe") {
                Some(InstallerType::Nsis)
            } else if ends_with(&name, ".msi") {
                Some(InstallerType::Msi)
            } else {
                None
            }
        });
    Ok(found)
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.to_ascii_lowercase().ends_with(ending)
}
