//! What becomes of an announcement when its time has come: its readers are added in pieces, each in a transaction of its own, with
//! the announcement held. Who comes later goes on where the last piece ended; a reader is added once, whatever dies meanwhile.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use super::announcement::{Announcement, AnnouncementId, Stage, State};
use super::{Press, newsletter, policy, readers, store};
use crate::mail::mailing::{self, MailingId, NewMailing, Reader};
use crate::mail::{Content, Email, Priority};
use crate::people::account::{self, AccountState};
use crate::people::city;
use crate::people::{AccountId, membership};
use crate::platform::{Actor, Cx, Db, Error, Event, Grant, Permit, Place, Result, Role, Tx};

/// Readers of a piece.
const A_PIECE: u64 = 500;

/// Announcements in one look.
const MOST: u64 = 10;

/// Who does it.
const BULLETINS: Actor = Actor::System("bulletins");

/// Begins what is due, and adds readers until all are there. Says how many pieces there were.
pub async fn due(db: &Db, press: &Press) -> Result<usize> {
    let cx = db.cx(BULLETINS);
    let mut done = 0;
    for id in store::announcements::due(cx.conn(), cx.now(), MOST).await? {
        loop {
            match piece(db, press, id).await {
                Ok(true) => done += 1,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, %id, "readers of an announcement cannot be added");
                    break;
                }
            }
        }
    }
    Ok(done)
}

/// The next piece of an announcement; `false` where there is none.
async fn piece(db: &Db, press: &Press, id: AnnouncementId) -> Result<bool> {
    let mut tx = db.write(BULLETINS).await?;
    let permit = policy::keep_time(tx.actor())?;
    let Some(mut announcement) = store::announcements::to_change(tx.conn(), id).await? else { return Ok(false) };
    match (announcement.state, announcement.stage) {
        (State::Scheduled, _) if announcement.due_at.is_some_and(|at| at <= tx.now()) => {
            begin(&mut tx, press, &mut announcement, &permit).await?;
        }
        (State::Gathering, Stage::Followers) => {
            followers(&mut tx, &db.cx(BULLETINS), press, &mut announcement).await?;
        }
        (State::Gathering, Stage::Subscribers) => {
            subscribers(&mut tx, &db.cx(BULLETINS), press, &mut announcement, &permit).await?;
        }
        _ => return Ok(false),
    }
    announcement.updated_at = tx.now();
    store::announcements::update(tx.conn(), &announcement).await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes its mailings. Whoever gave it the time must still be allowed to (A3).
async fn begin(tx: &mut Tx, press: &Press, announcement: &mut Announcement, permit: &Permit) -> Result<()> {
    let detail = json!({ "city": announcement.city });
    if !still_announces(tx, announcement).await? {
        announcement.state = State::Stopped;
        let event = Event::about("announcement.withheld", "announcement", announcement.id.0);
        return tx.record(permit, event.with(detail)).await;
    }
    let head = &press.room.head;
    let to_accounts = announcement.to_accounts(head);
    let to_subscribers = announcement.to_subscribers(head);
    announcement.mailing = Some(create(tx, press, announcement, "announcement", to_accounts).await?);
    announcement.newsletter = Some(create(tx, press, announcement, readers::NEWSLETTER, to_subscribers).await?);
    (announcement.state, announcement.stage, announcement.cursor) = (State::Gathering, Stage::Followers, None);
    tx.record(permit, Event::about("announcement.began", "announcement", announcement.id.0).with(detail)).await
}

async fn still_announces(tx: &Tx, announcement: &Announcement) -> Result<bool> {
    let author = account::accounts_in(tx, &[announcement.author]).await?.remove(&announcement.author);
    if author.is_none_or(|author| author.state != AccountState::Active) {
        return Ok(false);
    }
    let held = membership::held(tx, announcement.author).await?;
    if held.contains(&Grant { role: Role::CityAdmin, place: Place::Installation }) {
        return Ok(true);
    }
    let office = |grant: &Grant| match (grant.role, grant.place) {
        (Role::Mayor, Place::Organization(id)) => Some(crate::people::OrganizationId(id)),
        _ => None,
    };
    let offices: Vec<_> = held.iter().filter_map(office).collect();
    Ok(city::of_organizations_in(tx, &offices).await?.contains(&announcement.city))
}

async fn create(
    tx: &mut Tx,
    press: &Press,
    announcement: &Announcement,
    kind: &'static str,
    content: Content,
) -> Result<MailingId> {
    let new = NewMailing {
        kind,
        content,
        priority: Priority::Announcement,
        urgent: false,
        about: Some(("announcement", announcement.id.0)),
        author: Some(announcement.author.0),
        due_at: tx.now(),
        not_after: None,
    };
    mailing::create(tx, &press.room.head, new).await
}

/// The next people of the city.
async fn followers(tx: &mut Tx, cx: &Cx, press: &Press, announcement: &mut Announcement) -> Result<()> {
    let Some(mailing) = announcement.mailing else { return Ok(()) };
    let after = announcement.cursor.map(AccountId);
    let next = match city::city_in(tx, &announcement.city).await {
        Ok(city) => readers::next(tx, cx, &city, after, A_PIECE).await?,
        // Its schools have closed or moved since: who asked for its newsletter still gets it.
        Err(Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let Some((last, _)) = next.last() else {
        mailing::filled(tx, mailing).await?;
        (announcement.stage, announcement.cursor) = (Stage::Subscribers, None);
        return Ok(());
    };
    announcement.cursor = Some(last.0);
    let reached: Vec<AccountId> = next.iter().filter(|(_, to)| to.is_some()).map(|(account, _)| *account).collect();
    let wanting = readers::who_want_it(tx, &press.room, announcement, &reached).await?;
    let reader = |(account, email): &(AccountId, Option<Email>)| {
        let to = email.as_ref().filter(|_| wanting.contains(account))?.as_str().to_owned();
        Some(Reader { account: Some(account.0), to, leave: Some(readers::leave_path(&press.room, *account)) })
    };
    let readers: Vec<Reader> = next.iter().filter_map(reader).collect();
    mailing::add(tx, mailing, &readers).await.map(drop)
}

/// The next addresses without an account. One that belongs to an account which gets the letter is passed over.
async fn subscribers(
    tx: &mut Tx,
    cx: &Cx,
    press: &Press,
    announcement: &mut Announcement,
    permit: &Permit,
) -> Result<()> {
    let (Some(mailing), Some(newsletter)) = (announcement.mailing, announcement.newsletter) else { return Ok(()) };
    let next = store::subscribers::confirmed(tx.conn(), &announcement.city, announcement.cursor, A_PIECE).await?;
    let Some(last) = next.last() else {
        mailing::filled(tx, newsletter).await?;
        (announcement.state, announcement.stage, announcement.cursor) = (State::Sent, Stage::Done, None);
        let accounts = mailing::progress(cx, mailing).await?.total;
        let addresses = mailing::progress(cx, newsletter).await?.total;
        let detail = json!({ "city": announcement.city, "accounts": accounts, "addresses": addresses });
        let event = Event::about("announcement.handed_over", "announcement", announcement.id.0).with(detail);
        return tx.record(permit, event).await;
    };
    announcement.cursor = Some(last.id.0);
    let emails: Vec<String> = next.iter().map(|one| one.email.as_str().to_owned()).collect();
    let known: HashMap<String, AccountId> = city::accounts_at(tx, &emails).await?.into_iter().collect();
    let ids: Vec<Uuid> = known.values().map(|account| account.0).collect();
    let told = mailing::to_accounts(cx, &[mailing], &ids).await?;
    let told: HashSet<Uuid> = told.into_iter().map(|(_, account, _)| account).collect();
    let is_told = |email: &str| known.get(email).is_some_and(|account| told.contains(&account.0));
    let reader = |one: &newsletter::Subscriber| Reader {
        account: None,
        to: one.email.as_str().to_owned(),
        leave: Some(newsletter::leave_path(press, one.id)),
    };
    let readers: Vec<Reader> = next.iter().filter(|one| !is_told(one.email.as_str())).map(reader).collect();
    mailing::add(tx, newsletter, &readers).await.map(drop)
}
