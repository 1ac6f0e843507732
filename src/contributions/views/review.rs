//! What the pages of a review show.

use askama::Template;

use crate::catalog::compare::{Change, Mark, words};
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A run of words of a compared text.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its words.
    pub text: String,
    /// It came.
    pub added: bool,
    /// It went.
    pub removed: bool,
}

/// A field of a text, or of what changed in one.
#[derive(Clone, Debug, Default)]
pub struct FieldText {
    /// Its heading.
    pub label: String,
    /// Its lines.
    pub lines: Vec<Vec<Run>>,
}

impl FieldText {
    /// A field as it stands.
    pub fn plain(label: &str, text: &str) -> Self {
        let run = |line: &str| vec![Run { text: line.to_owned(), ..Run::default() }];
        Self { label: label.to_owned(), lines: text.lines().map(run).collect() }
    }

    /// What changed in a field, word by word.
    pub fn changed(change: &Change) -> Self {
        let mut lines = vec![Vec::new()];
        for piece in words(&change.before, &change.after) {
            for (at, text) in piece.text.split('\n').enumerate() {
                if at > 0 {
                    lines.push(Vec::new());
                }
                if let Some(line) = lines.last_mut().filter(|_| !text.is_empty()) {
                    let (added, removed) = (piece.mark == Mark::Added, piece.mark == Mark::Removed);
                    line.push(Run { text: text.to_owned(), added, removed });
                }
            }
        }
        lines.retain(|line| !line.is_empty());
        Self { label: change.label.to_owned(), lines }
    }
}

/// A text to read, or what changed in one.
#[derive(Clone, Debug, Default)]
pub struct TextView {
    /// Whether what came and went is marked.
    pub compares: bool,
    /// Its fields, in the order of the page.
    pub fields: Vec<FieldText>,
}

/// An entry of the conversation.
#[derive(Clone, Debug, Default)]
pub struct EntryView {
    /// Its number, for its anchor.
    pub number: i32,
    /// Who; empty where nobody did it.
    pub who: String,
    /// "Editor".
    pub role: String,
    /// "asked for changes".
    pub did: String,
    /// When.
    pub at: String,
    /// What they said, a paragraph each.
    pub text: Vec<String>,
    /// The field that they speak of; empty prints none.
    pub field: String,
    /// Words of it; empty prints none.
    pub quote: String,
}

/// What the program sees.
#[derive(Clone, Debug, Default)]
pub struct CheckView {
    /// What stands against publication: a field, with its place in the form for who writes it, and what to do.
    pub broken: Vec<(Link, String)>,
    /// The version that the practice has by now; empty where nothing is newer.
    pub newer: String,
    /// Links that lead nowhere: each with what to do.
    pub dead: Vec<(String, String)>,
    /// Practices that read much like it: each with a line on it.
    pub near: Vec<(Link, String)>,
}

/// What somebody types who speaks.
#[derive(Clone, Debug, Default)]
pub struct SaidView {
    /// Their words.
    pub text: String,
    /// Fields to choose.
    pub fields: Vec<Choice>,
    /// Words of the field.
    pub quote: String,
    /// Whether the page asks if the words point at a student.
    pub asks_student: bool,
}

/// The page `/contributions/{id}/submission`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_submission.html")]
pub struct SubmissionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What it is called.
    pub title: String,
    /// `/contributions/{id}`.
    pub url: String,
    /// The school.
    pub school: String,
    /// What the program sees.
    pub checks: CheckView,
    /// Whether it can be submitted now.
    pub passes: bool,
    /// Whether whoever submits it leads the school.
    pub leads: bool,
    /// Words to the editors.
    pub said: SaidView,
}

/// The page `/contributions/{id}/review`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_review.html")]
pub struct ReviewPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// What it is called.
    pub title: String,
    /// `/contributions/{id}`.
    pub url: String,
    /// The school.
    pub school: Link,
    /// "Submitted".
    pub state: String,
    /// What happens next, one sentence.
    pub next: String,
    /// Who writes it.
    pub writers: String,
    /// Its page in the catalog, where it has one.
    pub page: Option<Link>,
    /// What it says, or changes.
    pub text: TextView,
    /// What the next version says of itself; empty prints none.
    pub note: String,
    /// What changed since the last answer.
    pub since: Option<TextView>,
    /// What the program sees; shown to editors.
    pub checks: Option<CheckView>,
    /// The conversation.
    pub entries: Vec<EntryView>,
    /// The save that is read.
    pub revision: i32,
    /// Who looks at it; empty where nobody does.
    pub taken_by: String,
    /// Their account, carried back by the form.
    pub taken_id: String,
    /// Whether the reader looks at it.
    pub mine: bool,
    /// Whether the reader can take it.
    pub takes: bool,
    /// Whether the reader answers as an editor.
    pub answers: bool,
    /// Whether the reader answers for the school.
    pub confirms: bool,
    /// Whether the reader can take it back.
    pub takes_back: bool,
    /// Whether the reader can submit it.
    pub submits: bool,
    /// Whether the reader can bring it up to date.
    pub updates: bool,
    /// Whether the reader can speak.
    pub speaks: bool,
    /// Whether the reader edits, and wrote it.
    pub own: bool,
    /// Whether the queue is theirs to go back to.
    pub edits: bool,
    /// What is typed.
    pub said: SaidView,
}

/// A line of the queue.
#[derive(Clone, Debug, Default)]
pub struct QueueRow {
    /// The review.
    pub review: Link,
    /// "New practice".
    pub what: String,
    /// The school.
    pub school: String,
    /// Who wrote it.
    pub author: String,
    /// "3 school days".
    pub age: String,
    /// When it was submitted.
    pub on: String,
    /// Who looks at it; empty where nobody does.
    pub taken_by: String,
}

/// The page `/review`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "review_queue.html")]
pub struct QueuePage {
    /// The frame.
    pub chrome: Chrome,
    /// Lists to choose from: label, address, whether it is this one.
    pub lists: Vec<(String, String, bool)>,
    /// What the list holds, one sentence.
    pub holds: String,
    /// Its lines.
    pub rows: Vec<QueueRow>,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// The page of a link to a school: `/confirm-practice/{token}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_confirm.html")]
pub struct ConfirmPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// "May Rivermark Elementary publish this?", or how things are.
    pub question: String,
    /// What to know, a sentence each.
    pub lines: Vec<String>,
    /// Where the form posts to; empty where nothing is left to press.
    pub action: String,
    /// The save that is read.
    pub revision: i32,
    /// Who acts.
    pub who: String,
    /// What it is called.
    pub title: String,
    /// Its page in the catalog, where it is published.
    pub page: Option<Link>,
    /// What it says, or changes.
    pub text: TextView,
    /// What was typed as a reason.
    pub said: SaidView,
}

/// A claim in the form of evidence.
#[derive(Clone, Debug, Default)]
pub struct ClaimView {
    /// Its place.
    pub at: usize,
    /// What stands above it: "Claim 1".
    pub heading: String,
    /// What is typed: outcome, citation, citation_url, studies, students, rating.
    pub outcome: String,
    /// The citation.
    pub citation: String,
    /// Its link.
    pub citation_url: String,
    /// How many studies.
    pub studies: String,
    /// How many students.
    pub students: String,
    /// The rating of the source.
    pub rating: String,
    /// Tiers to choose.
    pub tiers: Vec<Choice>,
    /// Findings to choose.
    pub findings: Vec<Choice>,
    /// What it applies to.
    pub applies: Vec<Choice>,
    /// Who checked it, and when; empty prints none.
    pub checked: String,
    /// What is wrong with it, a sentence each.
    pub wrong: Vec<String>,
}

/// The page `/contributions/{id}/evidence`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "contribution_evidence.html")]
pub struct EvidencePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What it is called.
    pub title: String,
    /// `/contributions/{id}`.
    pub url: String,
    /// The save that is read.
    pub revision: i32,
    /// The claims, and an empty one.
    pub claims: Vec<ClaimView>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn chrome() -> Chrome {
        Chrome::sample("A review", "", Section::Me)
    }

    fn choice(value: &str, selected: bool) -> Choice {
        Choice { value: value.to_owned(), label: value.to_owned(), selected }
    }

    fn sound(html: &str) {
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
    }

    fn said() -> SaidView {
        let s = str::to_owned;
        SaidView { text: s("Say <b>"), fields: vec![choice("title", true)], quote: s("x"), asks_student: true }
    }

    fn changed() -> TextView {
        let change =
            Change { field: "title", label: "Title", before: "Door <b>".into(), after: "Door and reset".into() };
        TextView { compares: true, fields: vec![FieldText::changed(&change)] }
    }

    fn checks() -> CheckView {
        let s = str::to_owned;
        CheckView {
            broken: vec![(Link::sample("Steps", "/contributions/1/what#steps"), s("Write 3 to 10 steps."))],
            newer: s("3"),
            dead: vec![(s("https://gone.example/<b>"), s("Look for its new address."))],
            near: vec![(Link::sample("Other <b>", "/practices/x"), s("A summary"))],
        }
    }

    #[test]
    fn lines_of_a_comparison_keep_their_marks() {
        let change =
            Change { field: "pitfalls", label: "Pitfalls", before: "One\nTwo".into(), after: "One\nThree".into() };
        let text = FieldText::changed(&change);
        assert_eq!(text.lines.len(), 2);
        assert!(text.lines[1].iter().any(|run| run.added && run.text == "Three"));
        assert!(text.lines[1].iter().any(|run| run.removed && run.text == "Two"));
    }

    #[test]
    fn a_review_renders_for_everybody() -> askama::Result<()> {
        let s = str::to_owned;
        let full = ReviewPage {
            chrome: chrome(),
            corrections: Corrections::whole("Say why."),
            done: s("It is with the editors."),
            title: s("Door <b>"),
            url: s("/contributions/1"),
            school: Link::sample("North", "/schools/north"),
            state: s("Submitted"),
            next: s("An editor reads it."),
            writers: s("Ann <b>"),
            page: Some(Link::sample("Door", "/practices/door")),
            text: changed(),
            note: s("Shorter"),
            since: Some(changed()),
            checks: Some(checks()),
            entries: vec![EntryView {
                number: 1,
                who: s("Ann"),
                role: s("Writer"),
                did: s("wrote"),
                at: s("October 14, 2026"),
                text: vec![s("<b>")],
                field: s("Title"),
                quote: s("Door <b>"),
            }],
            revision: 2,
            taken_by: s("Ed"),
            taken_id: s("1"),
            mine: true,
            takes: true,
            answers: true,
            confirms: true,
            takes_back: true,
            submits: true,
            updates: true,
            speaks: true,
            own: true,
            edits: true,
            said: said(),
        };
        let bare = ReviewPage { chrome: chrome(), title: s("Door"), ..ReviewPage::default() };
        sound(&full.render()?);
        sound(&bare.render()?);
        assert!(full.render()?.contains("<ins>") && full.render()?.contains("<del>"));
        assert!(!bare.render()?.contains("method=\"post\""), "nothing to press");
        Ok(())
    }

    #[test]
    fn the_other_pages_render() -> askama::Result<()> {
        let s = str::to_owned;
        let submission = SubmissionPage {
            chrome: chrome(),
            corrections: Corrections::whole("x"),
            title: s("Door <b>"),
            url: s("/contributions/1"),
            school: s("North"),
            checks: checks(),
            passes: true,
            leads: true,
            said: said(),
        };
        sound(&submission.render()?);
        sound(&SubmissionPage { passes: false, checks: CheckView::default(), ..submission }.render()?);
        let row = QueueRow { review: Link::sample("Door <b>", "/contributions/1/review"), ..QueueRow::default() };
        let queue = QueuePage {
            chrome: chrome(),
            lists: vec![(s("Waiting"), s("/review"), true)],
            holds: s("What waits."),
            rows: vec![row],
            more: true,
        };
        sound(&queue.render()?);
        sound(&QueuePage { rows: Vec::new(), ..queue }.render()?);
        let confirm = ConfirmPage {
            chrome: chrome(),
            corrections: Corrections::whole("x"),
            question: s("May North <b> publish this?"),
            lines: vec![s("An editor approved it.")],
            action: s("/confirm-practice/abc"),
            revision: 2,
            who: s("Paula"),
            title: s("Door"),
            page: None,
            text: TextView { compares: false, fields: vec![FieldText::plain("Title", "Door <b>")] },
            said: said(),
        };
        sound(&confirm.render()?);
        let over =
            ConfirmPage { action: String::new(), page: Some(Link::sample("Door", "/practices/door")), ..confirm };
        assert!(!over.render()?.contains("method=\"post\""), "nothing to press");
        let claim = ClaimView {
            heading: s("Claim 1"),
            outcome: s("Reading <b>"),
            tiers: vec![choice("essa_1", true)],
            wrong: vec![s("Name the source.")],
            ..ClaimView::default()
        };
        let evidence = EvidencePage {
            chrome: chrome(),
            title: s("Door"),
            url: s("/c"),
            claims: vec![claim],
            ..EvidencePage::default()
        };
        sound(&evidence.render()?);
        Ok(())
    }
}
