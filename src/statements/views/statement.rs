//! The list, a statement, what changed, and one's own.

use askama::Template;

use crate::web::views::{Chrome, Link};

/// A statement in a list.
#[derive(Clone, Debug, Default)]
pub struct StatementRow {
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// "Framework".
    pub kind: String,
    /// To whom it speaks.
    pub addressee: String,
    /// "Open for sign-ons".
    pub state: String,
    /// "12 sign-ons stand behind version 2."
    pub stand: String,
    /// "Published March 4, 2026."
    pub facts: String,
    /// What the reader's places have to do with it, a line each; filled on their own page alone.
    pub mine: Vec<String>,
}

/// The page `/statements`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statements.html")]
pub struct StatementsPage {
    /// The frame.
    pub chrome: Chrome,
    /// The last published first.
    pub rows: Vec<StatementRow>,
    /// Whether the reader may begin one.
    pub may_begin: bool,
}

/// The page `/me/statements`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "my_statements.html")]
pub struct MyStatementsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// The last changed first.
    pub rows: Vec<StatementRow>,
    /// Whether the reader may begin one.
    pub may_begin: bool,
}

/// A point as it is read.
#[derive(Clone, Debug, Default)]
pub struct PointView {
    /// From 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// Its words, made HTML by the catalog's Markdown.
    pub text_html: String,
}

/// A line of the table of counts; numbers are grouped.
#[derive(Clone, Debug, Default)]
pub struct SectorRow {
    /// "Charter".
    pub label: String,
    /// Sign-ons.
    pub leaders: String,
    /// Schools.
    pub schools: String,
    /// Students.
    pub students: String,
}

/// A sign-on.
#[derive(Clone, Debug, Default)]
pub struct SignerRow {
    /// Who signed.
    pub place: Link,
    /// "Principal", with the name where it is shown.
    pub leader: String,
    /// "Signed version 1 on March 4, 2026".
    pub when: String,
    /// "Signed version 1; asked again"; empty for one behind the newest.
    pub asked: String,
    /// "withdrawn on March 9, 2026"; empty for one that stands.
    pub withdrawn: String,
    /// "Signed version 1 on March 4, 2026, confirmed version 2 on March 9, 2026."; empty where there is one step.
    pub history: String,
    /// What they said to everybody; empty prints none.
    pub comment: String,
    /// What they said to the authors; filled for them alone.
    pub private_comment: String,
}

/// A version in the list of them.
#[derive(Clone, Debug, Default)]
pub struct VersionRow {
    /// From 1.
    pub number: i32,
    /// Its page.
    pub url: String,
    /// "published March 4, 2026".
    pub published: String,
    /// Why it was made, a line for each change; empty for the first.
    pub notes: Vec<String>,
    /// What changed from the one before; empty for the first.
    pub changes_url: String,
    /// SHA-256 of its text.
    pub hash: String,
}

/// The page `/statements/{slug}` and that of an earlier version.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement.html")]
pub struct StatementPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its title.
    pub title: String,
    /// "Framework".
    pub kind: String,
    /// To whom it speaks.
    pub addressee: String,
    /// "Open for sign-ons".
    pub state: String,
    /// "12 sign-ons stand behind version 2."
    pub stand: String,
    /// "Published March 4, 2026."
    pub facts: String,
    /// Who sponsors it.
    pub sponsor: Link,
    /// "Delivered on March 4, 2026."
    pub ending_label: String,
    /// What came of it or why; empty prints none.
    pub ending: String,
    /// "12 of 20 signed"; empty where no number is wanted.
    pub progress: String,
    /// `/statements/{slug}`.
    pub url: String,
    /// Number of the version shown.
    pub number: i32,
    /// "Version 2 is the newest"; empty on that.
    pub newer: String,
    /// "Published March 4, 2026".
    pub published: String,
    /// What stands before the points, made HTML by the catalog's Markdown.
    pub preamble_html: String,
    /// In their order.
    pub points: Vec<PointView>,
    /// How many stand behind which version.
    pub behind: String,
    /// The table: sectors, and all of them last; empty prints none.
    pub sectors: Vec<SectorRow>,
    /// The day of the counts.
    pub counted_on: String,
    /// "2 schools have published none"; empty prints none.
    pub unknown: String,
    /// In the order of the first signing.
    pub signers: Vec<SignerRow>,
    /// "1 waits for an answer."
    pub amendments: String,
    /// Whether the reader may propose one.
    pub may_propose: bool,
    /// The newest first.
    pub versions: Vec<VersionRow>,
    /// Where it is signed; empty where it cannot be.
    pub sign_url: String,
    /// Where its authors ask others to sign; empty for everybody else.
    pub calls_url: String,
    /// Where its authors end it; empty for everybody else.
    pub manage_url: String,
    /// "Harbor Charter School and 2 co-authors look after it."; filled on the newest version.
    pub care: String,
    /// Where its circle reads the draft's comments; empty for everybody else.
    pub circle_url: String,
}

/// A run of words.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its words.
    pub text: String,
    /// It came.
    pub added: bool,
    /// It went.
    pub removed: bool,
}

/// A point that changed.
#[derive(Clone, Debug, Default)]
pub struct PointChangeView {
    /// "Point 2", "Point 3, before 2", "New point 4", "Point 2, struck".
    pub label: String,
    /// Whether its words changed.
    pub reworded: bool,
    /// Its title.
    pub title: Vec<Run>,
    /// Its words.
    pub text: Vec<Run>,
}

/// What changed.
#[derive(Clone, Debug, Default)]
pub struct ChangesView {
    /// What stands before the points; empty where it is the same.
    pub preamble: Vec<Run>,
    /// Points that changed.
    pub points: Vec<PointChangeView>,
}

/// The page `/statements/{slug}/changes`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_changes.html")]
pub struct ChangesPage {
    /// The frame.
    pub chrome: Chrome,
    /// The statement.
    pub statement: Link,
    /// Number of the older version.
    pub from: i32,
    /// Number of the newer one.
    pub to: i32,
    /// Why the newer one was made, a line for each change; empty prints none.
    pub notes: Vec<String>,
    /// What changed.
    pub changes: ChangesView,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn chrome() -> Chrome {
        Chrome::sample("Shared ground", "/statements/shared-ground", Section::None)
    }

    fn row() -> StatementRow {
        StatementRow {
            title: "<b>Shared".to_owned(),
            url: "/statements/shared".to_owned(),
            kind: "Framework".to_owned(),
            addressee: "the <city>".to_owned(),
            state: "Open for sign-ons".to_owned(),
            stand: "2 sign-ons stand behind version 2.".to_owned(),
            facts: "Published today.".to_owned(),
            mine: vec!["Harbor signed version 1; asked again".to_owned()],
        }
    }

    #[test]
    fn lists_show_everything_they_can_and_nothing() {
        let page = StatementsPage { chrome: chrome(), rows: vec![row()], may_begin: true };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;b&#62;Shared") && html.contains("/statements/new") && !html.contains("<city>"));
        assert!(StatementsPage::default().render().unwrap().contains("No statement is published yet"));
        let page =
            MyStatementsPage { rows: vec![row()], may_begin: true, done: "Done".to_owned(), ..Default::default() };
        assert!(page.render().unwrap().contains("asked again"));
        assert!(MyStatementsPage::default().render().unwrap().contains("There is none yet"));
    }

    #[test]
    fn a_statement_shows_everything_it_can_and_nothing() {
        let signer = SignerRow {
            place: Link::sample("<Harbor>", "/schools/harbor"),
            leader: "Principal".to_owned(),
            asked: "Signed version 1; asked again".to_owned(),
            comment: "<i>".to_owned(),
            private_comment: "for you".to_owned(),
            history: "Signed version 1, withdrew".to_owned(),
            ..SignerRow::default()
        };
        let gone = SignerRow { withdrawn: "withdrawn on March 9, 2026".to_owned(), ..signer.clone() };
        let version = VersionRow {
            number: 2,
            url: "/statements/x/v/2".to_owned(),
            notes: vec!["because".to_owned()],
            changes_url: "/statements/x/changes?from=1&to=2".to_owned(),
            ..VersionRow::default()
        };
        let page = StatementPage {
            chrome: chrome(),
            title: "<h1>".to_owned(),
            url: "/statements/x".to_owned(),
            number: 2,
            points: vec![PointView { number: 1, title: "<u>".to_owned(), text_html: "<p>x</p>".to_owned() }],
            sectors: vec![SectorRow { label: "Charter".to_owned(), ..SectorRow::default() }],
            unknown: "1 school has none".to_owned(),
            signers: vec![signer, gone],
            versions: vec![version],
            ending: "Handed over".to_owned(),
            progress: "2 of 20".to_owned(),
            sign_url: "/statements/x/sign".to_owned(),
            calls_url: "/statements/x/calls".to_owned(),
            manage_url: "/statements/x/end".to_owned(),
            circle_url: "/statements/x/draft".to_owned(),
            may_propose: true,
            done: "Signed".to_owned(),
            ..StatementPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;h1&#62;") && !html.contains("<u>") && !html.contains("<i>"));
        assert!(html.contains("withdrawn on March 9") && html.contains("<p>x</p>") && html.contains("for you"));
        assert_eq!(html.matches("Signed version 1, withdrew").count(), 2);
        let old = StatementPage { newer: "Version 2 is the newest".to_owned(), number: 1, ..page };
        let html = old.render().unwrap();
        assert!(html.contains("This is version 1") && !html.contains("/statements/x/sign"));
        assert!(StatementPage::default().render().unwrap().contains("Nobody has signed yet"));
    }

    #[test]
    fn changes_show_everything_they_can_and_nothing() {
        let run = |text: &str, added, removed| Run { text: text.to_owned(), added, removed };
        let runs = vec![run("a<", false, false), run("b", true, false), run("c", false, true)];
        let point =
            PointChangeView { label: "Point 1".to_owned(), reworded: true, title: runs.clone(), text: runs.clone() };
        let moved = PointChangeView { reworded: false, ..point.clone() };
        let changes = ChangesView { preamble: runs, points: vec![point, moved] };
        let page =
            ChangesPage { chrome: chrome(), changes, notes: vec!["because".to_owned()], ..ChangesPage::default() };
        let html = page.render().unwrap();
        assert!(html.contains("<ins>b</ins>") && html.contains("<del>c</del>") && !html.contains("a<<"));
        assert!(ChangesPage::default().render().unwrap().contains("Nothing differs"));
    }
}
