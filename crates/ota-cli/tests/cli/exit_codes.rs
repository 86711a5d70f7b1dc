//! The exit codes that scripts go by.

use ota_testing::WebBuild;

use crate::support::{Ctl, text};

/// An app, a build, and command lines about them.
struct Lines {
    ctl: Ctl,
    build: WebBuild,
}

impl Lines {
    fn new() -> Self {
        Self {
            ctl: Ctl::with_app(),
            build: WebBuild::new(1),
        }
    }

    fn dist(&self) -> String {
        text(&self.build.path())
    }

    /// A publication that works, with other values for some of its options.
    fn publish(&self, changes: &[(&str, &str)]) -> Vec<String> {
        let key = self.ctl.key();
        let mut args = vec!["publish".to_owned(), self.dist()];
        for (name, value) in [
            ("--app", "tidepool"),
            ("--channel", "staging"),
            ("--version", "2.5.0"),
            ("--min-binary-version", "1.0.0"),
            ("--key", &key),
        ] {
            let change = changes.iter().find(|change| change.0 == name);
            args.extend([
                name.to_owned(),
                change.map_or(value, |change| change.1).to_owned(),
            ]);
        }
        args
    }

    #[track_caller]
    fn check(&self, code: i32, lines: &[Vec<String>]) {
        for args in lines {
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            let ran = self.ctl.run(&args);
            assert_eq!(ran.code, code, "{args:?}\n{ran}");
            let says_error = ran.err.lines().any(|line| line.starts_with("error:"));
            assert!(
                says_error || code == 0 || args.is_empty(),
                "{args:?}\n{ran}"
            );
        }
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

fn built_in(reason: &str) -> Vec<String> {
    let mut args = words("rollback --app tidepool --channel staging --built-in --reason");
    args.push(reason.to_owned());
    args
}

#[test]
fn zero_when_it_is_done() {
    let lines = Lines::new();
    let (dist, out) = (lines.dist(), text(&lines.ctl.path("out.tar.gz")));
    lines.check(
        0,
        &[
            words("--help"),
            words("--version"),
            words("help publish"),
            words("completions bash"),
            words("app list"),
            words(&format!("bundle {dist} -o {out}")),
            lines.publish(&[]),
            lines.publish(&[]),
            built_in("Blank tide chart"),
        ],
    );
}

#[test]
fn one_when_it_failed_here() {
    let lines = Lines::new();
    let (dist, key, out) = (
        lines.dist(),
        lines.ctl.key(),
        text(&lines.ctl.path("out.tar.gz")),
    );
    lines.check(
        1,
        &[
            words(&format!("bundle /nowhere/dist -o {out}")),
            words(&format!("bundle {key} -o {out}")),
            words(&format!("bundle {dist} -o /nowhere/out.tar.gz")),
            lines.publish(&[("--key", "./missing.key")]),
            lines.publish(&[("--key", "in the keyring")]),
            words("key list"),
        ],
    );
}

#[test]
fn two_when_it_was_typed_wrongly() {
    let lines = Lines::new();
    let dist = lines.dist();
    lines.check(
        2,
        &[
            Vec::new(),
            words("publish"),
            words("frobnicate"),
            words("app create X"),
            words("app list --server ftp://ota.example.net"),
            words("app list --server http://ota.example.net"),
            words(&format!("bundle {dist} -o out.rar")),
            words("rollback --app tidepool --channel staging --to 1.0.0 --built-in --reason x"),
            lines.publish(&[("--version", "2.5")]),
            lines.publish(&[("--channel", "../etc")]),
        ],
    );
}

#[test]
fn three_when_the_server_refused() {
    let lines = Lines::new();
    lines.check(0, &[lines.publish(&[]), built_in("Blank tide chart")]);
    lines.check(
        3,
        &[
            words("app create tidepool"),
            words("status --app rockpool"),
            lines.publish(&[("--channel", "nowhere")]),
            lines.publish(&[("--min-binary-version", "9.0.0")]),
            built_in("Blank tide chart"),
            words("promote --app tidepool --from beta --to production"),
        ],
    );
}

#[test]
fn four_when_the_server_was_not_reached() {
    let lines = Lines::new();
    lines.check(
        4,
        &[
            words("app list --server http://127.0.0.1:1"),
            words("app list --server https://ota.invalid"),
        ],
    );
    lines.ctl.server.stop();
    lines.check(
        4,
        &[
            lines.publish(&[]),
            words("status --app tidepool"),
            built_in("Blank tide chart"),
        ],
    );
}
