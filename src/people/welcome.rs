//! The first visit: who somebody is, where they work, what they want to hear of. All of it can be passed over and done later.

use super::account::{self, Account, AccountId, ProfileChange};
use super::membership::{self, Joined};
use super::school::SchoolId;
use super::store::accounts;
use super::{follow, policy};
use crate::mail::Letterhead;
use crate::platform::{Error, Event, Result, Tx};

/// What somebody says on their first visit.
#[derive(Clone, Debug, Default)]
pub struct Introduction {
    /// How they are called.
    pub name: String,
    /// What they do, in their own words; empty for nothing.
    pub title: String,
    /// Codes of `grade_band`.
    pub grades: Vec<String>,
    /// Codes of `subject`.
    pub subjects: Vec<String>,
    /// Codes of `topic`, to follow.
    pub topics: Vec<String>,
    /// The school they say they work at.
    pub school: Option<SchoolId>,
}

/// Keeps what somebody says about themselves, what they follow, and brings them to their school.
pub async fn introduce(tx: &mut Tx, head: &Letterhead, id: AccountId, said: Introduction) -> Result<Option<Joined>> {
    // What follows asks again, each for its part.
    let _permit = policy::own_account(tx.actor(), id)?;
    let known = accounts::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    let change = ProfileChange {
        name: said.name,
        title: said.title,
        grades: said.grades,
        subjects: said.subjects,
        time_zone: known.time_zone.unwrap_or_default(),
        lang: None,
    };
    account::change_profile(tx, id, change).await?;
    follow::set_topics(tx, id, &said.topics).await?;
    match said.school {
        Some(school) => Ok(Some(membership::join(tx, head, id, school).await?)),
        None => Ok(None),
    }
}

/// Passes the first-visit page over: it does not come by itself again.
pub async fn pass_over(tx: &mut Tx, id: AccountId) -> Result<()> {
    let permit = policy::own_account(tx.actor(), id)?;
    let known = accounts::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    if known.welcomed_at.is_some() {
        return Ok(());
    }
    let seen = Account { welcomed_at: Some(tx.now()), updated_at: tx.now(), ..known };
    accounts::update(tx.conn(), &seen).await?;
    tx.record(&permit, Event::about("account.welcome_passed_over", "account", id.0)).await
}
