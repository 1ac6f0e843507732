//! Writing: what a commit promises, and what it costs nothing to lose.

use search_index::{Clause, Document, Effort, Error, Health, Index, Position};

use crate::{ask, ids, open, position, schema, titled};

#[test]
fn a_commit_carries_its_position() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Index::open(folder.path(), &schema()).unwrap();
    assert_eq!(opened.health, Health::New);
    let index = opened.index;
    assert_eq!((index.position(), index.count(), index.generation()), (None, 0, 1));
    let mut writer = index.writer(Effort::default()).unwrap();
    assert!(matches!(index.writer(Effort::default()), Err(Error::Busy)));
    let here = Position { database: "Rivermark \"1\"".to_owned(), seq: -7, schema: 3 };
    writer.apply(vec![titled("1", "one"), titled("1", "two")], Vec::new()).unwrap();
    assert_eq!(index.count(), 0, "nothing is seen before the commit");
    writer.commit(&here).unwrap();
    assert_eq!((index.position(), index.count(), index.generation()), (Some(here.clone()), 1, 2));
    assert_eq!(ids(&index, &ask("two")), ["1"]);
    writer.apply(vec![titled("2", "three")], vec!["1".to_owned(), "unknown".to_owned()]).unwrap();
    writer.rollback().unwrap();
    writer.commit(&position(8)).unwrap();
    assert_eq!((index.position(), index.count()), (Some(position(8)), 1));
    drop(writer);
    let again = Index::open(folder.path(), &schema()).unwrap();
    assert_eq!((again.health, again.index.position()), (Health::Sound, Some(position(8))));
}

#[test]
fn what_was_not_committed_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let mut writer = index.writer(Effort::default()).unwrap();
    writer.apply(vec![titled("1", "one")], Vec::new()).unwrap();
    writer.commit(&position(1)).unwrap();
    // Enough to be flushed to disk before the end.
    let body = "word ".repeat(3000);
    let many = (0..400).map(|i| Document { body: format!("{body}{i}"), ..titled(&format!("x{i}"), "x") }).collect();
    writer.apply(many, vec!["1".to_owned()]).unwrap();
    drop((writer, index));
    let opened = Index::open(folder.path(), &schema()).unwrap();
    assert_eq!(opened.health, Health::Sound);
    assert_eq!((opened.index.position(), opened.index.count()), (Some(position(1)), 1));
}

#[test]
fn fingerprints_tell_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let documents: Vec<Document> = (0..20).map(|i| titled(&i.to_string(), "same title")).collect();
    let mut writer = index.writer(Effort::default()).unwrap();
    writer.apply(documents.clone(), Vec::new()).unwrap();
    writer.commit(&position(1)).unwrap();
    let changed = Document { date: 5, ..documents[3].clone() };
    writer.apply(vec![changed.clone()], vec!["4".to_owned()]).unwrap();
    writer.commit(&position(2)).unwrap();
    let known = index.fingerprints().unwrap();
    assert_eq!(known.len(), 19);
    assert_eq!(known["3"], changed.fingerprint());
    assert_ne!(known["3"], documents[3].fingerprint());
    assert_eq!(known["5"], documents[5].fingerprint());
}

#[test]
fn a_reset_empties_and_a_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let index = open(&path);
    let mut writer = index.writer(Effort::default()).unwrap();
    writer.apply(vec![titled("1", "one")], Vec::new()).unwrap();
    writer.commit(&position(1)).unwrap();
    let before = index.generation();
    index.reset().unwrap();
    assert_eq!((index.count(), index.position()), (0, None));
    assert!(index.generation() > before);
    assert_eq!(index.search(&ask("one")).unwrap().total, 0);
    writer.apply(vec![titled("2", "one")], Vec::new()).unwrap();
    writer.commit(&position(2)).unwrap();
    assert_eq!(ids(&index, &ask("one")), ["2"]);
    drop((writer, index));
    assert_eq!(open(&path).position(), Some(position(2)));
}

#[test]
fn readers_and_a_writer_share_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path());
    let mut writer = index.writer(Effort::default()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..300 {
                    let found = index.search(&ask("reading")).unwrap();
                    assert_eq!(found.total, found.hits.len() as u64);
                    index.suggest("re", 3).unwrap();
                }
            });
        }
        for seq in 0..12 {
            writer.apply(vec![titled("same", "reading"), titled(&format!("n{seq}"), "reading")], Vec::new()).unwrap();
            writer.commit(&position(seq)).unwrap();
            assert_eq!(index.search(&ask("reading")).unwrap().total, seq as u64 + 2);
        }
        writer.compact().unwrap();
    });
    assert_eq!(index.count(), 13);
    let asked = search_index::Query { clauses: vec![Clause::word("reading")], ..ask("x") };
    assert_eq!(index.search(&asked).unwrap().total, 13);
}
