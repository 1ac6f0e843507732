//! The other way round: given one new document, which of very many queries does it answer?
//!
//! A query that is watched is planned once, against the index as it is: which postings lists count for each clause, what each
//! weighs, and how much had to be reached in the end ("all words", "most", "any": the rule looks at the whole index). Words
//! without which no document can reach that much are its triggers, and one table leads from each word to the queries it
//! triggers. A document is cut into words once; the queries its words trigger are compared with it in memory.
//!
//! What a plan says grows old in four ways, and each is met. A document that brings a word nobody wrote when the query was
//! planned, a new spelling next to a misspelt one, or another end of an unfinished word: the index itself is asked, and the
//! query planned again. A document that reaches more than had to be reached makes the rule stricter: it is a match under
//! both, and the query is planned again. What leaves the index, or changes in it, makes the rule milder, and idf drifts:
//! [`Watches::renew`] plans everything again, and the caller does that now and then.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::tokenizer::{TokenStream, Tokenizer};

use crate::answer::{self, Reached};
use crate::document::Document;
use crate::error::{Result, guard};
use crate::facets::{Allowed, Verdict};
use crate::index::{Index, lock};
use crate::plan::{self, Kind, Plan, Threshold};
use crate::query::{Query, Role};
use crate::snapshot::Snapshot;
use crate::spelling;
use crate::text::{self, stem};
use crate::tokens::Weighted;
use crate::vocabulary::{Distances, letters_of};

/// A word in at most so many documents may be new since a query was planned.
const NEW: u64 = 20;

/// A query as it is watched: planned against the index of one moment.
pub struct Watch {
    query: Arc<Query>,
    asked: Vec<Asked>,
    excluded: Vec<Kind>,
    /// What had to be reached, and what before; none: nothing can match as the index is.
    threshold: Option<u64>,
    stricter: Option<u64>,
    /// Nothing is asked of the text.
    open: bool,
    /// The planned lists cannot tell of every document: exclusions that are not finished.
    unsure: bool,
}

struct Asked {
    units: u64,
    cost: u64,
    required: bool,
    /// Lists of the plan.
    known: Vec<Kind>,
    /// What was typed or stands for it, and nobody has written.
    unwritten: Vec<Kind>,
    /// The last word is unfinished.
    beginning: Option<String>,
    /// A single word that stands for its nearest spellings.
    misspelt: Option<String>,
    /// The clause has no list at all, so that its weight is a guess.
    unknown: bool,
}

impl Index {
    /// Plans a query for [`Watches`]. Costs what finding its documents costs.
    pub fn watch(&self, query: Query) -> Result<Watch> {
        let snapshot = self.inner.snapshot();
        guard(|| {
            let mut scratch = lock(&self.inner.scratch).pop().unwrap_or_default();
            let plan = Plan::new(&snapshot, &query)?;
            let reached = answer::matches(&snapshot, &query, &plan, &mut scratch)?;
            lock(&self.inner.scratch).push(scratch);
            Ok(watch(query, plan, &reached))
        })
    }

    /// Whether the document is among what the query finds now.
    pub fn finds(&self, query: &Query, id: &str) -> Result<bool> {
        let snapshot = self.inner.snapshot();
        guard(|| {
            let mut scratch = lock(&self.inner.scratch).pop().unwrap_or_default();
            let plan = Plan::new(&snapshot, query)?;
            let Reached { matches, .. } = answer::matches(&snapshot, query, &plan, &mut scratch)?;
            lock(&self.inner.scratch).push(scratch);
            for (segment, matches) in snapshot.segments.iter().zip(&matches) {
                if let Some(document) = segment.find(id)? {
                    let allowed = Allowed::new(&segment.core.facets, &answer::merged(query));
                    let passes = matches!(allowed.check(&segment.core.facets, document), Verdict::Passes);
                    return Ok(passes && matches.documents.binary_search(&document).is_ok());
                }
            }
            Ok(false)
        })
    }
}

fn watch(query: Query, plan: Plan, reached: &Reached) -> Watch {
    let mut asked = Vec::new();
    let (mut excluded, mut unsure) = (Vec::new(), false);
    for (at, clause, ways) in plan::read(&query) {
        let typed: Vec<Kind> = ways.iter().map(|way| kind(&way.words)).collect();
        if clause.role == Role::Excluded {
            unsure |= clause.prefix;
            excluded.extend(typed);
            continue;
        }
        let planned = plan.asked.iter().find(|planned| planned.clause == at);
        if planned.is_none() && !plan.unwritten.contains(&at) {
            continue;
        }
        let known: Vec<Kind> =
            planned.map(|p| p.lists.iter().map(|list| list.kind.clone()).collect()).unwrap_or_default();
        let unwritten: Vec<Kind> = typed.into_iter().filter(|kind| !known.contains(kind)).collect();
        let single = ways.first().filter(|way| way.words.len() == 1).and_then(|way| way.words.first());
        let misspelt = single.filter(|word| clause.fuzzy && spelling::edits(word) > 0);
        let misspelt = misspelt.filter(|word| !known.contains(&Kind::Stem(stem(word)))).cloned();
        asked.push(Asked {
            units: planned.map_or(0, |planned| planned.units),
            cost: planned.map_or(0, |planned| planned.cost),
            required: clause.role == Role::Required,
            known,
            unwritten,
            beginning: ways.first().filter(|_| clause.prefix).and_then(|way| way.words.last()).cloned(),
            misspelt,
            unknown: planned.is_none(),
        });
    }
    let number = |threshold: Option<Threshold>| threshold.map(|threshold| threshold.0);
    Watch {
        open: plan.is_open(),
        query: Arc::new(query),
        asked,
        excluded,
        threshold: number(reached.threshold),
        stricter: number(reached.stricter),
        unsure,
    }
}

fn kind(words: &[String]) -> Kind {
    match words {
        [only] => Kind::Stem(stem(only)),
        several => Kind::Phrase(several.iter().map(|word| stem(word)).collect()),
    }
}

/// Very many watched queries, each under a number of its owner's.
#[derive(Default)]
pub struct Watches {
    /// Numbers of words.
    words: FxHashMap<Box<str>, u32>,
    entries: FxHashMap<u32, Entry>,
    by_word: FxHashMap<u32, Vec<u32>>,
    by_beginning: FxHashMap<Box<str>, Vec<u32>>,
    by_value: FxHashMap<(usize, Box<str>), Vec<u32>>,
    /// By first letter: the letters of a misspelt word, the word, whose.
    misspelt: FxHashMap<char, Vec<(u32, Box<str>, u32)>>,
    /// Queries that every document answers.
    always: Vec<u32>,
}

/// A watched query with its words as numbers.
struct Entry {
    query: Arc<Query>,
    asked: Box<[Clause]>,
    excluded: Box<[Way]>,
    threshold: Option<u64>,
    stricter: Option<u64>,
    open: bool,
    unsure: bool,
}

struct Clause {
    units: u64,
    required: bool,
    unknown: bool,
    known: Box<[Way]>,
    unwritten: Box<[Way]>,
    beginning: Option<Box<str>>,
}

enum Way {
    Word(u32),
    Phrase(Box<[u32]>),
    /// What is found by no word.
    Never,
}

/// What a comparison in memory says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    No,
    Yes,
    /// Yes, and the rule may be another from now on.
    YesAndMore,
    /// The plan does not know; the index does.
    Ask,
}

/// A document cut into words.
struct Cut<'a> {
    /// The places of the words that some query names.
    places: FxHashMap<u32, Vec<usize>>,
    /// Every word as it is spelt, in order.
    words: Vec<String>,
    values: FxHashSet<(usize, &'a str)>,
}

impl Watches {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Watches a query under a number, in place of what was watched under it.
    pub fn put(&mut self, number: u32, watch: Watch) {
        let query = Arc::clone(&watch.query);
        for clause in &watch.asked {
            let always = watch.threshold.is_none() || clause.unknown;
            let triggers = always || watch.triggers(clause);
            let known = clause.known.iter().filter(|_| triggers);
            for kind in known.chain(&clause.unwritten) {
                if let Some(word) = longest(kind) {
                    let word = self.number(word);
                    add(self.by_word.entry(word).or_default(), number);
                }
            }
            if let Some(start) = &clause.beginning {
                add(self.by_beginning.entry(start.as_str().into()).or_default(), number);
            }
            if let Some(word) = &clause.misspelt
                && let Some(first) = word.chars().next()
            {
                let known = self.misspelt.entry(first).or_default();
                known.push((letters_of(word.chars()), word.as_str().into(), number));
            }
        }
        if watch.open {
            match answer::merged(&query).first() {
                None => add(&mut self.always, number),
                Some((facet, values)) => {
                    for value in values {
                        add(self.by_value.entry((*facet, (*value).into())).or_default(), number);
                    }
                }
            }
        }
        let asked = watch.asked.iter().map(|clause| Clause {
            units: clause.units,
            required: clause.required,
            unknown: clause.unknown,
            known: clause.known.iter().map(|kind| self.way(kind)).collect(),
            unwritten: clause.unwritten.iter().map(|kind| self.way(kind)).collect(),
            beginning: clause.beginning.as_deref().map(Into::into),
        });
        let asked = asked.collect::<Vec<_>>().into_boxed_slice();
        let excluded = watch.excluded.iter().map(|kind| self.way(kind)).collect();
        let (threshold, stricter) = (watch.threshold, watch.stricter);
        let entry = Entry { query, asked, excluded, threshold, stricter, open: watch.open, unsure: watch.unsure };
        self.entries.insert(number, entry);
    }

    /// Watches the query under a number no more.
    pub fn remove(&mut self, number: u32) {
        // Its words lead to nothing; the next renewal forgets them.
        self.entries.remove(&number);
    }

    /// Plans every query again, in a table of its own.
    pub fn renew(&self, index: &Index) -> Result<Self> {
        let mut fresh = Self::default();
        for (number, entry) in &self.entries {
            fresh.put(*number, index.watch(Query::clone(&entry.query))?);
        }
        Ok(fresh)
    }

    /// The numbers of the queries that find `document`, which is in the index. Queries whose plan it made old are planned
    /// again.
    pub fn matching(&mut self, index: &Index, document: &Document) -> Result<Vec<u32>> {
        let cut = self.cut(document);
        let mut asked: FxHashSet<u32> = FxHashSet::default();
        self.respelt(&index.inner.snapshot(), &cut, &mut asked);
        let mut candidates: FxHashSet<u32> = self.always.iter().copied().collect();
        candidates.extend(cut.places.keys().filter_map(|word| self.by_word.get(word)).flatten());
        if !self.by_beginning.is_empty() {
            for word in &cut.words {
                for (end, _) in word.char_indices().skip(1).chain([(word.len(), ' ')]) {
                    candidates.extend(self.by_beginning.get(&word[..end]).into_iter().flatten());
                }
            }
        }
        for (facet, value) in &cut.values {
            // The key owns its text; a look-up by a borrowed pair is not to be had.
            candidates.extend(self.by_value.get(&(*facet, (*value).into())).into_iter().flatten());
        }
        candidates.extend(asked.iter().copied());
        let (mut found, mut old) = (Vec::new(), Vec::new());
        for number in candidates {
            let Some(entry) = self.entries.get(&number) else { continue };
            let answer = match entry.compare(&cut) {
                Answer::No if asked.contains(&number) && entry.allows(&cut) => Answer::Ask,
                answer => answer,
            };
            if matches!(answer, Answer::YesAndMore | Answer::Ask) {
                old.push((number, Arc::clone(&entry.query)));
            }
            let matches = match answer {
                Answer::No => false,
                Answer::Yes | Answer::YesAndMore => true,
                Answer::Ask => index.finds(&entry.query, &document.id)?,
            };
            if matches {
                found.push(number);
            }
        }
        for (number, query) in old {
            self.put(number, index.watch(Query::clone(&query))?);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Queries with a misspelt word next to which the document brings another spelling.
    fn respelt(&self, snapshot: &Snapshot, cut: &Cut<'_>, asked: &mut FxHashSet<u32>) {
        if self.misspelt.is_empty() {
            return;
        }
        let mut distances = Distances::default();
        let mut typed: Vec<char> = Vec::new();
        for word in cut.words.iter().filter(|word| snapshot.word_documents(word) <= NEW) {
            let Some(near) = word.chars().next().and_then(|first| self.misspelt.get(&first)) else { continue };
            let (letters, length) = (letters_of(word.chars()), word.chars().count());
            for (wanted, misspelt, number) in near {
                let edits = spelling::edits(misspelt);
                let differ = letters ^ wanted;
                let far = (differ & letters).count_ones() as usize > edits
                    || (differ & wanted).count_ones() as usize > edits
                    || misspelt.len().abs_diff(length) > edits + misspelt.len() - misspelt.chars().count();
                if far {
                    continue;
                }
                typed.clear();
                typed.extend(misspelt.chars());
                if distances.within(&typed, word, edits).is_some() {
                    asked.insert(*number);
                }
            }
        }
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        let number = self.words.len() as u32;
        self.words.insert(word.into(), number);
        number
    }

    fn way(&mut self, kind: &Kind) -> Way {
        match kind {
            Kind::Stem(stem) => Way::Word(self.number(stem)),
            Kind::Phrase(stems) => Way::Phrase(stems.iter().map(|stem| self.number(stem)).collect()),
            Kind::Exact(word) => Way::Word(self.number(&stem(word))),
            Kind::Pair(_) => Way::Never,
        }
    }

    fn cut<'a>(&self, document: &'a Document) -> Cut<'a> {
        let text = document.searched_text();
        let mut places: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        let mut tokenizer = Weighted::new();
        let mut stream = tokenizer.token_stream(&text);
        while stream.advance() {
            let token = stream.token();
            if let Some(word) = self.words.get(token.text.as_str()) {
                let places = places.entry(*word).or_default();
                // A word that weighs more is written several times at its place.
                if places.last() != Some(&token.position) {
                    places.push(token.position);
                }
            }
        }
        let mut words = text::words(&text);
        words.sort_unstable();
        words.dedup();
        let values = document.facets.iter().flat_map(|(facet, values)| values.iter().map(|v| (*facet, v.as_str())));
        Cut { places, words, values: values.collect() }
    }
}

impl Watch {
    /// Whether a document cannot reach the threshold without one of the clauses that say so: the cheapest that suffice.
    fn triggers(&self, clause: &Asked) -> bool {
        let threshold = self.threshold.unwrap_or_default();
        let mut order: Vec<&Asked> = self.asked.iter().filter(|clause| !clause.unknown).collect();
        order.sort_by_key(|clause| std::cmp::Reverse(clause.cost));
        let mut spared = 0;
        for other in order {
            if spared + other.units < threshold {
                spared += other.units;
                if std::ptr::eq(other, clause) {
                    return false;
                }
            }
        }
        true
    }
}

impl Entry {
    fn allows(&self, cut: &Cut<'_>) -> bool {
        let has = |filter: &crate::query::Filter| {
            let mut same = self.query.filters.iter().filter(|other| other.facet == filter.facet);
            same.any(|other| other.any_of.iter().any(|value| cut.values.contains(&(other.facet, value.as_str()))))
        };
        self.query.filters.iter().all(has)
    }

    fn compare(&self, cut: &Cut<'_>) -> Answer {
        if !self.allows(cut) || self.excluded.iter().any(|way| way.is_in(cut)) {
            return Answer::No;
        }
        if self.open {
            return if self.unsure { Answer::Ask } else { Answer::Yes };
        }
        let (mut units, mut unsure, mut brings) = (0, self.unsure, false);
        for clause in &self.asked {
            let unwritten = clause.unwritten.iter().any(|way| way.is_in(cut));
            brings |= unwritten;
            let known = clause.known.iter().any(|way| way.is_in(cut));
            let begins = clause.beginning.as_ref().is_some_and(|start| !known && begins(cut, start));
            unsure |= begins;
            brings |= begins && clause.unknown;
            if known || begins {
                units += clause.units;
            } else if clause.required && !unwritten {
                return Answer::No;
            }
        }
        if brings {
            return Answer::Ask;
        }
        match self.threshold {
            Some(threshold) if units >= threshold => match (unsure, self.stricter) {
                (true, _) => Answer::Ask,
                (false, Some(stricter)) if units >= stricter => Answer::YesAndMore,
                // Where one word was enough because nothing had most of them, any document may change that.
                (false, _) => Answer::Yes,
            },
            _ => Answer::No,
        }
    }
}

fn begins(cut: &Cut<'_>, start: &str) -> bool {
    let at = cut.words.partition_point(|word| word.as_str() < start);
    cut.words.get(at).is_some_and(|word| word.starts_with(start))
}

impl Way {
    fn is_in(&self, cut: &Cut<'_>) -> bool {
        match self {
            Self::Never => false,
            Self::Word(word) => cut.places.contains_key(word),
            Self::Phrase(words) => {
                let Some((first, rest)) = words.split_first() else { return false };
                let Some(starts) = cut.places.get(first) else { return false };
                let follows = |start: &usize| {
                    rest.iter().enumerate().all(|(i, word)| {
                        cut.places.get(word).is_some_and(|places| places.binary_search(&(start + i + 1)).is_ok())
                    })
                };
                starts.iter().any(follows)
            }
        }
    }
}

/// The word under which a way is looked up: the longest, which mostly is the rarest.
fn longest(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Stem(word) | Kind::Exact(word) => Some(word),
        Kind::Phrase(words) => words.iter().max_by_key(|word| word.len()).map(String::as_str),
        Kind::Pair(_) => None,
    }
}

fn add(list: &mut Vec<u32>, number: u32) {
    if list.last() != Some(&number) {
        list.push(number);
    }
}
