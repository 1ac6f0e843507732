//! One search from query to page: match, filter, count, order, show.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::cursor::Cursor;
use crate::document::Stored;
use crate::error::Result;
use crate::facets::{Allowed, Counts, Verdict};
use crate::found::{Found, Hit};
use crate::marks::Marker;
use crate::matching::{Matches, Scratch, find};
use crate::plan::{Plan, Threshold};
use crate::query::{FacetRequest, Matching, PAGE, Query, Role, Sort};
use crate::segment::{Core, Segment};
use crate::snapshot::Snapshot;
use crate::snippet;

/// Below this share of the asked weight the best document is no answer.
const WEAK: f32 = 0.5;

/// Answers `query` from `snapshot`.
pub(crate) fn answer(snapshot: &Snapshot, query: &Query, scratch: &mut Scratch) -> Result<Found> {
    let after = match &query.after {
        Some(text) => Some(Cursor::read(text, query.order_hash())?),
        None => None,
    };
    let plan = Plan::new(snapshot, query)?;
    let Reached { matches, most, .. } = matches(snapshot, query, &plan, scratch)?;
    let mut page = Page::new(query, after);
    let mut counts = FacetSums::new(snapshot, query);
    let mut best_units = 0;
    for (at, (segment, matches)) in snapshot.segments.iter().zip(&matches).enumerate() {
        best_units = best_units.max(collect(query, segment, at, matches, &mut page, &mut counts));
    }
    let coverage = if plan.units == 0 { 1.0 } else { (best_units as f32 / plan.units as f32).min(1.0) };
    let mut found = Found {
        total: page.total,
        facets: counts.finish(snapshot, query),
        coverage,
        weak: page.total == 0 || coverage < WEAK,
        most,
        generation: snapshot.generation,
        did_you_mean: did_you_mean(query, &plan),
        corrections: plan.corrections.clone(),
        ..Found::default()
    };
    let more = page.total_after > page.entries.len() as u64;
    let mut marker = Marker::new(&plan.marks);
    let mut room = Vec::new();
    for entry in &page.entries {
        let core = &snapshot.segments[entry.segment].core;
        let bytes = core.stored(entry.document)?;
        let stored = Stored::read(&bytes)?;
        found.hits.push(Hit {
            id: core.id(entry.document).to_owned(),
            score: entry.score,
            card: stored.card.into(),
            title_html: snippet::title(&mut marker, &stored, &mut room),
            snippet_html: snippet::snippet(&mut marker, &stored, &mut room),
        });
    }
    if let (true, Some(last), Some(hit)) = (more, page.entries.last(), found.hits.last()) {
        found.next = Some(Cursor { key: last.key, id: hit.id.clone() }.write(query.order_hash()));
    }
    Ok(found)
}

/// What matches, and under which rule.
pub(crate) struct Reached {
    /// The matches of every segment.
    pub matches: Vec<Matches>,
    /// Whether the rule "most" was used.
    pub most: bool,
    /// What had to be reached in the end; none if nothing can match.
    pub threshold: Option<Threshold>,
    /// What had to be reached before, where too few did.
    pub stricter: Option<Threshold>,
}

/// The matches of every segment.
pub(crate) fn matches(snapshot: &Snapshot, query: &Query, plan: &Plan, scratch: &mut Scratch) -> Result<Reached> {
    let mut all = |threshold: Option<Threshold>| -> Result<Vec<Matches>> {
        let Some(threshold) = threshold else {
            return Ok(snapshot.segments.iter().map(|_| Matches::default()).collect());
        };
        snapshot.segments.iter().map(|segment| find(snapshot, segment, plan, threshold, scratch)).collect()
    };
    let mut threshold = plan.first(query.matching);
    let mut stricter = None;
    let first = all(threshold)?;
    let Matching::Auto { enough } = query.matching else {
        return Ok(Reached { matches: first, most: false, threshold, stricter });
    };
    let count = |found: &[Matches]| found.iter().map(|matches| matches.documents.len()).sum::<usize>();
    if count(&first) >= enough || plan.is_open() {
        return Ok(Reached { matches: first, most: false, threshold, stricter });
    }
    let mut found = first;
    let thresholds = plan.most();
    for (step, next) in thresholds.iter().enumerate() {
        let some = count(&found);
        let last_resort = step + 1 == thresholds.len();
        if some >= enough || (last_resort && some > 0) {
            break;
        }
        found = all(Some(*next))?;
        (stricter, threshold) = (threshold, Some(*next));
    }
    Ok(Reached { matches: found, most: true, threshold, stricter })
}

/// Filters, counts and orders the matches of one segment; returns the largest weight any of them matched.
fn collect(
    query: &Query,
    segment: &Segment,
    at: usize,
    matches: &Matches,
    page: &mut Page,
    sums: &mut FacetSums,
) -> u32 {
    let core = &*segment.core;
    let allowed = Allowed::new(&core.facets, &merged(query));
    let (from, to) = query.dates.unwrap_or((i64::MIN, i64::MAX));
    let counting = !query.facets.is_empty();
    let mut counts = Counts::new(&core.facets);
    let mut best = 0;
    for (i, &document) in matches.documents.iter().enumerate() {
        if query.dates.is_some() && !(from..=to).contains(&core.dates[document as usize]) {
            continue;
        }
        match allowed.check(&core.facets, document) {
            Verdict::Passes => {
                if counting {
                    counts.add(&core.facets, document);
                }
                best = best.max(matches.units[i]);
                let key = match query.sort {
                    Sort::Relevance => ordered(matches.scores[i]),
                    Sort::Newest => (core.dates[document as usize] as u64) ^ (1 << 63),
                    Sort::MostUsed => core.popularity[document as usize],
                };
                page.offer(core, Entry { key, segment: at, document, score: matches.scores[i] });
            }
            Verdict::FailsOnly(facet) if counting => counts.add_one(&core.facets, document, facet),
            Verdict::FailsOnly(_) | Verdict::Fails => {}
        }
    }
    if counting {
        sums.add(query, segment, &counts);
    }
    page.segments.push(Arc::clone(&segment.core));
    best
}

/// Filters by facet, those of one facet joined.
pub(crate) fn merged(query: &Query) -> Vec<(usize, Vec<&str>)> {
    let mut out: Vec<(usize, Vec<&str>)> = Vec::new();
    for filter in &query.filters {
        let values = filter.any_of.iter().map(String::as_str);
        match out.iter_mut().find(|(facet, _)| *facet == filter.facet) {
            Some((_, known)) => known.extend(values),
            None => out.push((filter.facet, values.collect())),
        }
    }
    out
}

/// Scores as numbers with the same order. Scores are never negative.
fn ordered(score: f32) -> u64 {
    u64::from(score.max(0.0).to_bits())
}

/// The best hits so far, in order.
struct Page {
    limit: usize,
    after: Option<Cursor>,
    entries: Vec<Entry>,
    /// The segments collected so far, to compare ids across them.
    segments: Vec<Arc<Core>>,
    total: u64,
    /// Documents behind the cursor.
    total_after: u64,
}

struct Entry {
    key: u64,
    segment: usize,
    document: u32,
    score: f32,
}

impl Page {
    fn new(query: &Query, after: Option<Cursor>) -> Self {
        Self {
            limit: query.limit.min(PAGE),
            after,
            entries: Vec::new(),
            segments: Vec::new(),
            total: 0,
            total_after: 0,
        }
    }

    #[inline]
    fn offer(&mut self, core: &Core, entry: Entry) {
        self.total += 1;
        if let Some(after) = &self.after {
            let behind = match entry.key.cmp(&after.key) {
                Ordering::Less => true,
                Ordering::Equal => core.id(entry.document) > after.id.as_str(),
                Ordering::Greater => false,
            };
            if !behind {
                return;
            }
        }
        self.total_after += 1;
        if self.entries.len() == self.limit {
            let Some(last) = self.entries.last() else { return };
            if !self.before(core, &entry, last) {
                return;
            }
            self.entries.pop();
        }
        let at = self.entries.partition_point(|known| !self.before(core, &entry, known));
        self.entries.insert(at, entry);
    }

    fn before(&self, core: &Core, entry: &Entry, known: &Entry) -> bool {
        match entry.key.cmp(&known.key) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => {
                let other = self.segments.get(known.segment).map_or(core, |core| core);
                core.id(entry.document) < other.id(known.document)
            }
        }
    }
}

/// Counts per requested facet over all segments, by the numbers of the snapshot.
struct FacetSums(Vec<Vec<u64>>);

impl FacetSums {
    fn new(snapshot: &Snapshot, query: &Query) -> Self {
        let values = |request: &FacetRequest| snapshot.values.get(request.facet).map_or(0, Vec::len);
        Self(query.facets.iter().map(|request| vec![0; values(request)]).collect())
    }

    fn add(&mut self, query: &Query, segment: &Segment, counts: &Counts) {
        for (request, sums) in query.facets.iter().zip(&mut self.0) {
            for number in segment.core.facets.range(request.facet) {
                sums[segment.numbers[number] as usize] += u64::from(counts.get(number));
            }
        }
    }

    fn finish(self, snapshot: &Snapshot, query: &Query) -> Vec<Vec<(Arc<str>, u64)>> {
        let filters = merged(query);
        let finish = |(sums, request): (Vec<u64>, &FacetRequest)| {
            let selected = filters.iter().find(|(facet, _)| *facet == request.facet).map(|(_, values)| values);
            let is_selected = |value: &str| selected.is_some_and(|values| values.contains(&value));
            let names = snapshot.values.get(request.facet).into_iter().flatten();
            let mut counts: Vec<(&str, Option<&Arc<str>>, u64)> =
                names.zip(sums).filter(|(_, sum)| *sum > 0).map(|(name, sum)| (&**name, Some(name), sum)).collect();
            for value in selected.into_iter().flatten() {
                if !counts.iter().any(|(name, ..)| name == value) {
                    counts.push((value, None, 0));
                }
            }
            counts.sort_unstable_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(b.0)));
            let kept =
                counts.iter().enumerate().filter(|(rank, (name, ..))| *rank < request.limit || is_selected(name));
            kept.map(|(_, (text, name, sum))| (name.map_or_else(|| (*text).into(), Arc::clone), *sum)).collect()
        };
        self.0.into_iter().zip(&query.facets).map(finish).collect()
    }
}

/// The query spelt out with the corrections in place.
fn did_you_mean(query: &Query, plan: &Plan) -> Option<String> {
    if plan.corrections.is_empty() {
        return None;
    }
    let mut out = String::new();
    for clause in query.clauses.iter().filter(|clause| clause.role != Role::Optional) {
        let Some(first) = clause.alternatives.first() else { continue };
        let text = first.words.join(" ");
        let corrected = plan
            .corrections
            .iter()
            .find(|correction| crate::text::words(&text).as_slice() == std::slice::from_ref(&correction.typed));
        if !out.is_empty() {
            out.push(' ');
        }
        if clause.role == Role::Excluded {
            out.push('-');
        }
        let text = corrected.map_or(text.as_str(), |correction| correction.meant.as_str());
        if first.words.len() > 1 {
            out.push('"');
            out.push_str(text);
            out.push('"');
        } else {
            out.push_str(text);
        }
    }
    Some(out)
}
