//! What the pages of files show.

use askama::Template;
use chrono::NaiveDate;

use crate::web::form::Corrections;
use crate::web::site::day;
use crate::web::views::{Choice, Chrome};

/// One file of a draft.
#[derive(Clone, Debug, Default)]
pub struct FileRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// "PDF, 1.2 MB, sent October 14, 2026".
    pub facts: String,
    /// Whether the list of materials names it.
    pub named: bool,
}

/// The page `/contributions/{id}/materials`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "materials.html")]
pub struct MaterialsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Title of the practice so far.
    pub practice: String,
    /// Page of the contribution.
    pub back: String,
    /// Its own address.
    pub url: String,
    /// Files that are there, the first one first.
    pub files: Vec<FileRow>,
    /// Whether the reader may change the draft now.
    pub writable: bool,
    /// "12.3 of 100 MB".
    pub room: String,
    /// As typed: the title.
    pub title: String,
    /// What it may be.
    pub kinds: Vec<Choice>,
    /// As typed: the language.
    pub language: String,
    /// As typed: the licence.
    pub license: String,
    /// Whether it can be changed.
    pub editable: Vec<Choice>,
    /// Whether it was made or checked for people with disabilities.
    pub accessible: Vec<Choice>,
    /// Whether the box is ticked.
    pub no_student: bool,
}

/// A link that does not answer.
#[derive(Clone, Debug, Default)]
pub struct DeadLink {
    /// The link.
    pub url: String,
    /// Since when.
    pub since: NaiveDate,
    /// Whether everybody is told.
    pub told: bool,
}

impl DeadLink {
    /// "October 14, 2026".
    pub fn day(&self) -> String {
        day(self.since)
    }
}

/// The part of a practice's page about links that do not answer.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "_dead_links.html")]
pub struct DeadLinks {
    /// They.
    pub links: Vec<DeadLink>,
    /// Whether the reader is of the practice's school.
    pub ours: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Error;

    #[test]
    fn the_page_of_files_shows_everything() {
        let Error::Invalid(errors) = Error::invalid("file", "Choose a file; this one is empty.") else { panic!() };
        let choice = |value: &str| Choice { value: value.to_owned(), label: format!("Label {value}"), selected: true };
        let row = FileRow {
            id: "7".to_owned(),
            name: "<plan>.pdf".to_owned(),
            url: "/materials/7/plan.pdf".to_owned(),
            facts: "PDF, 1.2 MB".to_owned(),
            named: false,
        };
        let page = MaterialsPage {
            corrections: Corrections::from_errors(&errors),
            practice: "Door <greeting>".to_owned(),
            url: "/contributions/1/materials".to_owned(),
            files: vec![row],
            writable: true,
            room: "1.2 of 100 MB".to_owned(),
            title: "\"Plan\"".to_owned(),
            kinds: vec![choice("guide")],
            no_student: true,
            ..MaterialsPage::default()
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<plan>") && !html.contains("<greeting>"));
        for part in [
            "multipart/form-data",
            "Label guide",
            "1.2 of 100 MB",
            "Choose a file; this one is empty.",
            "&#34;Plan&#34;",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let closed = MaterialsPage { writable: false, ..MaterialsPage::default() }.render().unwrap();
        assert!(!closed.contains("<form class=\"form\""));
    }

    #[test]
    fn a_dead_link_is_words_and_no_link() {
        let link = DeadLink { url: "https://a.example/<b>".to_owned(), since: NaiveDate::default(), told: false };
        let html = DeadLinks { links: vec![link], ours: true }.render().unwrap();
        assert!(html.contains("since January 1, 1970") && html.contains("Only people of your school"));
        assert!(!html.contains("<b>") && !html.contains("href"));
    }
}
