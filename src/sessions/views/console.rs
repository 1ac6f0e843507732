//! What the organizer's console shows, and the pages around it.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// Somebody on the roster.
#[derive(Clone, Debug, Default)]
pub struct EntryRow {
    /// Their name.
    pub name: String,
    /// "Harbor Charter School, Charter".
    pub school: String,
    /// Their address, for those who run the session; empty prints none.
    pub email: String,
    /// "Confirmed", "Held for the principal's answer until ...".
    pub seat: String,
    /// More facts, a few words each: way, approval, coverage.
    pub facts: Vec<String>,
}

/// Numbers of one sector.
#[derive(Clone, Debug, Default)]
pub struct SectorRow {
    /// Its name.
    pub label: String,
    /// Seats confirmed.
    pub confirmed: usize,
    /// Seats held.
    pub held: usize,
    /// Seats offered.
    pub offered: usize,
    /// People in line.
    pub waiting: usize,
}

/// One meeting, with what is done there.
#[derive(Clone, Debug, Default)]
pub struct MeetingRow {
    /// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// Its number.
    pub number: i32,
}

/// One question of the survey with its answers.
#[derive(Clone, Debug, Default)]
pub struct SurveyRow {
    /// The statement people answered.
    pub question: String,
    /// "4.2".
    pub mean: String,
}

/// The page `/sessions/{id}/console`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_console.html")]
pub struct ConsolePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// "Published".
    pub status: String,
    /// Names and values: seats, waiting, coverage.
    pub figures: Vec<(String, String)>,
    /// Numbers by sector.
    pub sectors: Vec<SectorRow>,
    /// Whether it would be joint, a sentence.
    pub forecast: String,
    /// Whether that is good news.
    pub joint: bool,
    /// Its meetings.
    pub meetings: Vec<MeetingRow>,
    /// Pages beside this one.
    pub pages: Vec<Link>,
    /// People with a seat.
    pub seated: Vec<EntryRow>,
    /// Offers and the line, in order.
    pub waiting: Vec<EntryRow>,
    /// What people need, counted: "Captions: 2".
    pub needs: Vec<String>,
    /// Whether the reader runs the session and may add people.
    pub adds: bool,
    /// What was typed into the form that adds people.
    pub emails: String,
    /// Addresses that were not added, with the reason.
    pub refused: Vec<(String, String)>,
    /// Whether the session is over, so that there may be answers.
    pub over: bool,
    /// "7 of 24 people answered."
    pub survey_count: String,
    /// Results of the survey; empty while there are too few.
    pub survey: Vec<SurveyRow>,
    /// What people wrote.
    pub comments: Vec<String>,
    /// "After 30 days: 5 use it, 2 not yet, 1 does not."
    pub uses: Vec<String>,
}

/// The page `/sessions/{id}/needs`: what the person needs.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_access.html")]
pub struct NeedsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// What the place offers, in its own words; empty prints none.
    pub accessibility: String,
    /// Who reads it: a name.
    pub contact: String,
    /// By when they have to know: "Friday, October 3, 2027"; empty prints none.
    pub by: String,
    /// Whether the person has a seat or waits for one, so that they can say it.
    pub registered: bool,
    /// What there is to choose.
    pub needs: Vec<Choice>,
    /// What else they need.
    pub note: String,
}

/// What somebody needs, for the contact.
#[derive(Clone, Debug, Default)]
pub struct NeedRow {
    /// Who.
    pub name: String,
    /// Their school.
    pub school: String,
    /// "Confirmed".
    pub seat: String,
    /// What they need, joined.
    pub needs: String,
    /// What else; empty prints none.
    pub note: String,
}

/// The page `/sessions/{id}/access`: what people need, for the contact.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_contact.html")]
pub struct ContactPage {
    /// The frame.
    pub chrome: Chrome,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// Whether the reader sees the console too.
    pub console: bool,
    /// How often each need is there: "Captions: 2".
    pub counts: Vec<String>,
    /// People with their needs.
    pub rows: Vec<NeedRow>,
}

/// One table.
#[derive(Clone, Debug, Default)]
pub struct TableView {
    /// Its number.
    pub number: usize,
    /// Names with their schools.
    pub guests: Vec<(String, String)>,
}

/// The page `/sessions/{id}/tables`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_tables.html")]
pub struct TablesPage {
    /// The frame.
    pub chrome: Chrome,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// Chairs at a table.
    pub size: usize,
    /// Sizes to choose.
    pub sizes: Vec<Choice>,
    /// The tables.
    pub tables: Vec<TableView>,
    /// What could not be kept.
    pub not_kept: Vec<String>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn check(html: &str, words: &[&str]) {
        assert_eq!(html.matches("<h1").count(), 1, "one h1: {html}");
        for words in words {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    fn chrome(path: &str) -> Chrome {
        Chrome::sample("Reading Safety Net", path, Section::Sessions)
    }

    #[test]
    fn the_console_prints_everything() {
        let row = |name: &str| EntryRow {
            name: s(name),
            school: s("Harbor Charter School, Charter"),
            email: s("ada@example.org"),
            seat: s("Confirmed"),
            facts: vec![s("Online"), s("Approved")],
        };
        let view = ConsolePage {
            chrome: chrome("/sessions/1/console"),
            corrections: Corrections::whole("Give an address."),
            done: s("2 people were added."),
            title: s("Reading <Safety> Net"),
            url: s("/sessions/1"),
            status: s("Published"),
            figures: vec![(s("Seats in the room"), s("18 of 30 taken"))],
            sectors: vec![SectorRow { label: s("Charter"), confirmed: 9, held: 1, offered: 0, waiting: 3 }],
            forecast: s("With these people it would be joint."),
            joint: true,
            meetings: vec![MeetingRow { when: s("Saturday, March 13, 2027"), number: 1 }],
            pages: vec![Link { text: s("Tables"), url: s("/sessions/1/tables") }],
            seated: vec![row("Ada Quill")],
            waiting: vec![row("Bo <b>")],
            needs: vec![s("Captions: 2")],
            adds: true,
            emails: s("ada@"),
            refused: vec![(s("ada@"), s("This is no address."))],
            over: true,
            survey_count: s("7 of 24 people answered."),
            survey: vec![SurveyRow { question: s("I can use it."), mean: s("4.2") }],
            comments: vec![s("More <time>.")],
            uses: vec![s("After 30 days: 5 use it.")],
        };
        let words = [
            "Reading &#60;Safety&#62; Net",
            "18 of 30 taken",
            "would be joint",
            "/sessions/1/attendance/1",
            "/sessions/1/check-in/1",
            "/sessions/1/sheet/1",
            "Bo &#60;b&#62;",
            "Captions: 2",
            "This is no address.",
            "4.2",
            "More &#60;time&#62;.",
            "After 30 days",
            "roster.csv",
        ];
        check(&view.render().unwrap(), &words);
        let empty = ConsolePage { url: s("/sessions/1"), over: true, ..ConsolePage::default() }.render().unwrap();
        check(&empty, &["Nobody has a seat yet", "Nobody waits"]);
    }

    #[test]
    fn the_pages_around_it_print_everything() {
        let needs = NeedsPage {
            chrome: chrome("/sessions/1/needs"),
            title: s("Reading"),
            url: s("/sessions/1"),
            accessibility: s("A ramp at the side."),
            contact: s("Paula Quay"),
            by: s("Friday, October 3, 2027"),
            registered: true,
            needs: vec![Choice { value: s("captions"), label: s("Captions"), selected: true }],
            note: s("Front row"),
            ..NeedsPage::default()
        };
        check(&needs.render().unwrap(), &["A ramp", "Paula Quay", "October 3", "Captions", "Front row"]);
        check(&NeedsPage::default().render().unwrap(), &["Ask for a seat first"]);
        let contact = ContactPage {
            chrome: chrome("/sessions/1/access"),
            title: s("Reading"),
            url: s("/sessions/1"),
            console: true,
            counts: vec![s("Captions: 1")],
            rows: vec![NeedRow {
                name: s("Ada"),
                school: s("Harbor"),
                seat: s("Confirmed"),
                needs: s("Captions"),
                note: s("Row 1"),
            }],
        };
        check(&contact.render().unwrap(), &["Captions: 1", "Ada", "Row 1"]);
        check(&ContactPage::default().render().unwrap(), &["Nobody has said"]);
        let tables = TablesPage {
            chrome: chrome("/sessions/1/tables"),
            title: s("Reading"),
            url: s("/sessions/1"),
            size: 6,
            sizes: vec![Choice { value: s("6"), label: s("6"), selected: true }],
            tables: vec![TableView { number: 1, guests: vec![(s("Ada"), s("Harbor"))] }],
            not_kept: vec![s("There are too few.")],
        };
        check(&tables.render().unwrap(), &["Table 1", "Harbor", "There are too few."]);
        check(&TablesPage::default().render().unwrap(), &["Nobody has a seat in the room yet"]);
    }
}
