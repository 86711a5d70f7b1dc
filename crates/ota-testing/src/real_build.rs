//! The real web builds that `cargo xtask setup` fetches.

use std::env;
use std::path::{Path, PathBuf};

/// Two neighbouring releases of one real application: an update between them is what a real update looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealBuild {
    /// The web interface of Directus 17.1.1.
    Older,
    /// The same of 18.0.0.
    Newer,
}

impl RealBuild {
    fn name(self) -> &'static str {
        match self {
            Self::Older => "directus-app-17.1.1",
            Self::Newer => "directus-app-18.0.0",
        }
    }

    /// The folder of the build, with `index.html` at its root.
    pub fn path(self) -> PathBuf {
        let path = target_dir().join("fixtures").join(self.name());
        assert!(
            path.join("index.html").is_file(),
            "the web build {} is missing. Fetch it with `cargo xtask setup --no-packages`",
            path.display()
        );
        path
    }
}

/// The program of `@capgo/cli`, for `node`.
pub fn capgo_cli() -> PathBuf {
    let path = target_dir().join("fixtures/capgo-cli-8.68.1/index.js");
    assert!(
        path.is_file(),
        "{} is missing. Fetch it with `cargo xtask setup --no-packages`",
        path.display()
    );
    path
}

/// As `cargo xtask` finds it.
fn target_dir() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate is in crates/ota-testing");
    match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    }
}
