//! What happened becomes state, and sometimes more work.

use chrono::{DateTime, Utc};
use ota_api::{App, ServerEvent};

use super::{
    ChainVerdict, Dialog, Done, Event, Fault, FaultKind, Job, Link, Model, Prepared, Publish,
    Remote, RequestId, Review, ToastKind,
};

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
            Event::Checked { at, event } => {
                self.on_checked(at, *event);
                Vec::new()
            }
            Event::Checks { at, app, result } => {
                self.on_checks(at, &app, result);
                Vec::new()
            }
            Event::SystemsSet {
                at,
                request,
                result,
            } => self.on_systems_set(at, request, result),
            Event::Apps { at, result } => self.on_apps(at, result),
            Event::Overview { at, app, result } => {
                if self.app() == Some(&app) {
                    self.note_fault(at, result.as_ref().err());
                    self.overview.finish(result.map(|overview| *overview), at);
                    return self.compare_again();
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
                self.keys.keyring.finish(result, at);
                Vec::new()
            }
            Event::KeyFiles { at, result } => {
                self.keys.files.finish(result, at);
                Vec::new()
            }
            Event::KeyDone {
                done,
                custody,
                result,
            } => self.on_key_done(done, custody, result),
            Event::Unlocked {
                name,
                remembered,
                result,
            } => self.on_unlocked(&name, remembered, result),
            Event::Picked { request, result } => self.on_picked(request, result),
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
                self.on_planned(at, &channel, release.as_ref(), result);
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
        self.retry(now)
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
        self.checks = Remote::default();
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
                    *failed = Some(fault.clone());
                }
                self.note_fault(self.now, Some(&fault));
                Vec::new()
            }
        }
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
                    let fault = result.as_ref().err().cloned();
                    review.against.finish(result, at);
                    self.note_fault(at, fault.as_ref());
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
                        moved: false,
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
                let cancelled = fault.kind == FaultKind::Cancelled;
                review.failed = (!cancelled).then(|| fault.clone());
                self.publish = Publish::Review(Box::new(review));
                if cancelled {
                    let message = fault.message.split_once(". ");
                    let (title, detail) = message.unwrap_or((&fault.message, ""));
                    let detail = [Some(detail), fault.hint.as_deref()];
                    let detail: Vec<&str> = detail.into_iter().flatten().collect();
                    self.toast(ToastKind::Done, title.to_owned(), detail.join(". "));
                }
                if let FaultKind::Conflict { channel, .. } = &fault.kind {
                    self.learn_channel(channel);
                }
                self.note_fault(at, Some(&fault));
                let mut jobs = self.note_password(&fault);
                jobs.extend(self.fetch_app());
                jobs
            }
        }
    }
}
