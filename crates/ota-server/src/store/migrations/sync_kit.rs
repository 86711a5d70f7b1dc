//! What the SyncKit OTA API knows of releases beyond what all do.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text};

use super::name;

pub(super) struct SyncKit;

impl MigrationName for SyncKit {
    fn name(&self) -> &'static str {
        "m0004_sync_kit"
    }
}

/// Goes with its release.
fn of_release(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name("release_id"))
        .to(name("releases"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for SyncKit {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait, rewritten by async_trait, has the lifetime elided"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let releases = Table::create()
            .table(name("sync_kit_releases"))
            .col(string(name("release_id")).primary_key())
            .col(text(name("signature")))
            .foreign_key(&mut of_release("sync_kit_releases"))
            .to_owned();
        let uploads = Table::create()
            .table(name("sync_kit_uploads"))
            .col(string(name("release_id")))
            .col(string(name("platform")))
            .col(big_integer(name("size_bytes")))
            .col(text(name("signature")))
            .col(string(name("announced_by")))
            .primary_key(
                Index::create()
                    .col(name("release_id"))
                    .col(name("platform"))
                    .primary(),
            )
            .foreign_key(&mut of_release("sync_kit_uploads"))
            .to_owned();
        manager.create_table(releases).await?;
        manager.create_table(uploads).await
    }
}
