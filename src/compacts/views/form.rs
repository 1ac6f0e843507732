//! A form of compacts: its fields are data, so that each form is a list and all of them look and behave alike.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// One field.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// `text`, `date`, `url`, `email`, `area`, `select`, `check` or `hidden`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What helps to fill it in; empty prints none.
    pub hint: String,
    /// What stands in it; of a check `yes` where it is ticked.
    pub value: String,
    /// Whether it has to be filled in.
    pub required: bool,
    /// What a select offers.
    pub choices: Vec<Choice>,
}

impl Field {
    /// A line of text.
    pub fn text(name: &str, label: &str, value: &str, hint: &str) -> Self {
        Self::of("text", name, label, value, hint)
    }

    /// A day.
    pub fn date(name: &str, label: &str, value: &str, hint: &str) -> Self {
        Self::of("date", name, label, value, hint)
    }

    /// A web address.
    pub fn url(name: &str, label: &str, value: &str, hint: &str) -> Self {
        Self::of("url", name, label, value, hint)
    }

    /// Several lines.
    pub fn area(name: &str, label: &str, value: &str, hint: &str) -> Self {
        Self::of("area", name, label, value, hint)
    }

    /// One of many.
    pub fn select(name: &str, label: &str, choices: Vec<Choice>, hint: &str) -> Self {
        Self { choices, ..Self::of("select", name, label, "", hint) }
    }

    /// A tick.
    pub fn check(name: &str, label: &str, ticked: bool) -> Self {
        Self::of("check", name, label, if ticked { "yes" } else { "" }, "")
    }

    /// What the form carries along.
    pub fn hidden(name: &str, value: &str) -> Self {
        Self::of("hidden", name, "", value, "")
    }

    /// The same, which has to be filled in.
    #[must_use]
    pub fn needed(self) -> Self {
        Self { required: true, ..self }
    }

    fn of(kind: &'static str, name: &str, label: &str, value: &str, hint: &str) -> Self {
        let (name, label, value, hint) = (name.to_owned(), label.to_owned(), value.to_owned(), hint.to_owned());
        Self { kind, name, label, hint, value, required: false, choices: Vec::new() }
    }
}

/// A form with its frame.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact_form.html")]
pub struct FormPage {
    /// The frame.
    pub chrome: Chrome,
    /// What it belongs to; an empty text prints none.
    pub over: Link,
    /// Its heading.
    pub heading: String,
    /// What it is for.
    pub lede: String,
    /// What stands between lede and form; empty prints none.
    pub notes: Vec<String>,
    /// What to put right.
    pub corrections: Corrections,
    /// Where it goes.
    pub action: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Words of its button.
    pub submit: String,
    /// The way back.
    pub back: Link,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::platform::FieldErrors;
    use crate::web::views::Section;

    #[test]
    fn every_kind_of_field_renders() {
        let mut errors = FieldErrors::default();
        errors.add("text", "Say <b> how it goes.");
        errors.add("no_student", "Is this about a student?");
        let choice = Choice { value: "met".to_owned(), label: "Met".to_owned(), selected: true };
        let page = FormPage {
            chrome: Chrome::sample("Update", "/compacts/rivermark/commitments/1/updates", Section::None),
            over: Link { text: "Rivermark".to_owned(), url: "/compacts/rivermark".to_owned() },
            heading: "Say how it goes".to_owned(),
            lede: "Everybody reads it.".to_owned(),
            notes: vec!["It was missed.".to_owned()],
            corrections: Corrections::from_errors(&errors),
            action: "/x".to_owned(),
            fields: vec![
                Field::area("text", "How it goes", "<i>", "In words.").needed(),
                Field::select("status", "Where it stands", vec![choice], ""),
                Field::date("on", "Day", "2026-10-14", ""),
                Field::check("counts", "It counts", true),
                Field::hidden("seen", "7"),
                Field::url("link", "Address", "", "https only."),
                Field::text("title", "Title", "", ""),
            ],
            submit: "Keep it".to_owned(),
            back: Link { text: "Back".to_owned(), url: "/back".to_owned() },
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
        for words in [
            "&#60;i&#62;</textarea>",
            "Say &#60;b&#62; how it goes.",
            "selected",
            "value=\"2026-10-14\"",
            "name=\"counts\" value=\"yes\" checked",
            "name=\"seen\" value=\"7\"",
            "name=\"no_student\"",
            "aria-invalid=\"true\"",
            "It was missed.",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }
}
