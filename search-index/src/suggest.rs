//! Search as you type: titles with these words, and completions of the last one.

use tantivy::schema::IndexRecordOption::Basic;
use tantivy::{DocSet, TERMINATED, Term};

use crate::document::Stored;
use crate::error::Result;
use crate::found::{Suggestion, Suggestions};
use crate::segment::Segment;
use crate::snapshot::Snapshot;
use crate::text::words;

/// Completions of the last word that are followed into titles.
const COMPLETIONS: usize = 16;
/// Titles looked at; a beginning of one letter would otherwise read most of them.
const TITLES: usize = 4_000;

pub(crate) fn suggest(snapshot: &Snapshot, typed: &str, limit: usize) -> Result<Suggestions> {
    let words = words(&typed.chars().take(crate::grammar::CHARACTERS).collect::<String>());
    let Some((last, front)) = words.split_last() else { return Ok(Suggestions::default()) };
    let mut completions: Vec<(&str, u64)> = Vec::new();
    let mut best: Vec<Candidate<'_>> = Vec::new();
    for segment in &snapshot.segments {
        let ends = frequent(segment, last);
        for (word, documents) in &ends {
            match completions.iter_mut().find(|(known, _)| known == word) {
                Some((_, sum)) => *sum += u64::from(*documents),
                None => completions.push((word, u64::from(*documents))),
            }
        }
        // Large segments have the larger part in what is looked at.
        let most = TITLES * segment.documents as usize / snapshot.documents.max(1) as usize + limit;
        for document in titles(snapshot, segment, front, &ends, most)? {
            let candidate = Candidate { popularity: segment.core.popularity[document as usize], segment, document };
            if best.len() == limit && !best.last().is_some_and(|last| candidate.before(last)) {
                continue;
            }
            let place = best.partition_point(|known| known.before(&candidate));
            best.insert(place, candidate);
            best.truncate(limit);
        }
    }
    let mut out = Suggestions::default();
    for Candidate { segment, document, .. } in best {
        let title = Stored::read(&segment.core.stored(document)?)?.title.to_owned();
        out.titles.push(Suggestion { title, id: segment.core.id(document).to_owned() });
    }
    completions.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let start: String = front.iter().flat_map(|word| [word.as_str(), " "]).collect();
    let finish = completions.into_iter().filter(|(word, _)| word != last).take(limit);
    out.completions = finish.map(|(word, _)| format!("{start}{word}")).collect();
    Ok(out)
}

/// A document whose title fits.
struct Candidate<'a> {
    popularity: u64,
    segment: &'a Segment,
    document: u32,
}

impl Candidate<'_> {
    /// Most used first, then by id.
    fn before(&self, other: &Self) -> bool {
        self.popularity > other.popularity || (self.popularity == other.popularity && self.id() < other.id())
    }

    fn id(&self) -> &str {
        self.segment.core.id(self.document)
    }
}

/// The most frequent title words that begin with `start`.
fn frequent<'a>(segment: &'a Segment, start: &str) -> Vec<(&'a str, u32)> {
    let mut ends = Vec::new();
    segment.core.title_words.beginning(start, |word, documents| ends.push((word, documents)));
    let order = |a: &(&str, u32), b: &(&str, u32)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if ends.len() > COMPLETIONS {
        ends.select_nth_unstable_by(COMPLETIONS, order);
        ends.truncate(COMPLETIONS);
    }
    ends.sort_unstable_by(order);
    ends
}

/// Living documents with all of `front` and one of `ends` in the title, `most` at most.
fn titles(
    snapshot: &Snapshot,
    segment: &Segment,
    front: &[String],
    ends: &[(&str, u32)],
    most: usize,
) -> Result<Vec<u32>> {
    let field = snapshot.layout.titles;
    let mut out = Vec::new();
    let mut fronts = Vec::new();
    for word in front {
        match segment.core.titles.read_postings(&Term::from_field_text(field, word), Basic)? {
            Some(postings) => fronts.push(postings),
            None => return Ok(out),
        }
    }
    for (word, _) in ends {
        let term = Term::from_field_text(field, word);
        let Some(mut end) = segment.core.titles.read_postings(&term, Basic)? else { continue };
        let mut fronts = fronts.clone();
        'next: while end.doc() != TERMINATED && out.len() < most {
            let document = end.doc();
            for postings in &mut fronts {
                let at = if postings.doc() < document { postings.seek(document) } else { postings.doc() };
                if at == TERMINATED {
                    break 'next;
                }
                if at != document {
                    end.seek(at);
                    continue 'next;
                }
            }
            if segment.is_alive(document) {
                out.push(document);
            }
            end.advance();
        }
    }
    out.sort_unstable();
    out.dedup();
    Ok(out)
}
