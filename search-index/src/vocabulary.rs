//! The unstemmed words of one segment in memory, for spelling and for beginnings of words.
//!
//! A word list of a language is small, and most words differ from a given one in their letters: comparing two 32-bit
//! letter sets rules out all but a handful before any distance is computed. That is ten times cheaper than running a
//! Levenshtein automaton over the dictionary on disk.

use std::ops::Range;

use tantivy::index::InvertedIndexReader;

use crate::error::Result;

/// Words in dictionary order.
pub(crate) struct Vocabulary {
    text: String,
    ends: Vec<u32>,
    documents: Vec<u32>,
    /// Per word: letters it has, for a quick refusal.
    letters: Vec<u32>,
    /// Words ordered by first character and length, for spelling.
    by_shape: Vec<u32>,
    /// First character and length in characters of the words in `by_shape`, where they begin and end.
    shapes: Vec<((char, usize), Range<usize>)>,
}

impl Vocabulary {
    pub(crate) fn load(words: &InvertedIndexReader) -> Result<Self> {
        let mut out = Self {
            text: String::new(),
            ends: Vec::new(),
            documents: Vec::new(),
            letters: Vec::new(),
            by_shape: Vec::new(),
            shapes: Vec::new(),
        };
        let mut stream = words.terms().stream()?;
        while let Some((key, info)) = stream.next() {
            let Ok(word) = std::str::from_utf8(key) else { continue };
            out.text.push_str(word);
            out.ends.push(out.text.len() as u32);
            out.documents.push(info.doc_freq);
            out.letters.push(letters(word));
        }
        let mut order: Vec<((char, usize), u32)> = (0..out.ends.len() as u32).map(|i| (out.shape(i), i)).collect();
        order.sort_unstable();
        for (at, (shape, word)) in order.into_iter().enumerate() {
            out.by_shape.push(word);
            match out.shapes.last_mut() {
                Some((last, range)) if *last == shape => range.end = at + 1,
                _ => out.shapes.push((shape, at..at + 1)),
            }
        }
        Ok(out)
    }

    fn shape(&self, i: u32) -> (char, usize) {
        let word = self.word(i as usize);
        (word.chars().next().unwrap_or_default(), word.chars().count())
    }

    fn word(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[start..self.ends[i] as usize]
    }

    /// How many documents of the segment hold exactly this word.
    pub(crate) fn documents(&self, word: &str) -> u32 {
        let at = self.first_from(word);
        if at < self.ends.len() && self.word(at) == word { self.documents[at] } else { 0 }
    }

    fn first_from(&self, word: &str) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.word(middle) < word { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Calls `each` with every word that begins with `start` and the number of its documents.
    pub(crate) fn beginning<'a>(&'a self, start: &str, mut each: impl FnMut(&'a str, u32)) {
        for at in self.first_from(start)..self.ends.len() {
            let word = self.word(at);
            if !word.starts_with(start) {
                break;
            }
            each(word, self.documents[at]);
        }
    }

    /// Calls `each` with every word at most `edits` away that has the same first letter: word, documents, distance.
    pub(crate) fn near(&self, typed: &str, edits: usize, mut each: impl FnMut(&str, u32, usize)) {
        let typed: Vec<char> = typed.chars().collect();
        let Some(first) = typed.first() else { return };
        let wanted = letters_of(typed.iter().copied());
        let mut distances = Distances::default();
        for length in typed.len().saturating_sub(edits)..=typed.len() + edits {
            let Ok(shape) = self.shapes.binary_search_by_key(&(*first, length), |(shape, _)| *shape) else { continue };
            for &i in &self.by_shape[self.shapes[shape].1.clone()] {
                let i = i as usize;
                // One edit takes away at most one letter from the set and adds at most one.
                let differ = wanted ^ self.letters[i];
                if (differ & wanted).count_ones() as usize > edits || (differ & !wanted).count_ones() as usize > edits {
                    continue;
                }
                if let Some(distance) = distances.within(&typed, self.word(i), edits) {
                    each(self.word(i), self.documents[i], distance);
                }
            }
        }
    }
}

fn letters(word: &str) -> u32 {
    letters_of(word.chars())
}

pub(crate) fn letters_of(chars: impl Iterator<Item = char>) -> u32 {
    chars.fold(0, |set, c| set | 1 << ((c as u32).wrapping_sub('a' as u32) % 32))
}

/// Edit distance where swapping two neighbours is one edit (optimal string alignment).
#[derive(Default)]
pub(crate) struct Distances {
    word: Vec<char>,
    rows: [Vec<usize>; 3],
}

impl Distances {
    /// The distance, if it is at most `edits`.
    pub(crate) fn within(&mut self, typed: &[char], word: &str, edits: usize) -> Option<usize> {
        self.word.clear();
        self.word.extend(word.chars());
        let width = self.word.len() + 1;
        for row in &mut self.rows {
            row.clear();
            row.resize(width, 0);
        }
        let [before, last, now] = &mut self.rows;
        last.iter_mut().enumerate().for_each(|(j, cell)| *cell = j);
        for i in 1..=typed.len() {
            now[0] = i;
            let mut best = i;
            for j in 1..width {
                let same = usize::from(typed[i - 1] != self.word[j - 1]);
                let mut cell = (last[j - 1] + same).min(last[j] + 1).min(now[j - 1] + 1);
                if i > 1 && j > 1 && typed[i - 1] == self.word[j - 2] && typed[i - 2] == self.word[j - 1] {
                    cell = cell.min(before[j - 2] + 1);
                }
                now[j] = cell;
                best = best.min(cell);
            }
            if best > edits {
                return None;
            }
            std::mem::swap(before, last);
            std::mem::swap(last, now);
        }
        Some(last[width - 1]).filter(|distance| *distance <= edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_edit() {
        let mut distances = Distances::default();
        let mut between = |a: &str, b: &str| distances.within(&a.chars().collect::<Vec<_>>(), b, 2);
        assert_eq!(between("triebal", "tribal"), Some(1));
        assert_eq!(between("tribla", "tribal"), Some(1));
        assert_eq!(between("restoritive", "restorative"), Some(1));
        assert_eq!(between("confrences", "conferences"), Some(1));
        assert_eq!(between("word", "word"), Some(0));
        assert_eq!(between("word", "swords"), Some(2));
        assert_eq!(between("word", "sentence"), None);
    }
}
