//! `/sessions/{id}`: the page that answers "can I go?", and the forms on it.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::wording::{self, Typed};
use crate::catalog;
use crate::mail::Email;
use crate::people::{self, AccountId, SchoolId, account};
use crate::platform::vocabulary::{SessionStatus, Visibility, Way};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::web::{card_view, parameters};
use crate::sessions::outlook::{self, Outlook};
use crate::sessions::registration::{self, Wish};
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::views::page::SessionPage;
use crate::sessions::{Desk, SessionId, jsonld};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, page, see_other};
use crate::web::views::{JsonLd, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/:id", resource().get(session_view)),
        ("/sessions/:id/registration", resource().post(register_view)),
        ("/sessions/:id/withdrawal", resource().post(withdraw_view)),
        ("/registrations/:id/offer-response", resource().post(answer_view)),
        ("/registrations/:id/handover", resource().post(hand_over_view)),
        ("/registrations/:id/keep", resource().post(keep_view)),
    ]
}

/// GET `/sessions/{id}`
#[handler]
pub async fn session_view(
    request: &Request,
    Asker(actor): Asker,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "asked" => "Done. A letter says the same.",
        "colleague" => "Your colleague is registered. A letter tells them.",
        "left" => "You gave it back. A letter confirms it.",
        "declined" => "You declined the seat. It goes to the next in line.",
        "handed" => "Your colleague has your seat now. Letters tell you both.",
        "kept" => "You keep your seat.",
        _ => "",
    };
    let visitor = actor.person().is_none();
    let cx = db.cx(actor);
    let mut view = show(&cx, &site, &id, &Typed::default()).await?;
    done.clone_into(&mut view.done);
    // What a visitor sees is the same for everybody; what a person sees is theirs.
    if visitor && done.is_empty() { page(request.headers(), &view) } else { own_page(StatusCode::OK, &view) }
}

/// POST `/sessions/{id}/registration`
#[handler]
pub async fn register_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let colleague = form.has("account");
    match register(&db, &desk, actor.clone(), &id, &form).await {
        Ok(()) => Ok(back(&id, if colleague { "colleague" } else { "asked" })),
        Err(error) => again(&db.cx(actor), &site, &id, error, &form).await,
    }
}

async fn register(db: &Db, desk: &Desk, actor: Actor, id: &str, form: &Form) -> Result<()> {
    let session: SessionId = id.parse().map_err(|_| Error::NotFound("session"))?;
    let own = actor.account().map(AccountId).ok_or(Error::SignInRequired)?;
    let way = Some(form.get("way")).filter(|way| !way.is_empty()).map(Way::parse).transpose();
    let way = way.map_err(|_| Error::invalid("way", "Choose in person or online."))?;
    // A colleague of the list stands there with the school that the lead answers for.
    let (account, school) = match form.get("account") {
        "" => (own, form.get("school")),
        chosen => {
            let (account, school) = chosen.split_once('@').unwrap_or((chosen, ""));
            let account = account.parse().map_err(|_| Error::invalid("account", "Choose somebody of the list."))?;
            (account, school)
        }
    };
    let school: Option<SchoolId> = match school {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::invalid("school", "Choose one of your schools."))?),
    };
    let mut tx = db.write(actor).await?;
    registration::register(&mut tx, desk, session, Wish { account, school, way }).await?;
    tx.commit().await
}

/// POST `/sessions/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _) = crate::sessions::session(&cx, &id).await?;
    let mine = registration::mine(&cx, session.id).await?.ok_or(Error::NotFound("registration"))?;
    let mut tx = db.write(actor).await?;
    let done = registration::withdraw(&mut tx, &desk, mine.id).await.map(drop);
    finish(tx, &cx, &site, &id, &form, done, "left").await
}

/// POST `/registrations/{id}/offer-response`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = seat_of(&cx, &id).await?;
    let accepted = form.get("accepted") == "yes";
    let mut tx = db.write(actor).await?;
    let done = registration::answer_offer(&mut tx, &desk, seat.id, accepted).await.map(drop);
    let then = if accepted { "asked" } else { "declined" };
    finish(tx, &cx, &site, &seat.session.to_string(), &form, done, then).await
}

/// POST `/registrations/{id}/handover`
#[handler]
pub async fn hand_over_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = seat_of(&cx, &id).await?;
    let to = colleague(&cx, form.get("to")).await;
    let mut tx = db.write(actor).await?;
    let done = match to {
        Ok(to) => registration::hand_over(&mut tx, &desk, seat.id, to).await.map(drop).map_err(no_colleague),
        Err(error) => Err(error),
    };
    finish(tx, &cx, &site, &seat.session.to_string(), &form, done, "handed").await
}

/// POST `/registrations/{id}/keep`
#[handler]
pub async fn keep_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = seat_of(&cx, &id).await?;
    let mut tx = db.write(actor).await?;
    let done = registration::keep(&mut tx, &desk, seat.id).await.map(drop);
    finish(tx, &cx, &site, &seat.session.to_string(), &form, done, "kept").await
}

async fn seat_of(cx: &Cx, id: &str) -> Result<Registration> {
    let id: RegistrationId = id.parse().map_err(|_| Error::NotFound("registration"))?;
    registration::registration(cx, id).await
}

/// The account of an address that somebody typed.
async fn colleague(cx: &Cx, typed: &str) -> Result<AccountId> {
    let email = Email::parse(typed).map_err(|_| nobody())?;
    Ok(account::account_of(cx, &email).await?.ok_or_else(nobody)?.id)
}

/// Whether an address has an account is told to nobody (A4): for one without and for somebody of another school the sentence is
/// the same.
fn nobody() -> Error {
    Error::invalid("to", "Give the address of a colleague of your school who has an account here.")
}

fn no_colleague(error: Error) -> Error {
    if matches!(error, Error::Invalid(_)) { nobody() } else { error }
}

/// Commits what was done and goes back to the page, or shows what to put right. Nothing of a refused operation stays.
async fn finish(
    tx: crate::platform::Tx,
    cx: &Cx,
    site: &Site,
    session: &str,
    form: &Form,
    done: Result<()>,
    then: &str,
) -> poem::Result<Response> {
    match done {
        Ok(()) => {
            tx.commit().await?;
            // Who gave back what showed them the session sees it no more.
            match crate::sessions::session(cx, session).await {
                Err(Error::NotFound(_)) => Ok(see_other("/me/sessions")),
                _ => Ok(back(session, then)),
            }
        }
        Err(error) => {
            drop(tx);
            again(cx, site, session, error, form).await
        }
    }
}

fn back(session: &str, done: &str) -> Response {
    see_other(&format!("/sessions/{session}?done={done}"))
}

/// The page with what is to be put right, and everything that was typed.
async fn again(cx: &Cx, site: &Site, session: &str, error: Error, form: &Form) -> poem::Result<Response> {
    let status = status_of(&error);
    let corrections = Corrections::of(error)?;
    let text = |name: &str| form.get(name).to_owned();
    let typed = Typed { school: text("school"), way: text("way"), account: text("account"), to: text("to") };
    let view = SessionPage { corrections, ..show(cx, site, session, &typed).await? };
    own_page(status, &view)
}

/// The status of a page that shows a form again.
pub(super) fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Stale => StatusCode::PRECONDITION_FAILED,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn show(cx: &Cx, site: &Site, id: &str, typed: &Typed) -> Result<SessionPage> {
    let seen = outlook::of(cx, id).await?;
    let sectors: HashMap<String, String> =
        people::sectors(cx).await?.into_iter().map(|sector| (sector.code, sector.label)).collect();
    let practice = match seen.session.practice {
        Some(practice) => catalog::cards(cx, &[practice]).await?.remove(&practice),
        None => None,
    };
    let mut view = wording::session(&seen, &sectors, cx, typed);
    view.chrome = frame(&seen, site);
    view.practice = practice.map(|card| card_view(&card, String::new()));
    if !view.sign_in_url.is_empty() {
        view.sign_in_url = view.chrome.sign_in_url();
    }
    view.calendars = wording::calendars(&seen, &site.base_url);
    Ok(view)
}

fn frame(seen: &Outlook, site: &Site) -> crate::web::views::Chrome {
    let session = &seen.session;
    let open = session.is_public() && session.visibility == Visibility::PUBLIC;
    let description = if open { jsonld::description(session) } else { String::new() };
    let mut chrome = site.chrome(&session.title, &description, &format!("/sessions/{}", session.id));
    chrome.section = Section::Sessions;
    chrome.noindex = !open || session.status == SessionStatus::CANCELLED;
    if open {
        let event = jsonld::education_event(session, &seen.schools, &site.base_url);
        chrome.json_ld = event.map(|event| JsonLd::new(&event.to_string()));
    }
    chrome
}
