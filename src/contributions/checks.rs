//! What the program sees before a person looks: what is missing, what may point at a student, whether the practice changed meanwhile,
//! links that lead nowhere, and the nearest practices of the catalog. Its writers see it before they submit, editors see the same.

use std::sync::Arc;

use chrono::NaiveDate;

use super::contribution::Contribution;
use super::reading::Reviewed;
use crate::catalog::guard::Finding;
use crate::catalog::{NewPractice, Rules, Trust};
use crate::materials::Links;
use crate::materials::links::LinkFinding;
use crate::platform::{Cx, FieldErrors, Result};
use crate::search::{PracticeCard, Question, Search};

/// Practices that are shown as near.
const NEAR: usize = 3;
/// Words of the summary that are looked for, beside the title.
const WORDS: usize = 12;

/// What looks at a contribution before a person does.
#[derive(Clone)]
pub struct Eyes {
    /// Finds practices that read like it.
    pub search: Arc<Search>,
    /// Asks its links.
    pub links: Links,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Checks {
    /// Rules of publication that it breaks.
    pub broken: FieldErrors,
    /// Pieces of its text that may point at a student and of which nobody has said that they do not.
    pub held_back: Vec<Finding>,
    /// The version that the practice has by now, where this was written against an older one.
    pub newer: Option<i32>,
    /// The practice was taken out of the catalog meanwhile.
    pub retired: bool,
    /// Links that lead nowhere. They are shown and hold nothing up: a site may be away for a day.
    pub dead: Vec<LinkFinding>,
    /// Practices in the catalog that are nearest to it.
    pub near: Vec<PracticeCard>,
}

impl Checks {
    /// Whether nothing stands against submitting it. What is near is for people to judge.
    pub fn pass(&self) -> bool {
        self.broken.is_empty() && self.held_back.is_empty() && self.newer.is_none() && !self.retired
    }
}

/// Looks at a contribution: one search, and its links, which may take some seconds.
pub async fn checks(cx: &Cx, eyes: &Eyes, found: &Reviewed) -> Result<Checks> {
    let now = &found.contribution;
    let mut near = Vec::new();
    let text = words(now);
    if !text.is_empty() {
        let question = Question { text, limit: NEAR + 1, ..Question::default() };
        let answer = eyes.search.practices_unnoted(cx, &question).await?;
        if !answer.weak {
            let others = answer.hits.into_iter().filter(|hit| hit.id != now.practice.0);
            near = others.map(|hit| hit.card).take(NEAR).collect();
        }
    }
    Ok(Checks {
        broken: publishable(now, cx.now().date_naive()),
        held_back: now.held_back(),
        newer: found.newer(),
        retired: found.is_retired(),
        dead: eyes.links.dead(&found.record, cx.now()).await,
        near,
    })
}

/// Rules of publication that it breaks. Its evidence was checked with every save: what is there is its writers' own, or an editor's.
pub(super) fn publishable(now: &Contribution, today: NaiveDate) -> FieldErrors {
    let mut draft = now.draft.clone();
    draft.origin_school = Some(now.school.to_string());
    NewPractice::parse(draft, Rules::Full, Trust::Editor, today).err().unwrap_or_default()
}

/// What to look for: the title and the beginning of the summary.
fn words(now: &Contribution) -> String {
    let title = now.draft.title.as_deref().unwrap_or_default();
    let summary = now.draft.summary.as_deref().unwrap_or_default();
    title.split_whitespace().chain(summary.split_whitespace().take(WORDS)).collect::<Vec<_>>().join(" ")
}
