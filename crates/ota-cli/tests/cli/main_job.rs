//! From nothing to devices and back, as the README walks it.

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::Ctl;

#[test]
fn publish_and_promote() {
    let ctl = Ctl::new();
    let build = WebBuild::new(1);
    let next = build.changed();
    ctl.snapshot(|| {
        assert_snapshot!(ctl.run(&["app", "create", "tidepool", "--name", "Tidepool"]), @r"
        exit 0
        --- stdout
        Created tidepool. Trust a signing key next: switchtowerctl key trust --app tidepool KEY
        ");
        assert_snapshot!(ctl.run(&["app", "list"]), @r"
        exit 0
        --- stdout
        APP       NAME      CREATED
        tidepool  Tidepool  [time]
        ");
        assert_snapshot!(ctl.make_key("main.key"), @r"
        exit 0
        --- stdout
        Made the key main ([key id]), kept in: Key file

        Public key for tauri-plugin-hotswap:
        [public key]
        ");
        assert_snapshot!(ctl.run(&["key", "trust", "--app", "tidepool", &ctl.key()]), @r"
        exit 0
        --- stdout
        tidepool trusts main ([key id]). It can go back to its built-in assets from now on
        ");
        assert_snapshot!(ctl.publish(&build, "2.5.0", "staging", &["--notes", "**Tide charts** load"]), @r"
        exit 0
        --- stdout
        2.5.0 is live on staging as #1. Nothing was live there before
        8 files, [size], sha256 [sha256], signed with [key id]
        --- stderr
        Bundling [seconds]  8 files, [size] packed to [size]
        Signing [seconds]  main [key id]
        Uploading [seconds]  [size] in 1 part, [rate]
        Verifying [seconds]  Downloaded [size] back, digest and signature are right
        Live [seconds]  staging offers 2.5.0 as #1
        ");
        assert_snapshot!(ctl.publish(&next, "2.6.0", "staging", &[]), @r"
        exit 0
        --- stdout
        2.6.0 is live on staging as #2. It was 2.5.0
        8 files, [size], sha256 [sha256], signed with [key id]
        --- stderr
        Bundling [seconds]  8 files, [size] packed to [size]
        Signing [seconds]  main [key id]
        Uploading [seconds]  [size] in 1 part, [rate]
        Verifying [seconds]  Downloaded [size] back, digest and signature are right
        Live [seconds]  staging offers 2.6.0 as #2
        ");
        assert_snapshot!(ctl.run(&["promote", "--app", "tidepool", "--from", "staging", "--to", "beta"]), @r"
        exit 0
        --- stdout
        beta offers 2.6.0 as #2. It offered nothing before. Activity entry 7
        ");
        assert_snapshot!(ctl.run(&["status", "--app", "tidepool"]), @r"
        exit 0
        --- stdout
        CHANNEL                 OFFERS       SEQUENCE  NEEDS BINARY  SIZE     SINCE                 BY
        hotfix                  nothing yet
        staging                 2.6.0        #2        ≥ 1.0.0       [size]  [time]  test admin
        beta                    2.6.0        #2        ≥ 1.0.0       [size]  [time]  test admin
        production (protected)  nothing yet

        TRUSTED KEY  ID                SINCE                 BY
        main         [key id]  [time]  test admin
        ");
    });
}

#[test]
fn take_back() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    let next = build.changed();
    ctl.publish(&build, "2.5.0", "staging", &[]).ok();
    ctl.publish(&next, "2.6.0", "staging", &[]).ok();
    ctl.run(&[
        "promote", "--app", "tidepool", "--from", "staging", "--to", "beta",
    ])
    .ok();
    ctl.snapshot(|| {
        assert_snapshot!(ctl.run(&["rollback", "--app", "tidepool", "--channel", "staging", "--reason", "Blank tide chart"]), @r"
        exit 0
        --- stdout
        staging offers 2.5.0 as #3. It was 2.6.0. Activity entry 8
        ");
        assert_snapshot!(ctl.run(&["rollback", "--app", "tidepool", "--channel", "staging", "--to", "2.6.0", "--reason", "It was the network"]), @r"
        exit 0
        --- stdout
        staging offers 2.6.0 as #4. It was 2.5.0. Activity entry 9
        ");
        assert_snapshot!(ctl.run(&["rollback", "--app", "tidepool", "--channel", "beta", "--built-in", "--reason", "Blank tide chart"]), @r"
        exit 0
        --- stdout
        beta offers its built-in assets as #5. It was 2.6.0. Activity entry 10
        ");
        assert_snapshot!(ctl.run(&["recall", "--app", "tidepool", "2.6.0", "--reason", "It holds a password"]), @r"
        exit 0
        --- stdout
        2.6.0 is recalled and never offered again
        staging offers its built-in assets as #6. It was 2.6.0. Activity entry 12
        ");
        assert_snapshot!(ctl.run(&["status", "--app", "tidepool"]), @r"
        exit 0
        --- stdout
        CHANNEL                 OFFERS           SEQUENCE  NEEDS BINARY  SIZE  SINCE                 BY
        hotfix                  nothing yet
        staging                 built-in assets  #6        any           29 B  [time]  test admin
        beta                    built-in assets  #5        any           29 B  [time]  test admin
        production (protected)  nothing yet

        TRUSTED KEY  ID                SINCE                 BY
        main         [key id]  [time]  test admin
        ");
    });
}

#[test]
fn publishing_again_is_harmless_and_says_so() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    ctl.publish(&build, "2.5.0", "staging", &[]).ok();
    ctl.snapshot(|| {
        assert_snapshot!(ctl.publish(&build, "2.5.0", "staging", &["--quiet"]), @r"
        exit 0
        --- stdout
        staging offers 2.5.0 already, as #1. Nothing was changed
        ");
    });
}

#[test]
fn json_goes_to_stdout_and_everything_else_to_stderr() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    let published = ctl.publish(&build, "2.5.0", "staging", &["--json"]).ok();
    let json = published.json();
    assert_eq!(json["sequence"], 1);
    assert_eq!(json["release"]["version"], "2.5.0");
    assert_eq!(json["channel"]["live"]["sequence"], 1);
    assert!(published.err.contains("Uploading"), "{published}");
    assert!(
        ctl.publish(&build, "2.5.0", "hotfix", &["--json", "-q"])
            .ok()
            .err
            .is_empty()
    );

    assert_eq!(
        ctl.run(&["app", "list", "--json"]).ok().json()[0]["slug"],
        "tidepool"
    );
    let status = ctl
        .run(&["status", "--app", "tidepool", "--json"])
        .ok()
        .json();
    assert_eq!(status["channels"][1]["live"]["version"], "2.5.0");
    let promoted = ctl
        .run(&[
            "promote", "--app", "tidepool", "--from", "staging", "--to", "beta", "--json",
        ])
        .ok()
        .json();
    assert_eq!(promoted["channel"]["name"], "beta");
}

#[test]
fn an_archive_of_the_build_is_as_good_as_the_folder() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    let zip = ctl.path("dist.zip");
    ctl.run(&[
        "bundle",
        build.path().to_str().unwrap(),
        "-o",
        zip.to_str().unwrap(),
    ])
    .ok();
    let from_folder = ctl
        .publish(&build, "2.5.0", "staging", &["--json"])
        .ok()
        .json();
    let (zip, key) = (zip.to_str().unwrap(), ctl.key());
    let args = [
        "publish",
        zip,
        "--app",
        "tidepool",
        "--channel",
        "hotfix",
        "--version",
        "2.5.1",
    ];
    let more = ["--min-binary-version", "1.0.0", "--key", &key, "--json"];
    let from_zip = ctl.run(&[&args[..], &more[..]].concat()).ok().json();
    assert_eq!(from_zip["sha256"], from_folder["sha256"]);
}
