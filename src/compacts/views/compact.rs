//! What the page of a compact shows, the pages of its text and its history, and the page on which its parties are looked after.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A party.
#[derive(Clone, Debug, Default)]
pub struct PartyRow {
    /// Its name; its page where it has one.
    pub name: Link,
    /// "Signed on March 12, 2025".
    pub state: String,
    /// Where that can be read; empty prints none.
    pub url: String,
    /// Its earlier moves: "Board vote pending, February 1, 2025".
    pub before: Vec<String>,
}

/// The parties of a sector.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// "District".
    pub label: String,
    /// Its code, for the shape before the word.
    pub code: String,
    /// Its parties.
    pub parties: Vec<PartyRow>,
    /// Its seats among those who govern it: "Superintendent, Rivermark Public Schools".
    pub seats: Vec<String>,
}

/// A commitment in a list.
#[derive(Clone, Debug, Default)]
pub struct CommitmentRow {
    /// Its number.
    pub number: i32,
    /// Its page.
    pub url: String,
    /// "Joint professional development".
    pub area: String,
    /// What is promised.
    pub sentence: String,
    /// "In progress", "Reported met, waiting for Quillwater".
    pub standing: String,
    /// Why it was missed, paused or dropped; empty prints none.
    pub reason: String,
    /// How two sides see it differently; empty prints none.
    pub dispute: String,
    /// "No update since March 4, 2026".
    pub freshness: String,
    /// Whether that is a warning.
    pub silent: bool,
    /// "Due June 30, 2027, first due March 1, 2027"; empty prints none.
    pub due: String,
    /// Whether that day is over.
    pub overdue: bool,
    /// Who answers for it; empty prints none.
    pub owner: String,
    /// "Owner vacant at Rivermark Public Schools"; empty prints none.
    pub vacant: String,
}

/// A version of the text.
#[derive(Clone, Debug, Default)]
pub struct VersionRow {
    /// "Version 2", with its page.
    pub link: Link,
    /// "March 12, 2025".
    pub day: String,
    /// What changed; empty prints none.
    pub note: String,
}

/// A visit of a partnership.
#[derive(Clone, Debug, Default)]
pub struct VisitRow {
    /// "March 12, 2026".
    pub day: String,
    /// The school that was visited.
    pub host: String,
    /// What was seen.
    pub log: Vec<String>,
}

/// The page `/compacts/{slug}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact.html")]
pub struct CompactPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its address.
    pub url: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// "Campus agreement, Rivermark, NY".
    pub over: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// "Signed on", "March 12, 2025".
    pub facts: Vec<(&'static str, String)>,
    /// Its parties by sector.
    pub sides: Vec<Side>,
    /// Its commitments.
    pub commitments: Vec<CommitmentRow>,
    /// Its newest text; escaped where it was made.
    pub text_html: String,
    /// The versions of it, newest first.
    pub versions: Vec<VersionRow>,
    /// Whether it keeps a log of visits.
    pub has_visits: bool,
    /// Visits, newest first.
    pub visits: Vec<VisitRow>,
    /// Whether the actor may change it.
    pub writes: bool,
    /// Whether the actor leads it, and shows a draft to everybody.
    pub leads: bool,
    /// Whether the actor answers for one of its parties.
    pub takes_part: bool,
}

/// The page `/compacts/{slug}/text/{version}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact_text.html")]
pub struct TextPage {
    /// The frame.
    pub chrome: Chrome,
    /// The compact.
    pub compact: Link,
    /// Which version.
    pub version: i32,
    /// Whether there is a newer one.
    pub older: bool,
    /// The day of it, and what changed.
    pub facts: String,
    /// The text; escaped where it was made.
    pub text_html: String,
    /// The other versions.
    pub versions: Vec<VersionRow>,
}

/// A line of a history.
#[derive(Clone, Debug, Default)]
pub struct EntryRow {
    /// "Update", "Confirmed".
    pub kind: String,
    /// "March 12, 2026".
    pub day: String,
    /// The office that spoke.
    pub who: String,
    /// The commitment, on a page of many; empty prints none.
    pub of: Link,
    /// The status that was set; empty prints none.
    pub status: String,
    /// What was said, in paragraphs.
    pub text: Vec<String>,
    /// "Due: March 1, 2026, now June 1, 2026".
    pub changes: Vec<String>,
    /// What was linked as counting for it, or taken out; what is elsewhere has no address.
    pub counting: Vec<Link>,
    /// Evidence that came with it.
    pub evidence: Vec<Link>,
    /// Where taking its words out goes; empty prints none.
    pub redact: String,
}

/// The page `/compacts/{slug}/history`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact_history.html")]
pub struct HistoryPage {
    /// The frame.
    pub chrome: Chrome,
    /// The compact.
    pub compact: Link,
    /// Everything that happened to it and its commitments, newest first.
    pub entries: Vec<EntryRow>,
}

/// A party that is looked after.
#[derive(Clone, Debug, Default)]
pub struct PartyForm {
    /// Where its move goes.
    pub action: String,
    /// Its id, for the ids of fields.
    pub id: String,
    /// Its name and sector.
    pub name: String,
    /// "Signed on March 12, 2025".
    pub state: String,
    /// How far the reader may say that it is; none prints no form.
    pub states: Vec<Choice>,
    /// The day typed for its move.
    pub on: String,
    /// The address typed for it.
    pub link: String,
    /// What to put right in its move.
    pub wrong: Vec<String>,
}

/// A seat that is looked after.
#[derive(Clone, Debug, Default)]
pub struct SeatForm {
    /// "Superintendent, Rivermark Public Schools".
    pub words: String,
    /// Where its removal goes.
    pub action: String,
}

/// The page `/compacts/{slug}/parties`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "compact_parties.html")]
pub struct PartiesPage {
    /// The frame.
    pub chrome: Chrome,
    /// The compact.
    pub compact: Link,
    /// What was just done; empty prints none.
    pub done: String,
    /// What to put right.
    pub corrections: Corrections,
    /// The parties.
    pub parties: Vec<PartyForm>,
    /// The seats.
    pub seats: Vec<SeatForm>,
    /// Whether the reader asks parties in.
    pub invites: bool,
    /// Name typed for a new party.
    pub name: String,
    /// Place typed for it.
    pub place: String,
    /// Its sector.
    pub sectors: Vec<Choice>,
    /// How far it is.
    pub states: Vec<Choice>,
    /// Since when.
    pub on: String,
    /// Where that can be read.
    pub link: String,
    /// Whose a new seat is.
    pub seat_parties: Vec<Choice>,
    /// The role typed for it.
    pub seat_role: String,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn link(text: &str, url: &str) -> Link {
        Link { text: s(text), url: s(url) }
    }

    fn check(html: &str, words: &[&str]) {
        assert_eq!(html.matches("<h1").count(), 1, "one h1: {html}");
        assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
        for words in words {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    fn chrome() -> Chrome {
        Chrome::sample("Rivermark", "/compacts/rivermark", Section::None)
    }

    #[test]
    fn a_compact_renders() {
        let row = CommitmentRow {
            number: 1,
            url: s("/compacts/rivermark/commitments/1"),
            area: s("Joint professional development"),
            sentence: s("Hold <b> sessions"),
            standing: s("Reported met, waiting for Quillwater"),
            reason: s("The room was closed."),
            dispute: s("District sees it as met; Charter sees it as missed."),
            freshness: s("No update since March 4, 2026"),
            silent: true,
            due: s("Due June 30, 2027"),
            overdue: true,
            owner: s("Rivermark Public Schools"),
            vacant: s("Owner vacant at Rivermark Public Schools"),
        };
        let party = PartyRow {
            name: link("Quillwater", "/schools/1"),
            state: s("Signed on March 12, 2025"),
            url: s("https://rivermark.example/signed"),
            before: vec![s("Board vote pending, February 1, 2025")],
        };
        let side = Side { label: s("Charter"), code: s("charter"), parties: vec![party], seats: vec![s("Principal")] };
        let version = VersionRow { link: link("Version 1", "/t/1"), day: s("March 12, 2025"), note: s("First") };
        let visit = VisitRow { day: s("May 1, 2026"), host: s("Quillwater"), log: vec![s("Saw <b>.")] };
        let page = CompactPage {
            chrome: chrome(),
            done: s("Kept."),
            url: s("/compacts/rivermark"),
            slug: s("rivermark"),
            name: s("Rivermark <b> Compact"),
            over: s("Compact, Rivermark"),
            draft: true,
            facts: vec![("Signed on", s("March 12, 2025"))],
            sides: vec![side],
            commitments: vec![row],
            text_html: s("<p>Whereas.</p>"),
            versions: vec![version.clone()],
            has_visits: true,
            visits: vec![visit],
            writes: true,
            leads: true,
            takes_part: true,
        };
        check(
            &page.render().unwrap(),
            &[
                "Rivermark &#60;b&#62; Compact",
                "Reported met, waiting for Quillwater",
                "Owner vacant at",
                "No update since March 4, 2026",
                "Charter sees it as missed",
                "<p>Whereas.</p>",
                "/publication\"",
                "Board vote pending, February 1, 2025",
                "The room was closed.",
            ],
        );
        let empty = CompactPage { chrome: chrome(), name: s("New"), ..CompactPage::default() };
        let html = empty.render().unwrap();
        assert!(!html.contains("/publication\"") && html.contains("No commitment yet"));
        let text = TextPage {
            chrome: chrome(),
            compact: link("Rivermark", "/compacts/rivermark"),
            version: 1,
            older: true,
            facts: s("March 12, 2025"),
            text_html: s("<p>Whereas.</p>"),
            versions: vec![version],
        };
        check(&text.render().unwrap(), &["There is a newer version", "<p>Whereas.</p>"]);
        let entry = EntryRow {
            kind: s("Update"),
            day: s("May 1, 2026"),
            who: s("Rivermark Public Schools"),
            of: link("Hold sessions", "/c/1"),
            status: s("Missed"),
            text: vec![s("We <b> missed it.")],
            changes: vec![s("Due: none, now June 1, 2026")],
            counting: vec![link("Session", "/sessions/1"), link("Minutes: A meeting", "")],
            evidence: vec![link("Minutes", "https://x.example/m")],
            redact: s("/c/1/redaction?entry=1"),
        };
        let history = HistoryPage { chrome: chrome(), compact: link("Rivermark", "/c"), entries: vec![entry] };
        let html = history.render().unwrap();
        check(&html, &["We &#60;b&#62; missed it.", "now June 1, 2026", "https://x.example/m"]);
        check(&html, &["<a href=\"/sessions/1\">Session</a>", "Minutes: A meeting"]);
        let parties = PartiesPage {
            chrome: chrome(),
            compact: link("Rivermark", "/c"),
            parties: vec![PartyForm {
                action: s("/c/parties/1"),
                id: s("1"),
                name: s("Quillwater"),
                state: s("Signed"),
                states: vec![Choice { value: s("withdrawn"), label: s("Withdrawn"), selected: true }],
                on: s("2026-10-01"),
                link: s("https://x.example/"),
                wrong: vec![s("Give <b> a day.")],
            }],
            invites: true,
            seats: vec![SeatForm { words: s("Principal"), action: s("/c/seats/1/removal") }],
            seat_parties: vec![Choice { value: s("1"), label: s("Quillwater"), selected: false }],
            ..PartiesPage::default()
        };
        check(
            &parties.render().unwrap(),
            &[
                "/c/parties/1",
                "/c/seats/1/removal",
                "name=\"seat_role\"",
                "value=\"2026-10-01\"",
                "Give &#60;b&#62; a day.",
                "Add it",
            ],
        );
    }
}
