//! Who may do what with people and places (product.md, section 7). Pure: who acts and what is asked, nothing else.
//! Everything not permitted here is refused.

use super::account::AccountId;
use super::membership::{Membership, MembershipState, VerifiedBy, fits};
use crate::platform::{Actor, Error, Grant, Permit, Person, Place, Result, Role, Via};

/// Whether the actor runs the installation.
pub fn administers(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: uuid::Uuid) -> bool {
    let place = Place::School(school);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

/// Schools, organizations, their facts, merging and closing.
pub fn administer_places(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators add or change schools and organizations.")
}

/// An account opens for whoever proves an address, is invited, or is on a roster: the operations in front of it see to that.
pub fn open_account(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Giving a role: by administrators any; by the lead of a school teachers and organizers of it, and delegates by its
/// principal; by the person, what a proven domain or an invitation gives.
pub fn appoint(actor: &Actor, account: AccountId, grant: Grant, because: VerifiedBy) -> Result<Permit> {
    if !fits(grant.role, grant.place) {
        return Err(Error::invalid("role", "This role cannot be held there; choose another place or another role."));
    }
    let proven = actor.account() == Some(account.0)
        && match because {
            VerifiedBy::Domain => grant.role == Role::Teacher,
            VerifiedBy::Invitation => true,
            _ => false,
        };
    let led = match (grant.role, grant.place) {
        (Role::Teacher | Role::Organizer, Place::School(school)) => leads(actor, school),
        (Role::Delegate, place @ Place::School(_)) => actor.has(Role::Principal, place),
        _ => false,
    };
    // Nobody makes a lead of themselves by leading.
    let led = led && because == VerifiedBy::Principal;
    Permit::when(
        actor,
        administers(actor) || proven || led,
        "Only the school's principal or the city's administrators give this role.",
    )
}

/// Erasing an account: the person alone, from a browser. A token that got away ends nobody.
pub fn erase_account(actor: &Actor, account: AccountId) -> Result<Permit> {
    let here = |person: &Person| person.account == account.0 && matches!(person.via, Via::SignIn(_));
    let permit = Permit::when(
        actor,
        actor.person().is_some_and(here),
        "Only you erase your account, signed in with your browser.",
    )?;
    if actor.person().is_some_and(|person| !person.recent) { Err(Error::SignInAgain) } else { Ok(permit) }
}

/// A person's own profile, follows and places asked for.
pub fn own_account(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(
        actor,
        actor.is_system() || actor.account() == Some(account.0),
        "Only you change what you say about yourself.",
    )
}

/// Whether the actor may know of a membership: their own, one of a school they lead, or any as an administrator.
pub fn knows_of(actor: &Actor, membership: &Membership) -> bool {
    actor.account() == Some(membership.account.0) || oversees(actor, membership.grant.place)
}

/// Whether the actor may know who belongs to a place, who asks to and who is invited: its leads and administrators. Colleagues
/// know each other without our list.
pub fn oversees(actor: &Actor, place: Place) -> bool {
    administers(actor) || matches!(place, Place::School(school) if leads(actor, school))
}

/// Asking to belong to a school: everybody for themselves, as a teacher.
pub fn ask(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.account() == Some(account.0), "Only you ask for your own place at a school.")
}

/// Answering a request: the leads of the school, and administrators.
pub fn answer(actor: &Actor, membership: &Membership) -> Result<Permit> {
    let may = oversees(actor, membership.grant.place);
    Permit::when(actor, may, "Only the school's principal, a delegate or an administrator answers this.")
}

/// Whether somebody with these powers gives this role away: the same for inviting, and for ending it. Principals give and take
/// delegates, teachers and organizers of their school; delegates the last two; administrators everything.
fn bestows(administers: bool, holds: impl Fn(Role) -> bool, grant: Grant) -> bool {
    let school = matches!(grant.place, Place::School(_));
    match grant.role {
        _ if administers => true,
        Role::Teacher | Role::Organizer => school && (holds(Role::Principal) || holds(Role::Delegate)),
        Role::Delegate => school && holds(Role::Principal),
        _ => false,
    }
}

/// Ending what holds, or taking a request back: by the person; by whoever gives this role. So a delegate ends no principal, and
/// no principal another one.
pub fn end(actor: &Actor, membership: &Membership) -> Result<Permit> {
    let grant = membership.grant;
    let own = actor.account() == Some(membership.account.0);
    let led = membership.state == MembershipState::Current
        && bestows(administers(actor), |role| actor.has(role, grant.place), grant);
    Permit::when(actor, own || led, "Only the person, the school's principal or an administrator ends this.")
}

/// Naming a delegate: the principal, and administrators.
pub fn name_delegate(actor: &Actor, school: uuid::Uuid) -> Result<Permit> {
    let may = administers(actor) || actor.has(Role::Principal, Place::School(school));
    Permit::when(actor, may, "Only the school's principal names delegates.")
}

/// Inviting somebody to a role, and withdrawing the invitation.
pub fn invite(actor: &Actor, grant: Grant) -> Result<Permit> {
    if !fits(grant.role, grant.place) {
        return Err(Error::invalid("role", "This role cannot be held there; choose another place or another role."));
    }
    let may = bestows(administers(actor), |role| actor.has(role, grant.place), grant);
    Permit::when(actor, may, "Only the school's principal or an administrator invites to this role.")
}

/// Whether an invitation still stands on somebody who may give the role, by what they hold now. `None` sent it: the program.
pub fn still_invites(inviter: Option<&[Grant]>, grant: Grant) -> bool {
    let Some(held) = inviter else { return true };
    let holds = |role, place| held.contains(&Grant { role, place });
    bestows(holds(Role::CityAdmin, Place::Installation), |role| holds(role, grant.place), grant)
}

/// Accepting an invitation: whoever brings its secret, which went to the mailbox alone. The operation sees to that.
pub fn accept_invitation(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Bringing a roster in: the command line.
pub fn import_roster(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Rosters are imported on the command line.")
}

// --- The administration ---

/// Looking at what only administrators see: people with their addresses and roles, open invitations, email domains.
pub fn look_after(actor: &Actor) -> Result<()> {
    if administers(actor) {
        return Ok(());
    }
    Permit::when(actor, false, "Only the city's administrators see the administration.").map(drop)
}

/// Closing accounts and opening them again.
pub fn administer_accounts(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators close accounts and open them again.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::people::membership::MembershipId;
    use crate::platform::{Person, Scope, Timestamp, Via};

    const HERE: Place = Place::School(Uuid::from_u128(1));
    const ELSEWHERE: Place = Place::School(Uuid::from_u128(2));
    const OFFICE: Place = Place::Organization(Uuid::from_u128(3));
    const ME: Uuid = Uuid::from_u128(10);
    const OTHER: AccountId = AccountId(Uuid::from_u128(11));

    fn person(grants: &[(Role, Place)], scope: Scope, strong: bool) -> Actor {
        let grants = grants.iter().map(|(role, place)| Grant { role: *role, place: *place }).collect();
        let via = Via::SignIn(Uuid::from_u128(12));
        Actor::Person(Arc::new(Person {
            account: ME,
            name: "Ada".to_owned(),
            via,
            scope,
            strong,
            recent: true,
            grants,
        }))
    }

    /// Everybody the table speaks of, strong and with every scope.
    fn cast() -> Vec<(&'static str, Actor)> {
        let one = |role, place| person(&[(role, place)], Scope::Admin, true);
        vec![
            ("visitor", Actor::Visitor),
            ("nobody", person(&[], Scope::Admin, true)),
            ("teacher", one(Role::Teacher, HERE)),
            ("organizer", one(Role::Organizer, HERE)),
            ("delegate", one(Role::Delegate, HERE)),
            ("principal", one(Role::Principal, HERE)),
            ("principal elsewhere", one(Role::Principal, ELSEWHERE)),
            ("editor", one(Role::Editor, Place::Installation)),
            ("compact owner", one(Role::CompactOwner, OFFICE)),
            ("mayor", one(Role::Mayor, OFFICE)),
            ("admin", one(Role::CityAdmin, Place::Installation)),
            ("weak admin", person(&[(Role::CityAdmin, Place::Installation)], Scope::Admin, false)),
            ("admin's writing token", person(&[(Role::CityAdmin, Place::Installation)], Scope::Write, true)),
            ("principal's reading token", person(&[(Role::Principal, HERE)], Scope::Read, false)),
            ("program", Actor::System("test")),
        ]
    }

    fn others(role: Role, place: Place, state: MembershipState) -> Membership {
        Membership {
            id: MembershipId(Uuid::from_u128(13)),
            account: OTHER,
            grant: Grant { role, place },
            state,
            verified_by: VerifiedBy::Nobody,
            created_at: Timestamp::default(),
            started_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn the_table() {
        use MembershipState::{Asked, Current};
        type Rule = (&'static str, Box<dyn Fn(&Actor) -> bool>, &'static str);
        let grant = |role, place| Grant { role, place };
        let invites = |role, place| move |actor: &Actor| invite(actor, grant(role, place)).is_ok();
        let ends = |role, place, state| move |actor: &Actor| end(actor, &others(role, place, state)).is_ok();
        let gives =
            move |role, place, because| move |actor: &Actor| appoint(actor, OTHER, grant(role, place), because).is_ok();
        let table: Vec<Rule> = vec![
            (
                "see staff",
                Box::new(|a| oversees(a, HERE)),
                "delegate principal admin principal's reading token program",
            ),
            ("see an office's people", Box::new(|a| oversees(a, OFFICE)), "admin program"),
            ("see everybody", Box::new(|a| oversees(a, Place::Installation)), "admin program"),
            (
                "answer",
                Box::new(|a| answer(a, &others(Role::Teacher, HERE, Asked)).is_ok()),
                "delegate principal admin program",
            ),
            ("take another's request back", Box::new(ends(Role::Teacher, HERE, Asked)), ""),
            ("end a teacher", Box::new(ends(Role::Teacher, HERE, Current)), "delegate principal admin program"),
            ("end an organizer", Box::new(ends(Role::Organizer, HERE, Current)), "delegate principal admin program"),
            ("end a delegate", Box::new(ends(Role::Delegate, HERE, Current)), "principal admin program"),
            ("end a principal", Box::new(ends(Role::Principal, HERE, Current)), "admin program"),
            ("end a mayor", Box::new(ends(Role::Mayor, OFFICE, Current)), "admin program"),
            ("invite a teacher", Box::new(invites(Role::Teacher, HERE)), "delegate principal admin program"),
            ("invite an organizer", Box::new(invites(Role::Organizer, HERE)), "delegate principal admin program"),
            ("invite a delegate", Box::new(invites(Role::Delegate, HERE)), "principal admin program"),
            ("invite a principal", Box::new(invites(Role::Principal, HERE)), "admin program"),
            ("invite an office's organizer", Box::new(invites(Role::Organizer, OFFICE)), "admin program"),
            ("invite an admin", Box::new(invites(Role::CityAdmin, Place::Installation)), "admin program"),
            ("invite a teacher of everywhere", Box::new(invites(Role::Teacher, Place::Installation)), ""),
            ("name a delegate", Box::new(|a| name_delegate(a, Uuid::from_u128(1)).is_ok()), "principal admin program"),
            ("ask for another", Box::new(|a| ask(a, OTHER).is_ok()), ""),
            ("import", Box::new(|a| import_roster(a).is_ok()), "program"),
            ("give another by domain", Box::new(gives(Role::Teacher, HERE, VerifiedBy::Domain)), "admin program"),
            (
                "give a teacher's place",
                Box::new(gives(Role::Teacher, HERE, VerifiedBy::Principal)),
                "delegate principal admin program",
            ),
            ("give a principal's", Box::new(gives(Role::Principal, HERE, VerifiedBy::Principal)), "admin program"),
        ];
        for (what, rule, who) in table {
            let mut may: Vec<&str> = Vec::new();
            for (name, actor) in cast() {
                if rule(&actor) {
                    may.push(name);
                }
            }
            assert_eq!(may.join(" "), who, "{what}");
        }
    }

    #[test]
    fn people_decide_for_themselves() {
        let me = person(&[(Role::Principal, HERE)], Scope::Write, false);
        let mine = Membership { account: AccountId(ME), ..others(Role::Principal, HERE, MembershipState::Current) };
        assert!(end(&me, &mine).is_ok() && knows_of(&me, &mine) && ask(&me, AccountId(ME)).is_ok());
        let elsewhere = others(Role::Teacher, ELSEWHERE, MembershipState::Current);
        assert!(!knows_of(&me, &elsewhere) && end(&me, &elsewhere).is_err());
        assert!(end(&person(&[], Scope::Read, false), &mine).is_err(), "a token that may only read");
    }

    #[test]
    fn an_invitation_stands_on_what_its_sender_holds_now() {
        let held = |role, place| [Grant { role, place }];
        let teacher = Grant { role: Role::Teacher, place: HERE };
        let delegate = Grant { role: Role::Delegate, place: HERE };
        assert!(still_invites(None, teacher));
        assert!(still_invites(Some(&held(Role::Delegate, HERE)), teacher));
        assert!(still_invites(Some(&held(Role::CityAdmin, Place::Installation)), delegate));
        assert!(!still_invites(Some(&held(Role::Delegate, HERE)), delegate));
        assert!(!still_invites(Some(&held(Role::Principal, ELSEWHERE)), teacher));
        assert!(!still_invites(Some(&[]), teacher));
    }
}
