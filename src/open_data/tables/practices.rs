//! Practices, their versions, their evidence, and who adopted them.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::catalog::{self, Practice, PracticeId, changes};
use crate::open_data::exported::{Exported, Field, Kind, PIECE, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};
use crate::sessions;

/// Practices whose versions are read in one piece.
const VERSIONS: u64 = 50;

/// What a record says, by the names of product.md.
const RECORD: &[Field] = &[
    field("title", Kind::Text, "What people do."),
    field("summary", Kind::Text, "What they do, and what changes."),
    field("problem", Kind::Text, "The problem it answers."),
    field("practice_type", Kind::Text, "What kind of thing it is; a code of the vocabulary practice_type."),
    field("topics", Kind::List, "What it is about; codes of topic."),
    field("grade_bands", Kind::List, "Grades; codes of grade_band."),
    field("subjects", Kind::List, "Codes of subject."),
    field("student_groups", Kind::List, "Whom it serves; codes of student_group."),
    field("settings", Kind::List, "Where it happens; codes of setting."),
    field("mtss_tiers", Kind::List, "Tiers of support; codes of mtss_tier."),
    field("in_use_since", Kind::Integer, "The year it began."),
    field("result", Kind::Text, "How it went at the school; a code of result."),
    field("steps", Kind::List, "What to do, in order: what, who, how_long."),
    field("core_parts", Kind::List, "What an adopter keeps."),
    field("can_change", Kind::List, "What an adopter may change."),
    field("a_day_or_week", Kind::Text, "What a day or a week of it looks like."),
    field("materials", Kind::List, "What one needs: title, kind, url, editable, language, license, accessible."),
    field("evidence_claims", Kind::List, "What is known, one entry for each outcome; also the table evidence."),
    field(
        "local_measures",
        Kind::List,
        "The school's own numbers: measure, before, after, students_band, dates, compared_with, source.",
    ),
    field("what_we_do_not_know", Kind::Text, "What is not known."),
    field("time_to_start", Kind::Text, "From the decision to the first day; a code of time_to_start."),
    field("weekly_time", Kind::Text, "Time of staff each week; a code of weekly_time."),
    field("cost_band", Kind::Text, "New spending; a code of cost_band."),
    field("cost_note", Kind::Text, "What the money is for."),
    field("staffing", Kind::List, "Who it takes; codes of staffing."),
    field("conditions", Kind::List, "What has to be true of a school; codes of condition."),
    field("conditions_note", Kind::Text, "The conditions in the school's words."),
    field("training_hours", Kind::Number, "Hours of training for one person."),
    field("space_and_technology", Kind::Text, "Rooms and devices."),
    field("timeline", Kind::List, "What happened when."),
    field("who_decided", Kind::Text, "Who decided, by role."),
    field("first_week", Kind::List, "What to do in the first week."),
    field("prerequisites", Kind::List, "What must be in place."),
    field("pitfalls", Kind::List, "What goes wrong."),
    field("how_to_keep_it_going", Kind::Text, "What keeps it alive when people leave."),
    field("not_a_fit_when", Kind::List, "When to leave it alone."),
    field("stopped_because", Kind::Text, "Why it was stopped."),
    field("what_replaced_it", Kind::Text, "What came after."),
    field("contact_role", Kind::Text, "The role of who knows it best."),
    field("open_to_visits", Kind::Boolean, "Whether colleagues may come and see."),
    field("visit_rules", Kind::Text, "How a visit is arranged."),
    field("max_visits_per_term", Kind::Integer, "Visits the school receives in a term."),
    field("license", Kind::Text, "The licence of the record; a code of license."),
    field("contributors", Kind::List, "Credits by role or team, as the page shows them."),
    field("imported_from", Kind::Text, "The source of an imported record."),
    field("imported_url", Kind::Text, "Where the source describes it."),
    field("original_name", Kind::Text, "The source's name for it."),
];

/// Practices with their newest record.
pub struct Practices(pub Arc<str>);

#[async_trait]
impl Exported for Practices {
    fn table(&self) -> Table {
        let mut fields = vec![
            field("id", Kind::Text, "Its id."),
            field("slug", Kind::Text, "Its name in addresses, which never changes."),
            field("url", Kind::Text, "Its page."),
            field(
                "status",
                Kind::Text,
                "published, imported (nobody here has reviewed it) or retired (only the reason is left).",
            ),
            field("origin_school_id", Kind::Text, "The school where it began."),
            field("version", Kind::Integer, "The number of its newest version."),
            field("published_on", Kind::Date, "First publication."),
            field("last_checked_on", Kind::Date, "When somebody last checked that it still holds."),
            field("check_by", Kind::Date, "When somebody should check again."),
            field("retired_reason", Kind::Text, "Why it was taken out of the catalog."),
            field("replaced_by", Kind::Text, "The practice to read in its place."),
            field("created_at", Kind::Moment, "When it came here."),
            field("updated_at", Kind::Moment, "When it last changed."),
        ];
        fields.extend_from_slice(RECORD);
        Table {
            name: "practices",
            title: "Practices",
            says: "One row for each practice of the catalog, with its newest record.",
            key: &["id"],
            fields,
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        changes::count(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after, PIECE).await?;
        let mut rows = Vec::with_capacity(found.len());
        for practice in &found {
            rows.push(self.row(practice)?);
        }
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

impl Practices {
    fn row(&self, practice: &Practice) -> Result<Row> {
        let gone = practice.status == PracticeStatus::RETIRED;
        let mut row = if gone { Row::new() } else { record(&practice.record)? };
        put(&mut row, "id", practice.id);
        put(&mut row, "slug", &practice.slug);
        put(&mut row, "url", format!("{}/practices/{}", self.0, practice.slug));
        put(&mut row, "title", &practice.record.title);
        put(&mut row, "status", practice.status.code());
        put(&mut row, "origin_school_id", practice.origin_school);
        put(&mut row, "version", practice.version);
        put(&mut row, "published_on", practice.published_on);
        put(&mut row, "created_at", practice.created_at);
        put(&mut row, "updated_at", practice.updated_at);
        if gone {
            put(&mut row, "retired_reason", &practice.retired_reason);
            put(&mut row, "replaced_by", practice.replaced_by);
        } else {
            put(&mut row, "last_checked_on", practice.last_checked_on);
            put(&mut row, "check_by", practice.check_by);
        }
        Ok(row)
    }
}

/// What a record says, without what it does not say.
fn record(record: &catalog::PracticeRecord) -> Result<Row> {
    match serde_json::to_value(record).map_err(Error::internal)? {
        Value::Object(mut row) => {
            row.retain(|_, value| !value.is_null());
            Ok(row)
        }
        _ => Err(Error::internal("a record is an object")),
    }
}

/// Public practices after one of them, and what to go on with.
async fn walk(cx: &Cx, after: Option<&str>, limit: u64) -> Result<(Vec<Practice>, Option<String>)> {
    let after: Option<PracticeId> = after.map(|id| id.parse().map_err(Error::internal)).transpose()?;
    let found = changes::in_order(cx, after, limit).await?;
    let next = found.last().filter(|_| found.len() as u64 == limit).map(|practice| practice.id.to_string());
    Ok((found, next))
}

/// Ids of those that were not taken out.
fn shown(found: &[Practice]) -> Vec<PracticeId> {
    found.iter().filter(|practice| practice.status != PracticeStatus::RETIRED).map(|practice| practice.id).collect()
}

/// Every version with its record.
pub struct Versions;

#[async_trait]
impl Exported for Versions {
    fn table(&self) -> Table {
        Table {
            name: "practice_versions",
            title: "Versions of practices",
            says: "One row for each version of each practice; a version never changes.",
            key: &["practice_id", "version"],
            fields: vec![
                field("practice_id", Kind::Text, "The practice."),
                field("version", Kind::Integer, "1, 2, 3 ..."),
                field("note", Kind::Text, "What changed, in the author's words."),
                field("created_at", Kind::Moment, "When it became the newest."),
                field("record", Kind::Object, "What it says: the fields of the table practices from title on."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        changes::count(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after, VERSIONS).await?;
        let mut rows = Vec::new();
        for (practice, version) in changes::versions(cx, &shown(&found)).await? {
            let mut row = Row::new();
            put(&mut row, "practice_id", practice);
            put(&mut row, "version", version.number);
            put(&mut row, "note", &version.note);
            put(&mut row, "created_at", version.created_at);
            put(&mut row, "record", record(&version.record)?);
            rows.push(row);
        }
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

/// Evidence, one row for each outcome.
pub struct Evidence;

#[async_trait]
impl Exported for Evidence {
    fn table(&self) -> Table {
        Table {
            name: "evidence",
            title: "Evidence",
            says: "One row for each outcome of each practice: what was found, and how strong the proof is.",
            key: &["practice_id", "number"],
            fields: vec![
                field("practice_id", Kind::Text, "The practice."),
                field("version", Kind::Integer, "The version that says it."),
                field("number", Kind::Integer, "1, 2, 3 in the order of the page."),
                field("outcome", Kind::Text, "The outcome."),
                field("tier", Kind::Text, "How strong; a code of evidence_tier. Empty is not rated."),
                field("finding", Kind::Text, "What was found; a code of finding."),
                field(
                    "applies_to",
                    Kind::Text,
                    "Whether it speaks of the idea or of this version; a code of applies_to.",
                ),
                field("citation", Kind::Text, "The source, in words."),
                field("citation_url", Kind::Text, "The source, as a link."),
                field("studies", Kind::Integer, "Studies behind it."),
                field("students", Kind::Integer, "Students in those studies; never fewer than 10."),
                field("grades", Kind::Text, "Grades studied, in words."),
                field("populations", Kind::Text, "Who the students were, in words."),
                field("rating", Kind::Text, "The source's own rating."),
                field("checked_by", Kind::Text, "Who checked it, by role."),
                field("checked_on", Kind::Date, "When."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        changes::count(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after, PIECE).await?;
        let mut rows = Vec::new();
        for practice in found.iter().filter(|practice| practice.status != PracticeStatus::RETIRED) {
            for (number, claim) in practice.record.evidence_claims.iter().enumerate() {
                let Value::Object(mut row) = serde_json::to_value(claim).map_err(Error::internal)? else { continue };
                row.retain(|_, value| !value.is_null());
                put(&mut row, "practice_id", practice.id);
                put(&mut row, "version", practice.version);
                put(&mut row, "number", number + 1);
                rows.push(row);
            }
        }
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

/// Who adopted what.
pub struct Adoptions(pub Arc<str>);

#[async_trait]
impl Exported for Adoptions {
    fn table(&self) -> Table {
        Table {
            name: "adoptions",
            title: "Adoptions",
            says: "One row for each practice that a school took an interest in or took over, as both pages show it.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("url", Kind::Text, "Its page."),
                field("practice_id", Kind::Text, "The practice."),
                field("version", Kind::Integer, "The version that the school uses."),
                field("school_id", Kind::Text, "The school."),
                field("sector_at_start", Kind::Text, "The school's sector when it began; empty is unknown."),
                field("stage", Kind::Text, "How far it is; a code of adoption_stage."),
                field("started_on", Kind::Date, "When it began."),
                field("stage_since", Kind::Date, "Since when it is there."),
                field("piloted_on", Kind::Date, "The first day on which the school tried it."),
                field("steps", Kind::List, "Every stage it came to: stage, since."),
                field("lead_role", Kind::Text, "Who leads it, by role."),
                field("changed_what", Kind::Text, "What the school changed."),
                field("kept_core", Kind::Text, "Whether it kept the core parts; a code of kept_core."),
                field("result_note", Kind::Text, "How it went, in the school's words."),
                field("would_recommend", Kind::Boolean, "Whether the school would recommend it."),
                field("stopped_reason", Kind::Text, "Why it stopped; a code of stop_reason."),
                field(
                    "learned_from_session",
                    Kind::Text,
                    "The session where it was learned, where everybody may see that session.",
                ),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        changes::count(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after, PIECE).await?;
        let adoptions = catalog::adoption::adoptions_of_many(cx, &shown(&found)).await?;
        let ids: Vec<_> = adoptions.iter().map(|adoption| adoption.id).collect();
        let steps = catalog::adoption::adoption_steps(cx, &ids).await?;
        let learned: HashSet<_> = adoptions.iter().filter_map(|adoption| adoption.learned_from).collect();
        let learned: Vec<_> = learned.into_iter().map(sessions::SessionId).collect();
        let open = sessions::list::open_among(cx, &learned).await?;
        let mut rows = Vec::with_capacity(adoptions.len());
        for adoption in adoptions {
            let mut row = Row::new();
            put(&mut row, "id", adoption.id);
            put(&mut row, "url", format!("{}/adoptions/{}", self.0, adoption.id));
            put(&mut row, "practice_id", adoption.practice);
            put(&mut row, "version", adoption.version);
            put(&mut row, "school_id", adoption.school);
            put(&mut row, "sector_at_start", &adoption.sector_at_start);
            put(&mut row, "stage", adoption.stage.code());
            put(&mut row, "started_on", adoption.started_on);
            put(&mut row, "stage_since", adoption.stage_since);
            put(&mut row, "piloted_on", adoption.piloted_on);
            let told: Vec<_> = steps
                .get(&adoption.id)
                .into_iter()
                .flatten()
                .map(|step| serde_json::json!({ "stage": step.stage.code(), "since": step.since }))
                .collect();
            put(&mut row, "steps", told);
            put(&mut row, "lead_role", &adoption.lead_role);
            put(&mut row, "changed_what", &adoption.changed_what);
            put(&mut row, "kept_core", adoption.kept_core.map(|kept| kept.code()));
            put(&mut row, "result_note", &adoption.result_note);
            put(&mut row, "would_recommend", adoption.would_recommend);
            put(&mut row, "stopped_reason", &adoption.stopped_reason);
            let session = adoption.learned_from.map(sessions::SessionId);
            put(&mut row, "learned_from_session", session.filter(|id| open.contains(id)));
            rows.push(row);
        }
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

/// Pages of practices.
pub struct PracticePages;

#[async_trait]
impl Listed for PracticePages {
    fn name(&self) -> &'static str {
        "practices"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(catalog::counts(cx).await?.0)
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = changes::addresses(cx, skip, limit).await?;
        let address = |(slug, at): (String, _)| Address { path: format!("/practices/{slug}"), changed: Some(at) };
        Ok(found.into_iter().map(address).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_tells_of_every_field_of_a_record_and_of_a_claim() {
        let names = |fields: &[Field]| fields.iter().map(|field| field.name).collect::<HashSet<_>>();
        let Value::Object(all) = serde_json::to_value(catalog::PracticeRecord::default()).unwrap() else { panic!() };
        assert_eq!(all.keys().map(String::as_str).collect::<HashSet<_>>(), names(RECORD));
        let claim = serde_json::to_value(catalog::record::EvidenceClaim::default()).unwrap();
        let table = Evidence.table();
        assert!(claim.as_object().unwrap().keys().all(|key| names(&table.fields).contains(key.as_str())));
    }
}
