//! Finding the words of a query in a text that is shown, without analysing that text.
//!
//! A stem keeps the first letters of its word, so most words are ruled out by three bytes; only what is left is
//! folded and stemmed, and remembered for the other hits of the page.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::plan::Kind;
use crate::text::{cut_at, fold, stem};

/// Bytes of a text that are looked at for a snippet.
const READ: usize = 16_384;

/// The words to mark. Each belongs to a clause, so that a snippet can show as many clauses as possible.
#[derive(Default)]
pub(crate) struct Marks {
    stems: FxHashMap<String, u32>,
    words: FxHashMap<String, u32>,
    beginnings: Vec<(String, u32)>,
    clause: u32,
    /// First letters of all of them.
    letters: u32,
    /// First bytes, as many as are sure, of each.
    heads: Vec<String>,
}

/// A marked word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub range: Range<usize>,
    pub clause: u32,
}

impl Marks {
    /// What is added from now on belongs to the next clause.
    pub(crate) fn next_clause(&mut self) {
        self.clause += 1;
    }

    pub(crate) fn add(&mut self, kind: &Kind) {
        match kind {
            Kind::Stem(stem) => self.add_stem(stem),
            Kind::Phrase(stems) => stems.iter().for_each(|stem| self.add_stem(stem)),
            Kind::Exact(word) => {
                self.words.insert(word.clone(), self.clause);
                self.head(word, 3);
            }
            Kind::Pair(_) => {}
        }
    }

    pub(crate) fn add_beginning(&mut self, start: String) {
        self.head(&start, start.len());
        self.beginnings.push((start, self.clause));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    fn add_stem(&mut self, stem: &str) {
        self.stems.entry(stem.to_owned()).or_insert(self.clause);
        // The last two letters of a stem may differ from the word's (`abilities`, `able`).
        self.head(stem, stem.len().saturating_sub(2).max(1));
    }

    fn head(&mut self, word: &str, sure: usize) {
        let Some(first) = word.bytes().next() else { return };
        self.letters |= 1 << (first % 32);
        let head = word.get(..sure.min(3)).or_else(|| word.get(..1)).unwrap_or_default().to_owned();
        if !self.heads.contains(&head) {
            self.heads.push(head);
        }
    }
}

/// Finds marks in the texts of one page.
pub(crate) struct Marker<'a> {
    marks: &'a Marks,
    known: FxHashMap<String, Option<u32>>,
    word: String,
}

impl<'a> Marker<'a> {
    pub(crate) fn new(marks: &'a Marks) -> Self {
        Self { marks, known: FxHashMap::default(), word: String::new() }
    }

    /// The marked words of `text`, in order.
    pub(crate) fn find(&mut self, text: &str, out: &mut Vec<Mark>) {
        out.clear();
        if self.marks.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(start) = self.next_start(text, at) {
            let Some(range) = cut_at(text, start) else { break };
            at = range.end;
            let word = &text[range.clone()];
            if word.is_ascii() && !self.may_match(word.as_bytes()) {
                continue;
            }
            fold(word, &mut self.word);
            if let Some(clause) = self.look_up() {
                out.push(Mark { range, clause });
            }
        }
    }

    /// The beginning of the next word that is not ruled out by its first letter, within what is read.
    fn next_start(&self, text: &str, mut at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let end = bytes.len().min(READ);
        while at < end {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() {
                if self.marks.letters & 1 << (byte.to_ascii_lowercase() % 32) != 0 {
                    return Some(at);
                }
                let start = at;
                while at < end && bytes[at].is_ascii_alphanumeric() {
                    at += 1;
                }
                // Only the full rules know where a word with an apostrophe or an accent ends.
                if at < end && (bytes[at] == b'\'' || !bytes[at].is_ascii()) {
                    at = cut_at(text, start)?.end;
                }
            } else if byte.is_ascii() {
                at += 1;
            } else {
                return Some(at);
            }
        }
        None
    }

    #[inline]
    fn may_match(&self, word: &[u8]) -> bool {
        let first = word[0].to_ascii_lowercase();
        self.marks.letters & 1 << (first % 32) != 0
            && self.marks.heads.iter().any(|head| starts_with(word, head.as_bytes()))
    }

    fn look_up(&mut self) -> Option<u32> {
        if let Some(known) = self.known.get(&self.word) {
            return *known;
        }
        let word = self.word.as_str();
        let begins = || self.marks.beginnings.iter().find(|(start, _)| word.starts_with(start)).map(|(_, c)| *c);
        let stemmed = || self.marks.stems.get(&stem(word)).copied();
        let clause = self.marks.words.get(word).copied().or_else(begins).or_else(stemmed);
        self.known.insert(self.word.clone(), clause);
        clause
    }
}

/// An apostrophe, which folding drops, counts as "perhaps".
fn starts_with(word: &[u8], head: &[u8]) -> bool {
    for (i, wanted) in head.iter().enumerate() {
        match word.get(i) {
            Some(b'\'') => return true,
            Some(byte) if byte.to_ascii_lowercase() == *wanted => {}
            _ => return false,
        }
    }
    true
}
