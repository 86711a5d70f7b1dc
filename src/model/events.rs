//! What happened becomes state, and sometimes more work.

use chrono::{DateTime, TimeDelta, Utc};
use ota_api::{App, DeployAction, Deployed, ServerEvent};
use ota_model::ChannelName;

use super::{
    ChainVerdict, Connected, Dialog, Done, Event, Fault, FaultKind, Job, Link, Model, Page,
    Prepared, Publish, Remote, RequestId, Review, ToastKind,
};

/// A server that does not answer is tried again after this.
const RETRY: TimeDelta = TimeDelta::seconds(15);

impl Model {
    /// Take note of what happened. Returns the work that follows; performs none of it.
    #[expect(clippy::too_many_lines, reason = "a table: one arm for each event")]
    pub fn on_event(&mut self, event: Event) -> Vec<Job> {
        match event {
            Event::Tick(now) => self.on_tick(now),
            Event::Connected { at, result } => self.on_connected(at, result),
            Event::Probed(result) => {
                if let Link::FirstRun { probed, .. } = &mut self.link {
                    *probed = Some(result);
                }
                Vec::new()
            }
            Event::Stream { at, fault } => self.on_stream(at, fault),
            Event::Changed(event) => self.on_changed(&event),
            Event::Apps { at, result } => self.on_apps(at, result),
            Event::Overview { at, app, result } => {
                if self.app() == Some(&app) {
                    self.note_fault(at, result.as_ref().err());
                    self.overview.finish(result.map(|overview| *overview), at);
                }
                Vec::new()
            }
            Event::Activity { at, app, result } => {
                if self.app() == Some(&app) {
                    if let Ok((_, verdict)) = &result {
                        self.on_chain(verdict.clone());
                    }
                    self.recent.finish(result.map(|(page, _)| page.entries), at);
                }
                Vec::new()
            }
            Event::AppCreated(result) => self.on_app_created(result),
            Event::Keys { at, result } => {
                self.keys.finish(result, at);
                Vec::new()
            }
            Event::KeyDone { done, result } => self.on_key_done(done, result),
            Event::BuildPicked(path) => path.map_or_else(Vec::new, |path| {
                self.apply(super::Action::Dropped(vec![path]))
            }),
            Event::KeyFilePicked(picked) => {
                if let (Some(Dialog::ImportKey { path, failed, .. }), Some(picked)) =
                    (&mut self.dialog, picked)
                {
                    *path = Some(picked);
                    *failed = None;
                }
                Vec::new()
            }
            Event::BackUpFilePicked(picked) => {
                if let (Some(Dialog::BackUpKey { path, failed, .. }), Some(picked)) =
                    (&mut self.dialog, picked)
                {
                    *path = Some(picked);
                    *failed = None;
                }
                Vec::new()
            }
            Event::Glanced(glance) => {
                self.glance = Some(glance);
                Vec::new()
            }
            Event::ReadProgress { .. }
            | Event::Read { .. }
            | Event::Compared { .. }
            | Event::PublishStep { .. }
            | Event::PublishLog { .. }
            | Event::Published { .. }
            | Event::DeviceAnswered { .. } => self.on_publish_event(event),
            Event::History {
                at,
                channel,
                result,
            } => self.on_history(at, &channel, result),
            Event::Planned {
                at,
                channel,
                release,
                result,
            } => {
                match &mut self.dialog {
                    Some(Dialog::RollBack(dialog)) if dialog.channel.name == channel => {
                        let wanted = match &dialog.target {
                            Some(super::Target::Release(target)) => Some(target.clone()),
                            _ => None,
                        };
                        // An answer for a target that is no longer chosen is dropped.
                        if wanted == release {
                            dialog.plan.finish(result.map(|plan| *plan), at);
                        }
                    }
                    Some(Dialog::Promote(dialog)) if dialog.to.name == channel => {
                        dialog.plan.finish(result.map(|plan| *plan), at);
                    }
                    _ => {}
                }
                Vec::new()
            }
            Event::Deployed {
                at,
                channel,
                wanted,
                result,
            } => self.on_deployed(at, &channel, wanted, result),
        }
    }

    fn on_tick(&mut self, now: DateTime<Utc>) -> Vec<Job> {
        self.now = now;
        self.toasts
            .retain(|toast| toast.until.is_none_or(|until| until > now));
        let retry = match &mut self.link {
            Link::Down { retry_at, .. } if *retry_at <= now => {
                *retry_at = now + RETRY;
                true
            }
            _ => false,
        };
        match self.settings.server.clone().filter(|_| retry) {
            Some(server) => vec![Job::Connect {
                server,
                token: None,
            }],
            None => Vec::new(),
        }
    }

    fn on_connected(
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
                if matches!(self.dialog, Some(Dialog::Token { .. })) {
                    self.dialog = None;
                }
                if first {
                    self.settings.page = Page::Channels;
                }
                let mut jobs = vec![self.save()];
                jobs.extend(self.refresh());
                jobs
            }
            Err(fault) => {
                match &mut self.link {
                    Link::FirstRun { busy, failed, .. } => {
                        *busy = false;
                        *failed = Some(fault);
                    }
                    _ => self.note_fault(at, Some(&fault)),
                }
                Vec::new()
            }
        }
    }

    /// A fault that says something about the connection changes what is shown of it.
    fn note_fault(&mut self, at: DateTime<Utc>, fault: Option<&Fault>) {
        let Some(fault) = fault else { return };
        match fault.kind {
            FaultKind::Token => {
                if self.dialog.is_none() {
                    self.dialog = Some(Dialog::Token {
                        fault: fault.clone(),
                    });
                }
                if matches!(self.link, Link::Starting) {
                    self.go_down(at, fault.clone());
                }
            }
            FaultKind::Unreachable => self.go_down(at, fault.clone()),
            _ if matches!(self.link, Link::Starting) => self.go_down(at, fault.clone()),
            _ => {}
        }
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
        };
    }

    fn on_stream(&mut self, at: DateTime<Utc>, fault: Option<Fault>) -> Vec<Job> {
        match fault {
            Some(fault) => {
                self.note_fault(at, Some(&fault));
                Vec::new()
            }
            // The stream stands: what is read from now on misses nothing.
            None => self.fetch_app(),
        }
    }

    fn on_changed(&mut self, event: &ServerEvent) -> Vec<Job> {
        if self.app() == Some(&event.app) {
            self.fetch_app()
        } else {
            vec![Job::FetchApps]
        }
    }

    fn on_chain(&mut self, verdict: ChainVerdict) {
        if let ChainVerdict::Broken { entry } = verdict
            && self.chain != Some(ChainVerdict::Broken { entry })
        {
            self.toast(
                ToastKind::Failed,
                format!("Entry {entry} of the activity log does not follow the one before"),
                "Somebody changed the server's history. Ask whoever runs it before you change anything".to_owned(),
            );
        }
        self.chain = Some(verdict);
    }

    fn on_apps(&mut self, at: DateTime<Utc>, result: Result<Vec<App>, Fault>) -> Vec<Job> {
        self.note_fault(at, result.as_ref().err());
        self.apps.finish(result, at);
        let Some(apps) = self.apps.latest() else {
            return Vec::new();
        };
        if self
            .app()
            .is_some_and(|shown| apps.iter().any(|app| app.slug == *shown))
        {
            return Vec::new();
        }
        // The app that was shown last is not here: show the first one.
        self.settings.app = apps.first().map(|app| app.slug.clone());
        self.overview = Remote::default();
        self.recent = Remote::default();
        self.chain = None;
        self.fetch_app()
    }

    fn on_app_created(&mut self, result: Result<App, Fault>) -> Vec<Job> {
        self.awaiting = false;
        match result {
            Ok(app) => {
                self.dialog = None;
                self.toast(
                    ToastKind::Done,
                    format!("Created {}", app.name),
                    "Make or import a key next".to_owned(),
                );
                self.apply(super::Action::ChooseApp(app.slug))
            }
            Err(fault) => {
                if let Some(Dialog::CreateApp { failed }) = &mut self.dialog {
                    *failed = Some(fault);
                }
                Vec::new()
            }
        }
    }

    fn on_key_done(&mut self, done: String, result: Result<(), Fault>) -> Vec<Job> {
        self.awaiting = false;
        match result {
            Ok(()) => {
                if matches!(
                    self.dialog,
                    Some(
                        Dialog::NewKey { .. }
                            | Dialog::ImportKey { .. }
                            | Dialog::BackUpKey { .. }
                            | Dialog::RenameKey { .. }
                            | Dialog::DeleteKey { .. }
                    )
                ) {
                    self.dialog = None;
                }
                self.toast(ToastKind::Done, done, String::new());
            }
            Err(fault) => {
                let mut shown = false;
                self.with_key_dialog(|busy, failed| {
                    *busy = false;
                    *failed = Some(fault.clone());
                    shown = true;
                });
                if !shown {
                    self.dialog = Some(Dialog::Message {
                        title: "The key was not changed".to_owned(),
                        fault,
                    });
                }
            }
        }
        self.keys.begin();
        let mut jobs = vec![Job::ListKeys];
        jobs.extend(self.fetch_app());
        jobs
    }

    fn on_history(
        &mut self,
        at: DateTime<Utc>,
        channel: &ChannelName,
        result: Result<Vec<ota_api::DeploymentRecord>, Fault>,
    ) -> Vec<Job> {
        let Some(Dialog::RollBack(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        if dialog.channel.name != *channel {
            return Vec::new();
        }
        dialog.history.finish(result, at);
        let choose = dialog
            .history
            .latest()
            .filter(|_| dialog.target.is_none())
            .map(|_| dialog.recommended());
        choose.map_or_else(Vec::new, |target| self.choose_target(target))
    }

    fn on_deployed(
        &mut self,
        at: DateTime<Utc>,
        channel: &ChannelName,
        wanted: String,
        result: Result<Box<Deployed>, Fault>,
    ) -> Vec<Job> {
        self.note_fault(at, result.as_ref().err());
        match result {
            Ok(deployed) => {
                if self.dialog.as_ref().and_then(Dialog::channel) == Some(channel) {
                    self.dialog = None;
                }
                let detail = deployed
                    .channel
                    .live
                    .as_ref()
                    .map_or_else(String::new, |live| {
                        format!("As {}, entry {}", live.sequence, deployed.activity_entry)
                    });
                self.toast(ToastKind::Done, wanted, detail);
            }
            Err(fault) if matches!(fault.kind, FaultKind::Conflict { .. }) => {
                self.dialog = Some(Dialog::Conflict { wanted, fault });
            }
            Err(fault) => match &mut self.dialog {
                Some(Dialog::RollBack(dialog)) => {
                    dialog.busy = false;
                    dialog.failed = Some(fault);
                }
                Some(Dialog::Promote(dialog)) => {
                    dialog.busy = false;
                    dialog.failed = Some(fault);
                }
                _ => {
                    self.dialog = Some(Dialog::Message {
                        title: format!("Not done: {wanted}"),
                        fault,
                    });
                }
            },
        }
        self.fetch_app()
    }

    fn on_publish_event(&mut self, event: Event) -> Vec<Job> {
        match event {
            Event::ReadProgress {
                request,
                files,
                bytes,
            } => {
                if let Publish::Reading(reading) = &mut self.publish
                    && reading.request == request
                {
                    reading.files = files;
                    reading.bytes = bytes;
                }
            }
            Event::Read { request, result } => return self.on_read(request, result),
            Event::Compared {
                at,
                request,
                channel,
                result,
            } => {
                if let Publish::Review(review) = &mut self.publish
                    && review.request == request
                    && review.channel == channel
                {
                    review.against.finish(result, at);
                }
            }
            Event::PublishStep { request, step } => {
                if let Publish::Running(running) = &mut self.publish
                    && running.request == request
                    && let Some(known) = running
                        .steps
                        .iter_mut()
                        .find(|known| known.name == step.name)
                {
                    *known = step;
                }
            }
            Event::PublishLog { request, line } => {
                if let Publish::Running(running) = &mut self.publish
                    && running.request == request
                {
                    running.log.push(line);
                }
            }
            Event::Published {
                at,
                request,
                result,
            } => return self.on_published(at, request, result),
            Event::DeviceAnswered { at, result } => {
                if let Publish::Done(done) = &mut self.publish {
                    done.device.finish(result, at);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn on_read(&mut self, request: RequestId, result: Result<Box<Prepared>, Fault>) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        match &mut self.publish {
            Publish::Reading(reading) if reading.request == request => match result {
                Ok(build) => {
                    let Some(channel) = self.default_channel() else {
                        return Vec::new();
                    };
                    let mut against = Remote::default();
                    against.begin();
                    self.publish = Publish::Review(Box::new(Review {
                        request,
                        build: *build,
                        channel: channel.clone(),
                        against,
                        left_out: Vec::new(),
                        repacking: false,
                        failed: None,
                    }));
                    vec![Job::Compare {
                        request,
                        app,
                        channel,
                    }]
                }
                Err(fault) if fault.kind == FaultKind::Cancelled => {
                    self.publish = Publish::Idle;
                    Vec::new()
                }
                Err(fault) => {
                    self.publish = Publish::Unreadable {
                        path: reading.path.clone(),
                        fault,
                    };
                    Vec::new()
                }
            },
            Publish::Review(review) if review.request == request => {
                review.repacking = false;
                match result {
                    Ok(build) => {
                        review.build = *build;
                        vec![Job::Compare {
                            request,
                            app,
                            channel: review.channel.clone(),
                        }]
                    }
                    Err(fault) => {
                        review.failed = Some(fault);
                        Vec::new()
                    }
                }
            }
            _ => Vec::new(),
        }
    }

    fn on_published(
        &mut self,
        at: DateTime<Utc>,
        request: RequestId,
        result: Result<Box<Done>, Fault>,
    ) -> Vec<Job> {
        let Publish::Running(running) = &mut self.publish else {
            return Vec::new();
        };
        if running.request != request {
            return Vec::new();
        }
        match result {
            Ok(mut done) => {
                done.log.clone_from(&running.log);
                let channel = done.deployed.channel.name.clone();
                let current = done
                    .deployed
                    .previous
                    .as_ref()
                    .map_or(0, |live| live.sequence.0);
                let binary_version = done.release.min_binary_version.to_string();
                self.toast(
                    ToastKind::Done,
                    format!("{} is live on {channel}", done.release.version),
                    format!("Entry {}", done.deployed.activity_entry),
                );
                done.device.begin();
                self.publish = Publish::Done(done);
                let mut jobs = self.fetch_app();
                if let Some(app) = self.app().cloned() {
                    jobs.push(Job::AskAsDevice {
                        app,
                        channel,
                        current,
                        binary_version,
                    });
                }
                jobs
            }
            Err(fault) => {
                // The build and the form are kept: nothing has to be dropped again.
                let mut review = running.review.clone();
                review.failed = (fault.kind != FaultKind::Cancelled).then(|| fault.clone());
                self.publish = Publish::Review(Box::new(review));
                self.note_fault(at, Some(&fault));
                self.fetch_app()
            }
        }
    }
}

/// What a deployment is called once it is done: for the toast and the conflict dialog.
pub fn done_words(action: &DeployAction, channel: &ChannelName, version: &str) -> String {
    match action {
        DeployAction::Publish { .. } => format!("Published {version} to {channel}"),
        DeployAction::Promote { .. } => format!("Promoted {version} to {channel}"),
        DeployAction::Rollback { .. } => format!("Rolled back {channel} to {version}"),
        DeployAction::BuiltIn => format!("Rolled back {channel} to its built-in assets"),
    }
}
