//! What the program sees before a person looks: what is missing, what may point at a student, whether the practice changed meanwhile,
//! and practices in the catalog that read much like it. Its writers see it before they submit, editors see the same.

use std::sync::Arc;

use chrono::NaiveDate;

use super::contribution::Contribution;
use crate::catalog::guard::Finding;
use crate::catalog::{self, NewPractice, Rules, Trust};
use crate::materials::Links;
use crate::platform::vocabulary::PracticeStatus;
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
    /// Asks its links; pages do, after they have read.
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
    /// Practices in the catalog that read much like it, the nearest first.
    pub near: Vec<PracticeCard>,
}

impl Checks {
    /// Whether nothing stands against submitting it. What is near is for people to judge.
    pub fn pass(&self) -> bool {
        self.broken.is_empty() && self.held_back.is_empty() && self.newer.is_none() && !self.retired
    }
}

/// Looks at a contribution.
pub async fn checks(cx: &Cx, search: &Search, now: &Contribution) -> Result<Checks> {
    let mut checks =
        Checks { broken: publishable(now, cx.now().date_naive()), held_back: now.held_back(), ..Checks::default() };
    if now.is_next_version()
        && let Some(practice) = catalog::practices(cx, &[now.practice]).await?.remove(&now.practice)
    {
        checks.newer = Some(practice.version).filter(|version| *version > now.after);
        checks.retired = practice.status == PracticeStatus::RETIRED;
    }
    let text = words(now);
    if !text.is_empty() {
        let question = Question { text, limit: NEAR + 1, ..Question::default() };
        let found = search.practices_unnoted(cx, &question).await?;
        if !found.weak {
            let others = found.hits.into_iter().filter(|hit| hit.id != now.practice.0);
            checks.near = others.map(|hit| hit.card).take(NEAR).collect();
        }
    }
    Ok(checks)
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
