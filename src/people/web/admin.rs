//! The pages of the administration: the first one, and what the others share. Everybody but administrators is refused before
//! anything is looked up, so that the refusal tells nothing.

mod access;
mod people;
mod schools;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::people::admin::{self, PlaceLine, place_code};
use crate::people::views::admin::{AdminHomePage, Pages, PlaceField};
use crate::people::{domain, invitation};
use crate::platform::{Cx, Db, Error, FieldErrors, Place, Result, Role};
use crate::search::encode;
use crate::web::asker::SignedIn;
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page};
use crate::web::views::{Choice, Chrome, CountedLink, Section};

/// The pages of the administration.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/admin", resource().get(home_view)),
        ("/admin/people", resource().get(people::people_view)),
        ("/admin/people/:id", resource().get(people::person_view)),
        ("/admin/people/:id/roles", resource().post(people::give_role_view)),
        ("/admin/people/:id/roles/:membership/ending", resource().post(people::end_role_view)),
        ("/admin/people/:id/deactivation", resource().post(people::deactivation_view)),
        ("/admin/people/:id/reactivation", resource().post(people::reactivation_view)),
        ("/admin/invitations", resource().get(access::invitations_view).post(access::invite_view)),
        ("/admin/invitations/:id/withdrawal", resource().post(access::withdrawal_view)),
        ("/admin/domains", resource().get(access::domains_view).post(access::add_domain_view)),
        ("/admin/domains/:domain/removal", resource().post(access::remove_domain_view)),
        ("/admin/schools", resource().get(schools::schools_view).post(schools::add_school_view)),
        ("/admin/schools/new", resource().get(schools::new_school_view)),
        ("/admin/schools/:id", resource().get(schools::school_view).post(schools::change_school_view)),
        ("/admin/schools/:id/closure", resource().post(schools::closure_view)),
        ("/admin/schools/:id/reopening", resource().post(schools::reopening_view)),
        ("/admin/schools/:id/merger", resource().get(schools::merger_view).post(schools::merge_view)),
        ("/admin/organizations", resource().get(schools::organizations_view).post(schools::add_organization_view)),
    ]
}

/// Rows on a page of a list.
const PAGE: usize = 50;

/// `/admin`
#[handler]
pub async fn home_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let numbers = admin::overview(&cx).await?;
    let invitations = invitation::list(&cx, None).await?.len() as u64;
    let domains = domain::list(&cx, None).await?.len() as u64;
    let number = |text: &str, url: &str, count| CountedLink { text: text.to_owned(), url: url.to_owned(), count };
    let view = AdminHomePage {
        chrome: chrome(&site, "Administration", "/admin"),
        admin_at: "home",
        numbers: vec![
            number("People", "/admin/people", numbers.people),
            number("Schools", "/admin/schools", numbers.schools),
            number("Organizations", "/admin/organizations", numbers.organizations),
            number("Open invitations", "/admin/invitations", invitations),
            number("Email domains", "/admin/domains", domains),
        ],
    };
    own_page(StatusCode::OK, &view)
}

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Admin, noindex: true, ..site.chrome(title, "", path) }
}

/// The parameters of an address, as a form.
fn asked(request: &Request) -> Form {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// The other pages of a list at `path`, asked for with `kept`.
fn pages_of(path: &str, kept: &[(&str, &str)], cursor: &str, next: Option<String>) -> Pages {
    let address = |cursor: Option<&str>| {
        let pairs = kept.iter().copied().chain(cursor.map(|cursor| ("cursor", cursor)));
        let query: Vec<String> =
            pairs.filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!("{n}={}", encode(v))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    };
    Pages {
        next_url: next.as_deref().map(|next| address(Some(next))),
        first_url: (!cursor.is_empty()).then(|| address(None)),
    }
}

/// "1 school", "1,204 schools", "No schools".
fn count_words(count: u64, one: &str, many: &str) -> String {
    match count {
        0 => format!("No {many}"),
        1 => format!("1 {one}"),
        n => format!("{} {many}", crate::web::views::grouped(n)),
    }
}

/// Roles to choose from.
fn roles(chosen: &str) -> Vec<Choice> {
    let choice = |role: Role| Choice {
        value: role.code().to_owned(),
        label: role.label().to_owned(),
        selected: role.code() == chosen,
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// A place as a choice: its name, and what tells it from others.
fn place_choice(line: &PlaceLine) -> Choice {
    let label = if line.hint.is_empty() { line.name.clone() } else { format!("{} ({})", line.name, line.hint) };
    Choice { value: place_code(line.place), label, selected: false }
}

/// What a form says about where.
enum Meant {
    /// This place.
    One(Place),
    /// One of these, or none: to be asked again.
    Unclear(FieldErrors, Vec<Choice>),
}

/// Reads the field `place`: chosen from a list, or typed. A role that holds everywhere needs none.
async fn place_meant(cx: &Cx, form: &Form, everywhere: bool) -> Result<Meant> {
    let text = form.get("place");
    if everywhere {
        return Ok(Meant::One(Place::Installation));
    }
    if let Some(place) = admin::parse_place(text) {
        return Ok(Meant::One(place));
    }
    let mut errors = FieldErrors::default();
    if text.is_empty() {
        errors.add("place", "Say at which school or organization.");
        return Ok(Meant::Unclear(errors, Vec::new()));
    }
    let lines = admin::places_meant(cx, text).await?;
    match lines.as_slice() {
        [line] => Ok(Meant::One(line.place)),
        [] => {
            errors.add("place", "No school or organization is called like that; check the name.");
            Ok(Meant::Unclear(errors, Vec::new()))
        }
        several => {
            errors.add("place", "More than one is called like that; choose which.");
            Ok(Meant::Unclear(errors, several.iter().map(place_choice).collect()))
        }
    }
}

/// Whether the chosen role holds everywhere, and the role.
fn role_meant(form: &Form) -> Result<(Role, bool), FieldErrors> {
    let mut errors = FieldErrors::default();
    match Role::parse(form.get("role")) {
        Some(role) => Ok((role, crate::people::membership::fits(role, Place::Installation))),
        None => {
            errors.add("role", "Choose one of the roles.");
            Err(errors)
        }
    }
}

fn place_field(text: &str, meant: Vec<Choice>, hint: &'static str) -> PlaceField {
    // A code of a choice says nothing to a person.
    let text = if admin::parse_place(text).is_some() { String::new() } else { text.to_owned() };
    PlaceField { label: "School or organization", hint, text, meant }
}

const ROLE_PLACE: &str = "Its name, name in addresses or NCES number. Editors and city administrators need none.";

/// An id of an address; what is none names nothing.
fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound(what))
}
