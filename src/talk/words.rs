//! Texts that people send: cleaned, bounded, and looked at for what tells who a student is. Pure.

use crate::catalog::guard;
use crate::platform::FieldErrors;

/// A text as a form gives it.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What was typed.
    pub text: String,
    /// Whether the writer says that it tells of no student, after they were warned.
    pub no_student: bool,
}

impl Words {
    /// What a form gave.
    pub fn new(text: &str, no_student: bool) -> Self {
        Self { text: text.to_owned(), no_student }
    }

    /// The text as it is kept: of 1 to `most` characters, without what cannot be seen, at most one empty line together.
    pub(super) fn check(&self, errors: &mut FieldErrors, field: &str, most: usize) -> String {
        let text = clean(&self.text);
        let length = text.chars().count();
        if length == 0 {
            errors.add(field, "Write something.");
        } else if length > most {
            errors.add(field, format!("Write up to {most} characters; these are {length}."));
        } else {
            guard::ask(errors, field, &text, self.no_student);
        }
        text
    }
}

/// Characters that turn the direction of a line around or cannot be seen: they make a text read as what it is not.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let text: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect();
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && kept.last().is_none_or(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, most: usize) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kept = Words::new(text, false).check(&mut errors, "text", most);
        errors.or(kept)
    }

    #[test]
    fn a_text_is_kept_without_what_cannot_be_seen() {
        assert_eq!(check(" a\u{0}b\u{202e}\r\n\r\n\r\n\r\nc \t\n", 20).unwrap(), "ab\n\nc");
        assert_eq!(check("¿Cómo? 👩‍🏫", 20).unwrap(), "¿Cómo? 👩‍🏫");
        assert!(check(" \u{200b}\n ", 20).is_err());
        assert!(check("abcd", 3).is_err() && check("abc", 3).is_ok());
    }

    #[test]
    fn a_warning_can_be_answered() {
        let text = "Write to ms.frizzle@school.example about her son.";
        assert!(check(text, 200).is_err());
        let mut errors = FieldErrors::default();
        Words::new(text, true).check(&mut errors, "text", 200);
        assert!(errors.is_empty());
    }
}
