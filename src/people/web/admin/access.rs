//! How people come in: invitations to any role at any place, and email domains.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{Meant, ROLE_PLACE, asked, chrome, count_words, id, place_field, place_meant, role_meant, roles};
use crate::mail::Letterhead;
use crate::people::invitation::NewInvitation;
use crate::people::views::admin::{AdminDomainsPage, AdminInvitationsPage, DomainRow, InvitationRow, PlaceField};
use crate::people::{admin, domain, invitation};
use crate::platform::{Cx, Db, Error, Grant, Place};
use crate::search::encode;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};

/// `/admin/invitations`
#[handler]
pub async fn invitations_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let mut view = invitations_page(&cx, &site).await?;
    view.notice = match asked(request).get("done") {
        "invited" => "The invitation is on its way.",
        "withdrawn" => "The invitation is withdrawn; its link leads nowhere.",
        _ => "",
    };
    own_page(StatusCode::OK, &view)
}

async fn invitations_page(cx: &Cx, site: &Site) -> Result<AdminInvitationsPage, Error> {
    let open = invitation::list(cx, None).await?;
    let places: Vec<Place> = open.iter().map(|invitation| invitation.grant.place).collect();
    let lines = admin::place_lines(cx, &places).await?;
    let row = |invitation: &invitation::Invitation| {
        let over = invitation.expires_at <= cx.now();
        InvitationRow {
            who: format!("{}, {}", invitation.name, invitation.email.as_str()),
            role: invitation.grant.role.label().to_owned(),
            place: lines.get(&invitation.grant.place).map(|line| line.name.clone()).unwrap_or_default(),
            until: format!("{}{}", if over { "Expired " } else { "" }, day_of(invitation.expires_at)),
            withdraw_url: format!("/admin/invitations/{}/withdrawal", invitation.id),
        }
    };
    Ok(AdminInvitationsPage {
        chrome: chrome(site, "Invitations", "/admin/invitations"),
        admin_at: "invitations",
        invitations: open.iter().map(row).collect(),
        roles: roles("teacher"),
        place: place_field("", Vec::new(), ROLE_PLACE),
        ..AdminInvitationsPage::default()
    })
}

/// `POST /admin/invitations`
#[handler]
pub async fn invite_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
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
                let new = NewInvitation {
                    email: form.get("email").to_owned(),
                    name: form.get("name").to_owned(),
                    grant: Grant { role, place },
                };
                match invitation::invite(&mut tx, &head, new).await {
                    Ok(_) => Ok(tx.commit().await?),
                    Err(error) => Err(error),
                }
            }
        },
    };
    let Err(error) = done else { return Ok(see_other("/admin/invitations?done=invited")) };
    let view = AdminInvitationsPage {
        corrections: Corrections::of(error)?,
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        roles: roles(form.get("role")),
        place: place_field(form.get("place"), meant, ROLE_PLACE),
        ..invitations_page(&cx, &site).await?
    };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// `POST /admin/invitations/{id}/withdrawal`
#[handler]
pub async fn withdrawal_view(
    Path(invited): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let mut tx = db.write(actor.clone()).await?;
    if let Err(error) = invitation::withdraw(&mut tx, id(&invited, "invitation")?).await {
        drop(tx);
        let corrections = Corrections::of(error)?;
        let view = AdminInvitationsPage { corrections, ..invitations_page(&db.cx(actor), &site).await? };
        return own_page(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    tx.commit().await?;
    Ok(see_other("/admin/invitations?done=withdrawn"))
}

/// `/admin/domains`
#[handler]
pub async fn domains_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    admin::enter(cx.actor())?;
    let mut view = domains_page(&cx, &site).await?;
    view.notice = match asked(request).get("done") {
        "added" => "The domain is added.",
        "removed" => "The domain is removed. Who joined by it stays.",
        _ => "",
    };
    own_page(StatusCode::OK, &view)
}

async fn domains_page(cx: &Cx, site: &Site) -> Result<AdminDomainsPage, Error> {
    let domains = domain::list(cx, None).await?;
    let places: Vec<Place> = domains.iter().map(|domain| domain.place).collect();
    let lines = admin::place_lines(cx, &places).await?;
    let row = |domain: &domain::EmailDomain| DomainRow {
        domain: domain.domain.clone(),
        place: lines.get(&domain.place).map(|line| line.name.clone()).unwrap_or_default(),
        remove_url: format!("/admin/domains/{}/removal", encode(&domain.domain)),
    };
    Ok(AdminDomainsPage {
        chrome: chrome(site, "Email domains", "/admin/domains"),
        admin_at: "domains",
        count: count_words(domains.len() as u64, "domain", "domains"),
        domains: domains.iter().map(row).collect(),
        place: domain_place("", Vec::new()),
        ..AdminDomainsPage::default()
    })
}

fn domain_place(text: &str, meant: Vec<crate::web::views::Choice>) -> PlaceField {
    place_field(text, meant, "Whose people have such an address. With an organization, they choose among its schools.")
}

/// `POST /admin/domains`
#[handler]
pub async fn add_domain_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let cx = db.cx(actor.clone());
    let mut meant = Vec::new();
    let done = match place_meant(&cx, &form, false).await? {
        Meant::Unclear(errors, choices) => {
            meant = choices;
            Err(Error::Invalid(errors))
        }
        Meant::One(place) => {
            let mut tx = db.write(actor).await?;
            match domain::add(&mut tx, form.get("domain"), place).await {
                Ok(()) => Ok(tx.commit().await?),
                Err(error) => Err(error),
            }
        }
    };
    let Err(error) = done else { return Ok(see_other("/admin/domains?done=added")) };
    let view = AdminDomainsPage {
        corrections: Corrections::of(error)?,
        domain: form.get("domain").to_owned(),
        place: domain_place(form.get("place"), meant),
        ..domains_page(&cx, &site).await?
    };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// `POST /admin/domains/{domain}/removal`
#[handler]
pub async fn remove_domain_view(
    Path(name): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
) -> poem::Result<Response> {
    admin::enter(&actor)?;
    let mut tx = db.write(actor).await?;
    domain::remove(&mut tx, &name).await?;
    tx.commit().await?;
    Ok(see_other("/admin/domains?done=removed"))
}
