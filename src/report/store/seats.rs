//! Sessions of a city, who wanted to come, who came, and when schools let them.

use std::cmp::{max, min};
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Cond, Expr, ExprTrait, SelectStatement};

use super::reading::{at, grouped, join, select};
use crate::platform::db::packed;
use crate::platform::{Result, Timestamp, Zone};
use crate::report::facts::{Approved, First, Held, Numbered, Seat, Wish};
use crate::report::period;

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

/// Sessions: id, host, co-host, seats in the room, seats online, whether people of two sectors came.
pub(super) fn sessions_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let [id, host] = ["id", "host_school_id"].map(|one| packed::id(conn, at("s", one)));
    let cohost = packed::text(packed::id(conn, at("s", "cohost_school_id")));
    let [room, online, joint] = ["capacity", "online_capacity", "joint_held"].map(|one| packed::text(at("s", one)));
    let mut query = select("session", "s", &[]);
    query.expr(packed::rows(packed::row([id, host, cohost, room, online, joint])));
    query.cond_where(completed(here, "s")).to_owned()
}

/// Sessions in the order of their ids.
pub(super) fn sessions_of(rows: &str, known: &Numbered) -> Result<(Vec<Uuid>, Vec<Held>)> {
    let mut found: Vec<(Uuid, Held)> = Vec::new();
    for mut row in packed::read(rows) {
        let id = row.id()?;
        let hosts = [Some(row.id()?), row.id_if_set()?];
        let seats = i64::from(row.number()?) + i64::from(row.number()?);
        let hosts = hosts.into_iter().flatten().filter_map(|id| known.known(id)).collect();
        found.push((id, Held { on: NaiveDate::MIN, hosts, seats, joint: row.flag_if_set()? }));
    }
    found.sort_unstable_by_key(|(id, _)| *id);
    Ok(found.into_iter().unzip())
}

pub(super) struct Time {
    number: i32,
    from: Timestamp,
    to: Timestamp,
    pub(super) ends_on: NaiveDate,
    zone: Zone,
}

/// The zones of a city: at each moment that of the last meeting before it. So a meeting in another zone moves no day that is over.
pub(super) struct Zones(Vec<(Timestamp, Zone)>);

impl Zones {
    pub(super) fn of<'a>(meetings: impl Iterator<Item = &'a Time>) -> Self {
        let mut all: Vec<(Timestamp, Zone)> = meetings.map(|one| (one.to, one.zone)).collect();
        all.sort_by_key(|(at, _)| *at);
        Self(all)
    }

    /// The zone at a moment; before the first meeting it is that of the first.
    pub(super) fn at(&self, moment: Timestamp) -> Zone {
        let before = self.0.partition_point(|(at, _)| *at <= moment);
        self.0.get(before.saturating_sub(1)).map(|(_, zone)| *zone).unwrap_or_default()
    }
}

/// Meetings of sessions: session, number, begin, end, the end as clocks there say it, zone.
pub(super) fn meetings_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let session = packed::id(conn, at("m", "session_id"));
    let rest = ["number", "starts_at", "ends_at", "ends_local", "zone"].map(|one| packed::text(at("m", one)));
    let mut query = select("meeting", "m", &[]);
    query.expr(packed::rows(packed::row(std::iter::once(session).chain(rest))));
    query.and_where(at("m", "session_id").in_subquery(completed_ids(here))).to_owned()
}

pub(super) fn meetings_of(rows: &str) -> Result<HashMap<Uuid, Vec<Time>>> {
    let mut by: HashMap<Uuid, Vec<Time>> = HashMap::new();
    for mut row in packed::read(rows) {
        by.entry(row.id()?).or_default().push(Time {
            number: row.number()?,
            from: row.moment()?,
            to: row.moment()?,
            ends_on: row.day_of_moment()?,
            zone: Zone::parse(row.text()?).unwrap_or_default(),
        });
    }
    Ok(by)
}

/// By session: registration, account, school, seat, approval.
pub(super) fn registrations_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let [registration, account, school] = ["id", "account_id", "school_id"].map(|one| packed::id(conn, at("r", one)));
    let [seat, approval] = ["seat", "approval"].map(|one| packed::text(at("r", one)));
    let row = packed::row([registration, account, school, seat, approval]);
    let mut query = grouped("registration", "r", "session_id", row);
    query.and_where(at("r", "session_id").in_subquery(completed_ids(here))).to_owned()
}

/// By session: registration, meeting, state, when somebody came and went.
pub(super) fn attendance_packed(conn: &impl ConnectionTrait, here: &SelectStatement) -> SelectStatement {
    let registration = packed::id(conn, at("a", "registration_id"));
    let [meeting, state, came, went] = ["meeting", "state", "in_at", "out_at"].map(|one| packed::text(at("a", one)));
    let mut query = grouped("attendance", "a", "session_id", packed::row([registration, meeting, state, came, went]));
    query.and_where(at("a", "session_id").in_subquery(completed_ids(here))).to_owned()
}

/// What became of each registration, with the attendance that was taken of it.
pub(super) fn seated(
    registrations: &str,
    attendance: &str,
    sessions: &HashMap<Uuid, usize>,
    times: &HashMap<Uuid, Vec<Time>>,
    schools: &mut Numbered,
    people: &mut Numbered,
) -> Result<Vec<Seat>> {
    let mut numbers = Numbered::default();
    let mut seats: Vec<Seat> = Vec::new();
    for group in packed::read_groups(registrations) {
        let (session, rows) = group?;
        let Some(held) = sessions.get(&session).copied() else { continue };
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
    for group in packed::read_groups(attendance) {
        let (session, rows) = group?;
        let times = times.get(&session).map(Vec::as_slice).unwrap_or_default();
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

const APPROVED: &str = "registration.approved";

/// By school: registration, account, when the seat was asked for and when it was approved. Of some days alone, along the index of
/// approvals, those that no earlier one came before.
pub(super) fn approvals_packed(
    conn: &impl ConnectionTrait,
    here: &SelectStatement,
    days: Option<(NaiveDate, NaiveDate)>,
) -> SelectStatement {
    let [registration, account] = ["id", "account_id"].map(|one| packed::id(conn, at("r", one)));
    let (asked, said) = (packed::text(at("r", "created_at")), packed::text(at("e", "at")));
    let mut query = select("event", "e", &[]);
    let row = packed::row([registration, account, asked, said]);
    query.expr_as(at("r", "school_id"), packed::ID).expr_as(packed::rows(row), packed::ROWS);
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

pub(super) fn approved_on(
    groups: &str,
    zones: &Zones,
    schools: &mut Numbered,
    people: &mut Numbered,
) -> Result<Vec<Approved>> {
    // Who asked again was approved again: the first yes counts.
    let mut numbers = Numbered::default();
    let mut found: Vec<(Timestamp, Approved)> = Vec::new();
    for group in packed::read_groups(groups) {
        let (school, rows) = group?;
        for mut row in packed::read(rows) {
            let number = numbers.of(row.id()?);
            let person = u32::try_from(people.of(row.id()?)).unwrap_or(u32::MAX);
            let (asked, said) = (row.moment()?, row.moment()?);
            let zone = zones.at(said);
            let on = zone.local(said).date();
            let days = period::school_days(zone.local(asked).date(), on);
            let one = (said, Approved { person, school: schools.of(school), on, days });
            match found.get_mut(number) {
                Some(known) if said < known.0 => *known = one,
                Some(_) => {}
                None => found.push(one),
            }
        }
    }
    Ok(found.into_iter().map(|(_, one)| one).collect())
}
