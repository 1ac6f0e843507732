//! Who belongs where, in which role. One row for each: asked for, current, ended; rows are never taken out, so that what
//! somebody did stays explained by what they were.

use super::account::AccountId;
use super::policy;
use super::store::{Connection, memberships as store};
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Event, Grant, Place, Result, Role, Timestamp, Tx};

typed_id!(
    /// A membership.
    MembershipId
);

/// A role of a person at a place, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// Whose.
    pub account: AccountId,
    /// Which role, where.
    pub grant: Grant,
    /// Where it stands.
    pub state: MembershipState,
    /// Why it is believed.
    pub verified_by: VerifiedBy,
    /// When it was asked for or given.
    pub created_at: Timestamp,
    /// Since when it holds.
    pub started_at: Option<Timestamp>,
    /// When it ended or was declined.
    pub ended_at: Option<Timestamp>,
}

/// Where a membership stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipState {
    /// The person asked; the principal has not answered.
    Asked,
    /// It holds.
    Current,
    /// It held once.
    Ended,
    /// It was asked for and not given.
    Declined,
}

impl MembershipState {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Current => "current",
            Self::Ended => "ended",
            Self::Declined => "declined",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Asked, Self::Current, Self::Ended, Self::Declined].into_iter().find(|state| state.code() == code)
    }
}

/// Why a membership is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifiedBy {
    /// Not yet.
    Nobody,
    /// The person's address is of the school's domain.
    Domain,
    /// The principal invited them.
    Invitation,
    /// They are on an imported roster.
    Roster,
    /// An administrator says so.
    Admin,
    /// The principal answered their request.
    Principal,
}

impl VerifiedBy {
    const ALL: [Self; 6] = [Self::Nobody, Self::Domain, Self::Invitation, Self::Roster, Self::Admin, Self::Principal];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Domain => "domain",
            Self::Invitation => "invitation",
            Self::Roster => "roster",
            Self::Admin => "admin",
            Self::Principal => "principal",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// Every role the account holds now. One statement.
pub(super) async fn grants(conn: &impl Connection, account: AccountId) -> Result<Vec<Grant>> {
    let rows = store::of_account(conn, account, &[MembershipState::Current]).await?;
    Ok(rows.into_iter().map(|membership| membership.grant).collect())
}

/// The same in a transaction, for the entrance: what somebody holds who is not signed in yet.
pub async fn held(tx: &Tx, account: AccountId) -> Result<Vec<Grant>> {
    grants(tx.conn(), account).await
}

/// Everything the account asked for, holds or held, oldest first.
pub async fn memberships_of(cx: &Cx, account: AccountId) -> Result<Vec<Membership>> {
    store::of_account(cx.conn(), account, &[]).await
}

/// Gives somebody a role at a place. Who has it keeps it; a request that waits for it is answered by it.
pub async fn appoint(tx: &mut Tx, account: AccountId, grant: Grant, because: VerifiedBy) -> Result<MembershipId> {
    let permit = policy::appoint(tx.actor(), account, grant, because)?;
    let membership = match store::open(tx.conn(), account, grant).await? {
        Some(open) if open.state == MembershipState::Current => return Ok(open.id),
        Some(asked) => {
            Membership { state: MembershipState::Current, verified_by: because, started_at: Some(tx.now()), ..asked }
        }
        None => Membership {
            id: MembershipId::fresh(),
            account,
            grant,
            state: MembershipState::Current,
            verified_by: because,
            created_at: tx.now(),
            started_at: Some(tx.now()),
            ended_at: None,
        },
    };
    store::save(tx.conn(), &membership, tx.actor().account()).await?;
    let detail = serde_json::json!({
        "account": account.0, "role": grant.role.code(), "place": place_id(grant.place), "verified_by": because.code(),
    });
    tx.record(&permit, Event::about("membership.began", "membership", membership.id.0).with(detail)).await?;
    Ok(membership.id)
}

/// The id of a place, for events; none for the whole installation.
pub(super) fn place_id(place: Place) -> Option<uuid::Uuid> {
    match place {
        Place::School(id) | Place::Organization(id) => Some(id),
        Place::Installation => None,
    }
}

/// Whether a role can be held at a place of this kind: teachers at schools, editors everywhere.
pub fn fits(role: Role, place: Place) -> bool {
    match role {
        Role::Teacher | Role::Principal | Role::Delegate => matches!(place, Place::School(_)),
        Role::Organizer => matches!(place, Place::School(_) | Place::Organization(_)),
        Role::CompactOwner | Role::Mayor => matches!(place, Place::Organization(_)),
        Role::Editor | Role::CityAdmin => place == Place::Installation,
    }
}
