//! What a device gets: one pure function.

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{
    AppSnapshot, ArtifactKind, ChannelName, ClientSystem, Lane, PlatformKey, Release, ReleaseId,
    ReleaseKind, ReleaseState, Sequence, Target,
};

/// What a device says of itself when it checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The channel it names, if it names one.
    pub channel: Option<ChannelName>,
    /// Which client it runs, and what that client says.
    pub client: Client,
}

/// A client of one of the five systems, with what it tells and what it compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "client", rename_all = "snake_case")]
pub enum Client {
    /// Compares sequences.
    Hotswap {
        /// Its binary's version; `None` if it sent none or none that is semver.
        binary_version: Option<Version>,
        /// The sequence it runs; [`Sequence::BUILT_IN`] for the built-in assets.
        current: Sequence,
        /// The archive format it can unpack.
        format: ArtifactKind,
    },
    /// Compares version names, as text.
    Capgo {
        /// The native app's version; `None` if it sent none that can be read.
        binary_version: Option<Version>,
        /// The version name that it runs.
        current: String,
        /// Whether that is the bundle built into its binary.
        on_built_in: bool,
    },
    /// Reads a manifest and decides by itself; says nothing of itself.
    NativeBundle,
    /// Compares versions by semver, never goes down.
    Updater {
        /// [`ClientSystem::TauriUpdater`] or [`ClientSystem::SyncKit`].
        system: ClientSystem,
        /// For whom.
        target: Target,
        /// The version that runs.
        current: Version,
    },
}

impl Client {
    /// Its system.
    pub const fn system(&self) -> ClientSystem {
        match self {
            Self::Hotswap { .. } => ClientSystem::Hotswap,
            Self::Capgo { .. } => ClientSystem::Capgo,
            Self::NativeBundle => ClientSystem::NativeBundle,
            Self::Updater { system, .. } => *system,
        }
    }

    /// What it installs.
    pub const fn lane(&self) -> Lane {
        self.system().lane()
    }
}

/// What to install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Under which number.
    pub sequence: Sequence,
    /// Which release.
    pub release: ReleaseId,
    /// By which channel.
    pub channel: ChannelName,
    /// The minimum that the answer names. For hotswap it is the asking binary's own version once the real minimum is
    /// met: its default policy discards a bundle at every start when the binary is newer than the named minimum
    /// (protocols.md 1.8 trap 1).
    pub min_binary_version: Version,
    /// For an updater: which installer.
    pub platform: Option<PlatformKey>,
}

/// Why there is nothing to install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoUpdate {
    /// The app does not serve clients of this system.
    SystemNotServed,
    /// The app has no channel of that name.
    UnknownChannel,
    /// The channel offers nothing for now.
    ChannelPaused,
    /// Nothing was ever deployed to the channel.
    NothingDeployed,
    /// What the channel offers was recalled.
    Recalled,
    /// The release has no artifact that this client can unpack.
    NoArtifact,
    /// The client reads three plain numbers and would misread this version (protocols.md 4).
    VersionNotPlain,
    /// The release has a highest binary version, which this client's manifest cannot name.
    RangeNotNameable,
    /// The channel shows the built-in assets, which this system's clients cannot be sent back to.
    NoWayToBuiltIn,
    /// The client never goes down, and this is not higher than what it runs.
    NotNewer,
    /// The client sent no version, or none that is semver: it would refuse every offer (protocols.md 1.1).
    BinaryVersionUnknown,
    /// The binary is outside the release's range.
    BinaryOutOfRange,
    /// It runs these bytes already.
    SameBytes,
    /// It runs exactly this sequence.
    UpToDate,
    /// It runs a higher sequence of this app: a re-issue will bring it back.
    AheadOfChannel,
    /// It names a sequence that this app never gave out.
    UnknownSequence,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Install this.
    Offer(Offer),
    /// Keep what you have.
    NoUpdate {
        /// Why.
        reason: NoUpdate,
        /// Whether the channel's release should be issued again under a fresh sequence.
        reissue: bool,
    },
}

/// Which rule a step of the trail tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Does the app serve this client's system?
    System,
    /// Which channel, and is it open?
    Channel,
    /// What does it offer?
    Live,
    /// Was that recalled?
    Recall,
    /// Is there an artifact for this client?
    Artifact,
    /// Can the binary run it?
    Binary,
    /// Does the device have these bytes already?
    Digest,
    /// Is the number higher than the device's?
    Sequence,
    /// Is the version another one, or a higher one, than the device's?
    Version,
}

/// One rule and how it turned out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which rule.
    pub kind: StepKind,
    /// Whether the walk goes on.
    pub passed: bool,
    /// In plain words.
    pub text: String,
}

/// The answer and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What the device is told.
    pub answer: Answer,
    /// Each rule that was looked at, in order. The last one decided.
    pub trail: Vec<Step>,
}

impl Decision {
    /// The offer, if there is one.
    pub fn offer(&self) -> Option<&Offer> {
        match &self.answer {
            Answer::Offer(offer) => Some(offer),
            Answer::NoUpdate { .. } => None,
        }
    }
}

/// Where the steps are written down. Checks of devices skip the words; *Explain* wants them.
trait Trail {
    fn step(&mut self, kind: StepKind, passed: bool, text: impl FnOnce() -> String);
}

impl Trail for Vec<Step> {
    fn step(&mut self, kind: StepKind, passed: bool, text: impl FnOnce() -> String) {
        self.push(Step {
            kind,
            passed,
            text: text(),
        });
    }
}

struct Silent;

impl Trail for Silent {
    fn step(&mut self, _: StepKind, _: bool, _: impl FnOnce() -> String) {}
}

/// Answers one check and says why, rule by rule.
pub fn resolve(app: &AppSnapshot, ask: &Ask) -> Decision {
    let mut trail = Vec::new();
    let answer = walk(app, ask, &mut trail);
    Decision { answer, trail }
}

/// The same answer without the words: what the check path calls.
pub fn answer(app: &AppSnapshot, ask: &Ask) -> Answer {
    walk(app, ask, &mut Silent)
}

fn no_update(reason: NoUpdate) -> Answer {
    Answer::NoUpdate {
        reason,
        reissue: false,
    }
}

fn walk(app: &AppSnapshot, ask: &Ask, trail: &mut impl Trail) -> Answer {
    let system = ask.client.system();
    let served = app.systems.serve(system);
    trail.step(StepKind::System, served, || {
        let does = if served { "serves" } else { "does not serve" };
        format!("{} {does} {} clients", app.slug, system.label())
    });
    if !served {
        return no_update(NoUpdate::SystemNotServed);
    }
    let (channel, sequence, release) = match offered(app, ask, trail) {
        Ok(offered) => offered,
        Err(reason) => return no_update(reason),
    };
    let offer = |min_binary_version: &Version, platform: Option<&PlatformKey>| {
        Answer::Offer(Offer {
            sequence,
            release: release.id.clone(),
            channel: channel.clone(),
            min_binary_version: min_binary_version.clone(),
            platform: platform.cloned(),
        })
    };
    match &ask.client {
        Client::Hotswap {
            binary_version,
            current,
            format,
        } => {
            let checked = has_archive(release, *format, trail)
                .and_then(|()| binary_in_range(release, binary_version.as_ref(), trail));
            let binary = match checked {
                Ok(binary) => binary,
                Err(reason) => return no_update(reason),
            };
            match device_needs(app, *current, sequence, release, trail) {
                Need::Offer => offer(binary, None),
                Need::Nothing(reason) => no_update(reason),
                Need::ReIssue => Answer::NoUpdate {
                    reason: NoUpdate::AheadOfChannel,
                    reissue: true,
                },
            }
        }
        Client::Capgo {
            binary_version,
            current,
            on_built_in,
        } => capgo(
            app,
            release,
            binary_version.as_ref(),
            (current, *on_built_in),
            trail,
        )
        .map_or_else(no_update, |()| offer(&release.min_binary_version, None)),
        Client::NativeBundle => native_bundle(release, trail)
            .map_or_else(no_update, |()| offer(&release.min_binary_version, None)),
        Client::Updater {
            target, current, ..
        } => updater(release, target, current, trail).map_or_else(no_update, |platform| {
            offer(&release.min_binary_version, Some(platform))
        }),
    }
}

/// The rules that all systems share: channel, what it offers, recall.
fn offered<'a>(
    app: &'a AppSnapshot,
    ask: &'a Ask,
    trail: &mut impl Trail,
) -> Result<(&'a ChannelName, Sequence, &'a Release), NoUpdate> {
    let name = ask.channel.as_ref().unwrap_or(&app.default_channel);
    let Some(state) = app.channels.get(name) else {
        trail.step(StepKind::Channel, false, || {
            format!("{} has no channel “{name}”", app.slug)
        });
        return Err(NoUpdate::UnknownChannel);
    };
    if state.channel.paused {
        trail.step(StepKind::Channel, false, || {
            format!("{name} is paused and offers nothing")
        });
        return Err(NoUpdate::ChannelPaused);
    }
    trail.step(StepKind::Channel, true, || {
        if ask.channel.is_some() {
            format!("Asks on {name}")
        } else {
            format!("Names no channel, so it follows {name}")
        }
    });
    let lane = ask.client.lane();
    let live = state
        .live(lane)
        .and_then(|live| Some((live.sequence, app.releases.get(&live.release)?)));
    let Some((sequence, release)) = live else {
        trail.step(StepKind::Live, false, || match lane {
            Lane::Web => format!("Nothing was published to {name} yet"),
            Lane::Native => format!("No installers were published to {name} yet"),
        });
        return Err(NoUpdate::NothingDeployed);
    };
    trail.step(StepKind::Live, true, || {
        format!("{name} offers {} {sequence}", release.version)
    });
    if release.state != ReleaseState::Ready {
        trail.step(StepKind::Recall, false, || {
            format!("{} was recalled", release.version)
        });
        return Err(NoUpdate::Recalled);
    }
    trail.step(StepKind::Recall, true, || {
        format!("{} is not recalled", release.version)
    });
    Ok((name, sequence, release))
}

fn has_archive(
    release: &Release,
    format: ArtifactKind,
    trail: &mut impl Trail,
) -> Result<(), NoUpdate> {
    let there = release.artifact(format).is_some();
    trail.step(StepKind::Artifact, there, || {
        let has = if there { "has a" } else { "has no" };
        format!(
            "{} {has} {} for this client",
            release.version,
            format.label()
        )
    });
    if there {
        Ok(())
    } else {
        Err(NoUpdate::NoArtifact)
    }
}

fn binary_in_range<'a>(
    release: &Release,
    binary: Option<&'a Version>,
    trail: &mut impl Trail,
) -> Result<&'a Version, NoUpdate> {
    let Some(binary) = binary else {
        trail.step(StepKind::Binary, false, || {
            "The device sent no binary version that is semver, so its client would refuse every offer".to_owned()
        });
        return Err(NoUpdate::BinaryVersionUnknown);
    };
    let range = || match &release.max_binary_version {
        Some(max) => format!("{} or newer, below {max}", release.min_binary_version),
        None => format!("{} or newer", release.min_binary_version),
    };
    let runs = release.runs_on(binary);
    trail.step(StepKind::Binary, runs, || {
        let verdict = if runs { "can" } else { "cannot" };
        format!("Binary {binary} {verdict} run it: it needs {}", range())
    });
    if runs {
        Ok(binary)
    } else {
        Err(NoUpdate::BinaryOutOfRange)
    }
}

enum Need {
    Offer,
    Nothing(NoUpdate),
    ReIssue,
}

fn device_needs(
    app: &AppSnapshot,
    current: Sequence,
    offered: Sequence,
    release: &Release,
    trail: &mut impl Trail,
) -> Need {
    if current == offered {
        trail.step(StepKind::Sequence, false, || {
            format!("It runs {offered} already")
        });
        return Need::Nothing(NoUpdate::UpToDate);
    }
    if current > app.last_sequence {
        trail.step(StepKind::Sequence, false, || {
            format!(
                "It says it runs {current}, a number {} never gave out",
                app.slug
            )
        });
        return Need::Nothing(NoUpdate::UnknownSequence);
    }
    if current == Sequence::BUILT_IN && release.kind == ReleaseKind::BuiltIn {
        trail.step(StepKind::Digest, false, || {
            "It shows its built-in assets, which is what the channel offers".to_owned()
        });
        return Need::Nothing(NoUpdate::SameBytes);
    }
    let running = app.release_of(current);
    if running.is_some_and(|running| running.same_bytes(release)) {
        trail.step(StepKind::Digest, false, || {
            format!("It runs the same bytes as {current}, so there is nothing to send")
        });
        return Need::Nothing(NoUpdate::SameBytes);
    }
    trail.step(StepKind::Digest, true, || match running {
        Some(running) => format!("It runs {} {current}, other bytes", running.version),
        None => "It runs its built-in assets".to_owned(),
    });
    if offered > current {
        trail.step(StepKind::Sequence, true, || {
            format!("{offered} is higher than {current}: offered")
        });
        return Need::Offer;
    }
    trail.step(StepKind::Sequence, false, || {
        format!("{current} is higher than {offered}: the release must be issued again under a fresh number first")
    });
    Need::ReIssue
}

/// The rules of protocols.md 3.1: any other version name is installed, also an older one; `builtin` goes back to the
/// assets of the binary.
fn capgo(
    app: &AppSnapshot,
    release: &Release,
    binary: Option<&Version>,
    (current, on_built_in): (&str, bool),
    trail: &mut impl Trail,
) -> Result<(), NoUpdate> {
    if release.kind == ReleaseKind::BuiltIn {
        trail.step(StepKind::Digest, !on_built_in, || {
            if on_built_in {
                "It shows its built-in assets, which is what the channel offers".to_owned()
            } else {
                format!("It runs {current} and is sent back to its built-in assets")
            }
        });
        return if on_built_in {
            Err(NoUpdate::SameBytes)
        } else {
            Ok(())
        };
    }
    let format = if app.systems.capgo_public_key.is_some() {
        ArtifactKind::CapgoZip
    } else {
        ArtifactKind::Zip
    };
    has_archive(release, format, trail)?;
    binary_in_range(release, binary, trail)?;
    let other = release.version.to_string() != current;
    trail.step(StepKind::Version, other, || {
        if other {
            format!("It runs {current}, another version: offered")
        } else if on_built_in {
            format!(
                "Its built-in bundle is called {current} too, so its client takes it for the same"
            )
        } else {
            format!("It runs {current} already")
        }
    });
    if other {
        Ok(())
    } else {
        Err(NoUpdate::UpToDate)
    }
}

/// The rules of protocols.md 4: the client splits versions at dots and compares numbers; anything else counts as 0.
fn native_bundle(release: &Release, trail: &mut impl Trail) -> Result<(), NoUpdate> {
    if release.kind == ReleaseKind::BuiltIn {
        trail.step(StepKind::Artifact, false, || {
            "The channel shows the built-in assets; these clients cannot be sent back to them and keep what they have"
                .to_owned()
        });
        return Err(NoUpdate::NoWayToBuiltIn);
    }
    has_archive(release, ArtifactKind::Zip, trail)?;
    let plain = release.version.pre.is_empty() && release.version.build.is_empty();
    trail.step(StepKind::Version, plain, || {
        if plain {
            format!(
                "{} is three plain numbers, as these clients need",
                release.version
            )
        } else {
            format!(
                "{} is more than three plain numbers, which these clients misread",
                release.version
            )
        }
    });
    if !plain {
        return Err(NoUpdate::VersionNotPlain);
    }
    if let Some(max) = &release.max_binary_version {
        trail.step(StepKind::Binary, false, || {
            format!("Only binaries below {max} run it, which this manifest cannot say")
        });
        return Err(NoUpdate::RangeNotNameable);
    }
    trail.step(StepKind::Binary, true, || {
        format!(
            "Names {} as the lowest binary version; the client compares",
            release.min_binary_version
        )
    });
    Ok(())
}

/// The rules of protocols.md 2.2: an installer for exactly this target, and a higher version.
fn updater<'a>(
    release: &'a Release,
    target: &Target,
    current: &Version,
    trail: &mut impl Trail,
) -> Result<&'a PlatformKey, NoUpdate> {
    let found = release.installer(target);
    trail.step(StepKind::Artifact, found.is_some(), || {
        let packed = target
            .installer
            .map_or_else(String::new, |packed| format!(", installed as {packed}"));
        match found {
            Some(found) => format!(
                "{} has {} for {}{packed}",
                release.version, found.file, target.key
            ),
            None => format!(
                "{} has no installer for {}{packed}",
                release.version, target.key
            ),
        }
    });
    let found = found.ok_or(NoUpdate::NoArtifact)?;
    // Not by precedence: the client's comparison orders build metadata too (updater.rs:712-720).
    let newer = release.version > *current;
    trail.step(StepKind::Version, newer, || {
        if newer {
            format!("{} is higher than {current}: offered", release.version)
        } else {
            format!(
                "It runs {current}, and {} is not higher: these clients refuse to go down",
                release.version
            )
        }
    });
    if !newer {
        return Err(NoUpdate::NotNewer);
    }
    let runs = release.runs_on(current);
    trail.step(StepKind::Binary, runs, || {
        let can = if runs { "can" } else { "cannot" };
        format!(
            "{current} {can} update to it directly: it needs {} or newer",
            release.min_binary_version
        )
    });
    if runs {
        Ok(&found.platform)
    } else {
        Err(NoUpdate::BinaryOutOfRange)
    }
}
