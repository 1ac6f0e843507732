//! Pages of contributions.

mod begin;
mod confirm;
mod evidence;
mod fields;
mod page;
mod queue;
mod review;
mod section;

use poem::web::Path;

use super::ContributionId;
use crate::people::{self, School, SchoolId};
use crate::platform::{Cx, Error, Place, Result};
use crate::web::methods::{Resource, resource};
use crate::web::views::Choice;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = vec![
        ("/practices/new", resource().get(begin::new_view).post(begin::create_view)),
        ("/practices/:slug/copy", resource().get(begin::copy_view).post(begin::begin_copy_view)),
        ("/practices/:slug/change", resource().get(begin::change_view).post(begin::begin_change_view)),
        ("/me/contributions", resource().get(begin::mine_view)),
        ("/contributions/:id", resource().get(page::page_view)),
        ("/contributions/:id/preview", resource().get(page::preview_view)),
        ("/contributions/:id/history", resource().get(page::history_view)),
        ("/contributions/:id/note", resource().post(page::note_view)),
        ("/contributions/:id/editors", resource().post(page::add_editor_view)),
        ("/contributions/:id/editors/:account/removal", resource().post(page::remove_editor_view)),
        ("/contributions/:id/deletion", resource().post(page::discard_view)),
        ("/contributions/:id/:section", resource().get(section::section_view).post(section::save_view)),
    ];
    pages.extend(queue::pages());
    pages.extend(review::pages());
    pages.extend(evidence::pages());
    pages.extend(confirm::pages());
    pages
}

fn id_of(Path(id): &Path<String>) -> Result<ContributionId> {
    parse_id(id)
}

fn parse_id(id: &str) -> Result<ContributionId> {
    id.parse().map_err(|_| Error::NotFound("practice"))
}

/// The schools of the reader, by name.
async fn own_schools(cx: &Cx) -> Result<Vec<School>> {
    let grants = cx.actor().person().map(|person| person.grants.clone()).unwrap_or_default();
    let mut ids: Vec<SchoolId> = grants
        .iter()
        .filter_map(|grant| match grant.place {
            Place::School(id) => Some(SchoolId(id)),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut schools: Vec<School> = people::schools(cx, &ids).await?.into_values().collect();
    schools.sort_by_cached_key(|school| school.name.to_lowercase());
    Ok(schools)
}

fn school_choices(schools: &[School], chosen: &str) -> Vec<Choice> {
    schools
        .iter()
        .map(|school| Choice {
            value: school.id.to_string(),
            label: school.name.clone(),
            selected: school.id.to_string() == chosen || school.slug == chosen,
        })
        .collect()
}
