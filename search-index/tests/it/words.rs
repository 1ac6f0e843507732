//! Words: stems, synonyms, typos, beginnings, phrases, and how they weigh.

use search_index::{Alternative, Clause, Document, Matching, Query, Role};

use crate::{ask, fill, ids, open, titled};

fn index_of(titles: &[&str]) -> (tempfile::TempDir, search_index::Index) {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    fill(&index, titles.iter().enumerate().map(|(i, title)| titled(&i.to_string(), title)).collect());
    (folder, index)
}

#[test]
fn typos_are_forgiven_by_length() {
    let (_folder, index) = index_of(&["tribal consultation", "read", "classroom management", "lesson study"]);
    let found = |text: &str| index.search(&ask(text)).unwrap();
    assert_eq!(found("triebal").hits[0].id, "0");
    assert_eq!(found("triebal consultation").did_you_mean.as_deref(), Some("tribal consultation"));
    assert_eq!(found("consutlatoin").total, 1, "two swaps in a long word");
    assert_eq!(found("mangement").total, 1);
    assert_eq!(found("managmant").total, 1, "two edits from nine letters");
    assert_eq!(found("lxssxn").total, 0, "one edit below nine letters");
    assert_eq!(found("rexd").total, 0, "none below five");
    assert_eq!(found("dribal").total, 0, "the first letter is kept");
    assert!(found("tribal").did_you_mean.is_none());
    assert!(found("triebal").hits[0].title_html.starts_with("<mark>tribal</mark>"));
    let strict = Query { clauses: vec![Clause { fuzzy: false, ..Clause::word("triebal") }], ..ask("x") };
    assert_eq!(index.search(&strict).unwrap().total, 0);
    assert!(index.search(&ask("xylophone")).unwrap().weak);
}

#[test]
fn a_synonym_counts_less_than_the_word() {
    let (_folder, index) = index_of(&["absent pupils", "chronic absenteeism", "attendance matters"]);
    let mut clause = Clause::word("absenteeism");
    clause.alternatives.push(Alternative::new(&["attendance"], 0.6));
    clause.alternatives.push(Alternative::new(&["absent", "pupils"], 0.5));
    let query = Query { clauses: vec![clause], ..ask("x") };
    let found = index.search(&query).unwrap();
    assert_eq!(ids(&index, &query), ["1", "2", "0"]);
    assert!(found.hits[0].score > found.hits[1].score && found.hits[1].score > found.hits[2].score);
    assert!(found.hits[2].title_html.contains("<mark>absent</mark> <mark>pupils</mark>"));
}

#[test]
fn parts_weigh_and_neighbours_help() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let other = "something else entirely";
    let document = |id: &str, title: &str, keywords: &str, summary: &str, body: &str| Document {
        keywords: keywords.to_owned(),
        summary: summary.to_owned(),
        body: body.to_owned(),
        ..titled(id, title)
    };
    fill(
        &index,
        vec![
            document("d", other, "x", other, "phonics"),
            document("c", other, "x", "phonics", other),
            document("b", other, "phonics", other, other),
            document("a", "phonics", "x", other, other),
            document("f", "peer review, then tutoring", "", "", ""),
            document("g", "review of peer tutoring then", "", "", ""),
        ],
    );
    assert_eq!(ids(&index, &ask("phonics")), ["a", "b", "c", "d"]);
    assert_eq!(ids(&index, &ask("peer tutoring")), ["g", "f"]);
}

#[test]
fn stop_words_are_kept_in_phrases_and_answer_alone() {
    let (_folder, index) = index_of(&["the science of reading", "science reading", "of mice"]);
    let phrase = Query { clauses: vec![Clause::phrase(&["science", "of", "reading"])], ..ask("x") };
    assert_eq!(ids(&index, &phrase), ["0"]);
    assert_eq!(index.search(&ask("of")).unwrap().total, 2);
    assert_eq!(index.search(&ask("the mice")).unwrap().total, 1, "an article is not demanded");
}

#[test]
fn most_words_answer_when_all_do_not() {
    let (_folder, index) = index_of(&["attendance texts", "attendance letters", "algebra", "absent teachers"]);
    let query = Query { matching: Matching::Auto { enough: 1 }, ..ask("attendance texts home qwrtpsdf") };
    let found = index.search(&query).unwrap();
    assert!(found.most && found.hits[0].id == "0");
    let strict = Query { matching: Matching::All, ..query.clone() };
    assert_eq!(index.search(&strict).unwrap().total, 0);
    let enough = Query { matching: Matching::Auto { enough: 2 }, ..ask("attendance") };
    assert!(!index.search(&enough).unwrap().most);
    let required = Clause { role: Role::Required, ..Clause::word("algebra") };
    let query = Query { clauses: vec![Clause::word("attendance"), required], matching: Matching::Any, ..ask("x") };
    assert_eq!(ids(&index, &query), ["2"]);
}

#[test]
fn weak_answers_are_said_to_be_weak() {
    let (_folder, index) =
        index_of(&["ap courses for all", "science vocabulary", "quick reports", "reading", "writing"]);
    let auto = |text: &str| Query { matching: Matching::Auto { enough: 1 }, ..ask(text) };
    let weak = index.search(&auto("ap physics lab reports")).unwrap();
    assert!(weak.weak, "{weak:?}");
    assert!(!index.search(&auto("how do we teach science vocabulary")).unwrap().weak);
}

#[test]
fn accents_and_case_do_not_matter() {
    let (_folder, index) = index_of(&["École française", "SCHOOL’S day", "学校 教育"]);
    assert_eq!(ids(&index, &ask("ecole FRANCAISE")), ["0"]);
    assert_eq!(ids(&index, &ask("schools")), ["1"]);
    assert_eq!(ids(&index, &ask("学校")), ["2"]);
    assert!(index.search(&ask("学校")).unwrap().hits[0].title_html.contains("<mark>学</mark><mark>校</mark>"));
}

#[test]
fn hostile_queries_are_answered() {
    let (_folder, index) = index_of(&["reading"]);
    let long = "x".repeat(100_000);
    for text in ["", "\u{0}", "🎒", "((((", long.as_str(), "\u{1}\u{1}", "%s' OR 1=1", "a\u{301}\u{301}\u{301}"] {
        let mut query = ask(text);
        for clause in &mut query.clauses {
            clause.prefix = true;
        }
        index.search(&query).unwrap();
        index.suggest(text, 3).unwrap();
        index.search(&Query { matching: Matching::Auto { enough: 3 }, ..query }).unwrap();
    }
    let odd = Clause { alternatives: Vec::new(), weight: f32::NAN, ..Clause::default() };
    index.search(&Query { clauses: vec![odd], ..Query::default() }).unwrap();
    let nan = Clause { weight: f32::NAN, ..Clause::word("reading") };
    index.search(&Query { clauses: vec![nan], limit: 3, ..Query::default() }).unwrap();
    let beyond = Query {
        filters: vec![search_index::Filter { facet: 99, any_of: vec!["x".to_owned()] }],
        facets: vec![search_index::FacetRequest { facet: 99, limit: 3 }],
        ..ask("reading")
    };
    assert_eq!(index.search(&beyond).unwrap().total, 0);
}
