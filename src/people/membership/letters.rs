//! The letters of memberships: to whoever answers, and about what ended.

use super::Membership;
use crate::mail::{self, Letter, Letterhead};
use crate::people::account::Account;
use crate::people::school::SchoolId;
use crate::people::store::{self as schools, accounts, memberships as store};
use crate::platform::{Error, Place, Result, Role, Tx};

/// To whoever answers: the school's leads; the administrators too where no principal is there.
pub(super) async fn tell_of_request(
    tx: &mut Tx,
    head: &Letterhead,
    asked: &Membership,
    person: &Account,
    school: SchoolId,
) -> Result<()> {
    let place = Place::School(school.0);
    let school = schools::schools(tx.conn(), &[school]).await?.pop().ok_or(Error::NotFound("school"))?;
    let principals = store::holders(tx.conn(), &[Role::Principal], place).await?;
    let delegates = store::holders(tx.conn(), &[Role::Delegate], place).await?;
    let admins = match principals.is_empty() {
        true => store::holders(tx.conn(), &[Role::CityAdmin], Place::Installation).await?,
        false => Vec::new(),
    };
    let leads = principals.into_iter().chain(delegates).map(|account| (account, false));
    let readers: Vec<_> = leads.chain(admins.into_iter().map(|account| (account, true))).collect();
    let address = person.email.as_ref().map(|email| format!(" ({})", email.as_str())).unwrap_or_default();
    let says = person.title.as_ref().map(|title| format!(" What they do: {title}.")).unwrap_or_default();
    for (reader, runs) in readers {
        let Some(to) = &reader.email else { continue };
        let why = if runs {
            format!("You run this site, and {} has no principal here yet who could answer.", school.name)
        } else {
            format!("You answer for {} on Common Ground.", school.name)
        };
        let letter = Letter::new(
            "membership_request",
            format!("membership:{}:asked", asked.id),
            to.as_str(),
            format!("{} asks to join {}", person.name, school.name),
        )
        .say(format!("{}{address} says that they work at {} and asks to join it.{says}", person.name, school.name))
        .button("Look at the request", head.link(&format!("/schools/{}/staff", school.slug)))
        .say("Approve only people you know. Nothing happens until you answer.")
        .because(why)
        .of(reader.id.0)
        .about(person.id.0);
        let letter = if runs { letter } else { letter.read_at(school.id.0) };
        mail::enqueue(tx, head, letter).await?;
    }
    Ok(())
}

/// To a person whose membership somebody else ended.
pub(super) async fn tell_of_end(
    tx: &mut Tx,
    head: &Letterhead,
    ended: &Membership,
    whole: bool,
    place: &str,
) -> Result<()> {
    let person = accounts::by_id(tx.conn(), ended.account).await?;
    let Some((person, to)) = person.and_then(|person| Some((person.id, person.email?))) else { return Ok(()) };
    let (subject, said) = if whole {
        (format!("You no longer belong to {place}"), format!("{place} ended your membership on Common Ground."))
    } else {
        let role = ended.grant.role.label();
        (format!("{role} at {place}: ended"), format!("You no longer have this role at {place}: {role}."))
    };
    let letter = Letter::new("membership_ended", format!("membership:{}:ended", ended.id), to.as_str(), subject)
        .say(said)
        .say("Your account, your hours and what you wrote stay yours. If this is a mistake, talk to the school.")
        .because(format!("It concerns your place at {place}."))
        .of(person.0);
    mail::enqueue(tx, head, letter).await
}

/// Nobody answers for the school any more: the administrators are told.
pub(super) async fn tell_of_vacancy(tx: &mut Tx, head: &Letterhead, ended: &Membership, place: &str) -> Result<()> {
    if !store::holders(tx.conn(), &[Role::Principal], ended.grant.place).await?.is_empty() {
        return Ok(());
    }
    for admin in store::holders(tx.conn(), &[Role::CityAdmin], Place::Installation).await? {
        let Some(to) = &admin.email else { continue };
        let event = format!("membership:{}:vacancy", ended.id);
        let letter = Letter::new("school_without_principal", event, to.as_str(), format!("{place} has no principal"))
            .say(format!("The last principal of {place} has left it here. Requests to join it come to you until there is a new one."))
            .because("You run this site.")
            .of(admin.id.0);
        mail::enqueue(tx, head, letter).await?;
    }
    Ok(())
}
