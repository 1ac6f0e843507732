//! The newsletter of a city for people without an account: asked for on a page, begun by the mailbox's own yes, ended by one
//! click. What a visitor is answered never tells whether an address is known.

use super::token::Purpose;
use super::{Press, policy, store};
use crate::mail::{self, Email, Letter, subscriber};
use crate::people::city::{self, City};
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Db, Error, Event, Result, Timestamp, Tx};
use chrono::TimeDelta;
use serde_json::json;

typed_id!(
    /// A subscription.
    SubscriberId
);

/// So long a letter with the question can be answered; who has not is forgotten then.
pub const LIFE: TimeDelta = TimeDelta::days(7);

/// What an office announced longer ago has left, or never will.
const RECENT: TimeDelta = TimeDelta::days(400);

/// Kinds of letters that go to an address because of its subscription: they are forgotten with it.
pub const KINDS: [&str; 3] = ["newsletter", "newsletter_question", "newsletter_known"];

/// An address that asked for the newsletter of a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// Its id.
    pub id: SubscriberId,
    /// Name of the city in addresses.
    pub city: String,
    /// The city in words.
    pub city_name: String,
    /// The address.
    pub email: Email,
    /// When the newest letter with the question went.
    pub asked_at: Timestamp,
    /// How many there were.
    pub asked: i32,
    /// Since when it gets the newsletter; none before its own yes.
    pub confirmed_at: Option<Timestamp>,
}

/// The city of a newsletter's page.
pub async fn city_of(cx: &Cx, slug: &str) -> Result<City> {
    city::city(cx, slug).await
}

/// Asks an address whether it wants the newsletter. The answer is the same whether it is known or not; the letter differs.
pub async fn ask(db: &Db, press: &Press, slug: &str, typed: &str, network: &str) -> Result<()> {
    let email = Email::parse(typed).map_err(|message| Error::invalid("email", message))?;
    press.letter(network, email.as_str())?;
    let mut tx = db.write(Actor::Visitor).await?;
    let permit = policy::subscribe(tx.actor())?;
    let city = city::city_in(&tx, slug).await?;
    let new = Subscriber {
        id: SubscriberId::fresh(),
        city: city.slug.clone(),
        city_name: city.place(),
        email: email.clone(),
        asked_at: tx.now(),
        asked: 0,
        confirmed_at: None,
    };
    store::subscribers::insert(tx.conn(), &new).await?;
    let found = store::subscribers::of_address(tx.conn(), &email, &city.slug).await?;
    let found = found.ok_or_else(|| Error::internal("a subscription went while it was asked for"))?;
    let asked = found.asked + 1;
    let letter = if found.confirmed_at.is_some() {
        known(press, &found, asked).secret_until(tx.now() + LIFE)
    } else {
        question(press, &found, asked).secret_until(tx.now() + LIFE)
    };
    // One that is confirmed keeps its moment: only those that wait are counted from the last question.
    let asked_at = if found.confirmed_at.is_some() { found.asked_at } else { tx.now() };
    store::subscribers::ask_again(tx.conn(), found.id, asked, asked_at).await?;
    mail::enqueue(&mut tx, &press.room.head, letter.urgent()).await?;
    tx.record(&permit, Event::about("newsletter.asked", "subscription", found.id.0)).await?;
    tx.commit().await
}

fn question(press: &Press, subscriber: &Subscriber, asked: i32) -> Letter {
    let place = &subscriber.city_name;
    let url = press.room.head.link(&Purpose::Confirm.path(&press.room.secret, subscriber.id.0));
    let event = format!("newsletter:{}:{asked}", subscriber.id);
    Letter::new("newsletter_question", event, subscriber.email.as_str(), format!("Do you want news of {place}?"))
        .say(format!(
            "Somebody typed this address to get news of {place}: what district and charter schools there do together."
        ))
        .button("Yes, send me the news", url)
        .say("Without your yes nothing is sent, and the address is forgotten after 7 days.")
        .because("You get this because somebody typed your address on the page of the newsletter.")
}

fn known(press: &Press, subscriber: &Subscriber, asked: i32) -> Letter {
    let place = &subscriber.city_name;
    let url = press.room.head.link(&Purpose::Leave.path(&press.room.secret, subscriber.id.0));
    let event = format!("newsletter:{}:{asked}", subscriber.id);
    Letter::new("newsletter_known", event, subscriber.email.as_str(), format!("You get the news of {place}"))
        .say(format!(
            "Somebody typed this address to get news of {place}. It gets them already; there is nothing to do."
        ))
        .button("Get no more of them", url)
        .because("You get this because somebody typed your address on the page of the newsletter.")
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This subscription.
    Subscriber(Subscriber),
    /// One that is there no more, or that nobody answered in time.
    Gone,
}

/// The subscription of a link that says yes. Changes nothing: scanners of letters open every link (T10).
pub async fn to_confirm(db: &Db, press: &Press, token: &str) -> Result<Found> {
    let cx = db.cx(Actor::Visitor);
    let id = read(press, Purpose::Confirm, token)?;
    let found = store::subscribers::by_id(cx.conn(), id).await?;
    Ok(found.filter(|one| is_open(one, cx.now())).map_or(Found::Gone, Found::Subscriber))
}

/// Whether the subscription is begun, or may be.
fn is_open(subscriber: &Subscriber, now: Timestamp) -> bool {
    subscriber.confirmed_at.is_some() || now - subscriber.asked_at < LIFE
}

fn read(press: &Press, purpose: Purpose, token: &str) -> Result<SubscriberId> {
    purpose.read(&press.room.secret, token).map(SubscriberId).ok_or(Error::NotFound("link"))
}

/// Says yes. Twice is as good as once.
pub async fn confirm(db: &Db, press: &Press, token: &str) -> Result<Found> {
    let id = read(press, Purpose::Confirm, token)?;
    let mut tx = db.write(Actor::Visitor).await?;
    let permit = policy::subscribe(tx.actor())?;
    let found = store::subscribers::to_change(tx.conn(), id).await?.filter(|one| is_open(one, tx.now()));
    let Some(found) = found else { return Ok(Found::Gone) };
    if found.confirmed_at.is_none() {
        store::subscribers::confirm(tx.conn(), id, tx.now()).await?;
        let detail = json!({ "city": found.city });
        tx.record(&permit, Event::about("newsletter.confirmed", "subscription", id.0).with(detail)).await?;
    }
    tx.commit().await?;
    Ok(Found::Subscriber(found))
}

/// The subscription of a link that leaves. Changes nothing.
pub async fn to_leave(db: &Db, press: &Press, token: &str) -> Result<Found> {
    let id = read(press, Purpose::Leave, token)?;
    let found = store::subscribers::by_id(db.cx(Actor::Visitor).conn(), id).await?;
    Ok(found.map_or(Found::Gone, Found::Subscriber))
}

/// Leaves: the address is forgotten, and what waits for it in the outbox does not go. Twice is as good as once.
pub async fn leave(db: &Db, press: &Press, token: &str) -> Result<Found> {
    let id = read(press, Purpose::Leave, token)?;
    let mut tx = db.write(Actor::Visitor).await?;
    let permit = policy::subscribe(tx.actor())?;
    let Some(found) = store::subscribers::to_change(tx.conn(), id).await? else { return Ok(Found::Gone) };
    store::subscribers::delete(tx.conn(), id).await?;
    forget_letters(&mut tx, found.email.as_str(), &found.city).await?;
    let detail = json!({ "city": found.city });
    tx.record(&permit, Event::about("newsletter.left", "subscription", id.0).with(detail)).await?;
    tx.commit().await?;
    Ok(Found::Subscriber(found))
}

/// What waits for an address that left a city's newsletter does not go; the address is taken out of all letters of newsletters,
/// unless it still gets one of another city.
pub(super) async fn forget_letters(tx: &mut Tx, email: &str, city: &str) -> Result<()> {
    if store::subscribers::of_email(tx.conn(), email).await?.is_empty() {
        return subscriber::forget(tx, &KINDS, email).await;
    }
    let mailings = store::announcements::newsletters(tx.conn(), city, tx.now() - RECENT).await?;
    subscriber::withdraw(tx, &mailings, email).await
}

/// The path that leaves, for a reader.
pub(super) fn leave_path(press: &Press, subscriber: SubscriberId) -> String {
    Purpose::Leave.path(&press.room.secret, subscriber.0)
}

/// How many addresses get the newsletter of a city. One statement.
pub async fn count(cx: &Cx, city: &str) -> Result<u64> {
    store::subscribers::count(cx.conn(), city).await
}

/// What there is of an address, for its person.
pub(super) async fn of_email(cx: &Cx, email: &str) -> Result<Vec<Subscriber>> {
    store::subscribers::of_email(cx.conn(), email).await
}

/// Takes every subscription of an address out, with the letters to it.
pub(super) async fn erase(tx: &mut Tx, email: &str) -> Result<()> {
    let permit = policy::subscribe(tx.actor())?;
    for one in store::subscribers::of_email(tx.conn(), email).await? {
        store::subscribers::delete(tx.conn(), one.id).await?;
        let detail = json!({ "city": one.city });
        tx.record(&permit, Event::about("newsletter.left", "subscription", one.id.0).with(detail)).await?;
    }
    subscriber::forget(tx, &KINDS, email).await
}
