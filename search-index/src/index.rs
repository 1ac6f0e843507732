//! The front of the crate: an open index that many threads read and one writes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use std::collections::HashMap;

use crate::answer;
use crate::cache::Cache;
use crate::error::{Error, Result, guard};
use crate::folder::{self, Folder};
use crate::found::{Found, Related, Suggestions};
use crate::layout::{Layout, Schema};
use crate::matching::Scratch;
use crate::position::Position;
use crate::query::Query;
use crate::snapshot::Snapshot;
use crate::writer::{Effort, Slot, Writer};
use crate::{document::Stored, related, suggest};

/// How an index is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of answers that are remembered; 0 remembers none. Answers never outlive the generation they are from.
    pub cache_bytes: u64,
    /// Compare every file with its checksum on opening: reads the whole folder once.
    pub verify: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, verify: true }
    }
}

/// An index and what was found on opening it.
pub struct Opened {
    /// Ready for use in every case.
    pub index: Index,
    /// Whether it holds what it held.
    pub health: Health,
}

/// The state of a folder when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// As the last commit left it.
    Sound,
    /// There was nothing; it is empty.
    New,
    /// It could not be trusted and was moved aside; it is empty now. Says why, for people.
    NeedsRebuild(String),
}

/// An index that is open. Clones share it.
#[derive(Clone)]
pub struct Index {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub path: PathBuf,
    pub layout: Layout,
    pub folder: RwLock<Folder>,
    snapshot: RwLock<Arc<Snapshot>>,
    generation: AtomicU64,
    pub slot: Mutex<Slot>,
    cache: Cache,
    pub scratch: Mutex<Vec<Scratch>>,
}

impl Index {
    /// Opens the index in `path`, or creates it.
    ///
    /// Damage is no error: a folder with a missing, cut or altered file, or of another schema or version, is moved to
    /// `NAME.damaged` beside it, and an empty index takes its place with [`Health::NeedsRebuild`]. [`Error::Io`] means
    /// that the folder cannot be read or written at all, and nothing was touched.
    pub fn open(path: &Path, schema: &Schema) -> Result<Opened> {
        Self::open_with(path, schema, Options::default())
    }

    /// [`Index::open`] with options.
    pub fn open_with(path: &Path, schema: &Schema, options: Options) -> Result<Opened> {
        let layout = Layout::new(schema);
        let opened = guard(|| {
            let Some(folder) = Folder::open(path, &layout, options.verify)? else { return Ok(None) };
            let snapshot = Snapshot::open(&folder.index, &folder.reader, &layout, None, 1)?;
            Ok(Some((folder, snapshot)))
        });
        let (folder, snapshot, health) = match opened {
            Ok(Some((folder, snapshot))) => (folder, snapshot, Health::Sound),
            Ok(None) => {
                let (folder, snapshot) = create(path, &layout, 1)?;
                (folder, snapshot, Health::New)
            }
            Err(Error::Damaged(why)) => {
                tracing::warn!(path = %path.display(), why, "index moved aside");
                folder::move_aside(path)?;
                let (folder, snapshot) = create(path, &layout, 1)?;
                (folder, snapshot, Health::NeedsRebuild(why))
            }
            Err(other) => return Err(other),
        };
        Ok(Opened { index: Self::of(path, layout, folder, snapshot, options.cache_bytes), health })
    }

    /// Opens the index in `path` beside the process that writes it, and changes nothing. `None`: there is none.
    /// Damage is an error here. The writer may put a commit in between, so a try that fails is made again twice.
    pub fn open_to_read(path: &Path, schema: &Schema) -> Result<Option<Self>> {
        let layout = Layout::new(schema);
        let attempt = || {
            guard(|| {
                let Some(folder) = Folder::open(path, &layout, false)? else { return Ok(None) };
                let snapshot = Snapshot::open(&folder.index, &folder.reader, &layout, None, 1)?;
                Ok(Some((folder, snapshot)))
            })
        };
        let opened = attempt().or_else(|_| attempt()).or_else(|_| attempt())?;
        Ok(opened.map(|(folder, snapshot)| Self::of(path, layout, folder, snapshot, 0)))
    }

    fn of(path: &Path, layout: Layout, folder: Folder, snapshot: Snapshot, cache_bytes: u64) -> Self {
        let inner = Inner {
            path: path.to_owned(),
            layout,
            folder: RwLock::new(folder),
            snapshot: RwLock::new(Arc::new(snapshot)),
            generation: AtomicU64::new(1),
            slot: Mutex::new(Slot::default()),
            cache: Cache::new(cache_bytes),
            scratch: Mutex::new(Vec::new()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Answers a query. [`Error::Damaged`] asks for [`Index::reset`] and a rebuild.
    pub fn search(&self, query: &Query) -> Result<Arc<Found>> {
        let snapshot = self.inner.snapshot();
        self.inner.cache.get_or(query, snapshot.generation, || {
            guard(|| {
                let mut scratch = lock(&self.inner.scratch).pop().unwrap_or_default();
                let found = answer::answer(&snapshot, query, &mut scratch)?;
                lock(&self.inner.scratch).push(scratch);
                Ok(found)
            })
        })
    }

    /// Titles that hold the words typed, the last perhaps unfinished, most used first; and words to finish it with.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Suggestions> {
        let snapshot = self.inner.snapshot();
        guard(|| suggest::suggest(&snapshot, typed, limit))
    }

    /// Documents whose words are most like those of the title, keywords and summary of `id`; none for an unknown id.
    pub fn related(&self, id: &str, limit: usize) -> Result<Vec<Related>> {
        let snapshot = self.inner.snapshot();
        guard(|| {
            let mut scratch = lock(&self.inner.scratch).pop().unwrap_or_default();
            let related = related::related(&snapshot, id, limit, &mut scratch)?;
            lock(&self.inner.scratch).push(scratch);
            Ok(related)
        })
    }

    /// The cards of these documents, in this order; `None` for those that are not in the index.
    pub fn get_cards(&self, ids: &[&str]) -> Result<Vec<Option<Arc<[u8]>>>> {
        let snapshot = self.inner.snapshot();
        let card = |id: &&str| -> Result<Option<Arc<[u8]>>> {
            for segment in &snapshot.segments {
                if let Some(document) = segment.find(id)? {
                    return Ok(Some(Stored::read(&segment.core.stored(document)?)?.card.into()));
                }
            }
            Ok(None)
        };
        guard(|| ids.iter().map(card).collect())
    }

    /// [`crate::Document::fingerprint`] of every document, by id: compare with the database to verify the index.
    pub fn fingerprints(&self) -> Result<HashMap<String, u64>> {
        let snapshot = self.inner.snapshot();
        guard(|| {
            let mut all = HashMap::new();
            for segment in &snapshot.segments {
                segment.fingerprints(|id, fingerprint| {
                    all.insert(id.to_owned(), fingerprint);
                })?;
            }
            Ok(all)
        })
    }

    /// Documents in the index.
    pub fn count(&self) -> usize {
        self.inner.snapshot().count
    }

    /// Where in the change log the last commit stands. `None`: nothing was committed, everything is to be written.
    pub fn position(&self) -> Option<Position> {
        self.inner.snapshot().position.clone()
    }

    /// Rises with every commit and reset; starts at 1 in every process.
    pub fn generation(&self) -> u64 {
        self.inner.snapshot().generation
    }

    /// The writer. One at a time: [`Error::Busy`] while another exists, in this process or another.
    pub fn writer(&self, effort: Effort) -> Result<Writer> {
        Writer::take(self.clone(), effort)
    }

    /// Empties the index: the folder is removed and a fresh one created. A writer stays usable; what it
    /// was given since its last commit is gone. Searches under way finish on what they began with.
    pub fn reset(&self) -> Result<()> {
        let mut slot = lock(&self.inner.slot);
        slot.drop_writer();
        let mut folder = self.inner.folder.write().unwrap_or_else(PoisonError::into_inner);
        folder::remove(&self.inner.path)?;
        let generation = self.inner.next_generation();
        let (fresh, snapshot) = create(&self.inner.path, &self.inner.layout, generation)?;
        *folder = fresh;
        self.inner.publish(snapshot);
        Ok(())
    }
}

impl Inner {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows readers the last commit.
    pub(crate) fn refresh(&self) -> Result<()> {
        let folder = self.folder.read().unwrap_or_else(PoisonError::into_inner);
        folder.reader.reload()?;
        let before = self.snapshot();
        let generation = self.next_generation();
        let fresh = Snapshot::open(&folder.index, &folder.reader, &self.layout, Some(&before), generation)?;
        self.publish(fresh);
        Ok(())
    }

    fn next_generation(&self) -> u64 {
        self.generation.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn publish(&self, snapshot: Snapshot) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        self.cache.clear();
    }
}

fn create(path: &Path, layout: &Layout, generation: u64) -> Result<(Folder, Snapshot)> {
    guard(|| {
        let folder = Folder::create(path, layout)?;
        let snapshot = Snapshot::open(&folder.index, &folder.reader, layout, None, generation)?;
        Ok((folder, snapshot))
    })
}

/// A lock that was held in a panic is still good here: what it guards is replaced as a whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
