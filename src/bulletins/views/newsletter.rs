//! What the pages of the newsletter show, and an announcement for everybody.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Chrome, Link};

/// The page `/cities/{slug}/newsletter`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "newsletter.html")]
pub struct NewsletterPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Whether a letter was asked for: the same for everybody.
    pub asked: bool,
    /// "Rivermark, NY".
    pub city: String,
    /// `/cities/{slug}/newsletter`.
    pub url: String,
    /// What was typed.
    pub email: String,
    /// What was announced lately.
    pub lately: Vec<(Link, String)>,
    /// Whether the actor may announce to the city.
    pub announces: bool,
}

/// A page that a link of a letter leads to: `/n/{token}`, `/n/confirm/{token}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "newsletter_link.html")]
pub struct LinkPage {
    /// The frame; its own address is a secret.
    pub chrome: Chrome,
    /// "Get news of Rivermark, NY?".
    pub heading: String,
    /// What to know; a sentence each.
    pub lines: Vec<String>,
    /// Words of the button; empty where nothing is left to do.
    pub button: &'static str,
    /// Classes of the button.
    pub class: &'static str,
    /// Where one goes on; an empty text prints none.
    pub onward: Link,
}

/// The page `/announcements/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "announced.html")]
pub struct AnnouncedPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its subject.
    pub subject: String,
    /// "Rivermark, NY".
    pub city: String,
    /// The page of the newsletter.
    pub newsletter_url: String,
    /// The day it left.
    pub day: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// Its button; an empty text prints none.
    pub button: Link,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn pages_of_the_newsletter_render() {
        let chrome = || Chrome::sample("News", "/cities/rivermark-ny/newsletter", Section::None);
        let page = NewsletterPage {
            chrome: chrome(),
            corrections: Corrections::whole("Give a full email address."),
            city: s("Rivermark, NY"),
            url: s("/cities/rivermark-ny/newsletter"),
            email: s("ada@"),
            lately: vec![(Link::sample("Open <b> house", "/announcements/1"), s("October 14, 2026"))],
            announces: true,
            ..NewsletterPage::default()
        };
        let html = page.render().unwrap();
        for words in ["Rivermark, NY", "ada@", "Open &#60;b&#62; house", "Give a full", "/admin/announcements/new"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let asked = NewsletterPage { asked: true, ..page }.render().unwrap();
        assert!(asked.contains("Look into that mailbox") && !asked.contains("<form class=\"form\""), "{asked}");
        let link = LinkPage {
            chrome: chrome(),
            heading: s("Get news?"),
            lines: vec![s("One <b> letter.")],
            button: "Yes",
            onward: Link::sample("Sessions", "/sessions"),
            ..LinkPage::default()
        };
        let html = link.render().unwrap();
        assert!(html.contains("method=\"post\"") && html.contains("One &#60;b&#62; letter."), "{html}");
        let over = LinkPage { button: "", ..link }.render().unwrap();
        assert!(!over.contains("method=\"post\""), "nothing to press");
        let told = AnnouncedPage {
            chrome: chrome(),
            subject: s("Open house"),
            city: s("Rivermark, NY"),
            newsletter_url: s("/cities/rivermark-ny/newsletter"),
            day: s("October 14, 2026"),
            paragraphs: vec![s("Come <b>.")],
            button: Link::sample("See it", "/sessions"),
        };
        let html = told.render().unwrap();
        assert!(html.contains("Come &#60;b&#62;.") && html.contains("See it"), "{html}");
        for html in [html, over] {
            assert_eq!(html.matches("<h1").count(), 1);
        }
    }
}
