//! Taking out words that should not stand in a history: a person's data in a note, a reason or an address. The row stays, with its day
//! and its office, and says that something was taken out, when and why.

use serde_json::json;

use super::commitment::{Change, CommitmentId, EntryId, EntryKind};
use super::editing::touched;
use super::progress::has_evidence;
use super::promises::{Noted, held, next_look, note};
use super::{policy, store, words};
use crate::catalog::guard;
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Actor, Error, Event, FieldErrors, Result, Tx};

/// The field of the row that tells of it.
pub const TAKEN_OUT: &str = "taken_out";
/// Fields whose words were typed freely; all others hold codes, days and offices.
const FREE: [&str; 9] =
    ["sentence", "who", "reason", "measure", "baseline", "target", "latest", "minutes", "agreement"];

/// Refuses whoever takes nothing out; asked before a form is shown.
pub fn enter(actor: &Actor) -> Result<()> {
    policy::take_out(actor).map(drop)
}

/// Takes the words and the evidence of a row of the history out: what was said, what stood before and after, titles and addresses.
/// Twice is as good as once.
///
/// # Errors
/// `Forbidden` but for administrators; `Invalid` without a reason that everybody may read.
pub async fn take_out(tx: &mut Tx, id: CommitmentId, entry: EntryId, why: &str, no_student: bool) -> Result<()> {
    let (compact, _, before) = held(tx, id).await?;
    let permit = policy::take_out(tx.actor())?;
    let rows = store::commitments::entries(tx.conn(), &[id]).await?;
    let row = rows.into_iter().find(|row| row.id == entry).ok_or(Error::NotFound("entry"))?;
    let mut errors = FieldErrors::default();
    let why = words::line(&mut errors, "why", why, 200);
    if why.is_none() {
        errors.add("why", "Say why in a few words, without repeating what is taken out; everybody can read it.");
    }
    guard::ask(&mut errors, "why", why.as_deref().unwrap_or_default(), no_student);
    errors.or(())?;
    let why = why.unwrap_or_default();
    let notice = format!("Taken out on {}, because: {why}", tx.now().format("%B %-d, %Y"));
    let free = |change: &Change| FREE.contains(&change.field.as_str()) || change.field.starts_with("gets/");
    let out = |text: &String| if text.is_empty() { String::new() } else { notice.clone() };
    let mut now = row.clone();
    now.text = row.text.as_ref().map(|_| notice.clone());
    now.changes = row
        .changes
        .iter()
        .map(|change| {
            let (before, after) = (change.before.clone(), change.after.clone());
            let (before, after) = if free(change) { (out(&before), out(&after)) } else { (before, after) };
            Change { field: change.field.clone(), before, after }
        })
        .collect();
    if !now.evidence.is_empty() {
        now.evidence.clear();
        now.text.get_or_insert_with(|| notice.clone());
    }
    if now == row {
        return Ok(());
    }
    store::commitments::rewrite(tx.conn(), &now).await?;
    let mut after = before.clone();
    let told = |change: &&Change| change.field == "reason" && Some(&change.after) == before.reason.as_ref();
    if row.changes.iter().any(|change| told(&change)) {
        after.reason = Some(notice);
    }
    // What is met needs evidence (C-5): where none is left, it waits again.
    if after.status == CommitmentStatus::MET && after.confirmed.is_some() && !has_evidence(tx, id).await? {
        after.confirmed = None;
    }
    after.look_on = next_look(&after, tx.now().date_naive());
    (after.revision, after.updated_at) = (before.revision + 1, tx.now());
    store::commitments::update(tx.conn(), &after).await?;
    let change = Change {
        field: TAKEN_OUT.to_owned(),
        before: format!("{}, {}", row.kind.label(), row.at.format("%B %-d, %Y")),
        after: String::new(),
    };
    note(tx, &after, EntryKind::Changed, None, Noted { text: Some(why), changes: vec![change], ..Noted::default() })
        .await?;
    touched(tx, &compact).await?;
    let detail = json!({ "compact": compact.id, "entry": entry });
    tx.record(&permit, Event::about("commitment.words_taken_out", "commitment", id.0).with(detail)).await
}
