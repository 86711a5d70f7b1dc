//! An app with four channels and its model, as the pages are tested with.

use chrono::{DateTime, TimeDelta, Utc};
use egui::{Rect, Ui, UiBuilder, pos2};
use ota_api::{App, AppOverview, ChannelState, LiveRelease, Role, ServerInfo, Session, TrustedKey};
use ota_keys::{CustodyKind, KeyInfo, PublicKey};
use ota_model::{ChannelName, DeploymentKind, ReleaseId, ReleaseKind, Revision, Sequence};
use switchtower::model::{Connected, Event, KeyFiles, KeyRef, Model, ServerChoice, Settings};
use switchtower::ui::Tokens;

/// Seconds after Thursday, 23 July 2026, 14:38:58 UTC.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_784_817_538 + seconds)
}

pub(crate) fn channel_name(text: &str) -> ChannelName {
    text.parse().expect("a channel name")
}

pub(crate) fn live(version: &str, sequence: u64) -> LiveRelease {
    LiveRelease {
        sequence: Sequence(sequence),
        release: ReleaseId(format!("release-{version}")),
        version: version.parse().expect("a version"),
        release_kind: ReleaseKind::Web,
        kind: DeploymentKind::Publish,
        since: at(-2280),
        by: "Release desk".to_owned(),
        reason: None,
        min_binary_version: "2.3.0".parse().expect("a version"),
        size_bytes: 4_908_000,
    }
}

fn channel(name: &str, position: u32, live: Option<LiveRelease>) -> ChannelState {
    ChannelState {
        native: None,
        name: channel_name(name),
        position,
        protected: name == "production",
        paused: false,
        revision: Revision(7),
        live,
    }
}

/// A public key that is always the same; `number` tells it from others.
pub(crate) fn public_key(number: u8) -> PublicKey {
    let line = match number {
        1 => "RWQBLIRgmtE34XmlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
        2 => "RWQCLIRgmtE34nmlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
        _ => "RWQDLIRgmtE343mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
    };
    line.parse().expect("a public key")
}

/// A key in the keyring.
pub(crate) fn key(number: u8, name: &str, backed_up: bool) -> KeyInfo {
    let public = public_key(number);
    KeyInfo {
        name: name.parse().expect("a key name"),
        id: public.id(),
        public,
        custody: CustodyKind::Keyring,
        created_at: at(-40_000_000),
        backed_up_at: backed_up.then(|| at(-250_000)),
    }
}

/// Which key is meant: one of the keyring.
pub(crate) fn in_keyring(name: &str) -> KeyRef {
    KeyRef {
        custody: CustodyKind::Keyring,
        name: name.parse().expect("a key name"),
    }
}

/// As a server knows it.
pub(crate) fn trusted(number: u8, name: &str) -> TrustedKey {
    let public = public_key(number);
    TrustedKey {
        id: public.id(),
        name: name.to_owned(),
        public_key: public.hotswap(),
        added_at: at(-39_000_000),
        added_by: "Release desk".to_owned(),
    }
}

pub(crate) fn overview() -> AppOverview {
    AppOverview {
        app: App {
            systems: ota_model::Systems::default(),
            slug: "tidepool".parse().expect("a slug"),
            name: "Tidepool".to_owned(),
            default_channel: channel_name("production"),
            last_sequence: Sequence(220),
            created_at: at(-50_000_000),
        },
        channels: vec![
            channel("hotfix", 0, None),
            channel("staging", 1, Some(live("2.5.0-ota.2", 220))),
            channel("beta", 2, Some(live("2.4.1-ota.7", 218))),
            channel("production", 3, Some(live("2.4.0", 211))),
        ],
        keys: vec![trusted(1, "tidepool-prod")],
        activity_head: 1482,
    }
}

/// Tidepool on the server inside the app.
pub(crate) fn model(role: Role) -> Model {
    let (mut model, _) = Model::start(Settings::default(), at(0));
    model.on_event(Event::Connected {
        at: at(0),
        result: Ok(Box::new(Connected {
            server: ServerChoice::Embedded,
            url: "http://127.0.0.1:7420".to_owned(),
            session: Session {
                server: ServerInfo {
                    version: "0.1.0".to_owned(),
                    public_url: "http://127.0.0.1:7420".to_owned(),
                },
                operator: "Release desk".to_owned(),
                role,
                expires_at: None,
            },
            latency_ms: 3,
            token_kept: true,
        })),
    });
    let apps = vec![overview().app];
    model.on_event(Event::Apps {
        at: at(0),
        result: Ok(apps),
    });
    know(&mut model, overview());
    model.on_event(Event::Keys {
        at: at(0),
        result: Ok(vec![
            key(1, "tidepool-prod", false),
            key(2, "tidepool-next", true),
        ]),
    });
    model.on_event(Event::KeyFiles {
        at: at(0),
        result: Ok(key_files(Vec::new())),
    });
    model
}

/// The key folder, with these keys in it.
pub(crate) fn key_files(keys: Vec<KeyInfo>) -> KeyFiles {
    KeyFiles {
        folder: "/home/ada/.local/share/switchtower/keys".into(),
        keys,
        ..KeyFiles::default()
    }
}

/// The server says what the app looks like.
pub(crate) fn know(model: &mut Model, overview: AppOverview) {
    model.on_event(Event::Overview {
        at: at(0),
        app: overview.app.slug.clone(),
        result: Ok(Box::new(overview)),
    });
}

/// Draw `content` where the shell shows pages: right of the rail, between the bars.
pub(crate) fn page(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let window = ui.max_rect();
    let tokens = Tokens::of(ui);
    let rail = if window.width() < 1180.0 { 52.0 } else { 208.0 };
    ui.painter().rect_filled(window, 0.0, tokens.bg_rail);
    let page = Rect::from_min_max(
        window.min + egui::vec2(rail, 48.0),
        pos2(window.right(), window.bottom() - 26.0),
    );
    let top = Rect::from_min_max(pos2(page.left(), window.top()), page.right_top());
    ui.painter().rect_filled(top, 0.0, tokens.bg_panel);
    ui.painter().rect_filled(page, 0.0, tokens.bg_panel);
    ui.scope_builder(UiBuilder::new().max_rect(page), |ui| {
        ui.set_clip_rect(page);
        content(ui);
    });
}
