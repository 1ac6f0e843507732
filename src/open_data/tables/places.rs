//! Schools with the organizations they belong to.

use std::sync::Arc;

use async_trait::async_trait;

use crate::open_data::exported::{Exported, Kind, PIECE, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed};
use crate::people::{self, School, SchoolId};
use crate::platform::{Cx, Error, Result};

/// Schools.
pub struct Schools(pub Arc<str>);

#[async_trait]
impl Exported for Schools {
    fn table(&self) -> Table {
        Table {
            name: "schools",
            title: "Schools",
            says: "One row for each school, closed ones too; a school that became part of another is not here.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("slug", Kind::Text, "Its name in addresses, which never changes."),
                field("url", Kind::Text, "Its page."),
                field("nces_id", Kind::Text, "Federal school id, 12 digits."),
                field("name", Kind::Text, "Its name."),
                field(
                    "sector",
                    Kind::Text,
                    "Its sector, see the table sectors; empty is unknown, which is never guessed.",
                ),
                field("sector_source", Kind::Text, "Where the sector is known from."),
                field("organization", Kind::Text, "District or network."),
                field("organization_kind", Kind::Text, "district, charter_network, city_office or other."),
                field("organization_nces_id", Kind::Text, "Federal agency id, 7 digits."),
                field("city", Kind::Text, "City."),
                field("state", Kind::Text, "Two-letter state."),
                field("neighborhood", Kind::Text, "Neighborhood."),
                field("campus", Kind::Text, "Name of a campus it shares with other schools."),
                field("grade_low", Kind::Integer, "Lowest grade: -1 is Pre-K, 0 is kindergarten."),
                field("grade_high", Kind::Integer, "Highest grade."),
                field("school_type", Kind::Text, "Kind of school, as the federal file words it."),
                field("locale", Kind::Text, "City, suburb, town or rural, as the federal file words it."),
                field("size_band", Kind::Text, "Number of students, in a band; a code of size_band."),
                field("shares", Kind::List, "Shares of student groups in bands: group, band."),
                field("profile", Kind::Text, "A sentence about itself."),
                field("latitude", Kind::Number, "In degrees."),
                field("longitude", Kind::Number, "In degrees."),
                field("facts_from", Kind::Text, "Where the facts come from."),
                field("closed_on", Kind::Date, "The day it closed."),
                field("updated_at", Kind::Moment, "When a fact last changed here."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        people::count_schools(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let after: Option<SchoolId> = after.map(|id| id.parse().map_err(Error::internal)).transpose()?;
        let found = people::schools_in_order(cx, after, PIECE).await?;
        let next = found.last().filter(|_| found.len() as u64 == PIECE).map(|school| school.id.to_string());
        let rows = found.iter().map(|school| self.row(school)).collect();
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

impl Schools {
    fn row(&self, school: &School) -> Row {
        let mut row = Row::new();
        put(&mut row, "id", school.id);
        put(&mut row, "slug", &school.slug);
        put(&mut row, "url", format!("{}/schools/{}", self.0, school.slug));
        put(&mut row, "nces_id", &school.nces_id);
        put(&mut row, "name", &school.name);
        put(&mut row, "sector", &school.sector);
        put(&mut row, "sector_source", &school.sector_source);
        if let Some(organization) = &school.organization {
            put(&mut row, "organization", &organization.name);
            put(&mut row, "organization_kind", &organization.kind);
            put(&mut row, "organization_nces_id", &organization.nces_id);
        }
        put(&mut row, "city", &school.city);
        put(&mut row, "state", &school.state);
        put(&mut row, "neighborhood", &school.neighborhood);
        put(&mut row, "campus", &school.campus);
        put(&mut row, "grade_low", school.grades.map(|grades| grades.low));
        put(&mut row, "grade_high", school.grades.map(|grades| grades.high));
        put(&mut row, "school_type", &school.school_type);
        put(&mut row, "locale", &school.locale);
        put(&mut row, "size_band", school.size().map(|size| size.code()));
        put(&mut row, "shares", &school.shares);
        put(&mut row, "profile", &school.profile);
        put(&mut row, "latitude", school.position.map(|(latitude, _)| latitude));
        put(&mut row, "longitude", school.position.map(|(_, longitude)| longitude));
        put(&mut row, "facts_from", &school.facts_from);
        put(&mut row, "closed_on", school.closed_on);
        put(&mut row, "updated_at", school.updated_at);
        row
    }
}

/// Pages of schools. What stands there comes from many places, so no day is told.
pub struct SchoolPages;

#[async_trait]
impl Listed for SchoolPages {
    fn name(&self) -> &'static str {
        "schools"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        people::count_schools(cx).await
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = people::school_addresses(cx, skip, limit).await?;
        Ok(found.into_iter().map(|slug| Address { path: format!("/schools/{slug}"), changed: None }).collect())
    }
}
