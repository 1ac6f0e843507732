//! What moderation does with questions and answers: read a piece, hide it, show it again. Whether that is permitted is
//! moderation's own rule, so it brings its permit.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::question::{Answer, AnswerId, Question, QuestionId};
use super::store;
use crate::catalog::{self, PracticeId};
use crate::people::AccountId;
use crate::platform::{Cx, Error, Event, Permit, Result, Timestamp, Tx};

/// The longest piece that is shown.
const EXCERPT: usize = 500;

/// What can be reported here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A question.
    Question,
    /// An answer.
    Answer,
}

impl Kind {
    /// As addresses and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Answer => "answer",
        }
    }

    /// The kind of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Question, Self::Answer].into_iter().find(|kind| kind.code() == code)
    }
}

/// What a moderator sees of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The practice's title.
    pub title: String,
    /// The page where it stands, with its anchor.
    pub path: String,
    /// Its words, at most 500 characters.
    pub text: String,
    /// Who wrote it.
    pub author: AccountId,
    /// Whether it is hidden.
    pub hidden: bool,
}

fn piece(title: &str, slug: &str, question: &Question, answer: Option<&Answer>) -> Excerpt {
    let anchor = answer.map(|answer| format!("#answer-{}", answer.id)).unwrap_or_default();
    let (text, author, hidden) = match answer {
        Some(answer) => (&answer.text, answer.by.account, answer.hidden),
        None => (&question.text, question.by.account, question.hidden),
    };
    Excerpt {
        title: title.to_owned(),
        path: format!("/practices/{slug}/questions/{}{anchor}", question.id),
        text: text.chars().take(EXCERPT).collect(),
        author,
        hidden,
    }
}

/// Things as moderators see them, hidden or not; those that are gone are left out. For features that know why they ask: nobody's
/// business is checked. At most four statements.
pub async fn excerpts(cx: &Cx, kind: Kind, ids: &[Uuid]) -> Result<HashMap<Uuid, Excerpt>> {
    let answers = match kind {
        Kind::Question => Vec::new(),
        Kind::Answer => store::questions::answers_by_ids(cx.conn(), ids).await?,
    };
    let wanted: Vec<Uuid> = match kind {
        Kind::Question => ids.to_vec(),
        Kind::Answer => answers.iter().map(|answer| answer.question.0).collect(),
    };
    let questions = store::questions::by_ids(cx.conn(), &wanted).await?;
    let practices: Vec<PracticeId> = questions.iter().map(|question| question.practice).collect();
    let practices = catalog::practices(cx, &practices).await?;
    let questions: HashMap<QuestionId, Question> = questions.into_iter().map(|one| (one.id, one)).collect();
    let of = |question: &Question, answer: Option<&Answer>| {
        let practice = practices.get(&question.practice)?;
        Some(piece(&practice.record.title, &practice.slug, question, answer))
    };
    Ok(match kind {
        Kind::Question => questions.values().filter_map(|one| Some((one.id.0, of(one, None)?))).collect(),
        Kind::Answer => {
            answers.iter().filter_map(|one| Some((one.id.0, of(questions.get(&one.question)?, Some(one))?))).collect()
        }
    })
}

/// One of them.
pub async fn excerpt(cx: &Cx, kind: Kind, id: Uuid) -> Result<Excerpt> {
    excerpts(cx, kind, &[id]).await?.remove(&id).ok_or(Error::NotFound(kind.code()))
}

/// The same inside a transaction; `None` where it is gone.
pub async fn excerpt_in(tx: &Tx, kind: Kind, id: Uuid) -> Result<Option<Excerpt>> {
    let answer = match kind {
        Kind::Question => None,
        Kind::Answer => {
            let Some(answer) = store::questions::answer_by_id(tx.conn(), AnswerId(id)).await? else { return Ok(None) };
            Some(answer)
        }
    };
    let question = answer.as_ref().map_or(QuestionId(id), |answer| answer.question);
    let Some(question) = store::questions::by_id(tx.conn(), question).await? else { return Ok(None) };
    let practice = catalog::practice_in(tx, &question.practice.to_string()).await?;
    Ok(practice.map(|practice| piece(&practice.record.title, &practice.slug, &question, answer.as_ref())))
}

/// Takes a thing out of sight. Hidden twice is as good as once.
pub async fn hide(tx: &mut Tx, permit: &Permit, kind: Kind, id: Uuid) -> Result<()> {
    let since = tx.now();
    set(tx, permit, kind, id, Some(since)).await
}

/// Shows a thing again. Shown twice is as good as once.
pub async fn unhide(tx: &mut Tx, permit: &Permit, kind: Kind, id: Uuid) -> Result<()> {
    set(tx, permit, kind, id, None).await
}

async fn set(tx: &mut Tx, permit: &Permit, kind: Kind, id: Uuid, since: Option<Timestamp>) -> Result<()> {
    let changed = match kind {
        Kind::Question => store::questions::hide(tx.conn(), QuestionId(id), since).await?,
        Kind::Answer => store::questions::hide_answer(tx.conn(), AnswerId(id), since).await?,
    };
    let there = match kind {
        _ if changed => true,
        Kind::Question => store::questions::by_id(tx.conn(), QuestionId(id)).await?.is_some(),
        Kind::Answer => store::questions::answer_by_id(tx.conn(), AnswerId(id)).await?.is_some(),
    };
    match (changed, there) {
        (true, _) => {
            let action = if since.is_some() { "talk.hidden" } else { "talk.shown" };
            let detail = json!({ "kind": kind.code() });
            tx.record(permit, Event::about(action, kind.code(), id).with(detail)).await
        }
        (false, true) => Ok(()),
        (false, false) => Err(Error::NotFound(kind.code())),
    }
}
