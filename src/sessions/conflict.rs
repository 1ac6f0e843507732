//! What is in two places at once (J-14): a room, somebody who leads, somebody who comes.

use std::collections::BTreeSet;

use super::schedule;
use super::session::{RoomId, Session, SessionId};
use super::store::{Connection, conflicts as store, rooms, sessions};
use crate::people::AccountId;
use crate::platform::vocabulary::Visibility;
use crate::platform::{Cx, Result, Tx};

/// Something that is elsewhere at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub what: What,
    /// Its name, as those who post may read it: of the room, of the person. Empty for a person's own bookings.
    pub name: String,
    /// The other session.
    pub session: SessionId,
    /// Its title; empty where not everybody may know it.
    pub title: String,
    /// When it meets then, in words.
    pub when: String,
}

/// What is in two places at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A room.
    Room,
    /// Somebody who leads the session.
    Facilitator,
    /// Somebody who has a seat.
    Person,
}

impl Conflict {
    /// "Library is taken on Saturday, ... by Reading Safety Net."
    pub fn sentence(&self) -> String {
        let other = if self.title.is_empty() { "a session that not everybody sees" } else { &self.title };
        match self.what {
            What::Room => format!("{} is taken by \"{other}\": {}.", self.name, self.when),
            What::Facilitator => format!("{} leads \"{other}\" then: {}.", self.name, self.when),
            What::Person => format!("You are booked for \"{other}\" then: {}.", self.when),
        }
    }
}

/// What stands against holding a session as it is planned: its rooms and those who lead it. At most seven statements.
pub async fn of_session(cx: &Cx, session: &Session) -> Result<Vec<Conflict>> {
    found(cx.conn(), session).await
}

/// The same while the session is held; its rooms are held from here on, so that two sessions that are published at the same
/// moment do not both get one.
pub(super) async fn in_the_way(tx: &Tx, session: &Session) -> Result<Vec<Conflict>> {
    rooms::hold(tx.conn(), &rooms_of(session)).await?;
    found(tx.conn(), session).await
}

/// Bookings of a person at the times of a session, other than for it. At most six statements.
pub async fn of_person(cx: &Cx, account: AccountId, session: &Session) -> Result<Vec<Conflict>> {
    let overlaps = store::bookings(cx.conn(), session.id, &session.meetings, account).await?;
    let told = overlaps.into_iter().map(|overlap| (What::Person, String::new(), overlap, true));
    told_of(cx.conn(), told.collect()).await
}

fn rooms_of(session: &Session) -> Vec<RoomId> {
    let rooms: BTreeSet<RoomId> = session.meetings.iter().filter_map(|meeting| meeting.room).collect();
    rooms.into_iter().collect()
}

async fn found(conn: &impl Connection, session: &Session) -> Result<Vec<Conflict>> {
    let room_ids = rooms_of(session);
    let mut all = Vec::new();
    let names = if room_ids.is_empty() { Default::default() } else { rooms::by_ids(conn, &room_ids).await? };
    for overlap in store::in_rooms(conn, session.id, &session.meetings, &room_ids).await? {
        let room = overlap.room_id.map(RoomId);
        // Another meeting of ours may be in another room at that time.
        let ours = session
            .meetings
            .iter()
            .any(|m| m.room == room && m.starts_at < overlap.ends_at && overlap.starts_at < m.ends_at);
        if let Some(name) = room.and_then(|id| names.get(&id)).filter(|_| ours).map(|room| room.name.clone()) {
            all.push((What::Room, name, overlap, false));
        }
    }
    let people: Vec<AccountId> = session.facilitators.iter().filter_map(|who| who.account).collect();
    for (account, overlap) in store::of_people(conn, session.id, &session.meetings, &people).await? {
        let who = session.facilitators.iter().find(|who| who.account == Some(account));
        let name = who.map_or(String::new(), |who| who.name.clone());
        all.push((What::Facilitator, name, overlap, false));
    }
    told_of(conn, all).await
}

async fn told_of(conn: &impl Connection, found: Vec<(What, String, store::Overlap, bool)>) -> Result<Vec<Conflict>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<SessionId> = found.iter().map(|(_, _, overlap, _)| SessionId(overlap.session_id)).collect();
    let others = sessions::by_ids(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
    let told = |(what, name, overlap, theirs): (What, String, store::Overlap, bool)| {
        let other = others.get(&SessionId(overlap.session_id))?;
        let meeting = other.meetings.iter().find(|meeting| meeting.number == overlap.number)?;
        let open = theirs || other.visibility != Visibility::INVITED;
        Some(Conflict {
            what,
            name,
            session: other.id,
            title: if open { other.title.clone() } else { String::new() },
            when: schedule::when(meeting),
        })
    };
    Ok(found.into_iter().filter_map(told).collect())
}
