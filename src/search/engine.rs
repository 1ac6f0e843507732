//! The index of one kind of things, and how it keeps up with the database.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use search_index::{Document, Effort, Found, Index, Position, Query, Schema, Watch, Watches, Writer};
use uuid::Uuid;

use super::entry::{Card, Entry, Kind, SchoolCard};
use super::{Source, words};
use crate::platform::db::log;
use crate::platform::{Actor, Cx, Db, Error, Result};

/// Raised whenever an entry is made into a document in another way: indexes of older versions are made again.
const DOCUMENTS: u32 = 3;

/// Changes read at a time.
const BATCH: u64 = 1_000;

/// A commit costs some ten milliseconds: a bulk load makes one for so many documents, or after so long.
const COMMIT_DOCUMENTS: usize = 20_000;
const COMMIT_AFTER: Duration = Duration::from_secs(2);

/// Behind by this many changes is a bulk load: more memory and threads.
const BULK: i64 = 5_000;

/// How an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The last change that is in it.
    pub position: i64,
    /// The newest change of the database, as far as this node has looked.
    pub head: i64,
    /// Documents in it.
    pub documents: usize,
    /// It is being made again: answers may miss things.
    pub degraded: bool,
}

/// What a comparison of index and database found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Documents compared.
    pub documents: usize,
    /// In the database, not in the index.
    pub missing: usize,
    /// In both, and not the same.
    pub changed: usize,
    /// In the index only.
    pub ghosts: usize,
}

impl Verified {
    /// Whether index and database say the same.
    pub fn is_clean(&self) -> bool {
        self.missing + self.changed + self.ghosts == 0
    }
}

pub(super) struct Engine {
    source: Arc<dyn Source>,
    index: Index,
    installation: String,
    head: AtomicI64,
    /// Set from the moment damage is seen, or on a fresh folder, until it has caught up once.
    degraded: AtomicBool,
    /// A search met damage; the follower resets the index.
    damaged: AtomicBool,
    writer: Mutex<Option<Writer>>,
}

impl Engine {
    pub async fn open(folder: &Path, source: Arc<dyn Source>, db: &Db) -> Result<Self> {
        let (path, schema) = place(folder, source.kind());
        let opened = tokio::task::spawn_blocking(move || {
            // Only the folder around it: what lies in the place of an index is for `open` to judge.
            path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(Error::from)?;
            Index::open(&path, &schema).map_err(internal)
        })
        .await
        .map_err(Error::internal)??;
        if let search_index::Health::NeedsRebuild(why) = &opened.health {
            tracing::warn!(kind = source.kind().name(), why, "the search index was not sound and is made again");
        }
        Ok(Self {
            source,
            degraded: AtomicBool::new(opened.index.position().is_none()),
            index: opened.index,
            installation: db.installation().await?.to_string(),
            head: AtomicI64::new(0),
            damaged: AtomicBool::new(false),
            writer: Mutex::default(),
        })
    }

    pub fn kind(&self) -> Kind {
        self.source.kind()
    }

    pub fn source(&self) -> Arc<dyn Source> {
        Arc::clone(&self.source)
    }

    /// Those of `ids` that may be shown at this moment. `seen` is the change up to which the index answered: when
    /// the database has no newer one, the index is as good as the database and one small statement says so.
    pub async fn visible(&self, cx: &Cx, ids: &[Uuid], seen: i64) -> Result<HashSet<Uuid>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let head = log::head(cx.conn(), self.kind().name()).await?;
        self.visible_at(cx, ids, seen, head).await
    }

    /// The same for one who knows the newest change already.
    pub async fn visible_at(&self, cx: &Cx, ids: &[Uuid], seen: i64, head: i64) -> Result<HashSet<Uuid>> {
        if head <= seen && !self.source.ages() {
            Ok(ids.iter().copied().collect())
        } else {
            self.source.visible(cx, ids).await
        }
    }

    /// The change up to which answers hold at least; read it before asking.
    pub fn seen(&self) -> i64 {
        self.index.position().filter(|p| self.is_of_this_database(p)).map_or(0, |position| position.seq)
    }

    fn is_of_this_database(&self, position: &Position) -> bool {
        position.database == self.installation && position.schema == DOCUMENTS
    }

    /// Answers on the thread of the caller: words, pages and work of a query are bounded.
    pub fn search(&self, query: &Query) -> Result<Arc<Found>> {
        self.index.search(query).map_err(|error| self.failed(error))
    }

    /// Plans a search that is watched.
    pub fn watch(&self, query: Query) -> Result<Watch> {
        self.index.watch(query).map_err(|error| self.failed(error))
    }

    /// The watched searches that find a document of this index.
    pub fn matching(&self, watches: &mut Watches, document: &Document) -> Result<Vec<u32>> {
        watches.matching(&self.index, document).map_err(|error| self.failed(error))
    }

    /// Plans all of them again.
    pub fn renew(&self, watches: &Watches) -> Result<Watches> {
        watches.renew(&self.index).map_err(|error| self.failed(error))
    }

    /// Titles with their ids and cards; then the text with its last word finished.
    pub fn suggest(&self, text: &str, limit: usize) -> (Vec<(Uuid, String, Card)>, Vec<String>) {
        let found = match self.index.suggest(text, limit) {
            Ok(found) => found,
            Err(error) => {
                self.failed(error);
                return (Vec::new(), Vec::new());
            }
        };
        let ids: Vec<&str> = found.titles.iter().map(|title| title.id.as_str()).collect();
        let cards = self.index.get_cards(&ids).unwrap_or_default();
        let titles = found.titles.iter().zip(cards).filter_map(|(title, card)| {
            Some((title.id.parse().ok()?, title.title.clone(), Card::read(self.kind(), &card?)?))
        });
        (titles.collect(), found.completions)
    }

    pub fn related(&self, id: Uuid, limit: usize) -> Vec<(Uuid, Card)> {
        match self.index.related(&id.to_string(), limit) {
            Ok(found) => found
                .into_iter()
                .filter_map(|related| Some((related.id.parse().ok()?, Card::read(self.kind(), &related.card)?)))
                .collect(),
            Err(error) => {
                self.failed(error);
                Vec::new()
            }
        }
    }

    /// The card of a school by its name in addresses.
    pub fn school(&self, slug: &str) -> Option<SchoolCard> {
        // The name in addresses is a word of the entry, so one lookup finds it.
        let mut query = Query { limit: 1, ..Query::default() };
        query.clauses.push(search_index::Clause::phrase(&[words::marker("slug", slug).as_str()]));
        let found = self.search(&query).ok()?;
        match Card::read(self.kind(), &found.hits.first()?.card)? {
            Card::School(card) if card.slug == slug => Some(card),
            _ => None,
        }
    }

    pub fn health(&self) -> Health {
        Health {
            position: self.index.position().map_or(0, |position| position.seq),
            head: self.head.load(Ordering::Relaxed),
            documents: self.index.count(),
            degraded: self.degraded.load(Ordering::Relaxed) || self.damaged.load(Ordering::Relaxed),
        }
    }

    /// Whether the index is sound and holds the newest change of its log.
    pub fn is_level(&self, head: i64) -> bool {
        self.head.store(head, Ordering::Relaxed);
        let degraded = self.degraded.load(Ordering::Relaxed) || self.damaged.load(Ordering::Relaxed);
        !degraded && self.index.position().map_or(head == 0, |p| self.is_of_this_database(&p) && p.seq == head)
    }

    /// Takes the writer, so that no other process writes this index.
    pub fn claim(&self) -> Result<()> {
        let writer = self.writer(false)?;
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
        Ok(())
    }

    /// Throws the index away; the next [`Engine::catch_up`] makes it again.
    pub async fn reset(&self) -> Result<()> {
        self.degraded.store(true, Ordering::Relaxed);
        let index = self.index.clone();
        tokio::task::spawn_blocking(move || index.reset()).await.map_err(Error::internal)?.map_err(internal)?;
        self.damaged.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Brings the index to the newest change. Says how many changes it took in.
    pub async fn catch_up(&self, db: &Db, progress: &mut impl FnMut(u64)) -> Result<u64> {
        if self.damaged.load(Ordering::Relaxed) {
            self.reset().await?;
        }
        let cx = db.cx(Actor::System("search"));
        let name = self.kind().name();
        let head = log::head(cx.conn(), name).await?;
        self.head.store(head, Ordering::Relaxed);
        let mut at = match self.index.position() {
            Some(p) if self.is_of_this_database(&p) && p.seq <= head => p.seq,
            None => 0,
            // Another database, documents of an older version, or a database restored to before the index.
            Some(_) => {
                tracing::warn!(kind = name, "the search index is of another state of the database and is made again");
                self.reset().await?;
                0
            }
        };
        let (mut taken, mut pending, mut since) = (0_u64, 0_usize, Instant::now());
        if at < head {
            let bulk = head - at > BULK;
            let mut writer = self.writer(bulk)?;
            loop {
                let changes = log::after(&db.cx(Actor::System("search")), name, at, BATCH).await?;
                let done = (changes.len() as u64) < BATCH;
                if let Some((last, _)) = changes.last() {
                    at = *last;
                    taken += changes.len() as u64;
                    pending += changes.len();
                    let (documents, gone) = documents(&*self.source, db, changes.into_iter().map(|(_, id)| id)).await?;
                    writer = self.blocking(writer, move |writer| writer.apply(documents, gone)).await?;
                }
                if pending > 0 && (done || pending >= COMMIT_DOCUMENTS || since.elapsed() > COMMIT_AFTER) {
                    let position = Position { database: self.installation.clone(), seq: at, schema: DOCUMENTS };
                    writer = self.blocking(writer, move |writer| writer.commit(&position)).await?;
                    (pending, since) = (0, Instant::now());
                }
                progress(taken);
                if done {
                    break;
                }
            }
            if bulk {
                // A bulk load leaves many small segments; merged, a search costs two thirds. Its writer's memory goes.
                drop(self.blocking(writer, Writer::compact).await?);
                writer = self.writer(false)?;
            }
            *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
        }
        self.degraded.store(false, Ordering::Relaxed);
        Ok(taken)
    }

    /// Compares every document of the index below `folder` with what the database says now. Writes nothing, so
    /// that it can be done beside the process that does.
    pub async fn verify(folder: &Path, source: &dyn Source, db: &Db) -> Result<Verified> {
        let (path, schema) = place(folder, source.kind());
        let read = move || Index::open_to_read(&path, &schema)?.map(|index| index.fingerprints()).transpose();
        let held = tokio::task::spawn_blocking(read).await.map_err(Error::internal)?.map_err(internal)?;
        let mut held = held.unwrap_or_default();
        let mut result = Verified::default();
        let mut after = None;
        loop {
            let ids = source.ids(&db.cx(Actor::System("search")), after, BATCH).await?;
            let Some(last) = ids.last().copied() else { break };
            after = Some(last);
            let (documents, _) = documents(source, db, ids.into_iter()).await?;
            for document in documents {
                result.documents += 1;
                match held.remove(&document.id) {
                    None => result.missing += 1,
                    Some(fingerprint) if fingerprint != document.fingerprint() => result.changed += 1,
                    Some(_) => {}
                }
            }
        }
        result.ghosts = held.len();
        Ok(result)
    }

    fn writer(&self, bulk: bool) -> Result<Writer> {
        let idle = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match idle {
            Some(writer) if !bulk => Ok(writer),
            idle => {
                drop(idle);
                let effort = if bulk { Effort::bulk() } else { Effort::default() };
                self.index.writer(effort).map_err(|error| match error {
                    search_index::Error::Busy => Error::Conflict(
                        "Another process writes this search index; the running server keeps it up to date.".to_owned(),
                    ),
                    other => self.failed(other),
                })
            }
        }
    }

    async fn blocking(
        &self,
        mut writer: Writer,
        work: impl FnOnce(&mut Writer) -> search_index::Result<()> + Send + 'static,
    ) -> Result<Writer> {
        let done = tokio::task::spawn_blocking(move || work(&mut writer).map(|()| writer)).await;
        done.map_err(Error::internal)?.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: search_index::Error) -> Error {
        match error {
            search_index::Error::BadCursor => bad_cursor(),
            search_index::Error::Damaged(why) => {
                // The follower makes it again; until then searches say so instead of answering wrongly.
                if !self.damaged.swap(true, Ordering::Relaxed) {
                    tracing::error!(kind = self.kind().name(), why, "the search index is damaged");
                }
                Error::Unavailable("Search is being repaired; try again in a minute.".to_owned())
            }
            other => internal(other),
        }
    }
}

/// Where the index of a kind lies, and what it is made of.
fn place(folder: &Path, kind: Kind) -> (PathBuf, Schema) {
    let facets = kind.facets().iter().map(|spec| spec.name.to_owned()).collect();
    (folder.join(kind.name()), Schema { facets })
}

/// Documents of the things that search shows, and ids of those it does not.
async fn documents(
    source: &dyn Source,
    db: &Db,
    ids: impl Iterator<Item = Uuid>,
) -> Result<(Vec<Document>, Vec<String>)> {
    let ids: Vec<Uuid> = ids.collect();
    let entries = source.entries(&db.cx(Actor::System("search")), &ids).await?;
    let shown: HashSet<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let gone = ids.iter().filter(|id| !shown.contains(id)).map(Uuid::to_string).collect();
    Ok((entries.into_iter().map(|entry| document(source.kind(), entry)).collect(), gone))
}

/// What somebody is told whose cursor is of another search, or none.
pub(super) fn bad_cursor() -> Error {
    let message = "This page belongs to another search; start again from the first page.".to_owned();
    Error::Unreadable { parameter: "cursor", message }
}

fn internal(error: search_index::Error) -> Error {
    Error::Internal(error.to_string())
}

/// An entry as the index takes it: texts, columns, and the markers by which values are found as words.
pub(super) fn document(kind: Kind, entry: Entry) -> Document {
    let specs = kind.facets();
    let mut keywords = entry.keywords.join(" \u{2022} ");
    let mut push = |word: &str| {
        keywords.push_str(" \u{2022} ");
        keywords.push_str(word);
    };
    for (name, values) in entry.facets.iter().filter(|(name, _)| *name == "grade_band") {
        values.iter().for_each(|value| push(&words::marker(name, value)));
    }
    match &entry.card {
        Card::Practice(card) => {
            card.school.iter().flat_map(|s| &s.traits).for_each(|t| push(&words::marker("like", t)));
        }
        Card::School(card) => push(&words::marker("slug", &card.slug)),
        Card::Session(_) | Card::Compact(_) | Card::None => {}
    }
    let facets = entry
        .facets
        .into_iter()
        .filter_map(|(name, values)| Some((specs.iter().position(|spec| spec.name == name)?, values)))
        .collect();
    Document {
        id: entry.id.to_string(),
        title: entry.title,
        keywords,
        summary: entry.summary,
        body: entry.body,
        facets,
        date: entry.date,
        popularity: entry.popularity,
        card: entry.card.write(),
    }
}
