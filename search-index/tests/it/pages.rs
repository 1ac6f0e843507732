//! Pages, facets and what is shown of a hit.

use std::sync::Arc;

use search_index::{Clause, Document, Error, FacetRequest, Filter, PAGE, Query, Sort};

use crate::{ask, fill, ids, open, titled};

#[test]
fn a_cursor_belongs_to_its_query() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    fill(&index, (0..30).map(|i| titled(&format!("p{i:02}"), "reading circle")).collect());
    let query = Query { limit: 7, ..ask("reading") };
    let first = index.search(&query).unwrap();
    let next = first.next.clone();
    assert_eq!((first.total, first.hits.len()), (30, 7));
    let second = Query { after: next.clone(), ..query.clone() };
    assert_eq!(index.search(&second).unwrap().hits[0].id, "p07");
    assert_eq!(index.search(&second).unwrap().total, 30);
    let bad = [
        Query { after: next.clone(), ..ask("circle") },
        Query { sort: Sort::Newest, ..second.clone() },
        Query { filters: vec![Filter { facet: 0, any_of: vec!["red".to_owned()] }], ..second.clone() },
        Query { after: Some("zz".to_owned()), ..query.clone() },
        Query { after: Some("é".repeat(1000)), ..query.clone() },
        Query { after: Some(String::new()), ..query.clone() },
    ];
    for query in bad {
        assert!(matches!(index.search(&query), Err(Error::BadCursor)), "{query:?}");
    }
    // A page of another size continues the same order.
    assert_eq!(ids(&index, &Query { limit: 3, after: next, ..query }), ["p07", "p08", "p09"]);
    assert_eq!(index.search(&Query { limit: 9_999, ..ask("reading") }).unwrap().hits.len(), 30.min(PAGE));
    assert_eq!(index.search(&Query { limit: 0, ..ask("reading") }).unwrap().total, 30);
}

#[test]
fn counts_ignore_their_own_selection() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let make = |id: &str, color: &str, size: &str| Document {
        facets: vec![(0, vec![color.to_owned(), color.to_owned()]), (1, vec![size.to_owned()])],
        ..titled(id, "chair")
    };
    fill(&index, vec![make("1", "red", "s"), make("2", "red", "m"), make("3", "blue", "s"), make("4", "blue", "s")]);
    let query = Query {
        filters: vec![Filter { facet: 0, any_of: vec!["red".to_owned()] }],
        facets: vec![FacetRequest { facet: 0, limit: 1 }, FacetRequest { facet: 1, limit: 9 }],
        ..ask("chair")
    };
    let found = index.search(&query).unwrap();
    let named = |value: &str, count| (Arc::<str>::from(value), count);
    assert_eq!(found.total, 2);
    // The limit would leave only one value; the selected one stays.
    assert_eq!(found.facets, [vec![named("blue", 2), named("red", 2)], vec![named("m", 1), named("s", 1)]]);
}

#[test]
fn shows_only_safe_text() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let hostile = Document {
        title: "<script>alert('Reading')</script>".to_owned(),
        summary: "Readers & \"quotes\" <b>read</b> \u{1} restoritive".to_owned(),
        card: b"<card>".to_vec(),
        ..titled("1", "")
    };
    fill(&index, vec![hostile]);
    let hit = index.search(&ask("reads")).unwrap().hits[0].clone();
    assert_eq!(hit.title_html, "&lt;script&gt;alert(&#39;<mark>Reading</mark>&#39;)&lt;/script&gt;");
    assert!(hit.snippet_html.contains("&lt;b&gt;<mark>read</mark>&lt;/b&gt;"), "{}", hit.snippet_html);
    assert_eq!(&*hit.card, b"<card>");
    // What a typo or a beginning stood for is marked too.
    let typo = index.search(&ask("restorative")).unwrap().hits[0].snippet_html.clone();
    assert!(typo.contains("<mark>restoritive</mark>"));
    let begun = Query { clauses: vec![Clause { prefix: true, ..Clause::word("quo") }], ..ask("x") };
    assert!(index.search(&begun).unwrap().hits[0].snippet_html.contains("<mark>quotes</mark>"));
    assert_eq!(&**index.get_cards(&["1", "2"]).unwrap()[0].as_ref().unwrap(), b"<card>");
}

#[test]
fn suggests_and_relates() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let mut documents = vec![
        titled("1", "Reading circles for newcomers"),
        titled("2", "Reading safety net"),
        titled("3", "Newcomer welcome week"),
        titled("4", "Attendance texts"),
    ];
    documents[1].popularity = 9;
    fill(&index, documents);
    let typed = index.suggest("read", 5).unwrap();
    assert_eq!(typed.completions, ["reading"]);
    assert_eq!(typed.titles.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["2", "1"]);
    assert_eq!(index.suggest("reading ci", 5).unwrap().titles[0].title, "Reading circles for newcomers");
    assert_eq!(index.suggest("  \"(", 5).unwrap(), search_index::Suggestions::default());
    assert_eq!(index.suggest("reading", 1).unwrap().titles.len(), 1);
    let near: Vec<String> = index.related("1", 5).unwrap().into_iter().map(|r| r.id).collect();
    assert!(near.contains(&"3".to_owned()) && near.contains(&"2".to_owned()) && !near.contains(&"1".to_owned()));
    assert!(index.related("none", 5).unwrap().is_empty());
}
