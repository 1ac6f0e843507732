//! Signing, confirming and withdrawing: by sign-in, or by the link of the letter that asks again, which shows a page on GET and acts
//! on POST.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::read::{published, says, steps_in_words};
use super::{asked, changes_view, link_to, place_choices};
use crate::people::errand;
use crate::platform::{Actor, Cx, Db, Error, Place, Result};
use crate::sessions::Desk;
use crate::statements::history;
use crate::statements::letters::read_link;
use crate::statements::signing::{self, SignForm, Signature, SignatureId};
use crate::statements::views::signing::{AgainPage, MySignature, SignPage};
use crate::statements::{State, named, text, version};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};

/// GET `/statements/{slug}/sign`
#[handler]
pub async fn form_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "signed" => "Signed. Thank you.",
        "confirmed" => "Confirmed: the sign-on stands behind the newest version.",
        "withdrawn" => "Withdrawn. That there was a sign-on stays as a line; what was said with it is gone.",
        _ => "",
    };
    let cx = db.cx(actor);
    let one = published(&cx, &reference).await?;
    let mut own = signing::mine(&cx, &[one.id]).await?.remove(&one.id).unwrap_or_default();
    own.retain(|each| each.stands() && each.account.map(|id| id.0) == cx.actor().account());
    // Who signed for their one place changes what they said; what a colleague said is not shown, and who has several says for which.
    let known = (own.len() == 1 && signing::places(&cx).len() == 1).then(|| own.pop()).flatten();
    let page = SignPage { done: done.to_owned(), ..SignPage::default() };
    let page = match &known {
        Some(own) => SignPage {
            role_title: own.role_title.clone(),
            shows_name: own.shows_name,
            comment: own.comment.clone().unwrap_or_default(),
            comment_public: own.comment_public,
            ..page
        },
        None => page,
    };
    show(&cx, *site, &reference, page, "", StatusCode::OK).await
}

/// POST `/statements/{slug}/sign`
#[handler]
pub async fn sign_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let get = |name: &str| form.get(name).to_owned();
    let said = SignForm {
        place: get("place"),
        role_title: get("role_title"),
        shows_name: form.has("shows_name"),
        comment: get("comment"),
        comment_public: form.has("comment_public"),
        version: form.get("version").parse().unwrap_or_default(),
        no_student: form.has("no_student"),
    };
    let signed = async {
        let mut tx = db.write(actor).await?;
        signing::sign(&mut tx, *desk, one.id, &said).await?;
        tx.commit().await
    };
    match signed.await {
        Ok(()) => Ok(see_other(&format!("{}/sign?done=signed", one.path()))),
        Err(error) => {
            let page = SignPage {
                corrections: Corrections::of(error)?,
                role_title: said.role_title,
                shows_name: said.shows_name,
                comment: said.comment,
                comment_public: said.comment_public,
                ..SignPage::default()
            };
            show(&cx, *site, &reference, page, &said.place, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/confirmation`
#[handler]
pub async fn confirm_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let signature = id(form.get("signature"))?;
    match confirm(&db, *desk, actor, signature, form.get("version")).await {
        Ok(()) => Ok(see_other(&format!("{}/sign?done=confirmed", one.path()))),
        Err(error) => {
            let page = SignPage { corrections: Corrections::of(error)?, ..SignPage::default() };
            show(&cx, *site, &reference, page, "", StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let one = published(&db.cx(actor.clone()), &reference).await?;
    withdraw(&db, actor, id(form.get("signature"))?).await?;
    Ok(see_other(&format!("{}/sign?done=withdrawn", one.path())))
}

fn id(typed: &str) -> Result<SignatureId> {
    typed.parse().map_err(|_| Error::NotFound("sign-on"))
}

async fn confirm(db: &Db, desk: &Desk, actor: Actor, id: SignatureId, read: &str) -> Result<()> {
    let mut tx = db.write(actor).await?;
    signing::confirm(&mut tx, desk, id, read.parse().unwrap_or_default()).await?;
    tx.commit().await
}

async fn withdraw(db: &Db, actor: Actor, id: SignatureId) -> Result<()> {
    let mut tx = db.write(actor).await?;
    signing::withdraw(&mut tx, id).await?;
    tx.commit().await
}

async fn show(
    cx: &Cx,
    site: &Site,
    reference: &str,
    page: SignPage,
    chosen: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = published(cx, reference).await?;
    let places = signing::places(cx);
    let mine = signing::mine(cx, &[one.id]).await?.remove(&one.id).unwrap_or_default();
    let signed: Vec<Place> = mine.iter().map(|each| each.place).collect();
    let names = named(cx, &signed).await?;
    let steps = history::steps(cx, &one).await?;
    let takes = one.takes_signatures(cx.now());
    let own = |each: &Signature| MySignature {
        id: each.id.to_string(),
        place: names.get(&each.place).map(|named| named.name.clone()).unwrap_or_default(),
        says: says(&one, each),
        history: steps.get(&each.id).map(|steps| steps_in_words(steps)).unwrap_or_default(),
        stands: each.stands(),
        may_confirm: takes && each.version < one.version,
        changes_url: if each.version < one.version {
            format!("{}/changes?from={}&to={}", one.path(), each.version, one.version)
        } else {
            String::new()
        },
    };
    let instead = if places.is_empty() {
        "You sign for a school that you lead, or for an organization that you speak for; you do neither here."
    } else if takes {
        ""
    } else if one.state == State::Open {
        "The last day of sign-ons is over."
    } else {
        "It takes no more sign-ons."
    };
    let mut chrome = site.chrome(&format!("Sign: {}", one.title), "", &format!("{}/sign", one.path()));
    chrome.noindex = true;
    let view = SignPage {
        chrome,
        statement: link_to(&one),
        version: one.version,
        mine: mine.iter().map(own).collect(),
        instead: instead.to_owned(),
        places: place_choices(cx, &places, chosen).await?,
        ..page
    };
    own_page(status, &view)
}

async fn by_link(db: &Db, desk: &Desk, token: &str) -> Result<(Actor, SignatureId)> {
    let link = read_link(&desk.secret, token)?;
    let actor = errand::actor(&db.cx(Actor::System("statements")), &link).await?;
    Ok((actor, SignatureId(link.subject)))
}

/// GET `/r/statement/{token}`
#[handler]
pub async fn again_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, id) = by_link(&db, *desk, &token).await?;
    let done = match asked(request, "done").as_str() {
        "confirmed" => "Confirmed. Thank you.",
        "withdrawn" => "Withdrawn. That there was a sign-on stays as a line.",
        _ => "",
    };
    let page = AgainPage { done: done.to_owned(), ..AgainPage::default() };
    show_again(&db.cx(actor), *site, id, &token, page, StatusCode::OK).await
}

/// POST `/r/statement/{token}`
#[handler]
pub async fn again_done_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, id) = by_link(&db, *desk, &token).await?;
    let confirms = form.get("do") == "confirm";
    let did = if confirms {
        confirm(&db, *desk, actor.clone(), id, form.get("version")).await
    } else if form.get("do") == "withdraw" {
        withdraw(&db, actor.clone(), id).await
    } else {
        Err(Error::invalid("do", "Choose to confirm it or to withdraw it."))
    };
    match did {
        Ok(()) => {
            let done = if confirms { "confirmed" } else { "withdrawn" };
            Ok(see_other(&format!("/r/statement/{token}?done={done}")))
        }
        Err(error) => {
            let page = AgainPage { corrections: Corrections::of(error)?, ..AgainPage::default() };
            show_again(&db.cx(actor), *site, id, &token, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_again(
    cx: &Cx,
    site: &Site,
    id: SignatureId,
    token: &str,
    page: AgainPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let (mine, one) = signing::own(cx, id).await?;
    let name = named(cx, &[mine.place]).await?.remove(&mine.place).unwrap_or_default().name;
    let asks = mine.stands() && mine.version < one.version;
    let changes = if asks {
        let (before, after) = (version(cx, &one, mine.version).await?, version(cx, &one, one.version).await?);
        changes_view(&text::changes(&before.text, &after.text))
    } else {
        Default::default()
    };
    let path = format!("/r/statement/{token}");
    let mut chrome = site.chrome(&one.title, "", "");
    chrome.canonical.clear();
    chrome.noindex = true;
    let view = AgainPage {
        chrome,
        statement: link_to(&one),
        place: name,
        says: says(&one, &mine),
        asks,
        may_confirm: one.takes_signatures(cx.now()),
        stands: mine.stands(),
        from: mine.version,
        to: one.version,
        changes,
        action: path,
        ..page
    };
    own_page(status, &view)
}
