//! The folder of an index: opening, checking, creating, clearing.

use std::fs;
use std::path::{Path, PathBuf};

use tantivy::directory::Directory;
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::storage::Storage;

/// Bytes of stored documents compressed together. Small, because a page reads twenty from twenty places.
const BLOCK: usize = 4096;

/// A folder that is open.
pub(crate) struct Folder {
    pub index: Index,
    pub reader: IndexReader,
}

impl Folder {
    /// Opens what is there; `None` if there is nothing.
    pub(crate) fn open(path: &Path, layout: &Layout, verify: bool) -> Result<Option<Self>> {
        if path.exists() && !path.is_dir() {
            return Err(Error::Damaged("a file is in the place of the folder".to_owned()));
        }
        let nothing = !path.exists() || fs::read_dir(path)?.next().is_none();
        if nothing {
            return Ok(None);
        }
        let directory = Storage::open(path)?;
        if !Index::exists(&directory).map_err(tantivy::TantivyError::from)? {
            return Err(Error::Damaged("the list of segments is missing".to_owned()));
        }
        let mut index = Index::open(directory)?;
        if index.schema() != layout.fields {
            return Err(Error::Damaged("it was written with other fields".to_owned()));
        }
        if verify {
            check(&index)?;
        }
        index.set_tokenizers(Layout::tokenizers());
        Self::read(index).map(Some)
    }

    /// Creates an empty index in a folder that is missing or empty.
    pub(crate) fn create(path: &Path, layout: &Layout) -> Result<Self> {
        fs::create_dir_all(path).map_err(|error| Error::Io(error.to_string()))?;
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            docstore_blocksize: BLOCK,
            ..IndexSettings::default()
        };
        let directory = Storage::open(path)?;
        let index = Index::builder()
            .schema(layout.fields.clone())
            .settings(settings)
            .tokenizers(Layout::tokenizers())
            .open_or_create(directory)?;
        Self::read(index)
    }

    fn read(index: Index) -> Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader })
    }
}

/// Compares every file of the last commit with its checksum. The library would check only those in its list of
/// managed files, which may be what is damaged.
pub(crate) fn check(index: &Index) -> Result<()> {
    for file in index.load_metas()?.list_segment_files() {
        let exists = index.directory().exists(&file).map_err(tantivy::TantivyError::from)?;
        // Not every segment has every kind of file; opening it notices one that should be there.
        if exists && !index.directory().validate_checksum(&file).map_err(tantivy::TantivyError::from)? {
            return Err(Error::Damaged(format!("{} does not match its checksum", file.display())));
        }
    }
    Ok(())
}

/// Moves a folder aside (the last damaged one is kept for a look), so that its place is free.
pub(crate) fn move_aside(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let aside = aside(path);
    // What cannot be removed makes the renaming fail, which is handled.
    let _ = if aside.is_dir() { fs::remove_dir_all(&aside) } else { fs::remove_file(&aside) };
    if fs::rename(path, &aside).is_ok() {
        return Ok(());
    }
    // A mount point cannot be renamed: empty it.
    for entry in fs::read_dir(path).map_err(|error| Error::Io(error.to_string()))? {
        let entry = entry.map_err(|error| Error::Io(error.to_string()))?.path();
        let removed = if entry.is_dir() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
        removed.map_err(|error| Error::Io(error.to_string()))?;
    }
    Ok(())
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".damaged");
    path.with_file_name(name)
}
