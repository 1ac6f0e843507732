//! The word of a school (M-2). Its leads get a letter with a signed link; the page shows what will stand there, opening it changes
//! nothing (T10). A yes holds for exactly those words, and can be taken back at any time: the highlight is not shown then.

use serde_json::json;

use super::highlight::{Answer, Highlight, Passage, PassageId, REASON, State};
use super::writing::noted;
use super::{letters, policy, store};
use crate::catalog::guard;
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::people::errand::Errand;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};
use crate::search::{self, Kind};

/// What the link of that letter is for: `/approve-highlight/{token}`.
#[derive(Clone, Copy, Debug)]
pub struct SchoolsWord;

impl Errand for SchoolsWord {
    fn purpose(self) -> String {
        "highlight:approve".to_owned()
    }

    fn base(self) -> String {
        "/approve-highlight/".to_owned()
    }
}

/// What somebody answers for their school.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `yes` or `changes`.
    pub answer: String,
    /// Which words they read.
    pub print: String,
    /// What is to be changed, or why the yes is taken back.
    pub note: String,
    /// That they said the quote themselves, and may be named beside it.
    pub named: bool,
    /// That the note is about no student, after that was asked.
    pub no_student: bool,
}

/// The highlight of a passage, for who leads its school. Three statements.
pub async fn asked(cx: &Cx, id: PassageId) -> Result<(Highlight, Passage)> {
    let none = || Error::NotFound("page");
    let highlight = store::of_passage(cx.conn(), id).await?.ok_or_else(none)?;
    let found = store::by_reference(cx.conn(), &highlight.to_string()).await?.ok_or_else(none)?;
    let passage = found.schools.iter().find(|one| one.id == id).cloned().ok_or_else(none)?;
    if passage.asked_at.is_some() && policy::leads(cx.actor(), passage.school) {
        Ok((found, passage))
    } else {
        Err(none())
    }
}

/// Answers for a school. Said twice, it is kept once.
///
/// # Errors
/// `Forbidden` for who does not lead the school, `Conflict` where the words changed since they were read, or nothing is asked.
pub async fn answer(tx: &mut Tx, room: &Postroom, id: PassageId, said: &Said) -> Result<()> {
    let none = || Error::NotFound("page");
    let highlight = store::of_passage(tx.conn(), id).await?.ok_or_else(none)?;
    let mut now = store::to_change(tx.conn(), highlight).await?.ok_or_else(none)?;
    let at = now.schools.iter().position(|one| one.id == id).ok_or_else(none)?;
    if now.schools[at].asked_at.is_none() {
        return Err(none());
    }
    let permit = policy::answer(tx.actor(), now.schools[at].school)?;
    let Some(answer) = Answer::parse(said.answer.as_str()) else {
        return Err(Error::invalid("answer", "Say yes, or ask for changes."));
    };
    match now.state {
        State::Reviewing | State::Approved | State::Published => {}
        State::Draft => return Err(Error::Conflict("It is being written; you are asked when it is done.".to_owned())),
        State::Withdrawn => return Err(Error::Conflict("It was withdrawn; nothing of it is shown.".to_owned())),
    }
    let print = now.print(&now.schools[at]);
    let held = now.is_approved_by(&now.schools[at]);
    if answer == Answer::Yes {
        if said.print != print {
            let sentence = "The words changed since you read them; read them again, then answer.";
            return Err(Error::Conflict(sentence.to_owned()));
        }
        if held && !said.named {
            return Ok(());
        }
    }
    let mut errors = FieldErrors::default();
    let note = said.note.trim();
    if answer == Answer::Changes && note.is_empty() {
        errors.add("note", "Say what is to be changed, or why; those who write it read it.");
    }
    if note.chars().count() > REASON {
        errors.add("note", format!("Use up to {REASON} characters."));
    }
    guard::ask(&mut errors, "note", note, said.no_student);
    errors.or(())?;
    let who = tx.actor().account().map(AccountId);
    let passage = &mut now.schools[at];
    passage.answer = Some(answer);
    passage.answer_print = Some(print);
    passage.answered_by = who;
    passage.answered_at = Some(tx.now());
    passage.note = (answer == Answer::Changes).then(|| note.to_owned());
    let passage = passage.clone();
    if let Some(quote) = now.quote.as_mut().filter(|quote| quote.school == passage.school) {
        if answer == Answer::Yes && said.named {
            quote.speaker = who;
        } else if answer == Answer::Changes && quote.speaker == who {
            quote.speaker = None;
        }
    }
    let shown = now.state == State::Published;
    now.state = match (now.is_approved(), now.state) {
        (false, _) => State::Reviewing,
        (true, State::Reviewing) => State::Approved,
        (true, state) => state,
    };
    now.updated_at = tx.now();
    now.revision += 1;
    store::update(tx.conn(), &now).await?;
    if shown {
        search::touch(tx, Kind::Highlight, &[now.id.0]).await?;
    }
    let detail =
        json!({ "city": now.city, "school": passage.school, "answer": answer.code(), "revision": now.revision });
    let action = match (answer, held) {
        (Answer::Yes, _) => "highlight.approved_by_school",
        (Answer::Changes, false) => "highlight.changes_asked",
        (Answer::Changes, true) => "highlight.approval_withdrawn",
    };
    tx.record(&permit, Event::about(action, "highlight", now.id.0).with(detail)).await?;
    if shown && now.state != State::Published {
        noted(tx, &permit, "highlight.taken_down", &now).await?;
    }
    letters::answered(tx, room, &now, &passage, answer, held).await
}
