//! What is kept about a person among people and places, and how others ask for a name.

use std::collections::HashMap;

use async_trait::async_trait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::account::{Account, AccountId};
use super::membership::{self, Membership, place_id};
use super::policy;
use super::store::{accounts, personal as store};
use crate::mail::Email;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Error, Event, Place, Result, Timestamp, Tx};

/// How accounts are called, in one batch; ids of no account are left out.
pub async fn names(cx: &Cx, ids: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    store::names(cx.conn(), ids).await
}

/// The account of an address as somebody typed it.
pub async fn of_address(cx: &Cx, typed: &str) -> Result<Option<AccountId>> {
    let Ok(email) = Email::parse(typed) else { return Ok(None) };
    Ok(super::account::account_of(cx, &email).await?.map(|account| account.id))
}

/// The address of an account that is about to be erased.
pub async fn address_of(tx: &Tx, id: AccountId) -> Result<Option<Email>> {
    Ok(store::lock(tx.conn(), id).await?.and_then(|account| account.email))
}

/// Refuses with [`Error::Stale`] when the account changed since `seen`; it cannot change any more until the transaction
/// ends.
pub async fn unchanged_since(tx: &Tx, id: AccountId, seen: Timestamp) -> Result<()> {
    let account = store::lock(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    if account.updated_at == seen { Ok(()) } else { Err(Error::Stale) }
}

/// Sets the time zone of an account: an IANA name, or nothing for the installation's.
pub async fn set_time_zone(tx: &mut Tx, id: AccountId, zone: Option<&str>) -> Result<()> {
    let permit = policy::own_account(tx.actor(), id)?;
    let account = store::lock(tx.conn(), id).await?.ok_or(Error::NotFound("account"))?;
    let zone = zone.map(str::trim).filter(|zone| !zone.is_empty());
    let fits = |zone: &str| zone.len() <= 64 && zone.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
    if zone.is_some_and(|zone| !fits(zone)) {
        return Err(Error::invalid("time_zone", "Give the IANA name of a time zone: America/New_York."));
    }
    if zone == account.time_zone.as_deref() {
        return Ok(());
    }
    let changed = Account { time_zone: zone.map(str::to_owned), updated_at: tx.now(), ..account };
    accounts::update(tx.conn(), &changed).await?;
    tx.record(&permit, Event::about("account.preferences_changed", "account", id.0)).await
}

/// The names of places of these memberships, by id: two statements.
pub async fn place_names(cx: &Cx, memberships: &[Membership]) -> Result<HashMap<Uuid, String>> {
    let mut ids: Vec<Uuid> = memberships.iter().filter_map(|membership| place_id(membership.grant.place)).collect();
    ids.sort_unstable();
    ids.dedup();
    store::place_names(cx.conn(), &ids).await
}

/// Account, memberships, invitations, follows.
pub struct PeopleData;

#[async_trait]
impl PersonalData for PeopleData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let account = super::account::account(cx, AccountId(account)).await?;
        let memberships = membership::memberships_of(cx, account.id).await?;
        let places = place_names(cx, &memberships).await?;
        let email = account.email.as_ref().map(Email::as_str);
        let invitations = store::invitations(cx.conn(), account.id, email).await?;
        let follows = store::follows(cx.conn(), account.id).await?;
        Ok(vec![
            Sheet { name: "account", rows: vec![account_row(&account)] },
            Sheet { name: "memberships", rows: memberships.iter().map(|one| membership_row(one, &places)).collect() },
            Sheet { name: "invitations", rows: invitations.iter().map(invitation_row).collect() },
            Sheet {
                name: "follows",
                rows: follows
                    .iter()
                    .map(|one| json!({ "kind": one.kind, "target": one.target, "since": one.created_at }))
                    .collect(),
            },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = store::lock(tx.conn(), AccountId(account)).await?.ok_or(Error::NotFound("account"))?;
        let email = account.email.as_ref().map(|email| email.as_str().to_owned());
        if let Some(email) = &email {
            crate::mail::personal::claim(tx, email, account.id.0).await?;
        }
        store::erase(tx.conn(), account.id, email.as_deref(), tx.now()).await?;
        Ok(vec![
            "An account without a name, an address or anything about you, because records point at its number.".to_owned(),
            "Where you belonged, in which role, and from when to when, under that number: it explains what was decided \
             then."
                .to_owned(),
            "The audit log, which holds that number and never a name or an address.".to_owned(),
        ])
    }
}

fn account_row(account: &Account) -> Value {
    json!({
        "id": account.id,
        "name": account.name,
        "email": account.email.as_ref().map(Email::as_str),
        "email_confirmed_at": account.email_confirmed_at,
        "title": account.title,
        "time_zone": account.time_zone,
        "lang": account.lang.tag(),
        "grades": account.grades.join(" "),
        "subjects": account.subjects.join(" "),
        "welcomed_at": account.welcomed_at,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
    })
}

fn membership_row(membership: &Membership, places: &HashMap<Uuid, String>) -> Value {
    let place = place_id(membership.grant.place);
    let kind = match membership.grant.place {
        Place::School(_) => "school",
        Place::Organization(_) => "organization",
        Place::Installation => "installation",
    };
    json!({
        "id": membership.id,
        "role": membership.grant.role.code(),
        "place_kind": kind,
        "place_id": place,
        "place": place.and_then(|id| places.get(&id)),
        "state": membership.state.code(),
        "verified_by": membership.verified_by.code(),
        "created_at": membership.created_at,
        "started_at": membership.started_at,
        "ended_at": membership.ended_at,
    })
}

/// An invitation to the person, or by them; whom they invited is somebody else's address.
fn invitation_row(one: &store::Invited) -> Value {
    json!({
        "id": one.id,
        "written_by_me": one.by_them,
        "email": (!one.by_them).then_some(&one.email),
        "name": (!one.by_them).then_some(&one.name),
        "role": one.role,
        "place_id": one.place,
        "created_at": one.created_at,
        "accepted_at": one.accepted_at,
        "withdrawn_at": one.withdrawn_at,
    })
}
