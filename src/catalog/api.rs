//! `GET /practices/{id}` and what belongs to one practice: versions, changes, related practices, adoptions. The
//! list of practices is a search and stands there.

pub mod care;
mod examples;
mod record;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

pub use self::record::RecordDocument;
use super::adoption::Adoption;
use super::practice::{Practice, PracticeId, Version, VersionLine};
use super::{compare, completeness};
use crate::api::day::Day;
use crate::api::tagged::Tagged;
use crate::api::{Group, Refused};
use crate::people::{self, School, SchoolId};
use crate::platform::{Actor, Cx, Db, Timestamp};
use crate::search::api::SchoolRef;
use crate::search::{PracticeCard, Search};

/// Practices over JSON.
pub struct CatalogApi {
    db: Db,
    search: Arc<Search>,
    base_url: Arc<str>,
}

impl CatalogApi {
    /// The operations on this database and this search; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, search: Arc<Search>, base_url: Arc<str>) -> Self {
        Self { db, search, base_url }
    }
}

/// A practice with its latest record.
#[derive(Debug, Object)]
#[oai(rename = "Practice", example, skip_serializing_if_is_none)]
pub struct PracticeDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Its page, which shows the latest version.
    pub url: String,
    /// The page of this version, which never changes.
    pub permalink: String,
    /// Where it is on its way: `published`, `imported` (from a file, not reviewed here) or `retired`.
    pub status: String,
    /// Why it was taken out of the catalog, for a retired one.
    pub retired_reason: Option<String>,
    /// Number of the latest version: 1, 2, 3 ...
    pub version: i32,
    /// Its stable name where it was imported from.
    pub source: Option<String>,
    /// Who imported it: the name of the file or of the source.
    pub imported_by: Option<String>,
    /// The school where it began; absent when the source does not say.
    pub school: Option<SchoolRef>,
    /// Schools that use it, by code of the sector they had when they began; `unknown` where that is not known.
    /// Interest and plans do not count.
    pub used_by: BTreeMap<String, u64>,
    /// How much of the record is there.
    pub completeness: CompletenessDocument,
    /// When it was first published.
    pub published_on: Option<Day>,
    /// When somebody last checked that it still holds.
    pub last_checked_on: Option<Day>,
    /// When somebody should check again.
    pub check_by: Option<Day>,
    /// When it came here.
    pub created_at: Timestamp,
    /// When it last changed here.
    pub updated_at: Timestamp,
    /// What it says.
    pub record: RecordDocument,
}

/// How much of a record is there.
#[derive(Debug, Object)]
#[oai(rename = "Completeness")]
pub struct CompletenessDocument {
    /// Weighted; 100 only when nothing is missing.
    #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
    pub percent: u8,
    /// What it does not say yet, the weightiest first.
    pub missing: Vec<MissingField>,
}

/// What a record does not say yet.
#[derive(Debug, Object)]
pub struct MissingField {
    /// Key of the field.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// What a reader would gain from it.
    pub why: String,
}

/// Every version of a practice.
#[derive(Debug, Object)]
#[oai(example)]
pub struct VersionList {
    /// Newest first.
    pub items: Vec<VersionItem>,
    /// How many there are.
    pub total: u64,
}

/// A version in a list.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct VersionItem {
    /// Its number: 1, 2, 3 ...
    pub version: i32,
    /// Its page, which never changes.
    pub url: String,
    /// What changed, in the author's words.
    pub note: Option<String>,
    /// When it became the latest.
    pub created_at: Timestamp,
}

/// One version of a practice; it never changes.
#[derive(Debug, Object)]
#[oai(rename = "PracticeVersion", skip_serializing_if_is_none)]
pub struct VersionDocument {
    /// The practice's id.
    pub practice_id: String,
    /// Its number: 1, 2, 3 ...
    pub version: i32,
    /// Its page, which never changes.
    pub url: String,
    /// What changed, in the author's words.
    pub note: Option<String>,
    /// When it became the latest.
    pub created_at: Timestamp,
    /// What it says.
    pub record: RecordDocument,
}

/// What changed between two versions.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ChangeList {
    /// Number of the older version.
    pub from: i32,
    /// Number of the newer version.
    pub to: i32,
    /// The fields that differ, in the order of the page.
    pub items: Vec<FieldChange>,
    /// How many differ.
    pub total: u64,
}

/// A field that two versions word differently.
#[derive(Debug, Object)]
pub struct FieldChange {
    /// Key of the field.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// The older words, one line for each entry; empty when it said nothing.
    pub before: String,
    /// The newer words; empty when it says nothing any more.
    pub after: String,
}

/// Practices like one.
#[derive(Debug, Object)]
#[oai(example)]
pub struct RelatedList {
    /// The most alike first.
    pub items: Vec<RelatedPractice>,
    /// How many there are here.
    pub total: u64,
}

/// A practice in a list of related ones.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct RelatedPractice {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What they do; what changes. Empty when the record does not say.
    pub summary: String,
    /// Where it began.
    pub school: Option<SchoolRef>,
}

/// Schools that adopted a practice, or want to.
#[derive(Debug, Object)]
#[oai(example)]
pub struct AdoptionList {
    /// The longest first.
    pub items: Vec<AdoptionItem>,
    /// How many there are.
    pub total: u64,
}

/// A school's use of a practice.
#[derive(Debug, Object)]
#[oai(rename = "Adoption", skip_serializing_if_is_none)]
pub struct AdoptionItem {
    /// Its id.
    pub id: String,
    /// The school, as it is today.
    pub school: Option<SchoolRef>,
    /// Code of the school's sector when it began; absent when the source did not say.
    pub sector_at_start: Option<String>,
    /// The version it began with.
    pub version: i32,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// When it reached the stage.
    pub stage_since: Day,
    /// When it began.
    pub started_on: Day,
    /// Whether it counts as using the practice: interest, plans and stopped ones do not.
    pub counts: bool,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1")]
impl CatalogApi {
    /// One practice
    ///
    /// Its latest version with everything around it. A practice that was taken out of the catalog stays here with
    /// the status `retired` and the reason.
    #[oai(path = "/practices/:id", method = "get", tag = "Group::Practices", operation_id = "get_practice")]
    async fn practice(
        &self,
        /// Its id or its name in addresses.
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<PracticeDocument>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let school = match practice.origin_school {
            Some(id) => people::schools(&cx, &[id]).await?.remove(&id),
            None => None,
        };
        let used_by = super::used_by(&cx, &[practice.id]).await?.remove(&practice.id).unwrap_or_default();
        Ok(Tagged::new(self.document(practice, school.as_ref(), used_by), if_none_match.0.as_deref()))
    }

    /// Versions of a practice
    ///
    /// Every version stays readable and never changes.
    #[oai(path = "/practices/:id/versions", method = "get", tag = "Group::Practices", operation_id = "list_versions")]
    async fn versions(
        &self,
        /// Id or name in addresses of the practice.
        id: Path<String>,
    ) -> Result<Json<VersionList>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let versions = super::versions(&cx, practice.id).await?;
        let items: Vec<_> = versions.into_iter().map(|line| self.version_item(&practice.slug, line)).collect();
        Ok(Json(VersionList { total: items.len() as u64, items }))
    }

    /// One version of a practice
    #[oai(
        path = "/practices/:id/versions/:number",
        method = "get",
        tag = "Group::Practices",
        operation_id = "get_version"
    )]
    async fn version(
        &self,
        /// Id or name in addresses of the practice.
        id: Path<String>,
        /// Number of the version: 1, 2, 3 ...
        number: Path<i32>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<VersionDocument>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let version = super::version(&cx, practice.id, number.0).await?;
        Ok(Tagged::new(self.version_document(&practice, version), if_none_match.0.as_deref()))
    }

    /// What changed between two versions
    ///
    /// Field by field, in words. Without `to` it is the latest version, without `from` the one before `to`.
    #[oai(path = "/practices/:id/changes", method = "get", tag = "Group::Practices", operation_id = "list_changes")]
    async fn changes(
        &self,
        /// Id or name in addresses of the practice.
        id: Path<String>,
        /// Number of the older version.
        #[oai(validator(minimum(value = "1")))]
        from: Query<Option<i32>>,
        /// Number of the newer version.
        #[oai(validator(minimum(value = "1")))]
        to: Query<Option<i32>>,
    ) -> Result<Json<ChangeList>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let to = to.0.unwrap_or(practice.version);
        let from = from.0.unwrap_or((to - 1).max(1));
        let before = super::version(&cx, practice.id, from).await?;
        let after = super::version(&cx, practice.id, to).await?;
        let items: Vec<_> = compare::diff(&before.record, &after.record).into_iter().map(field_change).collect();
        Ok(Json(ChangeList { from, to, total: items.len() as u64, items }))
    }

    /// Practices like one
    ///
    /// By what they are about and how they are described.
    #[oai(path = "/practices/:id/related", method = "get", tag = "Group::Practices", operation_id = "list_related")]
    async fn related(
        &self,
        /// Id or name in addresses of the practice.
        id: Path<String>,
        /// Practices wanted.
        #[oai(validator(minimum(value = "1"), maximum(value = "20")))]
        limit: Query<Option<usize>>,
    ) -> Result<Json<RelatedList>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let found = self.search.related(&cx, practice.id.0, limit.0.unwrap_or(6)).await?;
        let items: Vec<_> = found.into_iter().map(|(id, card)| self.related_practice(PracticeId(id), card)).collect();
        Ok(Json(RelatedList { total: items.len() as u64, items }))
    }

    /// Who adopted a practice
    ///
    /// One entry for each school, from the first interest on; `counts` tells those that use it.
    #[oai(path = "/practices/:id/adoptions", method = "get", tag = "Group::Practices", operation_id = "list_adoptions")]
    async fn adoptions(
        &self,
        /// Id or name in addresses of the practice.
        id: Path<String>,
    ) -> Result<Json<AdoptionList>, Refused> {
        let cx = self.cx();
        let practice = super::practice(&cx, &id).await?;
        let adoptions = super::adoptions_of(&cx, practice.id).await?;
        let schools: Vec<SchoolId> = adoptions.iter().map(|adoption| adoption.school).collect();
        let schools = people::schools(&cx, &schools).await?;
        let items: Vec<_> = adoptions.into_iter().map(|adoption| adoption_item(adoption, &schools)).collect();
        Ok(Json(AdoptionList { total: items.len() as u64, items }))
    }
}

impl CatalogApi {
    fn cx(&self) -> Cx {
        self.db.cx(Actor::Visitor)
    }

    fn page(&self, slug: &str) -> String {
        format!("{}/practices/{slug}", self.base_url)
    }

    fn version_page(&self, slug: &str, number: i32) -> String {
        format!("{}/v/{number}", self.page(slug))
    }

    fn document(
        &self,
        practice: Practice,
        school: Option<&School>,
        used_by: BTreeMap<String, u64>,
    ) -> PracticeDocument {
        PracticeDocument {
            id: practice.id.to_string(),
            url: self.page(&practice.slug),
            permalink: self.version_page(&practice.slug, practice.version),
            slug: practice.slug,
            status: practice.status.code().to_owned(),
            retired_reason: practice.retired_reason,
            version: practice.version,
            source: practice.source,
            imported_by: practice.imported_by,
            school: school.map(school_ref),
            used_by,
            completeness: completeness::completeness(&practice.record).into(),
            published_on: practice.published_on.map(Day),
            last_checked_on: practice.last_checked_on.map(Day),
            check_by: practice.check_by.map(Day),
            created_at: practice.created_at,
            updated_at: practice.updated_at,
            record: practice.record.into(),
        }
    }

    fn version_item(&self, slug: &str, line: VersionLine) -> VersionItem {
        VersionItem {
            version: line.number,
            url: self.version_page(slug, line.number),
            note: line.note,
            created_at: line.created_at,
        }
    }

    fn version_document(&self, practice: &Practice, version: Version) -> VersionDocument {
        VersionDocument {
            practice_id: practice.id.to_string(),
            version: version.number,
            url: self.version_page(&practice.slug, version.number),
            note: version.note,
            created_at: version.created_at,
            record: version.record.into(),
        }
    }

    fn related_practice(&self, id: PracticeId, card: PracticeCard) -> RelatedPractice {
        RelatedPractice {
            id: id.to_string(),
            url: self.page(&card.slug),
            slug: card.slug,
            title: card.title,
            summary: card.summary,
            school: card.school.map(|school| SchoolRef {
                id: school.id.to_string(),
                name: school.name,
                sector: school.sector.map(|(code, _)| code),
            }),
        }
    }
}

impl From<completeness::Completeness> for CompletenessDocument {
    fn from(completeness: completeness::Completeness) -> Self {
        let missing = |missing: completeness::Missing| MissingField {
            field: missing.field.to_owned(),
            label: missing.label.to_owned(),
            why: missing.why.to_owned(),
        };
        Self { percent: completeness.percent, missing: completeness.missing.into_iter().map(missing).collect() }
    }
}

fn school_ref(school: &School) -> SchoolRef {
    SchoolRef { id: school.id.to_string(), name: school.name.clone(), sector: school.sector.clone() }
}

fn field_change(change: compare::Change) -> FieldChange {
    FieldChange {
        field: change.field.to_owned(),
        label: change.label.to_owned(),
        before: change.before,
        after: change.after,
    }
}

fn adoption_item(adoption: Adoption, schools: &HashMap<SchoolId, School>) -> AdoptionItem {
    AdoptionItem {
        id: adoption.id.to_string(),
        school: schools.get(&adoption.school).map(school_ref),
        counts: adoption.is_use(),
        sector_at_start: adoption.sector_at_start,
        version: adoption.version,
        stage: adoption.stage.code().to_owned(),
        stage_since: Day(adoption.stage_since),
        started_on: Day(adoption.started_on),
        lead_role: adoption.lead_role,
        changed_what: adoption.changed_what,
        kept_core: adoption.kept_core.map(|kept| kept.code().to_owned()),
        result_note: adoption.result_note,
        would_recommend: adoption.would_recommend,
        contact_ok: adoption.contact_ok,
        stopped_reason: adoption.stopped_reason,
    }
}
