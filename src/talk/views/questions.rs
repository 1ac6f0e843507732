//! What the pages of questions show.

use askama::Template;

use crate::talk::circle::Ground;
use crate::talk::question::{Answer, Thread};
use crate::talk::signature::{Byline, Bylines};
use crate::web::form::Corrections;
use crate::web::site::{day_of, month};
use crate::web::views::{Choice, Chrome};

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct AnswerView {
    /// Its id.
    pub id: String,
    /// Its paragraphs.
    pub lines: Vec<String>,
    /// Who gave it.
    pub by: Byline,
    /// "October 14, 2026".
    pub on: String,
    /// "From the school where it began".
    pub badge: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Whether the reader may take it back.
    pub own: bool,
}

impl AnswerView {
    fn of(answer: &Answer, bylines: &Bylines, accepted: bool) -> Self {
        let since = answer.since.map(|day| format!(" since {}", month(day))).unwrap_or_default();
        Self {
            id: answer.id.to_string(),
            lines: lines(&answer.text),
            by: bylines.words(&answer.by),
            on: day_of(answer.created_at),
            badge: match answer.ground {
                Ground::Origin => "From the school where it began".to_owned(),
                Ground::Uses => format!("Uses it{since}"),
                Ground::Stopped => "Used it and has stopped".to_owned(),
            },
            accepted,
            own: false,
        }
    }
}

/// A question with its answers.
#[derive(Clone, Debug, Default)]
pub struct QuestionView {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Its paragraphs; empty where its words were taken out.
    pub lines: Vec<String>,
    /// Who asked.
    pub by: Byline,
    /// "October 14, 2026".
    pub on: String,
    /// "Asked for by 4 people"; empty where it is the asker alone.
    pub asked_for_by: String,
    /// The accepted one first, then the oldest.
    pub answers: Vec<AnswerView>,
    /// How many more answers its page has.
    pub more: usize,
    /// Whether the reader wants to know it too.
    pub wanted: bool,
    /// Whether the reader asked it.
    pub own: bool,
    /// Whether the reader may accept an answer.
    pub may_accept: bool,
}

/// The paragraphs of a text.
pub fn lines(text: &str) -> Vec<String> {
    text.split('\n').filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

impl QuestionView {
    /// Of a thread; `practice` is the path of the practice's page.
    pub fn of(thread: &Thread, bylines: &Bylines, practice: &str) -> Self {
        let question = &thread.question;
        let answers = thread.answers.iter();
        Self {
            id: question.id.to_string(),
            url: format!("{practice}/questions/{}", question.id),
            lines: lines(&question.text),
            by: bylines.words(&question.by),
            on: day_of(question.created_at),
            asked_for_by: match question.asked_for_by() {
                1 => String::new(),
                count => format!("Asked for by {count} people"),
            },
            answers: answers.map(|one| AnswerView::of(one, bylines, Some(one.id) == question.accepted)).collect(),
            more: 0,
            wanted: false,
            own: false,
            may_accept: false,
        }
    }

    /// With its first answer alone: the accepted one, else the oldest.
    #[must_use]
    pub fn with_best_answer(mut self) -> Self {
        self.more = self.answers.len().saturating_sub(1);
        self.answers.truncate(1);
        self
    }

    /// "2 more answers".
    pub fn more_words(&self) -> String {
        if self.more == 1 { "1 more answer".to_owned() } else { format!("{} more answers", self.more) }
    }
}

/// The part on the page of the practice.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_section.html")]
pub struct SectionView {
    /// Path of the practice's page.
    pub url: String,
    /// Whether questions can be asked.
    pub open: bool,
    /// The first few, each with its best answer.
    pub questions: Vec<QuestionView>,
}

/// What somebody typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The words.
    pub text: String,
    /// Whether they want to be named.
    pub named: bool,
    /// Whether they say that it is about no student.
    pub no_student: bool,
}

/// The page `/practices/{slug}/questions`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_questions.html")]
pub struct QuestionsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the practice.
    pub title: String,
    /// Path of its page.
    pub url: String,
    /// "12 questions"; empty where there is none.
    pub count: String,
    /// Newest first, each with its best answer.
    pub questions: Vec<QuestionView>,
    /// The next page; empty prints none.
    pub next: String,
    /// Why nothing can be asked; empty where it can.
    pub closed: String,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// The reader's schools, where they have several.
    pub schools: Vec<Choice>,
    /// Whether the reader has a school.
    pub may_ask: bool,
    /// The reader's name.
    pub name: String,
    /// What was typed.
    pub typed: Typed,
}

/// The page `/practices/{slug}/questions/{id}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "talk_question.html")]
pub struct QuestionPage {
    /// The frame.
    pub chrome: Chrome,
    /// What to put right.
    pub corrections: Corrections,
    /// What was just done; empty prints none.
    pub done: String,
    /// Title of the practice.
    pub title: String,
    /// Path of its page.
    pub url: String,
    /// The question.
    pub q: QuestionView,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// Whether the reader may say that they want to know it too.
    pub may_want: bool,
    /// Whether the reader may answer.
    pub may_answer: bool,
    /// Why nothing can be answered any more; empty where it can.
    pub closed: String,
    /// The reader's name.
    pub name: String,
    /// What was typed.
    pub typed: Typed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    const HOSTILE: &str = "<script>alert(1)</script>\"'&";

    fn byline() -> Byline {
        Byline {
            name: Some(HOSTILE.to_owned()),
            role: "Principal".to_owned(),
            school: HOSTILE.to_owned(),
            school_url: "/schools/x".to_owned(),
        }
    }

    fn question() -> QuestionView {
        let s = str::to_owned;
        let answer = |accepted| AnswerView {
            id: s("2"),
            lines: vec![s(HOSTILE)],
            by: byline(),
            on: s("October 14, 2026"),
            badge: s("Uses it since March 2026"),
            accepted,
            own: true,
        };
        QuestionView {
            id: s("1"),
            url: s("/practices/x/questions/1"),
            lines: vec![s(HOSTILE)],
            by: byline(),
            on: s("October 14, 2026"),
            asked_for_by: s("Asked for by 2 people"),
            answers: vec![answer(true), answer(false)],
            more: 2,
            wanted: true,
            own: true,
            may_accept: true,
        }
    }

    #[test]
    fn pages_render_and_nothing_that_people_wrote_is_markup() -> askama::Result<()> {
        let s = str::to_owned;
        let typed = Typed { text: s(HOSTILE), named: true, no_student: true };
        let choice = Choice { value: s("1"), label: s(HOSTILE), selected: true };
        let list = QuestionsPage {
            chrome: Chrome::sample("Questions", "", Section::Search),
            corrections: Corrections::whole(HOSTILE),
            done: s("Asked."),
            title: s(HOSTILE),
            url: s("/practices/x"),
            count: s("1 question"),
            questions: vec![question()],
            next: s("?before=1"),
            closed: String::new(),
            signed_in: true,
            schools: vec![choice],
            may_ask: true,
            name: s(HOSTILE),
            typed: typed.clone(),
        };
        let empty = QuestionsPage { chrome: list.chrome.clone(), ..QuestionsPage::default() };
        let one = QuestionPage {
            chrome: list.chrome.clone(),
            corrections: list.corrections.clone(),
            done: s("Answered."),
            title: s(HOSTILE),
            url: s("/practices/x"),
            q: question(),
            signed_in: true,
            may_want: true,
            may_answer: true,
            closed: String::new(),
            name: s(HOSTILE),
            typed,
        };
        let erased = QuestionPage { q: QuestionView { lines: Vec::new(), ..question() }, ..one.clone() };
        for html in [list.render()?, empty.render()?, one.render()?, erased.render()?] {
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert!(!html.contains("<script>alert") && !html.contains(" style="), "{html}");
        }
        let part = SectionView { url: s("/practices/x"), open: true, questions: vec![question()] }.render()?;
        assert!(!part.contains("<script>") && !part.contains("<form") && part.contains("/report?about=question:1"));
        Ok(())
    }
}
