//! The page of a contribution, and of its history.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// A section in the list of sections.
#[derive(Clone, Debug, Default)]
pub struct SectionRow {
    /// Its name and form; an empty URL prints the name only.
    pub link: Link,
    /// Fields filled in.
    pub filled: usize,
    /// Fields there are.
    pub total: usize,
    /// Things to put right.
    pub wrong: usize,
}

/// Somebody who writes it too.
#[derive(Clone, Debug, Default)]
pub struct EditorRow {
    /// Their account.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// Something that is not filled in.
#[derive(Clone, Debug, Default)]
pub struct Gap {
    /// What, with its form; an empty URL prints the name only.
    pub link: Link,
    /// Why it helps.
    pub why: String,
}

/// The page `/contributions/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution.html")]
pub struct ContributionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its title so far.
    pub title: String,
    /// Its own path.
    pub url: String,
    /// The school.
    pub school: Link,
    /// "Draft".
    pub state: String,
    /// What that means for the reader.
    pub state_says: String,
    /// The practice that this is the next version of.
    pub next_of: Option<Link>,
    /// The practice it began as a copy of.
    pub copy_of: Option<Link>,
    /// Fields filled in, of those asked for.
    pub done_count: u32,
    /// Fields asked for.
    pub total_count: u32,
    /// What is missing, most useful first.
    pub gaps: Vec<Gap>,
    /// The sections.
    pub sections: Vec<SectionRow>,
    /// Whether the reader may change it now.
    pub may_write: bool,
    /// Whether the reader may say who writes it.
    pub may_name: bool,
    /// Whether it may be thrown away.
    pub may_discard: bool,
    /// Whether what changed is asked for: it is a next version.
    pub asks_note: bool,
    /// What changed.
    pub note: String,
    /// Who began it.
    pub author: String,
    /// Who writes it too.
    pub editors: Vec<EditorRow>,
    /// The address typed for a co-editor.
    pub email: String,
    /// When it last changed.
    pub changed: String,
}

/// What a save changed in one field.
#[derive(Clone, Debug, Default)]
pub struct SaveChange {
    /// The field.
    pub label: String,
    /// What it said after the save; empty where it was emptied.
    pub words: String,
}

/// A save.
#[derive(Clone, Debug, Default)]
pub struct SaveRow {
    /// Its number.
    pub number: i32,
    /// Who saved.
    pub by: String,
    /// When.
    pub at: String,
    /// What it changed.
    pub changes: Vec<SaveChange>,
}

/// The page `/contributions/{id}/history`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_history.html")]
pub struct HistoryPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its title so far.
    pub title: String,
    /// The page of the contribution.
    pub url: String,
    /// Newest first.
    pub saves: Vec<SaveRow>,
    /// Earlier ones; empty where there are none.
    pub earlier: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contribution_shows_everything_it_can_and_nothing() {
        let text = str::to_owned;
        let page = ContributionPage {
            done: text("Saved."),
            title: text("<Door>"),
            url: text("/contributions/1"),
            school: Link::sample("<Harbor>", "/schools/harbor"),
            state: text("Draft"),
            state_says: text("Nobody else sees it."),
            next_of: Some(Link::sample("<Old door>", "/practices/door")),
            copy_of: Some(Link::sample("<Other door>", "/practices/other")),
            done_count: 3,
            total_count: 20,
            gaps: vec![Gap {
                link: Link::sample("Steps", "/contributions/1/what#steps"),
                why: text("A colleague can try it."),
            }],
            sections: vec![SectionRow {
                link: Link::sample("Snapshot", "/contributions/1/snapshot"),
                filled: 2,
                total: 9,
                wrong: 1,
            }],
            may_write: true,
            may_name: true,
            may_discard: true,
            asks_note: true,
            note: text("<Shorter>"),
            author: text("<Ada>"),
            editors: vec![EditorRow { id: text("2"), name: text("<Ben>") }],
            email: text("ben@school.example"),
            changed: text("March 4, 2026"),
            ..ContributionPage::default()
        };
        let html = page.render().unwrap();
        for raw in ["<Door>", "<Harbor>", "<Old door>", "<Other door>", "<Ada>", "<Ben>", "<Shorter>"] {
            assert!(!html.contains(raw), "{raw}");
        }
        assert!(html.contains("href=\"/contributions/1/submission\""));
        for action in ["editors", "editors/2/removal", "note", "deletion"] {
            assert!(html.contains(&format!("action=\"/contributions/1/{action}\"")), "{action}");
        }
        let bare = ContributionPage::default().render().unwrap();
        assert!(!bare.contains("<form method") && bare.matches("<h1").count() == 1);
        let change = SaveChange { label: text("Title"), words: text("<New>") };
        let save =
            SaveRow { number: 2, by: text("<Ada>"), at: text("March 4"), changes: vec![change, SaveChange::default()] };
        let html =
            HistoryPage { saves: vec![save, SaveRow::default()], earlier: text("?before=2"), ..HistoryPage::default() };
        let html = html.render().unwrap();
        assert!(!html.contains("<New>") && html.contains("?before=2"));
    }
}
