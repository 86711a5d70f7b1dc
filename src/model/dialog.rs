//! Dialogs as data: what they are about. What is typed in them is the view's.

use ota_api::{ChannelState, DeploymentRecord, Plan};
use ota_keys::KeyInfo;
use ota_model::{ChannelName, DeploymentKind, ReleaseId};

use super::{Fault, Remote, Unlock};

/// The dialog in front of the screen. There is one at most.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// Make the first or another app.
    CreateApp {
        /// Why the last try failed.
        failed: Option<Fault>,
    },
    /// Take a channel back.
    RollBack(Box<RollBack>),
    /// Offer a channel's release on the next one.
    Promote(Box<Promote>),
    /// Somebody else acted first.
    Conflict {
        /// What the person wanted: "Promote 2.5.0 to beta".
        wanted: String,
        /// What happened.
        fault: Fault,
        /// The dialog in which it was wanted.
        again: Option<Again>,
    },
    /// The token is no longer good.
    Token(SignIn),
    /// Generate a key.
    NewKey {
        /// Why the last try failed.
        failed: Option<Fault>,
        /// The job runs.
        busy: bool,
    },
    /// Import a key file.
    ImportKey {
        /// The file that was chosen.
        path: Option<std::path::PathBuf>,
        /// Why the last try failed.
        failed: Option<Fault>,
        /// The job runs.
        busy: bool,
    },
    /// Write an encrypted copy of a key.
    BackUpKey {
        /// Which.
        key: KeyInfo,
        /// Where to; chosen in the system's dialog.
        path: Option<std::path::PathBuf>,
        /// Why the last try failed.
        failed: Option<Fault>,
        /// The job runs.
        busy: bool,
    },
    /// Rename a key.
    RenameKey {
        /// Which.
        key: KeyInfo,
        /// Why the last try failed.
        failed: Option<Fault>,
    },
    /// Delete a key, after typing its name.
    DeleteKey {
        /// Which.
        key: KeyInfo,
        /// Apps that trust it, as far as known.
        trusted_by: Vec<String>,
        /// Why the last try failed.
        failed: Option<Fault>,
    },
    /// Ask for the password of a key file.
    Unlock(Box<Unlock>),
    /// A message that must be read.
    Message {
        /// What happened.
        title: String,
        /// The fault behind it.
        fault: Fault,
    },
    /// No dialog of the system could be opened for a build; why is in [`Model::no_picker`](super::Model::no_picker).
    NoPicker,
    /// The keys of the keyboard.
    Shortcuts,
}

/// A decision that somebody else's change interrupted: which dialog opens again, on what is true now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Roll back this channel.
    RollBack(ChannelName),
    /// Promote from this channel.
    Promote(ChannelName),
}

/// The question for a new token.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// What the server said of the old one.
    pub fault: Fault,
    /// Why the one that was typed did not help.
    pub failed: Option<Fault>,
    /// It is being tried.
    pub busy: bool,
    /// The dialog that was open; it is there again afterwards, with what was typed in it.
    pub behind: Option<Box<Dialog>>,
}

/// The roll back dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct RollBack {
    /// The channel as it was when the dialog opened. Its revision goes with the request.
    pub channel: ChannelState,
    /// What ran here, the newest first.
    pub history: Remote<Vec<DeploymentRecord>>,
    /// The target that is chosen.
    pub target: Option<Target>,
    /// What going there would do.
    pub plan: Remote<Plan>,
    /// The request was sent.
    pub busy: bool,
    /// Why it was refused.
    pub failed: Option<Fault>,
}

/// Where to go back to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A release that ran on the channel.
    Release(ReleaseId),
    /// What each binary shipped with.
    BuiltIn,
}

impl RollBack {
    /// What its last button does: "Roll back production to 2.4.0".
    pub fn outcome(&self) -> String {
        let name = &self.channel.name;
        match self.target_version() {
            Some(version) => format!("Roll back {name} to {version}"),
            None => format!("Roll back {name}"),
        }
    }

    /// The chosen target as it is called.
    pub fn target_version(&self) -> Option<String> {
        match self.target.as_ref()? {
            Target::BuiltIn => Some("built-in assets".to_owned()),
            Target::Release(release) => {
                let targets = self.targets();
                let record = targets
                    .iter()
                    .find(|record| record.live.release == *release)?;
                Some(record.live.version.to_string())
            }
        }
    }

    /// Releases that ran on the channel, may be offered again and are not what it offers; the latest first, each once.
    pub fn targets(&self) -> Vec<&DeploymentRecord> {
        let live = self.channel.live.as_ref().map(|live| &live.release);
        let mut targets: Vec<&DeploymentRecord> = Vec::new();
        for record in self.history.latest().into_iter().flatten() {
            let offered = Some(&record.live.release) == live;
            let known = targets
                .iter()
                .any(|target| target.live.release == record.live.release);
            let built_in = record.live.release_kind == ota_model::ReleaseKind::BuiltIn;
            if !offered && !known && !record.recalled && !built_in {
                targets.push(record);
            }
        }
        targets
    }

    /// What is preselected: the latest release that nobody rolled back from, else the built-in assets.
    pub fn recommended(&self) -> Target {
        self.targets()
            .into_iter()
            .find(|record| !self.was_given_up(record))
            .map_or(Target::BuiltIn, |record| {
                Target::Release(record.live.release.clone())
            })
    }

    /// Whether a roll back took its place the last time it ran here.
    fn was_given_up(&self, record: &DeploymentRecord) -> bool {
        let history = self.history.latest().map_or(&[][..], Vec::as_slice);
        // Nobody chose to issue a release again, so that says nothing of the one before.
        let chosen = history
            .iter()
            .filter(|entry| entry.live.kind != DeploymentKind::ReIssue);
        let mut after = None;
        for entry in chosen {
            if entry.live.release == record.live.release {
                break;
            }
            after = Some(entry.live.kind);
        }
        matches!(
            after,
            Some(DeploymentKind::Rollback | DeploymentKind::BuiltIn)
        )
    }
}

/// The promote dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Promote {
    /// Where the release is.
    pub from: ChannelState,
    /// Where it goes. Its revision goes with the request.
    pub to: ChannelState,
    /// What promoting would do.
    pub plan: Remote<Plan>,
    /// The request was sent.
    pub busy: bool,
    /// Why it was refused.
    pub failed: Option<Fault>,
}

impl Promote {
    /// What its last button does: "Promote 2.5.0 to beta".
    pub fn outcome(&self) -> String {
        let version = self.from.live.as_ref().map(|live| live.version.to_string());
        format!(
            "Promote {} to {}",
            version.unwrap_or_default(),
            self.to.name
        )
    }
}

impl Dialog {
    /// The channel it would change, if it is such a dialog.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::RollBack(dialog) => Some(&dialog.channel.name),
            Self::Promote(dialog) => Some(&dialog.to.name),
            _ => None,
        }
    }

    /// What failed for a reason that is gone is not said any longer.
    pub(super) fn forget_failure(&mut self) {
        let failed = match self {
            Self::RollBack(dialog) => &mut dialog.failed,
            Self::Promote(dialog) => &mut dialog.failed,
            Self::CreateApp { failed }
            | Self::NewKey { failed, .. }
            | Self::ImportKey { failed, .. }
            | Self::BackUpKey { failed, .. }
            | Self::RenameKey { failed, .. }
            | Self::DeleteKey { failed, .. } => failed,
            _ => return,
        };
        *failed = None;
    }

    /// What its last button does, if it would change a channel, and how it opens again.
    pub(super) fn decision(&self) -> Option<(String, Again)> {
        match self {
            Self::RollBack(dialog) => Some((
                dialog.outcome(),
                Again::RollBack(dialog.channel.name.clone()),
            )),
            Self::Promote(dialog) => {
                Some((dialog.outcome(), Again::Promote(dialog.from.name.clone())))
            }
            _ => None,
        }
    }
}
