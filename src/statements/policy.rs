//! Who may do what with statements. Pure. Everything not permitted here is refused; who may not know of a draft is told that there
//! is none, by the operations.

use super::circle::Part;
use super::statement::{State, Statement};
use crate::people::AccountId;
use crate::platform::{Actor, Permit, Place, Result, Role};

const SPEAKS: &str = "Principals and their delegates speak for a school; compact owners, organizers and the mayor's office for an \
                      organization.";
const SPONSORS: &str = "A statement is published in the name of its sponsor, by an author who speaks for that school or organization; ask \
                        one of them, or choose a sponsor that you speak for.";
const AUTHORS: &str = "Only the authors of a statement do this.";

/// Whether the actor may speak for a school or an organization here, and sign for it.
pub fn speaks_for(actor: &Actor, place: Place) -> bool {
    match place {
        Place::School(_) => [Role::Principal, Role::Delegate].iter().any(|role| actor.has(*role, place)),
        Place::Organization(_) => {
            [Role::CompactOwner, Role::Mayor, Role::Organizer].iter().any(|role| actor.has(*role, place))
        }
        Place::Installation => false,
    }
}

/// The places that the actor may speak for, each once.
pub fn places(actor: &Actor) -> Vec<Place> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let mut places: Vec<Place> =
        grants.iter().map(|grant| grant.place).filter(|place| speaks_for(actor, *place)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Whether the actor may begin a statement: who speaks for some place.
pub fn may_begin(actor: &Actor) -> bool {
    !places(actor).is_empty()
}

/// Beginning a statement that a place sponsors, signing for it, and withdrawing its sign-on.
pub fn speak(actor: &Actor, place: Place) -> Result<Permit> {
    Permit::when(actor, speaks_for(actor, place), SPEAKS)
}

/// Whether the actor looks after a statement: its author and co-authors, and once it is published who speaks for its sponsor.
pub fn manages(actor: &Actor, statement: &Statement, part: Option<Part>) -> bool {
    let writes = matches!(part, Some(Part::Author | Part::CoAuthor));
    actor.is_system() || writes || (statement.state != State::Draft && speaks_for(actor, statement.sponsor))
}

/// Writing it, inviting to it, publishing it, deciding about comments and amendments, ending it.
pub fn manage(actor: &Actor, statement: &Statement, part: Option<Part>) -> Result<Permit> {
    Permit::when(actor, manages(actor, statement, part), AUTHORS)
}

/// Whether the actor publishes a draft: an author who speaks for its sponsor, because it is published in the sponsor's name.
pub fn publishes(actor: &Actor, statement: &Statement, part: Option<Part>) -> bool {
    manages(actor, statement, part) && (actor.is_system() || speaks_for(actor, statement.sponsor))
}

/// Publishing a draft.
pub fn publish(actor: &Actor, statement: &Statement, part: Option<Part>) -> Result<Permit> {
    manage(actor, statement, part).map(drop)?;
    Permit::when(actor, publishes(actor, statement, part), SPONSORS)
}

/// Deleting a draft: whoever began it, and not those whom they asked to write with them.
pub fn delete(actor: &Actor, statement: &Statement, part: Option<Part>) -> Result<Permit> {
    manage(actor, statement, part).map(drop)?;
    let own = actor.is_system() || part == Some(Part::Author);
    Permit::when(actor, own, "Who began a draft deletes it; ask them, or leave it as it is.")
}

/// Reading who was asked to sign: who looks after the statement.
pub fn read_calls(actor: &Actor, statement: &Statement, part: Option<Part>) -> Result<()> {
    manage(actor, statement, part).map(drop)
}

/// Ending letters that ask for sign-ons: whoever holds the mailbox. The link sees to that.
pub fn stop_calls(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Commenting on a draft: its circle.
pub fn comment(actor: &Actor, part: Option<Part>) -> Result<Permit> {
    Permit::when(actor, part.is_some(), "Only those who are invited comment on a draft.")
}

/// Proposing an amendment: signers, invited commenters, and who looks after it. `signs` says whether the actor speaks for a place
/// whose sign-on stands.
pub fn propose(actor: &Actor, statement: &Statement, part: Option<Part>, signs: bool) -> Result<Permit> {
    let may = signs || part.is_some() || manages(actor, statement, part);
    Permit::when(actor, may, "Who signed a statement, or was invited to comment on it, proposes changes to it.")
}

/// What time makes due: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::super::statement::{Kind, StatementId};
    use super::*;
    use crate::platform::{Grant, Person, Scope, Timestamp, Via};

    fn person(role: Role, place: Place, scope: Scope) -> Actor {
        Actor::Person(Arc::new(Person {
            account: Uuid::from_u128(1),
            name: "Ada".to_owned(),
            via: Via::SignIn(Uuid::from_u128(2)),
            scope,
            strong: false,
            recent: true,
            grants: vec![Grant { role, place }],
        }))
    }

    fn statement(state: State) -> Statement {
        Statement {
            id: StatementId(Uuid::from_u128(9)),
            slug: "shared-ground".to_owned(),
            kind: Kind::Framework,
            title: "Shared ground".to_owned(),
            addressee: "the city".to_owned(),
            threshold: None,
            deadline: None,
            sponsor: Place::School(Uuid::from_u128(3)),
            author: None,
            state,
            ending: None,
            ended_on: None,
            version: 1,
            published_at: None,
            reached_at: None,
            reminded_at: None,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        }
    }

    #[test]
    fn leaders_speak_for_their_place_and_nobody_else() {
        let (school, office) = (Place::School(Uuid::from_u128(3)), Place::Organization(Uuid::from_u128(4)));
        for (role, place, may) in [
            (Role::Principal, school, true),
            (Role::Delegate, school, true),
            (Role::Teacher, school, false),
            (Role::Organizer, school, false),
            (Role::CompactOwner, office, true),
            (Role::Mayor, office, true),
            (Role::Organizer, office, true),
            (Role::Teacher, office, false),
            (Role::CityAdmin, Place::Installation, false),
        ] {
            let actor = person(role, place, Scope::Write);
            assert_eq!(speak(&actor, place).is_ok(), may, "{role:?}");
            assert_eq!(may_begin(&actor), may, "{role:?}");
            assert!(speak(&actor, Place::School(Uuid::from_u128(5))).is_err());
        }
        assert!(speak(&person(Role::Principal, school, Scope::Read), school).is_err(), "a token that only reads");
        assert!(!speaks_for(&Actor::Visitor, school) && !may_begin(&Actor::System("test")));
    }

    #[test]
    fn a_draft_is_its_authors_and_a_published_one_its_sponsor_s_too() {
        let lead = person(Role::Principal, Place::School(Uuid::from_u128(3)), Scope::Write);
        assert!(!manages(&lead, &statement(State::Draft), None) && manages(&lead, &statement(State::Open), None));
        for (part, may) in [(Part::Author, true), (Part::CoAuthor, true), (Part::Commenter, false)] {
            let other = person(Role::Teacher, Place::School(Uuid::from_u128(7)), Scope::Write);
            assert_eq!(manage(&other, &statement(State::Draft), Some(part)).is_ok(), may, "{part:?}");
            assert!(comment(&other, Some(part)).is_ok() && comment(&other, None).is_err());
            assert!(propose(&other, &statement(State::Open), Some(part), false).is_ok());
            assert!(propose(&other, &statement(State::Open), None, false).is_err());
            assert!(propose(&other, &statement(State::Open), None, true).is_ok());
        }
        let (own, other) = (Place::School(Uuid::from_u128(3)), Place::School(Uuid::from_u128(7)));
        let draft = statement(State::Draft);
        for (place, part, may) in [
            (own, Some(Part::Author), true),
            (own, Some(Part::CoAuthor), true),
            (other, Some(Part::Author), false),
            (other, Some(Part::CoAuthor), false),
            (own, Some(Part::Commenter), false),
            (own, None, false),
        ] {
            let actor = person(Role::Principal, place, Scope::Write);
            assert_eq!(publish(&actor, &draft, part).is_ok(), may, "{part:?}");
            assert_eq!(delete(&actor, &draft, part).is_ok(), part == Some(Part::Author), "{part:?}");
        }
        assert!(keep_time(&Actor::Visitor).is_err() && keep_time(&Actor::System("test")).is_ok());
        assert!(erase(&lead, AccountId(Uuid::from_u128(1))).is_ok());
        assert!(erase(&lead, AccountId(Uuid::from_u128(2))).is_err());
    }
}
