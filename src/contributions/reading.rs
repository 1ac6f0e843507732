//! What the pages of a review show, for whoever may know of it: the text, what it changes, the conversation, and what the reader may do.

use std::collections::HashMap;

use super::contribution::{Contribution, ContributionId};
use super::entry::{Entry, Kind};
use super::review::Standing;
use super::store::{self, review as kept};
use super::{policy, with_editors};
use crate::catalog::compare::{self, Change};
use crate::catalog::{self, Practice, PracticeId, PracticeRecord};
use crate::people::{self, Account, AccountId, School, account};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};

/// What the reader may do now.
#[derive(Clone, Copy, Debug, Default)]
pub struct May {
    /// Change the text: it is open and they write it.
    pub write: bool,
    /// Take it back: they write it and it is with editors or the school.
    pub take_back: bool,
    /// Answer as an editor now.
    pub answer: bool,
    /// They edit, but wrote it themselves.
    pub own: bool,
    /// They edit.
    pub edit: bool,
    /// Say yes or no for the school now.
    pub confirm: bool,
    /// Speak in the review.
    pub speak: bool,
}

/// A contribution as its review shows it.
#[derive(Debug)]
pub struct Reviewed {
    /// The contribution.
    pub contribution: Contribution,
    /// Its co-editors.
    pub editors: Vec<AccountId>,
    /// The conversation, the first word first.
    pub entries: Vec<Entry>,
    /// What is kept beside it.
    pub standing: Standing,
    /// Everybody who is named.
    pub people: HashMap<AccountId, Account>,
    /// Its school.
    pub school: Option<School>,
    /// What it says.
    pub record: PracticeRecord,
    /// What it changes, where it is the next version of a practice.
    pub changes: Option<Vec<Change>>,
    /// What changed since an editor answered last, and the number of that entry.
    pub since: Option<(i32, Vec<Change>)>,
    /// The practice as the catalog has it; `None` before its first version is published.
    pub practice: Option<Practice>,
    /// Whether the reader leads its school.
    pub leads: bool,
    /// What the reader may do.
    pub may: May,
}

impl Reviewed {
    /// The version that the practice has by now, where this was written against an older one.
    pub fn newer(&self) -> Option<i32> {
        let version = self.practice.as_ref().filter(|_| self.contribution.is_next_version())?.version;
        Some(version).filter(|version| *version > self.contribution.after)
    }

    /// Whether the practice was taken out of the catalog meanwhile.
    pub fn is_retired(&self) -> bool {
        let practice = self.practice.as_ref().filter(|_| self.contribution.is_next_version());
        practice.is_some_and(|practice| practice.status == PracticeStatus::RETIRED)
    }

    /// How somebody is called.
    pub fn name(&self, account: AccountId) -> &str {
        self.people.get(&account).map_or("somebody", |person| person.name.as_str())
    }
}

/// Reads it. A constant number of statements.
///
/// # Errors
/// `NotFound` for who may not know of it.
pub async fn reviewed(cx: &Cx, id: ContributionId) -> Result<Reviewed> {
    let (contribution, editors) = with_editors(cx, id).await?;
    let entries = kept::entries(cx.conn(), id).await?;
    let standing = kept::standing(cx.conn(), id).await?;
    let mut wanted = vec![contribution.author];
    wanted.extend(&editors);
    wanted.extend(entries.iter().filter_map(|entry| entry.by));
    wanted.extend(standing.taken.map(|(by, _)| by));
    wanted.sort_unstable();
    wanted.dedup();
    let people = account::accounts(cx, &wanted).await?;
    let school = people::schools(cx, &[contribution.school]).await?.remove(&contribution.school);
    let (record, _) = contribution.so_far(cx.now().date_naive());
    let mut changes = None;
    if contribution.is_next_version() {
        let base = catalog::version(cx, contribution.practice, contribution.after).await?;
        changes = Some(compare::diff(&base.record, &record));
    }
    let practice = catalog::practices(cx, &[contribution.practice]).await?.remove(&contribution.practice);
    Ok(Reviewed {
        since: since(cx, &contribution, &entries, &record).await?,
        leads: policy::leads(cx.actor(), contribution.school),
        may: may(cx, &contribution, &editors).await?,
        practice,
        contribution,
        editors,
        entries,
        standing,
        people,
        school,
        record,
        changes,
    })
}

/// What changed since the last answer of an editor or the school.
async fn since(
    cx: &Cx,
    now: &Contribution,
    entries: &[Entry],
    record: &PracticeRecord,
) -> Result<Option<(i32, Vec<Change>)>> {
    let answers = [Kind::ChangesRequested, Kind::Refused, Kind::Approved];
    let Some(last) = entries.iter().rev().find(|entry| answers.contains(&entry.kind)) else { return Ok(None) };
    if last.revision == now.revision {
        return Ok(None);
    }
    let Some(save) = store::save(cx.conn(), now.id, last.revision).await? else { return Ok(None) };
    let (before, _) = catalog::parse::so_far(&save.draft, cx.now().date_naive());
    Ok(Some((last.number, compare::diff(&before, record))))
}

async fn may(cx: &Cx, now: &Contribution, editors: &[AccountId]) -> Result<May> {
    let actor = cx.actor();
    let me = actor.account().map(AccountId);
    let writes = policy::writes(actor, now, editors);
    let edit = policy::edits(actor);
    let wrote = match me {
        Some(me) if edit => writes || kept::wrote(cx.conn(), now.id, me).await?,
        _ => writes,
    };
    Ok(May {
        write: writes && now.is_open(),
        take_back: writes && matches!(now.state, PracticeStatus::SUBMITTED | PracticeStatus::APPROVED),
        answer: edit && !wrote && now.state == PracticeStatus::SUBMITTED,
        own: edit && wrote,
        edit,
        confirm: policy::leads(actor, now.school) && now.state == PracticeStatus::APPROVED,
        speak: now.submitted_at.is_some() && now.state != PracticeStatus::PUBLISHED,
    })
}

/// The conversation alone, for those who may know of it.
pub async fn entries(cx: &Cx, id: ContributionId) -> Result<Vec<Entry>> {
    with_editors(cx, id).await?;
    kept::entries(cx.conn(), id).await
}

/// The contribution that a caller means by its own id, or by the id or the name in addresses of its practice: the one under way, or
/// the last.
pub async fn meant(cx: &Cx, reference: &str) -> Result<Contribution> {
    if let Ok(id) = reference.parse::<ContributionId>()
        && let Some(found) = store::by_id(cx.conn(), id).await?
    {
        return super::contribution(cx, found.id).await;
    }
    let practice = match reference.parse::<PracticeId>() {
        Ok(id) => id,
        Err(_) => catalog::practice(cx, reference).await?.id,
    };
    let found = kept::of_practice(cx.conn(), practice).await?;
    let open = |one: &&Contribution| !matches!(one.state, PracticeStatus::PUBLISHED | PracticeStatus::DECLINED);
    let Some(one) = found.iter().find(open).or(found.first()) else { return Err(Error::NotFound("practice")) };
    super::contribution(cx, one.id).await
}
