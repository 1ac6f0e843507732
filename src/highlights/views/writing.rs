//! What those who write highlights see.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// A school of the form.
#[derive(Clone, Debug, Default)]
pub struct SchoolRow {
    /// 1, 2, 3 ...
    pub number: usize,
    /// Its name in addresses, as typed.
    pub school: String,
    /// Its name, where it is known.
    pub name: String,
    /// What it did.
    pub words: String,
}

impl SchoolRow {
    /// The field of its name.
    pub fn school_field(&self) -> String {
        format!("school_{}", self.number)
    }

    /// The field of its words.
    pub fn words_field(&self) -> String {
        format!("words_{}", self.number)
    }
}

/// A number of the form.
#[derive(Clone, Debug, Default)]
pub struct NumberRow {
    /// 1, 2, 3.
    pub number: usize,
    /// What it can be.
    pub kinds: Vec<Choice>,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Only of the neighborhood.
    pub neighborhood: bool,
    /// Only of the schools.
    pub schools: bool,
    /// A typed value.
    pub value: String,
    /// What it counts.
    pub label: String,
    /// Where it comes from.
    pub source: String,
    /// Its address.
    pub link: String,
}

impl NumberRow {
    /// What is wrong with it.
    pub fn wrong(&self, corrections: &Corrections) -> Vec<String> {
        let with = format!("number_{}_", self.number);
        let mine = corrections.list().iter().filter(|one| one.field.starts_with(&with));
        mine.map(|one| one.message.clone()).collect()
    }

    /// Whether something beside its kind is filled in.
    pub fn is_open(&self) -> bool {
        [&self.from, &self.to, &self.value, &self.label, &self.source, &self.link].iter().any(|text| !text.is_empty())
    }
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Its city, of a new one.
    pub city: String,
    /// Cities to choose from; empty for typing one.
    pub cities: Vec<Choice>,
    /// Headline.
    pub headline: String,
    /// Story.
    pub story: String,
    /// Neighborhood.
    pub neighborhood: String,
    /// Schools of the city, to choose from: name in addresses, and name.
    pub known_schools: Vec<(String, String)>,
    /// Joint sessions of the city that are over, and the one that is chosen.
    pub sessions: Vec<Choice>,
    /// The practice, as typed.
    pub practice: String,
    /// Its title, where it is known.
    pub practice_title: String,
    /// The adoption's id.
    pub adoption: String,
    /// Commitments of the city's compacts.
    pub commitments: Vec<Choice>,
    /// Schools, with empty rows at the end.
    pub schools: Vec<SchoolRow>,
    /// Three numbers.
    pub numbers: Vec<NumberRow>,
    /// The quote.
    pub quote: String,
    /// Its speaker's role.
    pub quote_role: String,
    /// The speaker's school: a row of the schools above.
    pub quote_schools: Vec<Choice>,
    /// What the picture shows.
    pub photo_alt: String,
    /// When the embargo ends, on the wall.
    pub embargo: String,
    /// Zones.
    pub zones: Vec<Choice>,
}

/// What a school answered.
#[derive(Clone, Debug, Default)]
pub struct AnswerRow {
    /// Its name.
    pub school: String,
    /// "Said yes on October 14, 2026", "Asked on ..., no answer yet".
    pub words: String,
    /// What it wants changed; empty says nothing.
    pub note: String,
    /// `good`, `bad` or empty.
    pub tone: &'static str,
}

/// The pages `/highlights/new` and `/highlights/{id}/edit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight_edit.html")]
pub struct EditPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its headline, or "A new highlight".
    pub title: String,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// Where the form goes.
    pub action: String,
    /// `/highlights/{id}`; empty of a new one.
    pub url: String,
    /// The revision that is changed.
    pub revision: i32,
    /// Where it stands, in a sentence; empty of a new one.
    pub state: String,
    /// What its schools answered.
    pub answers: Vec<AnswerRow>,
    /// The form.
    pub fields: Fields,
    /// Whether it can still be changed.
    pub open: bool,
    /// Words of the button that asks the schools; empty for none.
    pub ask: &'static str,
    /// Whether it can be published now.
    pub publishes: bool,
    /// Where its picture is; empty without one.
    pub photo_url: String,
    /// Statements about a picture.
    pub consents: Vec<Choice>,
    /// What stands there now where it is not what was typed, after somebody else changed it: a label, and the words.
    pub stands_now: Vec<(String, String)>,
    /// Whether it can be deleted: a draft.
    pub deletes: bool,
    /// What was typed of a picture.
    pub alt: String,
    /// What was typed as the reason of a withdrawal.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::super::samples::s;
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_form_renders_new_and_full() {
        let new = EditPage {
            chrome: Chrome::sample("A new highlight", "/highlights/new", Section::None),
            title: s("A new highlight"),
            action: s("/highlights"),
            open: true,
            fields: Fields {
                schools: vec![SchoolRow { number: 1, ..SchoolRow::default() }],
                numbers: vec![NumberRow { number: 1, ..NumberRow::default() }],
                ..Fields::default()
            },
            ..EditPage::default()
        };
        let html = new.render().unwrap();
        assert!(html.contains("name=\"city\"") && !html.contains("multipart"), "{html}");
        let full = EditPage {
            url: s("/highlights/1"),
            state: s("Its schools are asked."),
            answers: vec![AnswerRow { school: s("Harbor"), words: s("Asked"), note: s("Say morning."), tone: "bad" }],
            ask: "Ask them again",
            publishes: true,
            stands_now: vec![(s("Headline"), s("Two schools meet"))],
            deletes: true,
            photo_url: s("/highlights/1/photo"),
            consents: vec![Choice { value: s("adults"), label: s("Everybody agreed"), selected: false }],
            ..new
        };
        let html = full.render().unwrap();
        assert!(
            html.contains("multipart/form-data") && html.contains("Say morning.") && !html.contains("name=\"city\"")
        );
        assert!(html.contains("Two schools meet") && html.contains("/highlights/1/deletion"));
        assert_eq!(html.matches("<h1").count(), 1);
    }
}
