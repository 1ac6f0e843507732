//! How a statement ends: delivered with a day and a note, closed, or withdrawn with a reason that everybody reads.

use chrono::NaiveDate;
use serde_json::json;

use super::statement::{REASON, State, Statement, StatementId};
use super::words::Reader;
use super::{circle, letters, policy, store};
use crate::platform::{Error, Event, Result, Tx};
use crate::sessions::Desk;

/// What somebody says of the end.
#[derive(Clone, Debug, Default)]
pub struct EndForm {
    /// `delivered`, `closed` or `withdrawn`.
    pub state: String,
    /// The day, as 2026-10-14; empty for today.
    pub on: String,
    /// What came of it, or why.
    pub note: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// Ends an open statement. A statement that was closed can still be delivered.
pub async fn end(tx: &mut Tx, desk: &Desk, id: StatementId, form: &EndForm) -> Result<()> {
    let (before, part) = circle::held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &before, part)?;
    let mut reader = Reader::new(form.no_student);
    let state = State::parse(&form.state);
    let state = state.filter(|state| [State::Delivered, State::Closed, State::Withdrawn].contains(state));
    if state.is_none() {
        reader.errors.add("state", "Choose how it ends: delivered, closed or withdrawn.");
    }
    let today = tx.now().date_naive();
    let on: Option<NaiveDate> = if form.on.trim().is_empty() { Some(today) } else { form.on.trim().parse().ok() };
    let first = before.published_at.map(|at| at.date_naive());
    let on = on.filter(|day| *day <= today && first.is_none_or(|first| *day >= first));
    if on.is_none() {
        reader.errors.add("on", "Give a day since its publication that is not in the future, as 2026-10-14.");
    }
    let note = reader.passage("note", &form.note, REASON);
    if note.is_none() {
        reader.errors.add("note", "Say what came of it, or why: everybody reads it.");
    }
    let (state, note) = reader.errors.or((state, note))?;
    let state = state.ok_or_else(|| Error::internal("an end that was not read"))?;
    let may = match before.state {
        State::Open => true,
        State::Closed => state == State::Delivered,
        _ => false,
    };
    if !may {
        return Err(Error::Conflict("This statement is not open.".to_owned()));
    }
    let after = Statement { state, ending: note, ended_on: on, updated_at: tx.now(), ..before };
    store::statements::update(tx.conn(), &after).await?;
    // Addresses of those who have no account are of no more use; who has one by now keeps their part.
    circle::bind(tx, id).await?;
    store::calls::forget_of(tx.conn(), id).await?;
    store::circle::forget_addresses(tx.conn(), id).await?;
    let detail = json!({ "state": state.code(), "on": on });
    tx.record(&permit, Event::about("statement.ended", "statement", id.0).with(detail)).await?;
    letters::ended(tx, desk, &after).await
}
