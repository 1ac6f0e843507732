//! Publication when every school said yes and the embargo is over, and taking a highlight back.

use super::highlight::{Highlight, HighlightId, REASON, State};
use super::writing::{held, keep, noted};
use super::{letters, policy, store};
use crate::catalog::guard;
use crate::notices::Postroom;
use crate::platform::{Actor, Db, Error, FieldErrors, Permit, Result, Tx};
use crate::search::{self, Kind};

/// Highlights that are published in one look.
const BATCH: u64 = 20;
/// Longest name in addresses, without what tells two apart.
const SLUG: usize = 90;

/// Publishes it now. What is published already is.
///
/// # Errors
/// `Conflict` while a school's yes is missing or the embargo holds.
pub async fn publish(tx: &mut Tx, room: &Postroom, id: HighlightId) -> Result<()> {
    let (now, permit) = held(tx, id).await?;
    match now.state {
        State::Published => return Ok(()),
        State::Approved => {}
        State::Withdrawn => return Err(Error::Conflict("It was withdrawn; write a new one.".to_owned())),
        State::Draft | State::Reviewing => {
            let sentence = "It is published when every school in it has said yes to the words about it.";
            return Err(Error::Conflict(sentence.to_owned()));
        }
    }
    if now.is_embargoed(tx.now()) {
        let sentence = "Its embargo is not over; it is published by itself when it is.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    show(tx, room, now, &permit).await
}

async fn show(tx: &mut Tx, room: &Postroom, mut now: Highlight, permit: &Permit) -> Result<()> {
    if !now.is_approved() {
        return Err(Error::internal("a highlight is called approved and is not"));
    }
    if now.published_at.is_none() {
        now.slug = free_slug(tx, &now).await?;
        now.published_at = Some(tx.now());
    }
    now.state = State::Published;
    keep(tx, &mut now).await?;
    search::touch(tx, Kind::Highlight, &[now.id.0]).await?;
    noted(tx, permit, "highlight.published", &now).await?;
    letters::published(tx, room, &now).await
}

/// A name in addresses made of the headline, and of the id where it is taken or reads like an id.
async fn free_slug(tx: &Tx, now: &Highlight) -> Result<String> {
    let mut slug = slug::slugify(&now.headline);
    slug.truncate(SLUG);
    let slug = slug.trim_matches('-').to_owned();
    let kept = ["new", ""].contains(&slug.as_str()) || slug.parse::<HighlightId>().is_ok();
    if !kept && !store::is_taken(tx.conn(), &slug).await? {
        return Ok(slug);
    }
    let id = now.id.to_string().replace('-', "");
    Ok(format!("{slug}-{}", &id[id.len() - 8..]).trim_matches('-').to_owned())
}

/// Takes it back for good; its page says why. Said twice, it is done once.
pub async fn withdraw(tx: &mut Tx, id: HighlightId, reason: &str, no_student: bool) -> Result<()> {
    let (mut now, permit) = held(tx, id).await?;
    if now.state == State::Withdrawn {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON {
        errors.add("reason", format!("Say why, in 1 to {REASON} characters: its page shows it."));
    }
    guard::ask(&mut errors, "reason", reason, no_student);
    errors.or(())?;
    let shown = now.state == State::Published;
    now.state = State::Withdrawn;
    now.reason = Some(reason.to_owned());
    now.withdrawn_at = Some(tx.now());
    if let Some(photo) = now.photo.take() {
        store::leave(tx.conn(), &photo.key, tx.now()).await?;
    }
    keep(tx, &mut now).await?;
    if shown {
        search::touch(tx, Kind::Highlight, &[now.id.0]).await?;
    }
    noted(tx, &permit, "highlight.withdrawn", &now).await
}

/// Publishes what every school approved and whose embargo is over. Bounded, and harmless when done twice.
pub async fn due(db: &Db, room: &Postroom) -> Result<usize> {
    let cx = db.cx(Actor::System("highlights"));
    let ids = store::due(cx.conn(), cx.now(), BATCH).await?;
    for id in &ids {
        let mut tx = db.write(Actor::System("highlights")).await?;
        let Some(now) = store::to_change(tx.conn(), *id).await? else { continue };
        if now.state != State::Approved || now.embargo_until.is_none() || now.is_embargoed(tx.now()) {
            continue;
        }
        let permit = policy::keep_time(tx.actor())?;
        show(&mut tx, room, now, &permit).await?;
        tx.commit().await?;
    }
    Ok(ids.len())
}
