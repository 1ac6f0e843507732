//! Digests over JSON: published ones, for everybody.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::content::{Content, FigureLine, Line};
use super::digest::{Digest, DigestId};
use super::{PAGE, count, told};
use crate::api::day::Day;
use crate::api::{Group, Refused, next_link};
use crate::platform::{Actor, Db, Error, Timestamp};

/// Digests over JSON.
pub struct DigestsApi {
    db: Db,
    base_url: Arc<str>,
}

/// A number of a digest, as it was when the digest was published.
#[derive(Debug, Object)]
#[oai(rename = "DigestFigure", example)]
pub struct FigureDocument {
    /// Code of the metric.
    pub metric: String,
    /// What people call it.
    pub label: String,
    /// The number in words: `38 of 60 (63%)`, `not enough data: fewer than 3 schools`.
    pub value: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// How it is counted.
    pub definition: String,
    /// Version of that definition.
    pub version: u16,
}

/// Something that a chapter tells of.
#[derive(Debug, Object)]
#[oai(rename = "DigestLine", example)]
pub struct LineDocument {
    /// What it is called.
    pub text: String,
    /// Its page.
    pub url: String,
    /// What is said beside it.
    pub detail: String,
}

/// A chapter of a digest.
#[derive(Debug, Object)]
#[oai(rename = "DigestChapter", example)]
pub struct ChapterDocument {
    /// `numbers`, `held`, `coming`, `practices`, `adoptions`, `commitments`, `highlights` or `unmet`.
    pub section: String,
    /// Its heading.
    pub heading: String,
    /// What the office says under it; empty for nothing.
    pub note: String,
    /// Its numbers.
    pub figures: Vec<FigureDocument>,
    /// What it tells of.
    pub items: Vec<LineDocument>,
}

/// A published digest.
#[derive(Debug, Object)]
#[oai(rename = "Digest", example, skip_serializing_if_is_none)]
pub struct DigestDocument {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Name of its city in addresses.
    pub city: String,
    /// `month` or `year`: a school year, from July to June.
    pub kind: String,
    /// First day of the period.
    pub from: Day,
    /// Last day of it.
    pub to: Day,
    /// What it is called.
    pub title: String,
    /// What the office says first.
    pub intro: String,
    /// The moment of its numbers and lists.
    pub as_of: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// Its chapters, in the order of the office; none of a withdrawn one.
    pub chapters: Vec<ChapterDocument>,
    /// `published`, or `withdrawn`: its words and numbers are not there then.
    pub state: String,
    /// What was put right after it was published.
    pub corrections: Vec<CorrectionDocument>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// What an office put right after its digest was published.
#[derive(Debug, Object)]
#[oai(rename = "DigestCorrection", example)]
pub struct CorrectionDocument {
    /// When.
    pub at: Timestamp,
    /// What is right.
    pub text: String,
}

/// Published digests.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct DigestList {
    /// At most 20, the last published first.
    pub items: Vec<DigestDocument>,
    /// How many there are.
    pub total: u64,
    /// Where the next page is.
    pub next: Option<String>,
}

/// A page of digests.
#[derive(Debug, ApiResponse)]
pub enum ListedDigests {
    /// These.
    #[oai(status = 200)]
    Page(
        Json<DigestList>,
        /// Where the next page is.
        #[oai(header = "Link")]
        Option<String>,
    ),
}

impl DigestsApi {
    /// Over this database.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }

    fn document(&self, digest: Digest) -> DigestDocument {
        let content = digest.content.clone().unwrap_or_default();
        let chapters = digest.chapters.iter().filter(|chapter| chapter.shown).map(|chapter| ChapterDocument {
            section: chapter.section.code().to_owned(),
            heading: chapter.section.heading().to_owned(),
            note: chapter.note.clone(),
            figures: content.figures_of(chapter.section).cloned().map(figure).collect(),
            items: self.lines(&content, chapter.section),
        });
        DigestDocument {
            url: format!("{}{}", self.base_url, digest.path()),
            title: digest.title(),
            chapters: chapters.collect(),
            id: digest.id.to_string(),
            city: digest.city.clone(),
            kind: digest.kind.code().to_owned(),
            from: Day(digest.first),
            to: Day(digest.last),
            intro: digest.intro.clone(),
            as_of: digest.content.as_ref().map_or(digest.updated_at, |content| content.as_of),
            published_at: digest.published_at.unwrap_or(digest.updated_at),
            state: digest.state.code().to_owned(),
            corrections: digest
                .corrections
                .iter()
                .map(|one| CorrectionDocument { at: one.at, text: one.text.clone() })
                .collect(),
            reason: digest.reason.clone(),
            withdrawn_at: digest.withdrawn_at,
        }
    }

    fn lines(&self, content: &Content, section: super::Section) -> Vec<LineDocument> {
        let line = |line: &Line| LineDocument {
            text: line.text.clone(),
            url: format!("{}{}", self.base_url, line.path),
            detail: line.detail.clone(),
        };
        content.lines_of(section).iter().map(line).collect()
    }
}

fn figure(line: FigureLine) -> FigureDocument {
    FigureDocument {
        metric: line.metric,
        label: line.label,
        value: line.value,
        from: Day(line.from),
        to: Day(line.to),
        definition: line.definition,
        version: line.version,
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl DigestsApi {
    /// Published digests
    ///
    /// Monthly digests and school-year reports of cities, with the numbers as they were when each was published.
    #[oai(path = "/digests", method = "get", tag = "Group::Collaborations", operation_id = "list_digests")]
    async fn list(
        &self,
        /// Name of a city in addresses.
        city: Query<Option<String>>,
        /// The `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<ListedDigests, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let unreadable = |_| Error::Unreadable {
            parameter: "cursor",
            message: "Give the `next` of the page before, or leave it out.".to_owned(),
        };
        let city = city.0.map(|city| city.replace(char::is_control, " ")).filter(|city| !city.is_empty());
        let before = cursor.0.map(|text| text.parse::<DigestId>().map_err(unreadable)).transpose()?;
        let total = count(&cx, city.as_deref()).await?;
        let found = told(&cx, city.as_deref(), before, PAGE).await?;
        let next = found.last().filter(|_| found.len() as u64 == PAGE).map(|last| last.id.to_string());
        let narrowed = city.map(|city| format!("city={}&", crate::search::encode(&city))).unwrap_or_default();
        let url = next.as_ref().map(|next| format!("{}/api/v1/digests?{narrowed}cursor={next}", self.base_url));
        let items = found.into_iter().map(|one| self.document(one)).collect();
        Ok(ListedDigests::Page(Json(DigestList { items, total, next }), next_link(url.as_deref())))
    }

    /// One published digest
    ///
    /// One that was withdrawn says so by its `state`, with the reason.
    #[oai(path = "/digests/:id", method = "get", tag = "Group::Collaborations", operation_id = "get_digest")]
    async fn one(
        &self,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<DigestDocument>, Refused> {
        Ok(Json(self.document(super::digest(&self.db.cx(Actor::Visitor), &id).await?)))
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

fn on(text: &str) -> Day {
    Day(text.parse().unwrap_or_default())
}

impl Example for FigureDocument {
    fn example() -> Self {
        Self {
            metric: "sessions_held".to_owned(),
            label: "Sessions held".to_owned(),
            value: "4".to_owned(),
            from: on("2026-09-01"),
            to: on("2026-09-30"),
            definition: "Sessions with a host or co-host in the city that took place.".to_owned(),
            version: 1,
        }
    }
}

impl Example for LineDocument {
    fn example() -> Self {
        Self {
            text: "Reading Safety Net in Action".to_owned(),
            url: "https://ground.example/sessions/01998a10-7c1e-7c60-a7d3-2f60c1a4b7d1".to_owned(),
            detail: "September 19, 2026, Quillwater Charter School and Tamsin Row Elementary".to_owned(),
        }
    }
}

impl Example for ChapterDocument {
    fn example() -> Self {
        Self {
            section: "numbers".to_owned(),
            heading: "In numbers".to_owned(),
            note: "Twice as many as last September.".to_owned(),
            figures: vec![FigureDocument::example()],
            items: Vec::new(),
        }
    }
}

impl Example for CorrectionDocument {
    fn example() -> Self {
        Self { at: at("2026-10-09T15:00:00Z"), text: "The visit of October 3 was at Millbrook.".to_owned() }
    }
}

impl Example for DigestDocument {
    fn example() -> Self {
        let id = "01998a10-7c1e-7c60-a7d3-2f60c1a4b7d2";
        Self {
            id: id.to_owned(),
            url: format!("https://ground.example/digests/{id}"),
            city: "rivermark-ny".to_owned(),
            kind: "month".to_owned(),
            from: on("2026-09-01"),
            to: on("2026-09-30"),
            title: "Rivermark, NY: September 2026".to_owned(),
            intro: "A month of first visits.".to_owned(),
            as_of: at("2026-10-08T14:05:00Z"),
            published_at: at("2026-10-08T14:05:00Z"),
            chapters: vec![ChapterDocument::example()],
            state: "published".to_owned(),
            corrections: vec![CorrectionDocument::example()],
            reason: None,
            withdrawn_at: None,
        }
    }
}

impl Example for DigestList {
    fn example() -> Self {
        Self { items: vec![DigestDocument::example()], total: 1, next: None }
    }
}
