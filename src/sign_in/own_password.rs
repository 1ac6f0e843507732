//! A person's own password: setting it, changing it, doing without. Also the proof that is asked for before anything about how
//! somebody signs in is changed.

use super::password::{PasswordHash, Verdict, about};
use super::store::{links, passwords as store, tokens, visits};
use super::visit::{Method, Visit};
use super::{Entrance, address, policy};
use crate::mail::{self, Letter};
use crate::people::account::RECENT;
use crate::people::{self, Account, AccountId};
use crate::platform::{Actor, Cx, Db, Error, Event, Result, Timestamp};

/// Whether an account has a password, and since when.
pub async fn set_since(cx: &Cx, account: AccountId) -> Result<Option<Timestamp>> {
    Ok(store::of_account(cx.conn(), account).await?.and_then(|kept| kept.set_at))
}

/// Whether the person has just shown that they hold more than this browser: a link, a passkey, their school's sign-in.
/// Then the old password is not asked for, which is how a forgotten one is replaced.
pub fn is_fresh(visit: &Visit, now: Timestamp) -> bool {
    visit.method != Method::Password && now - visit.created_at < RECENT
}

/// What somebody brings who wants to change how they sign in.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The sign-in they use.
    pub visit: &'a Visit,
    /// The present password, where it is asked for.
    pub password: &'a str,
}

/// Asks for the present password or a fresh sign-in: a browser left open is not enough to take an account over.
pub(super) async fn prove(db: &Db, entrance: &Entrance, account: &Account, proof: Proof<'_>) -> Result<()> {
    // Also a fresh sign-in: what follows costs a processor.
    entrance.throttles.own_password(account.id)?;
    let cx = db.cx(Actor::Visitor);
    if is_fresh(proof.visit, cx.now()) {
        return Ok(());
    }
    let kept = store::of_account(cx.conn(), account.id).await?.and_then(|kept| kept.hash);
    if kept.is_none() {
        return Err(Error::Conflict("Get a link by email first, so that we know it is you.".to_owned()));
    }
    match entrance.passwords.verify(kept, proof.password).await? {
        Verdict::Wrong => Err(Error::invalid("old_password", "This is not your present password.")),
        Verdict::Right | Verdict::RightButOld => Ok(()),
    }
}

/// Sets or changes the actor's own password. Every other sign-in and every token ends, links on their way stop working,
/// and the mailbox is told.
pub async fn change(db: &Db, entrance: &Entrance, actor: Actor, proof: Proof<'_>, new: &str) -> Result<()> {
    let account = own(db, &actor).await?;
    prove(db, entrance, &account, proof).await?;
    let hash = entrance.passwords.fresh(new, about(&account)).await?;
    write(db, entrance, actor, &account, proof.visit, Some(&hash)).await
}

/// Takes the actor's own password away: a link by email still signs them in.
pub async fn remove(db: &Db, entrance: &Entrance, actor: Actor, proof: Proof<'_>) -> Result<()> {
    let account = own(db, &actor).await?;
    prove(db, entrance, &account, proof).await?;
    write(db, entrance, actor, &account, proof.visit, None).await
}

pub(super) async fn own(db: &Db, actor: &Actor) -> Result<Account> {
    let id = actor.account().ok_or(Error::SignInRequired)?;
    // Refused before anything costs; the permit for writing is asked for again in the transaction.
    let _ = policy::own(actor, id)?;
    people::account::account(&db.cx(actor.clone()), AccountId(id)).await
}

async fn write(
    db: &Db,
    entrance: &Entrance,
    actor: Actor,
    account: &Account,
    visit: &Visit,
    hash: Option<&PasswordHash>,
) -> Result<()> {
    let mut tx = db.write(actor).await?;
    let permit = policy::own(tx.actor(), account.id.0)?;
    // The owner may have ended this sign-in while the hash was made; then it sets nothing any more.
    let active = store::hold(tx.conn(), account.id).await?.is_some_and(|kept| kept.active);
    let here = visits::of_account(tx.conn(), account.id).await?.iter().any(|other| other.id == visit.id);
    if !(active && here) {
        return Err(Error::SignInRequired);
    }
    store::set(tx.conn(), account.id, hash, tx.now()).await?;
    let ended = visits::end(tx.conn(), account.id, None, Some(visit.id), tx.now()).await?;
    // A token may be in strange hands as well as the password (A3).
    let revoked = tokens::revoke(tx.conn(), account.id, None, tx.now()).await?;
    links::withdraw(tx.conn(), account.id, tx.now()).await?;
    address::stop(&mut tx, account.id).await?;
    let action = if hash.is_some() { "account.password_set" } else { "account.password_removed" };
    let event =
        Event::about(action, "account", account.id.0).with(serde_json::json!({ "ended": ended, "revoked": revoked }));
    tx.record(&permit, event).await?;
    if let Some(email) = &account.email {
        let (subject, what) = match hash {
            Some(_) => ("Your password was changed", "Your password for Common Ground was set anew."),
            None => ("Your password was removed", "Your account at Common Ground has no password any more."),
        };
        let key = format!("password:{}:{}", account.id, tx.now().timestamp_micros());
        let letter = Letter::new("password_changed", key, email.as_str(), subject)
            .say(format!("{what} Every other browser was signed out, and every token was revoked."))
            .say("If this was you, there is nothing to do.")
            .button("Sign in", entrance.letterhead.link("/sign-in"))
            .say("If it was not you, sign in with a link by email, set a new password under Security, and look through your connections and your second step there.")
            .because("You get this because it concerns the safety of your account.")
            .urgent()
            .of(account.id.0);
        mail::enqueue(&mut tx, &entrance.letterhead, letter).await?;
    }
    tx.commit().await
}
