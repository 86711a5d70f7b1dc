//! Wishes about the build: dropped, read, reviewed, published.

use std::path::PathBuf;

use ota_keys::Password;
use ota_model::{ChannelName, ReleaseKind, Revision};

use super::{
    Dialog, Fault, Job, Model, Page, Publish, PublishOrder, Reading, Remote, RequestId, Review,
    Running, StepName, StepPhase, StepState, ToastKind,
};

impl Model {
    pub(super) fn dropped(&mut self, paths: Vec<PathBuf>) -> Vec<Job> {
        self.glance = None;
        if let Some(why) = self.cannot_drop() {
            self.toast(ToastKind::Failed, "Nothing was read".to_owned(), why);
            return Vec::new();
        }
        if self.dialog == Some(Dialog::NoPicker) {
            self.dialog = None;
        }
        let mut paths = paths.into_iter();
        match (paths.next(), paths.len()) {
            (Some(path), 0) => self.read(path, Vec::new()),
            (Some(path), more) => {
                self.settings.page = Page::Publish;
                let message = format!(
                    "{} items were dropped. Drop one: the folder your build writes, usually dist/",
                    more + 1
                );
                self.publish = Publish::Unreadable {
                    path,
                    fault: Fault::local(message),
                };
                Vec::new()
            }
            (None, _) => Vec::new(),
        }
    }

    /// Why nothing can be dropped now; `None` when it can.
    pub fn cannot_drop(&self) -> Option<String> {
        if self.picking.is_some() {
            return Some("Choose in your system’s dialog, or close it first".to_owned());
        }
        // Dropping is one of the ways that are offered when there is no such dialog.
        if !matches!(self.dialog, None | Some(Dialog::NoPicker)) {
            return Some("Close the dialog first".to_owned());
        }
        if matches!(self.publish, Publish::Running(_)) {
            return Some(
                "A build is being published. Wait until it is live, or cancel it".to_owned(),
            );
        }
        if self.app().is_none() {
            return Some("Connect to a server and make an app first".to_owned());
        }
        None
    }

    /// Where a build goes unless told: the channel used last, never a protected one.
    pub fn default_channel(&self) -> Option<ChannelName> {
        let channels = &self.overview.latest()?.channels;
        let known = |name: &ChannelName| {
            channels
                .iter()
                .any(|channel| channel.name == *name && !channel.protected)
        };
        self.settings
            .channel
            .clone()
            .filter(known)
            .or_else(|| {
                channels
                    .iter()
                    .find(|channel| channel.name.as_str() == "staging")
                    .map(|c| c.name.clone())
            })
            .or_else(|| channels.first().map(|channel| channel.name.clone()))
    }

    pub(super) fn read(&mut self, path: PathBuf, left_out: Vec<String>) -> Vec<Job> {
        self.settings.page = Page::Publish;
        let (Some(app), Some(channel)) = (self.app().cloned(), self.default_channel()) else {
            let fault = Fault::local(
                "The channels are not known yet. Try again when the server has answered",
            );
            self.publish = Publish::Unreadable { path, fault };
            return Vec::new();
        };
        let mut jobs = self.stop_reading();
        let request = RequestId(self.id());
        self.publish = Publish::Reading(Reading {
            request,
            path: path.clone(),
            files: (0, 0),
            bytes: (0, 0),
        });
        jobs.push(Job::Read {
            request,
            path,
            left_out,
            app,
            channel,
        });
        jobs
    }

    /// Reads a folder inside the one that was read. That one may be an unpacked archive, so it is not put away yet.
    pub(super) fn read_within(&mut self, path: PathBuf) -> Vec<Job> {
        let mut jobs = self.read(path, Vec::new());
        jobs.retain(|job| !matches!(job, Job::Cancel(_)));
        jobs
    }

    fn stop_reading(&self) -> Vec<Job> {
        match &self.publish {
            Publish::Reading(reading) => vec![Job::Cancel(reading.request)],
            Publish::Review(review) => vec![Job::Cancel(review.request)],
            _ => Vec::new(),
        }
    }

    pub(super) fn discard_build(&mut self) -> Vec<Job> {
        let jobs = self.stop_reading();
        self.publish = Publish::Idle;
        jobs
    }

    pub(super) fn choose_channel(&mut self, channel: ChannelName) -> Vec<Job> {
        self.settings.channel = Some(channel.clone());
        let save = self.save();
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Publish::Review(review) = &mut self.publish else {
            return vec![save];
        };
        review.channel = channel.clone();
        review.moved = false;
        review.against = Remote::default();
        review.against.begin();
        vec![
            save,
            Job::Compare {
                request: review.request,
                app,
                channel,
            },
        ]
    }

    /// Compares a reviewed build again when its channel offers something else by now, or could not be compared.
    pub(super) fn compare_again(&mut self) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Publish::Review(review) = &mut self.publish else {
            return Vec::new();
        };
        let Some(state) = self.overview.latest().and_then(|overview| {
            let mut channels = overview.channels.iter();
            channels.find(|channel| channel.name == review.channel)
        }) else {
            return Vec::new();
        };
        if review.against.is_loading() {
            return Vec::new();
        }
        let moved = review.against.latest().is_some_and(|against| {
            let live = state
                .live
                .as_ref()
                .filter(|live| live.release_kind == ReleaseKind::Web);
            let now = live.map(|live| (live.version.to_string(), live.sequence));
            against.live != now
        });
        if moved {
            review.moved = true;
        } else if review.against.fault().is_none() {
            return Vec::new();
        }
        review.against.begin();
        vec![Job::Compare {
            request: review.request,
            app,
            channel: review.channel.clone(),
        }]
    }

    pub(super) fn change_left_out(&mut self, change: impl FnOnce(&mut Vec<String>)) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Publish::Review(review) = &mut self.publish else {
            return Vec::new();
        };
        change(&mut review.left_out);
        review.left_out.sort();
        review.left_out.dedup();
        review.repacking = true;
        let (path, left_out, channel) = (
            review.build.path.clone(),
            review.left_out.clone(),
            review.channel.clone(),
        );
        // The same request: what comes replaces the build in the review, the form stays.
        vec![Job::Read {
            request: review.request,
            path,
            left_out,
            app,
            channel,
        }]
    }

    pub(super) fn publish(
        &mut self,
        order: PublishOrder,
        revision: Revision,
        password: Option<Password>,
    ) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Some(state) = self.channel(&order.channel) else {
            return Vec::new();
        };
        let before = state.live.as_ref().map(|live| live.version.to_string());
        let request = RequestId(self.id());
        let Publish::Review(review) = &mut self.publish else {
            return Vec::new();
        };
        if review.repacking || review.build.scan.is_stopped() {
            return Vec::new();
        }
        review.failed = None;
        let review = (**review).clone();
        self.settings.channel = Some(order.channel.clone());
        self.settings.signer = Some(order.key.clone());
        let waiting = |name| StepState {
            name,
            detail: String::new(),
            bytes: None,
            phase: StepPhase::Waiting,
        };
        let build = review.request;
        self.publish = Publish::Running(Box::new(Running {
            request,
            order: order.clone(),
            build: review.build.clone(),
            before,
            steps: StepName::ALL.into_iter().map(waiting).collect(),
            log: Vec::new(),
            cancelling: false,
            review,
        }));
        vec![
            self.save(),
            Job::Publish {
                request,
                build,
                app,
                order,
                revision,
                password,
            },
        ]
    }

    pub(super) fn cancel_publish(&mut self) -> Vec<Job> {
        let Publish::Running(running) = &mut self.publish else {
            return Vec::new();
        };
        if !running.can_cancel() {
            return Vec::new();
        }
        running.cancelling = true;
        vec![Job::Cancel(running.request)]
    }
}

impl Review {
    /// Where the build would go, and what it would replace.
    pub fn live_version(&self) -> Option<&str> {
        self.against
            .latest()?
            .live
            .as_ref()
            .map(|(version, _)| version.as_str())
    }
}
