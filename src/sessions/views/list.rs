//! What the list of sessions, the month, and the page of one's own calendar show.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome, SchoolLine};

/// The form above the list and the month.
#[derive(Clone, Debug, Default)]
pub struct FilterForm {
    /// What cannot be read.
    pub corrections: Corrections,
    /// Words of the title.
    pub text: String,
    /// First day; empty is now.
    pub from: String,
    /// Last day; empty is none.
    pub to: String,
    /// Topics to choose from, "Any topic" first.
    pub topics: Vec<Choice>,
    /// Formats, "Any format" first.
    pub formats: Vec<Choice>,
    /// Sectors of host and co-host, "Any sector" first.
    pub sectors: Vec<Choice>,
    /// Ways to take part, "Any way" first.
    pub modes: Vec<Choice>,
    /// Only with free seats.
    pub open: bool,
    /// Id and name of the school, where only its sessions are shown; an empty id prints none.
    pub school: (String, String),
    /// What is chosen, in words.
    pub words: Vec<String>,
    /// The list with these filters.
    pub list_url: String,
    /// The month with these filters.
    pub month_url: String,
    /// The month that is shown: `2026-11`; empty on the list.
    pub month: String,
    /// The feed with these filters.
    pub ics_url: String,
    /// The same for calendar programs.
    pub webcal_url: String,
    /// Where a session is posted, for people of schools; empty prints none.
    pub new_url: String,
    /// Whether somebody is signed in: has a calendar of their own.
    pub signed_in: bool,
}

/// A session in a list.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// Title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// "and 3 more meetings until Friday, May 7, 2027"; empty prints none.
    pub more: String,
    /// Host, and co-host where there is one.
    pub hosts: Vec<SchoolLine>,
    /// "Joint: host and co-host are of two sectors".
    pub joint: String,
    /// "12 of 30 seats free in the room".
    pub seats: String,
    /// "Workshop".
    pub format: String,
    /// "In person".
    pub mode: String,
    /// "Early reading, Writing".
    pub topics: String,
    /// "Postponed"; empty prints none.
    pub status: String,
}

/// Sessions that begin in one month.
#[derive(Clone, Debug, Default)]
pub struct MonthGroup {
    /// "November 2026".
    pub label: String,
    /// The sessions.
    pub rows: Vec<SessionRow>,
}

/// The page `/sessions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_list.html")]
pub struct ListPage {
    /// The frame.
    pub chrome: Chrome,
    /// Filters and subscriptions.
    pub filters: FilterForm,
    /// How many there are.
    pub total: u64,
    /// This page of them.
    pub months: Vec<MonthGroup>,
    /// The next page.
    pub next_url: Option<String>,
    /// The first page, on all others.
    pub first_url: Option<String>,
}

/// A meeting in a month.
#[derive(Clone, Debug, Default)]
pub struct DayEntry {
    /// "9:00 AM EST".
    pub time: String,
    /// Title of the session.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its hosts: "Harbor Charter School and Millbrook Elementary".
    pub hosts: String,
    /// "Postponed"; empty prints none.
    pub status: String,
}

/// A day of a month.
#[derive(Clone, Debug, Default)]
pub struct DayCell {
    /// Day of the month; 0 is a day of another month.
    pub number: u32,
    /// "Saturday, November 14".
    pub label: String,
    /// What meets on it.
    pub entries: Vec<DayEntry>,
}

/// The page `/sessions?view=month`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_month.html")]
pub struct MonthPage {
    /// The frame.
    pub chrome: Chrome,
    /// Filters and subscriptions.
    pub filters: FilterForm,
    /// "November 2026".
    pub label: String,
    /// The month before: words, address.
    pub previous: (String, String),
    /// The month after.
    pub next: (String, String),
    /// Weeks of seven days, from Sunday.
    pub weeks: Vec<Vec<DayCell>>,
    /// The days on which something meets.
    pub days: Vec<DayCell>,
}

/// The page `/me/calendar`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_calendar.html")]
pub struct CalendarPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was just done; empty prints none.
    pub done: String,
    /// The address of the calendar; empty while there is none.
    pub https: String,
    /// The same for calendar programs.
    pub webcal: String,
    /// Adds it to Google Calendar.
    pub google: String,
    /// Adds it to Outlook on the web.
    pub outlook: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Sector;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    impl FilterForm {
        /// Everything the form can show.
        pub fn sample() -> Self {
            let any = |label: &str| {
                vec![
                    Choice { value: String::new(), label: s(label), selected: false },
                    Choice { value: s("x"), label: s("This one"), selected: true },
                ]
            };
            Self {
                corrections: Corrections::from_errors(&{
                    let mut errors = crate::platform::FieldErrors::default();
                    errors.add("from", "Give a day like 2026-11-03.");
                    errors
                }),
                text: s("reading"),
                from: s("2026-11-01"),
                to: s("2026-12-01"),
                topics: any("Any topic"),
                formats: any("Any format"),
                sectors: any("Any sector"),
                modes: any("Any way"),
                open: true,
                school: (s("0199"), s("Harbor Charter School")),
                words: vec![s("“reading”"), s("with free seats")],
                list_url: s("/sessions?q=reading"),
                month_url: s("/sessions?q=reading&view=month"),
                month: String::new(),
                ics_url: s("/sessions.ics?q=reading"),
                webcal_url: s("webcal://ground.example/sessions.ics?q=reading"),
                new_url: s("/sessions/new"),
                signed_in: true,
            }
        }
    }

    impl ListPage {
        /// A list with everything it can show.
        pub fn sample() -> Self {
            let school = |name: &str, code: &str| SchoolLine {
                name: s(name),
                url: s("/schools/x"),
                sector: Some(Sector { code: s(code), label: s(code) }),
            };
            let row = SessionRow {
                title: s("Reading Safety Net in Action"),
                url: s("/sessions/0199"),
                when: s("Saturday, November 14, 2026, 9:00 AM to 12:00 PM EST"),
                more: s("and 2 more meetings until Saturday, December 5, 2026"),
                hosts: vec![
                    school("Harbor Charter School", "charter"),
                    SchoolLine { sector: None, ..school("Millbrook Elementary", "") },
                ],
                joint: s("Joint: host and co-host are of two sectors"),
                seats: s("12 of 30 seats free in the room"),
                format: s("Workshop"),
                mode: s("In person"),
                topics: s("Early reading"),
                status: s("Postponed"),
            };
            Self {
                filters: FilterForm::sample(),
                total: 21,
                months: vec![MonthGroup { label: s("November 2026"), rows: vec![row.clone(), row] }],
                next_url: Some(s("/sessions?cursor=abc")),
                first_url: Some(s("/sessions")),
                ..Self::default()
            }
        }
    }

    #[test]
    fn the_list_renders() -> askama::Result<()> {
        let empty = ListPage::default();
        let filtered = ListPage {
            filters: FilterForm { words: vec![s("with free seats")], ..FilterForm::default() },
            ..ListPage::default()
        };
        for page in [&ListPage::sample(), &empty, &filtered] {
            let html = page.render()?;
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style="));
        }
        assert!(empty.render()?.contains("/sessions/ask") && filtered.render()?.contains("without filters"));
        assert!(!empty.render()?.contains("without filters"));
        Ok(())
    }

    #[test]
    fn the_month_renders() -> askama::Result<()> {
        let entry =
            DayEntry { time: s("9:00 AM EST"), title: s("Reading"), url: s("/sessions/0199"), ..DayEntry::default() };
        let day = DayCell { number: 14, label: s("Saturday, November 14"), entries: vec![entry] };
        let page = MonthPage {
            filters: FilterForm { month: s("2026-11"), ..FilterForm::sample() },
            label: s("November 2026"),
            previous: (s("October 2026"), s("/sessions?view=month&month=2026-10")),
            next: (s("December 2026"), s("/sessions?view=month&month=2026-12")),
            weeks: vec![vec![DayCell::default(); 6].into_iter().chain([day.clone()]).collect()],
            days: vec![day],
            ..MonthPage::default()
        };
        let html = page.render()?;
        assert_eq!((html.matches("<h1").count(), html.matches("<th scope=\"col\"").count()), (1, 7));
        assert!(MonthPage::default().render()?.contains("Nothing meets"));
        Ok(())
    }

    #[test]
    fn the_calendar_page_shows_an_address_only_where_there_is_one() -> askama::Result<()> {
        let html = CalendarPage::default().render()?;
        assert!(html.contains("Make my address") && !html.contains("webcal:"));
        let page = CalendarPage {
            https: s("https://ground.example/me/calendar/abc.ics"),
            webcal: s("webcal://ground.example/me/calendar/abc.ics"),
            google: s("https://calendar.google.com/calendar/r?cid=x"),
            outlook: s("https://outlook.office.com/calendar/0/addfromweb?url=x"),
            ..CalendarPage::default()
        };
        assert!(page.render()?.contains("Make a new address"));
        Ok(())
    }
}
