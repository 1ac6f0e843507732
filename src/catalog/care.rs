//! The care of a practice that is in the catalog: saying that it still holds (every 24 months), and taking it out with a reason (P-8).
//! Its page stays and says why and what to read in its place; search loses it at once.

use chrono::{NaiveDate, TimeDelta};

use super::practice::{Practice, PracticeId};
use super::{CHECK_EVERY, policy, store};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};
use crate::search::{self, Kind};

/// A school is asked so many days before a check is due, and on the day.
pub const ASK_BEFORE: [i64; 2] = [30, 0];
/// So long after the day nobody is asked any more: the page says that it is overdue.
const ASK_UNTIL: i64 = 14;
/// Longest reason, in characters.
const REASON: usize = 1_000;

/// Why a practice is taken out, and what to read in its place.
#[derive(Clone, Debug, Default)]
pub struct Retirement {
    /// The reason; it stands on the page.
    pub reason: String,
    /// Id or name in addresses of another practice; empty for none.
    pub replaced_by: String,
}

impl From<&str> for Retirement {
    fn from(reason: &str) -> Self {
        Self { reason: reason.to_owned(), replaced_by: String::new() }
    }
}

/// Takes a practice out of the catalog. Twice is as good as once.
///
/// # Errors
/// `Invalid` without a reason or with another practice that is not in the catalog, `NotFound` for a practice nobody can read,
/// `Forbidden` for everybody but editors and those who lead the school where it began.
pub async fn retire(tx: &mut Tx, id: PracticeId, retirement: impl Into<Retirement>) -> Result<()> {
    let retirement: Retirement = retirement.into();
    let found = store::practice_for_update(tx.conn(), id).await?.map(store::practice_of).transpose()?;
    let Some(found) = found.filter(Practice::is_public) else { return Err(Error::NotFound("practice")) };
    let permit = policy::retire(tx.actor(), found.origin_school)?;
    let reason = retirement.reason.trim();
    let mut errors = FieldErrors::default();
    if reason.is_empty() || reason.chars().count() > REASON {
        errors.add("reason", "Give the reason in 1 to 1,000 characters; it is shown on the page.");
    }
    let other = match retirement.replaced_by.trim() {
        "" => None,
        reference => {
            let other = super::practice_in(tx, reference).await?;
            let other = other.filter(|other| other.status != PracticeStatus::RETIRED && other.id != id);
            if other.is_none() {
                let sentence = "Give another practice of the catalog: the last part of the address of its page.";
                errors.add("replaced_by", sentence);
            }
            other.map(|other| other.id)
        }
    };
    errors.or(())?;
    if found.status == PracticeStatus::RETIRED {
        return Ok(());
    }
    store::retire(tx.conn(), id, reason, other, tx.now()).await?;
    let detail = serde_json::json!({ "version": found.version, "replaced_by": other });
    tx.record(&permit, Event::about("practice.retired", "practice", id.0).with(detail)).await?;
    search::touch(tx, Kind::Practice, &[id.0]).await
}

/// Somebody says that it still holds: the next check is due in 24 months.
///
/// # Errors
/// `Forbidden` for everybody but editors and people of the school where it began, `Conflict` for a practice that is not published here.
pub async fn check(tx: &mut Tx, id: PracticeId) -> Result<()> {
    let row = store::practice_for_update(tx.conn(), id).await?.ok_or(Error::NotFound("practice"))?;
    let found = store::practice_of(row.clone())?;
    if !found.is_public() {
        return Err(Error::NotFound("practice"));
    }
    let permit = policy::check(tx.actor(), found.origin_school)?;
    if found.status != PracticeStatus::PUBLISHED {
        let sentence = "Only practices that were published here are checked again.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    let today = tx.now().date_naive();
    if found.last_checked_on == Some(today) {
        return Ok(());
    }
    let due = today.checked_add_months(CHECK_EVERY);
    let row = store::practice::Model { last_checked_on: Some(today), check_by: due, updated_at: tx.now(), ..row };
    store::update(tx.conn(), row).await?;
    let event = Event::about("practice.checked", "practice", id.0).with(serde_json::json!({ "next": due }));
    tx.record(&permit, event).await?;
    search::touch(tx, Kind::Practice, &[id.0]).await
}

/// Whether the actor may say that it still holds.
pub fn may_check(cx: &Cx, practice: &Practice) -> bool {
    policy::check(cx.actor(), practice.origin_school).is_ok()
}

/// Whether the actor may take it out.
pub fn may_retire(cx: &Cx, practice: &Practice) -> bool {
    policy::retire(cx.actor(), practice.origin_school).is_ok()
}

/// Whether its check is overdue.
pub fn is_overdue(practice: &Practice, today: NaiveDate) -> bool {
    practice.status == PracticeStatus::PUBLISHED && practice.check_by.is_some_and(|day| day < today)
}

/// Practices whose schools are to be asked now whether they still hold, at most `limit`, and how many days there are left. They count
/// as asked with this transaction.
pub async fn take_due(tx: &mut Tx, limit: u64) -> Result<Vec<(Practice, i64)>> {
    let permit = policy::ask_for_checks(tx.actor())?;
    let today = tx.now().date_naive();
    let mut taken: Vec<(Practice, i64)> = Vec::new();
    for (step, before) in ASK_BEFORE.into_iter().enumerate() {
        let step = i32::try_from(step).map_err(Error::internal)?;
        // Whoever is asked on the day is not asked for the month before it, too.
        let next = ASK_BEFORE.get(usize::try_from(step).unwrap_or_default() + 1).copied().unwrap_or(-ASK_UNTIL);
        let (from, to) = (today + TimeDelta::days(next + 1), today + TimeDelta::days(before));
        let rows = store::unasked(tx.conn(), step, (from, to), limit).await?;
        for row in rows {
            let practice = store::practice_of(row)?;
            let Some(due) = practice.check_by else { continue };
            store::put_asked(tx.conn(), practice.id, due, step, tx.now()).await?;
            tx.record(&permit, Event::about("practice.check_asked", "practice", practice.id.0)).await?;
            let left = (due - today).num_days();
            taken.push((practice, left));
        }
    }
    Ok(taken)
}
