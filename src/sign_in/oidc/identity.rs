//! Whose account it is: found by issuer and subject; by address only the first time, where the provider answers for it.

use serde_json::json;

use super::claims::Told;
use super::fault::{Outcome, Refusal};
use crate::people::account::{Account, NewAccount};
use crate::people::membership::{appoint, new_at};
use crate::people::{self, AccountId, AccountState, SchoolId, VerifiedBy};
use crate::platform::config::ProviderConfig;
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, Grant, Place, Result, Role, Timestamp, Tx};
use crate::sign_in::policy;
use crate::sign_in::store::identities as store;

typed_id!(
    /// Somebody at a provider.
    IdentityId
);

/// Somebody at a provider, and whose account here that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Whose account.
    pub account: AccountId,
    /// The provider's name when they were connected.
    pub provider: String,
    /// Who says so.
    pub issuer: String,
    /// Who it is there; of Entra tenant and object id.
    pub subject: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When somebody last came in by it.
    pub used_at: Timestamp,
}

/// The account of whoever the provider told of; opened or joined the first time.
pub(super) async fn recognize(tx: &mut Tx, settings: &ProviderConfig, told: &Told) -> Outcome<AccountId> {
    if let Some(identity) = store::by_subject(tx.conn(), &told.issuer, &told.subject).await? {
        usable(&people::account::account_in(tx, identity.account).await?)?;
        store::see(tx.conn(), identity.id, tx.now()).await?;
        return Ok(identity.account);
    }
    let email = told.email.clone().ok_or(Refusal::Unproven)?;
    let answers_for = settings.domains.iter().any(|domain| domain == email.domain());
    if !settings.domains.is_empty() && !answers_for {
        return Err(Refusal::Domain.into());
    }
    let account = match people::account::account_at(tx, &email).await? {
        Some(account) if answers_for => {
            usable(&account)?;
            account.id
        }
        Some(_) => return Err(Refusal::Known.into()),
        None => {
            let new = NewAccount { email, name: told.name.clone(), confirmed: true };
            people::account::open_account(tx, new).await?
        }
    };
    keep(tx, settings, account, told).await?;
    Ok(account)
}

fn usable(account: &Account) -> Result<(), Refusal> {
    if account.state == AccountState::Active { Ok(()) } else { Err(Refusal::Closed) }
}

/// Connects the account of the actor with whoever the provider told of. Twice is as good as once: whether it is new.
pub(super) async fn connect(tx: &mut Tx, settings: &ProviderConfig, account: AccountId, told: &Told) -> Outcome<bool> {
    // Asked before anything is looked up.
    let _ = policy::way_in(tx.actor(), account.0)?;
    match store::by_subject(tx.conn(), &told.issuer, &told.subject).await? {
        Some(identity) if identity.account == account => Ok(false),
        Some(_) => Err(Refusal::Taken.into()),
        None => {
            keep(tx, settings, account, told).await?;
            Ok(true)
        }
    }
}

async fn keep(tx: &mut Tx, settings: &ProviderConfig, account: AccountId, told: &Told) -> Result<()> {
    let permit = policy::enter(tx.actor())?;
    let identity = Identity {
        id: IdentityId::fresh(),
        account,
        provider: settings.name.clone(),
        issuer: told.issuer.clone(),
        subject: told.subject.clone(),
        created_at: tx.now(),
        used_at: tx.now(),
    };
    store::insert(tx.conn(), &identity).await?;
    let detail = json!({ "identity": identity.id, "provider": settings.name });
    tx.record(&permit, Event::about("account.connected", "account", account.0).with(detail)).await
}

/// Schools of the provider's organization that the person works at.
pub(super) async fn schools(cx: &Cx, settings: &ProviderConfig, told: &Told) -> Result<Vec<SchoolId>> {
    let Some(reference) = settings.organization.as_ref().filter(|_| !told.schools.is_empty()) else {
        return Ok(Vec::new());
    };
    let organization = match people::organization(cx, reference).await {
        Ok(organization) => organization,
        Err(Error::NotFound(_)) => {
            tracing::warn!(provider = settings.name, "the organization of a sign-in provider is not known");
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut schools = Vec::new();
    for name in &told.schools {
        match people::school(cx, name).await {
            Ok(school) if school.organization.as_ref().is_some_and(|of| of.id == organization.id) => {
                schools.push(school.id)
            }
            Ok(_) | Err(Error::NotFound(_)) => {
                tracing::info!(
                    provider = settings.name,
                    "a sign-in provider names a school that is not of its organization"
                );
            }
            Err(error) => return Err(error),
        }
    }
    Ok(schools)
}

/// Makes the account a teacher of these schools: the provider vouches for it. Only where it is new: whom the principal let
/// go, no provider brings back.
pub(super) async fn place(tx: &mut Tx, account: AccountId, schools: &[SchoolId]) -> Result<()> {
    for school in schools {
        if new_at(tx, account, *school).await? {
            let grant = Grant { role: Role::Teacher, place: Place::School(school.0) };
            appoint(tx, account, grant, VerifiedBy::Domain).await?;
        }
    }
    Ok(())
}

/// What an account is connected with, oldest first.
pub async fn identities_of(cx: &Cx, account: AccountId) -> Result<Vec<Identity>> {
    store::of_account(cx.conn(), account).await
}

/// Takes one connection of the actor away; they come in by it no more. Twice is as good as once.
pub async fn remove(tx: &mut Tx, account: AccountId, id: IdentityId) -> Result<()> {
    let permit = policy::own(tx.actor(), account.0)?;
    if store::remove(tx.conn(), account, Some(id)).await? > 0 {
        let detail = json!({ "identity": id });
        tx.record(&permit, Event::about("account.disconnected", "account", account.0).with(detail)).await?;
    }
    Ok(())
}
