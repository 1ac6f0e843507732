//! `/schools/{slug}/staff`: who belongs to a school, who asks to, who is invited. For its leads and for administrators; for
//! everybody else there is no such page.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::places::because;
use crate::mail::Letterhead;
use crate::people::invitation::{self, Invitation, InvitationId, InvitationState, NewInvitation};
use crate::people::membership::{self, Colleague, MembershipState};
use crate::people::views::members::{InvitationRow, StaffPage, StaffRow};
use crate::people::{AccountId, MembershipId, School};
use crate::platform::{Actor, Cx, Db, Error, Grant, Place, Result, Role};
use crate::search::web::parameters;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Section};

/// GET `/schools/{slug}/staff`
#[handler]
pub async fn staff_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "approved" => "Approved. A letter tells them.",
        "declined" => "Declined. A letter tells them.",
        "ended" => "That is over. A letter tells them.",
        "delegated" => "They act for you now. A letter tells them.",
        "invited" => "The invitation is on its way.",
        "withdrawn" => "The invitation is withdrawn; its link no longer works.",
        _ => "",
    };
    let view = StaffPage { done: done.to_owned(), ..StaffPage::default() };
    show(&cx, *site, &slug, view, "teacher", StatusCode::OK).await
}

/// POST `/schools/{slug}/invitations`
#[handler]
pub async fn invite_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let school = led(&cx, &slug).await?;
    match invite(&db, actor, *head, &school, &form).await {
        Ok(()) => Ok(back(&school, "invited")),
        Err(error) => {
            let (email, name) = (form.get("email").to_owned(), form.get("name").to_owned());
            let view = StaffPage { corrections: Corrections::of(error)?, email, name, ..StaffPage::default() };
            show(&cx, *site, &slug, view, form.get("role"), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn invite(db: &Db, actor: Actor, head: &Letterhead, school: &School, form: &Form) -> Result<()> {
    let role = Role::parse(form.get("role")).ok_or_else(|| Error::invalid("role", "Choose a role of the list."))?;
    let new = NewInvitation {
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        grant: Grant { role, place: Place::School(school.id.0) },
    };
    let mut tx = db.write(actor).await?;
    invitation::invite(&mut tx, head, new).await?;
    tx.commit().await
}

/// POST `/schools/{slug}/invitations/{id}/letter`
#[handler]
pub async fn resend_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let (school, id) = invitation_here(&db.cx(actor.clone()), &slug, &id).await?;
    let mut tx = db.write(actor).await?;
    invitation::resend(&mut tx, *head, id).await?;
    tx.commit().await?;
    Ok(back(&school, "invited"))
}

/// POST `/schools/{slug}/invitations/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let (school, id) = invitation_here(&db.cx(actor.clone()), &slug, &id).await?;
    let mut tx = db.write(actor).await?;
    invitation::withdraw(&mut tx, id).await?;
    tx.commit().await?;
    Ok(back(&school, "withdrawn"))
}

/// POST `/schools/{slug}/requests/{id}/approval`
#[handler]
pub async fn approve_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    answer(&db, actor, *head, &slug, &id, true).await
}

/// POST `/schools/{slug}/requests/{id}/decline`
#[handler]
pub async fn decline_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    answer(&db, actor, *head, &slug, &id, false).await
}

async fn answer(
    db: &Db,
    actor: Actor,
    head: &Letterhead,
    slug: &str,
    id: &str,
    approved: bool,
) -> poem::Result<Response> {
    let (school, id) = membership_here(&db.cx(actor.clone()), slug, id).await?;
    let mut tx = db.write(actor).await?;
    membership::answer(&mut tx, head, id, approved).await?;
    tx.commit().await?;
    Ok(back(&school, if approved { "approved" } else { "declined" }))
}

/// POST `/schools/{slug}/staff/{id}/end`
#[handler]
pub async fn end_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let (school, id) = membership_here(&db.cx(actor.clone()), &slug, &id).await?;
    let own = membership::membership(&db.cx(actor.clone()), id).await?.account.0;
    let leaves = actor.account() == Some(own);
    let mut tx = db.write(actor).await?;
    membership::end(&mut tx, *head, id).await?;
    tx.commit().await?;
    // Whoever ends their own role may not see this page any more.
    Ok(if leaves { see_other("/me/places?done=left") } else { back(&school, "ended") })
}

/// POST `/schools/{slug}/delegates`
#[handler]
pub async fn delegate_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    let school = led(&db.cx(actor.clone()), &slug).await?;
    let account: AccountId = form.get("account").parse().map_err(|_| Error::NotFound("membership"))?;
    let mut tx = db.write(actor).await?;
    membership::name_delegate(&mut tx, *head, school.id, account).await?;
    tx.commit().await?;
    Ok(back(&school, "delegated"))
}

/// The school of an address, for whoever sees its staff.
async fn led(cx: &Cx, slug: &str) -> Result<School> {
    let school = crate::people::school(cx, slug).await?;
    if membership::oversees(cx.actor(), Place::School(school.id.0)) {
        Ok(school)
    } else {
        Err(Error::NotFound("school"))
    }
}

/// A membership of this school; the address of another school leads to none.
async fn membership_here(cx: &Cx, slug: &str, id: &str) -> Result<(School, MembershipId)> {
    let school = led(cx, slug).await?;
    let id: MembershipId = id.parse().map_err(|_| Error::NotFound("membership"))?;
    let found = membership::membership(cx, id).await?;
    if found.grant.place == Place::School(school.id.0) { Ok((school, id)) } else { Err(Error::NotFound("membership")) }
}

async fn invitation_here(cx: &Cx, slug: &str, id: &str) -> Result<(School, InvitationId)> {
    let school = led(cx, slug).await?;
    let id: InvitationId = id.parse().map_err(|_| Error::NotFound("invitation"))?;
    let found = invitation::invitation(cx, id).await?;
    if found.grant.place == Place::School(school.id.0) { Ok((school, id)) } else { Err(Error::NotFound("invitation")) }
}

fn back(school: &School, done: &str) -> Response {
    see_other(&format!("/schools/{}/staff?done={done}", school.slug))
}

async fn show(
    cx: &Cx,
    site: &Site,
    slug: &str,
    view: StaffPage,
    chosen: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let school = led(cx, slug).await?;
    let place = Place::School(school.id.0);
    let url = format!("/schools/{}", school.slug);
    let mut chrome = site.chrome(&format!("Staff of {}", school.name), "", &format!("{url}/staff"));
    (chrome.section, chrome.noindex) = (Section::Schools, true);
    let all = membership::of_school(cx, school.id).await?;
    let led = [Role::Principal, Role::Delegate].iter().any(|role| cx.actor().has(*role, place));
    let delegates = membership::may_name_delegates(cx.actor(), school.id);
    let leads = |account: AccountId| {
        let lead = |role| matches!(role, Role::Principal | Role::Delegate);
        all.iter().any(|c| c.account.id == account && lead(c.membership.grant.role))
    };
    let row = |colleague: &Colleague| {
        let m = &colleague.membership;
        StaffRow {
            id: m.id.to_string(),
            account: m.account.to_string(),
            name: colleague.account.name.clone(),
            email: colleague.account.email.as_ref().map_or(String::new(), |email| email.as_str().to_owned()),
            title: colleague.account.title.clone().unwrap_or_default(),
            role: m.grant.role.label().to_owned(),
            since: day_of(m.started_at.unwrap_or(m.created_at)),
            because: because(m.verified_by).to_owned(),
            may_end: membership::may_end(cx.actor(), m),
            may_delegate: delegates && m.grant.role == Role::Teacher && !leads(m.account),
        }
    };
    let of = |state| all.iter().filter(move |c| c.membership.state == state).map(row).collect::<Vec<_>>();
    let mut staff = of(MembershipState::Current);
    // Leads first, then by name.
    let rank = |role: &str| Role::ALL.iter().position(|r| r.label() == role && *r != Role::Teacher).unwrap_or(9);
    staff.sort_by_key(|row| (rank(&row.role), row.name.to_lowercase()));
    let roles = invitation::roles_for(cx.actor(), place);
    let invitations = invitation::list(cx, Some(place)).await?;
    let invitation_row = |i: &Invitation| InvitationRow {
        id: i.id.to_string(),
        name: i.name.clone(),
        email: i.email.as_str().to_owned(),
        role: i.grant.role.label().to_owned(),
        facts: match i.state(cx.now()) {
            InvitationState::Expired => format!("Sent {}; its time is over.", day_of(i.created_at)),
            _ => format!("Sent {}; holds until {}.", day_of(i.created_at), day_of(i.expires_at)),
        },
        may_change: roles.contains(&i.grant.role),
    };
    let view = StaffPage {
        chrome,
        asked: of(MembershipState::Asked),
        staff,
        invitations: invitations.iter().map(invitation_row).collect(),
        roles: roles
            .iter()
            .map(|role| Choice {
                value: role.code().to_owned(),
                label: role.label().to_owned(),
                selected: role.code() == chosen,
            })
            .collect(),
        school: school.name,
        seats_url: if led { format!("{url}/seats") } else { String::new() },
        url,
        ..view
    };
    own_page(status, &view)
}
