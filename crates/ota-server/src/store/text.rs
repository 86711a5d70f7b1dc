//! How enums and times stand in columns.

use chrono::{DateTime, Utc};
use ota_model::{ArtifactKind, DeploymentKind, InstallerType, Lane, ReleaseKind, ReleaseState};
use sea_orm::DbErr;

/// A value that is stored as a word.
pub(crate) trait Word: Copy + PartialEq + 'static {
    const ALL: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(value, _)| *value == self)
            .map_or("", |(_, word)| word)
    }

    fn read(word: &str) -> Result<Self, DbErr> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
            .ok_or_else(|| corrupt("word", word))
    }
}

impl Word for ReleaseKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Web, "web"),
        (Self::BuiltIn, "built_in"),
        (Self::Native, "native"),
    ];
}

impl Word for Lane {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Web, "web"), (Self::Native, "native")];
}

impl Word for Option<InstallerType> {
    const ALL: &'static [(Self, &'static str)] = &[
        (Some(InstallerType::Deb), "deb"),
        (Some(InstallerType::Rpm), "rpm"),
        (Some(InstallerType::AppImage), "appimage"),
        (Some(InstallerType::Nsis), "nsis"),
        (Some(InstallerType::Msi), "msi"),
        (Some(InstallerType::App), "app"),
        (None, "unknown"),
    ];
}

impl Word for ReleaseState {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Draft, "draft"),
        (Self::Ready, "ready"),
        (Self::Recalled, "recalled"),
    ];
}

impl Word for ArtifactKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::TarGz, "tar_gz"),
        (Self::Zip, "zip"),
        (Self::CapgoZip, "capgo_zip"),
    ];
}

impl Word for DeploymentKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Publish, "publish"),
        (Self::Promote, "promote"),
        (Self::Rollback, "rollback"),
        (Self::BuiltIn, "built_in"),
        (Self::ReIssue, "re_issue"),
    ];
}

/// A column holds what this program never writes.
pub(crate) fn corrupt(what: &str, value: &str) -> DbErr {
    DbErr::Type(format!(
        "the database holds {what} “{value}”, which cannot be"
    ))
}

/// A number that was stored signed.
pub(crate) fn unsigned(value: i64) -> Result<u64, DbErr> {
    u64::try_from(value).map_err(|_ignored| corrupt("number", &value.to_string()))
}

/// A number to be stored signed.
pub(crate) fn signed(value: u64) -> Result<i64, DbErr> {
    i64::try_from(value).map_err(|_ignored| corrupt("number", &value.to_string()))
}

/// A stored time.
pub(crate) fn time(millis: i64) -> Result<DateTime<Utc>, DbErr> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| corrupt("time", &millis.to_string()))
}

/// A stored text that was checked before it was written.
pub(crate) fn parsed<T: std::str::FromStr>(what: &str, value: &str) -> Result<T, DbErr> {
    value.parse().map_err(|_ignored| corrupt(what, value))
}
