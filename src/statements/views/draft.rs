//! Writing a draft, and the draft as its circle sees it.

use askama::Template;

use super::statement::PointView;
use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// A point in the form.
#[derive(Clone, Debug, Default)]
pub struct PointFields {
    /// Its place in the form, from 0.
    pub at: usize,
    /// Its key; 0 for a new one.
    pub key: i32,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// What to put right about the title; empty prints none.
    pub title_wrong: String,
    /// What to put right about the words; empty prints none.
    pub text_wrong: String,
}

/// The pages `/statements/new` and `/statements/{slug}/edit`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_form.html")]
pub struct FormPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Whether the draft is there already.
    pub known: bool,
    /// Where the way back leads.
    pub back: Link,
    /// Where the form goes.
    pub action: String,
    /// Why there is no form; empty shows it.
    pub instead: String,
    /// As which state of the draft the form was filled; empty for a new one.
    pub seen: String,
    /// What the draft says now, where somebody else changed it while this was written.
    pub now: Vec<Standing>,
    /// Kinds to choose from.
    pub kinds: Vec<Choice>,
    /// Its title.
    pub title: String,
    /// To whom it speaks.
    pub addressee: String,
    /// Places to choose from.
    pub sponsors: Vec<Choice>,
    /// How many have to sign.
    pub threshold: String,
    /// The last day.
    pub deadline: String,
    /// What stands before the points.
    pub preamble: String,
    /// Its points, with room for more.
    pub points: Vec<PointFields>,
}

/// A field of a draft as it stands there now.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// "Point 2".
    pub label: String,
    /// What it says, a line each.
    pub lines: Vec<String>,
}

/// The page `/statements/{slug}/publication`: what everybody will see.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_publication.html")]
pub struct PublicationPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Its title.
    pub title: String,
    /// `/statements/{slug}`.
    pub url: String,
    /// "Framework".
    pub kind: String,
    /// To whom it speaks.
    pub addressee: String,
    /// Who sponsors it.
    pub sponsor: Link,
    /// "It is delivered when 20 schools and organizations signed."
    pub threshold: String,
    /// "Sign-ons until March 4, 2026, wherever that day ends last."
    pub deadline: String,
    /// What stands before the points, made HTML by the catalog's Markdown.
    pub preamble_html: String,
    /// Its points.
    pub points: Vec<PointView>,
    /// What happens when it is published, a sentence each.
    pub then: Vec<String>,
    /// What is missing, a sentence each; as long as there is some, there is no button.
    pub missing: Vec<String>,
    /// What could be looked at first, a sentence each.
    pub advice: Vec<String>,
    /// Why the reader does not publish it; empty shows the button.
    pub instead: String,
    /// The state of the draft that the page shows.
    pub seen: String,
}

/// A comment.
#[derive(Clone, Debug, Default)]
pub struct CommentRow {
    /// Its id.
    pub id: String,
    /// "On point 2." or "On the whole."
    pub point: String,
    /// "Paula Quay, March 4, 2026".
    pub by: String,
    /// What it says.
    pub words: String,
    /// "Taken up"; empty while nobody has said.
    pub fate: String,
    /// Why.
    pub answer: String,
}

/// A point of the draft, with what is said of it.
#[derive(Clone, Debug, Default)]
pub struct DraftPoint {
    /// Its title.
    pub title: String,
    /// Its words, made HTML by the catalog's Markdown.
    pub text_html: String,
    /// What is said of it.
    pub comments: Vec<CommentRow>,
}

/// Somebody who is invited.
#[derive(Clone, Debug, Default)]
pub struct GuestRow {
    /// Id of the invitation.
    pub id: String,
    /// The address.
    pub email: String,
    /// "Commenter".
    pub part: String,
    /// "Invited March 4, 2026".
    pub since: String,
}

/// The page `/statements/{slug}/draft`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "statement_draft.html")]
pub struct DraftPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Its title.
    pub title: String,
    /// "Framework".
    pub kind: String,
    /// To whom it speaks.
    pub addressee: String,
    /// "Sponsored by Harbor Network."
    pub facts: String,
    /// `/statements/{slug}`.
    pub url: String,
    /// Whether it is a draft still.
    pub is_draft: bool,
    /// Whether the reader writes it.
    pub manages: bool,
    /// Whether the reader began it.
    pub may_delete: bool,
    /// What stands before the points, made HTML by the catalog's Markdown.
    pub preamble_html: String,
    /// Its points.
    pub points: Vec<DraftPoint>,
    /// Every comment, the oldest first.
    pub all: Vec<CommentRow>,
    /// Points to comment on, the whole first.
    pub choices: Vec<Choice>,
    /// A comment that was refused.
    pub comment: String,
    /// Id of the comment whose answer was refused.
    pub answering: String,
    /// That answer.
    pub words: String,
    /// Who is invited; filled for its authors alone.
    pub guests: Vec<GuestRow>,
    /// An address that was refused.
    pub email: String,
    /// As what one is invited.
    pub parts: Vec<Choice>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_what_was_typed() {
        let choice = Choice { value: "framework".to_owned(), label: "Framework".to_owned(), selected: true };
        let point = PointFields {
            title: "\"Serve".to_owned(),
            text: "</textarea>".to_owned(),
            title_wrong: "Give the point a title.".to_owned(),
            text_wrong: "Say it.".to_owned(),
            ..PointFields::default()
        };
        let page = FormPage {
            kinds: vec![choice.clone()],
            sponsors: vec![choice],
            points: vec![point],
            preamble: "</textarea>".to_owned(),
            ..FormPage::default()
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("</textarea>").count(), 2);
        assert!(html.contains("point-0-title-wrong") && html.contains("Begin a statement"));
        let none = FormPage { instead: "You speak for no place.".to_owned(), known: true, ..FormPage::default() };
        let html = none.render().unwrap();
        assert!(!html.contains("name=\"preamble\"") && html.contains("Change the draft"));
    }

    #[test]
    fn what_will_be_published_is_shown_before() {
        let page = PublicationPage {
            title: "<Common".to_owned(),
            url: "/statements/x".to_owned(),
            sponsor: Link::sample("<Harbor>", "/schools/harbor"),
            then: vec!["Everybody reads it.".to_owned()],
            advice: vec!["One comment has no answer.".to_owned()],
            points: vec![PointView { number: 1, title: "<u>".to_owned(), text_html: "<p>x</p>".to_owned() }],
            ..PublicationPage::default()
        };
        let html = page.render().unwrap();
        assert!(
            html.contains("Publish it and open it for sign-ons") && html.contains("<p>x</p>") && !html.contains("<u>")
        );
        let lacking = PublicationPage { missing: vec!["Write one point at least.".to_owned()], ..page.clone() };
        let html = lacking.render().unwrap();
        assert!(html.contains("Write one point at least.") && !html.contains("method=\"post\""));
        let html = PublicationPage { instead: "Ask Harbor.".to_owned(), ..page }.render().unwrap();
        assert!(html.contains("Ask Harbor.") && !html.contains("method=\"post\""));
    }

    #[test]
    fn a_form_that_somebody_else_passed_shows_both() {
        let now = Standing { label: "Title".to_owned(), lines: vec!["<Theirs>".to_owned()] };
        let page = FormPage { title: "Mine".to_owned(), now: vec![now], known: true, ..FormPage::default() };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;Theirs&#62;") && html.contains("value=\"Mine\""));
    }

    #[test]
    fn a_draft_shows_its_authors_more() {
        let comment = CommentRow {
            id: "7".to_owned(),
            words: "<b>".to_owned(),
            fate: "Taken up".to_owned(),
            ..CommentRow::default()
        };
        let page = DraftPage {
            is_draft: true,
            manages: true,
            may_delete: true,
            url: "/statements/x".to_owned(),
            points: vec![DraftPoint { comments: vec![comment.clone()], ..DraftPoint::default() }],
            all: vec![comment],
            guests: vec![GuestRow { email: "a@b.example".to_owned(), ..GuestRow::default() }],
            ..DraftPage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("/statements/x/publication") && html.contains("a@b.example") && !html.contains("<b>"));
        let html = DraftPage { manages: false, ..page.clone() }.render().unwrap();
        assert!(!html.contains("/publication") && !html.contains("a@b.example") && html.contains("name=\"words\""));
        let html = DraftPage { is_draft: false, ..page }.render().unwrap();
        assert!(!html.contains("name=\"words\"") && !html.contains("/publication"));
        assert!(DraftPage::default().render().unwrap().contains("Nobody has commented yet"));
    }
}
