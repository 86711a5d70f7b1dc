//! Wishes of the person become state and work.

use chrono::TimeDelta;

use super::{
    Action, Job, Link, Model, Page, Pick, Publish, Remote, ServerChoice, Toast, ToastKind,
};

/// A toast that repeats what stands elsewhere goes away after this.
const TOAST_LIFE: TimeDelta = TimeDelta::seconds(6);
/// One that offers to undo what it tells of: reading it, deciding and getting there takes longer.
const UNDO_LIFE: TimeDelta = TimeDelta::seconds(20);
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
            Action::AskSignIn => {
                self.ask_sign_in();
                Vec::new()
            }
            Action::SignInAgain(token) => self.sign_in_again(token),
            Action::Refresh => self.refresh(),
            Action::ChooseApp(app) => {
                self.forget_app();
                self.settings.app = Some(app);
                let mut jobs = self.refresh();
                jobs.push(self.save());
                jobs
            }
            Action::CreateApp { slug, name, serves } => {
                self.once(Job::CreateApp { slug, name, serves })
            }
            Action::Serve { system, serve } => self.serve(system, serve),
            Action::UndoServe(toast) => self.undo_serve(toast),
            Action::SetTheme(theme) => {
                self.settings.theme = theme;
                vec![self.save()]
            }
            Action::Open(dialog) => {
                self.awaiting = false;
                self.no_picker = None;
                self.dialog = Some(dialog);
                Vec::new()
            }
            Action::CloseDialog => {
                self.awaiting = false;
                self.close_dialog();
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
            Action::ChooseBuild => self.choose_build(),
            Action::StopChoosing => self.stop_picking(),
            Action::Hover(path) => vec![Job::Glance(path)],
            Action::Dropped(paths) => self.dropped(paths),
            Action::DiscardBuild => self.discard_build(),
            Action::ChooseChannel(channel) => self.choose_channel(channel),
            Action::LeaveOut(paths) => self.change_left_out(|left_out| left_out.extend(paths)),
            Action::TakeIn(paths) => {
                self.change_left_out(|left_out| left_out.retain(|path| !paths.contains(path)))
            }
            Action::UseSuggestedFolder(path) => self.read_within(path),
            Action::Publish(order) => self.order_publish(order),
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
            Action::ChooseKeyFile => self.pick(Pick::KeyFile),
            Action::ChooseBackUpFile { name } => self.pick(Pick::BackUpFile {
                name: format!("{name}.key"),
            }),
            Action::ChooseKeyFolder => self.pick(Pick::KeyFolder),
            Action::UseKeyFolder(folder) => self.use_key_folder(folder),
            Action::KeepNewKeysIn(place) => self.keep_new_keys_in(place),
            Action::TrustKey(key) => self.order_trust(key),
            Action::UnlockKey { password, remember } => self.unlock(password, remember),
            Action::ForgetPassword(name) => vec![Job::ForgetPassword(name), Job::ListKeyFiles],
            Action::GenerateKey { .. }
            | Action::ImportKey { .. }
            | Action::BackUpKey { .. }
            | Action::RenameKey { .. }
            | Action::DeleteKey { .. } => self.apply_to_keys(action),
        }
    }

    /// The work, unless the same dialog asked for it a moment ago.
    pub(super) fn once(&mut self, job: Job) -> Vec<Job> {
        if std::mem::replace(&mut self.awaiting, true) {
            return Vec::new();
        }
        vec![job]
    }

    pub(super) fn save(&self) -> Job {
        Job::SaveSettings(Box::new(self.settings.clone()))
    }

    /// Shows a short notice; its name.
    pub(super) fn toast(&mut self, kind: ToastKind, text: String, detail: String) -> u64 {
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
        id
    }

    /// Leaves a notice that offers to undo something on the screen for longer.
    pub(super) fn keep_toast(&mut self, id: u64) {
        let until = self.now + UNDO_LIFE;
        if let Some(toast) = self.toasts.iter_mut().find(|toast| toast.id == id) {
            toast.until = Some(until);
        }
    }

    fn go(&mut self, page: Page) -> Vec<Job> {
        if page == Page::Connect && self.app().is_none() {
            return Vec::new();
        }
        self.settings.page = page;
        let mut jobs = vec![self.save()];
        if page == Page::Connect {
            jobs.extend(self.fetch_checks());
        }
        if page == Page::Keys {
            jobs.extend(self.list_keys());
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
        self.checks = Remote::default();
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
        let mut jobs = vec![Job::FetchOverview(app.clone()), Job::FetchActivity(app)];
        if self.page() == Page::Connect {
            jobs.extend(self.fetch_checks());
        }
        jobs
    }
}
