//! What tests and benchmarks need of the npm registry: real web builds, and the publisher of another system to be held
//! against. Pinned, fetched once, never committed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

use crate::plan::{Outcome, say};
use crate::workspace::{perform, target_dir};

/// A folder of a package of the npm registry.
#[derive(Debug)]
pub(crate) struct WebBuild {
    package: &'static str,
    version: &'static str,
    /// The registry's own `dist.integrity` of this version.
    integrity: &'static str,
    /// The folder of the package that is wanted.
    folder: &'static str,
    /// A file that must be in it.
    entry: &'static str,
}

/// Two neighbouring releases of one app: an update between them is what a real update looks like.
pub(crate) const WEB_BUILDS: &[WebBuild] = &[
    WebBuild {
        package: "@directus/app",
        version: "17.1.1",
        integrity: "sha512-44YjiKQUcB78LaV/qFGS3k7g4vEg+Pv2O3wj7/gsHS4w4cLxL7mK6okaHTmk9PztpsUzJpxZLvouzbMrOPz2Rw==",
        folder: "dist",
        entry: "index.html",
    },
    WebBuild {
        package: "@directus/app",
        version: "18.0.0",
        integrity: "sha512-VKLceTgp2xwsPPIY0mP9ckL4xfTRbNQjCaAqzoZ1TRgSgnJrdN5tmBQhmo8tY2De8o1LoYzyMWohOyOrBy79+A==",
        folder: "dist",
        entry: "index.html",
    },
];

/// The publisher of Capgo, which packs and encrypts without its cloud.
const CAPGO_CLI: WebBuild = WebBuild {
    package: "@capgo/cli",
    version: "8.68.1",
    integrity: "sha512-/Pw1i6rIrzNeu3ptk+jVr9JxLqhZawMj51b0i3B0MWkVjTJNAq2t+rY+nDzAgH3n2zz+3dGqY62EZVfQK1M07g==",
    folder: "dist",
    entry: "index.js",
};

impl WebBuild {
    /// A name that is fit for a folder, e.g. `directus-app-18.0.0`.
    fn name(&self) -> String {
        format!(
            "{}-{}",
            self.package.trim_start_matches('@').replace('/', "-"),
            self.version
        )
    }

    /// Where the unpacked build lies: `<target>/fixtures/directus-app-18.0.0`.
    pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
        Ok(target_dir()?.join("fixtures").join(self.name()))
    }
}

/// Fetches the web builds that are not there yet, and what they are compared with.
pub(crate) fn fetch() -> anyhow::Result<Outcome> {
    for build in WEB_BUILDS.iter().chain([&CAPGO_CLI]) {
        let path = build.path()?;
        if path.is_dir() {
            say(&format!("   {} is there", path.display()));
        } else {
            fetch_one(build, &path).with_context(|| {
                format!(
                    "could not fetch the web build {} {}",
                    build.package, build.version
                )
            })?;
            say(&format!("   {} is fetched and verified", path.display()));
        }
    }
    Ok(Outcome::Done)
}

/// Packs, verifies and unpacks beside the final place, then renames: a folder that exists is whole.
fn fetch_one(build: &WebBuild, path: &Path) -> anyhow::Result<()> {
    let parent = path.parent().context("a web build has a parent folder")?;
    fs_err::create_dir_all(parent)?;
    let scratch = tempfile::tempdir_in(parent)?;
    perform(
        Command::new("npm")
            .args(["pack", "--silent", "--pack-destination"])
            .arg(scratch.path())
            .arg(format!("{}@{}", build.package, build.version))
            // It prints the name of the archive, which is found anyway.
            .stdout(Stdio::null()),
    )?;
    let archive = only_file(scratch.path())?;
    verify(&fs_err::read(&archive)?, build.integrity)?;

    let unpacked = scratch.path().join("unpacked");
    fs_err::create_dir(&unpacked)?;
    perform(
        Command::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .arg("-C")
            .arg(&unpacked),
    )?;
    let folder = unpacked.join("package").join(build.folder);
    ensure!(
        folder.join(build.entry).is_file(),
        "the package holds no {}/{}",
        build.folder,
        build.entry
    );
    fs_err::rename(folder, path)?;
    Ok(())
}

fn only_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut entries = fs_err::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    match (entries.pop(), entries.is_empty()) {
        (Some(file), true) => Ok(file),
        (found, _) => bail!(
            "expected one archive in {}, found {}",
            folder.display(),
            entries.len() + usize::from(found.is_some())
        ),
    }
}

/// Compares with the form that npm uses: `sha512-` and the digest in base64.
fn verify(bytes: &[u8], integrity: &str) -> anyhow::Result<()> {
    let found = format!("sha512-{}", STANDARD.encode(Sha512::digest(bytes)));
    ensure!(
        found == integrity,
        "its digest is {found}, not the pinned {integrity}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_archive_is_refused() {
        // printf abc | openssl dgst -sha512 -binary | base64
        let abc = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";

        assert!(verify(b"abc", abc).is_ok());
        let error = verify(b"abd", abc).unwrap_err();
        assert!(
            error.to_string().contains("not the pinned sha512-3a81"),
            "{error}"
        );
    }

    #[test]
    fn a_scoped_package_makes_a_plain_folder_name() {
        let names: Vec<_> = WEB_BUILDS.iter().map(WebBuild::name).collect();

        assert_eq!(names, ["directus-app-17.1.1", "directus-app-18.0.0"]);
    }

    #[test]
    fn a_folder_with_anything_but_one_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(only_file(folder.path()).is_err());

        fs_err::write(folder.path().join("one.tgz"), b"1").unwrap();
        assert_eq!(
            only_file(folder.path()).unwrap(),
            folder.path().join("one.tgz")
        );

        fs_err::write(folder.path().join("two.tgz"), b"2").unwrap();
        assert!(
            only_file(folder.path())
                .unwrap_err()
                .to_string()
                .ends_with("found 2")
        );
    }
}
