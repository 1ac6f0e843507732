//! What the page of a school's seats shows to its leads: requests to answer, and who is out when.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// The page `/schools/{slug}/seats`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_approvals.html")]
pub struct ApprovalsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Name of the school.
    pub school: String,
    /// Its address: `/schools/SLUG`.
    pub url: String,
    /// Requests that wait for an answer.
    pub asked: Vec<RequestRow>,
    /// Who is out, by week.
    pub weeks: Vec<Week>,
    /// Who waits for a seat.
    pub waiting: Vec<OutRow>,
}

/// Somebody who asks.
#[derive(Clone, Debug, Default)]
pub struct RequestRow {
    /// Id of the registration.
    pub id: String,
    /// How the person is called.
    pub name: String,
    /// The session.
    pub session: Link,
    /// When it meets.
    pub when: Vec<String>,
    /// "Answer by Friday, ...; then the seat goes back."
    pub until: String,
    /// "Half day; paid by the host"; empty where no classes are missed.
    pub coverage: String,
    /// What was typed as a reason.
    pub reason: String,
}

/// A week in which somebody is out.
#[derive(Clone, Debug, Default)]
pub struct Week {
    /// "Week of Monday, November 9, 2026".
    pub heading: String,
    /// Who is out.
    pub rows: Vec<OutRow>,
}

/// Somebody who is out, or waits for a seat.
#[derive(Clone, Debug, Default)]
pub struct OutRow {
    /// Id of the registration.
    pub id: String,
    /// How the person is called.
    pub name: String,
    /// The session.
    pub session: Link,
    /// When.
    pub when: String,
    /// "Confirmed", "Offered to you".
    pub state: String,
    /// "Half day"; empty where no classes are missed.
    pub missed: String,
    /// "Coverage needed", "Coverage arranged".
    pub coverage: String,
    /// What the button of the coverage says and sends; empty prints none.
    pub change: Option<(&'static str, &'static str)>,
    /// What the button says that gives the seat back.
    pub leave: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_page_of_a_schools_seats_renders() -> askama::Result<()> {
        let s = str::to_owned;
        let out = OutRow {
            id: s("2"),
            name: s("Cora <b>"),
            session: Link::sample("Reading", "/sessions/1"),
            when: s("Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST"),
            state: s("Confirmed"),
            missed: s("Half day"),
            coverage: s("Coverage needed"),
            change: Some(("arranged", "Coverage is arranged")),
            leave: "Give the seat back",
        };
        let full = ApprovalsPage {
            chrome: Chrome::sample("Seats", "/schools/harbor/seats", Section::Schools),
            corrections: Corrections::whole("The seat went back already."),
            done: s("Approved."),
            school: s("Harbor"),
            url: s("/schools/harbor"),
            asked: vec![RequestRow {
                id: s("1"),
                name: s("Carl <b>"),
                session: Link::sample("Reading", "/sessions/1"),
                when: vec![s("Saturday")],
                until: s("Answer by Friday."),
                coverage: s("Half day"),
                reason: s("\"exam"),
            }],
            weeks: vec![Week { heading: s("Week of Monday"), rows: vec![out.clone()] }],
            waiting: vec![out],
        };
        let empty = ApprovalsPage { chrome: full.chrome.clone(), school: s("Harbor"), ..ApprovalsPage::default() };
        for html in [full.render()?, empty.render()?] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<b>"));
        }
        let html = full.render()?;
        for part in ["/schools/harbor/seats/1/approval", "/schools/harbor/seats/2/coverage", "&#34;exam"] {
            assert!(html.contains(part), "{part}");
        }
        Ok(())
    }
}
