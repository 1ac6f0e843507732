//! A text cut into words, each with its place, so that what is found can be quoted.

/// A word of a text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// In small letters, without what stands around it.
    pub lower: String,
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Whether it begins with a capital letter.
    pub capital: bool,
    /// Whether a sentence begins with it.
    pub first: bool,
    /// The signs between it and the next word, without blanks.
    pub after: String,
}

/// A text and its words.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub list: Vec<Word>,
}

impl<'a> Words<'a> {
    pub fn of(text: &'a str) -> Self {
        let mut list: Vec<Word> = Vec::new();
        let inner = |c: char| c.is_alphanumeric();
        let mut first = true;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if !inner(c) {
                if let Some(last) = list.last_mut()
                    && !c.is_whitespace()
                {
                    last.after.push(c);
                }
                // An abbreviation before a name ends no sentence.
                let title =
                    list.last().is_some_and(|word| TITLES.contains(&word.lower.as_str()) || word.to - word.from == 1);
                if matches!(c, '!' | '?' | '\n') || c == '.' && !title || c == '\u{2022}' {
                    first = true;
                }
                at += c.len_utf8();
                continue;
            }
            let from = at;
            let rest = &text[from..];
            let mut to = from;
            for (offset, c) in rest.char_indices() {
                let next = rest[offset + c.len_utf8()..].chars().next();
                let joins =
                    matches!(c, '\'' | '\u{2019}' | '-') && offset > 0 && next.is_some_and(char::is_alphanumeric);
                if !(inner(c) || joins) {
                    break;
                }
                to = from + offset + c.len_utf8();
            }
            let word = &text[from..to];
            list.push(Word {
                lower: word.to_lowercase().replace('\u{2019}', "'"),
                from,
                to,
                capital: word.starts_with(char::is_uppercase),
                first,
                after: String::new(),
            });
            first = false;
            at = to;
        }
        Self { text, list }
    }

    /// The word at a place, in small letters; empty beyond the ends.
    pub fn at(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.list.get(at)).map_or("", |word| word.lower.as_str())
    }

    /// The word so far before or after another one, within its sentence; empty beyond.
    pub fn near(&self, at: usize, by: isize) -> &str {
        let Some(other) = at.checked_add_signed(by) else { return "" };
        let (low, high) = (at.min(other), at.max(other));
        if high >= self.list.len() || self.list[low + 1..=high].iter().any(|word| word.first) {
            return "";
        }
        &self.list[other].lower
    }

    /// The words of the sentence in which one stands, from and to (exclusive).
    pub fn sentence(&self, at: usize) -> (usize, usize) {
        let from = (0..=at).rev().find(|i| self.list[*i].first).unwrap_or(0);
        let to = (at + 1..self.list.len()).find(|i| self.list[*i].first).unwrap_or(self.list.len());
        (from, to)
    }
}

/// What stands before the name of a grown-up.
pub(super) const TITLES: &[&str] =
    &["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sr", "jr", "st", "no", "vs", "e", "g"];
