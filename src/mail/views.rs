//! What the demo's mailbox shows: plain values, printed by the templates beside this file.

pub mod bounces;
pub mod queue;

use askama::Template;

use crate::web::views::Chrome;

/// A letter in the list.
#[derive(Clone, Debug, Default)]
pub struct LetterLine {
    /// Its page; empty while it has not left.
    pub url: String,
    /// The address it goes to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// "October 14, 2026, 16:00 UTC".
    pub when: String,
    /// "sent", "waits", "not sent: the account is closed" ...
    pub state: String,
}

/// The page `/dev/mail`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dev_mail.html")]
pub struct MailboxPage {
    /// The frame.
    pub chrome: Chrome,
    /// Letters, newest first.
    pub letters: Vec<LetterLine>,
    /// How many there are at most in the list; older ones are files.
    pub most: u64,
}

/// A piece of a letter's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The text; where it is an address, it is the link.
    pub text: String,
    /// Whether it is an address.
    pub link: bool,
}

/// The page `/dev/mail/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dev_letter.html")]
pub struct LetterPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its subject.
    pub subject: String,
    /// Who it is from.
    pub from: String,
    /// The address it went to.
    pub to: String,
    /// "October 14, 2026, 16:00 UTC".
    pub when: String,
    /// Its plain text.
    pub text: Vec<Piece>,
    /// The address of its HTML.
    pub html_url: String,
}

/// A text in pieces: its addresses apart.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    let starts = |text: &str| [text.find("https://"), text.find("http://")].into_iter().flatten().min();
    while let Some(at) = starts(rest) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(from.len());
        // A full stop or a comma behind an address ends the sentence.
        let link = from[..end].trim_end_matches(['.', ',', ';', ')']);
        found.push(Piece { text: before.to_owned(), link: false });
        found.push(Piece { text: link.to_owned(), link: true });
        rest = &from[link.len()..];
    }
    found.push(Piece { text: rest.to_owned(), link: false });
    found.retain(|piece| !piece.text.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_are_links() {
        let piece = |text: &str, link| Piece { text: text.to_owned(), link };
        assert_eq!(
            pieces("Open\nhttp://127.0.0.1:1/sign-in?t=a_b-c.\nOr (https://x.example), now"),
            [
                piece("Open\n", false),
                piece("http://127.0.0.1:1/sign-in?t=a_b-c", true),
                piece(".\nOr (", false),
                piece("https://x.example", true),
                piece("), now", false),
            ]
        );
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("https://").len(), 1);
    }

    #[test]
    fn the_pages_render() {
        let line = LetterLine {
            url: "/dev/mail/1".to_owned(),
            to: "ada@example.org".to_owned(),
            subject: "<b>Sign in</b>".to_owned(),
            when: "October 14, 2026, 16:00 UTC".to_owned(),
            state: "sent".to_owned(),
        };
        let waiting = LetterLine { url: String::new(), ..line.clone() };
        let page = MailboxPage { letters: vec![line, waiting], most: 100, ..MailboxPage::default() };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;b&#62;Sign in") && html.matches("/dev/mail/1").count() == 1, "{html}");
        let empty = MailboxPage::default().render().unwrap();
        assert!(empty.contains("No letters yet"), "{empty}");
        let letter = LetterPage {
            subject: "Sign in".to_owned(),
            text: pieces("Open https://x.example/<script>"),
            html_url: "/dev/mail/1/html".to_owned(),
            ..LetterPage::default()
        };
        let html = letter.render().unwrap();
        assert!(html.contains("href=\"https://x.example/\"") && !html.contains("<script>x"), "{html}");
    }
}
