//! The second step: setting it up, changing it, and passing it at the sign-in.

use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Request, Response, handler};

use super::browser::{arrival, parameter};
use super::{cookie, enter};
use crate::people::{self, Account, AccountId};
use crate::platform::chance::Ticket;
use crate::platform::{Actor, Db, Error, FieldErrors, Person, Result, Via};
use crate::sign_in::arrival::onward;
use crate::sign_in::second_step::{self, Proceeding, Proven, State};
use crate::sign_in::views::second_step::{
    AppPage, CodePage, RecoveryPage, SecondStepPage, SecondStepSignIn, SignInAgain,
};
use crate::sign_in::visit::VisitId;
use crate::sign_in::{Entrance, recovery};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::site::{self, Site, own_page, safe_next, see_other};
use crate::web::views::{Chrome, Section};

/// The page of the second step.
const HERE: &str = "/me/security/second-step";

/// `GET /me/security/second-step`
#[handler]
pub async fn state_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let person = person(&actor)?;
    let state = second_step::state(&db.cx(actor.clone()), AccountId(person.account)).await?;
    let recovery = match state.recovery_left {
        0 => "No recovery codes are left.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        left => format!("{left} recovery codes are left."),
    };
    let view = SecondStepPage {
        chrome: chrome(&site, "Second step", HERE),
        asked: second_step::is_asked_of(&actor),
        waits: second_step::must_set_up(&actor),
        is_set_up: state.is_set_up(),
        may_change: may_change(person, &state),
        app_since: state.app_since.map(site::day_of).unwrap_or_default(),
        passkeys: match state.passkeys {
            0 => String::new(),
            1 => "one passkey".to_owned(),
            many => format!("{many} passkeys"),
        },
        recovery,
        recovery_few: state.recovery_left <= recovery::FEW,
        done: done(request),
        next: on(&parameter(request, "next")),
    };
    own_page(StatusCode::OK, &view)
}

/// `POST /me/security/second-step/app`: a new key.
#[handler]
pub async fn begin_app_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let account = AccountId(person(&actor)?.account);
    let mut tx = db.write(actor).await?;
    second_step::begin_app(&mut tx, &entrance.secret, account).await?;
    tx.commit().await?;
    Ok(see_other(&with_next(&format!("{HERE}/app"), &on(form.get("next")))))
}

/// `GET /me/security/second-step/app`: the key that was made.
#[handler]
pub async fn app_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let next = on(&parameter(request, "next"));
    match app_page(&db, &site, &entrance, actor, next, Corrections::default()).await? {
        Some(view) => own_page(StatusCode::OK, &view),
        None => Ok(see_other(HERE)),
    }
}

/// `POST /me/security/second-step/app/confirmation`: its first code.
#[handler]
pub async fn confirm_app_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let next = on(form.get("next"));
    let account = own_account(&db, &actor).await?;
    let mut tx = db.write(actor.clone()).await?;
    match second_step::confirm_app(&mut tx, &entrance, &account, visit_of(&actor)?, form.get("code")).await {
        Ok(set_up) => {
            tx.commit().await?;
            let done = "Codes of your app are set up. Each sign-in asks for one from now on.";
            Ok(stronger(&site, &set_up.ticket, shown_once(&site, done, set_up.recovery, &next)?))
        }
        Err(error) => {
            drop(tx);
            let (status, corrections) = corrected(error)?;
            match app_page(&db, &site, &entrance, actor, next, corrections).await? {
                Some(view) => own_page(status, &view),
                None => Ok(see_other(HERE)),
            }
        }
    }
}

/// `GET /me/security/second-step/app/removal`
#[handler]
pub async fn removal_view(SignedIn(actor): SignedIn, site: Data<&Site>) -> poem::Result<Response> {
    own_page(StatusCode::OK, &removal_page(&site, &actor, Corrections::default()))
}

/// `POST /me/security/second-step/app/removal`
#[handler]
pub async fn remove_app_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let account = own_account(&db, &actor).await?;
    let mut tx = db.write(actor.clone()).await?;
    match second_step::remove_app(&mut tx, &entrance, &account, form.get("code")).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other(&format!("{HERE}?done=removed")))
        }
        Err(error) => {
            let (status, corrections) = corrected(error)?;
            own_page(status, &removal_page(&site, &actor, corrections))
        }
    }
}

/// `GET /me/security/second-step/recovery-codes`
#[handler]
pub async fn renewal_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    own_page(StatusCode::OK, &renewal_page(&db, &site, &actor, Corrections::default()).await?)
}

/// `POST /me/security/second-step/recovery-codes`
#[handler]
pub async fn renew_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let account = AccountId(person(&actor)?.account);
    let mut tx = db.write(actor.clone()).await?;
    match second_step::renew_recovery(&mut tx, &entrance, account, form.get("code")).await {
        Ok(codes) => {
            tx.commit().await?;
            Ok(shown_once(&site, "The old recovery codes no longer count; these do.", codes, "")?)
        }
        Err(error) => {
            drop(tx);
            let (status, corrections) = corrected(error)?;
            own_page(status, &renewal_page(&db, &site, &actor, corrections).await?)
        }
    }
}

/// `GET /sign-in/second-step`
#[handler]
pub async fn sign_in_view(
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let next = on(&parameter(request, "next"));
    match first_proof(request, &db, &entrance) {
        None => too_late(StatusCode::OK, &site, &next),
        Some(proven) => {
            let view = sign_in_page(&db, &site, &entrance, &proven, next, Corrections::default()).await?;
            own_page(StatusCode::OK, &view)
        }
    }
}

/// `POST /sign-in/second-step`: a code of the app, or a recovery code.
#[handler]
pub async fn pass_view(
    request: &Request,
    Asker(actor): Asker,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let next = on(form.get("next"));
    let Some(proven) = first_proof(request, &db, &entrance) else {
        return too_late(StatusCode::UNPROCESSABLE_ENTITY, &site, &next);
    };
    let with_recovery = form.has("recovery");
    let code = form.get(if with_recovery { "recovery" } else { "code" });
    let account = people::account::account(&db.cx(Actor::Visitor), proven.account).await?;
    let mut tx = db.write(actor).await?;
    let device = enter::device(request.headers());
    match second_step::pass(&mut tx, &entrance, &account, &proven, code, &device).await {
        Ok(ticket) => {
            arrival(request).end_former(&mut tx).await?;
            tx.commit().await?;
            let proceeding = Proceeding::In(ticket);
            let next = onward(&db.cx(Actor::Visitor), &proceeding, account.id, &next).await?;
            Ok(enter::entered(&site, &proceeding, &next))
        }
        Err(error) => {
            drop(tx);
            let error = if with_recovery { about("recovery", error) } else { error };
            let (status, corrections) = corrected(error)?;
            let mut view = sign_in_page(&db, &site, &entrance, &proven, next, corrections).await?;
            view.recovery_open = with_recovery;
            own_page(status, &view)
        }
    }
}

/// The page of the second step at the sign-in, shown again with what to put right.
pub(super) async fn sign_in_page(
    db: &Db,
    site: &Site,
    entrance: &Entrance,
    proven: &Proven,
    next: String,
    corrections: Corrections,
) -> Result<SecondStepSignIn> {
    let cx = db.cx(Actor::Visitor);
    let state = second_step::state(&cx, proven.account).await?;
    let demo_code =
        if site.demo { second_step::code_for_demo(&cx, &entrance.secret, proven.account).await? } else { None };
    Ok(SecondStepSignIn {
        chrome: Chrome { section: Section::None, ..chrome(site, "Second step", "/sign-in/second-step") },
        corrections,
        app: state.app_since.is_some(),
        recovery: state.recovery_left > 0,
        recovery_open: false,
        passkeys: state.passkeys > 0 && entrance.passkeys.works(),
        demo_code: demo_code.unwrap_or_default(),
        next,
    })
}

/// What was proven first, as the browser brings it, while it counts.
pub(super) fn first_proof(request: &Request, db: &Db, entrance: &Entrance) -> Option<Proven> {
    let sealed = enter::sealed_step(request.headers())?;
    second_step::proven(entrance, &sealed, db.clock().now())
}

/// The first proof no longer counts: back to the beginning, with the reason.
pub(super) fn too_late(status: StatusCode, site: &Site, next: &str) -> poem::Result<Response> {
    again(
        status,
        site,
        "Sign in again",
        "More than ten minutes went by since the first proof, so it no longer counts.",
        next,
    )
}

/// A sign-in that cannot go on, and the way back.
pub(super) fn again(
    status: StatusCode,
    site: &Site,
    title: &str,
    sentence: &str,
    next: &str,
) -> poem::Result<Response> {
    let view = SignInAgain {
        chrome: Chrome { section: Section::None, ..chrome(site, title, "/sign-in/second-step") },
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        sign_in: with_next("/sign-in", next),
    };
    own_page(status, &view)
}

/// The recovery codes, or on where there are none to show.
pub(super) fn shown_once(site: &Site, done: &str, codes: Vec<String>, next: &str) -> poem::Result<Response> {
    let next = if next.is_empty() { HERE } else { next };
    if codes.is_empty() {
        return Ok(see_other(next));
    }
    let view = RecoveryPage {
        chrome: chrome(site, "Your recovery codes", HERE),
        done: done.to_owned(),
        codes,
        next: next.to_owned(),
    };
    own_page(StatusCode::OK, &view)
}

/// The same answer, with the new ticket of a sign-in that has become a strong one.
pub(super) fn stronger(site: &Site, ticket: &Ticket, mut response: Response) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie::keep(ticket, enter::https(site)));
    response
}

/// What to put right, and the status that says so; what a form cannot help is an error of its own.
pub(super) fn corrected(error: Error) -> Result<(StatusCode, Corrections)> {
    let status = match &error {
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, Corrections::of(error)?))
}

/// Whether the second step may be changed in this sign-in.
pub(super) fn may_change(person: &Person, state: &State) -> bool {
    person.strong || !state.is_set_up()
}

/// The frame of a page about the second step.
pub(super) fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Me, noindex: true, ..site.chrome(title, "", path) }
}

/// The signed-in person.
pub(super) fn person(actor: &Actor) -> Result<&Person> {
    actor.person().ok_or(Error::SignInRequired)
}

/// Their account.
pub(super) async fn own_account(db: &Db, actor: &Actor) -> Result<Account> {
    people::account::account(&db.cx(actor.clone()), AccountId(person(actor)?.account)).await
}

/// The sign-in that asks; a token is none.
pub(super) fn visit_of(actor: &Actor) -> Result<VisitId> {
    match person(actor)?.via {
        Via::SignIn(id) => Ok(VisitId(id)),
        Via::Token(_) | Via::Letter(_) => {
            Err(Error::Forbidden("Only you can do this, signed in with your browser.".to_owned()))
        }
    }
}

/// Where the person was going, if it is a page of ours; empty for the front page, which is no place to go on to.
pub(super) fn on(next: &str) -> String {
    Some(safe_next(next)).filter(|next| *next != "/").unwrap_or_default().to_owned()
}

/// A path that keeps where the person was going.
pub(super) fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", serde_urlencoded::to_string([("next", next)]).unwrap_or_default())
}

/// What was just done, from the address: one of ours.
pub(super) fn done(request: &Request) -> String {
    let sentence = match parameter(request, "done").as_str() {
        "removed" => "The codes of your app are removed.",
        "passkey-added" => "The passkey is added.",
        "passkey-removed" => "The passkey is removed.",
        _ => "",
    };
    sentence.to_owned()
}

/// An error about the field that was used.
fn about(field: &str, error: Error) -> Error {
    match error {
        Error::Invalid(errors) => {
            let mut renamed = FieldErrors::default();
            errors.iter().for_each(|error| renamed.add(field, error.message.clone()));
            Error::Invalid(renamed)
        }
        other => other,
    }
}

async fn app_page(
    db: &Db,
    site: &Site,
    entrance: &Entrance,
    actor: Actor,
    next: String,
    corrections: Corrections,
) -> Result<Option<AppPage>> {
    let account = own_account(db, &actor).await?;
    let key = second_step::begun_key(&db.cx(actor), &entrance.secret, account.id).await?;
    let Some(key) = key else { return Ok(None) };
    let name = account.email.as_ref().map_or(account.name.as_str(), |email| email.as_str());
    Ok(Some(AppPage {
        chrome: chrome(site, "Set up an authenticator app", &format!("{HERE}/app")),
        corrections,
        picture_html: key.picture(name)?,
        key: key.grouped(),
        next,
    }))
}

fn removal_page(site: &Site, actor: &Actor, corrections: Corrections) -> CodePage {
    let action = format!("{HERE}/app/removal");
    let mut says = vec![
        "Sign-ins will no longer ask for a code of your app. If you have no passkey, your other proof is \
                         then the only one, and your recovery codes go too."
            .to_owned(),
    ];
    if second_step::is_asked_of(actor) {
        says.push(
            "Your role needs a second step. Without one its rights wait until you set up another; to change the phone, \
             set the new one up straight afterwards."
                .to_owned(),
        );
    }
    CodePage {
        chrome: chrome(site, "Remove the codes of your app", &action),
        corrections,
        title: "Remove the codes of your app".to_owned(),
        says,
        action,
        asks: true,
        button: "Remove the codes".to_owned(),
        danger: true,
    }
}

async fn renewal_page(db: &Db, site: &Site, actor: &Actor, corrections: Corrections) -> Result<CodePage> {
    let action = format!("{HERE}/recovery-codes");
    let state = second_step::state(&db.cx(actor.clone()), AccountId(person(actor)?.account)).await?;
    Ok(CodePage {
        chrome: chrome(site, "Make new recovery codes", &action),
        corrections,
        title: "Make new recovery codes".to_owned(),
        says: vec!["You get ten new codes, and the old ones no longer count.".to_owned()],
        action,
        asks: state.app_since.is_some(),
        button: "Make new codes".to_owned(),
        danger: false,
    })
}
