//! Texts that people type here: trimmed, bounded, and free of characters that steer a terminal or turn the direction of a line.

use crate::platform::FieldErrors;

/// Whether a character only steers: controls, and marks that turn the direction of what follows.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line; runs of blanks become one. Empty is `None`.
pub fn line(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> Option<String> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    bounded(errors, field, text, most)
}

/// Several lines. Empty is `None`.
pub fn passage(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> Option<String> {
    let lines: Vec<&str> = typed.lines().map(str::trim_end).collect();
    bounded(errors, field, lines.join("\n").trim().to_owned(), most)
}

fn bounded(errors: &mut FieldErrors, field: &str, text: String, most: usize) -> Option<String> {
    let text: String = text.chars().filter(|c| !steers(*c)).collect();
    if text.chars().count() > most {
        let most = grouped(most);
        errors.add(field, format!("Use up to {most} characters here."));
    }
    Some(text).filter(|text| !text.is_empty())
}

/// "2,000".
fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_tidied_and_bounded() {
        let mut errors = FieldErrors::default();
        assert_eq!(line(&mut errors, "title", "  a\u{202e}\tb\n c ", 10).as_deref(), Some("a b c"));
        assert_eq!(passage(&mut errors, "note", "\n one \r\n\u{7}two\n\n", 20).as_deref(), Some("one\ntwo"));
        assert_eq!(line(&mut errors, "title", " \u{0} ", 10), None);
        assert!(errors.is_empty());
        assert!(line(&mut errors, "title", "abc", 2).is_some() && !errors.is_empty());
        assert_eq!((grouped(300), grouped(2_000)), ("300".to_owned(), "2,000".to_owned()));
    }
}
