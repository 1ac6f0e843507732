//! Putting documents in: applied in memory, visible and safe on disk with a commit.

use rustc_hash::FxHashSet;
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::{LogMergePolicy, NoMergePolicy};
use tantivy::{IndexWriter, Term};

use crate::document::{Document, StableHash};
use crate::error::{Error, Result, guard};
use crate::folder;
use crate::index::{Index, Inner, lock};
use crate::position::Position;

/// Segments of like size that are merged into one.
const MERGE: usize = 8;
/// Segments up to this size count as alike.
const SMALL: u32 = 5_000;
/// A segment with more deleted documents than this share is rewritten.
const DELETED: f32 = 0.3;
/// The least the library accepts per thread.
const LEAST: usize = 16 << 20;

/// What writing may cost.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Threads that analyse documents. Merging has one more.
    pub threads: usize,
    /// Memory for documents not yet on disk, over all threads; at least 16 MiB each.
    pub memory_bytes: usize,
    /// Merge segments as they come. A bulk load that ends with [`Writer::compact`] would only merge twice.
    pub merging: bool,
}

impl Default for Effort {
    /// For following changes as they come.
    fn default() -> Self {
        Self { threads: 1, memory_bytes: 32 << 20, merging: true }
    }
}

impl Effort {
    /// For writing everything anew; [`Writer::compact`] belongs at its end.
    pub fn bulk() -> Self {
        Self { threads: 2, memory_bytes: 128 << 20, merging: false }
    }
}

/// The one writer of an index.
///
/// An error undoes everything since the last commit: [`Index::position`] says from where to apply again.
pub struct Writer {
    index: Index,
    effort: Effort,
}

/// The library's writer, made when it is first needed.
#[derive(Default)]
pub(crate) struct Slot {
    taken: bool,
    writer: Option<IndexWriter>,
    /// Hashes of ids added since the last commit.
    added: FxHashSet<u64>,
}

impl Slot {
    pub(crate) fn drop_writer(&mut self) {
        self.writer = None;
        self.added.clear();
    }

    fn writer(&mut self, inner: &Inner, effort: Effort) -> Result<&mut IndexWriter> {
        if self.writer.is_none() {
            self.writer = Some(open(inner, effort)?);
        }
        self.writer.as_mut().ok_or(Error::Busy)
    }
}

fn open(inner: &Inner, effort: Effort) -> Result<IndexWriter> {
    let threads = effort.threads.max(1);
    let options = IndexWriterOptions::builder()
        .num_worker_threads(threads)
        .memory_budget_per_thread((effort.memory_bytes / threads).max(LEAST))
        .num_merge_threads(1)
        .build();
    let folder = inner.folder.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let writer: IndexWriter = folder.index.writer_with_options(options)?;
    if !effort.merging {
        writer.set_merge_policy(Box::new(NoMergePolicy));
        return Ok(writer);
    }
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(MERGE);
    policy.set_min_layer_size(SMALL);
    policy.set_del_docs_ratio_before_merge(DELETED);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

impl Writer {
    pub(crate) fn take(index: Index, effort: Effort) -> Result<Self> {
        {
            let mut slot = lock(&index.inner.slot);
            if slot.taken {
                return Err(Error::Busy);
            }
            // Another process would be noticed only now, and should be.
            guard(|| slot.writer(&index.inner, effort).map(|_| ()))?;
            slot.taken = true;
        }
        Ok(Self { index, effort })
    }

    /// Adds documents, each replacing the one with its id, then removes those named. Nothing is visible before
    /// [`Writer::commit`].
    pub fn apply(&mut self, upserts: Vec<Document>, deletes: Vec<String>) -> Result<()> {
        let inner = &self.index.inner;
        let snapshot = inner.snapshot();
        let id = inner.layout.id;
        self.attempt(|inner, slot| {
            for document in upserts {
                let hash = hash(&document.id);
                // A delete costs a look into every segment at the commit; a new id needs none.
                let mut known = slot.added.contains(&hash);
                for segment in &snapshot.segments {
                    known = known || segment.find(&document.id)?.is_some();
                }
                slot.added.insert(hash);
                let writer = slot.writer.as_mut().ok_or(Error::Busy)?;
                if known {
                    writer.delete_term(Term::from_field_text(id, &document.id));
                }
                writer.add_document(inner.layout.write(&document))?;
            }
            let writer = slot.writer.as_mut().ok_or(Error::Busy)?;
            for id_text in deletes {
                writer.delete_term(Term::from_field_text(id, &id_text));
            }
            Ok(())
        })
    }

    /// Writes what was applied to disk together with `position`, and shows it to readers. Until the last step, which
    /// is atomic, the previous commit stays in force: a process that is killed leaves either the one or the other.
    pub fn commit(&mut self, position: &Position) -> Result<()> {
        self.attempt(|inner, slot| {
            let writer = slot.writer.as_mut().ok_or(Error::Busy)?;
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&position.write(inner.layout.mark));
            commit.commit()?;
            slot.added.clear();
            inner.refresh()
        })
    }

    /// Forgets what was applied since the last commit.
    pub fn rollback(&mut self) -> Result<()> {
        self.attempt(|_, slot| {
            slot.drop_writer();
            Ok(())
        })
    }

    /// Merges everything committed into one segment: worth its time after a bulk load.
    pub fn compact(&mut self) -> Result<()> {
        let effort = self.effort;
        self.attempt(|inner, slot| {
            if let Some(writer) = slot.writer.take() {
                writer.wait_merging_threads()?;
            }
            let writer = slot.writer(inner, effort)?;
            let segments = writer.index().searchable_segment_ids()?;
            if segments.len() > 1 {
                writer.merge(&segments).wait()?;
            }
            writer.garbage_collect_files().wait()?;
            inner.refresh()
        })
    }

    fn attempt(&mut self, work: impl FnOnce(&Inner, &mut Slot) -> Result<()>) -> Result<()> {
        let inner = &self.index.inner;
        let mut slot = lock(&inner.slot);
        let outcome = guard(|| {
            slot.writer(inner, self.effort)?;
            work(inner, &mut slot)
        });
        let Err(error) = outcome else { return Ok(()) };
        // The library's writer is of no use after an error; the next call begins at the last commit.
        slot.drop_writer();
        match error {
            // Its threads report a full disk and an unreadable file alike. Only the checksums can tell: an index that
            // is as it was written must not be thrown away because it cannot grow.
            Error::Damaged(why) => guard(|| {
                let folder = inner.folder.read().unwrap_or_else(std::sync::PoisonError::into_inner);
                folder::check(&folder.index, &inner.path)?;
                Err(Error::Io(why))
            }),
            other => Err(other),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut slot = lock(&self.index.inner.slot);
        slot.drop_writer();
        slot.taken = false;
    }
}

fn hash(id: &str) -> u64 {
    let mut hash = StableHash::new();
    hash.bytes(id.as_bytes());
    hash.finish()
}
