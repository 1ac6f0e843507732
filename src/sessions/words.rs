//! The words of the letters of seats, by language. The letters that go most often are there in every language; the others of
//! sessions are in English. What people typed stays as they typed it.

use std::sync::LazyLock;

use crate::mail::{Gaps, Lang, Words};
use crate::people::Account;

const ENGLISH: &str = include_str!("words/en.ftl");
const SPANISH: &str = include_str!("words/es.ftl");

/// The catalogs.
static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(ENGLISH, SPANISH));

/// The kinds of letters that are there in every language.
const IN_EVERY_LANGUAGE: [&str; 11] = [
    "seat_approved",
    "seat_confirmed",
    "seat_held",
    "seat_offered",
    "seat_released",
    "seat_request",
    "seat_request_waits",
    "seat_waitlisted",
    "session_cancelled",
    "session_changed",
    "session_reminder",
];

/// In which language a reader gets a letter of this kind.
pub(super) fn language(kind: &str, reader: &Account) -> Lang {
    if IN_EVERY_LANGUAGE.contains(&kind) { reader.lang } else { Lang::En }
}

/// A sentence of the catalogs.
pub(super) fn say(lang: Lang, key: &str, gaps: &Gaps<'_>) -> String {
    WORDS.say(lang, key, gaps)
}

/// What begins a paragraph: Spanish days begin small.
pub(super) fn beginning(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What is told to many, each in their language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    english: String,
    spanish: String,
}

impl News {
    /// Says it in every language.
    pub(super) fn each(say: impl Fn(Lang) -> String) -> Self {
        Self { english: say(Lang::En), spanish: say(Lang::Es) }
    }

    /// The words of one.
    pub(super) fn words(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.english,
            Lang::Es => &self.spanish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::vocabulary::SessionMode;

    #[test]
    fn every_sentence_is_there_in_each_language() {
        let names = [
            "by", "count", "mode", "name", "number", "place", "position", "reason", "school", "text", "title", "until",
            "url", "what", "when",
        ];
        let gaps = names.map(|name| (name, "2"));
        for lang in [Lang::En, Lang::Es] {
            assert_eq!(WORDS.missing(ENGLISH, lang, &gaps), [""; 0], "{lang:?}");
        }
        assert_eq!(WORDS.missing(SPANISH, Lang::En, &gaps), [""; 0], "a sentence that nobody says");
    }

    #[test]
    fn each_way_to_hold_a_session_has_its_words() {
        for mode in SessionMode::all() {
            let key = format!("mode-{}", mode.code());
            assert_eq!(say(Lang::En, &key, &[]), mode.label().to_lowercase());
            assert_ne!(say(Lang::Es, &key, &[]), say(Lang::En, &key, &[]));
        }
    }

    #[test]
    fn a_paragraph_begins_with_a_capital() {
        assert_eq!(beginning("sábado, 13 de marzo"), "Sábado, 13 de marzo");
        assert_eq!(beginning("éter"), "Éter");
        assert_eq!(beginning(""), "");
    }
}
