//! The text a person types, cut into words, phrases and exclusions. Nothing is an error here.
//!
//! `word`, `"several words"`, `-word` or `-"several words"`, `one OR two` or `one | two`, `beginn*`. Parentheses are
//! tolerated and mean nothing: `OR` joins its two neighbours only. More than [`DEPTH`] levels flag the input. Caps come before
//! everything, the text is walked once, and nothing recurses: a hostile input costs what 256 characters cost.

use crate::text;

/// Characters of the input that are read.
pub const CHARACTERS: usize = 256;
/// Levels of parentheses a person may mean.
pub const DEPTH: usize = 16;
/// Words that are kept, those of phrases included.
pub const WORDS: usize = 32;

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// In the order typed.
    pub terms: Vec<Term>,
    /// Something was left out because of a cap.
    pub cut_short: bool,
}

/// One word or phrase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Folded words: lower case, without accents. Several make a phrase (`k-2` is one, of `k` and `2`).
    pub words: Vec<String>,
    /// As typed, without the signs around it.
    pub typed: String,
    /// Typed in quotation marks.
    pub quoted: bool,
    /// Typed with a minus.
    pub excluded: bool,
    /// Typed with an asterisk at the end.
    pub prefix: bool,
    /// Joined to the term before by OR.
    pub or_before: bool,
}

/// Reads what was typed.
pub fn parse(input: &str) -> Parsed {
    let (input, mut cut_short) = match input.char_indices().nth(CHARACTERS) {
        Some((end, _)) => (input.get(..end).unwrap_or_default(), true),
        None => (input, false),
    };
    let mut reader = Reader { rest: input, depth: 0, deepest: 0, or: false, minus: false };
    let mut terms = Vec::new();
    let mut words = 0;
    while let Some(mut term) = reader.next() {
        if words + term.words.len() > WORDS {
            term.words.truncate(WORDS - words);
            cut_short = true;
        }
        words += term.words.len();
        if term.words.is_empty() {
            break;
        }
        // Nothing stands before the first term, and an exclusion is no alternative.
        term.or_before &= terms.last().is_some_and(|before: &Term| !before.excluded) && !term.excluded;
        terms.push(term);
    }
    cut_short |= reader.deepest > DEPTH;
    Parsed { terms, cut_short }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    deepest: usize,
    or: bool,
    minus: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Term> {
        loop {
            let c = self.rest.chars().next()?;
            match c {
                '(' => {
                    self.depth += 1;
                    self.deepest = self.deepest.max(self.depth);
                    self.skip(c);
                }
                ')' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.skip(c);
                }
                '|' => {
                    self.or = true;
                    self.skip(c);
                }
                '-' | '\u{2212}' => {
                    self.skip(c);
                    // A minus excludes what it touches; between blanks it is a dash.
                    self.minus = self.rest.starts_with(|c: char| c.is_alphanumeric() || is_quote(c) || c == '(');
                }
                c if is_quote(c) => {
                    self.skip(c);
                    let end = self.rest.find(is_quote);
                    let typed = self.rest.get(..end.unwrap_or(self.rest.len())).unwrap_or_default();
                    self.rest = self.rest.get(typed.len()..).unwrap_or_default();
                    self.rest = self.rest.strip_prefix(is_quote).unwrap_or(self.rest);
                    if let Some(term) = self.term(typed, true) {
                        return Some(term);
                    }
                }
                c if c.is_whitespace() => {
                    self.skip(c);
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || is_quote(c) || matches!(c, '(' | ')' | '|');
                    let typed = self.rest.get(..self.rest.find(ends).unwrap_or(self.rest.len())).unwrap_or_default();
                    self.rest = self.rest.get(typed.len()..).unwrap_or_default();
                    if typed == "OR" {
                        self.or = true;
                    } else if typed != "AND"
                        && let Some(term) = self.term(typed, false)
                    {
                        return Some(term);
                    }
                }
            }
        }
    }

    fn skip(&mut self, c: char) {
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
    }

    fn term(&mut self, typed: &str, quoted: bool) -> Option<Term> {
        let words = text::words(typed);
        let excluded = std::mem::take(&mut self.minus);
        if words.is_empty() {
            return None;
        }
        let prefix = !quoted && typed.ends_with('*');
        let or_before = std::mem::take(&mut self.or);
        let signs = |c: char| !c.is_alphanumeric();
        let typed = if quoted { typed.trim() } else { typed.trim_matches(signs) };
        Some(Term { words, typed: typed.to_owned(), quoted, excluded, prefix, or_before })
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(input: &str) -> Vec<String> {
        let show = |t: &Term| {
            let marks = [(t.excluded, "-"), (t.or_before, "|"), (t.quoted, "\""), (t.prefix, "*")];
            let marks: String = marks.iter().filter(|(on, _)| *on).map(|(_, sign)| *sign).collect();
            marks + &t.words.join(" ")
        };
        parse(input).terms.iter().map(show).collect()
    }

    #[test]
    fn reads_what_people_type() {
        assert_eq!(shape("Classroom managment"), ["classroom", "managment"]);
        assert_eq!(shape("\"exit tickets\" -homework read*"), ["\"exit tickets", "-homework", "*read"]);
        assert_eq!(shape("(ELL OR ESL) | él science"), ["ell", "|esl", "|el", "science"]);
        assert_eq!(shape("K-2 - 504 co-teaching"), ["k 2", "504", "co teaching"]);
        assert_eq!(shape("OR -( -\"no end"), ["-\"no end"]);
        assert_eq!(shape(" \t\"\" -- * () "), Vec::<String>::new());
    }

    #[test]
    fn caps_hold_before_anything_else() {
        let deep = "(".repeat(100_000) + "word" + &")".repeat(100_000);
        assert!(parse(&deep).cut_short);
        let nested = "(".repeat(40) + "word" + &")".repeat(40);
        assert!(parse(&nested).cut_short && parse(&nested).terms.len() == 1);
        assert!(!parse("((word))").cut_short);
        let long = "ab ".repeat(500_000);
        let parsed = parse(&long);
        assert!(parsed.cut_short && parsed.terms.len() == WORDS);
        let phrase = format!("\"{}\"", "a ".repeat(100));
        assert_eq!(parse(&phrase).terms[0].words.len(), WORDS);
    }

    #[test]
    fn never_panics_and_keeps_its_caps() {
        let pieces = [
            "(", ")", "\"", "-", "|", "OR", " ", "*", "a", "é", "e\u{301}", "学", "\u{0}", "\u{202e}", "½", "🎒", "'",
            "\u{fb01}", "İ", "word", "\u{1}", "\\", "\n", "«", "AND", "+", "~2", "^", "[a TO b]", ":",
        ];
        let mut state = 7u64;
        for _ in 0..20_000 {
            let mut input = String::new();
            for _ in 0..40 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                input.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            let parsed = parse(&input);
            let words: usize = parsed.terms.iter().map(|term| term.words.len()).sum();
            assert!(words <= WORDS && parsed.terms.iter().all(|term| !term.words.is_empty()));
            assert!(parsed.terms.first().is_none_or(|term| !term.or_before));
        }
    }
}
