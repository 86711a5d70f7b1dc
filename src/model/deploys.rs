//! Wishes about channels: roll back, promote.

use ota_api::{Deploy, DeployAction};
use ota_model::ChannelName;

use super::{Dialog, Job, Model, Promote, Remote, RollBack, Target, ToastKind};

impl Model {
    pub(super) fn ask_roll_back(&mut self, name: &ChannelName) -> Vec<Job> {
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

    pub(super) fn roll_back(&mut self, reason: &str) -> Vec<Job> {
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

    pub(super) fn ask_promote(&mut self, name: &ChannelName) -> Vec<Job> {
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

    pub(super) fn promote(&mut self) -> Vec<Job> {
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
