//! Whether a letter to somebody may go when its turn comes (A3): much can have happened since it was written. Their account may
//! be closed, they may lead the school no more whose staff it is about, they may have left the list, and it may be night.

use async_trait::async_trait;
use uuid::Uuid;

use super::leave::List;
use super::settings::{Standing, zones};
use super::store;
use super::topic::{Pace, Topic};
use crate::mail::{Addresses, Email, Gate, Gatekeeper, Waiting};
use crate::people::account::{self, AccountState};
use crate::people::{Account, AccountId, membership};
use crate::platform::{Cx, Grant, Place, Result, Role, Timestamp, Tx, Zone};

/// Lets letters go to accounts that may be used, when their people want them.
#[derive(Clone, Copy, Debug)]
pub struct Doorkeeper;

#[async_trait]
impl Gatekeeper for Doorkeeper {
    async fn admit(&self, tx: &Tx, letter: Waiting<'_>) -> Result<Gate> {
        let id = AccountId(letter.account);
        let account: Option<Account> = account::accounts_in(tx, &[id]).await?.remove(&id);
        let Some(account) = account.filter(|account| account.state == AccountState::Active) else {
            return Ok(Gate::Never);
        };
        if let Some(school) = letter.school
            && !led(tx, id).await?.contains(&school)
        {
            return Ok(Gate::Never);
        }
        let list = letter.list.and_then(List::of);
        let topics: Vec<Topic> = match list {
            Some(List::Topic(topic)) => vec![topic],
            _ => Vec::new(),
        };
        let standing = store::settings::standings(tx.conn(), &[id], &topics).await?.remove(&id).unwrap_or_default();
        // Where somebody has no quiet hours nobody asks what time it is there.
        let zone = match standing.choices.quiet {
            Some(_) if !letter.urgent => zones(tx, &[account.id]).await?.remove(&account.id).unwrap_or_default(),
            _ => Zone::default(),
        };
        Ok(gate(&standing, list, zone, &letter, tx.now()))
    }
}

#[async_trait]
impl Addresses for Doorkeeper {
    async fn address_of(&self, cx: &Cx, id: Uuid) -> Result<Option<Email>> {
        let id = AccountId(id);
        Ok(account::accounts(cx, &[id]).await?.remove(&id).and_then(|account| account.email))
    }
}

/// The schools that somebody leads at this moment: as principal or delegate. One statement.
pub(super) async fn led(tx: &Tx, account: AccountId) -> Result<Vec<Uuid>> {
    let led = |grant: Grant| match (grant.role, grant.place) {
        (Role::Principal | Role::Delegate, Place::School(school)) => Some(school),
        _ => None,
    };
    Ok(membership::held(tx, account).await?.into_iter().filter_map(led).collect())
}

/// What somebody's choices say of a letter.
fn gate(standing: &Standing, list: Option<List>, zone: Zone, letter: &Waiting<'_>, now: Timestamp) -> Gate {
    let unwanted = match list {
        Some(List::Topic(topic)) => standing.pace(topic) == Pace::Off || standing.choices.is_paused(now),
        Some(List::Digest) => standing.digest_left || standing.choices.is_paused(now),
        None => false,
    };
    if unwanted {
        return Gate::Never;
    }
    let quiet = standing.choices.quiet.filter(|_| !letter.urgent);
    quiet.and_then(|quiet| quiet.hold(zone, now, letter.not_after)).map_or(Gate::Go, Gate::Later)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::notices::hours::Quiet;
    use crate::notices::settings::Choices;

    #[test]
    fn a_letter_goes_when_its_reader_wants_it() {
        let night: Timestamp = "2026-10-15T03:00:00Z".parse().unwrap();
        let morning: Timestamp = "2026-10-15T11:00:00Z".parse().unwrap();
        let account = Uuid::nil();
        let letter = Waiting { account, kind: "test", urgent: false, not_after: None, list: None, school: None };
        let urgent = Waiting { urgent: true, ..letter };
        let soon = Waiting { not_after: Some(morning + TimeDelta::hours(1)), ..letter };
        let mut standing = Standing::default();
        let of = |standing: &Standing, list, letter: &Waiting<'_>| gate(standing, list, Zone::default(), letter, night);
        assert_eq!(of(&standing, None, &letter), Gate::Go, "nobody has quiet hours who did not ask for them");
        standing.choices.quiet = Quiet::new(22 * 60, 7 * 60);
        assert_eq!(of(&standing, None, &letter), Gate::Later(morning));
        assert_eq!((of(&standing, None, &urgent), of(&standing, None, &soon)), (Gate::Go, Gate::Go));
        let follow = Some(List::Topic(Topic::Follow));
        assert_eq!(of(&standing, follow, &letter), Gate::Later(morning));
        standing.paces.insert(Topic::Follow, Pace::Off);
        assert_eq!(of(&standing, follow, &urgent), Gate::Never);
        assert_eq!(of(&standing, Some(List::Digest), &urgent), Gate::Go);
        standing.digest_left = true;
        assert_eq!(of(&standing, Some(List::Digest), &urgent), Gate::Never);
        let paused = Choices { paused_until: Some(night + TimeDelta::days(1)), ..Choices::default() };
        let paused = Standing { choices: paused, ..Standing::default() };
        assert_eq!(of(&paused, follow, &letter), Gate::Never);
        assert_eq!(of(&paused, None, &letter), Gate::Go, "what decides something goes during a pause");
    }
}
