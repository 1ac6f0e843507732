//! What the pages of letters to contacts show.

use askama::Template;

use super::questions::Typed;
use crate::talk::signature::Byline;
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// The page `/practices/{slug}/contact`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_contact.html")]
pub struct ContactPage {
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
    /// "Fourth-grade team lead"; empty where nobody said.
    pub contact_role: String,
    /// Why nobody can be written to; empty where somebody can.
    pub closed: String,
    /// Whether the reader has a place here.
    pub may_write: bool,
    /// The reader's schools, where they have several.
    pub schools: Vec<Choice>,
    /// The reader's name.
    pub name: String,
    /// Whether the reader may name who gets the letters.
    pub may_name: bool,
    /// What was typed.
    pub typed: Typed,
}

/// The page `/practices/{slug}/contact/settings`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_contact_settings.html")]
pub struct ContactSettingsPage {
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
    /// The school.
    pub school: String,
    /// The leads, and everybody of the school.
    pub people: Vec<Choice>,
}

/// The page of a letter that was passed on.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_reply.html")]
pub struct ReplyPage {
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
    /// Who wrote.
    pub by: Byline,
    /// When.
    pub on: String,
    /// The letter's paragraphs.
    pub lines: Vec<String>,
    /// Where the form posts to.
    pub action: String,
    /// The reader's name: a link acts for one person.
    pub name: String,
    /// What was typed.
    pub typed: Typed,
}

/// A page where nothing is left to do: a link that holds no more.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_over.html")]
pub struct OverPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to do.
    pub line: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    const HOSTILE: &str = "<script>alert(1)</script>\"'&";

    #[test]
    fn pages_render_and_nothing_that_people_wrote_is_markup() -> askama::Result<()> {
        let s = str::to_owned;
        let typed = Typed { text: s(HOSTILE), named: true, no_student: true };
        let choice = Choice { value: s("1"), label: s(HOSTILE), selected: true };
        let chrome = Chrome::sample("Write", "", Section::Search);
        let write = ContactPage {
            chrome: chrome.clone(),
            corrections: Corrections::whole(HOSTILE),
            done: s("Sent."),
            title: s(HOSTILE),
            url: s("/practices/x"),
            school: s(HOSTILE),
            contact_role: s(HOSTILE),
            closed: String::new(),
            may_write: true,
            schools: vec![choice.clone()],
            name: s(HOSTILE),
            may_name: true,
            typed: typed.clone(),
        };
        let closed = ContactPage { closed: s("Nobody."), ..write.clone() };
        let settings = ContactSettingsPage {
            chrome: chrome.clone(),
            title: s(HOSTILE),
            school: s(HOSTILE),
            people: vec![choice],
            ..ContactSettingsPage::default()
        };
        let by = Byline { name: None, role: s("Principal"), school: s(HOSTILE), school_url: s("/schools/x") };
        let reply = ReplyPage {
            chrome: chrome.clone(),
            title: s(HOSTILE),
            by,
            lines: vec![s(HOSTILE)],
            name: s(HOSTILE),
            typed,
            ..ReplyPage::default()
        };
        let over = OverPage { chrome, line: s(HOSTILE) };
        for html in [write.render()?, closed.render()?, settings.render()?, reply.render()?, over.render()?] {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert!(!html.contains("<script>alert") && !html.contains(" style="), "{html}");
        }
        Ok(())
    }
}
