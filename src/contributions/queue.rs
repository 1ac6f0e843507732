//! The queue of the editors: what waits, how long, and who looks at it.

use std::collections::HashMap;

use super::contribution::Contribution;
use super::review::Standing;
use super::store::review as kept;
use super::{policy, school_days};
use crate::people::{self, Account, AccountId, School, SchoolId, account};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Result};

/// States that the queue shows, the most urgent first.
pub const STATES: [PracticeStatus; 5] = [
    PracticeStatus::SUBMITTED,
    PracticeStatus::APPROVED,
    PracticeStatus::CHANGES_REQUESTED,
    PracticeStatus::DECLINED,
    PracticeStatus::PUBLISHED,
];

/// Most lines of the queue.
pub const MOST: u64 = 100;

/// A line of the queue.
#[derive(Debug)]
pub struct Waiting {
    /// What waits.
    pub contribution: Contribution,
    /// Who looks at it.
    pub standing: Standing,
    /// School days since it was submitted.
    pub age: i64,
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    /// Its lines, the longest waiting first.
    pub lines: Vec<Waiting>,
    /// The schools of its lines.
    pub schools: HashMap<SchoolId, School>,
    /// The people of its lines.
    pub people: HashMap<AccountId, Account>,
    /// How many there are of each state.
    pub counts: HashMap<String, i64>,
}

/// Refuses everybody but editors, before anything is looked up.
pub fn enter(cx: &Cx) -> Result<()> {
    policy::read_queue(cx.actor()).map(drop)
}

/// What is in a state now. A constant number of statements.
pub async fn queue(cx: &Cx, state: PracticeStatus) -> Result<Queue> {
    enter(cx)?;
    let found = kept::queue(cx.conn(), state, MOST).await?;
    let ids: Vec<_> = found.iter().map(|one| one.id).collect();
    let mut standings = kept::standings(cx.conn(), &ids).await?;
    let schools: Vec<SchoolId> = found.iter().map(|one| one.school).collect();
    let mut accounts: Vec<AccountId> = found.iter().map(|one| one.author).collect();
    let lines: Vec<Waiting> = found
        .into_iter()
        .map(|contribution| Waiting {
            standing: standings.remove(&contribution.id).unwrap_or_default(),
            age: contribution.submitted_at.map_or(0, |at| school_days::between(at, cx.now())),
            contribution,
        })
        .collect();
    accounts.extend(lines.iter().filter_map(|line| Some(line.standing.taken?.0)));
    Ok(Queue {
        schools: people::schools(cx, &schools).await?,
        people: account::accounts(cx, &accounts).await?,
        counts: kept::counts(cx.conn()).await?,
        lines,
    })
}
