//! Stored bytes, addressed by their digest. Never changed, never written twice.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutPayload};
use ota_model::Sha256;
use tokio::io::AsyncWriteExt as _;

use crate::error::ApiError;

/// A folder of blobs.
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Opens the folder, or makes it. Every write is on disk before it is reported.
    pub(crate) fn open(folder: &Path) -> Result<Self, ApiError> {
        fs_err::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
        })
    }

    fn location(sha256: Sha256) -> object_store::path::Path {
        let name = sha256.to_string();
        let (shelf, _) = name.split_at(2);
        object_store::path::Path::from_iter([shelf, name.as_str()])
    }

    async fn has(&self, sha256: Sha256, size_bytes: u64) -> Result<bool, ApiError> {
        match self.store.head(&Self::location(sha256)).await {
            Ok(meta) => Ok(meta.size == size_bytes),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores small bytes.
    pub(crate) async fn put(&self, sha256: Sha256, bytes: Bytes) -> Result<(), ApiError> {
        if !self.has(sha256, bytes.len() as u64).await? {
            self.store
                .put(&Self::location(sha256), PutPayload::from_bytes(bytes))
                .await?;
        }
        Ok(())
    }

    /// Stores a file whose digest was checked.
    pub(crate) async fn put_file(
        &self,
        sha256: Sha256,
        file: &Path,
        size_bytes: u64,
    ) -> Result<(), ApiError> {
        if self.has(sha256, size_bytes).await? {
            return Ok(());
        }
        let mut from = tokio::fs::File::open(file).await?;
        let mut to = BufWriter::new(Arc::clone(&self.store), Self::location(sha256));
        if let Err(error) = tokio::io::copy(&mut from, &mut to).await {
            // Leaves no half blob behind; the error that counts is the first one.
            drop(to.abort().await);
            return Err(error.into());
        }
        Ok(to.shutdown().await?)
    }

    /// Streams bytes of a blob.
    pub(crate) async fn read(
        &self,
        sha256: Sha256,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, ApiError> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        Ok(self
            .store
            .get_opts(&Self::location(sha256), options)
            .await?
            .into_stream())
    }
}
