//! What went wrong, in the words that are shown.

use ota_api::{ActivityEntry, ChannelState};

/// An error as people see it: what happened and what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What happened and what is not affected, in full sentences.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// What the app does about it.
    pub kind: FaultKind,
}

/// Kinds of faults that the app treats differently.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The server does not answer.
    Unreachable,
    /// The token is unknown or expired.
    Token,
    /// Somebody else changed the channel first.
    Conflict {
        /// The channel as it is now.
        channel: Box<ChannelState>,
        /// What they did.
        changed_by: Option<Box<ActivityEntry>>,
    },
    /// The OS keyring asks to be unlocked.
    KeyringLocked,
    /// This computer has no keyring that answers.
    KeyringAbsent,
    /// The keyring refused.
    KeyringDenied,
    /// A password is missing or wrong.
    Password,
    /// The person cancelled.
    Cancelled,
    /// The server said no.
    Refused,
    /// Anything else on this computer.
    Local,
}

impl Fault {
    /// A fault on this computer.
    pub fn local(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            kind: FaultKind::Local,
        }
    }
}
