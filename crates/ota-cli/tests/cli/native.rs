//! Installers, from a folder to devices and back.

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::{Ctl, Ran, text};

/// A folder as Tauri's bundler leaves it: a package, an `AppImage`, and something for people.
fn bundle(ctl: &Ctl, version: &str) -> String {
    let folder = ctl.path(&format!("bundle-{version}"));
    let write = |name: String, mut bytes: Vec<u8>| {
        let path = folder.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        bytes.resize(4096, 0);
        bytes.extend(version.as_bytes());
        fs_err::write(path, bytes).unwrap();
    };
    write(
        format!("deb/Tide Pool_{version}_amd64.deb"),
        b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n".into(),
    );
    write(
        format!("appimage/tidepool_{version}_amd64.AppImage"),
        b"\x7FELF\x02\x01\x01\0AI\x02\0\0\0\0\0\x02\0\x3E\0".into(),
    );
    write("dmg/Tide Pool.dmg".to_owned(), b"koly".into());
    text(&folder)
}

fn publish(ctl: &Ctl, version: &str, more: &[&str]) -> Ran {
    let (folder, key) = (bundle(ctl, version), ctl.key());
    let mut args = vec!["publish-native", &folder, "--app", "tidepool"];
    args.extend(["--channel", "staging", "--version", version, "--key", &key]);
    args.extend(more);
    ctl.run(&args)
}

/// An app that serves updaters.
fn ctl() -> Ctl {
    let ctl = Ctl::with_app();
    ctl.run(&[
        "app",
        "systems",
        "--app",
        "tidepool",
        "--serve",
        "hotswap,tauri_updater",
    ])
    .ok();
    ctl
}

#[test]
fn installers_are_published_promoted_and_taken_back_beside_the_web_bundle() {
    let ctl = ctl();
    ctl.publish(&WebBuild::new(1), "9.0.0", "staging", &[]).ok();
    ctl.snapshot(|| {
        assert_snapshot!(publish(&ctl, "2.5.0", &["--notes", "Starts faster"]), @r"
        exit 0
        --- stdout
        2.5.0 is live on staging as #2. No installers were live there before
        [size], signed with [key id]
        linux-x86_64-appimage  tidepool_2.5.0_amd64.AppImage
        linux-x86_64-deb  Tide-Pool_2.5.0_amd64.deb
        --- stderr
        left out: [home]/bundle-2.5.0/dmg/Tide Pool.dmg is a disk image for people; devices update from the .app.tar.gz
        linux-x86_64-appimage  [home]/bundle-2.5.0/appimage/tidepool_2.5.0_amd64.AppImage
        linux-x86_64-deb  [home]/bundle-2.5.0/deb/Tide Pool_2.5.0_amd64.deb
        Bundling [seconds]  2 installers, [size]
        Signing [seconds]  2 installers signed with main
        Uploading [seconds]  [size] in 1 part, [rate]
        Verifying [seconds]  Downloaded [size] back, digests and signatures are right
        Live [seconds]  staging offers 2.5.0 as #2
        ");
        assert_snapshot!(publish(&ctl, "2.6.0", &["--quiet"]), @r"
        exit 0
        --- stdout
        2.6.0 is live on staging as #3. It was 2.5.0
        [size], signed with [key id]
        linux-x86_64-appimage  tidepool_2.6.0_amd64.AppImage
        linux-x86_64-deb  Tide-Pool_2.6.0_amd64.deb
        ");
        assert_snapshot!(ctl.run(&["promote", "--app", "tidepool", "--from", "staging", "--to", "beta", "--native"]), @r"
        exit 0
        --- stdout
        beta offers installers of 2.6.0 as #3. It offered nothing before. Activity entry 10
        ");
        assert_snapshot!(ctl.run(&["status", "--app", "tidepool"]), @r"
        exit 0
        --- stdout
        CHANNEL                 OFFERS       SEQUENCE  NEEDS BINARY  SIZE     SINCE                 BY
        hotfix                  nothing yet
        staging                 9.0.0        #1        ≥ 1.0.0       [size]  [time]  test admin
        beta                    nothing yet
        production (protected)  nothing yet

        CHANNEL  INSTALLERS  SEQUENCE  NEEDS VERSION  SINCE                 BY
        staging  2.6.0       #3        any            [time]  test admin
        beta     2.6.0       #3        any            [time]  test admin

        TRUSTED KEY  ID                SINCE                 BY
        main         [key id]  [time]  test admin
        ");
        assert_snapshot!(ctl.run(&["rollback", "--app", "tidepool", "--channel", "staging", "--native", "--reason", "It does not start"]), @r"
        exit 0
        --- stdout
        staging offers installers of 2.5.0 as #4. It was 2.6.0. Activity entry 11
        Devices that have a higher version keep it: their updater never goes down. To bring them back, publish the old code under a higher version
        ");
        assert_snapshot!(ctl.run(&["recall", "--app", "tidepool", "2.6.0", "--native", "--reason", "It does not start"]), @r"
        exit 0
        --- stdout
        2.6.0 is recalled and never offered again
        beta offers no installers. It was 2.6.0. Activity entry 12
        ");
    });
}

#[test]
fn what_cannot_be_published_says_what_to_do() {
    let ctl = ctl();
    let folder = bundle(&ctl, "2.5.0");
    let exe = ctl.write("setup.exe", "MZ and nothing of NSIS");
    let base = [
        "--app",
        "tidepool",
        "--channel",
        "staging",
        "--version",
        "2.5.0",
    ];
    let run = |paths: &[&str]| ctl.run(&[&["publish-native"], paths, &base].concat());
    ctl.snapshot(|| {
        assert_snapshot!(run(&[&folder]), @r"
        exit 1
        --- stderr
        left out: [home]/bundle-2.5.0/dmg/Tide Pool.dmg is a disk image for people; devices update from the .app.tar.gz
        linux-x86_64-appimage  [home]/bundle-2.5.0/appimage/tidepool_2.5.0_amd64.AppImage
        linux-x86_64-deb  [home]/bundle-2.5.0/deb/Tide Pool_2.5.0_amd64.deb
        error: There is no signature beside tidepool_2.5.0_amd64.AppImage and Tide-Pool_2.5.0_amd64.deb, and no key was given. Nothing was uploaded
        hint: Name a key to sign with, or have Tauri's bundler sign: TAURI_SIGNING_PRIVATE_KEY and bundle.createUpdaterArtifacts
        ");
        assert_snapshot!(run(&[&exe]), @r"
        exit 1
        --- stderr
        left out: [home]/setup.exe is a Windows program, but not an NSIS installer, which is what the updater runs
        error: There is no installer among what was given. Nothing was uploaded
        hint: Give Tauri's target/release/bundle folder, or installers from it: .deb, .rpm, .AppImage, -setup.exe, .msi, .app.tar.gz
        ");
        assert_snapshot!(run(&["nowhere"]), @r"
        exit 1
        --- stderr
        error: The installers cannot be read. Nothing was uploaded
          because: failed to query resolved metadata `nowhere`: No such file or directory (os error 2)
        ");
        assert_snapshot!(run(&["--platform", &format!("linux-x86_64-deb={exe}")]), @r"
        exit 1
        --- stderr
        error: [home]/setup.exe is no installer that devices of linux-x86_64-deb can install. Nothing was uploaded
        ");
        assert_snapshot!(run(&["--platform", "acme.deb"]), @r"
        exit 2
        --- stderr
        error: invalid value 'acme.deb' for '--platform <KEY=FILE>': write the platform, =, and the file, such as linux-x86_64-deb=acme.deb

        For more information, try '--help'.
        ");
        assert_snapshot!(ctl.run(&["rollback", "--app", "tidepool", "--channel", "staging", "--native", "--reason", "It does not start"]), @r"
        exit 3
        --- stderr
        error: staging has no earlier release to go back to. Nothing was changed
        hint: Recall the release to stop offering it, or pause the channel
        ");
        assert_snapshot!(ctl.run(&["promote", "--app", "tidepool", "--from", "staging", "--to", "beta", "--native"]), @r"
        exit 3
        --- stderr
        error: staging offers no installers yet, so there is nothing to promote
        hint: Nothing was changed. Publish to it first
        ");
    });
}

#[test]
fn a_platform_that_is_named_is_taken_and_json_has_it_all() {
    let ctl = ctl();
    let folder = bundle(&ctl, "2.5.0");
    let deb = format!("acme-kiosk={folder}/deb/Tide Pool_2.5.0_amd64.deb");
    let published = publish(&ctl, "2.5.0", &["--platform", &deb, "--json"]).ok();
    let json = published.json();
    let installers = json["release"]["installers"].as_array().unwrap();
    let platforms: Vec<_> = installers
        .iter()
        .map(|installer| installer["platform"].as_str().unwrap())
        .collect();
    assert_eq!(platforms, ["acme-kiosk", "linux-x86_64-appimage"]);
    assert_eq!(json["channel"]["native"]["version"], "2.5.0");
    assert_eq!(json["sequence"], 1);
}
