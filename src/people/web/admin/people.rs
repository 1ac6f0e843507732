//! Finding people; giving and ending roles; closing accounts and opening them again.

use std::collections::HashMap;
use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{
    Meant, PAGE, ROLE_PLACE, asked, chrome, count_words, id, pages_of, place_field, place_meant, role_meant, roles,
};
use crate::mail::Letterhead;
use crate::people::admin::{self, PlaceLine, Somebody, Wanted};
use crate::people::views::admin::{AdminPeoplePage, AdminPersonPage, PersonRow, RoleRow};
use crate::people::{AccountId, AccountState, Membership, MembershipState, VerifiedBy};
use crate::platform::{Cx, Db, Error, Grant, Place, Role};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Link};

/// `/admin/people`
#[handler]
pub async fn people_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let form = asked(request);
    let (query, role, state, cursor) = (form.get("q"), form.get("role"), form.get("state"), form.get("cursor"));
    let wanted = Wanted { text: query.to_owned(), role: Role::parse(role), state: AccountState::parse(state) };
    // What is no cursor begins at the beginning.
    let after = cursor.parse::<AccountId>().ok();
    let (total, mut found) = admin::people(&cx, &wanted, after, PAGE as u64 + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| last.account.id.to_string());
    let places: Vec<Place> = found.iter().flat_map(|s| &s.memberships).map(|m| m.grant.place).collect();
    let lines = admin::place_lines(&cx, &places).await?;
    let any = |label: &str| Choice { value: String::new(), label: label.to_owned(), selected: false };
    let states = [AccountState::Active, AccountState::Deactivated, AccountState::Erased].map(|s| Choice {
        value: s.code().to_owned(),
        label: state_label(s).to_owned(),
        selected: s.code() == state,
    });
    let kept = [("q", query), ("role", role), ("state", state)];
    let view = AdminPeoplePage {
        chrome: chrome(&site, "People", "/admin/people"),
        admin_at: "people",
        query: query.to_owned(),
        roles: std::iter::once(any("Any role")).chain(roles(role)).collect(),
        states: std::iter::once(any("Any")).chain(states).collect(),
        count: count_words(total, "person", "people"),
        people: found.iter().map(|somebody| row(somebody, &lines)).collect(),
        pages: pages_of("/admin/people", &kept, if after.is_some() { cursor } else { "" }, next),
        none: Corrections::default(),
    };
    own_page(StatusCode::OK, &view)
}

fn state_label(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "In use",
        AccountState::Deactivated => "Closed",
        AccountState::Erased => "Erased",
    }
}

fn row(somebody: &Somebody, lines: &HashMap<Place, PlaceLine>) -> PersonRow {
    let account = &somebody.account;
    let said = |membership: &Membership| {
        let role = membership.grant.role.label();
        let place = match membership.grant.place {
            Place::Installation => String::new(),
            place => format!(" at {}", lines.get(&place).map_or("a place that is gone", |line| &line.name)),
        };
        let asked = if membership.state == MembershipState::Asked { " (asked for)" } else { "" };
        format!("{role}{place}{asked}")
    };
    PersonRow {
        name: account.name.clone(),
        url: format!("/admin/people/{}", account.id),
        email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        roles: somebody.memberships.iter().map(said).collect(),
        state: state_label(account.state),
        active: account.state == AccountState::Active,
    }
}

/// `/admin/people/{id}`
#[handler]
pub async fn person_view(
    request: &Request,
    Path(person): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let mut view = person_page(&cx, &site, id(&person, "person")?).await?;
    view.notice = match asked(request).get("done") {
        "second-step" => "The second step is taken away. Every sign-in has ended.",
        "role" => "The role holds from now on.",
        "ended" => "The role has ended.",
        "closed" => "The account is closed. Every sign-in and token has ended.",
        "opened" => "The account is open again.",
        _ => "",
    };
    own_page(StatusCode::OK, &view)
}

async fn person_page(cx: &Cx, site: &Site, id: AccountId) -> Result<AdminPersonPage, Error> {
    let Somebody { account, mut memberships } = admin::somebody(cx, id).await?;
    let places: Vec<Place> = memberships.iter().map(|membership| membership.grant.place).collect();
    let lines = admin::place_lines(cx, &places).await?;
    let url = format!("/admin/people/{id}");
    memberships.sort_by_key(|m| !matches!(m.state, MembershipState::Current | MembershipState::Asked));
    Ok(AdminPersonPage {
        chrome: chrome(site, &account.name, &url),
        admin_at: "people",
        email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        confirmed: account.email_confirmed_at.is_some(),
        title: account.title.clone().unwrap_or_default(),
        state: state_label(account.state),
        active: account.state == AccountState::Active,
        erased: account.state == AccountState::Erased,
        own: cx.actor().account() == Some(id.0),
        since: day_of(account.created_at),
        memberships: memberships.iter().map(|membership| role_row(membership, &lines, &url)).collect(),
        roles: roles(""),
        place: place_field("", Vec::new(), ROLE_PLACE),
        name: account.name,
        url,
        ..AdminPersonPage::default()
    })
}

fn role_row(membership: &Membership, lines: &HashMap<Place, PlaceLine>, url: &str) -> RoleRow {
    let line = lines.get(&membership.grant.place);
    let school = matches!(membership.grant.place, Place::School(_));
    let page = line.and_then(|line| line.slug.as_ref()).filter(|_| school).map(|slug| format!("/schools/{slug}"));
    let on = |at: Option<_>| at.map(day_of).unwrap_or_default();
    let open = matches!(membership.state, MembershipState::Current | MembershipState::Asked);
    RoleRow {
        role: membership.grant.role.label().to_owned(),
        place: Link {
            text: line.map_or_else(|| "A place that is gone".to_owned(), |line| line.name.clone()),
            url: page.unwrap_or_default(),
        },
        standing: match membership.state {
            MembershipState::Asked => format!("Asked for on {}", day_of(membership.created_at)),
            MembershipState::Current => format!("Since {}", on(membership.started_at)),
            MembershipState::Ended => format!("Until {}", on(membership.ended_at)),
            MembershipState::Declined => format!("Not given, {}", on(membership.ended_at)),
        },
        known_by: match membership.verified_by {
            VerifiedBy::Nobody => "Not yet",
            VerifiedBy::Domain => "Email domain",
            VerifiedBy::Invitation => "Invitation",
            VerifiedBy::Roster => "Imported roster",
            VerifiedBy::Admin => "Administrator",
            VerifiedBy::Principal => "Principal",
        },
        end_url: if open { format!("{url}/roles/{}/ending", membership.id) } else { String::new() },
    }
}

/// `POST /admin/people/{id}/roles`
#[handler]
pub async fn give_role_view(
    Path(person): Path<String>,
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let person: AccountId = id(&person, "person")?;
    let cx = db.cx(actor.clone());
    let mut meant = Vec::new();
    let done = match role_meant(&form) {
        Err(errors) => Err(Error::Invalid(errors)),
        Ok((role, everywhere)) => match place_meant(&cx, &form, everywhere).await? {
            Meant::Unclear(errors, choices) => {
                meant = choices;
                Err(Error::Invalid(errors))
            }
            Meant::One(place) => {
                let mut tx = db.write(actor).await?;
                match admin::give_role(&mut tx, person, Grant { role, place }).await {
                    Ok(_) => Ok(tx.commit().await?),
                    Err(error) => Err(error),
                }
            }
        },
    };
    let Err(error) = done else { return Ok(see_other(&format!("/admin/people/{person}?done=role"))) };
    let mut view = person_page(&cx, &site, person).await?;
    view.corrections = Corrections::of(error)?;
    view.roles = roles(form.get("role"));
    view.place = place_field(form.get("place"), meant, ROLE_PLACE);
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// `POST /admin/people/{id}/roles/{membership}/ending`
#[handler]
pub async fn end_role_view(
    Path((person, membership)): Path<(String, String)>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let (person, membership) = (id(&person, "person")?, id(&membership, "membership")?);
    let mut tx = db.write(actor.clone()).await?;
    let own = actor.account();
    if let Err(error) = admin::end_role(&mut tx, &head, person, membership).await {
        drop(tx);
        return again(&db.cx(actor), &site, person, error).await;
    }
    tx.commit().await?;
    // Who ends their own role here may not see this page any more.
    Ok(see_other(&if own == Some(person.0) {
        "/admin".to_owned()
    } else {
        format!("/admin/people/{person}?done=ended")
    }))
}

/// `POST /admin/people/{id}/deactivation`
#[handler]
pub async fn deactivation_view(
    Path(person): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let person = id(&person, "person")?;
    let mut tx = db.write(actor.clone()).await?;
    if let Err(error) = admin::deactivate(&mut tx, person).await {
        drop(tx);
        return again(&db.cx(actor), &site, person, error).await;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/people/{person}?done=closed")))
}

/// `POST /admin/people/{id}/reactivation`
#[handler]
pub async fn reactivation_view(
    Path(person): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let person = id(&person, "person")?;
    let mut tx = db.write(actor.clone()).await?;
    if let Err(error) = admin::reactivate(&mut tx, person).await {
        drop(tx);
        return again(&db.cx(actor), &site, person, error).await;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/people/{person}?done=opened")))
}

/// The person's page with the sentence that says why not.
async fn again(cx: &Cx, site: &Site, person: AccountId, error: Error) -> poem::Result<Response> {
    let corrections = Corrections::of(error)?;
    let view = AdminPersonPage { corrections, ..person_page(cx, site, person).await? };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}
