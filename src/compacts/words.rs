//! Texts, days and addresses that people type here: trimmed, bounded, and free of characters that steer a terminal or turn the
//! direction of a line.

use chrono::NaiveDate;

use crate::platform::FieldErrors;

/// Characters of an address.
const LINK: usize = 500;

/// Whether a character only steers or hides: controls, marks that turn the direction of what follows, blanks of no width, tags. What
/// joins letters of some scripts and emoji stays.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line; runs of blanks become one. Empty is `None`.
pub fn line(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> Option<String> {
    let typed: String =
        typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !steers(*c)).collect();
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    bounded(errors, field, text, most)
}

/// Several lines. Empty is `None`.
pub fn passage(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> Option<String> {
    let typed: String = typed.replace('\t', " ").chars().filter(|c| !steers(*c)).collect();
    let lines: Vec<&str> = typed.lines().map(str::trim_end).collect();
    bounded(errors, field, lines.join("\n").trim().to_owned(), most)
}

fn bounded(errors: &mut FieldErrors, field: &str, text: String, most: usize) -> Option<String> {
    if text.chars().count() > most {
        errors.add(field, format!("Use up to {most} characters here."));
    }
    // What has nothing to read in it is empty.
    let seen = |c: char| !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}');
    Some(text).filter(|text| text.chars().any(seen))
}

/// A number with its unit: `24`, `1,200`, `-3.5 points`, `60%`, `$1,200`, `9 of 12 schools`. Empty is `None`.
pub fn number(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> Option<String> {
    let text = line(errors, field, typed, most)?;
    if !is_number(&text) {
        errors.add(field, "Begin with a number and give its unit after it, like 24, 60% or 9 of 12 schools.");
    }
    Some(text)
}

/// Whether a text is a number, and what follows it a unit without another number; "9 of 12" has two.
fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix(['-', '\u{2212}', '+']).unwrap_or(text);
    let bare = bare.strip_prefix('$').unwrap_or(bare);
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(bare.len());
    let (digits, unit) = bare.split_at(end);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let good = plain(first)
        && plain(part)
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3 && plain(group));
    let follows = match unit.strip_prefix(" of ") {
        Some(other) => is_number(other),
        None => !unit.contains(|c: char| c.is_ascii_digit()) && (unit.is_empty() || unit.starts_with([' ', '%'])),
    };
    good && follows
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
    let good = host.is_some_and(is_host)
        && typed.chars().count() <= LINK
        && !typed.contains(|c: char| c.is_whitespace() || c.is_control() || steers(c) || "\"<>\\".contains(c));
    if !good {
        errors.add(field, "Give an address that begins with https:// and holds no name and password.");
        return None;
    }
    Some(typed.to_owned())
}

/// Whether a host is a name that everybody can look up, with a port at most; other scripts are written in their `xn--` form.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let labels: Vec<&str> = name.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let named = labels.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    labels.len() > 1 && named && labels.iter().all(label) && port.parse::<u16>().is_ok_and(|port| port > 0)
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
        assert_eq!(line(&mut errors, "a", "\u{200b}\u{2800} \u{feff}\u{200d}", 10), None, "nothing to read");
        assert_eq!(line(&mut errors, "a", "a\u{e0041}\u{200f}b", 10).as_deref(), Some("ab"));
        assert!(errors.is_empty());
        assert!(line(&mut errors, "a", "abc", 2).is_some() && !errors.is_empty());
    }

    #[test]
    fn numbers_are_numbers() {
        for good in [
            "24",
            "0",
            "-3.5 points",
            "60%",
            "60 %",
            "1,200",
            "$1,200,000",
            "9 of 12",
            "9 of 12 schools",
            "24 sessions a year",
        ] {
            assert!(is_number(good), "{good}");
        }
        for bad in [
            "",
            "many",
            "1e5",
            "0x10",
            "1,20",
            "1,2000",
            "1.2.3",
            "--3",
            "3.",
            ".5",
            "NaN",
            "12 34",
            "24sessions",
            "9 of all",
        ] {
            assert!(!is_number(bad), "{bad}");
        }
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
        assert_eq!(read("https://minutes.example:8443/a"), (true, true));
        for bad in [
            "http://x.org",
            "https://me:pw@x.org/a",
            "https://x",
            "javascript:alert(1)",
            "https://x.org/a b",
            "https://127.0.0.1/a",
            "https://./",
            "https://x..org",
            "https://x.org:0",
            "https://x.org:http",
            "https://r\u{456}vermark.org",
            "https://x.org/\u{200b}a",
        ] {
            assert_eq!(read(bad), (false, false), "{bad}");
        }
        let mut errors = FieldErrors::default();
        assert!(day(&mut errors, "d", "2026-10-14").is_some() && errors.is_empty());
        assert!(day(&mut errors, "d", "999999-01-01").is_none() && !errors.is_empty());
    }
}
