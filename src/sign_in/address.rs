//! Moving an account to another address. Both mailboxes agree: the new one, so that it is the person's; the old one, so that
//! nobody moves an account away from its owner. The old one can refuse, and that locks out whoever asked.

use chrono::TimeDelta;
use serde_json::json;

use super::own_password::{self, Proof};
use super::store::address_changes::{self as changes, Change};
use super::store::links::{self, Purpose};
use super::store::{identities, passwords as accounts, tokens, visits};
use super::{Entrance, policy, second_step};
use crate::mail::{self, Email, Letter};
use crate::people::AccountId;
use crate::people::account::prove_address;
use crate::platform::chance::Ticket;
use crate::platform::{Actor, Cx, Db, Error, Event, Result, Timestamp, Tx, ids};

/// Both mailboxes are looked into within this time.
pub const LIFE: TimeDelta = TimeDelta::hours(24);

/// A second step that is younger than this, when a stranger asks, may be the stranger's.
const SUSPECT: TimeDelta = TimeDelta::days(14);

const WHY_OLD: &str = "You get this because it is about the address of your account at Common Ground.";
const WHY_NEW: &str = "You get this because somebody wants to use this address for an account at Common Ground.";

/// Asks both mailboxes whether the actor's account may move to the address that was typed. An earlier question is taken back.
/// An address that has an account already is answered like any other, and only its mailbox is told (A4).
pub async fn ask(
    db: &Db,
    entrance: &Entrance,
    actor: Actor,
    proof: Proof<'_>,
    typed: &str,
    network: &str,
) -> Result<()> {
    let account = own_password::own(db, &actor).await?;
    let new = Email::parse(typed).map_err(|message| Error::invalid("email", message))?;
    let old = account.email.clone().ok_or(Error::NotFound("account"))?;
    if new == old {
        return Err(Error::invalid("email", "This is the address you have; give another one."));
    }
    own_password::prove(db, entrance, &account, proof).await?;
    entrance.throttles.letter(network, new.as_str())?;
    let mut tx = db.write(actor).await?;
    let permit = policy::own(tx.actor(), account.id.0)?;
    stop(&mut tx, account.id).await?;
    let until = tx.now() + LIFE;
    let change = Change {
        id: ids::fresh(),
        account: account.id,
        new_email: new.as_str().to_owned(),
        old_agreed: false,
        new_agreed: false,
        expires_at: until,
    };
    changes::insert(tx.conn(), &change, tx.now()).await?;
    let taken = accounts::of_email(tx.conn(), new.as_str()).await?.is_some();
    let to_old = link(&mut tx, entrance, &change, Purpose::OldAddress, old.as_str(), until).await?;
    let letter = Letter::new(
        "address_old",
        format!("address:{}", change.id),
        old.as_str(),
        "Move your account to another address?",
    )
    .say(format!(
        "Somebody who is signed in as you asked to move your account at Common Ground from this address to {}.",
        new.as_str()
    ))
    .say("The account moves when both mailboxes have agreed.")
    .button("Agree or refuse", to_old)
    .say("The link works for 24 hours. If it was not you, open it and press “This was not me”.")
    .because(WHY_OLD)
    .asked_for()
    .of(account.id.0)
    .secret_until(until);
    mail::enqueue(&mut tx, &entrance.letterhead, letter).await?;
    let key = format!("address:{}", change.id);
    // A taken address gets the same work done, and a link that has ended.
    let ends = if taken { tx.now() } else { until };
    let to_new = link(&mut tx, entrance, &change, Purpose::NewAddress, new.as_str(), ends).await?;
    let letter = if taken {
        Letter::new("address_taken", key, new.as_str(), "This address has an account already")
            .say("Somebody, perhaps you, asked to use this address for another account at Common Ground. It has an account already, so nothing was changed.")
            .button("Sign in", entrance.letterhead.link("/sign-in"))
            .because(WHY_NEW)
            .asked_for()
    } else {
        Letter::new("address_new", key, new.as_str(), "Use this address for your account?")
            .say("You, or somebody who typed your address, asked to use it for an account at Common Ground.")
            .button("Agree or refuse", to_new)
            .say("The link works for 24 hours. The account moves when its present mailbox has agreed too.")
            .because(WHY_NEW)
            .asked_for()
            .secret_until(until)
    };
    mail::enqueue(&mut tx, &entrance.letterhead, letter).await?;
    let event = Event::about("account.address_change_asked", "account", account.id.0);
    tx.record(&permit, event.with(json!({ "change": change.id }))).await?;
    tx.commit().await
}

async fn link(
    tx: &mut Tx,
    entrance: &Entrance,
    change: &Change,
    purpose: Purpose,
    email: &str,
    expires_at: Timestamp,
) -> Result<String> {
    let ticket = Ticket::fresh()?;
    let link = links::Kept {
        id: ids::fresh(),
        purpose,
        account: Some(change.account),
        email: email.to_owned(),
        data: json!({ "change": change.id }),
        expires_at,
    };
    links::insert(tx.conn(), &link, &ticket.hash(), tx.now()).await?;
    Ok(entrance.letterhead.link(&format!("/address-change/{}", ticket.reveal())))
}

/// Takes back what waits for an account: another question, a new password.
pub(super) async fn stop(tx: &mut Tx, account: AccountId) -> Result<()> {
    if changes::stop(tx.conn(), account, tx.now()).await? > 0 {
        links::withdraw(tx.conn(), account, tx.now()).await?;
    }
    Ok(())
}

/// The address an account is about to move to.
pub async fn waiting(cx: &Cx, account: AccountId) -> Result<Option<String>> {
    Ok(changes::waiting(cx.conn(), account, cx.now()).await?.map(|change| change.new_email))
}

/// A question that waits for the mailbox whose link was opened.
#[derive(Clone, Debug)]
pub struct Question {
    /// Where the account is to move.
    pub new_email: String,
    /// Whether the mailbox is the one the account has.
    pub old: bool,
}

/// What a link asks. Changes nothing (T10). `None` where it does not work.
pub async fn look(db: &Db, secret: &str) -> Result<Option<Question>> {
    let cx = db.cx(Actor::Visitor);
    let link = links::look(cx.conn(), &Ticket::brought(secret).hash(), cx.now()).await?;
    let Some((link, id)) = link.and_then(|link| change_of(&link).map(|id| (link, id))) else { return Ok(None) };
    let change = changes::by_id(cx.conn(), id, cx.now()).await?;
    Ok(change.map(|change| Question { new_email: change.new_email, old: link.purpose == Purpose::OldAddress }))
}

fn change_of(link: &links::Kept) -> Option<uuid::Uuid> {
    let id = link.data["change"].as_str()?;
    (link.purpose != Purpose::SignIn).then(|| id.parse().ok()).flatten()
}

/// What an agreement led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// The other mailbox has not answered yet.
    Waiting,
    /// The account has moved.
    Moved,
}

/// One mailbox agrees; with the second the account moves. `None` where the link does not work.
pub async fn agree(db: &Db, entrance: &Entrance, secret: &str) -> Result<Option<Agreed>> {
    let mut tx = db.write(Actor::Visitor).await?;
    let hash = Ticket::brought(secret).hash();
    let link = links::take(tx.conn(), &hash, tx.now()).await?;
    let Some((link, id)) = link.and_then(|link| change_of(&link).map(|id| (link, id))) else { return Ok(None) };
    let old = link.purpose == Purpose::OldAddress;
    let Some(change) = changes::agree(tx.conn(), id, old, tx.now()).await? else { return Ok(None) };
    let permit = policy::enter(tx.actor())?;
    let mailbox = if old { "old" } else { "new" };
    let event = Event::about("account.address_change_agreed", "account", change.account.0);
    tx.record(&permit, event.with(json!({ "change": id, "mailbox": mailbox }))).await?;
    if !(change.old_agreed && change.new_agreed) {
        tx.commit().await?;
        return Ok(Some(Agreed::Waiting));
    }
    let Some(kept) = accounts::hold(tx.conn(), change.account).await?.filter(|kept| kept.active) else {
        return Ok(None);
    };
    let new = Email::parse(&change.new_email).map_err(Error::internal)?;
    prove_address(&mut tx, change.account, &new).await?;
    changes::done(tx.conn(), id, tx.now()).await?;
    links::withdraw(tx.conn(), change.account, tx.now()).await?;
    for to in [kept.email.as_deref(), Some(new.as_str())].into_iter().flatten() {
        let key = format!("address_changed:{id}");
        let letter = Letter::new("address_changed", key, to, "Your account has another address")
            .say(format!(
                "Your account at Common Ground now has the address {}. Sign in with it, and look there for letters.",
                new.as_str()
            ))
            .because(WHY_OLD)
            .urgent()
            .of(change.account.0);
        mail::enqueue(&mut tx, &entrance.letterhead, letter).await?;
    }
    tx.commit().await?;
    Ok(Some(Agreed::Moved))
}

/// A mailbox refuses, and nothing moves. Where it is the one the account has, a stranger is signed in: every sign-in and every token
/// ends, and what they may know or may have added is gone: the password, connections, a second step of the last two weeks. `None` where the link does not work.
pub async fn refuse(db: &Db, entrance: &Entrance, secret: &str) -> Result<Option<()>> {
    let mut tx = db.write(Actor::Visitor).await?;
    let hash = Ticket::brought(secret).hash();
    let link = links::take(tx.conn(), &hash, tx.now()).await?;
    let Some((link, id)) = link.and_then(|link| change_of(&link).map(|id| (link, id))) else { return Ok(None) };
    let Some(change) = changes::by_id(tx.conn(), id, tx.now()).await? else { return Ok(None) };
    let permit = policy::enter(tx.actor())?;
    stop(&mut tx, change.account).await?;
    let old = link.purpose == Purpose::OldAddress;
    let mut ended = 0;
    if old {
        ended = visits::end(tx.conn(), change.account, None, None, tx.now()).await?;
        tokens::revoke(tx.conn(), change.account, None, tx.now()).await?;
        identities::remove(tx.conn(), change.account, None).await?;
        second_step::remove_since(&mut tx, change.account, change.expires_at - LIFE - SUSPECT).await?;
        accounts::set(tx.conn(), change.account, None, tx.now()).await?;
        links::withdraw(tx.conn(), change.account, tx.now()).await?;
        let letter = Letter::new("address_refused", format!("address_refused:{id}"), link.email.as_str(), "Your account was locked for others")
            .say("You said that it was not you who asked to move your account. It stays at this address, every browser was signed out, every token was revoked, and the password was taken away.")
            .say("Connections with sign-ins of others were removed too, and so were codes of an app and passkeys that were set up in the 14 days before: a stranger may have added them.")
            .say("Sign in with a link by email, set a new password under Security, and set up anew what you use.")
            .button("Sign in", entrance.letterhead.link("/sign-in"))
            .because(WHY_OLD)
.urgent()
            .of(change.account.0);
        mail::enqueue(&mut tx, &entrance.letterhead, letter).await?;
    }
    let mailbox = if old { "old" } else { "new" };
    let event = Event::about("account.address_change_refused", "account", change.account.0);
    tx.record(&permit, event.with(json!({ "change": id, "mailbox": mailbox, "ended": ended }))).await?;
    tx.commit().await?;
    Ok(Some(()))
}
