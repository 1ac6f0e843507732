//! Sign-in by a link in a letter: without a password, with a forgotten one, and for the first time. Whoever holds the mailbox
//! is who they say; where the address has no account yet, its link opens one.

use chrono::TimeDelta;
use serde_json::json;

use super::arrival::Arrival;
use super::second_step::Proceeding;
use super::store::links::{self, Purpose};
use super::store::passwords as accounts;
use super::visit::Method;
use super::words::WORDS;
use super::{Entrance, policy};
use crate::mail::{self, Email, Letter};
use crate::people::account::{NewAccount, open_account, prove_address};
use crate::people::{self, Account, AccountId};
use crate::platform::chance::Ticket;
use crate::platform::{Actor, Db, Error, Event, Result, Tx, ids};

/// A link of a letter works so long.
pub const LIFE: TimeDelta = TimeDelta::minutes(30);

/// Sends a link to the address that was typed. Whether it has an account shows in the letter alone (A4). `next` is a page
/// of ours, where the person goes then.
pub async fn ask(db: &Db, entrance: &Entrance, typed: &str, next: &str, arrival: &Arrival) -> Result<()> {
    let email = Email::parse(typed).map_err(|message| Error::invalid("email", message))?;
    entrance.throttles.letter(&arrival.network, email.as_str())?;
    let mut tx = db.write(Actor::Visitor).await?;
    let permit = policy::enter(tx.actor())?;
    let found = accounts::of_email(tx.conn(), email.as_str()).await?;
    let ticket = Ticket::fresh()?;
    let link = links::Kept {
        id: ids::fresh(),
        purpose: Purpose::SignIn,
        account: found.as_ref().map(|kept| kept.account),
        email: email.as_str().to_owned(),
        data: json!({ "next": next }),
        // A closed account gets the same work done, and a link that has ended.
        expires_at: if found.as_ref().is_none_or(|kept| kept.active) { tx.now() + LIFE } else { tx.now() },
    };
    links::insert(tx.conn(), &link, &ticket.hash(), tx.now()).await?;
    let head = &entrance.letterhead;
    let url = head.link(&format!("/sign-in/link/{}", ticket.reveal()));
    let lang = found.as_ref().map(|kept| kept.lang).unwrap_or_default();
    let say = |sentence: &str| WORDS.say(lang, sentence, &[]);
    let key = format!("link:{}", link.id);
    let letter = match &found {
        Some(kept) if kept.active => Letter::new("sign_in_link", key, email.as_str(), say("link-subject"))
            .say(say("link-first"))
            .button(say("link-button"), url)
            .say(say("link-after")),
        Some(_) => Letter::new("sign_in_closed", key, email.as_str(), "Your account is closed")
            .say("Somebody asked for a link to sign in with this address. Its account at Common Ground is closed, so there is none.")
            .say("If that is a mistake, write to the office that runs Common Ground in your city."),
        None => Letter::new("join_link", key, email.as_str(), say("join-subject"))
            .say(say("join-first"))
            .button(say("join-button"), url)
            .say(say("join-after")),
    };
    let letter = match &found {
        Some(kept) if kept.active => letter.of(kept.account.0),
        // What is of a closed account is withdrawn before it leaves; this letter says that it is closed.
        Some(_) | None => letter,
    };
    let letter = letter.in_language(lang).because(say("link-why")).asked_for().secret_until(tx.now() + LIFE);
    mail::enqueue(&mut tx, head, letter).await?;
    tx.record(&permit, Event::about("sign_in_link.sent", "link", link.id)).await?;
    tx.commit().await
}

/// Makes a link that somebody is given by hand: by whoever runs the program, for an account that has no way in yet.
pub async fn make(tx: &mut Tx, account: &Account, life: TimeDelta) -> Result<Ticket> {
    let permit = policy::own(tx.actor(), account.id.0)?;
    let email = account.email.as_ref().ok_or_else(|| Error::Conflict("This account has no address.".to_owned()))?;
    let ticket = Ticket::fresh()?;
    let link = links::Kept {
        id: ids::fresh(),
        purpose: Purpose::SignIn,
        account: Some(account.id),
        email: email.as_str().to_owned(),
        data: json!({ "next": "/" }),
        expires_at: tx.now() + life,
    };
    links::insert(tx.conn(), &link, &ticket.hash(), tx.now()).await?;
    tx.record(&permit, Event::about("sign_in_link.made", "account", account.id.0)).await?;
    Ok(ticket)
}

/// A link that works, before it is used.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The mailbox it went to.
    pub email: String,
    /// Whose account; none where it opens one.
    pub name: Option<String>,
}

/// What a link would do. Changes nothing: scanners of letters open every link (T10). `None` where it does not work.
pub async fn look(db: &Db, secret: &str) -> Result<Option<Waiting>> {
    let cx = db.cx(Actor::Visitor);
    let Some(link) = links::look(cx.conn(), &Ticket::brought(secret).hash(), cx.now()).await? else { return Ok(None) };
    if link.purpose != Purpose::SignIn {
        return Ok(None);
    }
    let found = accounts::of_email(cx.conn(), &link.email).await?;
    if !leads_to(&link, found.as_ref()) {
        return Ok(None);
    }
    let name = match found {
        Some(kept) => Some(people::account::account(&cx, kept.account).await?.name),
        None => None,
    };
    Ok(Some(Waiting { email: link.email, name }))
}

/// Uses a link up: signs in, and opens the account where there is none. `None` where it does not work. Also where the person
/// wanted to go.
pub async fn enter(
    db: &Db,
    entrance: &Entrance,
    secret: &str,
    arrival: &Arrival,
) -> Result<Option<(Proceeding, AccountId, String)>> {
    let mut tx = db.write(Actor::Visitor).await?;
    let hash = Ticket::brought(secret).hash();
    let Some(link) = links::take(tx.conn(), &hash, tx.now()).await? else { return Ok(None) };
    let found = accounts::of_email(tx.conn(), &link.email).await?;
    if link.purpose != Purpose::SignIn || !leads_to(&link, found.as_ref()) {
        return Ok(None);
    }
    let email = Email::parse(&link.email).map_err(Error::internal)?;
    let account = match found {
        Some(kept) => kept.account,
        None => open_account(&mut tx, NewAccount { email: email.clone(), name: None, confirmed: true }).await?,
    };
    prove_address(&mut tx, account, &email).await?;
    let proceeding = arrival.enter(&mut tx, entrance, account, Method::Link).await?;
    tx.commit().await?;
    let next = link.data["next"].as_str().unwrap_or("/").to_owned();
    Ok(Some((proceeding, account, next)))
}

/// Whether the account of the mailbox is still the one the link was made for, and may be used.
fn leads_to(link: &links::Kept, found: Option<&accounts::Kept>) -> bool {
    match (found, link.account) {
        (Some(kept), Some(account)) => kept.active && kept.account == account,
        // Another link has opened it meanwhile, for the same mailbox.
        (Some(kept), None) => kept.active,
        // The account has moved to another address.
        (None, Some(_)) => false,
        (None, None) => true,
    }
}
