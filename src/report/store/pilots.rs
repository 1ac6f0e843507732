//! Practices of a city, and those that its schools tried.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};

use super::reading::{at, grouped, join, select};
use crate::platform::Result;
use crate::platform::db::packed;
use crate::report::facts::{Numbered, Place, Shared, Tried};
use crate::report::period;

/// A step that counts as using a practice.
const USES: [&str; 3] = ["piloting", "in_use", "sustained"];

/// By school: the day a practice was published, and the result of its first version.
pub(super) fn practices_packed(here: &SelectStatement) -> SelectStatement {
    // The same words on both engines: SQLite reads JSON in text like this since 3.38.
    let result = packed::text(Expr::cust("v.record ->> 'result'"));
    let row = packed::row([packed::text(at("p", "published_on")), result]);
    let mut query = grouped("practice", "p", "origin_school_id", row);
    let first = at("v", "practice_id").eq(at("p", "id")).and(at("v", "version").eq(1));
    join(&mut query, true, "practice_version", "v", first);
    query.and_where(at("p", "published_on").is_not_null());
    query.and_where(at("p", "origin_school_id").in_subquery(here.clone())).to_owned()
}

pub(super) fn shared(groups: &str, known: &Numbered) -> Result<Vec<Shared>> {
    let mut found = Vec::new();
    for group in packed::read_groups(groups) {
        let (school, rows) = group?;
        let Some(school) = known.known(school) else { continue };
        for mut row in packed::read(rows) {
            found.push(Shared { school, on: row.day()?, stopped: row.text()? == "stopped" });
        }
    }
    Ok(found)
}

/// Pilots of schools that are or were in the city.
fn piloted(query: &mut SelectStatement, here: &SelectStatement) {
    query.and_where(at("a", "piloted_on").is_not_null()).and_where(at("a", "school_id").in_subquery(here.clone()));
}

/// By school: the sector it had when a pilot began, the first day, the practice, and the steps: number, stage, day, moment of recording,
/// each with a mark of its own kind in between.
pub(super) fn tried_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let mut steps = select("adoption_step", "s", &[]);
    let step = ["number", "stage", "since", "recorded_at"].map(|one| packed::text(at("s", one)));
    steps.expr(packed::inner_rows(packed::inner_row(step)));
    steps.and_where(at("s", "adoption_id").eq(at("a", "id")));
    let [sector, on] = ["sector_at_start", "piloted_on"].map(|one| packed::text(at("a", one)));
    let practice = packed::id(conn, at("a", "practice_id"));
    let steps = packed::text(SimpleExpr::SubQuery(None, Box::new(steps.into())));
    let mut query = grouped("adoption", "a", "school_id", packed::row([sector, on, practice, steps]));
    piloted(&mut query, here);
    query
}

/// Practices that those schools tried, each once: where it began, and the sector of that school now.
pub(super) fn origins_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let practice = packed::id(conn, at("p", "id"));
    let origin = packed::text(packed::id(conn, at("p", "origin_school_id")));
    let mut query = select("practice", "p", &[]);
    query.expr(packed::rows(packed::row([practice, origin, packed::text(at("o", "sector"))])));
    join(&mut query, true, "school", "o", at("o", "id").eq(at("p", "origin_school_id")));
    let mut tried = select("adoption", "a", &[("a", "practice_id")]);
    piloted(&mut tried, here);
    query.and_where(at("p", "id").in_subquery(tried)).to_owned()
}

/// Pilots. When each counts, by when its first use was put on record; and whether it was in use on its 365th day, by the steps on record
/// when that month was counted.
pub(super) fn pilots(
    groups: &str,
    origins: &str,
    known: &Numbered,
    places: &[Place],
    today: NaiveDate,
    began: NaiveDate,
) -> Result<Vec<Tried>> {
    let mut from_where: HashMap<Uuid, (Option<usize>, &str)> = HashMap::new();
    for mut row in packed::read(origins) {
        let (practice, school) = (row.id()?, row.id_if_set()?);
        from_where.insert(practice, (school.and_then(|id| known.known(id)), row.text()?));
    }
    let mut sectors: HashMap<String, Arc<str>> = HashMap::new();
    let mut sector = |code: &str| -> Option<Arc<str>> {
        if code.is_empty() {
            return None;
        }
        if let Some(known) = sectors.get(code) {
            return Some(Arc::clone(known));
        }
        let new: Arc<str> = Arc::from(code);
        sectors.insert(code.to_owned(), Arc::clone(&new));
        Some(new)
    };
    let mut found = Vec::new();
    for group in packed::read_groups(groups) {
        let (school, rows) = group?;
        let Some(school) = known.known(school) else { continue };
        for mut row in packed::read(rows) {
            let to = sector(row.text()?);
            let began_on = row.day()?;
            // Of schools elsewhere it is known what they are, and not what they were.
            let (origin, elsewhere) = from_where.get(&row.id()?).copied().unwrap_or_default();
            let from = match origin.and_then(|number| places.get(number)) {
                Some(place) => place.on(began_on).and_then(|was| was.sector.as_deref()).and_then(&mut sector),
                None => sector(elsewhere),
            };
            let mut steps: Vec<Step> = Vec::new();
            for mut step in packed::read_inner(row.text()?) {
                let (number, stage) = (step.number()?, step.text()?);
                let (uses, used) = (USES.contains(&stage), matches!(stage, "in_use" | "sustained"));
                steps.push(Step { number, uses, used, since: step.day()?, recorded: step.moment()?.date_naive() });
            }
            steps.sort_unstable_by_key(|step| step.number);
            let recorded = steps.iter().filter(|step| step.uses).map(|step| step.recorded).min().unwrap_or(began_on);
            let year_on = began_on + TimeDelta::days(365);
            let known = |step: &&Step| year_on < began || step.recorded < period::released_on(year_on);
            let then = steps.iter().rev().filter(|step| step.since <= year_on).find(known);
            found.push(Tried {
                school,
                to,
                origin,
                from,
                on: period::counted_on(began_on, recorded, began),
                year_on,
                kept: (year_on <= today).then(|| then.is_some_and(|step| step.used)),
            });
        }
    }
    Ok(found)
}

struct Step {
    number: i32,
    uses: bool,
    used: bool,
    since: NaiveDate,
    recorded: NaiveDate,
}
