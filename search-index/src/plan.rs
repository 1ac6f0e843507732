//! From a query to postings lists: every clause becomes the lists that can satisfy it, with what a hit in each is worth.

use crate::error::Result;
use crate::marks::Marks;
use crate::query::{Alternative, Clause, Matching, Query, Role};
use crate::snapshot::Snapshot;
use crate::spelling::{self, COMPLETIONS, Known};
use crate::text::{self, is_stop, stem};

/// A misspelt word is worth less than a right one, and less the further it is away.
const NEAR: [f32; 3] = [1.0, 0.7, 0.5];
/// Two asked words side by side in title, keywords or summary: added, as a share of what the words are worth.
const PAIR: f32 = 0.25;
/// "Most" of the words, in thousandths of their weight: tried in turn.
const MOST: [u64; 2] = [600, 350];
/// A word is next to unknown below one document in so many, if a near spelling has [`OFTENER`] times as many.
const RARE: u64 = 20_000;
const OFTENER: u64 = 20;
/// Completions of the last word of a phrase.
const PHRASE_COMPLETIONS: usize = 16;

/// A query resolved against one snapshot.
pub(crate) struct Plan {
    /// Clauses that find documents, cheapest first: the order in which scores are added, the same for every segment.
    pub asked: Vec<Planned>,
    /// Lists that only add to the score.
    pub bonus: Vec<Vec<List>>,
    /// Lists no hit may be in.
    pub excluded: Vec<List>,
    /// Weight of all informative words, unknown ones included.
    pub units: u64,
    /// A word that must match is not in the index.
    pub impossible: bool,
    /// The query names an asked word nobody wrote; no document matches all.
    pub unknown: bool,
    /// The asked clauses nobody wrote, by their place in the query.
    pub unwritten: Vec<usize>,
    pub corrections: Vec<Correction>,
    pub marks: Marks,
}

/// A clause that finds documents.
pub(crate) struct Planned {
    pub lists: Vec<List>,
    /// Weight under the rule "most".
    pub units: u64,
    pub required: bool,
    /// Postings to read.
    pub cost: u64,
    /// Which clause of the query it is.
    pub clause: usize,
}

/// Postings, and what a document in them is worth before length and repetition count.
#[derive(Clone)]
pub(crate) struct List {
    pub kind: Kind,
    pub factor: f32,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Stem(String),
    Exact(String),
    Pair(String),
    Phrase(Vec<String>),
}

/// A word taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// As typed (folded).
    pub typed: String,
    /// The word searched for instead.
    pub meant: String,
}

/// How much of a query a document must match.
#[derive(Clone, Copy)]
pub(crate) struct Threshold(pub u64);

impl Plan {
    pub(crate) fn new(snapshot: &Snapshot, query: &Query) -> Result<Self> {
        let mut plan = Self {
            asked: Vec::new(),
            bonus: Vec::new(),
            excluded: Vec::new(),
            units: 0,
            impossible: false,
            unknown: false,
            unwritten: Vec::new(),
            corrections: Vec::new(),
            marks: Marks::default(),
        };
        let clauses = read(query);
        let only_idle = clauses.iter().filter(|(_, clause, _)| clause.role != Role::Excluded).all(idle);
        let mut before: Option<(String, f32)> = None;
        let mut unknown = 0;
        for entry in &clauses {
            if idle(entry) && !only_idle {
                continue;
            }
            let (at, clause, words) = entry;
            plan.marks.next_clause();
            let resolved = Resolver { snapshot, clause, corrections: &mut plan.corrections }.resolve(words)?;
            match clause.role {
                Role::Excluded => plan.excluded.extend(resolved.lists),
                Role::Optional => {
                    resolved.lists.iter().for_each(|list| plan.marks.add(&list.kind));
                    plan.bonus.push(resolved.lists);
                }
                Role::Asked | Role::Required => {
                    resolved.lists.iter().for_each(|list| plan.marks.add(&list.kind));
                    resolved.beginnings.into_iter().for_each(|start| plan.marks.add_beginning(start));
                    let pair = resolved.single.map(|stem| (stem, resolved.idf));
                    if let (Some((a, x)), Some((b, y))) = (&before, &pair) {
                        let list = List { kind: Kind::Pair(format!("{a} {b}")), factor: PAIR * (x + y) };
                        plan.bonus.push(vec![list]);
                    }
                    before = pair;
                    let required = clause.role == Role::Required;
                    if resolved.lists.is_empty() {
                        plan.unknown = true;
                        plan.unwritten.push(*at);
                        unknown += 1;
                        plan.impossible |= required;
                    } else {
                        plan.asked.push(Planned {
                            lists: resolved.lists,
                            units: resolved.units,
                            required,
                            cost: resolved.cost,
                            clause: *at,
                        });
                    }
                }
            }
        }
        plan.asked.sort_by_key(|clause| clause.cost);
        plan.units = plan.known_units();
        if let Some(mean) = plan.units.checked_div(plan.asked.len() as u64) {
            // How rare an unknown word is cannot be told; it weighs what the others weigh on average.
            plan.units += mean * unknown;
        }
        Ok(plan)
    }

    /// Nothing is asked: every document matches.
    pub(crate) fn is_open(&self) -> bool {
        self.asked.is_empty() && !self.unknown
    }

    fn known_units(&self) -> u64 {
        self.asked.iter().map(|clause| clause.units).sum()
    }

    /// The first threshold to try under `matching`; none if no document can match.
    pub(crate) fn first(&self, matching: Matching) -> Option<Threshold> {
        if self.impossible || (self.asked.is_empty() && self.unknown) {
            return None;
        }
        match matching {
            Matching::Any => Some(Threshold(1)),
            Matching::All | Matching::Auto { .. } if self.unknown => None,
            Matching::All | Matching::Auto { .. } => Some(Threshold(self.known_units())),
        }
    }

    /// The thresholds of "most of the words", to be lowered while too few documents reach them. The last, any word,
    /// is for when nothing else finds anything.
    pub(crate) fn most(&self) -> Vec<Threshold> {
        if self.impossible || self.asked.is_empty() {
            return Vec::new();
        }
        let part = |share: &u64| Threshold((self.known_units() * share).div_ceil(1000).max(1));
        MOST.iter().map(part).chain([Threshold(1)]).collect()
    }
}

/// The words of an alternative after cutting and folding.
pub(crate) struct Words<'a> {
    pub alternative: &'a Alternative,
    pub words: Vec<String>,
    pub first: bool,
}

/// The clauses that say something, with their places in the query and their words.
pub(crate) fn read(query: &Query) -> Vec<(usize, &Clause, Vec<Words<'_>>)> {
    let each = query.clauses.iter().enumerate().map(|(at, clause)| (at, clause, words(clause)));
    each.filter(|(_, _, words)| !words.is_empty()).collect()
}

fn idle((_, clause, words): &(usize, &Clause, Vec<Words<'_>>)) -> bool {
    clause.role == Role::Asked && all_stop(clause, words)
}

fn words(clause: &Clause) -> Vec<Words<'_>> {
    let cut = |alternative: &Alternative| alternative.words.iter().flat_map(|word| text::words(word)).collect();
    let each = clause.alternatives.iter().enumerate();
    each.map(|(i, alternative)| Words { alternative, words: cut(alternative), first: i == 0 })
        .filter(|words| !words.words.is_empty())
        .collect()
}

fn all_stop(clause: &Clause, words: &[Words<'_>]) -> bool {
    !clause.prefix && matches!(words, [only] if only.words.len() == 1 && is_stop(&only.words[0]))
}

/// A weight nothing goes wrong with.
fn sane(weight: f32) -> f32 {
    if weight.is_finite() { weight.clamp(0.0, 100.0) } else { 1.0 }
}

struct Resolver<'a> {
    snapshot: &'a Snapshot,
    clause: &'a Clause,
    corrections: &'a mut Vec<Correction>,
}

struct Resolved {
    lists: Vec<List>,
    idf: f32,
    units: u64,
    cost: u64,
    /// The stem, if the clause is one plain word.
    single: Option<String>,
    beginnings: Vec<String>,
}

impl Resolver<'_> {
    fn resolve(mut self, alternatives: &[Words<'_>]) -> Result<Resolved> {
        let mut out = Resolved { lists: Vec::new(), idf: 0.0, units: 0, cost: 0, single: None, beginnings: Vec::new() };
        // What the clause is worth: its first way to be said that anyone wrote.
        let mut ceiling: Option<f32> = None;
        for way in alternatives {
            let lists = self.lists(way, &mut out)?;
            let Some(worth) = lists.iter().map(|(_, idf, _)| *idf).reduce(f32::max) else { continue };
            let ceiling = *ceiling.get_or_insert(worth);
            for (kind, idf, documents) in lists {
                let weight = sane(self.clause.weight) * sane(way.alternative.weight);
                out.lists.push(List { kind, factor: weight * idf.min(ceiling) });
                out.cost += documents;
            }
        }
        if let ([only], [Words { words, .. }]) = (out.lists.as_slice(), alternatives)
            && let (Kind::Stem(stem), true) = (&only.kind, words.len() == 1)
        {
            out.single = Some(stem.clone());
        }
        // What nobody wants to see is taken at its word.
        let fuzzy = self.clause.fuzzy && self.clause.role != Role::Excluded;
        if out.lists.is_empty() && fuzzy {
            self.respell(alternatives, &mut out);
        } else if let (Some(first), true) = (alternatives.first(), fuzzy) {
            self.respell_rare(first, &mut out);
        }
        if let Some(worth) = ceiling {
            out.idf = worth;
        }
        if out.lists.is_empty() {
            out.idf = self.snapshot.idf(0);
        }
        out.units = ((out.idf * sane(self.clause.weight) * 1000.0) as u64).max(1);
        Ok(out)
    }

    /// The lists of one alternative that exist: kind, idf, documents.
    fn lists(&self, way: &Words<'_>, out: &mut Resolved) -> Result<Vec<(Kind, f32, u64)>> {
        let prefix = way.first && self.clause.prefix;
        let Some((last, front)) = way.words.split_last() else { return Ok(Vec::new()) };
        if !front.is_empty() {
            return self.phrases(front, last, prefix);
        }
        if way.alternative.exact {
            let documents = self.snapshot.word_documents(last);
            let list = (Kind::Exact(last.clone()), self.snapshot.idf(documents), documents);
            return Ok(if documents > 0 { vec![list] } else { Vec::new() });
        }
        let own = stem(last);
        let documents = self.snapshot.stem_documents(&own)?;
        if !prefix {
            let list = (Kind::Stem(own), self.snapshot.idf(documents), documents);
            return Ok(if documents > 0 { vec![list] } else { Vec::new() });
        }
        let mut stems = vec![(own, documents)];
        for Known { stem, documents, .. } in spelling::completions(self.snapshot, last, COMPLETIONS) {
            if stem != stems[0].0 {
                stems.push((stem, documents));
            }
        }
        stems.retain(|(_, documents)| *documents > 0);
        out.beginnings.push(last.clone());
        // All completions are one word that is not finished: its idf is that of any of them.
        let sum: u64 = stems.iter().map(|(_, documents)| documents).sum();
        let idf = self.snapshot.idf(sum);
        Ok(stems.into_iter().map(|(stem, documents)| (Kind::Stem(stem), idf, documents)).collect())
    }

    fn phrases(&self, front: &[String], last: &str, prefix: bool) -> Result<Vec<(Kind, f32, u64)>> {
        let mut idf = 0.0;
        let mut rarest = u64::MAX;
        let mut stems = Vec::with_capacity(front.len() + 1);
        for word in front {
            let stem = stem(word);
            let documents = self.snapshot.stem_documents(&stem)?;
            if documents == 0 {
                return Ok(Vec::new());
            }
            idf += self.snapshot.idf(documents);
            rarest = rarest.min(documents);
            stems.push(stem);
        }
        let mut ends = vec![stem(last)];
        if prefix {
            let known = spelling::completions(self.snapshot, last, PHRASE_COMPLETIONS);
            ends.extend(known.into_iter().map(|known| known.stem));
            ends.sort_unstable();
            ends.dedup();
        }
        let mut lists = Vec::new();
        for end in ends {
            let documents = self.snapshot.stem_documents(&end)?;
            if documents > 0 {
                let stems = stems.iter().cloned().chain([end]).collect();
                // Half of the sum: words that stand together are no two independent findings.
                let worth = (idf + self.snapshot.idf(documents)) * 0.5;
                lists.push((Kind::Phrase(stems), worth, rarest.min(documents)));
            }
        }
        Ok(lists)
    }

    /// Nobody wrote any of the alternatives: the nearest spellings of what was typed.
    fn respell(&mut self, alternatives: &[Words<'_>], out: &mut Resolved) {
        let Some([word]) = alternatives.first().map(|way| way.words.as_slice()) else { return };
        let near = spelling::nearest(self.snapshot, word);
        if let Some(best) = near.first() {
            self.corrections.push(Correction { typed: word.clone(), meant: best.word.clone() });
            out.idf = self.snapshot.idf(best.documents);
        }
        for Known { stem, documents, distance, .. } in near {
            let idf = self.snapshot.idf(documents).min(out.idf);
            let factor = sane(self.clause.weight) * idf * NEAR[distance.min(2)];
            out.lists.push(List { kind: Kind::Stem(stem), factor });
            out.cost += documents;
        }
    }

    /// Hardly anybody wrote it, and many wrote its neighbour: both are meant, itself more.
    fn respell_rare(&self, first: &Words<'_>, out: &mut Resolved) {
        let [word] = first.words.as_slice() else { return };
        let plain = !self.clause.prefix && !first.alternative.exact && out.lists.len() == 1;
        let documents = out.cost;
        if !plain || documents * RARE > self.snapshot.documents || spelling::edits(word) == 0 {
            return;
        }
        for Known { stem, documents: more, distance, .. } in spelling::nearest(self.snapshot, word) {
            if more >= documents * OFTENER {
                let idf = self.snapshot.idf(more);
                out.lists.push(List {
                    kind: Kind::Stem(stem),
                    factor: sane(self.clause.weight) * idf * NEAR[distance.min(2)],
                });
                out.cost += more;
                out.single = None;
            }
        }
    }
}
