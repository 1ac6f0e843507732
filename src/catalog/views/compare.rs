//! What the comparison of two versions shows, and the pages of the care of a practice.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A run of words.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its words.
    pub text: String,
    /// It came.
    pub added: bool,
    /// It went.
    pub removed: bool,
}

/// A field that changed.
#[derive(Clone, Debug, Default)]
pub struct FieldChange {
    /// Its heading.
    pub label: String,
    /// Its lines.
    pub lines: Vec<Vec<Run>>,
}

/// The page `/practices/{slug}/compare`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "practice_compare.html")]
pub struct ComparePage {
    /// The frame.
    pub chrome: Chrome,
    /// The practice.
    pub practice: Link,
    /// `/practices/{slug}`.
    pub url: String,
    /// Number of the older version.
    pub from: u32,
    /// Number of the newer version.
    pub to: u32,
    /// What changed in the newer one, in the author's words; empty prints none.
    pub note: String,
    /// Versions to choose as the older one.
    pub older: Vec<Choice>,
    /// Versions to choose as the newer one.
    pub newer: Vec<Choice>,
    /// Fields that changed, in the order of the page.
    pub changes: Vec<FieldChange>,
}

/// The page `/practices/{slug}/check`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "practice_check.html")]
pub struct CheckPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The practice.
    pub practice: Link,
    /// When it was last checked; empty prints none.
    pub last: String,
    /// When it is to be checked again; empty prints none.
    pub due: String,
    /// Whether that day is over.
    pub overdue: bool,
    /// Whether the reader says that it holds.
    pub checks: bool,
    /// Whether the reader can take it out.
    pub retires: bool,
}

/// The page `/practices/{slug}/retirement`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "practice_retirement.html")]
pub struct RetirementPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The practice.
    pub practice: Link,
    /// The reason, as typed.
    pub reason: String,
    /// The other practice, as typed.
    pub replaced_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_pages_render() -> askama::Result<()> {
        let s = str::to_owned;
        let chrome = || Chrome::sample("Versions", "", Section::Search);
        let run = |text: &str, added, removed| Run { text: s(text), added, removed };
        let choice = Choice { value: s("1"), label: s("Version 1"), selected: true };
        let compared = ComparePage {
            chrome: chrome(),
            practice: Link::sample("Door <b>", "/practices/door"),
            url: s("/practices/door"),
            from: 1,
            to: 3,
            note: s("Shorter <b>"),
            older: vec![choice.clone()],
            newer: vec![choice],
            changes: vec![FieldChange {
                label: s("Title"),
                lines: vec![vec![run("Door ", false, false), run("<b>", true, false), run("old", false, true)]],
            }],
        };
        let same = ComparePage { changes: Vec::new(), ..compared.clone() };
        let check = CheckPage {
            chrome: chrome(),
            corrections: Corrections::whole("x"),
            done: s("Thank you."),
            practice: Link::sample("Door <b>", "/practices/door"),
            last: s("May 1, 2026"),
            due: s("May 1, 2028"),
            overdue: true,
            checks: true,
            retires: true,
        };
        let retirement = RetirementPage {
            chrome: chrome(),
            corrections: Corrections::whole("x"),
            practice: Link::sample("Door <b>", "/practices/door"),
            reason: s("<b>"),
            replaced_by: s("other"),
        };
        for html in [compared.render()?, same.render()?, check.render()?, retirement.render()?] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        }
        assert!(compared.render()?.contains("<ins>") && compared.render()?.contains("<del>"));
        assert!(same.render()?.contains("Nothing differs"));
        Ok(())
    }
}
