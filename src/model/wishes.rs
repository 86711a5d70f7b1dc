//! Wishes of the person become state and work.

use std::path::PathBuf;

use chrono::TimeDelta;
use ota_api::{Deploy, DeployAction};
use ota_model::ChannelName;

use super::{
    Action, Dialog, Fault, Job, Link, Model, Page, Promote, Publish, PublishOrder, Reading, Remote,
    RequestId, Review, RollBack, Running, ServerChoice, StepName, StepPhase, StepState, Target,
    Toast, ToastKind,
};

/// A toast that repeats what stands elsewhere goes away after this.
const TOAST_LIFE: TimeDelta = TimeDelta::seconds(6);
/// More would hide the screen.
const MOST_TOASTS: usize = 3;

impl Model {
    /// Apply a wish. Returns the work it needs; performs none of it.
    #[expect(clippy::too_many_lines, reason = "a table: one arm for each wish")]
    pub fn apply(&mut self, action: Action) -> Vec<Job> {
        match action {
            Action::Go(page) => self.go(page),
            Action::StartLocalServer => self.connect(ServerChoice::Embedded, None),
            Action::Connect { url, token } => {
                self.connect(ServerChoice::Remote { url }, Some(token))
            }
            Action::Probe { url, token } => vec![Job::Probe { url, token }],
            Action::TryNow => self.try_now(),
            Action::Disconnect => self.disconnect(),
            Action::SignInAgain(token) => {
                self.dialog = None;
                let server = self.settings.server.clone();
                server
                    .map(|server| Job::Connect {
                        server,
                        token: Some(token),
                    })
                    .into_iter()
                    .collect()
            }
            Action::Refresh => self.refresh(),
            Action::ChooseApp(app) => {
                self.forget_app();
                self.settings.app = Some(app);
                let mut jobs = self.refresh();
                jobs.push(self.save());
                jobs
            }
            Action::CreateApp { slug, name } => self.once(Job::CreateApp { slug, name }),
            Action::SetTheme(theme) => {
                self.settings.theme = theme;
                vec![self.save()]
            }
            Action::Open(dialog) => {
                self.awaiting = false;
                self.dialog = Some(dialog);
                Vec::new()
            }
            Action::CloseDialog => {
                self.awaiting = false;
                self.dialog = None;
                Vec::new()
            }
            Action::CloseToast(id) => {
                self.toasts.retain(|toast| toast.id != id);
                Vec::new()
            }
            Action::Copy { text, what } => {
                self.toast(ToastKind::Done, format!("Copied: {what}"), String::new());
                vec![Job::Copy(text)]
            }
            Action::ChooseBuild => vec![Job::PickBuild],
            Action::Hover(path) => vec![Job::Glance(path)],
            Action::Dropped(paths) => self.dropped(paths),
            Action::DiscardBuild => self.discard_build(),
            Action::ChooseChannel(channel) => self.choose_channel(channel),
            Action::LeaveOut(paths) => self.change_left_out(|left_out| left_out.extend(paths)),
            Action::TakeIn(paths) => {
                self.change_left_out(|left_out| left_out.retain(|path| !paths.contains(path)))
            }
            Action::UseSuggestedFolder(path) => self.read_within(path),
            Action::Publish(order) => self.publish(order),
            Action::CancelPublish => self.cancel_publish(),
            Action::PublishAnother => {
                self.publish = Publish::Idle;
                Vec::new()
            }
            Action::AskRollBack(channel) => self.ask_roll_back(&channel),
            Action::ChooseTarget(target) => self.choose_target(target),
            Action::RollBack { reason } => self.roll_back(&reason),
            Action::AskPromote(channel) => self.ask_promote(&channel),
            Action::Promote => self.promote(),
            Action::GenerateKey { .. }
            | Action::ChooseKeyFile
            | Action::ImportKey { .. }
            | Action::TrustKey(_)
            | Action::ChooseBackUpFile { .. }
            | Action::BackUpKey { .. }
            | Action::RenameKey { .. }
            | Action::DeleteKey { .. } => self.apply_to_keys(action),
        }
    }

    fn apply_to_keys(&mut self, action: Action) -> Vec<Job> {
        self.set_key_dialog_busy();
        let app = self.app().cloned();
        let job = match action {
            Action::GenerateKey { name, trust } => Job::GenerateKey {
                name,
                trust: app.filter(|_| trust),
            },
            Action::ChooseKeyFile => Job::PickKeyFile,
            Action::ImportKey {
                path,
                name,
                password,
                trust,
            } => Job::ImportKey {
                path,
                name,
                password,
                trust: app.filter(|_| trust),
            },
            Action::TrustKey(name) => match app {
                Some(app) => Job::TrustKey { app, name },
                None => return Vec::new(),
            },
            Action::ChooseBackUpFile { name } => Job::PickBackUpFile {
                name: format!("{name}.key"),
            },
            Action::BackUpKey {
                name,
                path,
                password,
            } => Job::BackUpKey {
                name,
                path,
                password,
            },
            Action::RenameKey { from, to } => return self.once(Job::RenameKey { from, to }),
            Action::DeleteKey { name, typed } => return self.once(Job::DeleteKey { name, typed }),
            _ => return Vec::new(),
        };
        if matches!(job, Job::PickKeyFile | Job::PickBackUpFile { .. }) {
            self.set_key_dialog_idle();
        }
        vec![job]
    }

    /// The work, unless the same dialog asked for it a moment ago.
    fn once(&mut self, job: Job) -> Vec<Job> {
        if std::mem::replace(&mut self.awaiting, true) {
            return Vec::new();
        }
        vec![job]
    }

    fn set_key_dialog_busy(&mut self) {
        self.with_key_dialog(|busy, failed| {
            *busy = true;
            *failed = None;
        });
    }

    fn set_key_dialog_idle(&mut self) {
        self.with_key_dialog(|busy, _| *busy = false);
    }

    /// The dialogs about keys that show work in progress.
    pub(super) fn with_key_dialog(&mut self, change: impl FnOnce(&mut bool, &mut Option<Fault>)) {
        match &mut self.dialog {
            Some(
                Dialog::NewKey { busy, failed }
                | Dialog::ImportKey { busy, failed, .. }
                | Dialog::BackUpKey { busy, failed, .. },
            ) => change(busy, failed),
            Some(Dialog::RenameKey { failed, .. } | Dialog::DeleteKey { failed, .. }) => {
                change(&mut false, failed);
            }
            _ => {}
        }
    }

    pub(super) fn save(&self) -> Job {
        Job::SaveSettings(Box::new(self.settings.clone()))
    }

    pub(super) fn toast(&mut self, kind: ToastKind, text: String, detail: String) {
        let until = (kind == ToastKind::Done).then(|| self.now + TOAST_LIFE);
        let id = self.id();
        self.toasts.push(Toast {
            id,
            kind,
            text,
            detail,
            until,
        });
        let extra = self.toasts.len().saturating_sub(MOST_TOASTS);
        self.toasts.drain(..extra);
    }

    fn go(&mut self, page: Page) -> Vec<Job> {
        self.settings.page = page;
        let mut jobs = vec![self.save()];
        if page == Page::Keys {
            self.keys.begin();
            jobs.push(Job::ListKeys);
        }
        jobs
    }

    fn connect(&mut self, server: ServerChoice, token: Option<ota_keys::AccessToken>) -> Vec<Job> {
        if let Link::FirstRun { busy, failed, .. } = &mut self.link {
            *busy = true;
            *failed = None;
        }
        vec![Job::Connect { server, token }]
    }

    fn try_now(&mut self) -> Vec<Job> {
        if let Link::Down { retry_at, .. } = &mut self.link {
            *retry_at = self.now;
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

    fn disconnect(&mut self) -> Vec<Job> {
        self.forget_app();
        self.apps = Remote::default();
        self.settings.server = None;
        self.settings.app = None;
        self.dialog = None;
        self.publish = Publish::Idle;
        self.link = Link::FirstRun {
            probed: None,
            busy: false,
            failed: None,
        };
        vec![Job::Disconnect, self.save()]
    }

    fn forget_app(&mut self) {
        self.overview = Remote::default();
        self.recent = Remote::default();
        self.chain = None;
    }

    /// Reads again everything that is on the screen.
    pub(super) fn refresh(&mut self) -> Vec<Job> {
        if !matches!(self.link, Link::Up(_)) {
            return self.try_now();
        }
        self.apps.begin();
        let mut jobs = vec![Job::FetchApps];
        jobs.extend(self.fetch_app());
        jobs
    }

    /// Reads the app that is shown.
    pub(super) fn fetch_app(&mut self) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        self.overview.begin();
        self.recent.begin();
        vec![Job::FetchOverview(app.clone()), Job::FetchActivity(app)]
    }

    fn dropped(&mut self, paths: Vec<PathBuf>) -> Vec<Job> {
        self.glance = None;
        if let Some(why) = self.cannot_drop() {
            self.toast(ToastKind::Failed, "Nothing was read".to_owned(), why);
            return Vec::new();
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
        if self.dialog.is_some() {
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

    fn read(&mut self, path: PathBuf, left_out: Vec<String>) -> Vec<Job> {
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
    fn read_within(&mut self, path: PathBuf) -> Vec<Job> {
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

    fn discard_build(&mut self) -> Vec<Job> {
        let jobs = self.stop_reading();
        self.publish = Publish::Idle;
        jobs
    }

    fn choose_channel(&mut self, channel: ChannelName) -> Vec<Job> {
        self.settings.channel = Some(channel.clone());
        let save = self.save();
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Publish::Review(review) = &mut self.publish else {
            return vec![save];
        };
        review.channel = channel.clone();
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

    fn change_left_out(&mut self, change: impl FnOnce(&mut Vec<String>)) -> Vec<Job> {
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

    fn publish(&mut self, order: PublishOrder) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Some(state) = self.channel(&order.channel) else {
            return Vec::new();
        };
        let revision = state.revision;
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
        self.settings.key = Some(order.key.clone());
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
            },
        ]
    }

    fn cancel_publish(&mut self) -> Vec<Job> {
        let Publish::Running(running) = &mut self.publish else {
            return Vec::new();
        };
        if !running.can_cancel() {
            return Vec::new();
        }
        running.cancelling = true;
        vec![Job::Cancel(running.request)]
    }

    fn ask_roll_back(&mut self, name: &ChannelName) -> Vec<Job> {
        if let Some(why) = self.cannot_roll_back() {
            self.toast(ToastKind::Failed, format!("{name} was not touched"), why);
            return Vec::new();
        }
        let (Some(app), Some(channel)) = (self.app().cloned(), self.channel(name).cloned()) else {
            return Vec::new();
        };
        let mut history = Remote::default();
        history.begin();
        self.dialog = Some(Dialog::RollBack(Box::new(RollBack {
            channel,
            history,
            target: None,
            plan: Remote::default(),
            busy: false,
            failed: None,
        })));
        vec![Job::FetchHistory {
            app,
            channel: name.clone(),
        }]
    }

    pub(super) fn choose_target(&mut self, target: Target) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Some(Dialog::RollBack(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        dialog.plan = Remote::default();
        dialog.plan.begin();
        dialog.target = Some(target.clone());
        let deploy = Deploy {
            action: going_to(target),
            reason: None,
        };
        vec![Job::Plan {
            app,
            channel: dialog.channel.name.clone(),
            deploy,
        }]
    }

    fn roll_back(&mut self, reason: &str) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Some(Dialog::RollBack(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        let Some(target) = dialog.target.clone().filter(|_| !dialog.busy) else {
            return Vec::new();
        };
        dialog.busy = true;
        dialog.failed = None;
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let deploy = Deploy {
            action: going_to(target),
            reason,
        };
        let (channel, revision) = (dialog.channel.name.clone(), dialog.channel.revision);
        vec![Job::Deploy {
            app,
            channel,
            revision,
            deploy,
        }]
    }

    fn ask_promote(&mut self, name: &ChannelName) -> Vec<Job> {
        if let Some(why) = self.cannot_publish() {
            self.toast(
                ToastKind::Failed,
                format!("Nothing was promoted from {name}"),
                why,
            );
            return Vec::new();
        }
        let (Some(app), Some(from), Some(to)) = (
            self.app().cloned(),
            self.channel(name).cloned(),
            self.next_channel(name).cloned(),
        ) else {
            return Vec::new();
        };
        let Some(live) = from.live.clone() else {
            return Vec::new();
        };
        let mut plan = Remote::default();
        plan.begin();
        let deploy = Deploy {
            action: DeployAction::Promote {
                from: from.name.clone(),
                release: live.release,
            },
            reason: None,
        };
        let job = Job::Plan {
            app,
            channel: to.name.clone(),
            deploy,
        };
        self.dialog = Some(Dialog::Promote(Box::new(Promote {
            from,
            to,
            plan,
            busy: false,
            failed: None,
        })));
        vec![job]
    }

    fn promote(&mut self) -> Vec<Job> {
        let Some(app) = self.app().cloned() else {
            return Vec::new();
        };
        let Some(Dialog::Promote(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        let Some(live) = dialog.from.live.as_ref().filter(|_| !dialog.busy) else {
            return Vec::new();
        };
        let action = DeployAction::Promote {
            from: dialog.from.name.clone(),
            release: live.release.clone(),
        };
        dialog.busy = true;
        dialog.failed = None;
        let (channel, revision) = (dialog.to.name.clone(), dialog.to.revision);
        vec![Job::Deploy {
            app,
            channel,
            revision,
            deploy: Deploy {
                action,
                reason: None,
            },
        }]
    }
}

fn going_to(target: Target) -> DeployAction {
    match target {
        Target::Release(release) => DeployAction::Rollback { release },
        Target::BuiltIn => DeployAction::BuiltIn,
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
