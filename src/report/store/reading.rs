//! Everything that is counted of a city: a statement for each kind of fact, however many there are.

use std::cmp::{max, min};
use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, IntoColumnRef, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryOrder, QueryResult};

use super::past::{ever_in, row, searched, unmet_by_month};
use crate::people::city::City;
use crate::platform::{Cx, Result, Timestamp, Zone};
use crate::report::facts::{Approved, Facts, Held, Numbered, Place, Seat, Shared, Tried, Was, Wish};
use crate::report::period;

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

/// The facts of a city. Eleven statements, whatever there is.
pub async fn facts(cx: &Cx, city: City) -> Result<Facts> {
    let conn = cx.conn();
    let here = ever_in(city.spellings(), city.state.as_deref());
    let (mut places, mut known) = schools(conn, &city, &here).await?;
    let (ids, mut held) = sessions(conn, &here, &known).await?;
    let times = meetings(conn, &here).await?;
    let mut last: Option<(NaiveDateTime, Zone)> = None;
    for (number, id) in ids.iter().enumerate() {
        for one in times.get(id).into_iter().flatten() {
            held[number].on = max(held[number].on, one.ends_local.date());
            if last.is_none_or(|(day, _)| day < one.ends_local) {
                last = Some((one.ends_local, one.zone));
            }
        }
    }
    let zone = last.map(|(_, zone)| zone).unwrap_or_default();
    let today = zone.local(cx.now()).date();
    let began = began(conn).await?.map_or(today, |at| zone.local(at).date());
    let mut people = Numbered::default();
    let numbers: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let seats = seats(conn, &here, &numbers, &times, &mut known, &mut people).await?;
    let practices = practices(conn, &here, &known).await?;
    let mut tried = tried(conn, &here, &known, &places).await?;
    keep(conn, &here, &mut tried, today, began).await?;
    let approvals = approvals(conn, &here, zone, &mut known, &mut people).await?;
    // Schools that are named and were never in the city have a number and nothing else.
    places.resize_with(max(known.count(), places.len()), Place::default);
    let searches = searches(conn, today).await?;
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
        tried: tried.into_iter().map(|(_, one)| one).collect(),
        approvals,
        searches,
        commitments: Vec::new(),
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

/// A row for each registration and meeting that attendance was taken of.
async fn seats(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    sessions: &HashMap<Uuid, usize>,
    times: &HashMap<Uuid, Vec<Time>>,
    schools: &mut Numbered,
    people: &mut Numbered,
) -> Result<Vec<Seat>> {
    let mut query = select(
        "registration",
        "r",
        &[
            ("r", "id"),
            ("r", "session_id"),
            ("r", "account_id"),
            ("r", "school_id"),
            ("r", "seat"),
            ("r", "approval"),
            ("a", "meeting"),
            ("a", "state"),
            ("a", "in_at"),
            ("a", "out_at"),
        ],
    );
    join(&mut query, true, "attendance", "a", at("a", "registration_id").eq(at("r", "id")));
    query.and_where(at("r", "session_id").in_subquery(completed_ids(here)));
    let mut numbers: HashMap<Uuid, usize> = HashMap::new();
    let mut seats: Vec<Seat> = Vec::new();
    let mut marks: Vec<Marks> = Vec::new();
    for row in conn.query_all(&query).await? {
        let (id, session): (Uuid, Uuid) = (get(&row, 0)?, get(&row, 1)?);
        let Some(held) = sessions.get(&session).copied() else { continue };
        let number = if let Some(number) = numbers.get(&id) {
            *number
        } else {
            let wish = wish(&get::<String>(&row, 4)?, &get::<String>(&row, 5)?);
            let person = u32::try_from(people.of(get(&row, 2)?)).unwrap_or(u32::MAX);
            let school = schools.of(get(&row, 3)?);
            seats.push(Seat { held, person, school, wish, came: false, absent: false, minutes: 0 });
            marks.push(Marks::default());
            numbers.insert(id, seats.len() - 1);
            seats.len() - 1
        };
        let Some(meeting) = get::<Option<i32>>(&row, 6)? else { continue };
        let state: String = get(&row, 7)?;
        let mark = &mut marks[number];
        match state.as_str() {
            "present" | "partial" => {
                let time = times.get(&session).and_then(|all| all.iter().find(|one| one.number == meeting));
                let (came, went) = (get(&row, 8)?, get(&row, 9)?);
                mark.time += time.map_or(TimeDelta::zero(), |time| there(time, &state, came, went));
                mark.there = true;
            }
            "absent" => mark.absent = true,
            _ => mark.other = true,
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

async fn practices(conn: &impl ConnectionTrait, here: &SelectStatement, known: &Numbered) -> Result<Vec<Shared>> {
    let mut query = select("practice", "p", &[("p", "origin_school_id"), ("p", "published_on")]);
    // The same words on both engines: SQLite reads JSON in text like this since 3.38.
    query.expr(Expr::cust("v.record ->> 'result'"));
    let first = at("v", "practice_id").eq(at("p", "id")).and(at("v", "version").eq(1));
    join(&mut query, true, "practice_version", "v", first);
    query.and_where(at("p", "published_on").is_not_null());
    query.and_where(at("p", "origin_school_id").in_subquery(here.clone()));
    let mut found = Vec::new();
    for row in conn.query_all(&query).await? {
        if let Some(school) = known.known(get(&row, 0)?) {
            let stopped = get::<Option<String>>(&row, 2)?.as_deref() == Some("stopped");
            found.push(Shared { school, on: get(&row, 1)?, stopped });
        }
    }
    Ok(found)
}

/// Pilots of schools that are or were in the city, with their ids.
async fn tried(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    known: &Numbered,
    places: &[Place],
) -> Result<Vec<(Uuid, Tried)>> {
    let columns = [
        ("a", "id"),
        ("a", "school_id"),
        ("a", "sector_at_start"),
        ("a", "piloted_on"),
        ("p", "origin_school_id"),
        ("o", "sector"),
    ];
    let mut query = select("adoption", "a", &columns);
    join(&mut query, false, "practice", "p", at("p", "id").eq(at("a", "practice_id")));
    join(&mut query, true, "school", "o", at("o", "id").eq(at("p", "origin_school_id")));
    query.and_where(at("a", "piloted_on").is_not_null());
    query.and_where(at("a", "school_id").in_subquery(here.clone()));
    let mut found = Vec::new();
    for row in conn.query_all(&query).await? {
        let Some(school) = known.known(get(&row, 1)?) else { continue };
        let began_on: NaiveDate = get(&row, 3)?;
        let origin = get::<Option<Uuid>>(&row, 4)?.and_then(|id| known.known(id));
        // Of schools elsewhere it is known what they are, and not what they were.
        let elsewhere: Option<String> = get(&row, 5)?;
        let from = match origin {
            Some(number) => places[number].on(began_on).and_then(|was| was.sector.clone()),
            None => elsewhere,
        };
        let one = Tried {
            school,
            to: get(&row, 2)?,
            origin,
            from,
            on: began_on,
            year_on: began_on + TimeDelta::days(365),
            kept: None,
        };
        found.push((get(&row, 0)?, one));
    }
    Ok(found)
}

/// When each counts, by when its first use was put on record; and whether it was in use on its 365th day, by the steps on record when
/// that month was counted.
async fn keep(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    tried: &mut [(Uuid, Tried)],
    today: NaiveDate,
    began: NaiveDate,
) -> Result<()> {
    let mut piloted = select("adoption", "a", &[("a", "id")]);
    piloted.and_where(at("a", "piloted_on").is_not_null());
    piloted.and_where(at("a", "school_id").in_subquery(here.clone()));
    let columns = ["adoption_id", "number", "stage", "since", "recorded_at"].map(|column| ("s", column));
    let mut query = select("adoption_step", "s", &columns);
    query.and_where(at("s", "adoption_id").in_subquery(piloted));
    let mut steps: HashMap<Uuid, BTreeMap<i32, (bool, NaiveDate, NaiveDate)>> = HashMap::new();
    let mut recorded: HashMap<Uuid, NaiveDate> = HashMap::new();
    for row in conn.query_all(&query).await? {
        let stage: String = get(&row, 2)?;
        let (id, on) = (get::<Uuid>(&row, 0)?, get::<Timestamp>(&row, 4)?.date_naive());
        if USES.contains(&stage.as_str()) {
            let first = recorded.entry(id).or_insert(on);
            *first = min(*first, on);
        }
        let step = (matches!(stage.as_str(), "in_use" | "sustained"), get(&row, 3)?, on);
        steps.entry(id).or_default().insert(get(&row, 1)?, step);
    }
    for (id, one) in tried.iter_mut() {
        let on = recorded.get(id).copied().unwrap_or(one.on);
        one.on = period::counted_on(one.on, on, began);
        if one.year_on > today {
            continue;
        }
        let year_on = one.year_on;
        let known = |recorded: NaiveDate| year_on < began || recorded < period::released_on(year_on);
        let steps = steps.get(id).into_iter().flat_map(BTreeMap::values).rev();
        let mut then = steps.filter(|(_, since, recorded)| *since <= year_on && known(*recorded));
        one.kept = Some(then.next().is_some_and(|(used, ..)| *used));
    }
    Ok(())
}

async fn approvals(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    zone: Zone,
    schools: &mut Numbered,
    people: &mut Numbered,
) -> Result<Vec<Approved>> {
    let columns = [("r", "account_id"), ("r", "school_id"), ("r", "created_at"), ("e", "at"), ("r", "id")];
    let mut query = select("registration", "r", &columns);
    let yes = at("e", "subject_kind")
        .eq("registration")
        .and(at("e", "subject").eq(at("r", "id")))
        .and(at("e", "action").eq("registration.approved"));
    join(&mut query, false, "event", "e", yes);
    query.and_where(at("r", "approval").eq("approved"));
    query.and_where(at("r", "school_id").in_subquery(here.clone()));
    // Who asked again was approved again: the first yes counts.
    let mut first: HashMap<Uuid, (Timestamp, Approved)> = HashMap::new();
    for row in conn.query_all(&query).await? {
        let (asked, said): (Timestamp, Timestamp) = (get(&row, 2)?, get(&row, 3)?);
        let id: Uuid = get(&row, 4)?;
        if first.get(&id).is_some_and(|(known, _)| *known <= said) {
            continue;
        }
        let on = zone.local(said).date();
        let one = Approved {
            person: u32::try_from(people.of(get(&row, 0)?)).unwrap_or(u32::MAX),
            school: schools.of(get(&row, 1)?),
            on,
            days: period::school_days(zone.local(asked).date(), on),
        };
        first.insert(id, (said, one));
    }
    Ok(first.into_values().map(|(_, one)| one).collect())
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
