//! The yes of the school (P-4). When an editor has approved, the principals of the school get a letter with a signed link; where there
//! is none, the delegates. The link opens a page with the text and two buttons: opening it changes nothing (T10). Their yes publishes
//! in the same transaction; their no sends it back with a reason.
//!
//! What the link may do is looked up when it is used: who does not lead the school any more cannot use it.

use chrono::TimeDelta;
use serde_json::json;

use super::contribution::{Contribution, ContributionId};
use super::entry::{Kind, Speaker};
use super::review::{self, Said, Standing};
use super::store::{self, review as kept};
use super::{letters, policy, school_days, writing};
use crate::catalog::{self, NewPractice, Release, Rules, Trust};
use crate::notices::Postroom;
use crate::people::errand::Errand;
use crate::people::{AccountId, membership};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Db, Error, Event, Result, Tx};

/// The school is asked again so many school days after it was asked.
const AGAIN: [i64; 2] = [3, 4];
/// Contributions whose schools are asked in one look.
const BATCH: u64 = 20;

/// What the link of that letter is for: `/confirm-practice/{token}`.
#[derive(Clone, Copy, Debug)]
pub struct SchoolsYes;

impl Errand for SchoolsYes {
    fn purpose(self) -> String {
        "practice:confirm".to_owned()
    }

    fn base(self) -> String {
        "/confirm-practice/".to_owned()
    }
}

/// The school says yes to the revision that was read: it is published. Said twice, it is published once.
///
/// # Errors
/// `Forbidden` for who does not lead the school, `Conflict` where no editor has approved this revision or the practice has a newer
/// version: nothing is published then.
pub async fn confirm(tx: &mut Tx, room: &Postroom, id: ContributionId, revision: i32) -> Result<()> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::confirm(tx.actor(), &now)?;
    if now.state == PracticeStatus::PUBLISHED {
        return Ok(());
    }
    waits_for_school(&now, revision)?;
    now.confirmed = tx.actor().account().map(|account| (AccountId(account), tx.now()));
    review::note(tx, &now, Speaker::School, Kind::Confirmed, None).await?;
    let detail = json!({ "practice": now.practice, "revision": revision });
    tx.record(&permit, Event::about("contribution.confirmed", "contribution", id.0).with(detail)).await?;
    publish(tx, room, now, &editors).await
}

/// The school says no, and why; its writers change it or leave it.
pub async fn refuse(tx: &mut Tx, room: &Postroom, id: ContributionId, revision: i32, said: Said) -> Result<()> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::confirm(tx.actor(), &now)?;
    waits_for_school(&now, revision)?;
    let text = review::words(&said)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Say why; those who wrote it and the editors read it."));
    }
    let approved = now.approved;
    let number = review::note(tx, &now, Speaker::School, Kind::Refused, Some(text)).await?;
    review::reopen(&mut now, PracticeStatus::CHANGES_REQUESTED, tx.now());
    store::update(tx.conn(), &now).await?;
    review::stop_asking(tx, id).await?;
    let detail = json!({ "practice": now.practice, "revision": revision, "number": number });
    tx.record(&permit, Event::about("contribution.refused", "contribution", id.0).with(detail)).await?;
    letters::refused(tx, room, &now, &editors, number, approved.map(|(by, _)| by)).await
}

/// An editor has approved it: it is published at once where the school's yes came with the submission and still counts; its leads are
/// asked otherwise.
pub(super) async fn after_approval(
    tx: &mut Tx,
    room: &Postroom,
    mut now: Contribution,
    editors: &[AccountId],
    number: i32,
) -> Result<()> {
    let _asked = policy::review(tx.actor(), false)?;
    if let Some((by, _)) = now.confirmed {
        let (principals, delegates) = membership::leads_of(tx, now.school).await?;
        if principals.iter().chain(&delegates).any(|lead| lead.id == by) {
            return publish(tx, room, now, editors).await;
        }
        now.confirmed = None;
        store::update(tx.conn(), &now).await?;
    }
    letters::decided(tx, room, &now, editors, number, Kind::Approved).await?;
    ask(tx, room, &now).await.map(drop)
}

/// Asks the leads of the school for their yes, for the first time or again. Gives whom.
async fn ask(tx: &mut Tx, room: &Postroom, now: &Contribution) -> Result<usize> {
    // The program asks, or the editor who has just approved.
    let _permit = policy::remind(tx.actor()).or_else(|_| policy::review(tx.actor(), false))?;
    let standing = kept::standing(tx.conn(), now.id).await?;
    let (principals, delegates) = membership::leads_of(tx, now.school).await?;
    // Whoever acts for a principal hears of it where there is none, and when a principal has not answered.
    let mut readers = principals;
    if readers.is_empty() || standing.asked > 0 {
        for delegate in delegates {
            if readers.iter().all(|reader| reader.id != delegate.id) {
                readers.push(delegate);
            }
        }
    }
    let next = if readers.is_empty() {
        // Nobody leads the school here: looked at again each day, and the page says what to do.
        Standing { ask_at: Some(tx.now() + TimeDelta::days(1)), ..standing }
    } else {
        let again = AGAIN.get(usize::try_from(standing.asked).unwrap_or(usize::MAX));
        let ask_at = again.map(|days| school_days::after(tx.now(), *days));
        Standing { asked: standing.asked + 1, ask_at, ..standing }
    };
    kept::put_standing(tx.conn(), now.id, next).await?;
    letters::confirm(tx, room, now, &readers, standing.asked).await?;
    Ok(readers.len())
}

/// Asks again where the time for it has come. Bounded, and harmless when done twice.
pub async fn due(db: &Db, room: &Postroom) -> Result<usize> {
    let cx = db.cx(Actor::System("review"));
    let ids = kept::to_ask(cx.conn(), cx.now(), BATCH).await?;
    for id in &ids {
        let mut tx = db.write(Actor::System("review")).await?;
        let Some(now) = store::held(tx.conn(), *id).await? else { continue };
        let standing = kept::standing(tx.conn(), *id).await?;
        if standing.ask_at.is_none_or(|at| at > tx.now()) {
            continue;
        }
        if now.state == PracticeStatus::APPROVED {
            let asked = ask(&mut tx, room, &now).await?;
            if asked > 0 {
                let permit = policy::remind(tx.actor())?;
                let detail = json!({ "asked": asked, "time": standing.asked + 1 });
                let event = Event::about("contribution.school_asked_again", "contribution", id.0).with(detail);
                tx.record(&permit, event).await?;
            }
        } else {
            review::stop_asking(&tx, *id).await?;
        }
        tx.commit().await?;
    }
    Ok(ids.len())
}

/// Puts it into the catalog. The catalog asks who may.
async fn publish(tx: &mut Tx, room: &Postroom, mut now: Contribution, editors: &[AccountId]) -> Result<()> {
    let _permit = policy::confirm(tx.actor(), &now).or_else(|_| policy::review(tx.actor(), false))?;
    review::up_to_date(tx, &now).await?;
    let draft = catalog::draft::PracticeDraft { origin_school: Some(now.school.to_string()), ..now.draft.clone() };
    let parsed = NewPractice::parse(draft, Rules::Full, Trust::Editor, tx.now().date_naive());
    let record = parsed.map_err(|_| {
        let sentence = "It breaks a rule of publication by now; its writers take it back and submit it again.";
        Error::Conflict(sentence.to_owned())
    })?;
    let release = Release {
        id: now.practice,
        after: now.after,
        record: record.record,
        origin: now.school,
        note: now.note.clone().filter(|_| now.is_next_version()),
    };
    let (slug, version) = catalog::release(tx, release).await?;
    (now.state, now.published_version, now.updated_at) = (PracticeStatus::PUBLISHED, Some(version), tx.now());
    store::update(tx.conn(), &now).await?;
    review::stop_asking(tx, now.id).await?;
    let number = review::note(tx, &now, Speaker::System, Kind::Published, Some(format!("Version {version}"))).await?;
    letters::published(tx, room, &now, editors, number, &slug, version).await
}

fn waits_for_school(now: &Contribution, revision: i32) -> Result<()> {
    match now.state {
        PracticeStatus::APPROVED if now.revision == revision => Ok(()),
        PracticeStatus::APPROVED => {
            Err(Error::Conflict("It was changed since you read it; read it again, then answer.".to_owned()))
        }
        PracticeStatus::SUBMITTED => Err(Error::Conflict("An editor has to approve it first.".to_owned())),
        _ => Err(Error::Conflict(review::already(now).to_owned())),
    }
}
