//! What is asked: clauses, filters, an order and a page.

use crate::document::StableHash;

/// Documents on one page at most.
pub const PAGE: usize = 100;

/// One question to the index. Two equal queries get equal answers while the generation stays the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What the text must say; none means every document.
    pub clauses: Vec<Clause>,
    /// How many of the clauses must match.
    pub matching: Matching,
    /// All of them must hold; one entry per facet (entries of one facet are merged).
    pub filters: Vec<Filter>,
    /// First and last date that count, both included.
    pub dates: Option<(i64, i64)>,
    /// The facets to count.
    pub facets: Vec<FacetRequest>,
    /// The order of the hits.
    pub sort: Sort,
    /// Hits wanted, at most [`PAGE`]; 0 counts only.
    pub limit: usize,
    /// [`crate::Found::next`] of the page before.
    pub after: Option<String>,
}

/// A thing the text should say, in one or several ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clause {
    /// The ways to say it. The first is what was typed; the others (synonyms, labels) score at most as much.
    pub alternatives: Vec<Alternative>,
    /// Whether the matching rule counts it.
    pub role: Role,
    /// Multiplies the score and the share in "most of the words"; 1 is usual.
    pub weight: f32,
    /// A word unknown to the index, or next to unknown, may stand for its nearest spellings (unless excluded).
    pub fuzzy: bool,
    /// The last word of the first alternative is a beginning.
    pub prefix: bool,
}

impl Clause {
    /// One required word as typed, typos forgiven.
    pub fn word(word: &str) -> Self {
        Self { alternatives: vec![Alternative::new(&[word], 1.0)], weight: 1.0, fuzzy: true, ..Self::default() }
    }

    /// One required phrase.
    pub fn phrase(words: &[&str]) -> Self {
        Self { alternatives: vec![Alternative::new(words, 1.0)], weight: 1.0, ..Self::default() }
    }
}

/// One way to say a clause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alternative {
    /// One word, or several that must follow each other in one part of the document.
    pub words: Vec<String>,
    /// 1 for what was typed, less for a synonym.
    pub weight: f32,
    /// The word as it is spelt, not its stem (single words only).
    pub exact: bool,
}

impl Alternative {
    /// A word or phrase found by its stems.
    pub fn new(words: &[&str], weight: f32) -> Self {
        Self { words: words.iter().map(|word| (*word).to_owned()).collect(), weight, exact: false }
    }
}

/// What a clause means for the match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Counted by the [`Matching`] rule.
    #[default]
    Asked,
    /// Must match under every rule.
    Required,
    /// Only adds to the score.
    Optional,
    /// Must not match.
    Excluded,
}

/// Which documents are found. One rule for hits, total and facets alike. It looks at the text alone: a filter never
/// changes the rule, it only removes documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// Every asked clause matches somewhere in the document. Stop words are not asked, unless there is nothing else.
    #[default]
    All,
    /// At least one asked clause matches.
    Any,
    /// As [`Matching::All`] while at least `enough` documents match so; otherwise those that match *most*: of the asked
    /// clauses that occur in the index at all, each weighing as much as it is rare (idf), three fifths; if fewer than
    /// `enough` documents do, a third (0.35); if none does, any one.
    Auto {
        /// How many documents are enough.
        enough: usize,
    },
}

/// Documents with one of these values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Position in [`crate::Schema::facets`].
    pub facet: usize,
    /// Any of these; an empty list matches nothing.
    pub any_of: Vec<String>,
}

/// Counts of one facet. They ignore the filter on the facet itself and respect all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FacetRequest {
    /// Position in [`crate::Schema::facets`].
    pub facet: usize,
    /// The most frequent values, at most so many; selected values are always among them.
    pub limit: usize,
}

/// The order of the hits. Ties go by id, so that every order is total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Latest date first.
    Newest,
    /// Highest popularity first.
    MostUsed,
}

impl Query {
    /// Everything that decides the answer, as bytes: the key of the cache.
    pub(crate) fn key(&self) -> Vec<u8> {
        let mut key = self.order_key();
        key.extend_from_slice(&(self.limit as u64).to_le_bytes());
        for request in &self.facets {
            push(&mut key, &[request.facet as u64, request.limit as u64]);
        }
        if let Some(after) = &self.after {
            push_text(&mut key, after);
        }
        key
    }

    /// A hash of what decides the order of hits; a cursor belongs to it.
    pub(crate) fn order_hash(&self) -> u64 {
        let mut hash = StableHash::new();
        hash.bytes(&self.order_key());
        hash.finish()
    }

    fn order_key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(256);
        for clause in &self.clauses {
            push(&mut key, &[1, clause.role as u64, u64::from(clause.weight.to_bits())]);
            push(&mut key, &[u64::from(clause.fuzzy), u64::from(clause.prefix), clause.alternatives.len() as u64]);
            for alternative in &clause.alternatives {
                push(&mut key, &[u64::from(alternative.weight.to_bits()), u64::from(alternative.exact)]);
                push(&mut key, &[alternative.words.len() as u64]);
                alternative.words.iter().for_each(|word| push_text(&mut key, word));
            }
        }
        let (rule, enough) = match self.matching {
            Matching::All => (0, 0),
            Matching::Any => (1, 0),
            Matching::Auto { enough } => (2, enough as u64),
        };
        push(&mut key, &[2, rule, enough, self.sort as u64]);
        let (from, to) = self.dates.unwrap_or((i64::MIN, i64::MAX));
        push(&mut key, &[from as u64, to as u64]);
        for filter in &self.filters {
            push(&mut key, &[3, filter.facet as u64, filter.any_of.len() as u64]);
            filter.any_of.iter().for_each(|value| push_text(&mut key, value));
        }
        key
    }
}

fn push(key: &mut Vec<u8>, numbers: &[u64]) {
    numbers.iter().for_each(|number| key.extend_from_slice(&number.to_le_bytes()));
}

fn push_text(key: &mut Vec<u8>, text: &str) {
    push(key, &[text.len() as u64]);
    key.extend_from_slice(text.as_bytes());
}
