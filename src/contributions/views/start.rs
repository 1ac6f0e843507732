//! Pages on which a contribution begins, and the list of one's own.

use askama::Template;

use super::{FieldView, HeldView};
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// The page `/practices/new`: the short form.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_new.html")]
pub struct NewPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Schools of the reader; none leads them to join one.
    pub schools: Vec<Choice>,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Pieces that may point at a student.
    pub held: Vec<HeldView>,
}

/// The pages `/practices/{slug}/copy` and `/practices/{slug}/change`: what it does, and a button.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_begin.html")]
pub struct BeginPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What it does: "Propose a change".
    pub heading: String,
    /// The practice.
    pub practice: Link,
    /// What will happen, in sentences.
    pub says: Vec<String>,
    /// Schools of the reader to choose from; one or none is not asked for.
    pub schools: Vec<Choice>,
    /// Where the form goes; empty where the reader may not, and `says` says why.
    pub action: String,
    /// Words of the button.
    pub button: String,
    /// Where else to go.
    pub other: Link,
}

/// One contribution in a list.
#[derive(Clone, Debug, Default)]
pub struct MineRow {
    /// Its title, with its page.
    pub link: Link,
    /// "Draft".
    pub state: String,
    /// "New practice of Harbor Charter School. Changed March 4, 2026."
    pub facts: String,
}

/// The page `/me/contributions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contributions.html")]
pub struct MinePage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// Newest change first.
    pub rows: Vec<MineRow>,
    /// Whether the reader reviews practices of others.
    pub reviews: bool,
}

/// The part of the page of a practice that says what it began as.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "_contribution_origin.html")]
pub struct OriginPart {
    /// The title of the practice it began as a copy of.
    pub title: String,
    /// Its page.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_render() {
        let text = str::to_owned;
        let school = Choice { value: text("1"), label: text("<Harbor>"), selected: true };
        let schools = vec![school.clone(), Choice { selected: false, ..school }];
        let fields = super::super::tests::fields();
        let new = NewPage { schools: schools.clone(), fields, ..NewPage::default() }.render().unwrap();
        assert!(new.contains("name=\"school\"") && !new.contains("<Harbor>"));
        assert!(NewPage::default().render().unwrap().contains("/welcome"));
        let begin = BeginPage {
            heading: text("Propose a change"),
            practice: Link::sample("<Door>", "/practices/door"),
            says: vec![text("A draft begins.")],
            schools,
            action: text("/practices/door/change"),
            button: text("Begin"),
            ..BeginPage::default()
        };
        let html = begin.render().unwrap();
        assert!(html.contains("action=\"/practices/door/change\"") && !html.contains("<Door>"));
        let row =
            MineRow { link: Link::sample("<Door>", "/contributions/1"), state: text("Draft"), facts: text("New.") };
        let html = MinePage { rows: vec![row], done: text("Gone."), ..MinePage::default() }.render().unwrap();
        assert!(html.contains("/contributions/1") && !html.contains("<Door>"));
        assert!(MinePage::default().render().unwrap().contains("/practices/new"));
        let part = OriginPart { title: text("<Door>"), url: text("/practices/door") }.render().unwrap();
        assert!(part.contains("/practices/door") && !part.contains("<Door>"));
    }
}
