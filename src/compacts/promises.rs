//! Commitments: written down, changed in the open (C-3), with their holders of two sectors and what counts for them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::commitment::{
    Change, Commitment, CommitmentId, Entry, EntryId, EntryKind, Holder, LinkId, LinkKind, LinkRow, Measure,
};
use super::compact::{Compact, CompactId, Party};
use super::editing::{self, touched};
use super::{handover, policy, store, words};
use crate::catalog::{self, AdoptionId, PracticeId, adoption, guard};
use crate::mail::Email;
use crate::people::account::{self, AccountState};
use crate::people::{AccountId, membership};
use crate::platform::vocabulary::{CommitmentArea, CommitmentStatus, PracticeStatus, Visibility};
use crate::platform::{Cx, Error, Event, FieldErrors, Grant, Result, Role, Tx};
use crate::sessions;

/// Characters of the sentence.
const SENTENCE: usize = 400;
/// Characters of who does it, and of what a side gets.
const WORDS: usize = 300;
/// Characters of a number of a measure, with its unit.
const NUMBER: usize = 60;
/// Commitments of a compact at most.
const MOST: i32 = 200;
/// Days ahead of today up to which something may be due: thirty years.
const FAR: u64 = 10_957;
/// Things that count for a commitment at most.
const LINKS: usize = 300;

/// What somebody writes of a commitment.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// A code of `commitment_area`.
    pub area: String,
    /// What is promised.
    pub sentence: String,
    /// Who does it, in words.
    pub who: String,
    /// What each side gets, by the code of its sector.
    pub gets: BTreeMap<String, String>,
    /// When it is due; empty for no day.
    pub due_on: String,
    /// What is counted; empty for no measure.
    pub measure: String,
    /// Where it began.
    pub baseline: String,
    /// Where it should be.
    pub target: String,
    /// Id of the party that answers for it; empty for none.
    pub owner_party: String,
    /// Address of the account that holds it there; empty for none.
    pub owner: String,
    /// Id of the party of another sector that answers with it; empty for none.
    pub deputy_party: String,
    /// Address of the account that holds it there; empty for none.
    pub deputy: String,
    /// Why it is changed, in a line everybody reads; of a new one nothing.
    pub why: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

impl Draft {
    /// What is written of a commitment now; whose account holds it is not told.
    pub fn of(of: &Commitment) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let measure = of.measure.clone().unwrap_or_default();
        let party = |holder: &Holder| holder.party.as_ref().map(|party| party.id.to_string()).unwrap_or_default();
        Self {
            area: of.area.code().to_owned(),
            sentence: of.sentence.clone(),
            who: text(&of.who),
            gets: of.gets.clone(),
            due_on: of.due_on.map(|day| day.to_string()).unwrap_or_default(),
            measure: measure.name,
            baseline: text(&measure.baseline),
            target: text(&measure.target),
            owner_party: party(&of.owner),
            deputy_party: party(&of.deputy),
            ..Self::default()
        }
    }
}

/// Who holds it now, as a form shows it: nobody's address is shown, so an empty field keeps who is there.
pub const KEEP: &str = "";

struct Said {
    area: CommitmentArea,
    sentence: String,
    who: Option<String>,
    gets: BTreeMap<String, String>,
    due_on: Option<NaiveDate>,
    measure: Option<Measure>,
    owner: Holder,
    deputy: Holder,
    why: Option<String>,
}

async fn read(tx: &Tx, draft: &Draft, parties: &[Party], before: Option<&Commitment>) -> Result<Said> {
    let mut errors = FieldErrors::default();
    let area = CommitmentArea::parse(&draft.area);
    if area.is_err() {
        errors.add("area", "Choose what it is about.");
    }
    let sentence = words::line(&mut errors, "sentence", &draft.sentence, SENTENCE);
    if sentence.is_none() {
        errors.add("sentence", "Say in one sentence what is promised.");
    }
    let who = words::line(&mut errors, "who", &draft.who, WORDS);
    let mut gets = BTreeMap::new();
    for (sector, text) in &draft.gets {
        let field = format!("gets/{sector}");
        if !parties.iter().any(|party| &party.sector == sector) {
            errors.add(field.as_str(), "No party is of this sector.");
            continue;
        }
        if let Some(text) = words::line(&mut errors, &field, text, WORDS) {
            guard::ask(&mut errors, &field, &text, draft.no_student);
            gets.insert(sector.clone(), text);
        }
    }
    let due_on = words::day(&mut errors, "due_on", &draft.due_on);
    let today = tx.now().date_naive();
    if due_on != before.and_then(|before| before.due_on) {
        // What is promised lies ahead; what is due and over is said in an update.
        if due_on.is_some_and(|due| due < today) {
            errors.add("due_on", "Give a day that is not in the past.");
        } else if due_on.is_some_and(|due| due > today + chrono::Days::new(FAR)) {
            errors.add("due_on", "Give a day within the next thirty years.");
        }
    }
    let known = before.and_then(|before| before.measure.clone()).unwrap_or_default();
    let name = words::line(&mut errors, "measure", &draft.measure, 200);
    let baseline = number(&mut errors, "baseline", &draft.baseline, known.baseline.as_deref());
    let target = number(&mut errors, "target", &draft.target, known.target.as_deref());
    if name.is_none() && (baseline.is_some() || target.is_some()) {
        errors.add("measure", "Say what is counted.");
    }
    let why = words::line(&mut errors, "why", &draft.why, WORDS);
    for (field, text) in [("sentence", &sentence), ("who", &who), ("measure", &name), ("why", &why)] {
        guard::ask(&mut errors, field, text.as_deref().unwrap_or_default(), draft.no_student);
    }
    let measure = name.map(|name| Measure { name, baseline, target, latest: known.latest, as_of: known.as_of });
    let none = Holder::default();
    let (had, with) = before.map_or((&none, &none), |before| (&before.owner, &before.deputy));
    let owner =
        holder(tx, &mut errors, ("owner_party", "owner"), (&draft.owner_party, &draft.owner), parties, had).await?;
    let deputy =
        holder(tx, &mut errors, ("deputy_party", "deputy"), (&draft.deputy_party, &draft.deputy), parties, with)
            .await?;
    match (&owner.party, &deputy.party) {
        (Some(one), Some(other)) if !one.is_across(other) => {
            errors.add("deputy_party", "Choose a party of another sector than the owner's.");
        }
        (None, Some(_)) => errors.add("owner_party", "Choose who answers for it first."),
        _ => {}
    }
    errors.or(())?;
    let area = area.map_err(Error::internal)?;
    Ok(Said { area, sentence: sentence.unwrap_or_default(), who, gets, due_on, measure, owner, deputy, why })
}

/// A number of a measure; what stands there already may stay as it is.
fn number(errors: &mut FieldErrors, field: &str, typed: &str, known: Option<&str>) -> Option<String> {
    match known {
        Some(known) if known == typed.trim() => Some(known.to_owned()),
        _ => words::number(errors, field, typed, NUMBER),
    }
}

/// Who answers at a party: the account of an address, if it is a compact owner, principal or mayor's office there.
async fn holder(
    tx: &Tx,
    errors: &mut FieldErrors,
    (party_field, field): (&str, &str),
    (party, email): (&str, &str),
    parties: &[Party],
    before: &Holder,
) -> Result<Holder> {
    let (party, email) = (party.trim(), email.trim());
    let found = parties.iter().find(|one| one.takes_part() && one.id.to_string() == party).cloned();
    if !party.is_empty() && found.is_none() {
        errors.add(party_field, "Choose one of the parties.");
        return Ok(Holder::default());
    }
    let same = found.as_ref().map(|party| party.id) == before.party.as_ref().map(|party| party.id);
    let stays = Holder { party: found.clone(), ..before.clone() };
    if email == KEEP {
        return Ok(if same { stays } else { Holder { party: found, ..Holder::default() } });
    }
    let Some(place) = found.as_ref().and_then(|party| party.place) else {
        errors.add(field, "Only a party that is here as a school or organization has somebody who holds it.");
        return Ok(stays);
    };
    let account = match Email::parse(email) {
        Ok(email) => account::account_at(tx, &email).await?,
        Err(_) => None,
    };
    if let Some(account) = account.filter(|account| account.state == AccountState::Active)
        && membership::held(tx, account.id).await?.iter().any(|grant| holds(*grant, place))
    {
        return Ok(Holder { party: found, account: Some(account.id), gone_on: None });
    }
    errors.add(field, "Give the address of a compact owner, principal or mayor's office of this party.");
    Ok(stays)
}

/// Whether a grant makes somebody answer for a place.
pub(super) fn holds(grant: Grant, place: crate::platform::Place) -> bool {
    grant.place == place && matches!(grant.role, Role::CompactOwner | Role::Principal | Role::Mayor)
}

/// The next day on which the clock looks at a commitment: each day while it is open.
pub(super) fn next_look(commitment: &Commitment, today: NaiveDate) -> Option<NaiveDate> {
    commitment.is_open().then(|| today + chrono::Days::new(1))
}

/// The office that the actor speaks for here; the city's administration is none.
pub(super) fn office(tx: &Tx, parties: &[Party], first: Option<&Party>) -> Option<super::compact::PartyId> {
    let mine: Vec<&Party> = policy::speaks_for(tx.actor(), parties).collect();
    let first = first.filter(|first| mine.iter().any(|party| party.id == first.id)).map(|party| party.id);
    first.or_else(|| mine.first().map(|party| party.id))
}

/// Writes a commitment down.
pub async fn make(tx: &mut Tx, compact: CompactId, draft: &Draft) -> Result<Commitment> {
    let (of, parties) = editing::held(tx, compact).await?;
    let permit = policy::write(tx.actor(), &of, &parties)?;
    let said = read(tx, draft, &parties, None).await?;
    if of.last_number >= MOST {
        return Err(Error::Conflict(format!("A compact holds {MOST} commitments at most.")));
    }
    let (now, today) = (tx.now(), tx.now().date_naive());
    let mut new = Commitment {
        id: CommitmentId::fresh(),
        compact,
        number: of.last_number + 1,
        area: said.area,
        sentence: said.sentence,
        who: said.who,
        gets: said.gets,
        due_on: said.due_on,
        first_due_on: None,
        status: CommitmentStatus::NOT_STARTED,
        reason: None,
        status_at: now,
        status_by: None,
        measure: said.measure,
        owner: said.owner,
        deputy: said.deputy,
        gone_told: false,
        ratings: Vec::new(),
        confirmed: None,
        last_update: None,
        looked_on: today,
        look_on: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    new.look_on = next_look(&new, today);
    store::commitments::insert(tx.conn(), &new).await?;
    note(tx, &new, EntryKind::Made, office(tx, &parties, new.owner.party.as_ref()), Noted::default()).await?;
    touched(tx, &Compact { last_number: new.number, ..of }).await?;
    let detail = json!({ "compact": compact, "number": new.number, "area": new.area.code() });
    tx.record(&permit, Event::about("commitment.made", "commitment", new.id.0).with(detail)).await?;
    Ok(new)
}

/// What a row of the history says besides its kind and office.
#[derive(Default)]
pub(super) struct Noted {
    pub text: Option<String>,
    pub status: Option<CommitmentStatus>,
    pub changes: Vec<Change>,
    pub evidence: Vec<super::commitment::Evidence>,
}

/// Adds a row to the history.
pub(super) async fn note(
    tx: &Tx,
    of: &Commitment,
    kind: EntryKind,
    party: Option<super::compact::PartyId>,
    said: Noted,
) -> Result<()> {
    let row = Entry {
        id: EntryId::fresh(),
        commitment: of.id,
        kind,
        text: said.text,
        status: said.status,
        changes: said.changes,
        evidence: said.evidence,
        party,
        account: tx.actor().account().map(AccountId),
        at: tx.now(),
    };
    store::commitments::note(tx.conn(), &row).await
}

/// A commitment with its compact and its parties, held until the transaction ends.
pub(super) async fn held(tx: &Tx, id: CommitmentId) -> Result<(Compact, Vec<Party>, Commitment)> {
    let known = store::commitments::by_id(tx.conn(), id).await?.ok_or(Error::NotFound("commitment"))?;
    let (compact, parties) = match editing::held(tx, known.compact).await {
        Err(Error::NotFound(_)) => return Err(Error::NotFound("commitment")),
        other => other?,
    };
    let found = store::commitments::held(tx.conn(), id).await?.ok_or(Error::NotFound("commitment"))?;
    Ok((compact, parties, found))
}

/// What differs between two, as the history tells it: no word, day or number of a commitment changes without a row (C-3).
pub(super) fn differences(before: &Commitment, after: &Commitment) -> Vec<Change> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let of = |one: &Commitment| {
        let measure = one.measure.clone().unwrap_or_default();
        let party = |holder: &Holder| holder.party.as_ref().map(|party| party.name.clone()).unwrap_or_default();
        let mut all = vec![
            ("area".to_owned(), one.area.code().to_owned()),
            ("sentence".to_owned(), one.sentence.clone()),
            ("who".to_owned(), text(&one.who)),
            ("due_on".to_owned(), day(one.due_on)),
            ("status".to_owned(), one.status.code().to_owned()),
            ("reason".to_owned(), text(&one.reason)),
            ("measure".to_owned(), measure.name),
            ("baseline".to_owned(), text(&measure.baseline)),
            ("target".to_owned(), text(&measure.target)),
            ("latest".to_owned(), text(&measure.latest)),
            ("latest_on".to_owned(), day(measure.as_of)),
            ("owner_party".to_owned(), party(&one.owner)),
            ("deputy_party".to_owned(), party(&one.deputy)),
        ];
        let sectors = before.gets.keys().chain(after.gets.keys());
        let sectors: std::collections::BTreeSet<&String> = sectors.collect();
        all.extend(
            sectors
                .into_iter()
                .map(|sector| (format!("gets/{sector}"), one.gets.get(sector).cloned().unwrap_or_default())),
        );
        all
    };
    of(before)
        .into_iter()
        .zip(of(after))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| Change { field, before, after })
        .collect()
}

/// Changes a commitment in the open: every word, day and office that is another now is a line of its history.
///
/// # Errors
/// `Stale` where it changed since `seen`.
pub async fn change(tx: &mut Tx, id: CommitmentId, draft: &Draft, seen: Option<i32>) -> Result<()> {
    let (compact, parties, before) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &compact, &parties)?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::Stale);
    }
    let said = read(tx, draft, &parties, Some(&before)).await?;
    let today = tx.now().date_naive();
    let mut after = Commitment {
        area: said.area,
        sentence: said.sentence,
        who: said.who,
        gets: said.gets,
        due_on: said.due_on,
        measure: said.measure,
        owner: said.owner,
        deputy: said.deputy,
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    let mut changes = differences(&before, &after);
    changes.extend(handover::changes(&before, &after));
    let handed = after.owner.account != before.owner.account || after.deputy.account != before.deputy.account;
    if handed {
        after.gone_told = false;
    }
    // What was confirmed was confirmed as it stood: other words, another target or another owner are asked about again.
    let same = |field: &str| !changes.iter().any(|change| change.field == field);
    if !["sentence", "measure", "target", "owner_party"].into_iter().all(same) {
        after.confirmed = None;
        after.ratings.clear();
        store::commitments::clear_ratings(tx.conn(), id).await?;
    }
    if after.due_on != before.due_on {
        after.first_due_on = before.first_due_on.or(before.due_on);
    }
    after.looked_on = today;
    after.look_on = next_look(&after, today);
    (after.revision, after.updated_at) = (before.revision + 1, tx.now());
    store::commitments::update(tx.conn(), &after).await?;
    let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    let detail = json!({ "compact": compact.id, "fields": fields, "handed_over": handed });
    if !changes.is_empty() || said.why.is_some() {
        let said = Noted { text: said.why, changes, ..Noted::default() };
        note(tx, &after, EntryKind::Changed, office(tx, &parties, None), said).await?;
    }
    touched(tx, &compact).await?;
    tx.record(&permit, Event::about("commitment.changed", "commitment", id.0).with(detail)).await
}

/// Something that counts for a commitment, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct NewLink {
    /// A code of [`LinkKind`].
    pub kind: String,
    /// What is here: its address, name in addresses or id. What is elsewhere: its address.
    pub target: String,
    /// What is elsewhere: what it is called.
    pub title: String,
    /// What is elsewhere: of which day.
    pub on: String,
    /// That the title is about no student, after it was asked about.
    pub no_student: bool,
}

/// A link that was looked up.
#[derive(Clone, Debug)]
pub struct Found {
    kind: LinkKind,
    target: Option<Uuid>,
    title: Option<String>,
    url: Option<String>,
    on: Option<NaiveDate>,
}

/// Looks up what somebody wants to link: only what everybody may read. At most twelve statements.
pub async fn find(cx: &Cx, new: &NewLink) -> Result<Found> {
    let mut errors = FieldErrors::default();
    let Some(kind) = LinkKind::parse(&new.kind) else {
        return Err(Error::invalid("kind", "Choose what counts."));
    };
    let here = |target: Uuid| Found { kind, target: Some(target), title: None, url: None, on: None };
    let wrong =
        |_| Error::invalid("target", "Give the address of its page here; it must be one that everybody may read.");
    let last = new.target.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let last = last.split(['?', '#']).next().unwrap_or_default();
    match kind {
        LinkKind::Session => {
            let (session, _) = sessions::session(cx, last).await.map_err(wrong)?;
            if session.visibility != Visibility::PUBLIC || !session.is_public() {
                return Err(wrong(Error::NotFound("session")));
            }
            Ok(here(session.id.0))
        }
        LinkKind::Practice => {
            let practice = catalog::practice(cx, last).await.map_err(wrong)?;
            if practice.status == PracticeStatus::RETIRED {
                return Err(Error::invalid("target", "This practice was taken out of the catalog."));
            }
            Ok(here(practice.id.0))
        }
        LinkKind::Adoption => {
            let id: AdoptionId = last.parse().map_err(|_| wrong(Error::NotFound("adoption")))?;
            Ok(here(adoption::adoption(cx, id).await.map_err(wrong)?.id.0))
        }
        LinkKind::Minutes | LinkKind::Agreement => {
            let url = words::link(&mut errors, "target", &new.target);
            if url.is_none() && errors.is_empty() {
                errors.add("target", "Give the address where it can be read.");
            }
            let title = words::line(&mut errors, "title", &new.title, 200);
            if title.is_none() {
                errors.add("title", "Say what it is.");
            }
            guard::ask(&mut errors, "title", title.as_deref().unwrap_or_default(), new.no_student);
            let on = words::day(&mut errors, "on", &new.on);
            if on.is_none() && new.on.trim().is_empty() {
                errors.add("on", "Give the day it is of.");
            }
            if on.is_some_and(|on| on > cx.now().date_naive()) {
                errors.add("on", "Give a day that is not in the future.");
            }
            Ok(errors.or(Found { kind, target: None, title, url, on })?)
        }
    }
}

/// Links something to a commitment. Twice is as good as once.
pub async fn link(tx: &mut Tx, id: CommitmentId, found: Found) -> Result<()> {
    let (compact, parties, of) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &compact, &parties)?;
    let known = store::commitments::links(tx.conn(), &[id]).await?;
    let elsewhere = |one: &LinkRow| found.url.is_some() && one.url == found.url && one.kind == found.kind;
    if known.iter().any(elsewhere) {
        return Ok(());
    }
    if known.len() >= LINKS {
        return Err(Error::Conflict(format!("{LINKS} things count for it already.")));
    }
    let row = LinkRow {
        id: LinkId::fresh(),
        commitment: id,
        kind: found.kind,
        target: found.target,
        title: found.title,
        url: found.url,
        dated_on: found.on,
        account: tx.actor().account().map(AccountId),
        created_at: tx.now(),
    };
    if !store::commitments::insert_link(tx.conn(), &row).await? {
        return Ok(());
    }
    let change = Change { field: row.kind.code().to_owned(), before: String::new(), after: name_of(&row) };
    let said = Noted { changes: vec![change], ..Noted::default() };
    note(tx, &of, EntryKind::Linked, office(tx, &parties, None), said).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "compact": compact.id, "kind": row.kind.code(), "target": row.target });
    tx.record(&permit, Event::about("commitment.linked", "commitment", id.0).with(detail)).await
}

/// What a link is called in the history: a path here, or a title elsewhere.
fn name_of(row: &LinkRow) -> String {
    match (row.kind, row.target) {
        (LinkKind::Session, Some(id)) => format!("/sessions/{id}"),
        (LinkKind::Practice, Some(id)) => format!("/practices/{}", PracticeId(id)),
        (LinkKind::Adoption, Some(id)) => format!("/adoptions/{id}"),
        _ => row.title.clone().unwrap_or_default(),
    }
}

/// Takes a link out; the history says so. Twice is as good as once.
pub async fn unlink(tx: &mut Tx, id: CommitmentId, link: LinkId) -> Result<()> {
    let (compact, parties, of) = held(tx, id).await?;
    let permit = policy::write(tx.actor(), &compact, &parties)?;
    let Some(row) = store::commitments::delete_link(tx.conn(), id, link).await? else { return Ok(()) };
    if of.status == CommitmentStatus::MET && !super::progress::has_evidence(tx, id).await? {
        return Err(Error::Conflict(
            "It is reported as met by this evidence alone; give other evidence before you take it out.".to_owned(),
        ));
    }
    let change = Change { field: row.kind.code().to_owned(), before: name_of(&row), after: String::new() };
    let said = Noted { changes: vec![change], ..Noted::default() };
    note(tx, &of, EntryKind::Unlinked, office(tx, &parties, None), said).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "compact": compact.id, "kind": row.kind.code(), "target": row.target });
    tx.record(&permit, Event::about("commitment.unlinked", "commitment", id.0).with(detail)).await
}
