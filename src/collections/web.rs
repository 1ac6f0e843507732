//! Pages of this feature: saved practices, one's own collections, and collections as their readers see them.

mod mine;
mod saved;
mod shared;

use std::collections::HashMap;

use poem::Request;

use super::views::PracticeLine;
use crate::catalog::{self, Practice, PracticeId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};
use crate::search::PracticeCard;
use crate::search::web::parameters;
use crate::web::methods::{Resource, resource};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices/:slug/saved", resource().get(saved::save_view).post(saved::saved_view)),
        ("/practices/:slug/saved/removal", resource().post(saved::removal_view)),
        ("/practices/:slug/saved/collection", resource().post(saved::collect_view)),
        ("/me/saved", resource().get(saved::list_view)),
        ("/me/collections", resource().get(mine::collections_view).post(mine::make_view)),
        ("/me/collections/:id", resource().get(mine::collection_view).post(mine::change_view)),
        ("/me/collections/:id/practices", resource().post(mine::arrange_view)),
        ("/me/collections/:id/additions", resource().post(mine::add_view)),
        ("/me/collections/:id/link", resource().post(mine::link_view)),
        ("/me/collections/:id/deletion", resource().post(mine::delete_view)),
        ("/collections/:slug", resource().get(shared::collection_view)),
        ("/collections/:slug/copy", resource().post(shared::copy_view)),
    ]
}

/// The first value of a parameter of the address.
fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// Practices of a list, with the cards of those that are in the catalog. However many there are, the number of statements is the
/// same.
struct Shelf {
    practices: HashMap<PracticeId, Practice>,
    cards: HashMap<PracticeId, PracticeCard>,
}

impl Shelf {
    async fn of(cx: &Cx, ids: &[PracticeId]) -> Result<Self> {
        if ids.is_empty() {
            return Ok(Self { practices: HashMap::new(), cards: HashMap::new() });
        }
        Ok(Self { practices: catalog::practices(cx, ids).await?, cards: catalog::cards(cx, ids).await? })
    }

    /// A practice in a line; none for one that nobody can read any more.
    fn line(&self, id: PracticeId) -> Option<PracticeLine> {
        let practice = self.practices.get(&id)?;
        let school = self.cards.get(&id).and_then(|card| card.school.as_ref());
        let retired = practice.status == PracticeStatus::RETIRED;
        let reason = practice.retired_reason.clone().unwrap_or_else(|| "no reason is on record.".to_owned());
        Some(PracticeLine {
            id: id.to_string(),
            title: practice.record.title.clone(),
            url: format!("/practices/{}", practice.slug),
            school: school.map(|school| school.name.clone()).unwrap_or_default(),
            retired: if retired { reason } else { String::new() },
        })
    }
}

/// "1 practice", "5 practices".
fn counted(practices: u64) -> String {
    match practices {
        0 => "No practice yet".to_owned(),
        1 => "1 practice".to_owned(),
        n => format!("{} practices", crate::web::views::grouped(n)),
    }
}

fn practice_id(text: &str) -> Result<PracticeId, Error> {
    text.parse().map_err(|_| Error::NotFound("practice"))
}
