//! What stands between two letters of a worker: how the last one went is written down, and that the next one goes. Workers that
//! come to this at the same time share one transaction: who finds nobody writing writes for all who wait. A commit costs the
//! same for one letter and for eight, and on SQLite everybody else's writes wait for fewer of them.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::limits::{Room, domain, next_minute};
use super::{Delivery, Next, Through};
use crate::mail::letter::{LetterId, Priority};
use crate::mail::outcome::{Outcome, Verdict, verdict};
use crate::mail::store::{self, Row, queue};
use crate::mail::suppression::{self, Bounced, SUPPRESSED};
use crate::mail::{Gate, Waiting};
use crate::platform::{Actor, Error, Result, Timestamp, Tx, chance};

/// A worker between two letters.
struct Turn {
    token: Uuid,
    last: Option<Through>,
    next: Option<std::sync::Arc<Row>>,
    answer: oneshot::Sender<Result<Next>>,
}

/// Workers between two letters, and the one who writes for all of them.
#[derive(Default)]
pub(super) struct Turns {
    waiting: Mutex<Vec<Turn>>,
    writing: tokio::sync::Mutex<()>,
}

impl Turns {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Turn>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Letters that limits hold back until a moment: those of this priority and all behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    pub from: Priority,
    pub until: Timestamp,
}

impl Delivery {
    /// Writes down how the last letter went, and whether the next one goes; together with whoever else is there.
    pub(super) async fn turn(
        &self,
        token: Uuid,
        last: Option<Through>,
        next: Option<std::sync::Arc<Row>>,
    ) -> Result<Next> {
        let (answer, mut answered) = oneshot::channel();
        self.turns.waiting().push(Turn { token, last, next, answer });
        {
            let _writing = self.turns.writing.lock().await;
            // Somebody wrote for us while we waited.
            if let Ok(answer) = answered.try_recv() {
                return answer;
            }
            let turns = std::mem::take(&mut *self.turns.waiting());
            self.write(turns).await;
        }
        answered.await.map_err(Error::internal)?
    }

    async fn write(&self, turns: Vec<Turn>) {
        let error = match self.write_all(&turns).await {
            Ok(steps) => {
                for (turn, step) in turns.into_iter().zip(steps) {
                    // Nobody listens only where the process ends.
                    let _ = turn.answer.send(Ok(step));
                }
                return;
            }
            Err(error) => error,
        };
        let alone = turns.len() == 1;
        for turn in turns {
            // What is wrong with one letter is nothing to the others.
            let step = if alone {
                Err(Error::Unavailable(error.to_string()))
            } else {
                let steps = self.write_all(std::slice::from_ref(&turn)).await;
                steps.map(|steps| steps.first().copied().unwrap_or(Next::Stop))
            };
            let _ = turn.answer.send(step);
        }
    }

    async fn write_all(&self, turns: &[Turn]) -> Result<Vec<Next>> {
        let mut tx = self.db.write(Actor::System("mail")).await?;
        let last: Vec<(Uuid, &Through)> =
            turns.iter().filter_map(|turn| Some((turn.token, turn.last.as_ref()?))).collect();
        settle(&mut tx, &last).await?;
        let mut steps = vec![Next::Stop; turns.len()];
        let (mut go, mut full) = (Vec::new(), None);
        for (turn, step) in turns.iter().zip(&mut steps) {
            if let Some(row) = &turn.next {
                *step = self.admit(&tx, turn.token, row).await?;
            }
        }
        // Domains in one order, so that two nodes that count the same ones do not wait for each other.
        let mut asking: Vec<usize> = (0..turns.len()).filter(|n| steps[*n] == Next::Go).collect();
        if self.limits.count() {
            asking.sort_by_key(|n| turns[*n].next.as_ref().map(|row| (domain(&row.recipient), row.priority)));
        }
        for n in asking {
            let Some(row) = &turns[n].next else { continue };
            steps[n] = self.room(&tx, turns[n].token, row, &mut full).await?;
            if steps[n] == Next::Go {
                go.push((n, (LetterId(row.id), turns[n].token)));
            }
        }
        let letters: Vec<(LetterId, Uuid)> = go.iter().map(|(_, letter)| *letter).collect();
        let begun = queue::begin(tx.conn(), &letters, tx.now()).await?;
        if begun.len() < letters.len() {
            // Letters are paused, or a mailing is, or a lease ended while the letters before it took their time, or the row was
            // passed over because another transaction had its hand on it: a claim locks what it finds taken, too.
            let paused = store::switch(tx.conn()).await?.paused_at.is_some();
            let left: Vec<_> = go.into_iter().filter(|(_, (id, _))| !begun.contains(id)).collect();
            left.iter().for_each(|(n, _)| steps[*n] = if paused { Next::Stop } else { Next::Back });
            if !paused {
                let letters: Vec<_> = left.into_iter().map(|(_, letter)| letter).collect();
                queue::park(tx.conn(), &letters, tx.now()).await?;
            }
        }
        tx.commit().await?;
        if full.is_some() {
            *self.full() = full;
        }
        Ok(steps)
    }

    /// Whether a letter may go by its time and its reader; what does not is put where it belongs.
    async fn admit(&self, tx: &Tx, token: Uuid, row: &Row) -> Result<Next> {
        let expired = row.not_after.is_some_and(|not_after| not_after < tx.now());
        let gate = match row.account_id {
            Some(account) => {
                let list = match row.mailing_id {
                    None => store::list_of(row),
                    Some(_) => self.content(row).await?.and_then(|content| content.list.map(|list| list.id)),
                };
                let (urgent, not_after, list) = (row.urgent, row.not_after, list.as_deref());
                let school = row.school_id;
                let letter = Waiting { account, kind: &row.kind, urgent, not_after, list, school };
                self.gate.admit(tx, letter).await?
            }
            None => Gate::Go,
        };
        let asked = (row.asked && gate == Gate::Go && !expired).then_some(LetterId(row.id));
        let suppressed = suppression::stops(tx, &row.recipient, asked, || store::is_on_a_list(row)).await?;
        let withdrawn = gate == Gate::Never || suppressed;
        if expired || withdrawn {
            let state = if withdrawn { "withdrawn" } else { "expired" };
            let answer = if suppressed { Some(SUPPRESSED.to_owned()) } else { row.last_answer.clone() };
            let verdict = Verdict { state, due_at: None, doubts: row.doubts, answer };
            queue::settle(tx.conn(), LetterId(row.id), token, &verdict, tx.now()).await?;
            return Ok(Next::Skip);
        }
        if let Gate::Later(until) = gate {
            // One that has become urgent since it was claimed is looked at again at once.
            if !queue::rest(tx.conn(), LetterId(row.id), token, until).await? {
                queue::release(tx.conn(), token, &[LetterId(row.id)]).await?;
            }
            return Ok(Next::Skip);
        }
        Ok(Next::Go)
    }

    /// Whether the limits have room for it. A letter that finds none is put off and has lost no attempt.
    async fn room(&self, tx: &Tx, token: Uuid, row: &Row, full: &mut Option<Full>) -> Result<Next> {
        if !self.limits.count() {
            return Ok(Next::Go);
        }
        let (priority, domain) = (Priority::of(row.priority), domain(&row.recipient));
        let until = next_minute(tx.now());
        match self.limits.take(tx, priority, &domain, tx.now()).await? {
            Room::Yes => Ok(Next::Go),
            Room::NotThere => {
                queue::put_off(tx.conn(), LetterId(row.id), token, until).await?;
                queue::put_off_domain(tx.conn(), &domain, priority, tx.now(), until).await?;
                Ok(Next::Skip)
            }
            Room::NotNow => {
                queue::put_off(tx.conn(), LetterId(row.id), token, until).await?;
                let from = full.map_or(
                    priority,
                    |full: Full| if priority.rank() < full.from.rank() { priority } else { full.from },
                );
                *full = Some(Full { from, until });
                Ok(Next::Stop)
            }
        }
    }
}

/// Writes down how letters went: those that were taken with one statement.
pub(super) async fn settle(tx: &mut Tx, letters: &[(Uuid, &Through)]) -> Result<()> {
    let is_sent = |last: &Through| last.outcome == Outcome::Sent;
    let sent = letters.iter().filter(|(_, last)| is_sent(last));
    let sent: Vec<(LetterId, Uuid)> = sent.map(|(token, last)| (LetterId(last.row.id), *token)).collect();
    let mut strange = 0;
    if !sent.is_empty() {
        strange += sent.len() as u64 - queue::settle_sent(tx.conn(), &sent, tx.now()).await?;
    }
    for (token, last) in letters.iter().copied().filter(|(_, last)| !is_sent(last)) {
        let row = &last.row;
        let [byte] = chance::bytes::<1>()?;
        let priority = Priority::of(row.priority);
        let verdict = verdict(last.outcome.clone(), priority, row.attempts + 1, row.doubts, tx.now(), byte);
        strange += u64::from(!queue::settle(tx.conn(), LetterId(row.id), token, &verdict, tx.now()).await?);
        if let Outcome::Failed(answer) = &last.outcome {
            let address = row.recipient.to_lowercase();
            let bounced = Bounced { letter: LetterId(row.id), address, account: row.account_id };
            suppression::refused(tx, &bounced, answer).await?;
        }
    }
    if strange > 0 {
        tracing::warn!(letters = strange, "leases had ended when letters were answered; nothing was changed");
    }
    Ok(())
}
