//! What the pages of demand show: what people ask for, and polls for a time.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// What people ask for.
#[derive(Clone, Debug, Default)]
pub struct DemandRow {
    /// The topic or practice.
    pub name: String,
    /// Page of the practice; empty for a topic.
    pub url: String,
    /// "12 people (Charter 5, District 7)".
    pub people: String,
    /// What they wrote, without names; empty for readers who do not post sessions.
    pub words: Vec<String>,
    /// Where times are proposed for it; empty for readers who do not.
    pub poll_url: String,
    /// Where a session is drawn up for it; empty for readers who do not.
    pub draft_url: String,
}

/// What the reader asked for.
#[derive(Clone, Debug, Default)]
pub struct WishRow {
    /// Its id.
    pub id: String,
    /// The topic or practice.
    pub name: String,
    /// "Since Friday, October 3, 2026".
    pub since: String,
}

/// The page `/sessions/ask`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_ask.html")]
pub struct AskPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// What can be asked for.
    pub subjects: Vec<Choice>,
    /// What else was typed.
    pub words: String,
    /// The reader's schools, where there are several.
    pub schools: Vec<Choice>,
    /// Whether the reader belongs to a school.
    pub belongs: bool,
    /// What the reader waits for.
    pub mine: Vec<WishRow>,
    /// What people ask for.
    pub demand: Vec<DemandRow>,
    /// Polls that are open.
    pub polls: Vec<Link>,
}

/// One proposed time in the form.
#[derive(Clone, Debug, Default)]
pub struct TimeField {
    /// 1, 2, 3.
    pub number: usize,
    /// `2026-11-14`.
    pub day: String,
    /// `09:00`.
    pub start: String,
    /// `12:00`.
    pub end: String,
    /// What is wrong; empty prints none.
    pub wrong: String,
}

/// The page `/polls/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_poll_new.html")]
pub struct NewPollPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What is asked.
    pub question: String,
    /// What it is for, kept through the form: key and name; empty is none.
    pub subject: String,
    /// Its name.
    pub subject_name: String,
    /// The draft it is for; empty is none.
    pub session: String,
    /// Title of the draft.
    pub session_title: String,
    /// The reader's schools, where there are several.
    pub schools: Vec<Choice>,
    /// Last day for answers.
    pub closes_on: String,
    /// Zones to choose.
    pub zones: Vec<Choice>,
    /// The times.
    pub times: Vec<TimeField>,
}

/// One proposed time with its votes.
#[derive(Clone, Debug, Default)]
pub struct TimeRow {
    /// Its number.
    pub number: i32,
    /// "Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// "Yes: Charter 2, District 3. If needed: Charter 1."
    pub counts: String,
    /// Whether it is the best so far.
    pub best: bool,
    /// The three answers; the reader's is selected.
    pub answers: Vec<Choice>,
    /// Where a session is drawn up for it; empty for readers who do not.
    pub draft_url: String,
}

/// The page `/polls/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_poll.html")]
pub struct PollPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its address.
    pub url: String,
    /// What is asked.
    pub question: String,
    /// Who asks: a school.
    pub school: String,
    /// "Friday, October 30, 2026, 12:00 AM EDT".
    pub closes: String,
    /// Whether it takes answers.
    pub open: bool,
    /// What came of it, or how it stands, a sentence.
    pub result: String,
    /// The times.
    pub times: Vec<TimeRow>,
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

    #[test]
    fn the_pages_print_everything() {
        let chrome = |path: &str| Chrome::sample("Ask", path, Section::Sessions);
        let choice = |value: &str, label: &str| Choice { value: s(value), label: s(label), selected: true };
        let ask = AskPage {
            chrome: chrome("/sessions/ask"),
            corrections: Corrections::whole("Choose a topic."),
            done: s("Kept."),
            subjects: vec![choice("topic:mtss", "MTSS")],
            words: s("for <grade> 3"),
            schools: vec![choice("1", "Harbor")],
            belongs: true,
            mine: vec![WishRow { id: s("7"), name: s("Tutoring"), since: s("October 3") }],
            demand: vec![DemandRow {
                name: s("Six <weeks>"),
                url: s("/practices/six-weeks"),
                people: s("12 people (Charter 5, District 7)"),
                words: vec![s("in Spanish")],
                poll_url: s("/polls/new?subject=x"),
                draft_url: s("/sessions/new?topic=x"),
            }],
            polls: vec![Link { text: s("Co-teaching?"), url: s("/polls/1") }],
        };
        let words = [
            "Six &#60;weeks&#62;",
            "/practices/six-weeks",
            "Charter 5",
            "in Spanish",
            "/polls/new",
            "/sessions/ask/7/withdrawal",
            "/polls/1",
            "for &#60;grade&#62; 3",
        ];
        check(&ask.render().unwrap(), &words);
        check(&AskPage::default().render().unwrap(), &["Nobody has asked", "Join a school"]);
        let new = NewPollPage {
            chrome: chrome("/polls/new"),
            question: s("A day on <reading>"),
            subject: s("topic:mtss"),
            subject_name: s("MTSS"),
            session: s("9"),
            session_title: s("Draft"),
            schools: vec![choice("1", "Harbor")],
            closes_on: s("2026-10-30"),
            zones: vec![choice("America/New_York", "New York")],
            times: vec![TimeField {
                number: 1,
                day: s("2026-11-14"),
                start: s("09:00"),
                end: s("12:00"),
                wrong: s("Not so."),
            }],
            ..NewPollPage::default()
        };
        check(&new.render().unwrap(), &["&#60;reading&#62;", "MTSS", "Draft", "2026-11-14", "Not so.", "Harbor"]);
        let poll = PollPage {
            chrome: chrome("/polls/1"),
            done: s("Kept."),
            url: s("/polls/1"),
            question: s("A day on <reading>"),
            school: s("Harbor"),
            closes: s("Friday"),
            open: true,
            result: s("So far the first is best."),
            times: vec![TimeRow {
                number: 1,
                when: s("Saturday, November 14"),
                counts: s("Yes: Charter 2"),
                best: true,
                answers: vec![choice("yes", "Yes")],
                draft_url: s("/sessions/new?date=2026-11-14"),
            }],
            ..PollPage::default()
        };
        check(&poll.render().unwrap(), &["Yes: Charter 2", "Best so far", "/sessions/new?date", "So far", "checked"]);
        check(&PollPage { open: false, ..poll }.render().unwrap(), &["Best", "closed"]);
    }
}
