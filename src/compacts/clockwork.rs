//! What time asks of commitments (C-6): reminders before they are due and after silence, and whether their holders are still there.
//! Each open commitment is looked at once a day, by whichever node comes first, with its row held.

use std::time::Duration;

use chrono::NaiveDate;
use serde_json::json;

use super::commitment::{CommitmentId, EntryKind, Holder, Step, due};
use super::promises::{Noted, next_look, note};
use super::{letters, policy, store};
use crate::notices::Postroom;
use crate::people::account::Account;
use crate::platform::{Actor, Db, Event, Result, Tx};

/// Commitments of one look; the next second takes the rest.
const BATCH: u64 = 50;

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, room: &Postroom) {
    loop {
        if let Err(error) = look_at_all(db, room).await {
            tracing::error!(%error, "what is due for commitments cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Looks at every commitment whose day has come, each in a transaction of its own, and says of how many there was something to say.
/// One that cannot be looked at is logged, and the others go on.
pub async fn look_at_all(db: &Db, room: &Postroom) -> Result<usize> {
    let cx = db.cx(Actor::System("compacts"));
    let mut said = 0;
    for id in store::commitments::to_look_at(cx.conn(), cx.now().date_naive(), BATCH).await? {
        match look_at(db, room, id).await {
            Ok(spoke) => said += usize::from(spoke),
            Err(error) => tracing::error!(%error, commitment = %id, "a commitment cannot be looked at"),
        }
    }
    Ok(said)
}

async fn look_at(db: &Db, room: &Postroom, id: CommitmentId) -> Result<bool> {
    let mut tx = db.write(Actor::System("compacts")).await?;
    let said = look(&mut tx, room, id).await?;
    tx.commit().await?;
    Ok(said)
}

async fn look(tx: &mut Tx, room: &Postroom, id: CommitmentId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let today = tx.now().date_naive();
    let Some(mut one) = store::commitments::held(tx.conn(), id).await? else { return Ok(false) };
    if one.look_on.is_none_or(|on| on > today) {
        return Ok(false);
    }
    let Some(compact) = store::compacts::by_ids(tx.conn(), &[one.compact]).await?.pop() else { return Ok(false) };
    let mut said = false;
    if compact.published_at.is_some() {
        let owners = letters::readers(tx, &one.owner).await?;
        let deputies = letters::readers(tx, &one.deputy).await?;
        let gone = went(&mut one.owner, &owners, today) | went(&mut one.deputy, &deputies, today);
        if gone {
            one.gone_told = false;
            note(tx, &one, EntryKind::Vacant, None, Noted::default()).await?;
            tx.record(&permit, Event::about("commitment.vacant", "commitment", id.0)).await?;
            crate::search::touch(tx, crate::search::Kind::Compact, &[compact.id.0]).await?;
        }
        if one.is_vacant() && !one.gone_told {
            let (gone, left) =
                if one.owner.gone_on.is_some() { (&one.owner, &deputies) } else { (&one.deputy, &owners) };
            let mut hear = left.clone();
            // Who answers there can take it over; where nobody holds it on either side, the lead hears of it.
            if let Some(place) = gone.party.as_ref().filter(|party| party.takes_part()).and_then(|party| party.place) {
                hear.extend(letters::answering(tx, place).await?);
            }
            if hear.is_empty() {
                let parties = store::compacts::parties(tx.conn(), &[compact.id]).await?.remove(&compact.id);
                hear = letters::leads(tx, &compact, &parties.unwrap_or_default()).await?;
            }
            hear.sort_by_key(|account| account.id);
            hear.dedup_by_key(|account| account.id);
            let told = letters::tell(tx, room, &one, &hear, &letters::vacant(&compact, &one, gone)).await?;
            tx.record(
                &permit,
                Event::about("commitment.vacancy_told", "commitment", id.0).with(json!({ "people": told })),
            )
            .await?;
            (one.gone_told, said) = (true, true);
        }
        let mut holders = owners;
        holders.extend(deputies);
        holders.sort_by_key(|account| account.id);
        holders.dedup_by_key(|account| account.id);
        for step in due(&one, today) {
            let lead;
            let readers: &[Account] = match step {
                Step::SilentFor(days) if days >= 120 => {
                    let parties = store::compacts::parties(tx.conn(), &[compact.id]).await?.remove(&compact.id);
                    lead = letters::leads(tx, &compact, &parties.unwrap_or_default()).await?;
                    &lead
                }
                _ => &holders,
            };
            let told = letters::tell(tx, room, &one, readers, &letters::reminder(&compact, &one, step)).await?;
            let detail = letters::detail(step, told);
            tx.record(&permit, Event::about("commitment.reminded", "commitment", id.0).with(detail)).await?;
            said = true;
        }
    }
    one.looked_on = today;
    // A draft is looked at too, so that its publication finds it in line.
    one.look_on = next_look(&one, today);
    store::commitments::update(tx.conn(), &one).await?;
    Ok(said)
}

/// Notes that who holds it on one side is gone; whether that is new.
fn went(holder: &mut Holder, there: &[Account], today: NaiveDate) -> bool {
    // Of an office that is here and has nobody named, whoever answers there holds it; where nobody does, it is vacant, too.
    let here = holder.party.as_ref().is_some_and(|party| party.place.is_some());
    let gone = here && there.is_empty() && holder.gone_on.is_none();
    if gone {
        holder.gone_on = Some(today);
    } else if holder.account.is_some() && !there.is_empty() {
        // The account was opened again, or the role came back.
        holder.gone_on = None;
    }
    gone
}
