//! What the page of a person's sessions shows.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// The page `/me/sessions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_mine.html")]
pub struct MySessionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What waits for an answer of the person: offers, and sessions that changed.
    pub asked: Vec<SeatRow>,
    /// Seats to come.
    pub coming: Vec<SeatRow>,
    /// Where they wait for a seat.
    pub waiting: Vec<SeatRow>,
    /// What is over.
    pub past: Vec<SeatRow>,
}

/// One session of a person.
#[derive(Clone, Debug, Default)]
pub struct SeatRow {
    /// Its title, leading to its page.
    pub session: Link,
    /// "Confirmed", "Waiting for the principal".
    pub state: String,
    /// `good`, `bad` or nothing.
    pub tone: &'static str,
    /// When it meets, one line for each meeting.
    pub when: Vec<String>,
    /// "Hosted by Harbor Charter School. In person."
    pub facts: String,
    /// What comes next; empty prints none.
    pub next: String,
    /// What the link to the page says where something is to be done; empty prints none.
    pub act: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_page_of_a_persons_sessions_renders() -> askama::Result<()> {
        let row = SeatRow {
            session: Link::sample("Reading <b>", "/sessions/1"),
            state: "Offered to you".to_owned(),
            tone: "good",
            when: vec!["Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".to_owned()],
            facts: "Hosted by Harbor Charter School.".to_owned(),
            next: "Answer by Friday.".to_owned(),
            act: "Answer",
        };
        let full = MySessionsPage {
            chrome: Chrome::sample("Your sessions", "/me/sessions", Section::Me),
            asked: vec![row.clone()],
            coming: vec![row.clone()],
            waiting: vec![row.clone()],
            past: vec![row],
        };
        let empty = MySessionsPage { chrome: full.chrome.clone(), ..MySessionsPage::default() };
        for html in [full.render()?, empty.render()?] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>"));
        }
        assert!(full.render()?.contains("href=\"/me/sessions\" aria-current=\"page\""), "the menu names the page");
        Ok(())
    }
}
