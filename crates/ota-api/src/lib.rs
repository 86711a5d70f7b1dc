//! The wire types of the admin API: what the server sends and what the desktop, `switchtowerctl` and scripts send to
//! it. No logic.
//!
//! All bodies are JSON. Every request carries `Authorization: Bearer swt_…`. Errors are RFC 9457 problems
//! ([`Problem`]) with a stable [`ProblemCode`].

mod activity;
mod apps;
mod channels;
mod checks;
mod problem;
mod releases;
mod session;

pub mod paths;

pub use activity::{ActionKind, ActivityEntry, ActivityPage, GENESIS, ServerEvent, Statement};
pub use apps::{App, AppOverview, CreateApp, TrustKey, TrustedKey, UpdateApp};
pub use channels::{
    ChannelState, CreateChannel, Deploy, DeployAction, Deployed, DeploymentRecord, LiveRelease,
    Plan, UpdateChannel,
};
pub use checks::{Check, CheckAnswer, CheckEvent, Checks, SystemChecks};
pub use problem::{Problem, ProblemCode};
pub use releases::{
    ArtifactSummary, BeginUpload, CreateRelease, InstallerSummary, Recall, Recalled, ReleasePage,
    ReleaseSummary, Slot, UpdateRelease, Upload,
};
pub use session::{Role, ServerInfo, Session};

/// The header that makes a repeated request harmless: the second one gets the first one's answer.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
