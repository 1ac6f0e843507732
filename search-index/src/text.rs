//! From text to words: the same cutting, folding and stemming for documents, queries and highlights.
//!
//! A word is a run of letters and digits; an apostrophe inside it is dropped (`don't` is `dont`, `school's` stems like
//! `schools`); a Chinese or Japanese character stands alone. Words are decomposed (NFKD), freed of accents and
//! lowercased, then stemmed (Porter 2, English).

use std::ops::Range;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Bytes of a folded word that count; the rest of a longer one is ignored on both sides.
const WORD_BYTES: usize = 60;
/// Words whose stems are remembered at once; a text has far fewer, a vocabulary about as many.
const MEMO: usize = 1 << 17;

/// The byte ranges of the words of `text`, in order.
pub(crate) struct Cut<'a> {
    text: &'a str,
    at: usize,
}

/// Cuts `text` into words.
pub(crate) fn cut(text: &str) -> Cut<'_> {
    Cut { text, at: 0 }
}

/// The first word of `text` that begins at or after `at`, which is no byte inside a word.
pub(crate) fn cut_at(text: &str, at: usize) -> Option<Range<usize>> {
    Cut { text, at }.next()
}

impl Cut<'_> {
    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn letter_at(&self, at: usize) -> bool {
        self.char_at(at).is_some_and(|c| c.is_alphanumeric() && !stands_alone(c))
    }
}

impl Iterator for Cut<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        loop {
            let byte = *bytes.get(at)?;
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    break;
                }
                at += 1;
            } else {
                let c = self.char_at(at)?;
                if stands_alone(c) {
                    self.at = at + c.len_utf8();
                    return Some(at..self.at);
                }
                if c.is_alphanumeric() {
                    break;
                }
                at += c.len_utf8();
            }
        }
        let start = at;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() || (byte == b'\'' && self.letter_at(at + 1)) {
                at += 1;
            } else if byte.is_ascii() {
                break;
            } else {
                let Some(c) = self.char_at(at) else { break };
                let next = at + c.len_utf8();
                let inside = !stands_alone(c) && (c.is_alphanumeric() || is_combining_mark(c));
                if inside || (c == '\u{2019}' && self.letter_at(next)) {
                    at = next;
                } else {
                    break;
                }
            }
        }
        self.at = at;
        Some(start..at)
    }
}

/// Scripts that write no spaces: each character is a word, and several become a phrase.
fn stands_alone(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Writes the folded form of one cut word over `out`.
pub(crate) fn fold(word: &str, out: &mut String) {
    out.clear();
    if word.is_ascii() {
        for byte in word.bytes().filter(u8::is_ascii_alphanumeric).take(WORD_BYTES) {
            out.push(byte.to_ascii_lowercase() as char);
        }
        return;
    }
    let lower = word.chars().flat_map(char::to_lowercase);
    for c in lower.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_alphanumeric() && out.len() + c.len_utf8() <= WORD_BYTES {
            out.push(c);
        }
    }
}

/// The folded words of `text`.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for range in cut(text) {
        fold(&text[range], &mut word);
        if !word.is_empty() {
            out.push(word.clone());
        }
    }
    out
}

/// Stems folded words and remembers the answers: a text repeats its words, and a stem costs more than a look-up.
#[derive(Clone)]
pub(crate) struct Stems {
    known: FxHashMap<Box<str>, u32>,
    stems: Vec<Box<str>>,
}

impl Stems {
    pub(crate) fn new() -> Self {
        Self { known: FxHashMap::default(), stems: Vec::new() }
    }

    /// The stem of a folded word.
    pub(crate) fn stem(&mut self, word: &str) -> &str {
        let at = match self.known.get(word) {
            Some(at) => *at,
            None => {
                if self.stems.len() >= MEMO {
                    self.known.clear();
                    self.stems.clear();
                }
                let at = self.stems.len() as u32;
                self.stems.push(stem(word).into());
                self.known.insert(word.into(), at);
                at
            }
        };
        &self.stems[at as usize]
    }
}

/// The stem of a folded word.
pub(crate) fn stem(word: &str) -> String {
    frostem::Stemmer::new(frostem::Algorithm::English).stem(word).into_owned()
}

/// Words that carry no subject. They are indexed (a phrase needs them) but never demanded, unless nothing else is asked.
pub(crate) fn is_stop(word: &str) -> bool {
    word.len() <= 10 && STOP.binary_search(&word).is_ok()
}

/// Sorted. Articles, prepositions, pronouns, auxiliaries and the words questions are asked with.
const STOP: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "being", "but", "by", "can",
    "cant", "could", "d", "did", "do", "does", "doing", "dont", "for", "from", "get", "getting", "go", "had", "has",
    "have", "having", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "im", "in", "into", "is", "isnt",
    "it", "its", "ll", "me", "my", "need", "nor", "not", "of", "on", "or", "our", "ours", "please", "re", "s", "shall",
    "she", "should", "so", "some", "t", "than", "that", "the", "their", "theirs", "them", "then", "there", "these",
    "they", "this", "those", "to", "too", "us", "ve", "very", "want", "was", "we", "were", "what", "whats", "when",
    "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your", "yours",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_folds_and_keeps_ranges() {
        assert_eq!(
            words("Don't -- café K-2, École\u{301}s O’Brien’s 学校 ½"),
            ["dont", "cafe", "k", "2", "ecoles", "obriens", "学", "校", "12"]
        );
        let text = "a b'c' ü";
        let parts: Vec<&str> = cut(text).map(|r| &text[r]).collect();
        assert_eq!(parts, ["a", "b'c", "ü"]);
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP.is_sorted());
        assert!(is_stop("the") && !is_stop("reading"));
    }

    #[test]
    fn stems_keep_the_first_letter() {
        let mut stems = Stems::new();
        for word in ["dying", "skies", "yelling", "observations", "学"] {
            assert_eq!(stems.stem(word).chars().next(), word.chars().next());
        }
    }
}
