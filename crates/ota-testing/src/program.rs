//! Finding the programs that are built here, and building them when they are missing or older than their sources.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use walkdir::WalkDir;

/// The server's program.
static SERVER: Program = Program {
    name: "switchtower-server",
    package: "ota-server",
    variable: "SWITCHTOWER_SERVER_BIN",
    crates: &["ota-api", "ota-bundle", "ota-model", "ota-server"],
    others: &[],
    path: OnceLock::new(),
};

/// The desktop app.
static DESKTOP: Program = Program {
    name: "switchtower",
    package: "switchtower",
    variable: "SWITCHTOWER_BIN",
    crates: &[
        "ota-api",
        "ota-bundle",
        "ota-client",
        "ota-keys",
        "ota-model",
        "ota-server",
    ],
    others: &["Cargo.toml", "assets", "src"],
    path: OnceLock::new(),
};

/// The path of `switchtower-server`, which is the one beside the running test, as new as its sources.
pub fn server_program() -> &'static Path {
    SERVER.path()
}

/// The path of `switchtower`, the desktop app, found in the same way.
pub fn desktop_program() -> &'static Path {
    DESKTOP.path()
}

/// A program of this workspace.
///
/// Cargo does not build the programs of other packages for a test, so this does, once in a test process and only when it
/// has to: naming one package makes cargo choose other features than naming the workspace does, and build twice.
struct Program {
    name: &'static str,
    package: &'static str,
    /// Names another program than the one that is built here.
    variable: &'static str,
    /// The crates that it is made of,
    crates: &'static [&'static str],
    /// and what else, from the root of the workspace.
    others: &'static [&'static str],
    path: OnceLock<PathBuf>,
}

impl Program {
    fn path(&self) -> &Path {
        self.path.get_or_init(|| self.find())
    }

    fn find(&self) -> PathBuf {
        let Self {
            name,
            package,
            variable,
            ..
        } = self;
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            assert!(
                path.is_file(),
                "{variable} names no file: {}",
                path.display()
            );
            return path;
        }
        let profile_dir = profile_dir();
        let program = profile_dir.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        if !self.is_fresh(&program) {
            self.build(&profile_dir);
        }
        assert!(
            program.is_file(),
            "{} is not there. Build it with `cargo build -p {package} --bin {name}`, or set {variable}",
            program.display()
        );
        program
    }

    fn is_fresh(&self, program: &Path) -> bool {
        let Some(built) = modified(program) else {
            return false;
        };
        let in_crates = self.crates.iter().flat_map(|name| {
            let folder = workspace().join("crates").join(name);
            [folder.join("Cargo.toml"), folder.join("src")]
        });
        let others = self.others.iter().map(|path| workspace().join(path));
        let mut sources = in_crates
            .chain(others)
            .flat_map(|path| WalkDir::new(path).into_iter().filter_map(Result::ok))
            .filter(|entry| entry.file_type().is_file());
        // A program that is installed somewhere without its sources is as fresh as it gets.
        sources.all(|source| modified(source.path()).is_none_or(|changed| changed <= built))
    }

    fn build(&self, profile_dir: &Path) {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(workspace());
        command.args(["build", "--quiet"]);
        command.args(["--package", self.package, "--bin", self.name]);
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
            "`cargo build -p {} --bin {}` ended with {status}",
            self.package,
            self.name
        );
    }
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

fn modified(path: &Path) -> Option<SystemTime> {
    fs_err::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}
