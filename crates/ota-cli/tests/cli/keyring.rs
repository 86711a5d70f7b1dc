//! Keys in a real keyring: a session of its own with a private bus and a real `gnome-keyring-daemon`, made by
//! `ui-tests/keyring-session.sh`.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::{Ctl, Ran, run, text};

/// Runs a script of shell lines in one session; `ctl` in it is the program.
fn in_session(ctl: &Ctl, mode: &str, script: &str) -> Ran {
    let session = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui-tests/keyring-session.sh");
    let mut command = Command::new(session);
    let with = ctl.command(&[]);
    command.arg(mode).args([
        "sh",
        "-euc",
        &format!(
            "ctl() {{ \"{}\" \"$@\"; }}\n{script}",
            env!("CARGO_BIN_EXE_switchtowerctl")
        ),
    ]);
    for (name, value) in with.get_envs() {
        if name != "DBUS_SESSION_BUS_ADDRESS" {
            value.map(|value| command.env(name, value));
        }
    }
    command.current_dir(ctl.home.path());
    let mut ran = run(command);
    // The bus itself complains where it may not raise its limits.
    let lines = ran
        .err
        .lines()
        .filter(|line| !line.starts_with("dbus-daemon["));
    ran.err = lines.collect::<Vec<_>>().join("\n");
    ran
}

#[test]
fn a_key_in_the_keyring_publishes() {
    let ctl = Ctl::new();
    let build = WebBuild::new(1);
    ctl.run(&["app", "create", "tidepool"]).ok();
    let dist = text(&build.path());
    let script = format!(
        "ctl key generate 'tidepool prod'
         ctl key list
         ctl key trust --app tidepool 'tidepool prod'
         ctl publish {dist} --app tidepool --channel staging --version 2.5.0 --min-binary-version 1.0.0 --key 'tidepool prod' -q
         ctl key export 'tidepool prod' --form hotswap"
    );
    ctl.snapshot(|| {
        assert_snapshot!(in_session(&ctl, "--unlocked", &script), @r"
    exit 0
    --- stdout
    Made the key tidepool prod ([key id]), kept in: OS keyring

    Public key for tauri-plugin-hotswap:
    [public key]
    NAME           ID                SINCE                 BACKED UP
    tidepool prod  [key id]  [time]  never
    tidepool trusts tidepool prod ([key id]). It can go back to its built-in assets from now on
    2.5.0 is live on staging as #1. Nothing was live there before
    8 files, [size], sha256 [sha256], signed with [key id]
    [public key]
    ");
    });
}

#[test]
fn a_key_file_is_imported_once() {
    let ctl = Ctl::with_app();
    let script =
        "ctl key import main.key; ctl key list --json; ctl key import main.key --name again";
    ctl.snapshot(|| {
        assert_snapshot!(in_session(&ctl, "--unlocked", script), @r#"
    exit 1
    --- stdout
    Imported the key main ([key id]), kept in: OS keyring

    Public key for tauri-plugin-hotswap:
    [public key]
    [
      {
        "name": "main",
        "id": "[key id]",
        "public": "[public key]",
        "custody": "keyring",
        "created_at": "[time]",
        "backed_up_at": null
      }
    ]
    --- stderr
    error: Key [key id] is already here, as “main”. Nothing was changed
    hint: Use the key that is there, or rename it
    "#);
    });
}

#[test]
fn a_keyring_that_cannot_be_used_is_named_with_what_to_do() {
    let ctl = Ctl::new();
    ctl.snapshot(|| {
        assert_snapshot!(in_session(&ctl, "--locked", "ctl key generate main"), @r"
        exit 1
        --- stderr
        error: The OS keyring is locked. No key was read or changed
        hint: Unlock the keyring, or sign in to your desktop session, and try again. Without one, keep the key in a password-protected file
        ");
        assert_snapshot!(in_session(&ctl, "--no-keyring", "ctl key list"), @r"
        exit 1
        --- stderr
        error: There is no OS keyring in this session. No key was read or changed
        hint: Start a keyring such as GNOME Keyring, KWallet or KeePassXC and try again, or keep the key in a password-protected file
        ");
        assert_snapshot!(in_session(&ctl, "--unlocked", "ctl key export nobody --form hotswap"), @r"
        exit 1
        --- stderr
        error: There is no key named “nobody” here
        hint: Look at the list of keys for its name
        ");
    });
}
