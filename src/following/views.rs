//! What the pages of follows and saved searches show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// The page `/follow`: what it is, and a button.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "follow.html")]
pub struct FollowPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Code of the kind.
    pub kind: String,
    /// Which.
    pub target: String,
    /// "Topic".
    pub label: String,
    /// Its name.
    pub name: String,
    /// Its page; empty prints no link.
    pub url: String,
    /// What one hears of.
    pub means: String,
    /// Whether the reader follows it already.
    pub follows: bool,
}

/// One thing that is followed.
#[derive(Clone, Debug, Default)]
pub struct FollowRow {
    /// Code of the kind.
    pub kind: String,
    /// Which.
    pub target: String,
    /// "Topic".
    pub label: String,
    /// Its name.
    pub name: String,
    /// Its page; empty prints no link.
    pub url: String,
    /// "Since March 4, 2026".
    pub since: String,
}

/// The page `/me/follows`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "follows.html")]
pub struct FollowsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// By kind and name.
    pub rows: Vec<FollowRow>,
    /// Topics not followed yet.
    pub topics: Vec<Choice>,
}

/// One saved search.
#[derive(Clone, Debug, Default)]
pub struct SavedRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The page of its results.
    pub url: String,
    /// "Practices" or "Sessions".
    pub of: String,
    /// "In a letter a day. Saved March 4, 2026."
    pub facts: String,
    /// How often.
    pub paces: Vec<Choice>,
}

/// The page `/me/saved-searches`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "saved_searches.html")]
pub struct SavedPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// Newest first.
    pub rows: Vec<SavedRow>,
}

/// The page `/me/saved-searches/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "saved_search_new.html")]
pub struct NewSavedPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// `practices` or `sessions`.
    pub kind: String,
    /// The search as its page has it.
    pub query: String,
    /// The search in words; empty where it cannot be saved.
    pub words: String,
    /// The page of its results.
    pub url: String,
    /// Its name so far.
    pub name: String,
    /// How often.
    pub paces: Vec<Choice>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paces() -> Vec<Choice> {
        vec![Choice { value: "daily".to_owned(), label: "Once a day".to_owned(), selected: true }]
    }

    #[test]
    fn pages_show_everything_they_can_and_nothing() {
        let text = str::to_owned;
        let row = FollowRow {
            kind: text("topic"),
            target: text("tutoring"),
            label: text("Topic"),
            name: text("<Tutoring>"),
            url: text("/search?topic=tutoring"),
            since: text("Since March 4, 2026"),
        };
        let page = FollowsPage { done: text("Done."), rows: vec![row], ..FollowsPage::default() }.render().unwrap();
        assert!(page.contains("&#60;Tutoring") && !page.contains("<Tutoring"));
        assert!(FollowsPage::default().render().unwrap().contains("You follow nothing yet"));
        let saved = SavedRow {
            id: text("1"),
            name: text("Exit \"tickets\""),
            url: text("/search?q=exit"),
            of: text("Practices"),
            facts: text("Saved March 4, 2026"),
            paces: paces(),
        };
        let page = SavedPage { rows: vec![saved], ..SavedPage::default() }.render().unwrap();
        assert!(page.contains("/me/saved-searches/1/deletion"));
        assert!(SavedPage::default().render().unwrap().contains("You have saved no search yet"));
        for follows in [true, false] {
            let page = FollowPage { follows, name: text("Tutoring"), ..FollowPage::default() }.render().unwrap();
            assert_eq!(page.contains("action=\"/follow\""), !follows);
        }
        let new = NewSavedPage { words: text("exit tickets"), paces: paces(), ..NewSavedPage::default() };
        assert!(new.render().unwrap().contains("Save this search"));
        let refused = NewSavedPage { corrections: Corrections::whole("No."), ..NewSavedPage::default() };
        assert!(!refused.render().unwrap().contains("action=\"/me/saved-searches\""));
    }
}
