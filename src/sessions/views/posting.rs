//! What the pages of posting show.

use std::collections::BTreeMap;

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// What is typed into a form, by the names of its fields; empty where nothing is.
#[derive(Clone, Debug, Default)]
pub struct Typed(pub BTreeMap<String, String>);

impl Typed {
    /// What is in a field.
    pub fn at(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Puts something into a field.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }
}

/// One date of the form.
#[derive(Clone, Debug, Default)]
pub struct DateRow {
    /// 1, 2, 3: part of the names of its fields.
    pub number: usize,
    /// `2026-11-14`.
    pub date: String,
    /// `09:00`.
    pub starts: String,
    /// `12:00`.
    pub ends: String,
    /// The day on which it ends where that is another; empty is the same.
    pub ends_on: String,
    /// Another zone than that of all dates.
    pub zone: String,
    /// Id of another room than that of all dates.
    pub room: String,
    /// Another address.
    pub address: String,
    /// Another link.
    pub online_url: String,
    /// What is wrong with the day; empty prints none.
    pub wrong_date: String,
    /// What is wrong with the start.
    pub wrong_starts: String,
    /// What is wrong with the end.
    pub wrong_ends: String,
    /// What is wrong with the place.
    pub wrong_place: String,
}

impl DateRow {
    /// Whether its own place is open.
    pub fn elsewhere(&self) -> bool {
        let own = [&self.room, &self.address, &self.online_url, &self.zone, &self.wrong_place];
        own.iter().any(|text| !text.is_empty())
    }

    /// Whether the day of its end is asked for: it ends on another, or its end has to be put right.
    pub fn over_midnight(&self) -> bool {
        !self.ends_on.is_empty() || !self.wrong_ends.is_empty()
    }
}

/// Somebody who leads it, in the form.
#[derive(Clone, Debug, Default)]
pub struct LeadRow {
    /// 1, 2, 3: part of the names of its fields.
    pub number: usize,
    /// How they are called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their school.
    pub school: String,
    /// What is wrong; empty prints none.
    pub wrong: String,
}

/// Seats kept for one sector, in the form.
#[derive(Clone, Debug, Default)]
pub struct KeptRow {
    /// Code of the sector.
    pub code: String,
    /// Its name.
    pub label: String,
    /// How many; empty for the usual.
    pub seats: String,
}

/// The pages `/sessions/new` and `/sessions/{id}/edit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_form.html")]
pub struct SessionForm {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// "Post a session", or its title.
    pub heading: String,
    /// Where the form goes.
    pub action: String,
    /// The page of the posting, for one that is there; empty prints none.
    pub back: String,
    /// Whether host and co-host stay as they are: it has been published.
    pub fixed: bool,
    /// Whether somebody who may draft nowhere looks: they are led to their places.
    pub nowhere: bool,
    /// What is typed.
    pub typed: Typed,
    /// Schools of the reader; empty where they type one.
    pub hosts: Vec<Choice>,
    /// Formats.
    pub formats: Vec<Choice>,
    /// Topics.
    pub topics: Vec<Choice>,
    /// Its dates.
    pub dates: Vec<DateRow>,
    /// Rooms to choose from.
    pub rooms: Vec<Choice>,
    /// Where rooms are kept; empty prints none.
    pub rooms_url: String,
    /// Who leads it.
    pub leads: Vec<LeadRow>,
    /// Kept seats.
    pub kept: Vec<KeptRow>,
    /// Zones.
    pub zones: Vec<Choice>,
    /// Ways to hold it.
    pub modes: Vec<Choice>,
    /// How much of a school day.
    pub coverages: Vec<Choice>,
    /// Who sees it.
    pub visibilities: Vec<Choice>,
    /// Whether principals are asked.
    pub approvals: Vec<Choice>,
    /// Grade bands.
    pub grade_bands: Vec<Choice>,
    /// Subjects.
    pub subjects: Vec<Choice>,
    /// What saving does to those who have a seat; empty prints none.
    pub warning: String,
}

impl SessionForm {
    /// Whether a field that is folded away has to be put right.
    pub fn open_more(&self) -> bool {
        const SHORT: [&str; 7] = ["title", "format", "host", "cohost", "capacity", "purpose", "topics"];
        let folded = |field: &str| !SHORT.contains(&field) && !field.starts_with("meetings/") && !field.is_empty();
        self.corrections.list().iter().any(|correction| folded(&correction.field))
    }
}

/// One of the three questions of the joint rule.
#[derive(Clone, Debug, Default)]
pub struct CheckRow {
    /// "Who invites".
    pub name: String,
    /// "Yes", "No", "Not yet".
    pub answer: String,
    /// What that means.
    pub says: String,
}

/// Something to do before publication.
#[derive(Clone, Debug, Default)]
pub struct ToDo {
    /// Where in the form it is done.
    pub url: String,
    /// A sentence.
    pub says: String,
}

/// The page `/sessions/{id}/posting`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_posting.html")]
pub struct PostingPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Its title.
    pub title: String,
    /// Its page: `/sessions/{id}`.
    pub url: String,
    /// "Draft", "Open", ...
    pub status: String,
    /// Why it was cancelled or postponed; empty prints none.
    pub reason: String,
    /// Whether others see its page.
    pub public: bool,
    /// "Workshop, in person".
    pub kind: String,
    /// Each meeting in words.
    pub when: Vec<String>,
    /// "Harbor Charter School (Charter)".
    pub host: String,
    /// The same of the co-host; empty prints that there is none.
    pub cohost: String,
    /// "The co-host agrees".
    pub consent: String,
    /// "24 seats, 3 taken".
    pub seats: String,
    /// "8 charter and 8 district until Wednesday, ..."; empty prints none.
    pub kept: String,
    /// "At least 10 people, decided on ..."; empty prints none.
    pub minimum: String,
    /// The joint rule.
    pub checks: Vec<CheckRow>,
    /// What is missing.
    pub missing: Vec<ToDo>,
    /// What is elsewhere then.
    pub conflicts: Vec<String>,
    /// Whether it may still be changed.
    pub may_edit: bool,
    /// The button that hands it to the principal.
    pub may_submit: bool,
    /// The button that publishes.
    pub may_publish: bool,
    /// The form that asks a co-host.
    pub may_ask: bool,
    /// The button that answers for the co-host, for somebody of both schools.
    pub may_consent: bool,
    /// The button that says go.
    pub may_go: bool,
    /// The button that closes registration.
    pub may_close: bool,
    /// The form that postpones.
    pub may_postpone: bool,
    /// The form that cancels.
    pub may_cancel: bool,
    /// Whether it can be discarded.
    pub may_discard: bool,
    /// The button that takes it back to a draft.
    pub may_withdraw: bool,
    /// The co-host that was typed, or is there.
    pub cohost_typed: String,
    /// The reason that was typed.
    pub reason_typed: String,
}

/// The page `/sessions/{id}/cohost-consent`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_consent.html")]
pub struct ConsentPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// "Workshop, in person".
    pub kind: String,
    /// "You will leave with ..."; empty prints none.
    pub purpose: String,
    /// Each meeting in words.
    pub when: Vec<String>,
    /// "Harbor Charter School (Charter)".
    pub host: String,
    /// The school that is asked.
    pub school: String,
    /// Where it stands, a sentence.
    pub stands: String,
    /// Whether the buttons are there.
    pub open: bool,
    /// Whether others see its page.
    pub public: bool,
}

/// One room.
#[derive(Clone, Debug, Default)]
pub struct RoomRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many it seats; empty is not known.
    pub seats: String,
    /// Access facts; empty says nothing.
    pub access: String,
    /// Whether it is out of use.
    pub retired: bool,
    /// What is wrong with what was typed about it; empty prints none.
    pub wrong: String,
}

/// The page `/schools/{slug}/rooms`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_rooms.html")]
pub struct RoomsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right in the new room.
    pub corrections: Corrections,
    /// Name of the school.
    pub school: String,
    /// Its page.
    pub url: String,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Its rooms, those in use first.
    pub rooms: Vec<RoomRow>,
    /// Typed for the new room.
    pub typed: Typed,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn choice(value: &str, label: &str, selected: bool) -> Choice {
        Choice { value: s(value), label: s(label), selected }
    }

    fn form() -> SessionForm {
        let mut typed = Typed::default();
        for (name, value) in [("title", "Reading \"Safety\" <Net>"), ("capacity", "24"), ("parking", "Behind <it>")] {
            typed.put(name, value);
        }
        SessionForm {
            chrome: Chrome::sample("Post a session", "/sessions/new", Section::Sessions),
            corrections: Corrections::whole("Choose another time."),
            heading: s("Post a session"),
            action: s("/sessions/new"),
            back: s("/sessions/1/posting"),
            typed,
            hosts: vec![choice("1", "Harbor Charter School", true)],
            formats: vec![choice("workshop", "Workshop", true)],
            topics: vec![choice("early_reading", "Early reading", true)],
            dates: vec![
                DateRow { number: 1, date: s("2026-11-14"), starts: s("09:00"), ..DateRow::default() },
                DateRow { number: 2, room: s("r"), wrong_starts: s("Give the time."), ..DateRow::default() },
            ],
            rooms: vec![choice("r", "Library", true)],
            rooms_url: s("/schools/harbor/rooms"),
            leads: vec![LeadRow { number: 1, name: s("Carl"), wrong: s("Give a name."), ..LeadRow::default() }],
            kept: vec![KeptRow { code: s("charter"), label: s("Charter"), seats: s("8") }],
            zones: vec![choice("America/New_York", "New York", true)],
            modes: vec![choice("", "As usual", true)],
            coverages: vec![choice("", "As usual", true)],
            visibilities: vec![choice("public", "Everybody", true)],
            approvals: vec![choice("", "As usual", true)],
            grade_bands: vec![choice("k_2", "K-2", false)],
            subjects: vec![choice("math", "Math", false)],
            warning: s("3 people have seats."),
            ..SessionForm::default()
        }
    }

    fn posting() -> PostingPage {
        PostingPage {
            chrome: Chrome::sample("Posting", "/sessions/1/posting", Section::Sessions),
            corrections: Corrections::whole("The co-host has not answered yet."),
            done: s("Saved."),
            title: s("Reading <Net>"),
            url: s("/sessions/1"),
            status: s("Draft"),
            reason: s("Snow"),
            public: true,
            kind: s("Workshop, in person"),
            when: vec![s("Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST")],
            host: s("Harbor Charter School (Charter)"),
            cohost: s("Millbrook Elementary (District)"),
            consent: s("Waiting for the co-host"),
            seats: s("24 seats"),
            kept: s("8 charter"),
            minimum: s("At least 10"),
            checks: vec![CheckRow { name: s("Who invites"), answer: s("Yes"), says: s("Two sectors.") }],
            missing: vec![ToDo { url: s("/sessions/1/edit#purpose"), says: s("Say what people leave with.") }],
            conflicts: vec![s("Library is taken.")],
            may_edit: true,
            may_submit: true,
            may_publish: true,
            may_ask: true,
            may_consent: true,
            may_go: true,
            may_close: true,
            may_postpone: true,
            may_cancel: true,
            may_discard: true,
            may_withdraw: true,
            cohost_typed: s("Mill"),
            reason_typed: s("Snow"),
        }
    }

    #[test]
    fn pages_of_posting_render() -> askama::Result<()> {
        let chrome = Chrome::sample("Co-host", "/sessions/1/cohost-consent", Section::Sessions);
        let consent = ConsentPage {
            chrome: chrome.clone(),
            title: s("Reading <Net>"),
            url: s("/sessions/1"),
            kind: s("Workshop"),
            purpose: s("a plan"),
            when: vec![s("Saturday")],
            host: s("Harbor"),
            school: s("Millbrook"),
            stands: s("Millbrook has not answered yet."),
            open: true,
            ..ConsentPage::default()
        };
        let room = RoomRow {
            id: s("r"),
            name: s("Library <b>"),
            seats: s("30"),
            access: s("Lift"),
            wrong: s("Give a name."),
            ..RoomRow::default()
        };
        let rooms = RoomsPage {
            chrome,
            school: s("Harbor"),
            url: s("/schools/harbor"),
            done: s("Added."),
            rooms: vec![room.clone(), RoomRow { retired: true, ..room }],
            ..RoomsPage::default()
        };
        assert!(form().render()?.contains(r#"value="Reading &#34;Safety&#34; &#60;Net&#62;""#));
        let nowhere = SessionForm { nowhere: true, ..form() };
        let empty = PostingPage { chrome: posting().chrome, ..PostingPage::default() };
        let no_rooms = RoomsPage { rooms: Vec::new(), ..rooms.clone() };
        for html in [
            form().render()?,
            nowhere.render()?,
            SessionForm { fixed: true, hosts: Vec::new(), ..form() }.render()?,
            posting().render()?,
            empty.render()?,
            consent.render()?,
            ConsentPage { open: false, public: true, ..consent }.render()?,
            rooms.render()?,
            no_rooms.render()?,
        ] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(
                !html.contains(" style=") && !html.contains("<b>") && !html.contains("<Net>") && !html.contains("<it>")
            );
            // Every id once, and every label leads to one.
            let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            for id in &ids {
                assert_eq!(ids.iter().filter(|other| other == &id).count(), 1, "{id}");
            }
            for label in html.split("<label for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(ids.contains(&label), "{label}");
            }
        }
        Ok(())
    }
}
