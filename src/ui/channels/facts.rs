//! What can be said of a channel, in words.

use std::cmp::Ordering;

use ota_api::{ChannelState, LiveRelease};
use ota_model::{DeploymentKind, ReleaseKind};

use crate::model::{Model, words};
use crate::ui::widgets::{Lamp, Status};

/// Where the channel stands.
pub(super) const fn status(channel: &ChannelState) -> Status {
    match &channel.live {
        None => Status::NoRelease,
        Some(_) if channel.paused => Status::Paused,
        Some(_) => Status::Live,
    }
}

/// The lamp that says the same.
pub(super) const fn lamp(channel: &ChannelState) -> Option<Lamp> {
    match status(channel) {
        Status::Live => Some(Lamp::Go),
        Status::Paused => Some(Lamp::Caution),
        _ => None,
    }
}

/// The version, or what stands for it.
pub(super) fn version(live: &LiveRelease) -> String {
    match live.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => live.version.to_string(),
        ReleaseKind::BuiltIn => "Built-in assets".to_owned(),
    }
}

/// Who did it: "rolled back by Night support".
pub(super) fn by(live: &LiveRelease) -> String {
    let by = &live.by;
    match live.kind {
        DeploymentKind::Publish => format!("by {by}"),
        DeploymentKind::Promote => format!("promoted by {by}"),
        DeploymentKind::Rollback | DeploymentKind::BuiltIn => format!("rolled back by {by}"),
        DeploymentKind::ReIssue => format!("issued again by {by}"),
    }
}

/// How this channel stands to its neighbours: the one after it, then the one before it.
pub(super) fn neighbours(model: &Model, index: usize) -> Vec<String> {
    let channels = model
        .overview
        .latest()
        .map(|overview| overview.channels.as_slice())
        .unwrap_or_default();
    let Some(own) = channels
        .get(index)
        .and_then(|channel| channel.live.as_ref())
    else {
        return Vec::new();
    };
    let after = channels.get(index + 1);
    let before = index.checked_sub(1).and_then(|index| channels.get(index));
    [after, before]
        .into_iter()
        .flatten()
        .filter_map(|other| compare(own, other))
        .collect()
}

fn compare(own: &LiveRelease, other: &ChannelState) -> Option<String> {
    let live = other.live.as_ref()?;
    let name = &other.name;
    if own.release == live.release {
        return Some(format!("Same release as {name}"));
    }
    let both_web = own.release_kind == ReleaseKind::Web && live.release_kind == ReleaseKind::Web;
    if !both_web {
        return Some(format!("{name} offers {}", words::release(live)));
    }
    // A release that was rolled back to has a new, high number: versions tell the order, numbers only when they tie.
    let order = own
        .version
        .cmp_precedence(&live.version)
        .then(own.sequence.cmp(&live.sequence));
    let word = match order {
        Ordering::Less => "Behind",
        Ordering::Equal | Ordering::Greater => "Ahead of",
    };
    Some(format!("{word} {name}, which offers {}", live.sequence))
}

/// Why the channel's release cannot be promoted; `None` when it can.
pub(super) fn cannot_promote(model: &Model, channel: &ChannelState) -> Option<String> {
    let name = &channel.name;
    let Some(live) = &channel.live else {
        return Some(format!("{name} has no release yet"));
    };
    if let Some(next) = model.next_channel(name)
        && let Some(there) = &next.live
        && there.release == live.release
    {
        return Some(format!(
            "{} already offers {}",
            next.name,
            words::release(live)
        ));
    }
    if live.release_kind == ReleaseKind::BuiltIn {
        return Some("Built-in assets belong to each binary and are not promoted".to_owned());
    }
    model.cannot_publish()
}

/// Why the channel cannot be rolled back; `None` when it can.
pub(super) fn cannot_roll_back(model: &Model, channel: &ChannelState) -> Option<String> {
    if channel.live.is_none() {
        return Some(format!("{} has nothing to go back from", channel.name));
    }
    model.cannot_roll_back()
}

/// Read out for the card as a whole.
pub(super) fn spoken(channel: &ChannelState, stale: bool) -> String {
    let status = status(channel);
    let word = if stale {
        status.stale_word()
    } else {
        status.word()
    };
    let mut parts = vec![channel.name.to_string()];
    if channel.protected {
        parts.push("protected".to_owned());
    }
    parts.push(word.to_lowercase());
    if let Some(live) = &channel.live {
        parts.push(format!("{} {}", version(live), live.sequence));
    }
    parts.join(", ")
}
