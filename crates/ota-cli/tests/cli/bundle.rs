//! Checks and bundles.

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::{Ctl, program, run, settings, text};

fn bundle(build: &WebBuild, more: &[&str]) -> crate::support::Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .arg("bundle")
        .arg(build.path())
        .arg("-o")
        .arg(folder.path().join("b.tar.gz"))
        .args(more);
    let mut ran = run(command);
    let (folder, dist) = (text(folder.path()), text(&build.path()));
    ran.out = ran.out.replace(&folder, "[out]");
    ran.err = ran.err.replace(&folder, "[out]").replace(&dist, "[dist]");
    ran
}

#[test]
fn the_same_folder_gives_the_same_bundle() {
    let (one, two) = (WebBuild::new(1), WebBuild::new(1));
    let (first, second) = (
        bundle(&one, &["--json"]).ok().json(),
        bundle(&two, &["--json"]).ok().json(),
    );
    assert_eq!(first["sha256"], second["sha256"]);
    assert_eq!(first["files"], 8);
    settings().bind(|| {
        assert_snapshot!(bundle(&one, &[]), @r"
    exit 0
    --- stdout
    [out]/b.tar.gz: 8 files, [size], sha256 [sha256]
    ");
    });
}

#[test]
fn checks_are_shown_and_settled_by_leaving_files_out() {
    let build = WebBuild::new(1);
    build.write(
        "assets/app.js.map",
        "{\"version\":3,\"sources\":[\"app.ts\"]}",
    );
    settings().bind(|| {
        assert_snapshot!(bundle(&build, &[]), @r"
        exit 0
        --- stdout
        [out]/b.tar.gz: 9 files, [size], sha256 [sha256]
        --- stderr
        look: 1 source map: readable source, 34 B
              Everybody with the app can read your source. Leave it out, unless that is what you want
              --leave-out assets/app.js.map
        ");
        assert_snapshot!(bundle(&build, &["--strict"]), @r"
        exit 1
        --- stderr
        look: 1 source map: readable source, 34 B
              Everybody with the app can read your source. Leave it out, unless that is what you want
              --leave-out assets/app.js.map
        error: --strict refuses this: 1 of the checks leave a decision to you
        hint: Settle them, or leave --strict out
        ");
        assert_snapshot!(bundle(&build, &["--strict", "--leave-out", "assets/app.js.map"]), @r"
        exit 0
        --- stdout
        [out]/b.tar.gz: 8 files, [size], sha256 [sha256]
        ");
        assert_snapshot!(bundle(&build, &["--leave-out", "assets/app.js.mop"]), @r"
        exit 0
        --- stdout
        [out]/b.tar.gz: 9 files, [size], sha256 [sha256]
        --- stderr
        warning: There is nothing to leave out at assets/app.js.mop
        look: 1 source map: readable source, 34 B
              Everybody with the app can read your source. Leave it out, unless that is what you want
              --leave-out assets/app.js.map
        ");
    });
}

#[test]
fn what_must_not_be_published_is_refused() {
    let build = WebBuild::new(1);
    build.remove("index.html");
    build.write("app/index.html", "<!doctype html><title>wrapped</title>");
    settings().bind(|| {
        assert_snapshot!(bundle(&build, &[]), @r"
    exit 1
    --- stderr
    stop: No index.html at the root: it is in app/
          Bundle app/ instead
    error: This cannot be published: No index.html at the root
    hint: Give the folder [dist]/app instead
    ");
    });
    let build = WebBuild::new(1);
    build.write(
        ".env",
        "SWITCHTOWER_TOKEN=swt_00000000000000000000000000000000000000000000000000000000000000ff\n",
    );
    settings().bind(|| {
        assert_snapshot!(bundle(&build, &[]), @r"
    exit 1
    --- stderr
    stop: 1 file made for secrets: .env
          Everybody with the app can read it. Leave it out
          --leave-out .env
    error: This cannot be published: 1 file made for secrets
    hint: Everybody with the app can read it. Leave it out
    ");
    });
}

#[test]
fn a_refused_build_is_not_published() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    build.remove("index.html");
    let refused = ctl.publish(&build, "2.5.0", "staging", &[]);
    assert_eq!(refused.code, 1, "{refused}");
    let status = ctl
        .run(&["status", "--app", "tidepool", "--json"])
        .ok()
        .json();
    assert!(
        status["channels"]
            .as_array()
            .unwrap()
            .iter()
            .all(|channel| channel["live"].is_null())
    );
}

#[test]
fn growth_against_what_is_live_is_shown() {
    let ctl = Ctl::with_app();
    let build = WebBuild::new(1);
    ctl.publish(&build, "2.5.0", "staging", &[]).ok();
    let grown = WebBuild::large(1, 4_000_000);
    let published = ctl.publish(&grown, "2.6.0", "staging", &[]).ok();
    assert!(
        published.err.contains("more than what is live"),
        "{published}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let ctl = Ctl::with_app();
    let build = WebBuild::large(1, 2_000_000);
    let disk = ota_testing::TinyDisk::mount(1024);
    let (dist, key, out) = (
        text(&build.path()),
        ctl.key(),
        text(&disk.path().join("b.tar.gz")),
    );
    let publish =
        "publish --app tidepool --channel staging --version 2.5.0 --min-binary-version 1.0.0 --key";
    let publish: Vec<_> = publish
        .split(' ')
        .chain([key.as_str(), dist.as_str()])
        .collect();
    for args in [&publish[..], &["bundle", &dist, "-o", &out]] {
        let mut command = ctl.command(args);
        command.env("TMPDIR", disk.path());
        let ran = run(command);
        assert_eq!(ran.code, 1, "{ran}");
        assert!(
            ran.err
                .contains("error: No room is left for the bundle in "),
            "{ran}"
        );
        assert!(ran.err.contains("hint: Free some space"), "{ran}");
        assert_eq!(fs_err::read_dir(disk.path()).unwrap().count(), 0);
    }
    let status = ctl
        .run(&["status", "--app", "tidepool", "--json"])
        .ok()
        .json();
    assert_eq!(
        status["activity_head"], 2,
        "nothing but the app and its key"
    );
}
