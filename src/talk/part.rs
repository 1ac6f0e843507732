//! What talk adds to the page of a practice: ways to ask, and the first questions with their answers.

use askama::Template;
use async_trait::async_trait;

use super::question;
use super::signature::{Bylines, Signature};
use super::views::questions::{QuestionView, SectionView};
use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part, PartSection};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};

/// Questions on the page of a practice.
const SHOWN: u64 = 3;

/// Adds to the page of a practice.
pub struct TalkPart;

#[async_trait]
impl PagePart for TalkPart {
    async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Part> {
        let url = format!("/practices/{}", practice.slug);
        let threads = question::first(cx, practice.id, SHOWN).await?;
        let open = practice.status != PracticeStatus::RETIRED;
        let mut actions = Vec::new();
        if open {
            actions.push(("Ask a question".to_owned(), format!("{url}/questions#ask")));
            if practice.origin_school.is_some() {
                actions.push(("Write to whoever knows it".to_owned(), format!("{url}/contact")));
                if practice.record.open_to_visits == Some(true) {
                    actions.push(("Ask for a visit".to_owned(), format!("{url}/visits")));
                }
            }
        }
        if threads.is_empty() {
            return Ok(Part { actions, section: None });
        }
        let signatures: Vec<&Signature> = threads.iter().flat_map(|thread| thread.signatures()).collect();
        let bylines = Bylines::of(cx, &signatures).await?;
        // The best answer of each stands here; the others are behind the link.
        let questions = threads.iter().map(|thread| QuestionView::of(thread, &bylines, &url).with_best_answer());
        let questions = questions.collect();
        let view = SectionView { url, open, questions };
        let body_html = view.render().map_err(Error::internal)?;
        let heading = "Questions and answers".to_owned();
        Ok(Part { actions, section: Some(PartSection { id: "questions", heading, body_html }) })
    }
}
