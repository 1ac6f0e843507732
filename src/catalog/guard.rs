//! A look for what may identify a student, before a text is kept (P-3).

use super::draft::PracticeDraft;

/// What a piece of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's name near a grade, an age, or something only told of students.
    Name,
}

/// A piece of a text that may point at a student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: `problem`, `steps/2/what`.
    pub field: String,
    /// What it looks like.
    pub kind: Kind,
    /// The piece, as written.
    pub quote: String,
    /// Names the piece when somebody says that it is no student.
    pub mark: String,
}

/// What in one text may point at a student.
pub fn of_text(_field: &str, _text: &str) -> Vec<Finding> {
    Vec::new()
}

/// Everything in a draft that may point at a student, in the order of the page.
pub fn findings(_draft: &PracticeDraft) -> Vec<Finding> {
    Vec::new()
}
