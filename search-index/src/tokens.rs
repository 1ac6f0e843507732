//! The three ways in which text enters the term dictionaries (see the table in `layout`).

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::document::PART;
use crate::text::{Cut, Stems, cut, fold, is_stop};

/// How often a word of each part (title, keywords, summary, body) is written: its weight.
pub(crate) const WEIGHTS: [u32; 4] = [6, 4, 2, 1];
/// Positions left free between parts, so that no phrase spans two.
pub(crate) const GAP: usize = 16;

/// Walks the words of a text made of parts.
struct Parts<'a> {
    text: &'a str,
    words: Cut<'a>,
    end: usize,
    part: usize,
}

impl<'a> Parts<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, words: cut(text), end: 0, part: 0 }
    }

    /// Folds the next word into `word` and tells its part.
    fn next(&mut self, word: &mut String) -> Option<usize> {
        loop {
            let range = self.words.next()?;
            let between = self.text.get(self.end..range.start).unwrap_or_default();
            self.part += between.bytes().filter(|byte| *byte == PART as u8).count();
            self.end = range.end;
            fold(self.text.get(range)?, word);
            if !word.is_empty() {
                return Some(self.part);
            }
        }
    }
}

/// Stems with positions, each as often as its part weighs.
#[derive(Clone)]
pub(crate) struct Weighted(Stems);

/// Folded words, each once a text: only documents are noted of them.
#[derive(Clone)]
pub(crate) struct Plain(FxHashSet<u64>);

/// Two stems that follow each other in one part, stop words skipped.
#[derive(Clone)]
pub(crate) struct Pairs(Stems);

impl Weighted {
    pub(crate) fn new() -> Self {
        Self(Stems::new())
    }
}

impl Plain {
    pub(crate) fn new() -> Self {
        Self(FxHashSet::default())
    }
}

impl Pairs {
    pub(crate) fn new() -> Self {
        Self(Stems::new())
    }
}

pub(crate) struct WeightedStream<'a> {
    stems: &'a mut Stems,
    parts: Parts<'a>,
    word: String,
    part: usize,
    repeats: u32,
    token: Token,
}

impl Tokenizer for Weighted {
    type TokenStream<'a> = WeightedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WeightedStream<'a> {
        let parts = Parts::new(text);
        WeightedStream { stems: &mut self.0, parts, word: String::new(), part: 0, repeats: 0, token: Token::default() }
    }
}

impl TokenStream for WeightedStream<'_> {
    fn advance(&mut self) -> bool {
        if self.repeats > 0 {
            self.repeats -= 1;
            return true;
        }
        let Some(part) = self.parts.next(&mut self.word) else { return false };
        self.token.text.clear();
        self.token.text.push_str(self.stems.stem(&self.word));
        self.token.position = self.token.position.wrapping_add(1 + GAP * (part - self.part));
        self.part = part;
        self.repeats = WEIGHTS.get(part).copied().unwrap_or(1) - 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

pub(crate) struct PlainStream<'a> {
    /// Hashes of the words so far.
    seen: &'a mut FxHashSet<u64>,
    parts: Parts<'a>,
    token: Token,
}

impl Tokenizer for Plain {
    type TokenStream<'a> = PlainStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PlainStream<'a> {
        self.0.clear();
        PlainStream { seen: &mut self.0, parts: Parts::new(text), token: Token::default() }
    }
}

impl TokenStream for PlainStream<'_> {
    fn advance(&mut self) -> bool {
        while self.parts.next(&mut self.token.text).is_some() {
            if self.seen.insert(FxBuildHasher.hash_one(&self.token.text)) {
                self.token.position = self.token.position.wrapping_add(1);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

pub(crate) struct PairsStream<'a> {
    stems: &'a mut Stems,
    parts: Parts<'a>,
    word: String,
    before: String,
    part: usize,
    token: Token,
}

impl Tokenizer for Pairs {
    type TokenStream<'a> = PairsStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PairsStream<'a> {
        let (word, before) = (String::new(), String::new());
        PairsStream { stems: &mut self.0, parts: Parts::new(text), word, before, part: 0, token: Token::default() }
    }
}

impl TokenStream for PairsStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some(part) = self.parts.next(&mut self.word) {
            if is_stop(&self.word) {
                continue;
            }
            let stem = self.stems.stem(&self.word);
            let follows = part == self.part && !self.before.is_empty();
            if follows {
                self.token.text.clear();
                self.token.text.push_str(&self.before);
                self.token.text.push(' ');
                self.token.text.push_str(stem);
                self.token.position = self.token.position.wrapping_add(1);
            }
            self.before.clear();
            self.before.push_str(stem);
            self.part = part;
            if follows {
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut stream: impl TokenStream) -> Vec<(String, usize)> {
        let mut out = Vec::new();
        while stream.advance() {
            out.push((stream.token().text.clone(), stream.token().position));
        }
        out
    }

    #[test]
    fn parts_weigh_and_do_not_touch() {
        let tokens = all(Weighted::new().token_stream("Reading\u{1}\u{1}the circles\u{1}x"));
        let count = |word: &str| tokens.iter().filter(|(text, _)| text == word).count();
        assert_eq!((count("read"), count("circl"), count("x")), (6, 2, 1));
        assert!(tokens.last().unwrap().1 > 2 * GAP);
    }

    #[test]
    fn pairs_stay_inside_a_part() {
        let pairs = all(Pairs::new().token_stream("Science of reading\u{1}circles meet"));
        let texts: Vec<&str> = pairs.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["scienc read", "circl meet"]);
    }
}
