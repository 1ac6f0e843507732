//! What administrators do with people: find them, give and end roles, close accounts and open them again.

use std::collections::HashMap;

use uuid::Uuid;

use super::account::{Account, AccountId, AccountState};
use super::membership::{self, Membership, MembershipId, VerifiedBy};
use super::policy;
use super::school::{Organization, OrganizationId, School, SchoolId};
pub use super::store::admin::Wanted;
use super::store::{accounts, admin as store, memberships, places};
use crate::mail::Letterhead;
use crate::platform::{Actor, Cx, Error, Event, Grant, Place, Result, Role, Tx};

/// Whether the actor may look at the administration at all: asked before anything is looked up there.
pub fn enter(actor: &Actor) -> Result<()> {
    policy::look_after(actor)
}

/// Somebody in a list: the account and what they hold or asked for.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// The account.
    pub account: Account,
    /// Memberships that are asked for or hold, oldest first.
    pub memberships: Vec<Membership>,
}

/// One page of people in the order of names, after the account given, and how many there are. Three statements.
pub async fn people(cx: &Cx, wanted: &Wanted, after: Option<AccountId>, limit: u64) -> Result<(u64, Vec<Somebody>)> {
    policy::look_after(cx.actor())?;
    let wanted = Wanted { text: wanted.text.replace(char::is_control, " ").trim().to_owned(), ..wanted.clone() };
    let after = match after {
        Some(id) => {
            let unknown = || Error::Unreadable {
                parameter: "cursor",
                message: "Give the `next` of the page before, or leave it out.".to_owned(),
            };
            let last = accounts::by_id(cx.conn(), id).await?.ok_or_else(unknown)?;
            Some((last.name, last.id.0))
        }
        None => None,
    };
    let (total, found) = store::people(cx.conn(), &wanted, after, limit).await?;
    let ids: Vec<AccountId> = found.iter().map(|account| account.id).collect();
    let mut memberships = store::open_memberships(cx.conn(), &ids).await?;
    let somebody =
        |account: Account| Somebody { memberships: memberships.remove(&account.id).unwrap_or_default(), account };
    Ok((total, found.into_iter().map(somebody).collect()))
}

/// One person with everything they asked for, hold or held, oldest first.
pub async fn somebody(cx: &Cx, id: AccountId) -> Result<Somebody> {
    policy::look_after(cx.actor())?;
    let account = accounts::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("person"))?;
    Ok(Somebody { memberships: membership::memberships_of(cx, id).await?, account })
}

/// What a place is called and where its page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceLine {
    /// The place.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// Its name in addresses; none for the whole installation.
    pub slug: Option<String>,
    /// What tells it from others of the same name: "Old Mill, Rivermark", "District or agency".
    pub hint: String,
}

impl PlaceLine {
    /// The whole installation.
    pub fn everywhere() -> Self {
        Self { place: Place::Installation, name: "The whole installation".to_owned(), slug: None, hint: String::new() }
    }

    /// A school.
    pub fn school(school: &School) -> Self {
        let hint = match (school.closed_on, school.place()) {
            (Some(_), place) if place.is_empty() => "closed".to_owned(),
            (Some(_), place) => format!("{place}, closed"),
            (None, place) => place,
        };
        Self { place: Place::School(school.id.0), name: school.name.clone(), slug: Some(school.slug.clone()), hint }
    }

    /// An organization.
    pub fn organization(organization: &Organization) -> Self {
        Self {
            place: Place::Organization(organization.id.0),
            name: organization.name.clone(),
            slug: Some(organization.slug.clone()),
            hint: organization.kind_label().to_owned(),
        }
    }
}

/// What places are called, in at most three statements, five where schools were merged.
pub async fn place_lines(cx: &Cx, wanted: &[Place]) -> Result<HashMap<Place, PlaceLine>> {
    let (mut schools, mut organizations) = (Vec::new(), Vec::new());
    let mut lines = HashMap::new();
    for place in wanted {
        match place {
            Place::School(id) => schools.push(SchoolId(*id)),
            Place::Organization(id) => organizations.push(OrganizationId(*id)),
            Place::Installation => {
                lines.insert(Place::Installation, PlaceLine::everywhere());
            }
        }
    }
    for (id, school) in super::schools(cx, &schools).await? {
        lines.insert(Place::School(id.0), PlaceLine::school(&school));
    }
    for organization in places::organizations(cx.conn(), &organizations).await? {
        let line = PlaceLine::organization(&organization);
        lines.insert(line.place, line);
    }
    Ok(lines)
}

/// Places one text may mean at most.
const MEANT: u64 = 20;

/// Schools and organizations a typed text may mean: by id, name in addresses or federal id, by exact name, else by part of
/// a name; at most 20 of each.
pub async fn places_meant(cx: &Cx, text: &str) -> Result<Vec<PlaceLine>> {
    policy::look_after(cx.actor())?;
    let text = text.replace(char::is_control, " ");
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let (schools, organizations) = places::named(cx.conn(), text.trim(), MEANT).await?;
    let organizations = organizations.iter().map(PlaceLine::organization);
    Ok(schools.iter().map(PlaceLine::school).chain(organizations).collect())
}

/// Numbers of the first page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overview {
    /// Accounts in use.
    pub people: u64,
    /// Schools, without those that became part of another.
    pub schools: u64,
    /// Organizations.
    pub organizations: u64,
}

/// How much there is.
pub async fn overview(cx: &Cx) -> Result<Overview> {
    policy::look_after(cx.actor())?;
    let (schools, organizations) = places::counts(cx.conn()).await?;
    Ok(Overview { people: store::count(cx.conn()).await?, schools, organizations })
}

/// Gives somebody a role at a place, by an administrator's word.
pub async fn give_role(tx: &mut Tx, account: AccountId, grant: Grant) -> Result<MembershipId> {
    policy::appoint(tx.actor(), account, grant, VerifiedBy::Admin).map(drop)?;
    let found = accounts::by_id(tx.conn(), account).await?.ok_or(Error::NotFound("person"))?;
    if found.state != AccountState::Active {
        return Err(Error::Conflict("This account is closed; open it again before you give it a role.".to_owned()));
    }
    match grant.place {
        Place::School(id) => {
            let school = places::lock(tx.conn(), &[SchoolId(id)]).await?.pop().ok_or(Error::NotFound("school"))?;
            if school.closed_on.is_some() || school.merged_into.is_some() {
                return Err(Error::invalid(
                    "place",
                    "This school is closed or became part of another; choose an open one.",
                ));
            }
        }
        Place::Organization(id) => {
            if places::organizations(tx.conn(), &[OrganizationId(id)]).await?.is_empty() {
                return Err(Error::NotFound("organization"));
            }
        }
        Place::Installation => {}
    }
    membership::appoint(tx, account, grant, VerifiedBy::Admin).await
}

/// Ends a role of this person, as [`membership::end`] does it.
pub async fn end_role(tx: &mut Tx, head: &Letterhead, account: AccountId, id: MembershipId) -> Result<()> {
    policy::administer_accounts(tx.actor()).map(drop)?;
    let found = memberships::by_id(tx.conn(), id).await?.filter(|membership| membership.account == account);
    let Some(found) = found else { return Err(Error::NotFound("membership")) };
    if found.grant.role == Role::CityAdmin {
        // Taken before the row itself, so that two who end each other's role wait and do not stop each other.
        store::administrators(tx.conn()).await?;
    }
    membership::end(tx, head, id).await
}

/// Closes an account: every sign-in and token of it is refused with the next request, and those that were made before do
/// not come back when it is opened again. Hours and history stay. Closed already is as good.
pub async fn deactivate(tx: &mut Tx, id: AccountId) -> Result<()> {
    let permit = policy::administer_accounts(tx.actor())?;
    if tx.actor().account() == Some(id.0) {
        return Err(Error::Conflict("You cannot close your own account here; ask another administrator.".to_owned()));
    }
    // The roles before the account, as wherever an administrator leaves.
    keep_one(tx, id).await?;
    let account = accounts::lock(tx.conn(), id).await?.ok_or(Error::NotFound("person"))?;
    match account.state {
        AccountState::Deactivated => return Ok(()),
        AccountState::Erased => return Err(erased()),
        AccountState::Active => {}
    }
    let now = tx.now();
    let closed = Account { state: AccountState::Deactivated, valid_from: Some(now), updated_at: now, ..account };
    accounts::update(tx.conn(), &closed).await?;
    tx.record(&permit, Event::about("account.deactivated", "account", id.0)).await
}

/// Opens an account that was closed: its person signs in anew.
pub async fn reactivate(tx: &mut Tx, id: AccountId) -> Result<()> {
    let permit = policy::administer_accounts(tx.actor())?;
    let account = accounts::lock(tx.conn(), id).await?.ok_or(Error::NotFound("person"))?;
    match account.state {
        AccountState::Active => return Ok(()),
        AccountState::Erased => return Err(erased()),
        AccountState::Deactivated => {}
    }
    let open = Account { state: AccountState::Active, updated_at: tx.now(), ..account };
    accounts::update(tx.conn(), &open).await?;
    tx.record(&permit, Event::about("account.reactivated", "account", id.0)).await
}

fn erased() -> Error {
    Error::Conflict("This account was erased at its person's wish; it stays as it is.".to_owned())
}

/// Refuses where nobody but `leaving` administers the installation.
pub(super) async fn keep_one(tx: &Tx, leaving: AccountId) -> Result<()> {
    let administrators = store::administrators(tx.conn()).await?;
    if !administrators.contains(&leaving) || administrators.iter().any(|other| *other != leaving) {
        return Ok(());
    }
    Err(Error::Conflict("This is the last city administrator; make somebody else one first.".to_owned()))
}

/// The installation as a place to choose, and the id of any other, as forms and the API spell it: `school:ID`.
pub fn place_code(place: Place) -> String {
    match place {
        Place::School(id) => format!("school:{id}"),
        Place::Organization(id) => format!("organization:{id}"),
        Place::Installation => "installation".to_owned(),
    }
}

/// The place of a code.
pub fn parse_place(code: &str) -> Option<Place> {
    let id = |text: &str| text.parse::<Uuid>().ok();
    match code.split_once(':') {
        Some(("school", text)) => id(text).map(Place::School),
        Some(("organization", text)) => id(text).map(Place::Organization),
        None if code == "installation" => Some(Place::Installation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_there_and_back() {
        let id = AccountId::fresh().0;
        for place in [Place::School(id), Place::Organization(id), Place::Installation] {
            assert_eq!(parse_place(&place_code(place)), Some(place));
        }
        for none in ["", "school", "school:x", "city:1", "installation:1"] {
            assert_eq!(parse_place(none), None, "{none}");
        }
    }
}
