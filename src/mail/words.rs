//! The words of letters, by language: each feature keeps its catalogs (Fluent, one file a language) beside its letters.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::letter::Lang;

const ENGLISH: &str = include_str!("words/en.ftl");
const SPANISH: &str = include_str!("words/es.ftl");

/// What is around every letter.
pub(super) static FRAME: LazyLock<Words> = LazyLock::new(|| Words::new(ENGLISH, SPANISH));

/// The catalogs of one feature. English is whole; what another language lacks is said in English.
pub struct Words {
    english: FluentBundle<FluentResource>,
    spanish: FluentBundle<FluentResource>,
}

/// What goes into the gaps of a sentence.
pub type Gaps<'a> = [(&'a str, &'a str)];

impl Words {
    /// Reads catalogs in Fluent's syntax. What cannot be read is left out; the test that each catalog has ([`Words::missing`]) finds it.
    pub fn new(english: &str, spanish: &str) -> Self {
        Self { english: bundle(Lang::En, english), spanish: bundle(Lang::Es, spanish) }
    }

    /// A sentence.
    pub fn say(&self, lang: Lang, key: &str, gaps: &Gaps<'_>) -> String {
        let own = match lang {
            Lang::En => None,
            Lang::Es => said(&self.spanish, key, gaps),
        };
        own.or_else(|| said(&self.english, key, gaps)).unwrap_or_else(|| key.to_owned())
    }

    /// Every sentence of an English catalog that a language lacks or cannot say; for tests. A sentence is tried with `gaps`.
    pub fn missing(&self, english: &str, lang: Lang, gaps: &Gaps<'_>) -> Vec<String> {
        let keys = english.lines().filter_map(|line| line.split_once(" =")).map(|(key, _)| key);
        let keys = keys.filter(|key| !key.starts_with([' ', '#', '-']));
        let bundle = if lang == Lang::Es { &self.spanish } else { &self.english };
        keys.filter(|key| said(bundle, key, gaps).is_none()).map(str::to_owned).collect()
    }
}

fn bundle(lang: Lang, catalog: &str) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Marks of direction would stand in subjects and texts; both languages run the same way.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(catalog.to_owned()).unwrap_or_else(|(readable, _)| readable);
    // A key that is there twice keeps its first sentence; the test of the catalog finds it.
    let _ = bundle.add_resource(resource);
    bundle
}

fn said(bundle: &FluentBundle<FluentResource>, key: &str, gaps: &Gaps<'_>) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut args = FluentArgs::new();
    for (name, value) in gaps {
        // A number chooses the form of a sentence: one seat, two seats. What is not written as one (007) stays as it is.
        let number = value.parse::<u32>().ok().filter(|number| number.to_string() == *value);
        args.set(*name, number.map_or_else(|| FluentValue::from(*value), FluentValue::from));
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    errors.is_empty().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "hello = Hello, { $name }.\nonly = Only here.\nseats = { $count ->\n    [one] One seat\n   *[other] { $count } seats\n }\n";
    const HOLA: &str =
        "hello = Hola, { $name }.\nseats = { $count ->\n    [one] Una plaza\n   *[other] { $count } plazas\n }\n";

    #[test]
    fn a_sentence_comes_in_the_language_that_has_it() {
        let words = Words::new(HELLO, HOLA);
        assert_eq!(words.say(Lang::En, "hello", &[("name", "Ada")]), "Hello, Ada.");
        assert_eq!(words.say(Lang::Es, "hello", &[("name", "Ada")]), "Hola, Ada.");
        assert_eq!(words.say(Lang::Es, "only", &[]), "Only here.");
        assert_eq!(words.say(Lang::Es, "seats", &[("count", "1")]), "Una plaza");
        assert_eq!(words.say(Lang::En, "seats", &[("count", "3")]), "3 seats");
        assert_eq!(words.say(Lang::En, "hello", &[("name", "007")]), "Hello, 007.");
        assert_eq!(words.missing(HELLO, Lang::Es, &[("name", "x"), ("count", "2")]), ["only"]);
        // A sentence with a gap that nobody fills counts as missing.
        assert_eq!(words.missing(HELLO, Lang::En, &[("count", "2")]), ["hello"]);
    }

    #[test]
    fn what_is_around_a_letter_is_there_in_each_language() {
        for lang in [Lang::En, Lang::Es] {
            assert_eq!(FRAME.missing(ENGLISH, lang, &[]), [""; 0], "{lang:?}");
        }
    }
}
