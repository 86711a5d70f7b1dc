//! The database schema, step by step. A step that was released is never edited.

mod sync_kit;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, pk_auto, string, string_null, text, text_null,
};

/// All steps, in order.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Initial),
            Box::new(Native),
            Box::new(Capgo),
            Box::new(sync_kit::SyncKit),
        ]
    }
}

struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

/// A column or table by its name.
fn name(text: &'static str) -> Alias {
    Alias::new(text)
}

/// An auto-incremented 64-bit key.
fn id() -> ColumnDef {
    let mut column = pk_auto(name("id"));
    column.big_integer();
    column
}

fn index(table: &'static str, columns: [&'static str; 2]) -> IndexCreateStatement {
    let [first, second] = columns;
    Index::create()
        .name(format!("{table}_by_{first}_{second}"))
        .table(name(table))
        .col(name(first))
        .col(name(second))
        .to_owned()
}

fn unique(table: &'static str, columns: [&'static str; 2]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

#[expect(clippy::too_many_lines, reason = "a table of tables")]
fn tables() -> Vec<TableCreateStatement> {
    let table = |table: &'static str| Table::create().table(name(table)).to_owned();
    let pair = |first: &'static str, second: &'static str| {
        Index::create()
            .col(name(first))
            .col(name(second))
            .primary()
            .to_owned()
    };
    vec![
        table("apps")
            .col(id())
            .col(string(name("slug")).unique_key())
            .col(string(name("name")))
            .col(string(name("default_channel")))
            .col(big_integer(name("last_sequence")))
            .col(big_integer(name("activity_head")))
            .col(string(name("activity_hash")))
            .col(big_integer(name("created_at")))
            .to_owned(),
        table("tokens")
            .col(id())
            .col(string(name("name")))
            .col(string(name("role")))
            .col(string(name("hash")).unique_key())
            .col(big_integer(name("created_at")))
            .col(big_integer_null(name("expires_at")))
            .col(big_integer_null(name("last_used_at")))
            .to_owned(),
        table("keys")
            .col(id())
            .col(big_integer(name("app_id")))
            .col(string(name("key_id")))
            .col(string(name("name")))
            .col(string(name("public_key")))
            .col(big_integer(name("added_at")))
            .col(string(name("added_by")))
            .to_owned(),
        table("releases")
            .col(string(name("id")).primary_key())
            .col(big_integer(name("app_id")))
            .col(string(name("version")))
            .col(string(name("kind")))
            .col(string(name("state")))
            .col(text(name("notes")))
            .col(string(name("min_binary_version")))
            .col(string_null(name("max_binary_version")))
            .col(big_integer_null(name("files")))
            .col(big_integer_null(name("unpacked_bytes")))
            .col(big_integer(name("created_at")))
            .col(string(name("created_by")))
            .to_owned(),
        table("listings")
            .col(string(name("release_id")).primary_key())
            .col(text(name("listing")))
            .to_owned(),
        table("artifacts")
            .col(string(name("release_id")))
            .col(string(name("kind")))
            .col(big_integer(name("app_id")))
            .col(string(name("sha256")))
            .col(big_integer(name("size_bytes")))
            .col(text(name("signature")))
            .col(string(name("key_id")))
            .primary_key(&mut pair("release_id", "kind"))
            .to_owned(),
        table("uploads")
            .col(string(name("release_id")))
            .col(string(name("kind")))
            .col(string(name("sha256")))
            .col(big_integer(name("size_bytes")))
            .col(text(name("signature")))
            .col(big_integer(name("created_at")))
            .primary_key(&mut pair("release_id", "kind"))
            .to_owned(),
        table("channels")
            .col(id())
            .col(big_integer(name("app_id")))
            .col(string(name("name")))
            .col(big_integer(name("position")))
            .col(boolean(name("protected")))
            .col(boolean(name("paused")))
            .col(big_integer(name("revision")))
            .col(big_integer(name("highest")))
            .to_owned(),
        table("deployments")
            .col(id())
            .col(big_integer(name("app_id")))
            .col(big_integer(name("channel_id")))
            .col(big_integer(name("sequence")))
            .col(string(name("release_id")))
            .col(string(name("kind")))
            .col(big_integer(name("at")))
            .col(string(name("by")))
            .col(string_null(name("reason")))
            .col(big_integer_null(name("until")))
            .to_owned(),
        table("sequences")
            .col(big_integer(name("app_id")))
            .col(big_integer(name("sequence")))
            .col(string(name("release_id")))
            .primary_key(&mut pair("app_id", "sequence"))
            .to_owned(),
        table("activity")
            .col(big_integer(name("app_id")))
            .col(big_integer(name("entry")))
            .col(text(name("statement")))
            .col(string(name("previous")))
            .col(string(name("hash")))
            .primary_key(&mut pair("app_id", "entry"))
            .to_owned(),
        table("idempotency")
            .col(big_integer(name("token_id")))
            .col(string(name("key")))
            .col(string(name("request_hash")))
            .col(text(name("answer")))
            .col(big_integer(name("created_at")))
            .primary_key(&mut pair("token_id", "key"))
            .to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Initial {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait, rewritten by async_trait, has the lifetime elided"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in [
            unique("keys", ["app_id", "key_id"]),
            unique("releases", ["app_id", "version"]),
            unique("channels", ["app_id", "name"]),
        ] {
            manager.create_index(index).await?;
        }
        for (table, columns) in [
            ("releases", ["app_id", "id"]),
            ("artifacts", ["app_id", "release_id"]),
            ("sequences", ["app_id", "release_id"]),
            ("deployments", ["channel_id", "id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        // A channel offers one thing at a time.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX unique_live ON deployments (channel_id) WHERE until IS NULL",
            )
            .await?;
        for event in ["UPDATE", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER activity_no_{event} BEFORE {event} ON activity \
                 BEGIN SELECT RAISE(ABORT, 'the activity log is append-only'); END"
            );
            manager
                .get_connection()
                .execute_unprepared(&trigger)
                .await?;
        }
        Ok(())
    }
}

/// Installers beside web bundles: each channel offers one release in each lane, and an app says which client systems
/// it serves.
struct Native;

impl MigrationName for Native {
    fn name(&self) -> &'static str {
        "m0002_native"
    }
}

fn added(table: &'static str, mut column: ColumnDef) -> TableAlterStatement {
    Table::alter()
        .table(name(table))
        .add_column(&mut column)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Native {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait, rewritten by async_trait, has the lifetime elided"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut systems = text(name("systems"));
        systems.default(r#"{"serves":["hotswap"]}"#);
        let lane = || {
            let mut lane = string(name("lane"));
            lane.default("web");
            lane
        };
        for change in [
            added("apps", systems),
            added("releases", lane()),
            added("deployments", lane()),
            added("uploads", string_null(name("file"))),
        ] {
            manager.alter_table(change).await?;
        }
        let installers = Table::create()
            .table(name("installers"))
            .col(string(name("release_id")))
            .col(string(name("platform")))
            .col(big_integer(name("app_id")))
            .col(string(name("packed")))
            .col(string(name("file")))
            .col(string(name("sha256")))
            .col(big_integer(name("size_bytes")))
            .col(text(name("signature")))
            .col(string_null(name("key_id")))
            .primary_key(
                Index::create()
                    .col(name("release_id"))
                    .col(name("platform"))
                    .primary(),
            )
            .to_owned();
        manager.create_table(installers).await?;
        manager
            .create_index(index("installers", ["app_id", "release_id"]))
            .await?;
        let old = unique("releases", ["app_id", "version"]);
        let replaced = old.get_index_spec().get_name().unwrap_or_default();
        manager
            .drop_index(
                Index::drop()
                    .name(replaced)
                    .table(name("releases"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("releases_by_lane_version")
                    .table(name("releases"))
                    .col(name("app_id"))
                    .col(name("lane"))
                    .col(name("version"))
                    .unique()
                    .to_owned(),
            )
            .await?;
        // A channel offers one thing at a time in each lane.
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX unique_live")
            .await?;
        connection
            .execute_unprepared(
                "CREATE UNIQUE INDEX unique_live_in_lane ON deployments (channel_id, lane) WHERE until IS NULL",
            )
            .await?;
        Ok(())
    }
}

/// Encrypted archives of Capgo clients carry what opens them, and plain ones are stored file by file as well.
struct Capgo;

impl MigrationName for Capgo {
    fn name(&self) -> &'static str {
        "m0003_capgo"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Capgo {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait, rewritten by async_trait, has the lifetime elided"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["artifacts", "uploads"] {
            manager
                .alter_table(added(table, text_null(name("seal"))))
                .await?;
        }
        let files = Table::create()
            .table(name("capgo_files"))
            .col(string(name("release_id")).primary_key())
            .col(text(name("files")))
            .to_owned();
        manager.create_table(files).await
    }
}
