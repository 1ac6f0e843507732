//! `/confirm-practice/{token}`: the link of the letter that asks a school for its yes. GET shows the text and two buttons, and scanners
//! of mailboxes open it too; only the POST acts (T10). Used twice or too late, the page says how things are now.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::review::{answer_for_school, changes_of, said, said_view, status_of, text_of};
use crate::contributions::ContributionId;
use crate::contributions::confirm::SchoolsYes;
use crate::contributions::reading::{self, Reviewed};
use crate::contributions::review::Said;
use crate::contributions::views::review::ConfirmPage;
use crate::notices::Postroom;
use crate::people::errand;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Db, Error, Result};
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Chrome, Link};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/confirm-practice/:token", resource().get(confirm_view).post(confirmed_view))]
}

async fn asked(db: &Db, room: &Postroom, token: &str) -> Result<(Actor, Reviewed)> {
    let link = errand::read(&room.secret, SchoolsYes, token)?;
    let actor = errand::actor(&db.cx(Actor::Visitor), &link).await?;
    let cx = db.cx(actor.clone());
    match reading::reviewed(&cx, ContributionId(link.subject)).await {
        Ok(found) if found.leads => Ok((actor, found)),
        // Whoever writes it too may read it, but the link is for the school's answer.
        Ok(_) | Err(Error::NotFound(_)) => {
            Err(Error::Conflict("You do not answer for this school any more; this link holds no more.".to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// GET `/confirm-practice/{token}`
#[handler]
pub async fn confirm_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    match asked(&db, &room, &token).await {
        Ok((actor, found)) => {
            own_page(StatusCode::OK, &page(&site, &actor, &found, &token, (Said::default(), Corrections::default())))
        }
        Err(error) => over(&site, error),
    }
}

/// POST `/confirm-practice/{token}`
#[handler]
pub async fn confirmed_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (actor, found) = match asked(&db, &room, &token).await {
        Ok(asked) => asked,
        Err(error) => return over(&site, error),
    };
    match answer_for_school(&db, &room, actor.clone(), found.contribution.id, &form).await {
        Ok(_) => Ok(see_other(&format!("/confirm-practice/{token}"))),
        Err(error) => {
            let status = status_of(&error);
            let corrections = Corrections::of(error)?;
            let (actor, found) = asked(&db, &room, &token).await?;
            own_page(status, &page(&site, &actor, &found, &token, (said(&form), corrections)))
        }
    }
}

fn frame(site: &Site, title: &str) -> Chrome {
    Chrome { noindex: true, ..site.chrome(title, "", "") }
}

fn page(
    site: &Site,
    actor: &Actor,
    found: &Reviewed,
    token: &str,
    (said, corrections): (Said, Corrections),
) -> ConfirmPage {
    let now = &found.contribution;
    let school = found.school.as_ref().map_or("your school", |school| school.name.as_str());
    let mut view = ConfirmPage {
        revision: now.revision,
        who: actor.person().map(|person| person.name.clone()).unwrap_or_default(),
        title: now.title().to_owned(),
        said: said_view(&said, &corrections),
        corrections,
        ..ConfirmPage::default()
    };
    if found.may.confirm {
        view.question = format!("May {school} publish this?");
        view.lines = vec![
            format!("Written by {} and approved by an editor.", found.name(now.author)),
            format!("Say yes, and everybody can read it under the name of {school}; its versions stay readable."),
        ];
        view.action = format!("/confirm-practice/{token}");
        view.text = match &found.changes {
            Some(changes) => changes_of(changes),
            None => text_of(&found.record),
        };
    } else {
        let line = match now.state {
            PracticeStatus::PUBLISHED => "It is published",
            PracticeStatus::CHANGES_REQUESTED => "It went back to its writers",
            PracticeStatus::DECLINED => "An editor declined it",
            PracticeStatus::SUBMITTED => "It is with the editors again",
            _ => "Its writers took it back",
        };
        view.question = format!("{line}: {}", now.title());
        view.lines = vec!["Nothing is left for you to answer here.".to_owned()];
        let practice = found.practice.as_ref().filter(|_| now.state == PracticeStatus::PUBLISHED);
        view.page = practice
            .map(|practice| Link { text: "See its page".to_owned(), url: format!("/practices/{}", practice.slug) });
    }
    view.chrome = frame(site, &view.question);
    view
}

/// A link that leads nowhere any more says so; what is wrong with the machine is a page of its own.
fn over(site: &Site, error: Error) -> poem::Result<Response> {
    let Error::Conflict(sentence) = error else { return Err(error.into()) };
    let question = "This link holds no more";
    let view = ConfirmPage {
        chrome: frame(site, question),
        question: question.to_owned(),
        lines: vec![sentence],
        ..ConfirmPage::default()
    };
    own_page(StatusCode::GONE, &view)
}
