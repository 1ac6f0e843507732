//! Everything that is counted of a city: a statement for each kind of fact, however many there are.

use std::cmp::{max, min};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, IntoColumnRef, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryOrder, QueryResult};

use super::past::{ever_in, row, searched, unmet_by_month};
use crate::people::city::City;
use crate::platform::db::packed;
use crate::platform::{Cx, Error, Result, Timestamp, Zone};
use crate::report::facts::{Approved, Facts, First, Held, Numbered, Place, Seat, Shared, Tried, Was, Wish};
use crate::report::period;
use crate::report::year::Years;

/// A step that counts as using a practice.
const USES: [&str; 3] = ["piloting", "in_use", "sustained"];

fn at(table: &'static str, column: &'static str) -> SimpleExpr {
    Expr::col((Alias::new(table), Alias::new(column)).into_column_ref())
}

fn select(table: &'static str, alias: &'static str, columns: &[(&'static str, &'static str)]) -> SelectStatement {
    let mut query = Query::select();
    query.from_as(Alias::new(table), Alias::new(alias));
    for (of, column) in columns {
        query.expr(at(of, column));
    }
    query
}

fn join(query: &mut SelectStatement, left: bool, table: &'static str, alias: &'static str, on: SimpleExpr) {
    let kind = if left { sea_orm::JoinType::LeftJoin } else { sea_orm::JoinType::InnerJoin };
    query.join_as(kind, Alias::new(table), Alias::new(alias), on);
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, index: usize) -> Result<T> {
    Ok(row.try_get_by_index(index)?)
}

/// A text of rows for each of these ids.
type Packed = Vec<(Uuid, String)>;

async fn packed(conn: &impl ConnectionTrait, query: &SelectStatement) -> Result<Packed> {
    let rows = conn.query_all(query).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// The facts of a city. Eleven statements, whatever there is, on two connections: what hangs on nothing else is read beside the rest.
/// `approved` are the days of which approvals are read; `None` is all of them.
pub async fn facts(cx: &Cx, city: City, approved: Option<(NaiveDate, NaiveDate)>) -> Result<Facts> {
    let conn = cx.conn();
    let here = ever_in(city.spellings(), city.state.as_deref());
    let about_sessions = async {
        let schools = schools(conn, &city, &here).await?;
        let sessions = sessions(conn, &here, &schools.1).await?;
        let times = meetings(conn, &here).await?;
        let seats = packed(conn, &registrations_packed(conn, &here)).await?;
        Ok::<_, Error>((schools, sessions, times, seats))
    };
    let about_the_rest = async {
        let approvals = packed(conn, &approvals_packed(conn, &here, approved)).await?;
        let marks = packed(conn, &attendance_packed(conn, &here)).await?;
        let tried = packed(conn, &tried_packed(conn, &here)).await?;
        let practices = packed(conn, &practices_packed(&here)).await?;
        let searches = searches(conn, cx.now().date_naive()).await?;
        Ok::<_, Error>((approvals, marks, tried, practices, searches, began(conn).await?))
    };
    let (sessions, rest) = futures_util::future::try_join(about_sessions, about_the_rest).await?;
    let ((mut places, mut known), (ids, mut held), times, seats) = sessions;
    let (approvals, marks, tried, practices, searches, began) = rest;
    for (number, id) in ids.iter().enumerate() {
        for one in times.get(id).into_iter().flatten() {
            held[number].on = max(held[number].on, one.ends_local.date());
        }
    }
    let zones = Zones::of(ids.iter().filter_map(|id| times.get(id)).flatten());
    let zone = zones.at(cx.now());
    let today = zone.local(cx.now()).date();
    let began = began.map_or(today, |at| zones.at(at).local(at).date());
    let mut people = Numbered::default();
    let numbers: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut seats = seated(&seats, &marks, &numbers, &times, &mut known, &mut people)?;
    let practices = shared(&practices, &known)?;
    let tried = pilots(&tried, &known, &places, today, began)?;
    let approvals = approved_on(&approvals, &zones, &mut known, &mut people)?;
    // Schools that are named and were never in the city have a number and nothing else.
    places.resize_with(max(known.count(), places.len()), Place::default);
    let years = Years::of(&places, &held, &mut seats, &approvals);
    Ok(Facts {
        city,
        now: cx.now(),
        zone,
        today,
        began,
        places,
        held,
        seats,
        practices,
        tried,
        approvals,
        searches,
        commitments: Vec::new(),
        years,
    })
}

async fn began(conn: &impl ConnectionTrait) -> Result<Option<Timestamp>> {
    let query = select("installation", "i", &[("i", "created_at")]);
    conn.query_one(&query).await?.map(|row| get(&row, 0)).transpose()
}

/// Schools that are or were in the city with what they were, and their numbers.
async fn schools(conn: &impl ConnectionTrait, city: &City, here: &SelectStatement) -> Result<(Vec<Place>, Numbered)> {
    let columns = ["id", "name", "slug", "lat", "lon", "closed_on", "created_at"].map(|column| ("s", column));
    let mut query = select("school", "s", &columns);
    query.and_where(at("s", "id").in_subquery(here.clone())).order_by_expr(at("s", "id"), Order::Asc);
    let (mut places, mut known) = (Vec::new(), Numbered::default());
    for row in conn.query_all(&query).await? {
        let id: Uuid = get(&row, 0)?;
        known.of(id);
        let (lat, lon): (Option<f64>, Option<f64>) = (get(&row, 3)?, get(&row, 4)?);
        places.push(Place {
            id,
            name: get(&row, 1)?,
            slug: get(&row, 2)?,
            position: lat.zip(lon),
            closed_on: get(&row, 5)?,
            recorded_on: get::<Timestamp>(&row, 6)?.date_naive(),
            was: Vec::new(),
        });
    }
    let past = row::Entity::find()
        .filter(row::Column::SchoolId.in_subquery(here.clone()))
        .order_by_asc(row::Column::SchoolId)
        .order_by_asc(row::Column::Since)
        .all(conn)
        .await?;
    for one in past {
        let there = one.city.as_ref().is_some_and(|name| city.spellings().contains(name)) && one.state == city.state;
        if let Some(place) = known.known(one.school_id).and_then(|number| places.get_mut(number)) {
            place.was.push(Was {
                since: one.since,
                sector: one.sector,
                neighborhood: one.neighborhood,
                here: there,
                merged: one.merged,
            });
        }
    }
    Ok((places, known))
}

fn completed(here: &SelectStatement, of: &'static str) -> Cond {
    let invited = Cond::any()
        .add(at(of, "host_school_id").in_subquery(here.clone()))
        .add(at(of, "cohost_school_id").in_subquery(here.clone()));
    Cond::all().add(at(of, "status").eq("completed")).add(invited)
}

fn completed_ids(here: &SelectStatement) -> SelectStatement {
    let mut query = select("session", "cs", &[("cs", "id")]);
    query.cond_where(completed(here, "cs"));
    query
}

async fn sessions(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    known: &Numbered,
) -> Result<(Vec<Uuid>, Vec<Held>)> {
    let columns = ["id", "host_school_id", "cohost_school_id", "capacity", "online_capacity", "joint_held"];
    let mut query = select("session", "s", &columns.map(|column| ("s", column)));
    query.cond_where(completed(here, "s")).order_by_expr(at("s", "id"), Order::Asc);
    let (mut ids, mut held) = (Vec::new(), Vec::new());
    for row in conn.query_all(&query).await? {
        let hosts = [Some(get::<Uuid>(&row, 1)?), get::<Option<Uuid>>(&row, 2)?];
        let (room, online): (i32, i32) = (get(&row, 3)?, get(&row, 4)?);
        ids.push(get(&row, 0)?);
        held.push(Held {
            on: NaiveDate::MIN,
            hosts: hosts.into_iter().flatten().filter_map(|id| known.known(id)).collect(),
            seats: i64::from(room) + i64::from(online),
            joint: get(&row, 5)?,
        });
    }
    Ok((ids, held))
}

struct Time {
    number: i32,
    from: Timestamp,
    to: Timestamp,
    ends_local: NaiveDateTime,
    zone: Zone,
}

/// The zones of a city: at each moment that of the last meeting before it. So a meeting in another zone moves no day that is over.
struct Zones(Vec<(Timestamp, Zone)>);

impl Zones {
    fn of<'a>(meetings: impl Iterator<Item = &'a Time>) -> Self {
        let mut all: Vec<(Timestamp, Zone)> = meetings.map(|one| (one.to, one.zone)).collect();
        all.sort_by_key(|(at, _)| *at);
        Self(all)
    }

    /// The zone at a moment; before the first meeting it is that of the first.
    fn at(&self, moment: Timestamp) -> Zone {
        let before = self.0.partition_point(|(at, _)| *at <= moment);
        self.0.get(before.saturating_sub(1)).map(|(_, zone)| *zone).unwrap_or_default()
    }
}

async fn meetings(conn: &impl ConnectionTrait, here: &SelectStatement) -> Result<HashMap<Uuid, Vec<Time>>> {
    let columns = ["session_id", "number", "starts_at", "ends_at", "ends_local", "zone"];
    let mut query = select("meeting", "m", &columns.map(|column| ("m", column)));
    query.and_where(at("m", "session_id").in_subquery(completed_ids(here)));
    let mut by: HashMap<Uuid, Vec<Time>> = HashMap::new();
    for row in conn.query_all(&query).await? {
        by.entry(get(&row, 0)?).or_default().push(Time {
            number: get(&row, 1)?,
            from: get(&row, 2)?,
            to: get(&row, 3)?,
            ends_local: get(&row, 4)?,
            zone: Zone::parse(&get::<String>(&row, 5)?).unwrap_or_default(),
        });
    }
    Ok(by)
}

/// By session: registration, account, school, seat, approval.
fn registrations_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let [registration, account, school] = ["id", "account_id", "school_id"].map(|one| packed::id(conn, at("r", one)));
    let [seat, approval] = ["seat", "approval"].map(|one| packed::text(at("r", one)));
    let mut query = select("registration", "r", &[("r", "session_id")]);
    query.expr(packed::rows(packed::row([registration, account, school, seat, approval])));
    query.and_where(at("r", "session_id").in_subquery(completed_ids(here)));
    query.add_group_by([at("r", "session_id")]).to_owned()
}

/// By session: registration, meeting, state, when somebody came and went.
fn attendance_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let registration = packed::id(conn, at("a", "registration_id"));
    let [meeting, state, came, went] = ["meeting", "state", "in_at", "out_at"].map(|one| packed::text(at("a", one)));
    let mut query = select("attendance", "a", &[("a", "session_id")]);
    query.expr(packed::rows(packed::row([registration, meeting, state, came, went])));
    query.and_where(at("a", "session_id").in_subquery(completed_ids(here)));
    query.add_group_by([at("a", "session_id")]).to_owned()
}

/// What became of each registration, with the attendance that was taken of it.
fn seated(
    registrations: &Packed,
    attendance: &Packed,
    sessions: &HashMap<Uuid, usize>,
    times: &HashMap<Uuid, Vec<Time>>,
    schools: &mut Numbered,
    people: &mut Numbered,
) -> Result<Vec<Seat>> {
    let mut numbers = Numbered::default();
    let mut seats: Vec<Seat> = Vec::new();
    for (session, rows) in registrations {
        let Some(held) = sessions.get(session).copied() else { continue };
        for mut row in packed::read(rows) {
            let (registration, account, school) = (row.id()?, row.id()?, row.id()?);
            if numbers.of(registration) < seats.len() {
                continue;
            }
            let wish = wish(row.text()?, row.text()?);
            let person = u32::try_from(people.of(account)).unwrap_or(u32::MAX);
            let school = schools.of(school);
            seats.push(Seat { held, person, school, wish, came: false, absent: false, minutes: 0, first: First::No });
        }
    }
    let mut marks: Vec<Marks> = Vec::new();
    marks.resize_with(seats.len(), Marks::default);
    for (session, rows) in attendance {
        let times = times.get(session).map(Vec::as_slice).unwrap_or_default();
        for mut row in packed::read(rows) {
            let Some(mark) = numbers.known(row.id()?).and_then(|number| marks.get_mut(number)) else { continue };
            let meeting = row.number()?;
            match row.text()? {
                state @ ("present" | "partial") => {
                    let (came, went) = (row.moment_if_set()?, row.moment_if_set()?);
                    let time = times.iter().find(|one| one.number == meeting);
                    mark.time += time.map_or(TimeDelta::zero(), |time| there(time, state, came, went));
                    mark.there = true;
                }
                "absent" => mark.absent = true,
                _ => mark.other = true,
            }
        }
    }
    for (seat, mark) in seats.iter_mut().zip(marks) {
        seat.minutes = mark.time.num_minutes();
        seat.came = mark.there;
        seat.absent = mark.absent && !mark.there && !mark.other;
    }
    Ok(seats)
}

/// What was written down of somebody over the meetings of a session.
#[derive(Default)]
struct Marks {
    there: bool,
    absent: bool,
    other: bool,
    time: TimeDelta,
}

/// How long somebody was at a meeting: never outside it. Present without times is all of it, partial without times is not known.
fn there(time: &Time, state: &str, came: Option<Timestamp>, went: Option<Timestamp>) -> TimeDelta {
    if state == "partial" && came.is_none() && went.is_none() {
        return TimeDelta::zero();
    }
    let from = came.map_or(time.from, |at| max(at, time.from));
    let to = went.map_or(time.to, |at| min(at, time.to));
    (to - from).max(TimeDelta::zero())
}

fn wish(seat: &str, approval: &str) -> Wish {
    match (seat, approval) {
        ("confirmed", _) => Wish::Seated,
        ("waitlisted" | "offered" | "held", _) | ("released", "declined" | "expired") => Wish::Unmet,
        _ => Wish::TakenBack,
    }
}

/// By school: the day a practice was published, and the result of its first version.
fn practices_packed(here: &SelectStatement) -> SelectStatement {
    // The same words on both engines: SQLite reads JSON in text like this since 3.38.
    let result = packed::text(Expr::cust("v.record ->> 'result'"));
    let mut query = select("practice", "p", &[("p", "origin_school_id")]);
    query.expr(packed::rows(packed::row([packed::text(at("p", "published_on")), result])));
    let first = at("v", "practice_id").eq(at("p", "id")).and(at("v", "version").eq(1));
    join(&mut query, true, "practice_version", "v", first);
    query.and_where(at("p", "published_on").is_not_null());
    query.and_where(at("p", "origin_school_id").in_subquery(here.clone()));
    query.add_group_by([at("p", "origin_school_id")]).to_owned()
}

fn shared(rows: &Packed, known: &Numbered) -> Result<Vec<Shared>> {
    let mut found = Vec::new();
    for (school, rows) in rows {
        let Some(school) = known.known(*school) else { continue };
        for mut row in packed::read(rows) {
            found.push(Shared { school, on: row.day()?, stopped: row.text()? == "stopped" });
        }
    }
    Ok(found)
}

/// By school that is or was in the city: the sector it had when a pilot began, the first day, where the practice began and the sector of
/// that school now, and the steps: number, stage, day, moment of recording, each with a mark of its own kind in between.
fn tried_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let mut steps = select("adoption_step", "s", &[]);
    let step = ["number", "stage", "since", "recorded_at"].map(|one| packed::text(at("s", one)));
    steps.expr(packed::inner_rows(packed::inner_row(step)));
    steps.and_where(at("s", "adoption_id").eq(at("a", "id")));
    let [sector, on] = ["sector_at_start", "piloted_on"].map(|one| packed::text(at("a", one)));
    let origin = packed::text(packed::id(conn, at("p", "origin_school_id")));
    let steps = packed::text(SimpleExpr::SubQuery(None, Box::new(steps.into())));
    let mut query = select("adoption", "a", &[("a", "school_id")]);
    query.expr(packed::rows(packed::row([sector, on, origin, packed::text(at("o", "sector")), steps])));
    join(&mut query, false, "practice", "p", at("p", "id").eq(at("a", "practice_id")));
    join(&mut query, true, "school", "o", at("o", "id").eq(at("p", "origin_school_id")));
    query.and_where(at("a", "piloted_on").is_not_null());
    query.and_where(at("a", "school_id").in_subquery(here.clone()));
    query.add_group_by([at("a", "school_id")]).to_owned()
}

/// Pilots. When each counts, by when its first use was put on record; and whether it was in use on its 365th day, by the steps on record
/// when that month was counted.
fn pilots(rows: &Packed, known: &Numbered, places: &[Place], today: NaiveDate, began: NaiveDate) -> Result<Vec<Tried>> {
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
    for (school, rows) in rows {
        let Some(school) = known.known(*school) else { continue };
        for mut row in packed::read(rows) {
            let to = sector(row.text()?);
            let began_on = row.day()?;
            let origin = row.id_if_set()?.and_then(|id| known.known(id));
            // Of schools elsewhere it is known what they are, and not what they were.
            let elsewhere = row.text()?;
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

const APPROVED: &str = "registration.approved";

/// By school: registration, account, when the seat was asked for and when it was approved. Of some days alone, along the index of
/// approvals, those that no earlier one came before.
fn approvals_packed(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    days: Option<(NaiveDate, NaiveDate)>,
) -> SelectStatement {
    let [registration, account] = ["id", "account_id"].map(|one| packed::id(conn, at("r", one)));
    let (asked, said) = (packed::text(at("r", "created_at")), packed::text(at("e", "at")));
    let mut query = select("event", "e", &[("r", "school_id")]);
    query.expr(packed::rows(packed::row([registration, account, asked, said])));
    join(&mut query, false, "registration", "r", at("r", "id").eq(at("e", "subject")));
    // Word for word as the index has it.
    query.and_where(Expr::cust(format!("e.action = '{APPROVED}'")));
    query.and_where(at("r", "approval").eq("approved"));
    query.and_where(at("r", "school_id").in_subquery(here.clone()));
    if let Some((from, to)) = days {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        query.and_where(at("e", "at").gte(midnight(from)).and(at("e", "at").lt(midnight(to))));
        let mut earlier = select("event", "x", &[("x", "id")]);
        earlier.and_where(at("x", "subject_kind").eq("registration").and(at("x", "subject").eq(at("e", "subject"))));
        // As a text that is made, so that no planner looks through all approvals for each of them.
        earlier.and_where(packed::text(at("x", "action")).eq(APPROVED).and(at("x", "at").lt(at("e", "at"))));
        query.and_where(Expr::not_exists(earlier));
    }
    query.add_group_by([at("r", "school_id")]).to_owned()
}

fn approved_on(rows: &Packed, zones: &Zones, schools: &mut Numbered, people: &mut Numbered) -> Result<Vec<Approved>> {
    // Who asked again was approved again: the first yes counts.
    let mut numbers = Numbered::default();
    let mut found: Vec<(Timestamp, Approved)> = Vec::new();
    for (school, rows) in rows {
        for mut row in packed::read(rows) {
            let number = numbers.of(row.id()?);
            let person = u32::try_from(people.of(row.id()?)).unwrap_or(u32::MAX);
            let (asked, said) = (row.moment()?, row.moment()?);
            let zone = zones.at(said);
            let on = zone.local(said).date();
            let days = period::school_days(zone.local(asked).date(), on);
            let one = (said, Approved { person, school: schools.of(*school), on, days });
            match found.get_mut(number) {
                Some(known) if said < known.0 => *known = one,
                Some(_) => {}
                None => found.push(one),
            }
        }
    }
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

/// By month: those that are kept, and the log of those that are not yet.
async fn searches(conn: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<(NaiveDate, i64)>> {
    let kept = searched::Entity::find().order_by_asc(searched::Column::Month).all(conn).await?;
    let mut by: BTreeMap<NaiveDate, i64> = unmet_by_month(conn, today).await?.into_iter().collect();
    by.extend(kept.into_iter().map(|one| (one.month, one.searches)));
    Ok(by.into_iter().collect())
}

/// Names and states of cities with schools that take part: those of people, sessions, practices or adoptions.
pub async fn cities(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<(String, Option<String>)>> {
    let part = |table: &'static str, column: &'static str| {
        let mut inner = select(table, "x", &[("x", column)]);
        inner.and_where(at("x", column).is_not_null());
        inner
    };
    let mut query = select("school", "s", &[("s", "city"), ("s", "state")]);
    let takes_part = Cond::any()
        .add(at("s", "id").in_subquery(part("membership", "school_id")))
        .add(at("s", "id").in_subquery(part("session", "host_school_id")))
        .add(at("s", "id").in_subquery(part("practice", "origin_school_id")))
        .add(at("s", "id").in_subquery(part("adoption", "school_id")));
    query.distinct().cond_where(takes_part).and_where(at("s", "city").is_not_null());
    query.order_by_expr(at("s", "city"), Order::Asc).order_by_expr(at("s", "state"), Order::Asc).limit(limit);
    let rows = conn.query_all(&query).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
