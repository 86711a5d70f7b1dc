//! Stored bytes, addressed by their digest. Never changed, never written twice.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload,
};
use ota_model::Sha256;
use tokio::io::AsyncReadExt as _;

use crate::error::ApiError;

/// What is read and written at once.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A folder of blobs.
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Opens the folder, or makes it. Every write is on disk before it is reported.
    pub(crate) fn open(folder: &Path) -> Result<Self, ApiError> {
        fs_err::create_dir_all(folder)?;
        remove_unfinished(folder)?;
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
        let mut upload = self.store.put_multipart(&Self::location(sha256)).await?;
        let stored = match copy_parts(&mut from, upload.as_mut()).await {
            Ok(()) => upload.complete().await.map_err(ApiError::from),
            Err(error) => Err(error),
        };
        if stored.is_err() {
            // Leaves no half blob behind; the error that counts is the first one.
            drop(upload.abort().await);
        }
        stored.map(drop)
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

/// Part by part: a bundle never has to fit into memory.
async fn copy_parts(
    from: &mut tokio::fs::File,
    to: &mut dyn MultipartUpload,
) -> Result<(), ApiError> {
    loop {
        let mut part = Vec::with_capacity(PART_BYTES);
        let read = from.take(PART_BYTES as u64).read_to_end(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        to.put_part(PutPayload::from(part)).await?;
    }
}

/// Removes what a crash left of blobs that were being written. The store keeps them beside their place, as `NAME#1`,
/// and never looks at them again.
fn remove_unfinished(folder: &Path) -> std::io::Result<()> {
    for shelf in fs_err::read_dir(folder)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for file in fs_err::read_dir(shelf.path())? {
            let file = file?;
            if file.file_name().to_string_lossy().contains('#') {
                fs_err::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}
