//! Which systems an app serves, what to put into it, and waiting for the first device.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::support::Ctl;

/// A check of a device, over a plain socket.
fn check(ctl: &Ctl, path: &str) -> String {
    let address = ctl.server.url().trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn systems_are_chosen_and_shown() {
    let ctl = Ctl::with_app();

    let shown = ctl.run(&["app", "systems", "--app", "tidepool"]).ok();
    assert!(shown.out.contains("hotswap        yes"), "{shown}");
    assert!(shown.out.contains("capgo          no"), "{shown}");

    let changed = ctl
        .run(&[
            "app",
            "systems",
            "--app",
            "tidepool",
            "--serve",
            "hotswap,native-bundle",
            "--fixed-bundle-paths",
            "on",
            "--sync-kit-app-id",
            "tp-1",
            "--json",
        ])
        .ok();
    let systems = &changed.json()["systems"];
    assert_eq!(
        systems["serves"],
        serde_json::json!(["hotswap", "native_bundle"])
    );
    assert_eq!(systems["fixed_bundle_paths"], true);
    assert_eq!(systems["sync_kit_app_id"], "tp-1");

    // What is not named stays.
    let again = ctl
        .run(&[
            "app",
            "systems",
            "--app",
            "tidepool",
            "--sync-kit-app-id",
            "",
            "--json",
        ])
        .ok();
    let systems = &again.json()["systems"];
    assert_eq!(
        systems["serves"],
        serde_json::json!(["hotswap", "native_bundle"])
    );
    assert_eq!(systems.get("sync_kit_app_id"), None);

    let none = ctl
        .run(&[
            "app", "systems", "--app", "tidepool", "--serve", "none", "--json",
        ])
        .ok();
    assert_eq!(none.json()["systems"]["serves"], serde_json::json!([]));
}

#[test]
fn a_system_that_is_none_is_refused_with_the_names_of_all() {
    let ctl = Ctl::with_app();
    for wrong in ["expo", "hotswap,none"] {
        let refused = ctl.run(&["app", "systems", "--app", "tidepool", "--serve", wrong]);
        assert_eq!(refused.code, 2, "{refused}");
    }
    let refused = ctl.run(&["app", "systems", "--app", "tidepool", "--serve", "expo"]);
    assert!(refused.err.contains("tauri_updater"), "{refused}");
}

#[test]
fn what_to_paste_is_printed_for_each_system_that_is_served() {
    let ctl = Ctl::with_app();

    let shown = ctl
        .run(&["connect", "--app", "tidepool", "--channel", "beta"])
        .ok();

    let endpoint = format!(
        "{}/feeds/hotswap/tidepool/{{{{current_sequence}}}}",
        ctl.server.url()
    );
    assert!(shown.out.contains(&endpoint), "{shown}");
    assert!(shown.out.contains("\"channel\": \"beta\""), "{shown}");
    assert!(shown.out.contains("\"require_https\": false"), "{shown}");
    assert!(!shown.out.contains("CapacitorUpdater"), "{shown}");

    let other = ctl
        .run(&[
            "connect", "--app", "tidepool", "--system", "capgo", "--json",
        ])
        .ok();
    let json = other.json();
    assert_eq!(json["systems"][0]["system"], "capgo");
    assert_eq!(json["systems"][0]["served"], false);
    assert!(
        json["systems"][0]["snippets"][1]["code"]
            .as_str()
            .unwrap()
            .contains("updateUrl")
    );
}

#[test]
fn without_a_key_or_with_an_unknown_channel_nothing_is_printed() {
    let ctl = Ctl::new();
    ctl.run(&["app", "create", "tidepool"]).ok();
    let keyless = ctl.run(&["connect", "--app", "tidepool"]);
    assert_eq!((keyless.code, keyless.out.as_str()), (3, ""), "{keyless}");
    assert!(keyless.err.contains("key trust"), "{keyless}");

    let ctl = Ctl::with_app();
    let unknown = ctl.run(&["connect", "--app", "tidepool", "--channel", "nightly"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (3, ""), "{unknown}");
    assert!(
        unknown.err.contains("hotfix, staging, beta, production"),
        "{unknown}"
    );
}

#[test]
fn waiting_ends_with_the_next_check_of_a_device() {
    let ctl = Ctl::with_app();
    // One from before does not count.
    check(&ctl, "/feeds/hotswap/tidepool/7?binary_version=1.0.0");
    let mut command = ctl.command(&["connect", "--app", "tidepool", "--wait", "60"]);
    let mut waiting = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It says that it waits a moment before it does; a device asks again and again.
    for _ in 0..100 {
        check(
            &ctl,
            "/feeds/hotswap/tidepool/0?binary_version=1.4.2&platform=linux&arch=x86_64&channel=beta",
        );
        if waiting.try_wait().unwrap().is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(300));
    }
    let ended = waiting.wait_with_output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{out}");
    assert!(
        out.trim_end().ends_with(
            "A device checked: Tauri hotswap client, linux x86_64, binary 1.4.2, runs 0, on beta → \
             nothing: beta has no release yet"
        ),
        "{out}"
    );
}

#[test]
fn waiting_in_vain_fails() {
    let ctl = Ctl::with_app();
    let ran = ctl.run(&["connect", "--app", "tidepool", "--wait", "1"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.err.contains("No device checked within 1 s"), "{ran}");
}
