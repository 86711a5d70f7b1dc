//! A value that lives on the server.

use chrono::{DateTime, Utc};

use super::Fault;

/// A server value that keeps what it was while it is fetched again or cannot be.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote<T> {
    value: Option<T>,
    fetched_at: Option<DateTime<Utc>>,
    state: RemoteState,
}

/// What is going on with a [`Remote`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RemoteState {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// An answer is awaited.
    Loading,
    /// The last attempt failed.
    Failed(Fault),
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self {
            value: None,
            fetched_at: None,
            state: RemoteState::Idle,
        }
    }
}

impl<T> Remote<T> {
    /// A value as it was at a time.
    pub fn ready(value: T, at: DateTime<Utc>) -> Self {
        Self {
            value: Some(value),
            fetched_at: Some(at),
            state: RemoteState::Idle,
        }
    }

    /// Fetching begins. The old value stays.
    pub fn begin(&mut self) {
        self.state = RemoteState::Loading;
    }

    /// An answer came.
    pub fn finish(&mut self, result: Result<T, Fault>, at: DateTime<Utc>) {
        match result {
            Ok(value) => *self = Self::ready(value, at),
            Err(fault) => self.state = RemoteState::Failed(fault),
        }
    }

    /// A part of the value became known in another way.
    pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
        if let Some(value) = &mut self.value {
            change(value);
        }
    }

    /// The last value that came, however old.
    pub fn latest(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// When the latest value was true.
    pub fn fetched_at(&self) -> Option<DateTime<Utc>> {
        self.fetched_at
    }

    /// Whether an answer is awaited.
    pub fn is_loading(&self) -> bool {
        self.state == RemoteState::Loading
    }

    /// Why the last attempt failed, if it did.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.state {
            RemoteState::Failed(fault) => Some(fault),
            RemoteState::Idle | RemoteState::Loading => None,
        }
    }
}
