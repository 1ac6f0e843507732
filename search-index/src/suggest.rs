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
/// Titles looked at per segment; a beginning of one letter would otherwise read most of them.
const TITLES: usize = 4_000;

pub(crate) fn suggest(snapshot: &Snapshot, typed: &str, limit: usize) -> Result<Suggestions> {
    let words = words(&typed.chars().take(crate::grammar::CHARACTERS).collect::<String>());
    let Some((last, front)) = words.split_last() else { return Ok(Suggestions::default()) };
    let mut out = Suggestions::default();
    let mut completions: Vec<(String, u64)> = Vec::new();
    let mut best: Vec<(u64, String, usize, u32)> = Vec::new();
    for (at, segment) in snapshot.segments.iter().enumerate() {
        let ends = frequent(segment, last);
        for (word, documents) in &ends {
            match completions.iter_mut().find(|(known, _)| known == word) {
                Some((_, sum)) => *sum += u64::from(*documents),
                None => completions.push(((*word).to_owned(), u64::from(*documents))),
            }
        }
        for document in titles(snapshot, segment, front, &ends)? {
            let popularity = segment.core.popularity[document as usize];
            let worse = |entry: &(u64, String, usize, u32)| {
                (entry.0, std::cmp::Reverse(entry.1.as_str()))
                    < (popularity, std::cmp::Reverse(segment.core.id(document)))
            };
            if best.len() == limit && !best.last().is_some_and(worse) {
                continue;
            }
            let place = best.partition_point(|entry| !worse(entry));
            best.insert(place, (popularity, segment.core.id(document).to_owned(), at, document));
            best.truncate(limit);
        }
    }
    for (_, id, at, document) in best {
        let bytes = snapshot.segments[at].core.stored(document)?;
        out.titles.push(Suggestion { title: Stored::read(&bytes)?.title.to_owned(), id });
    }
    completions.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let start: String = front.iter().flat_map(|word| [word.as_str(), " "]).collect();
    let finish = completions.into_iter().filter(|(word, _)| word != last).take(limit);
    out.completions = finish.map(|(word, _)| format!("{start}{word}")).collect();
    Ok(out)
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

/// Living documents with all of `front` and one of `ends` in the title.
fn titles(snapshot: &Snapshot, segment: &Segment, front: &[String], ends: &[(&str, u32)]) -> Result<Vec<u32>> {
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
        'next: while end.doc() != TERMINATED && out.len() < TITLES {
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
