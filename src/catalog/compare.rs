//! What changed between two versions of a practice (P-6): shown to adopters, and to reviewers (P-7).

use serde::Serialize;

use super::fields::FIELDS;
use super::record::PracticeRecord;

/// A field that two versions word differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Key of the field.
    pub field: &'static str,
    /// What people read.
    pub label: &'static str,
    /// The older words, one line for each entry; empty when it said nothing.
    pub before: String,
    /// The newer words.
    pub after: String,
}

/// Every field that differs, in the order of the page.
pub fn diff(before: &PracticeRecord, after: &PracticeRecord) -> Vec<Change> {
    FIELDS
        .iter()
        .filter_map(|field| {
            let (before, after) = (field.text(before), field.text(after));
            (before != after).then_some(Change { field: field.name, label: field.label, before, after })
        })
        .collect()
}

/// What a piece of a text is beside the older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// In both.
    Same,
    /// In the newer one alone.
    Added,
    /// In the older one alone.
    Removed,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub mark: Mark,
    /// Its words, with the blanks and line ends behind them.
    pub text: String,
}

/// Longest table of the comparison, in cells: two texts of about 2,000 words. Longer ones are shown one after the other.
const CELLS: usize = 4_000_000;

/// Two texts as one, word by word: what went and what came is marked. Pieces that are not added make up the older text, those that are
/// not removed the newer.
pub fn words(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (split(before), split(after));
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let (a, b) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let mut pieces = Vec::new();
    old[..head].iter().for_each(|word| push(&mut pieces, Mark::Same, word));
    if a.len().saturating_mul(b.len()) > CELLS {
        a.iter().for_each(|word| push(&mut pieces, Mark::Removed, word));
        b.iter().for_each(|word| push(&mut pieces, Mark::Added, word));
    } else {
        between(a, b, &mut pieces);
    }
    old_rest[old_rest.len() - tail..].iter().for_each(|word| push(&mut pieces, Mark::Same, word));
    pieces
}

/// The longest common run of words of both, and what stands around it.
fn between(a: &[&str], b: &[&str], pieces: &mut Vec<Piece>) {
    let width = b.len() + 1;
    let mut longest = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1].saturating_add(1)
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            push(pieces, Mark::Same, a[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
            push(pieces, Mark::Removed, a[i]);
            i += 1;
        } else {
            push(pieces, Mark::Added, b[j]);
            j += 1;
        }
    }
}

/// Words with what stands behind them.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut from, mut blank) = (0, false);
    for (at, letter) in text.char_indices() {
        if blank && !letter.is_whitespace() {
            words.push(&text[from..at]);
            from = at;
        }
        blank = letter.is_whitespace();
    }
    if from < text.len() {
        words.push(&text[from..]);
    }
    words
}

fn push(pieces: &mut Vec<Piece>, mark: Mark, word: &str) {
    match pieces.last_mut().filter(|last| last.mark == mark) {
        Some(last) => last.text.push_str(word),
        None => pieces.push(Piece { mark, text: word.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::parse::tests::full_record;

    #[test]
    fn only_what_changed_is_told() {
        let before = full_record();
        assert_eq!(diff(&before, &before), []);
        let mut after = before.clone();
        after.title = "Sound wall, second year".into();
        after.pitfalls.push("Skipping the review".into());
        after.steps[0].who = None;
        after.cost_note = None;
        let changes = diff(&before, &after);
        let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
        assert_eq!(fields, ["title", "steps", "cost_note", "pitfalls"]);
        assert_eq!(changes[3].after, format!("{}\nSkipping the review", changes[3].before));
        assert_eq!(changes[2].after, "");
    }

    #[test]
    fn every_field_that_differs_shows() {
        let told = diff(&PracticeRecord::default(), &full_record()).len();
        // All but the license, which is the default on both sides, and what the full record has no reason to say.
        assert_eq!(told, FIELDS.len() - 1 - ["stopped_because", "what_replaced_it"].len());
    }

    #[test]
    fn words_that_came_and_went_are_marked() {
        let told = |before: &str, after: &str| -> Vec<(Mark, String)> {
            words(before, after).into_iter().map(|piece| (piece.mark, piece.text)).collect()
        };
        assert_eq!(
            told("Greet each student at the door", "Greet every student at the door"),
            [
                (Mark::Same, "Greet ".into()),
                (Mark::Removed, "each ".into()),
                (Mark::Added, "every ".into()),
                (Mark::Same, "student at the door".into()),
            ]
        );
        assert_eq!(told("", "New"), [(Mark::Added, "New".into())]);
        assert_eq!(told("Old", ""), [(Mark::Removed, "Old".into())]);
        assert_eq!(told("Same", "Same"), [(Mark::Same, "Same".into())]);
        assert_eq!(told("", ""), []);
        // Both texts can be made again of the pieces, whatever they are.
        let (old, new) = ("a b c\nd e  f", "b c x\ny e f g");
        let without = |out: Mark| -> String {
            words(old, new).into_iter().filter(|piece| piece.mark != out).map(|piece| piece.text).collect()
        };
        assert_eq!((without(Mark::Added).as_str(), without(Mark::Removed).as_str()), (old, new));
        let long = "word other ".repeat(3_000);
        assert_eq!(words(&long, &long.replace("word", "thing")).len(), 3, "far too long to compare word by word");
    }
}
