//! What the page of a commitment shows.

use askama::Template;

use super::compact::EntryRow;
use crate::web::views::{Chrome, Link};

/// Something that counts for it.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    /// What it is, and where.
    pub link: Link,
    /// "May 1, 2026, joint, 12 people".
    pub facts: String,
    /// Where taking it out goes; empty prints no button.
    pub remove: String,
    /// Whether it is elsewhere.
    pub elsewhere: bool,
}

/// The page `/compacts/{slug}/commitments/{number}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "commitment.html")]
pub struct CommitmentPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its compact.
    pub compact: Link,
    /// Its address.
    pub url: String,
    /// Its number.
    pub number: i32,
    /// What is promised.
    pub sentence: String,
    /// "Reported met, waiting for Quillwater".
    pub standing: String,
    /// "No update since March 4, 2026".
    pub freshness: String,
    /// Whether that is a warning.
    pub silent: bool,
    /// "Overdue since June 30, 2026"; empty prints none.
    pub overdue: String,
    /// Why it was missed, paused or dropped; empty prints none.
    pub reason: String,
    /// How two sides see it differently; empty prints none.
    pub dispute: String,
    /// "Owner vacant at Rivermark Public Schools"; empty prints none.
    pub vacant: Vec<String>,
    /// Facts: label, value.
    pub facts: Vec<(String, String)>,
    /// What each side gets: sector, words.
    pub gets: Vec<(String, String)>,
    /// How each side sees it: sector, words.
    pub ratings: Vec<(String, String)>,
    /// Numbers that count themselves: label, value.
    pub counts: Vec<(&'static str, String)>,
    /// Whether joint sessions between its schools count of themselves.
    pub counts_joint: bool,
    /// What counts.
    pub counting: Vec<Counting>,
    /// Its history, newest first.
    pub entries: Vec<EntryRow>,
    /// Whether the actor says how it goes.
    pub reports: bool,
    /// Whether the actor says how another sector sees it: the party; empty prints none.
    pub rates_for: String,
    /// Whether it waits for that word.
    pub waits: bool,
    /// Whether the actor may change it.
    pub writes: bool,
    /// Where a mayor's office begins a highlight with it, once it is met; empty for everybody else.
    pub highlight_url: String,
    /// The offices at which the actor names who holds it; empty prints none.
    pub hands_over: String,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_commitment_renders() {
        let page = CommitmentPage {
            chrome: Chrome::sample("Hold sessions", "/compacts/rivermark/commitments/1", Section::None),
            done: s("Kept."),
            compact: Link { text: s("Rivermark"), url: s("/compacts/rivermark") },
            url: s("/compacts/rivermark/commitments/1"),
            number: 1,
            sentence: s("Hold <b> sessions"),
            standing: s("Reported met, waiting for Quillwater"),
            freshness: s("No update since March 4, 2026"),
            silent: true,
            overdue: s("Overdue since June 30, 2026"),
            reason: s("The room was closed."),
            dispute: s("District sees it as met."),
            vacant: vec![s("Owner vacant at Rivermark")],
            facts: vec![(s("Due"), s("June 30, 2027"))],
            gets: vec![(s("Charter"), s("Half of the seats"))],
            ratings: vec![(s("Charter"), s("Missed"))],
            counts: vec![("Sessions held", s("3"))],
            counts_joint: true,
            counting: vec![Counting {
                link: Link { text: s("Minutes <b>"), url: s("https://x.example/m") },
                facts: s("May 1, 2026"),
                remove: s("/compacts/rivermark/commitments/1/links/1/removal"),
                elsewhere: true,
            }],
            entries: vec![EntryRow { kind: s("Update"), text: vec![s("Said <b>.")], ..EntryRow::default() }],
            reports: true,
            rates_for: s("Quillwater"),
            waits: true,
            writes: true,
            highlight_url: s("/highlights/new?commitment=1"),
            hands_over: s("Rivermark Public Schools"),
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(!html.contains("<b>") && !html.contains(" style="), "{html}");
        for words in [
            "Hold &#60;b&#62; sessions",
            "Reported met, waiting for Quillwater",
            "No update since",
            "The room was closed.",
            "Owner vacant",
            "Half of the seats",
            "Sessions held",
            "rel=\"nofollow noopener ugc\"",
            "/removal\"",
            "/updates\"",
            "/confirmation\"",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let page = CommitmentPage {
            chrome: Chrome::sample("Hold sessions", "/x", Section::None),
            ..CommitmentPage::default()
        };
        let html = page.render().unwrap();
        assert!(!html.contains("/updates\"") && html.contains("Nothing here counts for it yet"), "{html}");
    }
}
