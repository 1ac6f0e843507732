//! Every file deleted, cut, altered: the index opens, says so, and can be filled again.

use std::fs;
use std::path::Path;

use search_index::{Effort, Error, Health, Index, Schema};

use crate::{Dice, ask, fill, ids, open, position, schema, titled};

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A folder with two segments and a deleted document.
fn sample(path: &Path) {
    let index = open(path);
    let mut writer = index.writer(Effort::default()).unwrap();
    for part in 0..2 {
        let text = |i| format!("reading circle number {i}");
        writer.apply((0..30).map(|i| titled(&format!("{part}-{i}"), &text(i))).collect(), Vec::new()).unwrap();
        writer.commit(&position(part)).unwrap();
    }
    writer.apply(Vec::new(), vec!["0-3".to_owned()]).unwrap();
    writer.commit(&position(2)).unwrap();
}

/// Opens, searches and fills a folder someone hurt. Nothing may panic; what it answers must be right or refused.
fn survive(path: &Path, what: &str) -> Health {
    let opened = Index::open(path, &schema()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let index = opened.index;
    match &opened.health {
        Health::Sound => {
            assert_eq!(index.count(), 59, "{what}");
            match index.search(&ask("reading")) {
                Ok(found) => assert_eq!(found.total, 59, "{what}"),
                Err(error) => assert!(matches!(error, Error::Damaged(_)), "{what}: {error}"),
            }
            assert_eq!(index.position(), Some(position(2)), "{what}");
        }
        Health::New | Health::NeedsRebuild(_) => {
            assert_eq!((index.count(), index.position()), (0, None), "{what}");
        }
    }
    index.reset().unwrap();
    fill(&index, vec![titled("1", "reading again")]);
    assert_eq!(ids(&index, &ask("reading")), ["1"], "{what}");
    drop(index);
    let again = Index::open(path, &schema()).unwrap();
    assert_eq!((again.health, again.index.count()), (Health::Sound, 1), "{what}: no rebuild loop");
    opened.health
}

#[test]
fn each_file_may_be_lost_cut_or_altered() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, hurt) = (folder.path().join("whole"), folder.path().join("hurt"));
    sample(&whole);
    let mut dice = Dice(11);
    let mut noticed = 0;
    let mut tried = 0;
    let names: Vec<_> = fs::read_dir(&whole).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    for name in names {
        let file = hurt.join(&name);
        let length = fs::metadata(whole.join(&name)).unwrap().len() as usize;
        let shown = name.to_string_lossy().into_owned();
        let ends = [0, length / 3, length.saturating_sub(1)];
        let flips: Vec<usize> = (0..6).map(|_| dice.roll(length.max(1))).collect();
        copy(&whole, &hurt);
        fs::remove_file(&file).unwrap();
        noticed += usize::from(survive(&hurt, &format!("{shown} deleted")) != Health::Sound);
        for end in ends {
            copy(&whole, &hurt);
            fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(end as u64).unwrap();
            noticed += usize::from(survive(&hurt, &format!("{shown} cut to {end}")) != Health::Sound);
        }
        for at in flips.into_iter().filter(|_| length > 0) {
            copy(&whole, &hurt);
            let mut bytes = fs::read(&file).unwrap();
            bytes[at] ^= 1 << dice.roll(8);
            fs::write(&file, bytes).unwrap();
            noticed += usize::from(survive(&hurt, &format!("{shown} altered at {at}")) != Health::Sound);
        }
        tried += 10;
    }
    assert!(noticed * 10 > tried * 5, "checksums notice most of it: {noticed} of {tried}");
}

#[test]
fn another_schema_or_a_stranger_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    sample(&path);
    let other = Schema { facets: vec!["color".to_owned(), "size".to_owned(), "other name".to_owned()] };
    assert!(matches!(Index::open(&path, &other).unwrap().health, Health::NeedsRebuild(_)));
    assert!(path.with_file_name("index.damaged").exists(), "the old one is kept beside it");
    let fewer = Schema { facets: Vec::new() };
    assert_eq!(Index::open(&path, &other).unwrap().health, Health::Sound);
    assert!(matches!(Index::open(&path, &fewer).unwrap().health, Health::NeedsRebuild(_)));
    fs::remove_dir_all(&path).unwrap();
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("letter.txt"), "not an index").unwrap();
    assert!(matches!(Index::open(&path, &schema()).unwrap().health, Health::NeedsRebuild(_)));
    fs::remove_dir_all(&path).unwrap();
    fs::write(&path, "a file where the folder should be").unwrap();
    assert!(Index::open(&path, &schema()).is_ok_and(|opened| opened.index.count() == 0));
}

#[test]
fn damage_under_an_open_index_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    sample(&path);
    let index = open(&path);
    for entry in fs::read_dir(&path).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "store") {
            fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(10).unwrap();
        }
    }
    assert!(matches!(index.search(&ask("reading")), Err(Error::Damaged(_))));
    index.reset().unwrap();
    fill(&index, vec![titled("1", "reading")]);
    assert_eq!(ids(&index, &ask("reading")), ["1"]);
}
