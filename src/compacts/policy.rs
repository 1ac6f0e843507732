//! Who may do what around compacts (product.md, section 7). Pure; everything not permitted here is refused.

use super::commitment::Commitment;
use super::compact::{Compact, OTHER, Party, PartyState};
use crate::people::AccountId;
use crate::platform::{Actor, Error, Permit, Place, Result, Role};

/// Whether the actor runs the installation.
pub fn administers(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// Whether the actor answers for a place: as compact owner, principal or mayor's office.
pub fn answers_for(actor: &Actor, place: Place) -> bool {
    [Role::CompactOwner, Role::Principal, Role::Mayor].into_iter().any(|role| actor.has(role, place))
}

/// The parties for which the actor answers, while they take part.
pub fn speaks_for<'a>(actor: &Actor, parties: &'a [Party]) -> impl Iterator<Item = &'a Party> {
    let actor = actor.clone();
    parties
        .iter()
        .filter(move |party| party.takes_part() && party.place.is_some_and(|place| answers_for(&actor, place)))
}

/// The places for which the actor answers.
pub fn places(actor: &Actor) -> Vec<Place> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let mut places: Vec<Place> =
        grants.iter().map(|grant| grant.place).filter(|place| answers_for(actor, *place)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Beginning a compact: a mayor's office, a compact owner, administrators.
pub fn begin(actor: &Actor) -> Result<Permit> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let holds = |role: Role| grants.iter().any(|grant| grant.role == role && actor.has(role, grant.place));
    let may = administers(actor) || holds(Role::CompactOwner) || holds(Role::Mayor);
    Permit::when(actor, may, "Only a mayor's office, a compact owner and the city's administrators begin a compact.")
}

/// Whether the actor may know of a compact: everybody once it is published, its parties and administrators before.
pub fn sees(actor: &Actor, compact: &Compact, parties: &[Party]) -> bool {
    compact.published_at.is_some() || administers(actor) || speaks_for(actor, parties).next().is_some()
}

/// The party that leads a compact: its contact office, while it takes part and is here; without one, the first of its parties that
/// does, which is the one that began it.
fn lead<'a>(compact: &Compact, parties: &'a [Party]) -> Option<&'a Party> {
    let there = |party: &&Party| party.takes_part() && party.place.is_some();
    let contact = parties.iter().filter(there).find(|party| Some(party.id) == compact.contact_party);
    contact.or_else(|| parties.iter().filter(there).min_by_key(|party| party.position))
}

/// Writing a compact: who answers for one of its parties, and administrators. A party that is only asked in writes with the others
/// while it is a draft; of what everybody reads it changes nothing before its board votes or it signs.
pub fn write(actor: &Actor, compact: &Compact, parties: &[Party]) -> Result<Permit> {
    let lead = lead(compact, parties).map(|party| party.id);
    let writes =
        |party: &Party| compact.published_at.is_none() || party.state != PartyState::Invited || Some(party.id) == lead;
    let may = administers(actor) || speaks_for(actor, parties).any(writes);
    Permit::when(actor, may, "Only who answers for a party of this compact, and the city's administrators, change it.")
}

/// Whether the actor answers for this very party.
pub fn is_theirs(actor: &Actor, party: &Party) -> bool {
    party.place.is_some_and(|place| answers_for(actor, place))
}

/// Taking part in a compact: who answers for one of its parties, also one that is only asked in, and administrators.
pub fn take_part(actor: &Actor, parties: &[Party]) -> Result<Permit> {
    let may = administers(actor) || speaks_for(actor, parties).next().is_some();
    Permit::when(actor, may, "Only who answers for a party of this compact, and the city's administrators, do this.")
}

/// Leading a compact: asking parties in, handing the contact office over, and showing a draft to everybody. Who answers for the party
/// that leads it, and administrators.
pub fn lead_it(actor: &Actor, compact: &Compact, parties: &[Party]) -> Result<Permit> {
    let may = administers(actor) || lead(compact, parties).is_some_and(|lead| is_theirs(actor, lead));
    Permit::when(
        actor,
        may,
        "Only the contact office of this compact, and the city's administrators, ask parties in and show it to everybody.",
    )
}

/// Saying how far a party is (C-8). Its own side alone says that its board votes, that it signs, that it leaves. Of a party that is
/// only a name, administrators say it; they also take back an invitation that nobody took up. Asking in is the lead's.
pub fn move_party(
    actor: &Actor,
    compact: &Compact,
    parties: &[Party],
    party: &Party,
    to: PartyState,
) -> Result<Permit> {
    const OWN: &str = "Only who answers for this party says that its board votes, that it signs or that it leaves.";
    if to == PartyState::Invited {
        return lead_it(actor, compact, parties);
    }
    let takes_back = party.state == PartyState::Invited && to == PartyState::Withdrawn;
    let may = actor.is_system()
        || (is_theirs(actor, party) && party.takes_part())
        || (administers(actor) && (party.place.is_none() || takes_back));
    Permit::when(actor, may, OWN)
}

/// Whether the actor may add a party that is already so far: of a place that they answer for, and as an administrator of a name alone.
/// Everybody else asks it in.
pub fn may_add_as(actor: &Actor, place: Option<Place>, state: PartyState) -> bool {
    state == PartyState::Invited
        || actor.is_system()
        || match place {
            Some(place) => answers_for(actor, place),
            None => administers(actor),
        }
}

/// Saying how a commitment goes: who answers for its owner's office. Administrators do it for an office that is not here, or not any more.
pub fn report(actor: &Actor, commitment: &Commitment) -> Result<Permit> {
    let place = commitment.owner.party.as_ref().filter(|party| party.takes_part()).and_then(|party| party.place);
    let may = match place {
        Some(place) => answers_for(actor, place) || actor.is_system(),
        None => administers(actor),
    };
    Permit::when(actor, may, "Only the office that answers for this commitment says how it goes.")
}

/// Whether the actor is of the side that answers for a commitment: that side does not confirm it. Every role at the owner's place
/// makes somebody of that side, also one that waits for a second step; so does answering for another party of the owner's sector.
fn is_own(actor: &Actor, commitment: &Commitment, parties: &[Party]) -> bool {
    let account = actor.account().map(AccountId);
    let Some(owner) = commitment.owner.party.as_ref() else {
        return account.is_some() && (account == commitment.owner.account || account == commitment.status_by);
    };
    let belongs = |place: Place| actor.person().is_some_and(|person| person.belongs_to(place));
    let beside =
        |party: &Party| party.sector == owner.sector && party.place.is_some_and(|place| answers_for(actor, place));
    (account.is_some() && (account == commitment.owner.account || account == commitment.status_by))
        || owner.place.is_some_and(belongs)
        || parties.iter().any(beside)
}

/// Saying how another sector sees a commitment, which confirms what is reported as met (C-5): who answers for a party of another
/// sector than its owner's, the deputy's before others. Gives the party that speaks.
///
/// # Errors
/// `Forbidden` for the owner's own side, whatever else they answer for, and for who answers for no party of another sector.
pub fn confirm(actor: &Actor, commitment: &Commitment, parties: &[Party]) -> Result<(Permit, Party)> {
    const OWN: &str = "The side that answers for a commitment does not confirm it; a party of another sector does.";
    const OTHERS: &str = "Only who answers for a party of another sector says how that side sees it.";
    if is_own(actor, commitment, parties) {
        return Err(Error::Forbidden(OWN.to_owned()));
    }
    let sector = commitment.owner.party.as_ref().map_or(OTHER, |party| party.sector.as_str());
    let across = |party: &&Party| sector != OTHER && party.sector != OTHER && party.sector != sector;
    let deputy = commitment.deputy.party.as_ref().map(|party| party.id);
    let mut speakers: Vec<&Party> = speaks_for(actor, parties).filter(across).collect();
    speakers.sort_by_key(|party| (Some(party.id) != deputy, party.position));
    let permit = Permit::when(actor, !speakers.is_empty(), OTHERS)?;
    let party = speakers.first().ok_or_else(|| Error::Forbidden(OTHERS.to_owned()))?;
    Ok((permit, (*party).clone()))
}

/// Naming who holds a commitment at an office: who answers for that office while it takes part, and administrators.
pub fn hand_over(actor: &Actor, office: Option<&Party>) -> Result<Permit> {
    let theirs = office.is_some_and(|office| office.takes_part() && is_theirs(actor, office));
    let may = administers(actor) || theirs;
    Permit::when(actor, may, "Only who answers for an office of this commitment names who holds it there.")
}

/// Taking words out of a history: administrators.
pub fn take_out(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators take words out of a history.")
}

/// What time makes due: the program alone.
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

    use super::*;
    use crate::compacts::commitment::tests::{commitment, party};
    use crate::compacts::compact::{CompactId, CompactKind};
    use crate::platform::{Grant, Person, Scope, Via};

    fn person(account: u128, grants: &[(Role, Place)]) -> Actor {
        Actor::Person(Arc::new(Person {
            account: Uuid::from_u128(account),
            name: "Ada".to_owned(),
            via: Via::SignIn(Uuid::from_u128(9)),
            scope: Scope::Write,
            strong: false,
            recent: false,
            grants: grants.iter().map(|(role, place)| Grant { role: *role, place: *place }).collect(),
        }))
    }

    #[test]
    fn the_owner_s_side_never_confirms_its_own() {
        let parties = [party(1, "District", "district"), party(2, "Quillwater", "charter"), party(3, "Club", OTHER)];
        let places: Vec<Place> = parties.iter().filter_map(|party| party.place).collect();
        let one = commitment();
        let owner = person(1, &[(Role::CompactOwner, places[0])]);
        let charter = person(2, &[(Role::Principal, places[1])]);
        let both = person(3, &[(Role::CompactOwner, places[0]), (Role::Principal, places[1])]);
        let club = person(4, &[(Role::CompactOwner, places[2])]);
        let teacher = person(5, &[(Role::Teacher, places[1])]);
        assert!(report(&owner, &one).is_ok() && confirm(&owner, &one, &parties).is_err());
        assert!(report(&charter, &one).is_err());
        assert_eq!(confirm(&charter, &one, &parties).unwrap().1.name, "Quillwater");
        assert!(confirm(&both, &one, &parties).is_err(), "who answers for both sides is of the owner's side");
        let teaches = person(6, &[(Role::Teacher, places[0]), (Role::Principal, places[1])]);
        assert!(confirm(&teaches, &one, &parties).is_err(), "whatever the role is");
        let another = [parties[0].clone(), parties[1].clone(), party(7, "Second District", "district")];
        let second = another[2].place.unwrap();
        let beside = person(8, &[(Role::CompactOwner, second), (Role::Principal, places[1])]);
        assert!(confirm(&beside, &one, &another).is_err(), "of the owner's sector");
        let strong = person(9, &[(Role::CityAdmin, Place::Installation)]);
        assert!(report(&strong, &one).is_err(), "an office that is here says it itself");
        assert!(confirm(&club, &one, &parties).is_err(), "one of no sector is of no other sector");
        assert!(confirm(&teacher, &one, &parties).is_err() && report(&teacher, &one).is_err());
        assert!(
            confirm(&Actor::Visitor, &one, &parties).is_err() && confirm(&Actor::System("x"), &one, &parties).is_err()
        );
        // Who set the status does not confirm it, whatever they became since.
        let said = Commitment { status_by: Some(AccountId(Uuid::from_u128(2))), ..commitment() };
        assert!(confirm(&charter, &said, &parties).is_err());
        // Two of one sector are no two sectors.
        let same = [party(1, "District", "district"), party(2, "Another", "district")];
        assert!(confirm(&charter, &one, &same).is_err());
    }

    fn compact(published: bool) -> Compact {
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        Compact {
            id: CompactId(Uuid::from_u128(100)),
            slug: "two-harbors".to_owned(),
            name: "Two Harbors".to_owned(),
            kind: CompactKind::Compact,
            city: None,
            city_name: None,
            contact_party: None,
            contact_role: None,
            signed_on: None,
            review_on: None,
            ends_on: None,
            counts_joint: false,
            published_at: published.then_some(now),
            text_version: 0,
            last_number: 0,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn a_party_that_is_only_asked_in_changes_nothing_that_everybody_reads() {
        let asked = Party { state: PartyState::Invited, position: 2, ..party(2, "Quillwater", "charter") };
        let parties = [Party { state: PartyState::Invited, ..party(1, "District", "district") }, asked];
        let began = person(1, &[(Role::CompactOwner, parties[0].place.unwrap())]);
        let other = person(2, &[(Role::Principal, parties[1].place.unwrap())]);
        let (draft, open) = (compact(false), compact(true));
        assert!(write(&began, &open, &parties).is_ok() && lead_it(&began, &draft, &parties).is_ok());
        assert!(write(&other, &draft, &parties).is_ok(), "a draft is written together");
        assert!(lead_it(&other, &draft, &parties).is_err(), "and shown by who began it");
        assert!(write(&other, &open, &parties).is_err() && take_part(&other, &parties).is_ok());
        let votes = [parties[0].clone(), Party { state: PartyState::BoardVote, ..parties[1].clone() }];
        assert!(write(&other, &open, &votes).is_ok() && lead_it(&other, &open, &votes).is_err());
        let handed = Compact { contact_party: Some(parties[1].id), ..compact(true) };
        assert!(lead_it(&other, &handed, &parties).is_ok() && lead_it(&began, &handed, &parties).is_err());
        let left = [Party { state: PartyState::Withdrawn, ..parties[0].clone() }, parties[1].clone()];
        assert!(lead_it(&other, &open, &left).is_ok(), "the first that is still there");
    }

    #[test]
    fn parties_write_and_others_do_not() {
        let open = compact(true);
        let parties = [party(1, "District", "district")];
        let here = parties[0].place.unwrap();
        for role in [Role::CompactOwner, Role::Principal, Role::Mayor] {
            assert!(write(&person(1, &[(role, here)]), &open, &parties).is_ok(), "{role:?}");
        }
        for role in [Role::Teacher, Role::Delegate, Role::Organizer, Role::Editor] {
            assert!(write(&person(1, &[(role, here)]), &open, &parties).is_err(), "{role:?}");
        }
        let elsewhere = Place::School(Uuid::from_u128(77));
        assert!(write(&person(1, &[(Role::Principal, elsewhere)]), &open, &parties).is_err());
        let gone = [Party { state: PartyState::Withdrawn, ..parties[0].clone() }];
        assert!(write(&person(1, &[(Role::Principal, here)]), &open, &gone).is_err(), "a party that left");
        assert!(begin(&person(1, &[(Role::CompactOwner, elsewhere)])).is_ok());
        assert!(begin(&person(1, &[(Role::Principal, elsewhere)])).is_err() && begin(&Actor::Visitor).is_err());
    }
}
