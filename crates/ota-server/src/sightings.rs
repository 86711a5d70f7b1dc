//! Which devices asked: kept in memory, noted without a lock, a file or the database.
//!
//! A check adds to a counter, swaps in what the device said, and wakes the task that tells operators. The words for
//! people are made when somebody reads.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use ota_api::{Check, CheckAnswer, CheckEvent, SystemChecks};
use ota_model::{
    Answer, AppSnapshot, ChannelName, Client, ClientSystem, NoUpdate, Offer, ReleaseKind,
};
use tokio::sync::mpsc;

use crate::state::AppState;

/// The checks of one system are told of at most this often.
const TELL_INTERVAL: Duration = Duration::from_secs(1);
/// What a device says of itself is kept up to this many characters.
const LONGEST: usize = 64;
/// What requests of our own desktop and command line begin their `User-Agent` with: no devices.
const OUR_AGENT: &[u8] = b"switchtower/";
/// Before the first check.
const NEVER: i64 = i64::MIN;

/// What a device told and was told.
pub(crate) struct Sighting {
    /// Its client, and what that compares.
    pub(crate) client: Client,
    /// The channel it named, as it wrote it.
    pub(crate) channel: Option<String>,
    /// Its operating system, if its client tells it apart from the target.
    pub(crate) platform: Option<String>,
    /// Its architecture, likewise.
    pub(crate) arch: Option<String>,
    /// What it was answered.
    pub(crate) answer: Answer,
}

/// The checks of an app's devices since the server started. Outlives the app's views.
#[derive(Default)]
pub(crate) struct Sightings([Seen; ClientSystem::ALL.len()]);

struct Seen {
    count: AtomicU64,
    /// In milliseconds; [`NEVER`] before the first.
    first_at: AtomicI64,
    last: ArcSwapOption<(DateTime<Utc>, Sighting)>,
    /// The count that operators were told last.
    told: AtomicU64,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            count: AtomicU64::new(0),
            first_at: AtomicI64::new(NEVER),
            last: ArcSwapOption::const_empty(),
            told: AtomicU64::new(0),
        }
    }
}

impl Sightings {
    fn of(&self, system: ClientSystem) -> Option<&Seen> {
        let place = ClientSystem::ALL
            .iter()
            .position(|known| *known == system)?;
        self.0.get(place)
    }

    fn note(&self, at: DateTime<Utc>, sighting: Sighting) {
        let Some(seen) = self.of(sighting.client.system()) else {
            return;
        };
        // Whoever reads a count finds a first and a last check with it.
        let now = at.timestamp_millis();
        if seen.first_at.load(Ordering::Relaxed) == NEVER {
            seen.first_at
                .compare_exchange(NEVER, now, Ordering::Relaxed, Ordering::Relaxed)
                .ok();
        }
        seen.last.store(Some(Arc::new((at, sighting))));
        seen.count.fetch_add(1, Ordering::Release);
    }

    /// What is known of each system, in the order of [`ClientSystem::ALL`].
    pub(crate) fn read(&self, app: &AppSnapshot) -> Vec<SystemChecks> {
        ClientSystem::ALL
            .into_iter()
            .zip(&self.0)
            .map(|(system, seen)| seen.read(system, app))
            .collect()
    }

    /// The systems whose count grew since this was asked last.
    fn untold(&self, app: &AppSnapshot) -> Vec<SystemChecks> {
        ClientSystem::ALL
            .into_iter()
            .zip(&self.0)
            .filter_map(|(system, seen)| {
                let count = seen.count.load(Ordering::Acquire);
                let told = seen.told.swap(count, Ordering::Relaxed);
                (told != count).then(|| seen.read(system, app))
            })
            .collect()
    }
}

impl Seen {
    fn read(&self, system: ClientSystem, app: &AppSnapshot) -> SystemChecks {
        let count = self.count.load(Ordering::Acquire);
        let first_at = self.first_at.load(Ordering::Relaxed);
        let last = self.last.load_full().filter(|_| count > 0);
        SystemChecks {
            system,
            count,
            first_at: DateTime::from_timestamp_millis(first_at).filter(|_| count > 0),
            last: last.map(|last| check(last.0, &last.1, app)),
        }
    }
}

/// A sighting in words. Versions are looked up in the app as it is now; releases do not go away.
fn check(at: DateTime<Utc>, sighting: &Sighting, app: &AppSnapshot) -> Check {
    let named = sighting.channel.as_deref();
    let channel = match named {
        Some(name) => ChannelName::parse(name).ok(),
        None => Some(app.default_channel.clone()),
    };
    let channel = channel.filter(|name| app.channels.contains_key(name));
    let (platform, arch, binary_version, current) = match &sighting.client {
        Client::Hotswap {
            binary_version,
            current,
            ..
        } => (
            None,
            None,
            binary_version.as_ref().map(ToString::to_string),
            Some(current.0.to_string()),
        ),
        Client::Capgo {
            binary_version,
            current,
            ..
        } => (
            None,
            None,
            binary_version.as_ref().map(ToString::to_string),
            Some(current.clone()),
        ),
        Client::NativeBundle => (None, None, None, None),
        Client::Updater {
            target, current, ..
        } => {
            let (os, arch) = target.key.split_once('-').unwrap_or((&target.key, ""));
            let arch = Some(arch)
                .filter(|arch| !arch.is_empty())
                .map(str::to_owned);
            let arch = match (arch, target.installer) {
                (Some(arch), Some(installer)) => Some(format!("{arch} ({installer})")),
                (arch, _) => arch,
            };
            // Its binary is what it updates.
            (
                Some(os.to_owned()),
                arch,
                Some(current.to_string()),
                Some(current.to_string()),
            )
        }
    };
    Check {
        at,
        asked_channel: named.map(plain),
        answer: answered(&sighting.answer, named, app),
        channel,
        platform: sighting
            .platform
            .as_deref()
            .or(platform.as_deref())
            .map(plain),
        arch: sighting.arch.as_deref().or(arch.as_deref()).map(plain),
        binary_version: binary_version.as_deref().map(plain),
        current: current.as_deref().map(plain),
    }
}

/// Text of a stranger, for people: no control characters, not long.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST)
        .collect()
}

fn answered(answer: &Answer, channel: Option<&str>, app: &AppSnapshot) -> CheckAnswer {
    match answer {
        Answer::Offer(offer) => offered(offer, app),
        Answer::NoUpdate { reason, .. } => CheckAnswer {
            text: words(
                *reason,
                &plain(channel.unwrap_or(app.default_channel.as_str())),
            ),
            version: None,
            sequence: None,
            reason: Some(*reason),
        },
    }
}

fn offered(offer: &Offer, app: &AppSnapshot) -> CheckAnswer {
    let release = app.releases.get(&offer.release);
    let version = match release.map(|release| (release.kind, &release.version)) {
        Some((ReleaseKind::BuiltIn, _)) => "the built-in assets".to_owned(),
        Some((_, version)) => version.to_string(),
        None => "a release that is gone".to_owned(),
    };
    CheckAnswer {
        text: format!("got {version}"),
        version: Some(version),
        sequence: Some(offer.sequence.0),
        reason: None,
    }
}

/// Why there was nothing, as the end of a sentence that begins with the device.
fn words(reason: NoUpdate, channel: &str) -> String {
    match reason {
        NoUpdate::SystemNotServed => "nothing: the app does not serve this system".to_owned(),
        NoUpdate::UnknownChannel => format!("nothing: the app has no channel “{channel}”"),
        NoUpdate::ChannelPaused => format!("nothing: {channel} is paused"),
        NoUpdate::NothingDeployed => format!("nothing: {channel} has no release yet"),
        NoUpdate::Recalled => format!("nothing: the release on {channel} was recalled"),
        NoUpdate::NoArtifact => {
            format!("nothing: the release on {channel} has no file for this client")
        }
        NoUpdate::VersionNotPlain => {
            "nothing: this client reads plain versions such as 2.4.0 alone".to_owned()
        }
        NoUpdate::RangeNotNameable => {
            "nothing: the release has a highest binary version, which this client cannot be told"
                .to_owned()
        }
        NoUpdate::NoWayToBuiltIn => {
            format!(
                "nothing: {channel} shows the built-in assets, and this client cannot go back to them"
            )
        }
        NoUpdate::NotNewer => "nothing: it runs this version or a higher one".to_owned(),
        NoUpdate::BinaryVersionUnknown => {
            "nothing: it sent no binary version that can be read".to_owned()
        }
        NoUpdate::BinaryOutOfRange => {
            format!("nothing: the release on {channel} needs another binary")
        }
        NoUpdate::SameBytes | NoUpdate::UpToDate => "nothing: it is up to date".to_owned(),
        NoUpdate::AheadOfChannel => format!("nothing for now: it is ahead of {channel}"),
        NoUpdate::UnknownSequence => {
            "nothing: it runs a sequence that this app never gave out".to_owned()
        }
    }
}

/// Whether a request comes from a device: what our own desktop and command line ask to see what a device gets is none.
pub(crate) struct Visitor {
    is_device: bool,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT);
        let is_device = !agent.is_some_and(|agent| agent.as_bytes().starts_with(OUR_AGENT));
        Ok(Self { is_device })
    }
}

impl AppState {
    /// Remembers a check. Touches no database, no file and no lock.
    pub(crate) fn saw(&self, visitor: &Visitor, sightings: &Sightings, sighting: Sighting) {
        if visitor.is_device {
            sightings.note(self.now(), sighting);
            self.wake_teller();
        }
    }
}

/// Tells operators of checks, each system of an app at most once a second.
pub(crate) async fn tell(state: AppState, mut woken: mpsc::Receiver<()>) {
    while woken.recv().await.is_some() {
        state.views().values().for_each(|view| {
            for checks in view.sightings.untold(&view.app) {
                state.tell_check(CheckEvent {
                    app: view.app.slug.clone(),
                    checks,
                });
            }
        });
        tokio::time::sleep(TELL_INTERVAL).await;
    }
}
