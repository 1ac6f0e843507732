//! Who else writes a contribution: colleagues of its school, named by their work address.

use serde_json::json;

use super::contribution::ContributionId;
use super::{policy, store, writing};
use crate::mail::Email;
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::{AccountId, membership};
use crate::platform::{Error, Event, Place, Result, Role, Tx};

/// Most co-editors of one contribution.
const MOST: usize = 20;

/// Roles whose holders write practices of their school.
const STAFF: [Role; 4] = [Role::Teacher, Role::Principal, Role::Delegate, Role::Organizer];

/// A colleague of the school writes it too, and hears so. Twice is as good as once.
///
/// # Errors
/// `Invalid` for an address of nobody at the school: who has an account elsewhere is not told.
pub async fn add(tx: &mut Tx, room: &Postroom, id: ContributionId, email: &str) -> Result<AccountId> {
    let (now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::name_writers(tx.actor(), &now, &editors)?;
    let email = Email::parse(email).map_err(|_| Error::invalid("email", "Give the work address of a colleague."))?;
    let staff = membership::holders(tx, &STAFF, Place::School(now.school.0)).await?;
    let Some(colleague) = staff.into_iter().find(|account| account.email.as_ref() == Some(&email)) else {
        let sentence =
            "Nobody at your school has an account with this address; ask them to join the school here first.";
        return Err(Error::invalid("email", sentence));
    };
    if colleague.id == now.author || editors.contains(&colleague.id) {
        return Ok(colleague.id);
    }
    if editors.len() >= MOST {
        return Err(Error::invalid("email", format!("At most {MOST} people write a practice together.")));
    }
    store::add_editor(tx.conn(), id, colleague.id, tx.now()).await?;
    let detail = json!({ "account": colleague.id });
    tx.record(&permit, Event::about("contribution.editor_added", "contribution", id.0).with(detail)).await?;
    if tx.actor().account() != Some(colleague.id.0) {
        let notice = Notice {
            account: colleague.id,
            topic: Topic::Practices,
            event: format!("contribution:{id}:editor:{}", tx.now().timestamp()),
            about: ("contribution", id.0),
            line: format!("You can write with colleagues now: {}", now.title()),
            path: format!("/contributions/{id}"),
            letter: None,
        };
        notices::tell(tx, room, notice).await?;
    }
    Ok(colleague.id)
}

/// Somebody writes it no more; they may say so themselves. Twice is as good as once.
pub async fn remove(tx: &mut Tx, id: ContributionId, account: AccountId) -> Result<()> {
    let (now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::name_writers(tx.actor(), &now, &editors)?;
    if store::remove_editor(tx.conn(), id, account).await? {
        let detail = json!({ "account": account });
        tx.record(&permit, Event::about("contribution.editor_removed", "contribution", id.0).with(detail)).await?;
    }
    Ok(())
}
