//! Memberships in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::people::account::AccountId;
use crate::people::membership::{Membership, MembershipId, MembershipState, VerifiedBy};
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

/// The membership of this role at this place that is asked for or holds.
pub async fn open(conn: &impl ConnectionTrait, account: AccountId, grant: Grant) -> Result<Option<Membership>> {
    let found = row::Entity::find().filter(row::Column::OpenKey.eq(open_key(account, grant))).one(conn).await?;
    found.map(membership_of).transpose()
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

fn open_key(account: AccountId, grant: Grant) -> String {
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
