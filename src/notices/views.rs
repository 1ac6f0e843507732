//! What the pages of notices show: plain values, printed by the templates beside this file.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// A notice in the list.
#[derive(Clone, Debug, Default)]
pub struct NoticeRow {
    /// Its id.
    pub id: String,
    /// What is new.
    pub line: String,
    /// The page where more is said.
    pub path: String,
    /// "What you follow".
    pub topic: String,
    /// "Wednesday, October 14, 2026, 12:00 PM EDT".
    pub when: String,
    /// Whether it is not read.
    pub unread: bool,
}

/// The page `/me/notifications`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "notifications.html")]
pub struct NotificationsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done, in a sentence; empty prints none.
    pub done: String,
    /// The newest first.
    pub notices: Vec<NoticeRow>,
    /// Id of the newest that is shown: all up to it can be marked as read; empty where nothing is unread.
    pub up_to: String,
    /// The next page; empty on the last.
    pub next_url: String,
    /// The first page; empty on it.
    pub first_url: String,
}

/// A topic on the page of the settings.
#[derive(Clone, Debug, Default)]
pub struct TopicRow {
    /// Name of the field: `pace-follow`.
    pub field: String,
    /// "What you follow".
    pub label: String,
    /// What is in it.
    pub explained: String,
    /// How soon.
    pub paces: Vec<Choice>,
}

/// The page `/me/notifications/settings`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "notification_settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Whether it was just saved.
    pub saved: bool,
    /// Whether the person left the digest by its link and has not chosen one since.
    pub digest_left: bool,
    /// Topics that concern the person.
    pub topics: Vec<TopicRow>,
    /// `2026-11-02`; empty for no pause.
    pub paused_until: String,
    /// `22:00`; empty for none.
    pub quiet_from: String,
    /// `07:00`; empty for none.
    pub quiet_until: String,
    /// Time zones.
    pub zones: Vec<Choice>,
    /// Hours of the digest.
    pub hours: Vec<Choice>,
    /// Days of the weekly one.
    pub weekdays: Vec<Choice>,
}

/// The page of a link that leaves a list.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "list_leave.html")]
pub struct LeavePage {
    /// The frame.
    pub chrome: Chrome,
    /// "What you follow".
    pub list: String,
    /// Where the button leads.
    pub path: String,
    /// Whether no letter of it comes any more.
    pub left: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn the_list_says_in_words_what_is_unread() {
        let row = |line: &str, unread| NoticeRow {
            id: text("0199"),
            line: text(line),
            path: text("/practices/marble-jar"),
            topic: text("What you follow"),
            when: text("Wednesday, October 14, 2026, 12:00 PM EDT"),
            unread,
        };
        let page = NotificationsPage {
            chrome: Chrome::sample("Notifications", "/me/notifications", Section::Me),
            notices: vec![row("Marble jar <2>", true), row("Number talks", false)],
            up_to: text("0199"),
            next_url: text("/me/notifications?before=0198"),
            ..NotificationsPage::default()
        };
        let html = page.render().unwrap();
        for said in
            ["Marble jar &#60;2&#62;", "Unread", "Mark all as read", "before=0198", "href=\"/practices/marble-jar\""]
        {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("Mark as read").count(), 1, "{html}");
        let none = NotificationsPage { notices: Vec::new(), up_to: String::new(), ..page }.render().unwrap();
        assert!(none.contains("Nothing yet") && !none.contains("Mark all"), "{none}");
    }

    #[test]
    fn the_settings_keep_what_was_typed() {
        let choice = |value: &str, selected| Choice { value: text(value), label: text(value), selected };
        let page = SettingsPage {
            chrome: Chrome::sample("Notification settings", "/me/notifications/settings", Section::Me),
            corrections: Corrections::whole("Give both times."),
            topics: vec![TopicRow {
                field: text("pace-follow"),
                label: text("What you follow"),
                explained: text("New practices."),
                paces: vec![choice("daily", false), choice("weekly", true)],
            }],
            quiet_from: text("22:00"),
            zones: vec![choice("America/Chicago", true)],
            hours: vec![choice("7", true)],
            weekdays: vec![choice("1", true)],
            ..SettingsPage::default()
        };
        let html = page.render().unwrap();
        for said in
            ["value=\"weekly\" selected", "value=\"22:00\"", "value=\"America/Chicago\" selected", "New practices."]
        {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("<h1").count(), 1);
    }

    #[test]
    fn leaving_asks_and_then_says_so() {
        let page = LeavePage {
            chrome: Chrome::sample("Stop letters", "/u/x", Section::None),
            list: text("What you follow"),
            path: text("/u/x"),
            left: false,
        };
        let asks = page.render().unwrap();
        assert!(asks.contains("method=\"post\" action=\"/u/x\"") && asks.contains("Stop these letters"), "{asks}");
        let left = LeavePage { left: true, ..page }.render().unwrap();
        assert!(!left.contains("<form method=\"post\"") && left.contains("/me/notifications/settings"), "{left}");
    }
}
