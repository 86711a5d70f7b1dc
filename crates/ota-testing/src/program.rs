//! Finding the server program, and building it when it is missing or older than its sources.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use walkdir::WalkDir;

/// Names another program than the one that is built here.
const OVERRIDE: &str = "SWITCHTOWER_SERVER_BIN";

/// What the server program is made of.
const SOURCES: [&str; 4] = ["ota-api", "ota-bundle", "ota-model", "ota-server"];

/// The path of `switchtower-server`, which is the one beside the running test, as new as its sources.
///
/// Cargo does not build the programs of other packages for a test, so this does, once in a test process and only when it
/// has to: naming one package makes cargo choose other features than naming the workspace does, and build twice.
pub fn server_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(path) = env::var_os(OVERRIDE).map(PathBuf::from) {
            assert!(path.is_file(), "{OVERRIDE} names no file: {}", path.display());
            return path;
        }
        let profile_dir = profile_dir();
        let program = profile_dir.join(format!("switchtower-server{}", env::consts::EXE_SUFFIX));
        if !is_fresh(&program) {
            build(&profile_dir);
        }
        assert!(
            program.is_file(),
            "{} is not there. Build it with `cargo build -p ota-server --bin switchtower-server`, or set {OVERRIDE}",
            program.display()
        );
        program
    })
}

/// `target/debug` of `target/debug/deps/some_test-0123456789abcdef`.
fn profile_dir() -> PathBuf {
    let test = env::current_exe().expect("the running test has a path");
    let folder = test.parent().expect("a program is in a folder");
    let in_deps = folder
        .file_name()
        .is_some_and(|name| name == "deps" || name == "examples");
    if in_deps {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    }
    .to_owned()
}

fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("this crate is in crates/ota-testing")
}

fn is_fresh(program: &Path) -> bool {
    let Some(built) = modified(program) else {
        return false;
    };
    let mut sources = SOURCES.iter().flat_map(|name| {
        let crate_dir = workspace().join("crates").join(name);
        let manifest = std::iter::once(crate_dir.join("Cargo.toml"));
        let sources = WalkDir::new(crate_dir.join("src"))
            .into_iter()
            .filter_map(Result::ok);
        manifest.chain(sources.map(walkdir::DirEntry::into_path))
    });
    // A program that is installed somewhere without its sources is as fresh as it gets.
    sources.all(|source| modified(&source).is_none_or(|changed| changed <= built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs_err::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn build(profile_dir: &Path) {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    command.args([
        "build",
        "--quiet",
        "--package",
        "ota-server",
        "--bin",
        "switchtower-server",
    ]);
    // Cargo names the folder of the dev profile `debug`, and every other after its profile.
    if let Some(profile) = profile_dir
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| *name != "debug")
    {
        command.args(["--profile", profile]);
    }
    if let Some(target_dir) = profile_dir.parent() {
        command.env("CARGO_TARGET_DIR", target_dir);
    }
    // What cargo sets for a test would make build scripts run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let status = command.status().expect("cargo can be started");
    assert!(
        status.success(),
        "`cargo build -p ota-server --bin switchtower-server` ended with {status}"
    );
}
