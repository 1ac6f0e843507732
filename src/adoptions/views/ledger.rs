//! The form of a school, the page of an adoption, the log of what was tried, and somebody's own list.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link, SchoolLine};

/// The page `/practices/{slug}/adoption`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "adoption_form.html")]
pub struct AdoptionFormPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The practice.
    pub practice: Link,
    /// Why nothing can be put on record; empty shows the form.
    pub instead: String,
    /// Name of the school; empty where the reader belongs to none.
    pub school: String,
    /// Its id.
    pub school_id: String,
    /// The same page for each other school of the reader.
    pub others: Vec<Link>,
    /// Where the form goes.
    pub action: String,
    /// Whether it is on record already.
    pub known: bool,
    /// When it was told last, as the form sends it back.
    pub seen: String,
    /// Stages.
    pub stages: Vec<Choice>,
    /// Since when: `2026-10-14`.
    pub since: String,
    /// Reasons for a stop, the first of them empty.
    pub reasons: Vec<Choice>,
    /// Who leads it, by role.
    pub lead_role: String,
    /// What the school changed.
    pub changed_what: String,
    /// Whether it kept the core parts.
    pub kept_core: Vec<Choice>,
    /// How it went.
    pub result_note: String,
    /// Whether the school would recommend it.
    pub would_recommend: Vec<Choice>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Sessions at which the reader saw it, the first empty; empty prints no field.
    pub sessions: Vec<Choice>,
}

/// One step of an adoption.
#[derive(Clone, Debug, Default)]
pub struct StepLine {
    /// "Piloting".
    pub stage: String,
    /// "March 4, 2026".
    pub since: String,
    /// Why it stopped; empty prints none.
    pub reason: String,
}

/// An answer to a follow-up.
#[derive(Clone, Debug, Default)]
pub struct AnswerLine {
    /// "After 30 days".
    pub when: String,
    /// "Still using it".
    pub answer: String,
    /// The school's words; empty prints none.
    pub note: String,
}

/// One cycle.
#[derive(Clone, Debug, Default)]
pub struct CycleLine {
    /// 1, 2, 3 ...
    pub number: i32,
    /// "March 4, 2026 to March 20, 2026".
    pub days: String,
    /// What they meant to try.
    pub plan: String,
    /// What they did; empty prints none.
    pub did: String,
    /// What they saw; empty prints none.
    pub saw: String,
    /// What they do next; empty prints none.
    pub next: String,
    /// Whether everybody may read it.
    pub open: bool,
    /// Where it is written on; empty prints no link.
    pub url: String,
}

/// That there is a newer version.
#[derive(Clone, Debug, Default)]
pub struct Newer {
    /// Its number.
    pub version: i32,
    /// `/practices/{slug}/compare?from=1&to=2`.
    pub compare_url: String,
}

/// The page `/adoptions/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "adoption.html")]
pub struct AdoptionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// Id of the adoption.
    pub id: String,
    /// The practice.
    pub practice: Link,
    /// The school that took it over.
    pub school: SchoolLine,
    /// The school where it began; an empty name where nobody says.
    pub origin: SchoolLine,
    /// "Piloting since March 4, 2026".
    pub stage: String,
    /// Why it stopped; empty prints none.
    pub reason: String,
    /// Whether it crossed the line between sectors.
    pub across: bool,
    /// The version it uses.
    pub version: i32,
    /// A newer version; none where it uses the newest.
    pub newer: Option<Newer>,
    /// Who leads it, by role; empty prints none.
    pub lead_role: String,
    /// What the school changed; empty prints none.
    pub changed_what: String,
    /// Whether it kept the core parts; empty prints none.
    pub kept_core: String,
    /// How it went; empty prints none.
    pub result_note: String,
    /// "Yes" or "No"; empty prints none.
    pub would_recommend: String,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// The session where it was learned; empty words print none.
    pub session: Link,
    /// Its steps.
    pub steps: Vec<StepLine>,
    /// What the school answered.
    pub answers: Vec<AnswerLine>,
    /// What it tried, as far as the reader may read it.
    pub cycles: Vec<CycleLine>,
    /// Where people of the school change it; empty for everybody else.
    pub form_url: String,
    /// A question that waits for an answer, for people of the school; empty prints none.
    pub follow_up_url: String,
    /// Where a mayor's office begins a highlight with it; empty for everybody else.
    pub highlight_url: String,
}

/// The page of a cycle: a new one, or one to write on.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "adoption_cycle.html")]
pub struct CyclePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The adoption.
    pub adoption: Link,
    /// Where the form goes.
    pub action: String,
    /// 0 for a new one.
    pub number: i32,
    /// When it was written last, as the form sends it back.
    pub seen: String,
    /// What they mean to try.
    pub plan: String,
    /// What they did.
    pub did: String,
    /// What they saw.
    pub saw: String,
    /// What they do next.
    pub next: String,
    /// `2026-10-14`.
    pub began_on: String,
    /// The same, or empty.
    pub ended_on: String,
    /// Whether everybody may read it.
    pub open: bool,
}

/// One adoption of the reader's schools.
#[derive(Clone, Debug, Default)]
pub struct MineRow {
    /// The practice, leading to the adoption.
    pub adoption: Link,
    /// Name of the school.
    pub school: String,
    /// "Piloting since March 4, 2026".
    pub stage: String,
    /// "Version 2 is there; you use version 1."; empty prints none.
    pub newer: String,
}

/// A practice that the reader uses and their school has not on record.
#[derive(Clone, Debug, Default)]
pub struct OfferRow {
    /// The practice.
    pub practice: Link,
    /// "You saw it at Reading Safety Net, Saturday, November 14, 2026."
    pub facts: String,
    /// Where its form goes.
    pub action: String,
    /// Id of the school.
    pub school_id: String,
    /// Name of the school.
    pub school: String,
    /// Id of the session.
    pub session_id: String,
}

/// The page `/me/adoptions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_adoptions.html")]
pub struct MinePage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether the reader belongs to a school.
    pub at_school: bool,
    /// The day that a one-press record takes: today.
    pub today: String,
    /// The newest first.
    pub rows: Vec<MineRow>,
    /// What could be put on record.
    pub offers: Vec<OfferRow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(value: &str) -> Vec<Choice> {
        vec![Choice { value: value.to_owned(), label: format!("<{value}>"), selected: true }]
    }

    fn link(text: &str, url: &str) -> Link {
        Link { text: text.to_owned(), url: url.to_owned() }
    }

    #[test]
    fn the_form_shows_everything_and_why_there_is_none() {
        let s = str::to_owned;
        let page = AdoptionFormPage {
            practice: link("Sound <Wall>", "/practices/sound-wall"),
            school: s("Harbor"),
            school_id: s("42"),
            others: vec![link("Millbrook", "/practices/sound-wall/adoption?school=millbrook")],
            action: s("/practices/sound-wall/adoption"),
            known: true,
            seen: s("7"),
            stages: choice("piloting"),
            since: s("2026-10-14"),
            reasons: choice("cost"),
            lead_role: s("Grade 2 \"lead\""),
            changed_what: s("Four <days>"),
            kept_core: choice("partly"),
            result_note: s("It went well"),
            would_recommend: choice("yes"),
            contact_ok: true,
            sessions: choice("1"),
            ..AdoptionFormPage::default()
        }
        .render()
        .unwrap();
        for words in
            ["Sound &#60;Wall", "Millbrook", "2026-10-14", "Four &#60;days", "It went well", "checked", "value=\"42\""]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("<days>"));
        let none = AdoptionFormPage { instead: s("It began here."), ..AdoptionFormPage::default() }.render().unwrap();
        assert!(none.contains("It began here.") && !none.contains("name=\"stage\""));
    }

    #[test]
    fn an_adoption_shows_everything_and_nothing() {
        let s = str::to_owned;
        let page = AdoptionPage {
            done: s("Kept."),
            id: s("42"),
            practice: link("Sound <Wall>", "/practices/sound-wall"),
            stage: s("Stopped since March 4, 2026"),
            reason: s("Cost"),
            across: true,
            version: 1,
            newer: Some(Newer { version: 2, compare_url: s("/practices/sound-wall/compare?from=1&to=2") }),
            lead_role: s("Lead"),
            changed_what: s("Days"),
            kept_core: s("Partly"),
            result_note: s("<b>fine</b>"),
            would_recommend: s("Yes"),
            contact_ok: true,
            session: link("Seen there", "/sessions/1"),
            steps: vec![StepLine { stage: s("Piloting"), since: s("March 1, 2026"), reason: s("None") }],
            answers: vec![AnswerLine { when: s("After 30 days"), answer: s("Still using it"), note: s("Well") }],
            cycles: vec![CycleLine {
                number: 1,
                plan: s("Try <it>"),
                url: s("/adoptions/42/cycles/1"),
                ..CycleLine::default()
            }],
            form_url: s("/practices/sound-wall/adoption"),
            follow_up_url: s("/follow-ups/9"),
            ..AdoptionPage::default()
        }
        .render()
        .unwrap();
        for words in [
            "Sound &#60;Wall",
            "compare?from=1",
            "/adoptions/42/version",
            "&#60;b&#62;fine",
            "Seen there",
            "After 30 days",
            "Try &#60;it",
            "/follow-ups/9",
            "across sectors",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let other = AdoptionPage { newer: Some(Newer::default()), ..AdoptionPage::default() }.render().unwrap();
        assert!(!other.contains("/version\""), "others change nothing");
    }

    #[test]
    fn the_other_pages_show_everything_they_can_and_nothing() {
        let s = str::to_owned;
        let cycle = CyclePage { number: 2, plan: s("<plan>"), open: true, ..CyclePage::default() }.render().unwrap();
        assert!(cycle.contains("&#60;plan") && cycle.contains("checked"));
        let row = MineRow { adoption: link("<Wall>", "/adoptions/1"), newer: s("Version 2"), ..MineRow::default() };
        let offer = OfferRow { practice: link("<Talk>", "/practices/t"), session_id: s("9"), ..OfferRow::default() };
        let page = MinePage { at_school: true, rows: vec![row], offers: vec![offer], ..MinePage::default() };
        let page = page.render().unwrap();
        assert!(page.contains("&#60;Wall") && page.contains("&#60;Talk") && page.contains("value=\"9\""));
        assert!(MinePage::default().render().unwrap().contains("/me/places"));
    }
}
