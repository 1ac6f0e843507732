//! Writing a compact: its head, its text, and visits of a partnership, each with its row of the history. Parties join in
//! [`super::joining`].

use chrono::NaiveDate;
use serde_json::json;

use super::commitment::Change;
use super::compact::{
    Compact, CompactId, CompactKind, PARTNERS, Party, PartyId, Record, RecordId, RecordKind, TextVersion, Visit,
    VisitId, differences,
};
pub use super::joining::{NewParty, add_party, add_seat, leads, move_party, moves_of, place, remove_seat};
use super::{joining, policy, store, words};
use crate::catalog::guard;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Actor, Error, Event, FieldErrors, Place, Result, Timestamp, Tx};
use crate::search::{self, Kind};

/// Characters of a name.
const NAME: usize = 160;
/// Characters of a role or a city.
pub(super) const ROLE: usize = 120;
/// Characters of a text.
const TEXT: usize = 60_000;
/// Characters of the log of a visit.
const LOG: usize = 3_000;
/// Days ahead of today up to which a compact may be reviewed or end: thirty years.
const FAR: u64 = 10_957;

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
    fn read(&self, into: Compact, parties: &[Party], today: NaiveDate) -> Result<Compact> {
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
        if signed_on.is_some_and(|on| on > today) {
            errors.add("signed_on", "Give a day that is not in the future; leave it empty until it is signed.");
        }
        if signed_on.zip(review_on).is_some_and(|(from, to)| to < from) {
            errors.add("review_on", "Give a day after the one on which it was signed.");
        }
        let far = today + chrono::Days::new(FAR);
        for (field, day) in [("review_on", review_on), ("ends_on", ends_on)] {
            if day.is_some_and(|day| day > far) {
                errors.add(field, "Give a day within the next thirty years.");
            }
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
    let mut new = head.read(blank, &[], now.date_naive())?;
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
        joining::add(tx, &permit, &new, &[], first, 1).await?;
    }
    let parties = store::compacts::parties(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    write_down(tx, &new, &parties, Told::of(RecordKind::Begun)).await?;
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
pub fn enter(actor: &Actor, compact: &Compact, parties: &[Party]) -> Result<()> {
    policy::write(actor, compact, parties).map(drop)
}

/// Refuses whoever takes no part in a compact of these parties; asked before a form of a party is shown.
pub fn enter_party(actor: &Actor, parties: &[Party]) -> Result<()> {
    policy::take_part(actor, parties).map(drop)
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

/// What a row of the history of a compact says besides its office and day.
pub(super) struct Told {
    pub kind: RecordKind,
    pub about: Option<PartyId>,
    pub changes: Vec<Change>,
    pub note: Option<String>,
}

impl Told {
    pub fn of(kind: RecordKind) -> Self {
        Self { kind, about: None, changes: Vec::new(), note: None }
    }

    pub fn about(self, party: PartyId) -> Self {
        Self { about: Some(party), ..self }
    }

    pub fn changed(mut self, field: &str, before: String, after: String) -> Self {
        if before != after {
            self.changes.push(Change { field: field.to_owned(), before, after });
        }
        self
    }
}

/// Adds a row to the history of a compact, in the name of the office for which the actor speaks: of the party that it is about before
/// others.
pub(super) async fn write_down(tx: &Tx, compact: &Compact, parties: &[Party], told: Told) -> Result<()> {
    let mut mine: Vec<&Party> = policy::speaks_for(tx.actor(), parties).collect();
    mine.sort_by_key(|party| Some(party.id) != told.about);
    let row = Record {
        id: RecordId::fresh(),
        compact: compact.id,
        kind: told.kind,
        about: told.about,
        changes: told.changes,
        note: told.note,
        party: mine.first().map(|party| party.id),
        at: tx.now(),
    };
    store::history::note(tx.conn(), &row).await
}

/// Whether what is there makes a school partnership: two to four schools that are here.
fn makes_partnership(parties: &[Party]) -> Result<()> {
    let there = parties.iter().filter(|party| party.takes_part());
    let (all, schools) = there.fold((0, 0), |(all, schools), party| {
        (all + 1, schools + usize::from(matches!(party.place, Some(Place::School(_)))))
    });
    if all != schools || all > PARTNERS {
        return Err(Error::Conflict("A school partnership is between two to four schools that are here.".to_owned()));
    }
    Ok(())
}

/// Changes what is said of a compact, in the open: every fact that is another now is a line of its history.
///
/// # Errors
/// `Stale` where it changed since `seen`; `Invalid` for who hands the contact office over and does not lead it.
pub async fn change(tx: &mut Tx, id: CompactId, head: &Head, seen: Option<Timestamp>) -> Result<()> {
    let (before, parties) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &before, &parties)?;
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::Stale);
    }
    let now = head.read(before.clone(), &parties, tx.now().date_naive())?;
    if now == before {
        return Ok(());
    }
    if now.contact_party != before.contact_party && policy::lead_it(tx.actor(), &before, &parties).is_err() {
        return Err(Error::invalid(
            "contact_party",
            "Leave it: only the contact office itself, and the city's administrators, hand it over to another.",
        ));
    }
    if now.kind == CompactKind::SchoolPartnership && now.kind != before.kind && now.published_at.is_some() {
        makes_partnership(&parties)?;
    }
    let told = Told { changes: differences(&before, &now, &parties), ..Told::of(RecordKind::Changed) };
    write_down(tx, &now, &parties, told).await?;
    touched(tx, &now).await?;
    tx.record(&permit, Event::about("compact.changed", "compact", id.0)).await
}

/// Shows a draft to everybody. Twice is as good as once.
///
/// # Errors
/// `Forbidden` for all but the party that leads it; `Conflict` for one without two parties.
pub async fn publish(tx: &mut Tx, id: CompactId) -> Result<()> {
    let (before, parties) = held(tx, id).await?;
    let permit = policy::lead_it(tx.actor(), &before, &parties)?;
    if before.published_at.is_some() {
        return Ok(());
    }
    let there = parties.iter().filter(|party| party.takes_part()).count();
    if there < 2 {
        return Err(Error::Conflict("A compact is between at least two parties; add them first.".to_owned()));
    }
    if before.kind == CompactKind::SchoolPartnership {
        makes_partnership(&parties)?;
    }
    write_down(tx, &before, &parties, Told::of(RecordKind::Published)).await?;
    touched(tx, &Compact { published_at: Some(tx.now()), ..before }).await?;
    tx.record(&permit, Event::about("compact.published", "compact", id.0)).await
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
    let permit = policy::write(tx.actor(), &compact, &parties)?;
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
    let before = if base == 0 { String::new() } else { base.to_string() };
    let told = Told { note: new.note.clone(), ..Told::of(RecordKind::TextWritten) };
    write_down(tx, &compact, &parties, told.changed("text", before, version.to_string())).await?;
    touched(tx, &Compact { text_version: version, ..compact }).await?;
    let detail = json!({ "version": version });
    tx.record(&permit, Event::about("compact.text_written", "compact", id.0).with(detail)).await?;
    Ok(version)
}

/// Writes down a visit of a partnership, for all of its schools to read; also one that is only asked in writes what was there.
///
/// # Errors
/// `Conflict` for another kind of compact.
pub async fn log_visit(tx: &mut Tx, id: CompactId, host: &str, on: &str, log: &str, no_student: bool) -> Result<()> {
    let (compact, parties) = held(tx, id).await?;
    let permit = policy::take_part(tx.actor(), &parties)?;
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
    } else if day.is_some_and(|day| day > tx.now().date_naive()) {
        errors.add("on", "Give a day that is not in the future.");
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
    let told = Told::of(RecordKind::VisitLogged).about(visit.host).changed("visit", String::new(), on.to_string());
    write_down(tx, &compact, &parties, told).await?;
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
