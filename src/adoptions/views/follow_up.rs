//! "How is it going?"

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// The page of a follow-up.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "adoption_follow_up.html")]
pub struct FollowUpPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The practice.
    pub practice: Link,
    /// The adoption.
    pub adoption_url: String,
    /// Name of the school.
    pub school: String,
    /// "30 days"
    pub after: String,
    /// When the pilot began: "March 4, 2026".
    pub since: String,
    /// Whether a yes puts it on record as sustained.
    pub year: bool,
    /// Where the form goes.
    pub action: String,
    /// Why there is nothing to answer; empty shows the form.
    pub instead: String,
    /// Yes and yes with changes; what was said is selected.
    pub answers: Vec<Choice>,
    /// Reasons for a stop, the first of them empty.
    pub reasons: Vec<Choice>,
    /// In their own words.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_asks_or_says_why_not() {
        let s = str::to_owned;
        let choice =
            |value: &str| Choice { value: s(value), label: format!("Say {value}"), selected: value == "changed" };
        let page = FollowUpPage {
            practice: Link { text: s("Sound <Wall>"), url: s("/practices/sound-wall") },
            action: s("/r/follow-up/abc"),
            after: s("90 days"),
            answers: vec![choice("still_using"), choice("changed")],
            reasons: vec![choice("cost")],
            note: s("<note>"),
            ..FollowUpPage::default()
        };
        let html = page.render().unwrap();
        for words in ["Sound &#60;Wall", "/r/follow-up/abc", "Say still_using", "Say cost", "&#60;note", "90 days"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let over = FollowUpPage { instead: s("It stopped."), ..FollowUpPage::default() }.render().unwrap();
        assert!(over.contains("It stopped.") && !over.contains("<form class=\"form\""));
    }
}
