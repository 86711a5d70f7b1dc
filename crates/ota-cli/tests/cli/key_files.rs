//! Keys in files.

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::{Ctl, PASSWORD, program, run, text};

#[test]
fn a_public_key_is_printed_as_each_client_wants_it() {
    let ctl = Ctl::new();
    ctl.make_key("main.key");
    let key = ctl.key();
    let export = |key: &str, form: &str| ctl.run(&["key", "export", key, "--form", form]).ok().out;
    let bare = export(&key, "hotswap");
    assert_eq!(bare.trim_end().len(), 56);
    let file = export(&key, "minisign");
    assert_eq!(file.lines().nth(1), Some(bare.trim_end()));
    assert_eq!(
        file,
        fs_err::read_to_string(ctl.path("main.key.pub").as_path())
            .unwrap_or_else(|_| { fs_err::read_to_string(ctl.path("main.pub")).unwrap() })
    );
    assert!(export(&key, "tauri").starts_with("dW50cnVzdGVkIGNvbW1lbnQ6"));
    let json = ctl
        .run(&["key", "export", &key, "--form", "hotswap", "--json"])
        .ok()
        .json();
    assert_eq!(json["public_key"], bare.trim_end());

    // The public file alone is enough, and so is the secret one.
    let public = ctl.write("copy.pub", &file);
    assert_eq!(export(&public, "hotswap"), bare);
    let alone = ctl.write("alone.key", &fs_err::read_to_string(&key).unwrap());
    assert_eq!(export(&alone, "hotswap"), bare);
}

#[test]
fn a_key_file_is_never_overwritten_and_never_without_a_password() {
    let ctl = Ctl::new();
    ctl.make_key("main.key");
    let before = fs_err::read(ctl.path("main.key")).unwrap();
    let key = ctl.key();
    ctl.snapshot(|| {
        assert_snapshot!(ctl.run(&["key", "generate", "other", "--file", &key]), @r"
        exit 1
        --- stderr
        error: There is already a file. It was not changed: [home]/main.key
        hint: Choose another name or folder for the file
        ");
        let path = text(&ctl.path("open.key"));
        let mut command = program();
        command.args(["key", "generate", "open", "--file", &path]);
        assert_snapshot!(run(command), @r"
        exit 1
        --- stderr
        error: A key file needs a password
        hint: Put it into SWITCHTOWER_KEY_PASSWORD, or name another variable with --password-env
        ");
        let mut command = program();
        command
            .args(["key", "generate", "open", "--file", &path])
            .env("SWITCHTOWER_KEY_PASSWORD", "");
        assert_snapshot!(run(command), @r"
        exit 1
        --- stderr
        error: A key file needs a password, and this one is empty. Nothing was written
        ");
        assert!(!ctl.path("open.key").exists());
    });
    assert_eq!(fs_err::read(ctl.path("main.key")).unwrap(), before);
}

#[test]
fn the_password_comes_from_a_variable_and_is_checked() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    let (dir, key) = (text(&build.path()), ctl.key());
    let publish = |password_env: &[&str]| {
        let args = [
            "publish",
            &dir,
            "--app",
            "tidepool",
            "--channel",
            "staging",
            "--version",
            "2.5.0",
        ];
        let mut command = ctl.command(&args);
        command
            .args(["--min-binary-version", "1.0.0", "--key", &key, "-q"])
            .args(password_env);
        command
            .env_remove("SWITCHTOWER_KEY_PASSWORD")
            .env("RIGHT", PASSWORD)
            .env("WRONG", "Tr0ub4dor&3");
        run(command)
    };
    ctl.snapshot(|| {
        assert_snapshot!(publish(&[]), @r"
        exit 1
        --- stderr
        error: The key file needs its password
        hint: Put it into SWITCHTOWER_KEY_PASSWORD, or name another variable with --password-env
        ");
        assert_snapshot!(publish(&["--password-env", "WRONG"]), @r"
        exit 1
        --- stderr
        error: The password does not open this key
        hint: Check the keyboard layout and Caps Lock. A key file cannot be opened without its password
        ");
        assert_snapshot!(publish(&["--password-env", "MISSING"]), @r"
        exit 2
        --- stderr
        error: The variable MISSING is not set
        hint: Put it into SWITCHTOWER_KEY_PASSWORD, or name another variable with --password-env
        ");
        assert_snapshot!(publish(&["--password-env", "RIGHT"]), @r"
        exit 0
        --- stdout
        2.5.0 is live on staging as #1. Nothing was live there before
        8 files, [size], sha256 [sha256], signed with [key id]
        ");
    });
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let ctl = Ctl::with_app();
    let secret_line = fs_err::read_to_string(ctl.key())
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .to_owned();
    let build = WebBuild::new(1);
    for ran in [
        ctl.publish(&build, "2.5.0", "staging", &[]),
        ctl.publish(&build, "2.5.0", "nowhere", &["--json"]),
        ctl.run(&["key", "export", &ctl.key(), "--form", "minisign"]),
        ctl.run(&["status", "--app", "tidepool", "--json"]),
    ] {
        let printed = format!("{}{}", ran.out, ran.err);
        assert!(
            !printed.contains(PASSWORD)
                && !printed.contains("swt_")
                && !printed.contains(&secret_line),
            "{ran}"
        );
    }
}
