//! What comes back.

use std::sync::Arc;

use crate::plan::Correction;

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// How many documents match, exactly.
    pub total: u64,
    /// One page of them.
    pub hits: Vec<Hit>,
    /// Values and counts per requested facet, most frequent first, then by value.
    pub facets: Vec<Vec<(Arc<str>, u64)>>,
    /// The query with misspelt words replaced, if there were any.
    pub did_you_mean: Option<String>,
    /// Words taken for others.
    pub corrections: Vec<Correction>,
    /// Share (0 to 1) of the weight of the informative words, unknown ones included, that the best document matches.
    pub coverage: f32,
    /// Nothing, or nothing good, was found: the best document misses too much of what was asked.
    pub weak: bool,
    /// The rule "most of the words" was used, because too few documents had all.
    pub most: bool,
    /// Which state of the index answered; it rises with every commit.
    pub generation: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// One document found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Its score; comparable within one answer only.
    pub score: f32,
    /// Its card.
    pub card: Arc<[u8]>,
    /// Its title as HTML: escaped, found words in `<mark>`.
    pub title_html: String,
    /// The best stretch of summary or body, in the same form.
    pub snippet_html: String,
}

/// What may be meant by words that are being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The text with its last word finished, most frequent in titles first.
    pub completions: Vec<String>,
    /// Documents whose titles hold the words.
    pub titles: Vec<Suggestion>,
}

/// A document by its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The title, as text.
    pub title: String,
    /// The id.
    pub id: String,
}

/// A document like another.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// Its id.
    pub id: String,
    /// Comparable within one answer only.
    pub score: f32,
    /// Its card.
    pub card: Arc<[u8]>,
}

impl Found {
    /// About how many bytes it occupies, for the bounds of the cache.
    pub(crate) fn size(&self) -> u64 {
        let hits: usize =
            self.hits.iter().map(|h| 120 + h.id.len() + h.card.len() + h.title_html.len() + h.snippet_html.len()).sum();
        let facets: usize = self.facets.iter().map(|values| 24 + values.len() * 24).sum();
        (300 + hits + facets) as u64
    }
}
