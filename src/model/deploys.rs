//! Wishes about channels: roll back, promote.

use chrono::{DateTime, Utc};
use ota_api::{ChannelState, Deploy, DeployAction, Deployed, DeploymentRecord, Plan};
use ota_model::{ChannelName, ReleaseId};

use super::{Dialog, Fault, FaultKind, Job, Model, Promote, Remote, RollBack, Target, ToastKind};

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

    pub(super) fn on_history(
        &mut self,
        at: DateTime<Utc>,
        channel: &ChannelName,
        result: Result<Vec<DeploymentRecord>, Fault>,
    ) -> Vec<Job> {
        let Some(Dialog::RollBack(dialog)) = &mut self.dialog else {
            return Vec::new();
        };
        if dialog.channel.name != *channel {
            return Vec::new();
        }
        let fault = result.as_ref().err().cloned();
        dialog.history.finish(result, at);
        let choose = dialog
            .history
            .latest()
            .filter(|_| dialog.target.is_none())
            .map(|_| dialog.recommended());
        self.note_fault(at, fault.as_ref());
        choose.map_or_else(Vec::new, |target| self.choose_target(target))
    }

    pub(super) fn on_planned(
        &mut self,
        at: DateTime<Utc>,
        channel: &ChannelName,
        release: Option<&ReleaseId>,
        result: Result<Box<Plan>, Fault>,
    ) {
        let plan = match &mut self.dialog {
            Some(Dialog::RollBack(dialog)) if dialog.channel.name == *channel => {
                let wanted = match &dialog.target {
                    Some(Target::Release(target)) => Some(target),
                    _ => None,
                };
                // An answer for a target that is no longer chosen is dropped.
                (wanted == release).then_some(&mut dialog.plan)
            }
            Some(Dialog::Promote(dialog)) if dialog.to.name == *channel => Some(&mut dialog.plan),
            _ => None,
        };
        if let Some(plan) = plan {
            let fault = result.as_ref().err().cloned();
            plan.finish(result.map(|plan| *plan), at);
            self.note_fault(at, fault.as_ref());
        }
    }

    pub(super) fn on_deployed(
        &mut self,
        at: DateTime<Utc>,
        channel: &ChannelName,
        wanted: String,
        result: Result<Box<Deployed>, Fault>,
    ) -> Vec<Job> {
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
            Err(fault) => self.on_not_deployed(at, wanted, fault),
        }
        self.fetch_app()
    }

    fn on_not_deployed(&mut self, at: DateTime<Utc>, wanted: String, fault: Fault) {
        if let FaultKind::Conflict { channel, .. } = &fault.kind {
            self.learn_channel(channel);
            let decision = self.dialog.as_ref().and_then(Dialog::decision);
            let (wanted, again) = match decision {
                Some((wanted, again)) => (wanted, Some(again)),
                None => (wanted, None),
            };
            self.dialog = Some(Dialog::Conflict {
                wanted,
                fault,
                again,
            });
            return;
        }
        match &mut self.dialog {
            Some(Dialog::RollBack(dialog)) => {
                dialog.busy = false;
                dialog.failed = Some(fault.clone());
            }
            Some(Dialog::Promote(dialog)) => {
                dialog.busy = false;
                dialog.failed = Some(fault.clone());
            }
            _ => {
                self.dialog = Some(Dialog::Message {
                    title: format!("Not done: {wanted}"),
                    fault: fault.clone(),
                });
            }
        }
        self.note_fault(at, Some(&fault));
    }

    /// A refusal told what a channel is by now: what is decided next is decided on that.
    pub(super) fn learn_channel(&mut self, fresh: &ChannelState) {
        self.overview.amend(|overview| {
            let known = overview
                .channels
                .iter_mut()
                .find(|known| known.name == fresh.name);
            if let Some(known) = known
                && known.revision < fresh.revision
            {
                known.clone_from(fresh);
            }
        });
    }
}

fn going_to(target: Target) -> DeployAction {
    match target {
        Target::Release(release) => DeployAction::Rollback { release },
        Target::BuiltIn => DeployAction::BuiltIn,
    }
}

/// What a deployment is called once it is done: for the toast.
pub fn done_words(action: &DeployAction, channel: &ChannelName, version: &str) -> String {
    match action {
        DeployAction::Publish { .. } => format!("Published {version} to {channel}"),
        DeployAction::Promote { .. } => format!("Promoted {version} to {channel}"),
        DeployAction::Rollback { .. } => format!("Rolled back {channel} to {version}"),
        DeployAction::BuiltIn => format!("Rolled back {channel} to its built-in assets"),
    }
}
