//! The tables. Times are Unix milliseconds; digests and ids are text.

#![expect(
    unreachable_pub,
    reason = "what the entity derive generates refers to these as public"
)]

/// A product that receives updates.
pub(crate) mod app {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "apps")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub slug: String,
        pub name: String,
        pub default_channel: String,
        pub last_sequence: i64,
        pub activity_head: i64,
        pub activity_hash: String,
        pub created_at: i64,
        #[sea_orm(column_type = "Text")]
        pub systems: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A bearer token: only its digest is stored.
pub(crate) mod token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tokens")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub role: String,
        pub hash: String,
        pub created_at: i64,
        pub expires_at: Option<i64>,
        pub last_used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A public key that an app trusts.
pub(crate) mod key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "keys")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub app_id: i64,
        pub key_id: String,
        pub name: String,
        pub public_key: String,
        pub added_at: i64,
        pub added_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version of an app.
pub(crate) mod release {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "releases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub app_id: i64,
        pub version: String,
        pub kind: String,
        pub state: String,
        pub notes: String,
        pub min_binary_version: String,
        pub max_binary_version: Option<String>,
        pub files: Option<i64>,
        pub unpacked_bytes: Option<i64>,
        pub created_at: i64,
        pub created_by: String,
        pub lane: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is in a release, apart from it because it is long.
pub(crate) mod listing {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "listings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(column_type = "Text")]
        pub listing: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Stored bytes of a release.
pub(crate) mod artifact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "artifacts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub app_id: i64,
        pub sha256: String,
        pub size_bytes: i64,
        pub signature: String,
        pub key_id: String,
        /// What opens an encrypted archive: a [`ota_model::CapgoSeal`] as JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub seal: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The single files of a release, for Capgo clients.
pub(crate) mod capgo_files {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "capgo_files")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        /// A list of [`ota_model::CapgoFile`] as JSON.
        #[sea_orm(column_type = "Text")]
        pub files: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A stored installer of a native release.
pub(crate) mod installer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "installers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub platform: String,
        pub app_id: i64,
        pub packed: String,
        pub file: String,
        pub sha256: String,
        pub size_bytes: i64,
        pub signature: String,
        pub key_id: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An announced upload of a draft. How much has arrived is the length of its file.
pub(crate) mod upload {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "uploads")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub sha256: String,
        pub size_bytes: i64,
        pub signature: String,
        pub created_at: i64,
        pub file: Option<String>,
        /// As in `artifacts`.
        #[sea_orm(column_type = "Text", nullable)]
        pub seal: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a SyncKit publisher said of a release (protocols.md 5).
pub(crate) mod sync_kit_release {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sync_kit_releases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(column_type = "Text")]
        pub signature: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An artifact that a SyncKit publisher announced.
pub(crate) mod sync_kit_upload {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sync_kit_uploads")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub platform: String,
        pub size_bytes: i64,
        #[sea_orm(column_type = "Text")]
        pub signature: String,
        pub announced_by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A track that devices follow.
pub(crate) mod channel {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channels")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub app_id: i64,
        pub name: String,
        pub position: i64,
        pub protected: bool,
        pub paused: bool,
        pub revision: i64,
        pub highest: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a channel offered, and until when.
pub(crate) mod deployment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deployments")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub app_id: i64,
        pub channel_id: i64,
        pub sequence: i64,
        pub release_id: String,
        pub kind: String,
        pub at: i64,
        pub by: String,
        pub reason: Option<String>,
        pub until: Option<i64>,
        pub lane: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which release a number stands for. The primary key keeps a number from standing for two.
pub(crate) mod sequence {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sequences")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub app_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub release_id: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A link of an app's activity chain. A trigger refuses to change or delete one.
pub(crate) mod activity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "activity")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub app_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry: i64,
        #[sea_orm(column_type = "Text")]
        pub statement: String,
        pub previous: String,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The answer that a repeated request gets again.
pub(crate) mod idempotency {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub request_hash: String,
        #[sea_orm(column_type = "Text")]
        pub answer: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
