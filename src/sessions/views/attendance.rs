//! What checking in, the roster on a phone, the sheet to print shows.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, Link};

/// The page `/check-in`: typing a code.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_checkin.html")]
pub struct CheckInPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was typed.
    pub code: String,
}

/// The page `/check-in/{code}`: one person at the door.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_checkin_door.html")]
pub struct DoorPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The session's title.
    pub title: String,
    /// Its page.
    pub session_url: String,
    /// When the meeting is.
    pub when: String,
    /// Who is signed in.
    pub who: String,
    /// Where the person stands, a sentence.
    pub sentence: String,
    /// Address of this page.
    pub action: String,
    /// What the button does: `in`, `out`; empty shows none.
    pub step: &'static str,
}

/// The page `/sessions/{id}/check-in/{n}`: the big screen.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_checkin_screen.html")]
pub struct ScreenPage {
    /// The frame.
    pub chrome: Chrome,
    /// The session's title.
    pub title: String,
    /// Its page.
    pub session_url: String,
    /// When the meeting is.
    pub when: String,
    /// The code, in two groups; empty while check-in was not opened.
    pub code: String,
    /// The address that the QR code leads to.
    pub address: String,
    /// Where the code is typed.
    pub type_at: String,
    /// The QR code, markup of ours.
    pub qr_html: String,
    /// "12 of 20 are there".
    pub count: String,
    /// When people can check in.
    pub opens: String,
    /// Address of this page.
    pub action: String,
    /// The book.
    pub attendance_url: String,
}

/// One person in the book.
#[derive(Clone, Debug, Default)]
pub struct AttendanceRow {
    /// Id of the registration.
    pub id: String,
    /// How the person is called.
    pub name: String,
    /// Their school.
    pub school: String,
    /// What can be chosen.
    pub states: Vec<Choice>,
    /// When they came, as a time field has it.
    pub in_at: String,
    /// When they went.
    pub out_at: String,
    /// What the form showed, for telling what was changed.
    pub was: String,
    /// What is written down, in words.
    pub words: String,
}

impl AttendanceRow {
    /// The id of a field of this row, where corrections look for it.
    pub fn field(&self, name: &str) -> String {
        format!("{name}-{}", self.id)
    }
}

/// The page `/sessions/{id}/attendance/{n}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_attendance.html")]
pub struct AttendancePage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// The session's title.
    pub title: String,
    /// Its page.
    pub session_url: String,
    /// When the meeting is.
    pub when: String,
    /// The meetings, where there is more than one: words, address, whether it is this one.
    pub meetings: Vec<Choice>,
    /// "20 have a seat: 12 present, 8 not recorded".
    pub count: String,
    /// Until when it can be corrected, or since when it is locked: a sentence.
    pub state: String,
    /// Address of this page.
    pub action: String,
    /// The big screen.
    pub screen_url: String,
    /// The sheet to print.
    pub sheet_url: String,
    /// Everybody on this page.
    pub rows: Vec<AttendanceRow>,
    /// Other pages of the same book.
    pub pages: Vec<Link>,
    /// Whether the reader may write.
    pub may_write: bool,
    /// How many are not recorded yet.
    pub unknown: usize,
    /// How many came a little late.
    pub delayed: usize,
    /// Where it is locked; empty where the reader may not, or not yet.
    pub lock_url: String,
}

/// One line of the sheet.
#[derive(Clone, Debug, Default)]
pub struct SheetRow {
    /// How the person is called.
    pub name: String,
    /// Their school.
    pub school: String,
}

/// The page `/sessions/{id}/sheet/{n}`: to print and sign.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_sheet.html")]
pub struct SheetPage {
    /// The frame.
    pub chrome: Chrome,
    /// The session's title.
    pub title: String,
    /// When the meeting is.
    pub when: String,
    /// Where it is; empty prints none.
    pub place: String,
    /// The book.
    pub attendance_url: String,
    /// Everybody with a confirmed seat.
    pub rows: Vec<SheetRow>,
    /// Empty lines for people who come without a seat.
    pub blank: Vec<()>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    fn check(html: &str) {
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
        assert!(!html.contains(" style=") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn the_door_renders() -> askama::Result<()> {
        let chrome = Chrome::sample("Check in", "/check-in", Section::Sessions);
        let typing = CheckInPage {
            chrome: chrome.clone(),
            corrections: Corrections::whole("No meeting has this code."),
            code: s("<b>"),
        };
        check(&typing.render()?);
        for step in ["", "in", "out"] {
            let door = DoorPage {
                chrome: chrome.clone(),
                corrections: Corrections::default(),
                done: s("You are checked in."),
                title: s("Reading <b>"),
                session_url: s("/sessions/1"),
                when: s("Saturday"),
                who: s("Carl <b>"),
                sentence: s("You came at 9:00 AM."),
                action: s("/check-in/HJK47M"),
                step,
            };
            let html = door.render()?;
            check(&html);
            assert_eq!(html.contains("<button type=\"submit\" name=\"do\""), !step.is_empty());
        }
        for code in ["", "HJK 47M"] {
            let screen = ScreenPage {
                chrome: chrome.clone(),
                title: s("Reading <b>"),
                code: s(code),
                qr_html: s("<svg></svg>"),
                count: s("1 of 2 are there"),
                ..ScreenPage::default()
            };
            check(&screen.render()?);
        }
        Ok(())
    }

    #[test]
    fn the_book_and_the_sheet_render() -> askama::Result<()> {
        let chrome = Chrome::sample("Attendance", "/sessions/1/attendance/1", Section::Sessions);
        let state = |value: &str, selected| Choice { value: s(value), label: s(value), selected };
        let row = AttendanceRow {
            id: s("r1"),
            name: s("Carl <b>"),
            school: s("Harbor"),
            states: vec![state("unknown", false), state("present", true)],
            in_at: s("09:00"),
            out_at: s(""),
            was: s("present|1|"),
            words: s("Present from 9:00 AM"),
        };
        let mut book = AttendancePage {
            chrome: chrome.clone(),
            title: s("Reading"),
            meetings: vec![state("/sessions/1/attendance/1", true), state("/sessions/1/attendance/2", false)],
            rows: vec![row],
            pages: vec![Link { text: s("Next 100"), url: s("?page=2") }],
            may_write: true,
            unknown: 3,
            delayed: 1,
            lock_url: s("/sessions/1/attendance-lock"),
            ..AttendancePage::default()
        };
        let html = book.render()?;
        check(&html);
        assert!(html.contains("value=\"09:00\"") && html.contains("attendance-lock"));
        (book.may_write, book.lock_url) = (false, String::new());
        let html = book.render()?;
        check(&html);
        assert!(!html.contains("<input type=\"time\""));
        check(&AttendancePage { chrome: chrome.clone(), ..AttendancePage::default() }.render()?);
        let sheet = SheetPage {
            chrome,
            title: s("Reading"),
            rows: vec![SheetRow { name: s("Carl <b>"), school: s("Harbor") }],
            blank: vec![(); 4],
            ..SheetPage::default()
        };
        let html = sheet.render()?;
        check(&html);
        assert_eq!(html.matches("<tr").count(), 6);
        Ok(())
    }
}
