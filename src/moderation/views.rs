//! What the pages of reports show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// The page `/report`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether it was just sent.
    pub sent: bool,
    /// Whether whoever sent it hears what comes of it.
    pub told: bool,
    /// What to put right.
    pub corrections: Corrections,
    /// `collection:ID`.
    pub about: String,
    /// "a collection".
    pub noun: String,
    /// Its title; empty once it is sent.
    pub title: String,
    /// Its page; empty prints no link.
    pub url: String,
    /// Whether student data hides it at once.
    pub hides: bool,
    /// What can be wrong.
    pub reasons: Vec<Choice>,
    /// What was typed.
    pub words: String,
}

/// A case in the list of those who look after reports.
#[derive(Clone, Debug, Default)]
pub struct CaseRow {
    /// `/admin/reports/{id}`.
    pub url: String,
    /// "Collection".
    pub kind: String,
    /// Its title.
    pub title: String,
    /// "3 reports, the first 2 days ago".
    pub facts: String,
    /// The newest reason: "Student data".
    pub reason: String,
    /// The beginning of what the newest report says.
    pub words: String,
    /// Whether something of a student may stand there.
    pub urgent: bool,
    /// Whether it is hidden.
    pub hidden: bool,
}

/// The page `/admin/reports`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "reports.html")]
pub struct ReportsPage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether the reader also runs the installation.
    pub administers: bool,
    /// The current entry of the navigation.
    pub admin_at: &'static str,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// Code of the list: `open`, `hidden`, `closed`.
    pub show: &'static str,
    /// "12 wait".
    pub count: String,
    /// In the order of the list.
    pub rows: Vec<CaseRow>,
}

/// A report, for those who look after it.
#[derive(Clone, Debug, Default)]
pub struct ReportRow {
    /// "Student data".
    pub reason: String,
    /// What they wrote, a line each.
    pub words: Vec<String>,
    /// "Ada Reader, October 14, 2026, 2 days ago".
    pub facts: String,
    /// Whether it waits for a decision.
    pub waits: bool,
}

/// A decision, for those who look after reports.
#[derive(Clone, Debug, Default)]
pub struct DecisionRow {
    /// "Hidden".
    pub done: String,
    /// "Student data".
    pub reason: String,
    /// What was written, a line each.
    pub words: Vec<String>,
    /// "Edda Wright, October 14, 2026".
    pub facts: String,
}

/// The page `/admin/reports/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "report_case.html")]
pub struct CasePage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether the reader also runs the installation.
    pub administers: bool,
    /// The current entry of the navigation.
    pub admin_at: &'static str,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// `/admin/reports/{id}`.
    pub url: String,
    /// "Collection".
    pub kind: String,
    /// Its title.
    pub title: String,
    /// The beginning of what it says; empty prints none.
    pub excerpt: String,
    /// Its page; empty prints no link.
    pub thing_url: String,
    /// How it stands, in a sentence.
    pub standing: String,
    /// The newest first.
    pub reports: Vec<ReportRow>,
    /// The newest first.
    pub decisions: Vec<DecisionRow>,
    /// What can be done.
    pub choices: Vec<Choice>,
    /// Why.
    pub reasons: Vec<Choice>,
    /// What was typed.
    pub words: String,
}

/// A line of the public log.
#[derive(Clone, Debug, Default)]
pub struct LogRow {
    /// "October 14, 2026".
    pub day: String,
    /// "Collection".
    pub kind: String,
    /// "Hidden".
    pub done: String,
    /// "Student data".
    pub reason: String,
}

/// The page `/moderation`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "moderation_log.html")]
pub struct LogPage {
    /// The frame.
    pub chrome: Chrome,
    /// The newest first.
    pub rows: Vec<LogRow>,
    /// The next page; empty on the last.
    pub next_url: String,
    /// Whether this is not the first page.
    pub later: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<Choice> {
        vec![Choice { value: "spam".to_owned(), label: "Spam <b>".to_owned(), selected: true }]
    }

    #[test]
    fn pages_show_everything_they_can_and_nothing() {
        let text = str::to_owned;
        for hides in [true, false] {
            let page = ReportPage {
                about: text("collection:1"),
                noun: text("a collection"),
                title: text("<i>"),
                url: text("/collections/x"),
                reasons: choices(),
                words: text("</textarea>"),
                hides,
                ..ReportPage::default()
            };
            let html = page.render().unwrap();
            assert!(!html.contains("<i>") && html.matches("</textarea>").count() == 1);
            assert_eq!(html.contains("is hidden at once"), hides);
        }
        let sent = ReportPage { sent: true, told: true, ..ReportPage::default() }.render().unwrap();
        assert!(sent.contains("Thank you") && !sent.contains("<textarea"));
        let row = CaseRow {
            url: text("/admin/reports/1"),
            kind: text("Collection"),
            title: text("<u>"),
            facts: text("1 report"),
            reason: text("Spam"),
            words: text("<s>"),
            urgent: true,
            hidden: true,
        };
        for administers in [true, false] {
            let page =
                ReportsPage { rows: vec![row.clone()], administers, admin_at: "reports", ..ReportsPage::default() };
            let html = page.render().unwrap();
            assert!(!html.contains("<u>") && !html.contains("<s>"));
            assert_eq!(html.contains("/admin/people"), administers);
        }
        for show in ["open", "hidden", "closed"] {
            assert!(ReportsPage { show, ..ReportsPage::default() }.render().unwrap().contains("class=\"empty\""));
        }
        let report =
            ReportRow { reason: text("Spam"), words: vec![text("<s>")], facts: text("A visitor"), waits: true };
        let decision =
            DecisionRow { done: text("Hidden"), reason: text("Spam"), words: vec![text("<s>")], facts: text("Edda") };
        let page = CasePage {
            url: text("/admin/reports/1"),
            title: text("<u>"),
            excerpt: text("<s>"),
            thing_url: text("/collections/x"),
            reports: vec![report],
            decisions: vec![decision],
            choices: choices(),
            reasons: choices(),
            words: text("</textarea>"),
            ..CasePage::default()
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<s>") && !html.contains("<u>") && html.matches("</textarea>").count() == 1);
        assert!(html.contains("action=\"/admin/reports/1\""));
        CasePage::default().render().unwrap();
        let row = LogRow { day: text("October 14, 2026"), kind: text("Collection"), ..LogRow::default() };
        let page =
            LogPage { rows: vec![row], next_url: text("/moderation?before=1"), later: true, ..LogPage::default() };
        assert!(page.render().unwrap().contains("Older ones"));
        assert!(LogPage::default().render().unwrap().contains("Nothing was done yet"));
    }
}
