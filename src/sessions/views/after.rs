//! What the pages of the time after a session show: the survey, and whether the practice is used.

use askama::Template;

use crate::web::form::Corrections;
use crate::web::views::{Choice, Chrome};

/// One statement of the survey.
#[derive(Clone, Debug, Default)]
pub struct StatementField {
    /// Name of its field: `q1`.
    pub name: String,
    /// What it says.
    pub statement: String,
    /// 1 to 5.
    pub marks: Vec<Choice>,
    /// What is wrong; empty prints none.
    pub wrong: String,
}

/// The survey of a session.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_survey.html")]
pub struct SurveyPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// Title of the session.
    pub title: String,
    /// `/sessions/{id}`.
    pub url: String,
    /// Where the form goes.
    pub action: String,
    /// Why there is nothing to answer, or thanks; empty shows the form.
    pub instead: String,
    /// Whether that is good news.
    pub good: bool,
    /// The statements.
    pub statements: Vec<StatementField>,
    /// What else was typed.
    pub comment: String,
    /// "Saturday, November 21, 2026, 12:00 PM EST".
    pub until: String,
}

/// "Did you use it?"
#[derive(Clone, Debug, Default, Template)]
#[template(path = "session_use.html")]
pub struct UsePage {
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
    /// When it was: "Saturday, November 14, 2026".
    pub day: String,
    /// The practice.
    pub practice: String,
    /// Its page.
    pub practice_url: String,
    /// Where a yes becomes an adoption; empty prints no link.
    pub record_url: String,
    /// Where the form goes.
    pub action: String,
    /// Whether it is asked now.
    pub open: bool,
    /// The three answers; what was said is selected.
    pub answers: Vec<Choice>,
    /// What else.
    pub note: String,
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_pages_print_everything() {
        let s = str::to_owned;
        let chrome = Chrome::sample("Survey", "/sessions/1/survey", Section::Sessions);
        let mark = |n: u8| Choice { value: n.to_string(), label: n.to_string(), selected: n == 4 };
        let survey = SurveyPage {
            chrome: chrome.clone(),
            title: s("Reading <Safety>"),
            url: s("/sessions/1"),
            action: s("/r/survey/abc"),
            statements: vec![StatementField {
                name: s("q1"),
                statement: s("The time was used well."),
                marks: (1..=5).map(mark).collect(),
                wrong: s("Choose 1 to 5."),
            }],
            comment: s("More <time>"),
            until: s("Saturday"),
            ..SurveyPage::default()
        };
        let html = survey.render().unwrap();
        for words in
            ["&#60;Safety&#62;", "/r/survey/abc", "used well", "Choose 1 to 5.", "More &#60;time&#62;", "checked"]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
        let over = SurveyPage { instead: s("It is over."), ..SurveyPage::default() }.render().unwrap();
        assert!(over.contains("It is over.") && !over.contains("<fieldset"), "{over}");
        let used = UsePage {
            chrome,
            done: s("Thank you."),
            title: s("Reading"),
            url: s("/sessions/1"),
            day: s("Saturday, November 14, 2026"),
            practice: s("Six weeks"),
            practice_url: s("/practices/six-weeks"),
            record_url: s("/practices/six-weeks/adoption?session=1"),
            action: s("/r/use-30/abc"),
            open: true,
            answers: vec![Choice { value: s("yes"), label: s("Yes, I use it"), selected: true }],
            note: s("Grade <2>"),
            ..UsePage::default()
        };
        let html = used.render().unwrap();
        for words in [
            "Six weeks",
            "/practices/six-weeks",
            "adoption?session=1",
            "Yes, I use it",
            "Grade &#60;2&#62;",
            "Thank you.",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let closed = UsePage::default().render().unwrap();
        assert!(closed.contains("not asked"), "{closed}");
    }
}
