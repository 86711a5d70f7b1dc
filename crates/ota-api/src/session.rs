//! Who is asking, and whom.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a token may do. Each role includes nothing of the others unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything, changes nothing.
    Viewer,
    /// Drafts, and deployments to channels that are open to designers.
    Designer,
    /// Pauses, halts, rolls back; publishes nothing.
    Support,
    /// Everything on channels and releases.
    ReleaseManager,
    /// Also apps, keys, tokens and policies.
    Admin,
}

impl Role {
    /// Every role, the weakest first.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Designer,
        Self::Support,
        Self::ReleaseManager,
        Self::Admin,
    ];

    /// As it is written in JSON and on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Designer => "designer",
            Self::Support => "support",
            Self::ReleaseManager => "release_manager",
            Self::Admin => "admin",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Designer => "Designer",
            Self::Support => "Support",
            Self::ReleaseManager => "Release manager",
            Self::Admin => "Admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == wanted)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
                format!("“{text}” is no role; the roles are {}", known.join(", "))
            })
    }
}

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerInfo {
    /// The version of the server program.
    pub version: String,
    /// The base of every URL that devices are given.
    pub public_url: String,
}

/// Answer of `GET /v1/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Whom one talks to.
    pub server: ServerInfo,
    /// The name of the token: a person or a job.
    pub operator: String,
    /// What it may do.
    pub role: Role,
    /// When it stops working, if ever.
    pub expires_at: Option<DateTime<Utc>>,
}
