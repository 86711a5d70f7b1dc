//! A client that asks and decides as `@capgo/capacitor-updater` 8.51.23 does, on Android and on iOS.
//!
//! Lines are of the published npm package: `A` is `android/src/main/java/ee/forgr/capacitor_updater/`, `I` is
//! `ios/Sources/CapacitorUpdaterPlugin/`.

use ota_model::Sha256;
use reqwest::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{Answer, TestServer, send};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Android,
    Ios,
}

pub(crate) const BOTH: [Rules; 2] = [Rules::Android, Rules::Ios];

/// A device with an app that has the plugin.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) rules: Rules,
    /// The binary's version, as its maker wrote it.
    pub(crate) build: String,
    /// The bundle it runs; none for the built-in one.
    pub(crate) bundle: Option<String>,
    pub(crate) channel: String,
    /// Whether a public key is in its configuration.
    pub(crate) has_key: bool,
}

/// What it does with an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reaction {
    /// Nothing, and it tells the app so.
    Nothing {
        kind: String,
        error: String,
        /// Whether the app hears that its user needs the store.
        breaking: bool,
    },
    /// It reports a failure.
    Failed(String),
    /// "No need to update".
    Same,
    /// Back to the bundle in the binary.
    BuiltIn,
    /// It fetches this.
    Fetches(Offer),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    pub(crate) version: String,
    pub(crate) url: String,
    pub(crate) checksum: String,
    pub(crate) session_key: String,
    pub(crate) manifest: Option<Value>,
}

impl Device {
    pub(crate) fn new(rules: Rules, build: &str) -> Self {
        Self {
            rules,
            build: build.to_owned(),
            bundle: None,
            channel: String::new(),
            has_key: false,
        }
    }

    pub(crate) fn running(self, bundle: &str) -> Self {
        Self {
            bundle: Some(bundle.to_owned()),
            ..self
        }
    }

    pub(crate) fn on(self, channel: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            ..self
        }
    }

    /// The name of the bundle it runs: on the built-in one that of the binary (A/CapgoUpdater.java:3311-3325).
    fn version_name(&self) -> String {
        let built_in = if self.build.is_empty() {
            "builtin"
        } else {
            &self.build
        };
        self.bundle.clone().unwrap_or_else(|| built_in.to_owned())
    }

    /// What it says of itself (A/CapgoUpdater.java:2090-2112, I/CapgoUpdater.swift:1076-1095).
    pub(crate) fn info(&self) -> Map<String, Value> {
        let mut info = json!({
            "device_id": "0b9a1b8c-7d5f-4a63-9a70-6a2f3f5e1c11",
            "app_id": "com.example.acme",
            "custom_id": "",
            "version_build": self.build,
            "version_code": "107",
            "version_os": "15",
            "version_name": self.version_name(),
            "plugin_version": "8.51.23",
            "is_emulator": false,
            "is_prod": true,
            "defaultChannel": self.channel,
        });
        match self.rules {
            Rules::Android => {
                info["platform"] = "android".into();
                info["install_source"] = "google_play".into();
            }
            // Keys that are nil are left out (I/InternalUtils.swift:150-178).
            Rules::Ios => info["platform"] = "ios".into(),
        }
        if self.has_key {
            info["key_id"] = "MIIBCgKCAQEA4pW9olT4".into();
        }
        match info {
            Value::Object(info) => info,
            _ => unreachable!("an object was written above"),
        }
    }

    pub(crate) async fn ask(&self, server: &TestServer) -> Answer {
        let request = server
            .bare(Method::POST, "/feeds/capgo/acme/updates")
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(
                header::USER_AGENT,
                "CapacitorUpdater/8.51.23 (com.example.acme) android/15",
            )
            .body(Value::Object(self.info()).to_string());
        send(request).await
    }

    pub(crate) async fn check(&self, server: &TestServer) -> Reaction {
        let answer = self.ask(server).await;
        match self.rules {
            Rules::Android => self.android(answer.status, &answer.text()),
            Rules::Ios => self.ios(answer.status, &answer.text()),
        }
    }

    /// A/CapgoUpdater.java:2340-2466 and A/CapacitorUpdaterPlugin.java:4814-5105.
    fn android(&self, status: StatusCode, body: &str) -> Reaction {
        let failed = |why: &str| Reaction::Failed(why.to_owned());
        let answer: Option<Map<String, Value>> = serde_json::from_str(body).ok();
        // `has` looks for the key, whatever its value.
        if let Some(answer) = answer
            .as_ref()
            .filter(|answer| answer.contains_key("error") || answer.contains_key("kind"))
        {
            return refusal(answer);
        }
        if !status.is_success() {
            return failed("response_error");
        }
        let Some(answer) = answer else {
            return failed("parse_error");
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(version) = text("version") else {
            return failed("no version");
        };
        if version == "builtin" {
            return Reaction::BuiltIn;
        }
        // A/CapacitorUpdaterPlugin.java:4918, also when there is a manifest.
        let Some(url) = text("url").filter(|url| url::Url::parse(url).is_ok()) else {
            return failed("Error no url or wrong format");
        };
        if version.is_empty() || version == self.version_name() {
            return Reaction::Same;
        }
        self.fetches(Offer {
            version,
            url,
            checksum: text("checksum").unwrap_or_default(),
            session_key: text("session_key").unwrap_or_default(),
            manifest: answer.get("manifest").cloned(),
        })
    }

    /// I/CapgoUpdater.swift:1098-1223 and I/CapacitorUpdaterPlugin.swift:4452-4620.
    fn ios(&self, status: StatusCode, body: &str) -> Reaction {
        let failed = |why: &str| Reaction::Failed(why.to_owned());
        let Some(answer) = decode(body) else {
            return failed("decode_error");
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let filled = |name: &str| text(name).is_some_and(|value| !value.is_empty());
        if !status.is_success() && !filled("error") {
            return failed("response_error");
        }
        // Here the values count, not the keys.
        if filled("error") || filled("kind") {
            return refusal(&answer);
        }
        let version = text("version").unwrap_or_default();
        if version == "builtin" {
            return Reaction::BuiltIn;
        }
        let Some(url) = text("url").filter(|url| !url.is_empty()) else {
            return failed("Error no url or wrong format");
        };
        if version.is_empty() || version == self.version_name() {
            return Reaction::Same;
        }
        self.fetches(Offer {
            version,
            url,
            checksum: text("checksum").unwrap_or_default(),
            session_key: text("session_key").unwrap_or_default(),
            manifest: answer
                .get("manifest")
                .filter(|list| !list.is_null())
                .cloned(),
        })
    }

    fn fetches(&self, offer: Offer) -> Reaction {
        // A/CryptoCipher.java:138-144; I/CapacitorUpdaterPlugin.swift:4531-4541.
        let parts: Vec<_> = offer.session_key.split(':').collect();
        if self.has_key && !(parts.len() == 2 && parts.iter().all(|part| !part.is_empty())) {
            return Reaction::Failed("session_key_required".to_owned());
        }
        // A/CapgoUpdater.java:296-302; I/CapacitorUpdaterPlugin.swift:4561-4572.
        if offer.manifest.is_none() && offer.checksum.is_empty() {
            return Reaction::Failed("checksum_required".to_owned());
        }
        Reaction::Fetches(offer)
    }
}

/// A/CapacitorUpdaterPlugin.java:320-340 and 4630-4635; the same in Swift.
fn refusal(answer: &Map<String, Value>) -> Reaction {
    let text = |name: &str| {
        let value = answer.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let (kind, error) = (text("kind"), text("error"));
    if kind != "up_to_date" && kind != "blocked" {
        return Reaction::Failed(error);
    }
    let breaking = answer.get("breaking") == Some(&Value::Bool(true))
        || error == "disable_auto_update_to_major"
        || text("message") == "store_update_required";
    Reaction::Nothing {
        kind,
        error,
        breaking,
    }
}

/// A typed decoder: one wrong type and nothing is read (I/InternalUtils.swift:255-272).
fn decode(body: &str) -> Option<Map<String, Value>> {
    let answer: Map<String, Value> = serde_json::from_str(body).ok()?;
    let is_entry = |entry: &Value| {
        ["file_name", "file_hash", "download_url"]
            .iter()
            .all(|name| entry.get(name).is_none_or(Value::is_string))
    };
    let fits = answer.iter().all(|(name, value)| match name.as_str() {
        "version" | "checksum" | "url" | "message" | "error" | "kind" | "session_key" | "link"
        | "comment" => value.is_string() || value.is_null(),
        "major" | "breaking" => value.is_boolean() || value.is_null(),
        "data" => value
            .as_object()
            .is_some_and(|data| data.values().all(Value::is_string)),
        "manifest" => value
            .as_array()
            .is_some_and(|list| list.iter().all(is_entry)),
        _ => true,
    });
    fits.then_some(answer)
}

impl Reaction {
    #[track_caller]
    pub(crate) fn offer(self) -> Offer {
        match self {
            Self::Fetches(offer) => offer,
            other => panic!("no offer but {other:?}"),
        }
    }
}

impl Offer {
    /// The path on the server that stands behind the public name.
    pub(crate) fn path(&self) -> String {
        url::Url::parse(&self.url).unwrap().path().to_owned()
    }

    /// Fetches the archive, broken off in the middle and resumed (A/DownloadService.java:813-862), and compares its
    /// digest as text (A/CapgoUpdater.java:893, I/CapacitorUpdaterPlugin.swift:4604).
    pub(crate) async fn fetch(&self, server: &TestServer) -> Vec<u8> {
        let path = self.path();
        let whole = send(server.bare(Method::GET, &path)).await;
        assert_eq!(whole.status, StatusCode::OK);
        let half = whole.body.len() / 2;
        let resumed = server
            .bare(Method::GET, &path)
            .header(header::RANGE, format!("bytes={half}-"));
        let resumed = send(resumed).await;
        assert_eq!(resumed.status, StatusCode::PARTIAL_CONTENT);
        let total = whole.body.len();
        assert_eq!(
            resumed.header(header::CONTENT_RANGE),
            format!("bytes {half}-{}/{total}", total - 1)
        );
        let mut bytes = whole.body[..half].to_vec();
        bytes.extend(resumed.body);
        if self.session_key.is_empty() {
            assert_eq!(Sha256::of(&bytes).to_string(), self.checksum);
        }
        bytes
    }
}
