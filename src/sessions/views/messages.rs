//! What the pages of messages to people of a session show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// A message in the list.
#[derive(Clone, Debug, Default)]
pub struct MessageRow {
    /// Its page.
    pub url: String,
    /// Its subject.
    pub subject: String,
    /// Its paragraphs.
    pub body: Vec<String>,
    /// "Paula Quay, Friday, October 3, 2027. People with a seat: 24."
    pub facts: String,
}

/// The fields of a message.
#[derive(Clone, Debug, Default)]
pub struct MessageFields {
    /// Whom to write to.
    pub audiences: Vec<Choice>,
    /// Of which sector.
    pub sectors: Vec<Choice>,
    /// Who was there; empty before the session has begun.
    pub attendances: Vec<Choice>,
    /// What was typed as subject.
    pub subject: String,
    /// What was typed as text.
    pub body: String,
}

/// The page `/sessions/{id}/messages`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_messages.html")]
pub struct MessagesPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// The fields.
    pub typed: MessageFields,
    /// Messages so far, newest first.
    pub sent: Vec<MessageRow>,
}

/// A letter of a message.
#[derive(Clone, Debug, Default)]
pub struct LetterRow {
    /// The address.
    pub to: String,
    /// "Sent", "Bounced".
    pub state: &'static str,
    /// When.
    pub when: String,
    /// What the mail server said; empty prints none.
    pub answer: String,
}

/// The page `/sessions/{id}/messages/{message}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_message.html")]
pub struct MessagePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// `/sessions/{id}`.
    pub session_url: String,
    /// Its own address.
    pub url: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands and who gets it, in sentences.
    pub facts: Vec<String>,
    /// The letter as plain text, exactly.
    pub text: String,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// Its fields, while it is one.
    pub typed: MessageFields,
    /// Whether it may be given a time.
    pub schedules: bool,
    /// The time typed.
    pub when: String,
    /// What the zone of that time is called.
    pub zone: String,
    /// Whether it can be held.
    pub pauses: bool,
    /// Whether it is held.
    pub resumes: bool,
    /// Words of the button that ends it; empty prints none.
    pub stop: &'static str,
    /// How far it is: "Sent", 24.
    pub figures: Vec<(&'static str, String)>,
    /// Letters, newest first.
    pub log: Vec<LetterRow>,
    /// Where older ones are; empty prints none.
    pub next_url: String,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn check(html: &str, words: &[&str]) {
        assert_eq!(html.matches("<h1").count(), 1, "one h1: {html}");
        assert!(!html.contains(" style=") && !html.contains("<side>"), "{html}");
        for words in words {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn pages_of_messages_render() {
        let chrome = || Chrome::sample("Messages", "/sessions/1/messages", Section::Sessions);
        let choice = |value: &str, label: &str| vec![Choice { value: s(value), label: s(label), selected: true }];
        let typed = MessageFields {
            audiences: choice("confirmed", "People with a seat"),
            sectors: choice("charter", "Charter"),
            attendances: choice("came", "Only who was there"),
            subject: s("Parking"),
            body: s("Use the <side> door."),
        };
        let row = MessageRow { url: s("/m"), subject: s("Hello"), body: vec![s("First.")], facts: s("to 24") };
        let list = MessagesPage {
            chrome: chrome(),
            title: s("Reading"),
            url: s("/sessions/1"),
            typed: typed.clone(),
            sent: vec![row],
            ..MessagesPage::default()
        };
        check(&list.render().unwrap(), &["Parking", "&#60;side&#62;", "Hello", "First.", "Charter", "Only who was"]);
        check(&MessagesPage::default().render().unwrap(), &["No message yet"]);
        let draft = MessagePage {
            chrome: chrome(),
            corrections: Corrections::whole("Choose another time."),
            url: s("/sessions/1/messages/2"),
            subject: s("Parking"),
            facts: vec![s("It is a draft.")],
            text: s("Use the <side> door."),
            is_draft: true,
            typed,
            schedules: true,
            when: s("2026-11-14T09:00"),
            zone: s("EST"),
            ..MessagePage::default()
        };
        let words =
            ["Choose another time.", "It is a draft.", "EST", "/schedule\"", "/test\"", "/letter\"", "Change it"];
        check(&draft.render().unwrap(), &words);
        let letter = LetterRow { to: s("a@x.org"), state: "Bounced", when: s("Friday"), answer: s("550 <side>") };
        let sent = MessagePage {
            chrome: chrome(),
            done: s("It is held."),
            url: s("/sessions/1/messages/2"),
            subject: s("Parking"),
            pauses: true,
            resumes: true,
            stop: "Stop it for good",
            figures: vec![("Sent", s("24"))],
            log: vec![letter],
            next_url: s("?before=1"),
            ..MessagePage::default()
        };
        let html = sent.render().unwrap();
        check(&html, &["It is held.", "24", "a@x.org", "Bounced", "/pause\"", "/resume\"", "/stop\"", "Older letters"]);
        assert!(!html.contains("/schedule\""), "{html}");
    }
}
