//! A channel before its first release.

use egui::{Rect, Ui};
use ota_api::ChannelState;
use ota_model::ReleaseKind;

use super::facts;
use crate::model::{Action, Model};
use crate::ui::icons;
use crate::ui::place::place;
use crate::ui::widgets::{Button, EmptyState};

/// What mends an empty channel.
pub(super) enum Remedy<'a> {
    /// The channel before it has a release.
    Promote(&'a ChannelState),
    /// A build can be published here.
    Choose,
    /// First something must come to the channel before it.
    Wait(&'a ChannelState),
}

/// What can be done for the empty channel at `index`.
pub(super) fn remedy(model: &Model, index: usize) -> Remedy<'_> {
    let channels = model
        .overview
        .latest()
        .map(|overview| overview.channels.as_slice())
        .unwrap_or_default();
    let before = index.checked_sub(1).and_then(|index| channels.get(index));
    let Some(before) = before else {
        return Remedy::Choose;
    };
    let web = |live: &ota_api::LiveRelease| live.release_kind == ReleaseKind::Web;
    if before.live.as_ref().is_some_and(web) {
        return Remedy::Promote(before);
    }
    // Builds enter the line at its first two channels: hotfix and staging.
    if index <= 1 {
        Remedy::Choose
    } else {
        Remedy::Wait(before)
    }
}

/// The empty state in the middle of a card.
pub(super) fn empty_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    actions: &mut Vec<Action>,
) {
    let Some(channel) = model
        .overview
        .latest()
        .and_then(|overview| overview.channels.get(index))
    else {
        return;
    };
    let name = &channel.name;
    let remedy = remedy(model, index);
    let next = match &remedy {
        Remedy::Promote(before) => format!("Promote one from {} to start.", before.name),
        Remedy::Choose => "Publish a build here to start.".to_owned(),
        Remedy::Wait(before) => format!("Bring one to {} first, then promote it.", before.name),
    };
    let title = format!("No release on {name} yet");
    let text = format!("Devices on {name} show what their binary shipped with. {next}");
    let state = EmptyState::new(icons::SIGNPOST, &title, &text);
    let top = if matches!(remedy, Remedy::Wait(_)) {
        68.0
    } else {
        46.0
    };
    let middle = rect
        .shrink2(egui::vec2(14.0, 0.0))
        .with_min_y(rect.top() + top);
    place(ui, middle, |ui| match remedy {
        Remedy::Promote(before) => {
            let version = before.live.as_ref().map(facts::version).unwrap_or_default();
            let label = format!("Promote {version} to {name}…");
            let may_not = facts::cannot_promote(model, before);
            let button = Button::secondary(&label)
                .icon(icons::ARROW_RIGHT)
                .disabled(may_not.as_deref());
            if state
                .ui(ui, Some(button))
                .is_some_and(|button| button.clicked())
            {
                actions.push(Action::AskPromote(before.name.clone()));
            }
        }
        Remedy::Choose => {
            let spoken = format!("Choose a build for {name}…");
            let may_not = model.cannot_choose();
            let button = Button::secondary("Choose build…")
                .icon(icons::FOLDER_OPEN)
                .name(&spoken)
                .disabled(may_not.as_deref());
            if state
                .ui(ui, Some(button))
                .is_some_and(|button| button.clicked())
            {
                actions.push(Action::ChooseChannel(name.clone()));
                actions.push(Action::ChooseBuild);
            }
        }
        Remedy::Wait(_) => {
            state.ui(ui, None);
        }
    });
}
