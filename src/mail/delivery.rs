//! Emptying the outbox: a lookout that sees when something is due, and a few workers that carry letters.
//!
//! A worker takes a handful of letters with a lease, and carries them one after another over its own connection. Between
//! two letters there is one transaction, shared by the workers that come to it together (`turns`): it writes down how the last
//! one went and that the next one goes. Whatever kills the process, at most one letter of each worker has left without our
//! knowing.

mod limits;
mod turns;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::limits::Limits;
use self::limits::minute;
use self::turns::{Full, Turns, settle};
use super::Gatekeeper;
use super::jobs::KEPT;
use super::letter::{Content, LetterId, Letterhead, Priority};
use super::mailing::MailingId;
use super::outcome::Outcome;
use super::post::{Parcel, Post, Way};
use super::store::{self, Row, queue};
use crate::platform::{Actor, Db, Error, Result, ids};

/// Workers, and so connections to the mail server.
const WORKERS: usize = 8;

/// So many of them carry only letters that persons wait for: no announcement ever stands in their way (E8).
const PERSONAL_ONLY: usize = 2;

/// Letters taken at a time.
const BATCH: u64 = 20;

/// How often the lookout looks for letters of other nodes and for those whose time has come.
const LOOK: Duration = Duration::from_secs(1);

/// Between two looks, however many commits there are.
const BREATH: Duration = Duration::from_millis(10);

/// A connection that carried nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(20);

/// How often the lease of a letter on the wire is renewed: three times before it would end.
const RENEW: Duration = Duration::from_secs(20);

/// How often letters are looked for that are of no use any more: those that are claimed are looked at then anyway.
const EXPIRE: Duration = Duration::from_secs(10);

/// How often files of old letters are looked for.
const FORGET: Duration = Duration::from_secs(3600);

/// The longest wait before a mail server that does not answer is asked again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends the letters of an outbox.
pub struct Delivery {
    db: Db,
    post: Post,
    gate: Arc<dyn Gatekeeper>,
    head: Letterhead,
    limits: Limits,
    due: Notify,
    turns: Turns,
    tally: Counters,
    full: Mutex<Option<Full>>,
    mailing: Mutex<Option<(Uuid, Arc<Content>)>>,
    trouble: Mutex<Option<(String, Instant)>>,
}

#[derive(Default)]
struct Counters {
    sent: AtomicU64,
    failed: AtomicU64,
    retried: AtomicU64,
    uncertain: AtomicU64,
}

/// Attempts of this process since it started, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken by the mail server.
    pub sent: u64,
    /// Refused for good.
    pub failed: u64,
    /// Not taken this time.
    pub retried: u64,
    /// Nobody knows.
    pub uncertain: u64,
}

/// What came of a round of a worker.
enum Round {
    /// Letters were carried, or handed back; so many.
    Carried(usize),
    /// There were none.
    Nothing,
}

/// Whether the next letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is on the wire from now on.
    Go,
    /// It does not go.
    Skip,
    /// Somebody else holds its row at this moment, or it is not ours any more: it is handed back.
    Back,
    /// Nothing goes now.
    Stop,
}

/// A letter that is through, before that is written down.
#[derive(Clone)]
struct Through {
    row: Arc<Row>,
    outcome: Outcome,
}

impl Delivery {
    /// Takes letters from `db` to `post`, in the name of `head`, those to accounts if `gate` lets them go.
    pub fn new(db: Db, post: Post, head: Letterhead, gate: Arc<dyn Gatekeeper>) -> Self {
        Self {
            db,
            post,
            gate,
            head,
            limits: Limits::default(),
            due: Notify::new(),
            turns: Turns::default(),
            tally: Counters::default(),
            full: Mutex::default(),
            mailing: Mutex::default(),
            trouble: Mutex::default(),
        }
    }

    /// The same with limits.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What this process did so far.
    pub fn tally(&self) -> Tally {
        let Counters { sent, failed, retried, uncertain } = &self.tally;
        let [sent, failed, retried, uncertain] =
            [sent, failed, retried, uncertain].map(|counter| counter.load(Ordering::Relaxed));
        Tally { sent, failed, retried, uncertain }
    }

    /// Whether the mail server answered when it was last asked.
    pub fn is_reachable(&self) -> bool {
        self.trouble().is_none()
    }

    /// Delivers until `stop`; then ends what is on the wire and hands the rest back.
    pub async fn run(&self, stop: &CancellationToken) {
        let workers = (0..WORKERS).map(|seat| async move {
            while !stop.is_cancelled() {
                // A worker that fell over gets up again; its letter is seen to when its lease ends.
                if AssertUnwindSafe(self.work(seat < PERSONAL_ONLY, stop)).catch_unwind().await.is_err() {
                    tracing::error!("a worker of the outbox fell over");
                    sleep(LOOK).await;
                }
            }
        });
        tokio::join!(self.look_out(stop), futures_util::future::join_all(workers));
    }

    /// Delivers everything that is due at this moment, with one worker; says how many letters there were.
    pub async fn deliver_due(&self) -> Result<usize> {
        self.tidy().await?;
        self.forget_files().await;
        let (mut way, never, mut count) = (Way::default(), CancellationToken::new(), 0);
        let ended = loop {
            match self.round(false, &mut way, &never).await {
                Ok(Round::Carried(carried)) => count += carried,
                Ok(Round::Nothing) => break Ok(count),
                Err(error) => break Err(error),
            }
        };
        way.close().await;
        self.finish().await?;
        ended
    }

    async fn look_out(&self, stop: &CancellationToken) {
        let mut commits = self.db.commits();
        let (mut said, mut forgot): (Option<Instant>, Option<Instant>) = (None, None);
        let (mut tidied, mut expired): (Option<Instant>, Option<Instant>) = (None, None);
        // Whether so much time has passed since then; it is now, if so.
        let passed = |since: &mut Option<Instant>, time| {
            let passed = since.is_none_or(|at| at.elapsed() >= time);
            if passed {
                *since = Some(Instant::now());
            }
            passed
        };
        while !stop.is_cancelled() {
            if passed(&mut forgot, FORGET) {
                self.forget_files().await;
            }
            let tidy = passed(&mut tidied, LOOK);
            match self.look(tidy, tidy && passed(&mut expired, EXPIRE)).await {
                Ok(0) => said = None,
                Ok(due) if due > BATCH => self.due.notify_waiters(),
                // One more than those that carry no announcements.
                Ok(_) => (0..=PERSONAL_ONLY).for_each(|_| self.due.notify_one()),
                // Said once a minute, not at every look.
                Err(error) if said.is_none_or(|at| at.elapsed() > Duration::from_secs(60)) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    said = Some(Instant::now());
                }
                Err(_) => {}
            }
            sleep(BREATH).await;
            tokio::select! {
                _ = commits.changed() => {}
                () = sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// How many letters are due, counted up to a little more than a handful.
    async fn look(&self, tidy: bool, expired: bool) -> Result<u64> {
        let cx = self.db.cx(Actor::System("mail"));
        if tidy && queue::is_untidy(cx.conn(), cx.now(), expired).await? {
            self.tidy().await?;
        }
        if tidy {
            self.finish().await?;
        }
        if store::switch(cx.conn()).await?.paused_at.is_some() {
            return Ok(0);
        }
        queue::due(cx.conn(), cx.now(), BATCH + 1, false).await
    }

    /// Letters as files are kept as long as the texts in the outbox.
    async fn forget_files(&self) {
        if let Post::Folder(mailbox) = &self.post
            && let Err(error) = mailbox.forget(self.db.clock().now() - KEPT).await
        {
            tracing::warn!(%error, "old letters could not be removed from their folder");
        }
    }

    async fn tidy(&self) -> Result<()> {
        let tx = self.db.write(Actor::System("mail")).await?;
        queue::tidy(tx.conn(), tx.now()).await?;
        // An hour of counts is more than anybody asks for.
        store::rate::forget(tx.conn(), minute(tx.now()) - 60).await?;
        tx.commit().await
    }

    /// Notes which mailings are through: only when every letter of them has ended (E6).
    async fn finish(&self) -> Result<()> {
        let cx = self.db.cx(Actor::System("mail"));
        if !store::mailing::is_through(cx.conn(), cx.now()).await? {
            return Ok(());
        }
        let tx = self.db.write(Actor::System("mail")).await?;
        store::mailing::finish(tx.conn(), tx.now()).await?;
        tx.commit().await
    }

    async fn work(&self, personal_only: bool, stop: &CancellationToken) {
        let (mut way, mut failures) = (Way::default(), 0);
        while !stop.is_cancelled() {
            match self.round(personal_only, &mut way, stop).await {
                Ok(Round::Carried(_)) => failures = 0,
                Ok(Round::Nothing) => tokio::select! {
                    () = self.due.notified() => {}
                    () = stop.cancelled() => {}
                    () = sleep(IDLE) => way.close().await,
                },
                Err(error) => {
                    self.note(error);
                    failures += 1;
                    tokio::select! {
                        () = sleep(pause(failures)) => {}
                        () = stop.cancelled() => {}
                    }
                }
            }
        }
        way.close().await;
    }

    async fn round(&self, personal_only: bool, way: &mut Way, stop: &CancellationToken) -> Result<Round> {
        let cx = self.db.cx(Actor::System("mail"));
        let personal_only = match *self.full() {
            Some(full) if full.until > cx.now() && full.from == Priority::Personal => return Ok(Round::Nothing),
            Some(full) if full.until > cx.now() => true,
            _ => personal_only,
        };
        // A look costs no writer's turn, and nobody is rung up for nothing.
        if queue::due(cx.conn(), cx.now(), 1, personal_only).await? == 0
            || store::switch(cx.conn()).await?.paused_at.is_some()
        {
            return Ok(Round::Nothing);
        }
        // Before anything is taken: while the mail server is away, letters lie untouched and lose no attempt, and all of
        // them leave when it is back.
        tokio::select! {
            opened = way.open(&self.post) => opened.map_err(Error::Unavailable)?,
            () = stop.cancelled() => return Ok(Round::Nothing),
        }
        self.trouble_is_over();
        let (token, rows) = self.claim(personal_only).await?;
        if rows.is_empty() {
            return Ok(Round::Nothing);
        }
        let count = rows.len();
        self.carry(token, rows, way, stop).await?;
        Ok(Round::Carried(count))
    }

    async fn claim(&self, personal_only: bool) -> Result<(Uuid, Vec<Row>)> {
        let tx = self.db.write(Actor::System("mail")).await?;
        let token = ids::fresh();
        let rows = queue::claim(tx.conn(), token, tx.now(), BATCH, personal_only).await?;
        tx.commit().await?;
        Ok((token, rows))
    }

    /// Carries letters that are ours; what is not carried in the end is handed back.
    async fn carry(&self, token: Uuid, rows: Vec<Row>, way: &mut Way, stop: &CancellationToken) -> Result<()> {
        let mut rest: VecDeque<Arc<Row>> = rows.into_iter().map(Arc::new).collect();
        let mut back: Vec<Arc<Row>> = Vec::new();
        let mut through: Option<Through> = None;
        let ended = loop {
            let next = if stop.is_cancelled() { None } else { rest.pop_front() };
            if next.is_some() && !way.is_open(&self.post) {
                // What is through is written down before a new connection takes its time.
                if let Some(last) = through.take() {
                    self.settle_surely(token, &last).await;
                }
                let opened = tokio::select! {
                    opened = way.open(&self.post) => opened.map_err(Error::Unavailable),
                    () = stop.cancelled() => {
                        rest.extend(next);
                        break Ok(());
                    }
                };
                if let Err(trouble) = opened {
                    rest.extend(next);
                    break Err(trouble);
                }
            }
            let step = match self.turn(token, through.clone(), next.clone()).await {
                Ok(step) => step,
                Err(error) => {
                    if let Some(last) = through.take() {
                        self.settle_surely(token, &last).await;
                    }
                    rest.extend(next);
                    break Err(error);
                }
            };
            if let Some(last) = through.take() {
                self.count(&last);
            }
            match (step, next) {
                (Next::Go, Some(row)) => {
                    let outcome = self.on_the_wire(token, &row, way).await;
                    through = Some(Through { row, outcome });
                }
                (Next::Skip, Some(_)) => {}
                (Next::Back, Some(row)) => back.push(row),
                (Next::Stop, next) => {
                    rest.extend(next);
                    break Ok(());
                }
                (_, None) => break Ok(()),
            }
        };
        rest.extend(back);
        if !rest.is_empty() {
            let ids: Vec<LetterId> = rest.iter().map(|row| LetterId(row.id)).collect();
            let tx = self.db.write(Actor::System("mail")).await?;
            queue::release(tx.conn(), token, &ids).await?;
            tx.commit().await?;
        }
        ended
    }

    async fn on_the_wire(&self, token: Uuid, row: &Row, way: &mut Way) -> Outcome {
        let content = match self.content(row).await {
            Ok(Some(content)) => content,
            Ok(None) => return Outcome::Failed("Its text is gone.".to_owned()),
            Err(error) => return Outcome::Retry(format!("Its text cannot be read: {error}")),
        };
        let message = match store::composed(row, &content, &self.head) {
            Ok(message) => message.formatted(),
            Err(error) => return Outcome::Failed(format!("It cannot be made into a message: {error}")),
        };
        let parcel = Parcel { id: LetterId(row.id), to: &row.recipient, message: &message, created_at: row.created_at };
        let send = way.send(&self.post, &parcel);
        tokio::pin!(send);
        loop {
            tokio::select! {
                outcome = &mut send => return outcome,
                () = sleep(RENEW) => {
                    if let Err(error) = self.renew(token, parcel.id).await {
                        tracing::warn!(%error, "the lease of a letter on the wire could not be renewed");
                    }
                }
            }
        }
    }

    /// What a letter says. The content of a mailing never changes: the last one is kept at hand.
    async fn content(&self, row: &Row) -> Result<Option<Content>> {
        let cx = self.db.cx(Actor::System("mail"));
        let Some(mailing) = row.mailing_id else { return store::content(cx.conn(), row, &self.head).await };
        let kept = self.mailing().clone().filter(|(id, _)| *id == mailing);
        let content = match kept {
            Some((_, content)) => content,
            None => {
                let Some(content) = store::mailing::content(cx.conn(), MailingId(mailing)).await? else {
                    return Ok(None);
                };
                let content = Arc::new(content);
                *self.mailing() = Some((mailing, Arc::clone(&content)));
                content
            }
        };
        Ok(Some(content.for_reader(&self.head, row.leave_path.as_deref())))
    }

    fn mailing(&self) -> std::sync::MutexGuard<'_, Option<(Uuid, Arc<Content>)>> {
        self.mailing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn full(&self) -> std::sync::MutexGuard<'_, Option<Full>> {
        self.full.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(&self, token: Uuid, id: LetterId) -> Result<()> {
        let tx = self.db.write(Actor::System("mail")).await?;
        queue::renew(tx.conn(), id, token, tx.now()).await?;
        tx.commit().await
    }

    /// Writes down how a letter went, also when the database does not answer at first: what left must not leave again.
    async fn settle_surely(&self, token: Uuid, last: &Through) {
        for attempt in 0..8 {
            let written = async {
                let mut tx = self.db.write(Actor::System("mail")).await?;
                settle(&mut tx, &[(token, last)]).await?;
                tx.commit().await
            };
            match written.await {
                Ok(()) => return self.count(last),
                Err(error) => tracing::warn!(%error, attempt, "how a letter went could not be written down"),
            }
            sleep(Duration::from_millis(100 << attempt)).await;
        }
    }

    fn count(&self, last: &Through) {
        let letter = LetterId(last.row.id);
        let counter = match &last.outcome {
            Outcome::Sent => &self.tally.sent,
            Outcome::Retry(_) => &self.tally.retried,
            Outcome::Failed(_) => &self.tally.failed,
            Outcome::Uncertain(_) => &self.tally.uncertain,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        // The kind and the id, never the address or what the server said, which may hold it (P4).
        match &last.outcome {
            Outcome::Sent => tracing::debug!(%letter, kind = last.row.kind, "a letter was sent"),
            Outcome::Retry(_) => {
                tracing::info!(%letter, kind = last.row.kind, "a letter was not taken and is tried again")
            }
            Outcome::Failed(_) => tracing::warn!(%letter, kind = last.row.kind, "a letter was refused for good"),
            Outcome::Uncertain(_) => {
                tracing::warn!(%letter, kind = last.row.kind, "nobody knows whether a letter left")
            }
        }
    }

    fn trouble(&self) -> std::sync::MutexGuard<'_, Option<(String, Instant)>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is wrong, and says it once a minute.
    fn note(&self, error: Error) {
        let said = error.to_string();
        let mut trouble = self.trouble();
        if trouble.as_ref().is_none_or(|(_, at)| at.elapsed() > Duration::from_secs(60)) {
            tracing::error!(error = said, "letters cannot be sent");
            *trouble = Some((said, Instant::now()));
        }
    }

    fn trouble_is_over(&self) {
        if self.trouble().take().is_some() {
            tracing::info!("letters can be sent again");
        }
    }
}

/// How long after the failure of that number the mail server is asked again.
fn pause(failures: u32) -> Duration {
    PATIENCE.min(Duration::from_secs(1 << failures.saturating_sub(1).min(6)))
}
