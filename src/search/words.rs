//! What typed words mean: synonyms, grade words and acronyms.
//!
//! Three lists widen a search. The **synonym list** is a table that editors change while the service runs.
//! **Grade words** ("4th", "kinder", "freshman") mean a grade band. **Acronyms** mean values of the
//! vocabularies; an ambiguous one (EL, ADA, AP, PDP, RP) means all of its readings (F-4). The last two are
//! `words.json` beside this file. A meaning never replaces the word: it is one more way to say it, and counts
//! less.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use search_index::grammar::{Parsed, Term};
use search_index::{Alternative, Clause, Role};
use serde::Deserialize;

use crate::platform::vocabulary;

/// The lists that come with the program.
#[derive(Debug, Deserialize)]
struct File {
    /// Word -> code of a grade band.
    grades: BTreeMap<String, String>,
    /// Acronym -> meanings in words.
    acronyms: BTreeMap<String, Vec<String>>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    // The file is part of the program; the test below reads it.
    serde_json::from_str(include_str!("words.json"))
        .unwrap_or(File { grades: BTreeMap::new(), acronyms: BTreeMap::new() })
});

/// The synonym list as it is now: folded term -> words it also means.
pub type Synonyms = BTreeMap<String, Vec<String>>;

/// A typed word and what it was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// As typed.
    pub typed: String,
    /// What the search also looked for, in words.
    pub meanings: Vec<String>,
}

/// Typed words that are looked up together: "first grade", "exit ticket", "science of reading".
const TOGETHER: usize = 3;

/// A meaning counts this much of the word itself.
const MEANING: f32 = 0.7;

/// The clauses of a search, and what was understood.
pub fn clauses(parsed: &Parsed, synonyms: &Synonyms) -> (Vec<Clause>, Vec<Understood>) {
    let (widened, understood) = widen(&parsed.terms, synonyms);
    let mut clauses = Vec::<Clause>::new();
    for (term, meanings) in parsed.terms.iter().zip(widened) {
        let mut alternatives = vec![alternative(&term.words, 1.0)];
        alternatives.extend(meanings);
        if term.or_before
            && let Some(before) = clauses.last_mut()
        {
            before.alternatives.extend(alternatives);
            continue;
        }
        clauses.push(Clause {
            alternatives,
            role: if term.excluded { Role::Excluded } else { Role::Asked },
            weight: 1.0,
            fuzzy: !term.quoted && !term.excluded,
            prefix: term.prefix,
        });
    }
    (clauses, understood)
}

/// Other ways to say each term. Words that mean something together get the meaning each: a document that says
/// it in the other way then says all of them. The longest reading counts, and no word is read twice.
fn widen(terms: &[Term], synonyms: &Synonyms) -> (Vec<Vec<Alternative>>, Vec<Understood>) {
    let (mut widened, mut understood) = (vec![Vec::new(); terms.len()], Vec::new());
    let mut at = 0;
    while at < terms.len() {
        let read = (1..=TOGETHER.min(terms.len() - at)).rev().find_map(|n| {
            let window = &terms[at..at + n];
            let plain = window.iter().all(|t| !t.quoted && !t.excluded && !t.or_before);
            let key = window.iter().flat_map(|t| &t.words).map(String::as_str).collect::<Vec<_>>().join(" ");
            plain.then(|| meanings(&key, synonyms)).filter(|(_, words)| !words.is_empty()).map(|found| (n, found))
        });
        let Some((n, (alternatives, meanings))) = read else {
            at += 1;
            continue;
        };
        widened[at..at + n].iter_mut().for_each(|ways| ways.extend(alternatives.iter().cloned()));
        let typed = terms[at..at + n].iter().map(|t| t.typed.as_str()).collect::<Vec<_>>().join(" ");
        understood.push(Understood { typed, meanings });
        at += n;
    }
    (widened, understood)
}

/// What a word, or a few, also mean: the ways to search for it, and the same for people.
fn meanings(key: &str, synonyms: &Synonyms) -> (Vec<Alternative>, Vec<String>) {
    let (mut alternatives, mut meanings) = (Vec::new(), Vec::<String>::new());
    let file = &*FILE;
    if let Some(code) = file.grades.get(key) {
        let label = grade_label(code);
        alternatives.push(phrase(&label, MEANING));
        alternatives.push(Alternative::new(&[marker("grade_band", code).as_str()], MEANING));
        meanings.push(label);
    }
    for meaning in file.acronyms.get(key).into_iter().flatten() {
        alternatives.push(phrase(meaning, MEANING));
        meanings.push(meaning.clone());
    }
    for word in synonyms.get(key).into_iter().flatten() {
        alternatives.push(phrase(word, MEANING));
        if !meanings.iter().any(|m| m.to_lowercase().contains(word.as_str())) {
            meanings.push(word.clone());
        }
    }
    (alternatives, meanings)
}

fn grade_label(code: &str) -> String {
    vocabulary::terms("grade_band").iter().find(|t| t.code == code).map_or_else(String::new, |t| t.label.clone())
}

fn alternative(words: &[String], weight: f32) -> Alternative {
    Alternative { words: words.to_vec(), weight, exact: false }
}

fn phrase(text: &str, weight: f32) -> Alternative {
    let words = search_index::grammar::parse(text).terms.into_iter().flat_map(|term| term.words).collect();
    Alternative { words, weight, exact: false }
}

/// The word under which a value of a filter is found: one token, whatever the code looks like.
pub fn marker(facet: &str, code: &str) -> String {
    let mut word = String::from("x");
    word.extend(facet.chars().chain(code.chars()).filter(char::is_ascii_alphanumeric));
    word
}

/// Grade words and what they mean, for the help page.
pub fn grade_words() -> Vec<(String, String)> {
    FILE.grades.iter().map(|(word, code)| (word.clone(), grade_label(code))).collect()
}

/// Acronyms and what they mean, for the help page.
pub fn acronyms() -> Vec<(String, Vec<String>)> {
    FILE.acronyms.iter().map(|(word, meanings)| (word.to_uppercase(), meanings.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_its_codes_exist() {
        let file: File = serde_json::from_str(include_str!("words.json")).unwrap();
        assert!(file.grades.len() > 20 && file.acronyms.len() > 20);
        for code in file.grades.values() {
            assert!(vocabulary::terms("grade_band").iter().any(|t| &t.code == code), "{code}");
        }
    }
}
