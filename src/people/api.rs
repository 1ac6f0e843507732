//! `GET /schools/{id}`, `/organizations`, `/organizations/{id}`, `/sectors`. The list of schools is a search and
//! stands there.

pub mod admin;
mod examples;
pub mod members;

use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::school::{GradeSpan, Organization, School, Sector, Share};
use crate::api::day::Day;
use crate::api::tagged::Tagged;
use crate::api::{Group, Refused, next_link};
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp};
use crate::search::api::Page;
use crate::search::encode;

/// Schools and organizations over JSON.
pub struct PeopleApi {
    db: Db,
    base_url: Arc<str>,
}

impl PeopleApi {
    /// The operations on this database; `base_url` is the public address without a slash at the end.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }
}

/// A school and all its facts. What the source does not say is absent.
#[derive(Debug, Object)]
#[oai(rename = "School", example, skip_serializing_if_is_none)]
pub struct SchoolDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Federal school id (NCES), 12 digits.
    pub nces_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Code of its sector, see `/sectors`; absent when unknown, never guessed.
    pub sector: Option<String>,
    /// Where the sector is known from.
    pub sector_source: Option<String>,
    /// District or network.
    pub organization: Option<OrganizationDocument>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Neighborhood.
    pub neighborhood: Option<String>,
    /// Name of a campus it shares with other schools.
    pub campus: Option<String>,
    /// Its grades.
    pub grades: Option<GradesDocument>,
    /// Kind of school, as the federal file words it.
    pub school_type: Option<String>,
    /// City, suburb, town or rural, as the federal file words it.
    pub locale: Option<String>,
    /// Number of students.
    pub students: Option<i32>,
    /// Its size: a code of `size_band`.
    pub size_band: Option<String>,
    /// Shares of student groups, in bands and never as numbers.
    pub shares: Vec<ShareDocument>,
    /// A sentence about itself.
    pub profile: Option<String>,
    /// Where it is.
    pub position: Option<PositionDocument>,
    /// Where the facts come from.
    pub facts_from: String,
    /// The day it closed; absent while it is open.
    pub closed_on: Option<Day>,
    /// When a fact last changed here.
    pub updated_at: Timestamp,
}

/// Lowest and highest grade, both included: `PK`, `K`, `1` to `13`.
#[derive(Debug, Object)]
#[oai(rename = "Grades")]
pub struct GradesDocument {
    /// Lowest grade.
    pub low: String,
    /// Highest grade.
    pub high: String,
    /// The bands it touches: codes of `grade_band`.
    pub bands: Vec<String>,
}

/// Share of one student group in a school.
#[derive(Debug, Object)]
#[oai(rename = "Share")]
pub struct ShareDocument {
    /// Which students: a code of `student_group`.
    pub group: String,
    /// How large a share: a code of `share_band`.
    pub band: String,
}

/// A place on the map, in degrees (WGS 84).
#[derive(Debug, Object)]
#[oai(rename = "Position")]
pub struct PositionDocument {
    /// North is positive.
    pub latitude: f64,
    /// East is positive.
    pub longitude: f64,
}

/// A district, a charter network, a city office.
#[derive(Debug, Object)]
#[oai(rename = "Organization", example, skip_serializing_if_is_none)]
pub struct OrganizationDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// `district`, `charter_network`, `city_office` or `other`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Federal agency id (NCES), 7 digits.
    pub nces_id: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
}

/// One page of organizations.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct OrganizationList {
    /// This page of them, in the order of names.
    pub items: Vec<OrganizationDocument>,
    /// How many there are, exactly.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A kind of organization.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", rename = "OrganizationKind")]
pub enum KindParameter {
    /// A district or other local education agency.
    District,
    /// A charter network.
    CharterNetwork,
    /// An office of the city.
    CityOffice,
    /// Any other.
    Other,
}

impl KindParameter {
    fn code(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::CharterNetwork => "charter_network",
            Self::CityOffice => "city_office",
            Self::Other => "other",
        }
    }
}

/// The sectors of this installation.
#[derive(Debug, Object)]
#[oai(example)]
pub struct SectorList {
    /// In their order.
    pub items: Vec<SectorDocument>,
    /// How many there are.
    pub total: u64,
}

/// A sector of public schooling.
#[derive(Debug, Object)]
#[oai(rename = "Sector")]
pub struct SectorDocument {
    /// Its code, as filters take it.
    pub code: String,
    /// Its name.
    pub label: String,
}

/// Organizations on one page when the address does not say.
const PAGE: usize = 20;

#[OpenApi(prefix_path = "/api/v1")]
impl PeopleApi {
    /// One school
    #[oai(path = "/schools/:id", method = "get", tag = "Group::Schools", operation_id = "get_school")]
    async fn school(
        &self,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<SchoolDocument>, Refused> {
        let school = super::school(&self.cx(), &id).await?;
        Ok(Tagged::new(document(&self.base_url, school), if_none_match.0.as_deref()))
    }

    /// Find organizations
    ///
    /// Districts, charter networks and city offices, in the order of names.
    #[oai(path = "/organizations", method = "get", tag = "Group::Schools", operation_id = "list_organizations")]
    async fn organizations(
        &self,
        /// Part of the name.
        q: Query<Option<String>>,
        /// Only of this kind.
        kind: Query<Option<KindParameter>>,
        /// Organizations on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<usize>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Page<Json<OrganizationList>>, Refused> {
        let cx = self.cx();
        let wanted = q.0.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let kind = kind.0.map(KindParameter::code);
        let limit = limit.0.unwrap_or(PAGE);
        let after = match cursor.0.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(place_of(&cx, cursor).await?),
            None => None,
        };
        // One more than the page tells whether there is a next one.
        let (total, mut found) = super::organizations(&cx, wanted, kind, after, limit as u64 + 1).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        let url = next.as_ref().map(|next| list_url(wanted, kind, limit, next));
        let list = OrganizationList { items: found.into_iter().map(Into::into).collect(), total, next };
        Ok(Page::Ok(Json(list), next_link(url.as_deref())))
    }

    /// One organization
    #[oai(path = "/organizations/:id", method = "get", tag = "Group::Schools", operation_id = "get_organization")]
    async fn organization(
        &self,
        /// Its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<OrganizationDocument>, Refused> {
        let organization = super::organization(&self.cx(), &id).await?;
        Ok(Tagged::new(organization.into(), if_none_match.0.as_deref()))
    }

    /// Sectors
    ///
    /// The sectors of public schooling that this installation tells apart. A school whose source does not say its
    /// sector has none.
    #[oai(path = "/sectors", method = "get", tag = "Group::Schools", operation_id = "list_sectors")]
    async fn sectors(&self) -> Result<Json<SectorList>, Refused> {
        let sectors = super::sectors(&self.cx()).await?;
        let items: Vec<SectorDocument> = sectors.into_iter().map(Into::into).collect();
        Ok(Json(SectorList { total: items.len() as u64, items }))
    }
}

impl PeopleApi {
    fn cx(&self) -> Cx {
        self.db.cx(Actor::Visitor)
    }
}

/// The document of a school.
fn document(base_url: &str, school: School) -> SchoolDocument {
    SchoolDocument {
        id: school.id.to_string(),
        url: format!("{}/schools/{}", base_url, school.slug),
        size_band: school.size().map(|size| size.code().to_owned()),
        slug: school.slug,
        nces_id: school.nces_id,
        name: school.name,
        sector: school.sector,
        sector_source: school.sector_source,
        organization: school.organization.map(Into::into),
        city: school.city,
        state: school.state,
        neighborhood: school.neighborhood,
        campus: school.campus,
        grades: school.grades.map(Into::into),
        school_type: school.school_type,
        locale: school.locale,
        students: school.students,
        shares: school.shares.into_iter().map(Into::into).collect(),
        profile: school.profile,
        position: school.position.map(|(latitude, longitude)| PositionDocument { latitude, longitude }),
        facts_from: school.facts_from,
        closed_on: school.closed_on.map(Day),
        updated_at: school.updated_at,
    }
}

/// Where a page begins: behind the organization that the page before ended with. Its id is the cursor.
async fn place_of(cx: &Cx, cursor: &str) -> Result<(String, Uuid)> {
    let unknown = || Error::Unreadable {
        parameter: "cursor",
        message: "Give the `next` of the page before, or leave it out.".to_owned(),
    };
    let id: Uuid = cursor.parse().map_err(|_| unknown())?;
    match super::organization(cx, &id.to_string()).await {
        Ok(last) => Ok((last.name, last.id.0)),
        Err(Error::NotFound(_)) => Err(unknown()),
        Err(other) => Err(other),
    }
}

fn list_url(wanted: Option<&str>, kind: Option<&str>, limit: usize, cursor: &str) -> String {
    let mut url = format!("/api/v1/organizations?limit={limit}");
    for (name, value) in [("q", wanted), ("kind", kind), ("cursor", Some(cursor))] {
        if let Some(value) = value {
            url.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    url
}

impl From<GradeSpan> for GradesDocument {
    fn from(span: GradeSpan) -> Self {
        // A span of one grade prints as that grade.
        Self {
            low: GradeSpan { high: span.low, ..span }.to_string(),
            high: GradeSpan { low: span.high, ..span }.to_string(),
            bands: span.bands().into_iter().map(|band| band.code().to_owned()).collect(),
        }
    }
}

impl From<Share> for ShareDocument {
    fn from(share: Share) -> Self {
        Self { group: share.group.code().to_owned(), band: share.band.code().to_owned() }
    }
}

impl From<Organization> for OrganizationDocument {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            slug: organization.slug,
            kind: organization.kind,
            name: organization.name,
            nces_id: organization.nces_id,
            city: organization.city,
            state: organization.state,
        }
    }
}

impl From<Sector> for SectorDocument {
    fn from(sector: Sector) -> Self {
        Self { code: sector.code, label: sector.label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_told_one_by_one() {
        let grades = GradesDocument::from(GradeSpan { low: -1, high: 5 });
        assert_eq!((grades.low.as_str(), grades.high.as_str()), ("PK", "5"));
        assert_eq!(grades.bands, ["prek", "k_2", "g3_5"]);
    }

    #[test]
    fn the_next_page_asks_the_same() {
        let url = list_url(Some("Old & new"), Some("district"), 2, "x/y");
        assert_eq!(url, "/api/v1/organizations?limit=2&q=Old+%26+new&kind=district&cursor=x%2Fy");
    }
}
