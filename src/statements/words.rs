//! Texts that people type here: trimmed, bounded, and free of characters that steer a terminal or turn the direction of a line.

use crate::catalog::guard;
use crate::platform::FieldErrors;

/// Whether a character only steers or hides: controls, marks that turn the direction of what follows, and those that take no room.
/// The two joiners stay: some scripts and signs are written with them.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c,
            '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// What is typed, with one kind of line end and without what only steers.
fn plain(typed: &str) -> String {
    let lines = typed.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
    lines.chars().filter(|c| !steers(*c)).collect()
}

/// Whether a reader would see something.
fn shows(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}'))
}

/// What is typed into a form, with the word that it is about no student.
pub struct Reader {
    /// What is wrong so far.
    pub errors: FieldErrors,
    cleared: bool,
}

impl Reader {
    /// Of a form in which somebody said that it is about no student, or did not.
    pub fn new(cleared: bool) -> Self {
        Self { errors: FieldErrors::default(), cleared }
    }

    /// One line; runs of blanks become one. Empty is `None`.
    pub fn line(&mut self, field: &str, typed: &str, most: usize) -> Option<String> {
        let text = plain(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        self.bounded(field, text, most)
    }

    /// Several lines. Empty is `None`.
    pub fn passage(&mut self, field: &str, typed: &str, most: usize) -> Option<String> {
        let plain = plain(typed);
        let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
        self.bounded(field, lines.join("\n").trim().to_owned(), most)
    }

    fn bounded(&mut self, field: &str, text: String, most: usize) -> Option<String> {
        if text.chars().count() > most {
            let most = grouped(most);
            self.errors.add(field, format!("Use up to {most} characters here."));
        }
        guard::ask(&mut self.errors, field, &text, self.cleared);
        Some(text).filter(|text| shows(text))
    }
}

/// "2,000".
fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_tidied_bounded_and_asked_about() {
        let mut reader = Reader::new(false);
        assert_eq!(reader.line("title", "  a\u{202e}\tb\n c ", 10).as_deref(), Some("a b c"));
        assert_eq!(reader.passage("text", "\n one \r\n\u{7}two\n\n", 20).as_deref(), Some("one\ntwo"));
        assert_eq!(reader.line("title", " \u{0} ", 10), None);
        assert_eq!(reader.line("title", "a \u{0} b\u{200b}c\u{e0041}", 10).as_deref(), Some("a bc"));
        assert_eq!(
            reader.passage("text", "one\u{2028}two\u{85}three\rfour", 20).as_deref(),
            Some("one\ntwo\nthree\nfour")
        );
        for hidden in ["\u{200b}\u{feff}", "\u{2800} \u{3164}", "\u{200d}", "\u{ad}\n\u{2060}"] {
            assert_eq!(
                (reader.line("title", hidden, 10), reader.passage("text", hidden, 10)),
                (None, None),
                "{hidden:?}"
            );
        }
        assert_eq!(
            reader.line("title", "\u{1f469}\u{200d}\u{1f3eb}", 10).as_deref(),
            Some("\u{1f469}\u{200d}\u{1f3eb}")
        );
        assert!(reader.errors.is_empty());
        assert!(reader.line("title", "abc", 2).is_some() && !reader.errors.is_empty());
        assert_eq!((grouped(300), grouped(2_000)), ("300".to_owned(), "2,000".to_owned()));
        let told = "It helped Jayden, a third grader.";
        for (cleared, fields) in [(true, 0), (false, 2)] {
            let mut reader = Reader::new(cleared);
            reader.passage("comment", told, 100);
            assert_eq!(reader.errors.iter().count(), fields);
        }
    }
}
