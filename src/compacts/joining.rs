//! Parties of a compact: asked in, coming further, leaving (C-8), and their seats among those who govern it (C-1). Each party speaks
//! for itself alone.

use chrono::NaiveDate;
use serde_json::json;

use super::compact::{
    CITY, Compact, CompactId, CompactKind, Move, OTHER, PARTIES, PARTNERS, Party, PartyId, PartyState, RecordKind,
    Seat, SeatId,
};
use super::editing::{ROLE, Told, held, touched, write_down};
use super::{policy, store, words};
use crate::people;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Permit, Place, Result, Tx};

/// Seats of those who govern a compact, at most.
const SEATS: usize = 60;

/// A party as it was typed or found.
#[derive(Clone, Debug, Default)]
pub struct NewParty {
    /// Its name; of a place that is here, empty takes the name it has.
    pub name: String,
    /// The school or organization that it is, with its name and the sector that follows from it.
    pub place: Option<(Place, String, Option<String>)>,
    /// Code of its sector; empty takes that of its place.
    pub sector: String,
    /// A code of [`PartyState`].
    pub state: String,
    /// Since when; empty for today.
    pub on: String,
    /// Where that can be read.
    pub link: String,
}

/// The school or organization that a typed reference means: a name in addresses, an id, or the address of its page. At most four
/// statements.
///
/// # Errors
/// `Invalid` for none.
pub async fn place(cx: &Cx, typed: &str) -> Result<Option<(Place, String, Option<String>)>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let last = typed.rsplit('/').next().unwrap_or_default();
    let wrong =
        || Error::invalid("place", "There is no such school or organization here; leave this empty for others.");
    match people::school(cx, last).await {
        Ok(school) => return Ok(Some((Place::School(school.id.0), school.name, school.sector))),
        Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    match people::organization(cx, last).await {
        Ok(found) => {
            let sector = match found.kind.as_str() {
                "district" => Some("district".to_owned()),
                "charter_network" => Some("charter".to_owned()),
                "city_office" => Some(CITY.to_owned()),
                _ => None,
            };
            Ok(Some((Place::Organization(found.id.0), found.name, sector)))
        }
        Err(Error::NotFound(_)) => Err(wrong()),
        Err(error) => Err(error),
    }
}

struct Moved {
    state: PartyState,
    on: NaiveDate,
    link: Option<String>,
}

fn moved(errors: &mut FieldErrors, today: NaiveDate, state: &str, on: &str, link: &str) -> Moved {
    let state = PartyState::parse(state);
    if state.is_none() {
        errors.add("state", "Choose how far the party is.");
    }
    let on = words::day(errors, "on", on).unwrap_or(today);
    if on > today {
        errors.add("on", "Give a day that is not in the future.");
    }
    let link = words::link(errors, "link", link);
    if state == Some(PartyState::Signed) && link.is_none() && errors.is_empty() {
        // A signature that nobody can look up is a claim (C-8).
        errors.add("link", "Give the address where the signature can be read.");
    }
    Moved { state: state.unwrap_or(PartyState::Invited), on, link }
}

/// Asks a party in. One that is further already is added by who answers for it, and one that is only a name by administrators.
pub async fn add_party(tx: &mut Tx, id: CompactId, new: NewParty) -> Result<PartyId> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::lead_it(tx.actor(), &compact, &parties)?;
    let most = if compact.kind == CompactKind::SchoolPartnership { PARTNERS } else { PARTIES };
    if parties.iter().filter(|party| party.takes_part()).count() >= most {
        return Err(Error::Conflict(format!("It has {most} parties already.")));
    }
    let known = new.place.as_ref().map(|(place, ..)| *place);
    if let Some(there) = parties.iter().find(|party| known.is_some() && party.place == known) {
        let again = "It was a party before; ask it in again in its own line above.";
        let already = "This school or organization is a party already.";
        return Err(Error::Conflict(if there.takes_part() { already } else { again }.to_owned()));
    }
    if compact.kind == CompactKind::SchoolPartnership
        && compact.published_at.is_some()
        && !matches!(known, Some(Place::School(_)))
    {
        return Err(Error::Conflict("A school partnership is between schools that are here; give one.".to_owned()));
    }
    let id = add(tx, &permit, &compact, &parties, new, parties.len() + 1).await?;
    touched(tx, &compact).await?;
    Ok(id)
}

pub(super) async fn add(
    tx: &mut Tx,
    permit: &Permit,
    compact: &Compact,
    parties: &[Party],
    new: NewParty,
    position: usize,
) -> Result<PartyId> {
    let mut errors = FieldErrors::default();
    let sectors = people::sectors_in(tx).await?;
    let (place, usual, follows) = match new.place {
        Some((place, name, sector)) => (Some(place), name, sector),
        None => (None, String::new(), None),
    };
    let name = words::line(&mut errors, "name", &new.name, 200).unwrap_or_else(|| usual.clone());
    if place.is_some() && name != usual && !policy::administers(tx.actor()) {
        errors.add("name", "Leave this empty: a school or organization that is here has the name it has.");
    }
    if name.is_empty() {
        errors.add("name", "Give the party's name.");
    }
    // The sector of a place that is here follows from it: whoever could choose it could be "another sector" of their own (C-5).
    let (own, typed) = (follows.unwrap_or_else(|| OTHER.to_owned()), new.sector);
    if place.is_some() && !typed.is_empty() && typed != own && !policy::administers(tx.actor()) {
        errors.add("sector", "Leave the sector of a school or organization that is here as it is.");
    }
    let sector = if typed.is_empty() { own } else { typed };
    if sector != CITY && sector != OTHER && !sectors.iter().any(|one| one.code == sector) {
        errors.add("sector", "Choose the party's sector.");
    }
    let moved = moved(&mut errors, tx.now().date_naive(), &new.state, &new.on, &new.link);
    if !policy::may_add_as(tx.actor(), place, moved.state) {
        errors
            .add("state", "Choose Invited; who answers for a party says itself that its board votes or that it signs.");
    }
    errors.or(())?;
    let party = Party {
        id: PartyId::fresh(),
        compact: compact.id,
        position: i32::try_from(position).unwrap_or(i32::MAX),
        name: name.chars().take(200).collect(),
        place,
        sector,
        state: moved.state,
        state_on: moved.on,
        link: moved.link,
    };
    store::compacts::insert_party(tx.conn(), &party).await?;
    note_move(tx, &party).await?;
    let told = Told::of(RecordKind::PartyAdded).about(party.id);
    let told = told
        .changed("party", String::new(), party.name.clone())
        .changed("sector", String::new(), party.sector.clone())
        .changed("state", String::new(), party.state.code().to_owned())
        .changed("state_on", String::new(), party.state_on.to_string())
        .changed("link", String::new(), party.link.clone().unwrap_or_default());
    let mut all = parties.to_vec();
    all.push(party.clone());
    write_down(tx, compact, if parties.is_empty() { &all } else { parties }, told).await?;
    let detail = json!({ "party": party.id, "state": party.state.code(), "sector": party.sector });
    tx.record(permit, Event::about("compact.party_added", "compact", compact.id.0).with(detail)).await?;
    Ok(party.id)
}

async fn note_move(tx: &Tx, party: &Party) -> Result<()> {
    let row = Move { party: party.id, state: party.state, on: party.state_on, link: party.link.clone(), at: tx.now() };
    store::compacts::insert_move(tx.conn(), &row).await
}

/// A party comes further, or leaves; each move is kept with its day (C-8). No party signs or leaves for another.
///
/// # Errors
/// `Forbidden` for who does not answer for it; `Conflict` where a party cannot come from where it is to there.
pub async fn move_party(tx: &mut Tx, id: CompactId, party: PartyId, state: &str, on: &str, link: &str) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let before = parties.iter().find(|one| one.id == party).ok_or(Error::NotFound("party"))?;
    let mut errors = FieldErrors::default();
    let moved = moved(&mut errors, tx.now().date_naive(), state, on, link);
    let permit = if PartyState::parse(state).is_some() {
        policy::move_party(tx.actor(), &compact, &parties, before, moved.state)?
    } else {
        policy::take_part(tx.actor(), &parties)?
    };
    if errors.is_empty() && moved.on < before.state_on {
        errors.add("on", "Give a day that is not before the party's last move.");
    }
    errors.or(())?;
    if moved.state == before.state && moved.on == before.state_on && moved.link == before.link {
        return Ok(());
    }
    if !before.state.may_become(moved.state) {
        return Err(Error::Conflict(
            match before.state {
                PartyState::Withdrawn => "This party has left; ask it in again first.",
                _ => "This party is further already; if it does not take part any more, it leaves.",
            }
            .to_owned(),
        ));
    }
    let now = Party { state: moved.state, state_on: moved.on, link: moved.link, ..before.clone() };
    store::compacts::update_party(tx.conn(), &now).await?;
    note_move(tx, &now).await?;
    let link = |party: &Party| party.link.clone().unwrap_or_default();
    let told = Told::of(RecordKind::PartyMoved).about(now.id);
    let told = told
        .changed("state", before.state.code().to_owned(), now.state.code().to_owned())
        .changed("state_on", before.state_on.to_string(), now.state_on.to_string())
        .changed("link", link(before), link(&now));
    write_down(tx, &compact, &parties, told).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "party": party, "state": now.state.code() });
    tx.record(&permit, Event::about("compact.party_moved", "compact", id.0).with(detail)).await
}

/// How far the actor may say that a party is.
pub fn moves_of(actor: &Actor, compact: &Compact, parties: &[Party], party: &Party) -> Vec<PartyState> {
    let may = |to: &PartyState| {
        party.state.may_become(*to) && policy::move_party(actor, compact, parties, party, *to).is_ok()
    };
    PartyState::ALL.iter().copied().filter(may).collect()
}

/// Whether the actor asks parties in.
pub fn leads(actor: &Actor, compact: &Compact, parties: &[Party]) -> bool {
    policy::lead_it(actor, compact, parties).is_ok()
}

/// Adds a seat among those who govern it: a party and a role.
pub async fn add_seat(tx: &mut Tx, id: CompactId, party: &str, role: &str) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &compact, &parties)?;
    let mut errors = FieldErrors::default();
    let party = parties.iter().find(|one| one.takes_part() && one.id.to_string() == party.trim());
    if party.is_none() {
        errors.add("seat_party", "Choose one of the parties.");
    }
    let role = words::line(&mut errors, "seat_role", role, ROLE);
    if role.is_none() {
        errors.add("seat_role", "Give the role of who sits there, not a name.");
    }
    errors.or(())?;
    if store::compacts::seats(tx.conn(), id).await?.len() >= SEATS {
        return Err(Error::Conflict(format!("It has {SEATS} seats already.")));
    }
    let (Some(party), Some(role)) = (party, role) else { return Err(Error::NotFound("party")) };
    let seat = Seat { id: SeatId::fresh(), party: party.id, role };
    store::compacts::insert_seat(tx.conn(), id, &seat).await?;
    let told = Told::of(RecordKind::SeatAdded).about(seat.party).changed("seat", String::new(), seat.role.clone());
    write_down(tx, &compact, &parties, told).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "party": seat.party });
    tx.record(&permit, Event::about("compact.seat_added", "compact", id.0).with(detail)).await
}

/// Takes a seat out. Twice is as good as once.
pub async fn remove_seat(tx: &mut Tx, id: CompactId, seat: SeatId) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &compact, &parties)?;
    let seats = store::compacts::seats(tx.conn(), id).await?;
    let Some(known) = seats.into_iter().find(|one| one.id == seat) else { return Ok(()) };
    store::compacts::delete_seat(tx.conn(), id, seat).await?;
    let told = Told::of(RecordKind::SeatRemoved).about(known.party).changed("seat", known.role, String::new());
    write_down(tx, &compact, &parties, told).await?;
    touched(tx, &compact).await?;
    tx.record(&permit, Event::about("compact.seat_removed", "compact", id.0)).await
}
