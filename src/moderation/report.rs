//! Reporting a problem.

use serde_json::json;
use uuid::Uuid;

use super::case::{Case, CaseId, Decision, DecisionId, Done, Reason, Report, ReportId};
use super::things::{Moderated, Thing};
use super::{Moderation, letters, policy, store};
use crate::people::AccountId;
use crate::platform::{Actor, Cx, Db, Error, Event, FieldErrors, Result, Tx};

/// Characters of what somebody writes beside a reason.
pub const WORDS: usize = 2_000;

/// So many reports of one thing wait at most; what comes then is known already.
const WAITING: usize = 200;

/// A problem, as somebody tells it.
#[derive(Clone, Debug, Default)]
pub struct NewReport {
    /// Code of a [`Reason`].
    pub reason: String,
    /// In words; needed for `other`.
    pub words: String,
}

/// The thing of an address `collection:ID`, as the actor sees it.
///
/// # Errors
/// `NotFound` for what cannot be reported, or is not shown to the actor.
pub async fn thing<'a>(cx: &Cx, moderation: &'a Moderation, about: &str) -> Result<(&'a dyn Moderated, Uuid, Thing)> {
    let (code, id) = super::about(about)?;
    let kind = moderation.kind(&code).ok_or(Error::NotFound("page"))?;
    let thing = kind.seen(cx, id).await?;
    Ok((kind, id, thing))
}

fn read(new: &NewReport) -> Result<(Reason, Option<String>)> {
    let mut errors = FieldErrors::default();
    let reason = Reason::parse(&new.reason);
    if reason.is_none() {
        errors.add("reason", "Choose what is wrong.");
    }
    let words = passage(&mut errors, &new.words);
    if reason == Some(Reason::Other) && words.is_none() {
        errors.add("words", "Say in a sentence what is wrong.");
    }
    Ok(errors.or((reason.unwrap_or(Reason::Other), words))?)
}

/// Several lines as somebody typed them, without characters that only steer. Empty is `None`.
pub(super) fn passage(errors: &mut FieldErrors, typed: &str) -> Option<String> {
    let steers =
        |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let lines: Vec<&str> = typed.lines().map(str::trim_end).collect();
    let text: String = lines.join("\n").trim().chars().filter(|c| !steers(c)).collect();
    if text.chars().count() > WORDS {
        errors.add("words", "Use up to 2,000 characters here.");
    }
    Some(text).filter(|text| !text.is_empty())
}

/// Reports a problem with `about`, from a network. The same person's second report of a thing takes the place of the first, while
/// nobody has decided. Student data hides the thing at once where it can be hidden, unless somebody decided before that there is
/// none.
///
/// # Errors
/// `NotFound` for a thing that the actor may not know of, `Invalid` for a report without a reason, `TooMany`.
pub async fn report(
    db: &Db,
    moderation: &Moderation,
    actor: Actor,
    about: &str,
    new: &NewReport,
    network: &str,
) -> Result<()> {
    let (kind, id, thing) = thing(&db.cx(actor.clone()), moderation, about).await?;
    let (reason, words) = read(new)?;
    moderation.attempt(&actor, network)?;
    let mut tx = db.write(actor).await?;
    keep(&mut tx, moderation, kind, id, &thing, reason, words).await?;
    tx.commit().await
}

async fn keep(
    tx: &mut Tx,
    moderation: &Moderation,
    kind: &dyn Moderated,
    id: Uuid,
    thing: &Thing,
    reason: Reason,
    words: Option<String>,
) -> Result<()> {
    let permit = policy::report(tx.actor())?;
    let now = tx.now();
    let fresh = Case {
        id: CaseId::fresh(),
        kind: kind.code().to_owned(),
        thing: id,
        open: false,
        urgent: false,
        hidden: false,
        opened_at: now,
        closed_at: None,
    };
    let before = store::case_of(tx.conn(), &fresh).await?;
    let waiting = store::undecided(tx.conn(), before.id).await?;
    let reporter = tx.actor().account().map(AccountId);
    let mine = waiting.iter().find(|one| reporter.is_some() && one.reporter == reporter).cloned();
    match mine {
        Some(mine) if mine.reason == reason && mine.words == words => return Ok(()),
        Some(mine) => {
            store::update_report(tx.conn(), &Report { reason, words, created_at: now, ..mine }).await?;
        }
        None if waiting.len() >= WAITING => return Ok(()),
        None => {
            let new = Report {
                id: ReportId::fresh(),
                case: before.id,
                reporter,
                reason,
                words,
                decision: None,
                created_at: now,
            };
            store::insert_report(tx.conn(), &new).await?;
        }
    }
    let detail = json!({ "kind": kind.code(), "thing": id, "reason": reason.code() });
    tx.record(&permit, Event::about("report.made", "moderation_case", before.id.0).with(detail)).await?;
    let urgent = before.urgent || reason == Reason::StudentData;
    let mut case = Case { open: true, urgent, ..before.clone() };
    if !before.open {
        case.opened_at = now;
    }
    let authors = kind.authors(tx, id).await?;
    let hides = reason == Reason::StudentData && kind.hides() && !before.hidden;
    let hidden_now = hides && !found_none(&store::decisions(tx.conn(), before.id).await?);
    if hidden_now {
        kind.set_hidden(tx, &permit, id, true).await?;
        case.hidden = true;
        let decision = Decision {
            id: DecisionId::fresh(),
            case: case.id,
            done: Done::HiddenAtOnce,
            reason,
            words: None,
            by: None,
            at: now,
        };
        store::insert_decision(tx.conn(), &decision).await?;
        let detail = json!({ "decision": decision.id, "done": decision.done.code(), "reason": reason.code() });
        tx.record(&permit, Event::about("report.hid", "moderation_case", case.id.0).with(detail)).await?;
        letters::tell_authors(tx, &moderation.room, kind, &authors, thing, &decision).await?;
    }
    store::update(tx.conn(), &case).await?;
    if !before.open || (urgent && !before.urgent) {
        letters::call_moderators(tx, &moderation.room, kind, &authors, thing, &case, reason).await?;
    }
    Ok(())
}

/// Whether somebody looked before and found no student data: the next report of it waits to be looked at, so that nobody hides a
/// thing again and again.
fn found_none(decisions: &[Decision]) -> bool {
    let about = |one: &&Decision| one.reason == Reason::StudentData;
    decisions.iter().filter(about).any(|one| matches!(one.done, Done::Dismissed | Done::Shown))
}
