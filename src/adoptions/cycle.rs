//! The log of what a school tried with a practice: plan, do, study, act, in four short texts. The school reads all of it,
//! everybody what the school opens.

use chrono::NaiveDate;
use serde_json::json;

use super::{policy, store};
use crate::catalog::AdoptionId;
use crate::catalog::adoption::{self, Adoption};
use crate::catalog::guard;
use crate::people::{self, AccountId, School};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

/// An adoption has so many cycles at most.
const MOST: usize = 50;

/// Characters of each text.
pub const WORDS: usize = 2_000;

/// One cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Of which adoption.
    pub adoption: AdoptionId,
    /// 1, 2, 3 ...
    pub number: i32,
    /// What they meant to try.
    pub plan: String,
    /// What they did; empty says nothing yet.
    pub did: String,
    /// What they saw; empty says nothing yet.
    pub saw: String,
    /// What they do next; empty says nothing yet.
    pub next: String,
    /// When it began.
    pub began_on: NaiveDate,
    /// When it ended.
    pub ended_on: Option<NaiveDate>,
    /// Whether everybody may read it.
    pub open: bool,
    /// Who wrote it last.
    pub account: Option<AccountId>,
    /// When it was written first.
    pub created_at: Timestamp,
    /// When it was written last.
    pub updated_at: Timestamp,
}

/// A cycle as somebody writes it.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// What they mean to try.
    pub plan: String,
    /// What they did.
    pub did: String,
    /// What they saw.
    pub saw: String,
    /// What they do next.
    pub next: String,
    /// When it began: `2026-10-14`.
    pub began_on: String,
    /// When it ended; empty is under way.
    pub ended_on: String,
    /// Whether everybody may read it.
    pub open: bool,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// The cycles of an adoption that the actor may read: all of them for people of the school, the open ones for everybody else. One
/// statement.
pub async fn of_adoption(cx: &Cx, adoption: &Adoption, school: &School) -> Result<Vec<Cycle>> {
    let mut cycles = store::cycles(cx.conn(), adoption.id).await?;
    if !policy::belongs(cx.actor(), school.id) {
        cycles.retain(|cycle| cycle.open);
    }
    Ok(cycles)
}

struct Parsed {
    plan: String,
    did: String,
    saw: String,
    next: String,
    began_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    open: bool,
}

fn parse(written: &Written, today: NaiveDate) -> Result<Parsed> {
    let mut errors = FieldErrors::default();
    let mut text = |field: &'static str, given: &str| {
        let text = given.replace("\r\n", "\n").trim().to_owned();
        if text.chars().count() > WORDS || text.chars().any(|c| c.is_control() && c != '\n') {
            errors.add(field, format!("Write up to {WORDS} characters."));
        }
        guard::ask(&mut errors, field, &text, written.no_student);
        text
    };
    let (plan, did, saw, next) = (
        text("plan", &written.plan),
        text("did", &written.did),
        text("saw", &written.saw),
        text("next", &written.next),
    );
    if plan.is_empty() {
        errors.add("plan", "Say what you mean to try; the rest can follow.");
    }
    let day = |given: &str| given.parse::<NaiveDate>().ok().filter(|day| *day <= today && day.to_string().len() == 10);
    let began_on = day(&written.began_on);
    if began_on.is_none() {
        errors.add("began_on", "Give the day it began; it is not in the future.");
    }
    let ended_on = if written.ended_on.is_empty() { None } else { day(&written.ended_on) };
    let ends_well =
        written.ended_on.is_empty() || ended_on.is_some_and(|end| began_on.is_none_or(|began| began <= end));
    if !ends_well {
        errors.add("ended_on", "Give the day it ended, after it began and not in the future, or leave it empty.");
    }
    errors.or(())?;
    let began_on = began_on.unwrap_or(today);
    Ok(Parsed { plan, did, saw, next, began_on, ended_on, open: written.open })
}

async fn school_of(tx: &Tx, adoption: &Adoption) -> Result<School> {
    people::schools_in(tx, &[adoption.school]).await?.remove(&adoption.school).ok_or(Error::NotFound("adoption"))
}

/// Somebody of the school begins a cycle; its number.
pub async fn begin(tx: &mut Tx, id: AdoptionId, written: &Written) -> Result<i32> {
    // Held, so that two cycles do not get one number.
    let adoption = adoption::adoption_held(tx, id).await?;
    let school = school_of(tx, &adoption).await?;
    let permit = policy::work(tx.actor(), school.id)?;
    let parsed = parse(written, tx.now().date_naive())?;
    let known = store::cycles(tx.conn(), id).await?;
    if known.len() >= MOST {
        return Err(Error::Conflict(format!("{MOST} cycles are on record; that is as many as are kept.")));
    }
    let number = known.last().map_or(0, |last| last.number) + 1;
    let now = tx.now();
    let cycle = Cycle {
        adoption: id,
        number,
        plan: parsed.plan,
        did: parsed.did,
        saw: parsed.saw,
        next: parsed.next,
        began_on: parsed.began_on,
        ended_on: parsed.ended_on,
        open: parsed.open,
        account: tx.actor().account().map(AccountId),
        created_at: now,
        updated_at: now,
    };
    store::insert_cycle(tx.conn(), &cycle).await?;
    let detail = json!({ "cycle": number, "open": cycle.open });
    tx.record(&permit, Event::about("adoption.cycle_begun", "adoption", id.0).with(detail)).await?;
    Ok(number)
}

/// Somebody of the school writes on. `seen` is when it was written last, as the form had it.
///
/// # Errors
/// `Stale` where a colleague wrote meanwhile.
pub async fn write(tx: &mut Tx, id: AdoptionId, number: i32, written: &Written, seen: Option<Timestamp>) -> Result<()> {
    let adoption = adoption::adoption_held(tx, id).await?;
    let school = school_of(tx, &adoption).await?;
    let found = store::cycles(tx.conn(), id).await?.into_iter().find(|cycle| cycle.number == number);
    let before = found.filter(|cycle| cycle.open || tx.actor().is_system() || policy::belongs(tx.actor(), school.id));
    let before = before.ok_or(Error::NotFound("page"))?;
    let permit = policy::work(tx.actor(), school.id)?;
    if seen.is_some_and(|seen| seen.timestamp_micros() != before.updated_at.timestamp_micros()) {
        return Err(Error::Stale);
    }
    let parsed = parse(written, tx.now().date_naive())?;
    let after = Cycle {
        plan: parsed.plan,
        did: parsed.did,
        saw: parsed.saw,
        next: parsed.next,
        began_on: parsed.began_on,
        ended_on: parsed.ended_on,
        open: parsed.open,
        account: tx.actor().account().map(AccountId),
        updated_at: tx.now(),
        ..before
    };
    store::update_cycle(tx.conn(), &after).await?;
    let detail = json!({ "cycle": number, "open": after.open });
    tx.record(&permit, Event::about("adoption.cycle_written", "adoption", id.0).with(detail)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_begins_with_a_plan_and_a_day() {
        let today = "2026-10-14".parse().unwrap();
        let fields = |written: Written| match parse(&written, today) {
            Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect(),
            _ => Vec::new(),
        };
        assert_eq!(fields(Written::default()), ["plan", "began_on"]);
        let plan = |began: &str, ended: &str| Written {
            plan: "Try it in grade 2".to_owned(),
            began_on: began.to_owned(),
            ended_on: ended.to_owned(),
            ..Written::default()
        };
        assert!(fields(plan("2026-10-01", "")).is_empty());
        assert_eq!(fields(plan("2026-10-15", "")), ["began_on"]);
        assert_eq!(fields(plan("2026-10-02", "2026-10-01")), ["ended_on"]);
    }
}
