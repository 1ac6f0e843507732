//! Writing a contribution: beginning one, saving what somebody wrote, throwing a draft away.

use serde_json::json;

use super::contribution::{Contribution, ContributionId};
use super::merge::{self, Conflict, merge};
use super::{policy, store};
use crate::catalog::draft::PracticeDraft;
use crate::catalog::guard::{self, Finding};
use crate::catalog::parse::so_far;
use crate::catalog::{self, NewPractice, Practice, PracticeId, Rules, Trust};
use crate::people::{self, AccountId, SchoolId};
use crate::platform::vocabulary::{AppliesTo, PracticeStatus};
use crate::platform::{Error, Event, FieldErrors, Result, Tx};

/// Longest note on what changed, in characters.
const NOTE: usize = 1_000;

/// A contribution to begin.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The school where the practice began.
    pub school: SchoolId,
    /// What it says so far.
    pub draft: PracticeDraft,
    /// Marks of pieces of text of which the writer says that they name no student.
    pub cleared: Vec<String>,
}

/// What somebody wrote.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The revision that they read.
    pub base: i32,
    /// The fields that they wrote in.
    pub fields: Vec<&'static str>,
    /// What those fields say now.
    pub draft: PracticeDraft,
    /// Marks of pieces of text of which the writer says that they name no student.
    pub cleared: Vec<String>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Outcome<T> {
    /// It is kept.
    Kept(T),
    /// Nothing is kept: these pieces may point at a student. Who says that they do not, sends their marks along.
    Held(Vec<Finding>),
}

/// A save that is kept.
#[derive(Clone, Debug, Default)]
pub struct Saved {
    /// The revision after it.
    pub revision: i32,
    /// Whether somebody else changed one of these fields in the meantime: the form shows old words.
    pub others: bool,
    /// Fields that both changed. What the draft says is the other's; both are in its history.
    pub conflicts: Vec<Conflict>,
}

/// Begins a new practice.
///
/// # Errors
/// `Forbidden` for people of other schools, `Invalid` for a draft without a title or far too large.
pub async fn begin(tx: &mut Tx, new: Beginning) -> Result<Outcome<ContributionId>> {
    let draft = merge::tidy(&new.draft);
    if draft.title.is_none() {
        return Err(Error::invalid("title", "Give it a title of at most 80 characters that says what people do."));
    }
    if let Some(held) = held(&PracticeDraft::default(), &draft, &new.cleared) {
        // Asked first, so that nobody hears of a text who may not write one.
        let _permit = policy::begin(tx.actor(), new.school)?;
        return Ok(Outcome::Held(held));
    }
    let start = Start { practice: PracticeId::fresh(), after: 0, school: new.school, copied_from: None };
    Ok(Outcome::Kept(open(tx, start, draft, new.cleared).await?))
}

/// Begins a new practice with what a practice of somebody else says: the reference to it stays.
pub async fn begin_copy(tx: &mut Tx, from: &Practice, school: SchoolId) -> Result<ContributionId> {
    let _permit = policy::begin(tx.actor(), school)?;
    if from.origin_school == Some(school) {
        return Err(Error::Conflict("This practice is your school's own; propose a change to it.".to_owned()));
    }
    let start = Start { practice: PracticeId::fresh(), after: 0, school, copied_from: Some(from.id) };
    open(tx, start, copied(from), Vec::new()).await
}

/// Begins the next version of a practice, or gives the one that the actor writes already. One is under way at a time.
pub async fn begin_next(tx: &mut Tx, practice: PracticeId) -> Result<ContributionId> {
    let found = catalog::practice_held(tx, practice).await?.ok_or(Error::NotFound("practice"))?;
    if found.status == PracticeStatus::RETIRED {
        return Err(Error::Conflict(
            "This practice was taken out of the catalog; nobody changes it any more.".to_owned(),
        ));
    }
    let Some(school) = found.origin_school else {
        let sentence = "This record names no school; start a practice of your own from it.";
        return Err(Error::Conflict(sentence.to_owned()));
    };
    let _permit = policy::begin(tx.actor(), school)?;
    if let Some(other) = store::under_way(tx.conn(), practice).await? {
        let editors = store::editors(tx.conn(), other.id).await?;
        if policy::knows(tx.actor(), &other, &editors) {
            return Ok(other.id);
        }
        let sentence = "A colleague of yours is changing this practice already; ask at your school to write with them.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    let start = Start { practice, after: found.version, school, copied_from: None };
    open(tx, start, PracticeDraft::from_record(&found.record), Vec::new()).await
}

struct Start {
    practice: PracticeId,
    after: i32,
    school: SchoolId,
    copied_from: Option<PracticeId>,
}

async fn open(tx: &mut Tx, start: Start, draft: PracticeDraft, cleared: Vec<String>) -> Result<ContributionId> {
    let permit = policy::begin(tx.actor(), start.school)?;
    let Some(author) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    if !people::schools_in(tx, &[start.school]).await?.contains_key(&start.school) {
        return Err(Error::NotFound("school"));
    }
    let draft = merge::tidy(&draft);
    small_enough(&draft)?;
    own_claims(&PracticeDraft::default(), &draft, &start, tx)?;
    let id = ContributionId::fresh();
    let new = Contribution {
        id,
        practice: start.practice,
        after: start.after,
        school: start.school,
        author,
        state: PracticeStatus::DRAFT,
        draft,
        cleared,
        revision: 1,
        note: None,
        copied_from: start.copied_from,
        submitted_at: None,
        approved: None,
        confirmed: None,
        published_version: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx.conn(), &new).await?;
    store::keep_revision(tx.conn(), id, 1, &new.draft, Some(author), tx.now()).await?;
    let detail = json!({
        "practice": new.practice, "after": new.after, "school": new.school, "copied_from": new.copied_from,
        "cleared": new.cleared.len(),
    });
    tx.record(&permit, Event::about("contribution.begun", "contribution", id.0).with(detail)).await?;
    Ok(id)
}

/// Keeps what somebody wrote, joined with what others saved since they read it.
///
/// # Errors
/// `NotFound` for a contribution the actor may not know of, `Conflict` while it is reviewed or once it is through, `Stale` where the
/// revision they read is not there, `Invalid` where it is far too large or names evidence as checked that no editor checked.
pub async fn save(tx: &mut Tx, id: ContributionId, change: Change) -> Result<Outcome<Saved>> {
    let (mut now, editors) = held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    still_open(&now)?;
    let base = match change.base {
        same if same == now.revision => now.draft.clone(),
        older => store::save(tx.conn(), id, older).await?.ok_or(Error::Stale)?.draft,
    };
    let mine = merge::tidy(&change.draft);
    let merged = merge(&base, &now.draft, &mine, &change.fields);
    let mut wanted = merged.draft.clone();
    for conflict in &merged.conflicts {
        wanted = merge::with_field(&wanted, conflict.field, conflict.mine.clone());
    }
    small_enough(&wanted)?;
    let today = tx.now().date_naive();
    checked_claims(&now.draft, &wanted, today)?;
    let mut cleared = now.cleared.clone();
    cleared.extend(change.cleared.iter().filter(|mark| !now.cleared.contains(mark)).cloned());
    if let Some(held) = held(&now.draft, &wanted, &cleared) {
        return Ok(Outcome::Held(held));
    }
    let saved = |revision| Saved { revision, others: merged.others, conflicts: merged.conflicts.clone() };
    if merged.changed.is_empty() && merged.conflicts.is_empty() {
        return Ok(Outcome::Kept(saved(now.revision)));
    }
    let by = tx.actor().account().map(AccountId);
    // Only marks of what is really there, so that the list stays short.
    let marks: Vec<String> = guard::findings(&wanted).into_iter().map(|finding| finding.mark).collect();
    cleared.retain(|mark| marks.contains(mark));
    let newly = cleared.iter().filter(|mark| !now.cleared.contains(mark)).count();
    if !merged.conflicts.is_empty() {
        // The words that do not stand are a save of their own in the history.
        now.revision += 1;
        store::keep_revision(tx.conn(), id, now.revision, &wanted, by, tx.now()).await?;
    }
    now.revision += 1;
    store::keep_revision(tx.conn(), id, now.revision, &merged.draft, by, tx.now()).await?;
    (now.draft, now.cleared, now.updated_at) = (merged.draft.clone(), cleared, tx.now());
    store::update(tx.conn(), &now).await?;
    let detail = json!({
        "revision": now.revision, "fields": merged.changed, "conflicts": merged.conflicts.len(), "cleared": newly,
    });
    tx.record(&permit, Event::about("contribution.saved", "contribution", id.0).with(detail)).await?;
    Ok(Outcome::Kept(saved(now.revision)))
}

/// Keeps what changed, for the next version of a practice: the versions of its page say it.
pub async fn note(tx: &mut Tx, id: ContributionId, note: &str) -> Result<()> {
    let (mut now, editors) = held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    still_open(&now)?;
    let note: String =
        note.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    if note.chars().count() > NOTE {
        return Err(Error::invalid("note", format!("Say what changed in at most {NOTE} characters.")));
    }
    if let Some(found) = guard::of_text("note", &note).into_iter().find(|found| !now.cleared.contains(&found.mark)) {
        let sentence = format!("Take out what may point at a student: \u{201c}{}\u{201d}.", found.quote);
        return Err(Error::invalid("note", sentence));
    }
    let note = Some(note).filter(|note| !note.is_empty());
    if note == now.note {
        return Ok(());
    }
    (now.note, now.updated_at) = (note, tx.now());
    store::update(tx.conn(), &now).await?;
    tx.record(&permit, Event::about("contribution.noted", "contribution", id.0)).await
}

/// Throws a draft away that was never submitted. What was is on the record and stays.
pub async fn discard(tx: &mut Tx, id: ContributionId) -> Result<()> {
    let (now, editors) = held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    if now.state != PracticeStatus::DRAFT || now.submitted_at.is_some() {
        let sentence = "This was submitted, and its review stays on the record; it cannot be thrown away.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    store::delete(tx.conn(), id).await?;
    let detail = json!({ "practice": now.practice, "revision": now.revision });
    tx.record(&permit, Event::about("contribution.discarded", "contribution", id.0).with(detail)).await
}

/// A contribution and its co-editors, held until the transaction ends, for those who may know of it.
pub(super) async fn held_for(tx: &Tx, id: ContributionId) -> Result<(Contribution, Vec<AccountId>)> {
    let found = store::held(tx.conn(), id).await?.ok_or(Error::NotFound("practice"))?;
    let editors = store::editors(tx.conn(), id).await?;
    if policy::knows(tx.actor(), &found, &editors) { Ok((found, editors)) } else { Err(Error::NotFound("practice")) }
}

fn still_open(now: &Contribution) -> Result<()> {
    if now.is_open() {
        return Ok(());
    }
    let sentence = match now.state {
        PracticeStatus::PUBLISHED => "This is published; propose a change from the page of the practice.",
        PracticeStatus::DECLINED => "This was declined; begin another one.",
        _ => "This is being reviewed; take it back first, or wait for the answer.",
    };
    Err(Error::Conflict(sentence.to_owned()))
}

/// What may point at a student in the fields that differ between two drafts, and is not cleared.
fn held(before: &PracticeDraft, after: &PracticeDraft, cleared: &[String]) -> Option<Vec<Finding>> {
    let old: Vec<String> = guard::findings(before).into_iter().map(|finding| finding.mark).collect();
    let mut found = guard::findings(after);
    found.retain(|finding| !cleared.contains(&finding.mark) && !old.contains(&finding.mark));
    (!found.is_empty()).then_some(found)
}

fn small_enough(draft: &PracticeDraft) -> Result<()> {
    match merge::too_large(draft) {
        Some((field, sentence)) => Err(Error::invalid(field, sentence)),
        None => Ok(()),
    }
}

/// Tiers 1 to 3 and the word of who checked are an editor's (P-2): a writer carries on, word for word, what the draft holds, and
/// sets none.
fn checked_claims(before: &PracticeDraft, after: &PracticeDraft, today: chrono::NaiveDate) -> Result<()> {
    let reviewed = so_far(before, today).0.evidence_claims;
    let claims = PracticeDraft { evidence_claims: after.evidence_claims.clone(), ..PracticeDraft::default() };
    let claims = PracticeDraft { title: Some("-".to_owned()), ..claims };
    let Err(errors) = NewPractice::parse(claims, Rules::Draft, Trust::Author { reviewed: &reviewed }, today) else {
        return Ok(());
    };
    let mut refused = FieldErrors::default();
    for error in errors.iter().filter(|e| e.field.ends_with("/tier") || e.field.ends_with("/checked_by")) {
        refused.add(error.field.clone(), error.message.clone());
    }
    refused.or(()).map_err(Error::Invalid)
}

/// The same for a beginning: claims of a practice that is in the catalog were checked there.
fn own_claims(before: &PracticeDraft, after: &PracticeDraft, start: &Start, tx: &Tx) -> Result<()> {
    if start.after > 0 || start.copied_from.is_some() {
        return Ok(());
    }
    checked_claims(before, after, tx.now().date_naive())
}

/// What a practice of others brings along: what they do and what is known of the idea. What is true of their school alone (people,
/// numbers, dates, visits) is left for the new one to say.
fn copied(from: &Practice) -> PracticeDraft {
    let mut record = from.record.clone();
    record.evidence_claims.retain(|claim| claim.applies_to == Some(AppliesTo::IDEA));
    record.local_measures.clear();
    record.contributors.clear();
    record.timeline.clear();
    (record.in_use_since, record.result) = (None, None);
    (record.stopped_because, record.what_replaced_it) = (None, None);
    (record.contact_role, record.who_decided) = (None, None);
    (record.open_to_visits, record.visit_rules, record.max_visits_per_term) = (None, None, None);
    PracticeDraft::from_record(&record)
}
