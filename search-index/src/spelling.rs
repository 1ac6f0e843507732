//! Which words a typed word may stand for: nearest spellings and completions, over all segments.
//!
//! From five letters one edit is forgiven, from nine two; a swap of neighbours is one edit and the first letter is
//! kept. Two edits are tried only if one finds nothing. Words are compared unstemmed (a typo in an ending would
//! otherwise be stemmed to something else) and searched by their stems.

use rustc_hash::FxHashMap;

use crate::snapshot::Snapshot;
use crate::text::stem;

/// Stems one misspelt word may stand for.
const SPELLINGS: usize = 4;
/// Words one beginning stands for: its most frequent completions.
pub(crate) const COMPLETIONS: usize = 64;

/// A word the index knows, in place of what was typed.
#[derive(Debug)]
pub(crate) struct Known {
    pub word: String,
    pub stem: String,
    pub documents: u64,
    /// Edits away from what was typed; 0 for completions.
    pub distance: usize,
}

/// Edits forgiven in a word.
pub(crate) fn edits(word: &str) -> usize {
    if word.chars().any(|c| !c.is_alphabetic()) {
        return 0;
    }
    match word.chars().count() {
        0..5 => 0,
        5..9 => 1,
        _ => 2,
    }
}

/// The nearest spellings of `typed` itself excluded, best first, one per stem.
pub(crate) fn nearest(snapshot: &Snapshot, typed: &str) -> Vec<Known> {
    let most = edits(typed);
    for edits in 1..=most {
        let mut found: FxHashMap<String, (u64, usize)> = FxHashMap::default();
        for segment in &snapshot.segments {
            segment.core.vocabulary.near(typed, edits, |word, documents, distance| {
                if distance > 0 {
                    let entry = found.entry(word.to_owned()).or_insert((0, distance));
                    entry.0 += u64::from(documents);
                }
            });
        }
        if !found.is_empty() {
            let words = found.into_iter().map(|(word, (documents, distance))| (word, documents, distance));
            return by_stem(words.collect(), SPELLINGS);
        }
    }
    Vec::new()
}

/// The most frequent words that begin with `start`, one per stem.
pub(crate) fn completions(snapshot: &Snapshot, start: &str, limit: usize) -> Vec<Known> {
    let mut words: Vec<(&str, u64)> = Vec::new();
    for segment in &snapshot.segments {
        segment.core.vocabulary.beginning(start, |word, documents| words.push((word, u64::from(documents))));
    }
    if snapshot.segments.len() > 1 {
        // Sorted runs, one a segment: the stable sort merges them.
        words.sort_by(|a, b| a.0.cmp(b.0));
        words.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0 };
            same
        });
    }
    let order = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if words.len() > limit {
        words.select_nth_unstable_by(limit, order);
        words.truncate(limit);
    }
    by_stem(words.into_iter().map(|(word, documents)| (word.to_owned(), documents, 0)).collect(), limit)
}

fn by_stem(mut words: Vec<(String, u64, usize)>, limit: usize) -> Vec<Known> {
    words.sort_unstable_by(|a, b| a.2.cmp(&b.2).then(b.1.cmp(&a.1)).then_with(|| a.0.cmp(&b.0)));
    let mut out: Vec<Known> = Vec::new();
    for (word, documents, distance) in words {
        let stem = stem(&word);
        if out.iter().any(|known| known.stem == stem) {
            continue;
        }
        if out.len() == limit {
            break;
        }
        out.push(Known { word, stem, documents, distance });
    }
    out
}
