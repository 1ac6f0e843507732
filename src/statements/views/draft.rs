//! Writing a draft, and the draft as its circle sees it.

use askama::Template;

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
