//! Cleaning and checking single values, collecting everything that is wrong on the way.
//!
//! A text that went through here is trimmed, not longer than its cap, free of control and direction
//! characters, and holds no e-mail address (people are reached through the contact form; pages, feeds and
//! exports must not spread addresses).

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::platform::FieldErrors;
use crate::platform::vocabulary::UnknownCode;

/// Longest text of one line, in characters.
pub const LINE: usize = 300;
/// Longest paragraph, in characters.
pub const PARAGRAPH: usize = 4_000;
/// Longest entry of a list, in characters.
pub const ENTRY: usize = 600;
/// Longest address, in bytes.
const URL: usize = 2_000;
/// Smallest number of students that may be told (P-3).
pub const SMALLEST_COUNT: u32 = 10;

/// Collects what is wrong, under the place where it is.
#[derive(Debug, Default)]
pub struct Checker {
    errors: FieldErrors,
}

impl Checker {
    /// Notes a broken rule.
    pub fn refuse(&mut self, field: &str, sentence: impl Into<String>) {
        self.errors.add(field, sentence);
    }

    /// Notes a missing value, unless something else is wrong with that field already.
    pub fn require(&mut self, field: &str, there: bool, sentence: &str) {
        if !there && !self.is_refused(field) {
            self.refuse(field, sentence);
        }
    }

    /// `value` when nothing was wrong, everything that was wrong otherwise.
    pub fn finish<T>(self, value: T) -> Result<T, FieldErrors> {
        self.errors.or(value)
    }

    /// Text of one line: runs of white space become one space.
    pub fn line(&mut self, field: &str, given: Option<String>, cap: usize) -> Option<String> {
        self.text(field, given?.split_whitespace().collect::<Vec<_>>().join(" "), cap)
    }

    /// Text of several lines: lines are trimmed, an empty line parts paragraphs.
    pub fn paragraph(&mut self, field: &str, given: Option<String>) -> Option<String> {
        let mut text = String::new();
        let mut gap = false;
        for line in given?.lines() {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.is_empty() {
                gap = !text.is_empty();
                continue;
            }
            if !text.is_empty() {
                text.push_str(if gap { "\n\n" } else { "\n" });
            }
            text.push_str(&line);
            gap = false;
        }
        self.text(field, text, PARAGRAPH)
    }

    /// A list of one-line texts, each an entry; empty entries are dropped.
    pub fn entries(&mut self, field: &str, given: Vec<String>, most: usize) -> Vec<String> {
        if !self.at_most(field, given.len(), most) {
            return Vec::new();
        }
        let entry = |(i, text)| self.line(&format!("{field}/{i}"), Some(text), ENTRY);
        given.into_iter().enumerate().filter_map(entry).collect()
    }

    /// Whether a list is short enough to be looked at.
    pub fn at_most(&mut self, field: &str, count: usize, most: usize) -> bool {
        if count > most {
            self.refuse(field, format!("Give at most {most} entries; there are {count}."));
        }
        count <= most
    }

    /// A code of a vocabulary; its label will do.
    pub fn code<T: FromStr<Err = UnknownCode>>(&mut self, field: &str, given: Option<String>) -> Option<T> {
        let given = given?;
        let given = given.trim();
        if given.is_empty() {
            return None;
        }
        let code = given.parse().or_else(|unknown: UnknownCode| match unknown.by_label() {
            Some(code) => code.parse(),
            None => Err(unknown),
        });
        code.map_err(|unknown| self.refuse(field, unknown.to_string())).ok()
    }

    /// Codes of a vocabulary, each once, at most `most`.
    pub fn codes<T: FromStr<Err = UnknownCode> + PartialEq>(
        &mut self,
        field: &str,
        given: Vec<String>,
        most: usize,
    ) -> Vec<T> {
        let mut codes = Vec::new();
        // Far more than any vocabulary holds: not looked at one by one.
        if !self.at_most(field, given.len(), most.max(50)) {
            return codes;
        }
        for (i, code) in given.into_iter().enumerate() {
            if let Some(code) = self.code(&format!("{field}/{i}"), Some(code))
                && !codes.contains(&code)
            {
                codes.push(code);
            }
        }
        self.at_most(field, codes.len(), most);
        codes
    }

    /// A number within `range`; "1,200" is one too. The sentence says what to write.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        field: &str,
        given: Option<String>,
        range: RangeInclusive<T>,
        what: &str,
    ) -> Option<T> {
        let given = given?;
        let given = given.trim();
        if given.is_empty() {
            return None;
        }
        let number = given.replace(',', "").parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse(field, format!("Write {what}, from {} to {}.", range.start(), range.end()));
        }
        number
    }

    /// Yes or no, as forms and JSON write it.
    pub fn flag(&mut self, field: &str, given: Option<String>) -> Option<bool> {
        match given?.trim().to_lowercase().as_str() {
            "" => None,
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => {
                self.refuse(field, "Answer yes or no.");
                None
            }
        }
    }

    /// A day that has come, not later than `today`.
    pub fn day(&mut self, field: &str, given: Option<String>, today: NaiveDate) -> Option<NaiveDate> {
        let given = given?;
        let given = given.trim();
        if given.is_empty() {
            return None;
        }
        match given.parse::<NaiveDate>() {
            Ok(day) if day <= today => return Some(day),
            Ok(_) => self.refuse(field, "Write a day that has come; this one lies ahead."),
            Err(_) => self.refuse(field, "Write the day as year-month-day: 2026-03-31."),
        }
        None
    }

    /// An `http` or `https` address. Anything else could run or open something on the reader's machine.
    pub fn url(&mut self, field: &str, given: Option<String>) -> Option<String> {
        let given = given?.trim().to_owned();
        if given.is_empty() {
            return None;
        }
        if !is_web_address(&given) {
            self.refuse(field, "Give a full web address that starts with https:// or http://.");
            return None;
        }
        Some(given)
    }

    /// An `http(s)` address, or the path of a file kept by this site.
    pub fn link(&mut self, field: &str, given: Option<String>) -> Option<String> {
        let path = given.as_deref().unwrap_or_default().trim();
        let own = path.strip_prefix("/materials/").is_some_and(|rest| {
            rest.len() < URL && !rest.is_empty() && !rest.contains("..") && rest.bytes().all(is_address_byte)
        });
        if own { Some(path.to_owned()) } else { self.url(field, given) }
    }

    /// Refuses a number of students under 10 inside words (P-3).
    pub fn no_small_counts(&mut self, field: &str, text: Option<&String>) {
        if text.is_some_and(|text| tells_small_count(text)) {
            self.refuse(
                field,
                "Leave out counts of fewer than 10 students, they can point at a child: write a share or a band.",
            );
        }
    }

    fn is_refused(&self, field: &str) -> bool {
        let at = |e: &crate::platform::error::FieldError| {
            e.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.errors.iter().any(at)
    }

    fn text(&mut self, field: &str, text: String, cap: usize) -> Option<String> {
        let text: String = text.chars().filter(|c| *c == '\n' || !is_invisible(*c)).collect();
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let length = text.chars().count();
        if length > cap {
            self.refuse(field, format!("Shorten this to {cap} characters; it has {length}."));
            return None;
        }
        if holds_mail_address(text) {
            self.refuse(field, "Take the e-mail address out; people write through the contact form.");
            return None;
        }
        Some(text.to_owned())
    }
}

/// Control characters, and those that hide text or turn its direction around.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_address_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

fn is_web_address(text: &str) -> bool {
    if text.len() > URL || !text.bytes().all(is_address_byte) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before the host (`https://ies.ed.gov@example.org`) is only ever there to deceive.
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && !host.contains('@')
}

fn holds_mail_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let name = text[..at].ends_with(|c: char| c.is_alphanumeric() || "._%+-".contains(c));
        let domain = text[at + 1..].split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).next();
        let domain = domain.unwrap_or_default().trim_end_matches('.');
        let end = domain.rsplit_once('.').map_or("", |(_, end)| end);
        name && end.len() >= 2 && end.chars().all(char::is_alphabetic)
    })
}

fn tells_small_count(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || "=.%,-".contains(c))).filter(|w| !w.is_empty()).collect();
    let small = |word: &str| {
        let digits = word.trim_end_matches([',', '.']);
        digits.parse::<u32>().is_ok_and(|n| n < SMALLEST_COUNT)
    };
    let child = |word: &str| {
        let word = word.trim_end_matches([',', '.']);
        ["student", "child", "pupil", "kid", "learner", "scholar"].iter().any(|stem| word.starts_with(stem))
    };
    // "Grade 3 students" and "tier 2 students" are no counts.
    let rank = |word: &&str| ["grade", "tier", "level", "year", "cohort"].iter().any(|stem| word.starts_with(stem));
    words
        .windows(2)
        .enumerate()
        .any(|(at, pair)| small(pair[0]) && child(pair[1]) && !words[at.saturating_sub(3)..at].iter().any(rank))
        || words.windows(3).any(|three| three[0] == "n" && three[1] == "=" && small(three[2]))
        || words.iter().any(|word| word.strip_prefix("n=").is_some_and(small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<String> {
        let mut check = Checker::default();
        let line = check.line("x", Some(text.into()), 10);
        check.finish(line).unwrap_or_default()
    }

    #[test]
    fn texts_are_cleaned() {
        assert_eq!(line("  a \u{a0} b\r\n\tc "), Some("a b c".into()));
        assert_eq!(line(" \n\u{0}\u{202e}\u{feff} "), None);
        assert_eq!(line("a\u{0}\u{202e}b\u{200b}"), Some("ab".into()));
        assert_eq!(line("ünïcödé 👩‍🏫"), None, "too long by one, counted in characters");
        let mut check = Checker::default();
        let text = check.paragraph("x", Some("\n\n one  \r\n two\n\n\n \nthree\n".into()));
        assert_eq!(text.as_deref(), Some("one\ntwo\n\nthree"));
    }

    #[test]
    fn only_web_addresses_are_links() {
        for good in ["https://ies.ed.gov/ncee/wwc/Intervention/1?x=%20#a", "HTTP://example.org", "http://[::1]:80/@x"] {
            assert!(is_web_address(good), "{good}");
        }
        let bad = [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.org",
            "https://",
            "https:///x",
            "ftp://example.org",
            "https://ies.ed.gov@example.org/",
            "https://exa mple.org",
            "https://x\"onload=",
            "java\nscript://x",
            "https://é.org",
        ];
        for bad in bad {
            assert!(!is_web_address(bad), "{bad}");
        }
        let mut check = Checker::default();
        assert_eq!(
            check.link("x", Some("/materials/01890a/plan.pdf".into())).as_deref(),
            Some("/materials/01890a/plan.pdf")
        );
        for bad in ["/materials/../secret", "/admin", "//materials/x", "/materials/"] {
            assert_eq!(check.link("x", Some(bad.into())), None, "{bad}");
        }
    }

    #[test]
    fn mail_addresses_are_seen() {
        for text in ["write to ana@example.org", "<A.B+c@sub.example.co.uk>.", "mailto:x@example.org."] {
            assert!(holds_mail_address(text), "{text}");
        }
        for text in ["@home", "meet @ 3.15", "5 @ $2.50 each", "a@b", "see @example.org"] {
            assert!(!holds_mail_address(text), "{text}");
        }
    }

    #[test]
    fn small_counts_are_seen() {
        for text in ["3 of 8 students", "n = 7", "N=9", "Only 4 children.", "0 students", "from 5, students"] {
            assert!(tells_small_count(text), "{text}");
        }
        for text in [
            "8% of students",
            "38 of 80 students",
            "n = 12",
            "4 lessons a week",
            "grade 3, 40 students",
            "2.5 students",
            "Grade 3 students",
            "grades 3 and 4 students",
            "3-5 students",
        ] {
            assert!(!tells_small_count(text), "{text}");
        }
    }
}
