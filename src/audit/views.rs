//! What the page of the log shows.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, grouped};

/// One event.
#[derive(Clone, Debug, Default)]
pub struct EventRow {
    /// "October 14, 2026, 16:00:00 UTC".
    pub when: String,
    /// The same for programs.
    pub datetime: String,
    /// Who: a name, "Visitor", or the part of the program.
    pub who: String,
    /// The log of that person; empty prints no link.
    pub who_url: String,
    /// What, in plain words.
    pub what: String,
    /// Its code, where the words are not the code.
    pub code: String,
    /// Kind of the thing; empty prints none.
    pub about: String,
    /// Its id; empty prints none.
    pub about_id: String,
    /// The log of that thing.
    pub about_url: String,
    /// Ids, counts, codes: name and value.
    pub facts: Vec<(String, String)>,
    /// "Browser".
    pub via: &'static str,
}

/// The page `/admin/audit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// The frame.
    pub chrome: Chrome,
    /// Which entry of the menu is current.
    pub admin_at: &'static str,
    /// What was typed and cannot be read.
    pub corrections: Corrections,
    /// Codes that happened, "Anything" first.
    pub actions: Vec<Choice>,
    /// Typed: id or address.
    pub person: String,
    /// Typed: kind of thing.
    pub subject_kind: String,
    /// Typed: its id.
    pub subject: String,
    /// Typed: first day.
    pub from: String,
    /// Typed: last day.
    pub to: String,
    /// How many events fit.
    pub total: u64,
    /// This page of them.
    pub events: Vec<EventRow>,
    /// The next page; `None` on the last.
    pub next_url: Option<String>,
    /// The first page, when this is not it.
    pub first_url: Option<String>,
    /// The same as a file.
    pub csv_url: String,
    /// How many events are sealed.
    pub sealed: i64,
    /// The newest hash.
    pub hash: String,
}

impl AuditPage {
    /// "12 events", "1 event", "No events".
    pub fn count_words(&self) -> String {
        match self.total {
            0 => "No events".to_owned(),
            1 => "1 event".to_owned(),
            n => format!("{} events", grouped(n)),
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_page_prints_everything() {
        let s = str::to_owned;
        let view = AuditPage {
            chrome: Chrome::sample("Audit log", "/admin/audit", Section::Admin),
            admin_at: "audit",
            corrections: Corrections::whole("Give a day."),
            actions: vec![Choice { value: s("token.made"), label: s("Made a token"), selected: true }],
            person: s("ada@example.org"),
            subject_kind: s("account"),
            subject: s("0192"),
            from: s("2026-10-01"),
            to: s("2026-10-14"),
            total: 1_201,
            events: vec![EventRow {
                when: s("October 14, 2026, 16:00:00 UTC"),
                datetime: s("2026-10-14T16:00:00Z"),
                who: s("Ada <Quill>"),
                who_url: s("/admin/audit?person=1"),
                what: s("Made a token"),
                code: s("token.made"),
                about: s("account"),
                about_id: s("0192"),
                about_url: s("/admin/audit?subject=0192"),
                facts: vec![(s("scope"), s("read"))],
                via: "Browser",
            }],
            next_url: Some(s("/admin/audit?cursor=1")),
            first_url: Some(s("/admin/audit")),
            csv_url: s("/admin/audit.csv"),
            sealed: 1_201,
            hash: "ab".repeat(32),
        };
        let html = view.render().unwrap();
        for words in ["1,201 events", "&#60;Quill&#62;", "token.made", "scope", "Browser", "Give a day.", "cursor=1"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let empty = AuditPage::default().render().unwrap();
        assert!(empty.contains("No events"), "{empty}");
    }
}
