//! What the pages of visits show.

use askama::Template;

use crate::talk::signature::Byline;
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// A day to give.
#[derive(Clone, Debug, Default)]
pub struct DayField {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What was typed.
    pub value: String,
    /// Whether it has to be given.
    pub required: bool,
}

impl DayField {
    /// The three days of a form, with what was typed.
    pub fn three(typed: &[String]) -> Vec<Self> {
        let names = [("day_1", "First choice"), ("day_2", "Second choice"), ("day_3", "Third choice")];
        let field = |(at, (name, label)): (usize, (&'static str, &'static str))| Self {
            name,
            label,
            value: typed.get(at).cloned().unwrap_or_default(),
            required: at == 0,
        };
        names.into_iter().enumerate().map(field).collect()
    }
}

/// What somebody typed who asks for a visit.
#[derive(Clone, Debug, Default)]
pub struct TypedVisit {
    /// Three days, each may be empty but the first.
    pub days: Vec<DayField>,
    /// How many come.
    pub people: String,
    /// Who comes.
    pub who: String,
    /// What for.
    pub purpose: String,
    /// Whether they say that it is about no student.
    pub no_student: bool,
}

/// A visit in a list.
#[derive(Clone, Debug, Default)]
pub struct VisitRow {
    /// Its page.
    pub url: String,
    /// "Thursday, November 5, 2026", or the days that were wished for.
    pub days: String,
    /// Who comes, by name, role and school.
    pub by: Byline,
    /// "Agreed".
    pub state: String,
}

/// The page `/practices/{slug}/visits`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_visits.html")]
pub struct VisitsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the practice.
    pub title: String,
    /// Path of its page.
    pub url: String,
    /// The school where it began.
    pub school: String,
    /// How a visit is arranged, in paragraphs.
    pub rules: Vec<String>,
    /// What is left of each term, a sentence each.
    pub room: Vec<String>,
    /// Why nobody can ask; empty where people can.
    pub closed: String,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// Whether the reader may ask.
    pub may_ask: bool,
    /// Whether the reader decides about them.
    pub hosts: bool,
    /// Visits that the reader may know of.
    pub visits: Vec<VisitRow>,
    /// The reader's schools, where they have several.
    pub schools: Vec<Choice>,
    /// What was typed.
    pub typed: TypedVisit,
}

/// The page of one visit.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_visit.html")]
pub struct VisitPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the practice.
    pub title: String,
    /// Path of its page.
    pub url: String,
    /// The school that is visited.
    pub school: String,
    /// Who comes, by name, role and school.
    pub by: Byline,
    /// "Agreed".
    pub state: String,
    /// The day that is agreed or proposed; empty where none is.
    pub day: String,
    /// Days that would do: `2026-11-05` and in words.
    pub wishes: Vec<Choice>,
    /// How many come.
    pub people: i32,
    /// Who comes, in the words of whoever asked.
    pub who: String,
    /// What for, in paragraphs.
    pub purpose: Vec<String>,
    /// What the school says to it, in paragraphs.
    pub note: Vec<String>,
    /// When it was asked for.
    pub on: String,
    /// Where the forms post to.
    pub action: String,
    /// Whether the reader decides, and something is to be decided.
    pub decides: bool,
    /// Whether the reader may still say no for the school to what is agreed.
    pub cancels: bool,
    /// Whether the reader is asked to agree to the day.
    pub agrees: bool,
    /// Whether the reader may give it back.
    pub withdraws: bool,
    /// The first day that can be proposed.
    pub first_day: String,
    /// What was typed: the other day, and what the school says.
    pub typed: (String, String),
    /// Who acts, where a link acts for them; empty for somebody who is signed in.
    pub acts_for: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    const HOSTILE: &str = "<script>alert(1)</script>\"'&";

    #[test]
    fn pages_render_and_nothing_that_people_wrote_is_markup() -> askama::Result<()> {
        let s = str::to_owned;
        let chrome = Chrome::sample("Visits", "", Section::Search);
        let by =
            Byline { name: Some(s(HOSTILE)), role: s("Principal"), school: s(HOSTILE), school_url: s("/schools/x") };
        let row = VisitRow { url: s("/x"), days: s("Thursday"), by: by.clone(), state: s("Agreed") };
        let list = VisitsPage {
            chrome: chrome.clone(),
            corrections: Corrections::whole(HOSTILE),
            done: s("Asked."),
            title: s(HOSTILE),
            url: s("/practices/x"),
            school: s(HOSTILE),
            rules: vec![s(HOSTILE)],
            room: vec![s("August")],
            closed: String::new(),
            signed_in: true,
            may_ask: true,
            hosts: true,
            visits: vec![row],
            schools: vec![Choice { value: s("1"), label: s(HOSTILE), selected: true }],
            typed: TypedVisit {
                days: DayField::three(&[s(HOSTILE)]),
                who: s(HOSTILE),
                purpose: s(HOSTILE),
                no_student: true,
                ..TypedVisit::default()
            },
        };
        let closed = VisitsPage { closed: s("No."), visits: Vec::new(), ..list.clone() };
        let one = VisitPage {
            chrome,
            corrections: Corrections::whole(HOSTILE),
            done: s("Said."),
            title: s(HOSTILE),
            url: s("/practices/x"),
            school: s(HOSTILE),
            by,
            state: s("Agreed"),
            day: s("Thursday"),
            wishes: vec![Choice { value: s("2026-11-05"), label: s("Thursday"), selected: false }],
            people: 3,
            who: s(HOSTILE),
            purpose: vec![s(HOSTILE)],
            note: vec![s(HOSTILE)],
            on: s("October 14, 2026"),
            action: s("/talk/visit/x"),
            decides: true,
            cancels: true,
            agrees: true,
            withdraws: true,
            first_day: s("2026-10-15"),
            typed: (s("2026-11-05"), s(HOSTILE)),
            acts_for: s(HOSTILE),
        };
        for html in [list.render()?, closed.render()?, one.render()?, VisitPage::default().render()?] {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert!(!html.contains("<script>alert") && !html.contains(" style="), "{html}");
        }
        Ok(())
    }
}
