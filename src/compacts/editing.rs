//! Writing a compact: its head, its parties and their moves, who governs it, its text, and visits of a partnership.

use chrono::NaiveDate;
use serde_json::json;

use super::compact::{
    CITY, Compact, CompactId, CompactKind, Move, OTHER, PARTIES, PARTNERS, Party, PartyId, PartyState, Seat, SeatId,
    TextVersion, Visit, VisitId,
};
use super::{policy, store, words};
use crate::catalog::guard;
use crate::people::{self, AccountId, SchoolId};
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Permit, Place, Result, Timestamp, Tx};
use crate::search::{self, Kind};

/// Characters of a name.
const NAME: usize = 160;
/// Characters of a role or a city.
const ROLE: usize = 120;
/// Characters of a text.
const TEXT: usize = 60_000;
/// Characters of the log of a visit.
const LOG: usize = 3_000;
/// Seats of those who govern a compact, at most.
const SEATS: usize = 60;

/// What somebody says of a compact, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// A code of [`CompactKind`].
    pub kind: String,
    /// Its city in words; empty for none.
    pub city: String,
    /// When it was signed.
    pub signed_on: String,
    /// When it is looked at again.
    pub review_on: String,
    /// When it ends.
    pub ends_on: String,
    /// Id of the party that answers for it; empty for none.
    pub contact_party: String,
    /// The role of whoever answers there.
    pub contact_role: String,
    /// Whether joint sessions between its schools count.
    pub counts_joint: bool,
}

impl Head {
    /// What is said of a compact now.
    pub fn of(one: &Compact) -> Self {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            name: one.name.clone(),
            kind: one.kind.code().to_owned(),
            city: one.city_name.clone().unwrap_or_default(),
            signed_on: day(one.signed_on),
            review_on: day(one.review_on),
            ends_on: day(one.ends_on),
            contact_party: one.contact_party.map(|id| id.to_string()).unwrap_or_default(),
            contact_role: one.contact_role.clone().unwrap_or_default(),
            counts_joint: one.counts_joint,
        }
    }

    /// Puts what is said into a compact; everything wrong at once.
    fn read(&self, into: Compact, parties: &[Party]) -> Result<Compact> {
        let mut errors = FieldErrors::default();
        let name = words::line(&mut errors, "name", &self.name, NAME);
        if name.is_none() {
            errors.add("name", "Give the compact a name.");
        }
        let kind = CompactKind::parse(&self.kind);
        if kind.is_none() {
            errors.add("kind", "Choose what kind of agreement it is.");
        }
        let city_name = words::line(&mut errors, "city", &self.city, ROLE);
        let signed_on = words::day(&mut errors, "signed_on", &self.signed_on);
        let review_on = words::day(&mut errors, "review_on", &self.review_on);
        let ends_on = words::day(&mut errors, "ends_on", &self.ends_on);
        if kind == Some(CompactKind::SchoolPartnership) && self.ends_on.trim().is_empty() {
            errors.add("ends_on", "Give the day on which the partnership ends.");
        }
        if signed_on.zip(ends_on).is_some_and(|(from, to)| to < from) {
            errors.add("ends_on", "Give a day after the one on which it was signed.");
        }
        let typed = self.contact_party.trim();
        let contact = parties.iter().find(|party| party.id.to_string() == typed).map(|party| party.id);
        if !typed.is_empty() && contact.is_none() {
            errors.add("contact_party", "Choose one of the parties.");
        }
        let contact_role = words::line(&mut errors, "contact_role", &self.contact_role, ROLE);
        let city = city_name.as_deref().map(slug::slugify).filter(|slug| !slug.is_empty());
        let (name, kind) = (name.unwrap_or_default(), kind.unwrap_or(CompactKind::Compact));
        let city_name = city_name.filter(|_| city.is_some());
        Ok(errors.or(Compact {
            name,
            kind,
            city,
            city_name,
            contact_party: contact,
            contact_role,
            signed_on,
            review_on,
            ends_on,
            counts_joint: self.counts_joint,
            ..into
        })?)
    }
}

/// Begins a compact as a draft. Whoever begins it answers for a place that becomes its first party, so that they find it again.
///
/// # Errors
/// `Forbidden` for who may not begin one.
pub async fn begin(tx: &mut Tx, head: &Head, first: Option<NewParty>) -> Result<Compact> {
    let permit = policy::begin(tx.actor())?;
    let now = tx.now();
    let blank = Compact {
        id: CompactId::fresh(),
        slug: String::new(),
        name: String::new(),
        kind: CompactKind::Compact,
        city: None,
        city_name: None,
        contact_party: None,
        contact_role: None,
        signed_on: None,
        review_on: None,
        ends_on: None,
        counts_joint: false,
        published_at: None,
        text_version: 0,
        last_number: 0,
        created_at: now,
        updated_at: now,
    };
    let id = blank.id;
    let mut new = head.read(blank, &[])?;
    let place = first.as_ref().and_then(|first| first.place.as_ref()).map(|(place, ..)| *place);
    if !policy::administers(tx.actor()) && !place.is_some_and(|place| policy::answers_for(tx.actor(), place)) {
        return Err(Error::invalid("place", "Give a school or office for which you answer; it is the first party."));
    }
    let mut slug = slug::slugify(&new.name);
    slug.truncate(90);
    let slug = slug.trim_end_matches('-').to_owned();
    let taken = slug.is_empty()
        || ["new", "compare"].contains(&slug.as_str())
        || store::compacts::by_reference(tx.conn(), &slug).await?.is_some();
    let end = id.0.simple().to_string();
    let base = if slug.is_empty() { "compact".to_owned() } else { slug };
    new.slug = if taken { format!("{base}-{}", &end[end.len() - 6..]) } else { base };
    store::compacts::insert(tx.conn(), &new).await?;
    tx.record(&permit, Event::about("compact.begun", "compact", id.0).with(json!({ "kind": new.kind.code() }))).await?;
    if let Some(first) = first {
        add(tx, &permit, &new, first, 1).await?;
    }
    Ok(new)
}

/// Whether the actor may begin a compact: for showing the way there.
pub fn may_begin(actor: &Actor) -> bool {
    policy::begin(actor).is_ok()
}

/// Refuses whoever may not begin a compact; asked before a form is shown.
pub fn enter_new(actor: &Actor) -> Result<()> {
    policy::begin(actor).map(drop)
}

/// Refuses whoever may not change a compact of these parties; asked before a form is shown.
pub fn enter(actor: &Actor, parties: &[Party]) -> Result<()> {
    policy::write(actor, parties).map(drop)
}

/// A compact with its parties, held until the transaction ends.
///
/// # Errors
/// `NotFound` for who may not know of it.
pub(super) async fn held(tx: &Tx, id: CompactId) -> Result<(Compact, Vec<Party>)> {
    let found = store::compacts::held(tx.conn(), id).await?.ok_or(Error::NotFound("compact"))?;
    let parties = store::compacts::parties(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    if policy::sees(tx.actor(), &found, &parties) { Ok((found, parties)) } else { Err(Error::NotFound("compact")) }
}

/// Marks that something of a compact changed.
pub(super) async fn touched(tx: &mut Tx, compact: &Compact) -> Result<()> {
    let now = Compact { updated_at: tx.now(), ..compact.clone() };
    store::compacts::update(tx.conn(), &now).await?;
    search::touch(tx, Kind::Compact, &[compact.id.0]).await
}

/// Changes what is said of a compact.
///
/// # Errors
/// `Stale` where it changed since `seen`.
pub async fn change(tx: &mut Tx, id: CompactId, head: &Head, seen: Option<Timestamp>) -> Result<()> {
    let (before, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::Stale);
    }
    let now = head.read(before.clone(), &parties)?;
    if now == before {
        return Ok(());
    }
    touched(tx, &now).await?;
    tx.record(&permit, Event::about("compact.changed", "compact", id.0)).await
}

/// Shows a draft to everybody. Twice is as good as once.
///
/// # Errors
/// `Conflict` for one without two parties.
pub async fn publish(tx: &mut Tx, id: CompactId) -> Result<()> {
    let (before, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    if before.published_at.is_some() {
        return Ok(());
    }
    let there = parties.iter().filter(|party| party.takes_part()).count();
    if there < 2 {
        return Err(Error::Conflict("A compact is between at least two parties; add them first.".to_owned()));
    }
    let schools = parties.iter().filter(|party| party.takes_part() && matches!(party.place, Some(Place::School(_))));
    if before.kind == CompactKind::SchoolPartnership && schools.count() != there {
        return Err(Error::Conflict("A school partnership is between two to four schools that are here.".to_owned()));
    }
    touched(tx, &Compact { published_at: Some(tx.now()), ..before }).await?;
    tx.record(&permit, Event::about("compact.published", "compact", id.0)).await
}

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

/// Adds a party.
pub async fn add_party(tx: &mut Tx, id: CompactId, new: NewParty) -> Result<PartyId> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    let most = if compact.kind == CompactKind::SchoolPartnership { PARTNERS } else { PARTIES };
    if parties.iter().filter(|party| party.takes_part()).count() >= most {
        return Err(Error::Conflict(format!("It has {most} parties already.")));
    }
    let known = new.place.as_ref().map(|(place, ..)| *place);
    if known.is_some() && parties.iter().any(|party| party.place == known) {
        return Err(Error::Conflict("This school or organization is a party already.".to_owned()));
    }
    let id = add(tx, &permit, &compact, new, parties.len() + 1).await?;
    touched(tx, &compact).await?;
    Ok(id)
}

async fn add(tx: &mut Tx, permit: &Permit, compact: &Compact, new: NewParty, position: usize) -> Result<PartyId> {
    let mut errors = FieldErrors::default();
    let sectors = people::sectors_in(tx).await?;
    let (place, usual, follows) = match new.place {
        Some((place, name, sector)) => (Some(place), name, sector),
        None => (None, String::new(), None),
    };
    let name = words::line(&mut errors, "name", &new.name, 200).unwrap_or(usual);
    if name.is_empty() {
        errors.add("name", "Give the party's name.");
    }
    let sector = if new.sector.is_empty() { follows.unwrap_or_else(|| OTHER.to_owned()) } else { new.sector };
    if sector != CITY && sector != OTHER && !sectors.iter().any(|one| one.code == sector) {
        errors.add("sector", "Choose the party's sector.");
    }
    let moved = moved(&mut errors, tx.now().date_naive(), &new.state, &new.on, &new.link);
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
    let detail = json!({ "party": party.id, "state": party.state.code(), "sector": party.sector });
    tx.record(permit, Event::about("compact.party_added", "compact", compact.id.0).with(detail)).await?;
    Ok(party.id)
}

async fn note_move(tx: &Tx, party: &Party) -> Result<()> {
    let row = Move { party: party.id, state: party.state, on: party.state_on, link: party.link.clone(), at: tx.now() };
    store::compacts::insert_move(tx.conn(), &row).await
}

/// A party comes further, or leaves; each move is kept with its day (C-8).
///
/// # Errors
/// `Conflict` where the day is before the last move.
pub async fn move_party(tx: &mut Tx, id: CompactId, party: PartyId, state: &str, on: &str, link: &str) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    let before = parties.iter().find(|one| one.id == party).ok_or(Error::NotFound("party"))?;
    let mut errors = FieldErrors::default();
    let moved = moved(&mut errors, tx.now().date_naive(), state, on, link);
    if errors.is_empty() && moved.on < before.state_on {
        errors.add("on", "Give a day that is not before the party's last move.");
    }
    errors.or(())?;
    if moved.state == before.state && moved.on == before.state_on && moved.link == before.link {
        return Ok(());
    }
    let now = Party { state: moved.state, state_on: moved.on, link: moved.link, ..before.clone() };
    store::compacts::update_party(tx.conn(), &now).await?;
    note_move(tx, &now).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "party": party, "state": now.state.code() });
    tx.record(&permit, Event::about("compact.party_moved", "compact", id.0).with(detail)).await
}

/// Adds a seat among those who govern it: a party and a role.
pub async fn add_seat(tx: &mut Tx, id: CompactId, party: &str, role: &str) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    let mut errors = FieldErrors::default();
    let party = parties.iter().find(|one| one.id.to_string() == party.trim());
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
    touched(tx, &compact).await?;
    let detail = json!({ "party": seat.party });
    tx.record(&permit, Event::about("compact.seat_added", "compact", id.0).with(detail)).await
}

/// Takes a seat out. Twice is as good as once.
pub async fn remove_seat(tx: &mut Tx, id: CompactId, seat: SeatId) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    if !store::compacts::delete_seat(tx.conn(), id, seat).await? {
        return Ok(());
    }
    touched(tx, &compact).await?;
    tx.record(&permit, Event::about("compact.seat_removed", "compact", id.0)).await
}

/// Writes the next version of the text; what was there stays readable and never changes.
///
/// # Errors
/// `Stale` where somebody wrote one since `base`.
pub async fn write_text(
    tx: &mut Tx,
    id: CompactId,
    base: i32,
    body: &str,
    note: &str,
    no_student: bool,
) -> Result<i32> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    let mut errors = FieldErrors::default();
    let body = words::passage(&mut errors, "body", body, TEXT);
    if body.is_none() {
        errors.add("body", "Write the text.");
    }
    let note = words::line(&mut errors, "note", note, 200);
    guard::ask(&mut errors, "body", body.as_deref().unwrap_or_default(), no_student);
    errors.or(())?;
    if base != compact.text_version {
        return Err(Error::Stale);
    }
    let version = compact.text_version + 1;
    let new = TextVersion { version, body: body.unwrap_or_default(), note, created_at: tx.now() };
    store::compacts::insert_text(tx.conn(), id, &new).await?;
    touched(tx, &Compact { text_version: version, ..compact }).await?;
    let detail = json!({ "version": version });
    tx.record(&permit, Event::about("compact.text_written", "compact", id.0).with(detail)).await?;
    Ok(version)
}

/// Writes down a visit of a partnership, for all of its schools to read.
///
/// # Errors
/// `Conflict` for another kind of compact.
pub async fn log_visit(tx: &mut Tx, id: CompactId, host: &str, on: &str, log: &str, no_student: bool) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &parties)?;
    if compact.kind != CompactKind::SchoolPartnership {
        return Err(Error::Conflict("Only a school partnership keeps a log of visits.".to_owned()));
    }
    let mut errors = FieldErrors::default();
    let host = parties.iter().find(|one| one.id.to_string() == host.trim());
    if host.is_none() {
        errors.add("host", "Choose the school that was visited.");
    }
    let day = words::day(&mut errors, "on", on);
    if day.is_none() && errors.is_empty() {
        errors.add("on", "Give the day of the visit.");
    }
    if day.zip(compact.ends_on).is_some_and(|(day, end)| day > end) {
        errors.add("on", "Give a day before the partnership ends.");
    }
    let log = words::passage(&mut errors, "log", log, LOG);
    if log.is_none() {
        errors.add("log", "Say what was seen and agreed.");
    }
    guard::ask(&mut errors, "log", log.as_deref().unwrap_or_default(), no_student);
    errors.or(())?;
    let (Some(host), Some(on), Some(log)) = (host, day, log) else { return Err(Error::NotFound("party")) };
    let account = tx.actor().account().map(AccountId);
    let visit = Visit { id: VisitId::fresh(), on, host: host.id, log, account, created_at: tx.now() };
    store::compacts::insert_visit(tx.conn(), id, &visit).await?;
    touched(tx, &compact).await?;
    tx.record(&permit, Event::about("compact.visit_logged", "compact", id.0)).await
}

/// The schools among the parties that take part.
pub(super) fn schools(parties: &[Party]) -> Vec<SchoolId> {
    let school = |party: &Party| match party.place {
        Some(Place::School(id)) if party.takes_part() => Some(SchoolId(id)),
        _ => None,
    };
    parties.iter().filter_map(school).collect()
}
