//! The report over JSON and as a file. Open to everybody.

use std::sync::Arc;

use poem_openapi::param::Query;
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, ResponseContent};

use super::city::{self, Asked, Cell, Report};
use super::metric::{Metric, Subject};
use super::{Reading, cities, file, period};
use crate::api::day::Day;
use crate::api::{Group, Refused};
use crate::platform::{Actor, Db, Error, Result, Timestamp};

/// The report over JSON.
pub struct CityReportApi {
    db: Db,
    base_url: Arc<str>,
}

impl CityReportApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }
}

/// As what the report is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ReportFormat", rename_all = "snake_case")]
pub enum Format {
    /// JSON.
    Json,
    /// A file for a spreadsheet (RFC 4180).
    Csv,
}

/// The report in the form asked for.
#[expect(clippy::large_enum_variant, reason = "one is made for each answer and sent at once")]
#[derive(ResponseContent)]
pub enum ReportContent {
    /// As JSON.
    Json(Json<CityReportDocument>),
    /// As a file.
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(PlainText<String>),
}

/// The report.
#[derive(ApiResponse)]
pub enum ReportAnswer {
    /// The report in the form asked for.
    #[oai(status = 200)]
    Ok(ReportContent),
}

/// A number with what it takes to read it.
#[derive(Debug, Object)]
#[oai(rename = "ReportFigure", skip_serializing_if_is_none)]
pub struct FigureDocument {
    /// What is counted: a code of `/metrics`.
    pub metric: String,
    /// What people call it.
    pub label: String,
    /// The number; left out where it is not told.
    pub value: Option<f64>,
    /// What it is held against, where it is a share.
    pub of: Option<i64>,
    /// In words: `38 of 60 (63%)`, `not enough data`.
    pub words: String,
    /// Why it is not told, where it is not: `fewer than 3 schools`, `waits until enough new people came`.
    pub why_not_told: Option<String>,
    /// First day.
    pub from: Day,
    /// The last day it speaks of.
    pub to: Day,
    /// Version of the definition.
    pub version: u16,
}

/// A school year.
#[derive(Debug, Object)]
#[oai(rename = "ReportYear", skip_serializing_if_is_none)]
pub struct YearDocument {
    /// `2025–26`.
    pub label: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Sessions held.
    pub sessions_held: i64,
    /// Those that were cross-sector.
    pub cross_sector_sessions: i64,
    /// Educator hours; left out where they are not told.
    pub educator_hours: Option<f64>,
    /// People reached; left out where they are not told.
    pub people_reached: Option<f64>,
    /// Why numbers of this year are not told, where they are not.
    pub why_not_told: Option<String>,
    /// Adoptions across sector lines by direction.
    pub directions: Vec<DirectionCount>,
}

/// Adoptions in a direction.
#[derive(Debug, Object)]
#[oai(rename = "ReportDirection", skip_serializing_if_is_none)]
pub struct DirectionCount {
    /// Name of the sector where the practice began.
    pub from: String,
    /// Name of the sector of the school that tried it.
    pub to: String,
    /// How many began.
    pub adoptions: i64,
    /// Kept after a year; left out where it is not told.
    pub kept_after_a_year: Option<i64>,
    /// Of so many.
    pub kept_of: Option<i64>,
    /// Why the number of those kept is not told, where it is not.
    pub why_not_told: Option<String>,
}

/// What schools of a sector shared.
#[derive(Debug, Object)]
#[oai(rename = "ReportSector")]
pub struct SectorDocument {
    /// The sector.
    pub sector: String,
    /// Practices published.
    pub practices_shared: i64,
    /// Those that tell of something that was stopped.
    pub stopped: i64,
}

/// A neighborhood.
#[derive(Debug, Object)]
#[oai(rename = "ReportNeighborhood", skip_serializing_if_is_none)]
pub struct NeighborhoodDocument {
    /// Its name; left out for schools that state none, and elsewhere.
    pub neighborhood: Option<String>,
    /// Schools on the last day.
    pub schools: u64,
    /// Those active in the 12 months before; left out where it is not told.
    pub active_schools: Option<i64>,
    /// Sessions held.
    pub sessions_held: i64,
    /// Practices shared.
    pub practices_shared: i64,
    /// Adoptions across sector lines.
    pub adoptions_across: i64,
    /// People reached; left out where they are not told.
    pub people_reached: Option<f64>,
    /// Why numbers of this neighborhood are not told, where they are not.
    pub why_not_told: Option<String>,
}

/// The report of a city.
#[derive(Debug, Object)]
#[oai(rename = "CityReport", example)]
pub struct CityReportDocument {
    /// Name of the city in addresses.
    pub city: String,
    /// The city in words.
    pub place: String,
    /// Its page.
    pub url: String,
    /// First day asked for.
    pub from: Day,
    /// Last day asked for.
    pub to: Day,
    /// The neighborhood asked for.
    #[oai(skip_serializing_if_is_none)]
    pub neighborhood: Option<String>,
    /// When it was counted.
    pub as_of: Timestamp,
    /// Every metric.
    pub figures: Vec<FigureDocument>,
    /// School years, the oldest first.
    pub years: Vec<YearDocument>,
    /// Directions between sectors in the period.
    pub directions: Vec<DirectionCount>,
    /// By sector.
    pub sectors: Vec<SectorDocument>,
    /// By neighborhood, in the order of the alphabet.
    pub neighborhoods: Vec<NeighborhoodDocument>,
}

/// A metric and how it is counted.
#[derive(Debug, Object)]
#[oai(rename = "Metric")]
pub struct MetricDocument {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Whether it is about people, so that small groups are withheld.
    pub about_people: bool,
    /// Its definitions, the oldest first; the last is in use.
    pub definitions: Vec<DefinitionDocument>,
}

/// A definition.
#[derive(Debug, Object)]
#[oai(rename = "MetricDefinition")]
pub struct DefinitionDocument {
    /// 1, 2, 3 ...
    pub version: u16,
    /// Since when reports use it.
    pub since: Day,
    /// What is counted.
    pub counts: String,
    /// What it is held against; empty for a plain number.
    pub of: String,
    /// Which records it is made of, and what of them may still move.
    pub sources: String,
}

/// Every metric.
#[derive(Debug, Object)]
#[oai(example)]
pub struct MetricList {
    /// In the order of the page.
    pub items: Vec<MetricDocument>,
    /// How many there are.
    pub total: u64,
}

#[OpenApi(prefix_path = "/api/v1")]
impl CityReportApi {
    /// The report of a city
    ///
    /// What schools of different sectors do together, in numbers that count themselves, over days of the city's calendar. No
    /// sign-in. Numbers about people are told for whole months of one school year, and not of fewer than five people or three
    /// schools; `to` of a figure says up to which day it speaks.
    #[oai(path = "/reports/city", method = "get", tag = "Group::Collaborations", operation_id = "get_city_report")]
    async fn report(
        &self,
        /// Name of the city in addresses, like `rivermark-ny`; may be left out where there is one city.
        city: Query<Option<String>>,
        /// First day; left out, July 1 of this school year.
        from: Query<Option<String>>,
        /// Last day; left out, the last of the school year of the first.
        to: Query<Option<String>>,
        /// A neighborhood, as schools state it.
        neighborhood: Query<Option<String>>,
        /// As what; left out, JSON.
        format: Query<Option<Format>>,
    ) -> Result<ReportAnswer, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let slug = match city.0.filter(|slug| !slug.is_empty()) {
            Some(slug) => slug,
            None => match cities(&cx).await?.as_slice() {
                [(slug, _)] => slug.clone(),
                _ => {
                    let message = "Give the city by its name in addresses, like rivermark-ny.".to_owned();
                    return Err(Error::Unreadable { parameter: "city", message }.into());
                }
            },
        };
        let asked = Asked {
            from: from.0.unwrap_or_default(),
            to: to.0.unwrap_or_default(),
            neighborhood: neighborhood.0.unwrap_or_default(),
        };
        let report = city::report(&cx, &slug, &asked).await?;
        if format.0 == Some(Format::Csv) {
            let text = String::from_utf8(file::csv(&report)?).map_err(Error::internal)?;
            return Ok(ReportAnswer::Ok(ReportContent::Csv(PlainText(text))));
        }
        Ok(ReportAnswer::Ok(ReportContent::Json(Json(self.document(&report)))))
    }

    /// How each number is counted
    #[oai(path = "/metrics", method = "get", tag = "Group::Collaborations", operation_id = "list_metrics")]
    async fn metrics(&self) -> Result<Json<MetricList>, Refused> {
        Ok(Json(metric_list()))
    }
}

fn metric_list() -> MetricList {
    let definition = |one: &super::Definition| DefinitionDocument {
        version: one.version,
        since: Day(one.since),
        counts: one.counts.to_owned(),
        of: one.of.to_owned(),
        sources: one.sources.to_owned(),
    };
    let document = |metric: Metric| MetricDocument {
        code: metric.code().to_owned(),
        label: metric.label().to_owned(),
        about_people: metric.subject() == Subject::People,
        definitions: metric.definitions().iter().map(definition).collect(),
    };
    let items: Vec<MetricDocument> = Metric::ALL.into_iter().map(document).collect();
    MetricList { total: items.len() as u64, items }
}

/// Numbers here are far below what a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "counts of one city are far below 2 to the 53rd")]
fn value(reading: &Reading) -> Option<f64> {
    match reading {
        Reading::Count(n) => Some(*n as f64),
        Reading::Share { part, .. } => Some(*part as f64),
        Reading::Days(days) => Some(*days),
        Reading::NotEnough => None,
    }
}

fn share(reading: &Reading) -> (Option<i64>, Option<i64>) {
    match reading {
        Reading::Share { part, whole } => (Some(*part), Some(*whole)),
        _ => (None, None),
    }
}

/// Each reason once.
fn reasons<const N: usize>(cells: [&Cell; N]) -> Option<String> {
    let mut all: Vec<String> = cells.into_iter().filter_map(|cell| cell.why).map(|why| why.to_string()).collect();
    all.dedup();
    (!all.is_empty()).then(|| all.join("; "))
}

impl CityReportApi {
    fn document(&self, report: &Report) -> CityReportDocument {
        let scope = &report.scope;
        CityReportDocument {
            city: scope.city.clone(),
            place: report.place.clone(),
            url: format!("{}/city/{}?from={}&to={}", self.base_url, scope.city, scope.from, scope.to),
            from: Day(scope.from),
            to: Day(scope.to),
            neighborhood: scope.neighborhood.clone(),
            as_of: report.as_of,
            figures: report
                .figures
                .iter()
                .map(|one| FigureDocument {
                    metric: one.metric.code().to_owned(),
                    label: one.metric.label().to_owned(),
                    value: value(&one.reading),
                    of: one.of,
                    words: one.reading.to_string(),
                    why_not_told: one.why.map(|why| why.to_string()),
                    from: Day(one.from),
                    to: Day(one.to),
                    version: one.version,
                })
                .collect(),
            years: report
                .years
                .iter()
                .map(|one| YearDocument {
                    label: period::year_label(one.year),
                    from: Day(period::bounds(one.year).0),
                    to: Day(period::bounds(one.year).1),
                    sessions_held: one.sessions,
                    cross_sector_sessions: one.joint,
                    educator_hours: value(&one.hours.reading),
                    people_reached: value(&one.reached.reading),
                    why_not_told: reasons([&one.hours, &one.reached]),
                    directions: report
                        .ways
                        .iter()
                        .zip(&one.ways)
                        .map(|((from, to), n)| DirectionCount {
                            from: from.clone(),
                            to: to.clone(),
                            adoptions: *n,
                            kept_after_a_year: None,
                            kept_of: None,
                            why_not_told: None,
                        })
                        .collect(),
                })
                .collect(),
            directions: report
                .directions
                .iter()
                .map(|one| DirectionCount {
                    from: one.from.clone(),
                    to: one.to.clone(),
                    adoptions: one.adoptions,
                    kept_after_a_year: share(&one.kept.reading).0,
                    kept_of: share(&one.kept.reading).1,
                    why_not_told: reasons([&one.kept]),
                })
                .collect(),
            sectors: report
                .sectors
                .iter()
                .map(|one| SectorDocument {
                    sector: one.sector.clone(),
                    practices_shared: one.practices,
                    stopped: one.stopped,
                })
                .collect(),
            neighborhoods: report
                .neighborhoods
                .iter()
                .map(|one| NeighborhoodDocument {
                    neighborhood: one.name.clone(),
                    schools: one.schools as u64,
                    active_schools: share(&one.active.reading).0,
                    sessions_held: one.sessions,
                    practices_shared: one.practices,
                    adoptions_across: one.adoptions,
                    people_reached: value(&one.reached.reading),
                    why_not_told: reasons([&one.active, &one.reached]),
                })
                .collect(),
        }
    }
}

impl poem_openapi::types::Example for CityReportDocument {
    fn example() -> Self {
        let day = |month, day| Day(chrono::NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default());
        Self {
            city: "rivermark-ny".to_owned(),
            place: "Rivermark, NY".to_owned(),
            url: "https://commonground.example.org/city/rivermark-ny?from=2026-07-01&to=2027-06-30".to_owned(),
            from: day(7, 1),
            to: Day(chrono::NaiveDate::from_ymd_opt(2027, 6, 30).unwrap_or_default()),
            neighborhood: None,
            as_of: Timestamp::from_timestamp(1_792_000_000, 0).unwrap_or_default(),
            figures: vec![FigureDocument {
                metric: "seats_filled".to_owned(),
                label: "Seats filled".to_owned(),
                value: Some(38.0),
                of: Some(60),
                words: "38 of 60 (63%)".to_owned(),
                why_not_told: None,
                from: day(7, 1),
                to: day(9, 30),
                version: 1,
            }],
            years: Vec::new(),
            directions: vec![DirectionCount {
                from: "Charter".to_owned(),
                to: "District".to_owned(),
                adoptions: 4,
                kept_after_a_year: Some(3),
                kept_of: Some(4),
                why_not_told: None,
            }],
            sectors: Vec::new(),
            neighborhoods: Vec::new(),
        }
    }
}

impl poem_openapi::types::Example for MetricList {
    fn example() -> Self {
        let mut list = metric_list();
        list.items.truncate(1);
        list.total = 1;
        list
    }
}
