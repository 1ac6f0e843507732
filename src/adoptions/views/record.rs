//! The dissemination record of a school.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// Who took a practice over.
#[derive(Clone, Debug, Default)]
pub struct TakenRow {
    /// The school, leading to the adoption.
    pub school: Link,
    /// Its sector when it began.
    pub sector: String,
    /// "September 2025".
    pub since: String,
    /// "In use since January 2026".
    pub stage: String,
    /// What came of it, in the school's words and the reason of a stop; each a paragraph.
    pub result: Vec<String>,
}

/// A practice that the school shared.
#[derive(Clone, Debug, Default)]
pub struct SharedPart {
    /// The practice.
    pub practice: Link,
    /// "Version 1, published March 4, 2026", the newest first.
    pub versions: Vec<String>,
    /// "3 charter, 2 district"; "none".
    pub schools: String,
    /// Who took it over.
    pub taken: Vec<TakenRow>,
}

/// A session that the school hosted.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// The session.
    pub session: Link,
    /// "Saturday, November 14, 2026".
    pub day: String,
    /// The other school that invited; empty prints none.
    pub with: String,
    /// "12 charter, 8 district".
    pub came: String,
}

/// The page `/schools/{slug}/dissemination`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dissemination.html")]
pub struct RecordPage {
    /// The frame.
    pub chrome: Chrome,
    /// The school.
    pub school: Link,
    /// "October 14, 2026".
    pub made_on: String,
    /// What it shared.
    pub practices: Vec<SharedPart>,
    /// What it hosted.
    pub sessions: Vec<SessionRow>,
    /// This page.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_shows_everything_it_can_and_nothing() {
        let s = str::to_owned;
        let link = |text: &str| Link { text: s(text), url: s("/x") };
        let taken = TakenRow { school: link("<Millbrook>"), result: vec![s("It <went> well")], ..TakenRow::default() };
        let shared = SharedPart {
            practice: link("Wall"),
            versions: vec![s("Version 1")],
            taken: vec![taken],
            ..SharedPart::default()
        };
        let session = SessionRow { session: link("Visit"), came: s("12 charter"), ..SessionRow::default() };
        let page = RecordPage {
            school: link("Harbor"),
            practices: vec![shared],
            sessions: vec![session],
            url: s("/r"),
            ..RecordPage::default()
        };
        let html = page.render().unwrap();
        for words in ["&#60;Millbrook", "It &#60;went", "Version 1", "12 charter", "/r.csv"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let mut print = page;
        print.chrome.print_view = true;
        assert!(!print.render().unwrap().contains("/r.csv"));
        assert!(RecordPage::default().render().unwrap().contains("has shared no practice"));
    }
}
