//! Questions about a practice and their answers, in public.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde_json::json;

use super::circle::{self, Circle, Ground};
use super::limit::{self, Doing};
use super::signature::Signature;
use super::words::Words;
use super::{Exchange, contact, letters, policy, store};
use crate::catalog::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

typed_id!(
    /// A question.
    QuestionId
);

typed_id!(
    /// An answer.
    AnswerId
);

/// Questions on a page.
pub const PAGE: u64 = 20;

/// Answers of a question, at most.
const ANSWERS: u64 = 50;

/// People who hear of an answer because they want to know it too, at most.
const WANTING: u64 = 500;

/// The longest question and answer.
const QUESTION: usize = 1_000;
const ANSWER: usize = 4_000;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id; later ones sort later.
    pub id: QuestionId,
    /// About which practice.
    pub practice: PracticeId,
    /// Who asked.
    pub by: Signature,
    /// Its words; empty once its asker had their account erased.
    pub text: String,
    /// How many others want to know it too.
    pub wanted: u32,
    /// The answer that was accepted.
    pub accepted: Option<AnswerId>,
    /// Whether it is out of sight.
    pub hidden: bool,
    /// When it was asked.
    pub created_at: Timestamp,
}

impl Question {
    /// How many ask for it.
    pub fn asked_for_by(&self) -> u32 {
        self.wanted + 1
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its id; later ones sort later.
    pub id: AnswerId,
    /// To which question.
    pub question: QuestionId,
    /// Who answered.
    pub by: Signature,
    /// Why they know.
    pub ground: Ground,
    /// Since when their school uses the practice.
    pub since: Option<NaiveDate>,
    /// Its words.
    pub text: String,
    /// Whether it is out of sight.
    pub hidden: bool,
    /// When it was given.
    pub created_at: Timestamp,
}

/// A question with its answers, the accepted one first, then the oldest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The question.
    pub question: Question,
    /// Those that are not out of sight.
    pub answers: Vec<Answer>,
}

impl Thread {
    /// Everybody who wrote in it.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        std::iter::once(&self.question.by).chain(self.answers.iter().map(|answer| &answer.by))
    }

    /// The accepted answer, where it can be seen.
    pub fn accepted(&self) -> Option<&Answer> {
        self.answers.first().filter(|answer| Some(answer.id) == self.question.accepted)
    }
}

async fn with_answers(cx: &Cx, questions: Vec<Question>) -> Result<Vec<Thread>> {
    let ids: Vec<QuestionId> = questions.iter().map(|question| question.id).collect();
    let mut answers = store::questions::answers(cx.conn(), &ids).await?;
    let threads = questions.into_iter().map(|question| {
        let (mut own, rest): (Vec<Answer>, Vec<Answer>) =
            std::mem::take(&mut answers).into_iter().partition(|answer| answer.question == question.id);
        answers = rest;
        own.sort_by_key(|answer| (Some(answer.id) != question.accepted, answer.id));
        Thread { question, answers: own }
    });
    Ok(threads.collect())
}

/// A page of questions about a practice, newest first, from before one of them, and how many there are. Three statements.
pub async fn page(cx: &Cx, practice: PracticeId, before: Option<QuestionId>) -> Result<(Vec<Thread>, u64)> {
    let questions = store::questions::page(cx.conn(), practice, before, PAGE).await?;
    let total = store::questions::total(cx.conn(), practice).await?;
    Ok((with_answers(cx, questions).await?, total))
}

/// The first few for the page of the practice: those with an accepted answer, then the newest. At most two statements.
pub async fn first(cx: &Cx, practice: PracticeId, limit: u64) -> Result<Vec<Thread>> {
    with_answers(cx, store::questions::first(cx.conn(), practice, limit).await?).await
}

/// One question with its answers. Two statements.
pub async fn thread(cx: &Cx, id: QuestionId) -> Result<Thread> {
    let found = store::questions::by_id(cx.conn(), id).await?.filter(|question| !question.hidden);
    let question = found.ok_or(Error::NotFound("question"))?;
    with_answers(cx, vec![question]).await?.pop().ok_or(Error::NotFound("question"))
}

/// Which of these questions the actor wants to know too. One statement for somebody who is signed in.
pub async fn wanted_by_me(cx: &Cx, questions: &[QuestionId]) -> Result<HashSet<QuestionId>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Ok(HashSet::new()) };
    if questions.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(store::questions::wanted_by(cx.conn(), account, questions).await?.into_iter().collect())
}

/// Whether the actor may accept an answer to this question.
pub fn may_accept(actor: &Actor, question: &Question, origin: Option<SchoolId>) -> bool {
    policy::accepts(actor, question.by.account, origin)
}

/// What somebody asks or answers.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The words.
    pub words: Words,
    /// In the name of which school, where they have several: its id.
    pub school: String,
    /// Whether they want to be named.
    pub named: bool,
}

/// Asks a question, and tells whoever knows the practice. The same question in the same words is asked once.
pub async fn ask(tx: &mut Tx, exchange: &Exchange, circle: &Circle, said: Said) -> Result<QuestionId> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let mut errors = FieldErrors::default();
    let text = said.words.check(&mut errors, "text", QUESTION);
    let school = own_school(tx.actor(), &said.school, &mut errors);
    let permit = match school {
        Err(()) => None,
        Ok(school) => Some(policy::ask(tx.actor(), school)?),
    };
    errors.or(())?;
    let (Some(permit), Ok(Some(school))) = (permit, school) else { return Err(Error::internal("no school")) };
    circle.still_open(tx).await?;
    limit::count(tx, account, Doing::Ask).await?;
    let role = circle::role_at(tx.actor(), Some(school));
    let question = Question {
        id: QuestionId::fresh(),
        practice: circle.practice.id,
        by: Signature { account, school: Some(school), role, named: said.named },
        text,
        wanted: 0,
        accepted: None,
        hidden: false,
        created_at: tx.now(),
    };
    // The count is held until the end: of two that come at once the second one sees the first.
    if let Some(known) = store::questions::same(tx.conn(), &question).await? {
        limit::uncount(tx, account, Doing::Ask).await?;
        return Ok(known);
    }
    store::questions::insert(tx.conn(), &question).await?;
    let detail = json!({ "practice": circle.practice.id, "school": school });
    tx.record(&permit, Event::about("question.asked", "question", question.id.0).with(detail)).await?;
    let readers = contact::who_knows(tx, circle).await?;
    letters::tell_of_question(tx, exchange, circle, &question, readers).await?;
    Ok(question.id)
}

/// Notes what is wrong with the choice of a school; `Err` where something is.
fn own_school(actor: &Actor, chosen: &str, errors: &mut FieldErrors) -> Result<Option<SchoolId>, ()> {
    circle::school_of(actor, chosen).map_err(|error| {
        if let Error::Invalid(wrong) = error {
            for one in wrong.iter() {
                errors.add(one.field.clone(), one.message.clone());
            }
        }
    })
}

/// The question of this practice, held.
async fn held(tx: &Tx, circle: &Circle, id: QuestionId) -> Result<Question> {
    let found = store::questions::held(tx.conn(), id).await?;
    found
        .filter(|question| !question.hidden && question.practice == circle.practice.id)
        .ok_or(Error::NotFound("question"))
}

/// Answers a question, and tells who asked and who wants to know it too. The same answer in the same words is given once.
pub async fn answer(tx: &mut Tx, exchange: &Exchange, circle: &Circle, id: QuestionId, said: Said) -> Result<AnswerId> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let standing = circle.standing(tx.actor());
    let permit = policy::answer(tx.actor(), standing)?;
    let Some(standing) = standing else { return Err(Error::internal("no standing")) };
    let mut errors = FieldErrors::default();
    let text = said.words.check(&mut errors, "text", ANSWER);
    errors.or(())?;
    circle.still_open(tx).await?;
    let question = held(tx, circle, id).await?;
    limit::count(tx, account, Doing::Answer).await?;
    let role = circle::role_at(tx.actor(), Some(standing.school));
    let answer = Answer {
        id: AnswerId::fresh(),
        question: id,
        by: Signature { account, school: Some(standing.school), role, named: said.named },
        ground: standing.ground,
        since: standing.since,
        text,
        hidden: false,
        created_at: tx.now(),
    };
    if let Some(known) = store::questions::same_answer(tx.conn(), &answer).await? {
        limit::uncount(tx, account, Doing::Answer).await?;
        return Ok(known);
    }
    if store::questions::count_answers(tx.conn(), id).await? >= ANSWERS {
        return Err(Error::Conflict("This question has as many answers as it can have; ask a new one.".to_owned()));
    }
    store::questions::insert_answer(tx.conn(), &answer).await?;
    let detail = json!({ "question": id, "practice": circle.practice.id, "ground": answer.ground.code() });
    tx.record(&permit, Event::about("question.answered", "answer", answer.id.0).with(detail)).await?;
    let mut readers = store::questions::wanting(tx.conn(), id, WANTING).await?;
    readers.push(question.by.account);
    letters::tell_of_answer(tx, exchange, circle, &question, &answer, readers).await?;
    Ok(answer.id)
}

/// Says which answer is the one, or that none is. Said twice is as good as once.
pub async fn accept(tx: &mut Tx, circle: &Circle, id: QuestionId, answer: Option<AnswerId>) -> Result<()> {
    let question = held(tx, circle, id).await?;
    let permit = policy::accept(tx.actor(), question.by.account, circle.origin_id())?;
    if question.accepted == answer {
        return Ok(());
    }
    if let Some(answer) = answer {
        let found = store::questions::answer_by_id(tx.conn(), answer).await?;
        found.filter(|one| one.question == id && !one.hidden).ok_or(Error::NotFound("answer"))?;
    }
    store::questions::accept(tx.conn(), id, answer).await?;
    tx.record(&permit, Event::about("question.settled", "question", id.0).with(json!({ "answer": answer }))).await
}

/// The actor wants to know it too, or no longer. Said twice is as good as once; who asked is counted already.
pub async fn want(tx: &mut Tx, circle: &Circle, id: QuestionId, wanted: bool) -> Result<()> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let permit = policy::want(tx.actor())?;
    let question = held(tx, circle, id).await?;
    let at = wanted.then(|| tx.now());
    if question.by.account == account || !store::questions::want(tx.conn(), id, account, at).await? {
        return Ok(());
    }
    let action = if wanted { "question.wanted" } else { "question.no_longer_wanted" };
    tx.record(&permit, Event::about(action, "question", id.0)).await
}

/// Takes one's own question back, while nobody has answered it.
pub async fn take_back(tx: &mut Tx, circle: &Circle, id: QuestionId) -> Result<()> {
    let question = held(tx, circle, id).await?;
    let permit = policy::take_back(tx.actor(), question.by.account)?;
    if store::questions::count_answers(tx.conn(), id).await? > 0 {
        let sentence = "It has an answer by now, so it stays. Report it if it says something that must not stand here.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    store::questions::delete(tx.conn(), id).await?;
    tx.record(&permit, Event::about("question.taken_back", "question", id.0)).await
}

/// Takes one's own answer back.
pub async fn take_answer_back(tx: &mut Tx, circle: &Circle, id: QuestionId, answer: AnswerId) -> Result<()> {
    held(tx, circle, id).await?;
    let found = store::questions::answer_by_id(tx.conn(), answer).await?;
    let answer = found.filter(|one| one.question == id && !one.hidden).ok_or(Error::NotFound("answer"))?;
    let permit = policy::take_back(tx.actor(), answer.by.account)?;
    store::questions::delete_answer(tx.conn(), &answer).await?;
    let detail = json!({ "question": id });
    tx.record(&permit, Event::about("answer.taken_back", "answer", answer.id.0).with(detail)).await
}
