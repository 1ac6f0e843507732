//! Differential test: thousands of random queries, answered by the index and by hand.

use std::collections::BTreeMap;

use search_index::{Alternative, Clause, Document, Effort, FacetRequest, Filter, Index, Matching, Query, Role, Sort};

use crate::model::Model;
use crate::{Dice, FACETS, open, position};

const WORDS: [&str; 40] = [
    "the",
    "of",
    "reading",
    "reads",
    "reader",
    "tutoring",
    "tutor",
    "attendance",
    "attend",
    "school",
    "schools",
    "family",
    "families",
    "science",
    "scientific",
    "practice",
    "practical",
    "lesson",
    "lessons",
    "lessen",
    "grading",
    "grade",
    "peer",
    "pear",
    "coach",
    "coaching",
    "coached",
    "visit",
    "visits",
    "circle",
    "circles",
    "restorative",
    "mentoring",
    "mentor",
    "algebra",
    "fluency",
    "number",
    "talks",
    "zebra",
    "quiet",
];
const COLORS: [&str; 4] = ["red", "green", "blue", "none of these"];
const SIZES: [&str; 3] = ["s", "m", "l"];
const TAGS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "é"];

fn text(dice: &mut Dice, most: usize) -> String {
    let length = dice.roll(most + 1);
    // Later words are rarer.
    let word = |dice: &mut Dice| WORDS[dice.roll(WORDS.len()).min(dice.roll(WORDS.len()))];
    (0..length).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
}

pub fn document(dice: &mut Dice, id: usize) -> Document {
    let mut some = |of: &[&str], most: usize| -> Vec<String> {
        (0..dice.roll(most + 1)).map(|_| (*dice.one(of)).to_owned()).collect()
    };
    let facets = vec![(0, some(&COLORS, 1)), (1, some(&SIZES, 2)), (2, some(&TAGS, 5))];
    Document {
        id: format!("id-{id}"),
        title: text(dice, 4),
        keywords: text(dice, 3),
        summary: text(dice, 8),
        body: text(dice, 25),
        facets,
        date: dice.roll(20) as i64 - 10,
        popularity: dice.roll(5) as u64,
        card: vec![id as u8],
    }
}

fn typed(dice: &mut Dice) -> String {
    let mut word: Vec<char> = dice.one(&WORDS).chars().collect();
    match dice.roll(5) {
        0 if word.len() > 5 => {
            let at = 1 + dice.roll(word.len() - 2);
            word.swap(at, at + 1);
        }
        1 if word.len() > 5 => {
            word.remove(1 + dice.roll(word.len() - 1));
        }
        2 if word.len() > 5 => word[2] = 'x',
        _ => {}
    }
    word.into_iter().collect()
}

fn clause(dice: &mut Dice, fuzzy: bool) -> Clause {
    let mut clause = if dice.roll(6) == 0 {
        let words: Vec<&str> = (0..2 + dice.roll(2)).map(|_| *dice.one(&WORDS)).collect();
        Clause::phrase(&words)
    } else if fuzzy {
        Clause::word(&typed(dice))
    } else {
        Clause { fuzzy: false, ..Clause::word(WORDS[dice.roll(WORDS.len())]) }
    };
    if dice.roll(5) == 0 {
        clause.alternatives.push(Alternative::new(&[*dice.one(&WORDS)], 0.5));
    }
    if dice.roll(10) == 0 {
        clause.alternatives.push(Alternative::new(&[*dice.one(&WORDS), *dice.one(&WORDS)], 0.4));
    }
    if clause.alternatives[0].words.len() == 1 {
        if dice.roll(8) == 0 {
            let word = &mut clause.alternatives[0].words[0];
            word.truncate(1 + dice.roll(4));
            clause.prefix = true;
        } else if dice.roll(12) == 0 {
            clause.alternatives[0].exact = true;
        }
    }
    clause.role = match dice.roll(12) {
        0 => Role::Required,
        1 => Role::Optional,
        2 => Role::Excluded,
        _ => Role::Asked,
    };
    clause
}

pub fn query(dice: &mut Dice, loose: bool) -> Query {
    let clauses = (0..dice.roll(5)).map(|_| clause(dice, loose)).collect();
    let matching = match dice.roll(if loose { 4 } else { 3 }) {
        0 | 1 => Matching::All,
        2 => Matching::Any,
        _ => Matching::Auto { enough: dice.roll(30) },
    };
    let mut filters = Vec::new();
    for (facet, values) in [(0, &COLORS[..]), (1, &SIZES[..]), (2, &TAGS[..])] {
        if dice.roll(4) == 0 {
            let mut any_of: Vec<String> = (0..dice.roll(3)).map(|_| (*dice.one(values)).to_owned()).collect();
            if dice.roll(8) == 0 {
                any_of.push("unheard of".to_owned());
            }
            filters.push(Filter { facet, any_of });
        }
    }
    let dates = (dice.roll(5) == 0).then(|| (dice.roll(10) as i64 - 10, dice.roll(10) as i64));
    let sort = *dice.one(&[Sort::Relevance, Sort::Newest, Sort::MostUsed]);
    let facets = (0..FACETS.len()).map(|facet| FacetRequest { facet, limit: 100 }).collect();
    Query { clauses, matching, filters, dates, facets, sort, limit: 1 + dice.roll(40), after: None }
}

/// All pages, one after the other.
fn all_ids(index: &Index, query: &Query) -> Vec<(String, f32)> {
    let mut query = query.clone();
    let mut all = Vec::new();
    loop {
        let found = index.search(&query).unwrap();
        all.extend(found.hits.iter().map(|hit| (hit.id.clone(), hit.score)));
        match &found.next {
            Some(next) => query.after = Some(next.clone()),
            None => return all,
        }
    }
}

fn compare(index: &Index, documents: &BTreeMap<String, Document>, dice: &mut Dice, loose: bool, rounds: usize) {
    let documents: Vec<Document> = documents.values().cloned().collect();
    let model = Model::new(&documents);
    assert_eq!(index.count(), documents.len());
    for _ in 0..rounds {
        let query = query(dice, loose);
        let found = index.search(&query).unwrap();
        let mut expected = model.matches(&query);
        assert_eq!(found.total, expected.len() as u64, "{query:#?}");
        for (facet, counts) in found.facets.iter().enumerate() {
            let counts: BTreeMap<String, u64> = counts.iter().map(|(v, n)| (v.to_string(), *n)).collect();
            assert_eq!(counts, model.counts(&query, facet), "{query:#?}");
        }
        let got = all_ids(index, &query);
        match query.sort {
            Sort::Newest => expected.sort_by(|a, b| b.date.cmp(&a.date).then(a.id.cmp(&b.id))),
            Sort::MostUsed => expected.sort_by(|a, b| b.popularity.cmp(&a.popularity).then(a.id.cmp(&b.id))),
            Sort::Relevance => {
                let ordered = |w: &[(String, f32)]| w[0].1 > w[1].1 || (w[0].1 == w[1].1 && w[0].0 < w[1].0);
                assert!(got.windows(2).all(ordered), "{query:#?} {got:?}");
                expected.sort_by(|a, b| a.id.cmp(&b.id));
            }
        }
        let mut got: Vec<String> = got.into_iter().map(|(id, _)| id).collect();
        if query.sort == Sort::Relevance {
            got.sort();
        }
        assert_eq!(got, expected.iter().map(|d| d.id.clone()).collect::<Vec<_>>(), "{query:#?}");
    }
}

#[test]
fn answers_as_counting_by_hand_does() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let mut writer = index.writer(Effort::default()).unwrap();
    let mut dice = Dice(42);
    let mut documents = BTreeMap::new();
    for part in 0..4 {
        let fresh: Vec<Document> = (0..60).map(|i| document(&mut dice, part * 60 + i)).collect();
        documents.extend(fresh.iter().map(|d| (d.id.clone(), d.clone())));
        writer.apply(fresh, Vec::new()).unwrap();
        writer.commit(&position(part as i64)).unwrap();
        compare(&index, &documents, &mut dice, true, 300);
    }
    // Changes and removals: the files still hold the old ones, which only scores may notice.
    let changed: Vec<Document> = (0..40).map(|i| document(&mut dice, i * 5)).collect();
    let gone: Vec<String> = (0..30).map(|i| format!("id-{}", i * 7 + 1)).collect();
    documents.extend(changed.iter().map(|d| (d.id.clone(), d.clone())));
    documents.retain(|id, _| !gone.contains(id));
    writer.apply(changed, gone).unwrap();
    writer.commit(&position(9)).unwrap();
    compare(&index, &documents, &mut dice, false, 600);
    writer.compact().unwrap();
    compare(&index, &documents, &mut dice, true, 600);
    drop((writer, index));
    compare(&open(folder.path()), &documents, &mut dice, true, 100);
}

#[test]
fn remembered_answers_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let plain = open(folder.path());
    let mut dice = Dice(3);
    crate::fill(&plain, (0..150).map(|i| document(&mut dice, i)).collect());
    let cached = Index::open(folder.path(), &crate::schema()).unwrap().index;
    let queries: Vec<Query> = (0..200).map(|_| query(&mut dice, true)).collect();
    for _ in 0..2 {
        for query in &queries {
            let (mut one, mut other) =
                ((*plain.search(query).unwrap()).clone(), (*cached.search(query).unwrap()).clone());
            (one.generation, other.generation) = (0, 0);
            assert_eq!(one, other);
        }
    }
    // A commit is seen at once, whatever was remembered.
    drop(plain);
    crate::fill(&cached, vec![crate::titled("new", "zebra zebra zebra")]);
    let asked = crate::ask("zebra");
    assert_eq!(crate::ids(&cached, &asked)[0], "new");
    let before = cached.search(&asked).unwrap().total;
    cached
        .writer(Effort::default())
        .map(|mut w| {
            w.apply(Vec::new(), vec!["new".to_owned()]).unwrap();
            w.commit(&position(3)).unwrap();
        })
        .unwrap();
    assert_eq!(cached.search(&asked).unwrap().total, before - 1);
}
