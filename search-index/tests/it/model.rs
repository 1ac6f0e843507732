//! The slow way to the same answer: every document looked at, word by word.

use std::collections::{BTreeMap, BTreeSet};

use search_index::{Alternative, Clause, Document, Matching, Query, Role};

pub fn stem(word: &str) -> String {
    frostem::Stemmer::new(frostem::Algorithm::English).stem(word).into_owned()
}

const STOP: [&str; 2] = ["the", "of"];

pub struct Model<'a> {
    pub documents: &'a [Document],
    parts: Vec<[Vec<String>; 4]>,
    /// The same, stemmed.
    stems: Vec<[Vec<String>; 4]>,
    with_stem: BTreeMap<String, u64>,
    vocabulary: BTreeMap<String, u64>,
}

/// What a clause comes down to: ways to match, and what it weighs.
struct Resolved {
    ways: Vec<Way>,
    units: u64,
    role: Role,
}

enum Way {
    Stem(String),
    Exact(String),
    Phrase(Vec<String>),
}

impl<'a> Model<'a> {
    pub fn new(documents: &'a [Document]) -> Self {
        let cut = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let parts: Vec<[Vec<String>; 4]> =
            documents.iter().map(|d| [cut(&d.title), cut(&d.keywords), cut(&d.summary), cut(&d.body)]).collect();
        let mut vocabulary = BTreeMap::new();
        for parts in &parts {
            let words: BTreeSet<&String> = parts.iter().flatten().collect();
            words.into_iter().for_each(|word| *vocabulary.entry(word.clone()).or_default() += 1);
        }
        let stems: Vec<[Vec<String>; 4]> = parts
            .iter()
            .map(|parts| parts.each_ref().map(|part| part.iter().map(|word| stem(word)).collect()))
            .collect();
        let mut with_stem = BTreeMap::new();
        for parts in &stems {
            let stems: BTreeSet<&String> = parts.iter().flatten().collect();
            stems.into_iter().for_each(|stem| *with_stem.entry(stem.clone()).or_default() += 1);
        }
        Self { documents, parts, stems, with_stem, vocabulary }
    }

    /// The documents that match, filters included.
    pub fn matches(&self, query: &Query) -> Vec<&'a Document> {
        let text = self.text_matches(query);
        self.documents.iter().zip(text).filter(|(d, text)| *text && passes(query, d, None)).map(|(d, _)| d).collect()
    }

    /// Counts of one facet.
    pub fn counts(&self, query: &Query, facet: usize) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (document, text) in self.documents.iter().zip(self.text_matches(query)) {
            if text && passes(query, document, Some(facet)) {
                for value in values(document, facet) {
                    *counts.entry(value.to_owned()).or_default() += 1;
                }
            }
        }
        for filter in query.filters.iter().filter(|filter| filter.facet == facet) {
            filter.any_of.iter().for_each(|value| {
                counts.entry(value.clone()).or_default();
            });
        }
        counts
    }

    fn text_matches(&self, query: &Query) -> Vec<bool> {
        let stop = |c: &Clause| {
            let [only] = c.alternatives.as_slice() else { return false };
            c.role == Role::Asked && !c.prefix && only.words.len() == 1 && STOP.contains(&only.words[0].as_str())
        };
        let only_stop = query.clauses.iter().filter(|c| c.role != Role::Excluded).all(stop);
        let clauses: Vec<Resolved> =
            query.clauses.iter().filter(|c| only_stop || !stop(c)).map(|c| self.resolve(c)).collect();
        let all = self.rule(&clauses, |asked, found, _| asked == found);
        match query.matching {
            Matching::All => all,
            Matching::Any => self.rule(&clauses, |asked, found, _| found > 0 || asked == 0),
            Matching::Auto { enough } if all.iter().filter(|m| **m).count() >= enough => all,
            Matching::Auto { enough } => {
                let known = |c: &&Resolved| matches!(c.role, Role::Asked | Role::Required) && !c.ways.is_empty();
                let units: u64 = clauses.iter().filter(known).map(|c| c.units).sum();
                let asked = clauses.iter().any(|c| matches!(c.role, Role::Asked | Role::Required));
                let at_least = |least: u64| self.rule(&clauses, |_, _, found| !asked || (units > 0 && found >= least));
                let count = |found: &[bool]| found.iter().filter(|m| **m).count();
                let mut found = all;
                for share in [600, 350] {
                    if count(&found) < enough {
                        found = at_least((units * share).div_ceil(1000).max(1));
                    }
                }
                if count(&found) == 0 && enough > 0 { at_least(1) } else { found }
            }
        }
    }

    fn rule(&self, clauses: &[Resolved], rule: impl Fn(usize, usize, u64) -> bool) -> Vec<bool> {
        let one = |at: usize| {
            let (mut asked, mut found, mut units) = (0, 0, 0);
            for clause in clauses {
                let matched = clause.ways.iter().any(|way| self.has(at, way));
                match clause.role {
                    Role::Excluded if matched => return false,
                    Role::Required if !matched => return false,
                    Role::Excluded | Role::Optional => continue,
                    Role::Asked | Role::Required => {}
                }
                asked += 1;
                found += usize::from(matched);
                units += if matched { clause.units } else { 0 };
            }
            rule(asked, found, units)
        };
        (0..self.documents.len()).map(one).collect()
    }

    fn resolve(&self, clause: &Clause) -> Resolved {
        let mut ways = Vec::new();
        let mut idf = None;
        for (i, alternative) in clause.alternatives.iter().enumerate() {
            let (more, worth) = self.ways(alternative, clause.prefix && i == 0);
            if !more.is_empty() {
                idf.get_or_insert(worth);
                ways.extend(more);
            }
        }
        let fuzzy = clause.fuzzy && clause.role != Role::Excluded;
        if ways.is_empty() && fuzzy && clause.alternatives[0].words.len() == 1 {
            let near = self.near(&clause.alternatives[0].words[0]);
            idf = near.first().map(|(_, documents)| self.idf(*documents));
            ways.extend(near.into_iter().map(|(word, _)| Way::Stem(stem(&word))));
        }
        let idf = if ways.is_empty() { self.idf(0) } else { idf.unwrap_or_default() };
        Resolved { ways, units: ((idf * clause.weight * 1000.0) as u64).max(1), role: clause.role }
    }

    fn ways(&self, alternative: &Alternative, prefix: bool) -> (Vec<Way>, f32) {
        if let [word] = alternative.words.as_slice() {
            if alternative.exact {
                let documents = self.vocabulary.get(word).copied().unwrap_or_default();
                return (if documents > 0 { vec![Way::Exact(word.clone())] } else { Vec::new() }, self.idf(documents));
            }
            let mut stems = vec![(stem(word), self.with_stem(&stem(word)))];
            if prefix {
                // Of words with one stem the most frequent speaks for it.
                let mut begun: Vec<(&String, &u64)> =
                    self.vocabulary.iter().filter(|(known, _)| known.starts_with(word.as_str())).collect();
                begun.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
                for (known, documents) in begun {
                    if !stems.iter().any(|(known_stem, _)| *known_stem == stem(known)) {
                        stems.push((stem(known), *documents));
                    }
                }
            }
            stems.retain(|(_, documents)| *documents > 0);
            let sum = stems.iter().map(|(_, documents)| documents).sum();
            return (stems.into_iter().map(|(stem, _)| Way::Stem(stem)).collect(), self.idf(sum));
        }
        let stems: Vec<String> = alternative.words.iter().map(|word| stem(word)).collect();
        if stems.iter().any(|stem| self.with_stem(stem) == 0) {
            return (Vec::new(), 0.0);
        }
        let idf = stems[..stems.len() - 1].iter().map(|stem| self.idf(self.with_stem(stem))).fold(0.0, |a, b| a + b);
        let idf = (idf + self.idf(self.with_stem(&stems[stems.len() - 1]))) * 0.5;
        (vec![Way::Phrase(stems)], idf)
    }

    fn has(&self, at: usize, way: &Way) -> bool {
        let (parts, stems) = (&self.parts[at], &self.stems[at]);
        match way {
            Way::Stem(wanted) => stems.iter().flatten().any(|stem| stem == wanted),
            Way::Exact(wanted) => parts.iter().flatten().any(|word| word == wanted),
            Way::Phrase(wanted) => stems.iter().any(|part| part.windows(wanted.len()).any(|run| run == wanted)),
        }
    }

    fn with_stem(&self, wanted: &str) -> u64 {
        self.with_stem.get(wanted).copied().unwrap_or_default()
    }

    fn idf(&self, documents: u64) -> f32 {
        let (all, with) = (self.documents.len() as f32, documents as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    fn near(&self, typed: &str) -> Vec<(String, u64)> {
        let most = match typed.chars().count() {
            0..5 => 0,
            5..9 => 1,
            _ => 2,
        };
        for edits in 1..=most {
            let close = |word: &str| word.chars().next() == typed.chars().next() && distance(typed, word) == edits;
            let mut near: Vec<(String, u64)> =
                self.vocabulary.iter().filter(|(word, _)| close(word)).map(|(word, n)| (word.clone(), *n)).collect();
            near.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            let mut seen = BTreeSet::new();
            near.retain(|(word, _)| seen.insert(stem(word)));
            near.truncate(4);
            if !near.is_empty() {
                return near;
            }
        }
        Vec::new()
    }
}

fn values(document: &Document, facet: usize) -> BTreeSet<&str> {
    let own = document.facets.iter().filter(|(of, _)| *of == facet);
    own.flat_map(|(_, values)| values.iter().map(String::as_str)).collect()
}

fn passes(query: &Query, document: &Document, ignored: Option<usize>) -> bool {
    let dates = query.dates.is_none_or(|(from, to)| (from..=to).contains(&document.date));
    let facets: BTreeSet<usize> = query.filters.iter().map(|filter| filter.facet).collect();
    dates
        && facets.into_iter().filter(|facet| Some(*facet) != ignored).all(|facet| {
            let mut allowed = query.filters.iter().filter(|f| f.facet == facet).flat_map(|f| &f.any_of);
            let own = values(document, facet);
            allowed.any(|value| own.contains(value.as_str()))
        })
}

/// Optimal string alignment, the whole table.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let mut cell = (table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                cell = cell.min(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    cell = cell.min(table[i - 2][j - 2] + 1);
                }
                cell
            };
        }
    }
    table[a.len()][b.len()]
}
