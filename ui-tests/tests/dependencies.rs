//! Holds the rules of ARCHITECTURE.md on what may depend on what.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes the helpers of a test for ordinary code"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Read once for all tests: it takes a second.
static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::load);

/// Who links what, as `Cargo.toml` says; tests and build scripts apart.
struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    fn load() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        // One platform, named: the rules are the same wherever this test runs.
        let options =
            ["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"].map(str::to_owned);
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .other_options(options)
            .exec()
            .unwrap();
        Self { metadata }
    }

    fn packages(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    fn names(&self) -> BTreeSet<String> {
        self.packages()
            .iter()
            .map(|package| package.name.to_string())
            .collect()
    }

    /// What a package of the workspace names as a dependency of this kind.
    fn direct(&self, package: &str, kind: DependencyKind) -> BTreeSet<String> {
        let package = self
            .packages()
            .into_iter()
            .find(|found| found.name.as_str() == package)
            .unwrap_or_else(|| panic!("no package {package}"));
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == kind)
            .map(|dependency| dependency.name.clone())
            .collect()
    }

    /// The packages that name one of `wanted` as an ordinary dependency.
    fn users_of(&self, wanted: &[&str]) -> BTreeSet<String> {
        self.names()
            .into_iter()
            .filter(|name| {
                self.direct(name, DependencyKind::Normal)
                    .iter()
                    .any(|dependency| wanted.contains(&dependency.as_str()))
            })
            .collect()
    }

    /// Everything that is linked into a package's library or program, through any number of steps.
    fn linked_into(&self, package: &str) -> BTreeSet<String> {
        let resolve = self.metadata.resolve.as_ref().unwrap();
        let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
        let names: BTreeMap<_, _> = self
            .metadata
            .packages
            .iter()
            .map(|found| (&found.id, found.name.to_string()))
            .collect();
        let start = &self
            .packages()
            .into_iter()
            .find(|found| found.name.as_str() == package)
            .unwrap()
            .id;
        let mut seen = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            for dependency in &nodes[id].deps {
                let linked = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal);
                if linked && seen.insert(&dependency.pkg) {
                    queue.push_back(&dependency.pkg);
                }
            }
        }
        seen.into_iter()
            .filter(|id| *id != start)
            .map(|id| names[id].clone())
            .collect()
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_crates_of_the_field_depend_one_way() {
    let workspace = &*WORKSPACE;
    let own = workspace.names();
    let allowed: &[(&str, &[&str])] = &[
        ("ota-model", &[]),
        ("ota-bundle", &["ota-model"]),
        ("ota-keys", &["ota-model"]),
        ("ota-api", &["ota-model"]),
        (
            "ota-client",
            &["ota-api", "ota-bundle", "ota-keys", "ota-model"],
        ),
        ("ota-server", &["ota-api", "ota-bundle", "ota-model"]),
        (
            "ota-cli",
            &[
                "ota-api",
                "ota-bundle",
                "ota-client",
                "ota-keys",
                "ota-model",
            ],
        ),
        (
            "switchtower",
            &[
                "ota-api",
                "ota-bundle",
                "ota-client",
                "ota-keys",
                "ota-model",
                "ota-server",
            ],
        ),
        ("xtask", &[]),
        ("hotswap-client", &[]),
        ("updater-client", &[]),
    ];
    for (package, allowed) in allowed {
        let used: BTreeSet<_> = workspace
            .direct(package, DependencyKind::Normal)
            .intersection(&own)
            .cloned()
            .collect();
        let forbidden: Vec<_> = used.difference(&set(allowed)).cloned().collect();
        assert!(
            forbidden.is_empty(),
            "{package} may not depend on {forbidden:?}"
        );
    }
}

#[test]
fn nothing_depends_on_what_people_start() {
    let workspace = &*WORKSPACE;

    let users = workspace.users_of(&[
        "switchtower",
        "ota-cli",
        "xtask",
        "hotswap-client",
        "updater-client",
    ]);

    assert_eq!(users, set(&[]));
}

#[test]
fn the_server_is_linked_by_the_desktop_and_by_test_helpers_alone() {
    let users = WORKSPACE.users_of(&["ota-server"]);

    assert!(
        users.is_subset(&set(&["switchtower", "ota-testing"])),
        "{users:?}"
    );
    assert!(
        users.contains("switchtower"),
        "the embedded mode runs the real server"
    );
}

#[test]
fn helpers_of_the_tests_reach_no_program() {
    let workspace = &*WORKSPACE;

    let users = workspace.users_of(&["ota-testing", "switchtower-ui-tests"]);

    assert_eq!(users, set(&[]));
}

#[test]
fn the_server_cannot_sign() {
    let linked = WORKSPACE.linked_into("ota-server");

    for secret in [
        "ota-keys",
        "minisign",
        "keyring",
        "keyring-core",
        "rsa",
        "scrypt",
    ] {
        assert!(!linked.contains(secret), "ota-server links {secret}");
    }
    assert!(
        linked.contains("minisign-verify"),
        "the server verifies before it serves"
    );
}

#[test]
fn secrets_are_handled_in_one_crate() {
    for package in ["minisign", "keyring", "keyring-core", "rsa"] {
        assert_eq!(
            WORKSPACE.users_of(&[package]),
            set(&["ota-keys"]),
            "{package}"
        );
    }
}

#[test]
fn the_database_and_the_router_are_the_servers() {
    let users = WORKSPACE.users_of(&["sea-orm", "sea-orm-migration", "axum", "object_store"]);

    assert_eq!(users, set(&["ota-server"]));
}

#[test]
fn the_window_library_is_the_desktops() {
    let workspace = &*WORKSPACE;

    let users = workspace.users_of(&["egui", "eframe", "egui_extras", "egui_kittest", "rfd"]);

    assert_eq!(users, set(&["switchtower"]));
}

#[test]
fn tauri_is_linked_by_the_clients_of_the_tests_alone() {
    let workspace = &*WORKSPACE;

    for package in workspace.names() {
        let links_tauri = workspace.linked_into(&package).contains("tauri");
        let is_client = ["hotswap-client", "updater-client"].contains(&package.as_str());
        assert_eq!(links_tauri, is_client, "{package}");
    }
}

#[test]
fn a_plain_build_needs_no_web_view() {
    let workspace = &*WORKSPACE;
    let defaults = workspace.metadata.workspace_default_packages();
    assert!(!defaults.is_empty());

    for package in defaults {
        let linked = workspace.linked_into(&package.name);
        for heavy in ["tauri", "wry", "webkit2gtk-sys", "openssl-sys"] {
            assert!(!linked.contains(heavy), "{} links {heavy}", package.name);
        }
    }
}

#[test]
fn the_model_does_no_io() {
    let linked = WORKSPACE.linked_into("ota-model");

    for io in ["tokio", "fs-err", "reqwest", "tempfile", "getrandom"] {
        assert!(!linked.contains(io), "ota-model links {io}");
    }
}
