//! What a device gets: one pure function.

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{
    AppSnapshot, ArtifactKind, ChannelName, Release, ReleaseId, ReleaseKind, ReleaseState, Sequence,
};

/// What a device says of itself when it checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The channel it names, if it names one.
    pub channel: Option<ChannelName>,
    /// Its binary's version; `None` if it sent none or none that is semver.
    pub binary_version: Option<Version>,
    /// The sequence it runs; [`Sequence::BUILT_IN`] for the built-in assets.
    pub current: Sequence,
    /// The archive formats its client can unpack.
    pub format: ArtifactKind,
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
    /// The minimum that the answer names. It is the asking binary's own version once the real minimum is met:
    /// hotswap's default policy discards a bundle at every start when the binary is newer than the named minimum
    /// (protocols.md 1.8 trap 1).
    pub min_binary_version: Version,
}

/// Why there is nothing to install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoUpdate {
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
    let name = ask.channel.as_ref().unwrap_or(&app.default_channel);
    let Some(state) = app.channels.get(name) else {
        trail.step(StepKind::Channel, false, || {
            format!("{} has no channel “{name}”", app.slug)
        });
        return no_update(NoUpdate::UnknownChannel);
    };
    if state.channel.paused {
        trail.step(StepKind::Channel, false, || {
            format!("{name} is paused and offers nothing")
        });
        return no_update(NoUpdate::ChannelPaused);
    }
    trail.step(StepKind::Channel, true, || {
        if ask.channel.is_some() {
            format!("Asks on {name}")
        } else {
            format!("Names no channel, so it follows {name}")
        }
    });

    let live = state
        .live
        .as_ref()
        .and_then(|live| Some((live.sequence, app.releases.get(&live.release)?)));
    let Some((sequence, release)) = live else {
        trail.step(StepKind::Live, false, || {
            format!("Nothing was published to {name} yet")
        });
        return no_update(NoUpdate::NothingDeployed);
    };
    trail.step(StepKind::Live, true, || {
        format!("{name} offers {} {sequence}", release.version)
    });

    if release.state != ReleaseState::Ready {
        trail.step(StepKind::Recall, false, || {
            format!("{} was recalled", release.version)
        });
        return no_update(NoUpdate::Recalled);
    }
    trail.step(StepKind::Recall, true, || {
        format!("{} is not recalled", release.version)
    });

    if release.artifact(ask.format).is_none() {
        trail.step(StepKind::Artifact, false, || {
            format!(
                "{} has no .{} for this client",
                release.version,
                ask.format.extension()
            )
        });
        return no_update(NoUpdate::NoArtifact);
    }
    trail.step(StepKind::Artifact, true, || {
        format!(
            "{} has a .{} for this client",
            release.version,
            ask.format.extension()
        )
    });

    let binary = match binary_in_range(release, ask.binary_version.as_ref(), trail) {
        Ok(binary) => binary,
        Err(reason) => return no_update(reason),
    };
    match device_needs(app, ask.current, sequence, release, trail) {
        Need::Offer => Answer::Offer(Offer {
            sequence,
            release: release.id.clone(),
            channel: name.clone(),
            min_binary_version: binary.clone(),
        }),
        Need::Nothing(reason) => no_update(reason),
        Need::ReIssue => Answer::NoUpdate {
            reason: NoUpdate::AheadOfChannel,
            reissue: true,
        },
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
