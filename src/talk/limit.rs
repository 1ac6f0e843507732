//! How often somebody may do a thing on a day. Counted in rows, so several nodes count together, and the row is held until the
//! transaction ends: what somebody does twice at once is done one after the other.

use std::time::Duration;

use chrono::{Days, NaiveDate, NaiveTime};

use super::store;
use crate::people::AccountId;
use crate::platform::{Error, Result, Tx, Zone};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Asking a question.
    Ask,
    /// Answering one.
    Answer,
    /// Writing to a contact.
    Write,
    /// Answering a letter.
    Reply,
    /// Asking for a visit.
    Visit,
}

impl Doing {
    fn code(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Answer => "answer",
            Self::Write => "write",
            Self::Reply => "reply",
            Self::Visit => "visit",
        }
    }

    /// How often on a day.
    pub fn most(self) -> i32 {
        match self {
            Self::Ask => 10,
            Self::Answer => 30,
            Self::Write | Self::Visit => 5,
            Self::Reply => 20,
        }
    }
}

/// The day of a moment where letters have no zone of their own.
fn today(tx: &Tx) -> NaiveDate {
    Zone::default().local(tx.now()).date()
}

/// Counts one; refuses with how long to wait when it is one too many. Two statements.
pub async fn count(tx: &mut Tx, account: AccountId, doing: Doing) -> Result<()> {
    let day = today(tx);
    if store::limits::take(tx.conn(), account, doing.code(), day, doing.most()).await? {
        return Ok(());
    }
    let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
    let wait = (Zone::default().moment_near(tomorrow) - tx.now()).to_std().unwrap_or(Duration::from_secs(60));
    Err(Error::TooMany { wait })
}

/// Takes one back: it was the same once more, and nothing was done. One statement.
pub async fn uncount(tx: &mut Tx, account: AccountId, doing: Doing) -> Result<()> {
    store::limits::give_back(tx.conn(), account, doing.code(), today(tx)).await
}
