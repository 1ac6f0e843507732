//! What a statement says: a preamble and numbered points, in versions that never change once they are published; and what changed
//! between two of them, point by point. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::amendment::AmendmentKind;
use super::statement::StatementId;
use super::words::Reader;
use crate::catalog::compare::{self, Piece};
use crate::platform::chance::sha256;
use crate::platform::{Error, Result, Timestamp};

/// Characters of the preamble.
pub const PREAMBLE: usize = 6_000;
/// Characters of the title of a point.
pub const POINT_TITLE: usize = 160;
/// Characters of a point.
pub const POINT: usize = 2_000;
/// So many points at most.
pub const POINTS: usize = 20;

/// A point. Its number is its place; its key stays the same when others come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Names it over all versions.
    pub key: i32,
    /// Its title.
    pub title: String,
    /// What it says, in Markdown.
    pub text: String,
}

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What stands before the points, in Markdown.
    pub preamble: String,
    /// In their order.
    pub points: Vec<Point>,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Of which statement.
    pub statement: StatementId,
    /// From 1.
    pub number: i32,
    /// What it says.
    pub text: Text,
    /// Why it was made; empty for the first.
    pub note: String,
    /// When it was published; `None` for a draft.
    pub published_at: Option<Timestamp>,
}

impl Text {
    /// The number of the point of a key, from 1.
    pub fn number_of(&self, key: i32) -> Option<usize> {
        self.points.iter().position(|point| point.key == key).map(|at| at + 1)
    }

    /// What of it is hashed and proven, with the title of the statement.
    pub fn proven(&self, title: &str) -> Value {
        let points = self.points.iter().enumerate();
        let points: Vec<Value> =
            points.map(|(at, point)| json!({ "number": at + 1, "title": point.title, "text": point.text })).collect();
        json!({ "title": title, "preamble": self.preamble, "points": points })
    }

    /// SHA-256 over the canonical JSON of [`Text::proven`], in hexadecimal.
    pub fn hash(&self, title: &str) -> String {
        sha256(canonical(&self.proven(title)).as_bytes())
    }

    /// The text with a point changed, added or struck. `fresh` is a key that no version has used.
    pub fn amended(
        &self,
        kind: AmendmentKind,
        point: Option<i32>,
        title: &str,
        words: &str,
        fresh: i32,
    ) -> Result<Self> {
        let gone = || {
            Error::Conflict(
                "That point is struck, in the newest version or by a proposal that is taken up; decline this one."
                    .to_owned(),
            )
        };
        let at = point.map(|key| self.points.iter().position(|one| one.key == key).ok_or_else(gone)).transpose()?;
        let mut after = self.clone();
        match (kind, at) {
            (AmendmentKind::Change, Some(at)) => {
                if !title.is_empty() {
                    title.clone_into(&mut after.points[at].title);
                }
                words.clone_into(&mut after.points[at].text);
            }
            (AmendmentKind::Strike, Some(_)) if after.points.len() == 1 => {
                return Err(Error::Conflict("A statement keeps one point at least.".to_owned()));
            }
            (AmendmentKind::Strike, Some(at)) => drop(after.points.remove(at)),
            (AmendmentKind::Add, at) => {
                if after.points.len() >= POINTS {
                    return Err(Error::Conflict(format!("A statement has {POINTS} points at most.")));
                }
                let place = at.map_or(after.points.len(), |at| at + 1);
                after.points.insert(place, Point { key: fresh, title: title.to_owned(), text: words.to_owned() });
            }
            (_, None) => return Err(gone()),
        }
        Ok(after)
    }
}

/// A point as a form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointForm {
    /// Its key; 0 for a new one.
    pub key: i32,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// Reads preamble and points of a form; points that are wholly empty are left out. Fields are `preamble`, `point-0-title`,
/// `point-0-text` and so on.
pub fn read(reader: &mut Reader, preamble: &str, points: &[PointForm]) -> Text {
    let preamble = reader.passage("preamble", preamble, PREAMBLE).unwrap_or_default();
    let mut fresh = points.iter().map(|point| point.key).max().unwrap_or_default();
    let mut kept: Vec<Point> = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let (title_field, text_field) = (format!("point-{at}-title"), format!("point-{at}-text"));
        let title = reader.line(&title_field, &point.title, POINT_TITLE);
        let text = reader.passage(&text_field, &point.text, POINT);
        match (title, text) {
            (None, None) => {}
            (Some(title), Some(text)) => {
                let known = point.key > 0 && kept.iter().all(|other| other.key != point.key);
                if !known {
                    fresh += 1;
                }
                kept.push(Point { key: if known { point.key } else { fresh }, title, text });
            }
            (None, _) => reader.errors.add(title_field, "Give the point a title."),
            (_, None) => reader.errors.add(text_field, "Say what the point says."),
        }
    }
    if kept.len() > POINTS {
        reader.errors.add("preamble", format!("Use {POINTS} points at most."));
    }
    Text { preamble, points: kept }
}

/// What became of a point from one version to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointChange {
    /// Its number before; `None` for a new one.
    pub before: Option<usize>,
    /// Its number after; `None` for one that was struck.
    pub after: Option<usize>,
    /// Its title, word by word.
    pub title: Vec<Piece>,
    /// What it says, word by word.
    pub text: Vec<Piece>,
    /// Whether its words changed; a number alone may have.
    pub reworded: bool,
}

/// What changed between two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The preamble word by word; `None` where it is the same.
    pub preamble: Option<Vec<Piece>>,
    /// Points that changed, in the order of the newer text; those that were struck stand where they were.
    pub points: Vec<PointChange>,
}

/// What changed, point by point.
pub fn changes(before: &Text, after: &Text) -> Changes {
    let preamble = (before.preamble != after.preamble).then(|| compare::words(&before.preamble, &after.preamble));
    let one = |old: Option<&Point>, new: Option<&Point>| {
        let words = |point: Option<&Point>| point.map(|p| (p.title.clone(), p.text.clone())).unwrap_or_default();
        let ((old_title, old_text), (new_title, new_text)) = (words(old), words(new));
        PointChange {
            before: old.and_then(|point| before.number_of(point.key)),
            after: new.and_then(|point| after.number_of(point.key)),
            reworded: (&old_title, &old_text) != (&new_title, &new_text),
            title: compare::words(&old_title, &new_title),
            text: compare::words(&old_text, &new_text),
        }
    };
    let find = |text: &'_ Text, key: i32| text.points.iter().find(|point| point.key == key).cloned();
    let mut points = Vec::new();
    let struck = |from: usize| -> Vec<PointChange> {
        let rest = before.points[from..].iter();
        rest.take_while(|old| find(after, old.key).is_none()).map(|old| one(Some(old), None)).collect()
    };
    points.extend(struck(0));
    for new in &after.points {
        let old = find(before, new.key);
        points.push(one(old.as_ref(), Some(new)));
        if let Some(at) = before.points.iter().position(|point| point.key == new.key) {
            points.extend(struck(at + 1));
        }
    }
    points.retain(|change| change.reworded || change.before != change.after);
    Changes { preamble, points }
}

/// JSON as RFC 8785 spells it: keys in order, nothing between them. Numbers are whole here.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            let entry = |key: &&String| format!("{}:{}", Value::String((*key).clone()), canonical(&map[*key]));
            format!("{{{}}}", keys.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::compare::Mark;

    fn text(points: &[(i32, &str)]) -> Text {
        let point =
            |(key, words): &(i32, &str)| Point { key: *key, title: format!("T{key}"), text: (*words).to_owned() };
        Text { preamble: "We, the undersigned".to_owned(), points: points.iter().map(point).collect() }
    }

    #[test]
    fn amendments_make_the_next_text() {
        let before = text(&[(1, "Serve all"), (2, "Share")]);
        let added = before.amended(AmendmentKind::Add, Some(1), "Backfill", "Fill seats", 7).unwrap();
        assert_eq!(added.points.iter().map(|p| p.key).collect::<Vec<_>>(), [1, 7, 2]);
        let last = before.amended(AmendmentKind::Add, None, "Backfill", "Fill seats", 7).unwrap();
        assert_eq!(last.points[2].key, 7);
        let changed = before.amended(AmendmentKind::Change, Some(2), "", "Share openly", 7).unwrap();
        assert_eq!((changed.points[1].title.as_str(), changed.points[1].text.as_str()), ("T2", "Share openly"));
        let struck = before.amended(AmendmentKind::Strike, Some(1), "", "", 7).unwrap();
        assert_eq!(struck.number_of(2), Some(1));
        assert!(struck.amended(AmendmentKind::Strike, Some(2), "", "", 7).is_err(), "the last one stays");
        assert!(struck.amended(AmendmentKind::Change, Some(1), "", "x", 7).is_err(), "it is gone");
        assert!(struck.amended(AmendmentKind::Strike, None, "", "", 7).is_err());
    }

    #[test]
    fn what_changed_is_told_by_point() {
        let before = text(&[(1, "Serve all"), (2, "Share"), (3, "Build")]);
        let after = text(&[(1, "Serve all children"), (3, "Build"), (4, "Fill seats")]);
        let told = changes(&before, &after);
        assert!(told.preamble.is_none());
        let numbers: Vec<_> = told.points.iter().map(|c| (c.before, c.after, c.reworded)).collect();
        assert_eq!(
            numbers,
            [(Some(1), Some(1), true), (Some(2), None, true), (Some(3), Some(2), false), (None, Some(3), true)]
        );
        let last = told.points[0].text.last().unwrap();
        assert!(last.mark == Mark::Added && last.text.ends_with("children"), "{}", last.text);
        assert!(changes(&before, &before).points.is_empty());
        let first = changes(&before, &text(&[(2, "Share"), (3, "Build")]));
        assert_eq!(first.points[0].before, Some(1));
    }

    #[test]
    fn one_text_has_one_hash_whatever_its_keys() {
        let (a, b) = (text(&[(1, "Serve")]), text(&[(1, "Serve ")]));
        assert_ne!(a.hash("T"), b.hash("T"));
        assert_ne!(a.hash("T"), a.hash("U"));
        assert_eq!(canonical(&json!({ "b": [1, true], "a": "é\n\"" })), "{\"a\":\"é\\n\\\"\",\"b\":[1,true]}");
    }

    #[test]
    fn empty_points_are_left_out_and_half_ones_asked_for() {
        let form = |key, title: &str, text: &str| PointForm { key, title: title.to_owned(), text: text.to_owned() };
        let mut reader = Reader::new(true);
        let points = [form(2, "Share", "x"), form(0, "", " "), form(0, "Fill", "y"), form(2, "Again", "z")];
        let read_text = read(&mut reader, " Hello ", &points);
        assert!(reader.errors.is_empty());
        assert_eq!(read_text.points.iter().map(|p| p.key).collect::<Vec<_>>(), [2, 3, 4]);
        read(&mut reader, "", &[form(0, "Fill", ""), form(0, "", "y")]);
        assert_eq!(reader.errors.iter().count(), 2);
    }
}
