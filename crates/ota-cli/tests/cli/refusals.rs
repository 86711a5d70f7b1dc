//! What the server refuses is told in its words, with what to do.

use insta::assert_snapshot;
use ota_api::Role;
use ota_testing::WebBuild;

use crate::support::{Ctl, run};

#[test]
fn refusals_of_a_publication() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    ctl.publish(&build, "2.5.0", "staging", &[]).ok();
    ctl.make_key("stranger.key");
    ctl.snapshot(|| {
        assert_snapshot!(ctl.publish(&build.changed(), "2.5.0", "staging", &["-q"]), @r"
        exit 3
        --- stderr
        error: 2.5.0 is taken by release [release], which is published or ready. Nothing was changed. Choose another version
        ");
        assert_snapshot!(ctl.publish(&build, "2.6.0", "stagging", &["-q"]), @r"
        exit 3
        --- stderr
        error: tidepool has no channel “stagging”. It has hotfix, staging, beta, production
        ");
        assert_snapshot!(ctl.publish(&build, "2.5", "staging", &["-q"]), @r"
        exit 2
        --- stderr
        error: invalid value '2.5' for '--version <VERSION>': unexpected end of input while parsing minor version number; write three numbers, such as 2.5.0 or 2.5.0-ota.3

        For more information, try '--help'.
        ");
        let dist = build.path();
        let stranger = ctl.path("stranger.key");
        let (dist, stranger) = (dist.to_str().unwrap(), stranger.to_str().unwrap());
        let args = [
            "publish",
            dist,
            "--app",
            "tidepool",
            "--channel",
            "staging",
            "--version",
            "2.6.0",
        ];
        let more = ["--min-binary-version", "1.0.0", "--key", stranger, "-q"];
        assert_snapshot!(ctl.run(&[&args[..], &more[..]].concat()), @r"
        exit 3
        --- stderr
        error: tidepool does not trust the key stranger ([key id]). Nothing was uploaded
        hint: Trust the key for this app first, or sign with a key that it trusts
        ");
    });
}

#[test]
fn refusals_of_deployments() {
    let ctl = Ctl::with_app();
    ctl.publish(&WebBuild::new(1), "2.5.0", "staging", &[]).ok();
    let tidepool = |args: &[&str]| ctl.run(&[&[args[0], "--app", "tidepool"], &args[1..]].concat());
    ctl.snapshot(|| {
        assert_snapshot!(tidepool(&["promote", "--from", "beta", "--to", "production"]), @r"
        exit 3
        --- stderr
        error: beta offers nothing yet, so there is nothing to promote
        hint: Nothing was changed. Publish to it first
        ");
        assert_snapshot!(tidepool(&["promote", "--from", "staging", "--to", "prod"]), @r"
        exit 3
        --- stderr
        error: tidepool has no channel “prod”. It has hotfix, staging, beta, production
        hint: Nothing was changed. Give one of these
        ");
        assert_snapshot!(tidepool(&["rollback", "--channel", "staging", "--reason", "Blank tide chart"]), @r"
        exit 3
        --- stderr
        error: staging has no earlier release to go back to. Nothing was changed
        hint: Name one with --to, or go back to the built-in assets with --built-in
        ");
        assert_snapshot!(tidepool(&["rollback", "--channel", "staging", "--to", "1.0.0", "--reason", "Blank"]), @r"
        exit 3
        --- stderr
        error: tidepool has no release 1.0.0. Nothing was changed
        hint: “switchtowerctl activity” shows what was published
        ");
        assert_snapshot!(tidepool(&["promote", "--from", "staging", "--to", "production"]), @r"
        exit 0
        --- stdout
        production offers 2.5.0 as #1. It offered nothing before. Activity entry 5
        ");
        assert_snapshot!(tidepool(&["rollback", "--channel", "production", "--built-in", "--reason", "oops"]), @r"
        exit 3
        --- stderr
        error: production is protected: say why, in 8 characters or more. Nothing was changed
        ");
        assert_snapshot!(tidepool(&["recall", "1.0.0", "--reason", "Blank tide chart"]), @r"
        exit 3
        --- stderr
        error: tidepool has no release 1.0.0. Nothing was changed
        hint: “switchtowerctl activity” shows what was published
        ");
        assert_snapshot!(ctl.run(&["app", "create", "tidepool"]), @r"
        exit 3
        --- stderr
        error: This server has an app “tidepool” already. Nothing was changed
        ");
    });
}

#[test]
fn refusals_of_tokens() {
    let ctl = Ctl::with_app();
    let with = |token: String| {
        let mut command = ctl.command(&["app", "create", "rockpool"]);
        command.env("SWITCHTOWER_TOKEN", token);
        run(command)
    };
    ctl.snapshot(|| {
        assert_snapshot!(with(ctl.server.expired_token(Role::Admin)), @r"
        exit 3
        --- stderr
        error: Your access token expired at 1970-01-01 00:01 UTC. Devices, releases and keys are not affected. Use a new token
        hint: Make a token on the server with “switchtower-server token create”
        ");
        assert_snapshot!(with("swt_00".to_owned()), @r"
        exit 3
        --- stderr
        error: This server does not know the access token. Devices are not affected. Ask whoever runs the server for a token
        hint: Make a token on the server with “switchtower-server token create”
        ");
        assert_snapshot!(with(ctl.server.token(Role::Support)), @r"
        exit 3
        --- stderr
        error: Your role (Support) may not change apps, keys and channels. Nothing was changed. Ask somebody whose role may
        ");
        assert_snapshot!(with(String::new()), @r"
        exit 2
        --- stderr
        error: There is no access token
        hint: Put it into SWITCHTOWER_TOKEN, or into a file and name that with --token-file
        ");
    });
}

#[test]
fn a_token_comes_from_a_file_too() {
    let ctl = Ctl::new();
    let file = ctl.write("token", &format!("{}\n", ctl.server.token(Role::Viewer)));
    let mut command = ctl.command(&["app", "list", "--token-file", &file]);
    command.env_remove("SWITCHTOWER_TOKEN");
    run(command).ok();
}
