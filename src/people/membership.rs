//! Who belongs where, in which role. One row for each: asked for, current, ended; rows are never taken out, so that what
//! somebody did stays explained by what they were.
//!
//! Whoever has proven an address of the school's domain joins at once ([`join`]); others ask, and the school's leads answer.
//! What ends here counts no more with the next request, because roles are read with each.

mod letters;

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::account::{Account, AccountId};
use super::domain;
use super::policy;
use super::school::SchoolId;
use super::store::{Connection, accounts, domains, memberships as store};
use crate::mail::{self, Letter, Letterhead};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, Grant, Permit, Place, Result, Role, Timestamp, Tx};

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

/// The same of many. One statement for every 900.
pub(super) async fn grants_of(
    conn: &impl Connection,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Grant>>> {
    store::grants(conn, accounts).await
}

/// The same in a transaction, for the entrance: what somebody holds who is not signed in yet.
pub async fn held(tx: &Tx, account: AccountId) -> Result<Vec<Grant>> {
    grants(tx.conn(), account).await
}

/// Who somebody is, what they hold and where their schools belong, at one moment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The account, whatever its state.
    pub account: Account,
    /// Every role held now.
    pub grants: Vec<Grant>,
    /// Code of the sector of each school among them.
    pub sectors: HashMap<SchoolId, Option<String>>,
}

/// How somebody stands now: for what is decided by it while others wait. One statement.
pub async fn standing(tx: &Tx, account: AccountId) -> Result<Option<Standing>> {
    store::standing(tx.conn(), account).await
}

/// The states of schools to which accounts belong now, of one school each: for times of the day, where they have not said a
/// zone. One statement for every 900.
pub async fn states_of(cx: &Cx, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    store::states(cx.conn(), accounts).await
}

/// The same inside a transaction.
pub async fn states_of_in(tx: &Tx, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    store::states(tx.conn(), accounts).await
}

/// Who answers for a school: its principals and delegates whose accounts may be used. Two statements each.
pub async fn leads_of(tx: &Tx, school: SchoolId) -> Result<(Vec<Account>, Vec<Account>)> {
    let place = Place::School(school.0);
    let principals = store::holders(tx.conn(), &[Role::Principal], place).await?;
    let delegates = store::holders(tx.conn(), &[Role::Delegate], place).await?;
    Ok((principals, delegates))
}

/// Who holds one of these roles at a place and may use their account. Two statements.
pub async fn holders(tx: &Tx, roles: &[Role], place: Place) -> Result<Vec<Account>> {
    store::holders(tx.conn(), roles, place).await
}

/// Everything the account asked for, holds or held, oldest first.
pub async fn memberships_of(cx: &Cx, account: AccountId) -> Result<Vec<Membership>> {
    store::of_account(cx.conn(), account, &[]).await
}

/// Whether the school takes people in and the account never asked for, held or lost anything there.
pub async fn new_at(tx: &Tx, account: AccountId, school: SchoolId) -> Result<bool> {
    if !domains::is_open(tx.conn(), school).await? {
        return Ok(false);
    }
    let history = store::of_account(tx.conn(), account, &[]).await?;
    Ok(!history.iter().any(|membership| membership.grant.place == Place::School(school.0)))
}

/// One membership, for whoever may know of it.
pub async fn membership(cx: &Cx, id: MembershipId) -> Result<Membership> {
    let found = store::by_id(cx.conn(), id).await?;
    found.filter(|membership| policy::knows_of(cx.actor(), membership)).ok_or(Error::NotFound("membership"))
}

/// A membership with the person, as the leads of their school see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The membership.
    pub membership: Membership,
    /// The person.
    pub account: Account,
}

/// Who belongs to a school now and who asks to, oldest first. For its leads and for administrators; for everybody else there
/// is no such list. Two statements.
pub async fn of_school(cx: &Cx, school: SchoolId) -> Result<Vec<Colleague>> {
    let place = Place::School(school.0);
    if !policy::oversees(cx.actor(), place) {
        return Err(Error::NotFound("school"));
    }
    let rows = store::at(cx.conn(), place, &[MembershipState::Current, MembershipState::Asked]).await?;
    let ids: Vec<AccountId> = rows.iter().map(|membership| membership.account).collect();
    let accounts = store::accounts_by_id(cx.conn(), &ids).await?;
    let colleague = |membership: Membership| {
        let account = accounts.get(&membership.account)?.clone();
        Some(Colleague { membership, account })
    };
    Ok(rows.into_iter().filter_map(colleague).collect())
}

/// Whether the actor may end this membership: for showing the button.
pub fn may_end(actor: &Actor, membership: &Membership) -> bool {
    policy::end(actor, membership).is_ok()
}

/// Whether the actor may name delegates of a school.
pub fn may_name_delegates(actor: &Actor, school: SchoolId) -> bool {
    policy::name_delegate(actor, school.0).is_ok()
}

/// Whether the actor may see who belongs to a place, and answer for it.
pub fn oversees(actor: &Actor, place: Place) -> bool {
    policy::oversees(actor, place)
}

/// Gives somebody a role at a place. Who has it keeps it; a request that waits for it is answered by it.
pub async fn appoint(tx: &mut Tx, account: AccountId, grant: Grant, because: VerifiedBy) -> Result<MembershipId> {
    let permit = policy::appoint(tx.actor(), account, grant, because)?;
    Ok(begin(tx, &permit, account, grant, because).await?.0)
}

/// What [`appoint`] does once it is permitted; whether something began.
pub(super) async fn begin(
    tx: &mut Tx,
    permit: &Permit,
    account: AccountId,
    grant: Grant,
    because: VerifiedBy,
) -> Result<(MembershipId, bool)> {
    let membership = match store::open(tx.conn(), account, grant).await? {
        Some(open) if open.state == MembershipState::Current => return Ok((open.id, false)),
        Some(asked) => {
            Membership { state: MembershipState::Current, verified_by: because, started_at: Some(tx.now()), ..asked }
        }
        None => {
            let fresh = Membership::fresh(account, grant, tx.now());
            Membership { state: MembershipState::Current, verified_by: because, started_at: Some(tx.now()), ..fresh }
        }
    };
    store::save(tx.conn(), &membership, tx.actor().account()).await?;
    let detail = json!({
        "account": account.0, "role": grant.role.code(), "place": place_id(grant.place), "verified_by": because.code(),
    });
    tx.record(permit, Event::about("membership.began", "membership", membership.id.0).with(detail)).await?;
    Ok((membership.id, true))
}

/// How somebody came to a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// A member at once: their address is of the school.
    Member(MembershipId),
    /// The school is asked.
    Asked(MembershipId),
}

/// Schools that somebody waits for at the same time, at most: each of them gets a letter.
const REQUESTS: usize = 5;
/// Requests that somebody makes in a day, those taken back among them.
const A_DAY: usize = 10;
/// After a no, the same school is not asked again for so long.
const REST: TimeDelta = TimeDelta::days(7);

/// Brings the actor to a school as a teacher: at once where their proven address is of the school's domain; otherwise the
/// school's leads are asked by letter, or the city's administrators where it has no principal yet. Whom somebody else ended
/// or declined there asks too: the address alone does not undo that. Doing it twice is as good as once.
pub async fn join(tx: &mut Tx, head: &Letterhead, account: AccountId, school: SchoolId) -> Result<Joined> {
    let permit = policy::ask(tx.actor(), account)?;
    // Held, so that requests at the same moment are counted one after the other.
    let person = accounts::lock(tx.conn(), account).await?.ok_or(Error::NotFound("account"))?;
    let grant = Grant { role: Role::Teacher, place: Place::School(school.0) };
    let at_once = proves(tx, &person, school).await? && !store::turned_away(tx.conn(), account, grant).await?;
    match store::open(tx.conn(), account, grant).await? {
        Some(open) if open.state == MembershipState::Current => return Ok(Joined::Member(open.id)),
        Some(open) if !at_once => return Ok(Joined::Asked(open.id)),
        _ => {}
    }
    if !domains::is_open(tx.conn(), school).await? {
        return Err(Error::invalid("school", "Choose a school of the list."));
    }
    if at_once {
        return Ok(Joined::Member(appoint(tx, account, grant, VerifiedBy::Domain).await?));
    }
    let all = store::of_account(tx.conn(), account, &[]).await?;
    if all.iter().filter(|membership| membership.state == MembershipState::Asked).count() >= REQUESTS {
        return Err(Error::Conflict(format!("{REQUESTS} schools have not answered you yet; wait for one of them.")));
    }
    // What was given began when its row did; what was asked for began later, or never.
    let day = |m: &&Membership| m.started_at != Some(m.created_at) && tx.now() - m.created_at < TimeDelta::days(1);
    if all.iter().filter(day).count() >= A_DAY {
        let oldest = all.iter().filter(day).map(|m| m.created_at).min().unwrap_or(tx.now());
        let wait = oldest + TimeDelta::days(1) - tx.now();
        return Err(Error::TooMany { wait: wait.to_std().unwrap_or_default() });
    }
    let declined = |m: &Membership| m.grant == grant && m.state == MembershipState::Declined;
    if all.iter().any(|m| declined(m) && m.ended_at.is_some_and(|at| tx.now() - at < REST)) {
        return Err(Error::Conflict(
            "This school declined a few days ago; talk to its principal, who can also invite you.".to_owned(),
        ));
    }
    let asked = Membership::fresh(account, grant, tx.now());
    store::save(tx.conn(), &asked, None).await?;
    let detail = json!({ "account": account.0, "role": grant.role.code(), "place": school.0 });
    tx.record(&permit, Event::about("membership.asked", "membership", asked.id.0).with(detail)).await?;
    letters::tell_of_request(tx, head, &asked, &person, school).await?;
    Ok(Joined::Asked(asked.id))
}

/// Whether the person's proven address is of the school's domain.
async fn proves(tx: &Tx, person: &Account, school: SchoolId) -> Result<bool> {
    let (Some(email), Some(_)) = (&person.email, person.email_confirmed_at) else { return Ok(false) };
    let Some(known) = domains::by_name(tx.conn(), email.domain()).await? else { return Ok(false) };
    let school = super::store::schools(tx.conn(), &[school]).await?.pop();
    Ok(school.is_some_and(|school| domain::covers(known.place, &school)))
}

/// Answers a request: by the school's leads or an administrator. Answered the same twice is as good as once; a request that was
/// answered otherwise, or taken back, is told so.
pub async fn answer(tx: &mut Tx, head: &Letterhead, id: MembershipId, approved: bool) -> Result<Membership> {
    let asked = store::to_change(tx.conn(), id).await?.filter(|m| policy::knows_of(tx.actor(), m));
    let asked = asked.ok_or(Error::NotFound("membership"))?;
    let permit = policy::answer(tx.actor(), &asked)?;
    match (asked.state, approved) {
        (MembershipState::Current, true) | (MembershipState::Declined, false) => return Ok(asked),
        (MembershipState::Asked, _) => {}
        _ => return Err(Error::Conflict("This request has been answered or taken back already.".to_owned())),
    }
    let now = tx.now();
    let (state, verified_by) = match approved {
        true if policy::administers(tx.actor()) => (MembershipState::Current, VerifiedBy::Admin),
        true => (MembershipState::Current, VerifiedBy::Principal),
        false => (MembershipState::Declined, VerifiedBy::Nobody),
    };
    let answered = Membership {
        state,
        verified_by,
        started_at: approved.then_some(now),
        ended_at: (!approved).then_some(now),
        ..asked
    };
    store::save(tx.conn(), &answered, tx.actor().account()).await?;
    let action = if approved { "membership.began" } else { "membership.declined" };
    tx.record(&permit, Event::about(action, "membership", id.0).with(facts(&answered))).await?;
    let place = domain::place_name(tx.conn(), answered.grant.place).await?;
    let person = accounts::by_id(tx.conn(), answered.account).await?;
    if let Some((person, to)) = person.and_then(|person| Some((person.id, person.email?))) {
        let subject = if approved { format!("You belong to {place} now") } else { format!("{place} did not add you") };
        let letter = Letter::new("membership_answer", format!("membership:{id}:answered"), to.as_str(), subject);
        let letter = if approved {
            letter
                .say(format!("{place} approved your request. From now on you act as one of its staff."))
                .button("See your places", head.link("/me/places"))
        } else {
            letter.say(format!(
                "{place} did not approve your request to join it. If that is a mistake, talk to its principal, who can also \
                 invite you."
            ))
        };
        mail::enqueue(tx, head, letter.because("You asked to join this school.").of(person.0)).await?;
    }
    Ok(answered)
}

/// Ends a membership, or takes a request back: by the person, by the school's lead, by an administrator. What it gave is gone
/// with the next request; hours and history stay. Where a teacher's membership ends, every other role of the person at that
/// school ends with it, and the actor must be allowed each. Ended twice is as good as once.
pub async fn end(tx: &mut Tx, head: &Letterhead, id: MembershipId) -> Result<()> {
    let first = store::to_change(tx.conn(), id).await?.filter(|m| policy::knows_of(tx.actor(), m));
    let first = first.ok_or(Error::NotFound("membership"))?;
    if matches!(first.state, MembershipState::Ended | MembershipState::Declined) {
        return Ok(());
    }
    let whole = first.grant.role == Role::Teacher && first.state == MembershipState::Current;
    let ending = match whole {
        true => store::of_person_at(tx.conn(), first.account, first.grant.place).await?,
        false => vec![first.clone()],
    };
    for membership in &ending {
        let permit = policy::end(tx.actor(), membership)?;
        finish(tx, &permit, membership).await?;
    }
    let place = domain::place_name(tx.conn(), first.grant.place).await?;
    if tx.actor().account() != Some(first.account.0) && first.state == MembershipState::Current {
        letters::tell_of_end(tx, head, &first, whole, &place).await?;
    }
    if ending.iter().any(|m| m.grant.role == Role::Principal) {
        letters::tell_of_vacancy(tx, head, &first, &place).await?;
    }
    Ok(())
}

/// Writes down that a membership is over.
pub(super) async fn finish(tx: &mut Tx, permit: &Permit, membership: &Membership) -> Result<()> {
    if membership.grant.role == Role::CityAdmin && membership.state == MembershipState::Current {
        super::admin::keep_one(tx, membership.account).await?;
    }
    let ended = Membership { state: MembershipState::Ended, ended_at: Some(tx.now()), ..membership.clone() };
    store::save(tx.conn(), &ended, tx.actor().account()).await?;
    tx.record(permit, Event::about("membership.ended", "membership", ended.id.0).with(facts(&ended))).await
}

/// Makes a colleague of the school a delegate of its principal.
pub async fn name_delegate(tx: &mut Tx, head: &Letterhead, school: SchoolId, account: AccountId) -> Result<()> {
    let place = Place::School(school.0);
    if !policy::oversees(tx.actor(), place) {
        return Err(Error::NotFound("school"));
    }
    let permit = policy::name_delegate(tx.actor(), school.0)?;
    let held = store::of_person_at(tx.conn(), account, place).await?;
    if !held.iter().any(|membership| membership.state == MembershipState::Current) {
        return Err(Error::NotFound("membership"));
    }
    let (id, fresh) = begin(tx, &permit, account, Grant { role: Role::Delegate, place }, VerifiedBy::Principal).await?;
    let person = accounts::by_id(tx.conn(), account).await?;
    if let Some((to, true)) = person.and_then(|person| person.email).map(|email| (email, fresh)) {
        let school = super::store::schools(tx.conn(), &[school]).await?.pop().ok_or(Error::NotFound("school"))?;
        let subject = format!("You act for the principal of {}", school.name);
        let letter = Letter::new("delegate_named", format!("membership:{id}:began"), to.as_str(), subject)
            .say(format!(
                "You are a delegate of the principal of {} now: you answer requests and invite teachers.",
                school.name
            ))
            .button("See the staff", head.link(&format!("/schools/{}/staff", school.slug)))
            .because(format!("The principal of {} named you.", school.name))
            .of(account.0);
        mail::enqueue(tx, head, letter).await?;
    }
    Ok(())
}

impl Membership {
    /// One that is asked for now.
    fn fresh(account: AccountId, grant: Grant, now: Timestamp) -> Self {
        Self {
            id: MembershipId::fresh(),
            account,
            grant,
            state: MembershipState::Asked,
            verified_by: VerifiedBy::Nobody,
            created_at: now,
            started_at: None,
            ended_at: None,
        }
    }
}

/// What an event says of a membership.
fn facts(membership: &Membership) -> Value {
    json!({
        "account": membership.account.0, "role": membership.grant.role.code(), "place": place_id(membership.grant.place),
        "verified_by": membership.verified_by.code(),
    })
}

/// The id of a place, for events; none for the whole installation.
pub(in crate::people) fn place_id(place: Place) -> Option<uuid::Uuid> {
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
