//! The connection: it stands, breaks and comes back; the server takes the token, or no longer.

use chrono::{DateTime, TimeDelta, Utc};
use ota_keys::AccessToken;

use super::{Connected, Dialog, Fault, FaultKind, Job, Link, Model, Page, ServerChoice, SignIn};

/// A server that does not answer is tried again after this.
const RETRY: TimeDelta = TimeDelta::seconds(15);

impl Model {
    /// Whether the server answers and no longer takes the token: what is shown is old until the person signs in again.
    pub fn is_refused(&self) -> bool {
        matches!(&self.link, Link::Down { fault, .. } if fault.kind == FaultKind::Token)
    }

    pub(super) fn on_connected(
        &mut self,
        at: DateTime<Utc>,
        result: Result<Box<Connected>, Fault>,
    ) -> Vec<Job> {
        self.now = at;
        match result {
            Ok(connected) => {
                let first = self.settings.server.is_none();
                self.settings.server = Some(connected.server.clone());
                self.link = Link::Up(connected);
                if matches!(self.dialog, Some(Dialog::Token(_))) {
                    self.close_dialog();
                    if let Some(dialog) = &mut self.dialog {
                        dialog.forget_failure();
                    }
                }
                if first {
                    self.settings.page = Page::Channels;
                }
                let mut jobs = vec![self.save()];
                jobs.extend(self.refresh());
                jobs
            }
            Err(fault) => {
                self.on_not_connected(at, fault);
                Vec::new()
            }
        }
    }

    fn on_not_connected(&mut self, at: DateTime<Utc>, fault: Fault) {
        if let Link::FirstRun { busy, failed, .. } = &mut self.link {
            *busy = false;
            *failed = Some(fault);
            return;
        }
        if let Some(Dialog::Token(sign_in)) = &mut self.dialog {
            // The answer to what was typed; the question stays.
            if std::mem::take(&mut sign_in.busy) {
                sign_in.failed = Some(fault.clone());
            }
        } else if self.is_refused() && fault.kind == FaultKind::Token && !self.is_embedded() {
            // Somebody wanted to try again.
            self.ask_for_token(fault.clone());
        }
        self.note_fault(at, Some(&fault));
    }

    /// A fault that says something about the connection changes what is shown of it.
    pub(super) fn note_fault(&mut self, at: DateTime<Utc>, fault: Option<&Fault>) {
        let Some(fault) = fault else { return };
        match fault.kind {
            FaultKind::Token => self.on_refused(at, fault),
            FaultKind::Unreachable => self.go_down(at, fault.clone()),
            _ if matches!(self.link, Link::Starting) => self.go_down(at, fault.clone()),
            _ => {}
        }
    }

    fn on_refused(&mut self, at: DateTime<Utc>, fault: &Fault) {
        let known = self.is_refused();
        self.go_down(at, fault.clone());
        if self.is_embedded() {
            // Nobody has a token of the server inside the app: the next try makes one.
            if let (Link::Down { retry_at, .. }, false) = (&mut self.link, known) {
                *retry_at = at;
            }
        } else if !known {
            // Said once: who stays read-only is not asked again by each answer.
            self.ask_for_token(fault.clone());
        }
    }

    fn is_embedded(&self) -> bool {
        self.settings.server == Some(ServerChoice::Embedded)
    }

    /// Asks for a token, over the dialog that is open.
    pub(super) fn ask_for_token(&mut self, fault: Fault) {
        if matches!(self.dialog, Some(Dialog::Token(_))) {
            return;
        }
        let behind = self.dialog.take().map(Box::new);
        self.dialog = Some(Dialog::Token(SignIn {
            fault,
            failed: None,
            busy: false,
            behind,
        }));
    }

    /// The person asks to be asked.
    pub(super) fn ask_sign_in(&mut self) {
        if let Link::Down { fault, .. } = &self.link {
            self.ask_for_token(fault.clone());
        }
    }

    pub(super) fn sign_in_again(&mut self, token: AccessToken) -> Vec<Job> {
        let Some(server) = self.settings.server.clone() else {
            return Vec::new();
        };
        if let Some(Dialog::Token(sign_in)) = &mut self.dialog {
            if std::mem::replace(&mut sign_in.busy, true) {
                return Vec::new();
            }
            sign_in.failed = None;
        }
        vec![Job::Connect {
            server,
            token: Some(token),
        }]
    }

    /// Closes the dialog in front; the one that a question for a token covered is there again.
    pub(super) fn close_dialog(&mut self) {
        self.dialog = match self.dialog.take() {
            Some(Dialog::Token(sign_in)) => sign_in.behind.map(|behind| *behind),
            _ => None,
        };
    }

    fn go_down(&mut self, at: DateTime<Utc>, fault: Fault) {
        let (last, since) = match std::mem::replace(&mut self.link, Link::Starting) {
            Link::Up(connected) => (Some(connected), at),
            Link::Down { last, since, .. } => (last, since),
            Link::Starting | Link::FirstRun { .. } => (None, at),
        };
        self.link = Link::Down {
            last,
            since,
            fault,
            retry_at: at + RETRY,
            trying: false,
        };
    }

    pub(super) fn on_stream(&mut self, at: DateTime<Utc>, fault: Option<Fault>) -> Vec<Job> {
        self.now = at;
        match fault {
            Some(fault) => {
                self.note_fault(at, Some(&fault));
                Vec::new()
            }
            // It answers again before it was to be tried.
            None if matches!(self.link, Link::Down { trying: false, .. }) => self.try_now(),
            // The stream stands: what is read from now on misses nothing.
            None => self.fetch_app(),
        }
    }

    /// A server that did not answer is tried again when it is time; one that refused the token is not.
    pub(super) fn retry(&mut self, now: DateTime<Utc>) -> Vec<Job> {
        if self.is_refused() && !self.is_embedded() {
            return Vec::new();
        }
        match &self.link {
            Link::Down { retry_at, .. } if *retry_at <= now => self.try_now(),
            _ => Vec::new(),
        }
    }

    pub(super) fn try_now(&mut self) -> Vec<Job> {
        if let Link::Down {
            retry_at, trying, ..
        } = &mut self.link
        {
            *retry_at = self.now + RETRY;
            *trying = true;
        }
        let server = self.settings.server.clone();
        server
            .map(|server| Job::Connect {
                server,
                token: None,
            })
            .into_iter()
            .collect()
    }
}
