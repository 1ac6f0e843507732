//! Looking after the outbox: what is in it, whether it is emptied, and letters that shall go again.

use uuid::Uuid;

use super::letter::{LetterId, Letterhead, Priority};
use super::mailing::MailingId;
use super::{policy, store};
use crate::platform::{Actor, Cx, Error, Event, Result, Timestamp, Tx};

/// Every state of a letter, as lists and the database spell it: to go, held with its mailing, on the wire, perhaps gone; then how it ended.
pub const STATES: [&str; 8] = ["ready", "paused", "sending", "uncertain", "sent", "failed", "expired", "withdrawn"];

/// A letter in the outbox, as lists show it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: LetterId,
    /// The address it goes to.
    pub to: String,
    /// Its kind.
    pub kind: String,
    /// How soon it goes.
    pub priority: Priority,
    /// The same for ever, however often it leaves.
    pub message_id: String,
    /// Its subject.
    pub subject: String,
    /// One of [`STATES`].
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is due, while it is not done.
    pub due_at: Timestamp,
    /// What the mail server said last.
    pub answer: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it ended.
    pub done_at: Option<Timestamp>,
    /// It holds a link that acts for whoever has it: nobody but its reader reads it.
    pub secret: bool,
    /// The mailing it belongs to.
    pub mailing: Option<MailingId>,
}

/// Which letters a list holds.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those in this state.
    pub state: Option<String>,
    /// Those that are not done.
    pub waiting: bool,
}

/// Letters, newest first, at most `limit`; the next page begins before the last of this one.
pub async fn letters(cx: &Cx, filter: &Filter, before: Option<LetterId>, limit: u64) -> Result<Vec<Kept>> {
    store::letters(cx.conn(), filter, before, limit).await
}

/// One letter.
pub async fn letter(cx: &Cx, id: LetterId) -> Result<Kept> {
    store::letter(cx.conn(), id).await?.ok_or(Error::NotFound("letter"))
}

/// Whether the actor may look after letters at all: asked before anything is looked up there.
pub fn enter(actor: &Actor) -> Result<()> {
    policy::look_after(actor)
}

/// What a letter says, as plain text, for whoever looks after the service; that it was read is written down, because it may name
/// people. `None`: it holds a link that acts for its reader and is shown to nobody else, or its text is gone.
pub async fn read(tx: &mut Tx, head: &Letterhead, id: LetterId) -> Result<(Kept, Option<String>)> {
    let permit = policy::operate(tx.actor())?;
    let letter = store::letter(tx.conn(), id).await?.ok_or(Error::NotFound("letter"))?;
    if letter.secret {
        return Ok((letter, None));
    }
    let text = store::content_of(tx.conn(), id).await?.map(|content| content.text(head, None)).transpose()?;
    let kind = serde_json::json!({ "kind": letter.kind });
    tx.record(&permit, Event::about("mail.read", "letter", id.0).with(kind)).await?;
    Ok((letter, text))
}

/// A letter as it goes out (RFC 5322), secrets and all, for whoever runs the program; `NotFound` where its text is gone.
pub async fn message(cx: &Cx, head: &Letterhead, id: LetterId) -> Result<Vec<u8>> {
    policy::whole(cx.actor())?;
    store::message(cx.conn(), id, head).await?.ok_or(Error::NotFound("letter"))
}

/// The highest number of a thread so far: what its reader was told last. One statement.
pub async fn newest_in_thread(tx: &Tx, thread: &str) -> Result<Option<i64>> {
    store::newest_in_thread(tx.conn(), thread).await
}

/// Whether an event has made a letter before. One statement.
pub async fn has_letter_of(tx: &Tx, event: &str) -> Result<bool> {
    store::has_letter_of(tx.conn(), event).await
}

/// What has not left of a kind to an account, of events that begin like this, does not go: it is not so any more. One statement.
/// Whoever calls has asked its own policy.
pub async fn withdraw(tx: &mut Tx, kind: &str, account: Uuid, event: &str) -> Result<()> {
    store::withdraw(tx.conn(), kind, account, event, tx.now()).await
}

/// Whether letters leave: one switch for every node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// Since when they do not.
    pub paused_at: Option<Timestamp>,
    /// Why not, in the words of whoever stopped them.
    pub because: Option<String>,
}

/// The state of the outbox in a few numbers.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Letters that are to go, each in one of the states that are not an end.
    pub waiting: i64,
    /// Letters that were given up.
    pub failed: i64,
    /// Numbers by state, of all that is not an end and of `failed`.
    pub by_state: Vec<(&'static str, i64)>,
    /// Since when the letter is due that is due longest.
    pub oldest: Option<Timestamp>,
    /// Whether letters leave.
    pub switch: Switch,
}

/// The numbers an operator watches. Cheap however many letters have left: those are not counted.
pub async fn figures(cx: &Cx) -> Result<Figures> {
    let rows = store::figures(cx.conn(), &["ready", "paused", "sending", "uncertain", "failed"]).await?;
    let number = |state: &str, done: bool| {
        rows.iter().find(|row| row.0 == state && row.1 == done).map_or(0, |(_, _, number)| *number)
    };
    let by_state: Vec<_> =
        ["ready", "paused", "sending", "uncertain"].map(|state| (state, number(state, false))).into();
    Ok(Figures {
        waiting: by_state.iter().map(|(_, number)| number).sum(),
        failed: number("failed", true),
        by_state: [by_state, vec![("failed", number("failed", true))]].concat(),
        oldest: store::oldest(cx.conn(), cx.now()).await?,
        switch: store::switch(cx.conn()).await?,
    })
}

/// How many letters have left since a moment.
pub async fn sent_since(cx: &Cx, since: Timestamp) -> Result<u64> {
    store::sent_since(cx.conn(), since).await
}

/// How many letters there are in each state, ended ones too.
pub async fn counts(cx: &Cx) -> Result<Vec<(&'static str, i64)>> {
    let rows = store::figures(cx.conn(), &STATES).await?;
    let number = |state: &str| rows.iter().filter(|row| row.0 == state).map(|row| row.2).sum();
    Ok(STATES.map(|state| (state, number(state))).into())
}

/// Whether letters leave.
pub async fn switch(cx: &Cx) -> Result<Switch> {
    store::switch(cx.conn()).await
}

/// Stops every letter that is not on the wire, on every node, until [`resume`].
pub async fn pause(tx: &mut Tx, because: Option<&str>) -> Result<()> {
    let permit = policy::operate(tx.actor())?;
    let because = because.map(|text| text.trim().chars().filter(|c| !c.is_control()).take(200).collect());
    store::turn(tx.conn(), Switch { paused_at: Some(tx.now()), because }).await?;
    tx.record(&permit, Event::bulk("mail.paused", "mail")).await
}

/// Lets letters leave again.
pub async fn resume(tx: &mut Tx) -> Result<()> {
    let permit = policy::operate(tx.actor())?;
    store::turn(tx.conn(), Switch::default()).await?;
    tx.record(&permit, Event::bulk("mail.resumed", "mail")).await
}

/// Makes letters due at once: these, or every one that was given up (`None`). What was sent stays sent, and a letter whose
/// text is gone cannot go. Says how many there are.
pub async fn retry(tx: &mut Tx, which: Option<&[LetterId]>) -> Result<u64> {
    let permit = policy::operate(tx.actor())?;
    let count = store::again(tx.conn(), which, tx.now()).await?;
    let ids: Option<Vec<Uuid>> = which.map(|ids| ids.iter().map(|id| id.0).collect());
    tx.record(&permit, Event::bulk("mail.retried", "mail").with(serde_json::json!({ "letters": count, "ids": ids })))
        .await?;
    Ok(count)
}

/// Makes one letter due at once; refused where it cannot go.
pub async fn retry_one(tx: &mut Tx, id: LetterId) -> Result<()> {
    policy::operate(tx.actor()).map(drop)?;
    if store::letter(tx.conn(), id).await?.is_none() {
        return Err(Error::NotFound("letter"));
    }
    if retry(tx, Some(&[id])).await? == 0 {
        return Err(Error::Conflict("It has left, is on its way, or its text is gone.".to_owned()));
    }
    Ok(())
}
