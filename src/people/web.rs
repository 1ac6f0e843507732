//! The page that finds schools; those of the signed-in person have files of their own.

mod me;
mod my_data;
mod profile;

pub mod admin;
mod choose;
pub mod places;
pub mod staff;
pub mod welcome;

use std::sync::Arc;

use poem::web::Data;
use poem::{Request, Response, handler};

use super::views::{SchoolRow, SchoolsPage, SectorChoice};
use crate::platform::{Actor, Db};
use crate::search::web::{parameters, school_line};
use crate::search::{Kind, Question, Search};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, page};
use crate::web::views::{Section, Sector};

/// The pages of people and places, but for those that show practices too.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = vec![
        ("/welcome", resource().get(welcome::welcome_view).post(welcome::welcomed_view)),
        ("/me", resource().get(me::me_view)),
        ("/me/profile", resource().get(profile::profile_view).post(profile::change_profile_view)),
        ("/me/data", resource().get(my_data::my_data_view)),
        ("/me/data.zip", resource().get(my_data::zip_view)),
        ("/me/data/erasure", resource().post(my_data::erase_view)),
        ("/me/places", resource().get(places::places_view).post(places::join_view)),
        ("/me/places/:id/end", resource().post(places::leave_view)),
        ("/schools/:slug/staff", resource().get(staff::staff_view)),
        ("/schools/:slug/staff/:id/end", resource().post(staff::end_view)),
        ("/schools/:slug/requests/:id/approval", resource().post(staff::approve_view)),
        ("/schools/:slug/requests/:id/decline", resource().post(staff::decline_view)),
        ("/schools/:slug/delegates", resource().post(staff::delegate_view)),
        ("/schools/:slug/invitations", resource().post(staff::invite_view)),
        ("/schools/:slug/invitations/:id/letter", resource().post(staff::resend_view)),
        ("/schools/:slug/invitations/:id/withdrawal", resource().post(staff::withdraw_view)),
    ];
    pages.extend(admin::pages());
    pages
}

/// `/schools`
#[handler]
pub async fn schools_view(
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(Actor::Visitor);
    let parameters = parameters(request.uri().query().unwrap_or_default());
    let get = |name: &str| {
        parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let (query, city, chosen) = (get("q"), get("city"), get("sector"));
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // A person types a city as it comes; as a word of the search it needs no exact spelling.
    let mut question = Question::read(Kind::School, pairs.filter(|(name, _)| *name != "city"));
    question.text = format!("{query} {city}").trim().to_owned();
    let answer = search.schools(&cx, &question).await?;
    let address = |cursor: Option<&str>| {
        let mut url = Question { text: query.clone(), ..question.clone() }.url("/schools");
        let more = [("city", Some(city.as_str()).filter(|c| !c.is_empty())), ("cursor", cursor)];
        for (name, value) in more {
            if let Some(value) = value {
                let gap = if url.contains('?') { '&' } else { '?' };
                url.push_str(&format!("{gap}{name}={}", crate::search::encode(value)));
            }
        }
        url
    };
    let mut sectors = vec![SectorChoice {
        sector: Sector { code: String::new(), label: "Any sector".to_owned() },
        selected: chosen.is_empty(),
    }];
    sectors.extend(super::sectors(&cx).await?.into_iter().map(|sector| SectorChoice {
        selected: sector.code == chosen,
        sector: Sector { code: sector.code, label: sector.label },
    }));
    let rows = answer.hits.iter().map(|hit| SchoolRow {
        school: school_line(&hit.card),
        grades: hit.card.grades.clone(),
        place: hit.card.place.clone(),
        ..SchoolRow::default()
    });
    let mut view = SchoolsPage {
        chrome: site.chrome("Schools", "Find a school by name, district or place.", &address(None)),
        query: query.clone(),
        city: city.clone(),
        sectors,
        total: answer.total,
        schools: rows.collect(),
        next_url: answer.next.as_deref().map(|cursor| address(Some(cursor))),
        first_url: question.cursor.as_ref().map(|_| address(None)),
    };
    view.chrome.section = Section::Schools;
    view.chrome.noindex = question.cursor.is_some();
    page(request.headers(), &view)
}
