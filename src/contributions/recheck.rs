//! Asking schools whether their practices still hold: 30 days before a check is due, and on the day.

use super::policy;
use super::store::review as kept;
use crate::catalog::{Practice, care};
use crate::mail::Letter;
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::{Account, AccountId, account, membership};
use crate::platform::{Actor, Db, Result, Tx};

/// Practices of one look.
const BATCH: u64 = 20;

/// Asks where it is time. Bounded, and harmless when done twice.
pub async fn due(db: &Db, room: &Postroom) -> Result<usize> {
    let mut tx = db.write(Actor::System("checks")).await?;
    let found = care::take_due(&mut tx, BATCH).await?;
    for (practice, left) in &found {
        ask(&mut tx, room, practice, *left).await?;
    }
    if !found.is_empty() {
        tx.commit().await?;
    }
    Ok(found.len())
}

async fn ask(tx: &mut Tx, room: &Postroom, practice: &Practice, left: i64) -> Result<()> {
    let _permit = policy::remind(tx.actor())?;
    let (Some(school), Some(due)) = (practice.origin_school, practice.check_by) else { return Ok(()) };
    let (principals, delegates) = membership::leads_of(tx, school).await?;
    let mut readers: Vec<Account> = principals;
    let author = kept::of_practice(tx.conn(), practice.id).await?.into_iter().next().map(|last| last.author);
    let author: Vec<AccountId> = author.into_iter().collect();
    let mut writers = account::accounts_in(tx, &author).await?;
    for reader in delegates.into_iter().chain(author.iter().filter_map(|id| writers.remove(id))) {
        if readers.iter().all(|known| known.id != reader.id) {
            readers.push(reader);
        }
    }
    let title = &practice.record.title;
    let day = due.format("%B %-d, %Y").to_string();
    let path = format!("/practices/{}/check", practice.slug);
    let line = format!("Does it still hold? {title} (by {day})");
    let notices = readers.into_iter().map(|reader| {
        let event = format!("practice:{}:check:{due}:{}", practice.id, i32::from(left > 0));
        let letter = reader.email.as_ref().map(|to| {
            Letter::new("practice_check", event.clone(), to.as_str(), format!("Does it still hold by {day}? {title}"))
                .say(format!(
                    "{title} was last checked a long time ago. Its page asks its school to look again by {day}."
                ))
                .button("Say whether it still holds", room.head.link(&path))
                .say("If something changed, propose a change on its page; nothing happens by itself.")
                .because("It began at your school on Common Ground, and you wrote it or answer for the school.")
        });
        Notice {
            account: reader.id,
            topic: Topic::Practices,
            event,
            about: ("practice", practice.id.0),
            line: line.clone(),
            path: path.clone(),
            letter,
        }
    });
    let notices = notices.collect();
    notices::tell_many(tx, room, notices).await
}
