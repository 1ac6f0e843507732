//! What the pages about returned letters show, and the page of records for DNS.

use askama::Template;

use crate::mail::dns::Record;
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// An address that gets no letters.
#[derive(Clone, Debug, Default)]
pub struct StoppedRow {
    /// The address.
    pub address: String,
    /// "There is nobody of that name there." ...
    pub why: &'static str,
    /// "No letters at all" or "No letters that one can leave".
    pub what: &'static str,
    /// "October 14, 2026".
    pub since: String,
    /// Where the button goes that lifts it.
    pub url: String,
    /// From when on it can be lifted; empty: now.
    pub not_before: String,
}

/// The page `/admin/mail/suppressions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "mail_suppressions.html")]
pub struct SuppressionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Which entry of the menu is current.
    pub admin_at: &'static str,
    /// What was done; empty prints nothing.
    pub done: &'static str,
    /// What to put right.
    pub corrections: Corrections,
    /// The address that was typed.
    pub email: String,
    /// Which letters.
    pub scopes: Vec<Choice>,
    /// "12 addresses".
    pub count: String,
    /// This page of them.
    pub rows: Vec<StoppedRow>,
    /// The page after this one; empty on the last.
    pub next_url: String,
    /// The first page, when this is not it.
    pub first_url: String,
}

/// The page `/me/mail`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_mail.html")]
pub struct MyMailPage {
    /// The frame.
    pub chrome: Chrome,
    /// What could not be done.
    pub corrections: Corrections,
    /// Whether letters go again since a moment ago.
    pub again: bool,
    /// What keeps letters from the person.
    pub rows: Vec<StoppedRow>,
}

/// The page `/admin/mail/dns`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "mail_dns.html")]
pub struct DnsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Which entry of the menu is current.
    pub admin_at: &'static str,
    /// What is to be published.
    pub records: Vec<Record>,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn row() -> StoppedRow {
        StoppedRow {
            address: "ada@<school>.example".to_owned(),
            why: "There is nobody of that name there.",
            what: "No letters at all",
            since: "October 14, 2026".to_owned(),
            url: "/admin/mail/suppressions/1/lift".to_owned(),
            not_before: String::new(),
        }
    }

    #[test]
    fn the_pages_print_everything() {
        let admin = SuppressionsPage {
            chrome: Chrome::sample("Returned mail", "/admin/mail/suppressions", Section::Admin),
            admin_at: "mail",
            done: "Letters go there again.",
            corrections: Corrections::whole("Give a full email address."),
            email: "ada@".to_owned(),
            scopes: vec![Choice { value: "all".to_owned(), label: "No <letters>".to_owned(), selected: true }],
            count: "1 address".to_owned(),
            rows: vec![row()],
            next_url: "/admin/mail/suppressions?page=2".to_owned(),
            first_url: "/admin/mail/suppressions".to_owned(),
        };
        let html = admin.render().unwrap();
        for words in [
            "ada@&#60;school&#62;.example",
            "nobody of that name",
            "1/lift",
            "page=2",
            "go there again",
            "Give a full",
            "value=\"ada@\"",
            "No &#60;letters&#62;",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(SuppressionsPage::default().render().unwrap().contains("Every address gets its letters"));
        let waits = StoppedRow { not_before: "October 15, 2026, 16:00 UTC".to_owned(), ..row() };
        let mine = MyMailPage { rows: vec![row(), waits], again: true, ..MyMailPage::default() };
        let html = mine.render().unwrap();
        assert_eq!(html.matches("Try again").count(), 1, "{html}");
        assert!(html.contains("October 15") && html.contains("go to you again"), "{html}");
        assert!(MyMailPage::default().render().unwrap().contains("None has come back"));
        let records = vec![
            Record {
                purpose: "SPF",
                kind: "TXT",
                name: "x.example".to_owned(),
                value: "v=spf1 <b>".to_owned(),
                why: "Ask.".to_owned(),
            },
            Record { purpose: "PTR", why: "Ask <them>.".to_owned(), ..Record::default() },
        ];
        let html = DnsPage { records, ..DnsPage::default() }.render().unwrap();
        assert!(html.contains("v=spf1 &#60;b&#62;") && html.contains("Ask &#60;them&#62;."), "{html}");
    }
}
