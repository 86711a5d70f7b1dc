//! What the app knows. No egui, no tokio, no clock: wishes and events go in, work comes out.

mod action;
mod builds;
mod connection;
mod deploys;
mod dialog;
mod events;
mod fault;
mod keys;
mod pick;
mod publish;
mod remote;
mod serving;
mod settings;
#[cfg(test)]
mod tests;
mod wishes;
pub mod words;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use ota_api::{ActivityEntry, App, AppOverview, ChannelState, Checks, Role, Session};
use ota_model::{AppSlug, ChannelName};
use serde::{Deserialize, Serialize};

pub use action::{
    Action, ChainVerdict, Connected, Event, Glance, GlanceFacts, Job, ProbeAnswer, Probed, Recent,
};
pub use deploys::done_words;
pub use dialog::{Again, Dialog, Promote, RollBack, SignIn, Target};
pub use fault::{Fault, FaultKind};
pub use keys::{Keep, KeyFiles, KeyPlace, KeyRef, Keys, Purpose, UnlistedFile, Unlock};
pub use pick::{NoPicker, Pick, Picking, typed_path};
pub use publish::{
    Against, DeviceAnswer, Done, LogLine, Prepared, Publish, PublishOrder, Reading, RequestId,
    Review, Running, StepName, StepPhase, StepState, percent,
};
pub use remote::{Remote, RemoteState};
pub use serving::{Serving, Undo};
pub use settings::{ServerChoice, Settings, ThemeChoice};

/// The screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What each channel offers.
    #[default]
    Channels,
    /// A build on its way.
    Publish,
    /// Signing keys.
    Keys,
    /// Which client systems the app serves, and what to put into it.
    Connect,
    /// Theme, server.
    Settings,
}

impl Page {
    /// In the order of the rail.
    pub const ALL: [Self; 5] = [
        Self::Channels,
        Self::Publish,
        Self::Keys,
        Self::Connect,
        Self::Settings,
    ];

    /// Its name in the rail and the top bar.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Channels => "Channels",
            Self::Publish => "Publish",
            Self::Keys => "Keys",
            Self::Connect => "Connect your app",
            Self::Settings => "Settings",
        }
    }
}

/// The connection to the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// No server was chosen yet.
    FirstRun {
        /// What is known of the address that is being typed.
        probed: Option<Box<Probed>>,
        /// Starting or connecting.
        busy: bool,
        /// Why the last try failed.
        failed: Option<Fault>,
    },
    /// The app starts and its server has not answered yet.
    Starting,
    /// The server answers.
    Up(Box<Connected>),
    /// The server does not answer. What is shown is old.
    Down {
        /// The server, if it ever answered.
        last: Option<Box<Connected>>,
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        fault: Fault,
        /// When it is tried again.
        retry_at: DateTime<Utc>,
        /// It is being tried.
        trying: bool,
    },
}

/// A short notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Its name.
    pub id: u64,
    /// Good or bad.
    pub kind: ToastKind,
    /// The sentence.
    pub text: String,
    /// The small line below.
    pub detail: String,
    /// When it goes away by itself; failures stay.
    pub until: Option<DateTime<Utc>>,
}

/// Good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// Something was done.
    Done,
    /// Something failed.
    Failed,
}

/// Everything the views show.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What is remembered.
    pub settings: Settings,
    /// The time of the last event.
    pub now: DateTime<Utc>,
    /// The server.
    pub link: Link,
    /// Its apps.
    pub apps: Remote<Vec<App>>,
    /// The app that is shown, with its channels.
    pub overview: Remote<AppOverview>,
    /// The newest entries of its log, the newest first.
    pub recent: Remote<Vec<ActivityEntry>>,
    /// Which of its devices asked, since the server started.
    pub checks: Remote<Checks>,
    /// A change of what it serves that is on its way.
    pub serving: Option<Serving>,
    /// The last such change, while its toast is there.
    pub undo: Option<Undo>,
    /// Whether its log is complete and unaltered.
    pub chain: Option<ChainVerdict>,
    /// The keys of this computer.
    pub keys: Keys,
    /// The build on its way.
    pub publish: Publish,
    /// What hovers over the window.
    pub glance: Option<Glance>,
    /// The dialog in front.
    pub dialog: Option<Dialog>,
    /// The system's dialog that is open. There is one at most.
    pub picking: Option<Picking>,
    /// Why the last one could not be opened.
    pub no_picker: Option<NoPicker>,
    /// The person's own folder, which `~` stands for in a path.
    pub home: Option<PathBuf>,
    /// Short notices, the newest last.
    pub toasts: Vec<Toast>,
    /// The request of the dialog in front was sent: a second click changes nothing.
    awaiting: bool,
    next_id: u64,
}

impl Model {
    /// The app as it starts, and the work that begins with it.
    pub fn start(settings: Settings, now: DateTime<Utc>) -> (Self, Vec<Job>) {
        let mut jobs = Vec::new();
        if let Some(folder) = &settings.key_folder {
            jobs.push(Job::UseKeyFolder(Some(folder.clone())));
        }
        let mut keys = Keys::default();
        keys.keyring.begin();
        keys.files.begin();
        jobs.extend([Job::ListKeys, Job::ListKeyFiles]);
        let link = match &settings.server {
            None => Link::FirstRun {
                probed: None,
                busy: false,
                failed: None,
            },
            Some(server) => {
                jobs.push(Job::Connect {
                    server: server.clone(),
                    token: None,
                });
                Link::Starting
            }
        };
        let model = Self {
            settings,
            now,
            link,
            apps: Remote::default(),
            overview: Remote::default(),
            recent: Remote::default(),
            checks: Remote::default(),
            serving: None,
            undo: None,
            chain: None,
            keys,
            publish: Publish::Idle,
            glance: None,
            dialog: None,
            picking: None,
            no_picker: None,
            home: None,
            toasts: Vec::new(),
            awaiting: false,
            next_id: 1,
        };
        (model, jobs)
    }

    /// The app that is shown.
    pub fn app(&self) -> Option<&AppSlug> {
        self.settings.app.as_ref()
    }

    /// The screen that is shown.
    pub fn page(&self) -> Page {
        self.settings.page
    }

    /// The session with the server, also while it does not answer.
    pub fn session(&self) -> Option<&Session> {
        match &self.link {
            Link::Up(connected) => Some(&connected.session),
            Link::Down { last, .. } => last.as_ref().map(|connected| &connected.session),
            Link::FirstRun { .. } | Link::Starting => None,
        }
    }

    /// Whether what is shown is old: no lamp is lit, nothing can be changed.
    pub fn is_stale(&self) -> bool {
        matches!(self.link, Link::Down { .. })
    }

    /// A channel of the app that is shown.
    pub fn channel(&self, name: &ChannelName) -> Option<&ChannelState> {
        self.overview
            .latest()?
            .channels
            .iter()
            .find(|channel| channel.name == *name)
    }

    /// The channel after this one on the way of a release.
    pub fn next_channel(&self, name: &ChannelName) -> Option<&ChannelState> {
        let channels = &self.overview.latest()?.channels;
        let place = channels.iter().position(|channel| channel.name == *name)?;
        channels.get(place + 1)
    }

    /// Why nothing can be published or promoted now; `None` when it can.
    pub fn cannot_publish(&self) -> Option<String> {
        self.cannot_change(&[Role::ReleaseManager, Role::Admin], "publish or promote")
    }

    /// Why no channel can be rolled back now; `None` when it can.
    pub fn cannot_roll_back(&self) -> Option<String> {
        self.cannot_change(
            &[Role::Support, Role::ReleaseManager, Role::Admin],
            "roll back",
        )
    }

    /// Why apps and keys cannot be changed now; `None` when they can.
    pub fn cannot_administer(&self) -> Option<String> {
        self.cannot_change(&[Role::Admin], "change apps and keys")
    }

    /// Why no build can be chosen for a channel now; `None` when one can. Reading a build and comparing it is local work:
    /// it needs the role, not the connection.
    pub fn cannot_choose(&self) -> Option<String> {
        self.may_not(&[Role::ReleaseManager, Role::Admin], "publish or promote")
    }

    fn cannot_change(&self, roles: &[Role], what: &str) -> Option<String> {
        if self.is_refused() {
            return Some("Actions wait until you sign in again".to_owned());
        }
        if self.is_stale() {
            return Some("Actions wait until the connection is back".to_owned());
        }
        self.may_not(roles, what)
    }

    fn may_not(&self, roles: &[Role], what: &str) -> Option<String> {
        let role = self.session()?.role;
        (!roles.contains(&role)).then(|| format!("Your role ({}) may not {what}", role.label()))
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}
