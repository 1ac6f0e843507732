//! Search: one box over everything, no sign-in, every search an address (F-1 to F-8, F-10).
//!
//! Features say what is searchable by implementing [`Source`], and mark in their transactions what changed
//! ([`touch`]). Every node keeps an index of its own per kind, follows the change log, and stores its place
//! in the log inside the index's commit: the index is a function of the database and can be thrown away at
//! any moment. It never answers a permission question alone: hits are shown when the log says that the index
//! holds its newest change, and looked up otherwise, so that what was withdrawn a moment ago is gone.

mod alerts;
pub mod api;
mod engine;
mod entry;
mod follow;
pub mod jobs;
mod policy;
mod question;
mod store;
pub mod views;
pub mod web;
pub mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use search_index::{Found, Matching, Query};
use uuid::Uuid;

pub use self::alerts::Watches;
use self::engine::Engine;
pub use self::engine::{Health, Verified};
pub use self::entry::{
    Card, CompactCard, Entry, FacetSpec, HighlightCard, Kind, Place, PracticeCard, SchoolCard, SessionCard, UsedBy,
};
pub use self::question::{Match, PAGE, Question, Sort, encode};
pub use self::words::Understood;
use crate::platform::db::log;
use crate::platform::{Cx, Db, Error, Event, FieldErrors, Result, Tx};

/// What a feature tells search about one kind of things.
#[async_trait]
pub trait Source: Send + Sync {
    /// Which kind.
    fn kind(&self) -> Kind;
    /// Those of `ids` that search shows, as entries. What is left out leaves the index.
    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>>;
    /// Ids of all things of the kind after `after`, in order, shown or not: for verifying.
    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>>;
    /// Those of `ids` that may be shown at this moment.
    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>>;
    /// Whether things stop being shown by the passing of time alone, so that no change tells of it.
    fn ages(&self) -> bool {
        false
    }
    /// Labels of values that are no vocabulary: filter, value, label.
    async fn labels(&self, cx: &Cx) -> Result<Vec<(&'static str, String, String)>>;
}

/// Marks things as changed; the index follows after the commit.
pub async fn touch(tx: &mut Tx, kind: Kind, ids: &[Uuid]) -> Result<()> {
    log::append(tx, kind.name(), ids).await
}

/// The search of one node.
pub struct Search {
    folder: PathBuf,
    engines: BTreeMap<Kind, Engine>,
    synonyms: ArcSwap<words::Synonyms>,
    labels: ArcSwap<Labels>,
    unmet: Mutex<HashMap<(String, &'static str), i32>>,
}

/// One page of an answer.
pub struct Answer<C> {
    /// How many there are, exactly.
    pub total: u64,
    /// This page of them.
    pub hits: Vec<Hit<C>>,
    /// Counts, in the order of [`Kind::facets`]; each ignores its own selection.
    pub facets: Vec<(&'static FacetSpec, Vec<FacetCount>)>,
    /// The search in other words, where some were misspelt.
    pub did_you_mean: Option<String>,
    /// What words were read as.
    pub understood: Vec<Understood>,
    /// Nothing good was found.
    pub weak: bool,
    /// The index is being made again: things may be missing.
    pub degraded: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// One thing found.
pub struct Hit<C> {
    /// Its id.
    pub id: Uuid,
    /// What a result shows.
    pub card: C,
    /// Comparable within one answer only.
    pub score: f32,
    /// The title, escaped, with `<mark>`.
    pub title_html: String,
    /// The passage that matches, escaped, with `<mark>`.
    pub snippet_html: String,
}

/// One value of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCount {
    /// Its code.
    pub value: String,
    /// Its name.
    pub label: String,
    /// Results with it.
    pub count: u64,
}

/// Something that continues what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// `practice`, `school`, `session`, `compact` or `search`.
    pub kind: &'static str,
    /// What to show.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// `match=auto` asks for every word while at least so many documents have them all; below, for most words.
const ENOUGH: usize = 3;

/// Values of a filter that are counted; a filter with more shows the most frequent.
const FACET_VALUES: usize = 40;

/// The note by which another process asks for a rebuild.
const REBUILD: &str = "rebuild";

/// Different wordings kept between two writes of the unmet-search log.
const UNMET_WORDINGS: usize = 1_000;

impl Search {
    /// Opens the indexes below `folder`; makes them where they are not there or not sound. They are empty or
    /// behind until [`Search::catch_up`] has run.
    pub async fn open(folder: &Path, db: &Db, sources: Vec<Arc<dyn Source>>) -> Result<Self> {
        let mut engines = BTreeMap::new();
        for source in sources {
            let engine = Engine::open(folder, source, db).await?;
            engines.insert(engine.kind(), engine);
        }
        let search = Self {
            folder: folder.to_owned(),
            engines,
            synonyms: ArcSwap::default(),
            labels: ArcSwap::default(),
            unmet: Mutex::default(),
        };
        search.reload_words(&db.cx(crate::platform::Actor::System("search"))).await?;
        Ok(search)
    }

    /// Practices that answer a question.
    pub async fn practices(&self, cx: &Cx, question: &Question) -> Result<Answer<PracticeCard>> {
        let answer = self.ask(cx, Kind::Practice, question).await?;
        self.note(question, &answer);
        Ok(answer.of(|card| if let Card::Practice(card) = card { Some(*card) } else { None }))
    }

    /// The same for a question the service asks itself: it is nobody's unmet search.
    pub async fn practices_unnoted(&self, cx: &Cx, question: &Question) -> Result<Answer<PracticeCard>> {
        let answer = self.ask(cx, Kind::Practice, question).await?;
        Ok(answer.of(|card| if let Card::Practice(card) = card { Some(*card) } else { None }))
    }

    /// Schools that answer a question.
    pub async fn schools(&self, cx: &Cx, question: &Question) -> Result<Answer<SchoolCard>> {
        let answer = self.ask(cx, Kind::School, question).await?;
        Ok(answer.of(|card| if let Card::School(card) = card { Some(card) } else { None }))
    }

    /// Joint sessions to come that answer a question.
    pub async fn sessions(&self, cx: &Cx, question: &Question) -> Result<Answer<SessionCard>> {
        let answer = self.ask(cx, Kind::Session, question).await?;
        Ok(answer.of(|card| if let Card::Session(card) = card { Some(card) } else { None }))
    }

    /// Compacts that answer a question.
    pub async fn compacts(&self, cx: &Cx, question: &Question) -> Result<Answer<CompactCard>> {
        let answer = self.ask(cx, Kind::Compact, question).await?;
        Ok(answer.of(|card| if let Card::Compact(card) = card { Some(card) } else { None }))
    }

    /// Highlights that answer a question.
    pub async fn highlights(&self, cx: &Cx, question: &Question) -> Result<Answer<HighlightCard>> {
        let answer = self.ask(cx, Kind::Highlight, question).await?;
        Ok(answer.of(|card| if let Card::Highlight(card) = card { Some(card) } else { None }))
    }

    /// What continues the text typed so far: practices, schools, sessions, compacts and highlights by title, then words.
    pub async fn suggest(&self, cx: &Cx, text: &str, limit: usize) -> Result<Vec<Suggestion>> {
        let (mut suggestions, mut words) = (Vec::new(), Vec::new());
        let found: Vec<_> = self
            .engines
            .iter()
            .map(|(kind, engine)| {
                let share = if *kind == Kind::Practice { limit } else { limit / 2 };
                (kind, engine, engine.seen(), engine.suggest(text, share))
            })
            .collect();
        let heads = log::heads(cx.conn()).await?;
        for (kind, engine, seen, (titles, completions)) in found {
            let ids: Vec<Uuid> = titles.iter().map(|(id, ..)| *id).collect();
            let head = heads.get(kind.name()).copied().unwrap_or(i64::MAX);
            let visible = engine.visible_at(cx, &ids, seen, head).await?;
            for (_, text, card) in titles.into_iter().filter(|(id, ..)| visible.contains(id)) {
                let (kind, url) = match card {
                    Card::Practice(card) => ("practice", format!("/practices/{}", card.slug)),
                    Card::School(card) => ("school", format!("/schools/{}", card.slug)),
                    Card::Session(card) => ("session", format!("/sessions/{}", card.id)),
                    Card::Compact(card) => ("compact", format!("/compacts/{}", card.slug)),
                    Card::Highlight(card) => ("highlight", format!("/highlights/{}", card.slug)),
                    Card::None => continue,
                };
                suggestions.push(Suggestion { kind, text, url });
            }
            if *kind == Kind::Practice {
                words = completions;
            }
        }
        suggestions.extend(words.into_iter().map(|text| Suggestion {
            kind: "search",
            url: format!("/search?q={}", encode(&text)),
            text,
        }));
        suggestions.truncate(limit);
        Ok(suggestions)
    }

    /// Practices most like one.
    pub async fn related(&self, cx: &Cx, practice: Uuid, limit: usize) -> Result<Vec<(Uuid, PracticeCard)>> {
        let Some(engine) = self.engines.get(&Kind::Practice) else { return Ok(Vec::new()) };
        let seen = engine.seen();
        let found = engine.related(practice, limit + 3);
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let visible = engine.visible(cx, &ids, seen).await?;
        Ok(found
            .into_iter()
            .filter(|(id, _)| visible.contains(id))
            .filter_map(|(id, card)| if let Card::Practice(card) = card { Some((id, *card)) } else { None })
            .take(limit)
            .collect())
    }

    /// Values of the filters of a kind with their counts over everything, for pages without a question.
    pub async fn overview(&self, cx: &Cx, kind: Kind) -> Result<Answer<Card>> {
        self.ask(cx, kind, &Question::default()).await
    }

    /// The state of each index.
    pub fn health(&self) -> Vec<(Kind, Health)> {
        self.engines.iter().map(|(kind, engine)| (*kind, engine.health())).collect()
    }

    /// Compares the indexes below `folder` with the database, without writing: also beside a running server.
    pub async fn verify_folder(folder: &Path, db: &Db, sources: &[Arc<dyn Source>]) -> Result<Vec<(Kind, Verified)>> {
        let mut all = Vec::new();
        for source in sources {
            all.push((source.kind(), Engine::verify(folder, &**source, db).await?));
        }
        Ok(all)
    }

    /// Compares the indexes of this node with the database.
    pub async fn verify(&self, db: &Db) -> Result<Vec<(Kind, Verified)>> {
        let sources: Vec<_> = self.engines.values().map(Engine::source).collect();
        Self::verify_folder(&self.folder, db, &sources).await
    }

    /// Leaves a note for the server that runs on `folder`: make the indexes again.
    pub fn ask_for_rebuild(folder: &Path) -> Result<()> {
        Ok(std::fs::write(folder.join(REBUILD), b"")?)
    }

    /// Whether that note still lies there.
    pub fn rebuild_is_asked(folder: &Path) -> bool {
        folder.join(REBUILD).exists()
    }

    /// Takes the indexes for this process.
    ///
    /// # Errors
    /// `Conflict` while another process, the running server, has them.
    pub fn claim(&self) -> Result<()> {
        self.engines.values().try_for_each(Engine::claim)
    }

    /// Throws each index away and makes it again from the database.
    pub async fn rebuild(&self, db: &Db, mut progress: impl FnMut(u64)) -> Result<()> {
        for engine in self.engines.values() {
            engine.reset().await?;
            engine.catch_up(db, &mut progress).await?;
        }
        Ok(())
    }

    /// The label of a value of a filter.
    pub fn label(&self, spec: &FacetSpec, value: &str) -> String {
        label(&self.labels.load(), spec, value)
    }

    async fn ask(&self, cx: &Cx, kind: Kind, question: &Question) -> Result<Answer<Card>> {
        let started = Instant::now();
        let engine = self.engines.get(&kind).ok_or(Error::NotFound("search"))?;
        let (query, understood) = self.query(kind, question)?;
        let seen = engine.seen();
        let found = engine.search(&query)?;
        let ids: Vec<Uuid> = found.hits.iter().filter_map(|hit| hit.id.parse().ok()).collect();
        // The index may be a moment behind; what was withdrawn is gone at once (S2).
        let visible = engine.visible(cx, &ids, seen).await?;
        Ok(self.answer(engine, &query, &found, &visible, understood, started))
    }

    fn query(&self, kind: Kind, question: &Question) -> Result<(Query, Vec<Understood>)> {
        let parsed = search_index::grammar::parse(&question.text);
        let (mut clauses, understood) = words::clauses(&parsed, &self.synonyms.load());
        if let Some(like) = &question.like {
            clauses.extend(self.likeness(like));
        }
        let facets = kind.facets();
        let position = |name: &str| facets.iter().position(|spec| spec.name == name);
        let filters = question
            .filters
            .iter()
            .filter_map(|(name, any_of)| Some(search_index::Filter { facet: position(name)?, any_of: any_of.clone() }))
            .collect();
        let counted = facets.iter().enumerate().filter(|(_, spec)| spec.place != Place::Hidden);
        let query = Query {
            clauses,
            matching: match question.matching {
                Match::Auto => Matching::Auto { enough: ENOUGH },
                Match::All => Matching::All,
                Match::Any => Matching::Any,
            },
            filters,
            facets: counted.map(|(facet, _)| search_index::FacetRequest { facet, limit: FACET_VALUES }).collect(),
            sort: match question.sort {
                Sort::Relevance => search_index::Sort::Relevance,
                Sort::Newest => search_index::Sort::Newest,
                Sort::MostUsed => search_index::Sort::MostUsed,
            },
            limit: question.limit,
            after: question.cursor.as_deref().map(|cursor| place_in(kind, cursor)).transpose()?,
            ..Query::default()
        };
        Ok((query, understood))
    }

    fn answer(
        &self,
        engine: &Engine,
        query: &Query,
        found: &Found,
        visible: &HashSet<Uuid>,
        understood: Vec<Understood>,
        started: Instant,
    ) -> Answer<Card> {
        let hit = |hit: &search_index::Hit| {
            let id = hit.id.parse().ok().filter(|id| visible.contains(id))?;
            let (title_html, snippet_html) = (hit.title_html.clone(), hit.snippet_html.clone());
            Some(Hit { id, card: Card::read(engine.kind(), &hit.card)?, score: hit.score, title_html, snippet_html })
        };
        let hits: Vec<_> = found.hits.iter().filter_map(hit).collect();
        let withdrawn = (found.hits.len() - hits.len()) as u64;
        let (specs, labels) = (engine.kind().facets(), self.labels.load());
        let facets = query
            .facets
            .iter()
            .zip(&found.facets)
            .map(|(request, values)| {
                let spec = &specs[request.facet];
                let counts = values.iter().map(|(value, count)| FacetCount {
                    value: value.to_string(),
                    label: label(&labels, spec, value),
                    count: *count,
                });
                (spec, counts.collect())
            })
            .collect();
        Answer {
            total: found.total - withdrawn.min(found.total),
            hits,
            facets,
            did_you_mean: found.did_you_mean.clone(),
            understood,
            weak: found.weak,
            degraded: engine.health().degraded,
            next: found.next.as_ref().map(|place| format!("{}{place}", engine.kind().letter())),
            took: started.elapsed(),
        }
    }

    /// A school by its name in addresses, as its index knows it.
    pub fn school_named(&self, slug: &str) -> Option<SchoolCard> {
        self.engines.get(&Kind::School)?.school(slug)
    }

    /// Clauses that lift practices of schools like the one named; they find nothing by themselves (F-6).
    fn likeness(&self, school: &str) -> Vec<search_index::Clause> {
        let traits = self.school_named(school).map(|card| card.traits);
        let lift = |name: &String| search_index::Clause {
            alternatives: vec![search_index::Alternative::new(&[words::marker("like", name).as_str()], 1.0)],
            role: search_index::Role::Optional,
            weight: 1.0,
            ..search_index::Clause::default()
        };
        traits.unwrap_or_default().iter().map(lift).collect()
    }

    /// Remembers the wording of a search nobody could answer, without the person (F-5). Written down later,
    /// in one go, so that a search never waits for a write.
    fn note(&self, question: &Question, answer: &Answer<Card>) {
        let first_page = question.cursor.is_none() && question.filters.is_empty() && question.like.is_none();
        let wording = question.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        // An index that is being made again misses what is there: that is no unmet search.
        if !first_page || answer.degraded || wording.chars().count() < 3 || !(answer.weak || answer.total == 0) {
            return;
        }
        let wording: String = wording.chars().take(256).collect();
        let outcome = if answer.total == 0 { "none" } else { "weak" };
        let mut unmet = self.unmet.lock().unwrap_or_else(PoisonError::into_inner);
        if unmet.len() < UNMET_WORDINGS || unmet.contains_key(&(wording.clone(), outcome)) {
            *unmet.entry((wording, outcome)).or_default() += 1;
        }
    }

    async fn reload_words(&self, cx: &Cx) -> Result<()> {
        self.synonyms.store(Arc::new(store::synonyms(cx.conn()).await?));
        let mut labels = Labels::new();
        for engine in self.engines.values() {
            for spec in engine.kind().facets() {
                let terms = spec.vocabulary.map(crate::platform::vocabulary::terms).unwrap_or_default();
                let terms = terms.iter().map(|term| (term.code.clone(), term.label.clone()));
                labels.entry(spec.name).or_default().extend(terms);
            }
            for (name, value, label) in engine.source().labels(cx).await? {
                labels.entry(name).or_default().insert(value, label);
            }
        }
        self.labels.store(Arc::new(labels));
        Ok(())
    }

    /// The synonym list as this node uses it.
    pub fn synonyms(&self) -> Arc<words::Synonyms> {
        self.synonyms.load_full()
    }
}

/// Labels by the name of the filter and the value.
type Labels = HashMap<&'static str, HashMap<String, String>>;

/// The label of a value; a value without one is its own.
fn label(labels: &Labels, spec: &FacetSpec, value: &str) -> String {
    labels.get(spec.name).and_then(|values| values.get(value)).cloned().unwrap_or_else(|| value.to_owned())
}

/// The place a cursor names in the index of its kind. Each kind has its own letter: a place among schools is none
/// among practices.
fn place_in(kind: Kind, cursor: &str) -> Result<String> {
    cursor.strip_prefix(kind.letter()).map(str::to_owned).ok_or_else(engine::bad_cursor)
}

impl Answer<Card> {
    fn of<C>(self, pick: impl Fn(Card) -> Option<C>) -> Answer<C> {
        let hits = self.hits.into_iter().filter_map(|hit| {
            Some(Hit {
                card: pick(hit.card)?,
                id: hit.id,
                score: hit.score,
                title_html: hit.title_html,
                snippet_html: hit.snippet_html,
            })
        });
        Answer {
            hits: hits.collect(),
            total: self.total,
            facets: self.facets,
            did_you_mean: self.did_you_mean,
            understood: self.understood,
            weak: self.weak,
            degraded: self.degraded,
            next: self.next,
            took: self.took,
        }
    }
}

/// The synonym list of the database.
pub async fn synonyms(cx: &Cx) -> Result<words::Synonyms> {
    store::synonyms(cx.conn()).await
}

/// Counts searches that found nothing, without the person: what a demo brings with it.
pub async fn note_unmet(tx: &Tx, day: chrono::NaiveDate, wording: &str, times: i32) -> Result<()> {
    store::note_unmet(tx.conn(), day, wording, "none", times).await
}

/// Sets the words that a term also means; no words take the term out. Every node uses it within a second.
pub async fn set_synonym(tx: &mut Tx, term: &str, also: &[String]) -> Result<()> {
    let permit = policy::synonyms(tx.actor())?;
    let fold =
        |text: &str| search_index::grammar::parse(text).terms.into_iter().flat_map(|t| t.words).collect::<Vec<_>>();
    let key = fold(term).join(" ");
    let mut errors = FieldErrors::default();
    if key.is_empty() || key.chars().count() > 64 {
        errors.add("term", "Give a word or a few, up to 64 characters.");
    }
    if also.len() > 20 || also.iter().any(|word| fold(word).is_empty() || word.chars().count() > 64) {
        errors.add("also", "Give up to 20 words or phrases of up to 64 characters.");
    }
    errors.or(())?;
    let action = if also.is_empty() {
        if !store::remove_synonym(tx.conn(), &key).await? {
            return Err(Error::NotFound("synonym"));
        }
        "synonym.removed"
    } else {
        store::put_synonym(tx.conn(), &key, also, tx.now()).await?;
        "synonym.set"
    };
    let detail = serde_json::json!({ "term": key, "also": also });
    tx.record(&permit, Event::bulk(action, "synonym").with(detail)).await?;
    log::append(tx, follow::SYNONYMS, &[Uuid::nil()]).await
}

/// Searches nobody could answer in the last `days`: wording, outcome (`none` or `weak`), times.
pub async fn unmet(cx: &Cx, days: i64) -> Result<Vec<(String, String, i64)>> {
    store::unmet(cx.conn(), (cx.now() - chrono::Duration::days(days)).date_naive(), 200).await
}
