//! What of a Tauri `target/release/bundle` folder, or of single files, is an installer, and for which devices.

mod arch;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use ota_model::{InstallerType, PlatformKey};
use walkdir::WalkDir;

use crate::installer::{Packed, installer_fits, sniff_installer};

/// `bundle/deb/app.deb`: what lies deeper are the parts that installers are made of.
const DEPTH: usize = 2;
/// The server's limit of a file name.
const NAME_BYTES: usize = 120;
/// A signature has about 400 bytes.
const SIGNATURE_BYTES: u64 = 64 * 1024;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// In the order of their platform keys.
    pub installers: Vec<InstallerFile>,
    /// Everything else, with the reason. Signatures of installers are not among it.
    pub ignored: Vec<IgnoredFile>,
}

/// An installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallerFile {
    /// Where it is.
    pub path: PathBuf,
    /// What devices download it as: its name, with everything that does not stand in a URL replaced by hyphens.
    pub file: String,
    /// How it is packed, by its contents.
    pub packed: Packed,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// What it is for, as far as its name and its contents tell; two for a universal macOS app.
    pub platforms: Vec<PlatformKey>,
    /// What the `.sig` file beside it holds, without white space around it.
    pub signature: Option<String>,
    /// What is in the way of publishing it.
    pub problems: Vec<Problem>,
}

/// Something about an installer that a person has to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub title: String,
    /// What to do.
    pub remedy: String,
}

/// A file that is no installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredFile {
    /// Which.
    pub path: PathBuf,
    /// Why, as the end of a sentence that begins with its name.
    pub why: &'static str,
}

impl InstallerFile {
    /// The same installer for the platform that somebody names.
    ///
    /// # Errors
    /// If devices of the platform could not install it.
    pub fn assigned_to(mut self, platform: PlatformKey) -> Result<Self, Problem> {
        let packed = self.packed.installer_type();
        if !installer_fits(packed, &platform) {
            return Err(Problem {
                title: format!(
                    "{} is a {}, which devices of {platform} cannot install",
                    self.file,
                    packed.label()
                ),
                remedy: "Choose the platform that it was built for".to_owned(),
            });
        }
        self.platforms = vec![platform];
        self.problems.clear();
        Ok(self)
    }
}

/// Looks at files, and at what lies in folders: a Tauri `bundle` folder, the `target/release` around it, or one of the
/// folders in it. Reads the beginning of each file, and of archives as much as tells what they hold.
///
/// # Errors
/// If a path that was given cannot be read.
pub fn recognise(paths: &[PathBuf]) -> io::Result<Recognised> {
    let mut found = Recognised::default();
    for path in paths {
        if fs_err::metadata(path)?.is_dir() {
            let bundle = path.join("bundle");
            let folder = if bundle.is_dir() { &bundle } else { path };
            look_into(folder, &mut found)?;
        } else if !look_at(path, &mut found)? {
            found.ignore(path, "is no installer that a client could run");
        }
    }
    found.keep_one_for_each_platform();
    found
        .installers
        .sort_by(|one, other| (&one.platforms, &one.file).cmp(&(&other.platforms, &other.file)));
    Ok(found)
}

fn look_into(folder: &Path, found: &mut Recognised) -> io::Result<()> {
    let mut entries = WalkDir::new(folder)
        .min_depth(1)
        .max_depth(DEPTH)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let (path, is_folder) = (entry.path(), entry.file_type().is_dir());
        match path.extension().and_then(OsStr::to_str) {
            Some("app") if is_folder => {
                entries.skip_current_dir();
                let mut archive = path.as_os_str().to_owned();
                archive.push(".tar.gz");
                if !Path::new(&archive).exists() {
                    found.ignore(
                        path,
                        "is an app and not the .app.tar.gz that devices fetch: set bundle.createUpdaterArtifacts in tauri.conf.json and build again",
                    );
                }
            }
            Some("AppDir") if is_folder => entries.skip_current_dir(),
            Some("dmg") => found.ignore(
                path,
                "is a disk image for people; devices update from the .app.tar.gz",
            ),
            _ if is_folder => {}
            _ => {
                if !look_at(path, found)? {
                    found.ignore(path, "is no installer that a client could run");
                }
            }
        }
    }
    Ok(())
}

/// Whether the file is an installer, or belongs to one.
fn look_at(path: &Path, found: &mut Recognised) -> io::Result<bool> {
    let belongs =
        path.extension().is_some_and(|ending| ending == "sig") && path.with_extension("").is_file();
    if belongs {
        return Ok(true);
    }
    let Some(packed) = sniff_installer(path)? else {
        return Ok(false);
    };
    if packed == Packed::Bare(InstallerType::Nsis) && !arch::is_nsis(path)? {
        found.ignore(
            path,
            "is a Windows program, but not an NSIS installer, which is what the updater runs",
        );
        return Ok(true);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (platforms, problems) = platforms(path, &name, packed)?;
    found.installers.push(InstallerFile {
        path: path.to_owned(),
        file: url_name(&name),
        packed,
        size_bytes: fs_err::metadata(path)?.len(),
        platforms,
        signature: signature_of(path)?,
        problems,
    });
    Ok(true)
}

/// What is proposed, and what is to be said about it.
fn platforms(
    path: &Path,
    name: &str,
    packed: Packed,
) -> io::Result<(Vec<PlatformKey>, Vec<Problem>)> {
    let installer = packed.installer_type();
    let (named, inside) = (arch::from_name(name), arch::from_contents(path, packed)?);
    let mut problems = Vec::new();
    if !named.is_empty() && !inside.is_empty() && named != inside {
        problems.push(Problem {
            title: format!(
                "{name} is called {}, but what is in it is for {}",
                named.join(" and "),
                inside.join(" and ")
            ),
            remedy: "Look at which build this is, and rename the file".to_owned(),
        });
    }
    let archs = if inside.is_empty() { named } else { inside };
    if archs.is_empty() {
        problems.push(Problem {
            title: format!("Neither the name of {name} nor its contents tell its architecture"),
            remedy: format!(
                "Name its platform, such as {}-x86_64-{installer}",
                installer.os()
            ),
        });
    }
    let platforms = archs
        .iter()
        .filter_map(|arch| PlatformKey::of(installer.os(), arch, installer).ok())
        .collect();
    Ok((platforms, problems))
}

fn signature_of(path: &Path) -> io::Result<Option<String>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sig");
    let beside = Path::new(&beside);
    match fs_err::metadata(beside) {
        Ok(there) if there.len() <= SIGNATURE_BYTES => {
            let bytes = fs_err::read(beside)?;
            Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
        }
        // Whatever so large a file is, its beginning says that it is no signature.
        Ok(_) => Ok(Some(String::new())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name as it can stand in a URL and be a file name on every system.
fn url_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() => letter,
            '.' | '-' | '_' | '+' | '~' => letter,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_start_matches('.');
    // The end says what it is.
    let from = plain.len().saturating_sub(NAME_BYTES);
    plain.get(from..).unwrap_or_default().to_owned()
}

impl Recognised {
    fn ignore(&mut self, path: &Path, why: &'static str) {
        self.ignored.push(IgnoredFile {
            path: path.to_owned(),
            why,
        });
    }

    /// With `createUpdaterArtifacts: "v1Compatible"` the bundler leaves an installer and an archive of it, and signs
    /// the archive. The signed one is meant; among equals the one that every client can read.
    fn keep_one_for_each_platform(&mut self) {
        let rank = |file: &InstallerFile| {
            let bare = matches!(file.packed, Packed::Bare(_))
                || file.packed == Packed::TarGz(InstallerType::App);
            (file.signature.is_some(), bare)
        };
        let mut best: BTreeMap<Vec<PlatformKey>, InstallerFile> = BTreeMap::new();
        let mut kept = Vec::new();
        for file in std::mem::take(&mut self.installers) {
            if file.platforms.is_empty() {
                kept.push(file);
                continue;
            }
            let same_source = |other: &InstallerFile| stem(&other.file) == stem(&file.file);
            match best.remove(&file.platforms) {
                Some(other) if same_source(&other) => {
                    let (winner, loser) = if rank(&file) > rank(&other) {
                        (file, other)
                    } else {
                        (other, file)
                    };
                    self.ignore(&loser.path, "is the same installer in another form");
                    best.insert(winner.platforms.clone(), winner);
                }
                Some(other) => {
                    // Two versions or products: no rule could choose.
                    let clash = Problem {
                        title: format!("{} and {} are for the same devices", other.file, file.file),
                        remedy: "Give one of both, or build into an empty folder".to_owned(),
                    };
                    kept.push(InstallerFile {
                        problems: [&file.problems[..], &[clash]].concat(),
                        ..file
                    });
                    best.insert(other.platforms.clone(), other);
                }
                None => {
                    best.insert(file.platforms.clone(), file);
                }
            }
        }
        kept.extend(best.into_values());
        self.installers = kept;
    }
}

/// The name without what a wrapper adds: `app.AppImage.tar.gz` → `app`, `app-setup.nsis.zip` → `app-setup`.
fn stem(file: &str) -> String {
    let mut stem = file.to_ascii_lowercase();
    for ending in [".tar.gz", ".zip", ".nsis", ".msi", ".exe", ".appimage"] {
        if let Some(shorter) = stem.strip_suffix(ending) {
            stem = shorter.to_owned();
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit_for_urls() {
        for (name, file) in [
            ("acme_1.0.0_amd64.deb", "acme_1.0.0_amd64.deb"),
            (
                "Acme Desk_1.0.0_x64-setup.exe",
                "Acme-Desk_1.0.0_x64-setup.exe",
            ),
            ("Größe.AppImage", "Gr--e.AppImage"),
            (".hidden.rpm", "hidden.rpm"),
        ] {
            assert_eq!(url_name(name), file);
        }
        assert!(url_name(&format!("{}.deb", "a".repeat(300))).ends_with("a.deb"));
        assert_eq!(url_name(&"a".repeat(300)).len(), NAME_BYTES);
    }

    #[test]
    fn wrappers_do_not_change_the_stem() {
        assert_eq!(stem("a_1.AppImage"), stem("a_1.AppImage.tar.gz"));
        assert_eq!(stem("a-setup.exe"), stem("a-setup.nsis.zip"));
        assert_eq!(stem("a.msi"), stem("a.msi.zip"));
        assert_ne!(stem("a_1.deb"), stem("a_2.deb"));
    }
}
