//! More like this: the rarest words of a document's title, keywords and summary, asked as a query.

use rustc_hash::FxHashMap;

use crate::document::Stored;
use crate::error::Result;
use crate::found::Related;
use crate::matching::{Scratch, find};
use crate::plan::{Plan, Threshold};
use crate::query::{Alternative, Clause, Query};
use crate::snapshot::Snapshot;
use crate::text::{is_stop, stem, words};

/// Words that speak for a document.
const WORDS: usize = 8;
/// A relative shares at least this part of their weight, in thousandths.
const SHARED: u64 = 250;

pub(crate) fn related(snapshot: &Snapshot, id: &str, limit: usize, scratch: &mut Scratch) -> Result<Vec<Related>> {
    let mut own = None;
    for (at, segment) in snapshot.segments.iter().enumerate() {
        if let Some(document) = segment.find(id)? {
            own = Some((at, document));
        }
    }
    let Some((own_segment, own_document)) = own else { return Ok(Vec::new()) };
    let bytes = snapshot.segments[own_segment].core.stored(own_document)?;
    let clauses = speaking(snapshot, &Stored::read(&bytes)?)?;
    let plan = Plan::new(snapshot, &Query { clauses, ..Query::default() })?;
    if plan.asked.is_empty() {
        return Ok(Vec::new());
    }
    let threshold = Threshold((plan.units * SHARED).div_ceil(1000).max(1));
    let mut best: Vec<(f32, &str, usize, u32)> = Vec::new();
    for (at, segment) in snapshot.segments.iter().enumerate() {
        let matches = find(snapshot, segment, &plan, threshold, scratch)?;
        for (&document, &score) in matches.documents.iter().zip(&matches.scores) {
            if (at, document) == (own_segment, own_document) {
                continue;
            }
            let name = segment.core.id(document);
            if best.len() == limit && !best.last().is_some_and(|(last, id, ..)| (*last, name) < (score, *id)) {
                continue;
            }
            let place = best.partition_point(|(known, id, ..)| *known > score || (*known == score && *id < name));
            best.insert(place, (score, name, at, document));
            best.truncate(limit);
        }
    }
    let show = |(score, id, at, document): (f32, &str, usize, u32)| {
        let bytes = snapshot.segments[at].core.stored(document)?;
        Ok(Related { id: id.to_owned(), score, card: Stored::read(&bytes)?.card.into() })
    };
    best.into_iter().map(show).collect()
}

/// The words worth most: rare in the index, frequent here, and not only here.
fn speaking(snapshot: &Snapshot, stored: &Stored<'_>) -> Result<Vec<Clause>> {
    let mut times: FxHashMap<String, (String, f32)> = FxHashMap::default();
    for (text, weight) in [(stored.title, 3.0), (stored.keywords, 2.0), (stored.summary, 1.0)] {
        for word in words(text).into_iter().filter(|word| !is_stop(word)) {
            times.entry(stem(&word)).or_insert((word, 0.0)).1 += weight;
        }
    }
    let mut worth = Vec::new();
    for (stem, (word, times)) in times {
        let documents = snapshot.stem_documents(&stem)?;
        if documents > 1 {
            worth.push((snapshot.idf(documents) * times / (times + 2.0), word));
        }
    }
    worth.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let clause = |(_, word): (f32, String)| Clause {
        alternatives: vec![Alternative::new(&[&word], 1.0)],
        weight: 1.0,
        ..Clause::default()
    };
    Ok(worth.into_iter().take(WORDS).map(clause).collect())
}
