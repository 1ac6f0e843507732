//! Which documents of a segment match, and how well: every list is read once, in document order.
//!
//! Lists that alone cannot lift a document over the threshold need not be walked: they are only looked into for
//! documents that others brought up. Under "all words" that leaves one clause to walk, the rarest.

use std::mem::take;

use crate::error::Result;
use crate::lists::Walk;
use crate::plan::{List, Plan, Planned, Threshold};
use crate::segment::Segment;
use crate::snapshot::Snapshot;

/// Documents that match, in order, with score and matched weight.
#[derive(Default)]
pub(crate) struct Matches {
    pub documents: Vec<u32>,
    pub scores: Vec<f32>,
    pub units: Vec<u32>,
    /// Room for one clause's scores.
    best: Vec<f32>,
}

/// Arrays over all documents of a segment, zero between uses.
#[derive(Default)]
pub(crate) struct Scratch {
    scores: Vec<f32>,
    units: Vec<u32>,
    seen: Vec<u64>,
    best: Vec<f32>,
    seen_now: Vec<u64>,
}

impl Scratch {
    fn fit(&mut self, documents: usize) {
        if self.scores.len() < documents {
            self.scores.resize(documents, 0.0);
            self.best.resize(documents, 0.0);
            self.units.resize(documents, 0);
            self.seen.resize(documents.div_ceil(64), 0);
            self.seen_now.resize(documents.div_ceil(64), 0);
        }
    }

    /// Hands out and clears the scores noted for the present clause.
    fn take_noted(&mut self, mut each: impl FnMut(usize, f32)) {
        for (word, bits) in self.seen_now.iter_mut().enumerate() {
            while *bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                each(at, take(&mut self.best[at]));
            }
        }
    }
}

/// The living documents of `segment` that reach the threshold.
pub(crate) fn find(
    snapshot: &Snapshot,
    segment: &Segment,
    plan: &Plan,
    threshold: Threshold,
    scratch: &mut Scratch,
) -> Result<Matches> {
    let search = Search { snapshot, segment };
    let mut matches = if plan.is_open() {
        let documents: Vec<u32> = segment.alive_documents().collect();
        let some = documents.len();
        Matches { documents, scores: vec![0.0; some], units: vec![0; some], best: Vec::new() }
    } else {
        search.asked(plan, threshold, scratch)?
    };
    for list in &plan.excluded {
        search.exclude(&mut matches, list)?;
    }
    if segment.has_deletes() && !plan.is_open() {
        matches.keep(|_, document| segment.is_alive(document));
    }
    for lists in &plan.bonus {
        search.look_into(&mut matches, lists, scratch)?;
        for (score, best) in matches.scores.iter_mut().zip(&matches.best) {
            *score += best.max(0.0);
        }
    }
    for (document, score) in matches.documents.iter().zip(&mut matches.scores) {
        *score += segment.core.nudges[*document as usize];
    }
    Ok(matches)
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    segment: &'a Segment,
}

impl Search<'_> {
    fn asked(&self, plan: &Plan, threshold: Threshold, scratch: &mut Scratch) -> Result<Matches> {
        let walked = walked(&plan.asked, threshold);
        let mut matches = match walked.as_slice() {
            [only] if plan.asked[*only].lists.len() == 1 => self.walk_one(&plan.asked[*only])?,
            _ => self.walk(walked.iter().map(|i| &plan.asked[*i]), scratch)?,
        };
        let others: Vec<&Planned> =
            plan.asked.iter().enumerate().filter(|(i, _)| !walked.contains(i)).map(|(_, clause)| clause).collect();
        let mut left: u64 = others.iter().map(|clause| clause.units).sum();
        let reaches = |units: u32, left: u64| u64::from(units) + left >= threshold.0;
        if others.is_empty() && walked.len() > 1 {
            matches.keep(|m, _| reaches(m, 0));
        }
        for clause in others {
            self.look_into(&mut matches, &clause.lists, scratch)?;
            left -= clause.units;
            matches.take_clause(clause, |units| reaches(units, left));
        }
        Ok(matches)
    }

    /// One clause, one list: no arrays needed.
    fn walk_one(&self, clause: &Planned) -> Result<Matches> {
        let mut matches = Matches::default();
        let list = &clause.lists[0];
        let Some(mut walk) = Walk::open(&self.segment.core, &self.snapshot.layout, &list.kind)? else {
            return Ok(matches);
        };
        matches.documents.reserve(walk.size());
        matches.scores.reserve(walk.size());
        walk.read(|document, times| {
            matches.documents.push(document);
            matches.scores.push(self.score(list, document, times));
        });
        matches.units = vec![clause.units as u32; matches.documents.len()];
        Ok(matches)
    }

    fn walk<'b>(&self, clauses: impl Iterator<Item = &'b Planned>, scratch: &mut Scratch) -> Result<Matches> {
        scratch.fit(self.segment.documents as usize);
        for clause in clauses {
            for list in &clause.lists {
                if let Some(mut walk) = Walk::open(&self.segment.core, &self.snapshot.layout, &list.kind)? {
                    self.note(list, &mut walk, scratch);
                }
            }
            let (mut scores, mut units, mut seen) =
                (take(&mut scratch.scores), take(&mut scratch.units), take(&mut scratch.seen));
            scratch.take_noted(|at, score| {
                scores[at] += score;
                units[at] += clause.units as u32;
                seen[at / 64] |= 1 << (at % 64);
            });
            (scratch.scores, scratch.units, scratch.seen) = (scores, units, seen);
        }
        let Scratch { scores, units, seen, .. } = scratch;
        let mut matches = Matches::default();
        for (word, bits) in seen.iter_mut().enumerate() {
            while *bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                matches.documents.push(at as u32);
                matches.scores.push(take(&mut scores[at]));
                matches.units.push(take(&mut units[at]));
            }
        }
        Ok(matches)
    }

    /// For each match, the best score of any of the lists, or -1.
    fn look_into(&self, matches: &mut Matches, lists: &[List], scratch: &mut Scratch) -> Result<()> {
        let Matches { documents, best, .. } = matches;
        best.clear();
        best.resize(documents.len(), -1.0);
        let mut walks = Vec::with_capacity(lists.len());
        let mut postings = 0;
        for list in lists {
            if let Some(walk) = Walk::open(&self.segment.core, &self.snapshot.layout, &list.kind)? {
                postings += walk.size();
                walks.push((list, walk));
            }
        }
        // Many lists (completions of a beginning): reading them through beats looking each up for each document.
        if walks.len() > 2 && postings < documents.len() * walks.len() {
            scratch.fit(self.segment.documents as usize);
            for (list, walk) in &mut walks {
                self.note(list, walk, scratch);
            }
            for (document, best) in documents.iter().zip(best.iter_mut()) {
                let at = *document as usize;
                if scratch.seen_now[at / 64] & 1 << (at % 64) != 0 {
                    *best = scratch.best[at];
                }
            }
            scratch.take_noted(|_, _| {});
            return Ok(());
        }
        for (list, mut walk) in walks {
            walk.look_up(documents, |i, times| best[i] = best[i].max(self.score(list, documents[i], times)));
        }
        Ok(())
    }

    /// Adds a list to the scores of the present clause.
    fn note(&self, list: &List, walk: &mut Walk, scratch: &mut Scratch) {
        walk.read(|document, times| {
            let at = document as usize;
            scratch.best[at] = scratch.best[at].max(self.score(list, document, times));
            scratch.seen_now[at / 64] |= 1 << (at % 64);
        });
    }

    fn exclude(&self, matches: &mut Matches, list: &List) -> Result<()> {
        let Some(mut walk) = Walk::open(&self.segment.core, &self.snapshot.layout, &list.kind)? else { return Ok(()) };
        let mut out = vec![false; matches.documents.len()];
        walk.look_up(&matches.documents, |i, _| out[i] = true);
        let mut out = out.into_iter();
        matches.keep(|_, _| out.next() == Some(false));
        Ok(())
    }

    #[inline]
    fn score(&self, list: &List, document: u32, times: u32) -> f32 {
        list.factor * self.snapshot.saturation(times, self.segment.core.lengths[document as usize])
    }
}

/// The clauses that must be walked: without them no document reaches the threshold.
fn walked(asked: &[Planned], threshold: Threshold) -> Vec<usize> {
    // Every hit is in each required clause; the cheapest is enough.
    if let Some(required) = asked.iter().position(|clause| clause.required) {
        return vec![required];
    }
    let mut spared = 0;
    let mut walked = Vec::new();
    for (i, clause) in asked.iter().enumerate().rev() {
        if spared + clause.units < threshold.0 {
            spared += clause.units;
        } else {
            walked.push(i);
        }
    }
    walked.reverse();
    walked
}

impl Matches {
    /// Adds the clause just looked into; drops what it rules out.
    fn take_clause(&mut self, clause: &Planned, reaches: impl Fn(u32) -> bool) {
        let mut kept = 0;
        for i in 0..self.documents.len() {
            let found = self.best[i] >= 0.0;
            let units = self.units[i] + if found { clause.units as u32 } else { 0 };
            if reaches(units) && (found || !clause.required) {
                self.documents[kept] = self.documents[i];
                self.scores[kept] = self.scores[i] + self.best[i].max(0.0);
                self.units[kept] = units;
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    fn keep(&mut self, mut wanted: impl FnMut(u32, u32) -> bool) {
        let mut kept = 0;
        for i in 0..self.documents.len() {
            if wanted(self.units[i], self.documents[i]) {
                self.documents[kept] = self.documents[i];
                self.scores[kept] = self.scores[i];
                self.units[kept] = self.units[i];
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    fn truncate(&mut self, kept: usize) {
        self.documents.truncate(kept);
        self.scores.truncate(kept);
        self.units.truncate(kept);
    }
}
