//! Practices that somebody saved, each with a note of their own. Saving is no adoption and is counted nowhere.

use uuid::Uuid;

use super::{policy, store, words};
use crate::catalog::{self, PracticeId};
use crate::people::AccountId;
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

typed_id!(
    /// A saved practice.
    SaveId
);

/// One person keeps so many at most.
pub const MOST: u64 = 1_000;
/// Characters of a note.
pub const NOTE: usize = 2_000;

/// A practice that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id; those saved later sort later.
    pub id: SaveId,
    /// Who saved it.
    pub account: AccountId,
    /// Which practice.
    pub practice: PracticeId,
    /// What they noted, for themselves.
    pub note: Option<String>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// When the note last changed.
    pub updated_at: Timestamp,
}

fn account(actor: &crate::platform::Actor) -> Result<AccountId> {
    actor.account().map(AccountId).ok_or(Error::SignInRequired)
}

/// Saves a practice for the actor, or changes the note of one that is saved; `None` leaves the note as it is. Twice is as good
/// as once.
///
/// # Errors
/// `NotFound` for a practice nobody can read, `Invalid` for a note that is too long.
pub async fn save(tx: &mut Tx, practice: PracticeId, note: Option<&str>) -> Result<()> {
    let account = account(tx.actor())?;
    let permit = policy::own(tx.actor(), account)?;
    let mut errors = FieldErrors::default();
    let typed = note.map(|note| words::passage(&mut errors, "note", note, NOTE));
    errors.or(())?;
    if catalog::practice_in(tx, &practice.to_string()).await?.is_none() {
        return Err(Error::NotFound("practice"));
    }
    // What somebody saves is their own: the log says that they did, and not which.
    let event = |action| Event::about(action, "account", account.0);
    if let Some(before) = store::saves::of_practice(tx.conn(), account, practice).await? {
        let note = typed.unwrap_or_else(|| before.note.clone());
        if note == before.note {
            return Ok(());
        }
        store::saves::set_note(tx.conn(), before.id, note.as_deref(), tx.now()).await?;
        return tx.record(&permit, event("save.changed")).await;
    }
    if store::saves::count(tx.conn(), account).await? >= MOST {
        return Err(Error::Conflict(format!("You keep {MOST} practices already; let go of one first.")));
    }
    let now = tx.now();
    let note = typed.flatten();
    let new = Saved { id: SaveId::fresh(), account, practice, note, saved_at: now, updated_at: now };
    if store::saves::insert(tx.conn(), &new).await? {
        tx.record(&permit, event("save.made")).await?;
    }
    Ok(())
}

/// Lets go of a saved practice, and of its note. Twice is as good as once.
pub async fn remove(tx: &mut Tx, practice: PracticeId) -> Result<()> {
    let account = account(tx.actor())?;
    let permit = policy::own(tx.actor(), account)?;
    if store::saves::delete(tx.conn(), account, practice).await? {
        tx.record(&permit, Event::about("save.ended", "account", account.0)).await?;
    }
    Ok(())
}

/// What the actor saved, the newest first, before one of them; at most `limit`.
pub async fn mine(cx: &Cx, before: Option<SaveId>, limit: u64) -> Result<Vec<Saved>> {
    store::saves::of_account(cx.conn(), account(cx.actor())?, before, limit).await
}

/// How many practices the actor saved.
pub async fn total(cx: &Cx) -> Result<u64> {
    store::saves::count(cx.conn(), account(cx.actor())?).await
}

/// What the actor saved of this practice.
pub async fn saved(cx: &Cx, practice: PracticeId) -> Result<Option<Saved>> {
    store::saves::of_practice(cx.conn(), account(cx.actor())?, practice).await
}

/// All that an account saved, for the person to take along.
pub(super) async fn all_of(cx: &Cx, account: Uuid) -> Result<Vec<Saved>> {
    let mut all = store::saves::of_account(cx.conn(), AccountId(account), None, MOST).await?;
    all.reverse();
    Ok(all)
}
