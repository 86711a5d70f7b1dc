//! Capacitor apps.

use ota_api::paths;

use super::{Guide, Language, Note, Setup, Snippet, literal};

/// `@capgo/capacitor-updater` 8.x, self-hosted.
pub(super) fn capgo(setup: &Setup<'_>) -> Guide {
    let address = |path: String| literal(&format!("{}{path}", setup.server));
    let public_key = setup
        .systems
        .capgo_public_key
        .as_deref()
        .map(|pem| format!("\n      publicKey: {},", literal(pem.trim())))
        .unwrap_or_default();
    let config = format!(
        "plugins: {{
    CapacitorUpdater: {{
      autoUpdate: true,
      updateUrl: {},
      statsUrl: {},
      channelUrl: {},
      defaultChannel: {},{public_key}
    }},
  }},",
        address(paths::capgo_updates(setup.app)),
        address(paths::capgo_stats(setup.app)),
        address(paths::capgo_channel(setup.app)),
        literal(setup.channel.as_str()),
    );
    let mut notes = vec![
        Note::warning(
            "Install it with @^8: the package's tag “latest” leads to a stray 10.0.0 of 2024, whose old code does not \
             understand today's answers.",
        ),
        Note::hint(
            "notifyAppReady() must be called within 10 seconds of each start, or the device goes back to the bundle \
             before.",
        ),
    ];
    if setup.systems.capgo_public_key.is_some() {
        notes.push(Note::warning(
            "With publicKey, devices refuse bundles that are not encrypted for it. Leave it out of the app only if \
             you take it away here too.",
        ));
    }
    if setup.is_http() {
        notes.push(plain_http());
    }
    Guide {
        snippets: vec![
            Snippet {
                place: "In a terminal",
                purpose: "Add the plugin to the app",
                language: Language::Shell,
                code: "npm install @capgo/capacitor-updater@^8\nnpx cap sync".to_owned(),
            },
            Snippet {
                place: "capacitor.config.ts",
                purpose: "Where to ask and to report, which channel to follow",
                language: Language::TypeScript,
                code: dedent(&config),
            },
            ready(),
        ],
        notes,
    }
}

/// Apps that read a native bundle manifest, in the style of Initiative (protocols.md 4).
pub(super) fn native_bundle(setup: &Setup<'_>) -> Guide {
    let fixed = setup.systems.fixed_bundle_paths;
    let manifest = if fixed {
        paths::FIXED_BUNDLE_MANIFEST.to_owned()
    } else {
        paths::bundle_manifest(setup.app, setup.channel)
    };
    let manifest = format!("{}{manifest}", setup.server);
    let mut snippets = Vec::new();
    if fixed {
        snippets.push(Snippet {
            place: "In the app's server setting",
            purpose: "The server that the app asks: it adds /native/bundle/manifest",
            language: Language::Address,
            code: format!("{}/api/v1", setup.server),
        });
    } else {
        snippets.push(Snippet {
            place: "Where the app fetches its manifest",
            purpose: "The manifest's address, for a client whose address can be set whole",
            language: Language::Address,
            code: manifest.clone(),
        });
    }
    snippets.push(Snippet {
        place: "capacitor.config.ts",
        purpose: "The app looks for updates itself; nothing is reported elsewhere",
        language: Language::TypeScript,
        code: "plugins: {\n  CapacitorUpdater: {\n    autoUpdate: false,\n    statsUrl: \"\",\n  },\n},".to_owned(),
    });
    snippets.push(ready());
    snippets.push(Snippet {
        place: "In a terminal",
        purpose: "See what a device gets",
        language: Language::Shell,
        code: format!("curl -H 'Accept: application/json' {manifest}"),
    });
    let mut notes = vec![Note::warning(
        "The bundle must report the version that it is published under (__APP_VERSION__): a device that reads another \
         one offers itself the same update for ever. Plain versions only, such as 2.4.0.",
    )];
    if !fixed {
        notes.push(Note::hint(
            "A client that always asks …/api/v1/native/bundle/manifest needs the fixed paths: one app of a server can \
             have them (switchtowerctl app systems --fixed-bundle-paths on).",
        ));
    }
    if setup.is_http() {
        notes.push(plain_http());
    }
    Guide { snippets, notes }
}

fn ready() -> Snippet {
    Snippet {
        place: "In the page",
        purpose: "Confirm that the page works",
        language: Language::TypeScript,
        code: "import { CapacitorUpdater } from '@capgo/capacitor-updater';\n\nawait CapacitorUpdater.notifyAppReady();"
            .to_owned(),
    }
}

fn plain_http() -> Note {
    Note::warning(
        "This server speaks plain http, which phones refuse. For a try, allow it in the app: \
         android:usesCleartextTraffic=\"true\" in AndroidManifest.xml, NSAllowsArbitraryLoads in iOS's Info.plist.",
    )
}

/// The lines below the first stand two deeper than they should.
fn dedent(code: &str) -> String {
    code.replace("\n  ", "\n")
}
