//! Who gets the announcements of a city: people who belong to its schools, people who follow it, and addresses that asked for its
//! newsletter. Nobody who turned them off.

use std::collections::{HashMap, HashSet};

use super::announcement::Announcement;
use crate::following;
use crate::mail::Email;
use crate::notices::{self, List, Notice, Pace, Postroom, Topic, leave};
use crate::people::account::{self, AccountState};
use crate::people::city::{self, City};
use crate::people::{Account, AccountId};
use crate::platform::{Cx, Result, Tx};

/// Name of the newsletter as a domain label, for List-Id.
pub const NEWSLETTER: &str = "newsletter";

/// The path that leaves the announcements, for somebody with an account.
pub fn leave_path(room: &Postroom, account: AccountId) -> String {
    leave::path(&room.secret, List::Topic(Topic::Announcements), account)
}

/// The next people of the city, at most `limit`, each once: who belongs to it and who follows it; with their address, where they
/// may use their account and have proven it. Empty at the end.
pub async fn next(
    tx: &Tx,
    cx: &Cx,
    city: &City,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<(AccountId, Option<Email>)>> {
    let belong: HashMap<AccountId, Email> = city::people_of_city(tx, city, after, limit).await?.into_iter().collect();
    let mut ids: Vec<AccountId> = belong.keys().copied().collect();
    ids.extend(following::followers_of_city(cx, city, after, limit).await?);
    ids.sort_unstable();
    ids.dedup();
    // Both lists are complete up to the end of the shorter one, so the first of them together are the next ones.
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let others: Vec<AccountId> = ids.iter().copied().filter(|id| !belong.contains_key(id)).collect();
    let others = account::accounts_in(tx, &others).await?;
    let proven = |account: &Account| {
        let open = account.state == AccountState::Active && account.email_confirmed_at.is_some();
        account.email.clone().filter(|_| open)
    };
    let email = |id: &AccountId| belong.get(id).cloned().or_else(|| others.get(id).and_then(proven));
    Ok(ids.iter().map(|id| (*id, email(id))).collect())
}

/// Those of some people who want the letter at once. Everybody has a notice in their list; who wants a digest has it there too.
pub async fn who_want_it(
    tx: &mut Tx,
    room: &Postroom,
    announcement: &Announcement,
    people: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let paces = notices::paces(tx, Topic::Announcements, people).await?;
    let notice = |account: AccountId| Notice {
        account,
        topic: Topic::Announcements,
        event: format!("announcement:{}", announcement.id),
        about: ("announcement", announcement.id.0),
        line: format!("{}: {}", announcement.city_name, announcement.subject),
        path: format!("/announcements/{}", announcement.id),
        letter: None,
    };
    let wanting: HashSet<AccountId> =
        people.iter().copied().filter(|id| paces.get(id) == Some(&Pace::Instant)).collect();
    // The letter that goes is the mailing's; of those who get it the list alone has the notice.
    let pace = |id: &AccountId| wanting.contains(id).then_some(Pace::Off);
    let all = people.iter().map(|id| (notice(*id), pace(id))).collect();
    notices::tell_paced(tx, room, all).await?;
    Ok(wanting)
}
