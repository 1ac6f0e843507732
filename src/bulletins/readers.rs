//! Who gets the announcements of a city: people who belong to its schools, people who follow it, and addresses that asked for its
//! newsletter. Nobody who turned them off.

use async_trait::async_trait;

use crate::mail::Email;
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::people::city::{self, City};
use crate::platform::{Result, Tx};

/// Name of the newsletter as a domain label, for List-Id.
pub const NEWSLETTER: &str = "newsletter";

/// Where somebody with an account chooses what they hear.
pub const SETTINGS: &str = "/me/notifications/settings";

/// Who follows a city.
#[async_trait]
pub trait Followers: Send + Sync {
    /// People who follow the city, may use their account and have proven their address, in the order of their ids, after one
    /// of them.
    async fn of_city(
        &self,
        tx: &Tx,
        city: &City,
        after: Option<AccountId>,
        limit: u64,
    ) -> Result<Vec<(AccountId, Email)>>;
}

/// Nobody follows a city.
#[derive(Clone, Copy, Debug)]
pub struct NoFollowers;

#[async_trait]
impl Followers for NoFollowers {
    async fn of_city(&self, _: &Tx, _: &City, _: Option<AccountId>, _: u64) -> Result<Vec<(AccountId, Email)>> {
        Ok(Vec::new())
    }
}

/// The path that leaves the announcements, for somebody with an account.
pub fn leave_path(room: &Postroom, account: AccountId) -> String {
    let _ = (room, account);
    String::new()
}

/// Those of some people who want the letter at once.
pub async fn who_want_it(
    _tx: &mut Tx,
    _press: &super::Press,
    _announcement: &super::announcement::Announcement,
    people: &[(AccountId, Email)],
) -> Result<std::collections::HashSet<AccountId>> {
    Ok(people.iter().map(|(account, _)| *account).collect())
}

/// The next people of the city, at most `limit`, each once: who belongs to it and who follows it. Empty at the end.
pub async fn next(
    tx: &Tx,
    followers: &dyn Followers,
    city: &City,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<(AccountId, Email)>> {
    let mut found = city::people_of_city(tx, city, after, limit).await?;
    found.extend(followers.of_city(tx, city, after, limit).await?);
    found.sort_by_key(|(account, _)| *account);
    found.dedup_by_key(|(account, _)| *account);
    // Both lists are complete up to the end of the shorter one, so the first of them together are the next ones.
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}
