//! What the page of a session shows.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link, PracticeCard, SchoolLine};

/// The page `/sessions/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session.html")]
pub struct SessionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Its own address: `/sessions/ID`.
    pub url: String,
    /// Its title.
    pub title: String,
    /// "Workshop", "School visit (intervisitation)".
    pub format: String,
    /// "Joint: 2 of 3 checks hold"; see [`SessionPage::checks`].
    pub joint: String,
    /// The three checks of the joint rule.
    pub checks: Vec<JointCheck>,
    /// What stands before everything else: cancelled, postponed, a draft.
    pub state: Option<StateNote>,
    /// "You will leave with ...".
    pub purpose: String,
    /// Who invites: "Host", "Co-host".
    pub parties: Vec<PartyLine>,
    /// When and where.
    pub meetings: Vec<MeetingLine>,
    /// What helps to get there and to know what it is; a term and words for each.
    pub facts: Vec<Fact>,
    /// How to get there.
    pub way_there: Vec<Fact>,
    /// What is accessible, and how to ask.
    pub access: Vec<String>,
    /// Who leads it: "Ada Lovelace, Harbor Charter School".
    pub facilitators: Vec<String>,
    /// What it is about: topics that lead to practices.
    pub topics: Vec<Link>,
    /// The practice it shows.
    pub practice: Option<PracticeCard>,
    /// What hours count for; a sentence for each program.
    pub credit: Vec<String>,
    /// "In person: 6 of 30 seats left (2 kept for charter teachers until Tuesday, November 3, 2026)".
    pub seats: Vec<String>,
    /// The person's seat.
    pub seat: Option<SeatCard>,
    /// The form that asks for one.
    pub ask: Option<AskForm>,
    /// Why one cannot ask; empty where one can.
    pub closed: String,
    /// Whether the person has to join a school before.
    pub join_first: bool,
    /// Where a visitor signs in and comes back; empty for who is signed in.
    pub sign_in_url: String,
    /// The form of a lead who registers a colleague.
    pub staff: Option<StaffForm>,
    /// Other sessions of the person at the same time.
    pub clashes: Vec<Link>,
    /// Pages of those who run it.
    pub tools: Vec<Link>,
    /// The file for calendars; empty for a draft.
    pub ics_url: String,
    /// "Google Calendar", "Outlook", for each meeting.
    pub calendars: Vec<Link>,
}

/// One of the three checks of the joint rule (J-1).
#[derive(Clone, Debug, Default)]
pub struct JointCheck {
    /// "Yes", "No", "Open".
    pub mark: &'static str,
    /// `good`, `bad` or nothing: how the mark looks.
    pub tone: &'static str,
    /// What was checked.
    pub words: String,
}

/// What stands before everything else.
#[derive(Clone, Debug, Default)]
pub struct StateNote {
    /// "This session is cancelled."
    pub heading: String,
    /// Why, and what it means for who has a seat.
    pub lines: Vec<String>,
    /// Whether it is bad news.
    pub bad: bool,
}

/// A school that invites.
#[derive(Clone, Debug, Default)]
pub struct PartyLine {
    /// "Host", "Co-host", "Asked to be co-host".
    pub role: &'static str,
    /// The school.
    pub school: SchoolLine,
}

/// One meeting.
#[derive(Clone, Debug, Default)]
pub struct MeetingLine {
    /// "Meeting 2 of 3"; empty where there is one.
    pub label: String,
    /// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// Where it is, in words.
    pub place: String,
    /// The link to join; for people with a seat.
    pub join_url: String,
}

/// A term and its words.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    /// "Parking".
    pub term: &'static str,
    /// The words.
    pub words: String,
}

/// The person's seat, and what they can do with it.
#[derive(Clone, Debug, Default)]
pub struct SeatCard {
    /// "You have a seat".
    pub heading: String,
    /// What it means and what comes next, a sentence each.
    pub lines: Vec<String>,
    /// `good`, `bad` or nothing.
    pub tone: &'static str,
    /// Address of the registration: `/registrations/ID`.
    pub url: String,
    /// Address of the session.
    pub session_url: String,
    /// Whether an offer waits for an answer.
    pub offered: bool,
    /// Whether a change waits for a yes.
    pub changed: bool,
    /// What the button says that gives it back; empty prints none.
    pub leave: &'static str,
    /// What giving it back means.
    pub leaving: String,
    /// Whether it can go to a colleague.
    pub may_hand_over: bool,
    /// What was typed for that.
    pub to: String,
    /// Where the person says what they need; empty prints none.
    pub needs_url: String,
}

/// The form that asks for a seat.
#[derive(Clone, Debug, Default)]
pub struct AskForm {
    /// "Ask for a seat", "Join the waitlist".
    pub button: &'static str,
    /// What happens then, a sentence each.
    pub lines: Vec<String>,
    /// Schools to choose from, where the person belongs to several.
    pub schools: Vec<Choice>,
    /// Ways to choose from, where there are two.
    pub ways: Vec<Choice>,
}

/// The form of a lead who registers a colleague.
#[derive(Clone, Debug, Default)]
pub struct StaffForm {
    /// Colleagues: the value holds account and school.
    pub people: Vec<Choice>,
    /// Ways to choose from, where there are two.
    pub ways: Vec<Choice>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    impl SessionPage {
        /// A page with everything that it can show.
        pub fn sample() -> Self {
            let choice = |value: &str, label: &str| Choice { value: s(value), label: s(label), selected: false };
            let fact = |term, words: &str| Fact { term, words: s(words) };
            let mut chrome = Chrome::sample("Reading Safety Net <b>", "/sessions/1", Section::Sessions);
            chrome.description = s("You will leave with: a plan");
            Self {
                chrome,
                corrections: Corrections::whole("Choose the school from which you come."),
                done: s("Your colleague has a seat."),
                url: s("/sessions/1"),
                title: s("Reading Safety Net <b>"),
                format: s("Workshop"),
                joint: s("Joint: 1 of 3 checks holds so far"),
                checks: vec![
                    JointCheck { mark: "Yes", tone: "good", words: s("Host and co-host are of two sectors.") },
                    JointCheck { mark: "Open", tone: "", words: s("By who comes.") },
                ],
                state: Some(StateNote { heading: s("Postponed"), lines: vec![s("Snow.")], bad: true }),
                purpose: s("a plan for six weeks"),
                parties: vec![PartyLine { role: "Host", school: SchoolLine::sample("Harbor", "charter") }],
                meetings: vec![MeetingLine {
                    label: s("Meeting 1 of 2"),
                    when: s("Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST"),
                    place: s("Library, 12 Harbor Street"),
                    join_url: s("https://meet.example/1"),
                }],
                facts: vec![fact("For whom", "Teachers of grades K-2")],
                way_there: vec![fact("Parking", "Behind the school")],
                access: vec![s("Step-free through the main door.")],
                facilitators: vec![s("Ada Lovelace, Harbor Charter School")],
                topics: vec![Link::sample("Early reading", "/search?topic=early_reading")],
                practice: Some(PracticeCard::sample()),
                credit: vec![s("CTLE hours: 3, sponsored by Harbor")],
                seats: vec![s("In person: 6 of 30 seats left")],
                seat: Some(SeatCard {
                    heading: s("A seat is offered to you"),
                    lines: vec![s("Until Friday.")],
                    tone: "good",
                    url: s("/registrations/2"),
                    session_url: s("/sessions/1"),
                    offered: true,
                    changed: true,
                    leave: "Give my seat back",
                    leaving: s("It goes to the next in line."),
                    may_hand_over: true,
                    to: s("\"x"),
                    needs_url: s("/sessions/1/needs"),
                }),
                ask: Some(AskForm {
                    button: "Join the waitlist",
                    lines: vec![s("3 people wait.")],
                    schools: vec![choice("1", "Harbor")],
                    ways: vec![choice("online", "Online")],
                }),
                closed: s("Registration is over."),
                join_first: true,
                sign_in_url: s("/sign-in?next=%2Fsessions%2F1"),
                staff: Some(StaffForm {
                    people: vec![choice("3", "Carl Pier")],
                    ways: vec![choice("online", "Online")],
                }),
                clashes: vec![Link::sample("Another <b> day", "/sessions/9")],
                tools: vec![Link::sample("Console", "/sessions/1/console")],
                ics_url: s("/sessions/1.ics"),
                calendars: vec![Link::sample("Google Calendar", "https://calendar.google.com/")],
            }
        }
    }

    #[test]
    fn the_page_of_a_session_renders() -> askama::Result<()> {
        let full = SessionPage::sample();
        let bare = SessionPage { chrome: full.chrome.clone(), title: s("Draft"), ..SessionPage::default() };
        for html in [full.render()?, bare.render()?] {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        }
        let html = full.render()?;
        for part in ["/sessions/1/registration", "/registrations/2/offer-response", "/registrations/2/keep", "&#34;x"] {
            assert!(html.contains(part), "{part}");
        }
        Ok(())
    }
}
