//! People as administrators find them.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::accounts::{account_of, row as account};
use super::memberships::{membership_of, row as membership};
use super::places::holding;
use crate::people::account::{Account, AccountId, AccountState};
use crate::people::membership::{Membership, MembershipState};
use crate::platform::{Result, Role};

/// Which people.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Part of a name or an address, without blanks around it; empty for everybody.
    pub text: String,
    /// Only those who hold this role somewhere.
    pub role: Option<Role>,
    /// Only accounts in this state.
    pub state: Option<AccountState>,
}

/// One page of people in the order of names, after the name and id given, and how many there are.
pub async fn people(
    conn: &impl ConnectionTrait,
    wanted: &Wanted,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<(u64, Vec<Account>)> {
    use account::Column;
    let mut query = account::Entity::find();
    if !wanted.text.is_empty() {
        let lower = |column| Expr::expr(Func::lower(Expr::col(column)));
        let named = lower(Column::Name).like(holding(&wanted.text));
        query = query.filter(named.or(Expr::col(Column::Email).like(holding(&wanted.text))));
    }
    if let Some(role) = wanted.role {
        let mut holders = Query::select();
        holders
            .column(membership::Column::AccountId)
            .from(membership::Entity)
            .and_where(Expr::col(membership::Column::Role).eq(role.code()))
            .and_where(Expr::col(membership::Column::State).eq(MembershipState::Current.code()));
        query = query.filter(Column::Id.in_subquery(holders));
    }
    if let Some(state) = wanted.state {
        query = query.filter(Column::State.eq(state.code()));
    }
    let total = query.clone().count(conn).await?;
    if let Some((name, id)) = after {
        query = query.filter(Column::Name.gt(name.clone()).or(Column::Name.eq(name).and(Column::Id.gt(id))));
    }
    let rows = query.order_by_asc(Column::Name).order_by_asc(Column::Id).limit(limit).all(conn).await?;
    Ok((total, rows.into_iter().map(account_of).collect::<Result<_>>()?))
}

/// Memberships of these accounts that are asked for or hold, oldest first.
pub async fn open_memberships(
    conn: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Membership>>> {
    use membership::Column;
    let open = [MembershipState::Asked, MembershipState::Current].map(MembershipState::code);
    let theirs = Column::AccountId.is_in(accounts.iter().map(|id| id.0)).and(Column::State.is_in(open));
    let rows = membership::Entity::find().filter(theirs).order_by_asc(Column::Id).all(conn).await?;
    let mut found: HashMap<AccountId, Vec<Membership>> = HashMap::new();
    for row in rows {
        let membership = membership_of(row)?;
        found.entry(membership.account).or_default().push(membership);
    }
    Ok(found)
}

/// Accounts in use that administer the installation. Their roles are held until the transaction ends, so that two who take
/// away the last one at the same moment do it one after the other.
pub async fn administrators(conn: &impl ConnectionTrait) -> Result<Vec<AccountId>> {
    use membership::Column;
    let holds = Column::Role.eq(Role::CityAdmin.code()).and(Column::State.eq(MembershipState::Current.code()));
    let holders = membership::Entity::find().filter(holds).order_by_asc(Column::Id).lock_exclusive().all(conn).await?;
    let ids = holders.iter().map(|row| row.account_id);
    let active = account::Column::Id.is_in(ids).and(account::Column::State.eq(AccountState::Active.code()));
    let rows = account::Entity::find().filter(active).all(conn).await?;
    Ok(rows.into_iter().map(|row| AccountId(row.id)).collect())
}

/// How many accounts are in use.
pub async fn count(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(account::Entity::find().filter(account::Column::State.eq(AccountState::Active.code())).count(conn).await?)
}
