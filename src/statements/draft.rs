//! Writing a statement before anybody else knows of it, and publishing it.

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::circle::{self, in_draft};
use super::statement::{ADDRESSEE, Kind, State, Statement, StatementId, TITLE};
use super::text::{self, PointForm, Text, Version};
use super::words::Reader;
use super::{letters, place_code, policy, read_place, store};
use crate::people::AccountId;
use crate::platform::{Actor, Cx, Error, Event, Place, Result, Timestamp, Tx};
use crate::sessions::{Desk, badge};

/// One account writes so many drafts at a time at most.
const MOST: usize = 20;
/// The most organizations that a threshold waits for.
const THRESHOLD: i32 = 10_000;
/// The last day of sign-ons lies so many days ahead at most: five years.
const AHEAD: TimeDelta = TimeDelta::days(1_827);
/// The same draft, begun again within so long, is a button that was pressed twice.
const TWICE: TimeDelta = TimeDelta::minutes(10);

/// What a draft says, as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct DraftForm {
    /// Code of its kind.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// To whom it speaks.
    pub addressee: String,
    /// How many have to sign; empty for no number.
    pub threshold: String,
    /// The last day, as 2026-10-14; empty for none.
    pub deadline: String,
    /// Who sponsors it: `school:ID` or `organization:ID`.
    pub sponsor: String,
    /// What stands before the points.
    pub preamble: String,
    /// Its points.
    pub points: Vec<PointForm>,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

impl DraftForm {
    /// What a draft says now.
    pub fn of(statement: &Statement, text: &Text) -> Self {
        let point = |one: &text::Point| PointForm { key: one.key, title: one.title.clone(), text: one.text.clone() };
        Self {
            kind: statement.kind.code().to_owned(),
            title: statement.title.clone(),
            addressee: statement.addressee.clone(),
            threshold: statement.threshold.map(|n| n.to_string()).unwrap_or_default(),
            deadline: statement.deadline.map(|day| day.to_string()).unwrap_or_default(),
            sponsor: place_code(statement.sponsor),
            preamble: text.preamble.clone(),
            points: text.points.iter().map(point).collect(),
            no_student: false,
        }
    }
}

struct Said {
    kind: Kind,
    title: String,
    addressee: String,
    threshold: Option<i32>,
    deadline: Option<NaiveDate>,
    sponsor: Place,
    text: Text,
}

/// Reads a form; `before` is the sponsor of a draft that is there already.
fn read(actor: &Actor, form: &DraftForm, before: Option<Place>, today: NaiveDate) -> Result<Said> {
    let mut reader = Reader::new(form.no_student);
    let kind = Kind::parse(&form.kind);
    if kind.is_none() {
        reader.errors.add("kind", "Choose what it is.");
    }
    let title = reader.line("title", &form.title, TITLE);
    if title.is_none() {
        reader.errors.add("title", "Give the statement a title.");
    }
    let addressee = reader.line("addressee", &form.addressee, ADDRESSEE);
    if addressee.is_none() {
        reader.errors.add("addressee", "Say to whom it speaks.");
    }
    let number = form.threshold.trim();
    let threshold = number.parse::<i32>().ok().filter(|n| (2..=THRESHOLD).contains(n));
    if !number.is_empty() && threshold.is_none() {
        reader.errors.add("threshold", "Give a number of organizations and schools, 2 to 10,000, or leave it empty.");
    }
    let typed = form.deadline.trim();
    let deadline: Option<NaiveDate> = typed.parse().ok();
    if !typed.is_empty() && deadline.is_none() {
        reader.errors.add("deadline", "Give the day as 2026-10-14, or leave it empty.");
    }
    if deadline.is_some_and(|day| day < today) {
        reader.errors.add("deadline", "This day is over; give one that is to come, or leave it empty.");
    }
    if deadline.is_some_and(|day| day > today + AHEAD) {
        reader.errors.add("deadline", "Give a day within the next five years, or leave it empty.");
    }
    let sponsor = read_place(&form.sponsor);
    let speaks = |place: &Place| before == Some(*place) || policy::speaks_for(actor, *place);
    let sponsor = sponsor.filter(speaks);
    if sponsor.is_none() {
        reader.errors.add("sponsor", "Choose a school or an organization that you speak for.");
    }
    let text = text::read(&mut reader, &form.preamble, &form.points);
    let (title, addressee) = (title.unwrap_or_default(), addressee.unwrap_or_default());
    let (kind, sponsor) = reader.errors.or((kind, sponsor))?;
    let (Some(kind), Some(sponsor)) = (kind, sponsor) else { return Err(Error::internal("a draft that was not read")) };
    Ok(Said { kind, title, addressee, threshold, deadline, sponsor, text })
}

/// Begins a draft of the actor's.
pub async fn begin(tx: &mut Tx, form: &DraftForm) -> Result<StatementId> {
    let Some(author) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    if !policy::may_begin(tx.actor()) {
        // The sentence of the policy, whatever the form says.
        return Err(policy::speak(tx.actor(), Place::Installation).err().unwrap_or(Error::NotFound("page")));
    }
    let said = read(tx.actor(), form, None, tx.now().date_naive())?;
    let permit = policy::speak(tx.actor(), said.sponsor)?;
    if store::statements::drafts_of(tx.conn(), author).await? >= MOST as u64 {
        return Err(Error::Conflict(format!("You write {MOST} drafts already; publish or delete one first.")));
    }
    let now = tx.now();
    if let Some(known) = begun_already(tx, author, &said).await? {
        return Ok(known);
    }
    let id = StatementId::fresh();
    let statement = Statement {
        id,
        slug: slug_of(&said.title, id),
        kind: said.kind,
        title: said.title,
        addressee: said.addressee,
        threshold: said.threshold,
        deadline: said.deadline,
        sponsor: said.sponsor,
        author: Some(author),
        state: State::Draft,
        ending: None,
        ended_on: None,
        version: 0,
        published_at: None,
        reached_at: None,
        reminded_at: None,
        created_at: now,
        updated_at: now,
    };
    store::statements::insert(tx.conn(), &statement).await?;
    let version = Version { statement: id, number: 1, text: said.text, note: String::new(), published_at: None };
    store::versions::insert(tx.conn(), &version).await?;
    tx.record(&permit, Event::about("statement.begun", "statement", id.0)).await?;
    Ok(id)
}

/// The same draft of the same author, begun a moment ago.
async fn begun_already(tx: &Tx, author: AccountId, said: &Said) -> Result<Option<StatementId>> {
    let own = store::statements::by_author(tx.conn(), author).await?;
    let recent = own.into_iter().rev().filter(|one| one.state == State::Draft && tx.now() - one.created_at < TWICE);
    let same = |one: &Statement| {
        (one.kind, &one.title, &one.addressee, one.threshold, one.deadline, one.sponsor)
            == (said.kind, &said.title, &said.addressee, said.threshold, said.deadline, said.sponsor)
    };
    for one in recent.filter(same).take(1) {
        let text = store::versions::version(tx.conn(), one.id, 1).await?.map(|version| version.text);
        if text.as_ref() == Some(&said.text) && one.updated_at == one.created_at {
            return Ok(Some(one.id));
        }
    }
    Ok(None)
}

/// A name in addresses. The end of the id tells two of one title apart, and says nothing about which were there first.
fn slug_of(title: &str, id: StatementId) -> String {
    let mut slug = slug::slugify(title);
    slug.truncate(80);
    let slug = slug.trim_end_matches('-');
    let id = id.0.simple().to_string();
    let end = &id[id.len() - 6..];
    if slug.is_empty() { format!("statement-{end}") } else { format!("{slug}-{end}") }
}

/// Changes a draft.
///
/// # Errors
/// `Stale` where somebody changed it since `seen`, or where that is not said.
pub async fn change(tx: &mut Tx, id: StatementId, form: &DraftForm, seen: Option<Timestamp>) -> Result<()> {
    let (before, part) = circle::held(tx, id).await?;
    let permit = policy::manage(tx.actor(), &before, part)?;
    in_draft(&before)?;
    let said = read(tx.actor(), form, Some(before.sponsor), tx.now().date_naive())?;
    if seen != Some(before.updated_at) {
        return Err(Error::Stale);
    }
    let after = Statement {
        kind: said.kind,
        title: said.title,
        addressee: said.addressee,
        threshold: said.threshold,
        deadline: said.deadline,
        sponsor: said.sponsor,
        updated_at: tx.now(),
        ..before
    };
    store::statements::update(tx.conn(), &after).await?;
    let version = Version { statement: id, number: 1, text: said.text, note: String::new(), published_at: None };
    store::versions::update_draft(tx.conn(), &version).await?;
    tx.record(&permit, Event::about("statement.changed", "statement", id.0)).await
}

/// What a draft lacks before it can be published, a sentence each.
pub fn missing(statement: &Statement, text: &Text, today: NaiveDate) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if text.preamble.is_empty() {
        missing.push("Say before the points who speaks, and why.");
    }
    if text.points.is_empty() {
        missing.push("Write one point at least.");
    }
    if statement.deadline.is_some_and(|day| day <= today) {
        missing.push("The last day of sign-ons has come already; give a later one first.");
    }
    missing
}

/// Whether the actor publishes a draft, and does not only write it: for showing the button.
pub async fn may_publish(cx: &Cx, statement: &Statement) -> Result<bool> {
    Ok(policy::publishes(cx.actor(), statement, circle::part_of(cx, statement).await?))
}

/// Publishes a draft: everybody reads it from now on, its first version never changes any more, and it can be signed. `seen` is the
/// state of the draft that its author looked at, where they say it.
///
/// # Errors
/// `Stale` where somebody changed it since.
pub async fn publish(tx: &mut Tx, desk: &Desk, id: StatementId, seen: Option<Timestamp>) -> Result<()> {
    let (before, part) = circle::held(tx, id).await?;
    if before.state != State::Draft {
        return policy::manage(tx.actor(), &before, part).map(drop);
    }
    let permit = policy::publish(tx.actor(), &before, part)?;
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::Stale);
    }
    let version = store::versions::version(tx.conn(), id, 1).await?.ok_or(Error::NotFound("version"))?;
    let now = tx.now();
    let missing = missing(&before, &version.text, now.date_naive());
    if !missing.is_empty() {
        return Err(Error::Conflict(missing.join(" ")));
    }
    // What proves it later is signed with a key that is there from now on: reading makes none.
    badge::keep_key(tx, desk).await?;
    let version = Version { published_at: Some(now), ..version };
    store::versions::update_draft(tx.conn(), &version).await?;
    let points = version.text.points.len();
    let after = Statement { state: State::Open, version: 1, published_at: Some(now), updated_at: now, ..before };
    store::statements::update(tx.conn(), &after).await?;
    let detail = json!({ "kind": after.kind.code(), "points": points });
    tx.record(&permit, Event::about("statement.published", "statement", id.0).with(detail)).await?;
    let guests = circle::bind(tx, id).await?;
    letters::published(tx, desk, &after, &guests).await
}

/// Deletes a draft, with its comments and invitations.
pub async fn delete(tx: &mut Tx, id: StatementId) -> Result<()> {
    let (before, part) = circle::held(tx, id).await?;
    let permit = policy::delete(tx.actor(), &before, part)?;
    in_draft(&before)?;
    store::statements::delete_draft(tx.conn(), id).await?;
    tx.record(&permit, Event::about("statement.deleted", "statement", id.0)).await
}

/// Statements that the actor writes or is invited to, and those that places sign or sponsor for which the actor speaks; the last
/// changed first. At most four statements.
pub async fn mine(cx: &Cx) -> Result<Vec<Statement>> {
    let me = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let account = crate::people::account::account(cx, me).await?;
    let email = account.email.filter(|_| account.email_confirmed_at.is_some());
    let email = email.as_ref().map(crate::mail::Email::as_str);
    let places = policy::places(cx.actor());
    store::statements::of_person(cx.conn(), me, email, &places).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_addresses_differ() {
        let id = StatementId(uuid::Uuid::from_u128(0xabc_def1));
        assert_eq!(slug_of("A shared framework!", id), "a-shared-framework-bcdef1");
        assert_eq!(slug_of("***", id), "statement-bcdef1");
        assert!(slug_of(&"long ".repeat(60), id).len() <= 90);
    }
}
