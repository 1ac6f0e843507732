//! The folder of an index: opening, checking, creating, clearing.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

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
            check(&index, path)?;
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
/// managed files, which may be what is damaged, and would take each file into memory as a whole.
pub(crate) fn check(index: &Index, path: &Path) -> Result<()> {
    for file in index.load_metas()?.list_segment_files() {
        // Not every segment has every kind of file; opening it notices one that should be there.
        if path.join(&file).exists() && !checksum_holds(&path.join(&file))? {
            return Err(Error::Damaged(format!("{} does not match its checksum", file.display())));
        }
    }
    Ok(())
}

/// Every file of the library ends with a note in JSON that holds the CRC-32 of what is before it, the length of the
/// note, and a magic number.
fn checksum_holds(path: &Path) -> Result<bool> {
    const MAGIC: u32 = 1337;
    const LONGEST: u64 = 50_000;
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    let Some(tail) = length.checked_sub(8) else { return Ok(false) };
    file.seek(SeekFrom::Start(tail))?;
    let mut ends = [0; 8];
    file.read_exact(&mut ends)?;
    let [a, b, c, d, magic @ ..] = ends;
    let note = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(body) = tail.checked_sub(note).filter(|_| note <= LONGEST && u32::from_le_bytes(magic) == MAGIC) else {
        return Ok(false);
    };
    file.seek(SeekFrom::Start(body))?;
    let mut text = vec![0; note as usize];
    file.read_exact(&mut text)?;
    let wanted = serde_json::from_slice::<serde_json::Value>(&text).ok().and_then(|note| note["crc"].as_u64());
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = crc32fast::Hasher::new();
    let mut piece = vec![0; 1 << 18];
    let mut rest = file.take(body);
    loop {
        match rest.read(&mut piece)? {
            0 => return Ok(wanted == Some(u64::from(hasher.finalize()))),
            read => hasher.update(&piece[..read]),
        }
    }
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

/// Removes a folder. It is moved first: a process killed in between leaves no half of an index in its place.
pub(crate) fn remove(path: &Path) -> Result<()> {
    move_aside(path)?;
    // What is left behind is replaced the next time.
    let _ = fs::remove_dir_all(aside(path));
    Ok(())
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".damaged");
    path.with_file_name(name)
}
