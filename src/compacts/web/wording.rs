//! Words for what a commitment says: freshness, disagreement, history.

use chrono::NaiveDate;

use crate::compacts::commitment::{Change, Commitment, Entry, EntryKind, Freshness, Holder, LinkKind, Rating};
use crate::compacts::compact::{Compact, CompactKind, Party, PartyState, Record};
use crate::compacts::reading::Labels;
use crate::compacts::redaction::TAKEN_OUT;
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
    let there: Vec<&Rating> = one.ratings.iter().filter(|word| word.takes_part).collect();
    let sides = there.chunk_by(|a, b| a.sector == b.sector).map(|side| {
        let label = labels.label(&side[0].sector);
        if side.iter().all(|word| word.status == side[0].status) {
            return format!("{label} sees it as {}", side[0].status.label().to_lowercase());
        }
        // Parties of one sector may differ: none of them speaks for the others.
        let each = side.iter().map(|word| format!("{} as {}", word.name, word.status.label().to_lowercase()));
        format!("{label} is of two minds: {}", each.collect::<Vec<_>>().join(", "))
    });
    format!("{}.", sides.collect::<Vec<_>>().join("; "))
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

/// When it is due, when it was due first where that was moved, and whether the day is over.
pub(super) fn due(one: &Commitment, now: Timestamp) -> (String, bool) {
    let first = one.first_due_on.filter(|first| Some(*first) != one.due_on);
    let first = first.map(|on| format!(", first due {}", day(on))).unwrap_or_default();
    match (one.overdue_since(now), one.due_on) {
        (Some(on), _) => (format!("Overdue since {}{first}", day(on)), true),
        (None, Some(on)) => (format!("Due {}{first}", day(on)), false),
        (None, None) if first.is_empty() => (String::new(), false),
        (None, None) => (format!("No due date any more{first}"), false),
    }
}

/// A commitment in a list.
pub(super) fn row(compact: &Compact, one: &Commitment, labels: &Labels, now: Timestamp) -> CommitmentRow {
    let (freshness, silent) = freshness(one, now);
    let (due, overdue) = due(one, now);
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
        due,
        overdue,
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
        changes: one
            .changes
            .iter()
            .filter(|change| counting(change).is_none())
            .map(|change| changed(change, labels))
            .collect(),
        counting: one.changes.iter().filter_map(counting).collect(),
        evidence: one
            .evidence
            .iter()
            .map(|evidence| Link { text: evidence.title.clone(), url: evidence.url.clone() })
            .collect(),
        redact: String::new(),
    }
}

/// A line of the history of a compact itself.
pub(super) fn record(one: &Record, parties: &[Party], labels: &Labels) -> EntryRow {
    let name = |id| parties.iter().find(|party| Some(party.id) == id).map(|party| party.name.clone());
    let kind = one.kind.label();
    EntryRow {
        kind: name(one.about).map_or_else(|| kind.to_owned(), |about| format!("{kind}: {about}")),
        day: day_of(one.at),
        who: name(one.party).unwrap_or_else(|| "City administration".to_owned()),
        text: one.note.as_deref().map(paragraphs).unwrap_or_default(),
        changes: one.changes.iter().map(|change| changed(change, labels)).collect(),
        ..EntryRow::default()
    }
}

/// What was linked or taken out, if a change is of that: a page here, or the title of something elsewhere.
fn counting(change: &Change) -> Option<Link> {
    let kind = LinkKind::parse(&change.field)?;
    let name = if change.after.is_empty() { &change.before } else { &change.after };
    let url = if kind.is_here() { name.clone() } else { String::new() };
    let text = if kind.is_here() { kind.label().to_owned() } else { format!("{}: {name}", kind.label()) };
    Some(Link { text, url })
}

fn changed(change: &Change, labels: &Labels) -> String {
    if change.field == TAKEN_OUT {
        return format!("Words taken out of the line: {}", change.before);
    }
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
        "owner_holder" => "Held at the owner's office by".to_owned(),
        "deputy_holder" => "Held in another sector by".to_owned(),
        "name" => "Name".to_owned(),
        "kind" => "Kind".to_owned(),
        "city" => "City".to_owned(),
        "signed_on" => "Signed on".to_owned(),
        "review_on" => "Next review".to_owned(),
        "ends_on" => "Ends on".to_owned(),
        "contact_party" => "Contact office".to_owned(),
        "contact_role" => "Role in the contact office".to_owned(),
        "counts_joint" => "Joint sessions count".to_owned(),
        "party" => "Party".to_owned(),
        "sector" => "Sector".to_owned(),
        "state" => "How far".to_owned(),
        "state_on" => "Since".to_owned(),
        "link" => "Where that can be read".to_owned(),
        "seat" => "Seat".to_owned(),
        "text" => "Version of the text".to_owned(),
        "visit" => "Day of the visit".to_owned(),
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
            "due_on" | "latest_on" | "signed_on" | "review_on" | "ends_on" | "state_on" | "visit" => {
                text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), day)
            }
            "status" => CommitmentStatus::parse(text).map_or_else(|_| text.to_owned(), |one| one.label().to_owned()),
            "kind" => CompactKind::parse(text).map_or_else(|| text.to_owned(), |one| one.label().to_owned()),
            "state" => PartyState::parse(text).map_or_else(|| text.to_owned(), |one| one.label().to_owned()),
            "sector" => labels.label(text),
            "area" => CommitmentArea::parse(text).map_or_else(|_| text.to_owned(), |one| one.label().to_owned()),
            _ => text.to_owned(),
        }
    };
    format!("{field}: before {}, now {}", said(&change.before), said(&change.after))
}
