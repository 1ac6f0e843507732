//! The link of an invitation: GET shows who invites whom, POST accepts, and signs in whom the link's mailbox belongs to (T10).

use askama::Template;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::browser::arrival;
use super::enter::entered;
use crate::people::invitation::{self, Accepted, Shown};
use crate::people::{AccountId, account, domain};
use crate::platform::chance::Ticket;
use crate::platform::{Actor, Cx, Db, Place, Result, Role};
use crate::sign_in::Entrance;
use crate::sign_in::visit::Method;
use crate::web::asker::Asker;
use crate::web::form::Corrections;
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::Chrome;

/// The page `/invitations/{secret}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "invitation.html")]
pub struct InvitationPage {
    /// The frame.
    pub chrome: Chrome,
    /// What stands in the way.
    pub corrections: Corrections,
    /// The link itself.
    pub action: String,
    /// Who is invited.
    pub name: String,
    /// Where the letter went.
    pub email: String,
    /// Who invites.
    pub by: String,
    /// "Quillwater Charter School".
    pub place: String,
    /// "as its principal".
    pub role: &'static str,
    /// "March 18, 2026".
    pub until: String,
    /// Why it can no longer be accepted; empty where it can.
    pub closed: &'static str,
    /// Whether the account of the address is signed in here.
    pub here: bool,
    /// Name of whoever else is signed in here; empty where nobody.
    pub other: String,
}

/// GET `/invitations/{secret}`
#[handler]
pub async fn invitation_view(
    Path(secret): Path<String>,
    Asker(actor): Asker,
    site: Data<&Site>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let shown = invitation::shown(&cx, &Ticket::brought(&secret)).await?;
    show(&cx, *site, &secret, shown, Corrections::default(), StatusCode::OK).await
}

/// POST `/invitations/{secret}`
#[handler]
pub async fn accept_view(
    Path(secret): Path<String>,
    request: &Request,
    Asker(actor): Asker,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let ticket = Ticket::brought(&secret);
    let signed_in = actor.account().is_some();
    let mut tx = db.write(actor.clone()).await?;
    let accepted = match invitation::accept(&mut tx, &ticket).await {
        Ok(accepted) => accepted,
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            let cx = db.cx(actor);
            let shown = invitation::shown(&cx, &ticket).await?;
            return show(&cx, *site, &secret, shown, corrections, StatusCode::CONFLICT).await;
        }
    };
    if signed_in {
        tx.commit().await?;
        let next = onward(&db.cx(Actor::Visitor), &accepted).await?;
        return Ok(see_other(&next));
    }
    let proceeding = arrival(request).enter(&mut tx, *entrance, accepted.account, Method::Invitation).await?;
    tx.commit().await?;
    let next = onward(&db.cx(Actor::Visitor), &accepted).await?;
    Ok(entered(*site, &proceeding, &next))
}

/// Leads to the staff of their school, everybody else to their places; the first time by way of the welcome.
async fn onward(cx: &Cx, accepted: &Accepted) -> Result<String> {
    let leads = matches!(accepted.grant.role, Role::Principal | Role::Delegate);
    let next = match accepted.grant.place {
        place @ Place::School(_) if leads => {
            let names = domain::names(cx, std::iter::once(place)).await?;
            names.get(&place).map(|name| format!("{}/staff", name.url))
        }
        _ => None,
    };
    let next = next.unwrap_or_else(|| "/me/places?done=joined".to_owned());
    if !accepted.fresh {
        return Ok(next);
    }
    Ok(format!("/welcome?{}", serde_urlencoded::to_string([("next", next)]).unwrap_or_default()))
}

async fn show(
    cx: &Cx,
    site: &Site,
    secret: &str,
    shown: Shown,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let mut chrome = site.chrome("Invitation", "", "");
    // The address holds the secret: it stands in no link of the page.
    chrome.canonical.clear();
    chrome.noindex = true;
    let asker = match cx.actor().account() {
        Some(id) => Some(account::account(cx, AccountId(id)).await?),
        None => None,
    };
    let here = asker.as_ref().is_some_and(|asker| asker.email.as_ref() == Some(&shown.invitation.email));
    let view = InvitationPage {
        chrome,
        corrections,
        action: format!("/invitations/{}", secret.trim()),
        role: invitation::role_words(shown.invitation.grant.role),
        until: day_of(shown.invitation.expires_at),
        email: shown.invitation.email.as_str().to_owned(),
        name: shown.invitation.name,
        by: shown.by,
        place: shown.place,
        closed: shown.closed.unwrap_or_default(),
        here,
        other: asker.filter(|_| !here).map(|asker| asker.name).unwrap_or_default(),
    };
    own_page(status, &view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::views::Section;

    #[test]
    fn the_page_of_an_invitation_renders() -> askama::Result<()> {
        let open = InvitationPage {
            chrome: Chrome::sample("Invitation", "", Section::None),
            action: "/invitations/abc".to_owned(),
            name: "Ada <b>".to_owned(),
            email: "ada@example.org".to_owned(),
            by: "Prina Hale".to_owned(),
            place: "Quillwater Charter School".to_owned(),
            role: "as a teacher or member of the staff",
            until: "March 18, 2026".to_owned(),
            ..InvitationPage::default()
        };
        let other = InvitationPage { other: "Ben".to_owned(), ..open.clone() };
        let closed = InvitationPage { closed: "It is over.", ..open.clone() };
        let pages = [open.render()?, other.render()?, closed.render()?];
        for html in &pages {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains("<b>"));
        }
        assert!(pages[0].contains("Accept") && !pages[1].contains("Accept") && !pages[2].contains("Accept"));
        assert!(pages[1].contains("/sign-out") && !pages[2].contains("/sign-out"));
        Ok(())
    }
}
