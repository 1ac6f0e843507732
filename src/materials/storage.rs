//! Where the bytes of files are: a folder of this machine, or a bucket. A file is named by the SHA-256 of its bytes, so the same one
//! is there once, and nothing is ever changed under a name.

use std::path::Path as FilePath;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, PutPayload};

use crate::platform::{Error, Result};

/// The bytes of a file, piece by piece.
pub type Bytes = Pin<Box<dyn Stream<Item = std::io::Result<Vec<u8>>> + Send>>;

/// The storage of an installation.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Storage {
    /// The one that `url` names: `s3://BUCKET/PREFIX`, `file:///FOLDER`; without one the folder `blobs` of the data folder. Keys and
    /// region of a bucket come from the environment in the names that its tools use (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT`).
    pub fn open(url: Option<&str>, data: &FilePath) -> Result<Self> {
        match url {
            None => Self::folder(&data.join("blobs")),
            Some(url) => match url.split_once("://") {
                Some(("file", folder)) if folder.starts_with('/') => Self::folder(FilePath::new(folder)),
                Some(("s3", place)) => Self::bucket(place),
                _ => Err(refused("s3://BUCKET/PREFIX or file:///FOLDER")),
            },
        }
    }

    fn folder(folder: &FilePath) -> Result<Self> {
        let unable = |error: &dyn std::fmt::Display| {
            Error::Conflict(format!("The folder {} for uploaded files cannot be used: {error}.", folder.display()))
        };
        std::fs::create_dir_all(folder).map_err(|error| unable(&error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unable(&error))?;
        Ok(Self { store: Arc::new(store), prefix: Path::default() })
    }

    fn bucket(place: &str) -> Result<Self> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(refused("s3://BUCKET/PREFIX"));
        }
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build();
        let store = store
            .map_err(|error| Error::Conflict(format!("The bucket for uploaded files cannot be used: {error}.")))?;
        let prefix = Path::parse(prefix.trim_matches('/')).map_err(|_| refused("s3://BUCKET/PREFIX"))?;
        Ok(Self { store: Arc::new(store), prefix })
    }

    /// Keeps the bytes under their hash. Twice is as good as once.
    pub async fn put(&self, hash: &str, bytes: Vec<u8>) -> Result<()> {
        self.store.put(&self.path(hash), PutPayload::from(bytes)).await.map_err(away)?;
        Ok(())
    }

    /// The bytes of a hash.
    pub async fn get(&self, hash: &str) -> Result<Bytes> {
        let found = match self.store.get(&self.path(hash)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => {
                tracing::error!(hash, "the bytes of a file are not in the storage");
                return Err(Error::NotFound("file"));
            }
            Err(error) => return Err(away(error)),
        };
        let pieces = found.into_stream().map_err(std::io::Error::other);
        Ok(pieces.map(|piece| piece.map(|bytes| bytes.to_vec())).boxed())
    }

    /// Takes the bytes of a hash out; what is not there is out already.
    pub async fn delete(&self, hash: &str) -> Result<()> {
        match self.store.delete(&self.path(hash)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// Two letters of the hash are a folder: none gets too full.
    fn path(&self, hash: &str) -> Path {
        let folder = hash.get(..2).unwrap_or_default();
        let path = [self.prefix.as_ref(), folder, hash].into_iter().filter(|part| !part.is_empty());
        Path::from(path.collect::<Vec<_>>().join("/"))
    }
}

fn refused(wanted: &str) -> Error {
    Error::Conflict(format!("The configuration key blob_url wants {wanted}."))
}

/// What the storage says may name its folders or its bucket: that is for the log.
fn away(error: object_store::Error) -> Error {
    tracing::error!(%error, "the storage of files does not answer");
    Error::Unavailable("Files cannot be kept or read at the moment; try again in a few minutes.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_are_kept_by_their_hash() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(None, folder.path()).unwrap();
        let hash = "ab".repeat(32);
        storage.put(&hash, b"Greet".to_vec()).await.unwrap();
        storage.put(&hash, b"Greet".to_vec()).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("blobs/ab").join(&hash)).unwrap(), b"Greet");
        let read: Vec<Vec<u8>> = storage.get(&hash).await.unwrap().try_collect().await.unwrap();
        assert_eq!(read.concat(), b"Greet");
        storage.delete(&hash).await.unwrap();
        storage.delete(&hash).await.unwrap();
        assert!(matches!(storage.get(&hash).await, Err(Error::NotFound(_))));
    }

    #[test]
    fn a_storage_is_a_folder_or_a_bucket() {
        let folder = tempfile::tempdir().unwrap();
        let open = |url: &str| Storage::open(Some(url), folder.path());
        for bad in ["http://x", "/var/x", "s3://", "file://relative"] {
            assert!(open(bad).is_err(), "{bad}");
        }
        let file = format!("file://{}", folder.path().join("elsewhere").display());
        assert!(open(&file).is_ok());
        let bucket = open("s3://files/common/ground/").unwrap();
        assert_eq!(bucket.path(&"ab".repeat(32)).as_ref(), format!("common/ground/ab/{}", "ab".repeat(32)));
    }
}
