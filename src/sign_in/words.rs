//! The words of the letters that let somebody in, by language.

use std::sync::LazyLock;

use crate::mail::Words;

const ENGLISH: &str = include_str!("words/en.ftl");
const SPANISH: &str = include_str!("words/es.ftl");

/// The catalogs.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(ENGLISH, SPANISH));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Lang;

    #[test]
    fn every_sentence_is_there_in_each_language() {
        for lang in [Lang::En, Lang::Es] {
            assert_eq!(WORDS.missing(ENGLISH, lang, &[]), [""; 0], "{lang:?}");
        }
    }
}
