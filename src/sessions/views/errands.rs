//! What the pages show that links of letters lead to.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// The page `/r/{errand}/{token}`: what the link would do, or how things are now.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_errand.html")]
pub struct ErrandPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// "Take the seat?", "May Carl Pier come?".
    pub question: String,
    /// What to know before, or how things are now; a sentence each.
    pub lines: Vec<String>,
    /// The session.
    pub session: Link,
    /// When it meets.
    pub when: Vec<String>,
    /// Who acts: a link acts for one person.
    pub who: String,
    /// Where the buttons post to; empty where nothing is left to do.
    pub action: String,
    /// The buttons, the first first: value, words, and how it looks.
    pub buttons: Vec<ErrandButton>,
    /// Whether the page asks a lead: coverage and a reason.
    pub asks_lead: bool,
    /// "Half day, paid by the host"; empty where no classes are missed.
    pub coverage: String,
    /// What was typed as a reason.
    pub reason: String,
}

/// A button.
#[derive(Clone, Debug, Default)]
pub struct ErrandButton {
    /// What it sends as `decision`.
    pub value: &'static str,
    /// What it says.
    pub words: &'static str,
    /// Classes of the button; empty for the first.
    pub class: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn pages_of_links_render() -> askama::Result<()> {
        let s = str::to_owned;
        let full = ErrandPage {
            chrome: Chrome::sample("A request", "", Section::Sessions),
            corrections: Corrections::whole("Say why in up to 300 characters."),
            done: s("Approved."),
            question: s("May Carl <b> come?"),
            lines: vec![s("The seat is held until Friday.")],
            session: Link::sample("Reading", "/sessions/1"),
            when: vec![s("Saturday")],
            who: s("Paula Quay"),
            action: s("/r/decide/abc"),
            buttons: vec![
                ErrandButton { value: "approve", words: "Approve", class: "" },
                ErrandButton { value: "decline", words: "Decline", class: "button--quiet" },
            ],
            asks_lead: true,
            coverage: s("Half day"),
            reason: s("\"x"),
        };
        let over = ErrandPage { chrome: full.chrome.clone(), question: s("Over"), ..ErrandPage::default() };
        for html in [full.render()?, over.render()?] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>"));
        }
        assert!(full.render()?.contains("value=\"decline\""));
        assert!(!over.render()?.contains("method=\"post\""), "nothing to press");
        Ok(())
    }
}
