//! The review of a contribution (P-7): its writers submit it, editors answer with approval, a request for changes or a decline, each
//! with words on the record, and everybody who may know of it can speak. Nobody reviews what they wrote.
//!
//! Every operation holds the row of the contribution, so two editors at once are one after the other, and the later one is told what
//! the other did. What somebody decides about is named by its revision: a text that changed meanwhile is not approved unread.

use chrono::NaiveDate;
use serde_json::json;

use super::contribution::{Contribution, ContributionId};
use super::entry::{self, Entry, Kind, Speaker};
use super::merge::{self, Conflict};
use super::store::{self, review as kept};
use super::{confirm, letters, policy, writing};
use crate::catalog::draft::{ClaimDraft, PracticeDraft};
use crate::catalog::fields::Field;
use crate::catalog::guard;
use crate::catalog::{self, NewPractice, Rules, Trust};
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Error, Event, FieldErrors, Result, Timestamp, Tx};

/// What is kept beside the conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The editor who looks at it, and since when.
    pub taken: Option<(AccountId, Timestamp)>,
    /// How often the leads of the school were asked for their yes.
    pub asked: i32,
    /// When they are asked again.
    pub ask_at: Option<Timestamp>,
}

/// What somebody says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// In their words; empty says nothing.
    pub text: String,
    /// The key of the field that they speak of; empty for none.
    pub field: String,
    /// Words of that field; empty for none.
    pub quote: String,
    /// They say that nothing in their words points at a student.
    pub no_student: bool,
}

/// An editor's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be published, once the school says yes.
    Approve,
    /// Something has to change first.
    RequestChanges,
    /// It is not for this catalog.
    Decline,
}

impl Verdict {
    /// As forms and the API spell it.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "approve" => Some(Self::Approve),
            "request_changes" => Some(Self::RequestChanges),
            "decline" => Some(Self::Decline),
            _ => None,
        }
    }
}

/// Gives it to the editors. Submitted by the principal or a delegate, it has the school's yes.
///
/// # Errors
/// `Invalid` with every rule of publication that it breaks and every piece that may point at a student, `Conflict` where it is not
/// open or the practice has a newer version.
pub async fn submit(tx: &mut Tx, room: &Postroom, id: ContributionId, said: Said) -> Result<()> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    if !now.is_open() {
        return Err(Error::Conflict(already(&now).to_owned()));
    }
    up_to_date(tx, &now).await?;
    let mut errors = super::checks::publishable(&now, tx.now().date_naive());
    for held in now.held_back() {
        errors.add(held.field.clone(), format!("{} It says: \u{201c}{}\u{201d}.", held.kind.sentence(), held.quote));
    }
    errors.or(())?;
    let text = words(&said)?;
    let leads = policy::leads(tx.actor(), now.school);
    now.confirmed = tx.actor().account().filter(|_| leads).map(|account| (AccountId(account), tx.now()));
    (now.state, now.submitted_at, now.approved) = (PracticeStatus::SUBMITTED, Some(tx.now()), None);
    now.updated_at = tx.now();
    store::update(tx.conn(), &now).await?;
    let number = note(tx, &now, Speaker::Writer, Kind::Submitted, Some(text)).await?;
    if now.confirmed.is_some() {
        note(tx, &now, Speaker::School, Kind::Confirmed, None).await?;
    }
    let standing = kept::standing(tx.conn(), id).await?;
    kept::put_standing(tx.conn(), id, Standing { asked: 0, ask_at: None, ..standing }).await?;
    let detail = json!({ "practice": now.practice, "revision": now.revision, "for_school": leads });
    tx.record(&permit, Event::about("contribution.submitted", "contribution", id.0).with(detail)).await?;
    letters::submitted(tx, room, &now, &editors, number, standing.taken.map(|(by, _)| by)).await
}

/// Its writers take it back and write on.
pub async fn take_back(tx: &mut Tx, room: &Postroom, id: ContributionId) -> Result<()> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    if now.is_open() {
        return Ok(());
    }
    if !matches!(now.state, PracticeStatus::SUBMITTED | PracticeStatus::APPROVED) {
        return Err(Error::Conflict(already(&now).to_owned()));
    }
    reopen(&mut now, PracticeStatus::DRAFT, tx.now());
    store::update(tx.conn(), &now).await?;
    stop_asking(tx, id).await?;
    let number = note(tx, &now, Speaker::Writer, Kind::TakenBack, None).await?;
    tx.record(&permit, Event::about("contribution.taken_back", "contribution", id.0)).await?;
    letters::taken_back(tx, room, &now, &editors, number).await
}

/// Somebody who may know of it says something.
pub async fn say(tx: &mut Tx, room: &Postroom, id: ContributionId, said: Said) -> Result<()> {
    let (now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::speak(tx.actor(), &now, &editors)?;
    if now.submitted_at.is_none() || now.state == PracticeStatus::PUBLISHED {
        let sentence = "There is no review to speak in: before it is submitted and once it is published.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    let text = words(&said)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Write what you want to say."));
    }
    let (field, quote) = quoted(&now.draft, &said)?;
    let speaker = speaks_as(tx.actor(), &now, &editors);
    let entry = Entry { field, quote, ..entry_of(tx, &now, speaker, Kind::Comment, Some(text)) };
    let number = kept::put_entry(tx.conn(), id, entry).await?;
    let detail = json!({ "number": number, "as": speaker.code() });
    tx.record(&permit, Event::about("contribution.commented", "contribution", id.0).with(detail)).await?;
    letters::said(tx, room, &now, &editors, number, speaker).await
}

/// An editor answers about the revision that they read.
///
/// # Errors
/// `Forbidden` for who wrote it or edits nothing, `Conflict` where it was answered, taken back or changed meanwhile, `Invalid` without
/// the words that a request or a decline needs.
pub async fn decide(
    tx: &mut Tx,
    room: &Postroom,
    id: ContributionId,
    revision: i32,
    verdict: Verdict,
    said: Said,
) -> Result<()> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::review(tx.actor(), wrote(tx, &now, &editors).await?)?;
    waits_for_editor(&now, revision)?;
    let text = words(&said)?;
    if text.is_empty() && verdict != Verdict::Approve {
        return Err(Error::invalid("text", "Say why; those who wrote it read it, and it stays on the record."));
    }
    let (field, quote) = quoted(&now.draft, &said)?;
    let (kind, state) = match verdict {
        Verdict::Approve => (Kind::Approved, PracticeStatus::APPROVED),
        Verdict::RequestChanges => (Kind::ChangesRequested, PracticeStatus::CHANGES_REQUESTED),
        Verdict::Decline => (Kind::Declined, PracticeStatus::DECLINED),
    };
    let entry = Entry { field, quote, ..entry_of(tx, &now, Speaker::Editor, kind, Some(text)) };
    let number = kept::put_entry(tx.conn(), id, entry).await?;
    if let Some(editor) = tx.actor().account() {
        let standing = kept::standing(tx.conn(), id).await?;
        let standing = Standing { taken: Some((AccountId(editor), tx.now())), ..standing };
        kept::put_standing(tx.conn(), id, standing).await?;
    }
    let detail = json!({ "practice": now.practice, "revision": revision, "number": number });
    if verdict != Verdict::Approve {
        reopen(&mut now, state, tx.now());
        store::update(tx.conn(), &now).await?;
        let action = if kind == Kind::Declined { "contribution.declined" } else { "contribution.changes_requested" };
        tx.record(&permit, Event::about(action, "contribution", id.0).with(detail)).await?;
        return letters::decided(tx, room, &now, &editors, number, kind).await;
    }
    up_to_date(tx, &now).await?;
    super::checks::publishable(&now, tx.now().date_naive()).or(())?;
    now.state = state;
    now.approved = tx.actor().account().map(|account| (AccountId(account), tx.now()));
    now.updated_at = tx.now();
    store::update(tx.conn(), &now).await?;
    tx.record(&permit, Event::about("contribution.approved", "contribution", id.0).with(detail)).await?;
    confirm::after_approval(tx, room, now, &editors, number).await
}

/// An editor says that they look at it, or takes it over from `seen`, whom they saw there.
pub async fn take(tx: &mut Tx, id: ContributionId, seen: Option<AccountId>) -> Result<()> {
    let (now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::review(tx.actor(), wrote(tx, &now, &editors).await?)?;
    let standing = kept::standing(tx.conn(), id).await?;
    let (Some(me), has) = (tx.actor().account().map(AccountId), standing.taken.map(|(by, _)| by)) else {
        return Err(Error::SignInRequired);
    };
    if has == Some(me) {
        return Ok(());
    }
    if has.is_some() && has != seen {
        return Err(Error::Conflict("Another editor looks at it since a moment ago; see who on this page.".to_owned()));
    }
    kept::put_standing(tx.conn(), id, Standing { taken: Some((me, tx.now())), ..standing }).await?;
    let detail = json!({ "from": has });
    tx.record(&permit, Event::about("contribution.review_taken", "contribution", id.0).with(detail)).await
}

/// An editor leaves it to others.
pub async fn leave(tx: &mut Tx, id: ContributionId) -> Result<()> {
    let (now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::review(tx.actor(), wrote(tx, &now, &editors).await?)?;
    let standing = kept::standing(tx.conn(), id).await?;
    if standing.taken.map(|(by, _)| by.0) != tx.actor().account() || standing.taken.is_none() {
        return Ok(());
    }
    kept::put_standing(tx.conn(), id, Standing { taken: None, ..standing }).await?;
    tx.record(&permit, Event::about("contribution.review_left", "contribution", id.0)).await
}

/// An editor sets the evidence of a text under review (P-2): `claims` are all of them. Those that they rated or changed carry that an
/// editor checked them, and when.
///
/// # Errors
/// `Invalid` for a tier without its citation or below its bar.
pub async fn set_evidence(tx: &mut Tx, id: ContributionId, revision: i32, claims: Vec<ClaimDraft>) -> Result<i32> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::review(tx.actor(), wrote(tx, &now, &editors).await?)?;
    waits_for_editor(&now, revision)?;
    let today = tx.now().date_naive();
    let wanted = merge::tidy(&PracticeDraft { evidence_claims: claims, ..PracticeDraft::default() }).evidence_claims;
    let checked = wanted.into_iter().map(|claim| checked(&now.draft.evidence_claims, claim, today)).collect();
    let after = PracticeDraft { evidence_claims: checked, ..now.draft.clone() };
    if after == now.draft {
        return Ok(now.revision);
    }
    let alone = PracticeDraft { evidence_claims: after.evidence_claims.clone(), ..PracticeDraft::default() };
    let alone = PracticeDraft { title: Some("-".to_owned()), ..alone };
    NewPractice::parse(alone, Rules::Draft, Trust::Editor, today).map_err(Error::Invalid)?;
    let told = told(&now.draft, &after, today);
    now.draft = after;
    now.revision += 1;
    now.updated_at = tx.now();
    let by = tx.actor().account().map(AccountId);
    store::update(tx.conn(), &now).await?;
    store::keep_revision(tx.conn(), id, now.revision, &now.draft, by, tx.now()).await?;
    let entry = entry_of(tx, &now, Speaker::Editor, Kind::Evidence, Some(told));
    let field = Some("evidence_claims".to_owned());
    kept::put_entry(tx.conn(), id, Entry { field, ..entry }).await?;
    let detail = json!({ "revision": now.revision, "claims": now.draft.evidence_claims.len() });
    tx.record(&permit, Event::about("contribution.evidence_set", "contribution", id.0).with(detail)).await?;
    Ok(now.revision)
}

/// Brings a next version up to date with the version that the practice has by now: what changed there is joined with what its writers
/// wrote. Where both changed one field, the writers' words stand and are named.
pub async fn bring_up_to_date(tx: &mut Tx, id: ContributionId) -> Result<Vec<Conflict>> {
    let (mut now, editors) = writing::held_for(tx, id).await?;
    let permit = policy::write(tx.actor(), &now, &editors)?;
    if !now.is_open() {
        return Err(Error::Conflict(already(&now).to_owned()));
    }
    let found = catalog::practice_held(tx, now.practice).await?;
    let Some(found) = found.filter(|found| now.is_next_version() && found.version > now.after) else {
        return Ok(Vec::new());
    };
    let Some(base) = catalog::version_in(tx, now.practice, now.after).await? else { return Err(Error::Stale) };
    let tidied = |record| merge::tidy(&PracticeDraft::from_record(record));
    let (base, theirs) = (tidied(&base.record), tidied(&found.record));
    let merged = merge::merge(&base, &theirs, &now.draft, &merge::every_field());
    let mut draft = merged.draft;
    for conflict in &merged.conflicts {
        draft = merge::with_field(&draft, conflict.field, conflict.mine.clone());
    }
    (now.draft, now.after, now.updated_at) = (draft, found.version, tx.now());
    now.revision += 1;
    let by = tx.actor().account().map(AccountId);
    store::update(tx.conn(), &now).await?;
    store::keep_revision(tx.conn(), id, now.revision, &now.draft, by, tx.now()).await?;
    let detail = json!({ "revision": now.revision, "after": now.after, "conflicts": merged.conflicts.len() });
    tx.record(&permit, Event::about("contribution.brought_up_to_date", "contribution", id.0).with(detail)).await?;
    Ok(merged.conflicts)
}

/// Refuses what was written against a version that is not the latest any more.
pub(super) async fn up_to_date(tx: &Tx, now: &Contribution) -> Result<()> {
    if !now.is_next_version() {
        return Ok(());
    }
    let found = catalog::practice_held(tx, now.practice).await?.ok_or(Error::NotFound("practice"))?;
    if found.status == PracticeStatus::RETIRED {
        let sentence = "This practice was taken out of the catalog; nobody changes it any more.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    if found.version == now.after {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "The practice has version {} by now, and this was written against version {}. Its writers bring it up to date on the page of \
         its review and submit it again.",
        found.version, now.after
    )))
}

/// Whether the actor wrote it: its author, a co-editor, or who ever saved it.
pub(super) async fn wrote(tx: &Tx, now: &Contribution, editors: &[AccountId]) -> Result<bool> {
    let Some(me) = tx.actor().account().map(AccountId) else { return Ok(false) };
    Ok(now.author == me || editors.contains(&me) || kept::wrote(tx.conn(), now.id, me).await?)
}

/// One more entry of somebody, without a quote; gives its number.
pub(super) async fn note(
    tx: &Tx,
    now: &Contribution,
    speaker: Speaker,
    kind: Kind,
    text: Option<String>,
) -> Result<i32> {
    kept::put_entry(tx.conn(), now.id, entry_of(tx, now, speaker, kind, text)).await
}

/// Nobody is asked for the school's yes any more.
pub(super) async fn stop_asking(tx: &Tx, id: ContributionId) -> Result<()> {
    let standing = kept::standing(tx.conn(), id).await?;
    kept::put_standing(tx.conn(), id, Standing { asked: 0, ask_at: None, ..standing }).await
}

/// Back to its writers, or out: what was agreed to holds no more.
pub(super) fn reopen(now: &mut Contribution, state: PracticeStatus, at: Timestamp) {
    (now.state, now.approved, now.confirmed, now.updated_at) = (state, None, None, at);
}

/// What somebody says, checked.
pub(super) fn words(said: &Said) -> Result<String> {
    let text = said.text.replace("\r\n", "\n");
    let text: String = text.trim().chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    if text.chars().count() > entry::TEXT {
        return Err(Error::invalid("text", format!("Write at most {} characters.", entry::TEXT)));
    }
    if let Some(found) = guard::of_text("text", &text).into_iter().next().filter(|_| !said.no_student) {
        let sentence = format!("{} It says: \u{201c}{}\u{201d}.", found.kind.sentence(), found.quote);
        return Err(Error::invalid("text", sentence));
    }
    Ok(text)
}

fn entry_of(tx: &Tx, now: &Contribution, speaker: Speaker, kind: Kind, text: Option<String>) -> Entry {
    Entry {
        id: ContributionId::fresh().0,
        number: 0,
        at: tx.now(),
        by: tx.actor().account().map(AccountId),
        speaker,
        kind,
        text: text.filter(|text| !text.is_empty()),
        field: None,
        quote: None,
        revision: now.revision,
    }
}

/// The field that is spoken of, and the words of it: they have to stand there.
fn quoted(draft: &PracticeDraft, said: &Said) -> Result<(Option<String>, Option<String>)> {
    let quote = plain(&said.quote);
    if said.field.is_empty() {
        return match quote.as_str() {
            "" => Ok((None, None)),
            _ => Err(Error::invalid("field", "Choose the field whose words you quote.")),
        };
    }
    let Some(field) = Field::named(&said.field) else {
        return Err(Error::invalid("field", "Choose a field of the list."));
    };
    let name = Some(field.name.to_owned());
    if quote.is_empty() {
        return Ok((name, None));
    }
    if quote.chars().count() > entry::QUOTE {
        return Err(Error::invalid("quote", format!("Quote at most {} characters.", entry::QUOTE)));
    }
    let mut there = String::new();
    texts(&merge::said(draft, field.name), &mut there);
    let shown = NewPractice::parse(draft.clone(), Rules::Draft, Trust::Editor, NaiveDate::MAX);
    let shown = shown.map(|new| field.text(&new.record)).unwrap_or_default();
    if !plain(&there).contains(&quote) && !plain(&shown).contains(&quote) {
        return Err(Error::invalid(
            "quote",
            format!("These words are not in \u{201c}{}\u{201d}; copy them from there.", field.label),
        ));
    }
    Ok((name, Some(quote)))
}

/// Every text in a value, one after another.
fn texts(value: &serde_json::Value, found: &mut String) {
    match value {
        serde_json::Value::String(text) => {
            found.push_str(text);
            found.push(' ');
        }
        serde_json::Value::Array(list) => list.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(map) => map.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn speaks_as(actor: &Actor, now: &Contribution, editors: &[AccountId]) -> Speaker {
    if actor.account().is_none() {
        Speaker::System
    } else if policy::writes(actor, now, editors) {
        Speaker::Writer
    } else if policy::edits(actor) {
        Speaker::Editor
    } else {
        Speaker::School
    }
}

fn waits_for_editor(now: &Contribution, revision: i32) -> Result<()> {
    if now.state != PracticeStatus::SUBMITTED {
        return Err(Error::Conflict(already(now).to_owned()));
    }
    if now.revision != revision {
        let sentence = "It was changed since you read it; read it again, then answer.";
        return Err(Error::Conflict(sentence.to_owned()));
    }
    Ok(())
}

/// Why something cannot be done in the state that it is in.
pub(super) fn already(now: &Contribution) -> &'static str {
    match now.state {
        PracticeStatus::DRAFT => "Its writers are writing it; nothing waits for an answer.",
        PracticeStatus::SUBMITTED => "The editors have it already.",
        PracticeStatus::CHANGES_REQUESTED => "It went back to its writers: changes are asked for.",
        PracticeStatus::APPROVED => "An editor approved it already; it waits for the yes of the school.",
        PracticeStatus::DECLINED => "An editor declined it already.",
        _ => "It is published already.",
    }
}

/// A claim as an editor leaves it: stamped where they rated or changed it, as it was where they did not.
fn checked(before: &[ClaimDraft], claim: ClaimDraft, today: NaiveDate) -> ClaimDraft {
    let bare = |claim: &ClaimDraft| ClaimDraft { checked_by: None, checked_on: None, ..claim.clone() };
    if let Some(same) = before.iter().find(|old| bare(old) == bare(&claim)) {
        return same.clone();
    }
    let rated = claim.tier.as_deref().is_some_and(|tier| !tier.is_empty());
    ClaimDraft {
        checked_by: rated.then(|| "an editor".to_owned()),
        checked_on: rated.then(|| today.to_string()),
        ..bare(&claim)
    }
}

/// What changed in the evidence, a line each.
fn told(before: &PracticeDraft, after: &PracticeDraft, today: NaiveDate) -> String {
    let lines = |draft: &PracticeDraft| -> Vec<String> {
        let claims = PracticeDraft { evidence_claims: draft.evidence_claims.clone(), ..PracticeDraft::default() };
        let (record, _) = catalog::parse::so_far(&claims, today);
        let tier = |tier: Option<crate::platform::vocabulary::EvidenceTier>| tier.map_or("Not rated", |t| t.label());
        record.evidence_claims.iter().map(|claim| format!("{}: {}", claim.outcome, tier(claim.tier))).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let changed: Vec<String> = new.iter().filter(|line| !old.contains(line)).cloned().collect();
    match (changed.is_empty(), new.len() < old.len()) {
        (false, _) => changed.join("\n"),
        (true, true) => "Took a claim out.".to_owned(),
        (true, false) => "Changed what is said of a claim.".to_owned(),
    }
}

/// The errors of a claim as the form of evidence names them.
pub fn claim_errors(errors: &FieldErrors) -> FieldErrors {
    let mut named = FieldErrors::default();
    for error in errors.iter() {
        let field =
            error.field.strip_prefix("evidence_claims/").map_or(error.field.clone(), |at| format!("claim/{at}"));
        named.add(field, error.message.clone());
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(value: serde_json::Value) -> PracticeDraft {
        PracticeDraft::from_json(&value).unwrap()
    }

    #[test]
    fn a_quote_stands_in_its_field() {
        let draft = draft(json!({"title": "Door", "steps": [{"what": "Greet each  student by name"}]}));
        let said = |field: &str, quote: &str| Said { field: field.into(), quote: quote.into(), ..Said::default() };
        assert_eq!(quoted(&draft, &said("", "")).unwrap(), (None, None));
        let (field, quote) = quoted(&draft, &said("steps", " each student ")).unwrap();
        assert_eq!((field.as_deref(), quote.as_deref()), (Some("steps"), Some("each student")));
        assert!(quoted(&draft, &said("title", "each student")).is_err(), "another field");
        assert!(quoted(&draft, &said("", "Greet")).is_err(), "no field");
        assert!(quoted(&draft, &said("author", "")).is_err(), "no such field");
    }

    #[test]
    fn only_what_an_editor_touched_is_stamped() {
        let today = NaiveDate::from_ymd_opt(2026, 10, 14).unwrap();
        let old = draft(json!({"evidence_claims": [
            {"outcome": "Reading", "tier": "essa_3", "checked_by": "an editor", "checked_on": "2025-01-01"},
            {"outcome": "Writing", "tier": "local_data"}]}))
        .evidence_claims;
        let same = checked(&old, ClaimDraft { checked_by: None, checked_on: None, ..old[0].clone() }, today);
        assert_eq!(same, old[0], "its old stamp stays");
        let changed = checked(&old, ClaimDraft { tier: Some("essa_2".into()), ..old[0].clone() }, today);
        assert_eq!(changed.checked_on.as_deref(), Some("2026-10-14"));
        assert_eq!(checked(&old, ClaimDraft { tier: None, ..old[0].clone() }, today).checked_by, None, "not rated");
        assert_eq!(checked(&old, old[1].clone(), today), old[1]);
    }

    #[test]
    fn words_that_may_point_at_a_student_are_asked_about() {
        let said = |text: &str| Said { text: text.into(), ..Said::default() };
        assert_eq!(words(&said(" Say more.\r\nHow? ")).unwrap(), "Say more.\nHow?");
        assert!(words(&said("Call (518) 555-0142 first.")).is_err());
        assert!(words(&Said { no_student: true, ..said("Call (518) 555-0142 first.") }).is_ok());
        assert!(words(&said(&"x".repeat(entry::TEXT + 1))).is_err());
    }
}
