//! Invitations: a principal, a delegate or an administrator names an address and a role, and a letter goes there. Whoever
//! brings its secret has proven the mailbox; accepting gives the role to the account of that address, which opens if it must.
//!
//! An invitation holds for 14 days, once, and as long as whoever sent it may still give the role. Sending it again makes a new
//! one and ends the old link.

use chrono::TimeDelta;
use serde_json::json;

use super::account::{self, Account, AccountId, AccountState, NewAccount, check_person_name};
use super::domain;
use super::membership::{self, MembershipState, VerifiedBy, place_id};
use super::policy;
use super::store::{accounts, domains, invitations as store, memberships};
use crate::mail::{self, Email, Letter, Letterhead};
use crate::platform::chance::Ticket;
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Grant, Place, Result, Role, Timestamp, Tx};

typed_id!(
    /// An invitation.
    InvitationId
);

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: Email,
    /// How they are called, as the inviter wrote it.
    pub name: String,
    /// To which role, where.
    pub grant: Grant,
    /// Who invited; `None` is the program.
    pub invited_by: Option<AccountId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// By which account.
    pub accepted_by: Option<AccountId>,
    /// When it was withdrawn, or sent again as another.
    pub withdrawn_at: Option<Timestamp>,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// It may be accepted.
    Waiting,
    /// It was.
    Accepted,
    /// It was withdrawn, or sent again.
    Withdrawn,
    /// Its time is over.
    Expired,
}

impl InvitationState {
    /// As the API spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

impl Invitation {
    /// Where it stands at this moment.
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match self {
            Self { accepted_at: Some(_), .. } => InvitationState::Accepted,
            Self { withdrawn_at: Some(_), .. } => InvitationState::Withdrawn,
            _ if self.expires_at <= now => InvitationState::Expired,
            _ => InvitationState::Waiting,
        }
    }
}

/// An invitation to send.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The address, as it was typed.
    pub email: String,
    /// How the person is called.
    pub name: String,
    /// To which role, where.
    pub grant: Grant,
}

/// An invitation may be accepted for so long.
const HOLDS: TimeDelta = TimeDelta::days(14);
/// Letters that one person sends by inviting in a day: more than a large school has staff.
const A_DAY: u64 = 300;

/// Invites somebody by letter. Who was invited to the same before gets a new letter, and the old link ends.
pub async fn invite(tx: &mut Tx, head: &Letterhead, new: NewInvitation) -> Result<InvitationId> {
    if !policy::oversees(tx.actor(), new.grant.place) {
        // Roles of a school that the actor has nothing to do with.
        return match new.grant.place {
            Place::School(_) => Err(Error::NotFound("school")),
            _ => Err(policy::invite(tx.actor(), new.grant).err().unwrap_or(Error::NotFound("place"))),
        };
    }
    let permit = policy::invite(tx.actor(), new.grant)?;
    let place = domain::place_name(tx.conn(), new.grant.place).await?;
    let mut errors = FieldErrors::default();
    check_person_name(&mut errors, "name", &new.name);
    let email = match Email::parse(&new.email) {
        Ok(email) => Some(email),
        Err(sentence) => {
            errors.add("email", sentence);
            None
        }
    };
    let Some(email) = errors.or(email)? else { return Err(Error::internal("an address that is none")) };
    if let Place::School(school) = new.grant.place
        && !domains::is_open(tx.conn(), super::SchoolId(school)).await?
    {
        return Err(Error::Conflict("This school is closed here; nobody joins it any more.".to_owned()));
    }
    if let Some(known) = accounts::by_email(tx.conn(), email.as_str()).await? {
        // Leads are not told whose account is closed; accepting is refused.
        if known.state != AccountState::Active && policy::administers(tx.actor()) {
            return Err(Error::invalid(
                "email",
                "The account of this address is closed; ask the city's administrators.",
            ));
        }
        let open = memberships::open(tx.conn(), known.id, new.grant).await?;
        if open.is_some_and(|open| open.state == MembershipState::Current) {
            return Err(Error::invalid("email", "This person has that role there already."));
        }
    }
    let inviter = tx.actor().account().map(AccountId);
    if let Some(inviter) = inviter
        && store::sent_since(tx.conn(), inviter, tx.now() - TimeDelta::days(1)).await? >= A_DAY
    {
        return Err(Error::TooMany { wait: std::time::Duration::from_secs(6 * 60 * 60) });
    }
    for old in store::unanswered_of(tx.conn(), &email, new.grant).await? {
        store::withdraw(tx.conn(), old, tx.now()).await?;
        tx.record(&permit, Event::about("invitation.replaced", "invitation", old.0)).await?;
    }
    let ticket = Ticket::fresh()?;
    let invitation = Invitation {
        id: InvitationId::fresh(),
        email,
        name: new.name.trim().to_owned(),
        grant: new.grant,
        invited_by: inviter,
        created_at: tx.now(),
        expires_at: tx.now() + HOLDS,
        accepted_at: None,
        accepted_by: None,
        withdrawn_at: None,
    };
    store::insert(tx.conn(), &invitation, ticket.hash()).await?;
    let detail = json!({ "role": new.grant.role.code(), "place": place_id(new.grant.place) });
    tx.record(&permit, Event::about("invitation.sent", "invitation", invitation.id.0).with(detail)).await?;
    let by = tx.actor().person().map_or("The city's administrators".to_owned(), |person| person.name.clone());
    mail::enqueue(tx, head, letter(head, &invitation, &ticket, &by, &place)).await?;
    Ok(invitation.id)
}

fn letter(head: &Letterhead, invitation: &Invitation, ticket: &Ticket, by: &str, place: &str) -> Letter {
    let role = role_words(invitation.grant.role);
    let letter = Letter::new(
        "invitation",
        format!("invitation:{}", invitation.id),
        invitation.email.as_str(),
        format!("{by} invites you to {place}"),
    )
    .say(format!("{}, {by} invites you to join {place} {role}.", invitation.name))
    .say("Common Ground is where district and charter schools share what works. Taking part is voluntary.")
    .button("See the invitation", head.link(&format!("/invitations/{}", ticket.reveal())))
    .say("Nothing happens until you accept. The link works once, for 14 days. If you do not know the sender, do nothing.")
    .because(format!("{by} gave this address to invite you."))
    .secret_until(invitation.expires_at);
    match invitation.invited_by {
        Some(inviter) => letter.about(inviter.0),
        None => letter,
    }
}

/// "as a teacher": how letters and pages name a role.
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Teacher => "as a teacher or member of the staff",
        Role::Principal => "as its principal",
        Role::Delegate => "as a delegate of its principal",
        Role::Organizer => "as an organizer of sessions",
        Role::Editor => "as an editor",
        Role::CompactOwner => "as an owner of its commitments",
        Role::Mayor => "for the mayor's office",
        Role::CityAdmin => "as an administrator",
    }
}

/// The roles that the actor may invite to at a place.
pub fn roles_for(actor: &Actor, place: Place) -> Vec<Role> {
    let may = |role: &Role| policy::invite(actor, Grant { role: *role, place }).is_ok();
    Role::ALL.into_iter().filter(may).collect()
}

/// Sends an invitation again that was not accepted: a new one takes its place.
pub async fn resend(tx: &mut Tx, head: &Letterhead, id: InvitationId) -> Result<InvitationId> {
    let old = store::by_id(tx.conn(), id).await?.filter(|old| policy::oversees(tx.actor(), old.grant.place));
    let old = old.ok_or(Error::NotFound("invitation"))?;
    match old.state(tx.now()) {
        InvitationState::Accepted => Err(Error::Conflict("This invitation has been accepted already.".to_owned())),
        InvitationState::Withdrawn => {
            Err(Error::Conflict("This invitation was withdrawn or sent again; invite the person anew.".to_owned()))
        }
        InvitationState::Waiting | InvitationState::Expired => {
            let again = NewInvitation { email: old.email.as_str().to_owned(), name: old.name, grant: old.grant };
            invite(tx, head, again).await
        }
    }
}

/// Withdraws an invitation: its link ends. Twice is as good as once.
pub async fn withdraw(tx: &mut Tx, id: InvitationId) -> Result<()> {
    let old = store::by_id(tx.conn(), id).await?.filter(|old| policy::oversees(tx.actor(), old.grant.place));
    let old = old.ok_or(Error::NotFound("invitation"))?;
    let permit = policy::invite(tx.actor(), old.grant)?;
    if old.accepted_at.is_some() {
        return Err(Error::Conflict(
            "This invitation has been accepted already; end the membership instead.".to_owned(),
        ));
    }
    if store::withdraw(tx.conn(), id, tx.now()).await? {
        tx.record(&permit, Event::about("invitation.withdrawn", "invitation", id.0)).await?;
    }
    Ok(())
}

/// One invitation, for the leads of its school and for administrators.
pub async fn invitation(cx: &Cx, id: InvitationId) -> Result<Invitation> {
    let found = store::by_id(cx.conn(), id).await?;
    found.filter(|found| policy::oversees(cx.actor(), found.grant.place)).ok_or(Error::NotFound("invitation"))
}

/// Invitations neither accepted nor withdrawn, the newest first, 500 at most: of one place for those who oversee it, of all
/// places for administrators. Those whose time is over are among them, to be sent again.
pub async fn list(cx: &Cx, place: Option<Place>) -> Result<Vec<Invitation>> {
    if !policy::oversees(cx.actor(), place.unwrap_or(Place::Installation)) {
        return Err(Error::NotFound("invitation"));
    }
    store::unanswered(cx.conn(), place).await
}

/// What the link of a letter shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The invitation.
    pub invitation: Invitation,
    /// Name of the school or office.
    pub place: String,
    /// Who invites; "The city's administrators" where nobody else.
    pub by: String,
    /// Whether it may still be accepted; why not otherwise, in a sentence.
    pub closed: Option<&'static str>,
}

const WITHDRAWN: &str = "This invitation no longer holds: it was withdrawn, or a newer letter is in your mailbox.";
const EXPIRED: &str = "This invitation is older than 14 days; ask for a new one.";
const ACCEPTED: &str = "This invitation has been accepted already; sign in as usual.";
const ORPHANED: &str = "Whoever sent this invitation no longer speaks for the school; ask the school for a new one.";

/// What a secret invites to. The secret alone is asked: whoever has it has the letter.
pub async fn shown(cx: &Cx, ticket: &Ticket) -> Result<Shown> {
    let invitation = store::by_hash(cx.conn(), &ticket.hash()).await?.ok_or(Error::NotFound("invitation"))?;
    let place = domain::place_name(cx.conn(), invitation.grant.place).await?;
    let by = match invitation.invited_by {
        Some(id) => accounts::by_id(cx.conn(), id).await?.map(|account| account.name),
        None => None,
    };
    let closed = match invitation.state(cx.now()) {
        InvitationState::Accepted => Some(ACCEPTED),
        InvitationState::Withdrawn => Some(WITHDRAWN),
        InvitationState::Expired => Some(EXPIRED),
        InvitationState::Waiting if !stands(cx.conn(), &invitation).await? => Some(ORPHANED),
        InvitationState::Waiting => None,
    };
    Ok(Shown { invitation, place, by: by.unwrap_or_else(|| "The city's administrators".to_owned()), closed })
}

/// Whether whoever sent it may still give the role.
async fn stands(conn: &impl super::store::Connection, invitation: &Invitation) -> Result<bool> {
    let Some(inviter) = invitation.invited_by else { return Ok(policy::still_invites(None, invitation.grant)) };
    let active = accounts::by_id(conn, inviter).await?.is_some_and(|account| account.state == AccountState::Active);
    let held = if active { membership::grants(conn, inviter).await? } else { Vec::new() };
    Ok(policy::still_invites(Some(&held), invitation.grant))
}

/// What accepting came to.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The account that has the role now.
    pub account: AccountId,
    /// The role, where.
    pub grant: Grant,
    /// Whether the person has never seen the first-visit page.
    pub fresh: bool,
}

/// Accepts an invitation. The secret proves the mailbox: the role goes to the account of its address, which opens if it must,
/// and to no other; somebody signed in as another is told so.
pub async fn accept(tx: &mut Tx, ticket: &Ticket) -> Result<Accepted> {
    let permit = policy::accept_invitation(tx.actor())?;
    let found = store::by_hash(tx.conn(), &ticket.hash()).await?.ok_or(Error::NotFound("invitation"))?;
    let refused = |sentence: &str| Err(Error::Conflict(sentence.to_owned()));
    match found.state(tx.now()) {
        InvitationState::Accepted => return refused(ACCEPTED),
        InvitationState::Withdrawn => return refused(WITHDRAWN),
        InvitationState::Expired => return refused(EXPIRED),
        InvitationState::Waiting => {}
    }
    if !stands(tx.conn(), &found).await? {
        return refused(ORPHANED);
    }
    if let Place::School(school) = found.grant.place
        && !domains::is_open(tx.conn(), super::SchoolId(school)).await?
    {
        return refused("This school is closed here; nobody joins it any more.");
    }
    let known = accounts::by_email(tx.conn(), found.email.as_str()).await?;
    if let Some(actor) = tx.actor().account()
        && known.as_ref().is_none_or(|known| known.id.0 != actor)
    {
        return refused("You are signed in as somebody else; sign out first, and open the letter's link again.");
    }
    if known.as_ref().is_some_and(|known| known.state != AccountState::Active) {
        return refused("The account of this address is closed; ask the city's administrators.");
    }
    let new = NewAccount { email: found.email.clone(), name: Some(found.name.clone()), confirmed: true };
    let id = account::open_account(tx, new).await?;
    if !store::accept(tx.conn(), found.id, id, tx.now()).await? {
        return refused(ACCEPTED);
    }
    let person = accounts::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    if person.email_confirmed_at.is_none() {
        let proven = Account { email_confirmed_at: Some(tx.now()), updated_at: tx.now(), ..person.clone() };
        accounts::update(tx.conn(), &proven).await?;
        tx.record(&permit, Event::about("account.address_proven", "account", id.0)).await?;
    }
    let detail = json!({ "account": id.0, "role": found.grant.role.code(), "place": place_id(found.grant.place) });
    tx.record(&permit, Event::about("invitation.accepted", "invitation", found.id.0).with(detail)).await?;
    membership::begin(tx, &permit, id, found.grant, VerifiedBy::Invitation).await?;
    Ok(Accepted { account: id, grant: found.grant, fresh: person.welcomed_at.is_none() })
}
