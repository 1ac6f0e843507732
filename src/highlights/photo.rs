//! The picture of a highlight: made anew from its pixels, described for who cannot see it, shown with the consent of who is in it.
//!
//! Its bytes are outside of the database and may be far away, so they are written down as leaving before they are sent, and stay once
//! the highlight has them. Whoever dies between leaves nothing behind for long.

use chrono::TimeDelta;

use super::highlight::{ALT, Consent, Highlight, HighlightId, Photo, State};
use super::writing::{held, keep, noted, settle};
use super::{policy, store};
use crate::catalog::guard;
use crate::materials::file::{self, Sent};
use crate::materials::{Depot, FileKind};
use crate::notices::Postroom;
use crate::platform::chance::sha256;
use crate::platform::{Actor, Db, Error, FieldErrors, Result};

/// So long bytes have to arrive.
const ARRIVES: TimeDelta = TimeDelta::hours(2);
/// Pictures that are taken out in one look.
const BATCH: u64 = 20;

/// What is said of a picture.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What it shows.
    pub alt: String,
    /// A code of [`Consent`].
    pub consent: String,
    /// That its description is about no student, after that was asked.
    pub no_student: bool,
}

/// Gives a highlight its picture, or another. Schools that said yes are asked again.
pub async fn set(
    db: &Db,
    depot: &Depot,
    room: &Postroom,
    actor: Actor,
    id: HighlightId,
    about: &About,
    sent: Sent,
) -> Result<()> {
    policy::enter(&actor)?;
    let tx = db.write(actor.clone()).await?;
    let (before, _permit) = held(&tx, id).await?;
    drop(tx);
    open(&before)?;
    let mut errors = FieldErrors::default();
    let alt = about.alt.trim();
    if alt.is_empty() || alt.chars().count() > ALT || alt.contains(char::is_control) {
        errors.add("alt", format!("Say what it shows, in up to {ALT} characters, for people who cannot see it."));
    }
    guard::ask(&mut errors, "alt", alt, about.no_student);
    let consent = Consent::parse(&about.consent);
    if consent.is_none() {
        errors.add("consent", "Say who agreed to be shown; a picture without consent is not published.");
    }
    let looked: Option<(FileKind, Vec<u8>)> = match file::picture(depot, &actor, sent).await {
        Ok(looked) => Some(looked),
        Err(Error::Invalid(wrong)) => {
            wrong.iter().for_each(|one| errors.add(one.field.clone(), one.message.clone()));
            None
        }
        Err(error) => return Err(error),
    };
    errors.or(())?;
    let (Some((kind, bytes)), Some(consent)) = (looked, consent) else {
        return Err(Error::internal("a picture was looked at and is not there"));
    };
    // Bytes of one highlight are never another's: they go with it.
    let key = sha256(format!("{id}:{}", sha256(&bytes)).as_bytes());
    let tx = db.write(actor.clone()).await?;
    store::leave(tx.conn(), &key, tx.now() + ARRIVES).await?;
    tx.commit().await?;
    depot.storage.put(&key, bytes).await?;
    let mut tx = db.write(actor).await?;
    let (mut now, permit) = held(&tx, id).await?;
    open(&now)?;
    let gone = now.photo.take().filter(|photo| photo.key != key);
    now.photo = Some(Photo { key: key.clone(), kind, alt: alt.to_owned(), consent });
    keep(&mut tx, &mut now).await?;
    store::stay(tx.conn(), &key).await?;
    if let Some(gone) = gone {
        store::leave(tx.conn(), &gone.key, tx.now()).await?;
    }
    noted(&mut tx, &permit, "highlight.photo_added", &now).await?;
    settle(&mut tx, room, now, &permit).await?;
    tx.commit().await
}

fn open(now: &Highlight) -> Result<()> {
    if now.state == State::Withdrawn {
        return Err(Error::Conflict("It was withdrawn; write a new one.".to_owned()));
    }
    Ok(())
}

/// Takes the picture out; schools that said yes are asked again. Without one it is done already.
pub async fn remove(tx: &mut crate::platform::Tx, room: &Postroom, id: HighlightId) -> Result<()> {
    let (mut now, permit) = held(tx, id).await?;
    let Some(photo) = now.photo.take() else { return Ok(()) };
    store::leave(tx.conn(), &photo.key, tx.now()).await?;
    keep(tx, &mut now).await?;
    noted(tx, &permit, "highlight.photo_removed", &now).await?;
    settle(tx, room, now, &permit).await
}

/// Takes bytes out that no highlight has any more. Bounded, and harmless when done twice.
pub async fn sweep(db: &Db, depot: &Depot) -> Result<usize> {
    let cx = db.cx(Actor::System("highlights"));
    let keys = store::to_leave(cx.conn(), cx.now(), BATCH).await?;
    for key in &keys {
        depot.storage.delete(key).await?;
        let mut tx = db.write(Actor::System("highlights")).await?;
        let permit = policy::keep_time(tx.actor())?;
        store::stay(tx.conn(), key).await?;
        tx.record(&permit, crate::platform::Event::bulk("highlight.photo_deleted", "highlight")).await?;
        tx.commit().await?;
    }
    Ok(keys.len())
}
