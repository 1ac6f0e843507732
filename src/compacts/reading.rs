//! Reading compacts: the list with its filters, one with everything on it, one commitment, the comparison, what somebody holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::commitment::{Commitment, Entry, EntryId, EntryKind, Freshness};
use super::compact::{Compact, CompactId, CompactKind, Move, Party, PartyId, Record, Seat, TextVersion, Visit};
use super::evidence::{self, Counted};
use super::{handover, policy, store};
use crate::people::{self, AccountId, Sector};
use crate::platform::vocabulary::CommitmentArea;
use crate::platform::{Cx, Error, Result, Timestamp, cells};

/// Compacts that are compared at once.
pub const SIDES: usize = 4;

/// What the list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Name of a city in addresses; empty is every city.
    pub city: String,
    /// What kind.
    pub kind: Option<CompactKind>,
    /// With a commitment that stands there: a code of [`super::Standing::code`]; empty is any.
    pub status: String,
    /// With an open commitment that is so fresh.
    pub freshness: Option<Freshness>,
}

/// A compact in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The compact.
    pub compact: Compact,
    /// Its parties.
    pub parties: Vec<Party>,
    /// Its commitments.
    pub commitments: Vec<Commitment>,
}

impl Listed {
    /// How many commitments stand where, by code.
    pub fn standings(&self) -> BTreeMap<&'static str, usize> {
        let mut found: BTreeMap<&'static str, usize> = BTreeMap::new();
        for one in &self.commitments {
            *found.entry(one.standing().code()).or_default() += 1;
        }
        found
    }

    /// How many are open after their day is over.
    pub fn overdue(&self, now: Timestamp) -> usize {
        self.commitments.iter().filter(|one| one.overdue_since(now).is_some()).count()
    }

    /// How many open commitments are so fresh.
    pub fn fresh(&self, wanted: Freshness, now: Timestamp) -> usize {
        self.commitments.iter().filter(|one| one.is_open() && one.freshness(now) == wanted).count()
    }
}

/// What the actor may see of the list: everybody sees what is published, its parties their drafts. Every city there is, and those that
/// fit. Five statements.
pub async fn list(cx: &Cx, filters: &Filters) -> Result<(Vec<(String, String)>, Vec<Listed>)> {
    let mut all = store::compacts::published(cx.conn()).await?;
    if policy::administers(cx.actor()) {
        all = store::compacts::all(cx.conn()).await?;
    } else {
        let places = policy::places(cx.actor());
        let mine = store::compacts::with_places(cx.conn(), &places).await?;
        let drafts = store::compacts::by_ids(cx.conn(), &mine).await?;
        all.extend(drafts.into_iter().filter(|one| one.published_at.is_none()));
    }
    let cities: BTreeSet<(String, String)> =
        all.iter().filter_map(|one| Some((one.city_name.clone()?, one.city.clone()?))).collect();
    let city = |one: &Compact| filters.city.is_empty() || one.city.as_deref() == Some(filters.city.as_str());
    all.retain(|one| city(one) && filters.kind.is_none_or(|kind| one.kind == kind));
    let mut found = listed(cx, all).await?;
    let now = cx.now();
    found.retain(|one| {
        (filters.status.is_empty() || one.standings().contains_key(filters.status.as_str()))
            && filters.freshness.is_none_or(|wanted| one.fresh(wanted, now) > 0)
    });
    found.sort_by_cached_key(|one| (one.compact.name.to_lowercase(), one.compact.id));
    Ok((cities.into_iter().collect(), found))
}

async fn listed(cx: &Cx, all: Vec<Compact>) -> Result<Vec<Listed>> {
    let ids: Vec<CompactId> = all.iter().map(|one| one.id).collect();
    let mut parties = store::compacts::parties(cx.conn(), &ids).await?;
    let mut commitments: HashMap<CompactId, Vec<Commitment>> = HashMap::new();
    for one in store::commitments::of_compacts(cx.conn(), &ids).await? {
        commitments.entry(one.compact).or_default().push(one);
    }
    let one = |compact: Compact| {
        let parties = parties.remove(&compact.id).unwrap_or_default();
        let commitments = commitments.remove(&compact.id).unwrap_or_default();
        Listed { compact, parties, commitments }
    };
    Ok(all.into_iter().map(one).collect())
}

/// A compact with its parties, for whoever may know of it. Two statements.
pub async fn open(cx: &Cx, reference: &str) -> Result<(Compact, Vec<Party>)> {
    Error::unless_nameable(reference, "compact")?;
    let found = store::compacts::by_reference(cx.conn(), reference).await?.ok_or(Error::NotFound("compact"))?;
    let parties = store::compacts::parties(cx.conn(), &[found.id]).await?.remove(&found.id).unwrap_or_default();
    if policy::sees(cx.actor(), &found, &parties) { Ok((found, parties)) } else { Err(Error::NotFound("compact")) }
}

/// A compact with everything on it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The compact.
    pub compact: Compact,
    /// Its parties.
    pub parties: Vec<Party>,
    /// Every move of them.
    pub moves: Vec<Move>,
    /// Who governs it.
    pub seats: Vec<Seat>,
    /// The versions of its text, newest first.
    pub texts: Vec<TextVersion>,
    /// Its commitments, by number.
    pub commitments: Vec<Commitment>,
    /// Visits of a partnership.
    pub visits: Vec<Visit>,
    /// Labels of sectors by their codes.
    pub sectors: Labels,
    /// Whether the actor may change it.
    pub writes: bool,
    /// Whether the actor leads it: asks parties in, and shows a draft to everybody.
    pub leads: bool,
    /// Whether the actor answers for one of its parties, also one that is only asked in, or administers.
    pub takes_part: bool,
}

/// Labels of sectors.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<String, String>);

impl Labels {
    /// Of what people keep, with the two that only compacts know.
    pub fn of(sectors: &[Sector]) -> Self {
        let mut all: HashMap<String, String> =
            sectors.iter().map(|one| (one.code.clone(), one.label.clone())).collect();
        all.insert(super::compact::CITY.to_owned(), "City".to_owned());
        all.insert(super::compact::OTHER.to_owned(), "Other partner".to_owned());
        Self(all)
    }

    /// The label of a code; a code without one is its own.
    pub fn label(&self, code: &str) -> String {
        self.0.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

/// Labels of sectors. One statement.
pub async fn labels(cx: &Cx) -> Result<Labels> {
    Ok(Labels::of(&people::sectors(cx).await?))
}

/// One compact with everything on it. Ten statements.
pub async fn whole(cx: &Cx, reference: &str) -> Result<Whole> {
    let (compact, parties) = open(cx, reference).await?;
    Ok(Whole {
        moves: store::compacts::moves(cx.conn(), compact.id).await?,
        seats: store::compacts::seats(cx.conn(), compact.id).await?,
        texts: store::compacts::texts(cx.conn(), compact.id).await?,
        commitments: store::commitments::of_compacts(cx.conn(), &[compact.id]).await?,
        visits: match compact.kind {
            CompactKind::SchoolPartnership => store::compacts::visits(cx.conn(), compact.id).await?,
            _ => Vec::new(),
        },
        sectors: labels(cx).await?,
        writes: policy::write(cx.actor(), &compact, &parties).is_ok(),
        leads: policy::lead_it(cx.actor(), &compact, &parties).is_ok(),
        takes_part: policy::take_part(cx.actor(), &parties).is_ok(),
        compact,
        parties,
    })
}

/// One commitment with everything on it.
#[derive(Clone, Debug)]
pub struct One {
    /// Its compact.
    pub compact: Compact,
    /// The parties of that.
    pub parties: Vec<Party>,
    /// The commitment.
    pub commitment: Commitment,
    /// Its history, newest first.
    pub entries: Vec<Entry>,
    /// What counts for it.
    pub counted: Counted,
    /// Labels of sectors by their codes.
    pub sectors: Labels,
    /// Whether the actor may change it.
    pub writes: bool,
    /// Whether the actor says how it goes.
    pub reports: bool,
    /// The party for which the actor says how another sector sees it.
    pub rates_for: Option<Party>,
    /// The sides at which the actor names who holds it, each with its office.
    pub hands_over: Vec<(&'static str, Party)>,
    /// Whether the actor takes words out of its history.
    pub redacts: bool,
}

impl One {
    /// Name of a party.
    pub fn party(&self, id: Option<PartyId>) -> Option<&Party> {
        self.parties.iter().find(|party| Some(party.id) == id)
    }
}

/// One commitment by its number. At most thirty-one statements.
pub async fn one(cx: &Cx, reference: &str, number: i32) -> Result<One> {
    let (compact, parties) = open(cx, reference).await?;
    let all = store::commitments::of_compacts(cx.conn(), &[compact.id]).await?;
    let commitment = all.into_iter().find(|one| one.number == number).ok_or(Error::NotFound("commitment"))?;
    Ok(One {
        entries: store::commitments::entries(cx.conn(), &[commitment.id]).await?,
        counted: evidence::counted(cx, &compact, &parties, &commitment).await?,
        sectors: labels(cx).await?,
        writes: policy::write(cx.actor(), &compact, &parties).is_ok(),
        reports: policy::report(cx.actor(), &commitment).is_ok(),
        rates_for: policy::confirm(cx.actor(), &commitment, &parties).ok().map(|(_, party)| party),
        hands_over: handover::sides(cx.actor(), &commitment),
        redacts: policy::take_out(cx.actor()).is_ok(),
        compact,
        parties,
        commitment,
    })
}

/// The compact and number of a commitment, by its id. Six statements.
pub async fn numbered(cx: &Cx, id: &str) -> Result<(Compact, Vec<Party>, Commitment)> {
    let id = id.parse().map_err(|_| Error::NotFound("commitment"))?;
    let found = store::commitments::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("commitment"))?;
    match open(cx, &found.compact.to_string()).await {
        Ok((compact, parties)) => Ok((compact, parties, found)),
        Err(Error::NotFound(_)) => Err(Error::NotFound("commitment")),
        Err(error) => Err(error),
    }
}

/// Everything that happened to a compact.
#[derive(Clone, Debug)]
pub struct History {
    /// The compact.
    pub compact: Compact,
    /// Its parties.
    pub parties: Vec<Party>,
    /// Its commitments.
    pub commitments: Vec<Commitment>,
    /// What happened to those, newest first.
    pub entries: Vec<Entry>,
    /// What happened to the compact itself, newest first.
    pub records: Vec<Record>,
}

/// The history of a compact and of every commitment of it. Seven statements.
pub async fn history(cx: &Cx, reference: &str) -> Result<History> {
    let (compact, parties) = open(cx, reference).await?;
    let commitments = store::commitments::of_compacts(cx.conn(), &[compact.id]).await?;
    let ids: Vec<_> = commitments.iter().map(|one| one.id).collect();
    let mut entries = store::commitments::entries(cx.conn(), &ids).await?;
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    let records = store::history::records(cx.conn(), &[compact.id]).await?;
    Ok(History { compact, parties, commitments, entries, records })
}

/// One version of the text of a compact, with how many there are. Three statements.
pub async fn text(cx: &Cx, reference: &str, version: i32) -> Result<(Compact, TextVersion, Vec<TextVersion>)> {
    let (compact, _) = open(cx, reference).await?;
    let all = store::compacts::texts(cx.conn(), compact.id).await?;
    let found = all.iter().find(|one| one.version == version).cloned().ok_or(Error::NotFound("version"))?;
    Ok((compact, found, all))
}

/// An area of a comparison: for each compact its commitments there.
pub type AreaSides = (CommitmentArea, Vec<Vec<Commitment>>);

/// Two to four compacts side by side, by area, in the order of the areas; areas that none of them speaks of are left out. At most
/// thirteen statements.
pub async fn compare(cx: &Cx, references: &[String]) -> Result<(Vec<Compact>, Vec<AreaSides>)> {
    let mut sides: Vec<Compact> = Vec::new();
    for reference in references.iter().take(SIDES) {
        let (compact, _) = open(cx, reference).await?;
        if !sides.iter().any(|known| known.id == compact.id) {
            sides.push(compact);
        }
    }
    let ids: Vec<CompactId> = sides.iter().map(|one| one.id).collect();
    let all = store::commitments::of_compacts(cx.conn(), &ids).await?;
    let mut rows = Vec::new();
    for area in CommitmentArea::all() {
        let of = |compact: &Compact| {
            let here = |one: &&Commitment| one.compact == compact.id && one.area == area;
            all.iter().filter(here).cloned().collect::<Vec<_>>()
        };
        let cells: Vec<Vec<Commitment>> = sides.iter().map(of).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((area, cells));
        }
    }
    Ok((sides, rows))
}

/// What the actor holds, or what waits for the word of their side.
#[derive(Clone, Debug)]
pub struct Mine {
    /// The compact.
    pub compact: Compact,
    /// The commitment.
    pub commitment: Commitment,
    /// Whether the actor's side answers for it.
    pub own: bool,
    /// Whether it waits for the word of the actor's side.
    pub waits: bool,
}

/// The commitments of the actor's places: those that their side answers for, and those that their side looks at with another. Those
/// that wait come first, then by the day they are due. Six statements.
pub async fn mine(cx: &Cx) -> Result<Vec<Mine>> {
    if cx.actor().account().is_none() {
        return Err(Error::SignInRequired);
    }
    let places = policy::places(cx.actor());
    let ids = store::compacts::with_places(cx.conn(), &places).await?;
    let compacts = store::compacts::by_ids(cx.conn(), &ids).await?;
    let mut found = Vec::new();
    for one in listed(cx, compacts).await? {
        for commitment in one.commitments {
            let at = |party: Option<&Party>| {
                party.and_then(|party| party.place).is_some_and(|place| places.contains(&place))
            };
            let own = at(commitment.owner.party.as_ref());
            let with = at(commitment.deputy.party.as_ref());
            let waits = matches!(commitment.standing(), super::Standing::ReportedMet { .. })
                && policy::confirm(cx.actor(), &commitment, &one.parties).is_ok();
            if own || with || waits {
                found.push(Mine { compact: one.compact.clone(), commitment, own, waits });
            }
        }
    }
    let far = chrono::NaiveDate::MAX;
    found.sort_by_key(|one| (!one.waits, one.commitment.due_on.unwrap_or(far), one.compact.id, one.commitment.number));
    Ok(found)
}

/// The commitments of a compact as a file (C-10), for spreadsheets too.
pub fn csv(of: &Whole, now: Timestamp, base_url: &str) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    let row = [
        "compact",
        "number",
        "area",
        "commitment",
        "who",
        "owner",
        "with",
        "due_on",
        "status",
        "reported_status",
        "reason",
        "freshness",
        "last_update_on",
        "measure",
        "baseline",
        "target",
        "latest",
        "latest_on",
        "url",
        "first_due_on",
        "overdue",
        "disputed",
    ];
    file.write_record(row).map_err(Error::internal)?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    for one in &of.commitments {
        let measure = one.measure.clone().unwrap_or_default();
        let party = |party: &Option<Party>| party.as_ref().map(|party| party.name.clone()).unwrap_or_default();
        let row = [
            of.compact.name.clone(),
            one.number.to_string(),
            one.area.code().to_owned(),
            one.sentence.clone(),
            text(&one.who),
            party(&one.owner.party),
            party(&one.deputy.party),
            day(one.due_on),
            one.standing().code().to_owned(),
            one.status.code().to_owned(),
            text(&one.reason),
            one.freshness(now).code().to_owned(),
            one.last_update.map(|at| at.date_naive().to_string()).unwrap_or_default(),
            measure.name,
            text(&measure.baseline),
            text(&measure.target),
            text(&measure.latest),
            day(measure.as_of),
            format!("{base_url}{}/commitments/{}", of.compact.path(), one.number),
            day(one.first_due_on),
            if one.overdue_since(now).is_some() { "yes" } else { "no" }.to_owned(),
            if one.is_disputed() { "yes" } else { "no" }.to_owned(),
        ];
        file.write_record(row.map(|cell| cells::inert(&cell))).map_err(Error::internal)?;
    }
    file.into_inner().map_err(Error::internal)
}

/// The last word on a commitment of a compact, for those who follow it.
#[derive(Clone, Debug)]
pub struct LastWord {
    /// The compact.
    pub compact: Compact,
    /// The row of the history.
    pub entry: EntryId,
    /// "Update of a commitment".
    pub word: &'static str,
    /// The commitment.
    pub sentence: String,
    /// Its page.
    pub path: String,
    /// Who spoke, who needs not hear of it.
    pub account: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// The last word on each of these compacts that everybody may read; of those where nobody has spoken yet there is none.
pub async fn last_words(cx: &Cx, ids: &[CompactId]) -> Result<Vec<LastWord>> {
    let mut compacts = store::compacts::by_ids(cx.conn(), ids).await?;
    compacts.retain(|one| one.published_at.is_some());
    let open: Vec<CompactId> = compacts.iter().map(|one| one.id).collect();
    let commitments = store::commitments::of_compacts(cx.conn(), &open).await?;
    let known: Vec<_> = commitments.iter().map(|one| one.id).collect();
    let entries = store::commitments::entries(cx.conn(), &known).await?;
    let mut found = Vec::new();
    for compact in compacts {
        let last = entries
            .iter()
            .filter_map(|entry| {
                let word = match entry.kind {
                    EntryKind::Update => "Update of a commitment",
                    EntryKind::Confirmed => "A commitment is confirmed as met",
                    EntryKind::Rated => "Another sector's word on a commitment",
                    _ => return None,
                };
                let of = commitments.iter().find(|one| one.id == entry.commitment && one.compact == compact.id)?;
                Some((entry, word, of))
            })
            .max_by_key(|(entry, ..)| (entry.at, entry.id));
        if let Some((entry, word, of)) = last {
            found.push(LastWord {
                entry: entry.id,
                word,
                sentence: of.sentence.clone(),
                path: format!("{}/commitments/{}", compact.path(), of.number),
                account: entry.account,
                at: entry.at,
                compact,
            });
        }
    }
    Ok(found)
}
