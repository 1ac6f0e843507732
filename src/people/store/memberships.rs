//! Memberships in the database.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, CaseStatement, DynIden, ExprTrait, IntoIden, JoinType, OnConflict, Order};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use super::{CHUNK, accounts};
use crate::people::account::{Account, AccountId, AccountState};
use crate::people::membership::{Membership, MembershipId, MembershipState, Standing, VerifiedBy};
use crate::people::school::SchoolId;
use crate::platform::{Error, Grant, Place, Result, Role};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "membership")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub role: String,
        pub school_id: Option<Uuid>,
        pub organization_id: Option<Uuid>,
        pub state: String,
        pub verified_by: String,
        pub decided_by: Option<Uuid>,
        pub open_key: Option<String>,
        pub created_at: DateTimeUtc,
        pub started_at: Option<DateTimeUtc>,
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Memberships of an account in these states (all states where none is named), oldest first.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
    states: &[MembershipState],
) -> Result<Vec<Membership>> {
    let mut query = row::Entity::find().filter(row::Column::AccountId.eq(account.0));
    if !states.is_empty() {
        query = query.filter(row::Column::State.is_in(states.iter().map(|state| state.code())));
    }
    query.order_by_asc(row::Column::Id).all(conn).await?.into_iter().map(membership_of).collect()
}

/// An account with the memberships that hold now and the sectors of their schools; of a school that was merged, the sector of
/// the one it became part of.
pub async fn standing(conn: &impl ConnectionTrait, id: AccountId) -> Result<Option<Standing>> {
    use crate::people::store::school;
    let whole = Alias::new("whole");
    let here = |column: row::Column| Expr::col((row::Entity, column));
    let sector = |of: DynIden| Expr::col((of, school::Column::Sector));
    let into = Expr::col((school::Entity, school::Column::MergedInto));
    let current = here(row::Column::AccountId)
        .equals((accounts::row::Entity, accounts::row::Column::Id))
        .and(here(row::Column::State).eq(MembershipState::Current.code()));
    let at = Expr::col((school::Entity, school::Column::Id)).equals((row::Entity, row::Column::SchoolId));
    let within = into.clone().equals((whole.clone(), school::Column::Id));
    let mut query = accounts::row::Entity::find_by_id(id.0).select_also(row::Entity);
    QueryTrait::query(&mut query)
        .left_join(row::Entity, current)
        .left_join(school::Entity, at)
        .join_as(JoinType::LeftJoin, school::Entity, whole.clone(), within)
        .expr_as(
            CaseStatement::new()
                .case(into.is_null(), sector(school::Entity.into_iden()))
                .finally(sector(whole.into_iden())),
            "sector",
        )
        .order_by((row::Entity, row::Column::Id), Order::Asc);
    let mut found: Option<Standing> = None;
    for line in conn.query_all(query.as_query()).await? {
        let standing = match &mut found {
            Some(standing) => standing,
            None => {
                let account = accounts::account_of(accounts::row::Model::from_query_result(&line, "A_")?)?;
                found.insert(Standing { account, grants: Vec::new(), sectors: HashMap::new() })
            }
        };
        let Some(row) = row::Model::from_query_result_optional(&line, "B_")? else { continue };
        let grant = membership_of(row)?.grant;
        if let Place::School(school) = grant.place {
            standing.sectors.insert(SchoolId(school), line.try_get("", "sector")?);
        }
        standing.grants.push(grant);
    }
    Ok(found)
}

/// What each of these accounts holds now.
pub async fn grants(conn: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<Grant>>> {
    let mut found: HashMap<AccountId, Vec<Grant>> = HashMap::new();
    for chunk in accounts.chunks(CHUNK) {
        let query = row::Entity::find()
            .filter(row::Column::AccountId.is_in(chunk.iter().map(|id| id.0)))
            .filter(row::Column::State.eq(MembershipState::Current.code()));
        for row in query.all(conn).await? {
            let membership = membership_of(row)?;
            found.entry(membership.account).or_default().push(membership.grant);
        }
    }
    Ok(found)
}

/// The state of a school of each of these accounts, where one is known.
pub async fn states(conn: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    use crate::people::store::school;
    use sea_orm::sea_query::{Expr, Query};
    let mut found = HashMap::new();
    for chunk in accounts.chunks(CHUNK) {
        let mut query = Query::select();
        query
            .column((row::Entity, row::Column::AccountId))
            .column((school::Entity, school::Column::State))
            .from(row::Entity)
            .inner_join(
                school::Entity,
                Expr::col((school::Entity, school::Column::Id)).equals((row::Entity, row::Column::SchoolId)),
            )
            .and_where(Expr::col((row::Entity, row::Column::AccountId)).is_in(chunk.iter().map(|id| id.0)))
            .and_where(Expr::col((row::Entity, row::Column::State)).eq(MembershipState::Current.code()))
            .and_where(Expr::col((school::Entity, school::Column::State)).is_not_null());
        for line in conn.query_all(&query).await? {
            found.insert(AccountId(line.try_get("", "account_id")?), line.try_get("", "state")?);
        }
    }
    Ok(found)
}

/// Codes of the sectors of schools where somebody holds a role now.
pub async fn sectors(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    use crate::people::store::school;
    let there = sea_orm::sea_query::Query::select()
        .column(row::Column::SchoolId)
        .from(row::Entity)
        .and_where(row::Column::State.eq(MembershipState::Current.code()))
        .and_where(row::Column::SchoolId.is_not_null())
        .to_owned();
    let query = school::Entity::find().select_only().column(school::Column::Sector).distinct();
    let query = query.filter(school::Column::Sector.is_not_null()).filter(school::Column::Id.in_subquery(there));
    Ok(query.into_tuple().all(conn).await?)
}

/// The membership of this role at this place that is asked for or holds.
pub async fn open(conn: &impl ConnectionTrait, account: AccountId, grant: Grant) -> Result<Option<Membership>> {
    let found = row::Entity::find().filter(row::Column::OpenKey.eq(open_key(account, grant))).one(conn).await?;
    found.map(membership_of).transpose()
}

/// Those of [`open`] for many at once, by their keys ([`open_key`]).
pub async fn open_of(conn: &impl ConnectionTrait, keys: &[String]) -> Result<HashMap<String, Membership>> {
    let mut found = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows = row::Entity::find().filter(row::Column::OpenKey.is_in(chunk.to_vec())).all(conn).await?;
        for row in rows {
            if let Some(key) = row.open_key.clone() {
                found.insert(key, membership_of(row)?);
            }
        }
    }
    Ok(found)
}

/// One membership.
pub async fn by_id(conn: &impl ConnectionTrait, id: MembershipId) -> Result<Option<Membership>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(membership_of).transpose()
}

/// One membership, held against others who would change it until the transaction ends.
pub async fn to_change(conn: &impl ConnectionTrait, id: MembershipId) -> Result<Option<Membership>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(membership_of).transpose()
}

/// Most memberships of a place that are read at once: more than any school has staff.
const STAFF: u64 = 2_000;

/// Memberships at a place in these states, oldest first.
pub async fn at(conn: &impl ConnectionTrait, place: Place, states: &[MembershipState]) -> Result<Vec<Membership>> {
    let query = at_place(row::Entity::find(), place);
    let query = query.filter(row::Column::State.is_in(states.iter().map(|state| state.code())));
    query.order_by_asc(row::Column::Id).limit(STAFF).all(conn).await?.into_iter().map(membership_of).collect()
}

/// Those of one person at a place that are asked for or hold, held against others who would change them.
pub async fn of_person_at(conn: &impl ConnectionTrait, account: AccountId, place: Place) -> Result<Vec<Membership>> {
    let query = at_place(row::Entity::find(), place).filter(row::Column::AccountId.eq(account.0));
    let query = query.filter(row::Column::OpenKey.is_not_null()).order_by_asc(row::Column::Id).lock_exclusive();
    query.all(conn).await?.into_iter().map(membership_of).collect()
}

/// Whoever holds one of these roles at a place now and may use their account. Two statements.
pub async fn holders(conn: &impl ConnectionTrait, roles: &[Role], place: Place) -> Result<Vec<Account>> {
    let query = at_place(row::Entity::find(), place)
        .filter(row::Column::State.eq(MembershipState::Current.code()))
        .filter(row::Column::Role.is_in(roles.iter().map(|role| role.code())));
    let rows = query.order_by_asc(row::Column::Id).limit(200).all(conn).await?;
    let ids: Vec<AccountId> = rows.into_iter().map(|row| AccountId(row.account_id)).collect();
    let mut accounts: Vec<Account> = accounts_by_id(conn, &ids).await?.into_values().collect();
    accounts.retain(|account| account.state == AccountState::Active);
    accounts.sort_by_key(|account| account.id);
    Ok(accounts)
}

/// Accounts by id, one statement for every 900.
pub async fn accounts_by_id(conn: &impl ConnectionTrait, ids: &[AccountId]) -> Result<HashMap<AccountId, Account>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = accounts::row::Entity::find().filter(accounts::row::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        for row in query.all(conn).await? {
            let account = accounts::account_of(row)?;
            found.insert(account.id, account);
        }
    }
    Ok(found)
}

/// Accounts by address, one statement for every 900.
pub async fn accounts_by_email(conn: &impl ConnectionTrait, emails: &[String]) -> Result<HashMap<String, Account>> {
    let mut found = HashMap::new();
    for chunk in emails.chunks(CHUNK) {
        let query = accounts::row::Entity::find().filter(accounts::row::Column::Email.is_in(chunk.to_vec()));
        for row in query.all(conn).await? {
            let account = accounts::account_of(row)?;
            if let Some(email) = &account.email {
                found.insert(email.as_str().to_owned(), account);
            }
        }
    }
    Ok(found)
}

/// Roles that a person ended here (by leaving, or as the school's lead), by the keys of [`open_key`].
pub async fn ended_by_people(conn: &impl ConnectionTrait, of: &[AccountId]) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in of.chunks(CHUNK) {
        let rows = row::Entity::find()
            .filter(row::Column::AccountId.is_in(chunk.iter().map(|id| id.0)))
            .filter(row::Column::State.eq(MembershipState::Ended.code()).and(row::Column::DecidedBy.is_not_null()))
            .all(conn)
            .await?;
        for row in rows {
            let ended = membership_of(row)?;
            found.insert(open_key(ended.account, ended.grant));
        }
    }
    Ok(found)
}

/// Whether somebody else ended this role of the account there, or declined it.
pub async fn turned_away(conn: &impl ConnectionTrait, account: AccountId, grant: Grant) -> Result<bool> {
    use row::Column;
    let over = [MembershipState::Ended, MembershipState::Declined].map(MembershipState::code);
    let query = at_place(row::Entity::find(), grant.place)
        .filter(Column::AccountId.eq(account.0).and(Column::Role.eq(grant.role.code())))
        .filter(Column::State.is_in(over))
        // An empty cell differs from nothing: who decided is known.
        .filter(Column::DecidedBy.ne(account.0));
    Ok(query.count(conn).await? > 0)
}

/// What these accounts hold now.
pub async fn current_of(conn: &impl ConnectionTrait, of: &[AccountId]) -> Result<Vec<Membership>> {
    let mut found = Vec::new();
    for chunk in of.chunks(CHUNK) {
        let rows = row::Entity::find()
            .filter(row::Column::AccountId.is_in(chunk.iter().map(|id| id.0)))
            .filter(row::Column::State.eq(MembershipState::Current.code()))
            .order_by_asc(row::Column::Id)
            .all(conn)
            .await?;
        for row in rows {
            found.push(membership_of(row)?);
        }
    }
    Ok(found)
}

/// How many memberships hold now at these schools.
pub async fn count_current(conn: &impl ConnectionTrait, schools: &[Uuid]) -> Result<u64> {
    let mut count = 0;
    for chunk in schools.chunks(CHUNK) {
        count += row::Entity::find()
            .filter(row::Column::SchoolId.is_in(chunk.to_vec()))
            .filter(row::Column::State.eq(MembershipState::Current.code()))
            .count(conn)
            .await?;
    }
    Ok(count)
}

fn at_place(query: Select<row::Entity>, place: Place) -> Select<row::Entity> {
    match place {
        Place::School(id) => query.filter(row::Column::SchoolId.eq(id)),
        Place::Organization(id) => query.filter(row::Column::OrganizationId.eq(id)),
        Place::Installation => query.filter(row::Column::SchoolId.is_null().and(row::Column::OrganizationId.is_null())),
    }
}

/// A membership, new or changed; `decided_by` is who decided what it is now.
pub async fn save(conn: &impl ConnectionTrait, membership: &Membership, decided_by: Option<Uuid>) -> Result<()> {
    let (school_id, organization_id) = columns(membership.grant.place);
    let open = matches!(membership.state, MembershipState::Asked | MembershipState::Current);
    let row = row::Model {
        id: membership.id.0,
        account_id: membership.account.0,
        role: membership.grant.role.code().to_owned(),
        school_id,
        organization_id,
        state: membership.state.code().to_owned(),
        verified_by: membership.verified_by.code().to_owned(),
        decided_by,
        open_key: open.then(|| open_key(membership.account, membership.grant)),
        created_at: membership.created_at,
        started_at: membership.started_at,
        ended_at: membership.ended_at,
    };
    use row::Column;
    let changes =
        [Column::State, Column::VerifiedBy, Column::DecidedBy, Column::OpenKey, Column::StartedAt, Column::EndedAt];
    let known = OnConflict::column(Column::Id).update_columns(changes).to_owned();
    row::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// The columns of a place: school, organization.
pub fn columns(place: Place) -> (Option<Uuid>, Option<Uuid>) {
    match place {
        Place::School(id) => (Some(id), None),
        Place::Organization(id) => (None, Some(id)),
        Place::Installation => (None, None),
    }
}

/// The place of two columns.
pub fn place_of(school: Option<Uuid>, organization: Option<Uuid>) -> Place {
    school.map(Place::School).or(organization.map(Place::Organization)).unwrap_or(Place::Installation)
}

/// Names one role of one person at one place.
pub fn open_key(account: AccountId, grant: Grant) -> String {
    let place = match grant.place {
        Place::School(id) => format!("school:{id}"),
        Place::Organization(id) => format!("organization:{id}"),
        Place::Installation => "installation".to_owned(),
    };
    format!("{account}/{}/{place}", grant.role.code())
}

/// A membership of a row.
pub fn membership_of(row: row::Model) -> Result<Membership> {
    let unknown = || Error::internal("an unknown word in a membership");
    Ok(Membership {
        id: MembershipId(row.id),
        account: AccountId(row.account_id),
        grant: Grant {
            role: Role::parse(&row.role).ok_or_else(unknown)?,
            place: place_of(row.school_id, row.organization_id),
        },
        state: MembershipState::parse(&row.state).ok_or_else(unknown)?,
        verified_by: VerifiedBy::parse(&row.verified_by).ok_or_else(unknown)?,
        created_at: row.created_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
    })
}
