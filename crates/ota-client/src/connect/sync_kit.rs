//! The `SyncKit` OTA API: tauri's updater at another address, and publish scripts.

use ota_api::paths;
use ota_keys::PublicKey;

use super::tauri::updater_asking;
use super::{Guide, Language, Note, Setup, Snippet};

/// Clients, then the publish script.
pub(super) fn sync_kit(setup: &Setup<'_>, key: &PublicKey) -> Guide {
    let endpoint = format!("{}{}", setup.server, paths::sync_kit_endpoint(setup.app));
    let mut guide = updater_asking(setup, key, &endpoint);
    let app_id = match &setup.systems.sync_kit_app_id {
        Some(id) => id.clone(),
        None => setup.app.to_string(),
    };
    guide.snippets.push(Snippet {
        place: "In the publish script",
        purpose: "Only these values change",
        language: Language::Shell,
        code: format!(
            "HOST={}
APP_ID={}
API_KEY=$APP_ID
EMAIL=ci           # any text
PASSWORD=swt_…     # an access token: switchtower-server token create --role release_manager

# Answers with the token for the other requests
curl \"$HOST/api/sync/auth\" -H 'Content-Type: application/json' \\
  -d \"{{\\\"email\\\":\\\"$EMAIL\\\",\\\"password\\\":\\\"$PASSWORD\\\",\\\"api_key\\\":\\\"$API_KEY\\\"}}\"",
            shell(setup.server),
            shell(&app_id)
        ),
    });
    guide.notes.push(Note::hint(
        "This API knows no channels: its clients follow the app's default one.",
    ));
    guide.notes.push(Note::hint(
        "A signature fits one file: a script that publishes for several platforms sends one with each artifact.",
    ));
    guide
}

/// A word for a shell, in quotes where it needs them.
fn shell(word: &str) -> String {
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    if plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
