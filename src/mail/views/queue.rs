//! What the outbox shows to whoever looks after the service.

use askama::Template;

use crate::mail::views::Piece;
use crate::web::views::{Choice, Chrome};

/// A letter in the list.
#[derive(Clone, Debug, Default)]
pub struct QueueLine {
    /// Its page.
    pub url: String,
    /// The address it goes to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// "waits", "given up" ...
    pub state: String,
    /// "bounced for good", "called unwanted by its reader" ...; empty: it did not come back.
    pub returned: &'static str,
    /// How often it was tried.
    pub attempts: i32,
    /// What the mail server said last; empty: nothing.
    pub answer: String,
    /// "due October 14, 2026, 16:00 UTC", or when it ended.
    pub when: String,
}

/// The page `/admin/mail`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_mail.html")]
pub struct QueuePage {
    /// The frame.
    pub chrome: Chrome,
    /// Which entry of the administration is current.
    pub admin_at: &'static str,
    /// What was just done; empty: nothing.
    pub done: String,
    /// Label and number.
    pub figures: Vec<(String, String)>,
    /// How many were given up.
    pub failed: i64,
    /// Since when nothing leaves; empty: letters leave.
    pub paused_since: String,
    /// Why not; empty: nobody said.
    pub because: String,
    /// States to choose from.
    pub states: Vec<Choice>,
    /// Letters, newest first.
    pub letters: Vec<QueueLine>,
    /// The next page.
    pub next_url: Option<String>,
    /// The first page, on all others.
    pub first_url: Option<String>,
}

/// The page `/admin/mail/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin_letter.html")]
pub struct QueueLetterPage {
    /// The frame.
    pub chrome: Chrome,
    /// Which entry of the administration is current.
    pub admin_at: &'static str,
    /// What was just done; empty: nothing.
    pub done: String,
    /// Its address.
    pub url: String,
    /// Its subject.
    pub subject: String,
    /// Label and value.
    pub facts: Vec<(String, String)>,
    /// It holds a link that acts for its reader: its text is shown to nobody else.
    pub secret: bool,
    /// Its text was asked for and is gone.
    pub gone: bool,
    /// Its text, where it was asked for.
    pub text: Vec<Piece>,
    /// Whether it can go once more.
    pub may_retry: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::views::pieces;

    #[test]
    fn the_pages_render() {
        let line = QueueLine {
            url: "/admin/mail/1".to_owned(),
            to: "ada@example.org".to_owned(),
            subject: "<b>Invitation</b>".to_owned(),
            state: "given up".to_owned(),
            returned: "bounced for good",
            attempts: 3,
            answer: "550 5.1.1 nobody".to_owned(),
            when: "October 14, 2026, 16:00 UTC".to_owned(),
        };
        let page = QueuePage {
            figures: vec![("Given up".to_owned(), "1".to_owned())],
            failed: 1,
            letters: vec![line],
            next_url: Some("/admin/mail?before=1".to_owned()),
            first_url: Some("/admin/mail".to_owned()),
            ..QueuePage::default()
        };
        let html = page.render().unwrap();
        assert!(html.contains("&#60;b&#62;Invitation") && html.contains("/admin/mail/pause"), "{html}");
        assert!(html.contains("550 5.1.1 nobody") && html.contains("/admin/mail/retry"), "{html}");
        assert!(html.contains("bounced for good"), "{html}");
        let paused =
            QueuePage { paused_since: "October 14".to_owned(), because: "a test".to_owned(), ..QueuePage::default() };
        let html = paused.render().unwrap();
        assert!(html.contains("/admin/mail/resume") && html.contains("a test") && html.contains("No letter"), "{html}");
        let letter = QueueLetterPage {
            url: "/admin/mail/1".to_owned(),
            subject: "Invitation".to_owned(),
            facts: vec![("To".to_owned(), "ada@example.org".to_owned())],
            text: pieces("Hello <Ada>"),
            may_retry: true,
            ..QueueLetterPage::default()
        };
        let html = letter.render().unwrap();
        assert!(html.contains("Hello &#60;Ada&#62;") && html.contains("/admin/mail/1/retry"), "{html}");
        let secret = QueueLetterPage { secret: true, ..QueueLetterPage::default() }.render().unwrap();
        assert!(!secret.contains("/text\"") && secret.contains("nobody else"), "{secret}");
    }
}
