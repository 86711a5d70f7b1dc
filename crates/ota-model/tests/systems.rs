//! What clients of the other systems get. Each rule is that of protocols.md, whose section is named.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop"
)]

use std::collections::BTreeMap;

use chrono::DateTime;
use ota_model::{
    Answer, AppSnapshot, Artifact, ArtifactKind, Ask, Channel, ChannelName, ChannelSnapshot,
    Client, ClientSystem, Deployment, DeploymentKind, Installer, InstallerType, KeyId, Lane,
    NoUpdate, Offer, PlatformKey, Release, ReleaseId, ReleaseKind, ReleaseState, Revision,
    Sequence, Sha256, Systems, Target, answer, resolve,
};
use proptest::prelude::*;
use semver::Version;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn release(id: &str, number: &str, kind: ReleaseKind) -> Release {
    Release {
        id: ReleaseId(id.to_owned()),
        version: version(number),
        kind,
        state: ReleaseState::Ready,
        notes: String::new(),
        min_binary_version: version("1.0.0"),
        max_binary_version: None,
        artifacts: Vec::new(),
        installers: Vec::new(),
        capgo_files: Vec::new(),
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn web(number: &str) -> Release {
    let archive = |kind| Artifact {
        kind,
        sha256: Sha256::of(number.as_bytes()),
        size_bytes: 1,
        signature: String::new(),
        key_id: KeyId::from_bytes([1; 8]),
        seal: None,
    };
    Release {
        artifacts: vec![archive(ArtifactKind::TarGz), archive(ArtifactKind::Zip)],
        ..release("web", number, ReleaseKind::Web)
    }
}

fn native(number: &str, platforms: &[(&str, InstallerType)]) -> Release {
    let installer = |(platform, packed): &(&str, InstallerType)| Installer {
        platform: PlatformKey::parse(platform).unwrap(),
        packed: Some(*packed),
        file: format!("app.{packed}"),
        sha256: Sha256::of(platform.as_bytes()),
        size_bytes: 1,
        signature: String::new(),
        key_id: None,
    };
    Release {
        installers: platforms.iter().map(installer).collect(),
        ..release("native", number, ReleaseKind::Native)
    }
}

/// An app that serves every system and offers these on its one channel.
fn app(web: Option<Release>, native: Option<Release>) -> AppSnapshot {
    let name = ChannelName::parse("production").unwrap();
    let live = |release: &Release, number| Deployment {
        sequence: Sequence(number),
        release: release.id.clone(),
        kind: DeploymentKind::Publish,
        since: DateTime::UNIX_EPOCH,
    };
    let state = ChannelSnapshot {
        channel: Channel {
            name: name.clone(),
            position: 0,
            protected: false,
            paused: false,
            revision: Revision(1),
        },
        live: web.as_ref().map(|web| live(web, 7)),
        native: native.as_ref().map(|native| live(native, 8)),
        highest: Sequence(7),
    };
    let releases = [web, native].into_iter().flatten();
    AppSnapshot {
        slug: "acme".parse().unwrap(),
        default_channel: name.clone(),
        systems: Systems {
            serves: ClientSystem::ALL.into(),
            ..Systems::default()
        },
        last_sequence: Sequence(8),
        channels: BTreeMap::from([(name, state)]),
        releases: releases
            .map(|release| (release.id.clone(), release))
            .collect(),
        sequences: BTreeMap::new(),
    }
}

fn ask(client: Client) -> Ask {
    Ask {
        channel: None,
        client,
    }
}

fn updater(key: &str, installer: Option<InstallerType>, current: &str) -> Ask {
    ask(Client::Updater {
        system: ClientSystem::TauriUpdater,
        target: Target {
            key: key.to_owned(),
            installer,
        },
        current: version(current),
    })
}

fn capgo(binary: &str, current: &str, on_built_in: bool) -> Ask {
    ask(Client::Capgo {
        binary_version: binary.parse().ok(),
        current: current.to_owned(),
        on_built_in,
    })
}

fn refused(app: &AppSnapshot, ask: &Ask) -> NoUpdate {
    match answer(app, ask) {
        Answer::NoUpdate { reason, reissue } => {
            assert!(!reissue, "only hotswap clients need another number");
            reason
        }
        Answer::Offer(offer) => panic!("offered {offer:?}"),
    }
}

fn offered(app: &AppSnapshot, ask: &Ask) -> Offer {
    match answer(app, ask) {
        Answer::Offer(offer) => offer,
        Answer::NoUpdate { reason, .. } => panic!("nothing: {reason:?}"),
    }
}

#[test]
fn a_system_that_is_not_served_gets_nothing() {
    let mut app = app(
        Some(web("2.0.0")),
        Some(native("2.0.0", &[("linux-x86_64-deb", InstallerType::Deb)])),
    );
    app.systems = Systems::default();
    for ask in [
        updater("linux-x86_64", Some(InstallerType::Deb), "1.0.0"),
        capgo("1.0.0", "1.0.0", true),
        ask(Client::NativeBundle),
    ] {
        assert_eq!(refused(&app, &ask), NoUpdate::SystemNotServed);
        assert_eq!(resolve(&app, &ask).trail.len(), 1);
    }
}

#[test]
fn the_two_lanes_of_a_channel_do_not_know_of_each_other() {
    let app = app(Some(web("2.0.0")), None);
    let ask = updater("linux-x86_64", None, "1.0.0");
    assert_eq!(refused(&app, &ask), NoUpdate::NothingDeployed);
    assert!(
        resolve(&app, &ask)
            .trail
            .iter()
            .any(|step| step.text == "No installers were published to production yet")
    );
    assert_eq!(
        offered(&app, &capgo("1.0.0", "1.0.0", true)).release.0,
        "web"
    );
}

/// protocols.md 2.2 and 2.4.
#[test]
fn an_updater_gets_the_installer_it_was_installed_from() {
    use InstallerType::{AppImage, Deb, Nsis, Rpm};
    let app = app(
        None,
        Some(native(
            "2.0.0",
            &[
                ("linux-x86_64-appimage", AppImage),
                ("linux-x86_64-deb", Deb),
                ("windows-x86_64", Nsis),
                ("darwin-universal", InstallerType::App),
            ],
        )),
    );
    let key = |ask: &Ask| offered(&app, ask).platform.unwrap().to_string();
    assert_eq!(
        key(&updater("linux-x86_64", Some(Deb), "1.0.0")),
        "linux-x86_64-deb"
    );
    // An app that does not say how it was installed gets what its system takes by default.
    assert_eq!(
        key(&updater("linux-x86_64", None, "1.0.0")),
        "linux-x86_64-appimage"
    );
    // A key without installer fits if the file is of the right kind.
    assert_eq!(
        key(&updater("windows-x86_64", Some(Nsis), "1.0.0")),
        "windows-x86_64"
    );
    assert_eq!(
        key(&updater("darwin-universal", None, "1.0.0")),
        "darwin-universal"
    );
    for nothing in [
        updater("linux-x86_64", Some(Rpm), "1.0.0"),
        updater("windows-x86_64", Some(InstallerType::Msi), "1.0.0"),
        updater("linux-aarch64", Some(Deb), "1.0.0"),
        updater("darwin-aarch64", Some(InstallerType::App), "1.0.0"),
    ] {
        assert_eq!(refused(&app, &nothing), NoUpdate::NoArtifact);
    }
}

/// updater.rs:712-720: build metadata is ordered too.
#[test]
fn build_metadata_counts_for_an_updater() {
    let deb = [("linux-x86_64-deb", InstallerType::Deb)];
    let app = app(None, Some(native("1.2.0+2", &deb)));
    let ask = |current| updater("linux-x86_64", Some(InstallerType::Deb), current);
    offered(&app, &ask("1.2.0+1"));
    assert_eq!(refused(&app, &ask("1.2.0+2")), NoUpdate::NotNewer);
    assert_eq!(refused(&app, &ask("1.2.0+3")), NoUpdate::NotNewer);
    offered(&app, &ask("1.2.0-beta.1"));
}

#[test]
fn an_updater_below_the_minimum_waits_for_a_release_in_between() {
    let deb = [("linux-x86_64-deb", InstallerType::Deb)];
    let app = app(None, Some(native("2.0.0", &deb)));
    let ask = |current| updater("linux-x86_64", Some(InstallerType::Deb), current);
    assert_eq!(refused(&app, &ask("0.9.0")), NoUpdate::BinaryOutOfRange);
    offered(&app, &ask("1.0.0"));
}

/// protocols.md 3.1: string inequality, the server decides.
#[test]
fn a_capgo_client_gets_any_other_version_also_an_older_one() {
    let app = app(Some(web("1.5.0")), None);
    for current in ["1.4.0", "1.6.0", "builtin", "1.0.0"] {
        let on_built_in = matches!(current, "builtin" | "1.0.0");
        assert_eq!(
            offered(&app, &capgo("1.0.0", current, on_built_in))
                .release
                .0,
            "web"
        );
    }
    assert_eq!(
        refused(&app, &capgo("1.0.0", "1.5.0", false)),
        NoUpdate::UpToDate
    );
    assert_eq!(
        refused(&app, &capgo("0.9.0", "0.9.0", true)),
        NoUpdate::BinaryOutOfRange
    );
    assert_eq!(
        refused(&app, &capgo("none", "builtin", true)),
        NoUpdate::BinaryVersionUnknown
    );
}

/// protocols.md 3.8 trap 8.
#[test]
fn a_capgo_client_whose_built_in_bundle_has_the_same_name_is_told_apart_in_words() {
    let app = app(Some(web("1.5.0")), None);
    let ask = capgo("1.5.0", "1.5.0", true);
    assert_eq!(refused(&app, &ask), NoUpdate::UpToDate);
    let last = resolve(&app, &ask).trail.pop().unwrap().text;
    assert_eq!(
        last,
        "Its built-in bundle is called 1.5.0 too, so its client takes it for the same"
    );
}

#[test]
fn a_capgo_client_is_sent_back_to_its_built_in_bundle_without_any_archive() {
    let built_in = release(
        "built-in",
        "0.0.0-builtin.k0102030405060708",
        ReleaseKind::BuiltIn,
    );
    let app = app(Some(built_in), None);
    assert_eq!(
        offered(&app, &capgo("1.0.0", "1.5.0", false)).release.0,
        "built-in"
    );
    assert_eq!(
        refused(&app, &capgo("1.0.0", "builtin", true)),
        NoUpdate::SameBytes
    );
    // Nobody tells the others how to.
    assert_eq!(
        refused(&app, &ask(Client::NativeBundle)),
        NoUpdate::NoWayToBuiltIn
    );
}

/// protocols.md 3.8 trap 12.
#[test]
fn a_capgo_client_with_a_public_key_never_gets_a_plain_bundle() {
    let mut app = app(Some(web("1.5.0")), None);
    app.systems.capgo_public_key = Some("-----BEGIN RSA PUBLIC KEY-----".to_owned());
    assert_eq!(
        refused(&app, &capgo("1.0.0", "1.0.0", true)),
        NoUpdate::NoArtifact
    );
}

/// protocols.md 4: anything but three numbers counts as zero there.
#[test]
fn a_native_bundle_manifest_names_plain_versions_only() {
    let served = |release: Release| answer(&app(Some(release), None), &ask(Client::NativeBundle));
    assert!(matches!(served(web("1.2.3")), Answer::Offer(_)));
    for odd in ["1.2.3-beta", "1.2.3+4"] {
        assert_eq!(
            served(web(odd)),
            Answer::NoUpdate {
                reason: NoUpdate::VersionNotPlain,
                reissue: false
            }
        );
    }
    let bounded = Release {
        max_binary_version: Some(version("2.0.0")),
        ..web("1.2.3")
    };
    assert_eq!(
        served(bounded),
        Answer::NoUpdate {
            reason: NoUpdate::RangeNotNameable,
            reissue: false
        }
    );
}

fn number() -> impl Strategy<Value = String> {
    (
        0..3_u64,
        0..3_u64,
        0..3_u64,
        prop::option::of(0..3_u8),
        prop::option::of(0..3_u8),
    )
        .prop_map(|(major, minor, patch, pre, build)| {
            let pre = pre.map_or_else(String::new, |pre| format!("-beta.{pre}"));
            let build = build.map_or_else(String::new, |build| format!("+{build}"));
            format!("{major}.{minor}.{patch}{pre}{build}")
        })
}

proptest! {
    /// What clients refuse (a version that is not higher, a file of another kind) is never offered.
    #[test]
    fn an_updater_is_only_offered_what_it_accepts(
        offered in number(), current in number(), packed in 0..6_usize, asked in prop::option::of(0..6_usize),
        recalled in any::<bool>(), paused in any::<bool>(),
    ) {
        let packed = InstallerType::ALL[packed];
        let asked = asked.map(|asked| InstallerType::ALL[asked]);
        let key = format!("{}-x86_64-{packed}", packed.os());
        let mut release = native(&offered, &[(&key, packed)]);
        release.min_binary_version = version("0.0.0-0");
        if recalled { release.state = ReleaseState::Recalled; }
        let mut app = app(None, Some(release.clone()));
        for state in app.channels.values_mut() { state.channel.paused = paused; }
        let ask = updater(&format!("{}-x86_64", packed.os()), asked, &current);
        let decision = resolve(&app, &ask);
        prop_assert_eq!(&decision.answer, &answer(&app, &ask));
        prop_assert_eq!(decision.trail.last().unwrap().passed, decision.offer().is_some());
        if let Some(offer) = decision.offer() {
            prop_assert!(release.version > version(&current));
            prop_assert!(asked.is_none_or(|asked| asked == packed));
            prop_assert!(!recalled && !paused);
            prop_assert_eq!(offer.platform.as_ref().map(PlatformKey::as_str), Some(key.as_str()));
        } else if asked == Some(packed) && !recalled && !paused {
            prop_assert!(release.version <= version(&current));
        }
    }
}

#[test]
fn every_system_installs_from_one_lane() {
    let lanes = ClientSystem::ALL.map(ClientSystem::lane);
    assert_eq!(
        lanes,
        [Lane::Web, Lane::Native, Lane::Web, Lane::Web, Lane::Native]
    );
}
