//! Signing, being asked again, amendments, and the end.

use askama::Template;

use super::statement::ChangesView;
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A sign-on of a place for which the reader speaks.
#[derive(Clone, Debug, Default)]
pub struct MySignature {
    /// Its id.
    pub id: String,
    /// Name of the place.
    pub place: String,
    /// "Signed version 1 on March 4, 2026; asked again."
    pub says: String,
    /// Its steps; empty where there is one.
    pub history: String,
    /// Whether it stands.
    pub stands: bool,
    /// Whether a newer version can be confirmed.
    pub may_confirm: bool,
    /// What changed since; empty where nothing did.
    pub changes_url: String,
}

/// The page `/statements/{slug}/sign`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_sign.html")]
pub struct SignPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The statement.
    pub statement: Link,
    /// The newest version.
    pub version: i32,
    /// Sign-ons of the reader's places.
    pub mine: Vec<MySignature>,
    /// Why it cannot be signed; empty shows the form.
    pub instead: String,
    /// Places to sign for.
    pub places: Vec<Choice>,
    /// The leader's role.
    pub role_title: String,
    /// Whether the name is shown.
    pub shows_name: bool,
    /// What is said with it.
    pub comment: String,
    /// Whether everybody reads that.
    pub comment_public: bool,
}

/// The page of the link that asks again.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_again.html")]
pub struct AgainPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The statement.
    pub statement: Link,
    /// Name of the place.
    pub place: String,
    /// How its sign-on stands.
    pub says: String,
    /// Whether there is a newer version than the one signed.
    pub asks: bool,
    /// Whether it can be confirmed.
    pub may_confirm: bool,
    /// Whether the sign-on stands.
    pub stands: bool,
    /// The version that was signed.
    pub from: i32,
    /// The newest one.
    pub to: i32,
    /// What changed.
    pub changes: ChangesView,
    /// Where the forms go.
    pub action: String,
}

/// Somebody who was asked to sign.
#[derive(Clone, Debug, Default)]
pub struct CallRow {
    /// The school or organization; an address that was typed.
    pub who: Link,
    /// "2 people who speak for it were asked."; empty for an address.
    pub people: String,
    /// "Has not answered".
    pub answer: String,
    /// "Asked March 4, 2026; can be asked again from March 11, 2026 on."
    pub when: String,
}

/// The page `/statements/{slug}/calls`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_calls.html")]
pub struct CallsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The statement.
    pub statement: Link,
    /// Whether it can ask now.
    pub may_ask: bool,
    /// Who was asked, those who have not answered first.
    pub rows: Vec<CallRow>,
    /// What was typed and refused.
    pub who: String,
}

/// The page of the link that ends such letters.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_stop.html")]
pub struct StopPage {
    /// The frame.
    pub chrome: Chrome,
    /// Whether they are ended.
    pub stopped: bool,
    /// Where the form goes.
    pub action: String,
}

/// An amendment.
#[derive(Clone, Debug, Default)]
pub struct AmendmentRow {
    /// Its id.
    pub id: String,
    /// "Change point 2", "Add a point".
    pub does: String,
    /// "Waits for an answer".
    pub state: String,
    /// "Proposed for Harbor Charter School, March 4, 2026".
    pub by: String,
    /// The new title; empty prints none.
    pub title: String,
    /// The new words, a paragraph each.
    pub words: Vec<String>,
    /// Why.
    pub reason: String,
    /// What the authors say; empty prints none.
    pub answer: String,
    /// The version that took it up; empty prints none.
    pub version_url: String,
    /// "The point was reworded since this was proposed."; empty prints none.
    pub stale: String,
    /// Whether the reader decides about it.
    pub may_decide: bool,
    /// Whether the reader may decline it although it is taken up.
    pub may_take_back: bool,
}

/// What goes into the next version.
#[derive(Clone, Debug, Default)]
pub struct NextVersion {
    /// Its number.
    pub number: i32,
    /// The newest one, which the reader has before them.
    pub newest: i32,
    /// Ids of the proposals that it takes up.
    pub ids: Vec<String>,
    /// "2 proposals are taken up."
    pub says: String,
    /// "3 sign-ons are asked once whether they still stand."
    pub asks: String,
    /// What changes.
    pub changes: ChangesView,
    /// Whether the reader publishes it.
    pub may_publish: bool,
}

/// The page `/statements/{slug}/amendments`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_amendments.html")]
pub struct AmendmentsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The statement.
    pub statement: Link,
    /// What goes into the next version; `None` where nothing does.
    pub next: Option<NextVersion>,
    /// The newest first.
    pub rows: Vec<AmendmentRow>,
    /// Whether the reader may propose one.
    pub may_propose: bool,
    /// Why not; empty says nothing.
    pub instead: String,
    /// What to do.
    pub kinds: Vec<Choice>,
    /// Points of the newest version, the empty choice first.
    pub points: Vec<Choice>,
    /// The new title.
    pub title: String,
    /// The new words.
    pub words: String,
    /// Why.
    pub reason: String,
    /// Id of the one whose answer was refused.
    pub answering: String,
    /// That answer.
    pub answer: String,
}

/// The page `/statements/{slug}/end`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_end.html")]
pub struct EndPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// The statement.
    pub statement: Link,
    /// How it may end.
    pub states: Vec<Choice>,
    /// The day.
    pub on: String,
    /// What came of it, or why.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_shows_everything_it_can_and_nothing() {
        let mine = MySignature {
            id: "5".to_owned(),
            place: "<Harbor>".to_owned(),
            stands: true,
            may_confirm: true,
            changes_url: "/statements/x/changes?from=1&to=2".to_owned(),
            ..MySignature::default()
        };
        let place = Choice { value: "school:1".to_owned(), label: "Harbor".to_owned(), selected: false };
        let page = SignPage {
            mine: vec![mine],
            places: vec![place],
            comment: "</textarea>".to_owned(),
            shows_name: true,
            comment_public: true,
            ..SignPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("/confirmation") && html.contains("/withdrawal") && !html.contains("<Harbor>"));
        assert_eq!(html.matches("</textarea>").count(), 1);
        let html = SignPage { instead: "It is over.".to_owned(), ..SignPage::default() }.render().unwrap();
        assert!(!html.contains("name=\"role_title\""));
        let page = AgainPage { asks: true, stands: true, may_confirm: true, ..AgainPage::default() };
        assert!(page.render().unwrap().contains("value=\"confirm\""));
        assert!(!AgainPage::default().render().unwrap().contains("method=\"post\""));
    }

    #[test]
    fn who_was_asked_shows_everything_it_can_and_nothing() {
        let row = CallRow {
            who: Link::sample("<Harbor>", "/schools/harbor"),
            answer: "Signed".to_owned(),
            ..CallRow::default()
        };
        let typed = CallRow { who: Link { text: "a@b.example".to_owned(), url: String::new() }, ..row.clone() };
        let page =
            CallsPage { rows: vec![row, typed], may_ask: true, who: "</textarea>".to_owned(), ..CallsPage::default() };
        let html = page.render().unwrap();
        assert!(html.contains("a@b.example") && !html.contains("<Harbor>"));
        assert_eq!(html.matches("</textarea>").count(), 1);
        let html = CallsPage::default().render().unwrap();
        assert!(html.contains("Nobody was asked yet") && !html.contains("<textarea"));
        assert!(StopPage { stopped: true, ..StopPage::default() }.render().unwrap().contains("value=\"resume\""));
        assert!(StopPage::default().render().unwrap().contains("value=\"stop\""));
    }

    #[test]
    fn amendments_show_everything_they_can_and_nothing() {
        let row = AmendmentRow {
            id: "5".to_owned(),
            title: "<b>".to_owned(),
            words: vec!["<i>".to_owned()],
            answer: "Yes".to_owned(),
            version_url: "/statements/x/v/2".to_owned(),
            may_decide: true,
            ..AmendmentRow::default()
        };
        let taken_up = AmendmentRow { id: "6".to_owned(), may_decide: false, may_take_back: true, ..row.clone() };
        let next = NextVersion {
            number: 2,
            newest: 1,
            ids: vec!["6".to_owned()],
            may_publish: true,
            ..NextVersion::default()
        };
        let page = AmendmentsPage {
            next: Some(next),
            rows: vec![row, taken_up],
            may_propose: true,
            answering: "5".to_owned(),
            answer: "</textarea>".to_owned(),
            ..AmendmentsPage::default()
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<b>") && !html.contains("<i>") && html.contains("value=\"decline\""));
        assert_eq!(html.matches("</textarea>").count(), 4);
        assert!(html.contains("Publish version 2") && html.matches("value=\"accept\"").count() == 1);
        let html = AmendmentsPage { instead: "Sign first.".to_owned(), ..AmendmentsPage::default() }.render().unwrap();
        assert!(html.contains("No change is proposed yet") && html.contains("Sign first."));
        assert!(EndPage::default().render().unwrap().contains("name=\"note\""));
    }
}
