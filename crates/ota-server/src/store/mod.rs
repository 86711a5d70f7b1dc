//! The database: one SQLite file, one writer at a time.

pub(crate) mod activity;
pub(crate) mod entities;
mod migrations;
pub(crate) mod read;
pub(crate) mod snapshot;
pub(crate) mod text;
pub(crate) mod tokens;
pub(crate) mod write;

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement,
};
use sea_orm_migration::MigratorTrait as _;
use thiserror::Error;

/// The oldest SQLite without the bug that can lose a commit in WAL mode.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Why the database could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be opened, or it is not one of ours.
    #[error("Cannot open the database {path}")]
    Open {
        /// Which file.
        path: String,
        /// Why.
        source: DbErr,
    },
    /// The library that was linked can lose commits.
    #[error(
        "This program was built with SQLite {found}; it needs 3.51.3 or newer, older ones can lose a commit"
    )]
    OldSqlite {
        /// Its version.
        found: String,
    },
}

/// Opens the database in `data`, creates or migrates it.
pub(crate) async fn open(data: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = data.join("switchtower.sqlite3");
    let shown = path.display().to_string();
    let failed = |source| OpenError::Open {
        path: shown.clone(),
        source,
    };
    let mut options = ConnectOptions::new("sqlite://?mode=rwc");
    options
        .sqlx_logging(false)
        .max_connections(4)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
        });
    let db = Database::connect(options).await.map_err(failed)?;
    let found = sqlite_version(&db).await.map_err(failed)?;
    if version_parts(&found) < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found });
    }
    migrations::Migrator::up(&db, None).await.map_err(failed)?;
    Ok(db)
}

async fn sqlite_version(db: &DatabaseConnection) -> Result<String, DbErr> {
    let query = Statement::from_string(
        db.get_database_backend(),
        "SELECT sqlite_version() AS version",
    );
    let row = db
        .query_one_raw(query)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("sqlite_version()".to_owned()))?;
    row.try_get("", "version")
}

fn version_parts(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_can_lose_commits_is_told_apart() {
        assert!(version_parts("3.51.2") < OLDEST_SQLITE);
        assert!(version_parts("3.51.3") >= OLDEST_SQLITE);
        assert!(version_parts("3.52.0") >= OLDEST_SQLITE);
    }
}
