//! What an app's configuration must say: each name is looked up in the client's own sources (see `ota_client::connect`).

use std::fmt::Write as _;

use insta::assert_snapshot;
use ota_client::connect::{Guide, Setup, guide, names_channel, needs_key};
use ota_keys::PublicKey;
use ota_model::{AppSlug, ChannelName, ClientSystem, Systems};
use serde_json::Value;

const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const PEM: &str = "-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEA\n-----END RSA PUBLIC KEY-----\n";

fn guide_for(system: ClientSystem, server: &str, change: impl FnOnce(&mut Systems)) -> Guide {
    let app: AppSlug = "tidepool".parse().unwrap();
    let channel: ChannelName = "beta".parse().unwrap();
    let key: PublicKey = KEY.parse().unwrap();
    let mut systems = Systems {
        serves: ClientSystem::ALL.into(),
        ..Systems::default()
    };
    change(&mut systems);
    let setup = Setup {
        system,
        app: &app,
        systems: &systems,
        server,
        channel: &channel,
        key: Some(&key),
    };
    guide(&setup).unwrap()
}

fn shown(guide: &Guide) -> String {
    let mut text = String::new();
    for snippet in &guide.snippets {
        let (place, purpose) = (snippet.place, snippet.purpose);
        writeln!(text, "── {place} · {purpose}\n{}\n", snippet.code).unwrap();
    }
    for note in &guide.notes {
        let mark = if note.is_warning { '!' } else { 'i' };
        writeln!(text, "{mark} {}", note.text).unwrap();
    }
    text
}

fn https(system: ClientSystem) -> String {
    shown(&guide_for(system, "https://ota.tidepool.dev", |_| {}))
}

/// A piece of a guide that is JSON, read.
fn json(guide: &Guide, place: &str) -> Value {
    let snippet = guide
        .snippets
        .iter()
        .find(|snippet| snippet.place == place)
        .unwrap();
    serde_json::from_str(&snippet.code).unwrap()
}

#[test]
fn hotswap() {
    assert_snapshot!(https(ClientSystem::Hotswap));
}

#[test]
fn tauri_updater() {
    assert_snapshot!(https(ClientSystem::TauriUpdater));
}

#[test]
fn capgo() {
    assert_snapshot!(https(ClientSystem::Capgo));
}

#[test]
fn native_bundle() {
    assert_snapshot!(https(ClientSystem::NativeBundle));
}

#[test]
fn sync_kit() {
    assert_snapshot!(https(ClientSystem::SyncKit));
}

#[test]
fn native_bundle_at_the_fixed_paths() {
    let guide = guide_for(
        ClientSystem::NativeBundle,
        "https://ota.tidepool.dev",
        |systems| {
            systems.fixed_bundle_paths = true;
        },
    );
    assert_eq!(guide.snippets[0].code, "https://ota.tidepool.dev/api/v1");
    assert!(shown(&guide).contains("https://ota.tidepool.dev/api/v1/native/bundle/manifest"));
}

#[test]
fn capgo_with_a_key_of_its_own() {
    let guide = guide_for(ClientSystem::Capgo, "https://ota.tidepool.dev", |systems| {
        systems.capgo_public_key = Some(PEM.to_owned());
    });
    assert_snapshot!(shown(&guide));
}

#[test]
fn the_key_is_spelled_as_each_client_reads_it() {
    let guide = guide_for(ClientSystem::Hotswap, "https://ota.tidepool.dev", |_| {});
    let config = json(&guide, "src-tauri/tauri.conf.json");
    // protocols.md 1.8 trap 2: tauri's spelling, or a newline, and every update fails.
    assert_eq!(config["plugins"]["hotswap"]["pubkey"], KEY);

    for system in [ClientSystem::TauriUpdater, ClientSystem::SyncKit] {
        let guide = guide_for(system, "https://ota.tidepool.dev", |_| {});
        let config = json(&guide, "src-tauri/tauri.conf.json");
        // protocols.md 2.6 trap 9: base64 of the whole file.
        let spelled = config["plugins"]["updater"]["pubkey"].as_str().unwrap();
        assert_ne!(spelled, KEY);
        assert_eq!(spelled.parse::<PublicKey>().unwrap().hotswap(), KEY);
    }
}

#[test]
fn plain_http_is_allowed_for_and_said() {
    for (system, pointer) in [
        (ClientSystem::Hotswap, "/plugins/hotswap/require_https"),
        (
            ClientSystem::TauriUpdater,
            "/plugins/updater/dangerousInsecureTransportProtocol",
        ),
    ] {
        let secure = guide_for(system, "https://ota.tidepool.dev", |_| {});
        assert_eq!(
            json(&secure, "src-tauri/tauri.conf.json").pointer(pointer),
            None
        );
        let plain = guide_for(system, "http://192.168.1.7:7420/", |_| {});
        let config = json(&plain, "src-tauri/tauri.conf.json");
        let wanted = system == ClientSystem::TauriUpdater;
        assert_eq!(config.pointer(pointer), Some(&Value::Bool(wanted)));
        assert!(
            plain
                .notes
                .iter()
                .any(|note| note.is_warning && note.text.contains("plain http"))
        );
        assert!(
            !plain
                .snippets
                .iter()
                .any(|snippet| snippet.code.contains("7420//"))
        );
    }
}

#[test]
fn an_address_of_this_computer_alone_is_said_to_be_one() {
    for (server, here) in [
        ("http://127.0.0.1:7420", true),
        ("http://localhost:7420", true),
        ("http://[::1]:7420", true),
        ("https://ota.tidepool.dev", false),
        ("http://192.168.1.7", false),
    ] {
        let guide = guide_for(ClientSystem::Capgo, server, |_| {});
        let said = guide
            .notes
            .iter()
            .any(|note| note.text.contains("Only this computer"));
        assert_eq!(said, here, "{server}");
    }
}

#[test]
fn without_a_trusted_key_there_is_no_guide_for_clients_that_carry_one() {
    let (app, channel) = ("tidepool".parse().unwrap(), "beta".parse().unwrap());
    for system in ClientSystem::ALL {
        let setup = Setup {
            system,
            app: &app,
            systems: &Systems::default(),
            server: "https://ota.tidepool.dev",
            channel: &channel,
            key: None,
        };
        assert_eq!(guide(&setup).is_none(), needs_key(system), "{system}");
    }
}

#[test]
fn the_channel_is_in_the_configuration_of_each_system_that_names_one() {
    for system in ClientSystem::ALL {
        let guide = guide_for(system, "https://ota.tidepool.dev", |_| {});
        let named = guide
            .snippets
            .iter()
            .any(|snippet| snippet.code.contains("beta"));
        assert_eq!(
            named,
            names_channel(system, &Systems::default()),
            "{system}"
        );
    }
}
