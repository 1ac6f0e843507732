//! What the pages show on which announcements are written and looked after.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// An announcement in a list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its page.
    pub url: String,
    /// Its subject.
    pub subject: String,
    /// "Rivermark, NY".
    pub city: String,
    /// "Draft", "Goes out on Friday, ...".
    pub state: String,
}

/// The page `/admin/announcements`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "announcements.html")]
pub struct ListPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the administration's navigation.
    pub admin_at: &'static str,
    /// Whether that navigation is shown: a mayor's office has none.
    pub administers: bool,
    /// Announcements, newest first.
    pub rows: Vec<Row>,
    /// Where older ones are; empty prints none.
    pub next_url: String,
}

/// The fields of an announcement.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Its city.
    pub city: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// Words of its button.
    pub button: String,
    /// Where that leads.
    pub link: String,
}

/// The page `/admin/announcements/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "announcement_new.html")]
pub struct NewPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the administration's navigation.
    pub admin_at: &'static str,
    /// Whether that navigation is shown.
    pub administers: bool,
    /// What to put right.
    pub corrections: Corrections,
    /// What was typed.
    pub typed: Typed,
    /// Cities of the actor's offices; empty lets them type one.
    pub cities: Vec<Choice>,
}

/// A letter of the delivery log.
#[derive(Clone, Debug, Default)]
pub struct LogRow {
    /// The address.
    pub to: String,
    /// "Sent", "Refused".
    pub state: String,
    /// When.
    pub when: String,
    /// What the mail server said; empty prints none.
    pub answer: String,
}

/// The page `/admin/announcements/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "announcement.html")]
pub struct AnnouncementPage {
    /// The frame.
    pub chrome: Chrome,
    /// The current entry of the administration's navigation.
    pub admin_at: &'static str,
    /// Whether that navigation is shown.
    pub administers: bool,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its own address.
    pub url: String,
    /// Its subject.
    pub subject: String,
    /// "Rivermark, NY".
    pub city: String,
    /// Where it stands, a sentence.
    pub state: String,
    /// The letter as plain text, exactly.
    pub text: String,
    /// What was typed, while it is a draft.
    pub typed: Typed,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// Whether it may be given a time.
    pub schedules: bool,
    /// The time typed.
    pub when: String,
    /// Zones to choose.
    pub zones: Vec<Choice>,
    /// Whether it can be held.
    pub pauses: bool,
    /// Whether it is held.
    pub resumes: bool,
    /// Words of the button that ends it; empty prints none.
    pub stop: &'static str,
    /// How far it is: "Sent", 9,120.
    pub figures: Vec<(&'static str, String)>,
    /// Letters, newest first; for administrators.
    pub log: Vec<LogRow>,
    /// Lists of the log: "Refused (3)" with its address, and whether it is the one shown.
    pub lists: Vec<(String, String, bool)>,
    /// Where older letters are; empty prints none.
    pub next_url: String,
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
        assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        for words in words {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn pages_of_announcements_render() {
        let chrome = || Chrome::sample("Announcements", "/admin/announcements", Section::Admin);
        let row = Row {
            url: s("/admin/announcements/1"),
            subject: s("Open <b> house"),
            city: s("Rivermark, NY"),
            state: s("Draft"),
        };
        let list = ListPage {
            chrome: chrome(),
            admin_at: "announcements",
            administers: true,
            rows: vec![row],
            next_url: s("?before=1"),
        };
        check(&list.render().unwrap(), &["Open &#60;b&#62; house", "Rivermark, NY", "Older", "Audit log"]);
        let none = ListPage { chrome: chrome(), ..ListPage::default() }.render().unwrap();
        check(&none, &["Nothing is announced yet"]);
        assert!(!none.contains("Audit log"), "a mayor's office has no administration");
        let typed = Typed {
            city: s("rivermark-ny"),
            subject: s("Open house"),
            body: s("Come <b>."),
            button: s("See it"),
            link: s("/sessions"),
        };
        let new = NewPage {
            chrome: chrome(),
            corrections: Corrections::whole("Give a subject."),
            typed: typed.clone(),
            ..NewPage::default()
        };
        check(&new.render().unwrap(), &["Give a subject.", "Come &#60;b&#62;.", "name=\"city\""]);
        let draft = AnnouncementPage {
            chrome: chrome(),
            url: s("/admin/announcements/1"),
            subject: s("Open house"),
            city: s("Rivermark, NY"),
            state: s("It is a draft."),
            text: s("Come <b>."),
            typed,
            is_draft: true,
            schedules: true,
            when: s("2026-11-14T09:00"),
            zones: vec![Choice { value: s("America/New_York"), label: s("Eastern"), selected: true }],
            ..AnnouncementPage::default()
        };
        check(&draft.render().unwrap(), &["It is a draft.", "/test\"", "/schedule\"", "/letter\"", "Eastern"]);
        let sent = AnnouncementPage {
            chrome: chrome(),
            done: s("It is held."),
            url: s("/admin/announcements/1"),
            subject: s("Open house"),
            pauses: true,
            resumes: true,
            stop: "Stop it for good",
            figures: vec![("Sent", s("9,120"))],
            log: vec![LogRow { to: s("a@x.org"), state: s("Sent"), when: s("Friday"), answer: s("250 <b>") }],
            lists: vec![(s("Refused (3)"), s("?state=failed"), true)],
            next_url: s("?before=2"),
            ..AnnouncementPage::default()
        };
        let html = sent.render().unwrap();
        check(&html, &["It is held.", "9,120", "a@x.org", "Refused (3)", "/pause\"", "/resume\"", "/stop\""]);
        assert!(!html.contains("/schedule\""), "{html}");
    }
}
