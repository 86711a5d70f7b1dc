//! Which devices asked, as far as the server remembers: in memory, since it started.

use chrono::{DateTime, Utc};
use ota_model::{AppSlug, ChannelName, ClientSystem, NoUpdate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `GET /v1/apps/{app}/checks`. Kept in memory: it begins anew when the server starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checks {
    /// When the server began to count.
    pub since: DateTime<Utc>,
    /// One for each of the five client systems, in a fixed order.
    pub systems: Vec<SystemChecks>,
}

impl Checks {
    /// What is known of one system.
    pub fn of(&self, system: ClientSystem) -> Option<&SystemChecks> {
        self.systems.iter().find(|checks| checks.system == system)
    }
}

/// The checks of one client system. Those that Switchtower itself makes to see what a device gets are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemChecks {
    /// Which system.
    #[schema(value_type = String)]
    pub system: ClientSystem,
    /// How many since the server started.
    pub count: u64,
    /// When the first one was since the server started.
    pub first_at: Option<DateTime<Utc>>,
    /// The latest one.
    pub last: Option<Check>,
}

/// One check of a device. What the device says of itself is unverified text, cut at 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// When.
    pub at: DateTime<Utc>,
    /// The channel it named, if it named one.
    pub asked_channel: Option<String>,
    /// The channel it follows: the one it named, or the app's default one. Absent if the app has no such channel.
    #[schema(value_type = Option<String>)]
    pub channel: Option<ChannelName>,
    /// Its operating system, as its client spells it.
    pub platform: Option<String>,
    /// Its architecture, as its client spells it.
    pub arch: Option<String>,
    /// The version of its binary.
    pub binary_version: Option<String>,
    /// What it runs: a sequence (hotswap), or a version.
    pub current: Option<String>,
    /// What it was answered.
    pub answer: CheckAnswer,
}

/// What a device was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckAnswer {
    /// In words.
    pub text: String,
    /// The version that it was offered, if it was offered one.
    pub version: Option<String>,
    /// The number that it was offered it under.
    pub sequence: Option<u64>,
    /// Why it was offered nothing.
    #[schema(value_type = Option<String>)]
    pub reason: Option<NoUpdate>,
}

/// A server-sent event: devices checked. The event's name is `check`. Sent at most once a second for one system of an
/// app, with what is true then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckEvent {
    /// Which app.
    #[schema(value_type = String)]
    pub app: AppSlug,
    /// The checks of one of its systems.
    pub checks: SystemChecks,
}
