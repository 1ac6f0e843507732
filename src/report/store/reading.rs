//! Everything that is counted of a city: a statement for each kind of fact, however many there are.

use std::cmp::max;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, IntoColumnRef, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryOrder, QueryResult};

use super::past::{ever_in, row, searched, unmet_by_month};
use super::pilots::{origins_packed, pilots, practices_packed, shared, tried_packed};
use super::seats::{self, Zones};
use crate::people::city::City;
use crate::platform::db::packed;
use crate::platform::{Cx, Error, Result, Timestamp};
use crate::report::facts::{Facts, Numbered, Place, Was};
use crate::report::year::Years;

pub(super) fn at(table: &'static str, column: &'static str) -> SimpleExpr {
    Expr::col((Alias::new(table), Alias::new(column)).into_column_ref())
}

pub(super) fn select(
    table: &'static str,
    alias: &'static str,
    columns: &[(&'static str, &'static str)],
) -> SelectStatement {
    let mut query = Query::select();
    query.from_as(Alias::new(table), Alias::new(alias));
    for (of, column) in columns {
        query.expr(at(of, column));
    }
    query
}

pub(super) fn join(query: &mut SelectStatement, left: bool, table: &'static str, alias: &'static str, on: SimpleExpr) {
    let kind = if left { sea_orm::JoinType::LeftJoin } else { sea_orm::JoinType::InnerJoin };
    query.join_as(kind, Alias::new(table), Alias::new(alias), on);
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, index: usize) -> Result<T> {
    Ok(row.try_get_by_index(index)?)
}

/// A query of rows in groups, of which each has an id.
pub(super) fn grouped(table: &'static str, alias: &'static str, by: &'static str, row: SimpleExpr) -> SelectStatement {
    let mut query = select(table, alias, &[]);
    query.expr_as(at(alias, by), packed::ID).expr_as(packed::rows(row), packed::ROWS);
    query.add_group_by([at(alias, by)]).to_owned()
}

/// Groups of rows as one text.
async fn groups(conn: &impl ConnectionTrait, query: SelectStatement) -> Result<String> {
    packed::fetch(conn, &packed::groups(conn, query)).await
}

/// The facts of a city. Thirteen statements, whatever there is, on three connections: what hangs on nothing else is read beside the rest.
/// `approved` are the days of which approvals are read; `None` is all of them.
pub async fn facts(cx: &Cx, city: City, approved: Option<(NaiveDate, NaiveDate)>) -> Result<Facts> {
    let conn = cx.conn();
    let here = ever_in(city.spellings(), city.state.as_deref());
    let about_sessions = async {
        let schools = schools(conn, &city, &here).await?;
        let sessions = packed::fetch(conn, &seats::sessions_packed(conn, &here)).await?;
        let meetings = packed::fetch(conn, &seats::meetings_packed(conn, &here)).await?;
        let registrations = groups(conn, seats::registrations_packed(conn, &here)).await?;
        Ok::<_, Error>((schools, sessions, meetings, registrations))
    };
    let about_practices = async {
        let tried = groups(conn, tried_packed(conn, &here)).await?;
        let origins = packed::fetch(conn, &origins_packed(conn, &here)).await?;
        let practices = groups(conn, practices_packed(&here)).await?;
        Ok::<_, Error>((tried, origins, practices))
    };
    let about_the_rest = async {
        let marks = groups(conn, seats::attendance_packed(conn, &here)).await?;
        let approvals = groups(conn, seats::approvals_packed(conn, &here, approved)).await?;
        let searches = searches(conn, cx.now().date_naive()).await?;
        Ok::<_, Error>((marks, approvals, searches, began(conn).await?))
    };
    let (sessions, practices, rest) =
        futures_util::future::try_join3(about_sessions, about_practices, about_the_rest).await?;
    let ((mut places, mut known), sessions, meetings, registrations) = sessions;
    let (tried, origins, practices) = practices;
    let (marks, approvals, searches, began) = rest;
    let (ids, mut held) = seats::sessions_of(&sessions, &known)?;
    let times = seats::meetings_of(&meetings)?;
    for (number, id) in ids.iter().enumerate() {
        for one in times.get(id).into_iter().flatten() {
            held[number].on = max(held[number].on, one.ends_on);
        }
    }
    let zones = Zones::of(ids.iter().filter_map(|id| times.get(id)).flatten());
    let zone = zones.at(cx.now());
    let today = zone.local(cx.now()).date();
    let began = began.map_or(today, |at| zones.at(at).local(at).date());
    let mut people = Numbered::default();
    let numbers: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut seated = seats::seated(&registrations, &marks, &numbers, &times, &mut known, &mut people)?;
    let practices = shared(&practices, &known)?;
    let tried = pilots(&tried, &origins, &known, &places, today, began)?;
    let approvals = seats::approved_on(&approvals, &zones, &mut known, &mut people)?;
    // Schools that are named and were never in the city have a number and nothing else.
    places.resize_with(max(known.count(), places.len()), Place::default);
    let years = Years::of(&places, &held, &mut seated, &approvals);
    Ok(Facts {
        city,
        now: cx.now(),
        zone,
        today,
        began,
        places,
        held,
        seats: seated,
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
    let columns = ["id", "name", "slug", "lat", "lon", "created_at"].map(|column| ("s", column));
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
            recorded_on: get::<Timestamp>(&row, 5)?.date_naive(),
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
                closed_on: one.closed_on,
                here: there,
                merged: one.merged,
            });
        }
    }
    Ok((places, known))
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
