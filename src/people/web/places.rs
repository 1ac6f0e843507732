//! `/me/places`: where somebody belongs, what they wait for, and how they leave.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{choose, welcome::person};
use crate::mail::Letterhead;
use crate::people::membership::{self, Joined, Membership, MembershipState, VerifiedBy};
use crate::people::views::members::{PlaceRow, PlacesPage};
use crate::people::{Account, MembershipId, domain};
use crate::platform::{Actor, Cx, Db, Error, Place, Result, Role};
use crate::search::Search;
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::Section;

/// GET `/me/places`
#[handler]
pub async fn places_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = parameters(request.uri().query().unwrap_or_default());
    let get = |name: &str| asked.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim()).unwrap_or_default();
    let done = match get("done") {
        "joined" => "You belong to your school now.",
        "asked" => {
            "Your school is asked. You get a letter when it answers; until then you can search, read and follow."
        }
        "left" => "That is over. Your hours and what you wrote stay yours.",
        _ => "",
    };
    show(&cx, *search, *site, get("school_q"), get("school"), done, Corrections::default(), StatusCode::OK).await
}

/// POST `/me/places`
#[handler]
pub async fn join_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (query, school) = (form.get("school_q"), form.get("school"));
    if form.has("find") {
        return show(&cx, *search, *site, query, school, "", Corrections::default(), StatusCode::OK).await;
    }
    match join(&db, actor, *head, school).await {
        Ok(Joined::Member(_)) => Ok(see_other("/me/places?done=joined")),
        Ok(Joined::Asked(_)) => Ok(see_other("/me/places?done=asked")),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show(&cx, *search, *site, query, school, "", corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn join(db: &Db, actor: Actor, head: &Letterhead, school: &str) -> Result<Joined> {
    let unknown = |_| Error::invalid("school", "Find your school by its name, choose it, and send the form again.");
    let school = school.parse().map_err(unknown)?;
    let person = person(&db.cx(actor.clone())).await?;
    let mut tx = db.write(actor).await?;
    let joined = membership::join(&mut tx, head, person.id, school).await?;
    tx.commit().await?;
    Ok(joined)
}

/// POST `/me/places/{id}/end`
#[handler]
pub async fn leave_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let id: MembershipId = id.parse().map_err(|_| Error::NotFound("membership"))?;
    let mut tx = db.write(actor).await?;
    membership::end(&mut tx, *head, id).await?;
    tx.commit().await?;
    Ok(see_other("/me/places?done=left"))
}

#[expect(clippy::too_many_arguments, reason = "what a form holds, and what is said about it")]
async fn show(
    cx: &Cx,
    search: &Search,
    site: &Site,
    query: &str,
    chosen: &str,
    done: &str,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let person = person(cx).await?;
    let mut chrome = site.chrome("Your places", "", "/me/places");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let mut school = choose::field(cx, search, &person, query, chosen).await?;
    school.wrong = corrections.at("school").unwrap_or_default().to_owned();
    let mut view = PlacesPage { chrome, corrections, done: done.to_owned(), school, ..PlacesPage::default() };
    for (state, row) in rows(cx, &person).await? {
        match state {
            MembershipState::Current => view.current.push(row),
            MembershipState::Asked => view.asked.push(row),
            MembershipState::Ended | MembershipState::Declined => view.past.push(row),
        }
    }
    view.past.reverse();
    own_page(status, &view)
}

async fn rows(cx: &Cx, person: &Account) -> Result<Vec<(MembershipState, PlaceRow)>> {
    let all = membership::memberships_of(cx, person.id).await?;
    let names = domain::names(cx, all.iter().map(|m| m.grant.place)).await?;
    let row = |m: Membership| {
        let place = names.get(&m.grant.place).cloned().unwrap_or_default();
        let leads = m.state == MembershipState::Current && membership::oversees(cx.actor(), m.grant.place);
        let school = matches!(m.grant.place, Place::School(_));
        let row = PlaceRow {
            id: m.id.to_string(),
            role: m.grant.role.label().to_owned(),
            staff_url: if leads && school { format!("{}/staff", place.url) } else { String::new() },
            place: place.name,
            url: place.url,
            facts: facts(&m),
            leaving: leaving(&m),
        };
        (m.state, row)
    };
    Ok(all.into_iter().map(row).collect())
}

fn facts(m: &Membership) -> String {
    let since = m.started_at.map(day_of).unwrap_or_default();
    let until = m.ended_at.map(day_of).unwrap_or_default();
    match m.state {
        MembershipState::Asked => format!("Asked on {}.", day_of(m.created_at)),
        MembershipState::Current => match because(m.verified_by) {
            "" => format!("Since {since}."),
            because => format!("Since {since}, {because}."),
        },
        MembershipState::Ended if since.is_empty() => format!("Asked on {}, taken back.", day_of(m.created_at)),
        MembershipState::Ended => format!("From {since} to {until}."),
        MembershipState::Declined => format!("Not approved on {until}."),
    }
}

/// Why a membership is believed, in words.
pub(super) fn because(by: VerifiedBy) -> &'static str {
    match by {
        VerifiedBy::Nobody => "",
        VerifiedBy::Domain => "by an address of the school",
        VerifiedBy::Invitation => "by invitation",
        VerifiedBy::Roster => "by the school's roster",
        VerifiedBy::Admin => "by an administrator",
        VerifiedBy::Principal => "by the school's principal",
    }
}

fn leaving(m: &Membership) -> String {
    let what = match m.grant.role {
        Role::Teacher => "Every role you have there ends at once.",
        _ => "What this role lets you do there ends at once.",
    };
    format!("{what} Your hours and what you wrote stay yours; practices stay with the school.")
}
