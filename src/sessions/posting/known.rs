//! What the names in a draft mean, and what a change means to those who come.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::times;
use crate::catalog;
use crate::people::{self, AccountId, SchoolId};
use crate::platform::vocabulary::Consent;
use crate::platform::{Permit, Place, Result, Role, Tx};
use crate::sessions::draft::{Draft, Known};
use crate::sessions::policy;
use crate::sessions::session::{RoomId, Session};
use crate::sessions::store::rooms;
use crate::sessions::words::{News, say};

/// Whoever holds one of these at a school can be named with their account.
const STAFF: [Role; 4] = [Role::Teacher, Role::Principal, Role::Delegate, Role::Organizer];

/// Looks up what a draft names: schools, rooms, people of host and co-host, the practice. At most twelve statements.
pub(super) async fn look_up(tx: &Tx, draft: &Draft, session: Option<&Session>) -> Result<Known> {
    let mut known = Known::default();
    let names: HashSet<String> = draft.schools().map(str::to_owned).collect();
    if !names.is_empty() {
        let ids = people::resolve_schools(tx, &names).await?;
        let wanted: Vec<SchoolId> = ids.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let schools = people::schools_in(tx, &wanted).await?;
        let named = ids.into_iter().filter_map(|(name, id)| Some((name, schools.get(&id)?.clone())));
        known.schools = named.collect();
    }
    let wanted = draft.rooms();
    if !wanted.is_empty() {
        let used: HashSet<RoomId> =
            session.into_iter().flat_map(|s| &s.meetings).filter_map(|meeting| meeting.room).collect();
        let found = rooms::by_ids(tx.conn(), &wanted).await?.into_values();
        let usable = found.filter(|room| room.retired_at.is_none() || used.contains(&room.id));
        known.rooms = usable.map(|room| (room.id, room.school)).collect();
    }
    if let Some(reference) = draft.text("practice").filter(|text| !text.is_empty()) {
        let reference = reference.rsplit('/').next().unwrap_or(reference);
        known.practice = catalog::practice_in(tx, reference).await?.map(|practice| practice.id);
    }
    if draft.kept.is_some() {
        known.sectors = people::sectors_in(tx).await?.into_iter().map(|sector| sector.code).collect();
    }
    let led = draft.facilitators.iter().flatten();
    let names_people = led.clone().any(|who| !who.email.trim().is_empty() || !who.account.trim().is_empty())
        || draft.text("access_contact").is_some_and(|text| !text.is_empty());
    if names_people {
        known.people = people_of(tx, draft, session, &known).await?;
    }
    Ok(known)
}

/// Asks for the host that a draft names, before anything else is looked up: whoever may not draft there learns no more than
/// that. `None` where the draft names no school, or the host that the session has.
pub(super) async fn may_draft(tx: &Tx, draft: &Draft, session: Option<&Session>) -> Result<Option<Permit>> {
    let Some(name) = draft.text("host").filter(|text| !text.is_empty()) else { return Ok(None) };
    let Some(id) = people::resolve_schools(tx, &HashSet::from([name.to_owned()])).await?.remove(name) else {
        return Ok(None);
    };
    if session.is_some_and(|session| session.host.school == id) {
        return Ok(None);
    }
    let school = people::schools_in(tx, &[id]).await?.remove(&id);
    school.map(|school| policy::draft(tx.actor(), &policy::places_of(&school))).transpose()
}

/// People of the host, and of a co-host that agreed, by their address and by their id: those alone, so that a form tells nobody
/// whose address has an account elsewhere.
async fn people_of(
    tx: &Tx,
    draft: &Draft,
    session: Option<&Session>,
    known: &Known,
) -> Result<HashMap<String, (AccountId, String)>> {
    let named = |name: &str| draft.text(name).map(|text| known.schools.get(text).map(|school| school.id));
    let had = (
        session.map(|session| session.host.school),
        session.and_then(|session| session.cohost.as_ref()).map(|party| party.school),
    );
    let (host, cohost) = (named("host").unwrap_or(had.0), named("cohost").unwrap_or(had.1));
    // Naming a school asks nothing of it: its people are known here once it agreed.
    let agreed = session.is_some_and(|session| session.consent == Consent::GIVEN) && (host, cohost) == had;
    let mut all = Vec::new();
    for school in host.into_iter().chain(cohost.filter(|_| agreed)) {
        all.extend(people::membership::holders(tx, &STAFF, Place::School(school.0)).await?);
    }
    if let Some(session) = session.filter(|_| (host, cohost) == had) {
        // Who is named already stays, also in a copy whose co-host has not been asked again.
        let led = session.facilitators.iter().filter_map(|who| who.account);
        let ids: Vec<AccountId> = led.chain(session.access_contact).collect();
        all.extend(people::account::accounts_in(tx, &ids).await?.into_values());
    }
    let mut found = HashMap::new();
    for account in all {
        if let Some(email) = &account.email {
            found.insert(email.as_str().to_owned(), (account.id, account.name.clone()));
        }
        found.insert(account.id.to_string(), (account.id, account.name));
    }
    Ok(found)
}

/// What people with a seat must know of a change, in sentences; `None` where they need not (J-8).
pub(super) async fn differences(tx: &Tx, old: &Session, new: &Session) -> Result<Option<News>> {
    let when = |session: &Session| {
        let time = |m: &crate::sessions::Meeting| (m.starts_local, m.ends_local, m.zone);
        session.meetings.iter().map(time).collect::<Vec<_>>()
    };
    let places = |session: &Session| session.meetings.iter().map(|m| (m.room, m.address.clone())).collect::<Vec<_>>();
    let (later, otherwise) = (when(old) != when(new), old.mode != new.mode);
    let moved = places(old) != places(new) && old.meetings.len() == new.meetings.len();
    if !(later || otherwise || moved) {
        return Ok(None);
    }
    let place = if moved { Some(place(tx, new).await?) } else { None };
    Ok(Some(News::each(|lang| {
        let mut said = Vec::new();
        if later {
            said.push(times(lang, "changed-times", new));
        }
        if otherwise {
            let mode = say(lang, &format!("mode-{}", new.mode.code()), &[]);
            said.push(say(lang, "changed-mode", &[("mode", &mode)]));
        }
        match place.as_deref() {
            None => {}
            Some("") => said.push(say(lang, "changed-place-unsaid", &[])),
            Some(place) => said.push(say(lang, "changed-place", &[("place", place)])),
        }
        said.join(" ")
    })))
}

/// Where a session meets: rooms and addresses, each once; empty where it does not say.
async fn place(tx: &Tx, session: &Session) -> Result<String> {
    let ids: Vec<RoomId> = session.meetings.iter().filter_map(|meeting| meeting.room).collect();
    let names = if ids.is_empty() { HashMap::new() } else { rooms::by_ids(tx.conn(), &ids).await? };
    let mut where_it_is: Vec<String> = Vec::new();
    for meeting in &session.meetings {
        let room = meeting.room.and_then(|id| names.get(&id)).map(|room| room.name.clone());
        let words: Vec<String> = room.into_iter().chain(meeting.address.clone()).collect();
        let words = words.join(", ");
        if !words.is_empty() && !where_it_is.contains(&words) {
            where_it_is.push(words);
        }
    }
    Ok(where_it_is.join("; "))
}
