//! Tauri's two plugins.

use ota_api::paths;
use ota_keys::PublicKey;

use super::{Guide, Language, Note, Setup, Snippet, literal};

/// `tauri-plugin-hotswap` 0.0.4.
pub(super) fn hotswap(setup: &Setup<'_>, key: &PublicKey) -> Guide {
    let endpoint = format!("{}{}", setup.server, paths::hotswap_endpoint(setup.app));
    let https = if setup.is_http() {
        ",\n      \"require_https\": false"
    } else {
        ""
    };
    let config = format!(
        r#"{{
  "plugins": {{
    "hotswap": {{
      "endpoint": {},
      "pubkey": {},
      "channel": {}{https}
    }}
  }}
}}"#,
        literal(&endpoint),
        literal(&key.hotswap()),
        literal(setup.channel.as_str()),
    );
    let mut notes = vec![Note::hint(
        "notifyReady() belongs where the page is known to work: a device that does not get there goes back by itself at \
         its next start. Never call it between applyUpdate() and the reload.",
    )];
    if setup.is_http() {
        notes.push(Note::warning(
            "This server speaks plain http: without \"require_https\": false the plugin refuses the address. Leave that \
             line out for a server with TLS.",
        ));
    }
    Guide {
        snippets: vec![
            install("cargo add tauri-plugin-hotswap@0.0.4 --manifest-path src-tauri/Cargo.toml\nnpm install tauri-plugin-hotswap-api"),
            Snippet {
                place: "src-tauri/tauri.conf.json",
                purpose: "Where to ask, whose signatures to accept",
                language: Language::Json,
                code: config,
            },
            capability("hotswap:default"),
            Snippet {
                place: "src-tauri/src/lib.rs",
                purpose: "Serve the downloaded files in place of the built-in ones",
                language: Language::Rust,
                code: r#"let context = tauri::generate_context!();
let (hotswap, context) = tauri_plugin_hotswap::init(context)
    .expect("failed to initialize hotswap");

tauri::Builder::default()
    .plugin(hotswap)
    .run(context)
    .expect("error while running the app");"#
                    .to_owned(),
            },
            Snippet {
                place: "In the page",
                purpose: "Confirm that the page works, then look for the next update",
                language: Language::TypeScript,
                code: r"import { applyUpdate, checkUpdate, notifyReady } from 'tauri-plugin-hotswap-api';

await notifyReady();

const update = await checkUpdate();
if (update.available) {
  await applyUpdate();
  window.location.reload();
}"
                .to_owned(),
            },
        ],
        notes,
    }
}

/// `tauri-plugin-updater` 2.x.
pub(super) fn updater(setup: &Setup<'_>, key: &PublicKey) -> Guide {
    let dynamic = paths::updater_endpoint(setup.app, setup.channel);
    let endpoint = format!("{}{dynamic}", setup.server);
    let mut guide = updater_asking(setup, key, &endpoint);
    guide.notes.push(Note::hint(format!(
        "A client that cannot fill in these parts can read one file for all: {}{}",
        setup.server,
        paths::updater_static(setup.app, setup.channel)
    )));
    guide
}

/// The updater, asking at any address: `SyncKit`’s clients are the same plugin.
pub(super) fn updater_asking(setup: &Setup<'_>, key: &PublicKey, endpoint: &str) -> Guide {
    let insecure = if setup.is_http() {
        ",\n      \"dangerousInsecureTransportProtocol\": true"
    } else {
        ""
    };
    let config = format!(
        r#"{{
  "bundle": {{
    "createUpdaterArtifacts": true
  }},
  "plugins": {{
    "updater": {{
      "endpoints": [
        {}
      ],
      "pubkey": {}{insecure}
    }}
  }}
}}"#,
        literal(endpoint),
        literal(&key.tauri()),
    );
    let mut notes = vec![
        Note::hint(
            "With createUpdaterArtifacts, tauri build signs and stops without TAURI_SIGNING_PRIVATE_KEY: it must be the \
             private half of this key.",
        ),
        Note::hint(
            "Clients never install a lower version. Halting a channel stops a bad release from spreading; going back \
             needs the old code under a higher version.",
        ),
    ];
    if setup.is_http() {
        notes.push(Note::warning(
            "This server speaks plain http: without dangerousInsecureTransportProtocol, release builds refuse the \
             address. Leave that line out for a server with TLS.",
        ));
    }
    Guide {
        snippets: vec![
            install(
                "cargo add tauri-plugin-updater@2 --manifest-path src-tauri/Cargo.toml\nnpm install @tauri-apps/plugin-updater",
            ),
            Snippet {
                place: "src-tauri/tauri.conf.json",
                purpose: "Where to ask, whose signatures to accept",
                language: Language::Json,
                code: config,
            },
            capability("updater:default"),
            Snippet {
                place: "src-tauri/src/lib.rs",
                purpose: "Install the plugin",
                language: Language::Rust,
                code: r"tauri::Builder::default()
    .plugin(tauri_plugin_updater::Builder::new().build())"
                    .to_owned(),
            },
            Snippet {
                place: "In the page",
                purpose: "Look for an update and install it",
                language: Language::TypeScript,
                code: r"import { check } from '@tauri-apps/plugin-updater';

const update = await check();
if (update) {
  await update.downloadAndInstall();
}"
                .to_owned(),
            },
        ],
        notes,
    }
}

fn install(code: &str) -> Snippet {
    Snippet {
        place: "In a terminal",
        purpose: "Add the plugin to the app",
        language: Language::Shell,
        code: code.to_owned(),
    }
}

fn capability(permission: &str) -> Snippet {
    Snippet {
        place: "src-tauri/capabilities/default.json",
        purpose: "Let the page use the plugin: add it to the permissions that are there",
        language: Language::Json,
        code: format!(
            r#"{{
  "identifier": "default",
  "windows": ["main"],
  "permissions": [
    "core:default",
    "{permission}"
  ]
}}"#
        ),
    }
}
