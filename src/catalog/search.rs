//! What makes a practice searchable.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use uuid::Uuid;

use super::markdown;
use super::practice::{Practice, PracticeId};
use super::record::PracticeRecord;
use super::store;
use crate::people::school_card;
use crate::people::{self, School, Sector};
use crate::platform::db::log::Relay;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Result, Tx};
use crate::search::{Card, Entry, Kind, PracticeCard, Source, UsedBy};

/// Practices, for the index.
pub struct PracticeSource;

#[async_trait]
impl Source for PracticeSource {
    fn kind(&self) -> Kind {
        Kind::Practice
    }

    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>> {
        let mut found = store::practices(cx.conn(), ids).await?;
        found.retain(|p| matches!(p.status, PracticeStatus::PUBLISHED | PracticeStatus::IMPORTED));
        let schools: Vec<_> = found.iter().filter_map(|practice| practice.origin_school).collect();
        let schools = people::schools(cx, &schools).await?;
        let used = store::adoptions::used_by(cx.conn(), ids).await?;
        let sectors = people::sectors(cx).await?;
        Ok(found
            .into_iter()
            .map(|practice| {
                let school = practice.origin_school.and_then(|id| schools.get(&id));
                let used = used.get(&practice.id.0).cloned().unwrap_or_default();
                entry(practice, school, used, &sectors)
            })
            .collect())
    }

    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
        store::ids(cx.conn(), after, limit).await
    }

    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        store::searchable(cx.conn(), ids).await
    }

    async fn labels(&self, cx: &Cx) -> Result<Vec<(&'static str, String, String)>> {
        let sectors = people::sectors(cx).await?;
        Ok(sectors.into_iter().map(|sector| ("sector", sector.code, sector.label)).collect())
    }
}

/// A practice shows its school's name, sector and place: when the school changes, so does the practice.
pub struct SchoolRelay;

#[async_trait]
impl Relay for SchoolRelay {
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
        if log != Kind::School.name() {
            return Ok(());
        }
        let merged = people::merged_schools(tx, subjects).await?;
        let practices = store::begun_at(tx.conn(), &[subjects, &merged].concat()).await?;
        // Feeds and harvesters name the school too: the practice counts as changed with it.
        store::changes::moved(tx.conn(), &practices, tx.now()).await?;
        crate::search::touch(tx, Kind::Practice, &practices).await
    }
}

/// Cards of practices by id, as search results show them: for lists that are no search. What search does not
/// show has none.
pub async fn cards(cx: &Cx, practices: &[PracticeId]) -> Result<HashMap<PracticeId, PracticeCard>> {
    let ids: Vec<Uuid> = practices.iter().map(|id| id.0).collect();
    let entries = PracticeSource.entries(cx, &ids).await?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| match entry.card {
            Card::Practice(card) => Some((PracticeId(entry.id), *card)),
            _ => None,
        })
        .collect())
}

fn entry(practice: Practice, school: Option<&School>, used: BTreeMap<String, u64>, sectors: &[Sector]) -> Entry {
    let Practice { id, slug, record, status, published_on, created_at, .. } = practice;
    let day = published_on.unwrap_or_else(|| created_at.date_naive());
    let popularity = used.values().sum();
    let label =
        |code: &String| sectors.iter().find(|s| &s.code == code).map_or_else(|| code.clone(), |s| s.label.clone());
    let used_by =
        used.into_iter().map(|(code, schools)| (code.clone(), UsedBy { label: label(&code), schools })).collect();
    let mut evidence: Vec<_> = record.evidence_claims.iter().filter_map(|claim| claim.tier).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let codes = |values: &[&'static str]| values.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    let evidence = codes(&evidence.iter().map(|tier| tier.code()).collect::<Vec<_>>());
    let school_line = school.map(|school| school_card(school, sectors));
    let one = |text: Option<String>| text.into_iter().collect::<Vec<_>>();
    let facets = vec![
        ("topic", codes(&record.topics.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("grade_band", codes(&record.grade_bands.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("student_group", codes(&record.student_groups.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("subject", codes(&record.subjects.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("practice_type", codes(&record.practice_type.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("setting", codes(&record.settings.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("cost_band", codes(&record.cost_band.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("time_to_start", codes(&record.time_to_start.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("weekly_time", codes(&record.weekly_time.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("staffing", codes(&record.staffing.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("condition", codes(&record.conditions.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("evidence", evidence.clone()),
        ("result", codes(&record.result.iter().map(|v| v.code()).collect::<Vec<_>>())),
        ("sector", one(school.and_then(|s| s.sector.clone()))),
        ("neighborhood", one(school.and_then(|s| s.neighborhood.clone()))),
        ("school", school.map(|s| vec![s.id.to_string(), s.slug.clone()]).unwrap_or_default()),
    ];
    let mut keywords = labels(&record);
    if let Some(school) = school {
        keywords.push(school.name.clone());
        keywords.extend(school.neighborhood.clone());
    }
    keywords.extend(record.original_name.clone());
    let body = body(&record);
    let card = PracticeCard {
        slug,
        title: record.title.clone(),
        summary: record.summary.clone().unwrap_or_default(),
        school: school_line,
        grade_bands: record.grade_bands.iter().map(|v| v.code().to_owned()).collect(),
        topics: record.topics.iter().map(|v| v.code().to_owned()).collect(),
        time_to_start: record.time_to_start.map(|v| v.code().to_owned()),
        evidence,
        result: record.result.map(|v| v.code().to_owned()),
        used_by,
        imported: status == PracticeStatus::IMPORTED,
    };
    Entry {
        id: id.0,
        title: record.title,
        keywords,
        summary: record.summary.unwrap_or_default(),
        body,
        facets,
        date: i64::from(chrono::Datelike::num_days_from_ce(&day)),
        popularity,
        card: Card::Practice(Box::new(card)),
    }
}

/// The labels of the record's values: teachers type them as words (F-3).
fn labels(record: &PracticeRecord) -> Vec<String> {
    let mut labels: Vec<&str> = Vec::new();
    labels.extend(record.topics.iter().map(|v| v.label()));
    labels.extend(record.subjects.iter().map(|v| v.label()));
    labels.extend(record.student_groups.iter().map(|v| v.label()));
    labels.extend(record.grade_bands.iter().map(|v| v.label()));
    labels.extend(record.settings.iter().map(|v| v.label()));
    labels.extend(record.practice_type.iter().map(|v| v.label()));
    labels.extend(record.mtss_tiers.iter().map(|v| v.label()));
    labels.into_iter().map(str::to_owned).collect()
}

/// The texts of the record, in the order in which a page shows them.
fn body(record: &PracticeRecord) -> String {
    let long = |text: &Option<String>| text.as_deref().map(markdown::plain);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(long(&record.problem));
    parts.extend(record.steps.iter().map(|step| step.what.clone()));
    parts.extend(record.core_parts.iter().cloned());
    parts.extend(long(&record.a_day_or_week));
    parts.extend(record.can_change.iter().cloned());
    parts.extend(record.materials.iter().map(|material| material.title.clone()));
    parts.extend(record.evidence_claims.iter().map(|claim| claim.outcome.clone()));
    parts.extend(record.evidence_claims.iter().filter_map(|claim| claim.populations.clone()));
    parts.extend(record.local_measures.iter().map(|measure| measure.measure.clone()));
    parts.extend(long(&record.conditions_note));
    parts.extend(record.cost_note.clone());
    parts.extend(long(&record.space_and_technology));
    parts.extend(record.first_week.iter().cloned());
    parts.extend(record.prerequisites.iter().cloned());
    parts.extend(record.pitfalls.iter().cloned());
    parts.extend(long(&record.how_to_keep_it_going));
    parts.extend(record.not_a_fit_when.iter().cloned());
    parts.extend(long(&record.stopped_because));
    parts.extend(long(&record.what_replaced_it));
    // Set apart, so that a passage that spans two of them reads as two.
    parts.join(" \u{b7} ")
}
