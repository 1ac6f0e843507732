//! Deciding about what was reported, and the lists of those who do.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use super::case::{Case, CaseId, Decision, DecisionId, Done, Reason, Report};
use super::report::passage;
use super::things::Thing;
use super::{Moderation, letters, policy, store};
use crate::people::AccountId;
use crate::people::personal::names;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

pub use super::store::Which;

/// Cases on a page.
pub const PAGE: u64 = 100;

/// Reports of one case that are shown.
const REPORTS: u64 = 500;

/// What somebody decides.
#[derive(Clone, Debug, Default)]
pub struct NewDecision {
    /// Code of a [`Done`].
    pub done: String,
    /// Code of a [`Reason`].
    pub reason: String,
    /// For the author, for who reported it where it is dismissed, and for everybody where it is taken out of the catalog.
    pub words: String,
}

/// A case with its thing, for those who moderate.
#[derive(Clone, Debug)]
pub struct Docket {
    /// The case.
    pub case: Case,
    /// What it is about; none where it is gone.
    pub thing: Option<Thing>,
    /// How many reports nobody has decided about.
    pub waiting: u64,
    /// The newest of them, or the newest at all.
    pub newest: Option<Report>,
}

/// Everything about one case.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The case.
    pub case: Case,
    /// What it is about; none where it is gone.
    pub thing: Option<Thing>,
    /// The newest first.
    pub reports: Vec<Report>,
    /// The newest first.
    pub decisions: Vec<Decision>,
    /// How the people in them are called.
    pub names: HashMap<AccountId, String>,
}

/// What can be decided about a case now.
pub fn possible(moderation: &Moderation, case: &Case) -> Vec<Done> {
    let Some(kind) = moderation.kind(&case.kind) else { return Vec::new() };
    let mut all = Vec::new();
    if kind.hides() {
        all.push(if case.hidden { Done::Shown } else { Done::Hidden });
    }
    if !case.hidden && case.open {
        all.push(Done::Dismissed);
    }
    all.push(Done::ChangeAsked);
    if kind.retires() {
        all.push(Done::Retired);
    }
    all
}

fn read(moderation: &Moderation, case: &Case, new: &NewDecision) -> Result<(Done, Reason, Option<String>)> {
    let mut errors = FieldErrors::default();
    let done = Done::parse(&new.done).filter(|done| *done != Done::HiddenAtOnce);
    if done.is_none() {
        errors.add("done", "Choose what is to be done.");
    }
    let reason = Reason::parse(&new.reason);
    if reason.is_none() {
        errors.add("reason", "Choose the reason; everybody reads it in the log.");
    }
    let words = passage(&mut errors, &new.words);
    if done.is_some_and(Done::needs_words) && words.is_none() {
        errors.add("words", "Say in a sentence why, or what is to be changed.");
    }
    if words.as_ref().is_some_and(|words| words.chars().count() > 1_000) {
        errors.add("words", "Use up to 1,000 characters here.");
    }
    let (done, reason) = errors.or((done.unwrap_or(Done::Dismissed), reason.unwrap_or(Reason::Other)))?;
    if !possible(moderation, case).contains(&done) {
        return Err(Error::Conflict(match done {
            Done::Hidden => "It is hidden already, or cannot be hidden.".to_owned(),
            Done::Shown => "It is not hidden.".to_owned(),
            Done::Dismissed => "Nothing waits here any more: somebody has decided.".to_owned(),
            Done::ChangeAsked | Done::Retired | Done::HiddenAtOnce => "This cannot be done here.".to_owned(),
        }));
    }
    Ok((done, reason, words))
}

/// Decides about a case: everything that waits there is answered by it. Its author is told, and everybody who reported it.
///
/// # Errors
/// `NotFound` for a case that is not there, `Invalid` without a reason or words that are needed, `Conflict` where somebody decided
/// meanwhile, or where the thing is the actor's own.
pub async fn decide(tx: &mut Tx, moderation: &Moderation, id: CaseId, new: &NewDecision) -> Result<()> {
    // Before anything is looked up, so that the refusal tells nothing.
    policy::enter(tx.actor())?;
    let before = store::held(tx.conn(), id).await?.ok_or(Error::NotFound("report"))?;
    let kind = moderation.kind(&before.kind).ok_or(Error::NotFound("report"))?;
    let authors = kind.authors(tx, before.thing).await?;
    let permit = policy::decide(tx.actor(), &authors)?;
    let (done, reason, words) = read(moderation, &before, new)?;
    let decision = Decision {
        id: DecisionId::fresh(),
        case: id,
        done,
        reason,
        words,
        by: tx.actor().account().map(AccountId),
        at: tx.now(),
    };
    store::insert_decision(tx.conn(), &decision).await?;
    // Read before it is taken away.
    let thing = kind.told(tx, before.thing).await?;
    match done {
        Done::Hidden => kind.set_hidden(tx, &permit, before.thing, true).await?,
        Done::Shown => kind.set_hidden(tx, &permit, before.thing, false).await?,
        Done::Retired => {
            kind.retire(tx, before.thing, decision.words.as_deref().unwrap_or_default()).await?;
        }
        Done::ChangeAsked | Done::Dismissed | Done::HiddenAtOnce => {}
    }
    let hidden = match done {
        Done::Hidden => true,
        Done::Shown => false,
        _ => before.hidden,
    };
    let waiting = store::undecided(tx.conn(), id).await?;
    store::settle(tx.conn(), id, decision.id).await?;
    let now = Case { open: false, urgent: false, hidden, closed_at: Some(tx.now()), ..before };
    store::update(tx.conn(), &now).await?;
    let detail = json!({
        "decision": decision.id, "done": done.code(), "reason": reason.code(), "kind": now.kind, "reports": waiting.len(),
    });
    tx.record(&permit, Event::about("report.decided", "moderation_case", id.0).with(detail)).await?;
    if done != Done::Dismissed {
        letters::tell_authors(tx, &moderation.room, kind, &authors, &thing, &decision).await?;
    }
    let reporters: HashSet<AccountId> = waiting.iter().filter_map(|report| report.reporter).collect();
    letters::tell_reporters(tx, &moderation.room, kind, &authors, &reporters, &thing, &decision).await
}

/// Cases of a list with their things, and how many there are. However many: a constant number of statements for each kind.
pub async fn cases(cx: &Cx, moderation: &Moderation, which: Which) -> Result<(Vec<Docket>, u64)> {
    policy::enter(cx.actor())?;
    let found = store::cases(cx.conn(), which, PAGE).await?;
    let ids: Vec<CaseId> = found.iter().map(|case| case.id).collect();
    let waiting = store::undecided_counts(cx.conn(), &ids).await?;
    let mut newest: HashMap<CaseId, Report> = HashMap::new();
    for report in store::newest(cx.conn(), &ids).await? {
        newest.insert(report.case, report);
    }
    let mut things = things(cx, moderation, &found).await?;
    let docket = |case: Case| Docket {
        thing: things.remove(&(case.kind.clone(), case.thing)),
        waiting: waiting.get(&case.id).copied().unwrap_or_default(),
        newest: newest.remove(&case.id),
        case,
    };
    Ok((found.into_iter().map(docket).collect(), store::count(cx.conn(), which).await?))
}

async fn things(cx: &Cx, moderation: &Moderation, cases: &[Case]) -> Result<HashMap<(String, Uuid), Thing>> {
    let mut wanted: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for case in cases {
        wanted.entry(&case.kind).or_default().push(case.thing);
    }
    let mut found = HashMap::new();
    for (code, ids) in wanted {
        let Some(kind) = moderation.kind(code) else { continue };
        found.extend(kind.things(cx, &ids).await?.into_iter().map(|(id, thing)| ((code.to_owned(), id), thing)));
    }
    Ok(found)
}

/// Everything about one case, for those who moderate.
pub async fn whole(cx: &Cx, moderation: &Moderation, id: &str) -> Result<Whole> {
    policy::enter(cx.actor())?;
    let id: CaseId = id.parse().map_err(|_| Error::NotFound("report"))?;
    let case = store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("report"))?;
    let reports = store::reports(cx.conn(), id, REPORTS).await?;
    let decisions = store::decisions(cx.conn(), id).await?;
    let people = reports.iter().filter_map(|report| report.reporter);
    let mut people: Vec<AccountId> = people.chain(decisions.iter().filter_map(|one| one.by)).collect();
    people.sort_unstable();
    people.dedup();
    let names = if people.is_empty() { HashMap::new() } else { names(cx, &people).await? };
    let thing = things(cx, moderation, std::slice::from_ref(&case)).await?.into_values().next();
    Ok(Whole { case, thing, reports, decisions, names })
}

/// A line of the public log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Which decision.
    pub id: DecisionId,
    /// When.
    pub at: Timestamp,
    /// The kind of thing: "Collection".
    pub kind: String,
    /// What was done.
    pub done: Done,
    /// Why.
    pub reason: Reason,
}

/// What was done, the newest first, before one of them, at most `limit`: for everybody, without names, texts or what it was about.
pub async fn log(cx: &Cx, moderation: &Moderation, before: Option<DecisionId>, limit: u64) -> Result<Vec<LogLine>> {
    let found = store::log(cx.conn(), before, limit).await?;
    let line = |(one, code): (Decision, String)| LogLine {
        id: one.id,
        at: one.at,
        kind: moderation.kind(&code).map_or_else(|| code.clone(), |kind| kind.label().to_owned()),
        done: one.done,
        reason: one.reason,
    };
    Ok(found.into_iter().map(line).collect())
}
