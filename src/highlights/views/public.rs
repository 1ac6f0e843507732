//! The pages that everybody reads.

use askama::Template;

use super::Piece;
use crate::web::views::{Choice, Chrome, Link};

/// A highlight in a list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its headline and page.
    pub link: Link,
    /// Its story.
    pub story: String,
    /// "Old Mill, Rivermark, NY. October 14, 2026".
    pub facts: String,
    /// "Harbor Charter School and Millbrook Elementary".
    pub schools: String,
}

/// The page `/highlights`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlights.html")]
pub struct ListPage {
    /// The frame.
    pub chrome: Chrome,
    /// "12 highlights".
    pub count: String,
    /// Newest first.
    pub rows: Vec<Row>,
    /// Cities to choose from.
    pub cities: Vec<Choice>,
    /// Neighborhoods to choose from.
    pub neighborhoods: Vec<Choice>,
    /// Whether a filter is set.
    pub filtered: bool,
    /// The feed of the same.
    pub feed_url: String,
    /// Whether the reader writes highlights.
    pub writes: bool,
    /// The next page; empty on the last.
    pub next_url: String,
    /// Whether this is not the first page.
    pub later: bool,
}

/// The page `/highlights/{slug}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight.html")]
pub struct HighlightPage {
    /// The frame.
    pub chrome: Chrome,
    /// It; nothing of it where it is not shown.
    pub piece: Piece,
    /// "Published October 14, 2026"; empty before.
    pub published: String,
    /// What it is about: "The joint session", its title and page.
    pub about: Vec<(String, Link)>,
    /// Says that it is a preview, with the page where it is written; for those who may see it before.
    pub preview: Option<Link>,
    /// Why it is not shown: a sentence, and the reason; empty while it is.
    pub gone: Vec<String>,
    /// The page where it is written, for those who do.
    pub edit_url: String,
    /// What to copy into a page of one's own; empty while it is not published.
    pub snippet: String,
    /// Its own address, `/highlights/{slug}`.
    pub url: String,
}

/// The card that pages of others show: `/highlights/{slug}/card`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight_card.html")]
pub struct CardPage {
    /// Hash of the static files.
    pub asset_version: String,
    /// It.
    pub piece: Piece,
    /// Its page, absolute.
    pub url: String,
    /// Why it is not shown; empty while it is.
    pub gone: String,
}

/// The press text: `/highlights/{slug}/press`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "highlight_press.html")]
pub struct PressPage {
    /// The frame.
    pub chrome: Chrome,
    /// The headline.
    pub headline: String,
    /// The other paragraphs.
    pub paragraphs: Vec<String>,
    /// The same as a plain text.
    pub text_url: String,
    /// Its page.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::super::samples::s;
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn every_view_renders() {
        let list = ListPage {
            chrome: Chrome::sample("Highlights", "/highlights", Section::None),
            count: s("1 highlight"),
            rows: vec![Row {
                link: Link { text: s("Two schools, one first grade"), url: s("/highlights/two") },
                story: s("They met."),
                facts: s("Rivermark, NY. October 14, 2026"),
                schools: s("Harbor Charter School and Millbrook Elementary"),
            }],
            cities: vec![Choice { value: s("rivermark-ny"), label: s("Rivermark, NY"), selected: true }],
            neighborhoods: vec![Choice::default()],
            filtered: true,
            feed_url: s("/highlights.atom"),
            writes: true,
            next_url: s("/highlights?cursor=x"),
            later: true,
        };
        let html = list.render().unwrap();
        assert!(html.contains("/highlights/new") && html.contains("Older highlights"), "{html}");
        let empty = ListPage { chrome: list.chrome.clone(), ..ListPage::default() };
        assert!(empty.render().unwrap().contains("Nothing is shown here yet"));
        let page = HighlightPage {
            chrome: Chrome::sample("Two schools", "/highlights/two", Section::None),
            piece: Piece::sample(),
            published: s("Published October 14, 2026"),
            about: vec![(s("The joint session"), Link { text: s("Reading"), url: s("/sessions/1") })],
            preview: Some(Link { text: s("Change it"), url: s("/highlights/1/edit") }),
            gone: Vec::new(),
            edit_url: s("/highlights/1/edit"),
            snippet: s("<iframe src=\"https://x/card\"></iframe>"),
            url: s("/highlights/two"),
        };
        let html = page.render().unwrap();
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains("&#60;and&#62;") && html.contains("&#60;iframe"), "{html}");
        let gone = HighlightPage {
            gone: vec![s("It was withdrawn."), s("The picture was wrong.")],
            ..HighlightPage::default()
        };
        assert!(gone.render().unwrap().contains("The picture was wrong."));
        let card = CardPage {
            asset_version: s("x"),
            piece: Piece::sample(),
            url: s("https://x/highlights/two"),
            gone: String::new(),
        };
        let html = card.render().unwrap();
        assert!(!html.contains("<script") && html.contains("target=\"_blank\""), "{html}");
        assert!(
            CardPage { gone: s("It is not shown."), ..CardPage::default() }
                .render()
                .unwrap()
                .contains("It is not shown.")
        );
        let press = PressPage { headline: s("Two"), paragraphs: vec![s("One.")], ..PressPage::default() };
        assert!(press.render().unwrap().contains("One."));
    }
}
