//! What a school sees when it is asked.

use askama::Template;

use super::Piece;
use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// The page of the letter, and of a lead who is signed in.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight_approve.html")]
pub struct ApprovePage {
    /// The frame.
    pub chrome: Chrome,
    /// "May Rivermark say this about Harbor Charter School?"
    pub question: String,
    /// What is said under it.
    pub lines: Vec<String>,
    /// What to put right.
    pub corrections: Corrections,
    /// As it will appear.
    pub piece: Piece,
    /// Where the form goes; empty where nothing can be answered.
    pub action: String,
    /// Names the words that were read.
    pub print: String,
    /// Whether a yes is missing.
    pub asks: bool,
    /// Whether a yes can be taken back.
    pub approved: bool,
    /// Whether a quote of this school is in it that its reader may have said.
    pub asks_name: bool,
    /// What was typed.
    pub note: String,
    /// For whom the link acts; empty for who is signed in.
    pub who: String,
    /// Its page, where it is shown.
    pub page: Option<Link>,
}

#[cfg(test)]
mod tests {
    use super::super::samples::s;
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn a_school_sees_what_it_says_yes_to() {
        let page = ApprovePage {
            chrome: Chrome::sample("May we?", "", Section::None),
            question: s("May Rivermark say this about Harbor Charter School?"),
            lines: vec![s("Nothing is published before you say yes.")],
            piece: Piece::sample(),
            action: s("/approve-highlight/token"),
            print: s("abc"),
            asks: true,
            approved: true,
            asks_name: true,
            note: s("Say morning, not day."),
            who: s("Paula Quay"),
            page: Some(Link { text: s("See its page"), url: s("/highlights/two") }),
            ..ApprovePage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("value=\"yes\"") && html.contains("value=\"changes\"") && html.contains("value=\"abc\""));
        let over = ApprovePage { action: String::new(), ..page };
        assert!(!over.render().unwrap().contains("<button type=\"submit\" name=\"answer\""));
    }
}
