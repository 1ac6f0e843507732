//! Visits: asked for where a practice is open to them, decided by the leads of the school, within its number for a term.
//!
//! A visit that is accepted or proposed takes a place of its term. Places are counted while the term's row is held, so a school
//! never gets more visits than it takes, whoever decides at once.

use chrono::{Datelike, Days, NaiveDate};
use serde_json::json;

use super::circle::{self, Circle};
use super::limit::{self, Doing};
use super::signature::Signature;
use super::words::Words;
use super::{Exchange, contact, letters, policy, store};
use crate::catalog::{self, Practice, PracticeId};
use crate::people::{AccountId, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Permit, Result, Timestamp, Tx, Zone};

typed_id!(
    /// A visit.
    VisitId
);

/// People of one visit, at most.
pub const PEOPLE: i32 = 30;

/// Visits of one list.
const LISTED: u64 = 100;

/// Days that are wished for lie within so many.
const AHEAD: Days = Days::new(365);

const WHO: usize = 300;
const PURPOSE: usize = 1_000;
const NOTE: usize = 1_000;

/// Where a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The school has not answered.
    Asked,
    /// The school proposes another day.
    Proposed,
    /// It takes place on its day.
    Accepted,
    /// The school said no.
    Declined,
    /// Whoever asked for it gave it back.
    Withdrawn,
}

impl State {
    const ALL: [Self; 5] = [Self::Asked, Self::Proposed, Self::Accepted, Self::Declined, Self::Withdrawn];

    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Asked => "Waits for the school",
            Self::Proposed => "Another day is proposed",
            Self::Accepted => "Agreed",
            Self::Declined => "Declined",
            Self::Withdrawn => "Given back",
        }
    }

    /// Whether somebody still has to say a word.
    pub fn waits(self) -> bool {
        matches!(self, Self::Asked | Self::Proposed)
    }
}

/// Half a school year: August to December, January to July.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    year: i32,
    second: bool,
}

impl Term {
    /// The term of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), second: day.month() >= 8 }
    }

    /// The one after it.
    pub fn next(self) -> Self {
        if self.second { Self { year: self.year + 1, second: false } } else { Self { second: true, ..self } }
    }

    /// As the database spells it: `2026-2`.
    pub fn code(self) -> String {
        format!("{}-{}", self.year, if self.second { 2 } else { 1 })
    }

    /// "August to December 2026".
    pub fn words(self) -> String {
        let months = if self.second { "August to December" } else { "January to July" };
        format!("{months} {}", self.year)
    }
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// To see which practice.
    pub practice: PracticeId,
    /// At which school.
    pub host: SchoolId,
    /// Who asked; the host is told the name.
    pub by: Signature,
    /// One to three days that would do.
    pub wishes: Vec<NaiveDate>,
    /// How many come.
    pub people: i32,
    /// Who comes, in the words of whoever asked.
    pub who: String,
    /// What for.
    pub purpose: String,
    /// Where it stands.
    pub state: State,
    /// The day that is agreed or proposed.
    pub day: Option<NaiveDate>,
    /// What the school says to it.
    pub note: String,
    /// Who answered for the school.
    pub answered_by: Option<AccountId>,
    /// Counts the changes.
    pub turn: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct NewVisit {
    /// One to three days, as a form gives them; empty ones do not count.
    pub days: Vec<String>,
    /// How many come, as typed.
    pub people: String,
    /// Who comes.
    pub who: Words,
    /// What for.
    pub purpose: Words,
    /// In the name of which school, where they have several: its id.
    pub school: String,
}

/// What a practice takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// At most so many in a term; none says nothing.
    pub most: Option<u16>,
    /// This term and the next one, with how many places of each are taken.
    pub terms: Vec<(Term, u64)>,
}

/// The host of visits to a practice, where it is open to them.
fn host_of(circle: &Circle) -> Option<SchoolId> {
    circle.origin_id().filter(|_| circle.is_open() && circle.practice.record.open_to_visits == Some(true))
}

fn today(now: Timestamp) -> NaiveDate {
    Zone::default().local(now).date()
}

/// What the school takes; `None` where it takes no visits. One statement where it has a number.
pub async fn offer(cx: &Cx, circle: &Circle) -> Result<Option<Offer>> {
    if host_of(circle).is_none() {
        return Ok(None);
    }
    let most = circle.practice.record.max_visits_per_term;
    let now = Term::of(today(cx.now()));
    let terms = [now, now.next()];
    let taken = match most {
        Some(_) => {
            let codes = terms.map(Term::code);
            store::visits::taken(cx.conn(), circle.practice.id, &codes, None).await?
        }
        None => Vec::new(),
    };
    let count = |term: Term| taken.iter().filter(|one| **one == term.code()).count() as u64;
    Ok(Some(Offer { most, terms: terms.map(|term| (term, count(term))).to_vec() }))
}

/// Visits that the actor may know of: all of the practice for the leads of the host, else one's own. Newest first.
pub async fn mine(cx: &Cx, circle: &Circle) -> Result<Vec<Visit>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Ok(Vec::new()) };
    let leads = circle.origin_id().is_some_and(|school| policy::leads(cx.actor(), school));
    let of = (!leads).then_some(account);
    let mut found = store::visits::of_practice(cx.conn(), circle.practice.id, of, LISTED).await?;
    // What was asked of a school that has nothing to do with it any more stays with that school.
    found.retain(|visit| may_know(cx.actor(), visit));
    Ok(found)
}

fn may_know(actor: &Actor, visit: &Visit) -> bool {
    policy::leads(actor, visit.host) || actor.account() == Some(visit.by.account.0)
}

/// Whether the actor decides about it for the host.
pub fn hosts(actor: &Actor, visit: &Visit) -> bool {
    policy::leads(actor, visit.host)
}

/// Whether the actor asked for it.
pub fn asked(actor: &Actor, visit: &Visit) -> bool {
    actor.account() == Some(visit.by.account.0)
}

/// One visit with its practice, for the leads of the host and whoever asked for it.
pub async fn visit(cx: &Cx, id: VisitId) -> Result<(Visit, Practice)> {
    let found = store::visits::by_id(cx.conn(), id).await?.filter(|visit| may_know(cx.actor(), visit));
    let visit = found.ok_or(Error::NotFound("visit"))?;
    let practice = catalog::practice(cx, &visit.practice.to_string()).await?;
    Ok((visit, practice))
}

fn day(errors: &mut FieldErrors, field: &str, text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let Ok(day) = text.trim().parse::<NaiveDate>() else {
        errors.add(field, "Give a day as 2026-11-05.");
        return None;
    };
    let last = today.checked_add_days(AHEAD).unwrap_or(today);
    if day <= today || day > last {
        errors.add(field, "Give a day after today and within a year.");
        return None;
    }
    Some(day)
}

/// Refuses where the school's number for the term of a day is reached. Holds the term until the transaction ends.
async fn has_room(
    tx: &Tx,
    exchange: &Exchange,
    practice: &Practice,
    (field, day): (&'static str, NaiveDate),
    but: VisitId,
) -> Result<()> {
    let Some(most) = practice.record.max_visits_per_term else { return Ok(()) };
    let term = Term::of(day);
    if exchange.holds {
        store::visits::hold_term(tx.conn(), practice.id, &term.code()).await?;
    }
    let taken = store::visits::taken(tx.conn(), practice.id, &[term.code()], Some(but)).await?.len();
    if taken < usize::from(most) { Ok(()) } else { Err(Error::invalid(field, full(most, term))) }
}

fn full(most: u16, term: Term) -> String {
    let visits = if most == 1 { "one visit".to_owned() } else { format!("{most} visits") };
    format!("The school takes {visits} from {}, and that is reached; choose a day of another term.", term.words())
}

/// Asks for a visit, and tells the leads of the school. One at a time waits for each person and practice.
pub async fn ask(tx: &mut Tx, exchange: &Exchange, circle: &Circle, new: NewVisit) -> Result<VisitId> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let Some(host) = host_of(circle) else {
        return Err(Error::Conflict("This school takes no visits to this practice at the moment.".to_owned()));
    };
    let school = circle::school_of(tx.actor(), &new.school)?;
    let permit = policy::ask_for_visit(tx.actor(), school, host)?;
    let today = today(tx.now());
    let mut errors = FieldErrors::default();
    let mut wishes: Vec<NaiveDate> = Vec::new();
    for (number, text) in (1..=3).zip(&new.days) {
        if text.trim().is_empty() && number > 1 {
            continue;
        }
        let wish = day(&mut errors, &format!("day_{number}"), text, today);
        wishes.extend(wish.filter(|wish| !wishes.contains(wish)));
    }
    let people = new.people.trim().parse::<i32>().unwrap_or_default();
    if !(1..=PEOPLE).contains(&people) {
        errors.add("people", format!("Give how many come, 1 to {PEOPLE}."));
    }
    let who = new.who.check(&mut errors, "who", WHO);
    let purpose = new.purpose.check(&mut errors, "purpose", PURPOSE);
    if errors.is_empty()
        && let Some(most) = circle.practice.record.max_visits_per_term
    {
        let terms: Vec<String> = wishes.iter().map(|day| Term::of(*day).code()).collect();
        let taken = store::visits::taken(tx.conn(), circle.practice.id, &terms, None).await?;
        let is_full = |term: &String| taken.iter().filter(|one| *one == term).count() >= usize::from(most);
        if terms.iter().all(is_full) {
            errors.add("day_1", full(most, Term::of(wishes[0])));
        }
    }
    errors.or(())?;
    circle.still_open(tx).await?;
    limit::count(tx, account, Doing::Visit).await?;
    if store::visits::waiting(tx.conn(), account, circle.practice.id).await?.is_some() {
        return Err(Error::Conflict(
            "You have asked already, and that waits for a word; it is on this page.".to_owned(),
        ));
    }
    if contact::leads(tx, host).await?.is_empty() {
        return Err(Error::Conflict(
            "Nobody at this school answers for visits yet; ask a question in public instead.".to_owned(),
        ));
    }
    let role = circle::role_at(tx.actor(), school);
    let visit = Visit {
        id: VisitId::fresh(),
        practice: circle.practice.id,
        host,
        by: Signature { account, school, role, named: true },
        wishes,
        people,
        who,
        purpose,
        state: State::Asked,
        day: None,
        note: String::new(),
        answered_by: None,
        turn: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::visits::insert(tx.conn(), &visit).await?;
    record(tx, &permit, &visit, "visit.asked").await?;
    letters::tell_of_visit(tx, exchange, &circle.practice, &visit, account).await?;
    Ok(visit.id)
}

async fn record(tx: &mut Tx, permit: &Permit, visit: &Visit, action: &'static str) -> Result<()> {
    let detail = json!({ "practice": visit.practice, "school": visit.host, "day": visit.day });
    tx.record(permit, Event::about(action, "visit", visit.id.0).with(detail)).await
}

/// A word about a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// The host takes one of the days that were wished for.
    Accept(NaiveDate),
    /// The host proposes another day.
    Propose(NaiveDate),
    /// The host says no, also to what was agreed.
    Decline,
    /// Whoever asked takes the day that is proposed.
    Agree,
    /// Whoever asked gives it back.
    Withdraw,
}

impl Word {
    /// What a form says: the button, and the day beside it.
    pub fn read(decision: &str, wish: &str, other: &str, now: Timestamp) -> Result<Self> {
        let day = |field: &str, text: &str| {
            let mut errors = FieldErrors::default();
            let found = day(&mut errors, field, text, today(now));
            errors.or(())?;
            found.ok_or_else(|| Error::invalid(field, "Give a day."))
        };
        Ok(match decision {
            "accept" if wish.is_empty() => return Err(Error::invalid("day", "Choose one of the days.")),
            "accept" => Self::Accept(day("day", wish)?),
            "propose" => Self::Propose(day("other", other)?),
            "decline" => Self::Decline,
            "agree" => Self::Agree,
            "withdraw" => Self::Withdraw,
            _ => return Err(Error::invalid("decision", "Press one of the buttons.")),
        })
    }
}

/// The host or whoever asked says a word about a visit; both are told. Said twice is as good as once.
pub async fn say(tx: &mut Tx, exchange: &Exchange, id: VisitId, word: Word, note: &str) -> Result<()> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let found = store::visits::held(tx.conn(), id).await?.filter(|visit| may_know(tx.actor(), visit));
    let mut visit = found.ok_or(Error::NotFound("visit"))?;
    let permit = match word {
        Word::Accept(_) | Word::Propose(_) | Word::Decline => policy::host(tx.actor(), visit.host)?,
        Word::Agree | Word::Withdraw => policy::visitor(tx.actor(), visit.by.account)?,
    };
    let (state, day) = match word {
        Word::Accept(day) => (State::Accepted, Some(day)),
        Word::Propose(day) => (State::Proposed, Some(day)),
        Word::Decline => (State::Declined, visit.day),
        Word::Agree => (State::Accepted, visit.day),
        Word::Withdraw => (State::Withdrawn, visit.day),
    };
    if (visit.state, visit.day) == (state, day) {
        return Ok(());
    }
    let over = visit.day.is_some_and(|day| day < today(tx.now())) && visit.state == State::Accepted;
    let fits = match word {
        Word::Accept(_) | Word::Propose(_) => visit.state.waits(),
        Word::Agree => visit.state == State::Proposed,
        Word::Decline | Word::Withdraw => (visit.state.waits() || visit.state == State::Accepted) && !over,
    };
    if !fits {
        let sentence = "That cannot be said to it any more; the page says how it stands.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    if let Word::Accept(day) = word
        && !visit.wishes.contains(&day)
    {
        return Err(Error::invalid("day", "Choose one of the days, or propose another."));
    }
    let practice = catalog::practice_in(tx, &visit.practice.to_string()).await?.ok_or(Error::NotFound("practice"))?;
    let takes = match word {
        Word::Accept(day) => Some(("day", day)),
        Word::Propose(day) => Some(("other", day)),
        _ => None,
    };
    if let Some(takes) = takes {
        has_room(tx, exchange, &practice, takes, id).await?;
    }
    if matches!(word, Word::Accept(_) | Word::Propose(_) | Word::Decline) {
        visit.answered_by = Some(account);
        visit.note = host_note(note)?;
    }
    (visit.state, visit.day, visit.turn, visit.updated_at) = (state, day, visit.turn + 1, tx.now());
    store::visits::update(tx.conn(), &visit).await?;
    let action = match word {
        Word::Accept(_) => "visit.accepted",
        Word::Propose(_) => "visit.proposed",
        Word::Decline => "visit.declined",
        Word::Agree => "visit.agreed",
        Word::Withdraw => "visit.withdrawn",
    };
    record(tx, &permit, &visit, action).await?;
    letters::tell_of_visit(tx, exchange, &practice, &visit, account).await
}

fn host_note(text: &str) -> Result<String> {
    let mut errors = FieldErrors::default();
    // A telephone number of the front desk may well stand in it.
    let note =
        if text.trim().is_empty() { String::new() } else { Words::new(text, true).check(&mut errors, "note", NOTE) };
    Ok(errors.or(note)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_half_a_school_year() {
        let term = |day: &str| Term::of(day.parse().unwrap());
        assert_eq!(term("2026-08-01").words(), "August to December 2026");
        assert_eq!(term("2026-12-31").code(), "2026-2");
        assert_eq!(term("2027-01-01").words(), "January to July 2027");
        assert_eq!(term("2027-07-31"), term("2026-12-31").next());
        assert_eq!(term("2027-07-31").next(), term("2027-08-01"));
        assert!(term("2026-09-01") < term("2027-02-01"));
    }
}
