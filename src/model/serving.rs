//! Which client systems the app serves, and which devices asked.

use chrono::{DateTime, Utc};
use ota_api::{App, CheckEvent, Checks, SystemChecks};
use ota_model::{AppSlug, ClientSystem};

use super::{Fault, Job, Model, ToastKind};

/// A change of what is served that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Which wish.
    request: u64,
    /// Which system.
    pub system: ClientSystem,
    /// Serve, or not.
    pub serve: bool,
}

/// A change of what is served that can be taken back from its toast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The toast.
    pub toast: u64,
    app: AppSlug,
    system: ClientSystem,
    serve: bool,
}

impl Model {
    /// Whether the app that is shown serves a system, as far as is known.
    pub fn serves(&self, system: ClientSystem) -> bool {
        self.overview
            .latest()
            .is_some_and(|overview| overview.app.systems.serve(system))
    }

    /// The checks of devices of one system, as far as is known.
    pub fn checks_of(&self, system: ClientSystem) -> Option<&SystemChecks> {
        self.checks.latest()?.of(system)
    }

    /// Serves a system, or stops. One change at a time: each says all that is served.
    pub(super) fn serve(&mut self, system: ClientSystem, serve: bool) -> Vec<Job> {
        if self.serving.is_some() || self.cannot_administer().is_some() {
            return Vec::new();
        }
        let Some(app) = self.overview.latest().map(|overview| &overview.app) else {
            return Vec::new();
        };
        if app.systems.serve(system) == serve {
            return Vec::new();
        }
        let (app, mut systems) = (app.slug.clone(), app.systems.clone());
        if serve {
            systems.serves.insert(system);
        } else {
            systems.serves.remove(&system);
        }
        let request = self.id();
        self.serving = Some(Serving {
            request,
            system,
            serve,
        });
        vec![Job::SetSystems {
            request,
            app,
            systems,
        }]
    }

    /// Takes back the change that a toast tells of: that system alone, whatever else changed since.
    pub(super) fn undo_serve(&mut self, toast: u64) -> Vec<Job> {
        self.toasts.retain(|shown| shown.id != toast);
        match self.undo.take() {
            Some(undo) if undo.toast == toast && self.app() == Some(&undo.app) => {
                self.serve(undo.system, !undo.serve)
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn on_systems_set(
        &mut self,
        at: DateTime<Utc>,
        request: u64,
        result: Result<App, Fault>,
    ) -> Vec<Job> {
        let Some(Serving { system, serve, .. }) =
            self.serving.take_if(|serving| serving.request == request)
        else {
            return Vec::new();
        };
        let label = system.label();
        match result {
            Ok(app) => {
                let (text, detail) = if serve {
                    (
                        format!("{} serves {label}", app.name),
                        "Its clients get answers from now",
                    )
                } else {
                    (
                        format!("{} no longer serves {label}", app.name),
                        "Its clients are told that there is no update",
                    )
                };
                let toast = self.toast(ToastKind::Done, text, detail.to_owned());
                self.keep_toast(toast);
                self.undo = Some(Undo {
                    toast,
                    app: app.slug.clone(),
                    system,
                    serve,
                });
                self.overview.amend(|overview| {
                    if overview.app.slug == app.slug {
                        overview.app.systems = app.systems;
                    }
                });
            }
            Err(fault) => {
                self.note_fault(at, Some(&fault));
                let state = if serve { "still not" } else { "still" };
                let text = format!("{label} is {state} served");
                self.toast(ToastKind::Failed, text, fault.message);
            }
        }
        Vec::new()
    }

    pub(super) fn on_checks(
        &mut self,
        at: DateTime<Utc>,
        app: &AppSlug,
        result: Result<Checks, Fault>,
    ) {
        if self.app() == Some(app) {
            self.note_fault(at, result.as_ref().err());
            self.checks.finish(result, at);
        }
    }

    pub(super) fn on_checked(&mut self, at: DateTime<Utc>, event: CheckEvent) {
        if self.app() != Some(&event.app) {
            return;
        }
        self.now = self.now.max(at);
        self.checks.amend(|checks| {
            let known = checks
                .systems
                .iter_mut()
                .find(|known| known.system == event.checks.system);
            match known {
                // An answer that was on its way may be newer than the event.
                Some(known) if known.count >= event.checks.count => {}
                Some(known) => *known = event.checks,
                None => checks.systems.push(event.checks),
            }
        });
    }

    /// Asks anew which devices asked.
    pub(super) fn fetch_checks(&mut self) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        self.checks.begin();
        vec![Job::FetchChecks(app)]
    }
}
