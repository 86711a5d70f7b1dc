//! Everything a check needs to know of an app, at one instant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AppSlug, Channel, ChannelName, Deployment, Lane, Release, ReleaseId, Sequence, Systems,
};

/// A channel with what it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSnapshot {
    /// Its settings.
    pub channel: Channel,
    /// What it offers, if any web bundle was ever deployed.
    pub live: Option<Deployment>,
    /// What it offers, if any installers were ever deployed.
    pub native: Option<Deployment>,
    /// The highest sequence it ever offered; [`Sequence::BUILT_IN`] if none.
    pub highest: Sequence,
}

impl ChannelSnapshot {
    /// What it offers in a lane.
    pub const fn live(&self, lane: Lane) -> Option<&Deployment> {
        match lane {
            Lane::Web => self.live.as_ref(),
            Lane::Native => self.native.as_ref(),
        }
    }
}

/// An app as devices see it. Built from the database in one go and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSnapshot {
    /// Which app.
    pub slug: AppSlug,
    /// The channel of a client that names none.
    pub default_channel: ChannelName,
    /// Which client systems it serves, and how.
    pub systems: Systems,
    /// The last sequence that was given out.
    pub last_sequence: Sequence,
    /// By name.
    pub channels: BTreeMap<ChannelName, ChannelSnapshot>,
    /// Every release that ever had a sequence, recalled ones too.
    pub releases: BTreeMap<ReleaseId, Release>,
    /// Which release each sequence stands for. One number never stands for two.
    pub sequences: BTreeMap<Sequence, ReleaseId>,
}

impl AppSnapshot {
    /// The release that a device with this sequence runs. `None` for the built-in assets and for numbers that this
    /// app never gave out.
    pub fn release_of(&self, sequence: Sequence) -> Option<&Release> {
        self.releases.get(self.sequences.get(&sequence)?)
    }
}
