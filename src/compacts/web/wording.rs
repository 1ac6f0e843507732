//! Words for what a commitment says: freshness, disagreement, history.

use chrono::NaiveDate;

use crate::compacts::commitment::{Change, Commitment, Entry, EntryKind, Freshness, Holder};
use crate::compacts::compact::{Compact, Party};
use crate::compacts::reading::Labels;
use crate::compacts::views::compact::{CommitmentRow, EntryRow};
use crate::platform::Timestamp;
use crate::platform::vocabulary::{CommitmentArea, CommitmentStatus};
use crate::web::site::{day, day_of};
use crate::web::views::Link;

/// How long ago it was spoken of, and whether that is a warning (C-4).
pub(super) fn freshness(one: &Commitment, now: Timestamp) -> (String, bool) {
    let on = day(one.spoken_on());
    if !one.is_open() {
        return (one.last_update.map(|_| format!("Last update on {on}")).unwrap_or_default(), false);
    }
    match (one.freshness(now), one.last_update) {
        (Freshness::Fresh, Some(_)) => (format!("Updated on {on}"), false),
        (Freshness::Fresh, None) => (format!("Written down on {on}, no update yet"), false),
        (Freshness::Due, Some(_)) => (format!("Due for an update; the last one was on {on}"), false),
        (Freshness::Due, None) => (format!("Due for an update; written down on {on}"), false),
        (Freshness::Silent, _) => (format!("No update since {on}"), true),
    }
}

/// How two sides see it differently; empty where they do not.
pub(super) fn dispute(one: &Commitment, labels: &Labels) -> String {
    if !one.is_disputed() {
        return String::new();
    }
    let side = |rating: &crate::compacts::commitment::Rating| {
        format!("{} sees it as {}", labels.label(&rating.sector), rating.status.label().to_lowercase())
    };
    format!("{}.", one.ratings.iter().map(side).collect::<Vec<_>>().join("; "))
}

/// Whose holder is gone.
pub(super) fn vacant(one: &Commitment) -> Vec<String> {
    let words = |holder: &Holder| {
        let on = holder.gone_on?;
        let office = holder.party.as_ref().map(|party| format!(" at {}", party.name)).unwrap_or_default();
        Some(format!("Owner vacant{office} since {}", day(on)))
    };
    [&one.owner, &one.deputy].into_iter().filter_map(words).collect()
}

/// A commitment in a list.
pub(super) fn row(compact: &Compact, one: &Commitment, labels: &Labels, now: Timestamp) -> CommitmentRow {
    let (freshness, silent) = freshness(one, now);
    let name = |holder: &Holder| holder.party.as_ref().map(|party| party.name.clone());
    let owner = match (name(&one.owner), name(&one.deputy)) {
        (Some(owner), Some(deputy)) => format!("{owner}, with {deputy}"),
        (owner, deputy) => owner.or(deputy).unwrap_or_default(),
    };
    CommitmentRow {
        number: one.number,
        url: format!("{}/commitments/{}", compact.path(), one.number),
        area: one.area.label().to_owned(),
        sentence: one.sentence.clone(),
        standing: one.standing().to_string(),
        reason: one.reason.clone().unwrap_or_default(),
        dispute: dispute(one, labels),
        freshness,
        silent,
        due: one.due_on.map(day).unwrap_or_default(),
        owner,
        vacant: vacant(one).join(". "),
    }
}

/// Paragraphs of what somebody wrote.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A line of the history.
pub(super) fn entry(one: &Entry, parties: &[Party], labels: &Labels, of: Link) -> EntryRow {
    let party = parties.iter().find(|party| Some(party.id) == one.party);
    let who = match (party, one.kind) {
        (Some(party), _) => party.name.clone(),
        (None, EntryKind::Vacant) => "Noted by the service".to_owned(),
        (None, _) => "City administration".to_owned(),
    };
    EntryRow {
        kind: one.kind.label().to_owned(),
        day: day_of(one.at),
        who,
        of,
        status: one.status.map(|status| status.label().to_owned()).unwrap_or_default(),
        text: one.text.as_deref().map(paragraphs).unwrap_or_default(),
        changes: one.changes.iter().map(|change| changed(change, labels)).collect(),
        evidence: one
            .evidence
            .iter()
            .map(|evidence| Link { text: evidence.title.clone(), url: evidence.url.clone() })
            .collect(),
    }
}

fn changed(change: &Change, labels: &Labels) -> String {
    let field = match change.field.as_str() {
        "area" => "Area".to_owned(),
        "sentence" => "Sentence".to_owned(),
        "who" => "Who does it".to_owned(),
        "due_on" => "Due".to_owned(),
        "status" => "Status".to_owned(),
        "reason" => "Reason".to_owned(),
        "measure" => "Measure".to_owned(),
        "baseline" => "Baseline".to_owned(),
        "target" => "Target".to_owned(),
        "latest" => "Latest".to_owned(),
        "latest_on" => "Latest as of".to_owned(),
        "owner_party" => "Owner".to_owned(),
        "deputy_party" => "Owner in another sector".to_owned(),
        "session" | "practice" | "adoption" | "minutes" | "agreement" => "What counts".to_owned(),
        other => match other.strip_prefix("gets/") {
            Some(sector) => format!("What {} gets", labels.label(sector)),
            None => other.to_owned(),
        },
    };
    let said = |text: &str| -> String {
        if text.is_empty() {
            return "none".to_owned();
        }
        match change.field.as_str() {
            "due_on" | "latest_on" => text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), day),
            "status" => CommitmentStatus::parse(text).map_or_else(|_| text.to_owned(), |one| one.label().to_owned()),
            "area" => CommitmentArea::parse(text).map_or_else(|_| text.to_owned(), |one| one.label().to_owned()),
            _ => text.to_owned(),
        }
    };
    format!("{field}: before {}, now {}", said(&change.before), said(&change.after))
}
