//! How a commitment goes: updates of its owner, and how the other sector sees it (C-3, C-5).

use serde_json::json;

use super::commitment::{Commitment, CommitmentId, EntryKind, Evidence, LinkKind, Measure, Rating, needs_reason};
use super::compact::Party;
use super::editing::touched;
use super::promises::{Noted, differences, held, next_look, note, office};
use super::{letters, policy, store, words};
use crate::catalog::guard;
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Actor, Error, Event, FieldErrors, Result, Tx};
use crate::sessions::SessionId;
use crate::sessions::tally;

/// Characters of an update or a reason.
const TEXT: usize = 2_000;
/// Pieces of evidence of one update.
pub const EVIDENCE: usize = 3;

/// What an owner says.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// How it goes.
    pub text: String,
    /// A code of `commitment_status`; empty leaves it as it is.
    pub status: String,
    /// Why it was missed, paused or dropped.
    pub reason: String,
    /// Where its measure is; empty leaves it as it is.
    pub latest: String,
    /// On which day; empty for today.
    pub latest_on: String,
    /// Titles and addresses of evidence.
    pub evidence: Vec<(String, String)>,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

fn pieces(errors: &mut FieldErrors, typed: &[(String, String)], no_student: bool) -> Vec<Evidence> {
    let mut found = Vec::new();
    for (number, (title, url)) in (1..).zip(typed.iter().take(EVIDENCE)) {
        let (title_field, url_field) = (format!("evidence_title_{number}"), format!("evidence_url_{number}"));
        let title = words::line(errors, &title_field, title, 200);
        let typed_url = !url.trim().is_empty();
        let url = words::link(errors, &url_field, url);
        guard::ask(errors, &title_field, title.as_deref().unwrap_or_default(), no_student);
        match (title, url) {
            (Some(title), Some(url)) => found.push(Evidence { title, url }),
            (None, Some(url)) => {
                let host = url.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
                found.push(Evidence { title: host, url });
            }
            (Some(_), None) if !typed_url => errors.add(url_field, "Give the address of the evidence."),
            _ => {}
        }
    }
    found
}

/// Whether there is anything by which somebody else could see that it is met. A session is that once it is over: one to come, or that
/// was cancelled, shows nothing.
pub(super) async fn has_evidence(tx: &Tx, id: CommitmentId) -> Result<bool> {
    let links = store::commitments::links(tx.conn(), &[id]).await?;
    let (meetings, others): (Vec<_>, Vec<_>) = links.iter().partition(|link| link.kind == LinkKind::Session);
    if !others.is_empty() {
        return Ok(true);
    }
    let meetings: Vec<SessionId> = meetings.iter().filter_map(|link| link.target).map(SessionId).collect();
    if !meetings.is_empty() && tally::any_over(tx, &meetings).await? {
        return Ok(true);
    }
    Ok(store::commitments::entries(tx.conn(), &[id]).await?.iter().any(|entry| !entry.evidence.is_empty()))
}

/// The office that answers for it says how it goes. Another status undoes what was confirmed: it was another thing.
///
/// # Errors
/// `Forbidden` for others; `Invalid` for missed, paused and dropped without a reason, and for met without evidence; `Stale` where it
/// changed since `seen`.
pub async fn update(tx: &mut Tx, room: &Postroom, id: CommitmentId, said: &Update, seen: Option<i32>) -> Result<()> {
    let (compact, parties, before) = held(tx, id).await?;
    let permit = policy::report(tx.actor(), &before)?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::Stale);
    }
    let (now, today) = (tx.now(), tx.now().date_naive());
    let mut errors = FieldErrors::default();
    let text = words::passage(&mut errors, "text", &said.text, TEXT);
    if text.is_none() {
        errors.add("text", "Say how it goes.");
    }
    let status = if said.status.is_empty() { Ok(before.status) } else { CommitmentStatus::parse(&said.status) };
    if status.is_err() {
        errors.add("status", "Choose where it stands.");
    }
    let status = status.unwrap_or(before.status);
    let reason = words::passage(&mut errors, "reason", &said.reason, TEXT);
    let kept = before.reason.clone().filter(|_| status == before.status);
    let reason = if needs_reason(status) { reason.or(kept) } else { None };
    if needs_reason(status) && reason.is_none() {
        errors.add("reason", "Give the reason; everybody can read it.");
    }
    for (field, text) in [("text", &text), ("reason", &reason)] {
        guard::ask(&mut errors, field, text.as_deref().unwrap_or_default(), said.no_student);
    }
    let evidence = pieces(&mut errors, &said.evidence, said.no_student);
    let latest = words::number(&mut errors, "latest", &said.latest, 60);
    let as_of = words::day(&mut errors, "latest_on", &said.latest_on).unwrap_or(today);
    if as_of > today {
        errors.add("latest_on", "Give a day that is not in the future.");
    }
    if latest.is_some() && before.measure.is_none() {
        errors.add("latest", "This commitment has no measure yet; say first what is counted.");
    }
    if status == CommitmentStatus::MET && evidence.is_empty() && !has_evidence(tx, id).await? {
        errors.add("evidence_url_1", "Give the evidence that it is met, or link what counts for it.");
    }
    errors.or(())?;
    let mut after = Commitment { status, reason, ..before.clone() };
    if let (Some(latest), Some(measure)) = (latest, before.measure.clone()) {
        after.measure = Some(Measure { latest: Some(latest), as_of: Some(as_of), ..measure });
    }
    let moved = status != before.status;
    if moved {
        (after.status_at, after.status_by, after.confirmed) = (now, tx.actor().account().map(AccountId), None);
        store::commitments::clear_ratings(tx.conn(), id).await?;
        after.ratings.clear();
    }
    if let Some(party) = after.owner.party.clone()
        && !after.ratings.iter().any(|word| word.party == party.id && word.status == status)
    {
        let word = Rating::of(&party, status, now);
        store::commitments::rate(tx.conn(), id, &word).await?;
        after.say(word);
    }
    (after.last_update, after.looked_on) = (Some(now), today);
    after.look_on = next_look(&after, today);
    (after.revision, after.updated_at) = (before.revision + 1, now);
    store::commitments::update(tx.conn(), &after).await?;
    let changes = differences(&before, &after);
    let pieces = evidence.len();
    let row = Noted { text, status: moved.then_some(status), changes, evidence };
    note(tx, &after, EntryKind::Update, office(tx, &parties, after.owner.party.as_ref()), row).await?;
    let mut asked = 0;
    if moved && status == CommitmentStatus::MET {
        let readers = letters::readers(tx, &after.deputy).await?;
        asked = letters::tell(tx, room, &after, &readers, &letters::reported(&compact, &after)).await?;
    }
    touched(tx, &compact).await?;
    let detail = json!({
        "compact": compact.id, "status": status.code(), "from": before.status.code(), "evidence": pieces, "asked": asked,
    });
    tx.record(&permit, Event::about("commitment.updated", "commitment", id.0).with(detail)).await
}

/// Refuses whoever does not say how a commitment goes; asked before a form is shown.
pub fn enter(actor: &Actor, commitment: &Commitment) -> Result<()> {
    policy::report(actor, commitment).map(drop)
}

/// The party for which the actor says how another sector sees a commitment; asked before a form is shown.
///
/// # Errors
/// `Forbidden` for others.
pub fn speaker(actor: &Actor, commitment: &Commitment, parties: &[Party]) -> Result<Party> {
    policy::confirm(actor, commitment, parties).map(|(_, party)| party)
}

/// How another sector sees a commitment.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// A code of `commitment_status`; of what is reported as met, `met` confirms it.
    pub status: String,
    /// What that side sees; needed where it differs from what the owner says.
    pub note: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// A party of another sector says how its side sees a commitment. What is reported as met counts as met from that word on (C-5); two
/// different words are shown as a disagreement.
///
/// # Errors
/// `Forbidden` for the owner's own side; `Conflict` where nobody has said anything yet.
pub async fn rate(tx: &mut Tx, room: &Postroom, id: CommitmentId, word: &Word, seen: Option<i32>) -> Result<()> {
    let (compact, parties, before) = held(tx, id).await?;
    let (permit, party) = policy::confirm(tx.actor(), &before, &parties)?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::Stale);
    }
    let now = tx.now();
    let mut errors = FieldErrors::default();
    let status = CommitmentStatus::parse(&word.status);
    if status.is_err() {
        errors.add("status", "Choose how your side sees it.");
    }
    let text = words::passage(&mut errors, "note", &word.note, TEXT);
    if status.as_ref().is_ok_and(|status| *status != before.status) && text.is_none() {
        errors.add("note", "Say in a few words what your side sees; everybody can read it.");
    }
    guard::ask(&mut errors, "note", text.as_deref().unwrap_or_default(), word.no_student);
    errors.or(())?;
    let status = status.map_err(Error::internal)?;
    let agrees = before.status == CommitmentStatus::MET && status == CommitmentStatus::MET;
    if agrees && !has_evidence(tx, id).await? {
        return Err(Error::Conflict("There is no evidence any more by which it could be confirmed.".to_owned()));
    }
    let word = Rating::of(&party, status, now);
    store::commitments::rate(tx.conn(), id, &word).await?;
    let mut after = before.clone();
    after.say(word);
    if agrees && before.confirmed.is_none() {
        after.confirmed = Some((party.id, now));
    } else if !agrees && before.confirmed.is_some_and(|(by, _)| by == party.id) {
        // The party that confirmed it has changed its mind; what another of another sector said still stands.
        let across = |word: &&Rating| {
            word.takes_part
                && word.status == CommitmentStatus::MET
                && parties
                    .iter()
                    .find(|one| one.id == word.party)
                    .is_some_and(|one| after.owner.party.as_ref().is_some_and(|owner| one.is_across(owner)))
        };
        after.confirmed = after.ratings.iter().find(across).map(|word| (word.party, word.at));
    }
    after.look_on = next_look(&after, now.date_naive());
    (after.revision, after.updated_at) = (before.revision + 1, now);
    store::commitments::update(tx.conn(), &after).await?;
    let kind = if agrees { EntryKind::Confirmed } else { EntryKind::Rated };
    note(tx, &after, kind, Some(party.id), Noted { text, status: Some(status), ..Noted::default() }).await?;
    let readers = letters::readers(tx, &after.owner).await?;
    let news = letters::rated(&compact, &after, &party, crate::platform::ids::fresh());
    letters::tell(tx, room, &after, &readers, &news).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "compact": compact.id, "party": party.id, "status": status.code(), "confirms": agrees });
    tx.record(&permit, Event::about("commitment.rated", "commitment", id.0).with(detail)).await
}
