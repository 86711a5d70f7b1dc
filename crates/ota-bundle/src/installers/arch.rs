//! For which processor an installer is: by its name, and by what is in it.

use std::io::{self, BufReader, Read, SeekFrom};
use std::path::Path;

use flate2::read::GzDecoder;
use ota_model::InstallerType;

use crate::installer::Packed;

/// As updaters send it (updater.rs:1769-1783).
type Arch = &'static str;

/// Entries of a `.tar.gz` that are looked at to find the program in it.
const ENTRIES: usize = 400;
/// NSIS puts its data behind its own program, which has some 100 KiB.
const NSIS_HEAD_BYTES: u64 = 1024 * 1024;
/// Far more than the headers of a package have.
const HEADER_BYTES: u64 = 4 * 1024 * 1024;

/// The architectures that a file name names, as Tauri's bundlers spell them.
pub(super) fn from_name(name: &str) -> Vec<Arch> {
    let lower = name.to_ascii_lowercase();
    // An underscore is part of the word.
    if lower.contains("x86_64") || lower.contains("x86-64") {
        return vec!["x86_64"];
    }
    let known = lower
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .rev()
        .find_map(word);
    known.map_or_else(Vec::new, <[Arch]>::to_vec)
}

fn word(word: &str) -> Option<&'static [Arch]> {
    Some(match word {
        "amd64" | "x64" => &["x86_64"],
        "aarch64" | "arm64" => &["aarch64"],
        "i386" | "i486" | "i586" | "i686" | "x86" => &["i686"],
        "armhf" | "armhfp" | "armv7" | "armv7l" | "armv7hl" | "arm" => &["armv7"],
        "riscv64" => &["riscv64"],
        "universal" => &["aarch64", "x86_64"],
        _ => return None,
    })
}

/// The architectures that the contents name. Empty where they do not: the program in front of every NSIS installer is
/// a 32-bit one, and an MSI says it deep inside.
pub(super) fn from_contents(path: &Path, packed: Packed) -> io::Result<Vec<Arch>> {
    let file = BufReader::new(fs_err::File::open(path)?);
    let arch = match packed {
        Packed::Bare(InstallerType::AppImage) => {
            return Ok(elf(file).into_iter().collect());
        }
        Packed::Bare(InstallerType::Deb) => deb(file),
        Packed::Bare(InstallerType::Rpm) => rpm(file),
        Packed::TarGz(InstallerType::AppImage) => in_tar_gz(file, |entry, name| {
            let is_it = name.to_ascii_lowercase().ends_with(".appimage");
            Ok(if is_it { elf(entry) } else { None }.into_iter().collect())
        }),
        Packed::TarGz(InstallerType::App) => in_tar_gz(file, |entry, name| {
            if name.contains(".app/Contents/MacOS/") {
                mach_o(entry)
            } else {
                Ok(Vec::new())
            }
        }),
        Packed::Bare(_) | Packed::TarGz(_) | Packed::Zip(_) => return Ok(Vec::new()),
    };
    match arch {
        // Cut short or malformed: the sniffing found an installer all the same, so its name decides.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::Other
            ) =>
        {
            Ok(Vec::new())
        }
        read => read,
    }
}

/// Whether a Windows program carries the data of an NSIS installer: its first header has this name (NSIS,
/// Source/exehead/fileform.h).
pub(super) fn is_nsis(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    fs_err::File::open(path)?
        .take(NSIS_HEAD_BYTES)
        .read_to_end(&mut head)?;
    let finder = aho_corasick::AhoCorasick::new(["NullsoftInst"]).map_err(io::Error::other)?;
    Ok(finder.is_match(&head))
}

/// `e_machine` of an ELF header.
fn elf(mut file: impl Read) -> Option<Arch> {
    let mut head = [0; 20];
    file.read_exact(&mut head).ok()?;
    let [.., low, high] = head;
    match u16::from_le_bytes([low, high]) {
        3 => Some("i686"),
        40 => Some("armv7"),
        62 => Some("x86_64"),
        183 => Some("aarch64"),
        243 => Some("riscv64"),
        _ => None,
    }
}

/// The processors of a program for macOS: of one (`mach_header_64`), or of each part of a universal one (`fat_header`).
fn mach_o(file: &mut dyn Read) -> io::Result<Vec<Arch>> {
    let mut head = Vec::new();
    file.take(512).read_to_end(&mut head)?;
    let word = |at: usize| -> Option<[u8; 4]> { head.get(at..at + 4)?.try_into().ok() };
    let cpu = |number: u32| match number {
        0x0100_0007 => Some("x86_64"),
        0x0100_000C => Some("aarch64"),
        _ => None,
    };
    let mut archs: Vec<Arch> = match word(0) {
        Some([0xCF, 0xFA, 0xED, 0xFE]) => word(4)
            .and_then(|four| cpu(u32::from_le_bytes(four)))
            .into_iter()
            .collect(),
        Some([0xCA, 0xFE, 0xBA, 0xBE]) => {
            let parts = word(4).map_or(0, u32::from_be_bytes).min(8);
            (0..parts as usize)
                .filter_map(|part| cpu(u32::from_be_bytes(word(8 + part * 20)?)))
                .collect()
        }
        _ => Vec::new(),
    };
    archs.sort_unstable();
    archs.dedup();
    Ok(archs)
}

fn in_tar_gz(
    file: impl Read,
    look: impl Fn(&mut dyn Read, &str) -> io::Result<Vec<Arch>>,
) -> io::Result<Vec<Arch>> {
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries()?.take(ENTRIES) {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let archs = look(&mut entry, &name)?;
        if !archs.is_empty() {
            return Ok(archs);
        }
    }
    Ok(Vec::new())
}

/// `Architecture:` of a Debian package, if its control part is compressed as Tauri's bundler does it (deb(5)).
fn deb(mut file: impl Read + io::Seek) -> io::Result<Vec<Arch>> {
    // `!<arch>\n`, then for each member 60 bytes of header: 16 of name, 32 of owner and times, 10 of length, 2.
    file.seek(SeekFrom::Start(8))?;
    for _member in 0..3 {
        let mut header = [0; 60];
        file.read_exact(&mut header)?;
        let text = String::from_utf8_lossy(&header);
        let name = text
            .get(..16)
            .unwrap_or_default()
            .trim_end_matches([' ', '/']);
        let length: u64 = text
            .get(48..58)
            .and_then(|digits| digits.trim().parse().ok())
            .ok_or(io::ErrorKind::InvalidData)?;
        if name == "control.tar.gz" {
            let mut archive = tar::Archive::new(GzDecoder::new(file.take(length)));
            for entry in archive.entries()?.take(ENTRIES) {
                let mut entry = entry?;
                if entry
                    .path()?
                    .file_name()
                    .is_some_and(|name| name == "control")
                {
                    let mut control = String::new();
                    (&mut entry)
                        .take(HEADER_BYTES)
                        .read_to_string(&mut control)?;
                    let field = control
                        .lines()
                        .find_map(|line| line.strip_prefix("Architecture:"));
                    return Ok(field
                        .and_then(|field| word(field.trim()))
                        .map_or_else(Vec::new, <[Arch]>::to_vec));
                }
            }
            return Ok(Vec::new());
        }
        // Members begin at even offsets.
        let skip = length + length % 2;
        file.seek(SeekFrom::Current(
            i64::try_from(skip).map_err(|_too_long| io::ErrorKind::InvalidData)?,
        ))?;
    }
    Ok(Vec::new())
}

/// The tag `ARCH` of an RPM package: in the second header, behind the lead and the signature (RPM file format V4).
fn rpm(file: impl Read) -> io::Result<Vec<Arch>> {
    const LEAD: usize = 96;
    const ARCH_TAG: u32 = 1022;
    let mut bytes = Vec::new();
    file.take(HEADER_BYTES).read_to_end(&mut bytes)?;
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        four.try_into().ok().map(u32::from_be_bytes)
    };
    // Each header: magic and version (4), reserved (4), entries (4), bytes of data (4), entries of 16, data.
    let parts = |at: usize| {
        let (entries, data) = (number(at + 8)? as usize, number(at + 12)? as usize);
        let from = (at + 16).checked_add(entries.checked_mul(16)?)?;
        Some((entries, from, from.checked_add(data)?))
    };
    let found = || {
        let (_, _, end) = parts(LEAD)?;
        let header = end.next_multiple_of(8);
        let (entries, data, end) = parts(header)?;
        let tag = (0..entries.min(10_000))
            .map(|entry| header + 16 + entry * 16)
            .find(|at| number(*at) == Some(ARCH_TAG))?;
        let text = bytes.get(data + number(tag + 8)? as usize..end.min(bytes.len()))?;
        let text = text.split(|byte| *byte == 0).next()?;
        let text = std::str::from_utf8(text).ok()?;
        if text == "x86_64" {
            return Some(vec!["x86_64"]);
        }
        word(text).map(<[Arch]>::to_vec)
    };
    Ok(found().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bundlers_tell_the_architecture() {
        for (name, archs) in [
            ("acme_1.0.0_amd64.deb", &["x86_64"][..]),
            ("acme-1.0.0-1.x86_64.rpm", &["x86_64"]),
            ("acme_1.0.0_aarch64.AppImage", &["aarch64"]),
            ("Acme_1.0.0_arm64-setup.exe", &["aarch64"]),
            ("Acme_1.0.0_x64_en-US.msi", &["x86_64"]),
            ("Acme_1.0.0_x86_en-US.msi", &["i686"]),
            ("acme_1.0.0_armhf.deb", &["armv7"]),
            ("acme_1.0.0_i386.AppImage", &["i686"]),
            ("Acme_universal.app.tar.gz", &["aarch64", "x86_64"]),
            ("Acme.app.tar.gz", &[]),
            ("arms-race_1.0.0.deb", &[]),
        ] {
            assert_eq!(from_name(name), archs, "{name}");
        }
    }
}
