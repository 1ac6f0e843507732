//! What moderation does with questions and answers: read a piece, hide it, show it again. Whether that is permitted is
//! moderation's own rule, so it brings its permit.

use serde_json::json;
use uuid::Uuid;

use super::question::{AnswerId, QuestionId};
use super::store;
use crate::catalog;
use crate::people::AccountId;
use crate::platform::{Cx, Error, Event, Permit, Result, Timestamp, Tx};

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

/// A thing as moderators see it, hidden or not. For features that know why they ask: nobody's business is checked. At most three
/// statements.
pub async fn excerpt(cx: &Cx, kind: Kind, id: Uuid) -> Result<Excerpt> {
    let (question, anchor, text, author, hidden) = match kind {
        Kind::Question => {
            let found = store::questions::by_id(cx.conn(), QuestionId(id)).await?.ok_or(Error::NotFound("question"))?;
            let (text, author, hidden) = (found.text.clone(), found.by.account, found.hidden);
            (found, String::new(), text, author, hidden)
        }
        Kind::Answer => {
            let answer = store::questions::answer_by_id(cx.conn(), AnswerId(id)).await?;
            let answer = answer.ok_or(Error::NotFound("answer"))?;
            let question = store::questions::by_id(cx.conn(), answer.question).await?;
            let question = question.ok_or(Error::NotFound("answer"))?;
            (question, format!("#answer-{id}"), answer.text, answer.by.account, answer.hidden)
        }
    };
    let practice = catalog::practice(cx, &question.practice.to_string()).await?;
    Ok(Excerpt {
        path: format!("/practices/{}/questions/{}{anchor}", practice.slug, question.id),
        title: practice.record.title,
        text: text.chars().take(500).collect(),
        author,
        hidden,
    })
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
