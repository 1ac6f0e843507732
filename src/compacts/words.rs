//! Texts, days and addresses that people type here: trimmed, bounded, and free of characters that steer a terminal or turn the
//! direction of a line.

use chrono::NaiveDate;

use crate::platform::FieldErrors;

/// Characters of an address.
const LINK: usize = 500;

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
        errors.add(field, format!("Use up to {most} characters here."));
    }
    Some(text).filter(|text| !text.is_empty())
}

/// A day as forms and the API write it. Empty is `None`.
pub fn day(errors: &mut FieldErrors, field: &str, typed: &str) -> Option<NaiveDate> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let read: Option<NaiveDate> = typed.parse().ok();
    // Years of four digits: what both engines keep and pages can say.
    let read = read.filter(|day| ("1900-01-01".parse().ok()..="2199-12-31".parse().ok()).contains(&Some(*day)));
    if read.is_none() {
        errors.add(field, "Give a day like 2026-10-14.");
    }
    read
}

/// A web address that others may open: `https` alone, without a name and password in it. Empty is `None`.
pub fn link(errors: &mut FieldErrors, field: &str, typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let host = typed.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let good = host.is_some_and(|host| host.contains('.') && !host.contains('@'))
        && typed.chars().count() <= LINK
        && !typed.contains(|c: char| c.is_whitespace() || c.is_control() || steers(c) || "\"<>\\".contains(c));
    if !good {
        errors.add(field, "Give an address that begins with https:// and holds no name and password.");
        return None;
    }
    Some(typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_tidied_and_bounded() {
        let mut errors = FieldErrors::default();
        assert_eq!(line(&mut errors, "a", "  a\u{202e}\tb\n c ", 10).as_deref(), Some("a b c"));
        assert_eq!(passage(&mut errors, "a", "\n one \r\n\u{7}two\n\n", 20).as_deref(), Some("one\ntwo"));
        assert!(errors.is_empty());
        assert!(line(&mut errors, "a", "abc", 2).is_some() && !errors.is_empty());
    }

    #[test]
    fn only_days_and_safe_addresses_are_read() {
        let read = |typed| {
            let mut errors = FieldErrors::default();
            let found = link(&mut errors, "link", typed);
            (found.is_some(), errors.is_empty())
        };
        assert_eq!(read("https://rivermark.example/minutes.pdf"), (true, true));
        assert_eq!(read(""), (false, true));
        for bad in ["http://x.org", "https://me:pw@x.org/a", "https://x", "javascript:alert(1)", "https://x.org/a b"] {
            assert_eq!(read(bad), (false, false), "{bad}");
        }
        let mut errors = FieldErrors::default();
        assert!(day(&mut errors, "d", "2026-10-14").is_some() && errors.is_empty());
        assert!(day(&mut errors, "d", "999999-01-01").is_none() && !errors.is_empty());
    }
}
