//! Cities in the database: what schools and organizations say of where they are.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::memberships::row as membership;
use super::{accounts, organization, school};
use crate::mail::Email;
use crate::people::account::{AccountId, AccountState};
use crate::people::city::{City, slug_of};
use crate::people::membership::MembershipState;
use crate::people::school::OrganizationId;
use crate::platform::{Error, Result};

/// The city of a name in addresses. The end of it may be the state, which leads along an index; else none is stated.
pub async fn city(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<City>> {
    let state = reference.rsplit_once('-').map(|(_, end)| end.to_ascii_uppercase());
    let state = state.filter(|end| end.len() == 2 && end.bytes().all(|byte| byte.is_ascii_uppercase()));
    for state in state.map(Some).into_iter().chain([None]) {
        let there = match &state {
            Some(code) => school::Column::State.eq(code.as_str()),
            None => school::Column::State.is_null(),
        };
        let query = school::Entity::find().select_only().column(school::Column::City).distinct();
        let query = query.filter(there).filter(school::Column::City.is_not_null());
        let mut spellings: Vec<String> = query.into_tuple().all(conn).await?;
        spellings.retain(|name| slug_of(name, state.as_deref()) == reference);
        spellings.sort_unstable();
        // Of two ways to write it the one in small letters, which sorts last, is shown.
        if let Some(name) = spellings.last().cloned() {
            return Ok(Some(City { slug: reference.to_owned(), name, state, spellings }));
        }
    }
    Ok(None)
}

/// Names in addresses of the cities of organizations.
pub async fn of_organizations(conn: &impl ConnectionTrait, ids: &[OrganizationId]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = organization::Entity::find()
        .select_only()
        .columns([organization::Column::City, organization::Column::State])
        .filter(organization::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(organization::Column::City.is_not_null());
    let rows: Vec<(String, Option<String>)> = query.into_tuple().all(conn).await?;
    let mut slugs: Vec<String> = rows.iter().map(|(name, state)| slug_of(name, state.as_deref())).collect();
    slugs.sort_unstable();
    slugs.dedup();
    Ok(slugs)
}

/// Open schools of the city in the order of their names: name in addresses, and name.
pub async fn schools(conn: &impl ConnectionTrait, city: &City, limit: u64) -> Result<Vec<(String, String)>> {
    let there = school::Column::City.is_in(city.spellings.iter().map(String::as_str));
    let there = there.and(match &city.state {
        Some(state) => school::Column::State.eq(state.as_str()),
        None => school::Column::State.is_null(),
    });
    let standing = Expr::col(school::Column::MergedInto).is_null().and(Expr::col(school::Column::ClosedOn).is_null());
    let query = school::Entity::find().select_only().columns([school::Column::Slug, school::Column::Name]);
    let query = query.filter(there).filter(standing).order_by_asc(school::Column::Name).limit(limit);
    Ok(query.into_tuple().all(conn).await?)
}

/// People of the city's schools, in the order of their ids.
pub async fn people(
    conn: &impl ConnectionTrait,
    city: &City,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<(AccountId, Email)>> {
    use accounts::row::Column;
    let there = school::Column::City.is_in(city.spellings.iter().map(String::as_str));
    let there = there.and(match &city.state {
        Some(state) => school::Column::State.eq(state.as_str()),
        None => school::Column::State.is_null(),
    });
    let schools = Query::select().column(school::Column::Id).from(school::Entity).and_where(there).to_owned();
    let mine = Expr::col((membership::Entity, membership::Column::AccountId))
        .eq(Expr::col((accounts::row::Entity, Column::Id)));
    let belongs = Query::select()
        .expr(Expr::value(1))
        .from(membership::Entity)
        .and_where(mine)
        .and_where(Expr::col((membership::Entity, membership::Column::State)).eq(MembershipState::Current.code()))
        .and_where(Expr::col((membership::Entity, membership::Column::SchoolId)).in_subquery(schools))
        .to_owned();
    let mut query = accounts::row::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Email])
        .filter(Column::State.eq(AccountState::Active.code()))
        .filter(Column::Email.is_not_null().and(Column::EmailConfirmedAt.is_not_null()))
        .filter(Expr::exists(belongs));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.0));
    }
    let rows: Vec<(Uuid, String)> = query.order_by_asc(Column::Id).limit(limit).into_tuple().all(conn).await?;
    let email = |text: &str| Email::parse(text).map_err(Error::internal);
    rows.into_iter().map(|(id, text)| Ok((AccountId(id), email(&text)?))).collect()
}
